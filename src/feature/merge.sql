-- feature: merge, and which rows were merged into which

CREATE TABLE relmeta.merge (
  relation    regclass NOT NULL REFERENCES relmeta.registered_table ON DELETE CASCADE,
  subordinate text COLLATE "C" NOT NULL,                  -- keys, as text that depends on no setting
  master      text COLLATE "C" NOT NULL,
  merged_at   timestamptz NOT NULL,
  merged_by   text COLLATE "C" NOT NULL,                  -- a principal, or a role without one
  PRIMARY KEY (relation, subordinate)
);
-- That the table is registered is not checked: a parallel restore copies tables in any order; a merge has locked it.
ALTER TABLE relmeta.merge DISABLE TRIGGER ALL;
CREATE INDEX merge_master_idx ON relmeta.merge (relation, master);
COMMENT ON TABLE relmeta.merge IS
'the merges of rows that are there; written by relmeta only, see view relmeta.merges';

SELECT pg_catalog.pg_extension_config_dump('relmeta.merge', '');
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.merge
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.merge ENABLE ALWAYS TRIGGER relmeta_changed;
-- he dumps the database
GRANT SELECT ON relmeta.merge TO pg_database_owner;

CREATE FUNCTION relmeta.merge(relation regclass, master_key text, subordinate_key text,
  update_content jsonb DEFAULT '{}', perform_parenting_checks boolean DEFAULT false, fill_empty boolean DEFAULT false)
RETURNS TABLE (relationship text, rows bigint, dropped bigint)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_merge';
COMMENT ON FUNCTION relmeta.merge(regclass, text, text, jsonb, boolean, boolean) IS
'Merges the subordinate row into the master: whom it is shared with gets the same rights on the master, the related '
'rows of relationships with merge = all and the links of many-to-many relationships become the master''s, and it becomes '
'inactive. update_content: values for columns of the master, as the caller''s own UPDATE (null sets NULL); fill_empty: '
'empty columns of the master take the subordinate''s values; perform_parenting_checks: both must have the same parents. '
'Returns, for each relationship concerned, how many rows or links were moved, and how many dropped since the master has '
'them already; a row without a name is for connections. Links in another role''s table, of which something fails, stay '
'with the subordinate, with a WARNING. Errors: 42501 the caller may update no column of the '
'table, or does not hold write and share on both rows, or what it would give; P0002 no such row; 55000 both are one '
'row, one of them is not active, the table has no state column or inactive state, the master is below the subordinate, '
'their parents differ; 23505 a unique lookup that both use; 42703, 428C9, 22023 for what update_content may not set.';

CREATE FUNCTION relmeta.merge(relation regclass, master_key text, subordinate_key "any",
  update_content jsonb DEFAULT '{}', perform_parenting_checks boolean DEFAULT false, fill_empty boolean DEFAULT false)
RETURNS TABLE (relationship text, rows bigint, dropped bigint)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_merge';
COMMENT ON FUNCTION relmeta.merge(regclass, text, "any", jsonb, boolean, boolean) IS
'The same as relmeta.merge(regclass, text, text, jsonb, boolean, boolean), for keys of any type.';

CREATE FUNCTION relmeta.merge(relation regclass, master_key "any", subordinate_key text,
  update_content jsonb DEFAULT '{}', perform_parenting_checks boolean DEFAULT false, fill_empty boolean DEFAULT false)
RETURNS TABLE (relationship text, rows bigint, dropped bigint)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_merge';
COMMENT ON FUNCTION relmeta.merge(regclass, "any", text, jsonb, boolean, boolean) IS
'The same as relmeta.merge(regclass, text, text, jsonb, boolean, boolean), for keys of any type.';

CREATE FUNCTION relmeta.merge(relation regclass, master_key "any", subordinate_key "any",
  update_content jsonb DEFAULT '{}', perform_parenting_checks boolean DEFAULT false, fill_empty boolean DEFAULT false)
RETURNS TABLE (relationship text, rows bigint, dropped bigint)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_merge';
COMMENT ON FUNCTION relmeta.merge(regclass, "any", "any", jsonb, boolean, boolean) IS
'The same as relmeta.merge(regclass, text, text, jsonb, boolean, boolean), for keys of any type.';

CREATE FUNCTION relmeta.merged_into(relation regclass, key text) RETURNS text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_merged_into';
COMMENT ON FUNCTION relmeta.merged_into(regclass, text) IS
'The key of the row that the row with this key has ended in, through any number of merges; NULL when it was never merged, or '
'the caller may not read one of the two. Errors: 42704 relation is not registered, 22P02 a key of another type.';

CREATE FUNCTION relmeta.merged_into(relation regclass, key "any") RETURNS text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_merged_into';
COMMENT ON FUNCTION relmeta.merged_into(regclass, "any") IS
'The same as relmeta.merged_into(regclass, text), for a key of any type.';

CREATE FUNCTION relmeta.merge_list(OUT relation regclass, OUT master text, OUT subordinate text,
  OUT merged_at timestamptz, OUT merged_by text)
RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_merge_list';
COMMENT ON FUNCTION relmeta.merge_list() IS 'For view relmeta.merges: the merges of rows that the caller may read.';

CREATE VIEW relmeta.merges AS
SELECT relation, master, subordinate, merged_at, merged_by FROM relmeta.merge_list();
COMMENT ON VIEW relmeta.merges IS
'the merges of rows that are there, both of which the current user may read; of a row that was merged several times the last';
COMMENT ON COLUMN relmeta.merges.relation IS 'the table of both rows';
COMMENT ON COLUMN relmeta.merges.master IS 'key of the row that the other was merged into, as text';
COMMENT ON COLUMN relmeta.merges.subordinate IS 'key of the row that was merged';
COMMENT ON COLUMN relmeta.merges.merged_at IS 'when it was';
COMMENT ON COLUMN relmeta.merges.merged_by IS 'the principal that merged, or the role where there was none';
GRANT SELECT ON relmeta.merges TO PUBLIC;
