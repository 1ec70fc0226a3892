-- progress: what this session's cascade is at, as its own triggers see it, SEMANTICS 2.7 (other sessions': test/t/progress.pl).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_pr_owner;
CREATE SCHEMA pr AUTHORIZATION regress_pr_owner;
SELECT count(*) FROM (SELECT relmeta.create_user('pr_ann'), relmeta.create_user('pr_bob'), relmeta.create_user('pr_cat')) AS c;
-- => 1
SET ROLE regress_pr_owner;
SET search_path = pr;
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state int DEFAULT 0);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
CREATE TABLE task (id int PRIMARY KEY, owner_id text, contact_id int, upper_id int);
CREATE TABLE said (n serial, pid int, relationship text, action text, level int, rows_done bigint, rows_total bigint, since interval);
SELECT count(*) FROM (SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('contact', 'owner_id'), relmeta.register_table('task', 'owner_id')) r;
-- => 1
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false),
       relmeta.create_one_to_many('contact', 'task', 'contact_id', preset => 'parental', foreign_key => false),
       relmeta.create_one_to_many('task', 'task', 'upper_id', is_hierarchical => true, delete => 'all', foreign_key => false);
-- => account_contact|contact_task|task_task
INSERT INTO account VALUES (1, 'pr_ann'), (2, 'pr_ann');
INSERT INTO contact SELECT i, 'pr_ann', 1 FROM generate_series(1, 3) i;
INSERT INTO task VALUES (1, 'pr_ann', 1), (2, 'pr_ann', 2);
INSERT INTO task VALUES (3, 'pr_ann', NULL, 1);
INSERT INTO task VALUES (4, 'pr_ann', NULL, 3);
INSERT INTO contact VALUES (4, 'pr_ann', 2);

-- nothing is under way, and the view says so
SELECT count(*) FROM relmeta.progress;
-- => 0

-- each statement of a cascade says itself what it is for; whoever looks sees his own session
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pr.said (pid, relationship, action, level, rows_done, rows_total, since)
  SELECT p.pid, p.relationship, p.action, p.level, p.rows_done, p.rows_total, now() - p.started_at FROM relmeta.progress AS p;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER look BEFORE UPDATE OR DELETE ON account FOR EACH STATEMENT EXECUTE FUNCTION look();
CREATE TRIGGER look BEFORE UPDATE OR DELETE ON contact FOR EACH STATEMENT EXECUTE FUNCTION look();
CREATE TRIGGER look BEFORE UPDATE ON task FOR EACH STATEMENT EXECUTE FUNCTION look();
CREATE TRIGGER look_row BEFORE DELETE ON task FOR EACH ROW EXECUTE FUNCTION look();

-- assign: the account's three contacts, then their tasks
UPDATE account SET owner_id = 'pr_bob' WHERE id = 1;
SELECT relationship, action, level, rows_done, rows_total, pid = pg_backend_pid(), since <= interval '0' FROM said ORDER BY n;
-- => account_contact|assign|1|0|1|t|t
-- => contact_task|assign|2|0|3|t|t
SELECT count(*) FROM relmeta.progress;
-- => 0

-- delete: a hierarchy goes on level by level
TRUNCATE said;
DELETE FROM account WHERE id = 1;
SELECT relationship, action, level, rows_done, rows_total FROM said ORDER BY n;
-- => account_contact|delete|1|0|1
-- => contact_task|delete|2|0|3
-- => contact_task|delete|2|0|3
-- => task_task|delete|3|0|2
-- => task_task|delete|4|0|1
SELECT count(*) FROM relmeta.progress;
-- => 0

-- merge: how many rows it will repoint nobody has counted
INSERT INTO account VALUES (3, 'pr_ann');
INSERT INTO contact VALUES (5, 'pr_ann', 3);
TRUNCATE said;
SELECT relationship, rows FROM relmeta.merge('account', 2, 3) WHERE rows > 0;
-- => account_contact|1
SELECT relationship, action, level, rows_done, rows_total FROM said WHERE relationship IS NOT NULL ORDER BY n;
-- => account_contact|merge|1|0|

-- an error takes the cascade away, in a subtransaction too; what goes on around it is seen again
CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF relmeta.cascading() = 'assign' THEN
    BEGIN
      DELETE FROM pr.account WHERE id = 3;
      RAISE EXCEPTION 'undone';
    EXCEPTION WHEN raise_exception THEN
      INSERT INTO pr.said (relationship, action, level) SELECT p.relationship, p.action, p.level FROM relmeta.progress AS p;
    END;
    IF NEW.owner_id = 'pr_bob' THEN RAISE EXCEPTION 'not him'; END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuses BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION refuses();
TRUNCATE said;
DELETE FROM contact WHERE id = 4;
TRUNCATE said;
CREATE TABLE seen (relationship text, action text, level int);
DO $$
BEGIN
  UPDATE pr.account SET owner_id = 'pr_bob' WHERE id = 2;
EXCEPTION WHEN raise_exception THEN
  INSERT INTO pr.seen SELECT p.relationship, p.action, p.level FROM relmeta.progress AS p;
END $$;
SELECT count(*) FROM seen;
-- => 0
UPDATE account SET owner_id = 'pr_bob' WHERE id = 2;
-- => ERROR:  P0001
SELECT count(*) FROM relmeta.progress;
-- => 0
BEGIN;
SAVEPOINT before;
UPDATE account SET owner_id = 'pr_bob' WHERE id = 2;
-- => ERROR:  P0001
ROLLBACK TO before;
SELECT count(*) FROM relmeta.progress;
-- => 0
COMMIT;
-- nobody refuses pr_ann's other user: the outer assign is what is seen after the inner delete was undone
TRUNCATE said;
UPDATE account SET owner_id = 'pr_cat' WHERE id = 2;
SELECT relationship, action, level FROM said WHERE pid IS NULL ORDER BY n;
-- => account_contact|assign|1
SELECT count(*) FROM relmeta.progress;
-- => 0

DROP SCHEMA pr CASCADE;
RESET ROLE;
SELECT count(*) FROM (SELECT relmeta.drop_principal(u) FROM unnest(ARRAY['pr_ann', 'pr_bob', 'pr_cat']) AS u) AS d;
-- => 3
DROP ROLE regress_pr_owner;
