-- Attacks on "rows that the statement itself has inserted count" (SEMANTICS 2.5): bob, who may write ann's rows and not append to
-- them, writes one and relates a row to it in one statement.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_ar_owner;
CREATE ROLE regress_ar_bob;
SELECT relmeta.create_user('ar_ann'), relmeta.create_user('ar_bob', 'regress_ar_bob');
CREATE SCHEMA ar AUTHORIZATION regress_ar_owner;
GRANT USAGE ON SCHEMA ar TO regress_ar_bob;
SET SESSION AUTHORIZATION regress_ar_owner;
SET search_path = ar;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text);
CREATE TABLE region (id int PRIMARY KEY, note text, owner_id text) PARTITION BY LIST (id);
CREATE TABLE region_1 PARTITION OF region FOR VALUES IN (1, 2);
CREATE TABLE region_2 PARTITION OF region DEFAULT;
CREATE TABLE item (id int PRIMARY KEY, account_id int, region_id int, owner_id text);
GRANT SELECT, INSERT, UPDATE, DELETE ON account, region, item TO regress_ar_bob;
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,region,item}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', preset => 'parental', assign => 'none');
SELECT relmeta.create_one_to_many('region', 'item', 'region_id');
INSERT INTO account VALUES (1, 'x', 'ar_ann'), (2, 'x', NULL);
INSERT INTO region VALUES (1, 'x', 'ar_ann');
INSERT INTO item VALUES (1, NULL, NULL, 'ar_bob');
SELECT relmeta.enable_access_control(t) FROM unnest('{account,region,item}'::regclass[]) AS t;
SELECT relmeta.share_many('account', '{1,2}', '{ar_bob}', '{read,write}'), relmeta.share('region', 1, 'ar_bob', '{read,write}');
-- => 2|1
SET SESSION AUTHORIZATION regress_ar_bob;

INSERT INTO item VALUES (10, 1, NULL, 'ar_bob');
-- => ERROR:  42501
WITH u AS (UPDATE account SET note = note WHERE id = 1 RETURNING id) INSERT INTO item SELECT 10, id, NULL, 'ar_bob' FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE account SET note = note WHERE id = 2 RETURNING id) INSERT INTO item SELECT 10, id FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE account SET note = note WHERE id = 1 RETURNING id) UPDATE item SET account_id = u.id FROM u WHERE item.id = 1;
-- => ERROR:  42501
WITH u AS (INSERT INTO account VALUES (1, 'y', 'ar_bob') ON CONFLICT (id) DO UPDATE SET note = 'y' RETURNING id)
  INSERT INTO item SELECT 10, id, NULL, 'ar_bob' FROM u;
-- => ERROR:  42501
-- in a partition, and taken to another one
WITH u AS (UPDATE region SET note = note WHERE id = 1 RETURNING id) INSERT INTO item SELECT 10, NULL, id, 'ar_bob' FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE region SET id = 2 WHERE id = 1 RETURNING id) INSERT INTO item SELECT 10, NULL, id, 'ar_bob' FROM u;
-- => ERROR:  42501
WITH u AS (UPDATE region SET id = 9 WHERE id = 1 RETURNING id) INSERT INTO item SELECT 10, NULL, id, 'ar_bob' FROM u;
-- => ERROR:  42501
-- what it inserts itself counts, in a table and in a partition
WITH i AS (INSERT INTO account VALUES (11, 'x', 'ar_bob') RETURNING id), r AS (INSERT INTO region VALUES (11, 'x', 'ar_bob') RETURNING id)
  INSERT INTO item SELECT 11, i.id, r.id, 'ar_bob' FROM i, r RETURNING id;
-- => 11

RESET SESSION AUTHORIZATION;
SELECT id, account_id, region_id FROM item ORDER BY id;
-- => 1||
-- => 11|11|11
DROP SCHEMA ar CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{ar_ann,ar_bob}'::text[]) AS p;
DROP ROLE regress_ar_owner, regress_ar_bob;
