-- Attacks by keys of tables that are not controlled: bob, who may write rows of a table that everybody may write, has one take the key
-- that links of ann's accounts name, or her rows below.  It needs what moving them needs, as where that table is controlled (SEMANTICS 2.5).
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_un_owner;
CREATE ROLE regress_un_mal;
CREATE ROLE regress_un_bob;
SELECT relmeta.create_user('un_ann'), relmeta.create_user('un_bob', 'regress_un_bob');
CREATE SCHEMA unc AUTHORIZATION regress_un_owner;
CREATE SCHEMA unm AUTHORIZATION regress_un_mal;
GRANT USAGE ON SCHEMA unc TO regress_un_bob, regress_un_mal;
SET SESSION AUTHORIZATION regress_un_owner;
SET search_path = unc;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE label (id int PRIMARY KEY, name text);
CREATE TABLE person (id int PRIMARY KEY, owner_id text);
CREATE TABLE adopted (account_id int REFERENCES account, label_id int REFERENCES label DEFERRABLE INITIALLY DEFERRED, note text, PRIMARY KEY (account_id, label_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON account, label, person, adopted TO regress_un_bob;
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('label'), relmeta.register_table('person', 'owner_id');
SELECT relmeta.create_many_to_many('account', 'label', 'un_labels', intersect_table => 'labelled');
-- => un_labels
SELECT relmeta.create_many_to_many('person', 'account', 'un_people', intersect_table => 'knows');
-- => un_people
SELECT relmeta.adopt_many_to_many('adopted', 'un_adopted');
-- => un_adopted
GRANT SELECT, INSERT, UPDATE, DELETE ON labelled, knows TO regress_un_bob;
INSERT INTO account VALUES (1, 'un_ann'), (2, 'un_bob');
INSERT INTO label SELECT generate_series(1, 9);
INSERT INTO person VALUES (1, 'un_ann'), (2, 'un_ann');
INSERT INTO labelled VALUES (1, 1), (2, 2);
INSERT INTO knows VALUES (1, 1);
INSERT INTO adopted VALUES (1, 3, 'secret'), (2, 4, 'his own');

--
-- nothing is controlled: no trigger looks at a new label, and nobody asks
--
CREATE VIEW unc.watched AS SELECT count(*) FROM pg_trigger WHERE tgrelid = 'unc.label'::regclass AND tgname = 'relmeta_row_insert';
TABLE watched;
-- => 0
SET SESSION AUTHORIZATION regress_un_bob;
SET search_path = unc;
BEGIN;
UPDATE label SET id = 99 WHERE id = 3;
INSERT INTO label VALUES (3);
COMMIT;
DELETE FROM label WHERE id = 99;
RESET SESSION AUTHORIZATION;
SELECT relmeta.enable_access_control('account');
TABLE watched;
-- => 1
SELECT * FROM relmeta.verify();
-- => none

--
-- one statement
--
SET SESSION AUTHORIZATION regress_un_bob;
UPDATE label SET id = CASE id WHEN 1 THEN 99 ELSE 1 END WHERE id IN (1, 5);
-- => ERROR:  42501
WITH u AS (UPDATE label SET id = 99 WHERE id = 1 RETURNING 1 AS key) INSERT INTO label SELECT key FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE label SET id = 99 WHERE id = 1 RETURNING 1 AS key) INSERT INTO label SELECT 5 FROM u ON CONFLICT (id) DO UPDATE SET id = 1;
-- => ERROR:  42501
WITH u AS (UPDATE person SET id = 99 WHERE id = 1 RETURNING 1 AS key) INSERT INTO person SELECT key, 'un_bob' FROM u;
-- => ERROR:  42501
UPDATE person SET id = CASE id WHEN 1 THEN 99 ELSE 1 END WHERE id IN (1, 2);
-- => ERROR:  42501
-- a link of his own account, and a key without any
WITH u AS (UPDATE label SET id = 98 WHERE id = 2 RETURNING 2 AS key) INSERT INTO label SELECT key FROM u RETURNING id;
-- => 2
WITH u AS (UPDATE label SET id = 97 WHERE id = 6 RETURNING 6 AS key) INSERT INTO label SELECT key FROM u RETURNING id;
-- => 6
INSERT INTO label SELECT generate_series(1000, 1999);

--
-- several, by a key that is looked at when the transaction ends
--
BEGIN;
UPDATE label SET id = 99 WHERE id = 3;
SAVEPOINT s;
INSERT INTO label VALUES (3);
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO label VALUES (7) ON CONFLICT (id) DO UPDATE SET id = 3;
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO label VALUES (3) ON CONFLICT DO NOTHING;
-- => ERROR:  42501
ROLLBACK TO s;
UPDATE label SET id = 3 WHERE id = 7;
-- => ERROR:  42501
ROLLBACK TO s;
MERGE INTO label AS t USING (VALUES (3)) AS v(id) ON t.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (v.id);
-- => ERROR:  42501
ROLLBACK TO s;
MERGE INTO label AS t USING (VALUES (7)) AS v(id) ON t.id = v.id WHEN MATCHED THEN UPDATE SET id = 3;
-- => ERROR:  42501
ROLLBACK TO s;
COPY label (id) FROM STDIN;
3
\.
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO label SELECT generate_series(3000, 3999) UNION ALL SELECT 3;
-- => ERROR:  42501
ROLLBACK TO s;
DO $$ BEGIN INSERT INTO label VALUES (3); END $$;
-- => ERROR:  42501
ROLLBACK TO s;
-- that of his own
UPDATE label SET id = 96 WHERE id = 4;
INSERT INTO label VALUES (4) RETURNING id;
-- => 4
ROLLBACK;
BEGIN;
DELETE FROM label WHERE id = 3;
INSERT INTO label VALUES (3);
-- => ERROR:  42501
ROLLBACK;
-- in a function of his, in the middle of a statement
CREATE FUNCTION pg_temp.takes() RETURNS int LANGUAGE sql AS 'INSERT INTO unc.label VALUES (3) RETURNING id';
UPDATE label SET id = 99 WHERE id = 3 RETURNING pg_temp.takes();
-- => ERROR:  42501
SELECT * FROM adopted;
-- => 2|4|his own
-- what is said names no key
\set VERBOSITY default
WITH u AS (UPDATE label SET id = 99 WHERE id = 1 RETURNING 1 AS key) INSERT INTO label SELECT key FROM u;
-- => ERROR:  principal "un_bob" does not hold the right append on the row of table "account" that is to be linked
\set VERBOSITY sqlstate

--
-- links that point to no row: made while triggers were off, or by a key that is not valid
--
RESET SESSION AUTHORIZATION;
SET session_replication_role = replica;
INSERT INTO labelled VALUES (1, 500), (2, 501);
RESET session_replication_role;
SET SESSION AUTHORIZATION regress_un_bob;
INSERT INTO label VALUES (500);
-- => ERROR:  42501
INSERT INTO label VALUES (499), (500), (501);
-- => ERROR:  42501
UPDATE label SET id = 500 WHERE id = 7;
-- => ERROR:  42501
INSERT INTO label VALUES (501) RETURNING id;
-- => 501

--
-- with the right; and whoever is exempt from the controlled end is not asked
--
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('account', 1, 'un_bob', '{append}');
-- => 1
SET SESSION AUTHORIZATION regress_un_bob;
BEGIN;
INSERT INTO label VALUES (500) RETURNING id;
-- => 500
UPDATE label SET id = 99 WHERE id = 3;
INSERT INTO label VALUES (3) RETURNING id;
-- => 3
ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT relmeta.unshare('account', 1, 'un_bob');
-- => 1
SET SESSION AUTHORIZATION regress_un_owner;
BEGIN;
INSERT INTO label VALUES (500) RETURNING id;
-- => 500
ROLLBACK;
SELECT relmeta.enable_access_control('account', force => true);
INSERT INTO label VALUES (500);
-- => ERROR:  42501
INSERT INTO label VALUES (502) RETURNING id;
-- => 502
SELECT relmeta.enable_access_control('account', force => false);

--
-- a link's end that was controlled, and whose registration is lost
--
RESET SESSION AUTHORIZATION;
BEGIN;
DELETE FROM relmeta.registered_table WHERE relation = 'account'::regclass;
SELECT problem FROM relmeta.verify() WHERE relation = 'label'::regclass;
-- => none
SET SESSION AUTHORIZATION regress_un_bob;
SAVEPOINT s;
INSERT INTO label VALUES (500);
-- => ERROR:  42501
ROLLBACK TO s;
WITH u AS (UPDATE label SET id = 95 WHERE id = 2 RETURNING 2 AS key) INSERT INTO label SELECT key FROM u;
-- => ERROR:  42501: he holds nothing there any more
ROLLBACK TO s;
INSERT INTO label VALUES (503) RETURNING id;
-- => 503
RESET SESSION AUTHORIZATION;
INSERT INTO label VALUES (500) RETURNING id;
-- => 500
ROLLBACK;

--
-- the trigger comes and goes
--
SET SESSION AUTHORIZATION regress_un_owner;
SELECT relmeta.drop_relationship('un_adopted');
TABLE watched;
-- => 1
SELECT relmeta.drop_relationship('un_labels');
TABLE watched;
-- => 0
SELECT relmeta.adopt_many_to_many('adopted', 'un_adopted');
-- => un_adopted
TABLE watched;
-- => 1
SELECT relmeta.disable_access_control('account');
TABLE watched;
-- => 0
SELECT relmeta.enable_access_control('account');
TABLE watched;
-- => 1
DROP TABLE adopted;
TABLE watched;
-- => 0
SELECT relmeta.create_many_to_many('account', 'label', 'un_labels', intersect_table => 'labelled_too');
-- => un_labels
TABLE watched;
-- => 1
SELECT relmeta.unregister_table('label');
SELECT relmeta.register_table('label');
TABLE watched;
-- => 1
ALTER TABLE label DISABLE TRIGGER USER;
-- => WARNING:  01000
DROP TRIGGER relmeta_row_insert ON label;
-- => WARNING:  01000
SELECT problem FROM relmeta.verify() WHERE relation = 'label'::regclass ORDER BY 1 LIMIT 1;
-- => is disabled
SELECT relmeta.repair() > 0;
-- => t
TABLE watched;
-- => 1
DROP TABLE account CASCADE;
TABLE watched;
-- => 0
-- declared before its tables are there
SELECT relmeta.create_many_to_many('account', 'label', 'un_pending', intersect_table => 'labelled_later');
-- => un_pending
TABLE watched;
-- => 0
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('account', 'owner_id');
TABLE watched;
-- => 0
SELECT relmeta.enable_access_control('account');
TABLE watched;
-- => 1
SELECT relmeta.drop_relationship('un_pending', drop_storage => true);
TABLE watched;
-- => 0
SELECT * FROM relmeta.verify() WHERE relation IN ('label'::regclass, 'account'::regclass);
-- => none

--
-- partitions: of the table that is not controlled, and one of them as the end itself
--
CREATE TABLE place (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE place_1 PARTITION OF place FOR VALUES FROM (0) TO (50);
CREATE TABLE place_2 PARTITION OF place FOR VALUES FROM (50) TO (100);
CREATE TABLE region (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE region_1 PARTITION OF region FOR VALUES FROM (0) TO (50);
GRANT SELECT, INSERT, UPDATE, DELETE ON place, place_1, region TO regress_un_bob;
SELECT relmeta.register_table('place'), relmeta.register_table('region', 'owner_id');
SELECT relmeta.create_many_to_many('account', 'place', 'un_places', intersect_table => 'placed');
-- => un_places
SELECT relmeta.create_many_to_many('account', 'place_1', 'un_places_1', intersect_table => 'placed_1');
-- => un_places_1
SELECT relmeta.create_many_to_many('account', 'region_1', 'un_regions_1', intersect_table => 'regions_1');
-- => un_regions_1
INSERT INTO account VALUES (1, 'un_ann'), (2, 'un_bob');
INSERT INTO place VALUES (1), (2), (3), (60);
INSERT INTO region VALUES (1, 'un_bob'), (2, 'un_bob');
INSERT INTO placed VALUES (1, 1);
INSERT INTO placed_1 VALUES (1, 2);
INSERT INTO regions_1 VALUES (1, 1);
SET SESSION AUTHORIZATION regress_un_bob;
WITH u AS (UPDATE place SET id = 99 WHERE id = 1 RETURNING 1 AS key) INSERT INTO place SELECT key FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE place SET id = 9 WHERE id = 1 RETURNING 1 AS key) UPDATE place AS p SET id = key FROM u WHERE p.id = 60;
-- => ERROR:  42501
WITH u AS (UPDATE place SET id = 9 WHERE id = 1 RETURNING 1 AS key) INSERT INTO place_1 SELECT key FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE place SET id = 9 WHERE id = 2 RETURNING 2 AS key) INSERT INTO place SELECT key FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE place SET id = 9 WHERE id = 3 RETURNING 3 AS key) INSERT INTO place SELECT key FROM u RETURNING id;
-- => 3
WITH u AS (UPDATE region SET id = 9 WHERE id = 1 RETURNING 1 AS key) INSERT INTO region SELECT key, 'un_bob' FROM u;
-- => ERROR:  42501
-- and where the table is controlled, of which one partition is the end
RESET SESSION AUTHORIZATION;
SELECT relmeta.enable_access_control('region');
SET SESSION AUTHORIZATION regress_un_bob;
WITH u AS (UPDATE region SET id = 9 WHERE id = 1 RETURNING 1 AS key) INSERT INTO region SELECT key, 'un_bob' FROM u;
-- => ERROR:  42501
-- rows that come with a partition
RESET SESSION AUTHORIZATION;
SET session_replication_role = replica;
INSERT INTO placed VALUES (1, 150);
RESET session_replication_role;
ALTER TABLE place OWNER TO regress_un_bob;
GRANT CREATE ON SCHEMA unc TO regress_un_bob;
SET SESSION AUTHORIZATION regress_un_bob;
CREATE TABLE place_3 (id int PRIMARY KEY);
INSERT INTO place_3 VALUES (150);
ALTER TABLE place ATTACH PARTITION place_3 FOR VALUES FROM (150) TO (160);
-- => ERROR:  42501
UPDATE place_3 SET id = 151;
ALTER TABLE place ATTACH PARTITION place_3 FOR VALUES FROM (150) TO (160);
SELECT id FROM place WHERE id > 100;
-- => 151

