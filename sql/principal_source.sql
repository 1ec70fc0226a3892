-- principal_source: an application's own tables of users, teams and memberships (SEMANTICS 2.1)
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
CREATE ROLE regress_source_app;
CREATE ROLE regress_source_clerk;
CREATE SCHEMA "source app" AUTHORIZATION regress_source_app;
GRANT EXECUTE ON FUNCTION relmeta.register_principals, relmeta.register_memberships,
  relmeta.drop_principal, relmeta.remove_team_member, relmeta.create_user, relmeta.create_team,
  relmeta.reassign_owned, relmeta.add_team_member TO regress_source_app;
CREATE VIEW pg_temp.who AS SELECT principal, kind, teams FROM relmeta.principals ORDER BY principal;
GRANT SELECT ON pg_temp.who TO PUBLIC;
SET ROLE regress_source_app;
SET search_path = "source app";

CREATE TABLE "User's" ("Id" uuid PRIMARY KEY, name text);
CREATE TABLE team (id int PRIMARY KEY);
CREATE TABLE member (team_id int REFERENCES team ON DELETE CASCADE ON UPDATE CASCADE,
  user_id uuid REFERENCES "User's" ON DELETE CASCADE ON UPDATE CASCADE, role text, PRIMARY KEY (team_id, user_id, role));
CREATE TABLE account (id int PRIMARY KEY, owner_id uuid);
CREATE INDEX ON member (user_id);
CREATE INDEX ON account (owner_id);
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "User's", team, member, account TO regress_source_clerk;
GRANT USAGE ON SCHEMA "source app" TO regress_source_clerk;
SELECT relmeta.register_table('account', 'owner_id');
INSERT INTO "User's" SELECT ('0000000a-0000-0000-0000-00000000000' || i)::uuid, 'u' || i FROM generate_series(1, 4) AS i;
INSERT INTO team VALUES (1), (2);
INSERT INTO member SELECT 1, "Id", 'x' FROM "User's" WHERE name < 'u3';
INSERT INTO member SELECT 1, "Id", 'y' FROM "User's" WHERE name < 'u3';

-- refused
SELECT relmeta.register_principals(NULL);
SELECT relmeta.register_principals('team', NULL);
SELECT relmeta.register_memberships('member', 'team_id', NULL);
-- => three times 22004
SELECT relmeta.register_principals('team', 'robot');
-- => 22023
SELECT relmeta.register_principals('member');
-- names are texts that are the same under all settings
CREATE DOMAIN rounded AS real;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY '{date,timestamptz,interval,float8,bytea,money,int4range,regrole,name,rounded}'::text[] LOOP
    BEGIN
      EXECUTE format('CREATE TABLE odd (id %s PRIMARY KEY)', t);
      PERFORM relmeta.register_principals('odd');
      RAISE WARNING '% is taken', t;
      RAISE feature_not_supported;
    EXCEPTION WHEN feature_not_supported THEN
      NULL;
    END;
    BEGIN
      EXECUTE format('CREATE TABLE odd (team text, member %s)', t);
      PERFORM relmeta.register_memberships('odd', 'team', 'member');
      RAISE WARNING '% is taken', t;
      RAISE feature_not_supported;
    EXCEPTION WHEN feature_not_supported THEN
      NULL;
    END;
  END LOOP;
END $$;
-- => WARNING:  01000
-- => WARNING:  01000: type name is taken, twice
SELECT relmeta.register_principals('relmeta.principals');
SELECT relmeta.register_memberships('relmeta.principals', 'principal', 'role');
-- => three times 0A000
SELECT relmeta.register_memberships('member', 'team_id', 'nobody');
-- => 42703
SELECT relmeta.register_memberships('member', 'team_id', 'user_id');
-- => 23503: they are no principals yet
SELECT relmeta.register_principals('pg_class');
-- => 0A000
RESET ROLE;
CREATE TABLE others (id int PRIMARY KEY);
SET ROLE regress_source_app;
SELECT relmeta.register_principals('others');
-- => 42501

-- registration takes what is there, names that were made by hand included
SELECT relmeta.create_user('0000000A-0000-0000-0000-000000000001');
SELECT relmeta.register_principals('"User''s"');
-- => 23505: the row would be the same owner under another name
SELECT relmeta.drop_principal('0000000A-0000-0000-0000-000000000001'), relmeta.create_user('0000000a-0000-0000-0000-000000000001');
SELECT relmeta.register_principals('"User''s"');
SELECT relmeta.register_principals(relation => 'team', kind => 'team');
SELECT relmeta.register_memberships('member', 'team_id', 'user_id');
SELECT * FROM pg_temp.who;
-- => four users of which two in team 1, teams 1 and 2
SELECT relmeta.register_principals('"User''s"'), relmeta.register_principals('team', 'team'),
  relmeta.register_memberships('member', 'team_id', 'user_id');
