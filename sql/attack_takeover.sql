-- Attacks by keys: bob, who may write or delete ann's account, or just insert one, has a row of his own take the key that her
-- rows point to.  They are his row's from then on, so it needs what moving them needs (SEMANTICS 2.5).
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_at_owner;
CREATE ROLE regress_at_bob;
SELECT relmeta.create_user('at_ann'), relmeta.create_user('at_bob', 'regress_at_bob'), relmeta.create_team('at_team');
CREATE SCHEMA att AUTHORIZATION regress_at_owner;
GRANT USAGE ON SCHEMA att TO regress_at_bob;
SET SESSION AUTHORIZATION regress_at_owner;
SET search_path = att;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
CREATE TABLE visit (id int PRIMARY KEY, owner_id text, account_id int CONSTRAINT visits REFERENCES account ON UPDATE CASCADE);
CREATE TABLE letter (id int PRIMARY KEY, owner_id text, account_id int CONSTRAINT letters REFERENCES account DEFERRABLE INITIALLY DEFERRED);
GRANT SELECT, INSERT, UPDATE, DELETE ON account, contact, visit, letter TO regress_at_bob;
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,contact,visit,letter}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'contacts', preset => 'referential', reparent => 'all');
SELECT relmeta.create_one_to_many('account', 'visit', 'account_id', 'visits', delete => 'restrict', reparent => 'all');
SELECT relmeta.create_one_to_many('account', 'letter', 'account_id', 'letters', delete => 'restrict', assign => 'all', share => 'all');
INSERT INTO account SELECT 10 * i, 'at_ann' FROM generate_series(1, 5) AS i UNION ALL SELECT i, 'at_bob' FROM generate_series(1, 5) AS i;
INSERT INTO contact VALUES (1, 'at_ann', 10);
INSERT INTO visit VALUES (1, 'at_ann', 20);
INSERT INTO letter VALUES (1, 'at_ann', 30);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact,visit,letter}'::regclass[]) AS t;
SELECT relmeta.share_many('account', '{10,20,30,40,50}', '{at_bob}', '{read,write,delete}') > 0;
-- => t
SELECT relmeta.unshare('letter', 1, 'at_bob');
-- => 1: he holds nothing below

--
-- in one statement, with relmeta's own key
--
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE account SET id = CASE id WHEN 10 THEN 99 ELSE 10 END WHERE id IN (1, 10);
-- => ERROR:  42501
-- in an order that the primary key takes
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off;
MERGE INTO account AS a USING (SELECT * FROM (VALUES (1, 10), (10, 99)) AS w (id, new) ORDER BY id DESC) AS v ON a.id = v.id WHEN MATCHED THEN UPDATE SET id = v.new;
-- => ERROR:  42501
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_seqscan;
WITH d AS (UPDATE account SET id = 99 WHERE id = 10 RETURNING 1) INSERT INTO account SELECT 10, 'at_bob' FROM d;
-- => ERROR:  42501
WITH d AS (UPDATE account SET id = 99 WHERE id = 10 RETURNING 1) INSERT INTO account SELECT 1, 'at_bob' FROM d ON CONFLICT (id) DO UPDATE SET id = 10;
-- => ERROR:  42501
-- what follows a key follows it; nothing is left behind
UPDATE account SET id = CASE id WHEN 20 THEN 98 ELSE 20 END WHERE id IN (2, 20) RETURNING id;
-- => 98
-- => 20
-- a key that nobody points to
UPDATE account SET id = CASE id WHEN 40 THEN 97 ELSE 40 END WHERE id IN (4, 40) RETURNING id;
-- => 97
-- => 40

