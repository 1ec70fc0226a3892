-- key_spelling: a key that is equal though spelled otherwise is the row's: entries have its spelling, also after it changes alone.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA ks;
SET search_path = ks;
SELECT relmeta.create_user('ks_you');
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE name (id text COLLATE ci PRIMARY KEY, owner_id text);
CREATE TABLE amount (id numeric PRIMARY KEY, owner_id text);
CREATE TABLE spell (id interval PRIMARY KEY, owner_id text);
CREATE TABLE part (id text COLLATE ci, owner_id text, PRIMARY KEY (id)) PARTITION BY LIST (id);
CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a');
CREATE TABLE part_b PARTITION OF part DEFAULT;
CREATE TABLE child (id int PRIMARY KEY, name_id text COLLATE ci, owner_id text);
CREATE TABLE guarded (id int PRIMARY KEY, name_id text COLLATE ci, owner_id text);
DO $$ BEGIN PERFORM relmeta.register_table(t, 'owner_id') FROM unnest('{name,amount,spell,part,child,guarded}'::regclass[]) t; END $$;
SELECT relmeta.create_one_to_many('name', 'child', 'name_id', 'ks_child', preset => 'parental'),
       relmeta.create_one_to_many('name', 'guarded', 'name_id', 'ks_guarded', preset => 'referential', foreign_key => false);
-- => ks_child|ks_guarded
INSERT INTO name VALUES ('Ab'), ('Cd');
INSERT INTO child VALUES (1, 'aB');
INSERT INTO guarded VALUES (1, 'ab');
INSERT INTO amount VALUES (1.0);
INSERT INTO spell VALUES ('1 day');
INSERT INTO part VALUES ('a'), ('Bc');
CREATE VIEW held AS SELECT relation, object_key, principal, access_rights_mask | inherited_access_rights_mask AS mask
FROM relmeta.principal_object_access WHERE relation IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = 'ks'::regnamespace) ORDER BY relation::text, object_key;
SELECT relmeta.share('name', 'AB', 'ks_you'), relmeta.share_many('name', '{cD,CD,cd}', '{ks_you}', '{write}'), relmeta.share('amount', '1.000', 'ks_you'),
       relmeta.share('spell', '24 hours', 'ks_you'), relmeta.share('part', 'A', 'ks_you'), relmeta.share('part', 'bC', 'ks_you');
-- => 2|1|1|1|1|1
TABLE held;
-- => amount|1.0|ks_you|1
-- => child|1|ks_you|1
-- => name|Ab|ks_you|1
-- => name|Cd|ks_you|2
-- => part|Bc|ks_you|1
-- => part|a|ks_you|1
-- => spell|@ 1 day|ks_you|1
-- lookups without a foreign key go on pointing to the row; two rows at once, and one with a key that changes as well
UPDATE name SET id = CASE id WHEN 'ab' THEN 'AB' ELSE 'cD' END;
UPDATE amount SET id = 1.00;
UPDATE spell SET id = '24:00:00';
UPDATE part SET id = upper(id);
UPDATE name SET id = CASE id WHEN 'ab' THEN 'ab' ELSE 'Ef' END;
TABLE held;
-- => amount|1.00|ks_you|1
-- => child|1|ks_you|1
-- => name|Ef|ks_you|2
-- => name|ab|ks_you|1
-- => part|A|ks_you|1
-- => part|BC|ks_you|1
-- => spell|@ 24 hours|ks_you|1
SELECT key FROM relmeta.shared_with('ks_you', 'name') ORDER BY 1;
-- => Ef
-- => ab
SELECT principal, granted_by IS NOT NULL FROM relmeta.shared_principals('name', 'AB');
-- => ks_you|t
SELECT relmeta.has_access('child', 1, 'read', 'ks_you'), (SELECT name_id FROM child), (SELECT name_id FROM guarded);
-- => t|aB|ab
UPDATE name SET id = 'zz' WHERE id = 'AB';
-- => 23503: a guarded lookup points to it, however it is spelled
DELETE FROM guarded;
DELETE FROM name;
DELETE FROM amount;
DELETE FROM part;
TABLE held;
-- => spell|@ 24 hours|ks_you|1
SELECT * FROM relmeta.verify();
-- => none

RESET search_path;
DROP SCHEMA ks CASCADE;
SELECT relmeta.drop_principal('ks_you');
