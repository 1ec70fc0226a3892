-- assign_few: an assign that comes to few related rows changes them itself, without a statement, where nobody could tell: the triggers that a
-- statement would fire are relmeta's alone, and what else a statement would look at is looked at, or has nothing to look at.  The related
-- table's CHECK tells how its rows are changed.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_assign_few;
CREATE SCHEMA assign_few AUTHORIZATION regress_assign_few;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w,x,wide}'::text[]) u; END $$;
SET ROLE regress_assign_few;
SET search_path = assign_few;
CREATE TABLE how (n int, itself boolean);
CREATE FUNCTION note_how(owner text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  stack text;
BEGIN
  IF relmeta.cascading() IS NULL THEN
    RETURN true;
  END IF;
  GET DIAGNOSTICS stack = PG_CONTEXT;
  INSERT INTO assign_few.how SELECT count(*), stack NOT LIKE '%SQL statement "UPDATE assign_few.contact%' FROM assign_few.how;
  RETURN owner IS DISTINCT FROM 'w' AND current_user = 'regress_assign_few';
END $$;

CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text CHECK (note_how(owner)), code text UNIQUE);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);
INSERT INTO account VALUES (1, 'u'), (2, 'u'), (3, NULL);
INSERT INTO contact VALUES (12, 1, 'u', 'c'), (10, 1, 'u', 'a'), (11, 1, 'v', 'b'), (13, 1, NULL, 'd'), (20, 2, 'u', 'e'), (30, 3, 'u', 'f');
INSERT INTO note VALUES (100, 10, 'u'), (101, 10, 'v'), (120, 12, 'u'), (200, 20, 'u');
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note}'::regclass[]) t;
  PERFORM relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
  PERFORM relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
END $$;
CREATE VIEW state AS
SELECT (SELECT string_agg(id || ':' || coalesce(owner, '-'), ' ' ORDER BY id) FROM contact) AS contact,
  (SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM note) AS note,
  (SELECT string_agg(CASE WHEN itself THEN 'itself' ELSE 'statement' END, ' ' ORDER BY n) FROM how) AS how;

-- one row, and several of one owner: those that have the owner stay, the others come in the order of their keys
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:v 101:v 120:v 200:u|itself itself itself
ROLLBACK;
BEGIN;
UPDATE account SET owner = 'v';
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:v 30:v|100:v 101:v 120:v 200:v|itself itself itself itself itself
UPDATE account SET owner = NULL WHERE id = 1;
TABLE state;
-- => 10:- 11:- 12:- 13:- 20:v 30:v|200:v|and a statement, for rows that this transaction has changed and a foreign key's triggers look at: see below
ROLLBACK;
-- by user_owned each primary row's former owner counts, and NULL equals nobody
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'user_owned') IS NULL;
-- => t
UPDATE account SET owner = CASE WHEN id = 2 THEN 'v' END WHERE id <> 1;
UPDATE account SET owner = 'v';
TABLE state;
-- => 10:v 11:v 12:v 13:- 20:v 30:u|100:v 101:v 120:v 200:v|itself itself itself
ROLLBACK;
-- each to another owner: an array of them goes to a statement
BEGIN;
UPDATE account SET owner = CASE WHEN id = 2 THEN 'v' END WHERE id < 3;
TABLE state;
-- => 10:- 11:- 12:- 13:- 20:v 30:u|200:v|statement, four times
ROLLBACK;
-- the transaction's own snapshot is a statement's to look at
BEGIN ISOLATION LEVEL REPEATABLE READ;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:v 101:v 120:v 200:u|statement statement statement
ROLLBACK;
-- what is undone with a savepoint is done anew
BEGIN;
SAVEPOINT s;
UPDATE account SET owner = 'v' WHERE id = 1;
ROLLBACK TO s;
TABLE state;
-- => 10:u 11:v 12:u 13:- 20:u 30:u|100:u 101:v 120:u 200:u|
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:v 101:v 120:v 200:u|itself itself itself
ROLLBACK;

-- a check is one, with its error, and a unique key is
UPDATE account SET owner = 'w' WHERE id = 1;
-- => 23514
-- of the row nothing is told to whom the table is kept from; it is the table's owner who changes it
RESET ROLE;
CREATE ROLE regress_assign_few_other;
GRANT USAGE ON SCHEMA assign_few TO regress_assign_few_other;
GRANT SELECT, UPDATE ON account TO regress_assign_few_other;
CREATE FUNCTION detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN check_violation THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;
SELECT detail_of($$UPDATE account SET owner = 'w' WHERE id = 1$$);
-- => Failing row contains (10, 1, w, a).
SET ROLE regress_assign_few_other;
SELECT detail_of($$UPDATE account SET owner = 'w' WHERE id = 1$$);
-- =>
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
RESET ROLE;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:v 101:v 120:v 200:u|itself itself itself
ROLLBACK;
SET ROLE regress_assign_few;
BEGIN;
CREATE UNIQUE INDEX ON contact (account_id, owner) WHERE id <> 12;
UPDATE account SET owner = 'v' WHERE id = 1;
-- => 23505
ROLLBACK;

