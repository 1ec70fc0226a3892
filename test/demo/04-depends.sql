-- == 4. Many to many: which package needs which ==
--
-- A relationship of binary_package with itself.  relmeta makes the intersect table:
-- two foreign keys, a primary key over both, an index for the other direction.

SELECT relmeta.create_many_to_many('binary_package', 'binary_package', name => 'depends', intersect_table => 'depends',
                                   column1 => 'package', column2 => 'needs', attributes => 'kind text NOT NULL');
\d depends

-- It is a table like any other: COPY fills it.

\copy depends FROM 'depends.tsv'
VACUUM ANALYZE depends;
\ir peer-depends.psql
SELECT kind, count(*) FROM depends GROUP BY kind ORDER BY count(*) DESC;

SELECT name AS package FROM binary_package WHERE name IN ('git', 'bash', 'perl') ORDER BY name LIMIT 1 \gset
SELECT coalesce((SELECT keys FROM (VALUES (1, ARRAY['libgtk-3-0', 'libsqlite3-0', 'libcurl4']), (2, ARRAY['libc6', 'libssl3', 'zlib1g'])) c (n, keys) WHERE keys <@ (SELECT array_agg(name) FROM binary_package) ORDER BY n LIMIT 1), (SELECT array_agg(needs) FROM (SELECT needs FROM depends GROUP BY needs ORDER BY count(*) DESC LIMIT 3) t)) AS keys \gset

-- What does one package need, and which packages need all of these three?

SELECT * FROM relmeta.links('depends', :'package') ORDER BY key LIMIT 5;
\timing on
SELECT count(*) AS packages, min(p) AS "first", max(p) AS "last"
  FROM relmeta.associated_with_all('depends', :'keys') p;

-- The same written by hand:

SELECT count(*) AS packages, min(package) AS "first", max(package) AS "last"
  FROM (SELECT package FROM depends WHERE needs = ANY (:'keys')
         GROUP BY package HAVING count(*) = cardinality(:'keys'::text[])) d;
\timing off

-- The intersect table is the relationship's: its shape stays what everyone relies on.

\set ON_ERROR_STOP off
ALTER TABLE depends ADD COLUMN comment text;
\set ON_ERROR_STOP on
\ir refused.psql
