-- principal: users, teams, memberships; who the current principal is; who may change it (SEMANTICS 2.1)
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
CREATE ROLE regress_principal_admin;
CREATE ROLE regress_principal_ann;
CREATE ROLE regress_principal_ben;
CREATE ROLE regress_principal_late;
CREATE ROLE regress_principal_owner;
CREATE SCHEMA principal AUTHORIZATION regress_principal_owner;

-- nothing that changes a principal is granted to PUBLIC; asking is
SET ROLE regress_principal_ann;
SELECT relmeta.create_user('ann');
SELECT relmeta.create_team('crew');
SELECT relmeta.add_team_member('crew', 'ann');
SELECT relmeta.remove_team_member('crew', 'ann');
SELECT relmeta.drop_principal('ann');
SELECT relmeta.reassign_owned('ann', 'ben');
SELECT relmeta.act_as('ann');
SELECT relmeta.register_principals('pg_class');
SELECT relmeta.register_memberships('pg_class', 'a', 'b');
-- => nine times 42501
INSERT INTO relmeta.principal VALUES ('ann', 'user');
UPDATE relmeta.principal SET kind = 'team';
DELETE FROM relmeta.team_member;
-- => three times 42501
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => (null)|{}
SELECT count(*) >= 0 FROM relmeta.principals;
-- => t: anyone may look
RESET ROLE;

GRANT EXECUTE ON FUNCTION relmeta.create_user, relmeta.create_team, relmeta.add_team_member,
  relmeta.remove_team_member, relmeta.drop_principal, relmeta.reassign_owned TO regress_principal_admin;

-- making them
SET ROLE regress_principal_admin;
SELECT relmeta.create_user('ann', 'regress_principal_ann');
SELECT relmeta.create_user(principal => 'ben', role => NULL, if_not_exists => NULL);
SELECT relmeta.create_team('crew');
SELECT relmeta.create_team(principal => 'gang', if_not_exists => true);
SELECT relmeta.create_user('ann');
-- => 42710
SELECT relmeta.create_team('ann');
-- => 42710
SELECT relmeta.create_team('crew');
-- => 42710
SELECT relmeta.create_user('ann', if_not_exists => true);
SELECT relmeta.create_user('ann', 'regress_principal_ann', true);
SELECT relmeta.create_team('crew', true);
-- => three times nothing
SELECT relmeta.create_user('ann', 'regress_principal_ben', true);
-- => 42710 another role
SELECT relmeta.create_user('late');
SELECT relmeta.create_user('late', 'regress_principal_ann', true);
-- => 42710, the role is ann's
SELECT relmeta.create_user('late', 'regress_principal_late');
SELECT relmeta.create_user('late', '4294967295'::oid::regrole);
-- => twice 42710, there already
SELECT relmeta.create_user('late', '4294967295'::oid::regrole, true);
-- => 42704
SELECT relmeta.create_user('late', 'regress_principal_late', true);
SELECT role FROM relmeta.principals WHERE principal = 'late';
-- => regress_principal_late: he had none
SELECT relmeta.create_user('late', 'regress_principal_late', true);
-- => as it was
SELECT relmeta.drop_principal('late');
SELECT relmeta.create_user('crew', if_not_exists => true);
SELECT relmeta.create_team('ann', if_not_exists => true);
-- => twice 42710, one namespace
SELECT relmeta.create_user('cat', 'regress_principal_ann');
-- => 42710, a role is one user
SELECT relmeta.create_user('cat', 'regress_principal_nobody');
SELECT relmeta.create_user('cat', '4294967295'::oid::regrole);
-- => twice 42704
SELECT relmeta.create_user(NULL);
SELECT relmeta.create_team(NULL);
SELECT relmeta.add_team_member('crew', NULL);
SELECT relmeta.add_team_member(NULL, 'ann');
SELECT relmeta.remove_team_member(NULL, 'ann');
SELECT relmeta.drop_principal(NULL);
SELECT relmeta.reassign_owned(NULL, 'ann');
SELECT relmeta.reassign_owned('ann', NULL);
-- => eight times 22004
SELECT relmeta.create_user('');
-- => 22023
\set VERBOSITY default
SELECT relmeta.create_user('ann');
SELECT relmeta.create_team('ann', true);
SELECT relmeta.create_user('cat', 'regress_principal_ann');
SELECT relmeta.add_team_member('crew', 'cat');
\set VERBOSITY sqlstate

-- names are any text, compared byte by byte
SELECT relmeta.create_user(n) FROM unnest(ARRAY['it''s "odd" \ name', ' Ann', 'ANN', 'ann ', 'änn', '007', '7', E'new\nline',
  '{a,b}', 'NULL', 'a%s$1', repeat('x', 200)]) AS n;
