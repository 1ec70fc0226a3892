-- truncate_set: TRUNCATE of several tables is judged by what it leaves, once all that it names is empty (SEMANTICS 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_truncate_set;
CREATE SCHEMA truncate_set AUTHORIZATION regress_truncate_set;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob}'::text[]) u; END $$;
SET ROLE regress_truncate_set;
SET search_path = truncate_set;

CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id serial PRIMARY KEY, owner text, account_id int);
CREATE TABLE note (id int PRIMARY KEY, owner text, about_id int, about_type text);
CREATE TABLE tag (id int PRIMARY KEY);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note}'::regclass[]) t;
-- =>
-- =>
-- =>
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT relmeta.create_multi_table_lookup('note', 'about_id', '{account,contact}', preset => 'parental');
-- => {account_note,contact_note}
SELECT relmeta.create_many_to_many('contact', 'tag');
-- => contact_tag
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
  TRUNCATE account, contact, note, contact_tag, tag RESTART IDENTITY;
  INSERT INTO account VALUES (1, 'ann');
  INSERT INTO contact (owner, account_id) VALUES ('ann', 1);
  INSERT INTO note VALUES (1, 'ann', 1, 'contact'), (2, 'ann', 1, 'account'), (3, 'ann', NULL, NULL);
  INSERT INTO tag VALUES (1);
  INSERT INTO contact_tag VALUES (1, 1);
  SELECT relmeta.share('account', 1, 'bob');
$$;
-- rows of account, contact, note, tag, contact_tag; entries
CREATE FUNCTION left_over() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', (SELECT count(*) FROM account), (SELECT count(*) FROM contact), (SELECT count(*) FROM note),
    (SELECT count(*) FROM tag), (SELECT count(*) FROM contact_tag), (SELECT count(*) FROM relmeta.principal_object_access
    WHERE relation IN ('account'::regclass, 'contact'::regclass, 'note'::regclass))) $$;
SELECT fill();
-- =>
SELECT left_over();
-- => 1 1 3 1 1 4

-- a part of it is refused, and nothing has gone
TRUNCATE contact, contact_tag;
-- => ERROR:  0A000
TRUNCATE account, contact, contact_tag;
-- => ERROR:  0A000
TRUNCATE account CASCADE;
-- => ERROR:  0A000
SELECT left_over();
-- => 1 1 3 1 1 4
-- all of it goes, in whatever order, with what CASCADE adds
BEGIN;
TRUNCATE account, contact, note, contact_tag, tag RESTART IDENTITY;
SELECT left_over();
-- => 0 0 0 0 0 0
INSERT INTO contact (owner) VALUES ('ann') RETURNING id;
-- => 1
ROLLBACK;
BEGIN;
TRUNCATE note, contact_tag, tag, contact, account RESTART IDENTITY CASCADE;
SELECT left_over();
-- => 0 0 0 0 0 0
ROLLBACK;
SELECT left_over();
-- => 1 1 3 1 1 4
BEGIN;
TRUNCATE account, note CASCADE;
SELECT left_over();
-- => 0 0 0 1 0 0
ROLLBACK;
BEGIN;
TRUNCATE note;
SELECT left_over();
-- => 1 1 0 1 1 2
TRUNCATE tag CASCADE;
TRUNCATE contact CASCADE;
TRUNCATE ONLY account CASCADE;
SELECT left_over();
-- => 0 0 0 0 0 0
ROLLBACK;
SELECT left_over();
-- => 1 1 3 1 1 4

