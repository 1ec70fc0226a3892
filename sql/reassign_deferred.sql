-- reassign_owned() of tables with deferred constraints, as Django makes them: the constraint alone is immediate meanwhile,
-- then as it was, and refused while checks are pending.  A cascade of one's own statement defers as ever.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA rd;
SET search_path = rd;
SELECT count(relmeta.create_user(u)) FROM unnest('{rd_ann,rd_bob,rd_cat}'::text[]) AS u;
CREATE TABLE person (id text PRIMARY KEY);
INSERT INTO person VALUES ('rd_ann'), ('rd_bob');
CREATE TABLE project (id int PRIMARY KEY,
  owner_id text CONSTRAINT project_owner REFERENCES person DEFERRABLE INITIALLY DEFERRED,
  lead_id text CONSTRAINT project_lead REFERENCES person DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE task (id int, owner_id text CONSTRAINT task_owner REFERENCES person DEFERRABLE INITIALLY IMMEDIATE,
  PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE task_low PARTITION OF task FOR VALUES FROM (MINVALUE) TO (100);
SELECT relmeta.register_table('project', 'owner_id'), relmeta.register_table('task', 'owner_id');
SELECT relmeta.create_one_to_many('project', 'task', 'project_id', preset => 'parental');
INSERT INTO project SELECT i, 'rd_ann', 'rd_ann' FROM generate_series(1, 3) AS i;
INSERT INTO task SELECT i, 'rd_ann', i FROM generate_series(2, 3) AS i;

SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
-- => 5
SELECT owner_id, count(*) FROM project GROUP BY 1;
-- => rd_bob|3
-- nobody's: found at once
SELECT relmeta.reassign_owned('rd_bob', 'rd_cat');

-- what the transaction has said of the constraints holds again
BEGIN;
SET CONSTRAINTS task_owner DEFERRED;
SET CONSTRAINTS project_owner IMMEDIATE;
SELECT relmeta.reassign_owned('rd_bob', 'rd_ann');
SAVEPOINT a;
-- refused at once
UPDATE project SET owner_id = 'rd_cat' WHERE id = 1;
ROLLBACK TO a;
-- waits
UPDATE task SET owner_id = 'rd_cat' WHERE id = 2;
UPDATE task SET owner_id = 'rd_ann' WHERE id = 2;
COMMIT;
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
-- waits, and so do those below
UPDATE project SET owner_id = 'rd_cat';
UPDATE project SET owner_id = 'rd_bob';
COMMIT;
BEGIN;
SELECT relmeta.reassign_owned('rd_bob', 'rd_ann');
-- waits
UPDATE project SET owner_id = 'rd_cat' WHERE id = 1;
UPDATE project SET owner_id = 'rd_ann' WHERE id = 1;
COMMIT;
SELECT owner_id, count(*) FROM project GROUP BY 1;

-- checks are pending: of the table, of the other side, of a partition below; then not
\set VERBOSITY default
BEGIN;
INSERT INTO project VALUES (4, 'rd_ann', 'rd_ann');
SAVEPOINT a;
SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
ROLLBACK TO a;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
ROLLBACK;
\set VERBOSITY terse
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
DELETE FROM person WHERE id = 'rd_bob';
SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
ROLLBACK;
BEGIN;
SET CONSTRAINTS task_owner DEFERRED;
UPDATE task SET owner_id = 'rd_bob' WHERE id = 2;
SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
ROLLBACK;

-- triggers that are deferred: of the owner, and of something else, which does not matter
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '% of %', TG_NAME, NEW.id; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER owner_told AFTER UPDATE OF owner_id ON project DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION tell();
CREATE CONSTRAINT TRIGGER lead_told AFTER UPDATE OF lead_id ON project DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION tell();
BEGIN;
SELECT relmeta.reassign_owned('rd_ann', 'rd_bob');
\echo before the end
UPDATE project SET lead_id = 'rd_bob', owner_id = 'rd_ann' WHERE id = 3;
\echo the end
COMMIT;

-- what a trigger of the table does elsewhere is its own affair: an error names the way
CREATE TABLE audit (id int CONSTRAINT audit_unique UNIQUE DEFERRABLE INITIALLY DEFERRED,
  who text REFERENCES person DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO rd.audit VALUES (NEW.id, NEW.owner_id); RETURN NULL; END $$;
CREATE TRIGGER written AFTER UPDATE ON project FOR EACH ROW EXECUTE FUNCTION write();
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT relmeta.reassign_owned('rd_bob', 'rd_ann');
\set VERBOSITY terse
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT relmeta.reassign_owned('rd_bob', 'rd_ann');
ROLLBACK;

DROP SCHEMA rd CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{rd_ann,rd_bob,rd_cat}'::text[]) AS u;
