-- merge under access control, as an ordinary role, through act_as with and without a cap.  SEMANTICS 3.6: "Needs write and
-- share on both (a merge gives s's related rows to whoever holds m)"; ATTACKS 39, 42, 56.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ma_owner;
CREATE ROLE regress_ma_app;
CREATE ROLE regress_ma_bob;
CREATE SCHEMA ma AUTHORIZATION regress_ma_owner;
GRANT USAGE ON SCHEMA ma TO regress_ma_app, regress_ma_bob;
GRANT EXECUTE ON FUNCTION relmeta.act_as(text, boolean, relmeta.access_right[]) TO regress_ma_app;
SELECT count(relmeta.create_user(u)) FROM unnest('{ann,cid,dan}'::text[]) u;
SELECT relmeta.create_user('bob', 'regress_ma_bob');
SET SESSION AUTHORIZATION regress_ma_owner;
CREATE TABLE ma.account (id bigint PRIMARY KEY, owner text, state int DEFAULT 0, secret text, name text);
CREATE TABLE ma.contact (id int PRIMARY KEY, owner text, account_id bigint);
CREATE TABLE ma.tag (id int PRIMARY KEY);
SELECT relmeta.register_table('ma.account', 'owner', 'state');
SELECT relmeta.register_table('ma.contact', 'owner');
SELECT relmeta.create_one_to_many('ma.account', 'ma.contact', 'account_id', 'contacts', reparent => 'all');
SELECT relmeta.create_many_to_many('ma.account', 'ma.tag', 'tags', 'ma.account_tag');
GRANT SELECT, INSERT, UPDATE, DELETE ON ma.account, ma.contact, ma.tag, ma.account_tag TO regress_ma_app, regress_ma_bob;
INSERT INTO ma.account VALUES (1, 'ann', 0, 's1', 'one'), (2, 'cid', 0, 's2', NULL), (3, 'cid', 0, 's3', 'three'), (4, 'bob', 0, 's4', 'four'), (5, 'bob', 0, 's5', 'five');
INSERT INTO ma.contact VALUES (11, 'ann', 1), (21, 'cid', 2), (22, 'dan', 2);
INSERT INTO ma.tag VALUES (1), (2);
INSERT INTO ma.account_tag VALUES (1, 1), (2, 1), (2, 2);
SELECT relmeta.enable_access_control('ma.account', force => true);
SELECT relmeta.enable_access_control('ma.contact', force => true);

-- bob sees none of them: as if they were not there
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 4, 1);
-- => ERROR:  P0002
SELECT * FROM relmeta.merge('ma.account', 1, 4);
-- => ERROR:  P0002
SELECT * FROM relmeta.merge('ma.account', 4, 99);
-- => ERROR:  P0002
-- write on s only, on both without share, share without write (ATTACKS 56)
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('ma.account', 2, 'bob', '{read,write,share}'), relmeta.share('ma.account', 1, 'bob', '{read}');
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 1, 2);
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.modify_share('ma.account', 1, 'bob', '{read,write}');
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 1, 2);
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.modify_share('ma.account', 1, 'bob', '{read,share}');
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 1, 2);
-- => ERROR:  42501
-- "a principal that merges must itself hold what it gives so, else 42501"
RESET SESSION AUTHORIZATION;
SELECT relmeta.modify_share('ma.account', 1, 'bob', '{read,write,share}');
SELECT relmeta.share('ma.account', 2, 'dan', '{read,delete}');
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 1, 2);
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.modify_share('ma.account', 2, 'dan', '{read}');
SET SESSION AUTHORIZATION regress_ma_bob;
-- "update_content is an UPDATE of m by the caller": the owner needs assign, a lookup append
SELECT * FROM relmeta.merge('ma.account', 1, 2, '{"owner": "bob"}');
-- => ERROR:  42501
-- without UPDATE on the table nothing at all, without it on a column not that column
RESET SESSION AUTHORIZATION;
REVOKE UPDATE ON ma.account FROM regress_ma_bob;
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 1, 2);
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
GRANT UPDATE (name) ON ma.account TO regress_ma_bob;
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.account', 1, 2, '{"secret": "x"}');
-- => ERROR:  42501
-- "done as the related table's owner, counted whether the caller may read them or not" (ATTACKS 39)
SELECT id FROM ma.contact ORDER BY id;
-- => none
SELECT * FROM relmeta.merge('ma.account', 1, 2, '{"name": "uno"}');
-- => contacts|2|0, tags|1|1
SELECT id, state, name FROM ma.account WHERE id < 3 ORDER BY id;
-- => 1|0|uno, 2|1|
SELECT master, subordinate, merged_by FROM relmeta.merges;
-- => 1|2|bob
SELECT relmeta.merged_into('ma.account', 2);
-- => 1
-- "relmeta.merges ... shows those of rows that the caller may read", "merged_into is NULL for a row ... whose master is ... hidden" (ATTACKS 42)
RESET SESSION AUTHORIZATION;
SELECT relmeta.unshare('ma.account', 1, 'bob');
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT count(*) FROM relmeta.merges;
-- => 0
SELECT relmeta.merged_into('ma.account', 2) IS NULL;
-- => t
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('ma.account', 1, 'bob', '{read}'), relmeta.unshare('ma.account', 2, 'bob');
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT count(*) FROM relmeta.merges;
-- => 0
SELECT relmeta.merged_into('ma.account', 2) IS NULL;
-- => t
SELECT count(*) FROM relmeta.merge;
-- => ERROR:  42501

