-- Attacks on a controlled table by a change of identity in the middle of a statement: whatever is called in it, wherever it stands, a
-- statement finds and changes the rows of whoever began it, and nobody's besides.  SEMANTICS 2.1; ATTACKS 7.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_mi_owner;
CREATE ROLE regress_mi_bob;
CREATE ROLE regress_mi_cat;
CREATE ROLE regress_mi_app;
GRANT regress_mi_bob, regress_mi_cat TO regress_mi_app;
SELECT relmeta.create_user('mi_ann'), relmeta.create_user('mi_bob', 'regress_mi_bob'), relmeta.create_user('mi_cat', 'regress_mi_cat');
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_mi_app, regress_mi_bob, regress_mi_cat;
GRANT SET ON PARAMETER relmeta.principal, relmeta.rights TO regress_mi_app, regress_mi_bob, regress_mi_cat;
CREATE SCHEMA mi AUTHORIZATION regress_mi_owner;
GRANT ALL ON SCHEMA mi TO PUBLIC;
SET SESSION AUTHORIZATION regress_mi_owner;
SET search_path = mi;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text);
CREATE TABLE part (id int PRIMARY KEY, note text, owner_id text) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE tag (id int PRIMARY KEY);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mi TO PUBLIC;
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,part}'::regclass[]) AS t;
SELECT relmeta.create_many_to_many('account', 'tag', 'mi_tags', 'account_tag');
GRANT SELECT, INSERT, UPDATE, DELETE ON account_tag TO PUBLIC;
INSERT INTO account SELECT i, 'n' || i, (ARRAY['mi_ann', 'mi_bob', 'mi_cat'])[1 + i % 3] FROM generate_series(1, 60) AS i;
INSERT INTO part SELECT * FROM account;
INSERT INTO tag VALUES (1);
INSERT INTO account_tag SELECT id, 1 FROM account;
SELECT relmeta.enable_access_control(t) FROM unnest('{account,part}'::regclass[]) AS t;

-- to somebody else and back, each time it is called: five ways
CREATE FUNCTION by_act_as() RETURNS int LANGUAGE plpgsql AS $$
BEGIN PERFORM relmeta.act_as(CASE current_setting('relmeta.principal') WHEN 'mi_bob' THEN 'mi_cat' ELSE 'mi_bob' END); RETURN 0; END $$;
CREATE FUNCTION by_setting() RETURNS int LANGUAGE sql VOLATILE AS $$
SELECT 0 * length(set_config('relmeta.principal', CASE current_setting('relmeta.principal') WHEN 'mi_bob' THEN 'mi_cat' ELSE 'mi_bob' END, true)) $$;
CREATE FUNCTION by_reset() RETURNS int LANGUAGE plpgsql AS $$
BEGIN RESET relmeta.principal; PERFORM set_config('relmeta.principal', 'mi_cat', false); RETURN 0; END $$;
CREATE FUNCTION by_role() RETURNS int LANGUAGE plpgsql AS $$
BEGIN EXECUTE 'SET LOCAL ROLE ' || CASE current_user WHEN 'regress_mi_bob' THEN 'regress_mi_cat' ELSE 'regress_mi_bob' END; RETURN 0; END $$;
CREATE FUNCTION by_cap() RETURNS int LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('relmeta.rights', CASE current_setting('relmeta.rights') WHEN '' THEN '{}' ELSE '' END, true); RETURN 0; END $$;
CREATE TABLE way (no int, switch text, starts text);
INSERT INTO way VALUES (1, 'by_act_as()', $$SET LOCAL relmeta.principal = 'mi_bob'$$), (2, 'by_setting()', $$SET LOCAL relmeta.principal = 'mi_bob'$$),
  (3, 'by_reset()', $$SET LOCAL relmeta.principal = 'mi_bob'$$), (4, 'by_role()', 'SET LOCAL ROLE regress_mi_bob'),
  (5, 'by_cap()', 'SET LOCAL ROLE regress_mi_bob');

