-- An owner column's type decides for the whole database what is a spelling of whose name: none takes a name for something else
-- (SEMANTICS 2.1, 2.2).  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_on_mallory;
CREATE SCHEMA on_names AUTHORIZATION regress_on_mallory;
DO $$ BEGIN PERFORM relmeta.create_user('on_bob'), relmeta.create_team('101'), relmeta.create_user('102'); END $$;

-- bob comes out as 'bob' or \x626f62, yes as t, b101 as 101, 7 as 7.0.0.0/8
SET SESSION AUTHORIZATION regress_on_mallory;
SET search_path = on_names;
CREATE TABLE o (id int PRIMARY KEY, c1 tsvector, c2 tsquery, c3 bytea, c4 boolean, c5 varbit, c6 cidr, c7 xid8);
SELECT relmeta.register_table('o', 'c1');
-- => ERROR:  0A000
SELECT relmeta.register_table('o', 'c2');
-- => ERROR:  0A000
SELECT relmeta.register_table('o', 'c3');
-- => ERROR:  0A000
SELECT relmeta.register_table('o', 'c4');
-- => ERROR:  0A000
SELECT relmeta.register_table('o', 'c5');
-- => ERROR:  0A000
\set VERBOSITY default
SELECT relmeta.register_table('o', 'c6');
-- => ERROR, told
\set VERBOSITY sqlstate
-- before 16 any text was a number of xid8
DO $$ BEGIN
  PERFORM relmeta.register_table('o', 'c7'), relmeta.unregister_table('o');
  IF current_setting('server_version_num')::int < 160000 THEN RAISE WARNING 'xid8 is taken'; END IF;
EXCEPTION WHEN feature_not_supported THEN
  IF current_setting('server_version_num')::int >= 160000 THEN RAISE WARNING 'xid8 is refused'; END IF;
END $$;
RESET SESSION AUTHORIZATION;
SELECT relmeta.act_as('101x', false);
-- => ERROR:  42704
SELECT relmeta.act_as('on_bob on_bob', false);
-- => ERROR:  42704
SELECT count(*) FROM relmeta.principal_type WHERE type IN ('tsvector'::regtype, 'tsquery'::regtype, 'bytea'::regtype, 'boolean'::regtype, 'varbit'::regtype, 'cidr'::regtype);
-- => 0

-- those that take no names, and print what they take
ALTER TABLE on_names.o ADD c8 numeric, ADD c9 uuid, ADD c10 inet, ADD c11 bigint, ADD c12 bpchar, ADD c13 oid;
SET SESSION AUTHORIZATION regress_on_mallory;
DO $$
DECLARE
  c text;
BEGIN
  FOREACH c IN ARRAY '{c8,c9,c10,c11,c12,c13}'::text[] LOOP
    PERFORM relmeta.register_table('o', c);
  END LOOP;
END $$;
SELECT relmeta.unregister_table('o');
-- =>
RESET SESSION AUTHORIZATION;
DROP SCHEMA on_names CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{on_bob,101,102}'::text[]) AS u;
-- => 3
DELETE FROM relmeta.principal_type WHERE type IN ('numeric'::regtype, 'inet'::regtype, 'bpchar'::regtype, 'oid'::regtype, 'xid8'::regtype);
DROP ROLE regress_on_mallory;