--
-- in several statements, with a deferred key
--
UPDATE account SET id = CASE id WHEN 30 THEN 99 ELSE 30 END WHERE id IN (3, 30);
-- => ERROR:  42501
BEGIN;
UPDATE account SET id = 99 WHERE id = 30;
SAVEPOINT s;
UPDATE account SET id = 30 WHERE id = 3;
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO account VALUES (30, 'at_bob');
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO account VALUES (3, 'at_bob') ON CONFLICT (id) DO UPDATE SET id = 30;
-- => ERROR:  42501
ROLLBACK TO s;
DO $$ BEGIN INSERT INTO account VALUES (30, 'at_bob'); END $$;
-- => ERROR:  42501
ROLLBACK TO s;
-- a row of his own, which he could give a key before its primary row, is below it
INSERT INTO account VALUES (31, 'at_bob');
INSERT INTO letter VALUES (2, 'at_bob', 31);
ROLLBACK;
BEGIN;
INSERT INTO account VALUES (31, 'at_bob');
INSERT INTO letter VALUES (2, 'at_bob', 31);
UPDATE account SET id = 32 WHERE id = 31;
INSERT INTO account VALUES (31, 'at_bob');
ROLLBACK;
-- in a function of his, in the middle of a statement
CREATE FUNCTION pg_temp.takes() RETURNS int LANGUAGE sql AS 'UPDATE att.account SET id = 10 WHERE id = 1 RETURNING id';
UPDATE account SET id = 99 WHERE id = 10 RETURNING pg_temp.takes();
-- => ERROR:  55000

--
-- with the rights, as a move
--
RESET SESSION AUTHORIZATION;
SET search_path = att;
SELECT relmeta.share('contact', 1, 'at_bob', '{read,append}'), relmeta.share('contact', 1, 'at_team', '{read}');
-- => 1|1
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE account SET id = CASE id WHEN 10 THEN 99 ELSE 10 END WHERE id IN (1, 10);
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('contact', 1, 'at_bob', '{share}'), relmeta.share('account', 10, 'at_team', '{append}'), relmeta.share('account', 1, 'at_team', '{delete}');
-- => 1|1|1
SELECT ground, rights, source_key FROM relmeta.explain_access('contact', '1', 'at_team') ORDER BY 1;
-- => direct|{read}|1
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE account SET id = CASE id WHEN 10 THEN 99 ELSE 10 END WHERE id IN (1, 10) RETURNING id;
-- => 99
-- => 10
RESET SESSION AUTHORIZATION;
SELECT ground, rights, source_key FROM relmeta.explain_access('contact', '1', 'at_team') ORDER BY 1;
-- => direct|{read}|1
-- => inherited|{delete}|10
SELECT relmeta.principal_access('contact', 1, 'at_bob');
-- => {read,write,append,append_to,delete,share,assign}
-- whoever is exempt may, and nothing inherited stays
WITH u AS (UPDATE account SET id = 96 WHERE id = 10 RETURNING 10 AS key) UPDATE account AS a SET id = u.key FROM u WHERE id = 99 RETURNING id;
-- => 10
SELECT relmeta.principal_access('contact', 1, 'at_bob'), account_id FROM contact;
-- => {read,write,append,delete,share}|10
SELECT ground, rights, source_key FROM relmeta.explain_access('contact', '1', 'at_team') ORDER BY 1;
-- => direct|{read}|1
-- => inherited|{append}|10

--
-- entries that only sharing has given go, too
--
SELECT relmeta.share('account', 30, 'at_team', '{read}'), relmeta.share('letter', 1, 'at_bob', '{read,append}');
-- => 2|1
SET SESSION AUTHORIZATION regress_at_bob;
WITH u AS (UPDATE account SET id = 94 WHERE id = 30 RETURNING 30 AS key) UPDATE account AS a SET id = u.key FROM u WHERE id = 3 RETURNING id;
-- => 30: without reparent append is enough
RESET SESSION AUTHORIZATION;
SELECT relmeta.principal_access('letter', 1, 'at_team'), owner_id FROM letter;
-- => {}|at_ann

