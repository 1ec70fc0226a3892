-- register_table, unregister_table, relmeta.tables: SEMANTICS 2.2.
-- Each refusal is followed by its SQLSTATE.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE regress_rt_owner;
CREATE ROLE regress_rt_other;
CREATE SCHEMA rt AUTHORIZATION regress_rt_owner;
GRANT USAGE ON SCHEMA rt TO regress_rt_other;
SELECT relmeta.create_user('rt_alice', 'regress_rt_owner');
SELECT relmeta.create_user('rt_bob');
SELECT relmeta.create_team('rt_team');
SET SESSION AUTHORIZATION regress_rt_owner;
SET search_path = rt;

-- relmeta's triggers on a table, in short
CREATE VIEW triggers AS
SELECT tgrelid::regclass AS relation, tgname AS trigger, tgargs,
       pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(oid, true), '^.*? (WHEN|EXECUTE) ', '\1 ') AS definition
FROM pg_catalog.pg_trigger
WHERE NOT tgisinternal AND tgfoid IN (SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = 'relmeta'::regnamespace);

--
-- What is registered
--
CREATE TABLE plain (id bigint PRIMARY KEY, note text);
SELECT relmeta.register_table('plain');
CREATE TABLE account (id int PRIMARY KEY, owner_id text, active boolean DEFAULT true, n int);
INSERT INTO account VALUES (1, 'rt_alice'), (2, 'rt_team'), (3, NULL);
SELECT relmeta.register_table('account', 'owner_id', 'active');
CREATE TABLE ticket (id uuid PRIMARY KEY, owner_id varchar(40), state smallint);
SELECT relmeta.register_table(relation => 'ticket', owner_column => 'owner_id', state_column => 'state', is_system => true);
CREATE TYPE phase AS ENUM ('draft', 'open', 'done', 'gone');
CREATE TABLE task (id text PRIMARY KEY, phase phase);
SELECT relmeta.register_table('task', state_column => 'phase', active_states => '{draft,open}', inactive_state => 'gone');
SELECT * FROM relmeta.tables WHERE relation::text !~ '\.' ORDER BY relation::text;
SELECT relation, trigger, pg_catalog.encode(tgargs, 'escape') AS arguments FROM triggers WHERE relation::text !~ '\.' AND trigger !~ 'row_(insert|delete)' ORDER BY relation::text, trigger;

-- again: NULL keeps, '' takes away
SELECT relmeta.register_table('account');
SELECT relmeta.register_table('account', active_states => '{true,false}', inactive_state => '');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('account', active_states => '{f}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('account', active_states => '{f}', inactive_state => 't');
SELECT relmeta.register_table('account', is_system => true);
SELECT relmeta.register_table('task', inactive_state => 'done');
SELECT relmeta.register_table('ticket', owner_column => '', state_column => '', is_system => false);
SELECT * FROM relmeta.tables WHERE relation::text !~ '\.' ORDER BY relation::text;
SELECT relation, trigger, definition FROM triggers WHERE relation IN ('account'::regclass, 'ticket'::regclass) AND trigger = 'relmeta_row_update';
-- another state column starts anew
ALTER TABLE account ADD state int;
SELECT relmeta.register_table('account', state_column => 'state');
SELECT active_states, inactive_state FROM relmeta.tables WHERE relation = 'account'::regclass;
SELECT relmeta.register_table('account', state_column => 'active', active_states => '{yes}', is_system => false);
SELECT active_states, inactive_state FROM relmeta.tables WHERE relation = 'account'::regclass;

--
-- States
--
CREATE TABLE stateful (id int PRIMARY KEY, b boolean, i int, t text, p phase, d point);
SELECT relmeta.register_table('stateful', state_column => 't');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'p', active_states => '{open,closed}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{0,99999999999}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{0}', inactive_state => 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{0,1}', inactive_state => '1');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{0,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{{0},{1}}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', active_states => '{0}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', inactive_state => '0');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('stateful', state_column => 'd', active_states => '{"(0,0)"}');
\echo :LAST_ERROR_SQLSTATE
-- no default for inactive_state that would be active
SELECT relmeta.register_table('stateful', state_column => 'i', active_states => '{1}');
SELECT active_states, inactive_state FROM relmeta.tables WHERE relation = 'stateful'::regclass;

