-- acl: what a user without any privilege on relmeta can do, which is nothing to what is not his own.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_acl_owner;
CREATE ROLE regress_acl_mallory;
CREATE SCHEMA acl AUTHORIZATION regress_acl_owner;
CREATE SCHEMA mallory AUTHORIZATION regress_acl_mallory;
GRANT USAGE ON SCHEMA acl TO PUBLIC;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
DO $$ BEGIN PERFORM relmeta.create_user('mallory', 'regress_acl_mallory'), relmeta.create_team('crew'); END $$;
SET ROLE regress_acl_owner;
SET search_path = acl;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE activity (id int PRIMARY KEY);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
-- => account_contact
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{account,contact}');
-- => {account_activity,contact_activity}
INSERT INTO account VALUES (1, 'u'), (2, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (20, 2, 'v');
GRANT SELECT, REFERENCES ON account, contact, activity TO PUBLIC;

RESET ROLE;
SET ROLE regress_acl_mallory;
SET search_path = mallory;
CREATE TABLE mine (id int PRIMARY KEY, account_id int, owner text);
INSERT INTO mine VALUES (1, 1, 'u'), (2, 2, 'v');

-- principals are the administrator's
SELECT relmeta.create_user('x');
-- => ERROR:  42501
SELECT relmeta.create_team('x');
-- => ERROR:  42501
SELECT relmeta.add_team_member('crew', 'mallory');
-- => ERROR:  42501
SELECT relmeta.remove_team_member('crew', 'mallory');
-- => ERROR:  42501
SELECT relmeta.register_principals('mine');
-- => ERROR:  42501
SELECT relmeta.register_memberships('mine', 'account_id', 'id');
-- => ERROR:  42501
SELECT relmeta.drop_principal('crew');
-- => ERROR:  42501
SELECT relmeta.reassign_owned('u', 'mallory');
-- => ERROR:  42501
SELECT relmeta.register_table('mine', 'owner', create_principals => true);
-- => ERROR:  42501

-- nobody else can be impersonated
SELECT relmeta.act_as('u');
-- => ERROR:  42501
SET relmeta.principal = 'u';
-- => ERROR:  42501
SELECT set_config('relmeta.principal', 'u', false);
-- => ERROR:  42501
ALTER ROLE regress_acl_mallory SET relmeta.principal = 'u';
-- => ERROR:  42501
CREATE FUNCTION act() RETURNS text LANGUAGE sql SET relmeta.principal = 'u' AS 'SELECT relmeta.current_principal()';
-- => ERROR:  42501
SELECT relmeta.current_principal(), relmeta.current_principals();
-- => mallory|{mallory}

-- tables and relationships are their owner's
SELECT relmeta.register_table('acl.account', default_owner => true);
-- => ERROR:  42501
SELECT relmeta.unregister_table('acl.activity');
-- => ERROR:  42501
SELECT relmeta.alter_column_type('acl.account', 'id', 'bigint');
-- => ERROR:  42501
SELECT relmeta.create_one_to_many('acl.account', 'acl.contact', 'another_id');
-- => ERROR:  42501
SELECT relmeta.create_one_to_many('acl.account', 'mine', 'account_id');
-- => ERROR:  42501
SELECT relmeta.create_one_to_many('mine', 'acl.contact', 'mine_id');
-- => ERROR:  42501
SELECT relmeta.create_multi_table_lookup('mine', 'subject_id', '{acl.account,mine}');
-- => ERROR:  42501
SELECT relmeta.create_multi_table_lookup('acl.contact', 'subject_id', '{mine}');
-- => ERROR:  42501
SELECT relmeta.add_lookup_target('acl.activity', 'regarding_id', 'mine');
-- => ERROR:  42501
SELECT relmeta.update_relationship('account_contact', delete => 'all');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('account_contact');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('account_activity', drop_storage => true);
-- => ERROR:  42501
-- assign() and the owner column: the caller's own UPDATE
SELECT relmeta.assign('acl.account', 1, 'mallory');
-- => ERROR:  42501
UPDATE acl.account SET owner = 'mallory';
-- => ERROR:  42501

-- the catalog can be read, not written
SELECT count(*) FROM relmeta.one_to_many WHERE primary_table = 'acl.account'::regclass;
-- => 2
DO $$
DECLARE
  relation text;
  statement text;
BEGIN
  FOR relation IN SELECT c.oid::regclass FROM pg_class c
    WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('relmeta', 'relmeta_access')) AND relkind IN ('r', 'v', 'p', 'f') LOOP
    FOREACH statement IN ARRAY ARRAY['DELETE FROM %s', 'INSERT INTO %s DEFAULT VALUES', 'TRUNCATE %s', 'LOCK TABLE %s', 'DROP TABLE %s',
      'ALTER TABLE %s DISABLE TRIGGER ALL', 'CREATE TRIGGER x AFTER INSERT ON %s EXECUTE FUNCTION suppress_redundant_updates_trigger()'] LOOP
      BEGIN
        EXECUTE format(statement, relation);
        RAISE WARNING 'accepted: %', format(statement, relation);
      EXCEPTION
        WHEN insufficient_privilege THEN
        WHEN wrong_object_type OR object_not_in_prerequisite_state OR feature_not_supported THEN
          IF relation NOT IN (SELECT oid::regclass::text FROM pg_class WHERE relkind = 'v') THEN
            RAISE WARNING '%: %', format(statement, relation), SQLERRM;
          END IF;
      END;
    END LOOP;
  END LOOP;
