-- control_lost: what was controlled, and is not registered any more (a restore has lost that), is shown to nobody and opened by nobody but
-- its owner: SEMANTICS 2.5 "Access control".  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cl_own;
CREATE ROLE regress_cl_ann;
CREATE SCHEMA cl AUTHORIZATION regress_cl_own;
GRANT USAGE ON SCHEMA cl TO PUBLIC;
SET search_path = cl;
SELECT relmeta.create_user('cl_ann', 'regress_cl_ann'), relmeta.create_user('cl_bob');
SET ROLE regress_cl_own;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE tag (id int PRIMARY KEY, owner_id text);
CREATE TABLE plain (id int PRIMARY KEY);
CREATE TABLE part (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (10);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,tag,part}'::regclass[]) AS t;
SELECT relmeta.create_many_to_many('account', 'tag', 'cl_tag', attributes => 'remark text'),
  relmeta.create_many_to_many('account', 'plain', 'cl_plain'), relmeta.create_many_to_many('plain', 'part_1', 'cl_part');
-- an intersect table with access control of its own, too
SELECT relmeta.create_many_to_many('plain', 'tag', 'cl_own', surrogate_key => true);
SELECT relmeta.register_table('plain_tag');
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cl TO regress_cl_ann;
INSERT INTO account VALUES (1, 'cl_ann'), (2, 'cl_bob');
INSERT INTO tag VALUES (1, 'cl_ann'), (2, 'cl_bob');
INSERT INTO part VALUES (1, 'cl_ann'), (2, 'cl_bob');
INSERT INTO plain VALUES (1), (2);
INSERT INTO account_tag VALUES (1, 1, 'own'), (2, 2, 'other');
INSERT INTO account_plain VALUES (1, 1), (2, 2);
INSERT INTO plain_part_1 VALUES (1, 1), (2, 2);
INSERT INTO plain_tag (plain_id, tag_id) VALUES (1, 1), (2, 2);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,tag,part}'::regclass[]) AS t;
SELECT relmeta.enable_access_control('plain_tag', force => true);
RESET ROLE;
CREATE VIEW seen AS SELECT (SELECT count(*) FROM account) AS account, (SELECT count(*) FROM account_tag) AS tags,
  (SELECT count(*) FROM account_plain) AS plains, (SELECT count(*) FROM plain_part_1) AS parts, (SELECT count(*) FROM plain_tag) AS own;
ALTER VIEW seen SET (security_invoker = true);
GRANT SELECT ON seen TO PUBLIC;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
-- => none
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 1|1|1|1|0: the last has no owner
RESET SESSION AUTHORIZATION;

-- one end is lost, the other is not; and what is of both
BEGIN;
DELETE FROM relmeta.registered_table WHERE relation = 'account'::regclass;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 0|0|0|1|0
SAVEPOINT s;
SELECT relmeta.associated('cl_tag', 1);
-- => ERROR:  P0002
ROLLBACK TO s;
SELECT relmeta.is_associated('cl_plain', 1, 1);
-- => f
INSERT INTO account_tag VALUES (1, 2);
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO account_tag VALUES (1, 1) ON CONFLICT DO NOTHING;
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO account_tag VALUES (1, 1) ON CONFLICT (account_id, tag_id) DO UPDATE SET remark = 'mine';
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.associate('cl_plain', 1, 2);
-- => ERROR:  42501
ROLLBACK TO s;
UPDATE account_tag SET remark = 'mine';
DELETE FROM account_tag;
DELETE FROM account_plain;
RESET SESSION AUTHORIZATION;
SELECT (SELECT string_agg(remark, ' ' ORDER BY remark) FROM account_tag), (SELECT count(*) FROM account_plain);
-- => other own|2
ROLLBACK;

-- all are lost
BEGIN;
DELETE FROM relmeta.registered_table WHERE relation::text !~ '\.';
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 0|0|0|0|0
RESET SESSION AUTHORIZATION;
SELECT relation, object, problem, repair FROM relmeta.verify() WHERE relation::text !~ '\.' AND object ~ '^cl_' ORDER BY object, repair;
-- => a line for each controlled end, and the call for it
SELECT count(*) FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid WHERE relnamespace = 'cl'::regnamespace;
SELECT relmeta.repair();
-- => 0
SELECT count(*) FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid WHERE relnamespace = 'cl'::regnamespace;
-- => the same
SELECT count(*) FROM pg_class WHERE relnamespace = 'cl'::regnamespace AND relrowsecurity AND relforcerowsecurity;
-- => 1
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 0|0|0|0|0

