-- An owner's type may refuse a name by whatever error: ltree's is 42601 (SEMANTICS 2.2).  Below each query "-- =>" repeats what the contract
-- predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SELECT count(*) = 0 AS missing FROM pg_available_extensions WHERE name = 'ltree' \gset
\if :missing
\echo skipped: ltree is not installed
\quit
\endif
CREATE SCHEMA lt;
CREATE EXTENSION ltree SCHEMA lt;
SET search_path = lt;
DO $$ BEGIN PERFORM relmeta.create_user('lt.bob'); END $$;
CREATE TABLE o (id int PRIMARY KEY, owner ltree);
INSERT INTO o VALUES (1, 'lt.bob');
SELECT relmeta.register_table('o', 'owner');
-- =>
SELECT relmeta.create_user('lt Ann@example.com');
-- =>
SELECT relmeta.act_as('lt x y', false);
-- => ERROR:  42704
SELECT relmeta.share('o', 1, 'lt x y');
-- => ERROR:  22023, it cannot be named there
SELECT relmeta.share('o', 1, 'lt Ann@example.com');
-- => ERROR:  22023
SET relmeta.principal = 'lt x y';
SELECT relmeta.current_principal() IS NULL;
-- => t
RESET relmeta.principal;
SELECT relmeta.reassign_owned('lt.bob', 'lt Ann@example.com');
-- => WARNING: the rows are left, and 0
SELECT relmeta.revoke_all('lt Ann@example.com');
-- => 0

-- in a parallel worker
SET relmeta.principal = 'lt Ann@example.com';
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT relmeta.enable_access_control('o');
-- =>
CREATE ROLE regress_lt;
GRANT USAGE ON SCHEMA lt TO regress_lt;
GRANT SELECT ON o TO regress_lt;
SET ROLE regress_lt;
SELECT count(*) FROM o;
-- => 0
RESET ROLE;
RESET relmeta.principal;
SELECT relmeta.drop_principal('lt Ann@example.com');
-- =>
DROP SCHEMA lt CASCADE;
SELECT relmeta.drop_principal('lt.bob');
-- =>
DELETE FROM relmeta.principal_type WHERE NOT EXISTS (SELECT FROM pg_type WHERE oid = type);
DROP ROLE regress_lt;