-- triggers of the application's fire: those of rows, which may change them, and those of the statement, which is one
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.code := upper(NEW.code); RETURN NEW; END $$;
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO how SELECT 100 * count(*), false FROM changed;
  RETURN NULL;
END $$;
BEGIN;
CREATE TRIGGER shout BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION shout();
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT code FROM contact WHERE account_id = 1 ORDER BY id;
-- => A, b, C, D
ROLLBACK;
BEGIN;
CREATE TRIGGER count_rows AFTER UPDATE ON contact REFERENCING NEW TABLE AS changed EXECUTE FUNCTION count_rows();
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT n FROM how WHERE n >= 100;
-- => 300
ROLLBACK;
-- one that is off does not matter
BEGIN;
CREATE TRIGGER shout BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION shout();
ALTER TABLE contact DISABLE TRIGGER shout;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:v 101:v 120:v 200:u|itself itself itself
ROLLBACK;

-- nor does one that this session does not fire; where one of relmeta's own does not, a statement is what tells
BEGIN;
CREATE TRIGGER shout BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION shout();
ALTER TABLE contact ENABLE REPLICA TRIGGER shout;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:v 101:v 120:v 200:u|itself itself itself
ROLLBACK;
CREATE FUNCTION of_relmeta(relation regclass, function text) RETURNS name LANGUAGE sql AS $$
SELECT tgname FROM pg_trigger WHERE tgrelid = relation AND tgfoid = ('relmeta.' || function)::regproc AND tgtype & 16 <> 0
$$;
BEGIN;
DO $$ BEGIN EXECUTE format('ALTER TABLE contact ENABLE REPLICA TRIGGER %I', of_relmeta('contact', 'trigger_row_changed')); END $$;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:u 101:v 120:u 200:u|statement statement statement
ROLLBACK;
BEGIN;
DO $$ BEGIN EXECUTE format('ALTER TABLE contact DISABLE TRIGGER %I', of_relmeta('contact', 'trigger_row_changed')); END $$;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:u 101:v 120:u 200:u|statement statement statement
ROLLBACK;
BEGIN;
DO $$ BEGIN EXECUTE format('DROP TRIGGER %I ON contact', of_relmeta('contact', 'trigger_row_changed')); END $$;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:u 101:v 120:u 200:u|statement statement statement
ROLLBACK;
BEGIN;
DO $$ BEGIN EXECUTE format('ALTER TABLE contact DISABLE TRIGGER %I', of_relmeta('contact', 'trigger_statement_ends')); END $$;
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT how FROM state;
-- => statement statement statement
ROLLBACK;
-- replication fires those that are always on: the account's make a cascade, the contact's are not fired by its statement
RESET ROLE;
BEGIN;
DO $$
DECLARE
  t name;
BEGIN
  FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'account'::regclass AND NOT tgisinternal LOOP
    EXECUTE format('ALTER TABLE account ENABLE ALWAYS TRIGGER %I', t);
  END LOOP;
END $$;
SET LOCAL session_replication_role = replica;
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u|100:u 101:v 120:u 200:u|statement statement statement
ROLLBACK;
SET ROLE regress_assign_few;

-- a generated column follows
ALTER TABLE contact ADD whose text GENERATED ALWAYS AS ('of ' || owner) STORED;
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT whose FROM contact WHERE account_id = 1 ORDER BY id;
-- => of v, four times
ROLLBACK;
ALTER TABLE contact DROP whose;
-- what a dropped column held is not kept
ALTER TABLE contact ADD long text;
UPDATE contact SET long = repeat('x', 500) WHERE id = 10;
ALTER TABLE contact DROP long;
SELECT pg_column_size(contact) > 500 FROM contact WHERE id = 10;
-- => t
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT pg_column_size(contact) > 500 FROM contact WHERE id = 10;
-- => f
ROLLBACK;

-- a domain's checks are made
CREATE TABLE top (id int PRIMARY KEY, owner text);
CREATE DOMAIN known AS text CHECK (VALUE <> 'v');
CREATE TABLE below (id int PRIMARY KEY, top_id int, owner known);
INSERT INTO top VALUES (1, 'u');
INSERT INTO below VALUES (1, 1, 'u');
DO $$ BEGIN
  PERFORM relmeta.register_table('top', 'owner'), relmeta.register_table('below', 'owner'),
    relmeta.create_one_to_many('top', 'below', 'top_id', preset => 'parental');
END $$;
UPDATE top SET owner = 'v';
-- => 23514
TABLE below;
-- => 1|1|u

-- and a length
CREATE TABLE long (id int PRIMARY KEY, owner varchar);
CREATE TABLE short (id int PRIMARY KEY, long_id int, owner varchar(1));
INSERT INTO long VALUES (1, 'u');
INSERT INTO short VALUES (1, 1, 'u');
DO $$ BEGIN
  PERFORM relmeta.register_table('long', 'owner'), relmeta.register_table('short', 'owner'),
    relmeta.create_one_to_many('long', 'short', 'long_id', preset => 'parental');
