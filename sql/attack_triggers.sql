-- attack_triggers: the privilege TRIGGER lets nobody put a function in the place of relmeta's, nor hang up one of relmeta's that never fires; and what the
-- owner puts there himself verify() names and repair() mends.  SEMANTICS 2.5; ATTACKS 32.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_atr_owner;
CREATE ROLE regress_atr_mal;
CREATE SCHEMA atr AUTHORIZATION regress_atr_owner;
CREATE SCHEMA atr_mal AUTHORIZATION regress_atr_mal;
GRANT USAGE ON SCHEMA atr TO regress_atr_mal;
GRANT USAGE ON SCHEMA atr_mal TO regress_atr_owner;
SELECT relmeta.create_user('atr_ann'), relmeta.create_user('atr_mal', 'regress_atr_mal');
SET SESSION AUTHORIZATION regress_atr_owner;
SET search_path = atr;
CREATE TABLE account (id int PRIMARY KEY, owner text, "Kind" text);
CREATE TABLE part (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE tag (id int PRIMARY KEY, tags text);
CREATE TABLE person (name text PRIMARY KEY);
INSERT INTO account VALUES (1, 'atr_ann');
INSERT INTO part VALUES (1, 'atr_ann');
INSERT INTO tag VALUES (1);
GRANT ALL ON ALL TABLES IN SCHEMA atr TO regress_atr_mal;

-- before relmeta has any on the table: functions of relmeta's are the owner's to hang up
SET SESSION AUTHORIZATION regress_atr_mal;
CREATE FUNCTION atr_mal.nop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER first BEFORE UPDATE ON account FOR EACH ROW WHEN (false) EXECUTE FUNCTION relmeta.trigger_judge_update('atr.account');
CREATE TRIGGER first BEFORE UPDATE ON part FOR EACH ROW WHEN (false) EXECUTE FUNCTION relmeta.trigger_judge_update('atr.part');
CREATE CONSTRAINT TRIGGER first AFTER INSERT OR UPDATE ON account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION relmeta.trigger_judge_stored('atr.account');
CREATE TRIGGER first AFTER INSERT OR UPDATE OR DELETE ON person FOR EACH ROW WHEN (false) EXECUTE FUNCTION relmeta.trigger_source_changed();
-- => ERROR:  42501
-- => ERROR:  42501
-- => ERROR:  42501
-- => ERROR:  42501

SET SESSION AUTHORIZATION regress_atr_owner;
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{account,part}'::regclass[]) AS t;
-- => 2
SELECT relmeta.create_many_to_many('account', 'tag', 'atr_links', 'links');
-- => atr_links
RESET SESSION AUTHORIZATION;
SELECT relmeta.register_principals('person', 'user');
SET SESSION AUTHORIZATION regress_atr_owner;
SELECT relmeta.enable_access_control(t) FROM unnest('{account,part}'::regclass[]) AS t;
INSERT INTO links VALUES (1, 1);
SELECT relmeta.share(t, 1, 'atr_mal', '{read,write}') FROM unnest('{account,part}'::regclass[]) AS t;
-- => 1
-- => 1
GRANT ALL ON links TO regress_atr_mal;
ALTER TRIGGER zz_relmeta_judge_update ON account RENAME TO "z Guard";

-- every trigger that relmeta has made, by what its name is now: replaced by another function, and by its own that never fires
SET SESSION AUTHORIZATION regress_atr_mal;
CREATE FUNCTION atr_mal.replaced(how text, OUT tried bigint, OUT states text[]) LANGUAGE plpgsql AS $$
DECLARE
  t record;
BEGIN
  tried := 0;
  FOR t IN SELECT tgname, tgrelid::regclass AS rel, tgfoid::regproc AS own, pg_get_triggerdef(oid) AS def FROM pg_trigger
    WHERE tgfoid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'relmeta'::regnamespace) AND tgparentid = 0 AND tgrelid::regclass::text !~ '^relmeta' LOOP
    tried := tried + 1;
    BEGIN
      EXECUTE regexp_replace(regexp_replace(t.def, '^CREATE ', 'CREATE OR REPLACE '), '(WHEN .*)? EXECUTE FUNCTION .*', ' ' || how || ' EXECUTE FUNCTION '
        || CASE WHEN how = '' THEN 'atr_mal.nop()' ELSE t.own || '()' END);
      states := states || format('%s on %s', t.tgname, t.rel);
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE <> ALL (coalesce(states, '{}')) THEN states := states || SQLSTATE; END IF;
    END;
  END LOOP;
