-- Keys, owners, states and lookups have no type of which a function is an ordinary role's: everybody who comes by reads and
-- compares their values, ANALYZE of an entry table too.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_tt_mallory;
CREATE ROLE regress_tt_super SUPERUSER;
SELECT count(relmeta.create_user(u)) FROM unnest('{tt_ann,tt_bob}'::text[]) AS u;
-- => 2
CREATE SCHEMA tt AUTHORIZATION regress_tt_mallory;
SET search_path = tt;

-- what an ordinary role can make
SET SESSION AUTHORIZATION regress_tt_mallory;
CREATE FUNCTION diff(a int, b int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN a - b; END $$;
CREATE FUNCTION checked(v int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_user <> 'regress_tt_mallory' THEN RAISE WARNING 'checked by %', current_user; END IF;
  RETURN true;
END $$;
CREATE TYPE differs AS RANGE (subtype = int, subtype_diff = diff);
CREATE TYPE plain AS RANGE (subtype = int);
CREATE DOMAIN small AS int CHECK (checked(VALUE));
CREATE TYPE smalls AS RANGE (subtype = small, subtype_opclass = int4_ops);
CREATE DOMAIN several AS differs;
CREATE TYPE who AS ENUM ('tt_ann', 'tt_bob');
CREATE TABLE t (id differs PRIMARY KEY, plain plain, smalls smalls, many differs_multirange, several several,
  small small, who who, n int UNIQUE);
\set VERBOSITY default
SELECT relmeta.register_table('t');
\set VERBOSITY terse
ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (n);
SELECT relmeta.register_table('t', 'plain');
SELECT relmeta.register_table('t', 'smalls');
SELECT relmeta.register_table('t', 'several');
SELECT relmeta.register_table('t', state_column => 'many', active_states => '{"{[1\\,2)}"}');
SELECT relmeta.register_table('t', state_column => 'id', active_states => '{[1,2)}');
SELECT relmeta.register_table('t', state_column => 'smalls', active_states => '{[1,2)}');
SELECT relmeta.register_table('t', 'who');
SELECT relmeta.alter_column_type('t', 'n', 'plain');
SELECT relmeta.create_multi_table_lookup('t', 't_id', '{t}', 'plain');

-- enums are PostgreSQL's own to read and compare, and a domain is its base type
CREATE TABLE e (id who PRIMARY KEY, owner_id who, state who);
SELECT relmeta.register_table('e', 'owner_id', 'state', '{tt_ann}');
INSERT INTO e VALUES ('tt_ann', 'tt_ann');
SELECT relmeta.share('e', 'tt_ann', 'tt_bob');
-- => 1
CREATE TABLE d (id small PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('d', 'owner_id');
INSERT INTO d VALUES (1, 'tt_ann');
SELECT relmeta.share('d', 1, 'tt_bob');
-- => 1
-- what only one's own statements read may be of any type
CREATE TABLE a (id differs PRIMARY KEY);
CREATE TABLE b (id smalls PRIMARY KEY);
SELECT relmeta.create_many_to_many('tt.a', 'tt.b', attributes => 'many tt.plain');
INSERT INTO a VALUES ('[1,2)');
INSERT INTO b VALUES ('[1,2)');
SELECT relmeta.associate('a_b', '[1,2)', '[1,2)', '{"many": "[3,4)"}');
-- => 1
SELECT relmeta.disassociate('a_b', '[1,2)', '[1,2)', '{"many": "[3,4)"}');
-- => 1
RESET SESSION AUTHORIZATION;
SELECT key FROM relmeta.shared_with('tt_bob');
SELECT object_key FROM relmeta.principal_object_access WHERE principal = 'tt_bob' ORDER BY 1;

-- what a superuser makes, of his own and of others' functions
SET SESSION AUTHORIZATION regress_tt_super;
CREATE TYPE of_super AS RANGE (subtype = int);
CREATE TYPE of_both AS RANGE (subtype = int, subtype_diff = tt.diff);
CREATE TYPE of_domain AS RANGE (subtype = tt.small, subtype_opclass = int4_ops);
CREATE TYPE of_ranges AS RANGE (subtype = tt.plain);
CREATE TABLE s (id of_super PRIMARY KEY, owner_id text, both_id of_both, domain_id of_domain, ranges of_ranges);
SELECT relmeta.register_table('s', 'owner_id');
SELECT relmeta.register_table('s', state_column => 'both_id', active_states => '{[1,2)}');
SELECT relmeta.register_table('s', state_column => 'domain_id', active_states => '{[1,2)}');
SELECT relmeta.register_table('s', state_column => 'ranges', active_states => '{"[[1\\,2)\\,[1\\,3))"}');
INSERT INTO s VALUES ('[1,2)', 'tt_ann');
SELECT relmeta.share('s', '[1,2)', 'tt_bob');
-- => 1
-- a type like integer, of which one function is given away
CREATE TYPE num;
CREATE FUNCTION num_in(cstring) RETURNS num LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION num_out(num) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE num (INPUT = num_in, OUTPUT = num_out, LIKE = int);
CREATE FUNCTION num_lt(num, num) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION num_eq(num, num) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
CREATE FUNCTION num_cmp(num, num) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE FUNCTION num_sel(internal, oid, internal, int) RETURNS float8 LANGUAGE internal STABLE STRICT AS 'eqsel';
CREATE OPERATOR < (LEFTARG = num, RIGHTARG = num, FUNCTION = num_lt);
CREATE OPERATOR = (LEFTARG = num, RIGHTARG = num, FUNCTION = num_eq, RESTRICT = num_sel);
CREATE OPERATOR CLASS num_ops DEFAULT FOR TYPE num USING btree AS
  OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 num_cmp(num, num);
CREATE TABLE w (id num PRIMARY KEY);
DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY '{num_in(cstring),num_out(num),num_lt(num\,num),num_eq(num\,num),num_cmp(num\,num),"num_sel(internal,oid,internal,int)"}'::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO regress_tt_mallory', f);
    BEGIN
      PERFORM relmeta.register_table('w');
    EXCEPTION WHEN feature_not_supported THEN
      RAISE WARNING '%', SQLERRM;
    END;
    EXECUTE format('ALTER FUNCTION %s OWNER TO regress_tt_super', f);
  END LOOP;
END $$;
SELECT relmeta.register_table('w');
INSERT INTO w VALUES ('7');
SELECT relmeta.share('w', '7', 'tt_bob');
-- => 1

-- what prints names that somebody else may change is kept by its text with connections, automations and merges: reg types, ranges over enums
CREATE TYPE of_enum AS RANGE (subtype = tt.who);
CREATE TABLE named (id int PRIMARY KEY, a regclass UNIQUE, b regproc UNIQUE, c regconfig UNIQUE, d regrole UNIQUE, e regnamespace UNIQUE, f regtype UNIQUE, g of_enum UNIQUE,
  h of_enum_multirange UNIQUE);
CREATE DOMAIN of_name AS regclass;
DO $$
DECLARE c text;
BEGIN
  FOREACH c IN ARRAY '{a,b,c,d,e,f,g,h}'::text[] LOOP
    EXECUTE format('ALTER TABLE named DROP CONSTRAINT named_pkey, ADD PRIMARY KEY (%I)', c);
    BEGIN
      PERFORM relmeta.register_table('named');
    EXCEPTION WHEN feature_not_supported THEN
      RAISE WARNING '%', SQLERRM;
    END;
  END LOOP;
END $$;
ALTER TABLE named DROP CONSTRAINT named_pkey, ADD PRIMARY KEY (id);
SELECT relmeta.register_table('named', state_column => 'f', active_states => '{int}');
-- => ERROR:  type regtype cannot be that of a key, owner or state: it prints names of objects, which can be renamed
SELECT relmeta.register_table('named');
SELECT relmeta.alter_column_type('named', 'id', 'tt.of_name');
-- => ERROR:  type of_name cannot be that of a key, owner or state: it prints names of objects, which can be renamed

-- who made it is no superuser any more: nothing of it is called, verify() tells
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_tt_super NOSUPERUSER;
\c -
SET search_path = tt;
SELECT relmeta.share('s', '[1,2)', 'tt_bob', '{write}');
SELECT relation, problem, repair FROM relmeta.verify() WHERE relation IN ('s', 'w') ORDER BY 1;
SELECT relmeta.unregister_table('s'), relmeta.unregister_table('w');
SET client_min_messages = warning;
DROP SCHEMA tt CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{tt_ann,tt_bob}'::text[]) AS u;
-- => 2
DROP ROLE regress_tt_mallory, regress_tt_super;
