-- partition_enter: rows that come with an attached partition are inserted in every sense: owners, lookups, loops, and
-- what they inherit (SEMANTICS 3.5).  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_partition_enter;
CREATE SCHEMA partition_enter AUTHORIZATION regress_partition_enter;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob,cat,dan}'::text[]) u; END $$;
SET ROLE regress_partition_enter;
SET search_path = partition_enter;

-- who holds what on the rows of a table: key:principal, d by a grant, i inherited
CREATE FUNCTION held(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(object_key || ':' || principal || CASE WHEN access_rights_mask <> 0 THEN ' d' ELSE '' END
    || CASE inherited_access_rights_mask WHEN 0 THEN '' WHEN 1 THEN ' i' WHEN 851991 THEN ' I' ELSE ' ?' END, ', '
    ORDER BY object_key::int, principal), '-')
  FROM relmeta.principal_object_access AS a WHERE a.relation = $1 $$;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE event (id int PRIMARY KEY, owner text, account_id int, is_open boolean DEFAULT true, event_id int,
  about_id int, about_type text) PARTITION BY RANGE (id);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (1) TO (100);
CREATE TABLE note (id int PRIMARY KEY, owner text, event_id int);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('event', 'owner', 'is_open'), relmeta.register_table('note', 'owner');
-- => ||
SELECT relmeta.create_one_to_many('account', 'event', 'account_id', preset => 'parental', foreign_key => false);
-- => account_event
SELECT relmeta.create_multi_table_lookup('event', 'about_id', '{account,note}', 'about_type');
-- => {account_event_about_id,note_event}
SELECT relmeta.create_one_to_many('event', 'note', 'event_id', preset => 'parental', foreign_key => false);
-- => event_note
INSERT INTO account VALUES (1, 'ann'), (2, 'bob'), (3, NULL);
SELECT relmeta.share('account', 1, 'cat'), relmeta.share('account', 3, 'dan');
-- => 1|1
INSERT INTO note VALUES (1, 'ann', NULL);

-- refused: owners that are no principals, lookups that point nowhere; all of the statement is undone
CREATE TABLE bad (LIKE event INCLUDING ALL);
INSERT INTO bad VALUES (101, 'nobody');
ALTER TABLE event ATTACH PARTITION bad FOR VALUES FROM (100) TO (200);
-- => ERROR:  23503
UPDATE bad SET owner = 'ann', account_id = 99;
ALTER TABLE event ATTACH PARTITION bad FOR VALUES FROM (100) TO (200);
-- => ERROR:  23503
UPDATE bad SET account_id = NULL, about_id = 2, about_type = 'note';
ALTER TABLE event ATTACH PARTITION bad FOR VALUES FROM (100) TO (200);
-- => ERROR:  23503
UPDATE bad SET about_type = 'account';
BEGIN;
ALTER TABLE event ATTACH PARTITION bad FOR VALUES FROM (100) TO (200);
SELECT tableoid::regclass, id FROM event;
-- => bad|101
ROLLBACK;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'bad'::regclass AND NOT tgisinternal;
-- => 0
DROP TABLE bad;

-- attached rows inherit from their primary rows: whoever owns one or holds something on it, not the row's own owner
CREATE TABLE event_2 (x int, LIKE event INCLUDING ALL);
ALTER TABLE event_2 DROP COLUMN x;
INSERT INTO event_2 (id, owner, account_id, is_open) VALUES (101, 'bob', 1, true), (102, 'ann', 1, true), (103, NULL, 2, true), (104, 'cat', 3, true),
  (105, 'cat', NULL, true), (106, 'bob', 2, false);
