-- replica_role: with session_replication_role = replica relmeta's triggers are silent, since the effects replicate as rows.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_replica;
CREATE SCHEMA replica_role AUTHORIZATION regress_replica;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
SET ROLE regress_replica;
SET search_path = replica_role;

CREATE FUNCTION owners(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(owner, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE node (id int PRIMARY KEY, parent_id int, owner text);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner'), relmeta.register_table('node', 'owner');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
-- => account_contact
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', preset => 'parental', foreign_key => false);
-- => node_node
INSERT INTO account VALUES (1, 'u'), (2, 'u'), (3, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (20, 2, 'u'), (30, 3, 'u');
INSERT INTO node VALUES (1, NULL, 'u'), (2, 1, 'u'), (3, 2, 'u'), (4, 3, 'u');

-- every trigger that relmeta made is an ordinary one: fires in origin and local, never in replica (ATTACKS 30)
SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgrelid IN ('account'::regclass, 'contact'::regclass, 'node'::regclass) AND NOT tgisinternal;
-- => O

RESET ROLE;
SET session_replication_role = replica;
UPDATE account SET owner = 'v' WHERE id = 1;
UPDATE account SET owner = 'someone of the publisher' WHERE id = 3;
DELETE FROM account WHERE id = 2;
INSERT INTO contact VALUES (40, 4, 'u');
UPDATE node SET parent_id = 4 WHERE id = 1;
SELECT owners('account'), owners('contact'), owners('node');
-- => 1:v 3:someone of the publisher|10:u 20:u 30:u 40:u|1:u 2:u 3:u 4:u
BEGIN;
UPDATE account SET owner = 'w' WHERE id = 1;
SET session_replication_role = origin;
UPDATE account SET owner = 'u' WHERE id = 1;
SET session_replication_role = local;
UPDATE account SET owner = 'w' WHERE id = 1;
SELECT owners('account'), owners('contact');
-- => 1:w 3:someone of the publisher|10:w 20:u 30:u 40:u
SET session_replication_role = replica;
UPDATE account SET owner = 'v' WHERE id = 1;
COMMIT;
RESET session_replication_role;
SET ROLE regress_replica;

-- back: the rows are as replication left them, and the next changes cascade from there
SELECT owners('account'), owners('contact');
-- => 1:v 3:someone of the publisher|10:w 20:u 30:u 40:u
UPDATE account SET owner = 'u' WHERE id = 1;
DELETE FROM account WHERE id = 3;
SELECT owners('account'), owners('contact');
-- => 1:u|10:u 20:u 40:u
-- a loop that came that way: the cascade ends where the row has the owner already; the loop can be undone, not extended
UPDATE node SET owner = 'v' WHERE id = 3;
SELECT owners('node');
-- => 1:v 2:v 3:v 4:v
BEGIN;
DELETE FROM node WHERE id = 2;
SELECT count(*) FROM node;
-- => 0
ROLLBACK;
UPDATE node SET parent_id = NULL WHERE id = 1;
SELECT string_agg(id || ':' || coalesce(parent_id::text, '-'), ' ' ORDER BY id) FROM node;
-- => 1:- 2:1 3:2 4:3

RESET ROLE;
RESET search_path;
DROP SCHEMA replica_role CASCADE;
DROP ROLE regress_replica;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
