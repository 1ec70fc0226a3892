-- Who may share, who may ask, and what the answers are: SEMANTICS 2.5.
\set VERBOSITY terse
CREATE ROLE regress_ac_owner;
CREATE ROLE regress_ac_ann;
CREATE ROLE regress_ac_bob;
CREATE ROLE regress_ac_cat;
CREATE ROLE regress_ac_all BYPASSRLS;
CREATE SCHEMA ac AUTHORIZATION regress_ac_owner;
GRANT USAGE ON SCHEMA ac TO PUBLIC;
SELECT relmeta.create_user('ac_ann', 'regress_ac_ann'), relmeta.create_user('ac_bob', 'regress_ac_bob'),
       relmeta.create_user('ac_cat', 'regress_ac_cat'), relmeta.create_user('ac_dan');
SELECT relmeta.create_team('ac_team');
SELECT relmeta.add_team_member('ac_team', 'ac_cat');
SET SESSION AUTHORIZATION regress_ac_owner;
SET search_path = ac;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text);
CREATE TABLE closed (id int PRIMARY KEY, owner_id text);
GRANT SELECT ON account, contact TO PUBLIC;
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id'), relmeta.register_table('closed', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
INSERT INTO account VALUES (1, 'ac_ann'), (2, 'ac_bob');
INSERT INTO contact VALUES (11, 'ac_ann', 1), (12, 'ac_dan', 1);
INSERT INTO closed VALUES (1, 'ac_ann');

