-- A statement that changes far more rows than work_mem holds goes through them in slices, and what a slice needs is
-- freed after it.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_bounded_memory;
GRANT pg_read_all_stats TO regress_bounded_memory;
CREATE SCHEMA bounded_memory AUTHORIZATION regress_bounded_memory;
SELECT relmeta.create_user(u) FROM unnest('{bm_ann,bm_bob,bm_cat}'::text[]) u;
SET SESSION AUTHORIZATION regress_bounded_memory;
SET search_path = bounded_memory;
SET work_mem = '64kB';

CREATE TABLE parent (id int PRIMARY KEY, owner_id text);
CREATE TABLE child (id int PRIMARY KEY, parent_id int, owner_id text);
CREATE INDEX ON child (parent_id);
SELECT relmeta.register_table(t, owner_column => 'owner_id') FROM unnest('{parent,child}'::regclass[]) t;
SELECT relmeta.create_one_to_many('parent', 'child', 'parent_id', preset => 'parental', foreign_key => false);
-- => parent_child
INSERT INTO parent SELECT i, 'bm_ann' FROM generate_series(1, 100001) i;
INSERT INTO child SELECT i, i, 'bm_ann' FROM generate_series(1, 100001) i;
VACUUM ANALYZE parent, child;

-- What relmeta and the statement hold while slices are worked on: a BEFORE trigger of the related table sees it now and
-- then.  The events of AFTER triggers are the server's, 16 bytes a row.
CREATE TABLE seen (bytes bigint, filed bigint);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO seen SELECT sum(total_bytes), sum(total_bytes) FILTER (WHERE name IN ('relmeta spilled rows', 'tuplestore tuples'))
  FROM pg_backend_memory_contexts AS m
  WHERE name <> 'AfterTriggerEvents' AND to_jsonb(m) ->> 'parent' IS DISTINCT FROM 'CacheMemoryContext' AND name <> 'CacheMemoryContext';
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER look BEFORE UPDATE OR DELETE ON child FOR EACH ROW WHEN (OLD.id % 5000 = 1) EXECUTE FUNCTION look();
CREATE FUNCTION held() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  SELECT format('looked %s times, %s', count(*), CASE WHEN max(bytes) < 10 * 1024 * 1024 THEN 'bounded'
    ELSE format('up to %s bytes', max(bytes)) END) INTO result FROM seen;
  DELETE FROM seen;
  RETURN result;
END $$;

-- a list that has gone to a file keeps no work_mem for itself
SET work_mem = '1MB';
UPDATE parent SET owner_id = 'bm_cat' WHERE id <= 60000;
SELECT count(*), CASE WHEN max(filed) BETWEEN 1 AND 262144 THEN 'little' ELSE max(filed)::text END FROM seen;
-- => 12|little
DELETE FROM seen;
SET work_mem = '64kB';

-- assign, to one owner and to several: the last slice is of one row
UPDATE parent SET owner_id = 'bm_bob';
SELECT held();
-- => looked 21 times, bounded
SELECT owner_id, count(*) FROM child GROUP BY owner_id;
-- => bm_bob|100001
UPDATE parent SET owner_id = CASE WHEN id % 2 = 0 THEN 'bm_ann' ELSE 'bm_cat' END;
SELECT held();
-- => looked 21 times, bounded
SELECT owner_id, count(*), count(*) FILTER (WHERE id % 2 = 0) FROM child GROUP BY owner_id ORDER BY 1;
-- => bm_ann|50000|50000
-- => bm_cat|50001|0

-- rows that a statement assigns itself and comes to by its cascade, with several owners: their keys are kept, 64 to a word
CREATE TABLE pair (id int PRIMARY KEY, owner_id text);
CREATE TABLE twice (id int PRIMARY KEY, pair_id int, owner_id text);
SELECT relmeta.register_table(t, owner_column => 'owner_id') FROM unnest('{pair,twice}'::regclass[]) t;
SELECT relmeta.create_one_to_many('pair', 'twice', 'pair_id', preset => 'parental', foreign_key => false);
-- => pair_twice
INSERT INTO pair SELECT i, 'bm_ann' FROM generate_series(1, 60000) i;
INSERT INTO twice SELECT i, i, 'bm_ann' FROM generate_series(1, 60000) i;
VACUUM ANALYZE pair, twice;
CREATE FUNCTION look_at_frame() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO seen SELECT 0, sum(total_bytes) FROM pg_backend_memory_contexts WHERE name = 'relmeta frame';
  RETURN NEW;
END $$;
CREATE TRIGGER look BEFORE UPDATE ON twice FOR EACH ROW WHEN (OLD.id > 59990) EXECUTE FUNCTION look_at_frame();
WITH t AS (UPDATE twice SET owner_id = 'bm_bob' WHERE id <= 59990)
UPDATE pair SET owner_id = CASE WHEN id % 2 = 0 THEN 'bm_bob' ELSE 'bm_cat' END;
SELECT count(*), CASE WHEN max(filed) < 524288 THEN 'little' ELSE max(filed)::text END FROM seen;
-- => 10|little
DELETE FROM seen;

