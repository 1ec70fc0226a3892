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
DROP SCHEMA cu CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cu_ann,cu_bob}'::text[]) AS p;
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_cu_owner;
DROP ROLE regress_cu_owner;
