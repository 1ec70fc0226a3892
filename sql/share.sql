-- share, modify_share, unshare and what goes down: SEMANTICS 2.5, 3.1 to 3.5.
\set VERBOSITY terse
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
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental');
INSERT INTO account VALUES (1, 'sh_ann'), (2, 'sh_bob');
INSERT INTO contact VALUES (11, 'sh_ann', true, 1), (12, 'sh_ann', false, 1), (21, 'sh_bob', true, 2);
INSERT INTO note VALUES (111, 'sh_ann', true, 11), (121, 'sh_ann', true, 12), (211, 'sh_bob', true, 21);
-- a parental tree whose rows belong to the primary row's owner stores nothing
TABLE held;

--
-- Share goes down, to what comes later too, and away again
--
SELECT relmeta.share('account', 1, 'sh_cat', '{read,write}');
TABLE held;
SELECT relmeta.share('account', 1, 'sh_cat', '{read}') AS "nothing new";
SELECT relmeta.share('account', '1', 'sh_cat', '{append}'::text[]) AS "one right more";
INSERT INTO contact VALUES (13, 'sh_dan', true, 1);
TABLE held;
SELECT relmeta.unshare('account', 1, 'sh_cat', '{write,append}');
SELECT relmeta.unshare('account', 1, 'sh_cat');
SELECT relmeta.unshare('account', 1, 'sh_cat') AS "nothing left";
TABLE held;
DELETE FROM contact WHERE id = 13;
TABLE held;

--
-- A direct grant on a child stays as it is, whatever cascades do
--
SELECT relmeta.share('contact', 11, 'sh_cat', '{read}');
SELECT relmeta.share('account', 1, 'sh_cat', '{read,write}');
SELECT relmeta.unshare('account', 1, 'sh_cat');
TABLE held;
UPDATE contact SET account_id = 2 WHERE id = 11;
TABLE held;
SELECT relmeta.assign('account', 2, 'sh_dan');
TABLE held;
UPDATE contact SET account_id = NULL WHERE id = 11;
TABLE held;
SELECT relmeta.unshare('contact', 11, 'sh_cat');
UPDATE contact SET account_id = 1, owner_id = 'sh_ann' WHERE id = 11;
TABLE held;

--
-- active and user_owned decide when the action runs
--
SELECT relmeta.update_relationship('account_contact', share => 'active');
SELECT relmeta.share('account', 1, 'sh_team');
TABLE held;
UPDATE contact SET active = true WHERE id = 12;
TABLE held;
SELECT relmeta.unshare('account', 1, 'sh_team');
SELECT relmeta.update_relationship('account_contact', share => 'user_owned');
UPDATE contact SET owner_id = 'sh_bob' WHERE id = 12;
SELECT relmeta.share('account', 1, 'sh_team', '{read}');
TABLE held;
SELECT relmeta.unshare('account', 1, 'sh_team');
UPDATE contact SET owner_id = 'sh_ann' WHERE id = 12;
SELECT relmeta.update_relationship('account_contact', share => 'all');
TABLE held;

