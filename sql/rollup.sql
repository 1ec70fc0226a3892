-- rollup, hierarchy_above and hierarchy_under.  SEMANTICS 2.7 and 3.7; ATTACKS 40.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_rollup;
CREATE ROLE regress_rollup_bob;
CREATE ROLE regress_rollup_app;
SELECT relmeta.create_user('ann');
SELECT relmeta.create_user('bob', 'regress_rollup_bob');
CREATE SCHEMA "Roll up" AUTHORIZATION regress_rollup;
GRANT USAGE ON SCHEMA "Roll up" TO regress_rollup_bob;
SET SESSION AUTHORIZATION regress_rollup;
SET search_path = '';
CREATE TABLE "Roll up".account (id int PRIMARY KEY, owner text, state int DEFAULT 0, parent int);
CREATE TABLE "Roll up"."Or der" ("I d" uuid PRIMARY KEY, owner text, state int DEFAULT 0, account int);
CREATE TABLE "Roll up".line (id bigint PRIMARY KEY, owner text, state int DEFAULT 0, order_id uuid) PARTITION BY RANGE (id);
CREATE TABLE "Roll up".line_1 PARTITION OF "Roll up".line FOR VALUES FROM (0) TO (500);
CREATE TABLE "Roll up".line_2 PARTITION OF "Roll up".line FOR VALUES FROM (500) TO (1000);
CREATE TABLE "Roll up".note (id text PRIMARY KEY, owner text, regarding text, regarding_type text);
CREATE TABLE "Roll up".page (id text PRIMARY KEY, owner text);
SELECT relmeta.register_table(t::regclass, 'owner', s) FROM (VALUES ('"Roll up".account', 'state'), ('"Roll up"."Or der"', 'state'),
  ('"Roll up".line', 'state'), ('"Roll up".note', NULL), ('"Roll up".page', NULL)) AS v(t, s);
SELECT relmeta.create_one_to_many('"Roll up".account', '"Roll up".account', 'parent', 'children', is_hierarchical => true);
SELECT relmeta.create_one_to_many('"Roll up".account', '"Roll up"."Or der"', 'account', 'orders', rollup_view => 'all');
SELECT relmeta.create_one_to_many('"Roll up"."Or der"', '"Roll up".line', 'order_id', 'lines', rollup_view => 'all');
INSERT INTO "Roll up".account VALUES (1, 'ann', 0, NULL), (2, 'ann', 0, 1), (3, 'bob', 0, 2), (4, 'ann', 1, 1);
INSERT INTO "Roll up"."Or der" SELECT ('00000000-0000-0000-0000-00000000000' || i)::uuid, 'ann', 0, i FROM generate_series(1, 4) i;
INSERT INTO "Roll up".line SELECT i * 100 + j, 'ann', 0, ('00000000-0000-0000-0000-00000000000' || i)::uuid FROM generate_series(1, 4) i, generate_series(1, 2) j;
INSERT INTO "Roll up".line SELECT 900, 'ann', 0, NULL;
-- a lookup to one of several tables, keys of text
SELECT relmeta.create_multi_table_lookup('"Roll up".page', 'regarding', '{}'::regclass[]);
-- => ERROR:  22023
CREATE TABLE "Roll up".left_page (id text PRIMARY KEY);
SELECT relmeta.create_multi_table_lookup('"Roll up".note', 'regarding', '{"\"Roll up\".page","\"Roll up\".left_page"}', 'regarding_type', rollup_view => 'all');
-- => {page_note,left_page_note}
INSERT INTO "Roll up".page VALUES ('x', 'ann');
INSERT INTO "Roll up".left_page VALUES ('x');
INSERT INTO "Roll up".note VALUES ('n1', 'ann', 'x', 'page'), ('n2', 'ann', 'x', 'left_page'), ('n3', 'bob', 'x', 'page');
SELECT k FROM relmeta.rollup('"Roll up".page', 'x', '"Roll up".note') k ORDER BY k;
-- => n1, n3
SELECT k FROM relmeta.rollup('"Roll up".left_page', 'x', '"Roll up".note') k ORDER BY k;
-- => n2

