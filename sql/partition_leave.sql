-- partition_leave: rows that leave with a partition are deleted, in the same statement, whether it is detached or dropped,
-- by whatever; but while lookups without a foreign key point to them it is refused (SEMANTICS 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_partition_leave;
CREATE SCHEMA partition_leave AUTHORIZATION regress_partition_leave;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob,cat}'::text[]) u; END $$;
SET ROLE regress_partition_leave;
SET search_path = partition_leave;

-- who holds what on the rows of a table: key:principal, d by a grant, i inherited
CREATE FUNCTION held(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(object_key || ':' || principal || CASE WHEN access_rights_mask <> 0 THEN ' d' ELSE '' END
    || CASE WHEN inherited_access_rights_mask <> 0 THEN ' i' ELSE '' END, ', ' ORDER BY object_key, principal), '-')
  FROM relmeta.principal_object_access AS a WHERE a.relation = $1 $$;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE event (id int PRIMARY KEY, owner text, account_id int, event_id int) PARTITION BY RANGE (id);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (1) TO (100);
CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (100) TO (200);
CREATE TABLE event_3 (x int, event_id int, id int NOT NULL, account_id int, owner text) PARTITION BY RANGE (id);
ALTER TABLE event_3 DROP COLUMN x;
CREATE TABLE event_31 PARTITION OF event_3 FOR VALUES FROM (200) TO (250);
CREATE TABLE event_32 PARTITION OF event_3 FOR VALUES FROM (250) TO (300);
ALTER TABLE event ATTACH PARTITION event_3 FOR VALUES FROM (200) TO (300);
CREATE TABLE event_d PARTITION OF event DEFAULT;
CREATE TABLE note (id int PRIMARY KEY, owner text, event_id int, about_id int, about_type text);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('event', 'owner'), relmeta.register_table('note', 'owner');
-- => ||
SELECT relmeta.create_one_to_many('account', 'event', 'account_id', preset => 'parental');
-- => account_event
SELECT relmeta.create_one_to_many('event', 'note', 'event_id', preset => 'parental', foreign_key => false);
-- => event_note
SELECT relmeta.create_multi_table_lookup('note', 'about_id', '{account,event}', 'about_type', preset => 'referential');
-- => {account_note,event_note_about_id}
SELECT relmeta.create_one_to_many('event', 'event', 'event_id', foreign_key => false);
-- => event_event
INSERT INTO account VALUES (1, 'ann');
INSERT INTO event VALUES (1, 'bob', 1, NULL), (2, 'bob', 1, 1), (101, 'bob', 1, NULL), (102, 'bob', NULL, 101), (201, 'bob', 1, NULL),
  (251, 'bob', 1, 201), (301, 'bob', 1, NULL);
SELECT sum(relmeta.share('event', id, 'cat')) FROM event WHERE id <> 2;
-- => 6
INSERT INTO note VALUES (1, 'bob', NULL);

-- detached: what was held on its rows goes, with a NOTICE about what was granted
BEGIN;
SET LOCAL client_min_messages = notice;
\set VERBOSITY terse
ALTER TABLE event DETACH PARTITION event_2;
-- => NOTICE:  2 direct grants on rows of partition "event_2" are gone
ALTER TABLE event DETACH PARTITION event_1;
-- => NOTICE:  1 direct grant on rows of partition "event_1" is gone
\set VERBOSITY sqlstate
SET LOCAL client_min_messages = warning;
SELECT held('event');
-- => 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
ROLLBACK;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
BEGIN;
ALTER TABLE event DETACH PARTITION event_2;
CREATE TABLE event_2b PARTITION OF event FOR VALUES FROM (100) TO (200);
INSERT INTO event VALUES (101, 'ann', NULL), (102, 'ann', 1);
SELECT relmeta.has_access('event', 101, 'read', 'cat'), relmeta.has_access('event', 102, 'read', 'cat');
-- => f|f
-- the table that it is now has no part in anything
UPDATE event_2 SET owner = 'nobody', account_id = 1;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event_2'::regclass AND NOT tgisinternal;
-- => 0
ROLLBACK;
-- a branch with its partitions, one of these, the default partition whose rows go on
BEGIN;
ALTER TABLE event DETACH PARTITION event_3;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 301:ann i, 301:cat d
ROLLBACK;
BEGIN;
ALTER TABLE event_3 DETACH PARTITION event_32;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 301:ann i, 301:cat d
ALTER TABLE event_3 DETACH PARTITION event_31;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 301:ann i, 301:cat d
ROLLBACK;
BEGIN;
ALTER TABLE event DETACH PARTITION event_d;
CREATE TABLE event_4 PARTITION OF event FOR VALUES FROM (300) TO (400);
WITH d AS (DELETE FROM event_d RETURNING *) INSERT INTO event SELECT * FROM d;
SELECT held('event_d'), tableoid::regclass, held('event') FROM event WHERE id = 301;
-- => -|event_4|1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i
ROLLBACK;

