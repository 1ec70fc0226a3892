-- lookup_guard: a lookup without foreign key cannot point to a row that is not there, whatever sets it (SEMANTICS 2.3, 4).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_guard;
CREATE SCHEMA lookup_guard AUTHORIZATION regress_guard;
SET ROLE regress_guard;
SET search_path = lookup_guard;

CREATE TABLE account (id int PRIMARY KEY, name text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, name text);
INSERT INTO account VALUES (1), (2);
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', delete => 'restrict', foreign_key => false);
-- => account_contact

-- INSERT, UPDATE, COPY, ON CONFLICT, MERGE
INSERT INTO contact VALUES (10, 1), (11, NULL);
INSERT INTO contact VALUES (12, 3);
-- => ERROR:  23503
INSERT INTO contact VALUES (12, 1), (13, 2), (14, 3);
-- => ERROR:  23503
INSERT INTO contact SELECT i, i FROM generate_series(1, 2) i;
INSERT INTO contact SELECT i + 100, i % 4 FROM generate_series(1, 2000) i;
-- => ERROR:  23503
UPDATE contact SET account_id = 3 WHERE id = 11;
-- => ERROR:  23503
UPDATE contact SET account_id = id;
-- => ERROR:  23503
UPDATE contact SET account_id = 2 WHERE id = 11;
COPY contact (id, account_id) FROM stdin;
20	1
21	99
\.
-- => ERROR:  23503
COPY contact (id, account_id) FROM stdin;
20	1
21	\N
\.
INSERT INTO contact VALUES (20, 99) ON CONFLICT DO NOTHING;
INSERT INTO contact VALUES (20, 99) ON CONFLICT (id) DO UPDATE SET name = 'x';
INSERT INTO contact VALUES (20, 99) ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id;
-- => ERROR:  23503
INSERT INTO contact VALUES (20, 2) ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id;
MERGE INTO contact c USING (VALUES (20, 99), (22, 1)) n(id, account_id) ON c.id = n.id
  WHEN MATCHED THEN UPDATE SET account_id = n.account_id WHEN NOT MATCHED THEN INSERT (id, account_id) VALUES (n.id, n.account_id);
-- => ERROR:  23503
MERGE INTO contact c USING (VALUES (20, 1), (22, 99)) n(id, account_id) ON c.id = n.id
  WHEN MATCHED THEN UPDATE SET account_id = n.account_id WHEN NOT MATCHED THEN INSERT (id, account_id) VALUES (n.id, n.account_id);
-- => ERROR:  23503
SELECT string_agg(id || ':' || coalesce(account_id::text, '-'), ' ' ORDER BY id) FROM contact;
-- => 1:1 2:2 10:1 11:2 20:2 21:-

-- BEFORE triggers, defaults and generated values have no way round it
CREATE FUNCTION misdirect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.name = 'astray' THEN
    NEW.account_id := 77;
  ELSIF NEW.name = 'home' THEN
    NEW.account_id := 1;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER misdirect BEFORE INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION misdirect();
UPDATE contact SET name = 'astray' WHERE id = 10;
-- => ERROR:  23503
INSERT INTO contact VALUES (30, 1, 'astray');
-- => ERROR:  23503
INSERT INTO contact VALUES (30, 99, 'home');
UPDATE contact SET name = 'home', account_id = 99 WHERE id = 10;
DROP TRIGGER misdirect ON contact;
ALTER TABLE contact ALTER account_id SET DEFAULT 66;
INSERT INTO contact (id) VALUES (31);
-- => ERROR:  23503
ALTER TABLE contact ALTER account_id DROP DEFAULT;

-- both rows in one statement, in either order
WITH a AS (INSERT INTO account VALUES (3) RETURNING id) INSERT INTO contact SELECT 40, id FROM a;
WITH c AS (INSERT INTO contact VALUES (41, 4)) INSERT INTO account VALUES (4);
WITH c AS (UPDATE contact SET account_id = 5 WHERE id = 41) INSERT INTO account VALUES (5);
SELECT string_agg(id || ':' || account_id, ' ' ORDER BY id) FROM contact WHERE account_id > 2;
-- => 40:3 41:5
-- rows pointing to each other
CREATE TABLE node (id int PRIMARY KEY, next_id int, name text);
SELECT relmeta.create_one_to_many('node', 'node', 'next_id', delete => 'restrict', foreign_key => false);
-- => node_node
INSERT INTO node VALUES (1, 2), (2, 3), (3, 1), (4, 4);
INSERT INTO node VALUES (5, 6), (6, 7);
-- => ERROR:  23503
INSERT INTO node VALUES (8, 9);
-- => ERROR:  23503

