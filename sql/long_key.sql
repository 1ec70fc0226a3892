-- long_key: a row that inherits access has a key that an entry has room for beside the longest principal, so that nothing above it can
-- fail to be shared or assigned because of it (54000)
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA lk;
SET search_path = lk;
-- of n bytes, which nothing compresses
CREATE FUNCTION k(n int, salt text DEFAULT '') RETURNS text LANGUAGE sql AS
  $$ SELECT string_agg(CASE WHEN i <= n THEN chr(33 + get_byte(decode(md5(i || salt), 'hex'), 0) % 90) END, '' ORDER BY i) FROM generate_series(1, n) AS i $$;
SELECT relmeta.create_user('lk_ann'), relmeta.create_user('lk_bob'), relmeta.create_user(k(1024));
CREATE TABLE folder (id int PRIMARY KEY, owner text);
CREATE TABLE note (id text PRIMARY KEY, owner text, folder int REFERENCES folder, body text);
CREATE TABLE stamp (id bytea PRIMARY KEY, note text REFERENCES note ON UPDATE CASCADE);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{folder,note}'::regclass[]) AS t;
SELECT relmeta.register_table('stamp');
INSERT INTO folder VALUES (1, 'lk_ann'), (2, 'lk_ann');
INSERT INTO note VALUES (k(2600), 'lk_ann', 1), ('there', 'lk_ann', 1);
-- rows that are there before: no relationship
SELECT relmeta.create_one_to_many('folder', 'note', 'folder', 'notes');
SELECT relmeta.drop_relationship('notes');
-- => none: nothing is inherited
SELECT relmeta.create_one_to_many('folder', 'note', 'folder', 'notes', share => 'all', reparent => 'all');
-- => ERROR:  54000
SELECT relmeta.create_one_to_many('folder', 'note', 'folder', 'notes');
SELECT relmeta.update_relationship('notes', share => 'all', reparent => 'all');
-- => ERROR:  54000
\set VERBOSITY default
SELECT relmeta.update_relationship('notes', share => 'all', reparent => 'all');
\set VERBOSITY sqlstate
DELETE FROM note WHERE length(id) > 2000;
SELECT relmeta.update_relationship('notes', share => 'all', reparent => 'all', assign => 'all');
SELECT relmeta.create_one_to_many('note', 'stamp', 'note', 'stamps', share => 'all');

-- rows that come, by whatever statement
INSERT INTO note VALUES (k(1601), 'lk_ann', NULL);
-- => ERROR:  54000
INSERT INTO note VALUES (repeat('a', 1601), 'lk_ann', NULL);
-- => ERROR:  54000: also where it could be compressed
INSERT INTO note SELECT k(1590 + i), 'lk_ann', 1 FROM generate_series(1, 20) AS i;
-- => ERROR:  54000
UPDATE note SET id = k(2000);
-- => ERROR:  54000
MERGE INTO note USING (SELECT k(1700) AS long) AS s ON false WHEN NOT MATCHED THEN INSERT VALUES (long, 'lk_ann', 1);
-- => ERROR:  54000
INSERT INTO stamp VALUES (decode(repeat('ab', 1601), 'hex'), 'there');
-- => ERROR:  54000
INSERT INTO note VALUES ('there') ON CONFLICT (id) DO UPDATE SET id = k(1800);
-- => ERROR:  54000
\set VERBOSITY default
INSERT INTO note VALUES (k(1601), 'lk_ann', 1);
\set VERBOSITY sqlstate
SELECT count(*) FROM note;
-- => 1

-- the longest there may be, and the longest principal
INSERT INTO note VALUES (k(1600), 'lk_ann', 1);
UPDATE note SET id = k(1599) || 'x', body = 'b' WHERE id = 'there';
UPDATE note SET body = repeat('b', 2000);
SELECT relmeta.share('folder', 1, k(1024), '{read}'), relmeta.share('folder', 1, 'lk_bob', '{read}');
-- => 3|3
UPDATE folder SET owner = k(1024) WHERE id = 1;
UPDATE folder SET owner = 'lk_bob' WHERE id = 1;
SELECT count(*) FROM note WHERE owner = 'lk_bob';
-- => 2
SELECT relmeta.unshare('folder', 1, k(1024)) > 0;
-- => t

-- partitions
CREATE TABLE leaf (id text PRIMARY KEY, owner text, folder int REFERENCES folder) PARTITION BY LIST (id);
CREATE TABLE leaf_1 PARTITION OF leaf DEFAULT;
SELECT relmeta.register_table('leaf', 'owner');
SELECT relmeta.create_one_to_many('folder', 'leaf', 'folder', 'leaves', share => 'all');
INSERT INTO leaf_1 VALUES (k(1650), 'lk_ann', 2);
-- => ERROR:  54000
CREATE TABLE leaf_2 (id text PRIMARY KEY, owner text, folder int);
INSERT INTO leaf_2 VALUES ('a' || k(1650), 'lk_ann', 2);
ALTER TABLE leaf ATTACH PARTITION leaf_2 FOR VALUES IN ('z');
-- => ERROR:  23514
DO $$ BEGIN EXECUTE format('ALTER TABLE leaf ATTACH PARTITION leaf_2 FOR VALUES IN (%L)', 'a' || k(1650)); END $$;
-- => ERROR:  54000

-- bounded keys are not looked at; bytes are twice as long in text
CREATE TABLE short (id varchar(200) PRIMARY KEY, folder int REFERENCES folder);
SELECT relmeta.register_table('short');
SELECT relmeta.create_one_to_many('folder', 'short', 'folder', 'shorts', share => 'all');
INSERT INTO stamp VALUES (decode(repeat('ab', 1000), 'hex'), NULL);
SELECT relmeta.alter_column_type('stamp', 'id', 'text');
-- => ERROR:  54000
-- a table whose rows inherit nothing
CREATE TABLE free (id text PRIMARY KEY, owner text);
SELECT relmeta.register_table('free', 'owner');
INSERT INTO free VALUES (k(2600), 'lk_ann');

SET client_min_messages = error;
DROP SCHEMA lk CASCADE;
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal LIKE 'lk\_%' OR length(principal) > 1000;
-- => 3
