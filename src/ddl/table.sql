-- ddl: registered tables.

CREATE FUNCTION relmeta.register_table(
  relation regclass, owner_column name DEFAULT NULL, state_column name DEFAULT NULL,
  active_states text[] DEFAULT NULL, inactive_state text DEFAULT NULL, is_system boolean DEFAULT NULL,
  create_principals boolean DEFAULT false, default_owner boolean DEFAULT NULL)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_register_table';
COMMENT ON FUNCTION relmeta.register_table(regclass, name, name, text[], text, boolean, boolean, boolean) IS
'registers a table, or changes its registration (NULL keeps, '''' takes a column away);
owner_column: who owns a row; its values must be principals (23503), create_principals => true makes users of them;
state_column, active_states, inactive_state: which rows are active; default_owner: the current principal owns new rows;
is_system: a system table, to which no custom one is the parent in a parental relationship; false by default;
a table with the policies of a controlled one, whose registration a restore has lost, is controlled from the start;
errors: 42501 not the owner, 0A000 a table that cannot take part or an owner''s type in which text does not go in and
out without loss, 42703 no such column, 22023 or 22P02 bad states, 23505 two principals that would be one owner in the
owner column''s type, 42P17 the key, or the state column, as owner column, 55000 a column that a relationship needs';

CREATE FUNCTION relmeta.unregister_table(relation regclass)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_unregister_table';
COMMENT ON FUNCTION relmeta.unregister_table(regclass) IS
'forgets a registered table, its triggers and its entries; the table and its rows stay;
errors: 42501 not the owner, 42704 not registered, 55000 while relationships use it';

CREATE FUNCTION relmeta.alter_column_type(relation regclass, column_name name, type regtype)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_alter_column_type';
COMMENT ON FUNCTION relmeta.alter_column_type(regclass, name, regtype) IS
'changes the type of a key together with the lookups to it, of an owner in every table that a cascading relationship
joins to it, of a multi-table lookup together with its targets'' keys;
triggers, foreign keys and defaults are made anew as they were; principals hold what they held, those that are no values
of an owner''s new type nothing (a NOTICE names them);
errors: 42501 not the owner of all of the tables, 42704 not registered, 42703 no such column, 22023 neither key nor
owner nor lookup, 0A000 a type that cannot be compared, 22P02 a value that is not of the new type';

CREATE VIEW relmeta.tables AS
SELECT relation, key_column, owner_column, state_column, active_states, inactive_state, is_system, access_control,
  relmeta.rights(everyone) AS everyone
FROM relmeta.registered_table;
COMMENT ON VIEW relmeta.tables IS 'the registered tables';
COMMENT ON COLUMN relmeta.tables.relation IS 'the table';
COMMENT ON COLUMN relmeta.tables.key_column IS 'its primary key, of one column';
COMMENT ON COLUMN relmeta.tables.owner_column IS
'column that says who owns a row; NULL: the rows are the organization''s, nobody owns one';
COMMENT ON COLUMN relmeta.tables.state_column IS 'column that says whether a row is active; NULL: all are';
COMMENT ON COLUMN relmeta.tables.active_states IS
'values of the state column, as text, with which a row is active; NULL without a state column';
COMMENT ON COLUMN relmeta.tables.inactive_state IS
'value of the state column, as text, that merge gives a subordinate; NULL: rows cannot be merged';
COMMENT ON COLUMN relmeta.tables.is_system IS
'is it a system table, to which no custom one is the parent in a parental relationship?';
COMMENT ON COLUMN relmeta.tables.access_control IS 'is access to its rows controlled?  See enable_access_control()';
COMMENT ON COLUMN relmeta.tables.everyone IS 'rights that each principal holds on each row; {}: none';
GRANT SELECT ON relmeta.tables TO PUBLIC;
