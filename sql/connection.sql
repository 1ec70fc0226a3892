-- Connections and their roles.  SEMANTICS 2.7, 3.11
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_con_owner;
CREATE ROLE regress_con_other;
CREATE ROLE regress_con_bob;
CREATE ROLE regress_con_app;
SELECT relmeta.create_user('con_ann'), relmeta.create_user('con_bob', 'regress_con_bob');
CREATE SCHEMA con AUTHORIZATION regress_con_owner;
GRANT USAGE ON SCHEMA con TO PUBLIC;
SET ROLE regress_con_owner;
SET search_path = '';
CREATE TABLE con.account (id int PRIMARY KEY, owner_id text, state int DEFAULT 0);
CREATE TABLE con."odd ""one""" ("Key $1" uuid PRIMARY KEY, owner_id text);
CREATE TABLE con.word (word text PRIMARY KEY, owner_id text);
CREATE TABLE con.part (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE con.part_1 PARTITION OF con.part FOR VALUES FROM (0) TO (10);
CREATE TABLE con.part_2 (gone int, id bigint NOT NULL);
ALTER TABLE con.part_2 DROP COLUMN gone;
ALTER TABLE con.part ATTACH PARTITION con.part_2 FOR VALUES FROM (10) TO (1000000);
CREATE TABLE con.unregistered (id int PRIMARY KEY);
SELECT relmeta.register_table('con.account', 'owner_id', 'state'), relmeta.register_table('con."odd ""one"""', 'owner_id'), relmeta.register_table('con.word', 'owner_id'), relmeta.register_table('con.part');
INSERT INTO con.account SELECT i, 'con_ann' FROM generate_series(1, 6) AS i;
INSERT INTO con."odd ""one""" VALUES ('00000000-0000-0000-0000-00000000000a', 'con_ann');
INSERT INTO con.word VALUES ('O''Neil', 'con_bob'), ('b', 'con_ann');
INSERT INTO con.part SELECT i FROM generate_series(1, 20) AS i;

--
-- "A role is made by whoever owns its tables (one without tables: EXECUTE, not PUBLIC)"
--
SELECT relmeta.create_connection_role('customer', 'business', '{con.account,con.part}', 'buys');
SELECT relmeta.create_connection_role('supplier', 'business', '{con.account}'), relmeta.create_connection_role('agent', NULL, '{"con.\"odd \"\"one\"\"\""}'), relmeta.create_connection_role('it''s "odd"', tables => '{con.word}');
SELECT relmeta.create_connection_role('friend');
-- => ERROR:  42501
RESET ROLE;
SELECT relmeta.create_connection_role('friend', 'social');
GRANT EXECUTE ON FUNCTION relmeta.create_connection_role TO regress_con_other;
SET ROLE regress_con_other;
SELECT relmeta.create_connection_role('enemy');
SELECT relmeta.create_connection_role('thief', tables => '{con.account}');
-- => ERROR:  42501
SET ROLE regress_con_owner;
SELECT relmeta.create_connection_role('customer', tables => '{con.word}');
-- => ERROR:  42710
SELECT relmeta.create_connection_role('customer', tables => '{con.word}', if_not_exists => true);
SELECT relmeta.create_connection_role('x', tables => '{con.unregistered}');
-- => ERROR:  42704
SELECT relmeta.create_connection_role('x', tables => '{}');
-- => ERROR:  22023
SELECT relmeta.create_connection_role('');
-- => ERROR:  22023
SELECT relmeta.create_connection_role(NULL, tables => '{con.account}');
-- => ERROR:  22004
SELECT * FROM relmeta.connection_roles ORDER BY name;
-- => agent||{"con.\"odd \"\"one\"\"\""}|{}|
-- => customer|business|{con.account,con.part}|{}|buys
-- => enemy|||{}|
-- => friend|social||{}|
-- => it's "odd"||{con.word}|{}|
-- => supplier|business|{con.account}|{}|
-- "matched by who may make both"
SELECT relmeta.match_connection_roles('customer', 'supplier'), relmeta.match_connection_roles('agent', 'customer'), relmeta.match_connection_roles('supplier', 'customer');
SELECT relmeta.match_connection_roles('customer', 'friend');
-- => ERROR:  42501
SELECT relmeta.match_connection_roles('customer', 'nobody');
-- => ERROR:  42704
SELECT name, matches FROM relmeta.connection_roles WHERE matches <> '{}' ORDER BY name;
-- => agent|{customer}
-- => customer|{supplier,agent}
-- => supplier|{customer}

--
-- "One stored row, seen from both ends, each with its own role."
--
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'customer', 'supplier', '2020-01-01', '2021-01-01', 'since then') AS c \gset
SELECT role, other_table, other_key, other_role, effective_start, effective_end, description FROM relmeta.connections('con.account', 1);
-- => customer|con.account|2|supplier|01-01-2020|01-01-2021|since then
SELECT role, other_table, other_key, other_role, effective_start, effective_end, description FROM relmeta.connections('con.account', '2');
-- => supplier|con.account|1|customer|01-01-2020|01-01-2021|since then
-- "where one side's role is given and the other's is not, the match that was made first is filled in, none leaves it empty": one that fits the table
SELECT relmeta.connect('con.account', '1', 'con.account', 3, 'customer') AS c1, relmeta.connect('con.account', 1, 'con."odd ""one"""', '00000000-0000-0000-0000-00000000000A', role2 => 'agent') AS c2, relmeta.connect('con.account', '1', 'con.word', 'b', 'customer') AS c3 \gset
-- "a role without matches may face any", "a role without tables may be used for all"; or none at all
SELECT relmeta.connect('con.part', 11, 'con.word', 'O''Neil', NULL, 'it''s "odd"') AS c4, relmeta.connect('con.word', 'b', 'con.part', '1') AS c5, relmeta.connect('con.word', 'b', 'con.part', 1, 'friend', 'enemy') AS c6 \gset
SELECT role, other_table, other_key, other_role FROM relmeta.connections('con.account', 1) ORDER BY connection_id;
-- => customer|con.account|2|supplier
-- => customer|con.account|3|supplier
-- => customer|con."odd ""one"""|00000000-0000-0000-0000-00000000000a|agent
-- => customer|con.word|b|
SELECT role, other_table, other_key, other_role FROM relmeta.connections('con.word', 'b') ORDER BY connection_id;
-- => |con.account|1|customer
-- => |con.part|1|
-- => friend|con.part|1|enemy
SELECT role, other_table, other_key, other_role FROM relmeta.connections('con.part', 11);
-- => |con.word|O'Neil|it's "odd"
SELECT count(*) FROM relmeta.connections('con.part', 12);
-- => 0
-- "Refused: an unknown or unfit role (22023 ...), an end before its start (23514)": no role, one of other tables ("Both roles obey their tables"), one that
-- does not match ("A role that others match takes only those on the other side"); "a row not with itself"
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'nobody');
-- => ERROR:  22023
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'agent');
-- => ERROR:  22023
SELECT relmeta.connect('con.account', 1, 'con.account', 2, role2 => 'agent');
-- => ERROR:  22023
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'customer', 'customer');
-- => ERROR:  22023
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'friend', 'customer');
-- => ERROR:  22023
SELECT relmeta.connect('con.account', 1, 'con.account', 2, effective_start => '2020-01-02', effective_end => '2020-01-01');
-- => ERROR:  23514
SELECT relmeta.connect('con.account', 1, 'con.account', '1');
-- => ERROR:  23514
SELECT relmeta.connect('con.account', 1, 'con.account', 99);
-- => ERROR:  P0002
SELECT relmeta.connect('con.account', 'x', 'con.account', 1);
-- => ERROR:  22P02
SELECT relmeta.connect('con.account', 1, 'con.unregistered', 1);
-- => ERROR:  42704
SELECT relmeta.connect('con.account', NULL, 'con.account', 1);
-- => ERROR:  22004
SELECT * FROM relmeta.connections('con.account', 99);
-- => ERROR:  P0002
BEGIN READ ONLY;
SELECT relmeta.connect('con.account', 1, 'con.account', 2);
-- => ERROR:  25006
ROLLBACK;
-- "the hint lists those that fit"
\set VERBOSITY default
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'agent');
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'customer', 'friend');
\set VERBOSITY sqlstate

