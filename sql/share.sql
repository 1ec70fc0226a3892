-- share, modify_share, unshare and what goes down: SEMANTICS 2.5, 3.1 to 3.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_share_owner;
CREATE SCHEMA sh AUTHORIZATION regress_share_owner;
SELECT relmeta.create_user(u) FROM unnest(ARRAY['sh_ann', 'sh_bob', 'sh_cat', 'sh_dan']) AS u;
SELECT relmeta.create_team('sh_team');
SELECT relmeta.add_team_member('sh_team', 'sh_cat');
SET SESSION AUTHORIZATION regress_share_owner;
SET search_path = sh;

-- one line per row and principal that holds something
CREATE VIEW held AS
SELECT relation::text AS "table", object_key AS key, principal, access_rights_mask AS direct,
       inherited_access_rights_mask AS inherited
FROM relmeta.principal_object_access WHERE relation IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = 'sh'::regnamespace)
ORDER BY relation::text, object_key, principal;

CREATE TABLE account (id int PRIMARY KEY, owner_id text, active boolean DEFAULT true);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, active boolean DEFAULT true);
CREATE TABLE note (id int PRIMARY KEY, owner_id text, active boolean DEFAULT true);
SELECT relmeta.register_table('account', 'owner_id', 'active');
SELECT relmeta.register_table('contact', 'owner_id', 'active');
SELECT relmeta.register_table('note', 'owner_id', 'active');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental');
-- => contact_note
INSERT INTO account VALUES (1, 'sh_ann'), (2, 'sh_bob');
INSERT INTO contact VALUES (11, 'sh_ann', true, 1), (12, 'sh_ann', false, 1), (21, 'sh_bob', true, 2);
INSERT INTO note VALUES (111, 'sh_ann', true, 11), (121, 'sh_ann', true, 12), (211, 'sh_bob', true, 21);
-- a parental tree whose rows belong to the primary row's owner stores nothing
TABLE held;
-- => none

--
-- Share goes down, to what comes later too, and away again
--
SELECT relmeta.share('account', 1, 'sh_cat', '{read,write}');
-- => 5
TABLE held;
-- => account|1|sh_cat|3|0
-- => contact|11|sh_cat|0|3
-- => contact|12|sh_cat|0|3
-- => note|111|sh_cat|0|3
-- => note|121|sh_cat|0|3
SELECT relmeta.share('account', 1, 'sh_cat', '{read}') AS "nothing new";
-- => 0
SELECT relmeta.share('account', '1', 'sh_cat', '{append}'::text[]) AS "one right more";
-- => 5
INSERT INTO contact VALUES (13, 'sh_dan', true, 1);
TABLE held;
-- => account|1|sh_cat|7|0
-- => contact|11|sh_cat|0|7
-- => contact|12|sh_cat|0|7
-- => contact|13|sh_ann|0|851991
-- => contact|13|sh_cat|0|7
-- => note|111|sh_cat|0|7
-- => note|121|sh_cat|0|7
SELECT relmeta.unshare('account', 1, 'sh_cat', '{write,append}');
-- => 6
SELECT relmeta.unshare('account', 1, 'sh_cat');
-- => 6
SELECT relmeta.unshare('account', 1, 'sh_cat') AS "nothing left";
-- => 0
TABLE held;
-- => contact|13|sh_ann|0|851991
DELETE FROM contact WHERE id = 13;
TABLE held;
-- => none

