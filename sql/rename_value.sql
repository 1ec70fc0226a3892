-- rename_value: ALTER TYPE renames what the catalog knows by name: followed, or refused where it is a principal's name.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA rnv;
SET search_path = rnv;
SELECT relmeta.create_user('ann'), relmeta.create_user('bob');
CREATE TYPE who AS ENUM ('ann', 'bob', 'nobody');
CREATE DOMAIN who_domain AS who;
CREATE TABLE a (id int PRIMARY KEY, owner_id who, other who_domain);
CREATE TABLE b (id int PRIMARY KEY);
SELECT relmeta.register_table('a', 'owner_id'), relmeta.register_table('b');
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', share => 'all');
-- PostgreSQL has no = for a domain over an enum
SELECT relmeta.register_table('a', 'other');
-- => ERROR:  0A000
SELECT relmeta.register_table('a', state_column => 'other', active_states => '{ann}');
-- => ERROR:  0A000
INSERT INTO a VALUES (1, 'ann');
INSERT INTO b VALUES (1, (SELECT id FROM a));
SELECT relmeta.share('a', 1, 'bob');
-- => 2

-- a principal's name
\set VERBOSITY default
ALTER TYPE who RENAME VALUE 'ann' TO 'anna';
\set VERBOSITY sqlstate
ALTER TYPE who RENAME VALUE 'bob' TO 'rob';
-- => ERROR:  55000
ALTER TYPE who RENAME VALUE 'nobody' TO 'somebody';
SELECT owner_id FROM a;
-- => ann
-- the way that the hint names
ALTER TYPE who ADD VALUE 'anna';
SELECT relmeta.create_user('anna');
SELECT relmeta.reassign_owned('ann', 'anna');
-- => 1
SELECT relmeta.drop_principal('ann');
ALTER TYPE who RENAME VALUE 'ann' TO 'former';
SELECT relmeta.has_access('a', 1, 'write', 'anna'), relmeta.has_access('b', 1, 'read', 'bob');
-- => t|t
SELECT * FROM relmeta.verify();
-- => none
-- a table without owner holds principals in its entries
SELECT relmeta.register_table('a', owner_column => '');
-- => ERROR:  55000
SELECT relmeta.drop_relationship('a_b');
SELECT relmeta.register_table('a', owner_column => '');
ALTER TYPE who RENAME VALUE 'bob' TO 'rob';
-- => none: it holds names, in text, now
SELECT relmeta.has_access('a', 1, 'read', 'bob');
-- => t
-- an application's own table of principals
CREATE TYPE person_name AS ENUM ('cleo', 'dan');
CREATE TABLE person (name person_name PRIMARY KEY);
INSERT INTO person VALUES ('cleo');
SELECT relmeta.register_principals('person');
ALTER TYPE person_name RENAME VALUE 'cleo' TO 'cleopatra';
-- => ERROR:  55000
ALTER TYPE person_name RENAME VALUE 'dan' TO 'daniel';
INSERT INTO person VALUES ('daniel');
SELECT principal FROM relmeta.principals WHERE principal LIKE 'dan%';
-- => daniel
DROP TABLE person;

-- states
CREATE TYPE status AS ENUM ('on', 'off', 'late');
CREATE TABLE s (id int PRIMARY KEY, owner_id text, st status);
CREATE TABLE s2 (id int PRIMARY KEY, owner_id text, st status);
SELECT relmeta.register_table('s', 'owner_id', 'st', '{on,late}', 'off'), relmeta.register_table('s2', 'owner_id', 'st', '{on}');
SELECT relmeta.create_one_to_many('s', 's2', 's_id', assign => 'active');
INSERT INTO s VALUES (1, 'bob', 'on');
INSERT INTO s2 VALUES (1, 'bob', 'on', 1), (2, 'bob', 'off', 1);
ALTER TYPE status RENAME VALUE 'on' TO 'enabled';
ALTER TYPE status RENAME VALUE 'off' TO 'on';
SELECT relation, active_states, inactive_state FROM relmeta.tables WHERE relation IN ('s'::regclass, 's2'::regclass) ORDER BY 1;
-- => s|{enabled,late}|on, s2|{enabled}|
UPDATE s SET owner_id = 'anna';
SELECT id, owner_id, st FROM s2 ORDER BY id;
-- => 1|anna|enabled, 2|bob|on
\c -
SET search_path = rnv;
SET client_min_messages = warning;
UPDATE s SET owner_id = 'bob';
SELECT id, owner_id FROM s2 ORDER BY id;
-- => 1|bob, 2|bob
SELECT * FROM relmeta.verify();
-- => none

