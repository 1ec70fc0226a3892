-- cascade: the trigger functions, and assign

CREATE FUNCTION relmeta.trigger_statement_starts() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_statement_starts';
COMMENT ON FUNCTION relmeta.trigger_statement_starts() IS
'trigger on registered tables, before each statement: remembers that the statement changes the table';

CREATE FUNCTION relmeta.trigger_row_changed() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_row_changed';
COMMENT ON FUNCTION relmeta.trigger_row_changed() IS
'trigger on registered tables, after each changed row: collects keys, owners and lookups';

CREATE FUNCTION relmeta.trigger_statement_ends() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_statement_ends';
COMMENT ON FUNCTION relmeta.trigger_statement_ends() IS
'trigger on registered tables, after each statement: checks what was collected and carries it to related rows';

CREATE FUNCTION relmeta.trigger_truncate_starts() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_truncate_starts';
COMMENT ON FUNCTION relmeta.trigger_truncate_starts() IS
'trigger on registered tables, before TRUNCATE: takes away what is held on the rows';

CREATE FUNCTION relmeta.trigger_truncate_ends() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_truncate_ends';
COMMENT ON FUNCTION relmeta.trigger_truncate_ends() IS
'trigger on registered tables, after TRUNCATE: refuses it (0A000) when lookups without a foreign key still point to the rows';

CREATE FUNCTION relmeta.assign_follows(matches boolean, key "any") RETURNS boolean
LANGUAGE c VOLATILE COST 10 AS 'MODULE_PATHNAME', 'relmeta_assign_follows';
COMMENT ON FUNCTION relmeta.assign_follows(boolean, "any") IS
'For the statements of assign cascades: whether a related row matches, as the first argument says; that one does not is remembered.';

CREATE FUNCTION relmeta.assign_entered(key "any", changed_by xid, parent "any") RETURNS boolean
LANGUAGE c VOLATILE COST 10 AS 'MODULE_PATHNAME', 'relmeta_assign_entered';
COMMENT ON FUNCTION relmeta.assign_entered("any", xid, "any") IS
'For the statements of assign cascades: whether the statement has assigned a related row already; false outside one.';

CREATE FUNCTION relmeta.assign(relation regclass, key text, new_owner text) RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_assign';
COMMENT ON FUNCTION relmeta.assign(regclass, text, text) IS
'Gives the row of relation with this key to another principal (NULL: to nobody), as the caller''s own UPDATE of the owner column, and the related rows as the relationships say. Returns the number of rows that changed owner, cascades included. Errors: 42704 relation is not registered, 0A000 it has no owner column, 22023 the principal is no value of the owner''s type, 23503 no such principal, P0002 no such row, 22P02 a key of another type, 42501 the caller may not update the table or the row, or the current principal not assign it.';

CREATE FUNCTION relmeta.assign(relation regclass, key "any", new_owner text) RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_assign';
COMMENT ON FUNCTION relmeta.assign(regclass, "any", text) IS
'The same as relmeta.assign(regclass, text, text), for a key of any type.';
