-- model: the types and the catalog tables.  Written by relmeta's C functions only; readable by all.

CREATE TYPE relmeta.behavior AS ENUM ('none', 'all', 'active', 'user_owned', 'remove_link', 'restrict');
COMMENT ON TYPE relmeta.behavior IS 'what a relationship does to related rows on an action';

CREATE TYPE relmeta.access_right AS ENUM
  ('read', 'write', 'append', 'append_to', 'create', 'delete', 'share', 'assign');
COMMENT ON TYPE relmeta.access_right IS 'a right that a principal can hold on a row';

CREATE CAST (text AS relmeta.behavior) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS relmeta.behavior) IS 'behaviors may be given as text, as drivers send them';

CREATE CAST (varchar AS relmeta.behavior) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS relmeta.behavior) IS 'behaviors may be given as varchar, as drivers send them';

CREATE CAST (text AS relmeta.access_right) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS relmeta.access_right) IS 'rights may be given as text, as drivers send them';

CREATE CAST (varchar AS relmeta.access_right) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS relmeta.access_right) IS 'rights may be given as varchar, as drivers send them';

CREATE CAST (text AS relmeta.access_right[]) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS relmeta.access_right[]) IS 'an array of rights may be given as text, as drivers send it';

CREATE CAST (varchar AS relmeta.access_right[]) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS relmeta.access_right[]) IS 'an array of rights may be given as varchar, as drivers send it';

CREATE TABLE relmeta.principal (
  principal text COLLATE "C" PRIMARY KEY,
  kind      text NOT NULL CHECK (kind IN ('user', 'team')),
  source    regclass           -- the application's table that it comes from (register_principals)
);
COMMENT ON TABLE relmeta.principal IS 'users and teams, one namespace';

-- In a table of its own for the dump's sake: a role that is gone is a number there, which is somebody else's elsewhere.
CREATE TABLE relmeta.principal_role (
  principal text COLLATE "C" PRIMARY KEY REFERENCES relmeta.principal ON DELETE CASCADE,
  role      regrole NOT NULL UNIQUE
);
COMMENT ON TABLE relmeta.principal_role IS 'the roles of users; those of roles that are gone are not dumped';

-- A principal's value in the types of owner columns: two principals may not be one owner.
CREATE TABLE relmeta.principal_type (
  type           regtype NOT NULL,                        -- a base type; not bigint and uuid, which always count
  collation_name text COLLATE "C" NOT NULL,               -- one that takes different texts for equal, else empty
  PRIMARY KEY (type, collation_name)
);
COMMENT ON TABLE relmeta.principal_type IS
'the types of owner columns, besides bigint and uuid, in which principals'' values are recorded';

CREATE TABLE relmeta.principal_value (
  type           regtype NOT NULL,                        -- bigint stands for the smaller integers, too
  collation_name text COLLATE "C" NOT NULL,
  value          text COLLATE "C" NOT NULL,               -- in canonical form: the same for equal values
  alias          text COLLATE "C" NOT NULL DEFAULT '',    -- the principal, if the value is another's, too
  principal      text COLLATE "C" NOT NULL,
  PRIMARY KEY (type, collation_name, value, alias)
);
CREATE INDEX principal_value_alias_idx ON relmeta.principal_value (type, collation_name) WHERE alias <> '';
COMMENT ON TABLE relmeta.principal_value IS
'the values of principals in the types of owner columns, as far as they have one';

-- A membership that several tables say has a row for each, and one more if it was made by hand, too.  One that a table
-- says stays while a row says so, and counts while team and member are principals of these kinds.
CREATE TABLE relmeta.team_member (
  team   text COLLATE "C" NOT NULL,
  member text COLLATE "C" NOT NULL,
  source regclass NOT NULL DEFAULT '-',   -- the application's table that says so (register_memberships); '-': by hand
  PRIMARY KEY (team, member, source)
);
CREATE INDEX team_member_member_idx ON relmeta.team_member (member, team);
COMMENT ON TABLE relmeta.team_member IS 'which users are members of which teams, and which table says so';

CREATE TABLE relmeta.principal_source (
  relation      regclass NOT NULL,
  kind          text CHECK (kind IN ('user', 'team')),    -- NULL: a memberships table
  team_column   name NOT NULL DEFAULT '',                 -- of a memberships table, else empty
  member_column name NOT NULL DEFAULT '',
  PRIMARY KEY (relation, team_column, member_column),     -- a table of users may name their teams as well
  CHECK ((kind IS NULL) = (team_column <> '')),
  CHECK ((kind IS NULL) = (member_column <> ''))
);
COMMENT ON TABLE relmeta.principal_source IS 'the application''s own users, teams and memberships tables';