--
-- "update_connection fills no role in; a column both given and cleared is 22023"; '' and clear
--
SELECT relmeta.update_connection(:c, role2 => '', effective_end => '2030-12-31', description => 'longer');
SELECT role, other_role, effective_start, effective_end, description FROM relmeta.connections('con.account', 1) WHERE connection_id = :c;
-- => customer||01-01-2020|12-31-2030|longer
SELECT relmeta.update_connection(:c, clear => '{effective_start,effective_end,role1}', description => '');
SELECT role, other_role, effective_start, effective_end, description FROM relmeta.connections('con.account', 1) WHERE connection_id = :c;
-- => ||||
SELECT relmeta.update_connection(:c, role2 => 'supplier');
SELECT role, other_role FROM relmeta.connections('con.account', 1) WHERE connection_id = :c;
-- => |supplier
SELECT relmeta.update_connection(:c, role1 => 'friend');
-- => ERROR:  22023
SELECT relmeta.update_connection(:c, role1 => 'agent');
-- => ERROR:  22023
SELECT relmeta.update_connection(:c, role1 => 'customer', clear => '{role1}');
-- => ERROR:  22023
SELECT relmeta.update_connection(:c, clear => '{key1}');
-- => ERROR:  22023
SELECT relmeta.update_connection(:c, effective_start => '2020-01-02', effective_end => '2020-01-01');
-- => ERROR:  23514
SELECT relmeta.update_connection(0);
-- => ERROR:  P0002
SELECT relmeta.update_connection(NULL);
-- => ERROR:  22004
SELECT relmeta.update_connection(:c, role1 => 'customer', effective_start => '2020-01-02');
SELECT role, other_role, effective_start FROM relmeta.connections('con.account', 2);
-- => supplier|customer|01-02-2020

