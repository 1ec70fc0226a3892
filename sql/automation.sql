-- automations: procedures called after updates of the rows that they are active on.  SEMANTICS 2.7 and 3.9; ATTACKS 58.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_au_owner;
CREATE ROLE regress_au_other;
CREATE ROLE regress_au_ann;
CREATE ROLE regress_au_bob;
SELECT relmeta.create_user('ann', 'regress_au_ann');
SELECT relmeta.create_user('bob', 'regress_au_bob');
CREATE SCHEMA "Au to" AUTHORIZATION regress_au_owner;
GRANT USAGE ON SCHEMA "Au to" TO PUBLIC;
GRANT CREATE ON SCHEMA "Au to" TO regress_au_other;
SET SESSION AUTHORIZATION regress_au_owner;
SET search_path = '';
CREATE TABLE "Au to".account (id int PRIMARY KEY, owner text, state int DEFAULT 0, n int);
CREATE TABLE "Au to"."Con tact" ("I d" text PRIMARY KEY, owner text, account int, n int) PARTITION BY LIST ("I d");
CREATE TABLE "Au to".contact_a PARTITION OF "Au to"."Con tact" FOR VALUES IN ('a', 'b');
CREATE TABLE "Au to".contact_c PARTITION OF "Au to"."Con tact" FOR VALUES IN ('c', 'd', 'o''x');
CREATE TABLE "Au to".log (no int GENERATED ALWAYS AS IDENTITY, what text);
GRANT SELECT, INSERT, UPDATE ON "Au to".log TO PUBLIC;
SELECT relmeta.register_table('"Au to".account', 'owner', 'state');
SELECT relmeta.register_table('"Au to"."Con tact"', 'owner');
SELECT relmeta.create_one_to_many('"Au to".account', '"Au to"."Con tact"', 'account', 'contacts', 'parental');
GRANT SELECT, INSERT, UPDATE, DELETE ON "Au to".account, "Au to"."Con tact" TO regress_au_ann, regress_au_bob;
CREATE FUNCTION "Au to".logs(relation regclass, key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Au to".log (what) VALUES (relation || ' ' || key || ' by ' || current_user);
END $$;
CREATE PROCEDURE "Au to"."C all"(relation regclass, key text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Au to".log (what) VALUES ('called ' || relation || ' ' || key || ' by ' || current_user);
END $$;
CREATE FUNCTION "Au to".wrong(key text) RETURNS void LANGUAGE sql AS '';
INSERT INTO "Au to".account SELECT i, 'ann', 0, 0 FROM generate_series(1, 4) i;
INSERT INTO "Au to"."Con tact" VALUES ('a', 'ann', 1, 0), ('c', 'ann', 1, 0), ('o''x', 'ann', 2, 0);
SET SESSION AUTHORIZATION regress_au_other;
CREATE FUNCTION "Au to".others(relation regclass, key text) RETURNS void LANGUAGE sql AS '';

-- "only a table's owner may create one, with a procedure that belongs to that owner or a superuser (42501)"
SELECT relmeta.create_automation('x', '"Au to".account', '"Au to".others(regclass, text)');
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_au_owner;
SELECT relmeta.create_automation('x', '"Au to".account', '"Au to".others(regclass, text)');
-- => ERROR:  42501
SELECT relmeta.create_automation('x', '"Au to".account', '"Au to".wrong(text)');
-- => ERROR:  22023
SELECT relmeta.create_automation('x', '"Au to".log', '"Au to".logs(regclass, text)');
-- => ERROR:  42704
SELECT relmeta.create_automation('', '"Au to".account', '"Au to".logs(regclass, text)');
-- => ERROR:  22023
SELECT relmeta.create_automation('x', '"Au to".account', NULL);
-- => ERROR:  22004
SELECT relmeta.create_automation('acc', '"Au to".account', '"Au to".logs(regclass, text)');
SELECT relmeta.create_automation('con "x"', '"Au to"."Con tact"', '"Au to".logs(regclass, text)');
SELECT relmeta.create_automation('call', '"Au to"."Con tact"', '"Au to"."C all"(regclass, text)');
SELECT relmeta.create_automation('acc', '"Au to"."Con tact"', '"Au to".logs(regclass, text)');
-- => ERROR:  42710
SELECT relmeta.create_automation('acc', '"Au to".account', '"Au to".logs(regclass, text)', if_not_exists => true);
SELECT relmeta.activate_automation('none', 1);
-- => ERROR:  42704
-- "It is active on no row until activate_automation(name, key)"
UPDATE "Au to".account SET n = 1;
SELECT count(*) FROM "Au to".log;
-- => 0
SELECT count(*) FROM relmeta.automations;
-- => 0

-- the row's owner activates, nobody else; "key NULL: all rows that the caller may activate it on"
SET SESSION AUTHORIZATION regress_au_bob;
SELECT relmeta.activate_automation('acc', 1);
-- => ERROR:  42501
SELECT relmeta.deactivate_automation('acc', 1);
-- => ERROR:  42501
SELECT relmeta.activate_automation('acc', 99);
-- => ERROR:  P0002
SELECT relmeta.activate_automation('acc', NULL);
SELECT count(*) FROM relmeta.automations;
-- => 0
SELECT relmeta.drop_automation('acc');
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_au_ann;
SELECT relmeta.activate_automation('acc', NULL);
SELECT relmeta.activate_automation('con "x"', 'o''x'), relmeta.activate_automation('call', 'a');
SELECT name, relation, key, is_active, deactivated_by FROM relmeta.automations ORDER BY 1, 3;
-- => acc|"Au to".account|1|t|, acc|"Au to".account|2|t|, acc|"Au to".account|3|t|, acc|"Au to".account|4|t|, call|"Au to"."Con tact"|a|t|, con "x"|"Au to"."Con tact"|o'x|t|
SELECT count(*) FROM relmeta.automation_row;
-- => ERROR:  42501
-- "An active automation's procedure is called after each UPDATE of its row", row by row in order of keys, "as the caller for the caller's own UPDATE"
UPDATE "Au to".account SET n = n + 1 WHERE id <> 3;
UPDATE "Au to"."Con tact" SET n = 1;
-- an UPDATE that moves the row to another partition is one, too; what is active follows the key
UPDATE "Au to"."Con tact" SET "I d" = 'd' WHERE "I d" = 'a';
SELECT what FROM "Au to".log ORDER BY no;
-- => "Au to".account 1 by regress_au_ann, "Au to".account 2 by regress_au_ann, "Au to".account 4 by regress_au_ann,
--    called "Au to"."Con tact" a by regress_au_ann, "Au to"."Con tact" o'x by regress_au_ann, called "Au to"."Con tact" d by regress_au_ann
INSERT INTO "Au to".account VALUES (5, 'ann', 0, 0);
DELETE FROM "Au to".account WHERE id = 5;
-- deactivated by hand
SELECT relmeta.deactivate_automation('acc', '4');
SELECT key, is_active, deactivated_at IS NOT NULL, deactivated_by FROM relmeta.automations WHERE name = 'acc' AND key = '4';
-- => 4|f|t|ann
UPDATE "Au to".account SET n = n + 1 WHERE id = 4;
SELECT count(*) FROM "Au to".log;
-- => 6

-- "When a row changes owner, its active automations are deactivated in the same statement, cascaded assigns included"
SELECT relmeta.activate_automation('con "x"', NULL);
SET SESSION AUTHORIZATION regress_au_owner;
DELETE FROM "Au to".log;
SET SESSION AUTHORIZATION regress_au_ann;
UPDATE "Au to".account SET owner = 'bob' WHERE id < 3;
SELECT what FROM "Au to".log ORDER BY no;
-- => none
SELECT name, key, is_active, deactivated_by FROM relmeta.automations WHERE NOT is_active ORDER BY 1, 2;
-- => acc|1|f|ann, acc|2|f|ann, acc|4|f|ann, call|d|f|ann, con "x"|c|f|ann, con "x"|d|f|ann, con "x"|o'x|f|ann
-- "only the new owner (or the table's owner) can activate them again"
SELECT relmeta.activate_automation('acc', 1);
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_au_bob;
SELECT relmeta.activate_automation('acc', 1), relmeta.activate_automation('con "x"', 'd');
SET SESSION AUTHORIZATION regress_au_owner;
SELECT relmeta.activate_automation('acc', 2), relmeta.activate_automation('con "x"', 'c');
SELECT name, key FROM relmeta.automations WHERE is_active ORDER BY 1, 2;
-- => acc|1, acc|2, acc|3, con "x"|c, con "x"|d

-- "as the table's owner (restricted) for one that a cascade, a merge or a job made": a removed link, a merge
SELECT relmeta.update_relationship('contacts', delete => 'remove_link');
SET SESSION AUTHORIZATION regress_au_bob;
DELETE FROM "Au to".account WHERE id = 1;
SELECT what FROM "Au to".log ORDER BY no;
-- => "Au to"."Con tact" c by regress_au_owner, "Au to"."Con tact" d by regress_au_owner
-- automations of a deleted row have gone with it
SELECT count(*) FROM relmeta.automations WHERE name = 'acc' AND key = '1';
-- => 0
SET SESSION AUTHORIZATION regress_au_owner;
DELETE FROM "Au to".log;
UPDATE "Au to".account SET owner = 'bob' WHERE id IN (3, 4);
UPDATE "Au to"."Con tact" SET account = 4 WHERE "I d" = 'd';
DELETE FROM "Au to".log;
SELECT relmeta.activate_automation('acc', NULL);
SET SESSION AUTHORIZATION regress_au_bob;
SELECT * FROM relmeta.merge('"Au to".account', 3, 4, '{"n": 7}');
-- => contacts|1|0
SELECT what FROM "Au to".log ORDER BY no;
-- => "Au to"."Con tact" d by regress_au_owner, "Au to".account 3 by regress_au_bob, "Au to".account 4 by regress_au_owner
-- ... restricted: the owner's code cannot reach whoever has caused it
SET SESSION AUTHORIZATION regress_au_owner;
CREATE OR REPLACE FUNCTION "Au to".logs(relation regclass, key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('au.set', 'by ' || current_user, false);
  CREATE TEMP TABLE trace (x int);
END $$;
DELETE FROM "Au to".account WHERE id = 3;
-- => ERROR:  42501
SELECT current_setting('au.set', true) IS NULL OR current_setting('au.set', true) = '';
-- => t

-- "not for the assign that deactivates it, nor for updates that it makes itself": the first above, where bob gets rows
CREATE OR REPLACE FUNCTION "Au to".logs(relation regclass, key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "Au to".log (what) VALUES (key);
  UPDATE "Au to".account SET n = n + 1;
END $$;
DELETE FROM "Au to".log;
UPDATE "Au to".account SET n = 0 WHERE id IN (2, 3);
SELECT what FROM "Au to".log ORDER BY no;
-- => 2, 3
SELECT id, n FROM "Au to".account ORDER BY id;
-- => 2|2, 3|2, 4|5: each call updates all rows

-- 3.8 "an action whose new value equals the old one does nothing": no call
DELETE FROM "Au to".log;
SELECT relmeta.assign('"Au to".account', 2, 'bob');
-- => 0
SELECT count(*) FROM "Au to".log;
-- => 0

-- a superuser's procedure will do: as the caller for the caller's own UPDATE, as the table's owner for what follows
RESET SESSION AUTHORIZATION;
CREATE FUNCTION public.au_logs(relation regclass, key text) RETURNS void LANGUAGE sql
  AS $$ INSERT INTO "Au to".log (what) VALUES ('super ' || key || ' by ' || current_user) $$;
SET SESSION AUTHORIZATION regress_au_owner;
SELECT relmeta.create_automation('super', '"Au to"."Con tact"', 'public.au_logs(regclass, text)');
UPDATE "Au to"."Con tact" SET account = 2;
SELECT relmeta.activate_automation('super', NULL);
DELETE FROM "Au to".log;
SET SESSION AUTHORIZATION regress_au_bob;
UPDATE "Au to"."Con tact" SET n = 2 WHERE "I d" = 'c';
DELETE FROM "Au to".account WHERE id = 2;
SELECT what FROM "Au to".log WHERE what LIKE 'super%' ORDER BY no;
-- => super c by regress_au_bob, super c by regress_au_owner, super d by regress_au_owner, super o'x by regress_au_owner
SET SESSION AUTHORIZATION regress_au_owner;
INSERT INTO "Au to".account VALUES (2, 'bob', 0, 2);
SELECT relmeta.activate_automation('acc', 2);

-- "called after each UPDATE of its row, when the cascades are done": what the row inherits is there, what hangs on it follows
CREATE FUNCTION "Au to".asks(relation regclass, key text) RETURNS void LANGUAGE sql
  AS $$ INSERT INTO "Au to".log (what) VALUES ('asks ' || key || ' ' || relmeta.has_access(relation, key, 'delete', 'bob')) $$;
SELECT relmeta.create_automation('asks', '"Au to"."Con tact"', '"Au to".asks(regclass, text)');
INSERT INTO "Au to"."Con tact" VALUES ('b', 'ann', NULL, 0);
SELECT relmeta.activate_automation('asks', 'b');
UPDATE "Au to"."Con tact" SET account = 2 WHERE "I d" = 'b';
UPDATE "Au to"."Con tact" SET account = NULL WHERE "I d" = 'b';
SELECT what FROM "Au to".log WHERE what LIKE 'asks%' ORDER BY no;
-- => asks b true, asks b false
SELECT relmeta.drop_automation('super'), relmeta.drop_automation('asks');
-- reassign_owned is an assign: it deactivates, and calls nothing
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_user('eve');
SELECT relmeta.assign('"Au to"."Con tact"', 'b', 'eve');
-- => 1
SELECT relmeta.activate_automation('con "x"', 'b');
DELETE FROM "Au to".log;
SELECT relmeta.reassign_owned('eve', 'ann');
-- => 1
SELECT is_active, deactivated_by = session_user, (SELECT count(*) FROM "Au to".log) FROM relmeta.automations WHERE name = 'con "x"' AND key = 'b';
-- => f|t|0
SELECT relmeta.drop_principal('eve');
DELETE FROM "Au to"."Con tact" WHERE "I d" = 'b';
DROP FUNCTION public.au_logs(regclass, text);

-- under access control, through act_as with and without a cap: the row's owner, a member of the team that owns it; a cap leaves write
SELECT relmeta.create_team('crew'), relmeta.add_team_member('crew', 'bob');
CREATE ROLE regress_au_app;
GRANT USAGE ON SCHEMA "Au to" TO regress_au_app;
GRANT SELECT, UPDATE ON "Au to".account TO regress_au_app;
INSERT INTO "Au to".account VALUES (6, 'crew', 0, 0), (7, 'ann', 0, 0), (8, 'ann', 0, 0);
SELECT relmeta.enable_access_control('"Au to".account');
SELECT relmeta.share('"Au to".account', 7, 'bob', '{read,write,share,assign}');
BEGIN;
SELECT relmeta.act_as('bob', true, '{read,write}');
SET LOCAL ROLE regress_au_app;
SELECT relmeta.deactivate_automation('acc', NULL), relmeta.activate_automation('acc', 6);
SELECT key, is_active FROM relmeta.automations WHERE name = 'acc' ORDER BY key;
-- => 2|f, 3|f, 4|f, 6|t
UPDATE "Au to".account SET n = 10;
SELECT what FROM "Au to".log;
-- => 6
SAVEPOINT s;
-- shared with all rights, and not his own
SELECT relmeta.activate_automation('acc', 7);
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.activate_automation('acc', 8);
-- => ERROR:  P0002
ROLLBACK TO s;
-- the table's owner, too, is judged by the principal that he acts as
SET LOCAL ROLE regress_au_owner;
SELECT relmeta.activate_automation('acc', 7);
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.act_as('bob', true, '{read}');
-- => ERROR:  42501
ROLLBACK;
BEGIN;
SELECT relmeta.act_as('bob', true, '{read}');
SET LOCAL ROLE regress_au_app;
SELECT count(*) FROM relmeta.automations WHERE name = 'acc';
-- => 3
SELECT relmeta.activate_automation('acc', NULL);
SAVEPOINT s;
SELECT relmeta.activate_automation('acc', 6);
-- => ERROR:  42501
ROLLBACK TO s;
RESET ROLE;
SELECT relmeta.act_as('bob', true, '{write}');
SET LOCAL ROLE regress_au_app;
SELECT count(*) FROM relmeta.automations WHERE name = 'acc';
-- => 0
ROLLBACK;
SELECT relmeta.disable_access_control('"Au to".account'), relmeta.drop_principal('crew');
-- => ERROR:  2BP01
DELETE FROM "Au to".account WHERE id IN (6, 7, 8);
SELECT relmeta.disable_access_control('"Au to".account'), relmeta.drop_principal('crew');
DROP OWNED BY regress_au_app;
DROP ROLE regress_au_app;
SET SESSION AUTHORIZATION regress_au_owner;

-- who activates locks nothing that he could not lock himself: of a table that he only reads, and where no row is his, he holds what a
-- SELECT holds; without SELECT nothing; BYPASSRLS makes nobody the owner
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_au_reader BYPASSRLS;
GRANT USAGE ON SCHEMA "Au to" TO regress_au_reader;
SELECT relmeta.create_user('reader', 'regress_au_reader');
CREATE VIEW "Au to".held AS SELECT l.relation::regclass, l.mode FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
  WHERE l.pid = pg_catalog.pg_backend_pid() AND c.relnamespace IN ('"Au to"'::regnamespace, 'relmeta'::regnamespace) AND c.relkind IN ('r', 'p')
    AND l.mode <> 'AccessShareLock';
GRANT SELECT ON "Au to".held TO PUBLIC;
SET SESSION AUTHORIZATION regress_au_reader;
BEGIN;
SAVEPOINT s;
SELECT relmeta.activate_automation('acc', NULL);
-- => ERROR:  42501
ROLLBACK TO s;
SELECT relmeta.activate_automation('acc', 2);
-- => ERROR:  P0002
ROLLBACK TO s;
SELECT count(*) FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND relation = '"Au to".account'::regclass;
-- => 0
COMMIT;
RESET SESSION AUTHORIZATION;
GRANT SELECT ON "Au to".account TO regress_au_reader;
SET SESSION AUTHORIZATION regress_au_reader;
BEGIN;
SELECT relmeta.activate_automation('acc', NULL), relmeta.deactivate_automation('acc', NULL);
SELECT * FROM "Au to".held;
-- => none
SELECT relmeta.deactivate_automation('acc', 2);
-- => ERROR:  42501
ROLLBACK;
-- of rows that are his: row locks on the table, so that an assign of one waits, and nothing that stops its indexes being made
RESET SESSION AUTHORIZATION;
UPDATE "Au to".account SET owner = 'reader' WHERE id = 2;
SET SESSION AUTHORIZATION regress_au_reader;
BEGIN;
SELECT relmeta.activate_automation('acc', NULL);
SELECT * FROM "Au to".held WHERE relation::text LIKE '"Au to"%';
-- => "Au to".account|RowShareLock
COMMIT;
SELECT key FROM relmeta.automations WHERE name = 'acc' AND is_active ORDER BY key;
-- => 2, 3, 4
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT relmeta.act_as('reader', true, '{read}');
SET LOCAL ROLE regress_au_reader;
SELECT relmeta.deactivate_automation('acc', NULL);
SELECT count(*) FROM "Au to".held WHERE relation::text LIKE '"Au to"%';
-- => 0
ROLLBACK;
UPDATE "Au to".account SET owner = 'bob' WHERE id = 2;
SELECT relmeta.drop_principal('reader');
DROP OWNED BY regress_au_reader;
DROP ROLE regress_au_reader;
SET SESSION AUTHORIZATION regress_au_owner;
SELECT relmeta.activate_automation('acc', 2);

-- an error in one aborts the statement, with context that names automation, table and key
CREATE OR REPLACE FUNCTION "Au to".logs(relation regclass, key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'no' USING ERRCODE = 'RM001';
END $$;
\set VERBOSITY default
UPDATE "Au to".account SET n = 9;
\set VERBOSITY sqlstate
SELECT count(*) FROM "Au to".account WHERE n = 9;
-- => 0

-- "looked at again before each call": a procedure that is given away, a table that is; replaced by its owner (ATTACKS 58)
RESET SESSION AUTHORIZATION;
ALTER FUNCTION "Au to".logs(regclass, text) OWNER TO regress_au_other;
SET SESSION AUTHORIZATION regress_au_owner;
UPDATE "Au to".account SET n = 9;
-- => ERROR:  42501
SELECT object, problem, repair FROM relmeta.verify() WHERE problem LIKE '%procedure%' ORDER BY 1;
-- => acc, con "x"
-- of another's tables it says nothing
SET SESSION AUTHORIZATION regress_au_other;
SELECT count(*) FROM relmeta.verify() WHERE problem LIKE '%procedure%';
-- => 0
RESET SESSION AUTHORIZATION;
ALTER FUNCTION "Au to".logs(regclass, text) OWNER TO regress_au_owner;
ALTER TABLE "Au to".account OWNER TO regress_au_other;
UPDATE "Au to".account SET n = 9;
-- => ERROR:  42501
ALTER TABLE "Au to".account OWNER TO regress_au_owner;
ALTER FUNCTION "Au to".logs(regclass, text) RENAME TO away;
UPDATE "Au to".account SET n = 9;
-- => ERROR:  42883
ALTER FUNCTION "Au to".away(regclass, text) RENAME TO logs;

-- what is active goes with the automation, the rows, the table
SET SESSION AUTHORIZATION regress_au_owner;
SELECT relmeta.drop_automation('acc');
UPDATE "Au to".account SET n = 9;
SELECT count(*) FROM relmeta.automations WHERE name = 'acc';
-- => 0
TRUNCATE "Au to"."Con tact";
SELECT count(*) FROM relmeta.automations;
-- => 0
-- where there is none, the triggers of a table watch what they watch without
SELECT tgrelid::regclass FROM pg_catalog.pg_trigger WHERE tgfoid = 'relmeta.trigger_row_changed'::regproc AND tgqual IS NULL
  AND (tgtype & 16) <> 0 AND tgparentid = 0 ORDER BY 1;
-- => "Au to"."Con tact"

-- 10,000 rows of one UPDATE: row by row, in order of keys
CREATE TABLE "Au to".many (id bigint PRIMARY KEY, n int);
CREATE TABLE "Au to".seen (no int GENERATED ALWAYS AS IDENTITY, key bigint);
SELECT relmeta.register_table('"Au to".many');
CREATE FUNCTION "Au to".see(relation regclass, key text) RETURNS void LANGUAGE sql AS 'INSERT INTO "Au to".seen (key) VALUES (key::bigint)';
SELECT relmeta.create_automation('many', '"Au to".many', '"Au to".see(regclass, text)');
INSERT INTO "Au to".many SELECT (i * 7919) % 20011, 0 FROM generate_series(1, 20000) i;
SELECT relmeta.activate_automation('many', NULL);
DELETE FROM "Au to".many WHERE id > 10000;
SELECT count(*) FROM relmeta.automations;
-- => 9994
UPDATE "Au to".many SET n = 1;
SELECT count(*), bool_and(in_order) FROM (SELECT key > lag(key, 1, -1::bigint) OVER (ORDER BY no) AS in_order FROM "Au to".seen) AS s;
-- => 9994|t
-- of many rows a few have one: these are read, and the others looked up among them
SELECT relmeta.drop_automation('many'), relmeta.create_automation('few', '"Au to".many', '"Au to".see(regclass, text)'),
  relmeta.create_automation('fewer', '"Au to".many', '"Au to".see(regclass, text)');
SELECT count(relmeta.activate_automation('few', id)) FROM "Au to".many WHERE id IN (9, 77, 5000);
-- => 3
SELECT relmeta.activate_automation('fewer', 77), relmeta.deactivate_automation('few', 9);
TRUNCATE "Au to".seen;
UPDATE "Au to".many SET n = 2;
UPDATE "Au to".many SET n = 3 WHERE id < 100;
SELECT key FROM "Au to".seen ORDER BY no;
-- => 77, 77, 5000, 77, 77
-- a cascade of the same statement into somebody else's table: still as the caller, never as that table's owner
CREATE TABLE "Au to".above (id int PRIMARY KEY, owner text, n int);
SELECT relmeta.register_table('"Au to".above', 'owner');
GRANT SELECT, UPDATE ON "Au to".above TO regress_au_ann;
SET SESSION AUTHORIZATION regress_au_other;
CREATE TABLE "Au to".below (id int PRIMARY KEY, owner text, account int);
SELECT relmeta.register_table('"Au to".below', 'owner');
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_one_to_many('"Au to".above', '"Au to".below', 'account', 'below', 'parental');
SET SESSION AUTHORIZATION regress_au_owner;
INSERT INTO "Au to".above VALUES (21, 'ann', 0), (22, 'ann', 0);
DELETE FROM "Au to".log;
SET SESSION AUTHORIZATION regress_au_other;
INSERT INTO "Au to".below VALUES (1, 'ann', 21);
SET SESSION AUTHORIZATION regress_au_owner;
SELECT relmeta.create_automation('own', '"Au to".above', '"Au to"."C all"(regclass, text)');
SELECT relmeta.activate_automation('own', 21), relmeta.activate_automation('own', 22);
SET SESSION AUTHORIZATION regress_au_ann;
UPDATE "Au to".above SET n = 1, owner = CASE id WHEN 21 THEN 'bob' ELSE owner END WHERE id > 20;
SELECT what FROM "Au to".log ORDER BY no;
-- => called "Au to".above 22 by regress_au_ann
SET SESSION AUTHORIZATION regress_au_other;
SELECT owner FROM "Au to".below;
-- => bob
RESET SESSION AUTHORIZATION;
-- a deferred key's action, when the transaction ends or a function of the owner's asks for it: nothing of the owner's runs as whoever does that
SET SESSION AUTHORIZATION regress_au_other;
CREATE TABLE "Au to".code (id int PRIMARY KEY, owner text, UNIQUE (id, owner));
CREATE TABLE "Au to".coded (id int PRIMARY KEY, owner text, code int,
  FOREIGN KEY (code, owner) REFERENCES "Au to".code (id, owner) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
SELECT relmeta.register_table('"Au to".coded', 'owner');
CREATE FUNCTION "Au to".tell(relation regclass, key text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE how text := 'free';
BEGIN
  BEGIN UNLISTEN au; EXCEPTION WHEN insufficient_privilege THEN how := 'restricted'; END;
  RAISE NOTICE '% % as %, %', relation, key, current_user, how;
END $$;
INSERT INTO "Au to".code VALUES (1, 'ann');
INSERT INTO "Au to".coded VALUES (1, 'ann', 1);
SELECT relmeta.create_automation('tell', '"Au to".coded', '"Au to".tell(regclass, text)'), relmeta.activate_automation('tell', 1);
CREATE FUNCTION "Au to".at_once(to_id int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE "Au to".code SET id = to_id;
  SET CONSTRAINTS ALL IMMEDIATE;
END $$;
RESET SESSION AUTHORIZATION;
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT "Au to".at_once(2);
-- => NOTICE:  "Au to".coded 1 as regress_au_other, restricted
UPDATE "Au to".code SET id = 3;
-- => NOTICE:  "Au to".coded 1 as regress_au_other, restricted
GRANT SELECT, UPDATE ON "Au to".code TO regress_au_ann;
SET SESSION AUTHORIZATION regress_au_ann;
UPDATE "Au to".code SET id = 4;
-- => NOTICE:  "Au to".coded 1 as regress_au_other, restricted
UPDATE "Au to".code SET owner = 'bob';
RESET SESSION AUTHORIZATION;
SELECT is_active, deactivated_by FROM relmeta.automation_row JOIN relmeta.automation USING (automation_id) WHERE name = 'tell';
-- => f|ann
SET client_min_messages = error;
DROP SCHEMA "Au to" CASCADE;
SELECT count(*) FROM relmeta.automation;
-- => 0
SELECT relmeta.drop_principal(u) FROM unnest('{ann,bob}'::text[]) u;
DROP ROLE regress_au_owner, regress_au_other, regress_au_ann, regress_au_bob;
