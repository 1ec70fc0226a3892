-- privileges: the last part.  Who may do what with relmeta's own objects is said where they are made, and nothing but
-- that holds: not what ALTER DEFAULT PRIVILEGES of the role that creates the extension gives to others.
--
-- PUBLIC and the database's owner may be given SELECT, PUBLIC EXECUTE and USAGE; what the database's owner is given by
-- name is nobody else's.
DO $$
DECLARE statement text;
BEGIN
  FOR statement IN
    WITH object AS (
      SELECT classid, objid FROM pg_catalog.pg_depend
       WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND deptype = 'e'
         AND refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'relmeta')
      UNION ALL
      SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, 'relmeta'::pg_catalog.regnamespace
    ), acl AS (
      SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || oid::pg_catalog.regclass AS name,
             relowner AS owner, relacl AS acl, 'SELECT' AS given,
             EXISTS (SELECT FROM pg_catalog.aclexplode(relacl)
                      WHERE grantee = 'pg_database_owner'::pg_catalog.regrole) AS is_inner
        FROM object JOIN pg_catalog.pg_class ON oid = objid AND classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      UNION ALL
      SELECT CASE prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || oid::pg_catalog.regprocedure,
             proowner, proacl, 'EXECUTE', false
        FROM object JOIN pg_catalog.pg_proc ON oid = objid AND classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      UNION ALL
      SELECT 'TYPE ' || oid::pg_catalog.regtype, typowner, typacl, 'USAGE', false
        FROM object JOIN pg_catalog.pg_type ON oid = objid AND classid = 'pg_catalog.pg_type'::pg_catalog.regclass
       WHERE typtype <> 'c' AND typelem = 0
      UNION ALL
      SELECT 'SCHEMA ' || oid::pg_catalog.regnamespace, nspowner, nspacl, 'USAGE', false
        FROM object JOIN pg_catalog.pg_namespace
          ON oid = objid AND classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
    )
    SELECT pg_catalog.format('REVOKE %s ON %s FROM %s CASCADE', privilege_type, name,
                             CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::pg_catalog.regrole::text END)
      FROM acl, pg_catalog.aclexplode(acl)
     WHERE grantee <> owner
       AND NOT (privilege_type = given AND grantee = 0 AND NOT is_inner)
       AND NOT (privilege_type = given AND grantee = 'pg_database_owner'::pg_catalog.regrole AND is_inner)
  LOOP
    EXECUTE statement;
  END LOOP;
END $$;