--
-- multi-table lookups, hierarchies, partitions
--
SET SESSION AUTHORIZATION regress_at_owner;
SET search_path = att;
CREATE TABLE region (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE region_1 PARTITION OF region FOR VALUES FROM (0) TO (50);
CREATE TABLE region_2 PARTITION OF region DEFAULT;
CREATE TABLE note (id int, owner_id text, about_id int, about_type text, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE note_1 PARTITION OF note FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE note_2 PARTITION OF note FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE place (id int PRIMARY KEY, owner_id text, region_id int, above_id int);
GRANT SELECT, INSERT, UPDATE, DELETE ON region, note, place TO regress_at_bob;
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{region,note,place}'::regclass[]) AS t;
SELECT relmeta.create_multi_table_lookup('note', 'about_id', '{account,region}', 'about_type');
SELECT relmeta.create_one_to_many('region', 'place', 'region_id', 'region_place');
SELECT relmeta.create_one_to_many('place', 'place', 'above_id', 'place_place', assign => 'all');
INSERT INTO region SELECT 10 * i, 'at_ann' FROM generate_series(1, 7) AS i UNION ALL SELECT i, 'at_bob' FROM generate_series(1, 7) AS i;
INSERT INTO note VALUES (1, 'at_ann', 50, 'account'), (2, 'at_ann', 10, 'region'), (3, 'at_ann', 40, 'region');
INSERT INTO place VALUES (10, 'at_ann', 20, NULL), (11, 'at_ann', NULL, 10), (1, 'at_bob', NULL, NULL), (2, 'at_bob', 3, NULL);
SELECT relmeta.enable_access_control(t) FROM unnest('{region,note,place}'::regclass[]) AS t;
SELECT relmeta.share_many('region', '{10,20,30,40,50,60,70}', '{at_bob}', '{read,write,delete}') > 0, relmeta.share('place', 10, 'at_bob', '{read,write}');
-- => t|1
SET SESSION AUTHORIZATION regress_at_bob;
-- a note of account 50, and of region 10; guarded lookups refuse the key itself
WITH u AS (UPDATE account SET id = 99 WHERE id = 50 RETURNING 50 AS key) UPDATE account AS a SET id = u.key FROM u WHERE id = 5;
-- => ERROR:  23503
UPDATE region SET id = CASE id WHEN 10 THEN 99 ELSE 10 END WHERE id IN (1, 10);
-- => ERROR:  23503
-- places of region 20; from one partition to another and back
UPDATE region SET id = CASE id WHEN 20 THEN 99 ELSE 20 END WHERE id IN (2, 20);
-- => ERROR:  42501
WITH u AS (UPDATE region SET id = 99 WHERE id = 20 RETURNING 20 AS key) UPDATE region AS r SET id = u.key FROM u WHERE r.id = 2;
-- => ERROR:  42501
WITH u AS (UPDATE region SET id = 99 WHERE id = 20 RETURNING 20 AS key) INSERT INTO region SELECT u.key, 'at_bob' FROM u;
-- => ERROR:  42501
-- his own place comes along, and stays
WITH u AS (UPDATE region SET id = 99 WHERE id = 3 RETURNING 3 AS key) INSERT INTO region SELECT u.key, 'at_bob' FROM u RETURNING id;
-- => 3
-- in a hierarchy
UPDATE place SET id = CASE id WHEN 10 THEN 99 ELSE 10 END WHERE id IN (1, 10);
-- => ERROR:  42501
-- the related row gets another key in the same statement
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('place', 11, 'at_bob', '{read,write}');
-- => 1
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE place SET id = CASE id WHEN 10 THEN 99 WHEN 11 THEN 98 ELSE 10 END WHERE id IN (1, 10, 11);
-- => ERROR:  42501
CREATE FUNCTION pg_temp.rekeys() RETURNS int LANGUAGE sql AS 'UPDATE att.place SET id = 98 WHERE id = 11 RETURNING id';
WITH u AS (UPDATE place SET id = 99 WHERE id = 10 RETURNING 10 AS key), r AS (SELECT pg_temp.rekeys() FROM u)
  UPDATE place AS p SET id = key FROM u, r WHERE p.id = 1;
-- => ERROR:  42501

--
-- lookups that pointed nowhere
--
SET SESSION AUTHORIZATION regress_at_owner;
CREATE TABLE orphan (id int PRIMARY KEY, owner_id text, account_id int);
INSERT INTO orphan VALUES (1, 'at_ann', 500);
ALTER TABLE orphan ADD CONSTRAINT orphans FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE NOT VALID;
GRANT SELECT, INSERT, UPDATE, DELETE ON orphan TO regress_at_bob;
SELECT relmeta.register_table('orphan', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'orphan', 'account_id', preset => 'parental');
SELECT relmeta.enable_access_control('orphan');
SET SESSION AUTHORIZATION regress_at_bob;
INSERT INTO account VALUES (500, 'at_bob');
-- => ERROR:  42501
INSERT INTO account VALUES (499, 'at_bob'), (500, 'at_bob'), (501, 'at_bob');
-- => ERROR:  42501
UPDATE account SET id = 500 WHERE id = 20;
-- => ERROR:  42501
-- below a table that is not controlled, too
RESET SESSION AUTHORIZATION;
SELECT relmeta.disable_access_control('account');
SET SESSION AUTHORIZATION regress_at_bob;
INSERT INTO account VALUES (500, 'at_bob');
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.enable_access_control('account');
-- whoever is exempt is not asked; what pointed nowhere by a key that is not deferrable inherits nothing by that
INSERT INTO account VALUES (500, 'at_bob');
SELECT 'read' = ANY (relmeta.principal_access('orphan', 1, 'at_bob'));
-- => f

--
-- links
--
SET SESSION AUTHORIZATION regress_at_owner;
CREATE TABLE tag (id int PRIMARY KEY, owner_id text);
CREATE TABLE label (id int PRIMARY KEY);
CREATE TABLE adopted (account_id bigint REFERENCES account ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED, label_id int REFERENCES label, PRIMARY KEY (account_id, label_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON tag, label, adopted TO regress_at_bob;
SELECT relmeta.register_table('tag', 'owner_id'), relmeta.register_table('label');
SELECT relmeta.create_many_to_many('account', 'tag', 'tags', intersect_table => 'tagged', attributes => 'secret text');
SELECT relmeta.adopt_many_to_many('adopted', name => 'labels');
SELECT relmeta.create_many_to_many('account', 'account', 'pairs', intersect_table => 'paired');
GRANT SELECT, INSERT, UPDATE, DELETE ON tagged, paired TO regress_at_bob;
INSERT INTO account VALUES (601, 'at_ann'), (602, 'at_ann'), (603, 'at_ann'), (604, 'at_ann'), (611, 'at_bob'), (612, 'at_bob'), (613, 'at_bob');
INSERT INTO tag VALUES (1, 'at_ann'), (2, 'at_bob');
INSERT INTO label VALUES (1);
INSERT INTO tagged VALUES (601, 1, 'x');
INSERT INTO adopted VALUES (602, 1);
INSERT INTO paired VALUES (604, 603);
SELECT relmeta.enable_access_control('tag');
SELECT relmeta.share_many('account', '{601,602,603}', '{at_bob}', '{read,write,delete}');
-- => 3
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE account SET id = CASE id WHEN 601 THEN 699 ELSE 601 END WHERE id IN (601, 611);
-- => ERROR:  42501
UPDATE account SET id = CASE id WHEN 602 THEN 699 ELSE 602 END WHERE id IN (602, 612);
-- => ERROR:  42501
BEGIN;
DELETE FROM account WHERE id = 602;
INSERT INTO account VALUES (602, 'at_bob');
-- => ERROR:  42501
ROLLBACK;
BEGIN;
UPDATE account SET id = 699 WHERE id = 602;
INSERT INTO account VALUES (602, 'at_bob');
-- => ERROR:  42501
ROLLBACK;
UPDATE account SET id = CASE id WHEN 603 THEN 699 ELSE 603 END WHERE id IN (603, 613);
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.share_many('account', '{601,602,603}', '{at_bob}', '{append}');
-- => 3
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE account SET id = CASE id WHEN 601 THEN 699 ELSE 601 END WHERE id IN (601, 611);
-- => ERROR:  42501: the tag is ann's
UPDATE account SET id = CASE id WHEN 602 THEN 698 ELSE 602 END WHERE id IN (602, 612) RETURNING id;
-- => 698
-- => 602
-- his own link
INSERT INTO tagged VALUES (613, 2, 'y');
WITH u AS (UPDATE account SET id = 697 WHERE id = 613 RETURNING 613 AS key) INSERT INTO account SELECT key, 'at_bob' FROM u RETURNING id;
-- => 613
-- an end that was controlled, and whose registration is lost: nobody holds anything there
RESET SESSION AUTHORIZATION;
BEGIN;
DELETE FROM relmeta.registered_table WHERE relation = 'tag'::regclass;
SET SESSION AUTHORIZATION regress_at_bob;
SAVEPOINT s;
WITH u AS (UPDATE account SET id = 696 WHERE id = 613 RETURNING 613 AS key) INSERT INTO account SELECT key, 'at_bob' FROM u RETURNING id;
-- => ERROR:  42501
ROLLBACK TO s;
WITH u AS (UPDATE account SET id = 696 WHERE id = 613 RETURNING 613 AS key) UPDATE account AS a SET id = u.key FROM u WHERE a.id = 611;
-- => ERROR:  42501
ROLLBACK TO s;
-- a key without links
UPDATE account SET id = 696 WHERE id = 611 RETURNING id;
-- => 696
RESET SESSION AUTHORIZATION;
ROLLBACK;
SET SESSION AUTHORIZATION regress_at_bob;

-- what is said names no key
\set VERBOSITY default
WITH d AS (UPDATE account SET id = 699 WHERE id = 601 RETURNING 1) INSERT INTO account SELECT 601, 'at_bob' FROM d;
-- => ERROR:  principal "at_bob" does not hold the right append on the row of table "tag" that is to be linked
-- => DETAIL:  Many-to-many relationship "tags".
-- => HINT:  There may be no such row, or none that it may read.
WITH u AS (UPDATE region SET id = 98 WHERE id = 20 RETURNING 20 AS key) UPDATE region AS r SET id = u.key FROM u WHERE r.id = 2;
-- => ERROR:  principal "at_bob" does not hold the right append on a row of table "place"
-- => DETAIL:  Relationship "region_place": to give another row the key that column "region_id" points to needs it.
-- => HINT:  Its owner or who holds share on it can give it: relmeta.share().
\set VERBOSITY sqlstate

-- a valid key does not keep away what points to no row: a trigger of the application's keeps what a delete would cascade to
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_at_owner;
CREATE TABLE shop (id int PRIMARY KEY, owner_id text);
CREATE TABLE sale (id int PRIMARY KEY, owner_id text, shop_id int REFERENCES shop, gone boolean NOT NULL DEFAULT false);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{shop,sale}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('shop', 'sale', 'shop_id', 'sales', preset => 'parental');
CREATE FUNCTION soft() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE sale SET gone = true WHERE id = OLD.id; RETURN NULL; END $$;
CREATE TRIGGER soft BEFORE DELETE ON sale FOR EACH ROW EXECUTE FUNCTION soft();
SELECT relmeta.enable_access_control(t) FROM unnest('{shop,sale}'::regclass[]) AS t;
GRANT SELECT, INSERT, UPDATE, DELETE ON shop, sale TO regress_at_bob;
INSERT INTO shop VALUES (1, 'at_ann');
INSERT INTO sale VALUES (10, 'at_ann', 1);
DELETE FROM shop;
SELECT * FROM sale;
-- => 10|at_ann|1|t
SELECT convalidated, condeferrable FROM pg_constraint WHERE conrelid = 'sale'::regclass AND contype = 'f' ORDER BY conname LIMIT 1;
-- => t|f
SET SESSION AUTHORIZATION regress_at_bob;
INSERT INTO shop VALUES (1, 'at_bob');
-- => ERROR:  42501
INSERT INTO shop VALUES (2, 'at_bob') RETURNING id;
-- => 2

RESET SESSION AUTHORIZATION;
DROP SCHEMA att CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{at_ann,at_bob,at_team}'::text[]) AS p;
DROP OWNED BY regress_at_bob;
DROP ROLE regress_at_owner, regress_at_bob;
