-- drop_extension: tables, keys and data stay; created again, relmeta takes the tables up again (in a database of its own).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
\set home :DBNAME
CREATE DATABASE regress_relmeta_drop TEMPLATE template0;
\c regress_relmeta_drop
SET client_min_messages = warning;
CREATE ROLE regress_drop;
CREATE SCHEMA app AUTHORIZATION regress_drop;
CREATE EXTENSION relmeta;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
DO $$ BEGIN PERFORM relmeta.create_user('me', 'regress_drop'), relmeta.create_team('crew'), relmeta.add_team_member('crew', 'u'); END $$;
SET ROLE regress_drop;
SET search_path = app;

CREATE FUNCTION owners(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(owner, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE note (id int, contact_id int, owner text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE note_1 PARTITION OF note FOR VALUES FROM (0) TO (1000);
CREATE TABLE activity (id int PRIMARY KEY);
CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER mine AFTER UPDATE ON account FOR EACH ROW EXECUTE FUNCTION mine();
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note}'::regclass[]) t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
-- => contact_note
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{account,contact}');
-- => {account_activity,contact_activity}
INSERT INTO account VALUES (1, 'u'), (2, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (20, 2, 'crew');
INSERT INTO note VALUES (100, 10, 'u'), (200, 20, NULL);
INSERT INTO activity VALUES (1, 1, 'account'), (2, 20, 'contact');
CREATE VIEW what_is_left AS
  SELECT 'column' AS kind, attrelid::regclass::text || '.' || attname AS what FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0
  UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'app'::regnamespace AND contype IN ('p', 'f')
  UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'app';
CREATE TABLE before AS SELECT * FROM what_is_left;

-- a default_owner default refuses it until it is taken away
SELECT relmeta.register_table('account', default_owner => true);
-- =>
RESET ROLE;
DROP EXTENSION relmeta;
-- => ERROR:  2BP01
SELECT owners('account'), (SELECT count(*) FROM relmeta.one_to_many);
-- => 1:u 2:u|4
SET ROLE regress_drop;
SELECT relmeta.register_table('account', default_owner => false);
-- =>
RESET ROLE;
DROP EXTENSION relmeta;
SET ROLE regress_drop;

-- what stays
SELECT owners('account'), owners('contact'), owners('note'), (SELECT count(*) FROM activity);
-- => 1:u 2:u|10:u 20:crew|100:u 200:-|2
(TABLE before EXCEPT TABLE what_is_left) UNION ALL (SELECT * FROM what_is_left WHERE what NOT LIKE 'before.%' EXCEPT TABLE before);
-- what goes
SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'app'::regnamespace AND NOT tgisinternal;
-- => mine
SELECT count(*) FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'relmeta');
-- => 0
SELECT count(*) FROM pg_proc WHERE prosrc LIKE 'relmeta%';
-- => 0
SELECT count(*) FROM pg_event_trigger;
-- => 0
-- the tables are the application's alone
UPDATE account SET owner = 'anyone' WHERE id = 1;
INSERT INTO note VALUES (300, 30, 'anyone');
INSERT INTO activity VALUES (3, 99, 'account');
DELETE FROM account WHERE id = 2;
SELECT owners('account'), owners('contact'), owners('note'), (SELECT count(*) FROM activity);
-- => 1:anyone|10:u|100:u 200:- 300:anyone|3
TRUNCATE contact CASCADE;
CREATE TABLE later (id int PRIMARY KEY, owner text);
DROP TABLE later;

-- again, in the same session and in another
RESET ROLE;
CREATE EXTENSION relmeta;
SELECT (SELECT count(*) FROM relmeta.tables), (SELECT count(*) FROM relmeta.one_to_many), (SELECT count(*) FROM relmeta.principals);
-- => 0|0|0
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_drop;
SELECT relmeta.register_table('account', 'owner');
-- => ERROR:  23503
UPDATE account SET owner = 'u';
DELETE FROM note WHERE id = 300;
DELETE FROM activity;
INSERT INTO contact VALUES (10, 1, 'u');
UPDATE note SET contact_id = 10;
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note}'::regclass[]) t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
-- => contact_note
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{account,contact}');
-- => {account_activity,contact_activity}
SELECT relmeta.assign('account', 1, 'v');
-- => 4
DELETE FROM contact;
SELECT owners('account'), owners('note');
-- => 1:v|
(TABLE before EXCEPT TABLE what_is_left) UNION ALL (SELECT * FROM what_is_left WHERE what NOT LIKE 'before.%' EXCEPT TABLE before);
RESET ROLE;
\c regress_relmeta_drop
SET client_min_messages = warning;
SET search_path = app;
INSERT INTO contact VALUES (11, 1, 'u');
UPDATE account SET owner = 'u';
SELECT owners('contact');
-- => 11:u
UPDATE account SET owner = 'v';
SELECT owners('contact');
-- => 11:v

-- dropped in a transaction that is rolled back, and dropped while another statement's plans are kept
BEGIN;
DROP EXTENSION relmeta;
UPDATE account SET owner = 'anyone';
ROLLBACK;
UPDATE account SET owner = 'u';
SELECT owners('contact');
-- => 11:u
-- CASCADE takes the defaults, and only those
SELECT relmeta.register_table('account', default_owner => true);
-- =>
DROP EXTENSION relmeta CASCADE;
SELECT owners('account'), owners('contact');
-- => 1:u|11:u
INSERT INTO account VALUES (3);
SELECT owners('account');
-- => 1:u 3:-
(TABLE before EXCEPT TABLE what_is_left) UNION ALL (SELECT * FROM what_is_left WHERE what NOT LIKE 'before.%' EXCEPT TABLE before);

-- nor is it dropped while access is controlled; with CASCADE row-level security stays on, without a policy
CREATE EXTENSION relmeta;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SELECT relmeta.register_table('account', 'owner'), relmeta.enable_access_control('account');
-- => |
CREATE ROLE regress_drop_reader;
GRANT USAGE ON SCHEMA app TO regress_drop_reader;
GRANT SELECT ON account TO regress_drop_reader;
DROP EXTENSION relmeta;
-- => ERROR:  2BP01
DROP EXTENSION relmeta CASCADE;
SELECT relrowsecurity, (SELECT count(*) FROM pg_policy) FROM pg_class WHERE oid = 'account'::regclass;
-- => t|0
SET ROLE regress_drop_reader;
SELECT count(*) FROM account;
-- => 0
RESET ROLE;
DROP OWNED BY regress_drop_reader;
DROP ROLE regress_drop_reader;

\c :home
DROP DATABASE regress_relmeta_drop;
DROP ROLE regress_drop;
