-- The domain of an owner column is an ordinary role's, who changes its check afterwards: what the check raises refuses the value, and
-- stops nobody who has not named the table.  SEMANTICS 2.2.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_do_mal;
CREATE ROLE regress_do_ann;
SELECT relmeta.create_user('do_mal', 'regress_do_mal'), relmeta.create_user('do_ann', 'regress_do_ann'), relmeta.create_user('do_cat');
CREATE SCHEMA dom AUTHORIZATION regress_do_mal;
GRANT USAGE ON SCHEMA dom TO PUBLIC;
SET search_path = dom;

SET SESSION AUTHORIZATION regress_do_mal;
CREATE DOMAIN who AS text;
CREATE TABLE t (id int PRIMARY KEY, owner who);
CREATE TABLE u (id int PRIMARY KEY, owner text);
INSERT INTO t VALUES (1, 'do_mal'), (2, 'do_cat');
INSERT INTO u VALUES (1, 'do_mal');
SELECT relmeta.register_table('t', 'owner'), relmeta.register_table('u', 'owner');
SELECT relmeta.share('t', 1, 'do_ann'), relmeta.share('u', 1, 'do_ann');
GRANT SELECT ON t, u TO regress_do_ann;
CREATE FUNCTION checked(value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF value = current_setting('dom.refused', true) THEN
    RAISE EXCEPTION 'not %', value;
  END IF;
  RETURN true;
END $$;
ALTER DOMAIN who ADD CHECK (dom.checked(VALUE));

-- ann's own lists
SET SESSION AUTHORIZATION regress_do_ann;
SET dom.refused = 'do_ann';
SELECT relation FROM relmeta.shared_with();
-- => u
SELECT relmeta.has_access('t', 1, 'read'), relmeta.has_access('u', 1, 'read');
-- => f|t
SELECT count(*) FROM relmeta.principal_object_access;
-- => 1
RESET dom.refused;
SELECT relation FROM relmeta.shared_with() ORDER BY 1;
-- => t and u

-- an administrator's work is done elsewhere, and what fails ends no more than its statement
RESET SESSION AUTHORIZATION;
SET dom.refused = 'do_cat';
SELECT relmeta.create_user('do_dan');
SELECT relmeta.reassign_owned('do_mal', 'do_cat');
-- => 1
SELECT id, owner FROM t ORDER BY id;
-- => as they were
SELECT relmeta.assign('t', 1, 'do_cat');
-- => ERROR:  22023
SELECT 1;
-- => 1
BEGIN;
SAVEPOINT before;
SELECT relmeta.assign('t', 1, 'do_cat');
-- => ERROR:  22023
ROLLBACK TO before;
COMMIT;
CREATE TABLE kept (n int);
DO $$
BEGIN
  INSERT INTO dom.kept VALUES (1);
  PERFORM relmeta.assign('dom.t', 1, 'do_cat');
EXCEPTION WHEN OTHERS THEN
  NULL;
END $$;
SELECT count(*) FROM kept;
-- => 0
SELECT count(*) FROM relmeta.verify() WHERE problem LIKE '%looked at%';
-- => 0

RESET dom.refused;

-- no SQLSTATE of an error that code raises is more than that code's: not of the domain's check …
SET SESSION AUTHORIZATION regress_do_mal;
CREATE TABLE x (id int PRIMARY KEY, owner text);
INSERT INTO x VALUES (1, 'do_mal');
SELECT relmeta.register_table('x', 'owner');
SELECT relmeta.share('x', 1, 'do_ann');
GRANT SELECT ON x TO regress_do_ann;
CREATE OR REPLACE FUNCTION checked(value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('dom.state', true) <> '' THEN
    RAISE EXCEPTION USING ERRCODE = current_setting('dom.state'), MESSAGE = 'raised';
  END IF;
  RETURN true;
END $$;
-- … nor of a function in an index
CREATE FUNCTION indexed(id int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM dom.checked('');
  RETURN id;
END $$;
CREATE INDEX ON x ((id + indexed(7)));
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_user('do_eve');
CREATE FUNCTION tried(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE query INTO result;
  RETURN result;
EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION tried_all(OUT state text, OUT lists text, OUT dropped text, OUT reassigned text, OUT revoked text, OUT verified text,
  OUT repaired text) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  FOREACH state IN ARRAY '{P0001,57014,57P01,53200,40001,40P01,58030,XX000}'::text[] LOOP
    PERFORM set_config('dom.state', state, false);
    SET ROLE regress_do_ann;
    lists := dom.tried('SELECT string_agg(relation::text, '','' ORDER BY relation::text) FROM relmeta.shared_with()') || '|' ||
      dom.tried('SELECT string_agg(relation::text, '','' ORDER BY relation::text) FROM relmeta.principal_object_access');
    RESET ROLE;
    dropped := dom.tried('SELECT relmeta.create_user(''do_fay'')') || dom.tried('SELECT relmeta.drop_principal(''do_fay'')');
    reassigned := dom.tried('SELECT relmeta.reassign_owned(''do_eve'', ''do_cat'')');
    revoked := dom.tried('SELECT relmeta.revoke_all(''do_eve'')');
    verified := dom.tried('SELECT count(*) > 0 FROM relmeta.verify()');
    repaired := dom.tried('SELECT relmeta.repair() >= 0');
    RETURN NEXT;
  END LOOP;
  PERFORM set_config('dom.state', '', false);
END $$;
GRANT EXECUTE ON FUNCTION tried TO regress_do_ann;
-- a session that has not planned with the index yet
\c -
SET client_min_messages = error;
SET search_path = dom;
SELECT * FROM tried_all();
-- => the same for every state; verify() names who owns rows of t and is refused

-- who owns rows there cannot be dropped; reassign_owned() says whose code stops it
SET dom.state = '57014';
SELECT relmeta.drop_principal('do_mal');
-- => ERROR:  2BP01
\set VERBOSITY default
SELECT relmeta.reassign_owned('do_mal', 'do_cat');
-- => ERROR, with the table and a hint
-- nothing of the owner's is asked where grants are taken away
\set VERBOSITY sqlstate
SELECT relmeta.revoke_all('do_ann');
-- => 3: t, u and x
RESET dom.state;

-- a cancel is one, wherever it comes
SET SESSION AUTHORIZATION regress_do_mal;
CREATE OR REPLACE FUNCTION checked(value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('dom.state', true) <> '' THEN
    PERFORM pg_sleep(60);
  END IF;
  RETURN true;
END $$;
RESET SESSION AUTHORIZATION;
SET dom.state = 'sleeps';
SET statement_timeout = '100ms';
SELECT relmeta.reassign_owned('do_eve', 'do_cat');
-- => ERROR:  57014
SELECT relmeta.drop_principal('do_eve');
-- => ERROR:  57014
SELECT relmeta.verify();
-- => ERROR:  57014
RESET statement_timeout;
RESET dom.state;
-- what need not come again is not kept: the check is asked anew
SET SESSION AUTHORIZATION regress_do_mal;
CREATE DOMAIN whom AS text;
CREATE TABLE v (id int PRIMARY KEY, owner whom);
INSERT INTO v SELECT n, 'do_mal' FROM generate_series(1, 100) AS n;
SELECT relmeta.register_table('v', 'owner');
SELECT relmeta.enable_access_control('v');
SELECT relmeta.share('v', 1, 'do_ann');
GRANT SELECT ON v TO regress_do_ann;
CREATE FUNCTION failing(value text) RETURNS boolean LANGUAGE plpgsql PARALLEL SAFE AS $$
DECLARE
  mode text := current_setting('dom.mode', true);
  r record;
BEGIN
  CASE mode
    WHEN 'false' THEN RETURN false;
    WHEN 'raises' THEN RAISE EXCEPTION 'raised';
    WHEN 'query' THEN EXECUTE 'SELECT 1 / 0';
    WHEN 'loop' THEN FOR r IN SELECT FROM pg_catalog.pg_class LOOP RAISE EXCEPTION 'raised'; END LOOP;
    WHEN '55P03', '58030' THEN RAISE EXCEPTION USING ERRCODE = mode, MESSAGE = 'raised';
    ELSE RETURN true;
  END CASE;
  RETURN true;
END $$;
ALTER DOMAIN whom ADD CHECK (dom.failing(VALUE));
RESET SESSION AUTHORIZATION;
\c -
SET SESSION AUTHORIZATION regress_do_ann;
SET search_path = dom;
SET client_min_messages = warning;
SET dom.mode = '55P03';
SELECT relmeta.has_access('v', 1, 'read'), (SELECT count(*) FROM v);
-- => WARNING:  55P03
-- => f|0
SET dom.mode = '58030';
SELECT relmeta.has_access('v', 1, 'read');
-- => WARNING:  58030
-- => f
RESET dom.mode;
SELECT relmeta.has_access('v', 1, 'read'), (SELECT count(*) FROM v);
-- => t|1

-- a parallel worker, which may have no subtransactions, is no other: the same rows, and nothing is left behind in it
RESET SESSION AUTHORIZATION;
CREATE FUNCTION in_worker(mode text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
  PERFORM set_config('parallel_leader_participation', 'off', false), set_config('dom.mode', mode, false);
  RETURN mode;
END $$;
GRANT EXECUTE ON FUNCTION in_worker TO regress_do_ann;
\c -
SET SESSION AUTHORIZATION regress_do_ann;
SELECT dom.in_worker('none');
SELECT count(*) FROM dom.v;
-- => 1
\c -
SET SESSION AUTHORIZATION regress_do_ann;
SELECT dom.in_worker('false');
SELECT count(*) FROM dom.v;
-- => 0
\c -
SET SESSION AUTHORIZATION regress_do_ann;
SELECT dom.in_worker('raises');
SELECT count(*) FROM dom.v;
-- => 0
\c -
SET SESSION AUTHORIZATION regress_do_ann;
SELECT dom.in_worker('query');
SELECT count(*) FROM dom.v;
-- => 0
\c -
SET SESSION AUTHORIZATION regress_do_ann;
SELECT dom.in_worker('loop');
SELECT count(*) FROM dom.v;
-- => 0
-- called by hand an error of the check ends the statement where workers have no subtransactions
SELECT dom.in_worker('raises'), dom.tried('SELECT count(*) FROM pg_class WHERE relmeta.shared(''dom.v'', 1, 1)') IN ('0', 'P0001 raised') AS raised;
-- => raises|t
SELECT dom.in_worker('loop'), dom.tried('SELECT count(*) FROM pg_class WHERE relmeta.shared(''dom.v'', 1, 1)') IN ('0', 'P0001 raised') AS raised;
-- => loop|t
SELECT dom.in_worker('false'), dom.tried('SELECT count(*) FROM pg_class WHERE relmeta.shared(''dom.v'', 1, 1)');
-- => false|0
RESET SESSION AUTHORIZATION;

-- a value of an enum that may not be used before it is committed is none until then
\c -
SET client_min_messages = error;
SET search_path = dom;
CREATE TYPE mood AS ENUM ('do_ann');
CREATE TABLE m (id int PRIMARY KEY, owner mood);
SELECT relmeta.register_table('m', 'owner');
INSERT INTO m VALUES (1, 'do_ann');
BEGIN;
ALTER TYPE mood ADD VALUE 'do_gus';
SELECT relmeta.create_user('do_gus');
SELECT relmeta.assign('m', 1, 'do_gus');
-- => ERROR:  22023
ROLLBACK;
BEGIN;
ALTER TYPE mood ADD VALUE 'do_gus';
SELECT relmeta.create_user('do_gus');
COMMIT;
SELECT relmeta.assign('m', 1, 'do_gus');
-- => 1
SELECT relmeta.unregister_table('m');
SELECT relmeta.drop_principal('do_gus');
DROP TABLE m;
DROP TYPE mood;

RESET search_path;
DROP SCHEMA dom CASCADE;
SELECT relmeta.drop_principal(u) FROM unnest('{do_mal,do_ann,do_cat,do_dan,do_eve}'::text[]) AS u;
DROP ROLE regress_do_mal, regress_do_ann;
