-- Entry tables are written without SQL, and yet as statements would: not in a read-only transaction; triggers of an
-- administrator fire; a column more is refused.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
\set SHOW_CONTEXT never
SELECT count(relmeta.create_user(u)) FROM unnest(ARRAY['et_ann', 'et_bob', 'et_cat']) AS u;
-- => 3
CREATE SCHEMA et;
SET search_path = et;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest(ARRAY['account', 'contact']::regclass[]) AS t;
-- => 2
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', name => 'et');
-- => et
INSERT INTO account VALUES (1, 'et_ann'), (2, 'et_ann');
INSERT INTO contact VALUES (10, 'et_ann', 1);

--
-- Read only
--
SELECT relmeta.share('contact', 10, 'et_cat');
-- => 1
BEGIN READ ONLY;
SELECT relmeta.share('account', 2, 'et_bob');
-- => ERROR:  cannot execute relmeta.share() in a read-only transaction
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.unshare('contact', 10, 'et_cat');
-- => ERROR:  cannot execute relmeta.unshare() in a read-only transaction
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.revoke_all('et_cat');
-- => ERROR:  cannot execute relmeta.revoke_all() in a read-only transaction
ROLLBACK;
SELECT relmeta.revoke_all('et_cat');
-- => 1

--
-- Triggers on the entry table
--
CREATE TABLE log (number int GENERATED ALWAYS AS IDENTITY, what text, object int, principal text, mask int);
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'DELETE' THEN NEW := OLD; NEW.mask := 0; END IF;
  INSERT INTO et.log (what, object, principal, mask) VALUES (TG_OP, NEW.object, NEW.principal, NEW.mask);
  RETURN NULL;
END $$;
CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON relmeta_access.contact FOR EACH ROW EXECUTE FUNCTION log();
SELECT relmeta.share('account', 1, 'et_bob', '{read,write}');
-- => 2
SELECT relmeta.unshare('account', 1, 'et_bob', '{write}');
-- => 2
UPDATE contact SET id = 11;
SELECT relmeta.unshare('account', 1, 'et_bob');
-- => 2
SELECT what, object, principal, mask FROM log ORDER BY number;
-- => INSERT|10|et_bob|3
-- => UPDATE|10|et_bob|1
-- => DELETE|10|et_bob|0
-- => INSERT|11|et_bob|1
-- => DELETE|11|et_bob|0
DROP TRIGGER log ON relmeta_access.contact;
-- one that keeps a row from being deleted would let access stay
SELECT relmeta.share('account', 1, 'et_bob');
-- => 2
CREATE TRIGGER keep BEFORE DELETE ON relmeta_access.contact FOR EACH ROW EXECUTE FUNCTION log();
SELECT relmeta.unshare('account', 1, 'et_bob');
-- => ERROR:  a trigger on table "contact" has kept a row from being changed
DELETE FROM contact;
-- => ERROR:  a trigger on table "contact" has kept a row from being changed
DROP TRIGGER keep ON relmeta_access.contact;

--
-- Columns
--
ALTER TABLE relmeta_access.contact ADD COLUMN note text;
SELECT relmeta.share('account', 1, 'et_cat');
-- => ERROR:  columns of table "contact" have been added or dropped
SELECT relmeta.unshare('account', 1, 'et_bob');
-- => ERROR:  columns of table "contact" have been added or dropped
ALTER TABLE relmeta_access.contact DROP COLUMN note;
SELECT relmeta.unshare('account', 1, 'et_bob');
-- => 2

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA et CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest(ARRAY['et_ann', 'et_bob', 'et_cat']) AS u;
-- => 3
