-- What ALTER DEFAULT PRIVILEGES gives to others on what the extension's owner makes is not given on relmeta's own objects.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
\set home :DBNAME
CREATE ROLE regress_dp_other;
CREATE DATABASE regress_relmeta_privileges TEMPLATE template0;
\c regress_relmeta_privileges
SET client_min_messages = warning;
CREATE EXTENSION relmeta;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_dp_other, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_dp_other WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO regress_dp_other;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO regress_dp_other;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_dp_other, PUBLIC;
-- who holds what: of all objects of the extension, and of what it makes
CREATE TEMP VIEW held AS
SELECT what, acl FROM (
  SELECT relname AS what, coalesce(relacl, acldefault('r', relowner)) AS acl FROM pg_class WHERE relnamespace::regnamespace::text IN ('relmeta', 'relmeta_access') AND relkind NOT IN ('i', 'I')
  UNION ALL SELECT proname, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE pronamespace = 'relmeta'::regnamespace
  UNION ALL SELECT typname, coalesce(typacl, acldefault('T', typowner)) FROM pg_type WHERE typnamespace = 'relmeta'::regnamespace AND typtype <> 'c' AND typelem = 0
  UNION ALL SELECT nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname IN ('relmeta', 'relmeta_access')) AS object;
-- what is PUBLIC's and the database owner's is what it is without such privileges
CREATE TEMP TABLE before AS
SELECT DISTINCT what, grantee, privilege_type FROM held, aclexplode(acl) WHERE what NOT LIKE 'dp%' AND grantee <> (SELECT nspowner FROM pg_namespace WHERE nspname = 'relmeta');
DROP EXTENSION relmeta CASCADE;
CREATE EXTENSION relmeta;
SELECT relmeta.create_user('dp_ann');
CREATE TABLE dp_account (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table('dp_account', 'owner');
INSERT INTO dp_account VALUES (1, 'dp_ann');
SELECT relmeta.create_user('dp_bob'), relmeta.share('dp_account', 1, 'dp_bob');
-- => |1
SELECT what, privilege_type FROM held, aclexplode(acl) WHERE grantee = 'regress_dp_other'::regrole;
-- => none
SELECT what, grantee::regrole, privilege_type FROM held, aclexplode(acl)
 WHERE what NOT LIKE 'dp%' AND grantee <> (SELECT nspowner FROM pg_namespace WHERE nspname = 'relmeta')
EXCEPT SELECT what, grantee::regrole, privilege_type FROM before;
-- => relmeta_access|pg_database_owner|USAGE
SELECT what, grantee::regrole, privilege_type FROM before EXCEPT SELECT what, grantee::regrole, privilege_type FROM held, aclexplode(acl);
-- => none
SELECT grantee::regrole, privilege_type FROM held, aclexplode(acl) WHERE what = 'dp_account' AND grantee <> current_user::regrole;
-- => pg_database_owner|SELECT
SET ROLE regress_dp_other;
INSERT INTO relmeta.team_member VALUES ('dp_team', 'dp_bob');
-- => 42501
INSERT INTO relmeta_access.dp_account VALUES (1, 'dp_bob', 0, 'd', 1);
-- => 42501
SELECT relmeta.act_as('dp_ann');
-- => 42501
RESET ROLE;
\c :home
DROP DATABASE regress_relmeta_privileges;
DROP ROLE regress_dp_other;