--
-- "The same two rows may be connected several times"; disconnected from either end, once
--
SELECT relmeta.connect('con.account', 2, 'con.account', 1) AS c7 \gset
SELECT count(*) FROM relmeta.connections('con.account', 2);
-- => 2
SELECT relmeta.disconnect(:c7);
SELECT relmeta.disconnect(:c7);
-- => ERROR:  P0002
SELECT count(*) FROM relmeta.connections('con.account', 2);
-- => 1

--
-- "Who connects needs what associate needs": without access control the tables' privileges
--
SET ROLE regress_con_bob;
SELECT relmeta.connect('con.account', 1, 'con.part', 1);
-- => ERROR:  42501
SELECT * FROM relmeta.connections('con.account', 1);
-- => ERROR:  42501
SELECT count(*) FROM relmeta.connection;
-- => ERROR:  42501
SET ROLE regress_con_owner;
GRANT SELECT ON con.account, con.word, con.part, con."odd ""one""" TO regress_con_bob, regress_con_app;
SET ROLE regress_con_bob;
SELECT count(*) FROM relmeta.connections('con.account', 1);
-- => 4
SELECT relmeta.connect('con.account', 1, 'con.part', 1);
-- => ERROR:  42501
SELECT relmeta.disconnect(:c1);
-- => ERROR:  42501
SELECT relmeta.update_connection(:c1, description => 'x');
-- => ERROR:  42501
SET ROLE regress_con_owner;
GRANT INSERT, UPDATE, DELETE ON con.account, con.word, con.part TO regress_con_bob, regress_con_app;
SET ROLE regress_con_bob;
SELECT relmeta.connect('con.account', 6, 'con.part', 6) AS c8 \gset
SELECT relmeta.update_connection(:c8, description => 'x'), relmeta.disconnect(:c8);

