-- Entry tables are ordinary tables: an administrator's triggers fire, indexes are kept up, and nothing else is written.
-- Below each query "-- =>" repeats what the contract predicts.
\pset format unaligned
\pset tuples_only on
SELECT relmeta.create_user(p) FROM unnest(ARRAY['et_ann', 'et_bob']) AS p;
CREATE SCHEMA et;
SET search_path = et;
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest(ARRAY['account', 'contact']::regclass[]) AS t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'et_link', preset => 'parental');
-- => et_link
INSERT INTO account VALUES (1, 'et_ann'), (2, 'et_ann');
INSERT INTO contact VALUES (10, 'et_ann', 1), (11, 'et_ann', 1);

CREATE TABLE audit (number int GENERATED ALWAYS AS IDENTITY, what text);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO et.audit (what) VALUES (concat_ws(' ', TG_TABLE_NAME, lower(TG_OP), OLD, NEW));
  RETURN NULL;
END $$;
SELECT format('CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION et.audit()', t)
FROM unnest(ARRAY['relmeta_access.account', 'relmeta_access.contact']) AS t \gexec
-- => CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON relmeta_access.account FOR EACH ROW EXECUTE FUNCTION et.audit()
-- => CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON relmeta_access.contact FOR EACH ROW EXECUTE FUNCTION et.audit()
SELECT relmeta.share('account', 1, 'et_bob');
-- => 3
SELECT relmeta.share('account', 1, 'et_bob', '{write}');
-- => 3
SELECT relmeta.unshare('account', 1, 'et_bob', '{read}');
-- => 3
INSERT INTO contact VALUES (12, 'et_ann', 1);
UPDATE contact SET account_id = 2 WHERE id = 12;
UPDATE contact SET id = 13 WHERE id = 11;
DELETE FROM contact WHERE id = 13;
SELECT regexp_replace(what, '\(([^,]*),et_bob,\d*,(.),(\d*),[^)]*\)', '\1 \2 \3', 'g') AS what FROM audit
ORDER BY number;
-- => account insert 1 d 1
-- => contact insert 10 s 1
-- => contact insert 11 s 1
-- => account update 1 d 1 1 d 3
-- => contact update 10 s 1 10 s 3
-- => contact update 11 s 1 11 s 3
-- => account update 1 d 3 1 d 2
-- => contact update 10 s 3 10 s 2
-- => contact update 11 s 3 11 s 2
-- => contact insert 12 r 2
-- => contact delete 12 r 2
-- => contact delete 11 s 2
-- => contact insert 13 s 2
-- => contact delete 13 s 2
SELECT object_key, principal, access_rights_mask, inherited_access_rights_mask FROM relmeta.principal_object_access
WHERE relation IN ('account'::regclass, 'contact'::regclass) ORDER BY 1;
-- => 1|et_bob|2|0
-- => 10|et_bob|0|2

