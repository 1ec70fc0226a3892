-- Access control: every kind of statement finds, changes and returns the rows that it should, and no other.  SEMANTICS 2.5
-- "Access control"; what may not succeed stands in attack_statements.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cs_owner;
CREATE ROLE regress_cs_bob;
CREATE ROLE regress_cs_definer;
SELECT relmeta.create_user('cs_ann'), relmeta.create_user('cs_bob', 'regress_cs_bob'), relmeta.create_user('cs_def', 'regress_cs_definer'), relmeta.create_team('cs_team');
SELECT relmeta.add_team_member('cs_team', 'cs_bob');
CREATE SCHEMA cs AUTHORIZATION regress_cs_owner;
GRANT ALL ON SCHEMA cs TO PUBLIC;
SET SESSION AUTHORIZATION regress_cs_owner;
SET search_path = cs;
CREATE TABLE account (id int PRIMARY KEY, note text UNIQUE, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, note text, owner_id text, account_id int);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cs TO PUBLIC;
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- 1 to 100 ann's; bob owns 101 to 110, his team 111 to 115; def 116 to 120; with one contact each
INSERT INTO account SELECT i, 'n' || i, CASE WHEN i <= 100 THEN 'cs_ann' WHEN i <= 110 THEN 'cs_bob' WHEN i <= 115 THEN 'cs_team' ELSE 'cs_def' END FROM generate_series(1, 120) AS i;
INSERT INTO contact SELECT id, 'c' || id, owner_id, id FROM account;
-- shared with him: 1 to 5 to read, 6 to 10 to write, 11 to 15 all that can be given
SELECT relmeta.share_many('account', array(SELECT generate_series(1, 5)::text), '{cs_bob}', '{read}'),
  relmeta.share_many('account', array(SELECT generate_series(6, 10)::text), '{cs_team}', '{read,write}'),
  relmeta.share_many('account', array(SELECT generate_series(11, 15)::text), '{cs_bob}', '{read,write,append,append_to,delete,share,assign}');
-- => 10|10|10
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact}'::regclass[]) AS t;
ANALYZE account, contact;
SET SESSION AUTHORIZATION regress_cs_bob;

--
-- RETURNING, ON CONFLICT, MERGE
--
BEGIN;
WITH u AS (UPDATE account SET note = note || '!' WHERE id % 5 = 1 RETURNING id) SELECT string_agg(id::text, ',' ORDER BY id) FROM u;
-- => 6,11,101,106,111
WITH d AS (DELETE FROM account WHERE id IN (1, 6, 11, 12, 101) RETURNING id) SELECT string_agg(id::text, ',' ORDER BY id) FROM d;
-- => 11,12,101
-- given away and returned, by each statement
WITH u AS (UPDATE account SET owner_id = 'cs_ann' WHERE id IN (102, 111, 13) RETURNING id, owner_id) SELECT string_agg(id::text, ',' ORDER BY id), min(owner_id) FROM u;
-- => 13,102,111|cs_ann
INSERT INTO account VALUES (201, 'x', 'cs_bob') ON CONFLICT (id) DO UPDATE SET owner_id = 'cs_ann' RETURNING id, owner_id;
-- => 201|cs_bob
INSERT INTO account VALUES (201, 'y', 'cs_bob') ON CONFLICT (id) DO UPDATE SET owner_id = 'cs_ann', note = excluded.note RETURNING id, note, owner_id;
-- => 201|y|cs_ann
INSERT INTO account VALUES (7, 'z', 'cs_bob') ON CONFLICT (id) DO UPDATE SET note = excluded.note RETURNING id, note, owner_id;
-- => 7|z|cs_ann
INSERT INTO account VALUES (300, 'n8', 'cs_bob') ON CONFLICT (note) DO UPDATE SET note = 'hit' RETURNING id;
-- => 8
INSERT INTO account VALUES (7, 'z2', 'cs_bob'), (202, 'q', 'cs_bob') ON CONFLICT DO NOTHING RETURNING id;
-- => 202
MERGE INTO account AS t USING (VALUES (3, 'm3'), (8, 'm8'), (14, 'm14'), (103, 'm103'), (203, 'm203')) AS s(id, note) ON t.id = s.id
  WHEN MATCHED AND t.id = 14 THEN DELETE
  WHEN MATCHED AND t.id <> 3 THEN UPDATE SET note = s.note
  WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.note, 'cs_team');
