-- Attacks on a controlled table by identity: bob, an ordinary role, tries to be somebody else, or to be nobody; and one statement
-- has one identity, whatever is called in it.  SEMANTICS 2.1, 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_ai_owner;
CREATE ROLE regress_ai_bob;
CREATE ROLE regress_ai_cat;
CREATE ROLE regress_ai_pooler;
CREATE ROLE regress_ai_login NOINHERIT;
GRANT regress_ai_bob, regress_ai_cat TO regress_ai_login;
SELECT relmeta.create_user('ai_ann'), relmeta.create_user('ai_bob', 'regress_ai_bob'), relmeta.create_user('ai_cat', 'regress_ai_cat'), relmeta.create_team('ai_team');
SELECT relmeta.add_team_member('ai_team', 'ai_ann');
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_ai_pooler;
CREATE SCHEMA ai AUTHORIZATION regress_ai_owner;
GRANT ALL ON SCHEMA ai TO PUBLIC;
SET SESSION AUTHORIZATION regress_ai_owner;
SET search_path = ai;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text);
GRANT SELECT, INSERT, UPDATE, DELETE ON account TO PUBLIC;
SELECT relmeta.register_table('account', 'owner_id');
INSERT INTO account SELECT i, 'n' || i, CASE i % 4 WHEN 0 THEN 'ai_ann' WHEN 1 THEN 'ai_bob' WHEN 2 THEN 'ai_cat' ELSE 'ai_team' END FROM generate_series(1, 100) AS i;
SELECT relmeta.enable_access_control('account');

--
-- The setting is not his to make (ATTACKS 1, 4)
--
SET SESSION AUTHORIZATION regress_ai_bob;
SET relmeta.principal = 'ai_ann';
-- => ERROR:  42501
SET LOCAL relmeta.principal = 'ai_ann';
-- => ERROR:  42501
SET relmeta.rights = '';
-- => ERROR:  42501
SELECT set_config('relmeta.principal', 'ai_ann', false);
-- => ERROR:  42501
UPDATE pg_settings SET setting = 'ai_ann' WHERE name = 'relmeta.principal';
-- => ERROR:  42501
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('relmeta.principal', 'ai_ann', true); RETURN relmeta.current_principal(); END $$;
SELECT f();
-- => ERROR:  42501
CREATE FUNCTION g() RETURNS bigint LANGUAGE sql SET relmeta.principal = 'ai_ann' AS 'SELECT count(*) FROM ai.account';
-- => ERROR:  42501
SET ROLE regress_ai_cat;
-- => ERROR:  42501
ALTER ROLE regress_ai_bob SET relmeta.principal = 'ai_ann';
-- => ERROR:  42501
SELECT relmeta.act_as('ai_ann');
-- => ERROR:  42501
SET relmeta.require_principal = off;
-- => ERROR:  42501
SELECT relmeta.current_principals();
-- => {ai_bob}
-- a function that a superuser has made so, but of bob's, is refused at the call (ATTACKS 4)
RESET SESSION AUTHORIZATION;
ALTER FUNCTION f() SET relmeta.principal = 'ai_ann';
SET SESSION AUTHORIZATION regress_ai_bob;
SELECT f();
-- => ERROR:  42501
-- principals and memberships are not his
SELECT relmeta.create_user('ai_new', 'regress_ai_bob');
-- => ERROR:  42501
SELECT relmeta.add_team_member('ai_team', 'ai_bob');
-- => ERROR:  42501
SELECT relmeta.drop_principal('ai_ann');
-- => ERROR:  42501
SELECT relmeta.reassign_owned('ai_ann', 'ai_bob');
-- => ERROR:  42501
SELECT relmeta.revoke_all('ai_cat');
-- => ERROR:  42501
SELECT relmeta.register_principals('account');
-- => ERROR:  42501

