-- What goes through the tables of all owners keeps no lock on those where it finds nothing: there may be more tables than locks.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA mt;
CREATE TABLE mt.person (name text PRIMARY KEY);
SELECT relmeta.create_user('mt_ann'), relmeta.create_user('mt_bob'), relmeta.create_user('mt_cat'), relmeta.register_principals('mt.person');
INSERT INTO mt.person VALUES ('mt_dan');
DO $$
BEGIN
  FOR i IN 1..30 LOOP
    EXECUTE format('CREATE TABLE mt.t%s (id int PRIMARY KEY, owner text)', i);
    PERFORM relmeta.register_table(format('mt.t%s', i)::regclass, 'owner');
  END LOOP;
END $$;
INSERT INTO mt.t1 VALUES (1, 'mt_bob');
SELECT relmeta.share('mt.t1', 1, 'mt_cat');
-- => 1
-- tables of the schema, and entry tables, on which this transaction holds a lock
CREATE FUNCTION mt.locked() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN count(*) <= 3 THEN 'few' ELSE 'many: ' || count(*) END FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND (c.relname ~ '^t[0-9]+$' OR c.relnamespace = 'relmeta_access'::regnamespace) $$;
BEGIN;
SELECT relmeta.drop_principal('mt_ann');
SELECT mt.locked();
-- => few
COMMIT;
BEGIN;
DELETE FROM mt.person;
SELECT mt.locked();
-- => few
COMMIT;
BEGIN;
SELECT relmeta.reassign_owned('mt_cat', 'mt_bob');
-- => 0
SELECT mt.locked();
-- => few
SELECT relmeta.reassign_owned('mt_bob', 'mt_cat');
-- => 1
ROLLBACK;
BEGIN;
SELECT key, direct FROM relmeta.shared_with('mt_cat');
-- => 1|{read}
SELECT mt.locked();
-- => few
COMMIT;
BEGIN;
SELECT relmeta.revoke_all('mt_bob');
-- => 0
SELECT mt.locked();
-- => few
COMMIT;
BEGIN;
SELECT relation, object_key, principal FROM relmeta.principal_object_access WHERE principal LIKE 'mt%';
-- => mt.t1|1|mt_cat
SELECT mt.locked();
-- => few
COMMIT;
SELECT relmeta.drop_principal('mt_bob');
-- => ERROR:  2BP01
DROP SCHEMA mt CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'mt\_%' ORDER BY principal;
