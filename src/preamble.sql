\echo Use "CREATE EXTENSION relmeta" to load this file. \quit

-- A schema of this name that is there already may be somebody else's.
CREATE FUNCTION relmeta.check_schema() RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_check_schema';
SELECT relmeta.check_schema();
DROP FUNCTION relmeta.check_schema();

COMMENT ON SCHEMA relmeta IS 'relationships of tables, and what they carry: what applications call, and the catalog';