BEGIN;
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => 101:ann I, 101:cat i, 102:cat i, 103:bob I, 104:dan i
SELECT relmeta.has_access('event', 101, 'read', 'cat'), relmeta.has_access('event', 105, 'read', 'ann');
-- => t|f
SELECT ground, source_table, source_key FROM relmeta.explain_access('event', 101, 'cat');
-- => inherited|account|1
-- they are rows like others from now on
INSERT INTO note VALUES (2, 'bob', 101);
SELECT held('note');
-- => 2:ann I, 2:cat i
SELECT relmeta.unshare('account', 1, 'cat');
-- => 4
SELECT held('event'), held('note');
-- => 101:ann I, 103:bob I, 104:dan i|2:ann I
ROLLBACK;
-- what reparent says: active, user_owned, none
BEGIN;
SELECT relmeta.update_relationship('account_event', reparent => 'active');
-- =>
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => 101:ann I, 101:cat i, 102:cat i, 103:bob I, 104:dan i
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('account_event', reparent => 'user_owned');
-- =>
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => 102:cat i
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('account_event', reparent => 'none', revoke_inherited => false);
-- =>
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => -
ROLLBACK;
-- in a transaction that has looked before, in an exception block after one that fails, as DEFAULT
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM event;
-- => 0
DO $$
BEGIN
  BEGIN
    UPDATE event_2 SET owner = 'nobody' WHERE id = 104;
    ALTER TABLE event ATTACH PARTITION event_2 DEFAULT;
  EXCEPTION WHEN foreign_key_violation THEN
    RAISE WARNING 'refused';
  END;
  ALTER TABLE event ATTACH PARTITION event_2 DEFAULT;
END $$;
-- => WARNING:  01000
SELECT held('event');
-- => 101:ann I, 101:cat i, 102:cat i, 103:bob I, 104:dan i
ROLLBACK;
-- a partitioned table with its partitions, below a branch
BEGIN;
CREATE TABLE high PARTITION OF event FOR VALUES FROM (100) TO (300) PARTITION BY RANGE (id);
CREATE TABLE middle (LIKE event INCLUDING ALL) PARTITION BY RANGE (id);
CREATE TABLE middle_1 PARTITION OF middle FOR VALUES FROM (100) TO (102);
ALTER TABLE middle ATTACH PARTITION event_2 FOR VALUES FROM (102) TO (200);
-- => ERROR:  23514
ROLLBACK;
BEGIN;
CREATE TABLE high PARTITION OF event FOR VALUES FROM (100) TO (300) PARTITION BY RANGE (id);
CREATE TABLE middle (LIKE event INCLUDING ALL) PARTITION BY RANGE (id);
CREATE TABLE middle_1 PARTITION OF middle FOR VALUES FROM (100) TO (102);
CREATE TABLE middle_2 PARTITION OF middle FOR VALUES FROM (102) TO (200);
INSERT INTO middle (id, owner, account_id, is_open) SELECT id, owner, account_id, is_open FROM event_2;
ALTER TABLE high ATTACH PARTITION middle FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => 101:ann I, 101:cat i, 102:cat i, 103:bob I, 104:dan i
UPDATE middle_1 SET owner = 'dan' WHERE id = 101;
SELECT relmeta.verify();
-- =>
UPDATE middle_2 SET owner = 'nobody' WHERE id = 104;
-- => ERROR:  23503
ROLLBACK;

-- what a row that had one of the keys before has left behind goes
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT relmeta.share('event', 105, 'dan'), relmeta.share('event', 101, 'dan');
-- => 1|1
RESET ROLE;
SET session_replication_role = replica;
ALTER TABLE partition_enter.event DETACH PARTITION event_2;
RESET session_replication_role;
SET ROLE regress_partition_enter;
SELECT held('event');
-- => 101:ann I, 101:cat i, 101:dan d, 102:cat i, 103:bob I, 104:dan i, 105:dan d
UPDATE event_2 SET account_id = NULL WHERE id < 104;
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => 104:dan i
-- out and in again: what was granted is gone, what is inherited comes anew
SELECT relmeta.share('event', 104, 'ann'), relmeta.share('event', 105, 'ann');
-- => 1|1
ALTER TABLE event DETACH PARTITION event_2;
SELECT held('event');
-- => -
UPDATE event_2 SET account_id = 1 WHERE id = 105;
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
SELECT held('event');
-- => 104:dan i, 105:ann I
ALTER TABLE event DETACH PARTITION event_2;
DROP TABLE event_2;