-- a statement that fails in a savepoint or an exception block leaves the next one as it would be
BEGIN;
SAVEPOINT s;
TRUNCATE account, contact, contact_tag;
-- => ERROR:  0A000
ROLLBACK TO s;
TRUNCATE account, contact, contact_tag, note;
SELECT left_over();
-- => 0 0 0 1 0 0
ROLLBACK TO s;
TRUNCATE contact, contact_tag;
-- => ERROR:  0A000
ROLLBACK;
CREATE FUNCTION try(sql text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  RETURN left_over();
EXCEPTION WHEN feature_not_supported OR division_by_zero OR object_in_use THEN
  RETURN SQLSTATE;
END $$;
BEGIN;
SELECT try('TRUNCATE account, contact, contact_tag'), try('TRUNCATE contact, contact_tag, note'), try('TRUNCATE account, contact, contact_tag');
-- => 0A000|1 0 0 1 0 1|0 0 0 1 0 0
COMMIT;
SELECT fill();
-- =>

-- triggers of the application's own: one that empties tables itself, one that clears what points there, one that fails
CREATE FUNCTION empties_notes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN TRUNCATE note; RETURN NULL; END $$;
CREATE TRIGGER first BEFORE TRUNCATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION empties_notes();
BEGIN;
SELECT try('TRUNCATE account, contact, contact_tag');
-- => 0 0 0 1 0 0
ROLLBACK;
BEGIN;
SELECT try('TRUNCATE note, account, contact, contact_tag');
-- => 55006
ROLLBACK;
DROP TRIGGER first ON contact;
CREATE FUNCTION clears_notes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE note SET about_id = NULL, about_type = NULL WHERE about_type = TG_TABLE_NAME;
  RETURN NULL;
END $$;
CREATE TRIGGER zzz_last BEFORE TRUNCATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION clears_notes();
BEGIN;
SELECT try('TRUNCATE contact, contact_tag');
-- => 1 0 3 1 0 2
ROLLBACK;
DROP TRIGGER zzz_last ON contact;
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE division_by_zero; END $$;
CREATE TRIGGER aaa_first AFTER TRUNCATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION fails();
BEGIN;
SELECT try('TRUNCATE account, contact, contact_tag, note'), try('TRUNCATE note');
-- => 22012|1 1 0 1 1 2
COMMIT;
DROP TRIGGER aaa_first ON contact;
SELECT fill();
-- =>

-- what pointed nowhere before does not count, unless it cannot be told; an entry of a deleted note is left, too
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'contact'::regclass;
-- => 1
RESET ROLE;
SET session_replication_role = replica;
DELETE FROM contact_tag;
INSERT INTO note VALUES (4, NULL, 99, 'contact');
DELETE FROM note WHERE id = 1;
RESET session_replication_role;
SET ROLE regress_truncate_set;
BEGIN;
SELECT try('TRUNCATE contact, contact_tag');
-- => 1 0 3 1 0 3
ROLLBACK;
BEGIN;
INSERT INTO note VALUES (5, NULL, 1, 'contact');
SELECT try('TRUNCATE contact, contact_tag');
-- => 0A000
ROLLBACK;
BEGIN;
LOCK TABLE note;
SELECT try('TRUNCATE contact, contact_tag');
-- => 0A000
ROLLBACK;
-- a replica does what its origin has done
RESET ROLE;
SELECT fill();
-- =>
BEGIN;
SET LOCAL session_replication_role = replica;
TRUNCATE contact, contact_tag;
SELECT left_over();
-- => 1 0 3 1 0 4
ROLLBACK;
SET ROLE regress_truncate_set;

-- two tables that point to each other, and to themselves
CREATE TABLE ping (id int PRIMARY KEY, pong_id int, ping_id int);
CREATE TABLE pong (id int PRIMARY KEY, ping_id int);
SELECT relmeta.create_one_to_many('ping', 'pong', 'ping_id', foreign_key => false);
-- => ping_pong
SELECT relmeta.create_one_to_many('pong', 'ping', 'pong_id', foreign_key => false);
-- => pong_ping
SELECT relmeta.create_one_to_many('ping', 'ping', 'ping_id', foreign_key => false);
-- => ping_ping
INSERT INTO ping VALUES (1), (2);
INSERT INTO pong VALUES (1, 1);
UPDATE ping SET pong_id = 1, ping_id = 2;
TRUNCATE ping;
-- => ERROR:  0A000
TRUNCATE pong;
-- => ERROR:  0A000
TRUNCATE pong, ping;
SELECT (SELECT count(*) FROM ping), (SELECT count(*) FROM pong);
-- => 0|0

-- a table of another owner's: he may not read what it points to, and need not
RESET ROLE;
CREATE ROLE regress_truncate_other;
GRANT USAGE ON SCHEMA truncate_set TO regress_truncate_other;
CREATE TABLE theirs (id int PRIMARY KEY, ping_id int);
SELECT relmeta.create_one_to_many('ping', 'theirs', 'ping_id', foreign_key => false);
-- => ping_theirs
ALTER TABLE theirs OWNER TO regress_truncate_other;
INSERT INTO ping VALUES (1);
INSERT INTO theirs VALUES (1, NULL);
SET ROLE regress_truncate_set;
BEGIN;
TRUNCATE ping;
ROLLBACK;
RESET ROLE;
UPDATE theirs SET ping_id = 1;
SET ROLE regress_truncate_set;
TRUNCATE ping, pong;
-- => ERROR:  0A000

-- a trigger of relmeta's that is disabled is missed at commit
CREATE TABLE solo (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table('solo', 'owner');
-- =>
ALTER TABLE solo DISABLE TRIGGER relmeta_truncate_ends;
BEGIN;
TRUNCATE solo;
COMMIT;
-- => ERROR:  55000
BEGIN;
SAVEPOINT s;
TRUNCATE solo;
ROLLBACK TO s;
COMMIT;

RESET ROLE;
RESET search_path;
DROP SCHEMA truncate_set CASCADE;
DROP ROLE regress_truncate_set, regress_truncate_other;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob}'::text[]) u; END $$;