--
-- Under access control: append on both ends; read on both to see it; a cap; act_as
--
SET ROLE regress_con_owner;
SELECT relmeta.enable_access_control('con.account'), relmeta.enable_access_control('con.word');
SET ROLE regress_con_bob;
SELECT * FROM relmeta.connections('con.account', 1);
-- => ERROR:  P0002
SELECT role, other_table, other_key FROM relmeta.connections('con.word', 'O''Neil');
-- => it's "odd"|con.part|11
-- a hidden row, and one that is not there, in the same words (ATTACKS 42)
SELECT relmeta.connect('con.word', 'O''Neil', 'con.account', 1);
-- => ERROR:  42501
SELECT relmeta.connect('con.word', 'O''Neil', 'con.account', 99);
-- => ERROR:  42501
SELECT relmeta.disconnect(:c1);
-- => ERROR:  P0002
SELECT relmeta.disconnect(0);
-- => ERROR:  P0002
SET ROLE regress_con_owner;
SELECT relmeta.share('con.account', 1, 'con_bob', '{read}');
-- => 1
SET ROLE regress_con_bob;
SELECT other_table, other_key FROM relmeta.connections('con.account', 1);
-- => con."odd ""one"""|00000000-0000-0000-0000-00000000000a
SELECT relmeta.connect('con.word', 'O''Neil', 'con.account', 1);
-- => ERROR:  42501
SELECT relmeta.disconnect(:c2);
-- => ERROR:  42501
SET ROLE regress_con_owner;
SELECT relmeta.share('con.account', 1, 'con_bob', '{append}');
-- => 1
SET ROLE regress_con_bob;
SELECT relmeta.connect('con.word', 'O''Neil', 'con.account', 1, description => 'bob''s') AS c9 \gset
SELECT other_table, description FROM relmeta.connections('con.account', 1) ORDER BY connection_id;
-- => con."odd ""one"""|
-- => con.word|bob's
SELECT relmeta.update_connection(:c9, description => 'his');
RESET ROLE;
BEGIN;
SELECT relmeta.act_as('con_bob', true, '{read}');
SET LOCAL ROLE regress_con_app;
SELECT count(*) FROM relmeta.connections('con.account', 1);
-- => 2
SAVEPOINT s;
SELECT relmeta.disconnect(:c9);
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.connect('con.word', 'O''Neil', 'con.account', 1);
-- => ERROR:  42501
ROLLBACK;
BEGIN;
SELECT relmeta.act_as('con_bob', true, '{read,append}');
SET LOCAL ROLE regress_con_app;
SELECT relmeta.connect('con.word', 'O''Neil', 'con.account', 1) IS NOT NULL;
-- => t
-- the owner of the tables, too, is judged by the principal that he acts as
SET LOCAL ROLE regress_con_owner;
SELECT count(*) FROM relmeta.connections('con.account', 1);
-- => 3
SAVEPOINT s;
SELECT relmeta.connect('con.word', 'b', 'con.account', 1);
-- => ERROR:  42501
ROLLBACK TO s;
SELECT * FROM relmeta.connections('con.account', 2);
-- => ERROR:  P0002
ROLLBACK;
SET ROLE regress_con_bob;
SELECT relmeta.disconnect(:c9);
SET ROLE regress_con_owner;
SELECT relmeta.disable_access_control('con.account'), relmeta.disable_access_control('con.word');
-- policies of an ordinary role's own on the other table are not run as the caller
CREATE FUNCTION con.spy() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''spied on''; RETURN true; END';
CREATE POLICY spy ON con.word USING (con.spy());
ALTER TABLE con.word ENABLE ROW LEVEL SECURITY;
SET ROLE regress_con_bob;
SET client_min_messages = notice;
SELECT other_table FROM relmeta.connections('con.part', 11);
SELECT relmeta.update_connection(:c4, description => 'x');
-- => ERROR:  P0002
SET client_min_messages = warning;
SET ROLE regress_con_owner;
ALTER TABLE con.word DISABLE ROW LEVEL SECURITY;
DROP POLICY spy ON con.word;

--
-- "They ... follow changed keys, move in a merge": swapped ones too; SEMANTICS 3.6: "connections move (one between m and s is dropped)"
--
UPDATE con.part SET id = 111 WHERE id = 11;
UPDATE con.word SET word = 'Neil' WHERE word = 'O''Neil';
SELECT other_key, other_role FROM relmeta.connections('con.part', 111);
-- => Neil|it's "odd"
UPDATE con.account SET id = -id WHERE id IN (1, 2);
UPDATE con.account SET id = CASE id WHEN -1 THEN 2 ELSE 1 END WHERE id < 0;
SELECT role, other_key FROM relmeta.connections('con.account', 2) WHERE other_table = 'con.account'::regclass ORDER BY 2;
-- => customer|1
-- => customer|3
-- a key that goes to another partition: the connection goes with the row
UPDATE con.part SET id = 5000 WHERE id = 1;
SELECT count(*) FROM relmeta.connections('con.part', 5000);
-- => 2
SELECT relmeta.connect('con.account', 5, 'con.account', 4, description => 'between'), relmeta.connect('con.account', 5, 'con.word', 'b', description => 'first'), relmeta.connect('con.word', 'b', 'con.account', 5, description => 'second') IS NOT NULL \g /dev/null
-- "and one without a name for connections"
SELECT * FROM relmeta.merge('con.account', 4, 5);
-- => |2|1
SELECT description FROM relmeta.connections('con.account', 4) ORDER BY 1;
-- => first
-- => second
SELECT count(*) FROM relmeta.connections('con.account', 5);
-- => 0

