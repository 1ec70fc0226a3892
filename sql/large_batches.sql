-- Statements that change more rows than work_mem holds: what is collected goes to a file and comes back in batches.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_large_batches;
GRANT pg_monitor TO regress_large_batches;
CREATE SCHEMA large_batches AUTHORIZATION regress_large_batches;
SELECT relmeta.create_user(u) FROM unnest('{lb_ann,lb_bob}'::text[]) u;
SET SESSION AUTHORIZATION regress_large_batches;
SET search_path = large_batches;
SET work_mem = '64kB';

CREATE TABLE parent (id text PRIMARY KEY, owner_id text);
CREATE TABLE child (id text PRIMARY KEY, parent_id text, owner_id text);
CREATE TABLE grandchild (id int PRIMARY KEY, child_id text, owner_id text);
SELECT relmeta.register_table('parent', owner_column => 'owner_id');
SELECT relmeta.register_table('child', owner_column => 'owner_id');
SELECT relmeta.register_table('grandchild', owner_column => 'owner_id');
SET client_min_messages = warning;
SELECT relmeta.create_one_to_many('parent', 'child', 'parent_id', preset => 'parental', foreign_key => false);
-- => parent_child
SELECT relmeta.create_one_to_many('child', 'grandchild', 'child_id', preset => 'parental', foreign_key => false);
-- => child_grandchild
RESET client_min_messages;

-- A trigger that comes before relmeta's by its name, when the rows are collected and nothing has cascaded yet, says
-- whether this process has a temporary file.  Changing rows found by a scan makes none by itself.
CREATE TABLE file (statement text, is_there boolean);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO file SELECT format('%s of %s', TG_OP, TG_TABLE_NAME), count(*) > 0 FROM pg_ls_tmpdir()
  WHERE name LIKE format('pgsql\_tmp%s.%%', pg_backend_pid());
  RETURN NULL;
END $$;
CREATE TRIGGER a_look AFTER UPDATE OR DELETE ON parent FOR EACH STATEMENT EXECUTE FUNCTION look();

-- a lookup guarded in bulk, keys met once and several times
INSERT INTO parent SELECT 'p' || i, 'lb_ann' FROM generate_series(1, 25000) i;
INSERT INTO child SELECT 'c' || i, 'p' || i, 'lb_ann' FROM generate_series(1, 25000) i;
INSERT INTO grandchild SELECT i, 'c' || (i % 25000 + 1), 'lb_ann' FROM generate_series(1, 30000) i;
INSERT INTO child SELECT 'd' || i, 'p' || i, 'lb_ann' FROM generate_series(24000, 25001) i;
-- => ERROR:  insert or update on table "child" violates relationship "parent_child"

-- few rows are kept in memory
UPDATE parent SET owner_id = 'lb_ann' WHERE id IN ('p1', 'p2');
UPDATE parent SET owner_id = 'lb_bob' WHERE id IN ('p1', 'p2');
TABLE file;
-- => UPDATE of parent|f
-- => UPDATE of parent|f
TRUNCATE file;

-- assign, by one new owner and by several
UPDATE parent SET owner_id = 'lb_bob';
SELECT 'child', owner_id, count(*) FROM child GROUP BY owner_id
UNION ALL
SELECT 'grandchild', owner_id, count(*) FROM grandchild GROUP BY owner_id
ORDER BY 1;
-- => child|lb_bob|25000
-- => grandchild|lb_bob|30000
UPDATE parent SET owner_id = CASE WHEN right(id, 1) = '7' THEN 'lb_ann' END;
SELECT 'child', owner_id, count(*), count(*) FILTER (WHERE right(id, 1) = '7')
  FROM child GROUP BY owner_id
UNION ALL
SELECT 'grandchild', owner_id, count(*), count(*) FILTER (WHERE right(child_id, 1) = '7')
  FROM grandchild GROUP BY owner_id
ORDER BY 1, 2;
-- => child|lb_ann|2500|2500
-- => child||22500|0
-- => grandchild|lb_ann|3000|3000
-- => grandchild||27000|0

-- delete
DELETE FROM parent WHERE id <> 'p1';
SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child), (SELECT count(*) FROM grandchild);
-- => 1|1|1

-- each of them went to a file
TABLE file;
-- => UPDATE of parent|t
-- => UPDATE of parent|t
-- => DELETE of parent|t

-- A hierarchy of two levels, 25,000 rows wide: each slice of one finds its rows, and those below them, by the index, and
-- does not read the whole table for it.
CREATE TABLE tree (id int PRIMARY KEY, above int, owner_id text);
SELECT relmeta.register_table('tree', owner_column => 'owner_id');
SET client_min_messages = warning;
SELECT relmeta.create_one_to_many('tree', 'tree', 'above', preset => 'parental', foreign_key => false);
-- => tree_tree
RESET client_min_messages;
INSERT INTO tree SELECT i, CASE WHEN i > 25000 THEN i - 25000 END, 'lb_ann' FROM generate_series(1, 50000) i;
ANALYZE tree;
CREATE FUNCTION read_whole() RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN seq_tup_read < 2.5 * 50000 THEN 'read few times' ELSE format('%s rows were read one after the other', seq_tup_read) END
  FROM pg_stat_xact_user_tables WHERE relid = 'tree'::regclass
$$;
BEGIN;
UPDATE tree SET owner_id = 'lb_bob' WHERE id <= 25000;
SELECT read_whole();
-- => read few times
SELECT owner_id, count(*) FROM tree GROUP BY owner_id;
-- => lb_bob|50000
COMMIT;
BEGIN;
UPDATE tree SET owner_id = CASE WHEN id % 2 = 0 THEN 'lb_ann' END WHERE id <= 25000;
SELECT read_whole();
-- => read few times
SELECT owner_id, count(*), count(*) FILTER (WHERE id % 2 = 0) FROM tree GROUP BY owner_id ORDER BY 1;
-- => lb_ann|25000|25000
-- => |25000|0
COMMIT;
BEGIN;
SELECT relmeta.share_many('tree', array_agg(id::text), '{lb_bob}', '{read}') FROM tree WHERE id <= 25000;
-- => 50000
SELECT relmeta.unshare_many('tree', array_agg(id::text), '{lb_bob}') FROM tree WHERE id <= 25000;
-- => 50000
SELECT read_whole();
-- => read few times
COMMIT;
BEGIN;
DELETE FROM tree WHERE id <= 25000;
SELECT read_whole();
-- => read few times
SELECT count(*) FROM tree;
-- => 0
COMMIT;

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA large_batches CASCADE;
DROP ROLE regress_large_batches;
SELECT relmeta.drop_principal(u) FROM unnest('{lb_ann,lb_bob}'::text[]) u;
