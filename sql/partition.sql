-- partition: registered tables may be partitioned, on either side; DML may name the root, a branch or a leaf, whose
-- columns may stand in another order.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_partition;
CREATE SCHEMA partition AUTHORIZATION regress_partition;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
SET ROLE regress_partition;
SET search_path = partition;

CREATE FUNCTION owners(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(owner, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;

-- account: two leaves, one of them with other column numbers; contact: a leaf and a branch of two leaves; note: ordinary
CREATE TABLE account (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
CREATE TABLE account_low PARTITION OF account FOR VALUES FROM (0) TO (100);
CREATE TABLE account_high (gone1 int, owner text, gone2 text, id int NOT NULL);
ALTER TABLE account_high DROP COLUMN gone1, DROP COLUMN gone2;
ALTER TABLE account ATTACH PARTITION account_high FOR VALUES FROM (100) TO (200);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text, is_open boolean DEFAULT true) PARTITION BY RANGE (id);
CREATE TABLE contact_low PARTITION OF contact FOR VALUES FROM (0) TO (100);
CREATE TABLE contact_high (is_open boolean DEFAULT true, owner text, x int, id int NOT NULL, account_id int) PARTITION BY RANGE (id);
ALTER TABLE contact_high DROP COLUMN x;
CREATE TABLE contact_high_1 PARTITION OF contact_high FOR VALUES FROM (100) TO (200);
CREATE TABLE contact_high_2 (y int, account_id int, id int NOT NULL, owner text, is_open boolean DEFAULT true);
ALTER TABLE contact_high_2 DROP COLUMN y;
ALTER TABLE contact_high ATTACH PARTITION contact_high_2 FOR VALUES FROM (200) TO (300);
ALTER TABLE contact ATTACH PARTITION contact_high FOR VALUES FROM (100) TO (300);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);

SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner', 'is_open'), relmeta.register_table('note', 'owner');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
-- => contact_note
INSERT INTO account VALUES (1, 'u'), (2, 'u'), (101, 'u'), (102, 'w');
INSERT INTO contact VALUES (10, 1, 'u'), (11, 101, 'u'), (110, 1, 'u'), (111, 101, 'w'), (210, 1, 'w'), (211, 101, 'u'), (212, 2, 'u');
INSERT INTO note SELECT id * 10, id, 'u' FROM contact;

-- assign: at the root, at a leaf, at a branch
BEGIN;
UPDATE account SET owner = 'v' WHERE id IN (1, 101);
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:v 2:u 101:v 102:w|10:v 11:v 110:v 111:v 210:v 211:v 212:u|100:v 110:v 1100:v 1110:v 2100:v 2110:v 2120:u
ROLLBACK;
BEGIN;
UPDATE account_low SET owner = 'v' WHERE id = 1;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:v 2:u 101:u 102:w|10:v 11:u 110:v 111:w 210:v 211:u 212:u|100:v 110:u 1100:v 1110:u 2100:v 2110:u 2120:u
UPDATE account_high SET owner = 'v' WHERE id = 101;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:v 2:u 101:v 102:w|10:v 11:v 110:v 111:v 210:v 211:v 212:u|100:v 110:v 1100:v 1110:v 2100:v 2110:v 2120:u
ROLLBACK;
BEGIN;
UPDATE contact_high SET owner = 'v' WHERE id < 211;
SELECT owners('contact'), owners('note');
-- => 10:u 11:u 110:v 111:v 210:v 211:u 212:u|100:u 110:u 1100:v 1110:v 2100:v 2110:u 2120:u
UPDATE contact_high_2 SET owner = 'w' WHERE id = 211;
SELECT owners('contact'), owners('note');
-- => 10:u 11:u 110:v 111:v 210:v 211:w 212:u|100:u 110:u 1100:v 1110:v 2100:v 2110:w 2120:u
ROLLBACK;
-- two leaves of one table in one statement: a leaf counts as its registered table
BEGIN;
WITH h AS (UPDATE account_high SET owner = 'v' WHERE id = 101), l AS (UPDATE account_low SET owner = 'w' WHERE id = 1)
UPDATE contact_high_2 SET owner = 'u' WHERE id = 210;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:w 2:u 101:v 102:w|10:w 11:v 110:w 111:v 210:u 211:v 212:u|100:w 110:v 1100:w 1110:v 2100:u 2110:v 2120:u
ROLLBACK;
-- filters read the state and the owner in each leaf's own columns
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'active') IS NULL;
-- => t
UPDATE contact SET is_open = false WHERE id IN (10, 211);
UPDATE account SET owner = 'v';
SELECT owners('contact');
-- => 10:u 11:v 110:v 111:v 210:v 211:u 212:v
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'user_owned') IS NULL;
-- => t
UPDATE account SET owner = 'v';
SELECT owners('contact');
-- => 10:v 11:v 110:v 111:w 210:w 211:v 212:v
ROLLBACK;
BEGIN;
SELECT relmeta.assign('account', 101, 'v');
-- => 7
SELECT relmeta.assign('contact', 210, 'v');
-- => 2
ROLLBACK;
-- a leaf is not a registered table
SELECT relmeta.assign('account_low', 1, 'v');
-- => ERROR:  42704