SELECT principal, kind FROM relmeta.principals WHERE principal ILIKE '%ann%' ORDER BY principal;
-- =>  Ann, ANN, ann, ann with a space
SELECT relmeta.drop_principal(n) FROM unnest(ARRAY['it''s "odd" \ name', ' Ann', 'ANN', 'ann ', 'änn', '007', '7', E'new\nline',
  '{a,b}', 'NULL', 'a%s$1', repeat('x', 200)]) AS n;
SELECT principal, kind, role, teams FROM relmeta.principals ORDER BY principal;
-- => ann, ben, crew, gang

-- memberships
SELECT relmeta.add_team_member('crew', 'ann');
SELECT relmeta.add_team_member('crew', 'ann');
SELECT relmeta.add_team_member(team => 'gang', member => 'ann');
SELECT relmeta.add_team_member('crew', 'ben');
SELECT principal, teams FROM relmeta.principals ORDER BY principal;
-- => ann|{crew,gang}, ben|{crew}
SELECT relmeta.add_team_member('ann', 'ben');
SELECT relmeta.add_team_member('crew', 'gang');
-- => twice 22023: a team's members are users
SELECT relmeta.add_team_member('nobody', 'ann');
SELECT relmeta.add_team_member('crew', 'nobody');
SELECT relmeta.remove_team_member('nobody', 'ann');
SELECT relmeta.remove_team_member('crew', 'nobody');
-- => four times 42704
SELECT relmeta.remove_team_member('crew', 'ben');
SELECT relmeta.remove_team_member('crew', 'ben');
SELECT principal, teams FROM relmeta.principals ORDER BY principal;
-- => ben|{}

-- the current principal is that of the role
SET ROLE regress_principal_ann;
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => ann|{ann,crew,gang}
SET ROLE regress_principal_ben;
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => (null)|{}
-- also in a function that runs with another's rights, and back
SET ROLE regress_principal_ann;
CREATE FUNCTION pg_temp.whoami() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS 'SELECT relmeta.current_principal()';
SET ROLE regress_principal_ben;
SELECT pg_temp.whoami(), relmeta.current_principal();
-- => ann|(null)
-- changes are seen by the next statement, savepoints included
RESET ROLE;
BEGIN;
SELECT relmeta.create_user('temp', 'regress_principal_ben');
SET LOCAL ROLE regress_principal_ben;
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => temp|{temp}
SAVEPOINT s;
RESET ROLE;
SELECT relmeta.add_team_member('gang', 'temp');
SET LOCAL ROLE regress_principal_ben;
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => temp|{temp,gang}
ROLLBACK TO s;
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => temp|{temp}
ROLLBACK;
SET ROLE regress_principal_ben;
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => (null)|{}

-- nobody else may impersonate
SET ROLE regress_principal_ann;
SET relmeta.principal = 'ben';
SET LOCAL relmeta.principal = 'ben';
SELECT set_config('relmeta.principal', 'ben', false);
UPDATE pg_settings SET setting = 'ben' WHERE name = 'relmeta.principal';
ALTER ROLE regress_principal_ann SET relmeta.principal = 'ben';
CREATE FUNCTION pg_temp.as_ben() RETURNS text LANGUAGE sql SET relmeta.principal = 'ben' AS 'SELECT relmeta.current_principal()';
RESET relmeta.principal;
-- => seven times 42501
SET relmeta.principals = 'ben';
SET relmeta.other = 'ben';
-- => twice 42602: the prefix is taken
SELECT relmeta.current_principal();
-- => ann
RESET ROLE;

-- act_as, for whom it is granted to
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_principal_ben;
SET SESSION AUTHORIZATION regress_principal_ben;
SELECT relmeta.act_as('ann');
-- => 25P01 outside a transaction block
SELECT relmeta.act_as('ann', NULL);
SELECT relmeta.act_as(NULL);
-- => twice 22004
SELECT relmeta.act_as('nobody', false);
SELECT relmeta.act_as('', false);
-- => twice 42704
BEGIN;
SELECT relmeta.act_as('nobody');
-- => 42704
ROLLBACK;
BEGIN;
SELECT relmeta.act_as('ann');
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => ann|{ann,crew,gang}
SAVEPOINT s;
SELECT relmeta.act_as(principal => 'crew', is_local => true);
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => crew|{crew}
ROLLBACK TO s;
SELECT relmeta.current_principal();
-- => ann
COMMIT;
SELECT relmeta.current_principal();
-- => (null)
SELECT relmeta.act_as('ann', false);
SELECT relmeta.current_principal();
-- => ann
RESET ALL;
SELECT relmeta.current_principal();
-- => (null)
SELECT relmeta.act_as('ann', is_local => false);
DISCARD ALL;
SELECT relmeta.current_principal(), current_user = 'regress_principal_ben';
-- => (null)|f: DISCARD ALL ended the session authorization too
SET client_min_messages = warning;

