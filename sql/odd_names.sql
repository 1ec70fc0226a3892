-- odd_names: any name that PostgreSQL takes works, for schemas, tables, columns, relationships and principals.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE "regress_odd ""Role""";
CREATE SCHEMA "odd schema; --" AUTHORIZATION "regress_odd ""Role""";
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest(ARRAY['O''Hara', 'a "b" \c', 'Zoë, 日本', '%s $1', 'v']) u; END $$;
SET ROLE "regress_odd ""Role""";

CREATE TABLE "odd schema; --"."Weird ""Name""" (
  "key""col $1" int PRIMARY KEY, "Owner's Id" text, "select" boolean DEFAULT true, "?column?" text);
CREATE TABLE "odd schema; --"."%I %s'" (
  "user" int PRIMARY KEY, "table" text, "Ünïcode Spalte" int, "a.b" int);
INSERT INTO "odd schema; --"."Weird ""Name""" VALUES (1, 'O''Hara'), (2, 'a "b" \c');
INSERT INTO "odd schema; --"."%I %s'" VALUES (10, 'O''Hara', 1), (11, NULL, 1), (20, '%s $1', 2);
SELECT relmeta.register_table('"odd schema; --"."Weird ""Name"""', 'Owner''s Id', 'select');
SELECT relmeta.register_table('"odd schema; --"."%I %s''"', 'table');
SELECT relmeta.create_one_to_many('"odd schema; --"."Weird ""Name"""', '"odd schema; --"."%I %s''"', 'Ünïcode Spalte',
  preset => 'parental', foreign_key => false);
-- => Weird "Name"_%I %s'
SELECT relmeta.create_one_to_many('"odd schema; --"."%I %s''"', '"odd schema; --"."%I %s''"', 'a.b', name => 'its; "own" ''parent''', is_hierarchical => true);
-- => its; "own" 'parent'
SELECT relation, key_column, owner_column, state_column FROM relmeta.tables WHERE owner_column IN ('Owner''s Id', 'table') ORDER BY owner_column COLLATE "C" DESC;
-- => "odd schema; --"."%I %s'"|user|table|
-- => "odd schema; --"."Weird ""Name"""|key"col $1|Owner's Id|select
SELECT primary_table, related_table, lookup_column, preset FROM relmeta.one_to_many WHERE name = 'Weird "Name"_%I %s''';
-- => "odd schema; --"."Weird ""Name"""|"odd schema; --"."%I %s'"|Ünïcode Spalte|parental

-- assign, by UPDATE and by assign()
UPDATE "odd schema; --"."Weird ""Name""" SET "Owner's Id" = 'Zoë, 日本' WHERE "key""col $1" = 1;
SELECT string_agg("user" || '=' || "table", '; ' ORDER BY "user") FROM "odd schema; --"."%I %s'";
-- => 10=Zoë, 日本; 11=Zoë, 日本; 20=%s $1
SELECT relmeta.assign('"odd schema; --"."Weird ""Name"""', 1, 'a "b" \c');
-- => 3
SELECT relmeta.assign('"odd schema; --"."Weird ""Name"""', '2', '%s $1');
-- => 1
SELECT string_agg("user" || '=' || "table", '; ' ORDER BY "user") FROM "odd schema; --"."%I %s'";
-- => 10=a "b" \c; 11=a "b" \c; 20=%s $1
SELECT relmeta.update_relationship('Weird "Name"_%I %s''', assign => 'user_owned') IS NULL;
-- => t
SELECT relmeta.assign('"odd schema; --"."Weird ""Name"""', 1, 'O''Hara');
-- => 3

-- refusals
INSERT INTO "odd schema; --"."%I %s'" VALUES (30, NULL, 99);
-- => ERROR:  23503
UPDATE "odd schema; --"."%I %s'" SET "table" = 'nobody; drop';
-- => ERROR:  23503
UPDATE "odd schema; --"."%I %s'" SET "a.b" = "user";
-- => ERROR:  23514
UPDATE "odd schema; --"."%I %s'" SET "a.b" = 31 - "user" WHERE "user" IN (11, 20);
-- => ERROR:  23514
TRUNCATE "odd schema; --"."Weird ""Name""";
-- => ERROR:  0A000
-- messages name the things as they are (ATTACKS 53)
\set VERBOSITY terse
SELECT relmeta.update_relationship('Weird "Name"_%I %s''', assign => 'none', reparent => 'none', share => 'none', unshare => 'none',
  delete => 'restrict', revoke_inherited => false) IS NULL;
-- => t
DELETE FROM "odd schema; --"."Weird ""Name""";
\set VERBOSITY sqlstate

-- deletes, renames
SELECT relmeta.update_relationship('Weird "Name"_%I %s''', delete => 'all') IS NULL;
-- => t
ALTER TABLE "odd schema; --"."Weird ""Name""" RENAME COLUMN "key""col $1" TO "$$";
ALTER TABLE "odd schema; --"."%I %s'" RENAME COLUMN "Ünïcode Spalte" TO "Ünïcode Spalte 2";
ALTER TABLE "odd schema; --"."%I %s'" RENAME TO "%L";
RESET ROLE;
ALTER SCHEMA "odd schema; --" RENAME TO "odd schema 'two'";
SET ROLE "regress_odd ""Role""";
DELETE FROM "odd schema 'two'"."Weird ""Name""" WHERE "$$" = 1;
SELECT "user" FROM "odd schema 'two'"."%L";
-- => 20
DELETE FROM "odd schema 'two'"."%L";

-- names as long as they may be, also in the names derived from them
SET search_path = "odd schema 'two'";
CREATE TABLE primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max (id int PRIMARY KEY, owner text);
CREATE TABLE related_table_with_a_name_of_sixty_three_bytes_which_is_the_max (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max,
  related_table_with_a_name_of_sixty_three_bytes_which_is_the_max}'::regclass[]) t;
SELECT octet_length(relmeta.create_one_to_many('primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max',
    'related_table_with_a_name_of_sixty_three_bytes_which_is_the_max', 'lookup_column_with_a_name_of_sixty_three_bytes_which_is_the_max',
    preset => 'parental')) <= 63;
-- => t
SELECT octet_length(relmeta.create_one_to_many('primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max',
    'related_table_with_a_name_of_sixty_three_bytes_which_is_the_max', 'second_lookup', foreign_key => false)) <= 63;
-- => t
SELECT count(DISTINCT name) FROM relmeta.one_to_many WHERE primary_table = 'primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max'::regclass;
-- => 2
INSERT INTO primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max VALUES (1, 'v');
INSERT INTO related_table_with_a_name_of_sixty_three_bytes_which_is_the_max VALUES (1, NULL, 1, 1);
SELECT relmeta.assign('primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max', 1, 'O''Hara');
-- => 2
DELETE FROM primary_table_with_a_name_of_sixty_three_bytes_which_is_the_max;
SELECT count(*) FROM related_table_with_a_name_of_sixty_three_bytes_which_is_the_max;
-- => 0

RESET ROLE;
RESET search_path;
DROP SCHEMA "odd schema 'two'" CASCADE;
DROP ROLE "regress_odd ""Role""";
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest(ARRAY['O''Hara', 'a "b" \c', 'Zoë, 日本', '%s $1', 'v']) u; END $$;
