-- Access control over many rows: keys that are probed, gathered meanwhile, or too many to gather, of every kind of key; whatever
-- interrupts the statement that gathers them.  ARCHITECTURE section 5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_vk_owner;
CREATE ROLE regress_vk_bob;
SELECT relmeta.create_user('vk_ann'), relmeta.create_user('vk_bob', 'regress_vk_bob'), relmeta.create_team('vk_team');
SELECT relmeta.add_team_member('vk_team', 'vk_bob');
CREATE SCHEMA vk AUTHORIZATION regress_vk_owner;
GRANT ALL ON SCHEMA vk TO PUBLIC;
SET SESSION AUTHORIZATION regress_vk_owner;
SET search_path = vk;
-- every third row is shared with bob, every fifth with his team; one that goes on from the negative to the positive, one near the ends of its type
CREATE TABLE small (id smallint PRIMARY KEY, n int, owner text);
CREATE TABLE whole (id int PRIMARY KEY, n int, owner text);
CREATE TABLE big (id bigint PRIMARY KEY, n int, owner text);
CREATE TABLE word (id text PRIMARY KEY, n int, owner text);
CREATE TABLE short (id varchar(20) PRIMARY KEY, n int, owner text);
CREATE TABLE uid (id uuid PRIMARY KEY, n int, owner text);
CREATE TABLE num (id numeric PRIMARY KEY, n int, owner text);
CREATE TABLE stamp (id timestamptz PRIMARY KEY, n int, owner text);
CREATE TABLE part (id int PRIMARY KEY, n int, owner text) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO small SELECT i - 1500, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO whole SELECT i - 1500, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO big SELECT CASE WHEN i <= 1500 THEN -9223372036854775808 + i ELSE 9223372036854775807 - i END, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO word SELECT repeat('x', i % 7) || i, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO short SELECT 'k' || i, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO uid SELECT md5(i::text)::uuid, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO num SELECT i / 7.0, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO stamp SELECT '2000-01-01 0:00 UTC'::timestamptz + (i - 1500) * interval '1 us', i, 'vk_ann' FROM generate_series(1, 3000) AS i;
INSERT INTO part SELECT i, i, 'vk_ann' FROM generate_series(1, 3000) AS i;
GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA vk TO PUBLIC;
CREATE TABLE kind (t regclass);
INSERT INTO kind SELECT unnest('{small,whole,big,word,short,uid,num,stamp,part}'::regclass[]);
GRANT SELECT ON kind TO PUBLIC;
SELECT count(relmeta.register_table(t, 'owner')) FROM kind;
-- => 9
DO $$ DECLARE k vk.kind; BEGIN FOR k IN SELECT * FROM vk.kind LOOP
  EXECUTE format('SELECT relmeta.share_many(%1$L, array(SELECT id::text FROM %1$s WHERE n %% 3 = 0), ''{vk_bob}'', ''{read}''), relmeta.share_many(%1$L, array(SELECT id::text FROM %1$s WHERE n %% 5 = 0), ''{vk_team}'', ''{read,write}'')', k.t);
  PERFORM relmeta.enable_access_control(k.t);
  EXECUTE format('ANALYZE %s', k.t);
END LOOP; END $$;
CREATE FUNCTION seen(t regclass, OUT n bigint, OUT right_ones bigint) LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('SELECT count(*), count(*) FILTER (WHERE n %% 3 = 0 OR n %% 5 = 0) FROM %s', t) INTO n, right_ones; END $$;
CREATE FUNCTION changed(t regclass) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE c bigint; BEGIN
  EXECUTE format('UPDATE %s SET owner = owner', t); GET DIAGNOSTICS c = ROW_COUNT; RETURN c; END $$;

SET SESSION AUTHORIZATION regress_vk_bob;
-- 1000 and 600, less 200 that are both: by index, and by looking at each row
SELECT t, (seen(t)).*, changed(t) FROM kind;
-- => small|1400|1400|600
-- => whole|1400|1400|600
-- => big|1400|1400|600
-- => word|1400|1400|600
-- => short|1400|1400|600
-- => uid|1400|1400|600
-- => num|1400|1400|600
-- => stamp|1400|1400|600
-- => part|1400|1400|600
SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT DISTINCT (seen(t)).*, changed(t) FROM kind;
-- => 1400|1400|600
-- too many to gather
SET work_mem = '64kB'; SET hash_mem_multiplier = 1;
SELECT DISTINCT (seen(t)).*, changed(t) FROM kind;
-- => 1400|1400|600
RESET work_mem; RESET hash_mem_multiplier;
-- two tables, and the same one twice, with gathering under way in both
SELECT count(*) FROM whole AS a JOIN small AS b ON b.id = a.id WHERE a.n <= 300;
-- => 140
SELECT count(*) FROM whole AS a, LATERAL (SELECT * FROM whole AS b WHERE b.n BETWEEN a.n - 1 AND a.n + 1 OFFSET 0) AS b WHERE a.n <= 30;
-- => 22
SELECT count(*) FROM uid AS a JOIN word AS b ON b.n = a.n JOIN num AS c ON c.n = b.n;
-- => 1400

