-- A row that is shared with many principals: what each holds goes down, is taken and comes back, for all of them.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_many_sharees;
CREATE SCHEMA many_sharees AUTHORIZATION regress_many_sharees;
SELECT count(relmeta.create_user('ms_' || i)) FROM generate_series(0, 500) i;
SET SESSION AUTHORIZATION regress_many_sharees;
SET search_path = many_sharees;

CREATE TABLE parent (id int PRIMARY KEY, owner_id text);
CREATE TABLE child (id int PRIMARY KEY, parent_id int, owner_id text);
CREATE TABLE grandchild (id int PRIMARY KEY, child_id int, owner_id text);
SELECT count(relmeta.register_table(t, owner_column => 'owner_id')) FROM unnest('{parent,child,grandchild}'::regclass[]) t;
SELECT relmeta.create_one_to_many('parent', 'child', 'parent_id', preset => 'parental', foreign_key => false);
-- => parent_child
SELECT relmeta.create_one_to_many('child', 'grandchild', 'child_id', preset => 'parental', foreign_key => false);
-- => child_grandchild
INSERT INTO parent VALUES (1, 'ms_0'), (2, 'ms_0');
INSERT INTO child VALUES (1, 1, 'ms_0');
INSERT INTO grandchild VALUES (1, 1, 'ms_0'), (2, 1, 'ms_0');
CREATE VIEW held AS
  SELECT relation, count(*) AS entries, count(DISTINCT principal) AS principals, sum(inherited_access_rights_mask) AS bits
  FROM relmeta.principal_object_access
  WHERE relation IN ('child'::regclass, 'grandchild'::regclass) GROUP BY relation;

-- a principal that is named twice is one
SELECT relmeta.share_many('parent', '{1}', ARRAY(SELECT 'ms_' || i FROM generate_series(1, 500) i) || '{ms_7}'::text[], '{read}');
-- => 2000
SELECT * FROM held ORDER BY 1;
-- => child|500|500|500
-- => grandchild|1000|500|1000

-- away from the shared row, and back
UPDATE child SET parent_id = 2;
SELECT count(*) FROM held;
-- => 0
UPDATE child SET parent_id = 1;
SELECT * FROM held ORDER BY 1;
-- => child|500|500|500
-- => grandchild|1000|500|1000

-- its owner changes: one of the sharees has no entry for his own
UPDATE parent SET owner_id = 'ms_1' WHERE id = 1;
SELECT DISTINCT owner_id FROM grandchild;
-- => ms_1
SELECT relmeta.unshare_many('parent', '{1}', ARRAY(SELECT 'ms_' || i FROM generate_series(2, 400) i));
-- => 1596
SELECT relmeta.has_access('grandchild', 2, 'read', 'ms_400'), relmeta.has_access('grandchild', 2, 'read', 'ms_401');
-- => f|t

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA many_sharees CASCADE;
DROP ROLE regress_many_sharees;
SELECT count(relmeta.drop_principal('ms_' || i)) FROM generate_series(0, 500) i;