--
-- Another role between PREPARE and EXECUTE, generic plan or not; a cursor keeps the identity of its start (ATTACKS 5, 6)
--
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_ai_login;
SET search_path = ai;
SET ROLE regress_ai_bob;
PREPARE all_rows AS SELECT DISTINCT owner_id FROM account;
PREPARE one_row(int) AS SELECT id FROM account WHERE id = $1;
EXECUTE all_rows;
-- => ai_bob
SET ROLE regress_ai_cat;
EXECUTE all_rows;
-- => ai_cat
EXECUTE one_row(1);
-- => none
EXECUTE one_row(2);
-- => 2
SET plan_cache_mode = force_generic_plan;
EXECUTE one_row(1);
-- => none
SET ROLE regress_ai_bob;
EXECUTE one_row(1);
-- => 1
EXECUTE one_row(2);
-- => none
EXECUTE all_rows;
-- => ai_bob
RESET ROLE;
EXECUTE all_rows;
-- => none
RESET plan_cache_mode;
BEGIN;
SET LOCAL ROLE regress_ai_bob;
DECLARE c CURSOR FOR SELECT owner_id FROM account WHERE id < 10 ORDER BY id;
DECLARE h CURSOR WITH HOLD FOR SELECT owner_id FROM account WHERE id < 10 ORDER BY id;
FETCH 1 FROM c;
-- => ai_bob
SET LOCAL ROLE regress_ai_cat;
FETCH ALL FROM c;
-- => ai_bob
-- => ai_bob
COMMIT;
FETCH ALL FROM h;
-- => ai_bob
-- => ai_bob
-- => ai_bob
CLOSE h;

--
-- One statement, one identity: whoever may act as others does so in the middle of a scan (ATTACKS 7)
--
SET SESSION AUTHORIZATION regress_ai_pooler;
SET search_path = ai;
BEGIN;
SELECT relmeta.act_as('ai_bob');
SELECT owner_id, count(*) FROM (SELECT owner_id, relmeta.act_as(CASE WHEN id % 3 = 0 THEN 'ai_bob' ELSE 'ai_cat' END) FROM account OFFSET 0) AS s GROUP BY 1;
-- => ai_bob|25
SELECT relmeta.act_as('ai_bob');
SELECT owner_id, relmeta.act_as('ai_cat') IS NOT NULL, relmeta.current_principal() FROM account WHERE id < 6 ORDER BY id;
-- => ai_bob|t|ai_bob
-- => ai_bob|t|ai_bob
SELECT DISTINCT owner_id, relmeta.current_principal() FROM account;
-- => ai_cat|ai_cat
-- by key, by index, by nested loop, in a sub-query that is planned late
SELECT relmeta.act_as('ai_bob');
SELECT b.owner_id, count(*) FROM generate_series(1, 10) AS k(id), LATERAL (SELECT relmeta.act_as('ai_cat')) AS x, LATERAL (SELECT * FROM account WHERE account.id = k.id OFFSET 0) AS b GROUP BY 1;
-- => ai_bob|3
-- an UPDATE is judged, too, as whoever it began
SELECT relmeta.act_as('ai_bob');
WITH x AS MATERIALIZED (SELECT relmeta.act_as('ai_cat')) UPDATE account SET note = 'x' FROM x WHERE id IN (1, 2) RETURNING owner_id;
-- => ai_bob
SELECT relmeta.act_as('ai_bob');
SELECT relmeta.act_as('ai_cat'), relmeta.has_access('account', 1, 'read'), relmeta.has_access('account', 2, 'read');
-- => |t|f
-- and so are relmeta's functions that change something, though they run statements of their own
SELECT relmeta.act_as('ai_bob');
SELECT relmeta.act_as('ai_cat'), relmeta.share('account', 1, 'ai_team'), relmeta.assign('account', 5, 'ai_cat');
-- => |1|1
SELECT relmeta.act_as('ai_bob');
SELECT relmeta.act_as('ai_cat'), relmeta.share('account', 2, 'ai_team');
-- => ERROR:  P0002
ROLLBACK;
BEGIN;
SELECT relmeta.act_as('ai_bob');
SELECT relmeta.act_as('ai_cat'), relmeta.assign('account', 2, 'ai_bob');
-- => ERROR:  P0002
ROLLBACK;
-- the cap, too, is that of the statement's start: what narrows it counts from the next one
BEGIN;
SELECT relmeta.act_as('ai_bob');
SELECT relmeta.act_as('ai_bob', rights => '{}'), relmeta.unshare('account', 1, 'ai_team'), relmeta.principal_access('account', 1);
-- => |0|{read,write,append,append_to,delete,share,assign}
SELECT relmeta.principal_access('account', 1);
-- => {}
SELECT relmeta.share('account', 1, 'ai_team');
-- => ERROR:  P0002
ROLLBACK;
SELECT relmeta.current_principal() IS NULL, current_setting('relmeta.rights');
-- => t|

