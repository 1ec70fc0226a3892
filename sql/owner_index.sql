-- owner_index: the index that enable_access_control makes on an owner column is the one that disable_access_control drops, under whatever
-- name: SEMANTICS 2.5.  The catalog has its name, which restores before there is an index (test/t/dump_restore.pl).
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_oi_own;
CREATE SCHEMA "oi 1" AUTHORIZATION regress_oi_own;
SET search_path = "oi 1";
SET ROLE regress_oi_own;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE "Part ""1""" (id int PRIMARY KEY, "The owner" text) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF "Part ""1""" FOR VALUES FROM (1) TO (10);
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('"Part ""1"""', 'The owner');
CREATE FUNCTION enable() RETURNS TABLE (relation regclass, owner_index name) BEGIN ATOMIC
  SELECT relmeta.enable_access_control('account'), relmeta.enable_access_control('"Part ""1"""');
  SELECT relation, owner_index FROM relmeta.registered_table WHERE relation::text !~ '\.' ORDER BY relation::text COLLATE "C";
END;
CREATE FUNCTION disable() RETURNS SETOF regclass BEGIN ATOMIC
  SELECT relmeta.disable_access_control('account'), relmeta.disable_access_control('"Part ""1"""');
  SELECT c.oid FROM pg_class AS c WHERE relnamespace = '"oi 1"'::regnamespace AND relkind IN ('i', 'I') ORDER BY relname COLLATE "C";
END;
SELECT * FROM enable();
SELECT disable();
-- => the three primary keys

-- renamed by either statement, rebuilt, in another schema, with the column under another name
SELECT * FROM enable();
ALTER INDEX account_owner_id_idx RENAME TO "An index";
ALTER TABLE "Part ""1""_The owner_idx" RENAME TO p;
ALTER INDEX "part_1_The owner_idx" RENAME TO p1;
ALTER TABLE account RENAME owner_id TO o;
REINDEX INDEX "An index";
REINDEX INDEX CONCURRENTLY "An index";
SELECT relmeta.alter_column_type('account', 'o', 'varchar');
RESET ROLE;
CREATE SCHEMA oi_2 AUTHORIZATION regress_oi_own;
SET ROLE regress_oi_own;
ALTER TABLE account SET SCHEMA oi_2;
ALTER TABLE oi_2.account SET SCHEMA "oi 1";
SELECT relation, owner_index FROM relmeta.registered_table WHERE relation::text !~ '\.' ORDER BY relation::text COLLATE "C";
-- => An index, p
SELECT disable();
-- => the three primary keys
SELECT relation, owner_index FROM relmeta.registered_table WHERE relation::text !~ '\.' ORDER BY relation::text COLLATE "C";
-- => no index

-- dropped by hand, and another made under its name: that one is its maker's
SELECT * FROM enable();
DROP INDEX CONCURRENTLY account_o_idx;
DROP INDEX "Part ""1""_The owner_idx";
CREATE INDEX account_o_idx ON account (o);
CREATE INDEX "Part ""1""_The owner_idx" ON "Part ""1""" ("The owner");
SELECT * FROM enable();
-- => none is relmeta's
SELECT disable();
-- => both are there
DROP INDEX account_o_idx, "Part ""1""_The owner_idx";

-- an index that has its name is not dropped unless it is led by the column, whatever events have been missed
SELECT * FROM enable();
RESET ROLE;
ALTER EVENT TRIGGER relmeta_sql_drop DISABLE;
DROP INDEX account_o_idx;
ALTER EVENT TRIGGER relmeta_sql_drop ENABLE;
SET ROLE regress_oi_own;
CREATE INDEX account_o_idx ON account (id, o);
SELECT disable();
-- => account_o_idx is there, that of the partitioned table is not
DROP INDEX account_o_idx;

-- a table that has its own
CREATE INDEX mine ON account (o);
SELECT * FROM enable();
ALTER INDEX mine RENAME TO account_o_idx;
SELECT disable();
-- => account_o_idx is there
DROP INDEX account_o_idx;

-- the column goes with its type, and the index with it
SELECT relmeta.unregister_table('account');
RESET ROLE;
CREATE TYPE who AS ENUM ('oi_ann');
SET ROLE regress_oi_own;
CREATE TABLE thing (id int PRIMARY KEY, owner_id who);
SELECT relmeta.register_table('thing', 'owner_id'), relmeta.enable_access_control('thing');
RESET ROLE;
SELECT relation, owner_index FROM relmeta.registered_table WHERE relation = 'thing'::regclass;
DROP TYPE who CASCADE;
SELECT relation, owner_index FROM relmeta.registered_table WHERE relation = 'thing'::regclass;
-- => no index

SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
SET client_min_messages = error;
DROP SCHEMA "oi 1", oi_2 CASCADE;
DROP ROLE regress_oi_own;
