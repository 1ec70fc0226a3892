-- What relmeta starts by itself runs as the table's owner, and leaves nothing to run or to be in force afterwards: an
-- owner of tables cannot reach whoever calls a function of relmeta by what he hangs on them.  The planner calls a function
-- in an index expression; this one makes a deferred trigger wait, opens a cursor WITH HOLD and changes a setting.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET relmeta.job_workers = 0;
CREATE ROLE regress_nl_mallory;
CREATE SCHEMA nl AUTHORIZATION regress_nl_mallory;
SELECT count(relmeta.create_user(u)) FROM unnest('{nl_ann,nl_bob,nl_cat,nl_dan}'::text[]) AS u;
SET SESSION AUTHORIZATION regress_nl_mallory;
CREATE TABLE nl.log (what text, by name);
CREATE TABLE nl.bait (x int);
CREATE FUNCTION nl.note(what text) RETURNS void LANGUAGE sql AS $$ INSERT INTO nl.log VALUES (what, current_user) $$;
CREATE FUNCTION nl.fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nl.note('FIRED'); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER fired AFTER INSERT ON nl.bait DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION nl.fired();
CREATE FUNCTION nl.late() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM nl.note('FETCHED'); RETURN 1; END $$;
CREATE FUNCTION nl.arm() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF session_user = 'regress_nl_mallory' THEN
    RETURN 0;
  END IF;
  BEGIN
    INSERT INTO nl.bait VALUES (1);
    PERFORM nl.note('TRIGGER WAITS');
  EXCEPTION WHEN insufficient_privilege THEN
    PERFORM nl.note('trigger refused');
  END;
  BEGIN
    EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT nl.late()';
    PERFORM nl.note('CURSOR WAITS');
  EXCEPTION WHEN OTHERS THEN
    PERFORM nl.note('cursor refused');
  END;
  PERFORM set_config('nl.setting', 'by ' || current_user, false);
  RETURN 0;
END $$;
CREATE FUNCTION nl.folded() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN nl.arm(); END $$;

-- a > b > c, of which c is partitioned
CREATE TABLE nl.a (id int PRIMARY KEY, owner_id text);
CREATE TABLE nl.b (id int PRIMARY KEY, owner_id text);
CREATE TABLE nl.c (id int PRIMARY KEY, owner_id text) PARTITION BY HASH (id);
CREATE TABLE nl.c0 PARTITION OF nl.c FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT relmeta.register_table(t::text::regclass, 'owner_id') FROM unnest('{nl.a,nl.b,nl.c}'::text[]) AS t;
SELECT relmeta.create_one_to_many('nl.a', 'nl.b', 'a_id', preset => 'parental');
SELECT relmeta.create_one_to_many('nl.b', 'nl.c', 'b_id', preset => 'parental', foreign_key => false);
INSERT INTO nl.a SELECT i, 'nl_ann' FROM generate_series(1, 3) AS i;
INSERT INTO nl.b SELECT i, 'nl_ann', i % 3 + 1 FROM generate_series(1, 200) AS i;
INSERT INTO nl.c SELECT i, 'nl_ann', i FROM generate_series(1, 200) AS i;
SELECT count(relmeta.share('nl.a', i, p)) FROM generate_series(1, 3) AS i, unnest('{nl_bob,nl_cat}'::text[]) AS p;
SELECT relmeta.share('nl.c', 7, 'nl_dan');
CREATE TABLE nl.d (id int PRIMARY KEY, owner_id text, a_id int);
INSERT INTO nl.d SELECT i, 'nl_dan', 1 FROM generate_series(1, 200) AS i;
CREATE INDEX ON nl.a ((id + nl.folded()));
CREATE INDEX ON nl.d ((id + nl.folded()));
CREATE INDEX ON nl.b ((id + nl.folded()));
CREATE INDEX ON nl.c ((id + nl.folded()));

-- an administrator; shared_with() and drop_principal() roll their looks back, so that not even a note is left: \c lets the planner see the expressions anew
\c -
SET relmeta.job_workers = 0; SET client_min_messages = warning;
\set look 'SELECT DISTINCT what, by FROM nl.log ORDER BY 1, 2; DELETE FROM nl.log; SELECT coalesce(nullif(current_setting(\'nl.setting\', true), \'\'), \'-\');'
SELECT relmeta.has_access('nl.c', 7, 'read', 'nl_dan');
:look
-- => -
\c -
SELECT count(*) FROM relmeta.explain_access('nl.c', 7, 'nl_bob');
:look
-- => -
\c -
SELECT count(*) FROM relmeta.shared_with('nl_bob');
:look
-- => -
\c -
SELECT relmeta.share('nl.a', 1, 'nl_dan');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.revoke_all('nl_dan');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.reassign_owned('nl_ann', 'nl_dan');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.drop_principal('nl_ann');
:look
-- => -
\c -
SET relmeta.job_workers = 0; SET client_min_messages = warning;
SELECT relmeta.update_relationship('a_b', share => 'none', reparent => 'none') > 0 AS queued;
CALL relmeta.run_jobs();
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SET relmeta.job_workers = 0;
SELECT relmeta.reset_inherited_access('a_b') > 0 AS queued;
CALL relmeta.run_jobs();
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT * FROM relmeta.verify() WHERE relation::text LIKE 'nl.%';
:look
-- => -
-- verify() rolls its looks back: not even a note is left
\c -
SELECT relmeta.repair();
:look
-- => -
-- declarations
\c -
SELECT relmeta.register_table('nl.d', 'owner_id');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.create_one_to_many('nl.a', 'nl.d', 'a_id', preset => 'parental');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.update_relationship('a_d', delete => 'restrict');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.create_multi_table_lookup('nl.d', 'b_id', '{nl.b}');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
\c -
SELECT relmeta.alter_column_type('nl.a', 'id', 'bigint');
:look
-- => cursor refused|regress_nl_mallory
-- => trigger refused|regress_nl_mallory
-- => -
-- tables of two owners, neither of whom may read the other's: each is looked at as its owner
CREATE ROLE regress_nl_eve;
GRANT USAGE, CREATE ON SCHEMA nl TO regress_nl_eve;
GRANT INSERT ON nl.log, nl.bait TO regress_nl_eve;
ALTER TABLE nl.c OWNER TO regress_nl_eve;
ALTER TABLE nl.c0 OWNER TO regress_nl_eve;
DELETE FROM nl.log;
\c -
SELECT * FROM relmeta.verify() WHERE relation::text LIKE 'nl.%';
:look
-- => -
SET session_replication_role = replica;
INSERT INTO nl.c VALUES (999, 'nl_dan', 12345);
RESET session_replication_role;
SELECT relation, object, problem FROM relmeta.verify() WHERE relation::text LIKE 'nl.%';
DROP SCHEMA nl CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{nl_bob,nl_cat,nl_dan}'::text[]) AS u;
DROP ROLE regress_nl_mallory, regress_nl_eve;