--
-- Acting ends with the transaction, savepoint, RESET: never with the one before (ATTACKS 8)
--
BEGIN;
SELECT relmeta.act_as('ai_bob');
SAVEPOINT s;
SELECT relmeta.act_as('ai_cat');
ROLLBACK TO s;
SELECT relmeta.current_principal();
-- => ai_bob
COMMIT;
SELECT relmeta.current_principal() IS NULL;
-- => t
SELECT relmeta.act_as('ai_ann', is_local => false, rights => '{read}');
SELECT relmeta.current_principal();
-- => ai_ann
BEGIN;
SELECT relmeta.act_as('ai_bob');
SELECT 1 / 0;
-- => ERROR:  22012
COMMIT AND CHAIN;
SELECT relmeta.current_principal(), current_setting('relmeta.rights');
-- => ai_ann|{read}
COMMIT;
DISCARD ALL;
SELECT relmeta.current_principal() IS NULL, current_setting('relmeta.rights');
-- => t|
SET search_path = ai;
SELECT relmeta.act_as('ai_ann', false);
RESET ALL;
SET search_path = ai;
SELECT relmeta.current_principal() IS NULL;
-- => t
SET SESSION AUTHORIZATION DEFAULT;
SET SESSION AUTHORIZATION regress_ai_pooler;
SELECT relmeta.act_as('ai_nobody', false);
-- => ERROR:  42704
SELECT relmeta.act_as('', false);
-- => ERROR:  42704
SELECT relmeta.act_as('AI_BOB', false);
-- => ERROR:  42704
-- a team: its own rights, none of its members' (ATTACKS 11)
BEGIN;
SELECT relmeta.act_as('ai_team');
SELECT relmeta.current_principals();
-- => {ai_team}
SELECT DISTINCT owner_id FROM account;
-- => ai_team
ROLLBACK;
-- a name that is gone is nobody, and so is whoever takes the role's name after it (ATTACKS 64)
BEGIN;
SELECT relmeta.act_as('ai_ann');
SELECT DISTINCT owner_id FROM account ORDER BY 1;
-- => ai_ann
-- => ai_team
ROLLBACK;
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_ai_gone;
SELECT relmeta.create_user('ai_gone', 'regress_ai_gone');
SELECT relmeta.share('account', 4, 'ai_gone');
DROP ROLE regress_ai_gone;
CREATE ROLE regress_ai_gone;
SET SESSION AUTHORIZATION regress_ai_gone;
SET client_min_messages = error;
SELECT relmeta.current_principal() IS NULL, count(*) FROM ai.account;
-- => t|0
RESET SESSION AUTHORIZATION;
-- what bob owns goes to somebody else, who is not bob by that, and owns no row (ATTACKS 64)
REASSIGN OWNED BY regress_ai_bob TO regress_ai_cat;
SET SESSION AUTHORIZATION regress_ai_cat;
SELECT relmeta.current_principal(), (SELECT count(*) FROM ai.account WHERE owner_id = 'ai_bob');
-- => ai_cat|0
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_ai_bob;
SET SESSION AUTHORIZATION regress_ai_bob;
SELECT relmeta.current_principal();
-- => ai_bob
RESET SESSION AUTHORIZATION;
-- whoever owns the table and acts as somebody is judged as that in relmeta's functions
SELECT relmeta.act_as('ai_bob', false);
SELECT relmeta.has_access('ai.account', 4, 'read'), relmeta.has_access('ai.account', 1, 'read');
-- => f|t
SELECT relmeta.share('ai.account', 4, 'ai_cat');
-- => ERROR:  42501
SELECT relmeta.assign('ai.account', 4, 'ai_cat');
-- => ERROR:  42501
SELECT relmeta.share('ai.account', 1, 'ai_cat', '{create}');
-- => ERROR:  42501
RESET relmeta.principal;

