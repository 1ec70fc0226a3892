-- delete_managed: lookups without a foreign key; relmeta's triggers carry out all, remove_link and restrict (SEMANTICS 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_delete;
CREATE SCHEMA delete_managed AUTHORIZATION regress_delete;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_delete;
SET search_path = delete_managed;

CREATE FUNCTION ids(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id::text, '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;
CREATE FUNCTION links(relation regclass, lookup name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(%I::text, ''-''), '' '' ORDER BY id) FROM %s', lookup, relation) INTO result;
  RETURN result;
END $$;

CREATE TABLE account (id int PRIMARY KEY, name text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, account_id int);
INSERT INTO account SELECT generate_series(1, 3);
INSERT INTO contact VALUES (10, 1), (11, 1), (20, 2), (30, 3), (40, NULL);
INSERT INTO note VALUES (100, 10), (101, 10), (110, 11), (200, 20), (400, 40), (500, NULL);
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', delete => 'all', foreign_key => false);
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', delete => 'all', foreign_key => false);
-- => contact_note
SELECT preset, is_parental FROM relmeta.one_to_many WHERE name = 'account_contact' AND related_table = 'contact'::regclass;
-- => custom|t
SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid IN ('contact'::regclass, 'note'::regclass);
-- => 0

-- all: through both levels, and nothing else
BEGIN;
DELETE FROM account WHERE id = 1;
SELECT ids('account'), ids('contact'), ids('note');
-- => 2 3|20 30 40|200 400 500
DELETE FROM account;
SELECT ids('account'), ids('contact'), ids('note');
-- => |40|400 500
ROLLBACK;
BEGIN;
DELETE FROM contact WHERE id IN (10, 40);
SELECT ids('account'), ids('contact'), ids('note');
-- => 1 2 3|11 20 30|110 200 500
ROLLBACK;
-- also rows made in the same transaction
BEGIN;
INSERT INTO account VALUES (4);
INSERT INTO contact VALUES (41, 4), (42, 4);
INSERT INTO note VALUES (410, 41);
DELETE FROM account WHERE id = 4;
SELECT ids('account'), ids('contact'), ids('note');
-- => 1 2 3|10 11 20 30 40|100 101 110 200 400 500
ROLLBACK;
-- contacts that the statement moves away
BEGIN;
WITH m AS (UPDATE contact SET account_id = 2 WHERE id = 10) DELETE FROM account WHERE id = 1;
SELECT ids('account'), links('contact', 'account_id'), ids('note');
-- => 2 3|10:2 20:2 30:3 40:-|100 101 200 400 500
ROLLBACK;
BEGIN;
WITH m AS (DELETE FROM account WHERE id = 1) UPDATE contact SET account_id = 2 WHERE id = 10;
SELECT ids('account'), links('contact', 'account_id'), ids('note');
-- => 2 3|10:2 20:2 30:3 40:-|100 101 200 400 500
ROLLBACK;
-- DELETE of both levels in one statement, in either order; USING; RETURNING; MERGE
BEGIN;
WITH c AS (DELETE FROM contact WHERE account_id = 1 RETURNING id) DELETE FROM account WHERE id = 1;
WITH a AS (DELETE FROM account WHERE id = 2) DELETE FROM contact WHERE account_id = 2;
SELECT ids('account'), ids('contact'), ids('note');
-- => 3|30 40|400 500
ROLLBACK;
BEGIN;
DELETE FROM account a USING contact c WHERE c.account_id = a.id AND c.id = 11 RETURNING a.id;
-- => 1
MERGE INTO account a USING (VALUES (2), (3), (5)) n(id) ON a.id = n.id
  WHEN MATCHED AND n.id = 2 THEN DELETE WHEN MATCHED THEN UPDATE SET name = 'x' WHEN NOT MATCHED THEN INSERT (id) VALUES (n.id);
SELECT ids('account'), ids('contact'), ids('note');
-- => 3 5|30 40|400 500
ROLLBACK;

-- remove_link
SELECT relmeta.update_relationship('contact_note', delete => 'remove_link') IS NULL;
-- => t
BEGIN;
DELETE FROM account WHERE id = 1;
SELECT ids('account'), ids('contact'), links('note', 'contact_id');
-- => 2 3|20 30 40|100:- 101:- 110:- 200:20 400:40 500:-
DELETE FROM contact;
SELECT links('note', 'contact_id');
-- => 100:- 101:- 110:- 200:- 400:- 500:-
ROLLBACK;
-- the cleared link is an UPDATE like any other to the note's own triggers
CREATE FUNCTION log_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE WARNING 'note %: % -> %, as %', NEW.id, OLD.contact_id, NEW.contact_id, current_user;
  RETURN NULL;
END $$;
CREATE TRIGGER log_note AFTER UPDATE ON note FOR EACH ROW EXECUTE FUNCTION log_note();
\set VERBOSITY terse
DELETE FROM contact WHERE id = 20;
\set VERBOSITY sqlstate
DROP TRIGGER log_note ON note;
SELECT links('note', 'contact_id');
-- => 100:10 101:10 110:11 200:- 400:40 500:-

-- restrict: 23001, naming the relationship and the related table, no key
SELECT relmeta.update_relationship('contact_note', delete => 'restrict') IS NULL;
-- => t
\set VERBOSITY default
DELETE FROM contact WHERE id = 10;
\set VERBOSITY sqlstate
DELETE FROM contact WHERE id IN (30, 10);
-- => ERROR:  23001
-- a restricted row below a cascade refuses the whole
DELETE FROM account WHERE id = 1;
-- => ERROR:  23001
DELETE FROM account;
-- => ERROR:  23001
SELECT ids('account'), ids('contact'), ids('note');
-- => 1 2 3|10 11 30 40|100 101 110 200 400 500
BEGIN;
DELETE FROM account WHERE id IN (2, 3);
SELECT ids('account'), ids('contact'), ids('note');
-- => 1|10 11 40|100 101 110 200 400 500
ROLLBACK;
-- rows that the statement itself deletes, or moves away, do not restrict
BEGIN;
WITH n AS (DELETE FROM note WHERE contact_id = 10) DELETE FROM contact WHERE id = 10;
WITH c AS (DELETE FROM contact WHERE id = 11) DELETE FROM note WHERE contact_id = 11;
SELECT ids('contact'), ids('note');
-- => 30 40|200 400 500
WITH n AS (UPDATE note SET contact_id = 30 WHERE contact_id = 40) DELETE FROM contact WHERE id = 40;
SELECT ids('contact'), links('note', 'contact_id');
-- => 30|200:- 400:30 500:-
ROLLBACK;
BEGIN;
WITH c AS (DELETE FROM contact WHERE id = 10), n AS (DELETE FROM note WHERE id = 100) SELECT 1;
-- => ERROR:  23001
ROLLBACK;
-- a row that the statement adds does restrict, or may not be added
DO $$
BEGIN
  WITH n AS (INSERT INTO note VALUES (300, 30)) DELETE FROM contact WHERE id = 30;
  RAISE WARNING 'accepted';
EXCEPTION WHEN restrict_violation OR foreign_key_violation THEN
END $$;

-- rows that only a cascade would delete do restrict, whichever relationship is older
SELECT relmeta.create_one_to_many('account', 'note', 'account_id', delete => 'all', foreign_key => false);
-- => account_note
UPDATE note SET account_id = 1 WHERE id IN (100, 101, 110);
DELETE FROM account WHERE id = 1;
-- => ERROR:  23001
SELECT relmeta.drop_relationship('account_contact'), relmeta.drop_relationship('account_note');
SELECT relmeta.create_one_to_many('account', 'note', 'account_id', delete => 'all', foreign_key => false);
-- => account_note
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', delete => 'all', foreign_key => false);
-- => account_contact
DELETE FROM account WHERE id = 1;
-- => ERROR:  23001
WITH n AS (DELETE FROM note WHERE account_id = 1) DELETE FROM account WHERE id = 1;
SELECT ids('account'), ids('contact'), ids('note');
-- => 2 3|30 40|200 400 500

-- hierarchies: all
CREATE TABLE node (id int PRIMARY KEY, parent_id int);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', is_hierarchical => true, delete => 'all', foreign_key => false);
-- => node_node
INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 1), (6, NULL), (7, 6);
BEGIN;
DELETE FROM node WHERE id IN (2, 6);
SELECT ids('node');
-- => 1 5
ROLLBACK;
BEGIN;
DELETE FROM node WHERE id IN (1, 3);
SELECT ids('node');
-- => 6 7
ROLLBACK;
-- remove_link
SELECT relmeta.update_relationship('node_node', delete => 'remove_link') IS NULL;
-- => t
BEGIN;
DELETE FROM node WHERE id IN (2, 3, 6);
SELECT links('node', 'parent_id');
-- => 1:- 4:- 5:1 7:-
ROLLBACK;
-- restrict: whole branches may go in one statement, whatever the order of the rows
SELECT relmeta.update_relationship('node_node', delete => 'restrict') IS NULL;
-- => t
DELETE FROM node WHERE id = 2;
-- => ERROR:  23001
DELETE FROM node WHERE id IN (2, 3);
-- => ERROR:  23001
BEGIN;
DELETE FROM node WHERE id IN (2, 3, 4, 6, 7);
SELECT ids('node');
-- => 1 5
DELETE FROM node;
SELECT count(*) FROM node;
-- => 0
ROLLBACK;

