-- truncate_partition: a partition is emptied as its table is, whatever was emptied before it in the session (SEMANTICS 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_truncate_partition;
CREATE SCHEMA truncate_partition AUTHORIZATION regress_truncate_partition;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob}'::text[]) u; END $$;
SET ROLE regress_truncate_partition;
SET search_path = truncate_partition;

-- who holds something on which row: key:principal
CREATE FUNCTION held(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(object_key || ':' || principal, ' ' ORDER BY object_key, principal), '-')
  FROM relmeta.principal_object_access AS a WHERE a.relation = $1 $$;
CREATE TABLE p (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
CREATE TABLE c (id int PRIMARY KEY, p_id int);
SELECT relmeta.register_table('p', 'owner');
-- =>
SELECT relmeta.create_one_to_many('p', 'c', 'p_id', foreign_key => false);
-- => p_c

-- the whole table first, then a partition, in the same session with the same number of commands
TRUNCATE p;
INSERT INTO p VALUES (1, 'ann'), (101, 'ann');
SELECT relmeta.share('p', 1, 'bob'), relmeta.share('p', 101, 'bob');
-- => 1|1
TRUNCATE p1;
SELECT held('p');
-- => 101:bob
INSERT INTO p VALUES (1, 'ann');
SELECT relmeta.has_access('p', 1, 'read', 'bob');
-- => f
INSERT INTO c VALUES (1, 1), (2, 101);
TRUNCATE p1;
-- => ERROR:  0A000
DELETE FROM c;
-- the same within transactions and subtransactions, one of which is rolled back
TRUNCATE p;
INSERT INTO p VALUES (1, 'ann'), (101, 'ann');
INSERT INTO c VALUES (1, 1);
BEGIN;
SAVEPOINT s;
DELETE FROM c;
TRUNCATE p;
ROLLBACK TO s;
TRUNCATE p1;
-- => ERROR:  0A000
ROLLBACK;
DO $$
BEGIN
  BEGIN
    DELETE FROM c;
    TRUNCATE p;
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN
  END;
  TRUNCATE p1;
END $$;
-- => ERROR:  0A000
SELECT count(*) FROM p;
-- => 2
-- an error in the midst of it
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE division_by_zero; END $$;
DELETE FROM c;
CREATE TRIGGER zzz_refuse BEFORE TRUNCATE ON p FOR EACH STATEMENT EXECUTE FUNCTION refuse();
TRUNCATE p;
-- => ERROR:  22012
DROP TRIGGER zzz_refuse ON p;
INSERT INTO c VALUES (1, 1);
TRUNCATE p1;
-- => ERROR:  0A000
TRUNCATE p2;


-- partitions of several levels: a branch goes with its leaves, leaves are named with it or alone, in any order
CREATE TABLE t (id int PRIMARY KEY, owner text, t_id int) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t2 (gone int, t_id int, id int NOT NULL, owner text) PARTITION BY RANGE (id);
ALTER TABLE t2 DROP COLUMN gone;
CREATE TABLE t21 PARTITION OF t2 FOR VALUES FROM (100) TO (150);
CREATE TABLE t22 PARTITION OF t2 FOR VALUES FROM (150) TO (200);
ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (100) TO (200);
CREATE TABLE l (id int PRIMARY KEY, t_id int);
SELECT relmeta.register_table('t', 'owner');
-- =>
SELECT relmeta.create_one_to_many('t', 't', 't_id', foreign_key => false);
-- => t_t
SELECT relmeta.create_one_to_many('t', 'l', 't_id', foreign_key => false);
-- => t_l
INSERT INTO t VALUES (1, 'ann', NULL), (100, 'ann', 1), (101, 'ann', 100), (150, 'ann', 101), (151, 'ann', 150);
SELECT sum(relmeta.share('t', id, 'bob')) FROM t;
-- => 5
INSERT INTO l VALUES (1, NULL), (2, 151);
-- keys that are left, and what is held
CREATE FUNCTION try(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  BEGIN
    EXECUTE sql;
    result := (SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '-') FROM t) || ', ' || held('t');
    RAISE assert_failure;
  EXCEPTION WHEN assert_failure THEN
    RETURN result;
  WHEN feature_not_supported THEN
    RETURN SQLSTATE;
  END;
END $$;
SELECT try('TRUNCATE t1'), try('TRUNCATE t21'), try('TRUNCATE t22'), try('TRUNCATE t2'), try('TRUNCATE t');
-- => 0A000|0A000|0A000|0A000|0A000
SELECT try('TRUNCATE t22, l'), try('TRUNCATE l, t22, t21'), try('TRUNCATE t2, l'), try('TRUNCATE l, t21');
-- => 1 100 101, 1:bob 100:bob 101:bob|1, 1:bob|1, 1:bob|0A000
SELECT try('TRUNCATE t, l'), try('TRUNCATE l, t1, t, t22, t2'), try('TRUNCATE l, t1, t2'), try('TRUNCATE t21, t2, t1, l');
-- => -, -|-, -|-, -|-, -
SELECT try('TRUNCATE l, t1'), try('TRUNCATE ONLY t22, ONLY l RESTART IDENTITY CASCADE');
-- => 0A000|1 100 101, 1:bob 100:bob 101:bob
-- a statement on the table itself: nothing is left that points anywhere
UPDATE t SET t_id = NULL WHERE id = 100;
SELECT try('TRUNCATE t1'), try('TRUNCATE t1, t21'), try('TRUNCATE t2, l');
-- => 100 101 150 151, 100:bob 101:bob 150:bob 151:bob|0A000|1, 1:bob

-- many rows, in little memory: what is collected goes to disk
SET work_mem = '64kB';
CREATE TABLE t3 PARTITION OF t FOR VALUES FROM (1000) TO (100000);
INSERT INTO t SELECT g, 'ann', CASE WHEN g > 1000 THEN g - 1 END FROM generate_series(1000, 30999) AS g;
SELECT relmeta.share_many('t', (SELECT array_agg(id::text) FROM t3), '{bob}', '{read}');
-- => 30000
INSERT INTO l VALUES (3, 20000);
SELECT try('TRUNCATE t3');
-- => 0A000
SELECT try('TRUNCATE t3, l');
-- => 1 100 101 150 151, 1:bob 100:bob 101:bob 150:bob 151:bob
DELETE FROM l WHERE id = 3;
SELECT try('TRUNCATE t3');
-- => 1 100 101 150 151, 1:bob 100:bob 101:bob 150:bob 151:bob
RESET work_mem;

RESET ROLE;
RESET search_path;
DROP SCHEMA truncate_partition CASCADE;
DROP ROLE regress_truncate_partition;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob}'::text[]) u; END $$;
