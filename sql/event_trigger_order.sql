-- event_trigger_order: event triggers of others that come before relmeta's, and change rows of registered tables.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA eto;
SET search_path = eto;
SELECT count(relmeta.create_user(p)) FROM unnest('{eto_a,eto_b}'::text[]) AS p;
-- => 2
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state int DEFAULT 0, note text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text);
CREATE TABLE task (id int PRIMARY KEY, owner_id text);
CREATE TABLE course (id int PRIMARY KEY);
SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('contact', 'owner_id'),
  relmeta.register_table('task', 'owner_id');
-- => ||
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental'),
  relmeta.create_one_to_many('account', 'task', 'account_id', preset => 'parental', foreign_key => false),
  relmeta.create_many_to_many('account', 'course');
-- => account_contact|account_task|account_course
INSERT INTO account VALUES (1, 'eto_a');
INSERT INTO contact VALUES (1, 'eto_a', 1);
INSERT INTO task VALUES (1, 'eto_a', 1), (2, 'eto_a', 1);
INSERT INTO course VALUES (1);
INSERT INTO account_course VALUES (1, 1);

-- each gives account 1 to the other principal, and touches what else there is
CREATE FUNCTION turn() RETURNS event_trigger LANGUAGE plpgsql SET search_path = eto AS $$
BEGIN
  UPDATE account SET owner_id = CASE owner_id WHEN 'eto_a' THEN 'eto_b' ELSE 'eto_a' END WHERE id = 1;
  IF to_regclass('task') IS NOT NULL THEN
    INSERT INTO task (id, owner_id) SELECT max(id) + 1, 'eto_a' FROM task;
    UPDATE task SET owner_id = owner_id;
  END IF;
EXCEPTION WHEN undefined_column THEN
  UPDATE account SET note = 'no owner';
END $$;
CREATE EVENT TRIGGER a_turn ON sql_drop EXECUTE FUNCTION turn();
CREATE EVENT TRIGGER z_turn ON sql_drop EXECUTE FUNCTION turn();
CREATE TABLE junk (id int);
DROP TABLE junk;
SELECT (SELECT owner_id FROM account), (SELECT owner_id FROM contact), (SELECT count(*) FROM task);
-- => eto_a|eto_a|4
-- a related table
DROP TABLE contact;
SELECT name FROM relmeta.one_to_many;
-- => account_task
-- a lookup, without foreign key
ALTER TABLE task DROP COLUMN account_id;
SELECT count(*) FROM relmeta.one_to_many;
-- => 0
-- a state column, an intersect table, a participant
SELECT relmeta.create_one_to_many('account', 'task', 'account_id', preset => 'parental', foreign_key => false);
-- => account_task
UPDATE task SET account_id = 1, owner_id = 'eto_a' WHERE id = 1;
ALTER TABLE account DROP COLUMN state;
SELECT state_column IS NULL FROM relmeta.tables WHERE relation = 'account'::regclass;
-- => t
DROP TABLE account_course;
SELECT relmeta.create_many_to_many('account', 'course');
-- => account_course
DROP TABLE course CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
-- who was inherited from goes, as by drop_relationship
SELECT relmeta.share('account', 1, CASE owner_id WHEN 'eto_a' THEN 'eto_b' ELSE 'eto_a' END) FROM account;
-- => 2
DROP INDEX task_account_id_idx;
SELECT owner_id = (SELECT owner_id FROM account) FROM task WHERE id = 1;
-- => t: the assigns cascaded
-- an owner column, the primary table, a key
SELECT relmeta.drop_relationship('account_task');
-- =>
ALTER TABLE account DROP COLUMN owner_id;
SELECT owner_column IS NULL FROM relmeta.tables WHERE relation = 'account'::regclass;
-- => t
ALTER TABLE account DROP COLUMN id CASCADE;
-- => ERROR:  55000
CREATE TABLE other (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('other', 'task', 'other_id', foreign_key => false, delete => 'remove_link');
-- => other_task
INSERT INTO other VALUES (1);
UPDATE task SET other_id = 1;
DROP TABLE other;
SELECT relation FROM relmeta.tables WHERE relation::text ~ 'eto|account|task|other' ORDER BY 1;
-- => account
-- => task
SELECT * FROM relmeta.verify() WHERE relation IN ('account'::regclass, 'task'::regclass);
-- => none

-- a column that is renamed
ALTER TABLE task ADD boss_id int;
SELECT relmeta.create_one_to_many('task', 'task', 'boss_id', 'eto_boss', preset => 'parental');
-- => eto_boss
DROP EVENT TRIGGER a_turn;
DROP EVENT TRIGGER z_turn;
CREATE FUNCTION touch() RETURNS event_trigger LANGUAGE plpgsql SET search_path = eto AS $$
BEGIN
  INSERT INTO task SELECT max(id) + 1 FROM task;
  DELETE FROM task WHERE id = 2;
END $$;
CREATE EVENT TRIGGER a_touch ON ddl_command_end EXECUTE FUNCTION touch();
ALTER TABLE task RENAME boss_id TO chief_id;
ALTER TABLE task RENAME id TO number;
-- => ERROR:  42703: their function knows it by its old name
ALTER TABLE task RENAME owner_id TO held_by;
DROP EVENT TRIGGER a_touch;
SELECT owner_column FROM relmeta.tables WHERE relation = 'task'::regclass;
-- => held_by
SELECT lookup_column FROM relmeta.one_to_many WHERE name = 'eto_boss';
-- => chief_id

-- what a restore has left behind is an error as before
SET session_replication_role = replica;
ALTER TABLE task RENAME chief_id TO nothing_id;
SET session_replication_role = origin;
UPDATE task SET held_by = 'eto_b' WHERE id = 1;
-- => ERROR:  55000
ALTER TABLE task RENAME nothing_id TO chief_id;

SET client_min_messages = error;
DROP SCHEMA eto CASCADE;
SELECT count(relmeta.drop_principal(p)) FROM unnest('{eto_a,eto_b}'::text[]) AS p;
-- => 2