--
-- Tables that cannot take part
--
CREATE VIEW v AS SELECT 1 AS id;
SELECT relmeta.register_table('v');
\echo :LAST_ERROR_SQLSTATE
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS id;
SELECT relmeta.register_table('mv');
\echo :LAST_ERROR_SQLSTATE
CREATE SEQUENCE seq;
SELECT relmeta.register_table('seq');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('account_pkey');
\echo :LAST_ERROR_SQLSTATE
CREATE TEMP TABLE temporary (id int PRIMARY KEY);
SELECT relmeta.register_table('temporary');
\echo :LAST_ERROR_SQLSTATE
CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
SELECT relmeta.register_table('unlogged');
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
CREATE FOREIGN DATA WRAPPER rt_wrapper;
CREATE SERVER rt_server FOREIGN DATA WRAPPER rt_wrapper;
CREATE FOREIGN TABLE rt.far (id int) SERVER rt_server;
SELECT relmeta.register_table('rt.far');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE rt.half_far (id int) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE rt.half_far_1 PARTITION OF rt.half_far FOR VALUES FROM (0) TO (10) SERVER rt_server;
SELECT relmeta.register_table('rt.half_far');
\echo :LAST_ERROR_SQLSTATE
DROP FOREIGN DATA WRAPPER rt_wrapper CASCADE;
SET SESSION AUTHORIZATION regress_rt_owner;
SET search_path = rt;
SELECT relmeta.register_table('pg_catalog.pg_class');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('information_schema.sql_features');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('relmeta.principal');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
SELECT relmeta.register_table('parent');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('child');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE ruled (id int PRIMARY KEY);
CREATE RULE r AS ON DELETE TO ruled DO INSTEAD NOTHING;
SELECT relmeta.register_table('ruled');
\echo :LAST_ERROR_SQLSTATE
DROP RULE r ON ruled;
SELECT relmeta.register_table('ruled');
CREATE TABLE keyless (id int);
SELECT relmeta.register_table('keyless');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE composite (a int, b int, PRIMARY KEY (a, b));
SELECT relmeta.register_table('composite');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE deferred (id int PRIMARY KEY DEFERRABLE);
SELECT relmeta.register_table('deferred');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('missing');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table(4294967295::regclass);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table(NULL);
\echo :LAST_ERROR_SQLSTATE

