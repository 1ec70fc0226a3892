-- Row-level security that users write themselves, also with relmeta's functions: SEMANTICS 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ap_owner;
CREATE ROLE regress_ap_bob;
SELECT relmeta.create_user('ap_ann'), relmeta.create_user('ap_bob', 'regress_ap_bob'), relmeta.create_user('ap_cat');
SELECT relmeta.create_team('ap_team'), relmeta.add_team_member('ap_team', 'ap_bob');
CREATE SCHEMA ap AUTHORIZATION regress_ap_owner;
GRANT USAGE ON SCHEMA ap TO PUBLIC;
CREATE SCHEMA ap_closed AUTHORIZATION regress_ap_owner;
SET SESSION AUTHORIZATION regress_ap_owner;
SET search_path = ap;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE folder (id int PRIMARY KEY, owner_id text, account_id int);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,folder}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('account', 'folder', 'account_id', 'ap_account');
-- => ap_account
SELECT relmeta.create_one_to_many('folder', 'folder', 'above', 'ap_above', preset => 'parental', is_hierarchical => true);
-- => ap_above
INSERT INTO account VALUES (1, 'ap_ann'), (2, 'ap_ann');
INSERT INTO folder VALUES (1, 'ap_ann', 1, NULL), (2, 'ap_ann', NULL, 1), (3, 'ap_ann', NULL, 2), (4, 'ap_ann', NULL, 2);
GRANT SELECT ON ALL TABLES IN SCHEMA ap TO PUBLIC;
SELECT relmeta.share('account', 1, 'ap_team'), relmeta.share('folder', 2, 'ap_team', '{read,share}'), relmeta.share('folder', 3, 'ap_bob', '{write}');
-- => 1|3|1

-- a policy that asks relmeta, which asks the policies whether the row may be read
ALTER TABLE folder ENABLE ROW LEVEL SECURITY;
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY rights ON folder USING (relmeta.has_access('ap.folder', id, 'read'));
CREATE POLICY rights ON account USING (relmeta.has_access('ap.account', id, 'read'));
SET SESSION AUTHORIZATION regress_ap_bob;
SELECT * FROM folder ORDER BY id;
-- => 2|ap_ann||1
-- => 3|ap_ann||2
-- => 4|ap_ann||2
SELECT * FROM account;
-- => 1|ap_ann
SELECT relmeta.has_access('folder', 3, 'write'), relmeta.has_access('account', 2, 'read'), relmeta.principal_access('folder', 4);
-- => t|f|{read,share}
SELECT * FROM relmeta.shared_with() ORDER BY relation::text, key, through_team;
-- => account|1|{read}|{}|ap_team
-- => folder|2|{read,share}|{}|ap_team
-- => folder|3|{}|{read,share}|ap_team
-- => folder|3|{write}|{}|
-- => folder|4|{}|{read,share}|ap_team
SELECT * FROM relmeta.explain_access('folder', 3);
-- => direct||{write}||folder|3|0
-- => inherited|ap_team|{read,share}|ap_above|folder|2|1
SELECT principal, direct, inherited FROM relmeta.shared_principals('folder', 3);
-- => ap_bob|{write}|{}
-- => ap_team|{}|{read,share}
SELECT relmeta.share('folder', 3, 'ap_cat'), relmeta.unshare('folder', 3, 'ap_cat');
-- => 1|1
-- about a row above, and of each other's tables
SET SESSION AUTHORIZATION regress_ap_owner;
DROP POLICY rights ON folder;
DROP POLICY rights ON account;
CREATE POLICY rights ON folder USING (relmeta.has_access('ap.folder', above, 'read') OR relmeta.has_access('ap.account', account_id, 'read'));
CREATE POLICY rights ON account USING (EXISTS (SELECT FROM relmeta.shared_with(NULL, 'ap.folder')) AND relmeta.has_access('ap.account', id, 'read'));
SET SESSION AUTHORIZATION regress_ap_bob;
SELECT * FROM folder ORDER BY id;
-- => 1|ap_ann|1|
SELECT * FROM account;
-- => 1|ap_ann
-- one that fails leaves nothing behind
SET SESSION AUTHORIZATION regress_ap_owner;
DROP POLICY rights ON folder;
CREATE POLICY rights ON folder USING (1 / (id - 1) >= 0);
SET SESSION AUTHORIZATION regress_ap_bob;
DO $$
BEGIN
  PERFORM relmeta.has_access('ap.folder', 1, 'read');
EXCEPTION WHEN division_by_zero THEN
  RAISE WARNING 'division by zero';
END $$;
SELECT relmeta.has_access('folder', 1, 'read');
-- => ERROR:  division by zero
SELECT relmeta.has_access('folder', 2, 'read');
-- => t
SET SESSION AUTHORIZATION regress_ap_owner;
DROP POLICY rights ON folder;
CREATE POLICY rights ON folder USING (id <> 3);

-- what a policy hides is missing
SET SESSION AUTHORIZATION regress_ap_bob;
SELECT relmeta.has_access('folder', 3, 'write'), relmeta.principal_access('folder', 3), relmeta.principal_access('folder', 4);
-- => f|{}|{read,share}
SELECT * FROM relmeta.shared_with(relation => 'folder') ORDER BY key;
-- => folder|2|{read,share}|{}|ap_team
-- => folder|4|{}|{read,share}|ap_team
SELECT count(*) FROM relmeta.shared_principals('folder', 3);
-- => 0
-- (the view shows one's own entries, and asks no policy)
SELECT * FROM relmeta.principal_object_access WHERE relation = 'folder'::regclass ORDER BY object_key, principal;
-- => folder|2|ap_team|262145|0
-- => folder|3|ap_bob|2|0
-- => folder|3|ap_team|0|262145
-- => folder|4|ap_team|0|262145
SELECT * FROM relmeta.explain_access('folder', 3);
-- => none
SELECT relmeta.share('folder', 3, 'ap_cat');
-- => ERROR:  table "folder" has no row with that key that you may read
\echo :LAST_ERROR_SQLSTATE
-- => P0002

-- so is what stands in a schema that one may not use
SET SESSION AUTHORIZATION regress_ap_owner;
SELECT 'ap.folder'::regclass::oid AS folder, 'ap.account'::regclass::oid AS account \gset
ALTER TABLE account DISABLE ROW LEVEL SECURITY;
ALTER TABLE folder SET SCHEMA ap_closed;
SET SESSION AUTHORIZATION regress_ap_bob;
SELECT relation = :account AS account, key, direct FROM relmeta.shared_with();
-- => t|1|{read}
SELECT relmeta.has_access(:folder::oid::regclass, 4, 'read');
-- => f
SELECT relation = :account AS account, object_key FROM relmeta.principal_object_access;
-- => t|1
SELECT relmeta.share(:folder::oid::regclass, 4, 'ap_cat');
-- => ERROR:  table "folder" has no row with that key that you may read
\echo :LAST_ERROR_SQLSTATE
-- => P0002

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA ap, ap_closed CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'ap\_%';
DROP ROLE regress_ap_owner, regress_ap_bob;
