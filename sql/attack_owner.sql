-- Attacks with what a table's owner and the holders of its privileges may do: views, rules, materialized views, policies, triggers.  That is
-- PostgreSQL's own (docs/security.md, Limits); verify() and describe() say so, and nothing runs as the extension's owner.
-- SEMANTICS 2.5; ATTACKS 25, 26, 28, 29, 30, 32, 65.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_ao_owner;
CREATE ROLE regress_ao_bob;
CREATE ROLE regress_ao_eve;
SELECT relmeta.create_user('ao_ann'), relmeta.create_user('ao_bob', 'regress_ao_bob'), relmeta.create_user('ao_eve', 'regress_ao_eve');
CREATE SCHEMA ao AUTHORIZATION regress_ao_owner;
GRANT ALL ON SCHEMA ao TO PUBLIC;
SET SESSION AUTHORIZATION regress_ao_owner;
SET search_path = ao;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
CREATE TABLE other (id int PRIMARY KEY, owner_id text);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ao TO regress_ao_bob;
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,contact,other}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'ao_contact', preset => 'parental');
INSERT INTO account VALUES (1, 'open', 'ao_bob'), (2, 'secret', 'ao_ann');
INSERT INTO contact VALUES (11, 'ao_bob', 1), (21, 'ao_ann', 2);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact}'::regclass[]) AS t;
SELECT * FROM relmeta.verify();
-- => none

-- views of the owner's, a superuser's and bob's own, a rule on a view, a materialized view
CREATE VIEW owners AS SELECT * FROM account;
CREATE VIEW closed WITH (security_invoker) AS SELECT * FROM account;
CREATE VIEW over_view AS SELECT o.id FROM owners AS o, contact AS c;
CREATE MATERIALIZED VIEW stored AS SELECT * FROM account;
GRANT SELECT, UPDATE ON owners, closed, over_view, stored TO regress_ao_bob;
RESET SESSION AUTHORIZATION;
CREATE VIEW ao.superusers AS SELECT * FROM ao.account;
GRANT SELECT ON ao.superusers TO regress_ao_bob;
SET SESSION AUTHORIZATION regress_ao_bob;
CREATE VIEW ao.his AS SELECT * FROM ao.account;
CREATE TABLE ao.log (id int, note text);
CREATE RULE takes AS ON UPDATE TO his DO ALSO INSERT INTO log SELECT id, note FROM account;
SELECT (SELECT count(*) FROM owners), (SELECT count(*) FROM closed), (SELECT count(*) FROM over_view), (SELECT count(*) FROM stored), (SELECT count(*) FROM superusers), (SELECT count(*) FROM his);
-- => 2|1|4|2|2|1
UPDATE his SET note = 'open';
SELECT * FROM log;
-- => 1|open
SET SESSION AUTHORIZATION regress_ao_owner;
SELECT object, problem FROM relmeta.verify() WHERE problem ~ 'view' ORDER BY object COLLATE "C";
-- a holder of MAINTAIN, where there is that (17), refreshes: the rows are those of the view's owner all the same
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE 'GRANT MAINTAIN ON ao.stored TO regress_ao_bob';
  END IF;
END $$;
SET SESSION AUTHORIZATION regress_ao_bob;
CREATE MATERIALIZED VIEW mine AS SELECT * FROM account;
DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN EXECUTE 'REFRESH MATERIALIZED VIEW ao.stored'; END IF; END $$;
REFRESH MATERIALIZED VIEW mine;
SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM stored);
-- => 1|2
DROP MATERIALIZED VIEW mine;
DROP VIEW his;
SET SESSION AUTHORIZATION regress_ao_owner;
DROP VIEW owners, closed CASCADE;
DROP MATERIALIZED VIEW stored;
RESET SESSION AUTHORIZATION;
DROP VIEW ao.superusers;

-- a policy of the owner's own opens rows; one of relmeta's that is gone, all of them, row security off: both say it
SET SESSION AUTHORIZATION regress_ao_owner;
CREATE POLICY open ON account USING (true);
SET SESSION AUTHORIZATION regress_ao_bob;
SELECT count(*) FROM account;
-- => 2
SET SESSION AUTHORIZATION regress_ao_owner;
SELECT line FROM relmeta.describe('account') AS line WHERE line ~ 'polic';
DROP POLICY open ON account;
DO $$ DECLARE p text; BEGIN FOR p IN SELECT polname FROM pg_policy WHERE polrelid = 'ao.account'::regclass LOOP EXECUTE format('DROP POLICY %I ON ao.account', p); END LOOP; END $$;
ALTER TABLE contact DISABLE ROW LEVEL SECURITY;
SELECT relation, object, problem FROM relmeta.verify() ORDER BY relation::text, object COLLATE "C";
SELECT line FROM relmeta.describe('account') AS line WHERE line ~ 'polic';
SELECT line FROM relmeta.describe('contact') AS line WHERE line ~ 'row-level security';
-- without policies nobody but the owner sees anything
SET SESSION AUTHORIZATION regress_ao_bob;
SELECT count(*) FROM account;
-- => 0
SET SESSION AUTHORIZATION regress_ao_owner;
SELECT relmeta.repair() > 0;
-- => t
SELECT * FROM relmeta.verify();
-- => none

