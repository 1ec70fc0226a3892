-- delete_few: a delete that comes to few related rows by a lookup that relmeta guards deletes them itself, without a statement, where nobody
-- could tell.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_delete_few;
CREATE SCHEMA delete_few AUTHORIZATION regress_delete_few;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_delete_few;
SET search_path = delete_few;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);
INSERT INTO account VALUES (1, 'u'), (2, 'u');
INSERT INTO contact SELECT i, i / 10, 'u' FROM generate_series(10, 29) AS i;
INSERT INTO note SELECT i, i / 10, 'u' FROM generate_series(100, 299) AS i;
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note}'::regclass[]) t;
  PERFORM relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
  PERFORM relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
END $$;
CREATE VIEW state AS
SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM contact) AS contacts, (SELECT count(*) FROM note) AS notes,
  (SELECT count(*) FROM relmeta.principal_object_access WHERE relation IN ('account'::regclass, 'contact', 'note')) AS entries;
CREATE VIEW left_over AS SELECT * FROM relmeta.principal_object_access AS e
WHERE e.relation = 'note'::regclass AND e.object_key::int NOT IN (SELECT id FROM note);

-- nothing is held; and entries go with their rows
BEGIN;
DELETE FROM account WHERE id = 1;
TABLE state;
-- => 1|10|100|0
ROLLBACK;
BEGIN;
SELECT relmeta.share('account', 1, 'v'), relmeta.share('account', 2, 'v');
-- => 111|111
DELETE FROM account WHERE id = 1;
TABLE state;
-- => 1|10|100|111
DELETE FROM contact WHERE id = 20;
TABLE state;
-- => 1|9|90|100
ROLLBACK;
BEGIN;
SAVEPOINT s;
DELETE FROM account WHERE id = 1;
ROLLBACK TO s;
DELETE FROM account;
TABLE state;
-- => 0|0|0|0
ROLLBACK;

-- triggers of the application's fire, and may keep a row or tell what goes with the statement
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE gone (n bigint);
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO gone SELECT count(*) FROM deleted; RETURN NULL; END $$;
BEGIN;
CREATE TRIGGER keep BEFORE DELETE ON note FOR EACH ROW WHEN (OLD.id = 105) EXECUTE FUNCTION keep();
DELETE FROM contact WHERE id = 10;
SELECT id FROM note WHERE contact_id = 10;
-- => 105
ROLLBACK;
BEGIN;
CREATE TRIGGER count_rows AFTER DELETE ON note REFERENCING OLD TABLE AS deleted EXECUTE FUNCTION count_rows();
DELETE FROM account WHERE id = 1;
TABLE gone;
-- => 100
ROLLBACK;

-- native keys to the rows do what they do
CREATE TABLE stamp (note_id int REFERENCES note, contact_id int REFERENCES contact ON DELETE CASCADE);
INSERT INTO stamp VALUES (150, NULL), (NULL, 25);
DELETE FROM account WHERE id = 1;
-- => 23503
DELETE FROM account WHERE id = 2;
SELECT count(*) FROM stamp;
-- => 1
TABLE state;
-- => 1|10|100|0
DROP TABLE stamp;
-- restrict below is refused, of what cascades alone delete, too
CREATE TABLE seal (id int PRIMARY KEY, note_id int);
INSERT INTO seal VALUES (1, 150);
SELECT relmeta.create_one_to_many('note', 'seal', 'note_id', delete => 'restrict', foreign_key => false);
-- => note_seal
DELETE FROM account WHERE id = 1;
-- => 23001
SELECT relmeta.update_relationship('note_seal', delete => 'remove_link') IS NULL;
-- => t
BEGIN;
DELETE FROM contact WHERE id = 15;
TABLE seal;
-- => 1|
ROLLBACK;

-- the table's owner may have taken privileges from himself
REVOKE DELETE ON note FROM regress_delete_few;
DELETE FROM contact WHERE id = 10;
-- => 42501
GRANT DELETE ON note TO regress_delete_few;
REVOKE SELECT ON note FROM regress_delete_few;
DELETE FROM contact WHERE id = 10;
-- => 42501
GRANT SELECT ON note TO regress_delete_few;
-- what is published needs a replica identity
RESET ROLE;
BEGIN;
SET LOCAL client_min_messages = error;
CREATE PUBLICATION regress_delete_few FOR TABLE delete_few.note;
ALTER TABLE note REPLICA IDENTITY NOTHING;
DELETE FROM contact WHERE id = 10;
-- => 55000
ROLLBACK;

-- level after level
SET ROLE regress_delete_few;
CREATE TABLE part (id int PRIMARY KEY, of_id int);
INSERT INTO part SELECT i, nullif(i / 2, 0) FROM generate_series(1, 200) AS i;
DO $$ BEGIN
  PERFORM relmeta.register_table('part'), relmeta.create_one_to_many('part', 'part', 'of_id', preset => 'parental', assign => 'none',
    reparent => 'none', share => 'none', unshare => 'none', foreign_key => false);
END $$;
DELETE FROM part WHERE id = 3;
SELECT count(*), count(*) FILTER (WHERE of_id NOT IN (SELECT id FROM part)) FROM part;
-- => 128|0

RESET ROLE;
DROP SCHEMA delete_few CASCADE;
DROP ROLE regress_delete_few;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v}'::text[]) u; END $$;
