-- Entry tables are written without SQL, and yet as statements would: not in a read-only transaction; triggers of an
-- administrator fire; a column more is refused.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SELECT count(relmeta.create_user(u)) FROM unnest(ARRAY['et_ann', 'et_bob', 'et_cat']) AS u;
CREATE SCHEMA et;
SET search_path = et;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest(ARRAY['account', 'contact']::regclass[]) AS t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', name => 'et');
INSERT INTO account VALUES (1, 'et_ann'), (2, 'et_ann');
INSERT INTO contact VALUES (10, 'et_ann', 1);

--
-- Read only
--
SELECT relmeta.share('contact', 10, 'et_cat');
BEGIN READ ONLY;
SELECT relmeta.share('account', 2, 'et_bob');
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.unshare('contact', 10, 'et_cat');
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.revoke_all('et_cat');
ROLLBACK;
SELECT relmeta.revoke_all('et_cat');

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
SELECT relmeta.unshare('account', 1, 'et_bob', '{write}');
UPDATE contact SET id = 11;
SELECT relmeta.unshare('account', 1, 'et_bob');
SELECT what, object, principal, mask FROM log ORDER BY number;
DROP TRIGGER log ON relmeta_access.contact;
-- one that keeps a row from being deleted would let access stay
SELECT relmeta.share('account', 1, 'et_bob');
CREATE TRIGGER keep BEFORE DELETE ON relmeta_access.contact FOR EACH ROW EXECUTE FUNCTION log();
SELECT relmeta.unshare('account', 1, 'et_bob');
DELETE FROM contact;
DROP TRIGGER keep ON relmeta_access.contact;

--
-- Columns
--
ALTER TABLE relmeta_access.contact ADD COLUMN note text;
SELECT relmeta.share('account', 1, 'et_cat');
SELECT relmeta.unshare('account', 1, 'et_bob');
ALTER TABLE relmeta_access.contact DROP COLUMN note;
SELECT relmeta.unshare('account', 1, 'et_bob');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA et CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest(ARRAY['et_ann', 'et_bob', 'et_cat']) AS u;