END $$;
UPDATE long SET owner = 'wide';
-- => 22001
TABLE short;
-- => 1|1|u

-- an owner who is to be elsewhere, too, is looked for there
CREATE TABLE person (name text PRIMARY KEY);
INSERT INTO person VALUES ('u');
DELETE FROM note WHERE owner = 'v';
ALTER TABLE note ADD FOREIGN KEY (owner) REFERENCES person;
UPDATE account SET owner = 'v' WHERE id = 1;
-- => 23503
DROP TABLE person CASCADE;
INSERT INTO note VALUES (101, 10, 'v');
-- and what points to the owner follows
BEGIN;
DELETE FROM contact WHERE id <> 10;
ALTER TABLE contact ADD UNIQUE (owner);
CREATE TABLE card (of text REFERENCES contact (owner) ON UPDATE CASCADE);
INSERT INTO card VALUES ('u');
UPDATE account SET owner = 'v' WHERE id = 1;
TABLE card;
-- => v
ROLLBACK;

-- a key that is deferred is looked at when the transaction ends, of a row that is the transaction's own and was assigned meanwhile
CREATE TABLE region (id int PRIMARY KEY);
INSERT INTO region VALUES (1);
ALTER TABLE contact ADD region_id int REFERENCES region DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO contact VALUES (14, 1, 'u', 'g', 2);
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT how FROM state;
-- => itself, three times, and then the new row's statement
COMMIT;
-- => 23503
SELECT contact FROM state;
-- => 10:u 11:v 12:u 13:- 20:u 30:u
-- one that is not the transaction's own has been looked at
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT how FROM state;
-- => itself itself itself
COMMIT;
SELECT contact FROM state;
-- => 10:v 11:v 12:v 13:v 20:u 30:u

-- the table's owner may have taken privileges from himself
REVOKE UPDATE ON contact FROM regress_assign_few;
UPDATE account SET owner = 'u' WHERE id = 1;
-- => 42501
-- that on the column is enough
BEGIN;
GRANT UPDATE (owner) ON contact TO regress_assign_few;
TRUNCATE how;
UPDATE account SET owner = 'u' WHERE id = 1;
TABLE state;
-- => 10:u 11:u 12:u 13:u 20:u 30:u|100:u 101:u 120:u 200:u|statement statement statement statement
ROLLBACK;
GRANT UPDATE ON contact TO regress_assign_few;
REVOKE SELECT ON contact FROM regress_assign_few;
UPDATE account SET owner = 'u' WHERE id = 1;
-- => 42501
GRANT SELECT ON contact TO regress_assign_few;
-- what is published needs a replica identity
RESET ROLE;
BEGIN;
SET LOCAL client_min_messages = error;
CREATE PUBLICATION regress_assign_few FOR TABLE assign_few.contact;
ALTER TABLE contact REPLICA IDENTITY NOTHING;
UPDATE account SET owner = 'u' WHERE id = 1;
-- => 55000
ROLLBACK;

-- DDL that relmeta refuses, where event triggers do not fire: a statement knows of it
BEGIN;
CREATE TABLE contacts (LIKE contact) PARTITION BY LIST (owner);
SET LOCAL session_replication_role = replica;
ALTER TABLE contacts ATTACH PARTITION contact FOR VALUES IN ('u', 'v', NULL);
SET LOCAL session_replication_role = origin;
UPDATE account SET owner = 'x' WHERE id = 1;
-- => 23514
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TABLE contact_too (CHECK (true)) INHERITS (contact);
INSERT INTO contact_too VALUES (15, 1, 'v');
SET LOCAL session_replication_role = origin;
UPDATE account SET owner = 'u' WHERE id = 1;
SELECT contact FROM state;
-- => 10:u 11:u 12:u 13:u 15:u 20:u 30:u
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE RULE keep AS ON UPDATE TO contact WHERE old.id = 11 DO INSTEAD NOTHING;
SET LOCAL session_replication_role = origin;
UPDATE account SET owner = 'u' WHERE id = 1;
SELECT contact FROM state;
-- => 10:u 11:v 12:u 13:u 20:u 30:u
ROLLBACK;

-- level after level, each row once
SET ROLE regress_assign_few;
CREATE TABLE part (id int PRIMARY KEY, owner text, of_id int);
INSERT INTO part VALUES (1, 'u', NULL), (2, 'u', 1), (3, 'u', 2), (4, 'v', 3), (5, 'u', 4), (6, 'w', 3), (7, 'w', 6);
DO $$ BEGIN
  PERFORM relmeta.register_table('part', 'owner'),
    relmeta.create_one_to_many('part', 'part', 'of_id', preset => 'parental', foreign_key => false);
END $$;
SELECT relmeta.assign('part', 1, 'v');
-- => 5
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM part;
-- => 1:v 2:v 3:v 4:v 5:u 6:v 7:v

RESET ROLE;
DROP SCHEMA assign_few CASCADE;
DROP ROLE regress_assign_few, regress_assign_few_other;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w,x,wide}'::text[]) u; END $$;