-- a role that may set the setting
GRANT SET ON PARAMETER relmeta.principal TO regress_principal_ben;
SET SESSION AUTHORIZATION regress_principal_ben;
SET relmeta.principal = 'ann';
SELECT relmeta.current_principals();
-- => {ann,crew,gang}
SET relmeta.principal = 'no such';
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => (null)|{}: nobody
SET relmeta.principal = '';
SELECT relmeta.current_principal();
-- => (null): the role's
RESET SESSION AUTHORIZATION;
REVOKE SET ON PARAMETER relmeta.principal FROM regress_principal_ben;
-- a setting that names nobody hides the role's own
SET relmeta.principal = 'no such';
SET ROLE regress_principal_ann;
SELECT relmeta.current_principal();
-- => (null)
RESET ROLE;
RESET relmeta.principal;

-- setting it before the library is loaded does not help
\c -
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
SET SESSION AUTHORIZATION regress_principal_ann;
SET relmeta.principal = 'ben';
SELECT current_setting('relmeta.principal');
-- => ben: anyone may set a name that nobody has defined
SELECT relmeta.current_principal();
-- => 42501 as a warning, and ann
SELECT current_setting('relmeta.principal');
\c -
SET SESSION AUTHORIZATION regress_principal_ann;
BEGIN;
SET LOCAL relmeta.principal = 'ben';
SAVEPOINT s;
SET LOCAL relmeta.principal = 'crew';
SELECT relmeta.current_principal();
ROLLBACK TO s;
SELECT relmeta.current_principal();
COMMIT;
SELECT relmeta.current_principal();
-- => three times ann
-- whoever may set it may set it then as well
\c -
SET relmeta.principal = 'ann';
SELECT relmeta.current_principals();
-- => {ann,crew,gang}
\c -
SET client_min_messages = warning;

-- dropping
CREATE TABLE principal.a (id int PRIMARY KEY, owner_id text);
CREATE TABLE principal.b (id int PRIMARY KEY, a_id int REFERENCES principal.a, owner_id text);
CREATE TABLE principal."Weird ""Name""" (id uuid PRIMARY KEY, "Owner's" bigint);
ALTER TABLE principal.a OWNER TO regress_principal_owner;
ALTER TABLE principal.b OWNER TO regress_principal_owner;
ALTER TABLE principal."Weird ""Name""" OWNER TO regress_principal_owner;
SET ROLE regress_principal_owner;
SELECT relmeta.register_table('principal.a', 'owner_id');
SELECT relmeta.register_table('principal.b', 'owner_id');
SELECT relmeta.register_table('principal."Weird ""Name"""', 'Owner''s');
SELECT relmeta.create_one_to_many('principal.a', 'principal.b', 'a_id', preset => 'parental');
INSERT INTO principal.a VALUES (1, 'ann'), (2, 'ann'), (3, 'ben'), (4, NULL);
INSERT INTO principal.b VALUES (1, 1, 'ben'), (2, 1, NULL), (3, 3, 'ann'), (4, 3, 'ben');
SELECT relmeta.drop_principal('ann');
-- => 42501
SET ROLE regress_principal_admin;
SELECT relmeta.drop_principal('nobody');
-- => 42704
\set VERBOSITY default
SELECT relmeta.drop_principal('ann');
-- => 2BP01; the admin need not be able to read the tables
\set VERBOSITY sqlstate
SELECT relmeta.drop_principal('ann');
SELECT relmeta.reassign_owned('ann', 'nobody');
SELECT relmeta.reassign_owned('nobody', 'ann');
-- => 2BP01, twice 42704
SELECT relmeta.reassign_owned('ann', 'ann');
-- => 0
SELECT relmeta.reassign_owned('ann', 'gang');
-- => 5: a 1 and 2, their b 1 and 2, and b 3 of its own
SET ROLE regress_principal_owner;
SELECT 'a', id, owner_id FROM principal.a UNION ALL SELECT 'b', id, owner_id FROM principal.b ORDER BY 1, 2;
-- => gang gang ben null, gang gang gang ben
SET ROLE regress_principal_admin;
SELECT relmeta.reassign_owned('ann', 'gang');
-- => 0
SELECT relmeta.drop_principal('ann');
SELECT principal, teams FROM relmeta.principals ORDER BY principal;
-- => ben, crew, gang
SET ROLE regress_principal_ann;
SELECT relmeta.current_principal();
-- => (null)
RESET ROLE;

