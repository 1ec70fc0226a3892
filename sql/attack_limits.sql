-- Attacks by size: what takes long ends when it is told to, and a table of 1,600 columns is a table like others.
-- SEMANTICS 2.5, 2.7.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA limits;
SET search_path = limits;
SELECT count(relmeta.create_user('li_' || i)) FROM generate_series(0, 3) AS i;
-- => 4
CREATE TABLE chain (id int PRIMARY KEY, parent_id int, owner_id text);
SELECT relmeta.register_table('chain', 'owner_id');
SELECT relmeta.create_one_to_many('chain', 'chain', 'parent_id', assign => 'all', delete => 'all', share => 'all', merge => 'all', is_hierarchical => true,
  foreign_key => false);
-- => chain_chain
INSERT INTO chain SELECT i, nullif(i - 1, 0), 'li_0' FROM generate_series(1, 50000) AS i;
INSERT INTO chain VALUES (0, NULL, 'li_0');

-- each statement takes ten times as long as it is given, and more (ATTACKS 61)
SET statement_timeout = '10ms';
SELECT relmeta.share('chain', 1, 'li_1', '{read}');
-- => ERROR:  57014
SELECT relmeta.share_many('chain', '{1}', '{li_1,li_2,li_3}', '{read}');
-- => ERROR:  57014
SELECT relmeta.assign('chain', 1, 'li_1');
-- => ERROR:  57014
DELETE FROM chain WHERE id = 1;
-- => ERROR:  57014
SELECT count(*) FROM relmeta.preview('delete', 'chain', 1);
-- => ERROR:  57014
RESET statement_timeout;
-- and nothing of them is left
SELECT count(*), min(owner_id), max(owner_id) FROM chain;
-- => 50001|li_0|li_0
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'chain'::regclass;
-- => 0
-- a merge that moves 50,000 rows, and a share that reaches as many
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state text DEFAULT 'on');
CREATE TABLE item (id int PRIMARY KEY, account_id int, owner_id text);
CREATE INDEX ON item (account_id);
SELECT relmeta.register_table('account', 'owner_id', 'state', '{on}', 'off'), relmeta.register_table('item', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', preset => 'parental', merge => 'all', foreign_key => false);
-- => account_item
INSERT INTO account (id, owner_id) VALUES (1, 'li_0'), (2, 'li_0');
INSERT INTO item SELECT i, 2, 'li_0' FROM generate_series(1, 50000) AS i;
SET statement_timeout = '10ms';
SELECT count(*) FROM relmeta.merge('account', 1, 2);
-- => ERROR:  57014
SELECT count(*) FROM relmeta.preview('merge', 'account', 1, other_key => '2');
-- => ERROR:  57014
SELECT relmeta.share_many('account', '{2}', '{li_1,li_2}', '{read}');
-- => ERROR:  57014
RESET statement_timeout;
SELECT account_id, count(*) FROM item GROUP BY 1;
-- => 2|50000

-- 1,600 columns, the most that PostgreSQL allows
DO $$ BEGIN EXECUTE (SELECT format('CREATE TABLE wide (id int PRIMARY KEY, owner_id text, account_id int, state text DEFAULT ''on'', %s)',
  string_agg('c' || i || ' int', ', ' ORDER BY i)) FROM generate_series(1, 1596) AS i); END $$;
SELECT count(*) FROM pg_attribute WHERE attrelid = 'wide'::regclass AND attnum > 0;
-- => 1600
SELECT relmeta.register_table('wide', 'owner_id', 'state', '{on}', 'off');
SELECT relmeta.create_one_to_many('account', 'wide', 'account_id', preset => 'parental', merge => 'all');
-- => account_wide
SELECT relmeta.enable_access_control('wide');
INSERT INTO wide (id, owner_id, account_id, c1, c1596) VALUES (1, 'li_0', 1, 1, NULL), (2, 'li_0', 1, 2, 1596);
SELECT relmeta.share('wide', 2, 'li_1', '{read}'), relmeta.share('account', 1, 'li_2', '{read}');
-- => 1|3
SELECT relmeta.has_access('wide', 2, 'read', 'li_1'), relmeta.has_access('wide', 2, 'read', 'li_2'), relmeta.has_access('wide', 2, 'read', 'li_3');
-- => t|t|f
SELECT count(*) FROM relmeta.merge('wide', 1, 2, fill_empty => true);
-- => 0
SELECT id, state, c1, c1596, relmeta.has_access('wide', 1, 'read', 'li_1') FROM wide ORDER BY id;
-- => 1|on|1|1596|t
-- => 2|off|2|1596|t
SELECT relmeta.assign('account', 1, 'li_3');
-- => 3
SELECT DISTINCT owner_id FROM wide;
-- => li_3
DELETE FROM account WHERE id = 1;
SELECT count(*) FROM wide;
-- => 0

DROP SCHEMA limits CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{li_0,li_1,li_2,li_3}'::text[]) AS p;