--
-- A direct grant on a child stays as it is, whatever cascades do
--
SELECT relmeta.share('contact', 11, 'sh_cat', '{read}');
-- => 2
SELECT relmeta.share('account', 1, 'sh_cat', '{read,write}');
-- => 5
SELECT relmeta.unshare('account', 1, 'sh_cat');
-- => 5
TABLE held;
-- => contact|11|sh_cat|1|0
-- => note|111|sh_cat|0|1
UPDATE contact SET account_id = 2 WHERE id = 11;
TABLE held;
-- => contact|11|sh_bob|0|851991
-- => contact|11|sh_cat|1|0
-- => note|111|sh_bob|0|851991
-- => note|111|sh_cat|0|1
SELECT relmeta.assign('account', 2, 'sh_dan');
-- => 5
TABLE held;
-- => contact|11|sh_cat|1|0
-- => note|111|sh_cat|0|1
UPDATE contact SET account_id = NULL WHERE id = 11;
TABLE held;
-- => contact|11|sh_cat|1|0
-- => note|111|sh_cat|0|1
SELECT relmeta.unshare('contact', 11, 'sh_cat');
-- => 2
UPDATE contact SET account_id = 1, owner_id = 'sh_ann' WHERE id = 11;
TABLE held;
-- => none

--
-- active and user_owned decide when the action runs
--
SELECT relmeta.update_relationship('account_contact', share => 'active');
SELECT relmeta.share('account', 1, 'sh_team');
-- => 3
TABLE held;
-- => account|1|sh_team|1|0
-- => contact|11|sh_team|0|1
-- => note|111|sh_team|0|1
UPDATE contact SET active = true WHERE id = 12;
TABLE held;
-- => account|1|sh_team|1|0
-- => contact|11|sh_team|0|1
-- => note|111|sh_team|0|1
SELECT relmeta.unshare('account', 1, 'sh_team');
-- => 3
SELECT relmeta.update_relationship('account_contact', share => 'user_owned');
UPDATE contact SET owner_id = 'sh_bob' WHERE id = 12;
SELECT relmeta.share('account', 1, 'sh_team', '{read}');
-- => 3
TABLE held;
-- => account|1|sh_team|1|0
-- => contact|11|sh_team|0|1
-- => contact|12|sh_ann|0|851991
-- => note|111|sh_team|0|1
-- => note|121|sh_ann|0|851991
SELECT relmeta.unshare('account', 1, 'sh_team');
-- => 3
UPDATE contact SET owner_id = 'sh_ann' WHERE id = 12;
SELECT relmeta.update_relationship('account_contact', share => 'all');
TABLE held;
-- => contact|12|sh_ann|0|851991
-- => note|121|sh_ann|0|851991

--
-- modify_share replaces; share_many and unshare_many do all or nothing
--
SELECT relmeta.modify_share('account', 1, 'sh_cat', '{read,delete}');
-- => 5
SELECT relmeta.modify_share('account', 1, 'sh_cat', '{read,assign}');
-- => 5
TABLE held;
-- => account|1|sh_cat|524289|0
-- => contact|11|sh_cat|0|524289
-- => contact|12|sh_ann|0|851991
-- => contact|12|sh_cat|0|524289
-- => note|111|sh_cat|0|524289
-- => note|121|sh_ann|0|851991
-- => note|121|sh_cat|0|524289
SELECT relmeta.modify_share('account', 1, 'sh_cat', '{}');
-- => 5
SELECT relmeta.share_many('account', '{1,2}', '{sh_cat,sh_team}', '{read}');
-- => 16
SELECT count(*) FROM held;
-- => 18
SELECT relmeta.share_many('account', '{1,3}', '{sh_dan}');
-- => ERROR:  table "account" has no row with that key that you may read
\echo :LAST_ERROR_SQLSTATE
-- => P0002
SELECT count(*) FROM held;
-- => 18
SELECT relmeta.unshare_many('account', '{1,2}', '{sh_cat,sh_team}');
-- => 16
TABLE held;
-- => contact|12|sh_ann|0|851991
-- => note|121|sh_ann|0|851991

--
-- All of it rolls back with its statement or savepoint
--
BEGIN;
SAVEPOINT s;
SELECT relmeta.share('account', 1, 'sh_cat');
-- => 5
UPDATE contact SET account_id = 2 WHERE id = 11;
SELECT count(*) > 0 AS shared FROM held;
-- => t
ROLLBACK TO s;
SELECT count(*) FROM held;
-- => 2
COMMIT;