SELECT count(*) FROM pg_temp.who;
-- => 6: again is nothing
SELECT relmeta.register_principals('team');
-- => 42710: they are teams
-- what is a row goes with the row only
SELECT relmeta.drop_principal('0000000A-0000-0000-0000-000000000001');
SELECT relmeta.drop_principal('2');
SELECT relmeta.remove_team_member('1', '0000000a-0000-0000-0000-000000000001');
-- => three times 55000
SELECT relmeta.add_team_member('2', '0000000a-0000-0000-0000-000000000001');
SELECT relmeta.remove_team_member('2', '0000000a-0000-0000-0000-000000000001');

-- INSERT, UPDATE and DELETE by those who know nothing of principals
SET ROLE regress_source_clerk;
INSERT INTO "User's" VALUES ('0000000A-0000-0000-0000-000000000005', 'u5');
INSERT INTO "User's" VALUES ('0000000a-0000-0000-0000-000000000005', 'u6') ON CONFLICT DO NOTHING;
INSERT INTO member VALUES (2, '0000000a-0000-0000-0000-000000000005', 'x');
INSERT INTO team VALUES (3), (4), (5);
UPDATE member SET team_id = 3 WHERE role = 'y';
SELECT * FROM pg_temp.who;
-- => 1 and 2 in {1,3}, 5 in {2}
UPDATE member SET role = 'z' WHERE team_id = 3;
DELETE FROM member WHERE team_id = 1;
DELETE FROM team WHERE id IN (4, 5);
SELECT * FROM pg_temp.who;
-- => 1 and 2 in {3}, 5 in {2}
-- one pair in two rows is one membership
INSERT INTO member VALUES (3, '0000000a-0000-0000-0000-000000000001', 'w');
DELETE FROM member WHERE role = 'w';
SELECT * FROM pg_temp.who WHERE teams <> '{}';
-- => the same

-- keys that change: foreign keys follow, whichever trigger is first
UPDATE team SET id = 30 WHERE id = 3;
UPDATE "User's" SET "Id" = '0000000b-0000-0000-0000-000000000001' WHERE name = 'u1';
SELECT * FROM pg_temp.who;
-- => b1 and 2 in {30}, 5 in {2}; no 3, no a1
UPDATE team SET id = -id;
UPDATE team SET id = -id;
SELECT * FROM pg_temp.who WHERE kind = 'team' OR teams <> '{}';
-- => the same
-- a chain of keys in one statement: names are what counts (ATTACKS 10)
INSERT INTO team VALUES (61), (62), (63);
INSERT INTO member VALUES (61, '0000000a-0000-0000-0000-000000000003', 'x'), (62, '0000000a-0000-0000-0000-000000000004', 'x'),
  (62, '0000000a-0000-0000-0000-000000000003', 'x');
UPDATE team SET id = id - 1 WHERE id > 60;
SELECT * FROM pg_temp.who WHERE principal LIKE '6_' OR principal LIKE '%000000003' OR principal LIKE '%000000004';
-- => 3 in {60,61}, 4 in {61}; teams 60, 61, 62
DELETE FROM "User's" WHERE name = 'u3';
INSERT INTO "User's" VALUES ('0000000a-0000-0000-0000-000000000003', 'u3');
DELETE FROM team WHERE id > 30;
SELECT * FROM pg_temp.who WHERE kind = 'team' OR principal LIKE '%000000003' OR principal LIKE '%000000004';
-- => 3 and 4 in none; 1, 2, 30