-- multi-table lookups: each target its own behavior; equal keys in different tables are different rows
CREATE TABLE lead (id int PRIMARY KEY);
CREATE TABLE deal (id int PRIMARY KEY);
CREATE TABLE ticket (id int PRIMARY KEY);
CREATE TABLE activity (id int PRIMARY KEY);
INSERT INTO lead VALUES (1), (2);
INSERT INTO deal VALUES (1), (2);
INSERT INTO ticket VALUES (1), (2);
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{lead,deal}', delete => 'all');
-- => {lead_activity,deal_activity}
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'ticket', delete => 'restrict');
-- => ticket_activity
SELECT relmeta.update_relationship('deal_activity', delete => 'remove_link') IS NULL;
-- => t
INSERT INTO activity (id, regarding_id, regarding_type) VALUES
  (11, 1, 'lead'), (12, 1, 'deal'), (13, 1, 'ticket'), (21, 2, 'lead'), (22, 2, 'deal'), (30, NULL, NULL);
DELETE FROM lead WHERE id = 1;
SELECT string_agg(id || ':' || coalesce(regarding_id || regarding_type, '-'), ' ' ORDER BY id) FROM activity;
-- => 12:1deal 13:1ticket 21:2lead 22:2deal 30:-
DELETE FROM deal WHERE id = 1;
SELECT string_agg(id || ':' || coalesce(regarding_id::text, '-') || coalesce(regarding_type, '-'), ' ' ORDER BY id) FROM activity;
-- => 12:-- 13:1ticket 21:2lead 22:2deal 30:--
DELETE FROM ticket WHERE id = 1;
-- => ERROR:  23001
DELETE FROM ticket WHERE id = 2;
DELETE FROM lead;
DELETE FROM deal;
SELECT string_agg(id || ':' || coalesce(regarding_id::text, '-') || coalesce(regarding_type, '-'), ' ' ORDER BY id) FROM activity;
-- => 12:-- 13:1ticket 22:-- 30:--

