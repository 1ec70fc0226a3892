-- A cursor over a controlled table keeps an open scan of the entries: DDL under it, a savepoint that goes, WITH HOLD, DISCARD ALL, a statement
-- that is cancelled.  SEMANTICS 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cu_owner;
SELECT relmeta.create_user('cu_ann'), relmeta.create_user('cu_bob');
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_cu_owner;
CREATE SCHEMA cu AUTHORIZATION regress_cu_owner;
SET SESSION AUTHORIZATION regress_cu_owner;
SET search_path = cu;
CREATE TABLE note (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('note', 'owner_id');
INSERT INTO note SELECT i, 'cu_ann' FROM generate_series(1, 100) AS i;
SELECT relmeta.share_many('note', array(SELECT i::text FROM generate_series(1, 100) AS i), '{cu_bob}');
-- => 100
SELECT relmeta.enable_access_control('note', force => true);
BEGIN;
SELECT relmeta.act_as('cu_bob');
DECLARE c CURSOR FOR SELECT id FROM note;
SAVEPOINT a;
-- many enough that the keys are being gathered
MOVE 40 IN c;
SELECT relmeta.alter_column_type('note', 'id', 'bigint');
-- => ERROR:  55006
ROLLBACK TO a;
SELECT relmeta.alter_column_type('note', 'owner_id', 'varchar');
-- => ERROR:  55006
ROLLBACK TO a;
SELECT relmeta.unregister_table('note');
-- => ERROR:  55000
ROLLBACK TO a;
SELECT relmeta.disable_access_control('note');
-- => ERROR:  55006
ROLLBACK TO a;
DROP TABLE note;
-- => ERROR:  55006
ROLLBACK TO a;
-- the scan was opened in the savepoint that has been rolled back to
FETCH 2 FROM c;
-- => 41
-- => 42
DECLARE d CURSOR FOR SELECT id FROM note;
MOVE 40 IN d;
ROLLBACK TO a;
FETCH 1 FROM c;
-- => 43
SAVEPOINT b;
DO $$ BEGIN PERFORM 1 / (id - 30) FROM cu.note; END $$;
-- => ERROR:  22012
ROLLBACK TO b;
FETCH 1 FROM c;
-- => 44
COMMIT;
-- what a cursor WITH HOLD has found stays, the identity does not
BEGIN;
SELECT relmeta.act_as('cu_bob');
DECLARE h CURSOR WITH HOLD FOR SELECT id FROM note WHERE id < 4;
COMMIT;
FETCH ALL FROM h;
-- => 1
-- => 2
-- => 3
SET client_min_messages = error;
SELECT count(*) FROM note;
-- => 0
DISCARD ALL;
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
-- a cursor is of whom it was opened for, whoever fetches from it: rows and links
CREATE ROLE regress_cu_carl;
SELECT relmeta.create_user('cu_carl', 'regress_cu_carl');
SET SESSION AUTHORIZATION regress_cu_owner;
SET search_path = cu;
CREATE TABLE paper (id int PRIMARY KEY, owner_id text);
CREATE TABLE tag (id int PRIMARY KEY);
SELECT relmeta.register_table('paper', 'owner_id'), relmeta.register_table('tag');
SELECT relmeta.create_many_to_many('paper', 'tag', 'paper_tag', intersect_table => 'cu.paper_tag');
INSERT INTO paper VALUES (1, 'cu_ann'), (2, 'cu_carl');
INSERT INTO tag VALUES (5);
INSERT INTO paper_tag VALUES (1, 5), (2, 5);
SELECT relmeta.enable_access_control('paper');
GRANT USAGE ON SCHEMA cu TO regress_cu_carl;
GRANT SELECT ON paper, paper_tag TO regress_cu_carl;
CREATE FUNCTION fetches(c refcursor) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = cu, pg_temp AS $$
DECLARE r record; l text;
BEGIN
  LOOP FETCH c INTO r; EXIT WHEN NOT FOUND; l := concat_ws(' ', l, r); END LOOP;
  RETURN l;
END $$;
SET SESSION AUTHORIZATION regress_cu_carl;
SET search_path = cu;
BEGIN;
DECLARE p CURSOR FOR SELECT * FROM paper;
DECLARE l CURSOR FOR SELECT * FROM paper_tag;
SELECT fetches('p');
-- => (2,cu_carl)
SELECT fetches('l');
-- => (2,5)
COMMIT;
RESET SESSION AUTHORIZATION;
DROP SCHEMA cu CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cu_ann,cu_bob,cu_carl}'::text[]) AS p;
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_cu_owner;
DROP ROLE regress_cu_owner, regress_cu_carl;