SELECT id, note FROM account WHERE note LIKE 'm%' ORDER BY id;
-- => 8|m8
-- => 103|m103
-- => 203|m203
SELECT count(*) FROM account WHERE id = 14;
-- => 0
-- what MERGE may not write it does not pass over
MERGE INTO account AS t USING (VALUES (3, 'm3')) AS s(id, note) ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = s.note;
-- => ERROR:  42501
ROLLBACK;
BEGIN;
MERGE INTO account AS t USING (VALUES (7)) AS s(id) ON t.id = s.id WHEN MATCHED THEN DELETE;
-- => ERROR:  42501
ROLLBACK;

--
-- Several tables in one statement
--
BEGIN;
WITH u AS (UPDATE account SET owner_id = 'cs_ann' WHERE id IN (104, 105) RETURNING id),
  c AS (DELETE FROM contact USING u WHERE contact.account_id = u.id RETURNING contact.id),
  i AS (INSERT INTO account SELECT 400 + id, 'i' || id, 'cs_bob' FROM u RETURNING id)
  SELECT (SELECT string_agg(id::text, ',' ORDER BY id) FROM u), (SELECT string_agg(id::text, ',' ORDER BY id) FROM c), (SELECT string_agg(id::text, ',' ORDER BY id) FROM i);
-- => 104,105|104,105|504,505
SELECT id FROM account WHERE id IN (104, 105, 504, 505) ORDER BY id;
-- => 504
-- => 505
ROLLBACK;
SELECT count(*) FROM account JOIN contact ON contact.account_id = account.id;
-- => 30
SELECT count(*) FROM account LEFT JOIN contact ON contact.account_id = account.id AND contact.id > 110;
-- => 30
SELECT id FROM account WHERE EXISTS (SELECT FROM contact WHERE account_id = account.id AND contact.id IN (1, 16, 102)) ORDER BY id;
-- => 1
-- => 102

--
-- Savepoints, and changes of access between two statements
--
BEGIN;
SAVEPOINT s;
SELECT relmeta.unshare('account', 1, 'cs_bob');
SELECT count(*) FROM account WHERE id = 1;
-- => 0
ROLLBACK TO s;
SELECT count(*) FROM account WHERE id = 1;
-- => 1
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('account', 50, 'cs_team'), relmeta.remove_team_member('cs_team', 'cs_bob');
SET LOCAL SESSION AUTHORIZATION regress_cs_bob;
SELECT count(*) FROM account;
-- => 20
RESET SESSION AUTHORIZATION;
SELECT relmeta.add_team_member('cs_team', 'cs_bob');
SET LOCAL SESSION AUTHORIZATION regress_cs_bob;
SELECT count(*) FROM account;
-- => 31
ROLLBACK;
SET SESSION AUTHORIZATION regress_cs_bob;
SELECT count(*) FROM account;
-- => 30

--
-- Cursors
--
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM account ORDER BY id;
FETCH 2 FROM c;
-- => 1
-- => 2
SELECT relmeta.unshare_many('account', '{3,4}', '{cs_bob}');
-- => 4
-- as the cursor's snapshot has it
FETCH 2 FROM c;
-- => 3
-- => 4
FETCH ABSOLUTE 1 FROM c;
-- => 1
CLOSE c;
DECLARE u CURSOR FOR SELECT id FROM account WHERE id IN (1, 6, 101) ORDER BY id FOR UPDATE;
FETCH ALL FROM u;
-- => 6
-- => 101
CLOSE u;
DECLARE u CURSOR FOR SELECT id FROM account WHERE id IN (5, 6);
FETCH u;
-- => 5
UPDATE account SET note = 'current' WHERE CURRENT OF u RETURNING id;
-- => none
FETCH u;
-- => 6
UPDATE account SET note = 'current' WHERE CURRENT OF u RETURNING id;
-- => 6
ROLLBACK;

--
-- Functions and views of a definer
--
SET SESSION AUTHORIZATION regress_cs_definer;
CREATE FUNCTION definers() RETURNS SETOF int LANGUAGE sql SECURITY DEFINER SET search_path = cs, pg_temp AS 'SELECT id FROM account ORDER BY id';
CREATE VIEW definers_view AS SELECT id FROM account;
CREATE VIEW invokers_view WITH (security_invoker) AS SELECT id FROM account;
CREATE VIEW nested_view AS SELECT * FROM invokers_view;
GRANT SELECT ON definers_view, invokers_view, nested_view TO PUBLIC;
SET SESSION AUTHORIZATION regress_cs_bob;
SELECT string_agg(d::text, ',') FROM definers() AS d;
-- => 116,117,118,119,120
SELECT count(*) FROM definers() AS d JOIN account ON account.id = d;
-- => 0
-- judged by the principal of the role that runs the statement, as PostgreSQL's policies that ask current_user
SELECT count(*) FROM invokers_view;
-- => 30
INSERT INTO invokers_view VALUES (115) ON CONFLICT DO NOTHING;
-- => ERROR:  42501