--
-- Delete takes entries along, TRUNCATE too, and a key change
--
SELECT relmeta.share('account', 1, 'sh_cat');
-- => 5
UPDATE contact SET id = 1100 WHERE id = 12;
-- => ERROR:  update or delete on table "contact" violates foreign key constraint "contact_note" on table "note"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
UPDATE account SET id = 10 WHERE id = 1;
-- => ERROR:  update or delete on table "account" violates foreign key constraint "account_contact" on table "contact"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
DELETE FROM note WHERE contact_id = 12;
UPDATE contact SET id = 1100 WHERE id = 12;
TABLE held;
-- => account|1|sh_cat|1|0
-- => contact|11|sh_cat|0|1
-- => contact|1100|sh_ann|0|851991
-- => contact|1100|sh_cat|0|1
-- => note|111|sh_cat|0|1
DELETE FROM contact WHERE id = 11;
TABLE held;
-- => account|1|sh_cat|1|0
-- => contact|1100|sh_ann|0|851991
-- => contact|1100|sh_cat|0|1
TRUNCATE note;
TRUNCATE account CASCADE;
TABLE held;
-- => none

--
-- Refusals
--
INSERT INTO account VALUES (1, 'sh_ann');
SELECT relmeta.share('account', 1, 'sh_ann');
-- => ERROR:  principal "sh_ann" owns the row
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.share('account', 1, 'sh_nobody');
-- => ERROR:  principal "sh_nobody" does not exist
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT relmeta.share('account', 9, 'sh_cat');
-- => ERROR:  table "account" has no row with that key that you may read
\echo :LAST_ERROR_SQLSTATE
-- => P0002
SELECT relmeta.share('account', 'x', 'sh_cat');
-- => ERROR:  invalid input syntax for type integer: "x"
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.share('account', 1, 'sh_cat', '{fly}');
-- => ERROR:  invalid input value for enum relmeta.access_right: "fly" at character 46
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.share('account', 1, 'sh_cat', NULL);
-- => ERROR:  argument "rights" must not be null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
SELECT relmeta.share('pg_catalog.pg_class', 1, 'sh_cat');
-- => ERROR:  table "pg_class" is not registered
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT relmeta.revoke_all('sh_cat');
-- => ERROR:  permission denied for function revoke_all
\echo :LAST_ERROR_SQLSTATE
-- => 42501
-- nobody writes entries but relmeta
SELECT count(*) FROM relmeta_access.account;
-- => ERROR:  permission denied for schema relmeta_access at character 22
\echo :LAST_ERROR_SQLSTATE
-- => 42501

--
-- Related rows that follow the key keep their entries, and get no others
--
CREATE TABLE book (id int PRIMARY KEY, owner_id text);
CREATE TABLE page (id int PRIMARY KEY, owner_id text, book_id int REFERENCES book ON UPDATE CASCADE ON DELETE CASCADE);
SELECT relmeta.register_table('book', 'owner_id'), relmeta.register_table('page', 'owner_id');
SELECT relmeta.create_one_to_many('book', 'page', 'book_id', preset => 'parental', name => 'book_page');
-- => book_page
INSERT INTO book VALUES (1, 'sh_ann'), (2, 'sh_bob');
INSERT INTO page VALUES (1, 'sh_ann', 1), (2, 'sh_bob', 2);
SELECT relmeta.share('book', 1, 'sh_cat'), relmeta.share('book', 2, 'sh_dan');
-- => 2|2
INSERT INTO page VALUES (3, 'sh_ann', 1);
SELECT * FROM held WHERE "table" = 'page';
-- => page|1|sh_cat|0|1
-- => page|2|sh_dan|0|1
-- => page|3|sh_cat|0|1
UPDATE book SET id = id + 10;
SELECT * FROM held WHERE "table" = 'page';
-- => page|1|sh_cat|0|1
-- => page|2|sh_dan|0|1
-- => page|3|sh_cat|0|1
SELECT relmeta.drop_relationship('book_page');
SELECT * FROM held WHERE "table" = 'page';
-- => none