--
-- "They go with deleted rows": TRUNCATE, partitions; with the registration; set-based
--
DELETE FROM con.account WHERE id = 3;
SELECT count(*) FROM relmeta.connections('con.account', 2) WHERE other_key = '3';
-- => 0
RESET ROLE;
SELECT count(*) FROM relmeta.connection;
-- => 8
TRUNCATE con.word;
SELECT count(*) FROM relmeta.connection;
-- => 2
SET ROLE regress_con_owner;
SELECT relmeta.connect('con.part', 2, 'con.account', 2), relmeta.connect('con.part', 20, 'con.account', 2) \g /dev/null
TRUNCATE con.part_1;
SELECT other_key FROM relmeta.connections('con.account', 2) WHERE other_table = 'con.part'::regclass;
-- => 20
ALTER TABLE con.part DETACH PARTITION con.part_2;
SELECT count(*) FROM relmeta.connections('con.account', 2) WHERE other_table = 'con.part'::regclass;
-- => 0
ALTER TABLE con.part ATTACH PARTITION con.part_2 FOR VALUES FROM (10) TO (1000000);
INSERT INTO con.part SELECT i FROM generate_series(10000, 12000) AS i;
SELECT count(relmeta.connect('con.account', 6, 'con.part', i)) FROM generate_series(10000, 10999) AS i;
-- => 1000
UPDATE con.part SET id = id + 100000 WHERE id BETWEEN 10000 AND 12000;
SELECT count(*), min(other_key::bigint) FROM relmeta.connections('con.account', 6);
-- => 1000|110000
DELETE FROM con.part WHERE id BETWEEN 110000 AND 110799;
SELECT count(*), min(other_key::bigint) FROM relmeta.connections('con.account', 6);
-- => 200|110800
-- a key of another type
SELECT relmeta.alter_column_type('con.account', 'id', 'text');
SELECT count(*), min(other_key::bigint) FROM relmeta.connections('con.account', '6');
-- => 200|110800
SELECT relmeta.alter_column_type('con.account', 'id', 'numeric');
SELECT other_table, other_key FROM relmeta.connections('con.part', 110800);
-- => con.account|6

--
-- verify(), repair(); other names
--
SELECT * FROM relmeta.verify();
-- => none
RESET ROLE;
SET session_replication_role = replica;
DELETE FROM con.part WHERE id >= 110800 AND id < 110999;
RESET session_replication_role;
SET ROLE regress_con_owner;
SELECT relation, problem FROM relmeta.verify();
SELECT relmeta.repair();
-- => 1
SELECT count(*) FROM relmeta.connections('con.account', 6);
-- => 1
ALTER TABLE con.part RENAME TO section;
ALTER TABLE con.section RENAME COLUMN id TO "a key";
SELECT other_table, other_key FROM relmeta.connections('con.account', 6);
-- => con.section|110999
-- "its last table taken away leaves it without use, not open to all"
DROP TABLE con.section;
SELECT count(*) FROM relmeta.connections('con.account', 6);
-- => 0
DROP TABLE con."odd ""one""";
SELECT name, tables FROM relmeta.connection_roles WHERE name IN ('agent', 'customer') ORDER BY name;
-- => agent|{}
-- => customer|{con.account}
SELECT relmeta.connect('con.account', 1, 'con.account', 2, 'agent');
-- => ERROR:  22023
SELECT relmeta.unregister_table('con.account');
RESET ROLE;
SELECT count(*) FROM relmeta.connection;
-- => 0
SELECT * FROM relmeta.verify() WHERE relation::text LIKE 'con.%';
-- => none

SET client_min_messages = error;
DROP SCHEMA con CASCADE;
DELETE FROM relmeta.connection_role;
SELECT relmeta.drop_principal('con_ann'), relmeta.drop_principal('con_bob');
REVOKE EXECUTE ON FUNCTION relmeta.create_connection_role FROM regress_con_other;
DROP ROLE regress_con_owner, regress_con_other, regress_con_bob, regress_con_app;