--
-- However it is planned (ATTACKS 68)
--
CREATE TABLE came (how text, n bigint, id bigint);
CREATE PROCEDURE ask(how text) LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO came SELECT how, count(*), sum(id) FROM account;
  INSERT INTO came SELECT how, count(*), sum(id) FROM account WHERE id BETWEEN 1 AND 20 OR id > 100;
  INSERT INTO came SELECT how, count(*), sum(a.id) FROM account AS a JOIN contact AS c ON c.account_id = a.id JOIN account AS b ON b.id = c.id;
  INSERT INTO came SELECT how, count(*), sum(id) FROM (SELECT id FROM account ORDER BY id DESC LIMIT 100) AS t;
  INSERT INTO came SELECT how, count(*), sum(g) FROM generate_series(1, 200) AS g WHERE EXISTS (SELECT FROM account WHERE id = g);
  INSERT INTO came SELECT how, count(*), sum(id) FROM account WHERE ctid IN (SELECT ctid FROM account);
END $$;
CALL ask('as it comes');
SET enable_seqscan = off; CALL ask('no seqscan'); SET enable_bitmapscan = off; CALL ask('no bitmapscan'); SET enable_indexonlyscan = off; CALL ask('index scan');
RESET enable_seqscan; SET enable_indexscan = off; CALL ask('seqscan'); RESET enable_bitmapscan; RESET enable_indexscan; RESET enable_indexonlyscan;
SET enable_hashjoin = off; CALL ask('no hashjoin'); SET enable_mergejoin = off; CALL ask('nestloop'); SET enable_material = off; SET enable_memoize = off; CALL ask('plain nestloop');
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_material; RESET enable_memoize;
SET enable_hashjoin = off; SET enable_nestloop = off; CALL ask('mergejoin'); RESET enable_hashjoin; RESET enable_nestloop;
SET plan_cache_mode = force_generic_plan; CALL ask('generic'); SET plan_cache_mode = force_custom_plan; CALL ask('custom'); RESET plan_cache_mode;
SET work_mem = '64kB'; CALL ask('little memory'); RESET work_mem;
SET jit = on; SET jit_above_cost = 0; CALL ask('jit'); RESET jit; RESET jit_above_cost;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0; SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT count(*), sum(id) FROM account;
CREATE TABLE parallel AS SELECT count(*) AS n, sum(id) AS id FROM account;
CALL ask('parallel');
INSERT INTO came SELECT 'parallel, as a query', n, id FROM parallel;
RESET ALL;
SET client_min_messages = warning;
SET search_path = cs;
SELECT DISTINCT n, id FROM came;
-- => 30|1740
SELECT count(*) FROM came;

--
-- Prepared before access control, before an index, before a right changed
--
PREPARE p AS SELECT count(*) FROM account;
EXECUTE p;
-- => 30
SET SESSION AUTHORIZATION regress_cs_owner;
SELECT relmeta.disable_access_control('account');
SET SESSION AUTHORIZATION regress_cs_bob;
EXECUTE p;
-- => 120
SET SESSION AUTHORIZATION regress_cs_owner;
SELECT relmeta.enable_access_control('account', everyone => '{read}');
SET SESSION AUTHORIZATION regress_cs_bob;
EXECUTE p;
-- => 120
SET SESSION AUTHORIZATION regress_cs_owner;
SELECT relmeta.enable_access_control('account', everyone => '{}');
SET SESSION AUTHORIZATION regress_cs_bob;
EXECUTE p;
-- => 30
SELECT relmeta.unshare('account', 1, 'cs_bob');
EXECUTE p;
-- => 29

RESET SESSION AUTHORIZATION;
DROP SCHEMA cs CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cs_ann,cs_bob,cs_def,cs_team}'::text[]) AS p;
DROP ROLE regress_cs_owner, regress_cs_bob, regress_cs_definer;
