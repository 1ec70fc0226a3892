-- Who may share, who may ask, and what the answers are: SEMANTICS 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
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
-- => account_contact
INSERT INTO account VALUES (1, 'ac_ann'), (2, 'ac_bob');
INSERT INTO contact VALUES (11, 'ac_ann', 1), (12, 'ac_dan', 1);
INSERT INTO closed VALUES (1, 'ac_ann');

--
-- The owner of a row shares it; whom he gave share passes on what he holds
--
SET SESSION AUTHORIZATION regress_ac_ann;
SELECT relmeta.has_access('account', 1, 'share'), relmeta.has_access('account', 1, 'create'), relmeta.has_access('account', 2, 'read');
-- => t|f|f
SELECT relmeta.principal_access('account', 1), relmeta.principal_access('account', 2), relmeta.principal_access('account', 9);
-- => {read,write,append,append_to,delete,share,assign}|{}|{}
SELECT relmeta.share('account', 1, 'ac_bob', '{read,share}');
-- => 3
SELECT relmeta.share('account', 1, 'ac_bob', '{create}');
-- => ERROR:  permission denied to give rights that you do not hold on the row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.share('account', 2, 'ac_cat');
-- => ERROR:  permission denied to share a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
-- no privilege on the table: as if the row were not there
SELECT relmeta.share('closed', 1, 'ac_bob');
-- => ERROR:  table "closed" has no row with that key that you may read
\echo :LAST_ERROR_SQLSTATE
-- => P0002
SELECT relmeta.has_access('closed', 1, 'read'), relmeta.principal_access('closed', '1');
-- => f|{}

SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.principal_access('account', 1), relmeta.principal_access('contact', 11);
-- => {read,share}|{read,share}
SELECT relmeta.share('account', 1, 'ac_team', '{read}');
-- => 3
SELECT relmeta.share('account', 1, 'ac_team', '{write}');
-- => ERROR:  permission denied to give rights that you do not hold on the row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT principal, kind, direct, inherited, granted_by FROM relmeta.shared_principals('account', 1);
-- => ac_bob|user|{read,share}|{}|ac_ann
-- => ac_team|team|{read}|{}|ac_bob
SELECT principal, kind, direct, inherited, granted_by FROM relmeta.shared_principals('contact', 12);
-- => ac_ann|user|{}|{read,write,append,append_to,delete,share,assign}|
-- => ac_bob|user|{}|{read,share}|
-- => ac_team|team|{}|{read}|
SELECT * FROM relmeta.explain_access('contact', 12);
-- => inherited||{read,share}|account_contact|account|1|1
-- about others: holders of share may ask
SELECT relmeta.has_access('account', 1, 'read', 'ac_cat'), relmeta.principal_access('contact', 12, 'ac_ann');
-- => t|{read,write,append,append_to,delete,share,assign}
SELECT * FROM relmeta.explain_access('contact', 12, 'ac_ann');
-- => inherited||{read,write,append,append_to,delete,share,assign}|account_contact|account|1|1
SELECT * FROM relmeta.explain_access('contact', 12, 'ac_cat');
-- => inherited|ac_team|{read}|account_contact|account|1|1

SET SESSION AUTHORIZATION regress_ac_cat;
SELECT relmeta.has_access('account', 1, 'read'), relmeta.has_access('account', 1, 'share');
-- => t|f
SELECT relmeta.has_access('account', 1, 'read', 'ac_team') AS "own team";
-- => t
SELECT relmeta.has_access('account', 1, 'read', 'ac_bob');
-- => ERROR:  permission denied to ask what another principal holds on a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.principal_access('account', 1, 'ac_bob');
-- => ERROR:  permission denied to ask what another principal holds on a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.has_access('account', 1, 'read', 'ac_nobody');
-- => ERROR:  principal "ac_nobody" does not exist
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT principal, direct, inherited FROM relmeta.shared_principals('account', 1);
-- => ac_team|{read}|{}
SELECT * FROM relmeta.shared_with();
-- => account|1|{read}|{}|ac_team
-- => contact|11|{}|{read}|ac_team
-- => contact|12|{}|{read}|ac_team
SELECT * FROM relmeta.shared_with(relation => 'account');
-- => account|1|{read}|{}|ac_team
SELECT * FROM relmeta.shared_with('ac_bob');
-- => none
SELECT * FROM relmeta.principal_object_access WHERE relation::text LIKE 'ac.%' OR relation IN ('account'::regclass, 'contact') ORDER BY 1, 2, 3;
-- => account|1|ac_team|1|0
-- => contact|11|ac_team|0|1
-- => contact|12|ac_team|0|1
SELECT relmeta.unshare('account', 1, 'ac_bob');
-- => ERROR:  permission denied to share a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.share('account', 1, 'ac_cat');
-- => ERROR:  permission denied to share a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501