END $$;
UPDATE relmeta.relationship SET related_table = 'mine';
-- => ERROR:  42501
UPDATE relmeta.registered_table SET owner_column = 'id';
-- => ERROR:  42501
UPDATE relmeta.principal_role SET role = 'regress_acl_mallory' WHERE principal = 'u';
-- => ERROR:  42501
INSERT INTO relmeta.team_member (team, member) VALUES ('crew', 'mallory');
-- => ERROR:  42501
CREATE TABLE relmeta.mine (id int);
-- => ERROR:  42501
CREATE TABLE relmeta_access.mine (id int);
-- => ERROR:  42501
SELECT nextval('relmeta.relationship_relationship_id_seq');
-- => ERROR:  42501

-- relmeta's trigger functions: not to be called; and on tables of one's own, under whatever arguments, without effect
-- anywhere else, as triggers of every kind they do nothing or are refused
DO $$
DECLARE
  f regprocedure;
  kind text;
  argument text;
  n int := 0;
BEGIN
  CREATE TABLE forged (id int PRIMARY KEY, account_id int, owner text);
  CREATE VIEW forged_view AS SELECT * FROM forged;
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'relmeta'::regnamespace AND prorettype = 'trigger'::regtype LOOP
    BEGIN
      EXECUTE format('SELECT %s', f);
      RAISE WARNING 'called: %', f;
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE NOT IN ('42501', '39P01', '0A000') THEN
        RAISE WARNING '% called: % %', f, SQLSTATE, SQLERRM;
      END IF;
    END;
    FOREACH kind IN ARRAY ARRAY['BEFORE INSERT OR UPDATE OR DELETE ON forged FOR EACH ROW', 'AFTER INSERT OR UPDATE OR DELETE ON forged FOR EACH ROW',
      'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON forged', 'AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON forged',
      'INSTEAD OF INSERT OR UPDATE OR DELETE ON forged_view FOR EACH ROW'] LOOP
      FOREACH argument IN ARRAY ARRAY['', '''account''', '''acl.account''', '''acl.contact''', '''account_contact'', ''1'', ''2''',
        (SELECT quote_literal(name) FROM relmeta.registered_table WHERE relation = 'acl.account'::regclass),
        (SELECT quote_literal(name) FROM relmeta.registered_table WHERE relation = 'acl.contact'::regclass)] LOOP
        n := n + 1;
        BEGIN
          EXECUTE format('CREATE TRIGGER forged %s EXECUTE FUNCTION %s(%s)', kind, f::oid::regproc, argument);
          INSERT INTO forged VALUES (1, 1, 'mallory'), (10, 1, 'mallory');
          UPDATE forged SET owner = 'nobody', account_id = 2;
          UPDATE forged SET id = 2 WHERE id = 1;
          INSERT INTO forged_view VALUES (5, 1, 'mallory');
          DELETE FROM forged_view WHERE id = 5;
          DELETE FROM forged;
          TRUNCATE forged;
          RAISE division_by_zero;
        EXCEPTION
          WHEN division_by_zero OR insufficient_privilege THEN
          WHEN OTHERS THEN
            IF SQLSTATE <> '39P01' THEN
              RAISE WARNING '% % (%): % %', kind, f, argument, SQLSTATE, SQLERRM;
            END IF;
        END;
      END LOOP;
    END LOOP;
  END LOOP;
  IF n < 100 THEN
    RAISE WARNING 'only % tried', n;
  END IF;
  DROP TABLE forged CASCADE;
