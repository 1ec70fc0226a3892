-- Every object of the extension is documented, and none can be led astray by a search_path.
-- Below each query "-- =>" repeats what the contract predicts.
\pset format unaligned
\pset tuples_only on
CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, pg_catalog.pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_extension AS e ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
WHERE d.deptype = 'e' AND e.extname = 'relmeta';
SELECT count(*) > 20 AS has_members FROM member;
-- => t

-- Objects without a COMMENT: none.  (Array types, row types and TOAST tables go with another object.)
SELECT object
FROM member
  LEFT JOIN pg_catalog.pg_description AS d ON d.classoid = member.classid AND d.objoid = member.objid AND d.objsubid = 0
WHERE coalesce(d.description, '') = ''
  AND NOT (member.classid = 'pg_catalog.pg_type'::regclass AND EXISTS (
    SELECT FROM pg_catalog.pg_type AS t
    WHERE t.oid = member.objid AND (t.typelem <> 0 OR t.typrelid <> 0)))
ORDER BY object COLLATE "C";
-- => none
-- Columns of views without one: none.
SELECT c.relname, a.attname
FROM member
  JOIN pg_catalog.pg_class AS c ON member.classid = 'pg_catalog.pg_class'::regclass AND c.oid = member.objid
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind = 'v' AND coalesce(pg_catalog.col_description(c.oid, a.attnum), '') = ''
ORDER BY c.relname COLLATE "C", a.attnum;
-- => none
SELECT pg_catalog.obj_description('relmeta'::regnamespace, 'pg_namespace') IS NOT NULL AS described;
-- => t

-- Functions that run with their owner's rights and the caller's search_path: none. (ATTACKS 52)
SELECT object
FROM member
  JOIN pg_catalog.pg_proc AS p ON member.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = member.objid
WHERE p.prosecdef AND NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)
ORDER BY object COLLATE "C";
-- => none

-- Relations that PUBLIC can write: none.
SELECT object
FROM member
  JOIN pg_catalog.pg_class AS c ON member.classid = 'pg_catalog.pg_class'::regclass AND c.oid = member.objid
WHERE c.relkind IN ('r', 'v', 'p') AND pg_catalog.has_table_privilege('public', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
  OR c.relkind = 'S' AND pg_catalog.has_sequence_privilege('public', c.oid, 'USAGE, UPDATE')
ORDER BY object COLLATE "C";
-- => none

DROP VIEW member;
