-- mapping: what a new related row takes over from its primary row.  SEMANTICS 2.7, 3.12

CREATE TABLE relmeta.column_mapping (
  relationship_id int NOT NULL REFERENCES relmeta.relationship ON DELETE CASCADE,
  source_column   name NOT NULL,                          -- of the primary table
  target_column   name NOT NULL,                          -- of the related table
  PRIMARY KEY (relationship_id, target_column)
);
COMMENT ON TABLE relmeta.column_mapping IS
'which columns of a new related row get values of the primary row; the columns by name';
SELECT pg_catalog.pg_extension_config_dump('relmeta.column_mapping', '');
-- the key is there for ON DELETE CASCADE; a parallel restore copies this table before or after what it refers to
ALTER TABLE relmeta.column_mapping DISABLE TRIGGER ALL;
GRANT SELECT ON relmeta.column_mapping TO PUBLIC;

CREATE VIEW relmeta.mappings AS
SELECT r.name AS relationship, m.source_column, m.target_column
FROM relmeta.column_mapping AS m JOIN relmeta.relationship AS r USING (relationship_id);
COMMENT ON VIEW relmeta.mappings IS
'the column mappings of 1:N relationships: source_column of the primary table, target_column of the related table';
COMMENT ON COLUMN relmeta.mappings.relationship IS 'name of the 1:N relationship';
COMMENT ON COLUMN relmeta.mappings.source_column IS 'column of the primary table whose value is taken over';
COMMENT ON COLUMN relmeta.mappings.target_column IS 'column of the related table that gets it in a new row';
GRANT SELECT ON relmeta.mappings TO PUBLIC;

CREATE FUNCTION relmeta.map_column(relationship text, source_column name, target_column name) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_map_column';
COMMENT ON FUNCTION relmeta.map_column(text, name, name) IS
'Has new related rows take over a column of their primary row: source_column of the primary table is copied to target_column '
'of the related table by initialize_from() and create_related(). A target column has one source: another one takes its '
'place. The types are the same, or the source is cast on assignment and fits; an enum or a domain only goes into the same '
'one. Errors: 42501 not the owner of both tables, 42704 no such 1:N relationship, 42703 no such column, 42804 the types do '
'not agree, 22023 the target is the lookup.';

CREATE FUNCTION relmeta.unmap_column(relationship text, source_column name, target_column name) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_unmap_column';
COMMENT ON FUNCTION relmeta.unmap_column(text, name, name) IS
'Takes a column mapping away. Errors: 42501 not the owner of both tables, 42704 no such relationship or mapping.';

CREATE FUNCTION relmeta.generate_mappings(relationship text) RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_generate_mappings';
COMMENT ON FUNCTION relmeta.generate_mappings(text) IS
'Maps the columns that have the same name and type in both tables, but for the key of the related table, the lookup and '
'columns that are generated; targets that are mapped stay as they are. Returns the number of mappings added. Errors: as '
'relmeta.map_column().';

CREATE FUNCTION relmeta.initialize_from(relationship text, key text) RETURNS jsonb
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_initialize_from';
COMMENT ON FUNCTION relmeta.initialize_from(text, text) IS
'What a new related row of the primary row with this key begins with: the values of mapped columns, and the lookup. Left '
'out are sources that are null, and columns that the caller cannot insert: generated ones, those that he has no privilege '
'for, and an owner that he may not set. Reads the row as the caller. Errors: 42704 no such 1:N relationship, P0002 no row '
'with that key that the caller may read, 22P02 a key of another type, 42804 a mapped column has got another type since.';

CREATE FUNCTION relmeta.initialize_from(relationship text, key "any") RETURNS jsonb
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_initialize_from';
COMMENT ON FUNCTION relmeta.initialize_from(text, "any") IS
'The same as relmeta.initialize_from(text, text), for a key of any type.';

CREATE FUNCTION relmeta.create_related(relationship text, key text, overrides jsonb DEFAULT '{}') RETURNS text
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_create_related';
COMMENT ON FUNCTION relmeta.create_related(text, text, jsonb) IS
'Inserts a row that is related to the primary row with this key, as the caller''s own INSERT: what initialize_from() gives, '
'and overrides, an object of columns and values, which win. Returns the new row''s key. Errors: as '
'relmeta.initialize_from(), 22023 overrides is no object, 42703 no such column, 428C9 a generated column, and whatever the '
'INSERT meets.';

CREATE FUNCTION relmeta.create_related(relationship text, key "any", overrides jsonb DEFAULT '{}') RETURNS text
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_create_related';
COMMENT ON FUNCTION relmeta.create_related(text, "any", jsonb) IS
'The same as relmeta.create_related(text, text, jsonb), for a key of any type.';