-- owners in a type of their own: other spellings are the same owner; what does not cast owns nothing
SET ROLE regress_principal_admin;
SELECT relmeta.create_user('007'), relmeta.create_user('8'), relmeta.create_user('eight');
SET ROLE regress_principal_owner;
INSERT INTO principal."Weird ""Name""" VALUES (repeat('0', 32)::uuid, 7), (repeat('1', 32)::uuid, 8);
INSERT INTO principal."Weird ""Name""" VALUES (repeat('2', 32)::uuid, 9);
-- => 23503
SET ROLE regress_principal_admin;
\set VERBOSITY default
SELECT relmeta.drop_principal('007');
-- => 2BP01, and the hint has the name as it is spelled
SET client_min_messages = notice;
SELECT relmeta.reassign_owned('8', 'eight');
-- => WARNING and 0
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SELECT relmeta.reassign_owned('007', '8');
-- => 1
SELECT relmeta.drop_principal('007');
SELECT relmeta.reassign_owned('eight', '8'), relmeta.drop_principal('eight');
-- => 0|
SELECT relmeta.drop_principal('8');
-- => 2BP01
RESET ROLE;

-- a table whose owner forces row-level security on it hides nothing from these
ALTER TABLE principal.a ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY nothing ON principal.a USING (false);
SET ROLE regress_principal_admin;
SELECT relmeta.drop_principal('gang');
-- => 2BP01
SELECT relmeta.reassign_owned('gang', 'ben');
-- => 5
SELECT relmeta.drop_principal('gang');
RESET ROLE;

-- all that and nothing of the caller's search_path
CREATE SCHEMA principal_evil;
CREATE FUNCTION principal_evil.no(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR principal_evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = principal_evil.no);
SET search_path = principal_evil, pg_catalog;
SELECT relmeta.create_user('eve', 'regress_principal_ben'), relmeta.create_team('gang');
SELECT relmeta.add_team_member('gang', 'eve');
SELECT relmeta.drop_principal('ben');
-- => 2BP01
SELECT relmeta.reassign_owned('ben', 'eve');
-- => 7
SET ROLE regress_principal_ben;
SELECT relmeta.current_principals();
-- => {eve,gang}
RESET ROLE;
SET search_path = '';
SELECT relmeta.remove_team_member('gang', 'eve');
SELECT relmeta.drop_principal('gang');
SELECT principal, kind, role, teams FROM relmeta.principals ORDER BY 1;
-- => 8, ben, crew, eve with its role
RESET search_path;

-- unknown owners are refused whatever the type, however many
CREATE EXTENSION citext SCHEMA principal;
CREATE TABLE principal.c (id int PRIMARY KEY, owner_id principal.citext);
SELECT relmeta.register_table('principal.c', 'owner_id');
INSERT INTO principal.c VALUES (1, 'EVE'), (2, 'eve'), (3, 'Crew');
INSERT INTO principal.c VALUES (4, 'Evelyn');
-- => 23503
SELECT relmeta.drop_principal('crew');
-- => 2BP01
DELETE FROM principal.c WHERE id = 3;
SELECT relmeta.drop_principal('crew');
SELECT relmeta.reassign_owned('eve', 'ben');
-- => 9
SELECT id, owner_id FROM principal.c ORDER BY id;

-- a role that is dropped leaves a user without role behind; no later role is that user, of whatever name
CREATE ROLE regress_principal_gone;
SELECT relmeta.create_user('fay', 'regress_principal_gone');
DROP ROLE regress_principal_gone;
CREATE ROLE regress_principal_gone;
SET ROLE regress_principal_gone;
SELECT relmeta.current_principal();
-- => (null)
RESET ROLE;
SELECT relation, object, regexp_replace(problem, '[0-9]+', 'N'), repair FROM relmeta.verify();
-- => (null)|fay|the user's role, which had OID N, does not exist|SELECT relmeta.repair()
SELECT relmeta.create_user('fay', 'regress_principal_gone', true);
-- => ERROR:  42710
SELECT relmeta.repair();
-- => 1
SELECT count(*) FROM relmeta.verify();
-- => 0
SELECT principal, kind, role, teams FROM relmeta.principals WHERE principal = 'fay';
-- => fay|user|(null)|{}
SELECT relmeta.create_user('fay', 'regress_principal_gone', true);
-- => she gets the role
SELECT relmeta.drop_principal('fay');
SELECT relmeta.create_user('fay', 'regress_principal_gone');
SET ROLE regress_principal_gone;
SELECT relmeta.current_principal();
-- => fay
RESET ROLE;

SELECT relmeta.drop_relationship('a_b');
SELECT relmeta.unregister_table(relation) FROM relmeta.tables;
DROP TABLE principal.c, principal.b, principal.a, principal."Weird ""Name""";
DROP SCHEMA principal, principal_evil CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals;
SELECT count(*) FROM relmeta.principals;
DROP OWNED BY regress_principal_admin, regress_principal_ben;
DROP ROLE regress_principal_admin, regress_principal_ann, regress_principal_ben, regress_principal_late, regress_principal_gone, regress_principal_owner;
