-- rows: what the engine is doing

CREATE FUNCTION relmeta.cascading() RETURNS text
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'relmeta_cascading';
COMMENT ON FUNCTION relmeta.cascading() IS
'The action whose cascade has made the statement that calls this: assign, delete (rows that it deletes, links that it '
'removes) or merge. For BEFORE triggers, defaults and functions of such a statement, and for what they call in turn; NULL in all '
'other statements, those of native foreign keys included.';