-- a principal may always unshare itself, also without share on the row
SET SESSION AUTHORIZATION regress_ac_ann;
SELECT relmeta.share('account', 1, 'ac_cat', '{read,write}');
-- => 3
SET SESSION AUTHORIZATION regress_ac_cat;
SELECT relmeta.unshare('account', 1, 'ac_cat', '{write}');
-- => 3
SELECT relmeta.unshare('account', 1, 'ac_cat');
-- => 3
SELECT relmeta.principal_access('account', 1);
-- => {read}

--
-- The table's owner and who bypasses row-level security see and share everything, unless they act for somebody
--
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation IN ('account'::regclass, 'contact');
-- => 7
SELECT relmeta.has_access('account', 1, 'read') AS "nobody to judge", relmeta.principal_access('account', 1), relmeta.has_access('account', 1, 'read', 'ac_bob');
-- => f|{}|t
SELECT relmeta.share('account', 1, 'ac_dan', '{create}');
-- => 2
SET SESSION AUTHORIZATION regress_ac_all;
SELECT relmeta.has_access('account', 1, 'create', 'ac_dan');
-- => t
SELECT relmeta.unshare('account', 1, 'ac_dan');
-- => 2
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_ac_owner;
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.act_as('ac_cat', false);
SELECT relmeta.share('account', 1, 'ac_dan');
-- => ERROR:  permission denied to share a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.has_access('account', 1, 'read', 'ac_bob');
-- => ERROR:  permission denied to ask what another principal holds on a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT DISTINCT principal FROM relmeta.principal_object_access WHERE relation = 'account'::regclass;
-- => ac_team
SELECT relmeta.assign('account', 1, 'ac_cat');
-- => ERROR:  permission denied to assign a row of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.act_as('ac_ann', false);
SELECT relmeta.assign('account', 1, 'ac_ann') AS "nothing to do";
-- => 0
SELECT relmeta.assign('account', 1, 'ac_dan');
-- => 2
RESET ALL;
SET search_path = ac;
\set VERBOSITY terse
-- what the new owner was granted lies dormant and counts again later
SELECT relmeta.assign('account', 1, 'ac_bob');
-- => 3
SELECT principal, direct, inherited FROM relmeta.shared_principals('account', 1);
-- => ac_bob|{read,share}|{}
-- => ac_team|{read}|{}
SELECT relmeta.principal_access('account', 1, 'ac_bob');
-- => {read,write,append,append_to,delete,share,assign}
SELECT key, direct FROM relmeta.shared_with('ac_bob', 'account');
-- => none
SELECT relmeta.assign('account', 1, 'ac_ann');
-- => 3
SELECT relmeta.principal_access('account', 1, 'ac_bob');
-- => {read,share}
SELECT relmeta.has_access('account', NULL, 'read'), relmeta.has_access('account', 1, NULL);
-- => f|f

-- who gave a grant stays written when rights are taken from it; who widens it is written anew, with the time
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.share_many('account', '{2}', '{ac_team,ac_dan}', '{read,write,share}');
-- => 2
SET SESSION AUTHORIZATION regress_ac_cat;
SELECT relmeta.unshare('account', 2, 'ac_dan', '{write}'), relmeta.modify_share('account', 2, 'ac_team', '{read,share}');
-- => 1|1
SELECT principal, direct, granted_by, granted_at < now() AS before FROM relmeta.shared_principals('account', 2);
-- => ac_dan|{read,share}|ac_bob|t
-- => ac_team|{read,share}|ac_bob|t
SELECT relmeta.modify_share('account', 2, 'ac_dan', '{read}');
-- => 1
SELECT relmeta.share('account', 2, 'ac_team', '{read}') AS "nothing new";
-- => 0
SELECT relmeta.modify_share('account', 2, 'ac_dan', '{share}');
-- => 1
SELECT principal, direct, granted_by, granted_at > min(granted_at) OVER () AS later FROM relmeta.shared_principals('account', 2);
-- => ac_dan|{share}|ac_cat|t
-- => ac_team|{read,share}|ac_bob|f
SET SESSION AUTHORIZATION regress_ac_bob;
SELECT relmeta.unshare_many('account', '{2}', '{ac_team,ac_dan}');
-- => 2
SET SESSION AUTHORIZATION regress_ac_owner;
SELECT relmeta.has_access('account', 'x', 'read', 'ac_bob');
-- => ERROR:  invalid input syntax for type integer: "x"
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.has_access('account', 1, 'fly', 'ac_bob');
-- => ERROR:  invalid input value for enum relmeta.access_right: "fly" at character 41
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.has_access('pg_catalog.pg_class', 1, 'read', 'ac_bob');
-- => ERROR:  table "pg_class" is not registered
\echo :LAST_ERROR_SQLSTATE
-- => 42704

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
SELECT relmeta.drop_relationship('account_contact');
SELECT relmeta.unregister_table(t) FROM unnest('{ac.account,ac.contact,ac.closed}'::regclass[]) AS t;
DROP SCHEMA ac CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'ac\_%';
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_ac_owner;
DROP ROLE regress_ac_owner, regress_ac_ann, regress_ac_bob, regress_ac_cat, regress_ac_all;