-- type columns
CREATE TYPE kind AS ENUM ('s', 's2');
CREATE TABLE t (id int PRIMARY KEY, about_id int, about_type kind);
SELECT relmeta.create_multi_table_lookup('t', 'about_id', '{s,s2}', 'about_type', delete => 'all');
INSERT INTO t VALUES (1, 1, 's'), (2, 1, 's2');
ALTER TYPE kind RENAME VALUE 's' TO 'Status';
INSERT INTO t VALUES (3, 1, 'Status');
INSERT INTO t VALUES (4, 9, 'Status');
-- => ERROR:  23503
DELETE FROM s;
TABLE t;
-- => 2|1|s2
SELECT * FROM relmeta.verify();
-- => none

-- attributes of typed tables
CREATE TYPE row_of AS (id int, owner_id text, more text);
CREATE TABLE typed OF row_of (PRIMARY KEY (id));
SELECT relmeta.register_table('typed', 'owner_id');
ALTER TYPE row_of RENAME ATTRIBUTE owner_id TO owned_by CASCADE;
ALTER TYPE row_of RENAME ATTRIBUTE id TO number CASCADE;
ALTER TYPE row_of RENAME ATTRIBUTE more TO less CASCADE;
SELECT relation, key_column, owner_column FROM relmeta.tables WHERE relation = 'typed'::regclass;
-- => typed|number|owned_by
INSERT INTO typed VALUES (1, 'no one');
-- => ERROR:  23503
ALTER TYPE row_of ALTER ATTRIBUTE number TYPE bigint CASCADE;
-- => ERROR:  0A000

-- keys: what is kept by their texts follows the rows, however values change their names
CREATE TYPE color AS ENUM ('red', 'green', 'blue', 'grey');
CREATE TABLE paint (id color PRIMARY KEY, owner_id text, st boolean DEFAULT true);
CREATE TABLE pot (id int PRIMARY KEY, paint color);
SELECT relmeta.register_table('paint', 'owner_id', 'st'), relmeta.register_table('pot');
SELECT relmeta.create_one_to_many('paint', 'pot', 'paint', share => 'all');
INSERT INTO paint SELECT c, 'bob' FROM unnest(enum_range(NULL::color)) AS c;
INSERT INTO pot VALUES (1, 'red'), (2, 'green');
CREATE PROCEDURE nothing(relation regclass, key text) LANGUAGE sql AS '';
SELECT relmeta.create_automation('rnv_auto', 'paint', 'nothing(regclass, text)');
SELECT relmeta.activate_automation('rnv_auto', 'red');
SELECT count(relmeta.connect('paint', 'red', 'pot', 2, description => 'red''s')), count(relmeta.connect('paint', 'red', 'paint', 'blue'));
-- => 1|1
SELECT count(*) FROM relmeta.merge('paint', 'red', 'grey');
SELECT relmeta.share('paint', 'red', 'anna', '{read}');
-- => 2
CREATE VIEW hangs AS SELECT id, (SELECT count(*) FROM relmeta.connections('paint', id)) AS connected, relmeta.merged_into('paint', id) AS merged_into,
  (SELECT count(*) FROM relmeta.automations AS a WHERE a.key = id::text) AS automated, relmeta.principal_access('paint', id, 'anna') AS anna FROM paint ORDER BY id;
SELECT * FROM hangs;
-- exchanged by three names
ALTER TYPE color RENAME VALUE 'red' TO 'other';
ALTER TYPE color RENAME VALUE 'green' TO 'red';
ALTER TYPE color RENAME VALUE 'other' TO 'green';
ALTER TYPE color RENAME VALUE 'blue' TO 'Sea''s "blue"';
SELECT * FROM hangs;
-- => green is what was red
BEGIN;
ALTER TYPE color RENAME VALUE 'green' TO 'undone';
ROLLBACK;
SELECT key1, key2 FROM relmeta.connection ORDER BY 1, 2;
SELECT * FROM relmeta.verify();
-- => none
-- gone with the row
DELETE FROM pot;
DELETE FROM paint WHERE id = 'green';
SELECT count(*) FROM relmeta.connection;
-- => 0
-- partitions, and an enum that is nobody's key
CREATE TABLE wall (id color PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE wall_1 PARTITION OF wall DEFAULT;
SELECT relmeta.register_table('wall');
INSERT INTO wall VALUES ('red'), ('grey');
SELECT count(relmeta.connect('wall', 'red', 'wall', 'grey'));
-- => 1
ALTER TYPE color RENAME VALUE 'grey' TO 'gray';
ALTER TYPE status RENAME VALUE 'enabled' TO 'red';
SELECT count(*) FROM relmeta.connections('wall', 'gray');
-- => 1

DROP SCHEMA rnv CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal IN ('anna', 'bob', 'cleo', 'daniel');
