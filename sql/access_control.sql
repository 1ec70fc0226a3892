-- Access control: who finds, changes and inserts which rows of a controlled table.  SEMANTICS 2.5.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_ac_owner;
CREATE ROLE regress_ac_bob;
CREATE ROLE regress_ac_pooler;
SELECT relmeta.create_user('ac_ann'), relmeta.create_user('ac_bob', 'regress_ac_bob'), relmeta.create_team('ac_team');
SELECT relmeta.add_team_member('ac_team', 'ac_bob');
CREATE SCHEMA ac AUTHORIZATION regress_ac_owner;
GRANT USAGE ON SCHEMA ac TO PUBLIC;
SET SESSION AUTHORIZATION regress_ac_owner;
SET search_path = ac;
CREATE TABLE account (id int PRIMARY KEY, name text, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, name text, owner_id text, account_id int);
CREATE TABLE line (id int PRIMARY KEY, note text, contact_id int);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ac TO regress_ac_bob, regress_ac_pooler;
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
SELECT relmeta.create_one_to_many('contact', 'line', 'contact_id', share => 'all', reparent => 'all', delete => 'all');
INSERT INTO account SELECT i, 'a' || i, CASE WHEN i % 2 = 0 THEN 'ac_ann' ELSE 'ac_bob' END FROM generate_series(1, 10) AS i;
INSERT INTO contact SELECT id, 'c' || id, owner_id, id FROM account;

-- called by somebody else; a NOTICE says who is exempt
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.enable_access_control('ac.account');
SET SESSION AUTHORIZATION regress_ac_owner;
SET client_min_messages = notice;
SELECT relmeta.enable_access_control('account');
SET client_min_messages = warning;
SELECT relmeta.enable_access_control('contact'), relmeta.enable_access_control('line');
SELECT polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy WHERE polrelid = 'account'::regclass ORDER BY polname;
SELECT relation, access_control, everyone FROM relmeta.tables WHERE relation::text !~ '\.' ORDER BY relation::text;
-- exempt: => 10
SELECT count(*) FROM account;

SET SESSION AUTHORIZATION regress_ac_bob;
-- his own: => 5
SELECT count(*) FROM account;
-- => one row, his
INSERT INTO account VALUES (11, 'mine', 'ac_bob') RETURNING *;
-- a row of another's: refused
INSERT INTO account VALUES (12, 'hers', 'ac_ann');
-- a row that he may not see is not shown by a conflict, his own is updated
INSERT INTO account VALUES (2, 'conflict', 'ac_bob') ON CONFLICT (id) DO UPDATE SET name = 'x' RETURNING *;
INSERT INTO account VALUES (2, 'conflict', 'ac_bob') ON CONFLICT (id) DO NOTHING RETURNING *;
INSERT INTO account VALUES (1, 'conflict', 'ac_bob') ON CONFLICT (id) DO UPDATE SET name = 'x' RETURNING *;
-- given away, though he does not see it any more; and nothing of it again
UPDATE account SET owner_id = 'ac_ann' WHERE id = 11 RETURNING *;
SELECT * FROM account WHERE id = 11;
UPDATE account SET owner_id = 'ac_bob' WHERE id = 11;
-- passed over: 0 rows
UPDATE account SET name = 'hack' WHERE id = 2;
DELETE FROM account WHERE id = 2;
-- a hidden primary row and a missing one are the same
\set VERBOSITY default
INSERT INTO contact VALUES (20, 'c', 'ac_bob', 2);
INSERT INTO contact VALUES (20, 'c', 'ac_bob', 999);
\set VERBOSITY terse
INSERT INTO contact VALUES (20, 'c', 'ac_bob', 3) RETURNING *;
UPDATE contact SET account_id = 2 WHERE id = 20;
UPDATE contact SET account_id = 5 WHERE id = 20 RETURNING *;
UPDATE contact SET account_id = NULL WHERE id = 20;
-- rows without owner: below a row to which he may append, also one of the same statement
INSERT INTO line VALUES (1, 'l', 20) RETURNING *;
INSERT INTO line VALUES (2, 'l', 2);
INSERT INTO line VALUES (3, 'l', NULL);
WITH o AS (INSERT INTO contact VALUES (30, 'w', 'ac_bob', NULL) RETURNING id) INSERT INTO line SELECT 30 + id, 'x', id FROM o RETURNING *;
-- inherited by the statement that inserted them: => 1, 60
SELECT id FROM line ORDER BY id;
-- his own calls of the policies' functions note nothing
SELECT relmeta.inserts('ac.account', 4, 'ac_bob'), relmeta.noted('ac.account', 4, 'ac_ann');
SELECT id FROM account WHERE relmeta.inserts('ac.account', 4, 'ac_ann') IS NOT NULL ORDER BY id;
SELECT relmeta.owned('pg_class', 1, 'ac_bob'::text), relmeta.shared('0', 1, 4), relmeta.owned('ac.account', 1, 4);

-- shared with his team: read and write, not assign, delete or share
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.share('account', 2, 'ac_team', '{read,write}');
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT id FROM account WHERE id < 5 ORDER BY id;
SELECT * FROM contact WHERE account_id = 2;
UPDATE account SET name = 'ok' WHERE id = 2 RETURNING *;
UPDATE account SET owner_id = 'ac_bob' WHERE id = 2;
DELETE FROM account WHERE id = 2;
UPDATE contact SET account_id = 3 WHERE id = 2;
SELECT relmeta.has_access('account', 2, 'write'), relmeta.has_access('account', 4, 'read'), relmeta.has_access('account', 999, 'read');
SELECT relmeta.share('account', 2, 'ac_ann');

