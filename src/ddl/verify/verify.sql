-- verify: what is wrong with what was declared

CREATE FUNCTION relmeta.verify()
RETURNS TABLE (relation regclass, object text, problem text, repair text)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_verify';
COMMENT ON FUNCTION relmeta.verify() IS
'Checks all that was declared: tables and columns that are gone, missing and disabled triggers, foreign keys and indexes, '
'rows that point to rows that do not exist where relmeta guards the lookup, many-to-many relationships that could not be '
'completed, partitions that are half detached, owners that are no principals or that the column''s domain refuses by now, principals that are one owner or whose role is gone, '
'principals and memberships that no row of the table that they come from says any more, and rows there that are not recorded, entries of what does not exist, '
'controlled tables without their policies, and what leads past them (permissive policies of others, views that are not security_invoker, '
'TRUNCATE and TRIGGER), mapped columns of types that no longer fit, procedures of automations that are gone, triggers of relmeta''s on '
'tables that are not registered, jobs that nobody works or that have failed. Returns what is wrong, of which object, and the statement that '
'mends it, where there is one; nothing when all is well. For everybody: of rows it looks at those of the caller''s own tables.';

CREATE FUNCTION relmeta.repair() RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_repair';
COMMENT ON FUNCTION relmeta.repair() IS
'Mends what relmeta.verify() finds, where that is safe: triggers, indexes, foreign keys and entry tables of the caller''s own '
'tables, metadata of what is gone, pending many-to-many relationships; a worker starts for jobs of the caller''s own '
'relationships that nobody works; entries of rows, principals and relationships that do not exist go; principals and '
'memberships that come from tables of the caller''s become those that the rows say. Rows are not '
'changed. Returns the number of problems mended; what could not be mended is a warning.';
