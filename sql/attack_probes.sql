-- Attacks on a controlled table by what a statement betrays: errors, plans, statistics, functions that tell a hidden row from a
-- missing one.  bob, an ordinary role, tries to learn something of ann's rows.  SEMANTICS 2.5 "Access control".
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY default
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_at_owner;
CREATE ROLE regress_at_bob;
SELECT relmeta.create_user('at_ann'), relmeta.create_user('at_bob', 'regress_at_bob'), relmeta.create_team('at_team'), relmeta.create_team('at_hers');
SELECT relmeta.add_team_member('at_team', 'at_bob'), relmeta.add_team_member('at_hers', 'at_ann');
CREATE SCHEMA atp AUTHORIZATION regress_at_owner;
GRANT ALL ON SCHEMA atp TO regress_at_bob;
SET SESSION AUTHORIZATION regress_at_owner;
SET search_path = atp;
CREATE TABLE account (id int PRIMARY KEY, secret int, note text, owner_id text);
CREATE TABLE item (id int PRIMARY KEY, note text CHECK (note <> 'bad'), account_id int, owner_id text);
CREATE TABLE free (id int PRIMARY KEY, note text, account_id int, owner_id text);
CREATE TABLE tag (id int PRIMARY KEY, note text);
GRANT SELECT, INSERT, UPDATE, DELETE, REFERENCES ON ALL TABLES IN SCHEMA atp TO regress_at_bob;
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('item', 'owner_id'), relmeta.register_table('free', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', preset => 'referential_restrict');
SELECT relmeta.create_one_to_many('account', 'free', 'account_id', preset => 'referential_restrict', foreign_key => false);
SELECT relmeta.create_many_to_many('account', 'tag', 'at_account_tag', 'account_tag');
GRANT SELECT, INSERT, UPDATE, DELETE ON account_tag TO regress_at_bob;
INSERT INTO account SELECT i, 1000 + i, 'n' || i, CASE WHEN i % 2 = 0 THEN 'at_ann' ELSE 'at_bob' END FROM generate_series(1, 100) AS i;
INSERT INTO item VALUES (1, 'i1', 1, 'at_ann'), (2, 'i2', 2, 'at_ann');
INSERT INTO free VALUES (1, 'f3', 3, 'at_ann');
INSERT INTO tag VALUES (1, 't1'), (2, 't2');
INSERT INTO account_tag VALUES (1, 1), (2, 1), (2, 2);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,item,free}'::regclass[]) AS t;
ANALYZE account;
SET SESSION AUTHORIZATION regress_at_bob;

--
-- A lookup to a hidden and to a missing row: the same words, with and without a foreign key (ATTACKS 35)
--
INSERT INTO item VALUES (10, 'x', 2, 'at_bob');
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "item" is to be related to
INSERT INTO item VALUES (10, 'x', 999, 'at_bob');
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "item" is to be related to
INSERT INTO free VALUES (10, 'x', 2, 'at_bob');
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "free" is to be related to
INSERT INTO free VALUES (10, 'x', 999, 'at_bob');
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "free" is to be related to
-- several rows: refused in the same way when the hidden row is not the first
INSERT INTO free VALUES (10, 'x', 1, 'at_bob'), (11, 'x', 2, 'at_bob');
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "free" is to be related to
-- a deferred key waits for nothing
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO item VALUES (10, 'x', 999, 'at_bob');
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "item" is to be related to
ROLLBACK;

--
-- A restricted delete of his own row names relationship and table, and no key of hers (ATTACKS 36)
--
-- (PostgreSQL 18 words it otherwise, and has an SQLSTATE of its own for RESTRICT)
DO $$
DECLARE
  told text;
  detail text;
BEGIN
  DELETE FROM account WHERE id = 1;
EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
  GET STACKED DIAGNOSTICS told = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RAISE WARNING '% (%)', replace(told, 'RESTRICT setting of ', ''), replace(detail, 'is still ', 'is ');