-- the same with keys of other types, which are kept in files
CREATE FUNCTION look_at_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO seen SELECT 0, sum(total_bytes) FROM pg_backend_memory_contexts WHERE name IN ('relmeta frame', 'relmeta recent keys');
  RETURN NEW;
END $$;
CREATE FUNCTION assigned_twice(key_type text, key text) RETURNS TABLE (looks bigint, bytes text, owners text) LANGUAGE plpgsql AS $$
BEGIN
  CREATE TABLE other (id int PRIMARY KEY, owner_id text);
  EXECUTE format('CREATE TABLE again (id %s PRIMARY KEY, number int, other_id int, owner_id text)', key_type);
  EXECUTE $q$SELECT relmeta.register_table(t, owner_column => 'owner_id') FROM unnest('{other,again}'::regclass[]) t$q$;
  EXECUTE $q$SELECT relmeta.create_one_to_many('other', 'again', 'other_id', preset => 'parental', foreign_key => false)$q$;
  INSERT INTO other SELECT i, 'bm_ann' FROM generate_series(1, 30000) i;
  EXECUTE format('INSERT INTO again SELECT %s, i, i, ''bm_ann'' FROM generate_series(1, 30000) i', key);
  CREATE TRIGGER look BEFORE UPDATE ON again FOR EACH ROW WHEN (OLD.number > 29990) EXECUTE FUNCTION look_at_keys();
  WITH t AS (UPDATE again SET owner_id = 'bm_bob' WHERE number <= 29990)
  UPDATE other SET owner_id = CASE WHEN id % 2 = 0 THEN 'bm_bob' ELSE 'bm_cat' END;
  SELECT count(*), CASE WHEN max(filed) < 524288 THEN 'little' ELSE max(filed)::text END INTO looks, bytes FROM seen;
  DELETE FROM seen;
  SELECT string_agg(format('%s %s', owner_id, n), ', ' ORDER BY owner_id) INTO owners FROM (SELECT owner_id, count(*) AS n FROM again GROUP BY 1) AS o;
  DROP TABLE again, other;
  RETURN NEXT;
END $$;
SELECT * FROM assigned_twice('uuid', 'md5(i::text)::uuid');
-- => 10|little|bm_bob 29995, bm_cat 5
SELECT * FROM assigned_twice('text', $$i || repeat('long', i % 300)$$);
-- => 10|little|bm_bob 29995, bm_cat 5
SELECT * FROM assigned_twice('numeric', $$i + 0.5$$);
-- => 10|little|bm_bob 29995, bm_cat 5
SELECT * FROM assigned_twice('float8', $$i + 0.5$$);
-- => 10|little|bm_bob 29995, bm_cat 5
SELECT * FROM assigned_twice('bit(32)', 'i::bit(32)');
-- => 10|little|bm_bob 29995, bm_cat 5
-- integers that lie apart
SELECT * FROM assigned_twice('bigint', 'i * 1000000007::bigint % 9007199254740881');
-- => 10|little|bm_bob 29995, bm_cat 5

-- access that goes on: a trigger of an administrator's on the entries sees what is held meanwhile
INSERT INTO child SELECT 200000 + i, 1, 'bm_ann' FROM generate_series(1, 60000) i;
SELECT relmeta.share('parent', 1, 'bm_bob', '{read}');
-- => 60002
RESET SESSION AUTHORIZATION;
GRANT INSERT ON bounded_memory.seen TO PUBLIC;
GRANT USAGE ON SCHEMA bounded_memory TO PUBLIC;
CREATE FUNCTION bounded_memory.look_at_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO bounded_memory.seen (bytes) SELECT sum(total_bytes) FROM pg_backend_memory_contexts AS m
  WHERE name <> 'AfterTriggerEvents' AND to_jsonb(m) ->> 'parent' IS DISTINCT FROM 'CacheMemoryContext' AND name <> 'CacheMemoryContext';
  RETURN NULL;
END $$;
SELECT t.entry_table AS entries FROM relmeta.registered_table t WHERE t.relation = 'bounded_memory.child'::regclass \gset
CREATE TRIGGER look AFTER UPDATE OR DELETE ON :entries FOR EACH ROW WHEN (OLD.object % 2000 = 0)
  EXECUTE FUNCTION bounded_memory.look_at_entry();
SET SESSION AUTHORIZATION regress_bounded_memory;
DELETE FROM seen;
SELECT relmeta.unshare('parent', 1, 'bm_bob');
-- => 60002
SELECT held();
-- => looked 30 times, bounded

-- delete, of 33 rows and 30 entries (bm_cat inherits from parent 1) that are looked at
DELETE FROM parent;
SELECT held();
-- => looked 63 times, bounded
SELECT count(*) FROM child;
-- => 0