--
-- A foreign key that somebody has dropped guards nothing: related rows may come before their primary row
--
CREATE TABLE folder (id int PRIMARY KEY, owner_id text);
CREATE TABLE file (id int PRIMARY KEY, owner_id text);
SELECT relmeta.create_one_to_many('folder', 'file', 'folder_id', name => 'folder_file');
-- => folder_file
SELECT relmeta.register_table('folder', 'owner_id'), relmeta.register_table('file', 'owner_id');
SELECT relmeta.update_relationship('folder_file', assign => 'all', reparent => 'all', share => 'all');
ALTER TABLE file DROP CONSTRAINT folder_file;
INSERT INTO file VALUES (1, 'sh_ann', 1);
INSERT INTO folder VALUES (1, 'sh_bob');
SELECT * FROM held WHERE "table" = 'file';
-- => file|1|sh_bob|0|851991
SELECT relmeta.drop_relationship('folder_file');

--
-- An odd name, a uuid key, uuid principals, and search_path = ''
--
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_user(u) FROM unnest(ARRAY['10000000-0000-4000-8000-0000000000aa', '10000000-0000-4000-8000-0000000000BB']) AS u;
CREATE SCHEMA "sh odd" AUTHORIZATION regress_share_owner;
SET SESSION AUTHORIZATION regress_share_owner;
SET search_path = '';
CREATE TABLE "sh odd"."Weird ""Name""" ("The Key" uuid PRIMARY KEY, "Owner" uuid, "Above" uuid);
SELECT relmeta.register_table('"sh odd"."Weird ""Name"""', 'Owner');
SELECT relmeta.create_one_to_many('"sh odd"."Weird ""Name"""', '"sh odd"."Weird ""Name"""', 'Above', preset => 'parental', is_hierarchical => true);
-- => Weird "Name"_Weird "Name"
INSERT INTO "sh odd"."Weird ""Name""" VALUES
  ('00000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-0000000000aa', NULL),
  ('00000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-000000000003', '10000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000002');
SELECT relmeta.share('"sh odd"."Weird ""Name"""', '00000000-0000-4000-8000-000000000001'::uuid, '10000000-0000-4000-8000-0000000000BB', '{read}');
-- => 3
SELECT object_key, principal, access_rights_mask, inherited_access_rights_mask FROM relmeta.principal_object_access WHERE relation = '"sh odd"."Weird ""Name"""'::regclass ORDER BY 1;
-- => 00000000-0000-4000-8000-000000000001|10000000-0000-4000-8000-0000000000BB|1|0
-- => 00000000-0000-4000-8000-000000000002|10000000-0000-4000-8000-0000000000BB|0|1
-- => 00000000-0000-4000-8000-000000000003|10000000-0000-4000-8000-0000000000BB|0|1
SELECT relmeta.share('"sh odd"."Weird ""Name"""', '00000000-0000-4000-8000-000000000001', 'sh_cat');
-- => ERROR:  principal "sh_cat" is no value of type uuid, in which table "Weird "Name"" names principals
\echo :LAST_ERROR_SQLSTATE
-- => 22023

RESET SESSION AUTHORIZATION;
SELECT relmeta.revoke_all('10000000-0000-4000-8000-0000000000BB');
-- => 3
SET client_min_messages = warning;
SELECT relmeta.drop_relationship(name) FROM relmeta.one_to_many WHERE name IN ('account_contact', 'contact_note', 'Weird "Name"_Weird "Name"');
SELECT relmeta.unregister_table(relation) FROM relmeta.tables WHERE relation::regclass::text LIKE 'sh.%' OR relation::regclass::text LIKE '"sh odd"%';
DROP SCHEMA sh, "sh odd" CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'sh\_%' OR principal LIKE '10000000-0000-4000-8000%';
DROP ROLE regress_share_owner;
