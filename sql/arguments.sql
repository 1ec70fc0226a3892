-- Whatever OID a function is given for a table, type or role: an error that says what is wrong, none of PostgreSQL's insides.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE SCHEMA arg;
SET search_path = arg;
SELECT relmeta.create_user('arg_ann'), relmeta.create_team('arg_team');
CREATE TABLE t (id int PRIMARY KEY, owner_id text, up int);
CREATE TABLE keyless (id int);
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p DEFAULT;
CREATE TABLE kids () INHERITS (t);
CREATE VIEW v AS SELECT * FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM t;
CREATE SEQUENCE s;
CREATE TYPE comp AS (x int);
CREATE TYPE shell;
CREATE TEMP TABLE tmp (id int PRIMARY KEY);
CREATE UNLOGGED TABLE unl (id int PRIMARY KEY);
CREATE TABLE reg (id int PRIMARY KEY, owner_id text, up int REFERENCES reg);
SELECT relmeta.register_table('reg', 'owner_id'), relmeta.create_one_to_many('reg', 'reg', 'up', 'arg_up');
-- => |arg_up
SELECT relmeta.create_many_to_many('arg.reg', 'arg.t', 'arg_nn');
-- => arg_nn
INSERT INTO reg VALUES (1, 'arg_ann');
SELECT relmeta.share('reg', 1, 'arg_team');
-- => 1
CREATE TABLE seen (call text, state text, message text);

-- an argument of a type, in SQL: bogus where an OID is wanted (the n-th of the call, the others name table reg)
CREATE FUNCTION argument(type regtype, name text, bogus oid) RETURNS text LANGUAGE sql AS $$
  SELECT CASE
    WHEN type::text IN ('regclass', 'regtype', 'regrole', 'oid') THEN format('%s::oid::%s', bogus, type)
    WHEN type = 'regclass[]'::regtype THEN format('ARRAY[%s::oid::regclass]', bogus)
    WHEN type = 'name[]'::regtype THEN '''{id}'''
    WHEN type = 'text[]'::regtype THEN CASE WHEN name = 'keys' THEN '''{1}''' WHEN name = 'principals' THEN '''{arg_ann}''' ELSE 'NULL' END
    WHEN type = 'boolean'::regtype THEN 'NULL'
    WHEN type = 'relmeta.access_right'::regtype THEN '''read'''
    WHEN type = 'relmeta.access_right[]'::regtype THEN '''{read}'''
    WHEN type = 'relmeta.behavior'::regtype THEN 'NULL'
    WHEN name LIKE 'key%' THEN '''1'''
    WHEN name = 'kind' THEN '''user'''
    WHEN name = 'type_column' THEN '''kind'''
    WHEN name IN ('principal', 'new_owner', 'old_owner') THEN '''arg_ann'''
    WHEN name IN ('lookup_column', 'column_name', 'team_column', 'member_column') THEN '''id'''
    ELSE 'NULL' END || CASE WHEN type = '"any"'::regtype THEN '::text' ELSE '::' || type END
$$;
CREATE FUNCTION is_oid(type oid) RETURNS boolean LANGUAGE sql AS $$
  SELECT type IN ('regclass'::regtype, 'regclass[]'::regtype, 'regtype'::regtype, 'regrole'::regtype, 'oid'::regtype) $$;
CREATE PROCEDURE attempt(call text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE call;
  RAISE EXCEPTION USING ERRCODE = 'ZZ001';	-- undo it
EXCEPTION
  WHEN SQLSTATE 'ZZ001' THEN
    INSERT INTO arg.seen VALUES (call, 'ok', '');
  WHEN OTHERS THEN
    INSERT INTO arg.seen VALUES (call, SQLSTATE, SQLERRM);
END $$;
DO $$
DECLARE
  f record;
  bogus oid;
  call text;
  things oid[] := ARRAY[0, 4294967295, 23, 1259, 't'::regclass::oid, 'keyless'::regclass::oid, 'p'::regclass::oid, 'p1'::regclass::oid, 'kids'::regclass::oid,
    'v'::regclass::oid, 'mv'::regclass::oid, 's'::regclass::oid, 'comp'::regclass::oid, 'tmp'::regclass::oid, 'unl'::regclass::oid, 'reg'::regclass::oid, 'reg_pkey'::regclass::oid,
    'relmeta.registered_table'::regclass::oid, 'reg_t'::regclass::oid, (SELECT reltoastrelid FROM pg_class WHERE oid = 't'::regclass),
    (SELECT entry_table FROM relmeta.registered_table WHERE relation = 'reg'::regclass),
    'comp'::regtype::oid, (SELECT oid FROM pg_type WHERE typname = 'shell' AND typnamespace = 'arg'::regnamespace), '_int4'::regtype::oid, 'anyelement'::regtype::oid, 'record'::regtype::oid, 'cstring'::regtype::oid, 'void'::regtype::oid,
    'unknown'::regtype::oid, 'point'::regtype::oid];
BEGIN
  FOR f IN
    SELECT p.proname, p.proargtypes::oid[] AS types, p.proargnames AS names, n
    FROM pg_proc AS p, generate_series(1, pronargs) AS n
    WHERE pronamespace = 'relmeta'::regnamespace AND prokind = 'f' AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND arg.is_oid((p.proargtypes::oid[])[n - 1])
  LOOP
    FOREACH bogus IN ARRAY things LOOP
      SELECT string_agg(arg.argument(t, name, CASE WHEN i = f.n THEN bogus WHEN t = 'regtype'::regtype THEN 23 ELSE 'reg'::regclass END), ', ' ORDER BY i)
        INTO call FROM unnest(f.types, f.names[1:cardinality(f.types)]) WITH ORDINALITY AS u(t, name, i);
      CALL arg.attempt(format('SELECT relmeta.%I(%s)', f.proname, call));
    END LOOP;
  END LOOP;
END $$;
SELECT count(*) > 500 FROM seen;
-- => t
-- all SQLSTATEs are among those that relmeta declares (ATTACKS 54)
SELECT DISTINCT call, state, message FROM seen
WHERE state NOT IN ('ok', '42P01', '42704', '0A000', '42703', '42710', '42P17', '22023', '22P02', '22004', '42804', '55000', 'P0002', '23503', '23514') ORDER BY 1;
-- => none

-- a principal's name
\set long 'repeat(\'x\', 1025)'
SELECT relmeta.create_user(:long);
-- => ERROR:  the name of a principal must not be longer than 1024 bytes
SELECT relmeta.create_team(:long), relmeta.create_user('');
-- => ERROR:  the name of a principal must not be longer than 1024 bytes
SELECT relmeta.share('reg', 1, repeat('x', 100000000));
-- => ERROR:  the name of a principal must not be longer than 1024 bytes
SELECT relmeta.has_access('reg', 1, 'read', :long);
-- => ERROR:  the name of a principal must not be longer than 1024 bytes
SELECT relmeta.drop_principal(:long);
-- => ERROR:  the name of a principal must not be longer than 1024 bytes
CREATE TABLE people (id text PRIMARY KEY);
SELECT relmeta.register_principals('people', 'user');
INSERT INTO people VALUES (:long);
-- => ERROR:  the name of a principal must not be longer than 1024 bytes
SELECT relmeta.create_user(repeat('x', 1024)), relmeta.drop_principal(repeat('x', 1024));
DROP SCHEMA arg CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{arg_ann,arg_team}'::text[]) AS u;
-- => 2