-- triggers off: nothing is carried on, which verify() says, and the policies still stand (sql/verify.sql: what is left behind)
ALTER TABLE account DISABLE TRIGGER USER;
-- => WARNING:  triggers of relmeta are disabled on table "account"
SELECT count(*) > 3 FROM relmeta.verify() WHERE relation = 'account'::regclass AND problem ~ 'disabled';
-- => t
SET SESSION AUTHORIZATION regress_ao_bob;
UPDATE account SET owner_id = 'nobody at all' WHERE id = 1;
-- => ERROR:  new row violates row-level security policy for table "account"
SET SESSION AUTHORIZATION regress_ao_owner;
SELECT relmeta.repair() > 0;
-- => t
SELECT relation, problem FROM relmeta.verify() ORDER BY 2;
-- => none
UPDATE account SET owner_id = 'ao_bob' WHERE id = 1;

-- a function that a holder of TRIGGER hangs on the related table runs as whoever causes it or as the table's owner, never as another
GRANT TRIGGER ON contact TO regress_ao_eve;
CREATE TABLE seen (who text, what text);
GRANT INSERT ON seen TO PUBLIC;
SET SESSION AUTHORIZATION regress_ao_eve;
CREATE FUNCTION ao.eves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ao.seen VALUES (current_user, TG_NAME || ' ' || TG_OP); RETURN CASE WHEN TG_WHEN = 'BEFORE' THEN coalesce(new, old) END; END $$;
CREATE TRIGGER now BEFORE UPDATE OR DELETE ON ao.contact FOR EACH ROW EXECUTE FUNCTION ao.eves();
CREATE TRIGGER after AFTER UPDATE OR DELETE ON ao.contact FOR EACH ROW EXECUTE FUNCTION ao.eves();
CREATE CONSTRAINT TRIGGER later AFTER UPDATE OR DELETE ON ao.contact DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ao.eves();
SET SESSION AUTHORIZATION regress_ao_bob;
UPDATE account SET owner_id = 'ao_ann' WHERE id = 1;
RESET SESSION AUTHORIZATION;
UPDATE ao.account SET owner_id = 'ao_bob' WHERE id = 1;
SELECT relmeta.assign('ao.account', 1, 'ao_ann');
-- => 2
SELECT relmeta.share('ao.account', 1, 'ao_eve');
-- => 2
SET SESSION AUTHORIZATION regress_ao_owner;
UPDATE account SET owner_id = 'ao_bob' WHERE id = 1;
SET SESSION AUTHORIZATION regress_ao_bob;
DELETE FROM account WHERE id = 1;
RESET SESSION AUTHORIZATION;
-- (a superuser's own statement is his; on PostgreSQL 18 all are the table's owner's)
SELECT DISTINCT what, who FROM ao.seen WHERE NOT (what ~ '^(after|later)' AND who IN (current_user, 'regress_ao_bob', 'regress_ao_owner')) ORDER BY 1, 2;
-- => now DELETE|regress_ao_owner
-- => now UPDATE|regress_ao_owner
SELECT count(DISTINCT what) FROM ao.seen WHERE what ~ '^(after|later)';
-- => 4

-- the owner of one table changes nothing that relmeta keeps, of it or of others (ATTACKS 65)
SET SESSION AUTHORIZATION regress_ao_owner;
DO $$
DECLARE r regclass; s text; wrong text[] := '{}';
BEGIN
  FOR r IN SELECT c.oid FROM pg_class AS c WHERE relnamespace IN ('relmeta'::regnamespace, 'relmeta_access'::regnamespace) AND relkind IN ('r', 'v', 'S') ORDER BY relname LOOP
    FOREACH s IN ARRAY ARRAY['DELETE FROM %s', 'TRUNCATE %s', 'INSERT INTO %s DEFAULT VALUES', 'ALTER TABLE %s DISABLE TRIGGER ALL', 'DROP TABLE %s', 'ALTER TABLE %s OWNER TO CURRENT_USER',
        'CREATE TRIGGER t BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION ao.eves()', 'CREATE POLICY p ON %s', 'CREATE RULE r AS ON INSERT TO %s DO ALSO NOTHING', 'SELECT nextval(''%s'')', 'SELECT setval(''%s'', 1)'] LOOP
      BEGIN
        EXECUTE format(s, r);
        RAISE EXCEPTION USING ERRCODE = 'AO000';
      EXCEPTION
        WHEN insufficient_privilege OR wrong_object_type OR object_not_in_prerequisite_state OR feature_not_supported THEN NULL;
        WHEN SQLSTATE 'AO000' THEN wrong := wrong || format(s, r);
        WHEN OTHERS THEN wrong := wrong || (format(s, r) || ' ' || SQLSTATE);
      END;
    END LOOP;
  END LOOP;
  RAISE WARNING '%', wrong;
END $$;
-- => WARNING:  {}
ALTER TYPE relmeta.access_right RENAME VALUE 'read' TO 'x';
-- => ERROR:  must be owner of type relmeta.access_right
ALTER EXTENSION relmeta ADD TABLE account;
-- => ERROR:  must be owner of extension relmeta
RESET SESSION AUTHORIZATION;

DROP SCHEMA ao CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{ao_ann,ao_bob,ao_eve}'::text[]) AS p;
DROP ROLE regress_ao_owner, regress_ao_bob, regress_ao_eve;
