-- delete_native: lookups with a foreign key; PostgreSQL carries the delete out, relmeta keeps the key's ON DELETE action in
-- agreement with the relationship (SEMANTICS 2.3, 3.5).  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_delete_native;
CREATE SCHEMA delete_native AUTHORIZATION regress_delete_native;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_delete_native;
SET search_path = delete_native;

CREATE FUNCTION ids(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id::text, '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;
CREATE FUNCTION keys(relation regclass) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = relation AND contype = 'f' ORDER BY conname;
$$;
-- RESTRICT reports 23503 up to PostgreSQL 17 and 23001 from 18 on
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'done';
EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
  RETURN 'refused';
END $$;

CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);
ALTER TABLE contact ADD CONSTRAINT "the application's key" FOREIGN KEY (account_id) REFERENCES account ON UPDATE CASCADE DEFERRABLE;
INSERT INTO account VALUES (1, 'u'), (2, 'u'), (3, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (11, 1, 'u'), (20, 2, 'u'), (30, 3, 'u');
INSERT INTO note VALUES (100, 10, 'u'), (110, 11, 'u'), (200, 20, 'u');
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner'), relmeta.register_table('note', 'owner');

-- an existing key is adopted: its name and its other properties stay, its ON DELETE follows
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT keys('contact');
-- => the application's key: FOREIGN KEY (account_id) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id');
-- => contact_note
SELECT keys('note');
-- => contact_note: FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE SET NULL
BEGIN;
DELETE FROM account WHERE id = 1;
SELECT ids('account'), ids('contact'), string_agg(id || ':' || coalesce(contact_id::text, '-'), ' ' ORDER BY id) FROM note;
-- => 2 3|20 30|100:- 110:- 200:20
ROLLBACK;
SELECT relmeta.update_relationship('contact_note', delete => 'all') IS NULL;
-- => t
SELECT keys('note');
-- => contact_note: FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE CASCADE
BEGIN;
DELETE FROM account WHERE id IN (1, 3);
SELECT ids('account'), ids('contact'), ids('note');
-- => 2|20|200
ROLLBACK;
SELECT relmeta.update_relationship('contact_note', delete => 'restrict') IS NULL;
-- => t
SELECT keys('note');
-- => contact_note: FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE RESTRICT
SELECT try('DELETE FROM contact WHERE id = 10'), try('DELETE FROM account WHERE id = 1'), try('DELETE FROM account WHERE id = 3');
-- => refused|refused|done
SELECT ids('account'), ids('contact'), ids('note');
-- => 1 2|10 11 20|100 110 200
INSERT INTO note VALUES (300, 30, 'u');
-- => ERROR:  23503

-- remove_link is a change of the lookup in the same statement; an assign after it does not reach the unlinked row
SELECT relmeta.update_relationship('contact_note', delete => 'remove_link', assign => 'all') IS NULL;
-- => t
BEGIN;
DELETE FROM contact WHERE id = 10;
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM note;
-- => 100:u 110:v 200:u
ROLLBACK;
-- assign and delete in one statement: what is deleted is not assigned, what is unlinked neither
BEGIN;
WITH d AS (DELETE FROM contact WHERE id = 10) UPDATE account SET owner = 'v' WHERE id = 1;
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM contact;
-- => 11:v 20:u
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM note;
-- => 100:u 110:v 200:u
ROLLBACK;

-- hierarchies
CREATE TABLE node (id int PRIMARY KEY, parent_id int REFERENCES node);
INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 1), (6, NULL), (7, 6);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', is_hierarchical => true, delete => 'all');
-- => node_node
BEGIN;
DELETE FROM node WHERE id IN (2, 6);
SELECT ids('node');
-- => 1 5
ROLLBACK;
SELECT relmeta.update_relationship('node_node', delete => 'remove_link') IS NULL;
-- => t
BEGIN;
DELETE FROM node WHERE id IN (2, 3);
SELECT string_agg(id || ':' || coalesce(parent_id::text, '-'), ' ' ORDER BY id) FROM node;
-- => 1:- 4:- 5:1 6:- 7:6
ROLLBACK;
SELECT relmeta.update_relationship('node_node', delete => 'restrict') IS NULL;
-- => t
SELECT try('DELETE FROM node WHERE id = 2');
-- => refused

-- a deferred key: the child may come first, the check at commit is PostgreSQL's
BEGIN;
SET CONSTRAINTS "the application's key" DEFERRED;
INSERT INTO contact VALUES (50, 5, 'u');
INSERT INTO account VALUES (5, 'u');
UPDATE account SET owner = 'v' WHERE id = 5;
COMMIT;
SELECT id, owner FROM contact WHERE id = 50;
-- => 50|v
BEGIN;
SET CONSTRAINTS "the application's key" DEFERRED;
INSERT INTO contact VALUES (60, 6, 'u');
COMMIT;
-- => ERROR:  23503

-- from foreign key to managed and back: drop_relationship leaves the key as it is
SELECT relmeta.drop_relationship('contact_note');
-- =>
SELECT keys('note');
-- => contact_note: FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE SET NULL
DELETE FROM contact WHERE id = 20;
SELECT string_agg(id || ':' || coalesce(contact_id::text, '-'), ' ' ORDER BY id) FROM note;
-- => 100:10 110:11 200:-
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', delete => 'restrict');
-- => contact_note
SELECT keys('note');
-- => contact_note: FOREIGN KEY (contact_id) REFERENCES contact(id) ON DELETE RESTRICT

-- user triggers on the related table see one statement, as without relmeta
SELECT relmeta.drop_relationship('account_contact');
-- =>
CREATE TABLE owner_log (line text);
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO owner_log VALUES (TG_TABLE_NAME || ' ' || TG_OP || ' ' || TG_LEVEL);
  RETURN NULL;
END $$;
CREATE TRIGGER log_row AFTER DELETE ON contact FOR EACH ROW EXECUTE FUNCTION log();
CREATE TRIGGER log_statement AFTER DELETE ON contact FOR EACH STATEMENT EXECUTE FUNCTION log();
DELETE FROM note;
BEGIN;
DELETE FROM account WHERE id IN (1, 2);
SELECT line, count(*) FROM owner_log GROUP BY line ORDER BY line COLLATE "C";
-- => contact DELETE ROW|2
-- => contact DELETE STATEMENT|1
ROLLBACK;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
BEGIN;
DELETE FROM account WHERE id IN (1, 2);
SELECT line, count(*) FROM owner_log GROUP BY line ORDER BY line COLLATE "C";
-- => contact DELETE ROW|2
-- => contact DELETE STATEMENT|1
ROLLBACK;

-- wide
CREATE TABLE big (id int PRIMARY KEY);
CREATE TABLE small (id int PRIMARY KEY, big_id int);
INSERT INTO big SELECT generate_series(1, 5000);
INSERT INTO small SELECT i, (i + 1) / 2 FROM generate_series(1, 10000) i;
SELECT relmeta.create_one_to_many('big', 'small', 'big_id', delete => 'all');
-- => big_small
DELETE FROM big WHERE id % 2 = 0;
SELECT count(*), min(id), max(id) FROM small;
-- => 5000|1|9998

RESET ROLE;
RESET search_path;
DROP SCHEMA delete_native CASCADE;
DROP ROLE regress_delete_native;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v}'::text[]) u; END $$;