-- another session user between PREPARE and EXECUTE (ATTACKS 5)
SET search_path = ai;
SET SESSION AUTHORIZATION regress_ai_bob;
PREPARE owners AS SELECT DISTINCT owner_id FROM account;
EXECUTE owners;
-- => ai_bob
SET SESSION AUTHORIZATION regress_ai_cat;
EXECUTE owners;
-- => ai_cat
SET plan_cache_mode = force_generic_plan;
EXECUTE owners;
-- => ai_cat
SET SESSION AUTHORIZATION regress_ai_bob;
EXECUTE owners;
-- => ai_bob
RESET plan_cache_mode;
DEALLOCATE owners;
-- a chained transaction begins as nobody, RESET ALL in one ends the acting (ATTACKS 8)
SET SESSION AUTHORIZATION regress_ai_pooler;
BEGIN;
SELECT relmeta.act_as('ai_bob');
COMMIT AND CHAIN;
SELECT relmeta.current_principal() IS NULL, (SELECT count(*) FROM account);
-- => t|0
SELECT relmeta.act_as('ai_cat', rights => '{read}');
ROLLBACK AND CHAIN;
SELECT relmeta.current_principal() IS NULL, current_setting('relmeta.rights');
-- => t|
SELECT relmeta.act_as('ai_cat');
RESET ALL;
SELECT relmeta.current_principal() IS NULL;
-- => t
COMMIT;
RESET SESSION AUTHORIZATION;
-- whoever takes a key that somebody had inherits nothing of his: deleted and inserted again, a former key, one that was exchanged (ATTACKS 10)
SET search_path = ai;
CREATE TABLE person (id text PRIMARY KEY);
INSERT INTO person VALUES ('ai_p1'), ('ai_p2'), ('ai_p3'), ('ai_p4');
SELECT relmeta.register_principals('person');
SELECT count(relmeta.share('account', 4, id, '{read}')) FROM person WHERE id < 'ai_p4';
-- => 3
DELETE FROM person WHERE id = 'ai_p1';
INSERT INTO person VALUES ('ai_p1');
UPDATE person SET id = 'ai_p9' WHERE id = 'ai_p2';
INSERT INTO person VALUES ('ai_p2');
DELETE FROM person WHERE id = 'ai_p3';
UPDATE person SET id = 'ai_p3' WHERE id = 'ai_p4';
SELECT id, relmeta.principal_access('account', 4, id) FROM person ORDER BY id;
SELECT principal FROM relmeta.principal_object_access WHERE relation = 'account'::regclass AND principal LIKE 'ai\_p_';
-- => none
DELETE FROM person;
-- a team cannot have a user's name, nor a user a team's (ATTACKS 11)
SELECT relmeta.create_team('ai_bob');
-- => ERROR:  42710
SELECT relmeta.create_user('ai_team');
-- => ERROR:  42710

SET client_min_messages = warning;
DROP SCHEMA ai CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{ai_ann,ai_bob,ai_cat,ai_team,ai_gone}'::text[]) AS p;
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_ai_pooler;
DROP ROLE regress_ai_owner, regress_ai_login, regress_ai_bob, regress_ai_cat, regress_ai_pooler, regress_ai_gone;
