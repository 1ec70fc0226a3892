-- Statements that change more rows than work_mem holds: what is collected goes to a file and comes back in batches.
CREATE ROLE regress_large_batches;
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
SELECT relmeta.create_one_to_many('child', 'grandchild', 'child_id', preset => 'parental', foreign_key => false);
RESET client_min_messages;

-- a lookup guarded in bulk, keys met once and several times
INSERT INTO parent SELECT 'p' || i, 'lb_ann' FROM generate_series(1, 25000) i;
INSERT INTO child SELECT 'c' || i, 'p' || i, 'lb_ann' FROM generate_series(1, 25000) i;
INSERT INTO grandchild SELECT i, 'c' || (i % 25000 + 1), 'lb_ann' FROM generate_series(1, 30000) i;
INSERT INTO child SELECT 'd' || i, 'p' || i, 'lb_ann' FROM generate_series(24000, 25001) i;

-- assign, by one new owner and by several
UPDATE parent SET owner_id = 'lb_bob';
SELECT 'child' AS "table", owner_id, count(*) FROM child GROUP BY owner_id
UNION ALL
SELECT 'grandchild', owner_id, count(*) FROM grandchild GROUP BY owner_id;
UPDATE parent SET owner_id = CASE WHEN right(id, 1) = '7' THEN 'lb_ann' END;
SELECT 'child' AS "table", owner_id, count(*), count(*) FILTER (WHERE right(id, 1) = '7') AS sevens
  FROM child GROUP BY owner_id
UNION ALL
SELECT 'grandchild', owner_id, count(*), count(*) FILTER (WHERE right(child_id, 1) = '7')
  FROM grandchild GROUP BY owner_id
ORDER BY 1, 2;

-- delete
DELETE FROM parent WHERE id <> 'p1';
SELECT (SELECT count(*) FROM parent) AS parents, (SELECT count(*) FROM child) AS children,
       (SELECT count(*) FROM grandchild) AS grandchildren;

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA large_batches CASCADE;
DROP ROLE regress_large_batches;
SELECT relmeta.drop_principal(u) FROM unnest('{lb_ann,lb_bob}'::text[]) u;
