-- All that an extension's script can make, as text, independent of OIDs and of the order of columns.
WITH member AS (
  SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
   WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'relmeta'),
rel AS (SELECT c.* FROM pg_class AS c JOIN member AS m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid)
SELECT 'member ' || pg_describe_object(classid, objid, 0) FROM member
UNION ALL
SELECT 'comment ' || pg_describe_object(classid, objid, 0) || ': ' || obj_description(objid, classid::regclass::text::name) FROM member
 WHERE obj_description(objid, classid::regclass::text::name) IS NOT NULL
UNION ALL
SELECT 'function ' || regexp_replace(pg_get_functiondef(p.oid), '\s+', ' ', 'g') || ' ' || coalesce(p.proacl::text, '')
  FROM pg_proc AS p JOIN member AS m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
UNION ALL
SELECT 'relation ' || oid::regclass || ' ' || relkind::text || ' ' || relpersistence::text || ' ' || relrowsecurity || ' ' || coalesce(reloptions::text, '')
       || ' ' || coalesce((SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) AS a), '')
  FROM rel
UNION ALL
SELECT 'column ' || rel.oid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
       || ' ' || a.attidentity::text || a.attgenerated::text || ' ' || a.attcollation::regcollation || ' '
       || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || ' ' || coalesce(col_description(rel.oid, a.attnum), '')
  FROM rel JOIN pg_attribute AS a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE rel.relkind <> 'i'
UNION ALL
SELECT 'constraint ' || c.conrelid::regclass || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
  FROM pg_constraint AS c JOIN rel ON rel.oid = c.conrelid
UNION ALL
SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM pg_index AS i JOIN rel ON rel.oid = i.indrelid
UNION ALL
SELECT 'view ' || rel.oid::regclass || ' ' || regexp_replace(pg_get_viewdef(rel.oid), '\s+', ' ', 'g') FROM rel WHERE relkind = 'v'
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text FROM pg_trigger AS t JOIN rel ON rel.oid = t.tgrelid
 WHERE NOT t.tgisinternal
UNION ALL
SELECT 'event trigger ' || evtname || ' ' || evtevent || ' ' || evtfoid::regproc || ' ' || evtenabled::text || ' '
       || coalesce((SELECT string_agg(t, ',' ORDER BY t) FROM unnest(evttags) AS t), '')
  FROM pg_event_trigger AS t JOIN member AS m ON m.classid = 'pg_event_trigger'::regclass AND m.objid = t.oid
UNION ALL
SELECT 'enum ' || t.oid::regtype || ' ' || string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
  FROM pg_type AS t JOIN member AS m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid JOIN pg_enum AS e ON e.enumtypid = t.oid
 GROUP BY t.oid
UNION ALL
SELECT 'cast ' || castsource::regtype || ' ' || casttarget::regtype || ' ' || castcontext::text || ' ' || castmethod::text
  FROM pg_cast AS c JOIN member AS m ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid
UNION ALL
SELECT 'schema ' || nspname || ' ' || coalesce((SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(nspacl) AS a), '')
  FROM pg_namespace WHERE nspname = 'relmeta'
UNION ALL
SELECT 'dumped ' || c.oid::regclass || ' ' || c.condition
  FROM pg_extension, unnest(extconfig, extcondition) AS c(oid, condition) WHERE extname = 'relmeta'
UNION ALL
SELECT 'version ' || extversion || ' ' || extrelocatable FROM pg_extension WHERE extname = 'relmeta'
ORDER BY 1;