-- guards: lookups, owners, at the root and in the leaves
INSERT INTO contact VALUES (12, 999, 'u');
-- => ERROR:  23503
INSERT INTO contact_high_2 (id, account_id, owner) VALUES (213, 999, 'u');
-- => ERROR:  23503
UPDATE contact_high SET account_id = 999 WHERE id = 110;
-- => ERROR:  23503
COPY contact_high_1 (id, account_id, owner) FROM stdin;
112	999	u
\.
-- => ERROR:  23503
INSERT INTO account_high (id, owner) VALUES (103, 'nobody');
-- => ERROR:  23503
UPDATE account_high SET owner = 'nobody' WHERE id = 101;
-- => ERROR:  23503
UPDATE contact_high_2 SET owner = 'nobody' WHERE id = 210;
-- => ERROR:  23503
COPY contact_high_2 (id, account_id, owner) FROM stdin;
213	1	nobody
\.
-- => ERROR:  23503
SELECT owners('account'), owners('contact');
-- => 1:u 2:u 101:u 102:w|10:u 11:u 110:u 111:w 210:w 211:u 212:u

-- delete: from the root, from a leaf
BEGIN;
DELETE FROM account WHERE id IN (1, 102);
SELECT owners('account'), owners('contact'), owners('note');
-- => 2:u 101:u|11:u 111:w 211:u 212:u|110:u 1110:u 2110:u 2120:u
ROLLBACK;
BEGIN;
DELETE FROM account_high;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:u 2:u|10:u 110:u 210:w 212:u|100:u 1100:u 2100:u 2120:u
DELETE FROM contact_high_2 WHERE id = 210;
SELECT owners('contact'), owners('note');
-- => 10:u 110:u 212:u|100:u 1100:u 2120:u
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'none', reparent => 'none', share => 'none', unshare => 'none',
  delete => 'remove_link', revoke_inherited => false) IS NULL;
-- => t
DELETE FROM account_low WHERE id = 1;
SELECT string_agg(id || ':' || coalesce(account_id::text, '-'), ' ' ORDER BY id) FROM contact;
-- => 10:- 11:101 110:- 111:101 210:- 211:101 212:2
SELECT relmeta.update_relationship('account_contact', delete => 'restrict') IS NULL;
-- => t
SAVEPOINT s;
DELETE FROM account_high WHERE id = 101;
-- => ERROR:  23001
ROLLBACK TO s;
DELETE FROM account_high WHERE id = 102;
SELECT owners('account');
-- => 2:u 101:u
ROLLBACK;

-- an UPDATE that moves a row to another partition changes its key
BEGIN;
-- a contact without notes: nothing points to it, its lookup and owner stay
DELETE FROM note WHERE contact_id IN (10, 110);
UPDATE contact SET id = 215 WHERE id = 10;
UPDATE contact SET id = 13 WHERE id = 110;
SELECT owners('contact'), owners('note');
-- => 11:u 13:u 111:w 210:w 211:u 212:u 215:u|110:u 1110:u 2100:u 2110:u 2120:u
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('contact');
-- => 11:u 13:v 111:w 210:v 211:u 212:u 215:v
-- the moved row is checked like any other
SAVEPOINT s;
UPDATE contact SET id = 216, owner = 'nobody' WHERE id = 215;
-- => ERROR:  23503
ROLLBACK TO s;
UPDATE contact SET id = 216, account_id = 999 WHERE id = 215;
-- => ERROR:  23503
ROLLBACK TO s;
UPDATE contact SET id = 14, account_id = 2, owner = 'w' WHERE id = 215;
SELECT id, account_id, owner FROM contact WHERE id = 14;
-- => 14|2|w
ROLLBACK;
-- notes point to it: refused, whatever the relationship does on delete, and they are not deleted
UPDATE contact SET id = 215 WHERE id = 10;
-- => ERROR:  23503
BEGIN;
SELECT relmeta.update_relationship('contact_note', assign => 'none', reparent => 'none', share => 'none', unshare => 'none',
  delete => 'remove_link', revoke_inherited => false) IS NULL;
