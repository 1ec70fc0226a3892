-- related_index: the rows that point to a few rows are found by an index led by the lookup, where there is one that can be searched so, else by
-- a statement; what is found, locked and matched is the same.  Each line tells, for one kind of index, how many related rows a share, a
-- share by `active`, one by `user_owned`, an unshare and an assign come to; then what is expected of the rows themselves.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA related_index;
SET search_path = related_index, public;
SELECT relmeta.create_user(name) FROM unnest('{ann,bob,cat,dan}'::text[]) AS name;
-- =>
-- =>
-- =>
-- =>

--
-- One primary row of three has the related rows, of which every third is inactive and every fourth dan's
--
CREATE FUNCTION world(n int, key text DEFAULT 'int', index text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE top (id %s PRIMARY KEY, owner text)', key);
  EXECUTE format('CREATE TABLE below (id int PRIMARY KEY, top_id %s, owner text, active boolean, note text)', key);
  INSERT INTO top SELECT i, 'ann' FROM generate_series(1, 3) AS i;
  INSERT INTO below SELECT i, CASE WHEN i <= n THEN 2 ELSE 3 END, CASE WHEN i % 4 = 0 THEN 'dan' ELSE 'ann' END, i % 3 <> 0, 'x'
    FROM generate_series(1, n + 5) AS i;
  PERFORM relmeta.register_table('top', 'owner'), relmeta.register_table('below', 'owner', 'active');
  PERFORM relmeta.create_one_to_many('top', 'below', 'top_id', 'r', preset => 'parental');
  IF index IS NOT NULL THEN
    DROP INDEX below_top_id_idx;
    EXECUTE index;
  END IF;
END $$;
CREATE FUNCTION entries(who text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM relmeta_access.below WHERE principal = who); END $$;
CREATE FUNCTION tried() RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text := '';
BEGIN
  PERFORM relmeta.share('top', '2', 'cat');
  found := 'all ' || entries('cat');
  PERFORM relmeta.unshare('top', '2', 'cat');
  found := found || ', left ' || entries('cat');
  PERFORM relmeta.update_relationship('r', share => 'active', unshare => 'active');
  PERFORM relmeta.share('top', '2', 'cat');
  found := found || ', active ' || entries('cat');
  PERFORM relmeta.unshare('top', '2', 'cat');
  PERFORM relmeta.update_relationship('r', share => 'user_owned', unshare => 'user_owned');
  PERFORM relmeta.share('top', '2', 'cat');
  found := found || ', user_owned ' || entries('cat');
  PERFORM relmeta.unshare('top', '2', 'cat');
  found := found || ', left ' || entries('cat');
  UPDATE top SET owner = 'bob' WHERE id::text = '2';
  RETURN found || ', assigned ' || (SELECT count(*) FROM below WHERE owner = 'bob') || ', others ' || (SELECT count(*) FROM below WHERE owner <> 'bob');
END $$;

-- by relmeta's own index: a few rows, and more than are locked without a statement
BEGIN; SELECT world(12); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(1200); SELECT tried(); ROLLBACK;
-- =>
-- => all 1200, left 0, active 800, user_owned 900, left 0, assigned 1200, others 5
-- by an index that the application made, with more columns, unique or not
BEGIN; SELECT world(12, index => 'CREATE UNIQUE INDEX i ON below (top_id, id DESC) INCLUDE (note)'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
-- not by one of some rows, of an expression, by hash, of another column first, or by none
BEGIN; SELECT world(12, index => 'CREATE INDEX i ON below (top_id) WHERE id > 6'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(12, index => 'CREATE INDEX i ON below ((top_id + 1))'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(12, index => 'CREATE INDEX i ON below USING hash (top_id)'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(12, index => 'CREATE INDEX i ON below (note, top_id)'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(12, index => 'SELECT 1'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
-- nor by one with another order, for which the lookup '2' is found elsewhere
BEGIN; SELECT world(12, 'text COLLATE "C"', 'CREATE INDEX i ON below (top_id COLLATE "POSIX")'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(12, 'text', 'CREATE INDEX i ON below (top_id text_pattern_ops)'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
-- types that share their operators with another
BEGIN; SELECT world(12, 'varchar(10)'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
BEGIN; SELECT world(12, 'char(4)'); SELECT tried(); ROLLBACK;
-- =>
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5

--
-- Columns that were dropped or added in between: a row is read where its columns are now
--
BEGIN;
SELECT world(12);
-- =>
ALTER TABLE below DROP COLUMN note, ADD COLUMN more int DEFAULT 7, ADD COLUMN still text DEFAULT 'y';
SELECT tried();
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
ROLLBACK;

--
-- An index that is not ready, and one by which older snapshots must not search, are passed over
--
BEGIN;
SELECT world(12, index => 'CREATE INDEX i ON below (top_id)');
-- =>
UPDATE pg_index SET indisvalid = false, indisready = false WHERE indexrelid = 'i'::regclass;
INSERT INTO below SELECT i, 2, 'ann', true, 'not in the index' FROM generate_series(101, 103) AS i;
SELECT tried();
-- => all 15, left 0, active 11, user_owned 12, left 0, assigned 15, others 5
ROLLBACK;
BEGIN;
SELECT world(12, index => 'CREATE INDEX i ON below (top_id)');
-- =>
UPDATE pg_index SET indcheckxmin = true WHERE indexrelid = 'i'::regclass;
SELECT tried();
-- => all 12, left 0, active 8, user_owned 9, left 0, assigned 12, others 5
ROLLBACK;

--
-- What the statement itself has changed counts as it is then: the rows that are active by now, that point there by now
--
SELECT world(3);
-- =>
SELECT relmeta.update_relationship('r', assign => 'active', share => 'none', reparent => 'none') > 0;
-- => t
WITH turned AS (UPDATE below SET active = NOT active WHERE id <= 3) UPDATE top SET owner = NULL WHERE id = 2;
SELECT id, owner, active FROM below WHERE id <= 3 ORDER BY id;
-- => 1|ann|f
-- => 2|ann|f
-- => 3||t
ALTER TABLE below ALTER CONSTRAINT r DEFERRABLE INITIALLY DEFERRED;
WITH made AS (INSERT INTO below VALUES (100, 3, 'dan', true, 'x')), moved AS (UPDATE below SET top_id = 5 - top_id WHERE id IN (1, 3, 4))
  UPDATE top SET owner = NULL WHERE id = 3;
SELECT id, top_id, owner, active FROM below WHERE id <= 5 OR id = 100 ORDER BY id;
-- => 1|3|ann|f
-- => 2|2|ann|f
-- => 3|3||t
-- => 4|2|dan|t
-- => 5|3||t
-- => 100|3||t
DROP TABLE below, top;

--
-- A multi-table lookup: rows of the other type with the same key are not found
--
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text);
CREATE TABLE task (id int PRIMARY KEY, customer_id int, customer_type text, owner text);
INSERT INTO account VALUES (1, 'ann'), (2, 'ann');
INSERT INTO contact VALUES (1, 'ann'), (2, 'ann');
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,task}'::regclass[]) AS t;
-- =>
-- =>
-- =>
SELECT cardinality(relmeta.create_multi_table_lookup('task', 'customer_id', '{account,contact}', preset => 'parental'));
-- => 2
INSERT INTO task SELECT i, 1 + i % 2, CASE WHEN i % 3 = 0 THEN 'contact' ELSE 'account' END, 'ann' FROM generate_series(1, 12) AS i;
SELECT relmeta.share('account', 1, 'cat');
-- => 5
SELECT array_agg(object ORDER BY object) FROM relmeta_access.task WHERE principal = 'cat';
-- => {2,4,8,10}
SELECT relmeta.share('contact', 2, 'bob');
-- => 3
SELECT array_agg(object ORDER BY object) FROM relmeta_access.task WHERE principal = 'bob';
-- => {3,9}
SELECT relmeta.unshare('account', 1, 'cat');
-- => 5
SELECT array_agg(object ORDER BY object) FROM relmeta_access.task WHERE principal = 'cat';
-- =>

--
-- Keys that are equal by the key's collation are not next to each other in an index of another one
--
CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE word (id text COLLATE no_case PRIMARY KEY, owner text);
CREATE TABLE use (id int PRIMARY KEY, word_id text COLLATE no_case, owner text);
INSERT INTO word VALUES ('alpha', 'ann'), ('Beta', 'ann');
SELECT relmeta.register_table(t, 'owner') FROM unnest('{word,use}'::regclass[]) AS t;
-- =>
-- =>
SELECT relmeta.create_one_to_many('word', 'use', 'word_id', 'uses', preset => 'parental');
-- => uses
INSERT INTO use VALUES (1, 'alpha', 'ann'), (2, 'ALPHA', 'ann'), (3, 'Alpha', 'ann'), (4, 'BETA', 'ann');
SELECT relmeta.share('word', 'alpha', 'cat');
-- => 4
DROP INDEX use_word_id_idx;
CREATE INDEX use_c ON use (word_id COLLATE "C");
SELECT relmeta.unshare('word', 'alpha', 'cat');
-- => 4

--
-- A standby or a read-only transaction takes no lock
--
BEGIN READ ONLY;
SELECT relmeta.share('account', 1, 'cat');
-- => ERROR:  25006
ROLLBACK;
DROP SCHEMA related_index CASCADE;
SELECT relmeta.drop_principal(name) FROM unnest('{ann,bob,cat,dan}'::text[]) AS name;
-- =>
-- =>
-- =>
-- =>