-- the key of a row with lookups to it cannot change; of another it can
UPDATE account SET id = 20 WHERE id = 2;
-- => ERROR:  23503
UPDATE account SET id = id + 100;
-- => ERROR:  23503
UPDATE account SET id = 40 WHERE id = 4;
UPDATE account SET id = id WHERE id = 2;
UPDATE account SET id = 2 WHERE id = 2;
WITH c AS (UPDATE contact SET account_id = 30 WHERE account_id = 3) UPDATE account SET id = 30 WHERE id = 3;
SELECT string_agg(id::text, ' ' ORDER BY id), (SELECT account_id FROM contact WHERE id = 40) FROM account;
-- => 1 2 5 30 40|30

-- columns that the trigger does not watch, and rows whose lookup does not change, are not looked at again
UPDATE contact SET name = 'y';
UPDATE contact SET account_id = account_id;

-- existing rows are checked when the relationship is made
CREATE TABLE stray (id int PRIMARY KEY, account_id int);
INSERT INTO stray VALUES (1, 1), (2, 1000);
SELECT relmeta.create_one_to_many('account', 'stray', 'account_id', foreign_key => false);
-- => ERROR:  23503
SELECT relmeta.create_one_to_many('account', 'stray', 'account_id');
-- => ERROR:  23503
UPDATE stray SET account_id = NULL WHERE id = 2;
SELECT relmeta.create_one_to_many('account', 'stray', 'account_id', foreign_key => false);
-- => account_stray

-- multi-table lookups: key and type
CREATE TABLE lead (id int PRIMARY KEY);
CREATE TABLE activity (id int PRIMARY KEY, subject_id int, kind text);
INSERT INTO lead VALUES (1), (7);
SELECT relmeta.create_multi_table_lookup('activity', 'subject_id', '{account,lead}', type_column => 'kind', type_values => '{Account,Lead}');
-- => {account_activity,lead_activity}
INSERT INTO activity VALUES (1, 1, 'Account'), (2, 7, 'Lead'), (3, NULL, NULL);
INSERT INTO activity VALUES (4, 7, 'Account');
-- => ERROR:  23503
INSERT INTO activity VALUES (4, 2, 'Lead');
-- => ERROR:  23503
UPDATE activity SET kind = 'Account' WHERE id = 2;
-- => ERROR:  23503
UPDATE activity SET kind = 'Lead' WHERE id = 1;
UPDATE activity SET kind = 'Account', subject_id = 2 WHERE id = 1;
-- half set, or of a type that is none of the values
INSERT INTO activity VALUES (4, 1, NULL);
-- => ERROR:  23514
INSERT INTO activity VALUES (4, NULL, 'Lead');
-- => ERROR:  23514
UPDATE activity SET kind = NULL WHERE id = 1;
-- => ERROR:  23514
UPDATE activity SET subject_id = NULL WHERE id = 1;
-- => ERROR:  23514
UPDATE activity SET kind = 'account' WHERE id = 1;
-- => ERROR:  23514
UPDATE activity SET kind = '' WHERE id = 3;
-- => ERROR:  23514
COPY activity FROM stdin;
5	1	nothing
\.
-- => ERROR:  23514
COPY activity FROM stdin;
5	1000	Lead
\.
-- => ERROR:  23503
UPDATE activity SET kind = NULL, subject_id = NULL WHERE id = 1;
UPDATE lead SET id = 8 WHERE id = 7;
-- => ERROR:  23503
UPDATE lead SET id = 8 WHERE id = 1;
-- account 7 is another row than lead 7
INSERT INTO account VALUES (7);
UPDATE account SET id = 70 WHERE id = 7;
SELECT string_agg(id || ':' || coalesce(subject_id || kind, '-'), ' ' ORDER BY id) FROM activity;
-- => 1:- 2:7Lead 3:-

-- what the message says: the relationship, the tables and columns; the key only to its owner
\set VERBOSITY default
INSERT INTO contact VALUES (50, 999);
UPDATE activity SET kind = NULL WHERE id = 2;
UPDATE account SET id = 20 WHERE id = 2;

RESET ROLE;
RESET search_path;
DROP SCHEMA lookup_guard CASCADE;
DROP ROLE regress_guard;
