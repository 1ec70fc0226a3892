-- setup.sql: relmeta, the trees, and a table for what is measured
CREATE EXTENSION relmeta;

\warn 'loading ...'
\set schema fk
\set fk true
\ir tree.sql
\set schema plain
\ir tree.sql
\set schema managed
\set fk false
\ir tree.sql
\set schema trig
\ir tree.sql
\set schema bare
\ir tree.sql
\ir relmeta.sql
\ir triggers.sql

CREATE SCHEMA bench;
-- ms on the wall, or of this backend on a processor
SELECT 'SELECT ' || CASE :'clock'
         WHEN 'cpu' THEN 'split_part(pg_read_file(''/proc/self/schedstat''), '' '', 1)::float8 / 1e6'
         ELSE 'extract(epoch FROM clock_timestamp())::float8 * 1e3'
       END AS body \gset
CREATE FUNCTION bench.clock() RETURNS float8 LANGUAGE sql AS :'body';
-- rows written so far, cascades included: in this transaction and, where a case commits, in those that are counted already
CREATE FUNCTION bench.rows() RETURNS bigint LANGUAGE sql AS $$
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
  FROM (SELECT schemaname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
        UNION ALL
        SELECT schemaname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables) AS counted
 WHERE schemaname NOT IN ('bench', 'relmeta')
$$;
CREATE TABLE bench.sample (
  position int,
  name     text,
  against  text,
  target   numeric,
  each     int,
  same     boolean,     -- both sides have to write the same number of rows
  side     text,
  run      int,         -- 0: to warm up
  ms       float8,      -- NULL: it failed
  rows     bigint,      -- inserted, updated or deleted; cascades included
  failure  text
);
VACUUM ANALYZE;