-- an application's pool: the principal is judged, also capped
SET SESSION AUTHORIZATION regress_ma_app;
SET client_min_messages = error;
SELECT * FROM relmeta.merge('ma.account', 4, 5);
-- => ERROR:  P0002
SELECT relmeta.act_as('cid', false);
SELECT * FROM relmeta.merge('ma.account', 4, 5);
-- => ERROR:  P0002
SELECT relmeta.act_as('bob', false, '{read,write}');
SELECT * FROM relmeta.merge('ma.account', 4, 5);
-- => ERROR:  42501
SELECT relmeta.act_as('bob', false);
RESET ALL;
SELECT relmeta.act_as('bob', false, '{read,write,share}');
SELECT count(*) FROM relmeta.merge('ma.account', 4, 5);
-- => 0
SELECT master, subordinate, merged_by FROM relmeta.merges;
-- => 4|5|bob
RESET ALL;
-- the owner of the table who acts for somebody is judged by that one's rights
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION relmeta.act_as(text, boolean, relmeta.access_right[]) TO regress_ma_owner;
SET SESSION AUTHORIZATION regress_ma_owner;
SELECT relmeta.disable_access_control('ma.account');
UPDATE ma.account SET state = 0;
SELECT relmeta.act_as('bob', false);
SELECT * FROM relmeta.merge('ma.account', 4, 3);
-- => ERROR:  42501
RESET ALL;
-- ... and reads of merges what that one may
SET client_min_messages = warning;
SELECT relmeta.enable_access_control('ma.account');
SELECT relmeta.act_as('bob', false);
SELECT master, subordinate FROM relmeta.merges ORDER BY 1;
-- => 4|5
SELECT relmeta.merged_into('ma.account', 5), relmeta.merged_into('ma.account', 2) IS NULL;
-- => 4|t
-- ... finds rows as that one does, and points the master nowhere where that one may not
RESET ALL;
SET client_min_messages = warning;
ALTER TABLE ma.account ADD COLUMN boss bigint;
SELECT relmeta.create_one_to_many('ma.account', 'ma.account', 'boss', 'bosses');
INSERT INTO ma.account VALUES (8, 'bob', 0), (9, 'bob', 0);
SELECT relmeta.act_as('bob', false);
SELECT * FROM relmeta.merge('ma.account', 8, 3);
-- => ERROR:  P0002
SELECT * FROM relmeta.merge('ma.account', 8, 99);
-- => ERROR:  P0002
SELECT * FROM relmeta.merge('ma.account', 8, 9, '{"boss": 3}');
-- => ERROR:  42501
SELECT count(*) FROM relmeta.merge('ma.account', 8, 9, '{"boss": 4}');
-- => 0
RESET ALL;
SET client_min_messages = warning;
SELECT relmeta.drop_relationship('bosses', drop_storage => true);
DELETE FROM ma.account WHERE id IN (8, 9);
SELECT master, subordinate FROM relmeta.merges ORDER BY 1;
-- => 1|2, 4|5
SELECT relmeta.disable_access_control('ma.account');
-- ... nor does he give a row away by update_content who could not by assign()
INSERT INTO ma.account VALUES (6, 'ann', 0), (7, 'bob', 0);
SELECT relmeta.share('ma.account', 6, 'bob', '{read,write,share}');
SELECT relmeta.act_as('bob', false);
SELECT relmeta.assign('ma.account', 6, 'bob');
-- => ERROR:  42501
SELECT * FROM relmeta.merge('ma.account', 6, 7, '{"owner": "bob"}');
-- => ERROR:  42501
SELECT count(*) FROM relmeta.merge('ma.account', 6, 7, '{"owner": "ann"}');
-- => 0
RESET ALL;
SELECT count(*) FROM relmeta.merge('ma.account', 4, 3);
-- => 0
-- policies of the owner's own decide what a stranger finds in the view; they are not run as him unless they are harmless
CREATE FUNCTION ma.all_rows() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN true; END $$;
ALTER TABLE ma.account ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON ma.account USING (ma.all_rows());
GRANT EXECUTE ON FUNCTION ma.all_rows() TO PUBLIC;
SET SESSION AUTHORIZATION regress_ma_bob;
SET client_min_messages = notice;
\set VERBOSITY default
SELECT count(*) FROM relmeta.merges;
-- => 0
\set VERBOSITY sqlstate
SELECT relmeta.merged_into('ma.account', 3);
-- => 4
-- whoever is kept from a column is kept from filling it, whether it is empty or not
SET SESSION AUTHORIZATION regress_ma_owner;
CREATE TABLE ma.half (id int PRIMARY KEY, owner text, state int DEFAULT 0, secret text, name text);
SELECT relmeta.register_table('ma.half', 'owner', 'state');
INSERT INTO ma.half VALUES (1, 'bob', 0, NULL, NULL), (2, 'bob', 0, NULL, 'two'), (3, 'bob', 0, 's3', 'three');
GRANT SELECT (id, owner, state, name), UPDATE (name, state) ON ma.half TO regress_ma_bob;
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT * FROM relmeta.merge('ma.half', 1, 2, fill_empty => true);
-- => ERROR:  42501
SELECT * FROM relmeta.merge('ma.half', 1, 3, fill_empty => true);
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_ma_owner;
GRANT SELECT (secret), UPDATE (secret) ON ma.half TO regress_ma_bob;
SET SESSION AUTHORIZATION regress_ma_bob;
SELECT count(*) FROM relmeta.merge('ma.half', 1, 3, fill_empty => true);
-- => 0
SELECT secret, name FROM ma.half WHERE id = 1;
-- => s3|three
RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
REVOKE EXECUTE ON FUNCTION relmeta.act_as(text, boolean, relmeta.access_right[]) FROM regress_ma_app, regress_ma_owner;
DROP SCHEMA ma CASCADE;
SELECT relmeta.drop_principal(u) FROM unnest('{ann,bob,cid,dan}'::text[]) u;
DROP ROLE regress_ma_owner, regress_ma_app, regress_ma_bob;