-- => t
UPDATE contact SET id = 215 WHERE id = 10;
-- => ERROR:  23503
ROLLBACK;
SELECT owners('contact'), owners('note');
-- => 10:u 11:u 110:u 111:w 210:w 211:u 212:u|100:u 110:u 1100:u 1110:u 2100:u 2110:u 2120:u
-- without moving it is the same
UPDATE contact SET id = 15 WHERE id = 10;
-- => ERROR:  23503
UPDATE contact_low SET id = 15 WHERE id = 10;
-- => ERROR:  23503
-- with a key that moves and an owner that changes, and related rows that follow their key
BEGIN;
SELECT relmeta.drop_relationship('contact_note');
-- =>
ALTER TABLE note ADD CONSTRAINT note_contact FOREIGN KEY (contact_id) REFERENCES contact ON UPDATE CASCADE;
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental');
-- => contact_note
UPDATE contact SET id = 215 WHERE id = 10;
SELECT owners('contact'), owners('note');
-- => 11:u 110:u 111:w 210:w 211:u 212:u 215:u|100:u 110:u 1100:u 1110:u 2100:u 2110:u 2120:u
SELECT id, contact_id FROM note WHERE id = 100;
-- => 100|215
UPDATE contact SET owner = 'v' WHERE id = 215;
SELECT owners('note');
-- => 100:v 110:u 1100:u 1110:u 2100:u 2110:u 2120:u
DELETE FROM contact WHERE id IN (215, 110);
SELECT owners('note');
-- => 110:u 1110:u 2100:u 2110:u 2120:u
ROLLBACK;

-- new partitions take part from the start; so do attached ones
BEGIN;
CREATE TABLE account_new PARTITION OF account FOR VALUES FROM (200) TO (300);
CREATE TABLE contact_new (owner text, is_open boolean, account_id int, id int NOT NULL);
INSERT INTO contact_new VALUES ('w', true, 1, 310);
ALTER TABLE contact ATTACH PARTITION contact_new FOR VALUES FROM (300) TO (400);
INSERT INTO account_new VALUES (201, 'u');
INSERT INTO contact_new (id, account_id, owner) VALUES (311, 201, 'u');
UPDATE account_new SET owner = 'v';
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('account'), owners('contact');
-- => 1:v 2:u 101:u 102:w 201:v|10:v 11:u 110:v 111:w 210:v 211:u 212:u 310:v 311:v
SAVEPOINT s;
UPDATE contact_new SET owner = 'nobody';
-- => ERROR:  23503
ROLLBACK TO s;
DELETE FROM account_new;
SELECT owners('contact');
-- => 10:v 11:u 110:v 111:w 210:v 211:u 212:u 310:v
COMMIT;

-- a detached leaf has no part any more, whatever triggers it may have kept
BEGIN;
DELETE FROM note WHERE contact_id < 100;
ALTER TABLE contact DETACH PARTITION contact_low;
UPDATE contact_low SET owner = 'nobody' WHERE id = 10;
UPDATE contact_low SET account_id = 999 WHERE id = 10;
INSERT INTO contact_low VALUES (16, 998, 'no one');
UPDATE account SET owner = 'u' WHERE id = 1;
SELECT owners('contact_low'), owners('contact');
-- => 10:nobody 11:u 16:no one|110:u 111:w 210:u 211:u 212:u 310:u
DELETE FROM contact_low WHERE id = 11;
TRUNCATE contact_low;
DROP TABLE contact_low;
COMMIT;
SELECT owners('account'), owners('contact');
-- => 1:u 2:u 101:u 102:w|110:u 111:w 210:u 211:u 212:u 310:u

-- truncating: refused while rows point to what would go; of three leaves nothing points to the last
TRUNCATE account_low;
-- => ERROR:  0A000
TRUNCATE account;
-- => ERROR:  0A000
TRUNCATE account_high, account_new;
-- => ERROR:  0A000
TRUNCATE account_new;
SELECT count(*) FROM account;
-- => 4

-- a partition cannot be registered by itself
SELECT relmeta.register_table('account_low', 'owner');
-- => ERROR:  0A000

RESET ROLE;
RESET search_path;
DROP SCHEMA partition CASCADE;
DROP ROLE regress_partition;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