-- a relationship does not register it as it was not; its owner does, and it is controlled from the start
SET SESSION AUTHORIZATION regress_cl_own;
SAVEPOINT s;
SELECT relmeta.create_one_to_many('tag', 'plain', 'tag_id');
-- => ERROR:  55000
ROLLBACK TO s;
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT relmeta.register_table('tag');
-- => NOTICE: it is controlled
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SELECT owner_column, access_control FROM relmeta.tables WHERE relation = 'tag'::regclass;
-- => owner_id|t
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 0|0|0|0|0: the other end is lost, as is the last one's own registration
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.register_table('account'), relmeta.register_table('part'), relmeta.register_table('plain_tag');
SELECT relation, owner_column, access_control FROM relmeta.tables WHERE relation::text !~ '\.' ORDER BY relation::text;
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
-- => none
SELECT force_access_control FROM relmeta.registered_table WHERE relation = 'plain_tag'::regclass;
-- => t
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 1|1|1|1|0, as before
RESET SESSION AUTHORIZATION;
ROLLBACK;

-- the relationship is lost besides, and declared again before its ends are
BEGIN;
DELETE FROM relmeta.registered_table WHERE relation::text !~ '\.';
DELETE FROM relmeta.intersect_relationship WHERE name ~ '^cl_';
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.adopt_many_to_many('account_tag', 'cl_again');
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 0|0|0|0|0
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.register_table('account'), relmeta.register_table('tag');
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 1|1|0|0|0
RESET SESSION AUTHORIZATION;
ROLLBACK;

-- names that are free then, and that somebody else's tables and relationships get, say nothing of what had them
BEGIN;
SET SESSION AUTHORIZATION regress_cl_own;
ALTER TABLE tag RENAME TO label;
GRANT CREATE ON SCHEMA cl TO regress_cl_ann;
RESET SESSION AUTHORIZATION;
SELECT name FROM relmeta.registered_table WHERE relation = 'label'::regclass;
-- => cl.tag
DELETE FROM relmeta.registered_table WHERE relation = 'label'::regclass;
DELETE FROM relmeta.intersect_relationship WHERE name ~ '^cl_';
SET SESSION AUTHORIZATION regress_cl_ann;
CREATE TABLE tag (id int PRIMARY KEY, owner_id text);
CREATE TABLE hers (id int PRIMARY KEY, owner_id text);
SELECT relmeta.create_many_to_many('hers', 'tag', 'cl_tag', 'her_tags'), relmeta.create_many_to_many('hers', 'hers', 'cl_plain', 'her_plains');
SELECT relmeta.register_table('tag', 'owner_id'), relmeta.register_table('hers', 'owner_id');
SELECT * FROM account_tag;
-- => none
SELECT * FROM account_plain;
-- => none
SELECT relmeta.link_shown('account_tag', 1, 1, 1), relmeta.link_shown('her_tags', 1, 1, 1);
-- => f|t
SAVEPOINT s;
INSERT INTO account_tag VALUES (1, 2);
-- => ERROR:  42501
ROLLBACK TO s;
DELETE FROM account_tag RETURNING account_id;
-- => none
SELECT relmeta.enable_access_control('tag', everyone => '{read,write,delete}');
SELECT name FROM relmeta.registered_table WHERE relation = 'tag'::regclass;
-- => cl.tag
SELECT * FROM label;
-- => none
SAVEPOINT s;
INSERT INTO label VALUES (3, 'cl_ann');
-- => ERROR:  42501
ROLLBACK TO s;
UPDATE label SET owner_id = 'cl_ann' RETURNING id;
-- => none
RESET SESSION AUTHORIZATION;
ROLLBACK;

-- in order, an end that leaves asks nothing
BEGIN;
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.disable_access_control('account'), relmeta.disable_access_control('plain_tag'), relmeta.disable_access_control('part');
SELECT relmeta.unregister_table('account'), relmeta.unregister_table('plain_tag');
ALTER TABLE part DETACH PARTITION part_1;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 2|1|2|2|1: of tags the other end asks
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
-- => none
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.disable_access_control('tag');
SELECT relmeta.unregister_table('tag');
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM seen;
-- => 2|2|2|2|2
RESET SESSION AUTHORIZATION;
SELECT relname FROM pg_class WHERE relnamespace = 'cl'::regnamespace AND relrowsecurity ORDER BY relname;
-- => none
ROLLBACK;

-- a partition that is detached stays closed, and links with it: until it is registered, or a partition of a table that is
BEGIN;
SET SESSION AUTHORIZATION regress_cl_own;
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE part_2a PARTITION OF part_2 FOR VALUES FROM (10) TO (20);
SELECT relmeta.create_many_to_many('part_2', 'tag', 'cl_mid'), relmeta.create_many_to_many('plain', 'part_2a', 'cl_low');
GRANT SELECT, INSERT, UPDATE, DELETE ON part_1, part_2, part_2a, part_2_tag, plain_part_2a TO regress_cl_ann;
INSERT INTO part VALUES (11, 'cl_ann'), (12, 'cl_bob');
INSERT INTO part_2_tag VALUES (11, 1), (12, 1), (11, 2);
INSERT INTO plain_part_2a VALUES (1, 11), (1, 12);
RESET SESSION AUTHORIZATION;
CREATE VIEW left_over AS SELECT (SELECT count(*) FROM part_1) AS rows, (SELECT count(*) FROM plain_part_1) AS parts, (SELECT count(*) FROM part_2) AS mid,
  (SELECT count(*) FROM part_2_tag) AS mids, (SELECT count(*) FROM plain_part_2a) AS lows;
