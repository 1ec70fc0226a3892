-- Kept plans go by indexes, also those that were made while the tables had a row or two: a
-- deep chain that is done level by level must not read a whole table at each of its levels.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT relmeta.create_user(u) FROM unnest(ARRAY['kp_ann', 'kp_bob']) AS u;
CREATE SCHEMA kp;
CREATE TABLE kp.item (id int PRIMARY KEY, owner_id text, above int);
SELECT relmeta.register_table('kp.item', 'owner_id');
SELECT relmeta.create_one_to_many('kp.item', 'kp.item', 'above', 'kp_item', preset => 'parental');
-- => kp_item
INSERT INTO kp.item VALUES (1, 'kp_ann', NULL), (2, 'kp_ann', 1);
SELECT relmeta.share('kp.item', 1, 'kp_bob', '{read,write}');
-- => 2
INSERT INTO kp.item SELECT i, 'kp_ann', i - 1 FROM generate_series(3, 3000) AS i;
BEGIN;
SELECT relmeta.share('kp.item', 1, 'kp_bob', '{append}');
-- => 3000
-- a few rows read per level, not a few thousand
SELECT schemaname, relname, seq_tup_read + idx_tup_fetch < 30 * 3000 AS few
FROM pg_stat_xact_all_tables WHERE schemaname IN ('kp', 'relmeta_access') AND relname = 'item' ORDER BY 1;
-- => kp|item|t
-- => relmeta_access|item|t
COMMIT;
DROP SCHEMA kp CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest(ARRAY['kp_ann', 'kp_bob']) AS p;
