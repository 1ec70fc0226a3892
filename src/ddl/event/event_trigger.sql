-- event_trigger: metadata follows DDL, whoever runs it.  The last of the install script but for what only reads.

CREATE FUNCTION relmeta.event_ddl_command_start() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_event_ddl_command_start';
COMMENT ON FUNCTION relmeta.event_ddl_command_start() IS
'event trigger: refuses to change the type of a key, owner or lookup alone (0A000), and names relmeta.alter_column_type(); '
'refuses DETACH PARTITION CONCURRENTLY of a table that is registered, or given to register_principals or register_memberships (0A000); reads the keys of partitions that are to be dropped';

CREATE FUNCTION relmeta.event_ddl_command_end() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_event_ddl_command_end';
COMMENT ON FUNCTION relmeta.event_ddl_command_end() IS
'event trigger: follows renamed columns, puts triggers on partitions, takes in the rows of attached partitions and takes '
'leave of those of detached ones, completes pending many-to-many relationships, '
'and refuses what a registered or intersect table cannot be (0A000)';

CREATE FUNCTION relmeta.event_sql_drop() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_event_sql_drop';
COMMENT ON FUNCTION relmeta.event_sql_drop() IS
'event trigger: drops metadata with tables and columns, and refuses to drop the keys of registered (55000) and '
'intersect tables (0A000)';

CREATE EVENT TRIGGER relmeta_ddl_command_start ON ddl_command_start
  WHEN TAG IN ('ALTER TABLE', 'DROP TABLE')
  EXECUTE FUNCTION relmeta.event_ddl_command_start();
COMMENT ON EVENT TRIGGER relmeta_ddl_command_start IS 'relmeta''s columns are retyped together, its partitions leave at once';

-- Tables and columns are renamed by ALTER VIEW, ALTER INDEX and others too.
CREATE EVENT TRIGGER relmeta_ddl_command_end ON ddl_command_end
  WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE FOREIGN TABLE', 'CREATE SCHEMA', 'CREATE RULE',
               'CREATE TRIGGER',
               'ALTER TABLE', 'ALTER FOREIGN TABLE', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER INDEX',
               'ALTER SEQUENCE', 'ALTER SCHEMA', 'ALTER TYPE')
  EXECUTE FUNCTION relmeta.event_ddl_command_end();
COMMENT ON EVENT TRIGGER relmeta_ddl_command_end IS 'relmeta follows what DDL makes and changes';

-- Tables and columns go with whatever they depend on.
CREATE EVENT TRIGGER relmeta_sql_drop ON sql_drop
  WHEN TAG IN ('DROP TABLE', 'DROP FOREIGN TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'DROP TRIGGER',
               'ALTER TABLE', 'ALTER FOREIGN TABLE', 'DROP TYPE', 'DROP DOMAIN', 'DROP COLLATION', 'DROP FUNCTION',
               'DROP ROUTINE', 'DROP PROCEDURE', 'DROP AGGREGATE', 'DROP OPERATOR', 'DROP CAST', 'DROP SEQUENCE',
               'DROP LANGUAGE', 'DROP ACCESS METHOD', 'DROP INDEX', 'DROP VIEW', 'DROP MATERIALIZED VIEW',
               'DROP OPERATOR CLASS', 'DROP OPERATOR FAMILY', 'ALTER TYPE')
  EXECUTE FUNCTION relmeta.event_sql_drop();
COMMENT ON EVENT TRIGGER relmeta_sql_drop IS 'relmeta''s metadata goes with what is dropped';
