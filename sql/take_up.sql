-- take_up: entries outlive DROP EXTENSION; registering the table again takes up the direct ones of rows and principals that
-- are there, of an entry table that is provably the table's.  What a principal that is gone held never comes to life.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on

--
-- Rows that were deleted meanwhile, principals that were not made again, what was inherited
--
BEGIN;
CREATE TABLE tu_doc (id int PRIMARY KEY, owner_id text);
CREATE TABLE tu_page (id int PRIMARY KEY, owner_id text, doc_id int);
CREATE TABLE tu_open (id int PRIMARY KEY);
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{tu_ann,tu_bob,tu_cat}'::text[]) u; PERFORM relmeta.create_team('tu_team'); END $$;
DO $$ BEGIN PERFORM relmeta.register_table(t, 'owner_id') FROM unnest('{tu_doc,tu_page}'::regclass[]) t; END $$;
SELECT relmeta.create_one_to_many('tu_doc', 'tu_page', 'doc_id', preset => 'parental'), relmeta.register_table('tu_open');
-- => tu_doc_tu_page|
INSERT INTO tu_doc VALUES (1, 'tu_ann'), (2, 'tu_ann');
INSERT INTO tu_page VALUES (10, 'tu_ann', 1), (11, 'tu_ann', NULL);
INSERT INTO tu_open VALUES (1);
SELECT relmeta.share_many('tu_doc', '{1,2}', '{tu_bob,tu_cat,tu_team}'), relmeta.share('tu_page', 11, 'tu_cat'),
       relmeta.share_many('tu_open', '{1}', '{tu_bob,tu_cat}', '{delete}');
-- => 9|1|2
DROP EXTENSION relmeta;
DELETE FROM tu_doc WHERE id = 2;
CREATE EXTENSION relmeta;
-- the same names, a team that is a user now, and one that is not there
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{tu_ann,tu_bob,tu_team}'::text[]) u; END $$;
SELECT relmeta.register_table('tu_doc', 'owner_id'), relmeta.register_table('tu_page', 'owner_id'), relmeta.register_table('tu_open');
SELECT relation, object_key, principal, access_rights_mask AS direct, inherited_access_rights_mask AS inherited
FROM relmeta.principal_object_access WHERE relation::text LIKE 'tu\_%' ORDER BY 1, 2, 3;
-- => tu_doc|1|tu_bob|1|0
-- => tu_doc|1|tu_team|1|0
-- => tu_open|1|tu_bob|65536|0
SELECT principal, granted_by IS NOT NULL AS known FROM relmeta.shared_principals('tu_doc', 1) ORDER BY 1;
-- => tu_bob|t
-- => tu_team|t
-- whoever gets the key of a row that was deleted meanwhile, or a name that was gone, is not shared because of it
INSERT INTO tu_doc VALUES (2, 'tu_ann');
SELECT relmeta.create_user('tu_cat');
SELECT count(*) FROM relmeta.shared_principals('tu_doc', 2), relmeta.shared_with('tu_cat');
-- => 0
SELECT count(*) FROM relmeta_access.tu_doc WHERE principal = 'tu_cat' OR object = 2;
-- => 0
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;

--
-- A name that is spelled otherwise in the type of owners is the same principal
--
BEGIN;
CREATE TABLE tu_doc (id int PRIMARY KEY, owner_id bigint);
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{007,8}'::text[]) u; END $$;
SELECT relmeta.register_table('tu_doc', 'owner_id');
INSERT INTO tu_doc VALUES (1, NULL);
SELECT relmeta.share_many('tu_doc', '{1}', '{007,8}');
-- => 2
DROP EXTENSION relmeta;
CREATE EXTENSION relmeta;
SELECT relmeta.create_user('7');
SELECT relmeta.register_table('tu_doc', 'owner_id');
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'tu_doc'::regclass;
-- => 1|7
ROLLBACK;

--
-- A key of another type is another key
--
BEGIN;
CREATE TABLE tu_doc (id int PRIMARY KEY, code text NOT NULL, owner_id text);
SELECT relmeta.create_user('tu_ann');
SELECT relmeta.register_table('tu_doc', 'owner_id');
INSERT INTO tu_doc VALUES (1, 'one', NULL), (2, '1', NULL);
SELECT relmeta.share('tu_doc', 1, 'tu_ann');
-- => 1
DROP EXTENSION relmeta;
ALTER TABLE tu_doc DROP CONSTRAINT tu_doc_pkey;
ALTER TABLE tu_doc ADD PRIMARY KEY (code);
CREATE EXTENSION relmeta;
SELECT relmeta.create_user('tu_ann');
SELECT relmeta.register_table('tu_doc', 'owner_id');
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'tu_doc'::regclass;
-- => none
SELECT relmeta.share('tu_doc', 'one', 'tu_ann');
-- => 1
ROLLBACK;

