-- What a session under a cap (relmeta.rights) may ask and take away.  SEMANTICS 2.1, 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_ac_app;
SELECT relmeta.create_user('ac_ann'), relmeta.create_user('ac_bob');
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_ac_app;
CREATE SCHEMA ac;
GRANT USAGE ON SCHEMA ac TO PUBLIC;
SET search_path = ac;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text, account_id int);
GRANT SELECT, UPDATE ON account, contact TO regress_ac_app;
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'ac', share => 'all');
INSERT INTO account VALUES (1, 'ac_ann'), (2, 'ac_ann');
INSERT INTO contact VALUES (11, 'ac_ann', 1);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact}'::regclass[]) AS t;
SELECT relmeta.share('account', 1, 'ac_bob', '{read,write,share}'), relmeta.share('account', 2, 'ac_bob', '{write}');
-- => 2|1
SET ROLE regress_ac_app;

-- entries are those of what the session may use; without read, of nothing
CREATE TEMP VIEW held AS SELECT relation, object_key, access_rights_mask, inherited_access_rights_mask FROM relmeta.principal_object_access ORDER BY 1, 2;
BEGIN;
SELECT relmeta.act_as('ac_bob');
SELECT * FROM held;
-- => account|1|262147|0
-- => account|2|2|0
-- => contact|11|0|262147
SELECT relmeta.act_as('ac_bob', rights => '{read,share}');
SELECT * FROM held;
-- => account|1|262145|0
-- => contact|11|0|262145
SELECT relmeta.act_as('ac_bob', rights => '{share}');
SELECT * FROM held;
-- => none
ROLLBACK;

-- of one's own grants a capped session takes away what it may use, and no more
BEGIN;
SELECT relmeta.act_as('ac_bob', rights => '{read,append}');
SAVEPOINT s;
SELECT relmeta.unshare('account', 1, 'ac_bob');
-- => 42501
ROLLBACK TO s;
SELECT relmeta.unshare('account', 1, 'ac_bob', '{write}');
-- => 42501
ROLLBACK TO s;
SELECT relmeta.modify_share('account', 1, 'ac_bob', '{}');
-- => 42501
ROLLBACK TO s;
SELECT relmeta.unshare_many('account', '{1}', '{ac_bob}', '{read,write}');
-- => 42501
ROLLBACK TO s;
SELECT relmeta.unshare('account', 1, 'ac_bob', '{read}');
-- => 2
ROLLBACK;
BEGIN;
SELECT relmeta.act_as('ac_bob');
SELECT relmeta.unshare('account', 1, 'ac_bob');
-- => 2
ROLLBACK;

RESET ROLE;
DROP VIEW held;
DROP SCHEMA ac CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{ac_ann,ac_bob}'::text[]) AS p;
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_ac_app;
DROP ROLE regress_ac_app;