END $$;
-- => WARNING:  update or delete on table "account" violates foreign key constraint "account_item" on table "item" (Key is referenced from table "item".)
DELETE FROM account WHERE id = 3;
-- => ERROR:  delete on table "account" violates relationship "account_free" of table "free"
-- a check that fails on her row below, met by a cascade, shows none of its values
SET SESSION AUTHORIZATION regress_at_owner;
CREATE TABLE part (id int PRIMARY KEY, note text, owner_id text, account_id int, CHECK (owner_id <> 'at_bob' OR note <> 'hers'));
SELECT relmeta.register_table('part', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'part', 'account_id', preset => 'parental');
SELECT relmeta.enable_access_control('part');
GRANT SELECT, UPDATE ON part TO regress_at_bob;
INSERT INTO part VALUES (1, 'hers', 'at_ann', 6), (2, 'hers', 'at_ann', 6);
CREATE UNIQUE INDEX part_owner ON part (account_id) WHERE owner_id = 'at_bob';
SELECT relmeta.share('account', 6, 'at_bob', '{read,write,assign}');
RESET SESSION AUTHORIZATION;
DELETE FROM relmeta_access.part;
SET SESSION AUTHORIZATION regress_at_bob;
SELECT count(*) FROM part;
-- => 0
UPDATE account SET owner_id = 'at_bob' WHERE id = 6;
-- => ERROR:  new row for relation "part" violates check constraint "part_check"
SET SESSION AUTHORIZATION regress_at_owner;
UPDATE part SET note = 'else';
SET SESSION AUTHORIZATION regress_at_bob;
UPDATE account SET owner_id = 'at_bob' WHERE id = 6;
-- => ERROR:  duplicate key value violates unique constraint "part_owner"
SELECT relmeta.assign('account', 6, 'at_bob');
-- => ERROR:  duplicate key value violates unique constraint "part_owner"
-- the table's owner is told
SET SESSION AUTHORIZATION regress_at_owner;
SELECT relmeta.assign('account', 6, 'at_bob');
SELECT relmeta.unshare('account', 6, 'at_bob');
SET SESSION AUTHORIZATION regress_at_bob;

--
-- Questions about a hidden, a missing and a malformed key (ATTACKS 38)
--
\set VERBOSITY sqlstate
SELECT relmeta.has_access('account', k, 'read'), relmeta.principal_access('account', k) FROM unnest('{2,999}'::int[]) AS k;
-- => f|{}
-- => f|{}
SELECT relmeta.has_access('account', 'x', 'read');
-- => ERROR:  22P02
SELECT * FROM relmeta.shared_principals('account', 2);
-- => none
SELECT * FROM relmeta.explain_access('account', 2);
-- => none
SELECT relmeta.has_access('account', 2, 'read', 'at_ann');
-- => ERROR:  42501
SELECT relmeta.has_access('account', 999, 'read', 'at_ann');
-- => ERROR:  42501
SELECT relmeta.share('account', 2, 'at_bob');
-- => ERROR:  P0002
SELECT relmeta.share('account', 999, 'at_bob');
-- => ERROR:  P0002
SELECT relmeta.unshare('account', 2, 'at_ann');
-- => ERROR:  P0002
SELECT relmeta.unshare('account', 999, 'at_ann');
-- => ERROR:  P0002
SELECT relmeta.share_many('account', '{1,2}', '{at_ann}');
-- => ERROR:  P0002
SELECT relmeta.share_many('account', '{1,999}', '{at_ann}');
-- => ERROR:  P0002
SELECT relmeta.assign('account', 2, 'at_bob');
-- => ERROR:  P0002
SELECT relmeta.assign('account', 999, 'at_bob');
-- => ERROR:  P0002
-- by as many probes, which anybody may count
CREATE FUNCTION probes() RETURNS bigint[] LANGUAGE sql AS $$
SELECT array_agg(coalesce(idx_scan, 0) + coalesce(seq_scan, 0) ORDER BY schemaname)
FROM pg_stat_xact_all_tables WHERE relname = 'account' AND schemaname IN ('atp', 'relmeta_access') $$;
CREATE FUNCTION probed(key int) RETURNS text LANGUAGE plpgsql AS $$ DECLARE before bigint[]; BEGIN
  PERFORM relmeta.has_access('account', 1, 'read');
  before := probes();
  PERFORM relmeta.has_access('account', key, 'read'), relmeta.principal_access('account', key);
  RETURN (SELECT string_agg((b - a)::text, ' ') FROM unnest(before, probes()) AS u(a, b));
END $$;
SELECT probed(2) = probed(999), probed(2), probed(999);
-- => t|2 4|2 4