--
-- another role's links that point to no row are no reason to refuse a key; those of a row that had it are judged, whoever's they are
--
RESET SESSION AUTHORIZATION;
GRANT REFERENCES ON account, label TO regress_un_mal;
SET SESSION AUTHORIZATION regress_un_mal;
CREATE TABLE unm.links (account_id int, label_id int, PRIMARY KEY (account_id, label_id));
INSERT INTO unm.links VALUES (1, 700), (1, 8);
ALTER TABLE unm.links ADD FOREIGN KEY (account_id) REFERENCES unc.account,
  ADD FOREIGN KEY (label_id) REFERENCES unc.label NOT VALID;
SELECT relmeta.adopt_many_to_many('unm.links', 'un_mal');
-- => un_mal
TABLE watched;
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
TABLE watched;
-- => 1
SET SESSION AUTHORIZATION regress_un_bob;
INSERT INTO label VALUES (700) RETURNING id;
-- => 700
WITH u AS (UPDATE label SET id = 701 WHERE id = 8 RETURNING 8 AS key) INSERT INTO label SELECT key FROM u;
-- => ERROR:  42501

--
-- an end that is not registered asks nothing (docs/security.md, Limits), until it is
--
SET SESSION AUTHORIZATION regress_un_owner;
CREATE TABLE stranger (id int PRIMARY KEY);
GRANT SELECT, INSERT, UPDATE, DELETE ON stranger TO regress_un_bob;
SELECT relmeta.create_many_to_many('account', 'stranger', 'un_strangers', intersect_table => 'strange');
-- => un_strangers
INSERT INTO stranger VALUES (1);
INSERT INTO strange VALUES (1, 1);
SET SESSION AUTHORIZATION regress_un_bob;
WITH u AS (UPDATE stranger SET id = 9 WHERE id = 1 RETURNING 1 AS key) INSERT INTO stranger SELECT key FROM u RETURNING id;
-- => 1
SET SESSION AUTHORIZATION regress_un_owner;
SELECT relmeta.register_table('stranger');
SET SESSION AUTHORIZATION regress_un_bob;
WITH u AS (UPDATE stranger SET id = 8 WHERE id = 1 RETURNING 1 AS key) INSERT INTO stranger SELECT key FROM u;
-- => ERROR:  42501