-- partitioned tables can; their partitions are not registered themselves
CREATE TABLE measure (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM (0) TO (100);
CREATE TABLE measure_2 PARTITION OF measure FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
CREATE TABLE measure_2a PARTITION OF measure_2 FOR VALUES FROM (100) TO (200);
SELECT relmeta.register_table('measure', 'owner_id');
SELECT relmeta.register_table('measure_2a');
\echo :LAST_ERROR_SQLSTATE
SELECT relation, trigger FROM triggers WHERE relation::text ~ '^measure' ORDER BY relation::text, trigger;
SELECT relmeta.unregister_table('measure');
SELECT relation, trigger FROM triggers WHERE relation::text ~ '^measure' ORDER BY relation::text, trigger;

--
-- Columns
--
CREATE TABLE columns (id int PRIMARY KEY, owner_id text, gone text, made text GENERATED ALWAYS AS ('x') STORED, pt point);
ALTER TABLE columns DROP gone;
SELECT relmeta.register_table('columns', 'missing');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('columns', 'gone');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('columns', 'ctid');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('columns', state_column => 'missing', active_states => '{1}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('columns', 'made');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('columns', 'pt');
\echo :LAST_ERROR_SQLSTATE
-- a generated state is one, which merge() cannot set; from 18 on one that is not stored is none
CREATE TABLE done (id int PRIMARY KEY, done_at date, open boolean GENERATED ALWAYS AS (done_at IS NULL) STORED);
SELECT relmeta.register_table('done', state_column => 'open', inactive_state => 'false');
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.register_table('done', state_column => 'open');
SELECT state_column, active_states, inactive_state FROM relmeta.registered_table WHERE relation = 'done'::regclass;
-- => open|{true}|
INSERT INTO done VALUES (1, NULL), (2, NULL);
SELECT relmeta.merge('done', 1, 2);
\echo :LAST_ERROR_SQLSTATE
-- => 55000
DO $$
BEGIN
  IF current_setting('server_version_num')::int < 180000 THEN
    RAISE feature_not_supported;
  END IF;
  EXECUTE 'CREATE TABLE virtual (id int PRIMARY KEY, done_at date, open boolean GENERATED ALWAYS AS (done_at IS NULL) VIRTUAL)';
  PERFORM relmeta.register_table('virtual', state_column => 'open');
EXCEPTION WHEN feature_not_supported THEN
  RAISE WARNING '%', SQLSTATE;
END $$;
-- => WARNING:  0A000
DROP TABLE done;
SELECT relmeta.register_table('columns', 'id');
\echo :LAST_ERROR_SQLSTATE
-- one column as owner and as state, also when one of the two is registered already
SELECT relmeta.register_table('account', 'owner_id', 'owner_id', '{rt_alice}', 'rt_bob');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('account', state_column => 'owner_id', active_states => '{rt_alice}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('columns', default_owner => true);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM relmeta.tables WHERE relation = 'columns'::regclass;

--
-- Owners
--
CREATE TABLE owned (id int PRIMARY KEY, owner_id text);
INSERT INTO owned VALUES (1, 'rt_alice'), (2, NULL), (3, 'rt_stranger'), (4, 'rt_stranger');
\set VERBOSITY default
SELECT relmeta.register_table('owned', 'owner_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('owned', 'owner_id', create_principals => true);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION relmeta.create_user TO regress_rt_owner;
SET SESSION AUTHORIZATION regress_rt_owner;
SET search_path = rt;
INSERT INTO owned VALUES (5, 'rt_guest');
SELECT relmeta.register_table('owned', 'owner_id', create_principals => true);
SELECT principal, kind FROM relmeta.principals WHERE principal ~ '^rt_' ORDER BY principal;
-- a change later on
UPDATE owned SET owner_id = 'rt_nobody' WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
-- the owner's type reads and writes the principal's name before they are compared
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_user('3F2504E0-4F89-11D3-9A0C-0305E82C3301');
SET SESSION AUTHORIZATION regress_rt_owner;
SET search_path = rt;
CREATE TABLE by_uuid (id int PRIMARY KEY, owner_id uuid);
INSERT INTO by_uuid VALUES (1, '3f2504e0-4f89-11d3-9a0c-0305e82c3301');
SELECT relmeta.register_table('by_uuid', 'owner_id', create_principals => true);
SELECT principal FROM relmeta.principals WHERE principal ILIKE '3f2504e0%';
-- an unknown owner in the last of many
CREATE TABLE crowd (id int PRIMARY KEY, owner_id text);
INSERT INTO crowd SELECT i, 'rt_crowd_' || i FROM generate_series(1, 1100) AS i;
\set VERBOSITY sqlstate
SELECT relmeta.register_table('crowd', 'owner_id');
\set VERBOSITY terse
SELECT relmeta.register_table('crowd', 'owner_id', create_principals => true);
SELECT count(*) FROM relmeta.principals WHERE principal ~ '^rt_crowd';
-- hidden rows count: row-level security does not hide them from the registration
CREATE TABLE hidden (id int PRIMARY KEY, owner_id text);
INSERT INTO hidden VALUES (1, 'rt_nobody');
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT relmeta.register_table('hidden', 'owner_id');
\echo :LAST_ERROR_SQLSTATE

--
-- default_owner
--
SELECT relmeta.register_table('owned', default_owner => true);
INSERT INTO owned (id) VALUES (10) RETURNING owner_id;
SELECT relmeta.register_table('owned');
SELECT column_default FROM information_schema.columns WHERE table_name = 'owned' AND column_name = 'owner_id';
SELECT relmeta.register_table('owned', default_owner => false);
SELECT column_default FROM information_schema.columns WHERE table_name = 'owned' AND column_name = 'owner_id';
SELECT relmeta.register_table('by_uuid', default_owner => true);
SELECT column_default FROM information_schema.columns WHERE table_name = 'by_uuid' AND column_name = 'owner_id';
-- it goes with the column's role, and another default stays
SELECT relmeta.register_table('by_uuid', '');
SELECT column_default FROM information_schema.columns WHERE table_name = 'by_uuid' AND column_name = 'owner_id';
SELECT relmeta.register_table('owned', default_owner => true);
ALTER TABLE owned ALTER owner_id SET DEFAULT 'rt_bob';
SELECT relmeta.unregister_table('owned');
SELECT column_default FROM information_schema.columns WHERE table_name = 'owned' AND column_name = 'owner_id';

--
-- Names of triggers that are taken; triggers are known by their function
--
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE busy (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE busy_1 PARTITION OF busy FOR VALUES FROM (0) TO (10);
CREATE TRIGGER relmeta_row_update AFTER UPDATE ON busy_1 FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER relmeta_truncate_starts AFTER TRUNCATE ON busy FOR EACH STATEMENT EXECUTE FUNCTION nothing();
SELECT relmeta.register_table('busy', 'owner_id');
ALTER TRIGGER relmeta_statement_ends ON busy RENAME TO renamed;
DROP TRIGGER relmeta_row_insert ON busy;
SELECT relmeta.register_table('busy');
SELECT relation, trigger FROM triggers WHERE relation::text ~ '^busy' ORDER BY relation::text, trigger;
SELECT relmeta.unregister_table('busy');
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgrelid::regclass::text ~ '^busy' ORDER BY 1, 2;

--
-- Who may
--
SET SESSION AUTHORIZATION regress_rt_other;
SET search_path = rt;
SELECT relmeta.register_table('plain');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.unregister_table('plain');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('v');
\echo :LAST_ERROR_SQLSTATE
SELECT relation FROM relmeta.tables WHERE relation = 'plain'::regclass;
SET SESSION AUTHORIZATION regress_rt_owner;
SET search_path = rt;

--
-- unregister_table
--
SELECT relmeta.unregister_table('plain');
SELECT relmeta.unregister_table('plain');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.unregister_table(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM triggers WHERE relation = 'plain'::regclass;
-- a table that could not be registered any more can be unregistered
CREATE RULE r AS ON DELETE TO ruled DO ALSO NOTHING;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
SET session_replication_role = replica;
CREATE RULE r AS ON DELETE TO ruled DO ALSO NOTHING;
RESET session_replication_role;
SET SESSION AUTHORIZATION regress_rt_owner;
SELECT relmeta.register_table('ruled');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.unregister_table('ruled');

--
-- A column that a relationship needs cannot be taken away
--
CREATE TABLE line (id int PRIMARY KEY, owner_id text, active boolean);
SELECT relmeta.register_table('line', 'owner_id', 'active');
SELECT relmeta.create_one_to_many('account', 'line', 'account_id', assign => 'all', rollup_view => 'active');
SELECT relmeta.register_table('line', owner_column => '');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('line', state_column => '');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('account', owner_column => '');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.register_table('account', state_column => '');
SELECT relmeta.register_table('line', is_system => true);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE line ADD number bigint;
SELECT relmeta.register_table('line', 'number');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.unregister_table('line');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.unregister_table('account');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('account_line', assign => 'none', rollup_view => 'none');
SELECT relmeta.register_table('line', owner_column => '', state_column => '');
SELECT relmeta.drop_relationship('account_line');
SELECT relmeta.unregister_table('line');

--
-- Odd names, with an empty search_path and operators in the way
--
CREATE FUNCTION always(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = always);
CREATE TABLE "Weird ""Name""" ("Key ''" int PRIMARY KEY, "Own er" text, "State\" boolean);
INSERT INTO "Weird ""Name""" VALUES (1, 'rt_alice', true);
SET search_path = rt, pg_catalog;
SELECT relmeta.register_table('"Weird ""Name"""', 'Own er', 'State\', default_owner => true);
SELECT definition FROM triggers WHERE relation = '"Weird ""Name"""'::regclass AND trigger = 'relmeta_row_update';
-- the trigger was not made with the schema's "=", which finds everything equal
UPDATE "Weird ""Name""" SET "Own er" = 'rt_nobody';
\echo :LAST_ERROR_SQLSTATE
SET search_path = '';
SELECT relmeta.register_table('rt."Weird ""Name"""', 'Own er', 'State\', default_owner => false);
SELECT * FROM relmeta.tables WHERE relation = 'rt."Weird ""Name"""'::regclass;
SELECT relmeta.unregister_table('rt."Weird ""Name"""');
DROP OPERATOR rt.= (text, text);

--
-- A table's name can be used again: the first keeps its stable one
--
SET search_path = rt;
CREATE TABLE twin (id int PRIMARY KEY);
SELECT relmeta.register_table('twin');
ALTER TABLE twin RENAME TO elder;
CREATE TABLE twin (id int PRIMARY KEY);
SELECT relmeta.register_table('twin');
SELECT DISTINCT relation, pg_catalog.encode(tgargs, 'escape') AS arguments FROM triggers WHERE relation IN ('twin'::regclass, 'elder'::regclass) ORDER BY 1;

DROP TABLE temporary;
RESET SESSION AUTHORIZATION;
DROP SCHEMA rt CASCADE;
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal ~ '^rt_' OR principal ILIKE '3f2504e0%';
REVOKE EXECUTE ON FUNCTION relmeta.create_user FROM regress_rt_owner;
DROP ROLE regress_rt_owner, regress_rt_other;