--
-- Links: no difference between a hidden row and a missing one (ATTACKS 37)
--
SELECT relmeta.associate('at_account_tag', 2, 1);
-- => ERROR:  42501
SELECT relmeta.associate('at_account_tag', 999, 1);
-- => ERROR:  42501
SELECT relmeta.associate('at_account_tag', 2, 1, if_not_exists => true);
-- => ERROR:  42501
SELECT relmeta.associate('at_account_tag', 999, 1, if_not_exists => true);
-- => ERROR:  42501
SELECT relmeta.disassociate('at_account_tag', 2, 1), relmeta.disassociate('at_account_tag', 999, 1);
-- => 0|0
SELECT relmeta.is_associated('at_account_tag', 2, 1), relmeta.is_associated('at_account_tag', 999, 1), relmeta.is_associated('at_account_tag', 1, 1);
-- => f|f|t
SELECT relmeta.associated('at_account_tag', 1, 2);
-- => 1
SELECT key FROM relmeta.links('at_account_tag', 2);
-- => ERROR:  P0002
SELECT key FROM relmeta.links('at_account_tag', 999);
-- => ERROR:  P0002
SELECT relmeta.associated('at_account_tag', 2);
-- => ERROR:  P0002
SELECT relmeta.associated('at_account_tag', 999);
-- => ERROR:  P0002
SELECT relmeta.associated_with_all('at_account_tag', '{1}', 1);
-- => 1
SELECT relmeta.associated_with_all('at_account_tag', '{2,1}', 2);
-- => none
SELECT relmeta.associated_with_all('at_account_tag', '{999,1}', 2);
-- => none
INSERT INTO account_tag VALUES (2, 1);
-- => ERROR:  42501
INSERT INTO account_tag VALUES (2, 1) ON CONFLICT DO NOTHING RETURNING *;
-- => ERROR:  42501
INSERT INTO account_tag VALUES (999, 1) ON CONFLICT DO NOTHING RETURNING *;
-- => ERROR:  42501
UPDATE account_tag SET account_id = 2 WHERE account_id = 1;
-- => ERROR:  0A000
UPDATE account_tag SET account_id = 999 WHERE account_id = 1;
-- => ERROR:  0A000
TABLE account_tag;
-- => 1|1
DELETE FROM account_tag WHERE account_id = 2 RETURNING *;
-- => none

--
-- Operators and functions of his own see no hidden row: nor do statistics (ATTACKS 44, 45)
--
CREATE TABLE seen (n int);
CREATE FUNCTION leak(a int, b int) RETURNS boolean LANGUAGE plpgsql COST 0.000001 AS $$ BEGIN INSERT INTO atp.seen VALUES (a); RETURN a < b; END $$;
CREATE OPERATOR <<< (FUNCTION = leak, LEFTARG = int, RIGHTARG = int, RESTRICT = scalarltsel);
SELECT count(*) FROM account WHERE secret <<< 5000;
-- => 50
SELECT count(*) FROM account WHERE secret <<< 5000 AND id < 3;
-- => 1
SELECT count(*) FROM account JOIN item ON account.secret <<< item.id;
-- => 0
SELECT count(*) FROM account AS a JOIN account AS b ON a.secret <<< b.secret WHERE a.id < 10 AND b.id < 10;
-- => 10
-- the policy stands before it
EXPLAIN (COSTS OFF) SELECT FROM account WHERE secret <<< 0 AND id = 2;
SELECT count(*) FROM seen WHERE n % 2 = 0;
-- => 0
SELECT count(*) > 50 FROM seen;
-- => t
SELECT count(*) FROM pg_stats WHERE schemaname = 'atp' AND tablename = 'account' AND attname = 'secret';
-- => 0
SELECT count(*) FROM pg_stats WHERE schemaname = 'relmeta_access';
-- => 0
-- errors that depend on a row's value (ATTACKS 46)
SELECT count(*) FROM account WHERE 1 / (id - 42) < 5;
-- => 50
SELECT count(*) FROM account WHERE (CASE WHEN id % 2 = 0 THEN note END)::int > 0;
-- => 0
CREATE DOMAIN odd AS int CHECK (VALUE % 2 = 1);
SELECT count(*) FROM account WHERE id::odd > 0;
-- => 50
SELECT count(*) FROM account WHERE secret::text::int / NULLIF(id % 2, 0) > 0;
-- => 50

--
-- However a row is looked for (ATTACKS 47)
--
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT id FROM account WHERE id IN (1, 2);
-- => 1
SET enable_indexonlyscan = on;
SELECT count(id) FROM account WHERE id BETWEEN 1 AND 10;
-- => 5
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT id FROM account WHERE ctid = ANY ('{"(0,1)","(0,2)"}'::tid[]);
-- => 1
SELECT count(*) FROM account TABLESAMPLE SYSTEM (100);
-- => 50
SELECT count(*) FROM account WHERE xmin IS NOT NULL AND tableoid = 'account'::regclass AND ctid IS NOT NULL;
-- => 50
-- ATTACKS 43
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM account WHERE id = 2;
SET plan_cache_mode = force_generic_plan;
PREPARE one(int) AS SELECT id FROM account WHERE id = $1;
EXECUTE one(1);
-- => 1
EXECUTE one(2);
-- => none
RESET plan_cache_mode;