--
-- The owner of a row shares it; whom he gave share passes on what he holds
--
SET SESSION AUTHORIZATION regress_ac_ann;
SELECT relmeta.has_access('account', 1, 'share'), relmeta.has_access('account', 1, 'create'), relmeta.has_access('account', 2, 'read');
SELECT relmeta.principal_access('account', 1), relmeta.principal_access('account', 2), relmeta.principal_access('account', 9);
SELECT relmeta.share('account', 1, 'ac_bob', '{read,share}');
SELECT relmeta.share('account', 1, 'ac_bob', '{create}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 2, 'ac_cat');
\echo :LAST_ERROR_SQLSTATE
-- no privilege on the table: as if the row were not there
SELECT relmeta.share('closed', 1, 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.has_access('closed', 1, 'read'), relmeta.principal_access('closed', '1');

SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.principal_access('account', 1), relmeta.principal_access('contact', 11);
SELECT relmeta.share('account', 1, 'ac_team', '{read}');
SELECT relmeta.share('account', 1, 'ac_team', '{write}');
\echo :LAST_ERROR_SQLSTATE
SELECT principal, kind, direct, inherited, granted_by FROM relmeta.shared_principals('account', 1);
SELECT principal, kind, direct, inherited, granted_by FROM relmeta.shared_principals('contact', 12);
SELECT * FROM relmeta.explain_access('contact', 12);
-- about others: holders of share may ask
SELECT relmeta.has_access('account', 1, 'read', 'ac_cat'), relmeta.principal_access('contact', 12, 'ac_ann');
SELECT * FROM relmeta.explain_access('contact', 12, 'ac_ann');
SELECT * FROM relmeta.explain_access('contact', 12, 'ac_cat');

SET SESSION AUTHORIZATION regress_ac_cat;
SELECT relmeta.has_access('account', 1, 'read'), relmeta.has_access('account', 1, 'share');
SELECT relmeta.has_access('account', 1, 'read', 'ac_team') AS "own team";
SELECT relmeta.has_access('account', 1, 'read', 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.principal_access('account', 1, 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.has_access('account', 1, 'read', 'ac_nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT principal, direct, inherited FROM relmeta.shared_principals('account', 1);
SELECT * FROM relmeta.shared_with();
SELECT * FROM relmeta.shared_with(relation => 'account');
SELECT * FROM relmeta.shared_with('ac_bob');
SELECT * FROM relmeta.principal_object_access WHERE relation::text LIKE 'ac.%' OR relation IN ('account'::regclass, 'contact') ORDER BY 1, 2, 3;
SELECT relmeta.unshare('account', 1, 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.share('account', 1, 'ac_cat');
\echo :LAST_ERROR_SQLSTATE

-- a principal may always unshare itself, also without share on the row
SET SESSION AUTHORIZATION regress_ac_ann;
SELECT relmeta.share('account', 1, 'ac_cat', '{read,write}');
SET SESSION AUTHORIZATION regress_ac_cat;
SELECT relmeta.unshare('account', 1, 'ac_cat', '{write}');
SELECT relmeta.unshare('account', 1, 'ac_cat');
SELECT relmeta.principal_access('account', 1);

--
-- The table's owner and who bypasses row-level security see and share everything, unless they act for somebody
--
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation IN ('account'::regclass, 'contact');
SELECT relmeta.has_access('account', 1, 'read') AS "nobody to judge", relmeta.principal_access('account', 1), relmeta.has_access('account', 1, 'read', 'ac_bob');
SELECT relmeta.share('account', 1, 'ac_dan', '{create}');
SET SESSION AUTHORIZATION regress_ac_all;
SELECT relmeta.has_access('account', 1, 'create', 'ac_dan');
SELECT relmeta.unshare('account', 1, 'ac_dan');
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_ac_owner;
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.act_as('ac_cat', false);
SELECT relmeta.share('account', 1, 'ac_dan');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.has_access('account', 1, 'read', 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT DISTINCT principal FROM relmeta.principal_object_access WHERE relation = 'account'::regclass;
SELECT relmeta.assign('account', 1, 'ac_cat');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.act_as('ac_ann', false);
SELECT relmeta.assign('account', 1, 'ac_ann') AS "nothing to do";
SELECT relmeta.assign('account', 1, 'ac_dan');
RESET ALL;
SET search_path = ac;
\set VERBOSITY terse
-- what the new owner was granted lies dormant and counts again later
SELECT relmeta.assign('account', 1, 'ac_bob');
SELECT principal, direct, inherited FROM relmeta.shared_principals('account', 1);
SELECT relmeta.principal_access('account', 1, 'ac_bob');
SELECT key, direct FROM relmeta.shared_with('ac_bob', 'account');
SELECT relmeta.assign('account', 1, 'ac_ann');
SELECT relmeta.principal_access('account', 1, 'ac_bob');
SELECT relmeta.has_access('account', NULL, 'read'), relmeta.has_access('account', 1, NULL);

-- who gave a grant stays written when rights are taken from it; who widens it is written anew, with the time
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.share_many('account', '{2}', '{ac_team,ac_dan}', '{read,write,share}');
SET SESSION AUTHORIZATION regress_ac_cat;
SELECT relmeta.unshare('account', 2, 'ac_dan', '{write}'), relmeta.modify_share('account', 2, 'ac_team', '{read,share}');
SELECT principal, direct, granted_by, granted_at < now() AS before FROM relmeta.shared_principals('account', 2);
SELECT relmeta.modify_share('account', 2, 'ac_dan', '{read}');
SELECT relmeta.share('account', 2, 'ac_team', '{read}') AS "nothing new";
SELECT relmeta.modify_share('account', 2, 'ac_dan', '{share}');
SELECT principal, direct, granted_by, granted_at > min(granted_at) OVER () AS later FROM relmeta.shared_principals('account', 2);
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.unshare_many('account', '{2}', '{ac_team,ac_dan}');
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.has_access('account', 'x', 'read', 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.has_access('account', 1, 'fly', 'ac_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.has_access('pg_catalog.pg_class', 1, 'read', 'ac_bob');
\echo :LAST_ERROR_SQLSTATE

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
SELECT relmeta.drop_relationship('account_contact');
SELECT relmeta.unregister_table(t) FROM unnest('{ac.account,ac.contact,ac.closed}'::regclass[]) AS t;
DROP SCHEMA ac CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'ac\_%';
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_ac_owner;
DROP ROLE regress_ac_owner, regress_ac_ann, regress_ac_bob, regress_ac_cat, regress_ac_all;
