-- describe: what a table is to relmeta

CREATE FUNCTION relmeta.describe(relation regclass) RETURNS SETOF text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_describe';
COMMENT ON FUNCTION relmeta.describe(regclass) IS
'What relmeta knows of a table, a line per row, for reading: key, owner and state columns, access control, its '
'relationships from its side with their behaviors, column mappings, menus, automations, roles of connections, jobs under way, '
'and what verify() has against it. Errors: 42704 relmeta knows no such table, 42501 no privilege on it.';