-- "the keys of related_table's rows that are related to the row - none: directly; related: also through the directly related rows; extended: through all descendants"
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up"."Or der"', 'none') k ORDER BY k;
-- => 00000000-0000-0000-0000-000000000001
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'none') k ORDER BY k;
-- => none
SELECT k FROM relmeta.rollup('"Roll up".account', '1', '"Roll up".line', 'related') k ORDER BY k;
-- => 101, 102
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line') k ORDER BY k;
-- => 101, 102: accounts' children have no rollup_view
-- "The last step always counts": the children themselves
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".account', 'extended') k ORDER BY k;
-- => 2, 4
SELECT relmeta.update_relationship('children', rollup_view => 'all');
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".account', 'none') k ORDER BY k;
-- => 2, 4
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".account', 'related') k ORDER BY k;
-- => 2, 3, 4
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'related') k ORDER BY k;
-- => 101, 102
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'extended') k ORDER BY k;
-- => 101, 102, 201, 202, 301, 302, 401, 402
-- "rollup_view decides and filters the steps before it": active: not through the inactive account 4; user_owned: not through bob's 3
SELECT relmeta.update_relationship('children', rollup_view => 'active');
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'extended') k ORDER BY k;
-- => 101, 102, 201, 202, 301, 302
SELECT relmeta.update_relationship('children', rollup_view => 'user_owned');
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'extended') k ORDER BY k;
-- => 101, 102, 201, 202, 401, 402
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".account', 'extended') k ORDER BY k;
-- => 2, 3, 4
SELECT relmeta.update_relationship('children', rollup_view => 'all');
SELECT relmeta.update_relationship('lines', rollup_view => 'none');
SELECT count(*) FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'extended');
-- => 8
-- tables that are not related
SELECT count(*) FROM relmeta.rollup('"Roll up".line', 101, '"Roll up".account');
-- => 0
-- what is refused
SELECT relmeta.rollup('"Roll up".account', 1, '"Roll up".line', 'all');
-- => ERROR:  22023
SELECT relmeta.rollup('"Roll up".account', 99, '"Roll up".line');
-- => ERROR:  P0002
SELECT relmeta.rollup('"Roll up".account', 'x', '"Roll up".line');
-- => ERROR:  22P02
SELECT relmeta.rollup('"Roll up".account', 1, 'pg_catalog.pg_class');
-- => ERROR:  42704
SELECT relmeta.rollup('"Roll up".account', NULL::int, '"Roll up".line');
-- => ERROR:  22004

-- hierarchies
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 1) ORDER BY 2, 1;
-- => 2|1, 4|1, 3|2
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', '2', true) ORDER BY 2, 1;
-- => 2|0, 3|1
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3);
-- => 2|1, 1|2
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3, include_self => true);
-- => 3|0, 2|1, 1|2
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 1);
-- => none
SELECT * FROM relmeta.hierarchy_above('"Roll up".line', 101);
-- => ERROR:  42704
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 99);
-- => ERROR:  P0002

-- "Rollup and the hierarchy functions walk all rows and return those that the caller may read; depth counts hidden rows in between" (ATTACKS 40)
SELECT relmeta.enable_access_control('"Roll up".account');
GRANT SELECT ON ALL TABLES IN SCHEMA "Roll up" TO regress_rollup_bob;
SET SESSION AUTHORIZATION regress_rollup_bob;
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3, true);
-- => 3|0
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 1);
-- => ERROR:  P0002
SELECT relmeta.rollup('"Roll up".account', 1, '"Roll up".line');
-- => ERROR:  P0002
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('"Roll up".account', 1, 'bob');
SET SESSION AUTHORIZATION regress_rollup_bob;
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3);
-- => 1|2
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 1);
-- => 3|2
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".account') k ORDER BY k;
-- => 3
SELECT count(*) FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line');
-- => 8
RESET SESSION AUTHORIZATION;
-- through act_as, with and without a cap; who is exempt and acts for somebody is judged by that one's rights (2.1)
GRANT USAGE ON SCHEMA "Roll up" TO regress_rollup_app;
GRANT SELECT ON ALL TABLES IN SCHEMA "Roll up" TO regress_rollup_app;
BEGIN;
SELECT relmeta.act_as('bob', true, '{read}');
SET LOCAL ROLE regress_rollup_app;
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 1);
-- => 3|2
SELECT count(*) FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".line');
-- => 8
SET LOCAL ROLE regress_rollup;
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 1);
-- => 3|2
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3, true);
-- => 3|0, 1|2
SELECT k FROM relmeta.rollup('"Roll up".account', 1, '"Roll up".account') k ORDER BY k;
-- => 3
SAVEPOINT s;
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 2);
-- => ERROR:  P0002
ROLLBACK TO s;
RESET ROLE;
SELECT relmeta.act_as('bob', true, '{write}');
SET LOCAL ROLE regress_rollup_app;
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3);
-- => ERROR:  P0002
ROLLBACK;
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 1) ORDER BY 2, 1;
-- => 2|1, 4|1, 3|2

-- "N:N are not followed"
SET SESSION AUTHORIZATION regress_rollup;
SELECT relmeta.create_many_to_many('"Roll up".account', '"Roll up".page', 'reads', '"Roll up".reads');
SELECT relmeta.associate('reads', 1, 'x');
-- => 1
SELECT count(*) FROM (SELECT relmeta.rollup('"Roll up".account', 1, '"Roll up".page') UNION ALL SELECT relmeta.rollup('"Roll up".account', 1, '"Roll up".note')) AS r;
-- => 0
RESET SESSION AUTHORIZATION;