-- managed above native and native above managed
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a_id int);
CREATE TABLE c (id int PRIMARY KEY, b_id int);
CREATE TABLE d (id int PRIMARY KEY, c_id int);
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', delete => 'all', foreign_key => false);
-- => a_b
SELECT relmeta.create_one_to_many('b', 'c', 'b_id', delete => 'all');
-- => b_c
SELECT relmeta.create_one_to_many('c', 'd', 'c_id', delete => 'all', foreign_key => false);
-- => c_d
INSERT INTO a VALUES (1), (2);
INSERT INTO b VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO c VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO d VALUES (1, 1), (2, 2), (3, 3), (4, NULL);
BEGIN;
DELETE FROM a WHERE id = 1;
SELECT ids('a'), ids('b'), ids('c'), ids('d');
-- => 2|3|3|3 4
ROLLBACK;
SELECT relmeta.update_relationship('c_d', delete => 'restrict') IS NULL;
-- => t
DELETE FROM a WHERE id = 1;
-- => ERROR:  23001
SELECT ids('a'), ids('b'), ids('c'), ids('d');
-- => 1 2|1 2 3|1 2 3|1 2 3 4

-- an EXCEPTION block catches the refusal and nothing is half done
DO $$
BEGIN
  DELETE FROM a WHERE id = 2;