-- everyone may read: no entry, nothing inherited; not without a principal
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.enable_access_control('account', everyone => '{read}');
SELECT relation, everyone FROM relmeta.tables WHERE relation = 'account'::regclass;
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT count(*) FROM account;
SELECT ground, rights FROM relmeta.explain_access('account', 4);
SELECT relmeta.has_access('account', 4, 'read'), relmeta.has_access('account', 4, 'write'), relmeta.has_access('contact', 4, 'read');
SET SESSION AUTHORIZATION regress_ac_pooler;
SELECT count(*) FROM account;
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.enable_access_control('account', everyone => '{}');
RESET SESSION AUTHORIZATION;

-- acting for others: a cursor keeps the identity of its start, a cap narrows what it holds
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_ac_pooler;
SET SESSION AUTHORIZATION regress_ac_pooler;
SET search_path = ac;
SET client_min_messages = error;
SELECT count(*) FROM account;
SET client_min_messages = warning;
BEGIN;
SELECT relmeta.act_as('ac_bob');
SELECT count(*) FROM account;
DECLARE c CURSOR FOR SELECT id FROM account ORDER BY id;
SELECT relmeta.act_as('ac_ann');
FETCH ALL FROM c;
SELECT count(*) FROM account;
COMMIT;
BEGIN;
SELECT relmeta.act_as('ac_bob', rights => '{read,append}');
SHOW relmeta.rights;
SELECT count(*) FROM account;
UPDATE account SET name = 'z';
SELECT relmeta.principal_access('account', 1), relmeta.has_access('account', 1, 'write');
-- NULL keeps the cap, another narrows it
SELECT relmeta.act_as('ac_ann'), relmeta.act_as('ac_bob', rights => '{append,write}');
SHOW relmeta.rights;
SELECT count(*) FROM account;
SAVEPOINT s;
INSERT INTO account VALUES (50, 'x', 'ac_bob');
ROLLBACK TO s;
SELECT relmeta.act_as('ac_bob', rights => '{}');
SHOW relmeta.rights;
COMMIT;
SHOW relmeta.rights;
-- nobody else sets a cap, nor an unknown right
SET relmeta.rights = 'read';
RESET SESSION AUTHORIZATION;
SET relmeta.rights = 'read, fly';
SET relmeta.rights = 'read,write';
RESET relmeta.rights;

-- without a principal: one WARNING, an error, or nothing
SET SESSION AUTHORIZATION regress_ac_pooler;
SELECT count(*) FROM account;
DELETE FROM account;
INSERT INTO account VALUES (60, 'x', 'ac_bob');
DO $$ BEGIN EXECUTE 'EXPLAIN SELECT FROM account WHERE false'; END $$;
RESET SESSION AUTHORIZATION;
SET relmeta.require_principal = error;
SET SESSION AUTHORIZATION regress_ac_pooler;
SELECT count(*) FROM ac.account;
SELECT count(*) FROM ac.account WHERE false;
RESET SESSION AUTHORIZATION;
SET relmeta.require_principal = off;
SET SESSION AUTHORIZATION regress_ac_pooler;
SELECT count(*) FROM ac.account;
RESET SESSION AUTHORIZATION;
RESET relmeta.require_principal;
-- exempt, whatever the setting: => 11
SELECT count(*) FROM ac.account;

-- forced, its owner is judged, too
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.enable_access_control('account', force => true);
SET client_min_messages = error;
SELECT count(*) FROM account;
SET client_min_messages = warning;
-- cascades still run: contacts of account 1 follow
SET SESSION AUTHORIZATION regress_ac_bob;
UPDATE account SET owner_id = 'ac_ann' WHERE id = 1;
RESET SESSION AUTHORIZATION;
SELECT owner_id FROM ac.contact WHERE id = 1;

-- a session that has all names quoted knows the policies, too
SET SESSION AUTHORIZATION regress_ac_owner;
SET quote_all_identifiers = on;
SELECT relation, object, problem FROM relmeta.verify() WHERE object LIKE 'relmeta%' OR problem LIKE '%polic%';
-- => none
SELECT relmeta.enable_access_control('contact');
RESET quote_all_identifiers;

-- and as it was before
SELECT relmeta.unregister_table('line');
SELECT relmeta.disable_access_control('account'), relmeta.disable_access_control('contact'), relmeta.disable_access_control('line');
SELECT relmeta.disable_access_control('line');
SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'ac'::regnamespace AND relkind = 'r' ORDER BY relname;
SELECT count(*) FROM pg_policy WHERE polrelid IN ('account'::regclass, 'contact'::regclass, 'line'::regclass);
SELECT tgname FROM pg_trigger WHERE tgrelid = 'account'::regclass AND tgname ~* 'judge';
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'account'::regclass;
SELECT * FROM relmeta.verify() WHERE relation::text !~ '\.';
RESET SESSION AUTHORIZATION;
DROP SCHEMA ac CASCADE;
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_ac_pooler;
SELECT relmeta.drop_principal(p) FROM unnest('{ac_ann,ac_bob,ac_team}'::text[]) AS p;
DROP ROLE regress_ac_owner, regress_ac_bob, regress_ac_pooler;