--
-- modify_share replaces; share_many and unshare_many do all or nothing
--
SELECT relmeta.modify_share('account', 1, 'sh_cat', '{read,delete}');
SELECT relmeta.modify_share('account', 1, 'sh_cat', '{read,assign}');
TABLE held;
SELECT relmeta.modify_share('account', 1, 'sh_cat', '{}');
SELECT relmeta.share_many('account', '{1,2}', '{sh_cat,sh_team}', '{read}');
SELECT count(*) FROM held;
SELECT relmeta.share_many('account', '{1,3}', '{sh_dan}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM held;
SELECT relmeta.unshare_many('account', '{1,2}', '{sh_cat,sh_team}');
TABLE held;

--
-- All of it rolls back with its statement or savepoint
--
BEGIN;
SAVEPOINT s;
SELECT relmeta.share('account', 1, 'sh_cat');
UPDATE contact SET account_id = 2 WHERE id = 11;
SELECT count(*) > 0 AS shared FROM held;
ROLLBACK TO s;
SELECT count(*) FROM held;
COMMIT;

--
-- Delete takes entries along, TRUNCATE too, and a key change
--
SELECT relmeta.share('account', 1, 'sh_cat');
UPDATE contact SET id = 1100 WHERE id = 12;
\echo :LAST_ERROR_SQLSTATE
UPDATE account SET id = 10 WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM note WHERE contact_id = 12;
UPDATE contact SET id = 1100 WHERE id = 12;
TABLE held;
DELETE FROM contact WHERE id = 11;
TABLE held;
TRUNCATE note;
TRUNCATE account CASCADE;
TABLE held;

--
-- Refusals
--
INSERT INTO account VALUES (1, 'sh_ann');
SELECT relmeta.share('account', 1, 'sh_ann');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 1, 'sh_nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 9, 'sh_cat');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 'x', 'sh_cat');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 1, 'sh_cat', '{fly}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 1, 'sh_cat', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('pg_catalog.pg_class', 1, 'sh_cat');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.revoke_all('sh_cat');
\echo :LAST_ERROR_SQLSTATE
-- nobody writes entries but relmeta
SELECT count(*) FROM relmeta_access.account;
\echo :LAST_ERROR_SQLSTATE

--
-- Related rows that follow the key keep their entries, and get no others
--
CREATE TABLE book (id int PRIMARY KEY, owner_id text);
CREATE TABLE page (id int PRIMARY KEY, owner_id text, book_id int REFERENCES book ON UPDATE CASCADE ON DELETE CASCADE);
SELECT relmeta.register_table('book', 'owner_id'), relmeta.register_table('page', 'owner_id');
SELECT relmeta.create_one_to_many('book', 'page', 'book_id', preset => 'parental', name => 'book_page');
INSERT INTO book VALUES (1, 'sh_ann'), (2, 'sh_bob');
INSERT INTO page VALUES (1, 'sh_ann', 1), (2, 'sh_bob', 2);
SELECT relmeta.share('book', 1, 'sh_cat'), relmeta.share('book', 2, 'sh_dan');
INSERT INTO page VALUES (3, 'sh_ann', 1);
SELECT * FROM held WHERE "table" = 'page';
UPDATE book SET id = id + 10;
SELECT * FROM held WHERE "table" = 'page';
SELECT relmeta.drop_relationship('book_page');
SELECT * FROM held WHERE "table" = 'page';

--
-- A foreign key that somebody has dropped guards nothing: related rows may come before their primary row
--
CREATE TABLE folder (id int PRIMARY KEY, owner_id text);
CREATE TABLE file (id int PRIMARY KEY, owner_id text);
SELECT relmeta.create_one_to_many('folder', 'file', 'folder_id', name => 'folder_file');
SELECT relmeta.register_table('folder', 'owner_id'), relmeta.register_table('file', 'owner_id');
SELECT relmeta.update_relationship('folder_file', assign => 'all', reparent => 'all', share => 'all');
ALTER TABLE file DROP CONSTRAINT folder_file;
INSERT INTO file VALUES (1, 'sh_ann', 1);
INSERT INTO folder VALUES (1, 'sh_bob');
SELECT * FROM held WHERE "table" = 'file';
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
INSERT INTO "sh odd"."Weird ""Name""" VALUES
  ('00000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-0000000000aa', NULL),
  ('00000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000001'),
  ('00000000-0000-4000-8000-000000000003', '10000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000002');
SELECT relmeta.share('"sh odd"."Weird ""Name"""', '00000000-0000-4000-8000-000000000001'::uuid, '10000000-0000-4000-8000-0000000000BB', '{read}');
SELECT object_key, principal, access_rights_mask, inherited_access_rights_mask FROM relmeta.principal_object_access WHERE relation = '"sh odd"."Weird ""Name"""'::regclass ORDER BY 1;
SELECT relmeta.share('"sh odd"."Weird ""Name"""', '00000000-0000-4000-8000-000000000001', 'sh_cat');
\echo :LAST_ERROR_SQLSTATE

RESET SESSION AUTHORIZATION;
SELECT relmeta.revoke_all('10000000-0000-4000-8000-0000000000BB');
SET client_min_messages = warning;
SELECT relmeta.drop_relationship(name) FROM relmeta.one_to_many WHERE name IN ('account_contact', 'contact_note', 'Weird "Name"_Weird "Name"');
SELECT relmeta.unregister_table(relation) FROM relmeta.tables WHERE relation::regclass::text LIKE 'sh.%' OR relation::regclass::text LIKE '"sh odd"%';
DROP SCHEMA sh, "sh odd" CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'sh\_%' OR principal LIKE '10000000-0000-4000-8000%';
DROP ROLE regress_share_owner;