-- while its principal owns rows, a row stays and keeps its key
INSERT INTO account VALUES (1, '0000000a-0000-0000-0000-000000000002');
DELETE FROM "User's" WHERE name = 'u2';
UPDATE "User's" SET "Id" = '0000000c-0000-0000-0000-000000000002' WHERE name = 'u2';
TRUNCATE "User's" CASCADE;
-- => three times 2BP01
UPDATE "User's" SET name = 'U2' WHERE name = 'u2';
SELECT principal, teams FROM pg_temp.who WHERE principal LIKE '%2';
-- => a2 in {30}, and 2
-- an owner whose row comes in the same statement is one
WITH u AS (INSERT INTO "User's" VALUES ('0000000d-0000-0000-0000-000000000001', 'd1') RETURNING "Id")
INSERT INTO account SELECT 2, "Id" FROM u;
WITH a AS (INSERT INTO account VALUES (3, '0000000d-0000-0000-0000-000000000002'))
INSERT INTO "User's" VALUES ('0000000d-0000-0000-0000-000000000002', 'd2');
INSERT INTO account VALUES (4, '0000000d-0000-0000-0000-000000000003');
-- => 23503
-- the owner goes with the rows when the application says so
ALTER TABLE account ADD FOREIGN KEY (owner_id) REFERENCES "User's" ON DELETE CASCADE ON UPDATE CASCADE;
-- => 42501, the clerk's
SET ROLE regress_source_app;
ALTER TABLE account ADD FOREIGN KEY (owner_id) REFERENCES "User's" ON DELETE CASCADE ON UPDATE CASCADE;
SET ROLE regress_source_clerk;
UPDATE "User's" SET "Id" = '0000000e-0000-0000-0000-000000000001' WHERE name = 'd1';
DELETE FROM "User's" WHERE name = 'd2';
SELECT * FROM account ORDER BY id;
SELECT principal FROM pg_temp.who WHERE principal LIKE '0000000d%' OR principal LIKE '0000000e%';
-- => 1 of a2, 2 of e1; e1 only

-- nobody becomes somebody else by a row
SET ROLE regress_source_app;
SELECT relmeta.create_user('9'), relmeta.create_user('00000009-0000-0000-0000-000000000009'), relmeta.create_team('00000009-0000-0000-0000-00000000000a');
SET ROLE regress_source_clerk;
INSERT INTO team VALUES (9);
INSERT INTO "User's" VALUES ('00000009-0000-0000-0000-000000000009');
INSERT INTO "User's" VALUES ('00000009-0000-0000-0000-00000000000a');
-- => three times 42710
\set VERBOSITY default
INSERT INTO team VALUES (8), (9);
INSERT INTO "User's" VALUES ('00000009-0000-0000-0000-000000000009');
\set VERBOSITY sqlstate
SET ROLE regress_source_app;
SELECT relmeta.drop_principal('9'), relmeta.drop_principal('00000009-0000-0000-0000-000000000009'), relmeta.drop_principal('00000009-0000-0000-0000-00000000000a');

-- COPY, MERGE, savepoints, an error later in the statement
COPY team FROM stdin;
40
41
\.
SELECT count(*) FROM pg_temp.who WHERE principal IN ('40', '41');
-- => 2
MERGE INTO team AS t USING (VALUES (40), (42)) AS v(id) ON t.id = v.id
  WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.id);
SELECT principal FROM pg_temp.who WHERE principal LIKE '4_';
-- => 41, 42
BEGIN;
SAVEPOINT s;
INSERT INTO team VALUES (43);
ROLLBACK TO s;
INSERT INTO team VALUES (44);
COMMIT;
INSERT INTO team VALUES (45), (45);
-- => 23505
SELECT principal FROM pg_temp.who WHERE principal LIKE '4_';
-- => 41, 42, 44
DELETE FROM team WHERE id > 40;

-- TRUNCATE
TRUNCATE member;
SELECT * FROM pg_temp.who WHERE teams <> '{}';
-- => none
DELETE FROM account;
TRUNCATE "User's", member, account;
SELECT * FROM pg_temp.who;
-- => teams 1, 2 and 30

-- many at once
INSERT INTO "User's" SELECT ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'many' FROM generate_series(1, 12000) AS i;
INSERT INTO member SELECT 2, "Id", 'x' FROM "User's";
SELECT count(*), count(*) FILTER (WHERE teams = '{2}') FROM pg_temp.who;
-- => 12003|12000
INSERT INTO account SELECT row_number() OVER (), "Id" FROM "User's" WHERE "Id"::text LIKE '%7';
SELECT relmeta.reassign_owned('00000000-0000-0000-0000-000000000007', '00000000-0000-0000-0000-000000000001');
-- => 1
DELETE FROM account;
DELETE FROM "User's" WHERE name = 'many';
SELECT * FROM pg_temp.who;
-- => teams 1, 2 and 30