ALTER VIEW left_over SET (security_invoker = true);
GRANT SELECT ON left_over TO PUBLIC;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 1|1|1|1|1
SET SESSION AUTHORIZATION regress_cl_own;
ALTER TABLE part DETACH PARTITION part_1;
ALTER TABLE part DETACH PARTITION part_2;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 0|0|0|0|0
SAVEPOINT s;
INSERT INTO plain_part_1 VALUES (2, 1);
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.associate('cl_low', 1, 11);
-- => ERROR:  42501
ROLLBACK TO s;
DELETE FROM plain_part_1;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM plain_part_1;
-- => 2
SELECT relmeta.repair();
-- => 0
SELECT relation, object, problem, repair FROM relmeta.verify() WHERE relation::text !~ '\.' ORDER BY object;
-- => a line each for cl_low, cl_mid and cl_part
SELECT relname FROM pg_class WHERE relnamespace = 'cl'::regnamespace AND relrowsecurity AND relname ~ 'part' AND relkind IN ('r', 'p') ORDER BY relname;
-- => all of them
-- what becomes of the table that it left, and of its triggers, opens nothing
SAVEPOINT t;
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.disable_access_control('part');
SELECT relmeta.unregister_table('part');
DROP TABLE part;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 0|0|0|0|0
RESET SESSION AUTHORIZATION;
ROLLBACK TO t;
-- attached again, below another one; to one that is not registered; to one that is, and not controlled
SET SESSION AUTHORIZATION regress_cl_own;
ALTER TABLE part ATTACH PARTITION part_1 FOR VALUES FROM (1) TO (10);
ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM (10) TO (20);
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
-- => none
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 1|1|1|1|1
RESET SESSION AUTHORIZATION;
ROLLBACK TO t;
SET SESSION AUTHORIZATION regress_cl_own;
CREATE TABLE other (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
ALTER TABLE other ATTACH PARTITION part_1 FOR VALUES FROM (1) TO (10);
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 0|0|0|0|0
SET SESSION AUTHORIZATION regress_cl_own;
ALTER TABLE other DETACH PARTITION part_1;
SELECT relmeta.register_table('other', 'owner_id');
ALTER TABLE other ATTACH PARTITION part_1 FOR VALUES FROM (1) TO (10);
SELECT relrowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) FROM pg_class AS c WHERE oid = 'plain_part_1'::regclass;
-- => f|0: whoever owns it says so
RESET SESSION AUTHORIZATION;
ROLLBACK TO t;
-- a relationship does not register it as it was not; its owner does, and it is controlled from the start
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.create_one_to_many('part_1', 'plain', 'part_id');
-- => ERROR:  55000
ROLLBACK TO t;
SET SESSION AUTHORIZATION regress_cl_own;
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT relmeta.register_table('part_1', 'owner_id');
-- => NOTICE: it is controlled
SET client_min_messages = warning;
\set VERBOSITY sqlstate
SELECT relation, owner_column, access_control FROM relmeta.tables WHERE relation::text ~ '^part' ORDER BY relation::text;
-- => part|owner_id|t
-- => part_1|owner_id|t
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 1|1|0|0|0
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.register_table('part_2', 'owner_id');
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 1|1|1|1|1
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
-- => none
-- in order, it asks nothing
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.disable_access_control(t) FROM unnest('{part_1,part_2}'::regclass[]) AS t;
SELECT relmeta.unregister_table(t) FROM unnest('{part_1,part_2}'::regclass[]) AS t;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT * FROM left_over;
-- => 2|2|2|2|2: of part_2_tag the other end asks, which she may read
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
-- => none
ROLLBACK;

-- nor is it one where its rows are no secret: its owner has turned that off, which says nothing of links with it
BEGIN;
SET SESSION AUTHORIZATION regress_cl_own;
ALTER TABLE part DETACH PARTITION part_1;
ALTER TABLE part_1 DISABLE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT parts FROM seen;
-- => 0
SET SESSION AUTHORIZATION regress_cl_own;
SELECT relmeta.register_table('part_1');
SET SESSION AUTHORIZATION regress_cl_ann;
SELECT parts FROM seen;
-- => 2
RESET SESSION AUTHORIZATION;
ROLLBACK;

DROP SCHEMA cl CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cl_ann,cl_bob}'::text[]) AS p;
DROP ROLE regress_cl_own, regress_cl_ann;