--
-- Teams, sources and grants of others (ATTACKS 41)
--
SET SESSION AUTHORIZATION regress_at_owner;
SELECT relmeta.share('account', 8, 'at_team', '{read}'), relmeta.share('account', 8, 'at_hers', '{read}'), relmeta.share('account', 10, 'at_hers', '{read}');
SET SESSION AUTHORIZATION regress_at_bob;
SELECT * FROM relmeta.explain_access('account', 8);
-- => direct|at_team|{read}||account|8|0
SELECT principal, direct FROM relmeta.shared_principals('account', 8);
-- => at_team|{read}
SELECT relation, key, through_team FROM relmeta.shared_with() WHERE relation = 'account'::regclass ORDER BY key;
-- => account|8|at_team
SELECT * FROM relmeta.shared_with('at_hers');
-- => none
SELECT relation, object_key, principal FROM relmeta.principal_object_access WHERE relation = 'account'::regclass ORDER BY 2, 3;
-- => account|8|at_team
-- entries and catalog are nobody's to read or write (ATTACKS 65)
SELECT * FROM relmeta_access.account;
-- => ERROR:  42501
SELECT relmeta_access.account FROM account;
-- => ERROR:  42P01
COPY relmeta_access.account TO STDOUT;
-- => ERROR:  42501
BEGIN;
LOCK TABLE relmeta_access.account IN ACCESS SHARE MODE;
-- => ERROR:  42501
ROLLBACK;
UPDATE relmeta.registered_table SET everyone = 1;
-- => ERROR:  42501
DELETE FROM relmeta.principal;
-- => ERROR:  42501
INSERT INTO relmeta.relationship DEFAULT VALUES;
-- => ERROR:  42501
ALTER TYPE relmeta.access_right ADD VALUE 'all';
-- => ERROR:  42501
CREATE FUNCTION relmeta.shared(regclass, int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
-- => ERROR:  42501
-- a hidden row above: its key is not told
SET SESSION AUTHORIZATION regress_at_owner;
SELECT relmeta.share('account', 12, 'at_bob', '{read}');
SELECT relmeta.share('account', 12, 'at_hers', '{read}');
SET SESSION AUTHORIZATION regress_at_bob;
SELECT * FROM relmeta.explain_access('account', 12);
-- => direct||{read}||account|12|0

-- a key that is taken is told, and by no value: INSERT, a change of the key (ATTACKS 17, 33)
\set VERBOSITY default
INSERT INTO account VALUES (2, 0, 'x', 'at_bob');
-- => ERROR:  duplicate key value violates unique constraint "account_pkey"
UPDATE account SET id = 2 WHERE id = 5;
-- => ERROR:  duplicate key value violates unique constraint "account_pkey"
UPDATE account SET id = 2, owner_id = 'at_ann' WHERE id = 5;
-- => ERROR:  duplicate key value violates unique constraint "account_pkey"
-- a lookup is set to a hidden and to a missing row, in the same words (ATTACKS 17, 35)
INSERT INTO free VALUES (50, 'x', NULL, 'at_bob');
INSERT INTO item VALUES (50, 'x', NULL, 'at_bob');
UPDATE free SET account_id = 2 WHERE id = 50;
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "free" is to be related to
UPDATE free SET account_id = 999 WHERE id = 50;
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "free" is to be related to
UPDATE item SET account_id = 2 WHERE id = 50;
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "item" is to be related to
UPDATE item SET account_id = 999 WHERE id = 50;
-- => ERROR:  principal "at_bob" does not hold the right append_to on the row of table "account" that a row of table "item" is to be related to
-- whoever holds REFERENCES learns by keys of his own which rows there are: PostgreSQL's own, and nothing else of them (ATTACKS 34)
CREATE TABLE guess (id int REFERENCES account);
INSERT INTO guess VALUES (4);
INSERT INTO guess VALUES (999);
-- => ERROR:  insert or update on table "guess" violates foreign key constraint "guess_id_fkey"
SELECT count(*) FROM guess JOIN account USING (id);
-- => 0
DROP TABLE guess;
-- nothing of ann's has changed by all that (ATTACKS 14)
RESET SESSION AUTHORIZATION;
SELECT count(*), sum(secret) FROM account WHERE owner_id = 'at_ann';
-- => 50|52550

RESET SESSION AUTHORIZATION;
DROP SCHEMA atp CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{at_ann,at_bob,at_team,at_hers}'::text[]) AS p;
DROP ROLE regress_at_owner, regress_at_bob;