-- a table of users that names their teams, in partitions with the columns at other places
CREATE TABLE staff (id int, boss int, team_id text, old_team text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE staff_1 (team_id text, gone int, id int NOT NULL, old_team text, boss int);
ALTER TABLE staff_1 DROP COLUMN gone;
ALTER TABLE staff ATTACH PARTITION staff_1 FOR VALUES FROM (100) TO (200);
CREATE TABLE staff_2 PARTITION OF staff FOR VALUES FROM (200) TO (300) PARTITION BY RANGE (id);
CREATE TABLE staff_21 PARTITION OF staff_2 FOR VALUES FROM (200) TO (250);
INSERT INTO staff (id, team_id) VALUES (101, '2'), (102, NULL), (201, '30');
SELECT relmeta.register_principals('staff_1');
-- => 0A000: its root
SELECT relmeta.register_principals('staff'), relmeta.register_memberships('staff', 'team_id', 'id');
SELECT * FROM pg_temp.who;
UPDATE staff SET id = id + 100 WHERE id = 101;
UPDATE staff_1 SET team_id = '30';
INSERT INTO staff_21 (id, team_id) VALUES (203, '2');
SELECT * FROM pg_temp.who;
-- => 102 {30}, 203 {2}; 201 was there: 23505
UPDATE staff SET id = id + 50 WHERE id = 101;
UPDATE staff SET id = 249 WHERE id = 151;
DELETE FROM staff_1 WHERE id = 102;
SELECT * FROM pg_temp.who;
-- => 201 {30}, 203 {2}, 249 {30}
-- a partition that comes later, with statement triggers of relmeta's or without
CREATE TABLE staff_3 PARTITION OF staff FOR VALUES FROM (300) TO (400);
INSERT INTO staff_3 (id, team_id) VALUES (301, '2'), (302, '30');
UPDATE staff_3 SET id = id + 10;
DELETE FROM staff_3 WHERE id = 312;
DROP TRIGGER IF EXISTS relmeta_source_ends ON staff_3;
INSERT INTO staff_3 (id, team_id) VALUES (320, '2'), (321, '30');
UPDATE staff_3 SET id = id + 2 WHERE id > 319;
DELETE FROM staff_3 WHERE id > 319;
SELECT * FROM pg_temp.who WHERE principal LIKE '3__';
-- => 311 {2}
-- two pairs of columns may give the same membership
SELECT relmeta.register_memberships('staff', 'old_team', 'id');
UPDATE staff SET old_team = team_id, team_id = NULL;
SELECT * FROM pg_temp.who WHERE teams <> '{}';
UPDATE staff SET old_team = NULL, team_id = old_team WHERE id = 311;
UPDATE staff SET old_team = NULL WHERE id = 203;
SELECT * FROM pg_temp.who WHERE teams <> '{}';
-- => 201 {30}, 249 {30}, 311 {2}
INSERT INTO staff (id, team_id) VALUES (303, 'no team');
INSERT INTO staff (id, team_id) VALUES (303, '201');
-- => 23503, 22023: a user is no team
TRUNCATE staff_21;
SELECT * FROM pg_temp.who;
-- => 311 {2}, teams 1, 2 and 30

-- texts: padding is no part of a name, case is
CREATE TABLE code (id char(8) PRIMARY KEY);
SELECT relmeta.register_principals('code');
INSERT INTO code VALUES ('ab'), ('AB'), (' c');
INSERT INTO code VALUES ('');
-- => 22023: an empty name
UPDATE code SET id = 'Ab' WHERE id = 'ab';
-- a trigger of the table's owner that fires late, and once more, does no harm
CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE OR DELETE ON code DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_source_changed();
INSERT INTO code VALUES ('late');
UPDATE code SET id = 'later' WHERE id = 'late';
DELETE FROM code WHERE id = 'later';
SELECT '[' || principal || ']' FROM pg_temp.who WHERE principal ILIKE '%ab%' OR principal LIKE '%c%';
DELETE FROM code WHERE id <> ' c';

-- a source that lost its key is an error for that source alone
ALTER TABLE code DROP CONSTRAINT code_pkey;
\set VERBOSITY default
INSERT INTO code VALUES ('zz');
\set VERBOSITY sqlstate
INSERT INTO account VALUES (1, '00000000-0000-0000-0000-0000000000ff');
-- => 23503, the ordinary complaint
SELECT relmeta.create_user('other'), relmeta.drop_principal('other');
ALTER TABLE code ADD PRIMARY KEY (id);
DELETE FROM code;

-- somebody's own trigger of the function does nothing
CREATE TABLE mine (id text PRIMARY KEY);
CREATE TRIGGER t AFTER INSERT OR DELETE ON mine FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_source_changed();
CREATE TRIGGER b BEFORE UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_source_changed();
INSERT INTO mine VALUES ('postgres');
DELETE FROM mine;
INSERT INTO mine VALUES ('x');
UPDATE mine SET id = 'y';
-- => 39P01
SELECT * FROM pg_temp.who;
-- => 311 and the teams

RESET ROLE;
RESET search_path;
SET client_min_messages = error;
TRUNCATE "source app".staff, "source app".team, "source app".member;
SELECT * FROM pg_temp.who;
SELECT relmeta.unregister_table('"source app".account');
DROP SCHEMA "source app" CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals;
DELETE FROM relmeta.principal_source;
DROP OWNED BY regress_source_app;
DROP ROLE regress_source_app, regress_source_clerk;