--
-- rows below a table that is not controlled and has no owner column
--
SET SESSION AUTHORIZATION regress_un_owner;
CREATE TABLE kind (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, owner_id text, kind_id int REFERENCES kind DEFERRABLE INITIALLY DEFERRED);
GRANT SELECT, INSERT, UPDATE, DELETE ON kind, item TO regress_un_bob;
SELECT relmeta.register_table('kind'), relmeta.register_table('item', 'owner_id');
SELECT relmeta.create_one_to_many('kind', 'item', 'kind_id', 'un_items', delete => 'restrict');
-- => un_items
INSERT INTO kind VALUES (1), (2);
INSERT INTO item VALUES (1, 'un_ann', 1), (2, 'un_bob', 2);
SELECT relmeta.enable_access_control('item');
SELECT * FROM relmeta.verify() WHERE relation IN ('kind'::regclass, 'item'::regclass);
-- => none
SET SESSION AUTHORIZATION regress_un_bob;
BEGIN;
UPDATE kind SET id = 9 WHERE id = 1;
INSERT INTO kind VALUES (1);
-- => ERROR:  42501
ROLLBACK;
BEGIN;
UPDATE kind SET id = 9 WHERE id = 2;
INSERT INTO kind VALUES (2) RETURNING id;
-- => 2
COMMIT;
SET SESSION AUTHORIZATION regress_un_owner;
SELECT relmeta.disable_access_control('item');
SELECT * FROM relmeta.verify() WHERE relation IN ('kind'::regclass, 'item'::regclass);
-- => none
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'kind'::regclass AND tgname = 'relmeta_row_insert';
-- => 0

RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
DROP SCHEMA unc, unm CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{un_ann,un_bob}'::text[]) AS p;
DROP OWNED BY regress_un_owner, regress_un_mal, regress_un_bob;
DROP ROLE regress_un_owner, regress_un_mal, regress_un_bob;
