-- intersect: the catalog table of N:N relationships.  Names share one name space with relmeta.relationship.

CREATE TABLE relmeta.intersect_relationship (
  relationship_id   int PRIMARY KEY
                    DEFAULT pg_catalog.nextval('relmeta.relationship_relationship_id_seq'::pg_catalog.regclass),
  name              text COLLATE "C" NOT NULL UNIQUE,     -- stable: first argument of the intersect table's triggers
  table1            regclass,                             -- NULL while there is no such table
  column1           name NOT NULL,                        -- of the intersect table
  table2            regclass,
  column2           name NOT NULL,
  intersect_table   regclass UNIQUE,                      -- NULL: pending
  is_adopted        boolean NOT NULL DEFAULT false,       -- the application's own junction table
  is_symmetric      boolean NOT NULL DEFAULT false,
  allow_self        boolean NOT NULL DEFAULT true,
  surrogate_key     boolean NOT NULL DEFAULT false,
  allow_duplicates  boolean NOT NULL DEFAULT false,
  unique_by         name[],                               -- attributes that join the key
  original_name     text COLLATE "C",                     -- of the document that it was imported from, if longer
  -- What a pending relationship needs besides, all NULL once the intersect table stands.
  schema1           name,                                 -- the names of a table that does not exist yet
  table_name1       name,
  schema2           name,
  table_name2       name,
  intersect_schema  name,
  intersect_name    name,
  numbered          boolean,                              -- the intersect table's name may get a number
  attributes        text,
  declarer          regrole,                              -- creates the intersect table
  search_path       text,                                 -- of the declaration; attributes are read with it
  last_error        text,
  CHECK ((intersect_table IS NULL) = (declarer IS NOT NULL)),
  CHECK (intersect_table IS NULL OR (table1 IS NOT NULL AND table2 IS NOT NULL))
);
CREATE INDEX intersect_relationship_table1_idx ON relmeta.intersect_relationship (table1);
CREATE INDEX intersect_relationship_table2_idx ON relmeta.intersect_relationship (table2);
CREATE INDEX intersect_relationship_pending1_idx ON relmeta.intersect_relationship (schema1, table_name1)
  WHERE intersect_table IS NULL;
CREATE INDEX intersect_relationship_pending2_idx ON relmeta.intersect_relationship (schema2, table_name2)
  WHERE intersect_table IS NULL;
COMMENT ON TABLE relmeta.intersect_relationship IS
'N:N relationships: two tables and their intersect table, or what is needed to make it';

-- without what can never be made, since its declarer is gone: his number is somebody else's elsewhere
SELECT pg_catalog.pg_extension_config_dump('relmeta.intersect_relationship',
  'WHERE (declarer IS NULL OR declarer IN (SELECT oid FROM pg_catalog.pg_roles))
    AND NOT EXISTS (SELECT FROM pg_catalog.unnest(ARRAY[table1, table2, intersect_table]) AS r
      WHERE r NOT IN (SELECT oid FROM pg_catalog.pg_class))');

CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.intersect_relationship
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.intersect_relationship ENABLE ALWAYS TRIGGER relmeta_changed;

GRANT SELECT ON relmeta.intersect_relationship TO PUBLIC;
