-- cascading: triggers, defaults and functions of a statement that a cascade makes can ask for its action, SEMANTICS 2.7.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ca_owner;
CREATE SCHEMA ca AUTHORIZATION regress_ca_owner;
SELECT relmeta.create_user('ca_ann'), relmeta.create_user('ca_bob');
SET ROLE regress_ca_owner;
SET search_path = ca;
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state int DEFAULT 0, updated_at int DEFAULT 0);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int, other_id int, updated_at int DEFAULT 0);
CREATE TABLE task (id int PRIMARY KEY, owner_id text, contact_id int, updated_at int DEFAULT 0);
CREATE TABLE said (n serial, relation text, op text, action text, by_default text DEFAULT coalesce(relmeta.cascading(), 'none'));
SELECT count(*) FROM (SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('contact', 'owner_id'), relmeta.register_table('task', 'owner_id')) r;
-- => 1
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false),
       relmeta.create_one_to_many('account', 'contact', 'other_id', 'other', foreign_key => false),
       relmeta.create_one_to_many('contact', 'task', 'contact_id', preset => 'parental', foreign_key => false);
-- => account_contact|other|contact_task
-- what applications have: updated_at changes with users' updates, not with what follows from them
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ca.said (relation, op, action) VALUES (TG_TABLE_NAME, TG_OP, relmeta.cascading());
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF relmeta.cascading() IS NULL THEN NEW.updated_at = NEW.updated_at + 1; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER touched BEFORE UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION touched();
CREATE TRIGGER touched BEFORE UPDATE OR DELETE ON contact FOR EACH ROW EXECUTE FUNCTION touched();
CREATE TRIGGER touched BEFORE UPDATE OR DELETE ON task FOR EACH ROW EXECUTE FUNCTION touched();
INSERT INTO account VALUES (1, 'ca_ann'), (2, 'ca_ann');
INSERT INTO contact VALUES (1, 'ca_ann', 1, 2), (2, 'ca_ann', 2, 1);
INSERT INTO task VALUES (1, 'ca_ann', 1);
SELECT relmeta.cascading() IS NULL;
-- => t

-- assign, in all levels
UPDATE account SET owner_id = 'ca_bob' WHERE id = 1;
SELECT relation, op, action, by_default FROM said ORDER BY n;
-- => account|UPDATE||none
-- => contact|UPDATE|assign|assign
-- => task|UPDATE|assign|assign
SELECT (SELECT updated_at FROM account WHERE id = 1), (SELECT updated_at FROM contact WHERE id = 1), (SELECT updated_at FROM task WHERE id = 1);
-- => 1|0|0

-- delete: rows that go, links that are removed
TRUNCATE said;
DELETE FROM account WHERE id = 1;
SELECT relation, op, action FROM said ORDER BY relation, op, action;
-- => account|DELETE|
-- => contact|DELETE|delete
-- => contact|UPDATE|delete
-- => task|DELETE|delete

-- merge: what is repointed
INSERT INTO account VALUES (3, 'ca_ann');
INSERT INTO contact VALUES (3, 'ca_ann', 3);
TRUNCATE said;
SELECT relationship, rows FROM relmeta.merge('account', 2, 3) WHERE rows > 0;
-- => account_contact|1
SELECT relation, op, action FROM said WHERE relation = 'contact';
-- => contact|UPDATE|merge

-- an error in a trigger of a cascade, caught or not, leaves nothing behind
CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.owner_id = 'ca_bob' AND relmeta.cascading() = 'assign' THEN
    BEGIN
      PERFORM 1 / 0;
    EXCEPTION WHEN division_by_zero THEN
      IF relmeta.cascading() IS DISTINCT FROM 'assign' THEN RAISE 'forgotten'; END IF;
    END;
    RAISE EXCEPTION 'not him' USING ERRCODE = 'P0001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuses BEFORE UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION refuses();
DO $$ BEGIN UPDATE ca.account SET owner_id = 'ca_bob' WHERE id = 2; EXCEPTION WHEN raise_exception THEN IF relmeta.cascading() IS NOT NULL THEN RAISE 'left behind'; END IF; END $$;
UPDATE account SET owner_id = 'ca_bob' WHERE id = 2;
-- => P0001
SELECT relmeta.cascading() IS NULL;
-- => t

-- statistics: of this session, or where the library is preloaded of all
DROP TRIGGER refuses ON contact;
SELECT relationship, action, sum(rows) > 0, sum(calls) > 0, min(total_time) >= 0, max(last_used) <= now() FROM relmeta.statistics
WHERE relationship IN ('account_contact', 'contact_task', 'other') AND action IN ('assign', 'delete', 'merge') AND rows > 0 GROUP BY 1, 2 ORDER BY 1, 2;
-- => account_contact|assign|t|t|t|t
-- => account_contact|delete|t|t|t|t
-- => account_contact|merge|t|t|t|t
-- => contact_task|assign|t|t|t|t
-- => contact_task|delete|t|t|t|t
-- => other|delete|t|t|t|t
SELECT relmeta.reset_statistics('account_contact'), relmeta.reset_statistics('contact_task');
SELECT count(*) FROM relmeta.statistics WHERE relationship IN ('account_contact', 'contact_task');
-- => 0
INSERT INTO contact VALUES (5, 'ca_ann', 2), (6, 'ca_ann', 2);
SELECT relmeta.share('account', 2, 'ca_bob');
-- => 5
SELECT relmeta.unshare('account', 2, 'ca_bob') > 0;
-- => t
SELECT action, calls, rows FROM relmeta.statistics WHERE relationship = 'account_contact' AND action IN ('share', 'unshare') ORDER BY action;
-- => share|1|4
-- => unshare|1|4
SELECT relmeta.reset_statistics();
-- => 42501
SELECT relmeta.reset_statistics('nothing');
-- => 42704
RESET ROLE;
CREATE ROLE regress_ca_other;
SET ROLE regress_ca_other;
SELECT relmeta.reset_statistics('account_contact');
-- => 42501
SELECT count(*) > 0 FROM relmeta.statistics;
-- => t
RESET ROLE;
SELECT relmeta.reset_statistics();
SELECT count(*) FROM relmeta.statistics;
-- => 0
DROP SCHEMA ca CASCADE;
SELECT relmeta.drop_principal('ca_ann'), relmeta.drop_principal('ca_bob');
DROP ROLE regress_ca_owner, regress_ca_other;