-- without its primary key an entry table cannot be used, and says so
DROP TRIGGER audit ON relmeta_access.account;
ALTER TABLE relmeta_access.account DROP CONSTRAINT account_pkey;
SELECT relmeta.share('account', 2, 'et_bob');
-- => ERROR:  entry table "account" has no primary key
\echo :LAST_ERROR_SQLSTATE
-- => 55000
ALTER TABLE relmeta_access.account ADD PRIMARY KEY (object, principal, relationship, cause);
-- other indexes are kept up, and the one on principals is not needed
CREATE INDEX account_mask ON relmeta_access.account (mask, object);
DROP INDEX relmeta_access.account_principal_object_mask_idx;
SELECT relmeta.share_many('account', '{1,2}', '{et_bob}', '{read,delete}');
-- => 4
SET enable_seqscan = off;
SELECT object, mask FROM relmeta_access.account WHERE mask > 0 ORDER BY mask, object;
-- => 2|65537
-- => 1|65539
RESET enable_seqscan;
\set VERBOSITY sqlstate
-- constraints and rules hold; an entry that is inherited says nothing of who has granted it
BEGIN;
ALTER TABLE relmeta_access.account ADD CONSTRAINT few_rights CHECK (mask <= 65539);
SAVEPOINT s;
SELECT relmeta.share('account', 2, 'et_bob', '{share}');
-- => ERROR:  23514
ROLLBACK TO s;
SELECT relmeta.share('account', 2, 'et_bob', '{write}');
-- => 2
ROLLBACK;
DROP TRIGGER audit ON relmeta_access.contact;
BEGIN;
DELETE FROM relmeta_access.contact;
ALTER TABLE relmeta_access.contact ALTER granted_by SET NOT NULL;
INSERT INTO contact VALUES (14, 'et_ann', 1);
-- => ERROR:  23502
ROLLBACK;
BEGIN;
CREATE RULE no_insert AS ON INSERT TO relmeta_access.contact DO INSTEAD NOTHING;
INSERT INTO contact VALUES (14, 'et_ann', 1);
SELECT count(*) FROM relmeta_access.contact WHERE object = 14;
-- => 0
ROLLBACK;
-- entries that are made together are looked at by unique indexes and exclusions, and stand in no index that does not take any yet
BEGIN;
DELETE FROM relmeta_access.account;
SELECT relmeta.create_user('et_cat');
-- =>
SAVEPOINT s;
CREATE UNIQUE INDEX ON relmeta_access.account (object);
SELECT relmeta.share_many('account', '{2}', '{et_bob,et_cat}');
-- => ERROR:  23505
ROLLBACK TO s;
ALTER TABLE relmeta_access.account ADD EXCLUDE (object WITH =);
SELECT relmeta.share_many('account', '{2}', '{et_bob,et_cat}');
-- => ERROR:  23P01
ROLLBACK TO s;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS amcheck;
CREATE INDEX account_object ON relmeta_access.account (object);
UPDATE pg_index SET indisvalid = false, indisready = false WHERE indexrelid = 'relmeta_access.account_object'::regclass;
SELECT relmeta.share_many('account', '{2}', '{et_bob,et_cat}');
-- => 3
UPDATE pg_index SET indisvalid = true, indisready = true WHERE indexrelid = 'relmeta_access.account_object'::regclass;
SELECT bt_index_check('relmeta_access.account_object', true);
-- => ERROR:  XX001
ROLLBACK;
-- a right that is taken away is taken away at a subscriber, too, or not at all
BEGIN;
SET LOCAL client_min_messages = error;
CREATE PUBLICATION regress_entry_table FOR TABLE relmeta_access.account;
ALTER TABLE relmeta_access.account REPLICA IDENTITY NOTHING;
SAVEPOINT s;
SELECT relmeta.unshare('account', 2, 'et_bob');
-- => ERROR:  55000
ROLLBACK TO s;
SELECT relmeta.share('account', 2, 'et_bob', '{write}');
-- => ERROR:  55000
ROLLBACK;
\set VERBOSITY default

-- a transaction that may only read changes no access
BEGIN READ ONLY;
SELECT relmeta.share('account', 2, 'et_bob', '{write}');
-- => ERROR:  cannot execute relmeta.share() in a read-only transaction
\echo :LAST_ERROR_SQLSTATE
-- => 25006
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.unshare_many('account', '{1,2}', '{et_bob}');
-- => ERROR:  cannot execute relmeta.unshare_many() in a read-only transaction
\echo :LAST_ERROR_SQLSTATE
-- => 25006
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.revoke_all('et_bob');
-- => ERROR:  cannot execute relmeta.revoke_all() in a read-only transaction
\echo :LAST_ERROR_SQLSTATE
-- => 25006
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.has_access('contact', 10, 'read', 'et_bob'), relmeta.principal_access('account', 2, 'et_bob');
-- => t|{read,delete}
COMMIT;

SET client_min_messages = warning;
DROP SCHEMA et CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest(ARRAY['et_ann', 'et_bob']) AS p;