-- a hierarchy that goes to a file, below before above: each row inherits from the one above it, whichever comes first; the
-- entries are made in slices, too
CREATE TABLE node (id int PRIMARY KEY, parent_id int, owner_id text);
SELECT relmeta.register_table('node', owner_column => 'owner_id');
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', preset => 'parental', foreign_key => false);
-- => node_node
RESET SESSION AUTHORIZATION;
SELECT t.entry_table AS entries FROM relmeta.registered_table t WHERE t.relation = 'bounded_memory.node'::regclass \gset
CREATE TRIGGER look AFTER INSERT ON :entries FOR EACH ROW WHEN (NEW.object % 2000 = 0) EXECUTE FUNCTION bounded_memory.look_at_entry();
SET SESSION AUTHORIZATION regress_bounded_memory;
INSERT INTO node SELECT i, NULL, CASE WHEN i % 2 = 0 THEN 'bm_bob' ELSE 'bm_cat' END FROM generate_series(-100, 0) i;
INSERT INTO node SELECT i, i - 101, 'bm_ann' FROM generate_series(30000, 1, -1) i;
SELECT held();
-- => looked 15 times, bounded
SELECT principal, inherited_access_rights_mask, count(*) FROM relmeta.principal_object_access WHERE relation = 'node'::regclass
GROUP BY 1, 2 ORDER BY 1;
-- => bm_bob|851991|15149
-- => bm_cat|851991|14851

-- all of them go below other rows of the statement; each is read a few times, and not the whole table for each slice
RESET SESSION AUTHORIZATION;
DROP TRIGGER look ON :entries;
SET SESSION AUTHORIZATION regress_bounded_memory;
BEGIN;
SELECT idx_tup_fetch + seq_tup_read AS before FROM pg_stat_xact_user_tables WHERE relid = 'node'::regclass \gset
UPDATE node SET parent_id = id - 100 WHERE id > 0;
SELECT CASE WHEN idx_tup_fetch + seq_tup_read - :before < 10 * 30000 THEN 'few' ELSE (idx_tup_fetch + seq_tup_read - :before)::text END
FROM pg_stat_xact_user_tables WHERE relid = 'node'::regclass;
-- => few
COMMIT;
SELECT principal, inherited_access_rights_mask, count(*) FROM relmeta.principal_object_access WHERE relation = 'node'::regclass
GROUP BY 1, 2 ORDER BY 1;
-- => bm_bob|851991|15000
-- => bm_cat|851991|15000
-- a loop among so many is found, by rows of the statement alone or by way of others
UPDATE node SET parent_id = CASE WHEN id = 1 THEN 29801 WHEN id <= 200 THEN 0 ELSE id - 200 END WHERE id > 0;
-- => ERROR:  a row of table "node" would be above itself in relationship "node_node"
UPDATE node SET parent_id = CASE id WHEN 24901 THEN 29901 ELSE 0 END WHERE id BETWEEN 1 AND 24999;
-- => ERROR:  a row of table "node" would be above itself in relationship "node_node"

-- what is kept of a row that goes to another partition is freed when the next one does
CREATE TABLE part (id text PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE part_a PARTITION OF part FOR VALUES FROM ('a') TO ('b');
CREATE TABLE part_b PARTITION OF part FOR VALUES FROM ('b') TO ('c');
SELECT relmeta.register_table('part', owner_column => 'owner_id');
CREATE TRIGGER a_look AFTER UPDATE ON part FOR EACH STATEMENT EXECUTE FUNCTION look_at_frame();
INSERT INTO part SELECT 'a' || i || repeat('x', 40), 'bm_ann' FROM generate_series(1, 20000) AS i;
TRUNCATE seen;
UPDATE part SET id = 'b' || substr(id, 2);
SELECT CASE WHEN filed < 524288 THEN 'little' ELSE filed::text END FROM seen;
-- => little

-- what is in files that may not grow any more is closed by the abort, without another error
RESET SESSION AUTHORIZATION;
INSERT INTO parent SELECT i, 'bm_ann' FROM generate_series(300001, 330000) AS i;
INSERT INTO child SELECT i, i, 'bm_ann' FROM generate_series(300001, 330000) AS i;
SET temp_file_limit = '100kB';
\set VERBOSITY sqlstate
UPDATE parent SET owner_id = CASE WHEN id % 2 = 0 THEN 'bm_bob' ELSE 'bm_cat' END;
-- => ERROR:  53400
SELECT count(*) FROM pg_ls_tmpdir() WHERE name LIKE format('pgsql_tmp%s.%%', pg_backend_pid());
-- => 0
BEGIN;
SAVEPOINT s;
UPDATE parent SET owner_id = CASE WHEN id % 2 = 0 THEN 'bm_bob' ELSE 'bm_cat' END;
-- => ERROR:  53400
ROLLBACK TO s;
SELECT count(*) FROM pg_ls_tmpdir() WHERE name LIKE format('pgsql_tmp%s.%%', pg_backend_pid());
-- => 0
COMMIT;
RESET temp_file_limit;
SET client_min_messages = warning;
DROP SCHEMA bounded_memory CASCADE;
DROP OWNED BY regress_bounded_memory;
DROP ROLE regress_bounded_memory;
SELECT relmeta.drop_principal(u) FROM unnest('{bm_ann,bm_bob,bm_cat}'::text[]) u;
