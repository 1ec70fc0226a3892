-- owner_validation: an owner that is not a principal is refused, whoever sets the value (SEMANTICS 2.1, 2.2).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_owner;
CREATE SCHEMA owner_validation AUTHORIZATION regress_owner;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
DO $$ BEGIN PERFORM relmeta.create_team('crew'), relmeta.create_user('me', 'regress_owner'); END $$;
SET ROLE regress_owner;
SET search_path = owner_validation;

CREATE FUNCTION owners(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(owner, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;
CREATE TABLE account (id int PRIMARY KEY, owner text, name text);
INSERT INTO account VALUES (1, 'u'), (2, 'ghost');

-- at registration
SELECT relmeta.register_table('account', 'owner');
-- => ERROR:  23503
SELECT count(*) FROM relmeta.tables WHERE relation = 'account'::regclass;
-- => 0
-- create_principals needs EXECUTE on create_user
SELECT relmeta.register_table('account', 'owner', create_principals => true);
-- => ERROR:  42501
RESET ROLE;
GRANT EXECUTE ON FUNCTION relmeta.create_user(text, regrole, boolean) TO regress_owner;
SET ROLE regress_owner;
SELECT relmeta.register_table('account', 'owner', create_principals => true);
-- =>
RESET ROLE;
REVOKE EXECUTE ON FUNCTION relmeta.create_user(text, regrole, boolean) FROM regress_owner;
SET ROLE regress_owner;
SELECT principal, kind FROM relmeta.principals WHERE principal IN ('u', 'ghost') ORDER BY 1;
-- => ghost|user
-- => u|user

-- INSERT, UPDATE, COPY, ON CONFLICT, MERGE, a view
INSERT INTO account VALUES (3, 'v'), (4, 'crew'), (5, NULL), (6, 'ghost');
INSERT INTO account VALUES (7, 'nobody');
-- => ERROR:  23503
INSERT INTO account VALUES (7, 'u'), (8, 'nobody');
-- => ERROR:  23503
INSERT INTO account VALUES (7, '');
-- => ERROR:  23503
INSERT INTO account VALUES (7, 'U');
-- => ERROR:  23503
INSERT INTO account VALUES (7, 'u ');
-- => ERROR:  23503
UPDATE account SET owner = 'nobody' WHERE id = 1;
-- => ERROR:  23503
UPDATE account SET owner = owner || '';
UPDATE account SET owner = owner || '!';
-- => ERROR:  23503
COPY account FROM stdin;
7	u	ok
8	nobody	no
\.
-- => ERROR:  23503
INSERT INTO account VALUES (1, 'nobody') ON CONFLICT DO NOTHING;
INSERT INTO account VALUES (1, 'nobody') ON CONFLICT (id) DO UPDATE SET name = 'x';
INSERT INTO account VALUES (1, 'nobody') ON CONFLICT (id) DO UPDATE SET owner = excluded.owner;
-- => ERROR:  23503
MERGE INTO account a USING (VALUES (1, 'nobody')) n(id, owner) ON a.id = n.id WHEN MATCHED THEN UPDATE SET owner = n.owner;
-- => ERROR:  23503
MERGE INTO account a USING (VALUES (7, 'nobody')) n(id, owner) ON a.id = n.id WHEN NOT MATCHED THEN INSERT (id, owner) VALUES (n.id, n.owner);
-- => ERROR:  23503
CREATE VIEW v AS SELECT * FROM account;
UPDATE v SET owner = 'nobody' WHERE id = 1;
-- => ERROR:  23503
SELECT relmeta.assign('account', 1, 'nobody');
-- => ERROR:  23503
-- a data-modifying CTE
WITH x AS (UPDATE account SET owner = 'nobody' WHERE id = 1) SELECT 1;
-- => ERROR:  23503
SELECT owners('account');
-- => 1:u 2:ghost 3:v 4:crew 5:- 6:ghost

-- BEFORE triggers and defaults
CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.owner := NEW.name;
  RETURN NEW;
END $$;
CREATE TRIGGER take_over BEFORE INSERT OR UPDATE OF name ON account FOR EACH ROW EXECUTE FUNCTION take_over();
UPDATE account SET name = 'nobody' WHERE id = 1;
-- => ERROR:  23503
INSERT INTO account VALUES (7, 'u', 'nobody');
-- => ERROR:  23503
INSERT INTO account VALUES (7, 'nobody', 'v');
UPDATE account SET owner = 'nobody', name = 'crew' WHERE id = 7;
SELECT owners('account');
-- => 1:u 2:ghost 3:v 4:crew 5:- 6:ghost 7:crew
DROP TRIGGER take_over ON account;
ALTER TABLE account ALTER owner SET DEFAULT 'nobody';
INSERT INTO account (id) VALUES (8);
-- => ERROR:  23503
ALTER TABLE account ALTER owner DROP DEFAULT;
-- a foreign key's actions
CREATE TABLE person (name text PRIMARY KEY);
INSERT INTO person VALUES ('u'), ('v'), ('crew'), ('ghost'), ('nobody');
ALTER TABLE account ALTER owner SET DEFAULT 'nobody', ADD FOREIGN KEY (owner) REFERENCES person ON UPDATE CASCADE ON DELETE SET DEFAULT;
UPDATE person SET name = 'no one' WHERE name = 'u';
-- => ERROR:  23503
DELETE FROM person WHERE name = 'v';
-- => ERROR:  23503
ALTER TABLE account ALTER owner SET DEFAULT 'crew';
BEGIN;
DELETE FROM person WHERE name = 'v';
SELECT owners('account');
-- => 1:u 2:ghost 3:crew 4:crew 5:- 6:ghost 7:crew
ROLLBACK;
ALTER TABLE account DROP CONSTRAINT account_owner_fkey, ALTER owner DROP DEFAULT;

-- default_owner: the column's default becomes the current principal
SELECT relmeta.register_table('account', default_owner => true);
-- =>
INSERT INTO account (id) VALUES (8);
INSERT INTO account VALUES (9, NULL);
SELECT owners('account');
-- => 1:u 2:ghost 3:v 4:crew 5:- 6:ghost 7:crew 8:me 9:-
SELECT relmeta.register_table('account', default_owner => false);
-- =>
INSERT INTO account (id) VALUES (10);
SELECT owner IS NULL FROM account WHERE id = 10;
-- => t
-- a name that is too long for the column is refused, not cut to one that may be another's
RESET ROLE;
SELECT relmeta.create_user('m');
-- =>
SET ROLE regress_owner;
CREATE DOMAIN letter AS varchar(1);
CREATE TABLE by_varchar (id int PRIMARY KEY, owner varchar(1));
CREATE TABLE by_char (id int PRIMARY KEY, owner char(1));
CREATE TABLE by_domain (id int PRIMARY KEY, owner letter);
SELECT relmeta.register_table(t, 'owner', default_owner => true) FROM unnest('{by_varchar,by_char,by_domain}'::regclass[]) t;
INSERT INTO by_varchar (id) VALUES (1);
-- => ERROR:  22001
INSERT INTO by_char (id) VALUES (1);
-- => ERROR:  22001
INSERT INTO by_domain (id) VALUES (1);
-- => ERROR:  22001
SELECT relmeta.alter_column_type('by_varchar', 'owner', 'letter');
-- =>
INSERT INTO by_varchar (id) VALUES (1);
-- => ERROR:  22001
DROP TABLE by_varchar, by_char, by_domain;
DROP DOMAIN letter;

-- who is dropped cannot own; who owns cannot be dropped
RESET ROLE;
SELECT relmeta.drop_principal('v');
-- => ERROR:  2BP01
SELECT relmeta.drop_principal('ghost');
-- => ERROR:  2BP01
SELECT relmeta.reassign_owned('ghost', 'v');
-- => 2
SELECT relmeta.reassign_owned('ghost', 'v');
-- => 0
SELECT relmeta.reassign_owned('v', 'nobody');
-- => ERROR:  42704
SELECT relmeta.drop_principal('ghost');
-- =>
SET ROLE regress_owner;
UPDATE account SET owner = 'ghost' WHERE id = 1;
-- => ERROR:  23503
SELECT owners('account');
-- => 1:u 2:v 3:v 4:crew 5:- 6:v 7:crew 8:me 9:- 10:-

-- in one transaction with the principal
RESET ROLE;
BEGIN;
SELECT relmeta.create_user('brief');
-- =>
INSERT INTO owner_validation.account VALUES (11, 'brief');
ROLLBACK;
SET ROLE regress_owner;
INSERT INTO account VALUES (11, 'brief');
-- => ERROR:  23503

-- the message names the owner and teaches the call
\set VERBOSITY default
INSERT INTO account VALUES (11, 'nobody');

-- many distinct owners in one statement
RESET ROLE;
DO $$ BEGIN PERFORM relmeta.create_user('many' || i) FROM generate_series(1, 500) i; END $$;
SET ROLE regress_owner;
\set VERBOSITY sqlstate
INSERT INTO account SELECT 100 + i, 'many' || i FROM generate_series(1, 500) i;
UPDATE account SET owner = 'many' || (id - 99) WHERE id > 100;
-- => ERROR:  23503
UPDATE account SET owner = 'many' || (id - 99) WHERE id BETWEEN 101 AND 599;
SELECT count(*), count(DISTINCT owner) FROM account WHERE id > 100;
-- => 500|499

-- unregistered, the column is the application's again
SELECT relmeta.unregister_table('account');
-- =>
UPDATE account SET owner = 'nobody' WHERE id > 100;
SELECT relmeta.register_table('account', 'owner');
-- => ERROR:  23503

RESET ROLE;
RESET search_path;
DROP SCHEMA owner_validation CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,crew,me,m}'::text[]) u; END $$;
DO $$ BEGIN PERFORM relmeta.drop_principal('many' || i) FROM generate_series(1, 500) i; END $$;
DROP ROLE regress_owner;