END $$;
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id), (SELECT string_agg(id || ':' || account_id || owner, ' ' ORDER BY id) FROM acl.contact) FROM acl.account;
-- => 1:u 2:u|10:1u 20:2v
-- event trigger functions are not to be called either
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'relmeta'::regnamespace AND prorettype = 'event_trigger'::regtype LOOP
    BEGIN
      EXECUTE format('SELECT %s', f);
      RAISE WARNING 'called: %', f;
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE NOT IN ('42501', '39P03', '39P01', '0A000') THEN
        RAISE WARNING '% called: % %', f, SQLSTATE, SQLERRM;
      END IF;
    END;
  END LOOP;
END $$;
-- a partition, a child or a row type of another's table is no way in
CREATE TABLE p PARTITION OF acl.account DEFAULT;
-- => ERROR:  42501
CREATE TABLE c () INHERITS (acl.account);
-- => ERROR:  42501

-- one's own tables are one's own
SELECT relmeta.register_table('mine', 'owner');
-- =>
SELECT relmeta.create_one_to_many('mine', 'mine', 'parent_id', preset => 'parental');
-- => mine_mine
UPDATE mine SET parent_id = 1 WHERE id = 2;
SELECT relmeta.assign('mine', 1, 'v');
-- => 1
-- a trigger forged on a registered table of one's own, too many of them, or relmeta's own taken away: it is the owner's loss only
CREATE TRIGGER twice AFTER UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_row_changed('acl.account');
UPDATE mine SET owner = 'u' WHERE id = 1;
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM mine;
-- => 1:u 2:u
DROP TRIGGER twice ON mine;

-- cascades act as the owner of the table that they change: its triggers run with its owner's rights, not the caller's
RESET ROLE;
GRANT regress_acl_mallory TO regress_acl_owner;
SET ROLE regress_acl_owner;
SELECT relmeta.create_one_to_many('acl.account', 'mallory.mine', 'account_id', name => 'account_mine', delete => 'remove_link', assign => 'all', foreign_key => false);
-- => ERROR:  42P17
SELECT relmeta.update_relationship('mine_mine', assign => 'none', reparent => 'none', share => 'none', unshare => 'none', delete => 'remove_link', revoke_inherited => false) IS NULL;
-- => t
SELECT relmeta.create_one_to_many('acl.account', 'mallory.mine', 'account_id', name => 'account_mine', delete => 'remove_link', assign => 'all', foreign_key => false);
-- => account_mine
RESET ROLE;
REVOKE regress_acl_mallory FROM regress_acl_owner;
SET ROLE regress_acl_mallory;
CREATE FUNCTION who() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE WARNING '% by %', TG_OP, current_user;
  RETURN NEW;
END $$;
CREATE TRIGGER who BEFORE UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION who();
SET ROLE regress_acl_owner;
\set VERBOSITY terse
UPDATE acl.account SET owner = 'v' WHERE id = 1;
-- => WARNING:  UPDATE by regress_acl_mallory
DELETE FROM acl.account WHERE id = 1;
-- => WARNING:  UPDATE by regress_acl_mallory
\set VERBOSITY sqlstate
-- and what such a trigger does fails for want of its owner's rights
SET ROLE regress_acl_mallory;
CREATE OR REPLACE FUNCTION who() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM acl.account;
  RETURN NEW;
END $$;
SET ROLE regress_acl_owner;
UPDATE acl.account SET owner = 'v' WHERE id = 2;
-- => ERROR:  42501
SELECT id, owner FROM acl.account;
-- => 2|u

RESET ROLE;
RESET search_path;
DROP SCHEMA mallory, acl CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,mallory,crew}'::text[]) u; END $$;
DROP ROLE regress_acl_mallory, regress_acl_owner;