--
-- What else depends on the table, and stands in that schema for whatever reason, is not taken for its entries
--
BEGIN;
CREATE ROLE regress_tu_mallory;
CREATE TABLE tu_first (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('tu_first', 'owner_id');
GRANT CREATE, USAGE ON SCHEMA relmeta_access TO regress_tu_mallory;
CREATE SCHEMA tu AUTHORIZATION regress_tu_mallory;
SET LOCAL SESSION AUTHORIZATION regress_tu_mallory;
CREATE TABLE tu.trap (object int PRIMARY KEY, principal text, relationship int, cause "char", mask int, granted_by text,
  granted_at timestamptz) PARTITION BY RANGE (object);
CREATE TABLE relmeta_access.trap_door PARTITION OF tu.trap DEFAULT;
CREATE FUNCTION tu.spring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE WARNING 'sprung by %', current_user;
  RETURN NULL;
END $$;
CREATE TRIGGER spring BEFORE DELETE ON relmeta_access.trap_door EXECUTE FUNCTION tu.spring();
SELECT relmeta.register_table('tu.trap', 'principal');
SELECT entry_table FROM relmeta.registered_table WHERE relation = 'tu.trap'::regclass;
-- => relmeta_access.trap
ROLLBACK;

--
-- A principal that goes takes along what it held, wherever it goes from and in whatever state its tables are
--
CREATE SCHEMA tu;
SET search_path = tu;
CREATE TABLE person (id text PRIMARY KEY);
SELECT relmeta.register_principals('person');
INSERT INTO person VALUES ('tu_eve'), ('tu_fay'), ('tu_gil'), ('tu_hal');
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{tu_ann,tu_bob,tu_cat}'::text[]) u; PERFORM relmeta.create_team('tu_team'); END $$;
CREATE TABLE doc (id int PRIMARY KEY, owner_id text, state text);
CREATE TABLE open (id int PRIMARY KEY);
SELECT relmeta.register_table('doc', 'owner_id', 'state', '{a}'), relmeta.register_table('open');
INSERT INTO doc VALUES (1, NULL, 'a');
INSERT INTO open VALUES (1);
SELECT relmeta.share_many('doc', '{1}', '{tu_ann,tu_bob,tu_cat,tu_team,tu_eve,tu_fay,tu_gil,tu_hal}'),
       relmeta.share_many('open', '{1}', '{tu_ann,tu_bob,tu_cat,tu_team,tu_eve,tu_fay,tu_gil,tu_hal}');
-- => 8|8
CREATE VIEW holders AS SELECT principal FROM relmeta_access.doc UNION SELECT principal FROM relmeta_access.open ORDER BY 1;
SELECT relmeta.drop_principal('tu_ann'), relmeta.drop_principal('tu_team');
DELETE FROM person WHERE id = 'tu_eve';
UPDATE person SET id = 'tu_fey' WHERE id = 'tu_fay';
TABLE holders;
-- => tu_bob
-- => tu_cat
-- => tu_gil
-- => tu_hal
TRUNCATE person;
TABLE holders;
-- => tu_bob
-- => tu_cat
-- one that is dropped and made again in one transaction, or not dropped after all
BEGIN;
SELECT relmeta.drop_principal('tu_bob'), relmeta.create_user('tu_bob');
SAVEPOINT s;
SELECT relmeta.drop_principal('tu_cat');
ROLLBACK TO s;
COMMIT;
TABLE holders;
-- => tu_cat
-- a table that cannot be used at the time, since a column is missing, behind the back of the event triggers
SET session_replication_role = replica;
ALTER TABLE doc DROP COLUMN state;
RESET session_replication_role;
SELECT relmeta.share('doc', 1, 'tu_bob');
-- => 55000
SELECT relmeta.drop_principal('tu_cat');
ALTER TABLE doc ADD state text;
SELECT relmeta.create_user('tu_cat');
SELECT relmeta.has_access('doc', 1, 'read', 'tu_cat'), relmeta.has_access('open', 1, 'read', 'tu_cat');
-- => f|f
TABLE holders;
-- => none

RESET search_path;
DROP SCHEMA tu CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'tu\_%'; END $$;
