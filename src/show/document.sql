-- show: the model as a document, and back.

CREATE FUNCTION relmeta.export_metadata(tables regclass[] DEFAULT NULL)
RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_export_metadata';
COMMENT ON FUNCTION relmeta.export_metadata(regclass[]) IS
'the model as a document for import_metadata(): tables, relationships with mappings and menus, many-to-many
relationships (pending ones too), automations, connection roles and access control, with the columns that they
stand on; no rows, hence no principals and no grants; names are qualified;
two exports of the same model are equal;
tables: only these, and the relationships between them;
errors: 42704 a table that is neither registered nor in a many-to-many relationship';

CREATE FUNCTION relmeta.import_metadata(doc jsonb, dry_run boolean DEFAULT false, name_map jsonb DEFAULT NULL,
  create_tables boolean DEFAULT false, OUT action text, OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_import_metadata';
COMMENT ON FUNCTION relmeta.import_metadata(jsonb, boolean, jsonb, boolean) IS
'declares what a document says, which export_metadata() or dataverse_to_json() has made or Dataverse''s Web API gives
(RelationshipDefinitions), by the same calls and with the same checks as by hand; a row for each of its elements:
created, changed, exists, skipped or problem, and why; a second import creates nothing;
a document of relmeta''s own is imported as a whole or not at all, Dataverse''s definitions one by one;
dry_run: only says what would be done; name_map: {"name in the document": "table here"};
create_tables: makes the tables that are missing, as far as the document describes them;
errors: 22023 a bad document, with the path, 42P01 a table that is missing, and those of the calls, with the path';

CREATE FUNCTION relmeta.dataverse_to_json(doc xml)
RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'relmeta_dataverse_to_json';
COMMENT ON FUNCTION relmeta.dataverse_to_json(xml) IS
'Dataverse''s own XML as a document for import_metadata(): files of an unpacked solution (Other/Relationships/*.xml,
EntityMaps.xml, ConnectionRoles.xml, Entity.xml) or a customizations.xml; import the documents of several files as one
array; document types and entities are refused (22023), and what is no document of Dataverse''s;
values of type xml need a server that is built with libxml';