-- in every place of a statement: who owns what it finds, changes or answers
CREATE TABLE place (no serial, name text, statement text);
INSERT INTO place (name, statement) VALUES
  ('target list', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id, ~ FROM account OFFSET 0) AS s'),
  ('partitions', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id, ~ FROM part OFFSET 0) AS s'),
  ('condition', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM account WHERE ~ = 0'),
  ('condition of a join', 'SELECT string_agg(DISTINCT a.owner_id || b.owner_id, $$,$$), count(*) FROM account AS a JOIN part AS b ON a.id = b.id + ~'),
  ('outer join', 'SELECT string_agg(DISTINCT a.owner_id || b.owner_id, $$,$$), count(*) FROM account AS a LEFT JOIN part AS b ON a.id = b.id AND ~ = 0'),
  ('before the scan', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT ~ OFFSET 0) AS s, account'),
  ('materialized', 'WITH x AS MATERIALIZED (SELECT ~ AS x) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM x, account WHERE x = 0'),
  ('scalar sub-query', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM account WHERE id > (SELECT ~)'),
  ('sub-query of each row', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(owner_id) FROM (SELECT (SELECT owner_id FROM account WHERE id = g + ~) FROM generate_series(1, 60) AS g) AS s'),
  ('exists', 'SELECT string_agg(DISTINCT (ARRAY[$$mi_ann$$, $$mi_bob$$, $$mi_cat$$])[1 + g % 3], $$,$$), count(*) FROM generate_series(1, 60) AS g WHERE EXISTS (SELECT FROM account WHERE id = g + ~ OFFSET 0)'),
  ('lateral', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM generate_series(1, 60) AS g, LATERAL (SELECT ~ AS x) AS s, LATERAL (SELECT * FROM account WHERE id = g + x OFFSET 0) AS t'),
  ('recursion', 'WITH RECURSIVE r AS (SELECT 0 AS id, NULL::text AS owner_id UNION ALL SELECT s.* FROM r, LATERAL (SELECT id, owner_id FROM account WHERE account.id > r.id + ~ ORDER BY id LIMIT 1) AS s) SELECT string_agg(DISTINCT owner_id, $$,$$), count(owner_id) FROM r'),
  ('order', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id FROM account ORDER BY ~, id OFFSET 0) AS s'),
  ('group', 'SELECT string_agg(DISTINCT owner_id, $$,$$), sum(n) FROM (SELECT owner_id, count(*) AS n FROM account GROUP BY owner_id, ~) AS s'),
  ('window', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id, sum(~) OVER (ORDER BY id) FROM account) AS s'),
  ('aggregate', 'SELECT string_agg(DISTINCT owner_id || ~, $$,$$ ORDER BY owner_id || ~), count(*) FILTER (WHERE ~ = 0) FROM account'),
  ('union', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id, 0 FROM account UNION ALL SELECT NULL, ~ UNION ALL SELECT owner_id, ~ FROM part) AS s WHERE owner_id IS NOT NULL'),
  ('limit', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id FROM account LIMIT 60 + ~) AS s'),
  ('function', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM generate_series(~, 1) AS g, account'),
  ('index condition', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id, ~ FROM account WHERE id BETWEEN 1 AND 10 OR id IN (50, 51, 52) ORDER BY id OFFSET 0) AS s'),
  ('lock', 'SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM (SELECT owner_id, ~ FROM account FOR UPDATE) AS s'),
  ('UPDATE', 'WITH u AS (UPDATE account SET note = $$x$$ || ~ RETURNING owner_id) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM u'),
  ('UPDATE from', 'WITH x AS MATERIALIZED (SELECT ~ AS x), u AS (UPDATE part SET note = $$x$$ FROM x WHERE id > x RETURNING owner_id) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM u'),
  ('DELETE', 'WITH d AS (DELETE FROM part WHERE ~ = 0 RETURNING owner_id) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM d'),
  ('RETURNING', 'WITH u AS (UPDATE account SET note = note RETURNING owner_id, ~) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM u'),
  ('INSERT', 'WITH i AS (INSERT INTO kept (owner_id, n) SELECT owner_id, ~ FROM account RETURNING owner_id) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM i'),
  ('RETURNING and CHECK', 'WITH i AS (INSERT INTO kept (owner_id, switch) SELECT owner_id, $$~$$ FROM account RETURNING owner_id, ~) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM i'),
  ('trigger', 'WITH i AS (INSERT INTO triggered SELECT owner_id, $$~$$ FROM account RETURNING owner_id) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM i'),
  ('ON CONFLICT', 'WITH i AS (INSERT INTO account SELECT id, $$c$$, $$mi_bob$$ FROM generate_series(1, 60, 3) AS id ON CONFLICT (id) DO UPDATE SET note = $$c$$ || ~ RETURNING owner_id) SELECT string_agg(DISTINCT owner_id, $$,$$), count(*) FROM i'),
  ('MERGE', 'MERGE INTO account AS t USING (SELECT id, ~ AS x FROM account) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = $$m$$ || ~'),
  ('what relmeta says', 'SELECT relmeta.current_principals() || string_agg(DISTINCT owner_id, $$,$$), count(*) FROM account WHERE ~ = 0 AND relmeta.has_access($$account$$, id, $$write$$) AND relmeta.principal_access($$account$$, id) <> $${}$$'),
  ('links', 'SELECT string_agg(DISTINCT (ARRAY[$$mi_ann$$, $$mi_bob$$, $$mi_cat$$])[1 + account_id % 3], $$,$$), count(*) FROM (SELECT account_id, ~ FROM account_tag OFFSET 0) AS s'),
  ('links by function', 'SELECT string_agg(DISTINCT (ARRAY[$$mi_ann$$, $$mi_bob$$, $$mi_cat$$])[1 + a::int % 3], $$,$$), count(*) FROM (SELECT ~ OFFSET 0) AS s, LATERAL relmeta.associated($$mi_tags$$, 1, 2) AS a');
CREATE FUNCTION checks(switch text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT ' || switch; RETURN true; END $$;
CREATE TABLE kept (owner_id text, n int, switch text CHECK (switch IS NULL OR mi.checks(switch)));
CREATE TABLE triggered (owner_id text, switch text);
CREATE FUNCTION switches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT ' || new.switch; RETURN new; END $$;
CREATE TRIGGER switches BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION switches();
CREATE TRIGGER switched AFTER INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION switches();
CREATE TABLE touched (owner_id text);
CREATE FUNCTION touches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO mi.touched VALUES (old.owner_id); RETURN NULL; END $$;
CREATE TRIGGER touches AFTER UPDATE ON account FOR EACH ROW EXECUTE FUNCTION touches();
GRANT SELECT, INSERT ON way, place, kept, triggered, touched TO PUBLIC;
SET SESSION AUTHORIZATION regress_mi_app;
SET search_path = mi;

-- bob's are 20 rows of each table: where the five ways to be somebody else bring anything else there is a line for it
CREATE PROCEDURE ask(statement text, switch text, starts text, INOUT came text) LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  EXECUTE starts;
  IF statement ~ '^MERGE' THEN
    EXECUTE replace(statement, '~', switch);
    SELECT string_agg(DISTINCT owner_id, ','), count(*) INTO came, n FROM mi.touched;
  ELSE
    EXECUTE replace(statement, '~', switch) INTO came, n;
  END IF;
  came := concat_ws(' ', came, n);
  RAISE EXCEPTION USING ERRCODE = 'MI000';		-- undo it
EXCEPTION
  WHEN SQLSTATE 'MI000' THEN NULL;
  WHEN OTHERS THEN came := SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION answers() RETURNS TABLE (place text, came text) LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM mi.place AS p (place, name, statement), mi.way AS w (way) ORDER BY place, way LOOP
    CALL mi.ask(r.statement, r.switch, r.starts, came);
    place := r.name;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT place, came, count(*) FROM answers() GROUP BY 1, 2 ORDER BY min((SELECT no FROM place WHERE name = place)), 2;
-- => each place five times: bob, whose rows they are, and nobody else
-- a statement that an identity has begun is prepared, and a cursor of PL/pgSQL goes on with it; the next one is somebody else's
BEGIN;
SET LOCAL relmeta.principal = 'mi_bob';
PREPARE p AS SELECT string_agg(DISTINCT owner_id, ','), count(*) FROM account WHERE by_act_as() = 0;
EXECUTE p;
-- => mi_bob|20
SELECT relmeta.current_principal();
-- => mi_bob
SET LOCAL relmeta.principal = 'mi_bob';
\set VERBOSITY terse
DO $$
DECLARE r record; seen text[]; n int := 0;
BEGIN
  FOR r IN SELECT owner_id FROM mi.account ORDER BY id LOOP
    PERFORM mi.by_act_as();
    n := n + 1;
    IF r.owner_id <> ALL (coalesce(seen, '{}')) THEN seen := seen || r.owner_id; END IF;
  END LOOP;
  PERFORM mi.by_act_as();
  RAISE WARNING '% %, then %', n, seen, (SELECT string_agg(DISTINCT owner_id, ',') FROM mi.account);
END $$;
-- => WARNING:  20 {mi_bob}, then mi_cat
\set VERBOSITY sqlstate
-- what a statement stores is judged as whoever began it
SET LOCAL relmeta.principal = 'mi_bob';
SAVEPOINT s;
INSERT INTO account SELECT 101 + by_act_as(), 'x', 'mi_cat';
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO account SELECT 102 + by_act_as(), 'x', 'mi_bob' RETURNING owner_id;
-- => mi_bob
ROLLBACK;
RESET SESSION AUTHORIZATION;

DROP SCHEMA mi CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{mi_ann,mi_bob,mi_cat}'::text[]) AS p;
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_mi_app, regress_mi_bob, regress_mi_cat;
REVOKE SET ON PARAMETER relmeta.principal, relmeta.rights FROM regress_mi_app, regress_mi_bob, regress_mi_cat;
DROP ROLE regress_mi_owner, regress_mi_bob, regress_mi_cat, regress_mi_app;