-- a cursor that gathers is interrupted by savepoints, by an error, by a change of its own principal's rights
BEGIN;
DECLARE c CURSOR FOR SELECT n FROM whole ORDER BY n;
DECLARE d CURSOR FOR SELECT n FROM uid;
MOVE 40 FROM c;
SAVEPOINT a;
MOVE 100 FROM d;
MOVE 100 FROM c;
ROLLBACK TO a;
MOVE 100 FROM c;
SAVEPOINT b;
SELECT relmeta.unshare('whole', (SELECT id::text FROM whole WHERE n = 2997), 'vk_bob');
-- => 1
SELECT 1 / 0;
-- => ERROR:  22012
ROLLBACK TO b;
SELECT relmeta.unshare('whole', (SELECT id::text FROM whole WHERE n = 2999 - 2), 'vk_bob');
-- => 1
-- as of the cursor's start, 2997 among them
MOVE 1157 FROM c;
FETCH 5 FROM c;
-- => 2995
-- => 2997
-- => 3000
MOVE ALL FROM d;
ROLLBACK;

-- entries that are dead, which a scan marks in the index
SET SESSION AUTHORIZATION regress_vk_owner;
SELECT relmeta.unshare_many('whole', array(SELECT id::text FROM whole WHERE n % 3 = 0), '{vk_bob}');
-- => 1000
SET SESSION AUTHORIZATION regress_vk_bob;
SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT seen('whole') FROM generate_series(1, 3);
-- => (600,600)
-- => (600,600)
-- => (600,600)

-- a look costs the more the more keys are held, all of which each process of a query reads: planned so
RESET ALL;
SET SESSION AUTHORIZATION regress_vk_owner;
VACUUM ANALYZE vk.whole;
CREATE FUNCTION vk.planned(OUT cost numeric) LANGUAGE plpgsql AS $$ DECLARE plan json; BEGIN
  SET LOCAL enable_bitmapscan = off;
  EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM vk.whole' INTO plan;
  cost := (plan -> 0 -> 'Plan' ->> 'Total Cost')::numeric / current_setting('cpu_operator_cost')::numeric / 3000; END $$;
RESET SESSION AUTHORIZATION;
SELECT format('ANALYZE %s', entry_table) FROM relmeta.registered_table WHERE relation = 'vk.whole'::regclass \gexec
SET SESSION AUTHORIZATION regress_vk_bob;
SELECT vk.planned() AS few \gset
SET SESSION AUTHORIZATION regress_vk_owner;
SELECT relmeta.share_many('vk.whole', array(SELECT id::text FROM vk.whole), '{vk_bob}', '{read}');
-- => 3000
RESET SESSION AUTHORIZATION;
SELECT format('ANALYZE %s', entry_table) FROM relmeta.registered_table WHERE relation = 'vk.whole'::regclass \gexec
SET SESSION AUTHORIZATION regress_vk_bob;
SELECT round(vk.planned() - :few, 2) AS operators_a_row;
-- => 16.00

-- rows asked about in another order than that of their keys: what is read on, once many have been asked about, is all of it
SET SESSION AUTHORIZATION regress_vk_owner;
SELECT relmeta.unshare_many('vk.whole', array(SELECT id::text FROM vk.whole WHERE n % 7 > 0), '{vk_bob}');
-- => 2572
CREATE INDEX mixed ON vk.whole (md5(n::text));
SET SESSION AUTHORIZATION regress_vk_bob;
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
SELECT count(*), count(*) FILTER (WHERE n % 5 = 0 OR n % 7 = 0) FROM (SELECT * FROM vk.whole ORDER BY md5(n::text) OFFSET 0) AS w;
-- => 943|943

RESET SESSION AUTHORIZATION;
DROP SCHEMA vk CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{vk_ann,vk_bob,vk_team}'::text[]) AS p;
DROP ROLE regress_vk_owner, regress_vk_bob;