-- with a native key, deferrable too; a row that points to a key that comes with the partition inherits from it
CREATE TABLE doc (id int PRIMARY KEY, owner text, account_id int REFERENCES account) PARTITION BY RANGE (id);
CREATE TABLE doc_1 (LIKE doc INCLUDING ALL);
SELECT relmeta.register_table('doc', 'owner');
-- =>
SELECT relmeta.create_one_to_many('account', 'doc', 'account_id', preset => 'parental');
-- => account_doc
CREATE TABLE line (id int PRIMARY KEY, owner text, doc_id int REFERENCES doc ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
SELECT relmeta.register_table('line', 'owner');
-- =>
SELECT relmeta.create_one_to_many('doc', 'line', 'doc_id', preset => 'parental');
-- => doc_line
INSERT INTO doc_1 VALUES (1, 'bob', 1), (2, 'dan', NULL);
BEGIN;
INSERT INTO line VALUES (1, 'bob', 1), (2, 'bob', 2);
ALTER TABLE doc ATTACH PARTITION doc_1 FOR VALUES FROM (1) TO (100);
SELECT held('doc'), held('line');
-- => 1:ann I, 1:cat i|1:ann I, 1:cat i, 2:dan I
COMMIT;
SELECT held('doc'), held('line');
-- => 1:ann I, 1:cat i|1:ann I, 1:cat i, 2:dan I

-- a table that points to itself: loops are refused, rows may stand before or after the rows above them
CREATE TABLE node (id int PRIMARY KEY, owner text, node_id int) PARTITION BY RANGE (id);
CREATE TABLE node_1 PARTITION OF node FOR VALUES FROM (1) TO (100);
SELECT relmeta.register_table('node', 'owner');
-- =>
SELECT relmeta.create_one_to_many('node', 'node', 'node_id', preset => 'parental', is_hierarchical => true, foreign_key => false);
-- => node_node
INSERT INTO node VALUES (1, 'ann', NULL), (2, 'ann', 1);
SELECT relmeta.share('node', 1, 'cat');
-- => 2
CREATE TABLE node_2 (LIKE node INCLUDING ALL);
INSERT INTO node_2 VALUES (101, 'ann', 101);
ALTER TABLE node ATTACH PARTITION node_2 FOR VALUES FROM (100) TO (200);
-- => ERROR:  23514
TRUNCATE node_2;
INSERT INTO node_2 VALUES (101, 'ann', 103), (102, 'ann', 101), (103, 'ann', 102), (104, 'ann', 1);
ALTER TABLE node ATTACH PARTITION node_2 FOR VALUES FROM (100) TO (200);
-- => ERROR:  23514
UPDATE node_2 SET node_id = 2 WHERE id = 103;
ALTER TABLE node ATTACH PARTITION node_2 FOR VALUES FROM (100) TO (200);
SELECT held('node');
-- => 1:cat d, 2:cat i, 101:cat i, 102:cat i, 103:cat i, 104:cat i
SELECT relmeta.unshare('node', 1, 'cat');
-- => 6
SELECT held('node');
-- => -
-- a table without owner inherits, too
CREATE TABLE item (id int PRIMARY KEY, account_id int) PARTITION BY RANGE (id);
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', reparent => 'all', share => 'all', foreign_key => false);
-- => account_item
CREATE TABLE item_1 (LIKE item INCLUDING ALL);
INSERT INTO item_1 VALUES (1, 1), (2, NULL);
ALTER TABLE item ATTACH PARTITION item_1 DEFAULT;
SELECT held('item');
-- => 1:ann I, 1:cat i

-- more rows than are done at a time
CREATE TABLE event_3 (LIKE event INCLUDING ALL);
INSERT INTO event_3 SELECT 1000 + g, 'bob', CASE WHEN g % 1000 = 0 THEN 3 ELSE 2 END FROM generate_series(1, 120000) AS g;
INSERT INTO event_3 VALUES (200000, 'nobody', 2);
SET work_mem = '64kB';
ALTER TABLE event ATTACH PARTITION event_3 FOR VALUES FROM (1000) TO (1000000);
-- => ERROR:  23503
UPDATE event_3 SET owner = 'bob', account_id = 99 WHERE id = 200000;
ALTER TABLE event ATTACH PARTITION event_3 FOR VALUES FROM (1000) TO (1000000);
-- => ERROR:  23503
DELETE FROM event_3 WHERE id = 200000;
ALTER TABLE event ATTACH PARTITION event_3 FOR VALUES FROM (1000) TO (1000000);
SELECT principal, count(*) FROM relmeta.principal_object_access WHERE relation = 'event'::regclass GROUP BY principal;
-- => dan|120
RESET work_mem;

-- refused as before: a registered table, an intersect table, a foreign or unlogged one
SELECT relmeta.create_many_to_many('account', 'note', intersect_table => 'linked');
-- => linked
CREATE TABLE pair (account_id int NOT NULL, note_id int NOT NULL, PRIMARY KEY (account_id, note_id)) PARTITION BY RANGE (account_id);
ALTER TABLE pair ATTACH PARTITION linked DEFAULT;
-- => ERROR:  0A000
CREATE TABLE event_4 (LIKE event INCLUDING ALL);
SELECT relmeta.register_table('event_4', 'owner');
-- =>
ALTER TABLE event ATTACH PARTITION event_4 FOR VALUES FROM (2000000) TO (3000000);
-- => ERROR:  0A000
SELECT relmeta.unregister_table('event_4');
-- =>
ALTER TABLE event ATTACH PARTITION event_4 FOR VALUES FROM (2000000) TO (3000000);
SELECT * FROM relmeta.verify();
-- =>

-- another role's partition, which the caller may use as its member
RESET ROLE;
CREATE ROLE regress_partition_other;
GRANT regress_partition_other TO regress_partition_enter;
GRANT USAGE, CREATE ON SCHEMA partition_enter TO regress_partition_other;
SET ROLE regress_partition_enter;
CREATE TABLE event_5 (LIKE event INCLUDING ALL);
ALTER TABLE event_5 OWNER TO regress_partition_other;
INSERT INTO event_5 VALUES (3000001, 'bob', 1);
ALTER TABLE event ATTACH PARTITION event_5 FOR VALUES FROM (3000000) TO (4000000);
SELECT relmeta.principal_access('event', 3000001, 'cat');
-- => {read}

-- an application's own table of users: their rows come with a partition, and leave with it
CREATE TABLE member (id text PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE member_1 PARTITION OF member FOR VALUES IN ('eve', 'fay');
CREATE TABLE member_2 (LIKE member INCLUDING ALL);
INSERT INTO member VALUES ('eve');
INSERT INTO member_2 VALUES ('gil'), ('hal');
RESET ROLE;
SELECT relmeta.register_principals('member');
-- =>
SET ROLE regress_partition_enter;
ALTER TABLE member ATTACH PARTITION member_2 DEFAULT;
SELECT string_agg(principal, ' ' ORDER BY principal) FROM relmeta.principals WHERE principal > 'eva';
-- => eve gil hal
INSERT INTO account VALUES (4, 'gil');
ALTER TABLE member DETACH PARTITION member_2;
-- => ERROR:  2BP01
DROP TABLE member_2;
-- => ERROR:  2BP01
UPDATE account SET owner = 'hal' WHERE id = 4;
DELETE FROM member WHERE id = 'gil';
UPDATE account SET owner = 'eve' WHERE id = 4;
ALTER TABLE member DETACH PARTITION member_2;
SELECT string_agg(principal, ' ' ORDER BY principal) FROM relmeta.principals WHERE principal > 'eva';
-- => eve
DELETE FROM account WHERE id = 4;
DROP TABLE member_1;
SELECT string_agg(principal, ' ' ORDER BY principal) FROM relmeta.principals WHERE principal > 'eva';
-- =>

RESET ROLE;
RESET search_path;
DROP SCHEMA partition_enter CASCADE;
DROP ROLE regress_partition_enter, regress_partition_other;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob,cat,dan}'::text[]) u; END $$;
