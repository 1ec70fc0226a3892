-- savepoints: statements inside statements, and statements that are undone.  Each statement has its own effects, whatever
-- other statements it runs within or start within it.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_savepoints;
CREATE SCHEMA savepoints AUTHORIZATION regress_savepoints;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w,x}'::text[]) u; END $$;
SET ROLE regress_savepoints;
SET search_path = savepoints;

CREATE FUNCTION owners(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(owner, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;
CREATE TABLE account (id int PRIMARY KEY, owner text, name text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);
CREATE TABLE other (id int PRIMARY KEY, owner text);
CREATE TABLE other_line (id int PRIMARY KEY, other_id int, owner text);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note,other,other_line}'::regclass[]) t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
-- => contact_note
SELECT relmeta.create_one_to_many('other', 'other_line', 'other_id', preset => 'parental', foreign_key => false);
-- => other_other_line
INSERT INTO account VALUES (1, 'u'), (2, 'u'), (3, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (20, 2, 'u'), (30, 3, 'u');
INSERT INTO note VALUES (100, 10, 'u'), (200, 20, 'u'), (300, 30, 'u');
INSERT INTO other VALUES (1, 'u'), (2, 'u'), (3, 'u');
INSERT INTO other_line VALUES (11, 1, 'u'), (21, 2, 'u'), (31, 3, 'u');

-- savepoints in a session
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
SAVEPOINT a;
UPDATE account SET owner = 'w' WHERE id IN (1, 2);
SAVEPOINT b;
UPDATE account SET owner = 'x';
DELETE FROM contact WHERE id = 30;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:x 2:x 3:x|10:x 20:x|100:x 200:x
ROLLBACK TO b;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:w 2:w 3:u|10:w 20:w 30:u|100:w 200:w 300:u
RELEASE a;
UPDATE account SET owner = 'v' WHERE id = 3;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:w 2:w 3:v|10:w 20:w 30:v|100:w 200:w 300:v
SAVEPOINT c;
UPDATE account SET owner = 'nobody' WHERE id = 1;
-- => ERROR:  23503
ROLLBACK TO c;
DELETE FROM account WHERE id = 2;
ROLLBACK TO c;
INSERT INTO contact VALUES (99, 99, 'u');
-- => ERROR:  23503
ROLLBACK TO c;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:w 2:w 3:v|10:w 20:w 30:v|100:w 200:w 300:v
ROLLBACK;

-- assign() counts the rows of its own, whatever savepoints there were
BEGIN;
SAVEPOINT a;
UPDATE account SET owner = 'v';
SAVEPOINT b;
SELECT relmeta.assign('account', 1, 'w');
-- => 3
RELEASE b;
SELECT relmeta.assign('account', 2, 'w');
-- => 3
ROLLBACK TO a;
SELECT relmeta.assign('account', 2, 'w');
-- => 3
ROLLBACK;
-- what is counted takes no more memory for many subtransactions; 3000 of them, in turn committed and aborted
BEGIN;
CREATE FUNCTION assign_often(times int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. times LOOP
    BEGIN
      UPDATE other SET owner = CASE owner WHEN 'u' THEN 'v' ELSE 'u' END WHERE id = 1;
      IF i % 2 = 0 THEN RAISE division_by_zero; END IF;
    EXCEPTION WHEN division_by_zero THEN
    END;
  END LOOP;
END $$;
RESET ROLE;
SELECT assign_often(100);
-- =>
SELECT used_bytes AS before FROM pg_backend_memory_contexts WHERE name = 'TopTransactionContext' \gset
SELECT assign_often(3000);
-- =>
SELECT CASE WHEN used_bytes - :before < 60000 THEN 'little' ELSE (used_bytes - :before)::text END FROM pg_backend_memory_contexts WHERE name = 'TopTransactionContext';
-- => little
ROLLBACK;
SET ROLE regress_savepoints;

-- user triggers that run statements of their own, before and after relmeta's triggers of the same kind in name order
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- an inner statement on another registered table, and one on a related row of the outer statement's
  UPDATE other SET owner = NEW.owner WHERE id = NEW.id;
  UPDATE other_line SET owner = 'x' WHERE other_id = NEW.id;
  -- inner statements that fail, one by one, after others that did not
  BEGIN
    UPDATE other SET owner = 'x';
    UPDATE account SET owner = 'x' WHERE id = 3;
    UPDATE other SET owner = 'nobody' WHERE id = NEW.id;
  EXCEPTION WHEN foreign_key_violation THEN
  END;
  BEGIN
    DELETE FROM contact;
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN
  END;
  RETURN NEW;
END $$;
CREATE TRIGGER a_meddle AFTER UPDATE ON account FOR EACH ROW WHEN (OLD.owner IS DISTINCT FROM NEW.owner) EXECUTE FUNCTION meddle();
BEGIN;
UPDATE account SET owner = 'v' WHERE id IN (1, 2);
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:v 2:v 3:u|10:v 20:v 30:u|100:v 200:v 300:u|1:v 2:v 3:u|11:x 21:x 31:u
ROLLBACK;
ALTER TRIGGER a_meddle ON account RENAME TO zzz_meddle;
BEGIN;
UPDATE account SET owner = 'v' WHERE id IN (1, 2);
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:v 2:v 3:u|10:v 20:v 30:u|100:v 200:v 300:u|1:v 2:v 3:u|11:x 21:x 31:u
ROLLBACK;
DROP TRIGGER zzz_meddle ON account;
CREATE TRIGGER meddle BEFORE UPDATE OF owner ON account FOR EACH ROW WHEN (NEW.id <> 3) EXECUTE FUNCTION meddle();
BEGIN;
UPDATE account SET owner = 'v' WHERE id IN (1, 2);
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:v 2:v 3:u|10:v 20:v 30:u|100:v 200:v 300:u|1:v 2:v 3:u|11:x 21:x 31:u
ROLLBACK;
DROP TRIGGER meddle ON account;

-- the inner statement's effects are there when the inner statement ends
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE other SET owner = 'w' WHERE id = NEW.id;
  RAISE WARNING 'other_line %, contact %', (SELECT owner FROM other_line WHERE other_id = NEW.id), (SELECT owner FROM contact WHERE account_id = NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER look AFTER UPDATE ON account FOR EACH ROW EXECUTE FUNCTION look();
\set VERBOSITY terse
BEGIN;
UPDATE account SET owner = 'v' WHERE id IN (1, 2);
-- => WARNING:  other_line w, contact u
-- => WARNING:  other_line w, contact u
SELECT owners('account'), owners('contact'), owners('other'), owners('other_line');
-- => 1:v 2:v 3:u|10:v 20:v 30:u|1:w 2:w 3:u|11:w 21:w 31:u
ROLLBACK;
DROP TRIGGER look ON account;
\set VERBOSITY sqlstate

-- an inner statement on the very table and rows of the outer one
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE account SET owner = 'w' WHERE id = NEW.id + 1;
  UPDATE contact SET owner = 'x' WHERE account_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER again AFTER UPDATE ON account FOR EACH ROW WHEN (NEW.owner = 'v') EXECUTE FUNCTION again();
BEGIN;
-- 1 becomes v; inside, 2 becomes w with all below it, and 10 becomes x; then the outer statement gives 10 to v
UPDATE account SET owner = 'v' WHERE id = 1;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:v 2:w 3:u|10:v 20:w 30:u|100:v 200:w 300:u
ROLLBACK;
DROP TRIGGER again ON account;

-- the related table's own triggers run statements while the cascade goes on
CREATE FUNCTION in_cascade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    UPDATE other SET owner = 'w' WHERE id = NEW.id / 10;
    IF NEW.id = 20 THEN
      UPDATE other SET owner = 'nobody';
    END IF;
  EXCEPTION WHEN foreign_key_violation THEN
  END;
  RETURN NULL;
END $$;
CREATE TRIGGER in_cascade AFTER UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION in_cascade();
BEGIN;
UPDATE account SET owner = 'v';
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:v 2:v 3:v|10:v 20:v 30:v|100:v 200:v 300:v|1:w 2:u 3:w|11:w 21:u 31:w
ROLLBACK;
-- a deep one: the cascade's trigger starts another cascade that ends in a third
CREATE TRIGGER in_cascade AFTER UPDATE ON note FOR EACH ROW EXECUTE FUNCTION in_cascade();
CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE note SET owner = 'x' WHERE id = NEW.id / 10 * 100;
  RETURN NULL;
END $$;
CREATE TRIGGER back AFTER UPDATE ON other_line FOR EACH ROW EXECUTE FUNCTION back();
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
-- note 100 became x inside the trigger of contact 10, before the contact's own cascade gave it to v
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:v 2:u 3:u|10:v 20:u 30:u|100:v 200:u 300:u|1:w 2:u 3:u|11:w 21:u 31:u
ROLLBACK;
DROP TRIGGER back ON other_line;
DROP TRIGGER in_cascade ON note;
DROP TRIGGER in_cascade ON contact;

-- a function called in the middle of a statement runs statements of its own: they are done when it goes on
CREATE FUNCTION hand_over(id int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  UPDATE other SET owner = 'w' WHERE other.id = hand_over.id;
  UPDATE account SET owner = 'w' WHERE account.id = 3;
  RETURN (SELECT owner FROM other_line WHERE other_id = hand_over.id);
END $$;
BEGIN;
UPDATE account SET owner = hand_over(id) WHERE id IN (1, 2);
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:w 2:w 3:w|10:w 20:w 30:w|100:w 200:w 300:w|1:w 2:w 3:u|11:w 21:w 31:u
ROLLBACK;
BEGIN;
INSERT INTO contact VALUES (40, (SELECT 1 WHERE hand_over(2) = 'w'), 'u');
DELETE FROM account WHERE id = 2 AND hand_over(1) = 'w';
SELECT owners('account'), owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 1:u 3:w|10:u 30:w 40:u|100:u 300:w|1:w 2:w 3:u|11:w 21:w 31:u
ROLLBACK;

-- exception blocks and loops in a function, with statements that succeed and fail by turns
BEGIN;
DO $$
BEGIN
  FOR i IN 1..60 LOOP
    BEGIN
      UPDATE account SET owner = CASE i % 3 WHEN 0 THEN 'v' WHEN 1 THEN 'w' ELSE 'nobody' END WHERE id = 1 + i % 2;
      IF i % 5 = 0 THEN
        RAISE division_by_zero;
      END IF;
    EXCEPTION WHEN foreign_key_violation OR division_by_zero THEN
    END;
  END LOOP;
END $$;
-- 1 + i % 2 = 1: the last even i that stands is 58 (1 modulo 3); = 2: the last odd one is 57 (0 modulo 3)
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:w 2:v 3:u|10:w 20:v 30:u|100:w 200:v 300:u
ROLLBACK;

-- UPDATE ... RETURNING in a loop, and a cursor held open over other statements
BEGIN;
DO $$
DECLARE
  r record;
BEGIN
  FOR r IN UPDATE account SET owner = 'v' RETURNING id LOOP
    UPDATE other SET owner = 'v' WHERE id = r.id;
  END LOOP;
END $$;
SELECT owners('contact'), owners('other_line');
-- => 10:v 20:v 30:v|11:v 21:v 31:v
DECLARE c CURSOR FOR SELECT id FROM account ORDER BY id;
FETCH c;
-- => 1
UPDATE account SET owner = 'w';
FETCH c;
-- => 2
UPDATE account SET owner = 'x' WHERE id = 2;
SELECT owners('contact');
-- => 10:w 20:x 30:w
ROLLBACK;

-- an error at the very end of the statement, when relmeta's work is done: all of it is undone
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$;
CREATE TRIGGER zzz_refuse AFTER UPDATE ON account EXECUTE FUNCTION refuse();
BEGIN;
SAVEPOINT s;
UPDATE account SET owner = 'v';
-- => ERROR:  23505
ROLLBACK TO s;
DROP TRIGGER zzz_refuse ON account;
CREATE CONSTRAINT TRIGGER zzz_refuse AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
UPDATE account SET owner = 'v';
SELECT owners('contact');
-- => 10:v 20:v 30:v
COMMIT;
-- => ERROR:  23505
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:u 2:u 3:u|10:u 20:u 30:u|100:u 200:u 300:u
DROP TRIGGER zzz_refuse ON account;

-- a deferred trigger of the user's runs statements at commit
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE other SET owner = NEW.owner WHERE id = NEW.id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
BEGIN;
UPDATE account SET owner = 'v' WHERE id = 1;
COMMIT;
SELECT owners('contact'), owners('note'), owners('other'), owners('other_line');
-- => 10:v 20:u 30:u|100:v 200:u 300:u|1:v 2:u 3:u|11:v 21:u 31:u
DROP TRIGGER late ON account;

-- who disables a part of relmeta's triggers is told at commit
SELECT tgname AS statement_ends FROM pg_trigger WHERE tgrelid = 'account'::regclass AND tgfoid = 'relmeta.trigger_statement_ends()'::regprocedure \gset
ALTER TABLE account DISABLE TRIGGER :"statement_ends";
BEGIN;
UPDATE account SET owner = 'w' WHERE id = 1;
\set VERBOSITY default
COMMIT;
\set VERBOSITY sqlstate
SELECT owners('account');
-- => 1:v 2:u 3:u
-- a savepoint that loses rows too, and is rolled back, does not hide those that were lost before it
BEGIN;
UPDATE account SET owner = 'w' WHERE id = 1;
SAVEPOINT s;
UPDATE account SET owner = 'w' WHERE id = 2;
ROLLBACK TO s;
COMMIT;
-- => ERROR:  55000
BEGIN;
SAVEPOINT s;
UPDATE account SET owner = 'w' WHERE id = 2;
ROLLBACK TO s;
COMMIT;
SELECT owners('account');
-- => 1:v 2:u 3:u
ALTER TABLE account ENABLE TRIGGER :"statement_ends";
UPDATE account SET owner = 'u' WHERE id = 1;
SELECT owners('account'), owners('contact'), owners('note');
-- => 1:u 2:u 3:u|10:u 20:u 30:u|100:u 200:u 300:u

RESET ROLE;
RESET search_path;
DROP SCHEMA savepoints CASCADE;
DROP ROLE regress_savepoints;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w,x}'::text[]) u; END $$;
