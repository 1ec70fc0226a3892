-- Attacks by ON CONFLICT DO UPDATE: PostgreSQL evaluates its WHERE on the row that is there before it applies the policies, so that a
-- function, an error or the number of rows told bob of any row whose key he names.  SEMANTICS 2.5.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_ac_owner;
CREATE ROLE regress_ac_bob;
SELECT relmeta.create_user('ac_ann'), relmeta.create_user('ac_bob', 'regress_ac_bob');
CREATE SCHEMA ac AUTHORIZATION regress_ac_owner;
GRANT ALL ON SCHEMA ac TO regress_ac_bob;
SET SESSION AUTHORIZATION regress_ac_owner;
SET search_path = ac;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text);
CREATE TABLE region (id int PRIMARY KEY, note text, owner_id text) PARTITION BY LIST (id);
CREATE TABLE region_1 PARTITION OF region FOR VALUES IN (1, 2);
CREATE TABLE region_2 (note text, owner_id text, id int NOT NULL);
ALTER TABLE region ATTACH PARTITION region_2 DEFAULT;
GRANT SELECT, INSERT, UPDATE, DELETE ON account, region, region_2 TO regress_ac_bob;
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,region}'::regclass[]) AS t;
SELECT relmeta.create_many_to_many('account', 'region', 'ar', 'ar', attributes => 'id int UNIQUE, note text');
GRANT SELECT, INSERT, UPDATE, DELETE ON ar TO regress_ac_bob;
INSERT INTO account VALUES (1, 'bobs', 'ac_bob'), (2, 'secret', 'ac_ann'), (3, 'readable', 'ac_ann'), (4, 'writable', 'ac_ann');
INSERT INTO region VALUES (1, 'bobs', 'ac_bob'), (2, 'secret', 'ac_ann'), (9, 'secret', 'ac_ann');
INSERT INTO ar (account_id, region_id, id, note) VALUES (2, 2, 1, 'secret');
SELECT relmeta.enable_access_control(t) FROM unnest('{account,region}'::regclass[]) AS t;
SELECT relmeta.share('account', 3, 'ac_bob'), relmeta.share('account', 4, 'ac_bob', '{read,write}');
-- => 1|1
-- a session of bob's own, whose first statement is the attack: nothing has loaded the library
\c -
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET SESSION AUTHORIZATION regress_ac_bob;
SET search_path = ac;
INSERT INTO ar (account_id, region_id, id, note) VALUES (1, 1, 1, 'x') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE ar.note = 'other';
-- => ERROR:  42501
CREATE FUNCTION ac.leak(note text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'sees %', note; RETURN false; END $$;
INSERT INTO ar (account_id, region_id, id, note) VALUES (1, 1, 1, 'x') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(ar.note);
-- => ERROR:  42501

INSERT INTO account VALUES (2, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(account.note);
-- => ERROR:  42501
INSERT INTO account VALUES (2, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE account.note = 'other' RETURNING *;
-- => ERROR:  42501
INSERT INTO account VALUES (2, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE 1 / (ascii(account.note) - ascii('s')) = 0;
-- => ERROR:  42501
INSERT INTO account VALUES (3, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE account.note = 'other';
-- => ERROR:  42501
WITH i AS (INSERT INTO account VALUES (2, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(account.note) RETURNING id) TABLE i;
-- => ERROR:  42501
-- of partitions, reached by the table or directly
INSERT INTO region VALUES (2, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(region.note);
-- => ERROR:  42501
INSERT INTO region VALUES (9, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(region.note);
-- => ERROR:  42501
INSERT INTO region_2 VALUES ('x', 'ac_bob', 9) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(region_2.note);
-- => ERROR:  42501
-- by a generic plan, which is kept
SET plan_cache_mode = force_generic_plan;
PREPARE upsert (int) AS INSERT INTO account VALUES ($1, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(account.note) RETURNING id;
EXECUTE upsert(2);
-- => ERROR:  42501
EXECUTE upsert(20);
-- => 20
EXECUTE upsert(2);
-- => ERROR:  42501
RESET plan_cache_mode;
-- by a function of his, and EXPLAIN
CREATE FUNCTION ac.f() RETURNS void LANGUAGE sql AS 'INSERT INTO ac.account VALUES (2, ''x'', ''ac_bob'') ON CONFLICT (id) DO UPDATE SET note = ''x'' WHERE ac.leak(account.note)';
SELECT f();
-- => ERROR:  42501
EXPLAIN ANALYZE INSERT INTO account VALUES (2, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE leak(account.note);
-- => ERROR:  42501
-- what he may write is his to ask about
SET client_min_messages = error;
INSERT INTO account VALUES (1, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'again' WHERE leak(account.note) IS NOT NULL RETURNING id, note;
-- => 1|again
INSERT INTO account VALUES (4, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'again' WHERE account.note = 'writable' RETURNING id, note;
-- => 4|again
INSERT INTO account VALUES (4, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'again' WHERE account.note = 'writable' RETURNING id, note;
-- => none
INSERT INTO region VALUES (1, 'x', 'ac_bob') ON CONFLICT (id) DO UPDATE SET note = 'again' WHERE region.note = 'bobs' RETURNING id, note;
-- => 1|again

\c -
SET client_min_messages = warning;
SELECT id, note FROM ac.account UNION ALL SELECT id, note FROM ac.region UNION ALL SELECT id, note FROM ac.ar ORDER BY 1, 2;
-- => 1|again
-- => 1|again
-- => 1|secret
-- => 2|secret
-- => 2|secret
-- => 3|readable
-- => 4|again
-- => 9|secret
-- => 20|x
DROP SCHEMA ac CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{ac_ann,ac_bob}'::text[]) AS p;
DROP ROLE regress_ac_owner, regress_ac_bob;