-- a loop that was made behind relmeta's back ends with an error
ALTER TABLE "Roll up".account DISABLE TRIGGER USER;
UPDATE "Roll up".account SET parent = 3 WHERE id = 1;
ALTER TABLE "Roll up".account ENABLE TRIGGER USER;
SELECT * FROM relmeta.hierarchy_above('"Roll up".account', 3);
-- => ERROR:  23514
SELECT * FROM relmeta.hierarchy_under('"Roll up".account', 2);
-- => ERROR:  23514
SELECT count(*) FROM relmeta.rollup('"Roll up".account', 2, '"Roll up".line');
-- => ERROR:  23514
-- as far as a walk comes to it
SELECT count(*) FROM relmeta.rollup('"Roll up".account', 2, '"Roll up"."Or der"', 'none');
-- => 1

-- a row that is reached in two ways is above nothing; where rows may stand below themselves a circle ends the walk
CREATE TABLE "Roll up".thing (id int PRIMARY KEY, parent int, second int, "next" int);
SELECT relmeta.create_one_to_many('"Roll up".thing', '"Roll up".thing', 'parent', 'thing_parent', is_hierarchical => true, rollup_view => 'all');
SELECT relmeta.create_one_to_many('"Roll up".thing', '"Roll up".thing', 'second', 'thing_second', rollup_view => 'all');
SELECT relmeta.create_one_to_many('"Roll up".thing', '"Roll up".thing', 'next', 'thing_next', rollup_view => 'all');
INSERT INTO "Roll up".thing VALUES (1, NULL, NULL, 4), (2, 1, NULL, NULL), (3, 2, 1, NULL), (4, 3, 3, NULL);
SELECT k FROM relmeta.rollup('"Roll up".thing', 1, '"Roll up".thing') k ORDER BY k;
-- => 1, 2, 3, 4
SELECT k FROM relmeta.rollup('"Roll up".thing', 4, '"Roll up".thing', 'related') k ORDER BY k;
-- => 1, 2, 3

-- keys come back as the rows have them, however a lookup spells them
CREATE COLLATION "Roll up".nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE "Roll up".spelled (id text COLLATE "Roll up".nocase PRIMARY KEY, parent text COLLATE "Roll up".nocase);
SELECT relmeta.create_one_to_many('"Roll up".spelled', '"Roll up".spelled', 'parent', 'spelled', is_hierarchical => true, rollup_view => 'all');
INSERT INTO "Roll up".spelled VALUES ('Top', NULL), ('Mid', 'TOP'), ('Low', 'mid');
SELECT * FROM relmeta.hierarchy_above('"Roll up".spelled', 'LOW', true);
-- => Low|0, Mid|1, Top|2
SELECT * FROM relmeta.hierarchy_under('"Roll up".spelled', 'TOP');
-- => Mid|1, Low|2
SELECT k FROM relmeta.rollup('"Roll up".spelled', 'TOP', '"Roll up".spelled') k ORDER BY k;
-- => Low, Mid

-- a small subtree of a large tree reads what it has of rows, by the lookup's index
SET SESSION AUTHORIZATION regress_rollup;
CREATE TABLE "Roll up".tree (id int PRIMARY KEY, parent int);
SELECT relmeta.create_one_to_many('"Roll up".tree', '"Roll up".tree', 'parent', 'tree', is_hierarchical => true);
ALTER TABLE "Roll up".tree DISABLE TRIGGER USER;
INSERT INTO "Roll up".tree SELECT i, nullif(i / 10, 0) FROM generate_series(1, 50000) i;
ALTER TABLE "Roll up".tree ENABLE TRIGGER USER;
RESET SESSION AUTHORIZATION;
VACUUM ANALYZE "Roll up".tree;
SELECT count(*) FROM relmeta.hierarchy_under('"Roll up".tree', 4);
-- => 11110
SELECT count(*) FROM relmeta.hierarchy_under('"Roll up".tree', 123);
-- => 110
SELECT pg_catalog.pg_stat_force_next_flush();
SELECT seq_scan AS before FROM pg_catalog.pg_stat_user_tables WHERE relname = 'tree' \gset
SELECT count(*) FROM relmeta.hierarchy_under('"Roll up".tree', 123);
-- => 110
SELECT key || ':' || depth FROM relmeta.hierarchy_above('"Roll up".tree', 12345);
-- => 1234:1, 123:2, 12:3, 1:4
SELECT pg_catalog.pg_stat_force_next_flush();
SELECT seq_scan - :before FROM pg_catalog.pg_stat_user_tables WHERE relname = 'tree';
-- => 0
SET client_min_messages = error;
DROP SCHEMA "Roll up" CASCADE;
SELECT relmeta.drop_principal(u) FROM unnest('{ann,bob}'::text[]) u;
DROP ROLE regress_rollup, regress_rollup_bob, regress_rollup_app;
