-- The rule by which tools tell a many-to-many: exactly two foreign keys, of one column each; a primary key over exactly both;
-- an index led by the second; no other column.  Prints each default intersect table that breaks it.
SELECT m.name, m.intersect_table
  FROM relmeta.many_to_many AS m
  CROSS JOIN LATERAL (SELECT m.intersect_table::regclass AS oid) AS t
  CROSS JOIN LATERAL (SELECT array_agg(attnum ORDER BY attnum) AS columns FROM pg_attribute
                       WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped) AS a
  CROSS JOIN LATERAL (SELECT array_agg(conkey[1] ORDER BY conkey[1]) AS columns, bool_and(cardinality(conkey) = 1) AS single
                        FROM pg_constraint WHERE conrelid = t.oid AND contype = 'f') AS f
 WHERE NOT (f.single AND cardinality(f.columns) = 2 AND f.columns = a.columns
   AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = t.oid AND contype = 'p' AND conkey = a.columns)
   AND EXISTS (SELECT FROM pg_index WHERE indrelid = t.oid AND indisvalid AND indkey[0] = a.columns[2]));
