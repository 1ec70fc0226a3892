-- ddl: access control of tables.

CREATE FUNCTION relmeta.enable_access_control(relation regclass, force boolean DEFAULT NULL,
  everyone relmeta.access_right[] DEFAULT NULL)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_enable_access_control';
COMMENT ON FUNCTION relmeta.enable_access_control(regclass, boolean, relmeta.access_right[]) IS
'turns row-level security on for a registered table and its partitions: who is not exempt finds, changes and inserts only
rows on which the current principal holds the right; force: also for the table''s owner; everyone: rights that each
principal holds on each row ({} takes them away); called again it changes what is given (NULL: as it is); on the
intersect table of a many-to-many relationship with a controlled end: controls its links;
errors: 42501 not the owner, 42704 not registered, 55000 neither end of an intersect table is controlled,
22P02 an unknown right';

CREATE FUNCTION relmeta.disable_access_control(relation regclass)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'relmeta_disable_access_control';
COMMENT ON FUNCTION relmeta.disable_access_control(regclass) IS
'takes away what enable_access_control() made, and forgets force and everyone; nothing when access is not controlled;
errors: 42501 not the owner, 42704 not registered';
