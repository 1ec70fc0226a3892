-- event_trigger: metadata of registered tables and 1:N relationships follows DDL.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_evt_owner;
CREATE ROLE regress_evt_other;
CREATE SCHEMA evt AUTHORIZATION regress_evt_owner;
GRANT USAGE ON SCHEMA evt TO regress_evt_other;
SELECT relmeta.create_user('evt_u'), relmeta.create_user('evt_v');
SET ROLE regress_evt_owner;
SET search_path = evt;
CREATE FUNCTION ours(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(tgname || CASE tgenabled WHEN 'O' THEN '' ELSE '(' || tgenabled::text || ')' END, ' ' ORDER BY tgname)
    FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid WHERE tgrelid = relation AND pronamespace = 'relmeta'::regnamespace
$$;
CREATE TABLE account (id int PRIMARY KEY, owner_id text, state int, name text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, state int, account_id int, name text);
CREATE TABLE lead (id int PRIMARY KEY);
CREATE TABLE task (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('account', 'owner_id', 'state'), relmeta.register_table('contact', 'owner_id', 'state'),
       relmeta.register_table('lead'), relmeta.register_table('task', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', assign => 'active');
SELECT relmeta.create_multi_table_lookup('task', 'regarding_id', '{account,lead}', delete => 'all');
INSERT INTO account VALUES (1, 'evt_u', 0), (2, 'evt_u', 0);
INSERT INTO contact VALUES (1, 'evt_u', 0, 1), (2, 'evt_u', 1, 1);
INSERT INTO lead VALUES (1);
INSERT INTO task VALUES (1, NULL, 1, 'account'), (2, NULL, 1, 'lead');

-- columns that are renamed are followed, and the cascades with them
ALTER TABLE account RENAME COLUMN id TO account_key;
ALTER TABLE account RENAME owner_id TO "Owner";
ALTER TABLE contact RENAME COLUMN state TO status;
ALTER VIEW contact RENAME COLUMN account_id TO "belongs to";
ALTER TABLE contact RENAME COLUMN owner_id TO owned_by;
ALTER TABLE task RENAME COLUMN regarding_id TO about_id;
ALTER TABLE task RENAME COLUMN regarding_type TO about_type;
ALTER TABLE contact RENAME COLUMN name TO full_name;
ALTER TABLE account RENAME TO firm;
SELECT relation, key_column, owner_column, state_column FROM relmeta.tables ORDER BY relation::text;
-- => contact|id|owned_by|status
-- => firm|account_key|Owner|state
-- => lead|id||
-- => task|id|owner_id|
SELECT name, primary_table, primary_key, related_table, lookup_column, type_column FROM relmeta.one_to_many ORDER BY name;
-- => account_contact|firm|account_key|contact|belongs to|
-- => account_task|firm|account_key|task|about_id|about_type
-- => lead_task|lead|id|task|about_id|about_type
UPDATE firm SET "Owner" = 'evt_v' WHERE account_key = 1;
SELECT id, owned_by FROM contact ORDER BY id;
-- => 1|evt_v, 2|evt_u
DELETE FROM firm WHERE account_key = 1;
SELECT id, about_type FROM task;
-- => 2|lead

-- the owner and the state column: kept while a relationship needs them
ALTER TABLE contact DROP COLUMN status;
-- => ERROR:  55000
ALTER TABLE contact DROP COLUMN owned_by;
-- => ERROR:  55000
ALTER TABLE task DROP COLUMN owner_id;
ALTER TABLE firm DROP COLUMN state;
SELECT relation, owner_column, state_column, active_states FROM relmeta.tables ORDER BY relation::text;
-- => contact|owned_by|status|{0}
-- => firm|Owner||
-- => lead|||
-- => task|||
SELECT ours('task');
-- => the same triggers, without an owner to watch
INSERT INTO task VALUES (3, 1, 'lead');

-- the key is not dropped under a registration
\set VERBOSITY default
ALTER TABLE lead DROP COLUMN id;
ALTER TABLE lead DROP CONSTRAINT lead_pkey;
\set VERBOSITY sqlstate
ALTER TABLE lead DROP COLUMN id CASCADE;
-- => ERROR:  55000
ALTER TABLE lead DROP CONSTRAINT lead_pkey, ADD PRIMARY KEY (id);
ALTER TABLE lead DROP CONSTRAINT lead_pkey, ADD CONSTRAINT lead_pkey PRIMARY KEY (id) DEFERRABLE;
-- => ERROR:  55000

-- a lookup takes its relationships along, an owner column in the same statement too
BEGIN;
ALTER TABLE contact DROP COLUMN owned_by, DROP COLUMN "belongs to";
SELECT name FROM relmeta.one_to_many ORDER BY name;
-- => account_task, lead_task
SELECT relation, owner_column FROM relmeta.tables WHERE relation = 'contact'::regclass;
-- => contact|
ROLLBACK;
SELECT name FROM relmeta.one_to_many ORDER BY name;
-- => all three
BEGIN;
ALTER TABLE task DROP COLUMN about_type;
SELECT name FROM relmeta.one_to_many ORDER BY name;
-- => account_contact
SELECT ours('task'), ours('lead');
ROLLBACK;
ALTER TABLE contact DROP COLUMN "belongs to";
SELECT name FROM relmeta.one_to_many ORDER BY name;
-- => account_task, lead_task
UPDATE firm SET "Owner" = 'evt_u';

-- other columns are nobody's business
ALTER TABLE contact ADD COLUMN note text, ALTER COLUMN full_name TYPE varchar(100);
ALTER TABLE contact DROP COLUMN note;

-- types change together
\set VERBOSITY default
ALTER TABLE task ALTER COLUMN about_id TYPE bigint;
\set VERBOSITY sqlstate
ALTER TABLE firm ALTER COLUMN account_key TYPE bigint;
-- => ERROR:  0A000
ALTER TABLE firm ALTER "Owner" TYPE varchar;
-- => ERROR:  0A000
ALTER TABLE contact ALTER status TYPE text;
ALTER TABLE contact ALTER status TYPE date USING NULL;
-- => ERROR:  0A000
SET ROLE regress_evt_other;
ALTER TABLE evt.firm ALTER COLUMN account_key TYPE bigint;
-- => ERROR:  42501
SET ROLE regress_evt_owner;
ALTER TABLE nope ALTER COLUMN account_key TYPE bigint;
-- => ERROR:  42P01
ALTER TABLE IF EXISTS nope ALTER COLUMN account_key TYPE bigint;
SELECT relmeta.alter_column_type('firm', 'account_key', 'bigint');
SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'task'::regclass AND attname = 'about_id';
-- => bigint

-- what a registered table cannot be
CREATE TABLE child () INHERITS (firm);
-- => ERROR:  0A000
CREATE TABLE child (LIKE firm);
ALTER TABLE child INHERIT firm;
-- => ERROR:  0A000
CREATE TABLE parent (id bigint);
ALTER TABLE lead INHERIT parent;
-- => ERROR:  0A000
CREATE TABLE free (id bigint);
ALTER TABLE free INHERIT parent;
CREATE RULE r AS ON UPDATE TO firm DO INSTEAD NOTHING;
-- => ERROR:  0A000
CREATE RULE r AS ON UPDATE TO child DO INSTEAD NOTHING;
ALTER TABLE firm SET UNLOGGED;
-- => ERROR:  0A000
DROP TABLE child, parent, free;

-- relmeta's triggers: a warning when they are disabled or dropped, none when others are
\set VERBOSITY default
ALTER TABLE task DISABLE TRIGGER relmeta_statement_ends;
ALTER TABLE task ENABLE REPLICA TRIGGER relmeta_statement_ends;
ALTER TABLE task DISABLE TRIGGER ALL;
ALTER TABLE task ENABLE TRIGGER ALL;
ALTER TABLE task ENABLE ALWAYS TRIGGER relmeta_statement_ends;
DROP TRIGGER relmeta_truncate_starts ON task;
\set VERBOSITY sqlstate
SELECT relmeta.register_table('task');
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER mine BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION noop();
ALTER TABLE task DISABLE TRIGGER mine;
DROP TRIGGER mine ON task;

-- partitions: of a registered table they get its triggers, of another they have none
CREATE TABLE log (id int, day int, owner_id text, log_id int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10);
SELECT relmeta.register_table('log', 'owner_id');
SELECT relmeta.create_one_to_many('log', 'log', 'log_id', assign => 'all', foreign_key => false);
SELECT ours('log_1');
CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
CREATE TABLE log_2_1 PARTITION OF log_2 DEFAULT;
CREATE TABLE log_3 (id int NOT NULL, log_id int, owner_id text, day int);
SELECT ours('log_3');
-- => none
ALTER TABLE log ATTACH PARTITION log_3 FOR VALUES FROM (20) TO (30);
SELECT ours(r::regclass) = ours('log_1') FROM unnest('{log_2,log_2_1,log_3}'::text[]) r;
-- => t, three times
INSERT INTO log VALUES (1, 0, 'evt_u', NULL), (11, 0, 'evt_u', 1), (21, 0, 'evt_u', 11);
UPDATE log_1 SET owner_id = 'evt_v';
SELECT id, owner_id FROM log ORDER BY id;
-- => all evt_v
ALTER TABLE log DETACH PARTITION log_3;
SELECT ours('log_3');
-- => none
INSERT INTO log_3 VALUES (22);
ALTER TABLE log_2 DETACH PARTITION log_2_1;
SELECT ours('log_2_1');
-- => none
CREATE UNLOGGED TABLE log_4 PARTITION OF log FOR VALUES FROM (30) TO (40);
-- => ERROR:  0A000
ALTER TABLE log_1 SET UNLOGGED;
-- => ERROR:  0A000
ALTER TABLE log_2 DISABLE TRIGGER ALL;
-- => a WARNING
CREATE TABLE log_5 (LIKE log INCLUDING ALL);
SELECT relmeta.register_table('log_5');
ALTER TABLE log ATTACH PARTITION log_5 FOR VALUES FROM (50) TO (60);
-- => ERROR:  0A000
SELECT relmeta.unregister_table('log_5');
ALTER TABLE log ATTACH PARTITION log_5 FOR VALUES FROM (50) TO (60);
-- somebody else's table as a partition: its triggers are made as its owner
RESET ROLE;
CREATE FOREIGN DATA WRAPPER regress_evt_fdw;
CREATE SERVER regress_evt_server FOREIGN DATA WRAPPER regress_evt_fdw;
CREATE FOREIGN TABLE log_6 PARTITION OF log FOR VALUES FROM (60) TO (70) SERVER regress_evt_server;
-- => ERROR:  42809, PostgreSQL's own
CREATE TABLE log_7 (id int NOT NULL, log_id int, owner_id text, day int);
ALTER TABLE log_7 OWNER TO regress_evt_other;
ALTER TABLE log ATTACH PARTITION log_7 FOR VALUES FROM (70) TO (80);
SELECT ours('log_7') = ours('log_1');
-- => t
DROP FOREIGN DATA WRAPPER regress_evt_fdw CASCADE;
SET ROLE regress_evt_owner;
DROP TABLE log;
SELECT count(*) FROM relmeta.tables WHERE relation::text LIKE 'log%';
-- => 0

-- dropped tables take registrations, relationships and entry tables along; what is left is brought in line
INSERT INTO lead VALUES (7);
SELECT relmeta.share('lead', 7, 'evt_u');
-- => 1
SELECT entry_table::oid FROM relmeta.registered_table WHERE relation = 'lead'::regclass \gset
DROP TABLE lead;
SELECT (SELECT count(*) FROM pg_class WHERE oid = :entry_table), (SELECT count(*) FROM relmeta.one_to_many);
-- => 0|1
INSERT INTO task VALUES (5, 9, 'account');
-- => ERROR:  23503
INSERT INTO task VALUES (5, 9, 'lead');
-- => ERROR:  23514
DROP TABLE firm CASCADE;
SELECT relation, ours(relation) FROM relmeta.tables ORDER BY 1;
SELECT count(*) FROM relmeta.one_to_many;
-- => 0

-- a related table of another owner is brought in line as that owner
RESET ROLE;
GRANT CREATE ON SCHEMA evt TO regress_evt_other;
CREATE ROLE regress_evt_both IN ROLE regress_evt_owner, regress_evt_other;
SET ROLE regress_evt_other;
CREATE TABLE theirs (id int PRIMARY KEY, task_id int);
SET ROLE regress_evt_both;
SELECT relmeta.create_one_to_many('task', 'theirs', 'task_id', foreign_key => false);
SET ROLE regress_evt_owner;
DROP TABLE task;
SELECT ours('theirs');
-- => none on insert: there is no lookup to guard any more
SET ROLE regress_evt_other;
INSERT INTO evt.theirs VALUES (1, 99);
RESET ROLE;
DROP SCHEMA evt CASCADE;
SELECT count(*) FROM relmeta.tables;
-- => 0

-- access that was inherited through a relationship goes with it, all the way down
CREATE SCHEMA evt AUTHORIZATION regress_evt_owner;
SET ROLE regress_evt_owner;
SET search_path = evt;
CREATE TABLE a (id int PRIMARY KEY, o text);
CREATE TABLE b (id int PRIMARY KEY, o text, a_id int);
CREATE TABLE c (id int PRIMARY KEY, o text, b_id int);
SELECT relmeta.register_table('a', 'o'), relmeta.register_table('b', 'o'), relmeta.register_table('c', 'o');
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', preset => 'parental'), relmeta.create_one_to_many('b', 'c', 'b_id', preset => 'parental');
INSERT INTO a VALUES (1, 'evt_u');
INSERT INTO b VALUES (1, 'evt_u', 1);
INSERT INTO c VALUES (1, 'evt_u', 1);
SELECT relmeta.share('a', 1, 'evt_v', '{read}');
-- => 3
BEGIN;
ALTER TABLE b DROP COLUMN a_id;
SELECT relation, principal FROM relmeta.principal_object_access;
-- => a|evt_v
ROLLBACK;
DROP TABLE a CASCADE;
SELECT relation, principal FROM relmeta.principal_object_access;
-- => none
RESET ROLE;
DROP SCHEMA evt CASCADE;

-- sources of principals
CREATE SCHEMA evt AUTHORIZATION regress_evt_owner;
CREATE TABLE evt.person (uid text PRIMARY KEY, name text);
CREATE TABLE evt.membership (team text, person text);
CREATE TABLE evt.crew (name text PRIMARY KEY);
SELECT relmeta.register_principals('evt.person'), relmeta.register_principals('evt.crew', 'team'),
       relmeta.register_memberships('evt.membership', 'team', 'person');
INSERT INTO evt.person VALUES ('evt_p');
INSERT INTO evt.crew VALUES ('evt_c');
ALTER TABLE evt.membership RENAME COLUMN person TO who;
ALTER TABLE evt.person RENAME COLUMN uid TO login;
INSERT INTO evt.membership VALUES ('evt_c', 'evt_p');
INSERT INTO evt.person VALUES ('evt_q');
SELECT principal, teams FROM relmeta.principals WHERE principal LIKE 'evt\__' ORDER BY 1;
-- => evt_c, evt_p in {evt_c}, evt_q, evt_u, evt_v
ALTER TABLE evt.membership DROP COLUMN who;
SELECT relation FROM relmeta.principal_source ORDER BY relation::text;
-- => evt.crew, evt.person
INSERT INTO evt.membership VALUES ('evt_c');
ALTER TABLE evt.person DROP COLUMN login;
INSERT INTO evt.person VALUES ('x');
DROP TABLE evt.crew;
SELECT count(*) FROM relmeta.principal_source;
-- => 0
SELECT principal, source FROM relmeta.principal WHERE principal LIKE 'evt\__' ORDER BY 1;
-- => they stay, without a source
DROP SCHEMA evt CASCADE;

-- a restore without data enables all triggers of a table that it filled: relmeta's on its own tables stay ALWAYS
ALTER TABLE relmeta.relationship DISABLE TRIGGER ALL;
ALTER TABLE relmeta.relationship ENABLE TRIGGER ALL;
SELECT tgrelid::regclass, tgenabled FROM pg_trigger WHERE tgname = 'relmeta_changed' AND tgenabled <> 'A';
-- => none

SELECT relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'evt\__';
DROP ROLE regress_evt_owner, regress_evt_other, regress_evt_both;