END $$;
SELECT tried > 20, states FROM atr_mal.replaced('');
-- => t|{42501}
SELECT tried > 20, states FROM atr_mal.replaced('WHEN (false)');
-- => t|{42501}
-- in savepoints, and what was there before is there still
BEGIN;
SAVEPOINT one;
CREATE OR REPLACE TRIGGER "z Guard" BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION atr_mal.nop();
-- => ERROR:  42501
ROLLBACK TO one;
UPDATE account SET owner = 'atr_mal';
-- => ERROR:  42501
ROLLBACK;
UPDATE part SET owner = 'atr_mal';
-- => ERROR:  42501
-- what is his own he replaces as before
CREATE TRIGGER mine BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION atr_mal.nop();
CREATE OR REPLACE TRIGGER mine BEFORE UPDATE OF "Kind" ON account FOR EACH ROW EXECUTE FUNCTION atr_mal.nop();
UPDATE account SET "Kind" = 'x' RETURNING *;
-- => 1|atr_ann|x

-- the owner may: verify() says so, and repair() mends it
SET SESSION AUTHORIZATION regress_atr_owner;
DROP TRIGGER mine ON account;
REVOKE TRIGGER, TRUNCATE ON ALL TABLES IN SCHEMA atr FROM regress_atr_mal;
SELECT count(*) FROM relmeta.verify();
-- => 0
CREATE OR REPLACE TRIGGER "z Guard" BEFORE UPDATE ON account FOR EACH ROW WHEN (false) EXECUTE FUNCTION relmeta.trigger_judge_update('atr.account');
CREATE OR REPLACE TRIGGER zz_relmeta_judge_delete BEFORE DELETE ON account FOR EACH ROW EXECUTE FUNCTION atr_mal.nop();
CREATE OR REPLACE TRIGGER "Judge_relmeta_inserted" AFTER INSERT ON account REFERENCING NEW TABLE AS n FOR EACH ROW
  EXECUTE FUNCTION relmeta.trigger_judge_stored('atr.account');
CREATE OR REPLACE TRIGGER "Judge_relmeta_updated" AFTER UPDATE ON account FOR EACH ROW
  WHEN ((OLD.id IS DISTINCT FROM NEW.id OR OLD.owner IS DISTINCT FROM NEW.owner) AND NEW."Kind" = 'y') EXECUTE FUNCTION relmeta.trigger_judge_stored('atr.account');
CREATE OR REPLACE TRIGGER zz_relmeta_judge_update BEFORE UPDATE OF id ON part FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_judge_update('atr.part');
CREATE OR REPLACE TRIGGER relmeta_row_update AFTER UPDATE ON part FOR EACH ROW
  WHEN (length(OLD.owner) IS DISTINCT FROM length(NEW.owner) OR OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION relmeta.trigger_row_changed('atr.part');
CREATE OR REPLACE TRIGGER zz_relmeta_judge_link BEFORE UPDATE OR DELETE ON links FOR EACH ROW WHEN (false) EXECUTE FUNCTION relmeta.trigger_judge_link('atr_links');
SELECT relation, object, problem FROM relmeta.verify() ORDER BY relation::text COLLATE "C", object COLLATE "C", problem COLLATE "C";
-- => account|Judge_relmeta_inserted|is missing
-- => account|Judge_relmeta_inserted|is superfluous
-- => account|Judge_relmeta_updated|is missing
-- => account|Judge_relmeta_updated|is superfluous
-- => account|z Guard|is superfluous
-- => account|zz_relmeta_judge_delete|is missing
-- => account|zz_relmeta_judge_update|is missing
-- => links|zz_relmeta_judge_link|is missing
-- => part|relmeta_row_update|is missing
-- => part|relmeta_row_update|is superfluous
-- => part|zz_relmeta_judge_update|is missing
-- => part|zz_relmeta_judge_update|is superfluous
SELECT relmeta.repair() > 0;
-- => t
SELECT relation, object, problem FROM relmeta.verify() ORDER BY 1, 2;
SET SESSION AUTHORIZATION regress_atr_mal;
UPDATE account SET owner = 'atr_mal';
-- => ERROR:  42501
UPDATE part SET owner = 'atr_mal';
-- => ERROR:  42501

RESET SESSION AUTHORIZATION;
DROP SCHEMA atr, atr_mal CASCADE;
SELECT count(relmeta.drop_principal(p)) FROM unnest('{atr_ann,atr_mal}'::text[]) AS p;
-- => 2
DROP ROLE regress_atr_owner, regress_atr_mal;