CREATE TABLE relmeta.registered_table (
  relation       regclass NOT NULL PRIMARY KEY,
  name           text COLLATE "C" NOT NULL UNIQUE,        -- stable: first argument of the table's triggers
  key_column     name NOT NULL,
  owner_column   name,
  state_column   name,
  active_states  text[],
  inactive_state text,
  is_system      boolean NOT NULL DEFAULT false,
  default_owner  boolean NOT NULL DEFAULT false,
  access_control boolean NOT NULL DEFAULT false,
  force_access_control boolean NOT NULL DEFAULT false,
  everyone       int NOT NULL DEFAULT 0,                  -- right bits that each principal holds on each row
  owner_index    name,          -- on the owner column, made by enable_access_control; regclass would not restore:
                                -- an index comes after the rows
  entry_table    regclass       -- in schema relmeta_access: who holds what on its rows
);
COMMENT ON TABLE relmeta.registered_table IS 'the tables that relmeta knows; the columns by name';

CREATE TABLE relmeta.relationship (
  relationship_id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  name            text COLLATE "C" NOT NULL UNIQUE,       -- stable: what error messages and jobs say
  primary_table   regclass NOT NULL,
  related_table   regclass NOT NULL,
  lookup_column   name NOT NULL,
  type_column     name,                                   -- of a multi-table lookup
  type_value      text COLLATE "C",
  assign          relmeta.behavior NOT NULL,
  reparent        relmeta.behavior NOT NULL,
  share           relmeta.behavior NOT NULL,
  unshare         relmeta.behavior NOT NULL,
  delete          relmeta.behavior NOT NULL,
  merge           relmeta.behavior NOT NULL,
  rollup_view     relmeta.behavior NOT NULL,
  is_hierarchical boolean NOT NULL DEFAULT false,
  foreign_key     boolean NOT NULL DEFAULT true,          -- false: relmeta's own triggers guard the lookup
  original_name   text COLLATE "C",                       -- of the document that it was imported from, if longer
  CHECK ((type_column IS NULL) = (type_value IS NULL)),
  CHECK (type_column IS NULL OR NOT foreign_key)
);
CREATE UNIQUE INDEX relationship_lookup_idx ON relmeta.relationship (related_table, lookup_column, primary_table);
CREATE INDEX relationship_primary_idx ON relmeta.relationship (primary_table);
COMMENT ON TABLE relmeta.relationship IS '1:N relationships: primary table, lookup column of the related table, behaviors';
COMMENT ON SEQUENCE relmeta.relationship_relationship_id_seq IS 'numbers the relationships; entries refer to them';

-- Dumped with their rows.  They carry no side-effect triggers (restore COPYs them): only cache invalidation.
-- What is gone is a number, here as of roles: another table or type may have it where the dump is restored.
SELECT pg_catalog.pg_extension_config_dump('relmeta.principal', '');
SELECT pg_catalog.pg_extension_config_dump('relmeta.principal_role',
  'WHERE role IN (SELECT oid FROM pg_catalog.pg_roles)');
SELECT pg_catalog.pg_extension_config_dump('relmeta.principal_type',
  'WHERE type IN (SELECT oid FROM pg_catalog.pg_type)');
SELECT pg_catalog.pg_extension_config_dump('relmeta.principal_value',
  'WHERE type IN (SELECT oid FROM pg_catalog.pg_type)');
SELECT pg_catalog.pg_extension_config_dump('relmeta.team_member', '');
SELECT pg_catalog.pg_extension_config_dump('relmeta.principal_source',
  'WHERE relation IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('relmeta.registered_table',
  'WHERE relation IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('relmeta.relationship',
  'WHERE primary_table IN (SELECT oid FROM pg_catalog.pg_class)
    AND related_table IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('relmeta.relationship_relationship_id_seq', '');

-- The key is there for what goes with what.  That what it names is there is not checked: a parallel restore copies
-- these tables in any order; who writes them has locked it.
ALTER TABLE relmeta.principal_role DISABLE TRIGGER ALL;

CREATE FUNCTION relmeta.trigger_catalog_changed() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_catalog_changed';
COMMENT ON FUNCTION relmeta.trigger_catalog_changed() IS
'trigger on relmeta''s catalog tables: every backend reads the model anew';

-- ALWAYS, and per row: logical replication's apply fires no statement triggers and no origin triggers.
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.registered_table
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.registered_table ENABLE ALWAYS TRIGGER relmeta_changed;
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.relationship
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.relationship ENABLE ALWAYS TRIGGER relmeta_changed;
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.principal
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.principal ENABLE ALWAYS TRIGGER relmeta_changed;
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.principal_role
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.principal_role ENABLE ALWAYS TRIGGER relmeta_changed;
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.principal_type
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.principal_type ENABLE ALWAYS TRIGGER relmeta_changed;
CREATE TRIGGER relmeta_changed AFTER INSERT OR UPDATE OR DELETE ON relmeta.team_member
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_catalog_changed();
ALTER TABLE relmeta.team_member ENABLE ALWAYS TRIGGER relmeta_changed;

GRANT USAGE ON SCHEMA relmeta TO PUBLIC;
GRANT SELECT ON relmeta.principal, relmeta.principal_role, relmeta.principal_type, relmeta.principal_value,
  relmeta.team_member, relmeta.principal_source, relmeta.registered_table, relmeta.relationship TO PUBLIC;
-- he dumps the database
GRANT SELECT ON SEQUENCE relmeta.relationship_relationship_id_seq TO pg_database_owner;
