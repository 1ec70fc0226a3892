-- membership_rows: a user is a member of a team if, and only if, a row of some table says so, or it was made by hand
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE TABLE person (id text PRIMARY KEY, crew text, old_crew text);
CREATE TABLE crew (id text PRIMARY KEY);
CREATE TABLE mem (n int, t text, p text);
INSERT INTO crew VALUES ('one'), ('two');
INSERT INTO person VALUES ('ann'), ('ben');
SELECT relmeta.register_principals('person'), relmeta.register_principals('crew', 'team'),
  relmeta.register_memberships('person', 'crew', 'id'), relmeta.register_memberships('mem', 't', 'p');
CREATE VIEW pg_temp.who AS SELECT principal, teams FROM relmeta.principals WHERE principal IN ('ann', 'ben', 'one', 'two') ORDER BY 1;

-- said by two tables: the last row counts, whichever it is
INSERT INTO mem VALUES (1, 'one', 'ann'), (2, 'one', 'ann');
UPDATE person SET crew = 'one' WHERE id = 'ann';
DELETE FROM mem WHERE n = 1;
DELETE FROM mem;
TABLE pg_temp.who;
-- => ann {one}
INSERT INTO mem VALUES (1, 'one', 'ann');
UPDATE person SET crew = NULL WHERE id = 'ann';
TABLE pg_temp.who;
-- => ann {one}
UPDATE person SET crew = 'one' WHERE id = 'ann';
TRUNCATE mem;
TABLE pg_temp.who;
-- => ann {one}
UPDATE person SET crew = 'two' WHERE id = 'ann';
TABLE pg_temp.who;
-- => ann {two}
UPDATE person SET crew = NULL;

-- and by hand, first or last
SELECT relmeta.add_team_member('one', 'ann');
INSERT INTO mem VALUES (1, 'one', 'ann');
SELECT relmeta.remove_team_member('one', 'ann');
-- => 55000
DELETE FROM mem;
TABLE pg_temp.who;
-- => ann {one}: by hand
SELECT relmeta.remove_team_member('one', 'ann');
INSERT INTO mem VALUES (1, 'one', 'ann');
SELECT relmeta.add_team_member('one', 'ann'), relmeta.add_team_member('one', 'ann');
DELETE FROM mem;
TABLE pg_temp.who;
-- => ann {one}: by hand
SELECT relmeta.act_as('ann', false);
SELECT relmeta.current_principals();
RESET relmeta.principal;
INSERT INTO mem VALUES (1, 'one', 'ann');
SELECT relmeta.act_as('ann', false);
SELECT relmeta.current_principals();
RESET relmeta.principal;
-- => {ann,one} twice: a team counts once
SELECT relmeta.register_memberships('mem', 't', 'p');
DELETE FROM mem;
SELECT relmeta.remove_team_member('one', 'ann');
TABLE pg_temp.who;
-- => in none

-- by two pairs of one table's columns
SELECT relmeta.register_memberships('person', 'old_crew', 'id');
UPDATE person SET crew = 'one', old_crew = 'one' WHERE id = 'ben';
UPDATE person SET crew = NULL;
TABLE pg_temp.who;
UPDATE person SET old_crew = NULL;
TABLE pg_temp.who;
-- => ben {one}, then none

-- a user, or a team, that goes and comes again while a row names it; what was made by hand goes with it
INSERT INTO mem VALUES (1, 'one', 'ann'), (2, 'two', 'ben');
SELECT relmeta.add_team_member('two', 'ann'), relmeta.add_team_member('one', 'ben');
DELETE FROM person;
TABLE pg_temp.who;
INSERT INTO person VALUES ('ann'), ('ben');
TABLE pg_temp.who;
-- => ann {one}, ben {two}
DELETE FROM crew;
TABLE pg_temp.who;
-- => in none
SELECT relmeta.act_as('ann', false);
SELECT relmeta.current_principals();
RESET relmeta.principal;
-- nor by one of the other kind that has the name
SELECT relmeta.create_user('one');
TABLE pg_temp.who;
SELECT relmeta.act_as('ann', false);
SELECT relmeta.current_principals();
RESET relmeta.principal;
-- => {ann} twice
SELECT relmeta.drop_principal('one');
INSERT INTO crew VALUES ('two'), ('one');
TABLE pg_temp.who;
-- => ann {one}, ben {two}
DELETE FROM person;
DELETE FROM mem WHERE n = 1;
INSERT INTO person VALUES ('ann'), ('ben');
TABLE pg_temp.who;
-- => ben {two}
INSERT INTO mem VALUES (3, 'one', 'ann');
DELETE FROM person WHERE id = 'ann';
INSERT INTO mem VALUES (4, 'two', 'ann');
-- => 23503: he is no principal
SELECT relmeta.create_team('ann');
SELECT relmeta.act_as('ann', false);
SELECT relmeta.current_principals();
RESET relmeta.principal;
TABLE pg_temp.who;
-- => a team is in no team
SELECT relmeta.drop_principal('ann');
INSERT INTO person VALUES ('ann');
TABLE pg_temp.who;
-- => ann {one}, ben {two}

-- a table that is dropped leaves what it said, of those who are there, as if made by hand
DELETE FROM person WHERE id = 'ben';
SELECT relmeta.add_team_member('one', 'ann');
DROP TABLE mem;
INSERT INTO person VALUES ('ben');
TABLE pg_temp.who;
SELECT relmeta.remove_team_member('one', 'ann');
TABLE pg_temp.who;
-- => ann {one}, then none

-- many, twice over
CREATE TABLE mem (n int, t text, p text);
SELECT relmeta.register_memberships('mem', 't', 'p');
INSERT INTO person SELECT 'many' || i FROM generate_series(1, 12000) AS i;
INSERT INTO mem SELECT 1, t, 'many' || i FROM generate_series(1, 12000) AS i, unnest(ARRAY['one', 'two']) AS t;
INSERT INTO mem SELECT 2, t, 'many' || i FROM generate_series(12000, 1, -1) AS i, unnest(ARRAY['one', 'two']) AS t;
CREATE INDEX ON mem (p, t);
ANALYZE mem;
UPDATE mem SET t = CASE t WHEN 'one' THEN 'two' ELSE 'one' END WHERE n = 1;
UPDATE mem SET t = 'one' WHERE n = 2;
UPDATE mem SET t = 'one';
SELECT teams, count(*) FROM relmeta.principals WHERE principal LIKE 'many%' GROUP BY 1;
-- => {one}|12000
DELETE FROM mem WHERE n = 1;
SELECT teams, count(*) FROM relmeta.principals WHERE principal LIKE 'many%' GROUP BY 1;
DELETE FROM mem;
SELECT teams, count(*) FROM relmeta.principals WHERE principal LIKE 'many%' GROUP BY 1;
-- => {one}, then {}

TRUNCATE person, crew, mem;
DROP TABLE person, crew, mem CASCADE;
SELECT count(*) FROM relmeta.principal UNION ALL SELECT count(*) FROM relmeta.principal_source
UNION ALL SELECT count(*) FROM relmeta.team_member;
-- => 0, three times
