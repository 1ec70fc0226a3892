-- linked_slices: a statement inserts, or moves, more rows below each other than are linked together, while all that it
-- has collected of them fits work_mem.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_linked_slices;
CREATE SCHEMA linked_slices AUTHORIZATION regress_linked_slices;
SELECT count(relmeta.create_user('linked_slices_owner_00000000' || i)) FROM generate_series(1, 300) i;
-- => 300
SELECT relmeta.create_user('ls_' || u) FROM unnest('{ann,bob,cat,dan}'::text[]) u;
SET SESSION AUTHORIZATION regress_linked_slices;
SET search_path = linked_slices;

CREATE TABLE node (id int PRIMARY KEY, owner_id text, parent_id int);
SELECT relmeta.register_table('node', owner_column => 'owner_id');
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', preset => 'parental');
-- => node_node
INSERT INTO node VALUES (0, 'ls_ann', NULL);
SELECT relmeta.share('node', 0, 'ls_bob', '{read,write}'), relmeta.share('node', 0, 'ls_cat');
-- => 1|1

-- 300 rows below the top are each of another owner, who holds all on the four below his; these come first
SET work_mem = '96kB';
INSERT INTO node
  SELECT 1000 + i, 'ls_dan', i % 300 + 1 FROM generate_series(1, 1200) i
  UNION ALL SELECT i, 'linked_slices_owner_00000000' || i, 0 FROM generate_series(1, 300) i;
RESET work_mem;

CREATE VIEW held AS
  SELECT CASE WHEN n.id > 1000 THEN 'below' ELSE 'middle' END AS row,
    CASE WHEN e.principal = p.owner_id THEN 'the owner above' ELSE e.principal END AS principal, e.inherited_access_rights_mask AS rights
  FROM relmeta.principal_object_access AS e JOIN node AS n ON n.id::text = e.object_key JOIN node AS p ON p.id = n.parent_id
  WHERE e.relation = 'node'::regclass;
SELECT row, principal, rights, count(*) FROM held GROUP BY 1, 2, 3 ORDER BY 1, 2;
-- => below|ls_ann|851991|1200, ls_bob|3|1200, ls_cat|1|1200, the owner above|851991|1200
-- => middle|ls_bob|3|300, ls_cat|1|300, the owner above|851991|300

-- the same rows moved: away, and back
UPDATE node SET parent_id = NULL WHERE id > 0;
SELECT count(*) FROM held;
-- => 0
SET work_mem = '96kB';
UPDATE node SET parent_id = CASE WHEN id > 1000 THEN (id - 1000) % 300 + 1 ELSE 0 END WHERE id > 0;
RESET work_mem;
SELECT row, principal, rights, count(*) FROM held GROUP BY 1, 2, 3 ORDER BY 1, 2;
-- => as above

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA linked_slices CASCADE;
DROP ROLE regress_linked_slices;
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal LIKE 'linked_slices_owner_%' OR principal LIKE 'ls\_%';
-- => 304