EXCEPTION WHEN restrict_violation THEN
  DELETE FROM d WHERE id = 3;
  DELETE FROM a WHERE id = 2;
END $$;
SELECT ids('a'), ids('b'), ids('c'), ids('d');
-- => 1|1 2|1 2|1 2 4

-- many rows: more than fit in work_mem, and one at a time
SET work_mem = '64kB';
CREATE TABLE big (id int PRIMARY KEY);
CREATE TABLE small (id int PRIMARY KEY, big_id int);
INSERT INTO big SELECT generate_series(1, 20000);
SELECT relmeta.create_one_to_many('big', 'small', 'big_id', delete => 'all', foreign_key => false);
-- => big_small
INSERT INTO small SELECT i, (i + 1) / 2 FROM generate_series(1, 40000) i;
BEGIN;
DELETE FROM big WHERE id % 2 = 0;
SELECT count(*), min(id), max(id) FROM small;
-- => 20000|1|39998
ROLLBACK;
DO $$
BEGIN
  FOR i IN 1..200 LOOP
    DELETE FROM big WHERE id = i;
  END LOOP;
END $$;
SELECT count(*), min(id), max(id) FROM small;
-- => 39600|401|40000
RESET work_mem;

-- a key of a type that does not hash: one, few and many rows, assign, delete, remove_link and restrict
CREATE TABLE bits (id bit(16) PRIMARY KEY, owner text);
CREATE TABLE bits_all (id int PRIMARY KEY, owner text, bits_id bit(16));
CREATE TABLE bits_link (id int PRIMARY KEY, bits_id bit(16));
CREATE TABLE bits_kept (id int PRIMARY KEY, bits_id bit(16));
SELECT relmeta.register_table(t, owner_column => 'owner') FROM unnest('{bits,bits_all}'::regclass[]) t;
-- =>
-- =>
SELECT relmeta.create_one_to_many('bits', 'bits_all', 'bits_id', preset => 'parental', foreign_key => false);
-- => bits_bits_all
SELECT relmeta.create_one_to_many('bits', 'bits_link', 'bits_id', delete => 'remove_link', foreign_key => false);
-- => bits_bits_link
SELECT relmeta.create_one_to_many('bits', 'bits_kept', 'bits_id', delete => 'restrict', foreign_key => false);
-- => bits_bits_kept
INSERT INTO bits SELECT i::bit(16), 'u' FROM generate_series(1, 200) i;
INSERT INTO bits_all SELECT i, 'u', ((i + 1) / 2)::bit(16) FROM generate_series(1, 400) i;
INSERT INTO bits_link SELECT i, i::bit(16) FROM generate_series(1, 200) i;
INSERT INTO bits_kept VALUES (1, 200::bit(16));
UPDATE bits SET owner = 'v' WHERE id = 1::bit(16);
UPDATE bits SET owner = 'v' WHERE id BETWEEN 11::bit(16) AND 20::bit(16);
UPDATE bits SET owner = 'v' WHERE id BETWEEN 101::bit(16) AND 150::bit(16);
SELECT owner, count(*), sum(id) FROM bits_all GROUP BY owner ORDER BY owner;
-- => u|278|54537
-- => v|122|25663
DELETE FROM bits;
-- => ERROR:  23001
DELETE FROM bits WHERE id = 1::bit(16);
DELETE FROM bits WHERE id BETWEEN 11::bit(16) AND 20::bit(16);
DELETE FROM bits WHERE id BETWEEN 101::bit(16) AND 150::bit(16);
SELECT count(*), sum(id) FROM bits_all;
-- => 278|54537
SELECT count(*), count(bits_id) FROM bits_link;
-- => 200|139

RESET ROLE;
RESET search_path;
DROP SCHEMA delete_managed CASCADE;
DROP ROLE regress_delete;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v}'::text[]) u; END $$;
