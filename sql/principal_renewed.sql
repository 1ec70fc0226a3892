-- principal_renewed: a row that leaves its key leaves the principal, whoever takes the name in the same statement (SEMANTICS 2.1, ATTACKS 10)
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_renewed_owner;
CREATE ROLE regress_renewed_clerk;
CREATE ROLE regress_renewed_x;
GRANT EXECUTE ON FUNCTION relmeta.register_principals, relmeta.register_memberships TO regress_renewed_owner;
CREATE SCHEMA renewed AUTHORIZATION regress_renewed_owner;
SET search_path = renewed;

SET SESSION AUTHORIZATION regress_renewed_owner;
CREATE TABLE person (id text PRIMARY KEY, login text);
CREATE TABLE crew (id text PRIMARY KEY);
CREATE TABLE member (crew text REFERENCES crew ON UPDATE CASCADE, person text);
CREATE TABLE account (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_principals('person'), relmeta.register_principals('crew', 'team'),
  relmeta.register_memberships('member', 'crew', 'person');
GRANT ALL ON person, crew, member, account TO regress_renewed_clerk;
GRANT USAGE ON SCHEMA renewed TO regress_renewed_clerk;
INSERT INTO person VALUES ('rn_x', 'xavier'), ('rn_y', 'yves'), ('rn_z', 'zoe');
INSERT INTO crew VALUES ('rn_1'), ('rn_2');
INSERT INTO account VALUES (1, NULL), (60, 'rn_x');
RESET SESSION AUTHORIZATION;
CREATE VIEW pg_temp.who AS SELECT p.principal, p.role, p.teams, relmeta.principal_access('account', 1, p.principal) AS one
  FROM relmeta.principals AS p WHERE p.principal LIKE 'rn\_%' AND p.kind = 'user' ORDER BY 1;
SELECT relmeta.create_user('rn_x', 'regress_renewed_x', if_not_exists => true), relmeta.create_team('rn_own');
SELECT count(relmeta.add_team_member('rn_own', p)) FROM unnest('{rn_x,rn_z}'::text[]) AS p;
SELECT relmeta.share('account', 1, p, '{read}') FROM unnest('{rn_x,rn_z}'::text[]) AS p;
SELECT * FROM pg_temp.who;
-- => x: his role, rn_own and read; y: nothing; z: rn_own and read

-- while its principal owns rows a key is not left, for another row neither
SET SESSION AUTHORIZATION regress_renewed_clerk;
UPDATE person SET id = 'rn_p' WHERE id = 'rn_x';
UPDATE person SET id = CASE id WHEN 'rn_x' THEN 'rn_p' ELSE 'rn_x' END WHERE id IN ('rn_x', 'rn_y');
WITH x AS (DELETE FROM person WHERE id = 'rn_x' RETURNING 1) INSERT INTO person SELECT 'rn_x', 'mallory' FROM x;
-- => three times 2BP01
\set VERBOSITY default
UPDATE person SET id = CASE id WHEN 'rn_x' THEN 'rn_p' ELSE 'rn_x' END WHERE id IN ('rn_x', 'rn_y');
-- => rn_x still owns rows
\set VERBOSITY sqlstate

-- else what the name was given is nobody's
UPDATE account SET owner = 'rn_z' WHERE id = 60;
UPDATE person SET id = CASE id WHEN 'rn_x' THEN 'rn_p' ELSE 'rn_x' END WHERE id IN ('rn_x', 'rn_y');
RESET SESSION AUTHORIZATION;
SELECT * FROM person ORDER BY id;
SELECT * FROM pg_temp.who;
-- => xavier is p, yves x; neither has a role, a team or a right; z as before
SELECT relmeta.share('account', 1, 'rn_x', '{read}'), relmeta.add_team_member('rn_own', 'rn_x');
SET SESSION AUTHORIZATION regress_renewed_clerk;
WITH x AS (DELETE FROM person WHERE id = 'rn_x' RETURNING 1) INSERT INTO person SELECT 'rn_x', 'mallory' FROM x;
RESET SESSION AUTHORIZATION;
SELECT * FROM pg_temp.who WHERE principal = 'rn_x';
-- => rn_x||{}|{}
SELECT relmeta.share('account', 1, p, '{read}') FROM unnest('{rn_p,rn_x}'::text[]) AS p;
SET SESSION AUTHORIZATION regress_renewed_clerk;
MERGE INTO person AS p USING (VALUES ('xavier', 'rn_y'), ('mallory', 'rn_p')) AS v(login, id) ON p.login = v.login
  WHEN MATCHED THEN UPDATE SET id = v.id;
RESET SESSION AUTHORIZATION;
SELECT * FROM person ORDER BY id;
SELECT * FROM pg_temp.who;
-- => xavier is y, mallory p; nobody but z holds anything

-- a key that is set to itself is not left
SELECT relmeta.share('account', 1, 'rn_y', '{read}');
SET SESSION AUTHORIZATION regress_renewed_clerk;
UPDATE person SET id = id, login = upper(login);
INSERT INTO person VALUES ('rn_y', 'm') ON CONFLICT (id) DO UPDATE SET id = excluded.id, login = excluded.login;
INSERT INTO person VALUES ('rn_y', 'n') ON CONFLICT DO NOTHING;
MERGE INTO person AS p USING (VALUES ('rn_y')) AS v(id) ON p.id = v.id WHEN MATCHED THEN UPDATE SET id = v.id;
RESET SESSION AUTHORIZATION;
SELECT * FROM person ORDER BY id;
SELECT * FROM pg_temp.who;
-- => y and z read
-- one that ON CONFLICT gives to another row is
BEGIN;
ALTER TABLE person ADD UNIQUE (login);
INSERT INTO person VALUES ('rn_w', 'm') ON CONFLICT (login) DO UPDATE SET id = excluded.id;
SELECT * FROM pg_temp.who WHERE one <> '{}';
-- => rn_z||{rn_own}|{read}
ROLLBACK;
BEGIN;
ALTER TABLE person ADD UNIQUE (login);
WITH x AS (DELETE FROM person WHERE id = 'rn_y' RETURNING 1)
INSERT INTO person SELECT id, 'MALLORY' FROM (VALUES ('rn_y')) AS v(id), x ON CONFLICT (login) DO UPDATE SET id = excluded.id;
SELECT id, login FROM person WHERE login = 'MALLORY';
-- => rn_y|MALLORY
SELECT * FROM pg_temp.who WHERE one <> '{}';
-- => rn_z||{rn_own}|{read}
ROLLBACK;

-- teams: members that were added by hand are none of the other row's team, nor is what the team was given; members that the application's rows
-- name are what these say by then, followed or not
INSERT INTO person VALUES ('rn_x', 'xenia');
INSERT INTO member VALUES ('rn_2', 'rn_x');
SELECT relmeta.add_team_member('rn_1', 'rn_z'), relmeta.add_team_member('rn_2', 'rn_y');
SELECT relmeta.share('account', 1, c, '{read}') FROM unnest('{rn_1,rn_2}'::text[]) AS c;
SET SESSION AUTHORIZATION regress_renewed_clerk;
UPDATE crew SET id = CASE id WHEN 'rn_1' THEN 'rn_0' ELSE 'rn_1' END;
RESET SESSION AUTHORIZATION;
SELECT * FROM member;
SELECT * FROM pg_temp.who;
SELECT c, relmeta.principal_access('account', 1, c) FROM unnest('{rn_0,rn_1}'::text[]) AS c;
-- => rn_x in rn_1; nobody else is in a team but rn_z in rn_own; no team holds a right
SELECT relmeta.add_team_member('rn_own', 'rn_x');
WITH x AS (DELETE FROM person WHERE id = 'rn_x' RETURNING 1) INSERT INTO person SELECT 'rn_x', 'another' FROM x;
SELECT * FROM pg_temp.who WHERE principal = 'rn_x';
-- => in rn_1: a row of members says that name

-- registered once more: nothing is new
SELECT relmeta.register_principals('person'), relmeta.register_principals('crew', 'team');
SELECT * FROM pg_temp.who;
-- => the same

-- 12,000 keys that move by one place, in partitions; a partition whose statements end without relmeta
SET SESSION AUTHORIZATION regress_renewed_owner;
CREATE TABLE n (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE n1 PARTITION OF n FOR VALUES FROM (9000000) TO (9006000);
CREATE TABLE n2 PARTITION OF n FOR VALUES FROM (9006000) TO (9100000);
SELECT relmeta.register_principals('n');
INSERT INTO n SELECT i FROM generate_series(9000001, 9012000) AS i;
RESET SESSION AUTHORIZATION;
SELECT sum(relmeta.share('account', 1, (9000001 + i)::text, '{read}')) FROM generate_series(0, 11999, 1000) AS i;
-- => 12
UPDATE n SET id = id - 1;
SELECT count(*), min(principal), max(principal) FROM relmeta.principals WHERE principal LIKE '90%';
-- => 12000|9000000|9011999
SELECT count(*) FROM relmeta.principal_object_access WHERE principal LIKE '90%';
-- => 0
SELECT sum(relmeta.share('account', 1, (9000001 + i)::text, '{read}')) FROM generate_series(0, 2) AS i;
-- => 3
SET client_min_messages = error;
DROP TRIGGER relmeta_source_ends ON n1;
DELETE FROM n1 WHERE id = 9000000;
UPDATE n1 SET id = id - 1 WHERE id < 9000003;
SELECT principal FROM relmeta.principal_object_access WHERE principal LIKE '90%';
-- => 9000003

TRUNCATE n, member, account, crew, person;
DROP SCHEMA renewed CASCADE;
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal LIKE 'rn\_%';
DELETE FROM relmeta.principal_source;
DROP OWNED BY regress_renewed_owner;
DROP ROLE regress_renewed_owner, regress_renewed_clerk, regress_renewed_x;
