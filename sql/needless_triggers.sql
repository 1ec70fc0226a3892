-- needless_triggers: what a statement cannot need of relmeta's triggers does not fire for it, and nothing is missed by that.
-- EXPLAIN ANALYZE tells which have fired.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA nt;
SET search_path = nt;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{nt_ann,nt_bob}'::text[]) u; END $$;
CREATE FUNCTION fired(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || statement LOOP
    IF line ~ '^Trigger' THEN
      RETURN NEXT regexp_replace(line, '^Trigger (\S+).*: calls=(\d+)$', '\1 \2');
    END IF;
  END LOOP;
END $$;
CREATE VIEW held AS SELECT relation::regclass AS "table", object_key AS key, principal FROM relmeta.principal_object_access
WHERE relation IN (SELECT oid FROM pg_class WHERE relnamespace = 'nt'::regnamespace) ORDER BY 1, 2, 3;
CREATE TABLE account (id int PRIMARY KEY, owner text, body text);
CREATE TABLE task (id int PRIMARY KEY, body text, owner text, account_id int REFERENCES account ON DELETE CASCADE);
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('task', 'owner');
SELECT relmeta.create_one_to_many('account', 'task', 'account_id', 'nt_task', 'parental');
INSERT INTO account SELECT i, 'nt_ann', 'x' FROM generate_series(1, 9) i;
INSERT INTO task SELECT i, 'x', 'nt_ann', i / 10 FROM generate_series(10, 99) i;

--
-- UPDATE
--
SELECT fired('UPDATE account SET body = ''y'' WHERE id < 4');
-- => none
SELECT fired('UPDATE account SET owner = ''nt_bob'' WHERE id = 1');
-- => relmeta's, of the statement, the row, the statement
SELECT owner, count(*) FROM task WHERE account_id = 1 GROUP BY owner;
-- => nt_bob|10
-- as an object-relational mapper writes: all columns, most of them as they are
SELECT fired('UPDATE account SET id = 2, owner = ''nt_ann'', body = ''z'' WHERE id = 2');
UPDATE account SET id = id, owner = owner, body = body;
SELECT owner, count(*) FROM task GROUP BY owner ORDER BY owner;
-- => nt_ann|80
-- => nt_bob|10
UPDATE task SET account_id = 1 WHERE id = 90;
SELECT * FROM held;
-- => task|90|nt_bob
-- somebody else's BEFORE trigger sets the owner
CREATE FUNCTION hand_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.owner := NEW.body; RETURN NEW; END $$;
CREATE TRIGGER hand_over BEFORE UPDATE ON account FOR EACH ROW WHEN (NEW.body LIKE 'nt\_%') EXECUTE FUNCTION hand_over();
UPDATE account SET body = 'nt_bob' WHERE id = 3;
SELECT owner, count(*) FROM task WHERE account_id = 3 GROUP BY owner;
-- => nt_bob|10
DROP TRIGGER hand_over ON account;
-- his AFTER triggers fire alone
CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER say AFTER UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION say();
CREATE TRIGGER say_once AFTER UPDATE OR DELETE ON account EXECUTE FUNCTION say();
SELECT fired('UPDATE account SET body = ''y'' WHERE id < 4');
-- => say 3, say_once 1
-- another table, or the same, changed in one statement: all fire
SELECT fired('WITH a AS (UPDATE account SET body = ''w'' WHERE id = 4 RETURNING id) UPDATE task SET body = ''w'' FROM a WHERE account_id = a.id');
SELECT count(*) FROM account a JOIN task t ON t.account_id = a.id AND t.body = 'w' WHERE a.body = 'w';
-- => 10
-- a kept plan meets a trigger that came since
PREPARE u AS UPDATE account SET body = $1 WHERE id = 5;
EXECUTE u ('a');
CREATE TRIGGER hand_over BEFORE UPDATE ON account FOR EACH ROW WHEN (NEW.body LIKE 'nt\_%') EXECUTE FUNCTION hand_over();
EXECUTE u ('nt_bob');
SELECT owner, count(*) FROM task WHERE account_id = 5 GROUP BY owner;
-- => nt_bob|10
DROP TRIGGER hand_over ON account;

--
-- DELETE
--
CREATE TABLE note (id int PRIMARY KEY);
INSERT INTO note SELECT generate_series(1, 9);
SELECT relmeta.register_table('note');
SELECT fired('DELETE FROM note WHERE id = 9');
-- => the statement's alone
SELECT relmeta.share('note', 1, 'nt_bob');
SELECT fired('DELETE FROM note WHERE id IN (1, 2)');
-- => the row's too, twice
SELECT * FROM held WHERE "table" = 'note'::regclass;
-- => none
-- shared while the statement runs, by a function in it, which deletes as well
TRUNCATE note;
INSERT INTO note SELECT generate_series(1, 9);
CREATE FUNCTION share_next(i int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF i = 3 THEN
    PERFORM relmeta.share('note', 4, 'nt_bob'), relmeta.share('note', 8, 'nt_bob'), relmeta.share('note', 9, 'nt_bob');
    DELETE FROM note WHERE id = 9;
  END IF;
  RETURN i BETWEEN 2 AND 6;
END $$;
VACUUM note;
DELETE FROM note WHERE share_next(id);
SELECT * FROM held WHERE "table" = 'note'::regclass;
-- => note|8|nt_bob
-- rolled back to a savepoint, deleted again
BEGIN;
SELECT relmeta.unshare('note', 8, 'nt_bob');
SAVEPOINT s;
DELETE FROM note WHERE id = 8;
ROLLBACK TO s;
SELECT relmeta.share('note', 8, 'nt_bob');
DELETE FROM note WHERE id = 8;
COMMIT;
SELECT count(*) FROM held WHERE "table" = 'note'::regclass;
-- => 0
-- by a foreign key's action, of a table that is not registered
CREATE TABLE shelf (id int PRIMARY KEY);
CREATE TABLE book (id int PRIMARY KEY, shelf_id int REFERENCES shelf ON DELETE CASCADE);
INSERT INTO shelf VALUES (1), (2);
INSERT INTO book VALUES (1, 1), (2, 1), (3, 2);
SELECT relmeta.register_table('book');
DELETE FROM shelf WHERE id = 2;
SELECT relmeta.share('book', 1, 'nt_bob'), relmeta.share('book', 2, 'nt_bob');
DELETE FROM shelf;
SELECT count(*) FROM held WHERE "table" = 'book'::regclass;
-- => 0
-- restrict sees what a foreign key's cascade is about to delete, though nothing else hangs on the rows
CREATE TABLE page (id int PRIMARY KEY, book_id int);
INSERT INTO shelf VALUES (1);
INSERT INTO book VALUES (1, 1);
INSERT INTO page VALUES (1, 1);
SELECT relmeta.register_table('shelf'), relmeta.create_one_to_many('shelf', 'book', 'shelf_id', 'nt_book', delete => 'all');
SELECT relmeta.create_one_to_many('book', 'page', 'book_id', 'nt_page', delete => 'restrict', foreign_key => false);
DELETE FROM shelf;
-- => ERROR:  23001
SELECT count(*) FROM book;
-- => 1
-- a trigger registers tables that a foreign key's action of the same statement deletes from only then
CREATE TABLE hall (id int PRIMARY KEY, owner text);
CREATE TABLE seat (id int PRIMARY KEY, hall_id int REFERENCES hall ON DELETE CASCADE, owner text);
CREATE TABLE coat (id int PRIMARY KEY, seat_id int REFERENCES seat ON DELETE CASCADE, owner text);
SELECT relmeta.register_table('hall', 'owner');
INSERT INTO hall VALUES (1, 'nt_ann'), (2, 'nt_ann');
INSERT INTO seat VALUES (20, 2, 'nt_ann');
SELECT relmeta.share('hall', 1, 'nt_bob');
CREATE FUNCTION declare_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.id = 1 THEN
    PERFORM relmeta.register_table('seat', 'owner'), relmeta.register_table('coat', 'owner');
    PERFORM relmeta.create_one_to_many('seat', 'coat', 'seat_id', 'nt_coat', 'parental');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER z_declare_more AFTER DELETE ON hall FOR EACH ROW EXECUTE FUNCTION declare_more();
DELETE FROM hall;
SELECT count(*), (SELECT count(*) FROM held WHERE "table" = 'hall'::regclass) FROM seat;
-- => 0|0
--
-- A foreign key's action is decided on once, until somebody has looked what is held on the rows that have gone: then again
--
CREATE TABLE folder (id int PRIMARY KEY);
CREATE TABLE paper (id int PRIMARY KEY, folder_id int REFERENCES folder ON DELETE CASCADE, owner text);
INSERT INTO folder SELECT generate_series(1, 6);
INSERT INTO paper SELECT i, i, 'nt_ann' FROM generate_series(1, 6) AS i;
SELECT relmeta.register_table('folder'), relmeta.register_table('paper', 'owner');
BEGIN;
DELETE FROM folder WHERE id IN (1, 2);
SELECT relmeta.share('paper', 3, 'nt_bob'), relmeta.share('paper', 4, 'nt_bob');
-- => 1|1
DELETE FROM folder WHERE id = 3;
SELECT key FROM held WHERE "table" = 'paper'::regclass;
-- => 4
ROLLBACK;
-- one that was rolled back before anybody looked, and what is declared after that
CREATE TABLE sheet (id int PRIMARY KEY, paper_id int);
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'taken back'; END $$;
BEGIN;
CREATE TRIGGER z_fail AFTER DELETE ON folder FOR EACH ROW EXECUTE FUNCTION fail();
SAVEPOINT s;
DELETE FROM folder WHERE id = 1;
-- => ERROR:  P0001
ROLLBACK TO s;
DROP TRIGGER z_fail ON folder;
SELECT relmeta.create_one_to_many('paper', 'sheet', 'paper_id', 'nt_sheet', delete => 'all', foreign_key => false);
-- => nt_sheet
INSERT INTO sheet VALUES (10, 1), (20, 2);
DELETE FROM folder WHERE id = 1;
SELECT array_agg(id) FROM sheet;
-- => {20}
ROLLBACK;

SELECT count(*) FROM relmeta.verify() v WHERE v.relation::text LIKE 'nt.%';
-- => 0
DROP SCHEMA nt CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{nt_ann,nt_bob}'::text[]) u; END $$;