-- refused while something points to its rows by a lookup without a foreign key; rows of its own do not count
CREATE FUNCTION try(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  BEGIN
    EXECUTE sql;
    result := (SELECT string_agg(id::text, ' ' ORDER BY id) FROM event) || ', ' || held('event');
    RAISE assert_failure;
  EXCEPTION WHEN assert_failure THEN
    RETURN result;
  WHEN foreign_key_violation OR dependent_objects_still_exist OR insufficient_privilege OR undefined_table THEN
    RETURN SQLSTATE;
  END;
END $$;
SELECT try('ALTER TABLE event_3 DETACH PARTITION event_31'), try('DROP TABLE event_31'), try('DROP TABLE event_31 CASCADE');
-- => 23503|23503|23503
SELECT try('DROP TABLE event_31, event_32'), try('DROP TABLE event_3'), try('DROP TABLE event_1, event_31');
-- => 1 2 101 102 301, 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 301:ann i, 301:cat d|1 2 101 102 301, 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 301:ann i, 301:cat d|23503
UPDATE note SET event_id = 1;
SELECT try('ALTER TABLE event DETACH PARTITION event_1'), try('DROP TABLE event_1');
-- => 23503|23503
UPDATE note SET event_id = NULL, about_id = 1, about_type = 'account';
SELECT try('ALTER TABLE event DETACH PARTITION event_1'), try('DROP TABLE event_1');
-- => 101 102 201 251 301, 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d|101 102 201 251 301, 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
UPDATE note SET about_type = 'event';
SELECT try('ALTER TABLE event DETACH PARTITION event_1'), try('DROP TABLE event_1'), try('DROP TABLE IF EXISTS missing, event_1');
-- => 23503|23503|23503
-- what points there goes in the same statement
SELECT try('DROP TABLE note, event_1'), try('DROP TABLE event_1, note');
-- => 101 102 201 251 301, 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d|101 102 201 251 301, 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
-- all of it goes
BEGIN;
DROP TABLE event_1, event;
SELECT relmeta.verify();
-- =>
ROLLBACK;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
-- native keys: PostgreSQL's own refusal
CREATE TABLE line (id int PRIMARY KEY, event_id int REFERENCES event);
INSERT INTO line VALUES (1, 101);
SELECT try('ALTER TABLE event DETACH PARTITION event_2'), try('DROP TABLE event_2');
-- => 23503|2BP01
DROP TABLE line;

-- in the transaction that made, attached or detached it; in a procedure's own statements
CREATE TABLE event_5 (LIKE event INCLUDING ALL);
INSERT INTO event_5 VALUES (501, 'bob', 1);
DO $$
BEGIN
  ALTER TABLE event ATTACH PARTITION event_5 FOR VALUES FROM (500) TO (600);
  PERFORM relmeta.share('event', 501, 'cat');
  DROP TABLE event_5;
END $$;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
BEGIN;
ALTER TABLE event DETACH PARTITION event_2;
CREATE TABLE event_2b PARTITION OF event FOR VALUES FROM (100) TO (200);
INSERT INTO event VALUES (101, 'bob', 1);
DROP TABLE event_2;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
SAVEPOINT s;
DROP TABLE event_2b;
ROLLBACK TO s;
INSERT INTO event VALUES (102, 'bob', 1);
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 102:ann i, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
DROP TABLE event_2b;
SELECT held('event');
-- => 1:ann i, 1:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM event;
-- => 7
DROP TABLE event_2;
SELECT held('event');
-- => 1:ann i, 1:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
ROLLBACK;

-- what pointed nowhere before does not count
RESET ROLE;
SET session_replication_role = replica;
UPDATE note SET about_id = 99;
RESET session_replication_role;
SET ROLE regress_partition_leave;
SELECT try('ALTER TABLE event DETACH PARTITION event_1'), try('DROP TABLE event_1');
-- => 101 102 201 251 301, 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d|101 102 201 251 301, 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
UPDATE note SET about_id = NULL, about_type = NULL;

-- dropped with a schema or with all that a role owns: judged by what is left of the table
RESET ROLE;
CREATE SCHEMA partition_old AUTHORIZATION regress_partition_leave;
SET ROLE regress_partition_leave;
CREATE TABLE partition_old.event_6 PARTITION OF event FOR VALUES FROM (600) TO (700) PARTITION BY RANGE (id);
CREATE TABLE partition_old.event_61 PARTITION OF partition_old.event_6 FOR VALUES FROM (600) TO (650);
CREATE TABLE event_62 PARTITION OF partition_old.event_6 FOR VALUES FROM (650) TO (700);
CREATE TABLE partition_old.event_7 PARTITION OF event FOR VALUES FROM (700) TO (800);
CREATE TABLE partition_old.memo (id int PRIMARY KEY, event_id int);
SELECT relmeta.create_one_to_many('event', 'partition_old.memo', 'event_id', foreign_key => false);
-- => event_memo
INSERT INTO event VALUES (601, 'bob', 1), (651, 'bob', 1), (701, 'bob', 1), (702, 'bob', 1);
SELECT sum(relmeta.share('event', id, 'cat')) FROM event WHERE id > 600;
-- => 4
INSERT INTO partition_old.memo VALUES (1, 601), (2, 701);
UPDATE note SET event_id = 651;
SELECT try('DROP SCHEMA partition_old CASCADE'), try('DROP OWNED BY regress_partition_leave'), try('DROP TABLE partition_old.event_7');
-- => 23503|42P01|23503
UPDATE note SET event_id = NULL;
SELECT try('DROP SCHEMA partition_old CASCADE');
-- => 1 2 101 102 201 251 301, 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d
BEGIN;
SET LOCAL client_min_messages = notice;
\set VERBOSITY terse
DROP SCHEMA partition_old CASCADE;
\set VERBOSITY sqlstate
ROLLBACK;
RESET ROLE;
CREATE ROLE regress_partition_other;
ALTER TABLE partition_old.event_7 OWNER TO regress_partition_other;
ALTER TABLE partition_old.memo OWNER TO regress_partition_other;
UPDATE note SET event_id = 702;
DROP OWNED BY regress_partition_other CASCADE;
-- => ERROR:  23503
UPDATE note SET event_id = NULL;
DROP OWNED BY regress_partition_other CASCADE;
SET ROLE regress_partition_leave;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d, 601:ann i, 601:cat d, 651:ann i, 651:cat d
DROP SCHEMA partition_old CASCADE;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d

-- who may not, may not; who owns the schema may drop, and needs no privilege on the tables
RESET ROLE;
CREATE SCHEMA partition_theirs AUTHORIZATION regress_partition_other;
CREATE TABLE partition_theirs.event_8 PARTITION OF partition_leave.event FOR VALUES FROM (800) TO (900);
ALTER TABLE partition_theirs.event_8 OWNER TO regress_partition_leave;
INSERT INTO partition_leave.event VALUES (801, 'bob', 1);
GRANT USAGE ON SCHEMA partition_leave TO regress_partition_other;
SET ROLE regress_partition_other;
DROP TABLE event_1;
-- => ERROR:  42501
ALTER TABLE event DETACH PARTITION event_1;
-- => ERROR:  42501
ALTER TABLE event DETACH PARTITION event_1 CONCURRENTLY;
-- => ERROR:  42501
DROP TABLE partition_theirs.event_8;
SET ROLE regress_partition_leave;
SELECT string_agg(id::text, ' ' ORDER BY id) FROM event;
-- => 1 2 101 102 201 251 301
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d, 301:ann i, 301:cat d

-- not concurrently, which would be two transactions; other tables are detached as ever
ALTER TABLE event DETACH PARTITION event_d;
ALTER TABLE event DETACH PARTITION event_1 CONCURRENTLY;
-- => ERROR:  0A000
ALTER TABLE event_3 DETACH PARTITION event_32 CONCURRENTLY;
-- => ERROR:  0A000
CREATE TABLE other (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE other_1 PARTITION OF other FOR VALUES FROM (1) TO (100);
ALTER TABLE other DETACH PARTITION other_1 CONCURRENTLY;
SELECT relmeta.verify();
-- =>

-- without relmeta's triggers nothing is guarded: so a dump is restored with --clean
UPDATE note SET event_id = 1;
CREATE FUNCTION drop_triggers(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name name;
BEGIN
  FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal AND tgparentid = 0 LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', name, relation);
  END LOOP;
END $$;
BEGIN;
SET LOCAL client_min_messages = error;
SELECT drop_triggers('event'), drop_triggers('event_1');
-- => |
DROP TABLE event_1;
SELECT held('event');
-- => 101:ann i, 101:cat d, 102:cat d, 201:ann i, 201:cat d, 251:ann i, 251:cat d
ROLLBACK;
UPDATE note SET event_id = NULL;

-- keys that are found by their equality, not by their image
RESET ROLE;
CREATE EXTENSION citext SCHEMA partition_leave;
SET ROLE regress_partition_leave;
CREATE TABLE page (name citext PRIMARY KEY, owner text) PARTITION BY LIST (name);
CREATE TABLE page_1 PARTITION OF page FOR VALUES IN ('Home', 'News');
CREATE TABLE page_2 PARTITION OF page DEFAULT;
CREATE TABLE link (id int PRIMARY KEY, page citext);
SELECT relmeta.register_table('page', 'owner');
-- =>
SELECT relmeta.create_one_to_many('page', 'link', 'page', foreign_key => false);
-- => page_link
INSERT INTO page VALUES ('HOME', 'ann'), ('about', 'ann');
SELECT relmeta.share('page', 'home', 'bob'), relmeta.share('page', 'About', 'bob');
-- => 1|1
INSERT INTO link VALUES (1, 'home');
ALTER TABLE page DETACH PARTITION page_1;
-- => ERROR:  23503
UPDATE link SET page = 'ABOUT';
DROP TABLE page_1;
SELECT held('page');
-- => about:bob d
DROP TABLE page_2;
-- => ERROR:  23503

-- many rows, in little memory
CREATE TABLE event_9 PARTITION OF event FOR VALUES FROM (1000) TO (100000);
INSERT INTO event SELECT g, 'bob', 1 FROM generate_series(1000, 30999) AS g;
SET work_mem = '64kB';
UPDATE note SET event_id = 30000;
SELECT try('ALTER TABLE event DETACH PARTITION event_9'), try('DROP TABLE event_9');
-- => 23503|23503
UPDATE note SET event_id = NULL;
SELECT try('ALTER TABLE event DETACH PARTITION event_9') = try('DROP TABLE event_9');
-- => t
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'event'::regclass;
-- => 30010
DROP TABLE event_9;
SELECT held('event');
-- => 1:ann i, 1:cat d, 101:ann i, 101:cat d, 102:cat d, 2:ann i, 201:ann i, 201:cat d, 251:ann i, 251:cat d
RESET work_mem;

RESET ROLE;
RESET search_path;
DROP SCHEMA partition_leave CASCADE;
DROP SCHEMA partition_theirs;
DROP ROLE regress_partition_leave, regress_partition_other;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob,cat}'::text[]) u; END $$;
