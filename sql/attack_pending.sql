-- Attacks by the attributes of a many-to-many relationship whose tables do not exist yet: mal, an ordinary role, declares it, and alice
-- or a superuser makes the table that completes it.  Attributes are columns and nothing else, and what they call runs as mal.
-- SEMANTICS 2.4; ATTACKS 60.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ap_mal;
CREATE ROLE regress_ap_alice;
CREATE SCHEMA apx AUTHORIZATION regress_ap_alice;
CREATE SCHEMA ap_mal AUTHORIZATION regress_ap_mal;
GRANT ALL ON SCHEMA ap_mal TO PUBLIC;
GRANT USAGE ON SCHEMA apx TO regress_ap_mal;
ALTER DEFAULT PRIVILEGES IN SCHEMA apx GRANT REFERENCES ON TABLES TO regress_ap_mal;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_ap_alice GRANT REFERENCES ON TABLES TO regress_ap_mal;
CREATE TABLE public.ap_seen (what text, who text, session text);
GRANT INSERT ON public.ap_seen TO PUBLIC;
SET SESSION AUTHORIZATION regress_ap_alice;
CREATE TABLE apx.t (id int PRIMARY KEY);
SET SESSION AUTHORIZATION regress_ap_mal;
SET search_path = ap_mal;
CREATE TABLE x (id int PRIMARY KEY);
CREATE FUNCTION spy(what text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.ap_seen VALUES (what, current_user, session_user); RETURN 1; END $$;
-- called when it is planned, and so when a table is made with it
CREATE FUNCTION folded(what text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ap_mal.spy(what); END $$;
CREATE FUNCTION valid(what text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ap_mal.spy(what) = 1; END $$;
CREATE DOMAIN checked AS int CHECK (ap_mal.valid('a domain'));
CREATE TYPE pair AS (a checked, b int);

-- what is not a list of columns is refused when it is declared
CREATE FUNCTION declared(attributes text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM relmeta.create_many_to_many('ap_mal.x', 'apx.later', 'ap declared', 'ap_mal.declared', attributes => attributes);
  PERFORM relmeta.drop_relationship('ap declared');
  RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT declared(a), a FROM unnest(ARRAY['x int); DROP TABLE apx.t; --', 'x int); DROP TABLE ap_mal.x', 'x int; DROP TABLE ap_mal.x', 'LIKE apx.t', 'LIKE apx.t INCLUDING ALL', 'x int, LIKE ap_mal.x',
  'CHECK (ap_mal.spy(''check'') = 1)', 'x int, CONSTRAINT c CHECK (x > 0)', 'PRIMARY KEY (x)', 'x int PRIMARY KEY', 'UNIQUE (x)', 'x int, UNIQUE (x)',
  'x int, EXCLUDE (x WITH =)', 'x int, FOREIGN KEY (x) REFERENCES apx.t', 'x int) INHERITS (apx.t', 'x int) PARTITION BY LIST (x', 'x int) TABLESPACE pg_default',
  'x int) ON COMMIT DROP', 'x int) AS SELECT (1', 'x int) WITH (autovacuum_enabled = off', 'x int --' || E'\n' || '); DROP TABLE apx.t', 'x int /*', '', ',', 'x', 'x int,']) AS a;
-- => an error each
SELECT to_regclass('apx.t') IS NOT NULL, to_regclass('ap_mal.x') IS NOT NULL, (SELECT count(*) FROM relmeta.many_to_many);
-- => t|t|0

-- what a column may have: nothing of it is called by anybody else, whoever completes it, and nothing is left to run at the end
CREATE FUNCTION leaves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM ap_mal.spy('deferred'); RETURN NULL; END $$;
CREATE TABLE trap (n int);
CREATE CONSTRAINT TRIGGER leaves AFTER INSERT ON trap DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leaves();
CREATE OR REPLACE FUNCTION spy(what text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.ap_seen VALUES (what, current_user, session_user);
  BEGIN INSERT INTO ap_mal.trap VALUES (1); EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN 1;
END $$;
GRANT INSERT ON trap TO PUBLIC;
SELECT 'ap ' || i, declared(a), relmeta.create_many_to_many('ap_mal.x', 'apx.later', 'ap ' || i, 'ap_mal.links_' || i, attributes => a) FROM unnest(ARRAY[
  'n int DEFAULT ap_mal.spy(''default'')', 'n int DEFAULT ap_mal.folded(''folded default'')', 'n int CHECK (ap_mal.spy(''check'') = 1)', 'n int CHECK (ap_mal.valid(''folded check''))',
  'n int GENERATED ALWAYS AS (ap_mal.folded(''generated'')) STORED', 'n ap_mal.checked DEFAULT ''1''', 'n ap_mal.pair DEFAULT ''(1,2)''', 'n ap_mal.checked[] DEFAULT ''{1}''',
  'n int NOT NULL DEFAULT 1 CONSTRAINT c CHECK (n > ap_mal.folded(''named''))', 'n serial', 'n int UNIQUE', 'n int REFERENCES apx.t', 'n int DEFAULT (SELECT ap_mal.spy(''query''))']) WITH ORDINALITY AS u(a, i);
-- => each is taken
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who, session FROM public.ap_seen;
-- => none: what he declares is looked at, and not called
DELETE FROM public.ap_seen;

-- alice makes her table; a superuser one of the same name
BEGIN;
SET SESSION AUTHORIZATION regress_ap_alice;
CREATE TABLE apx.later (id int PRIMARY KEY);
-- => WARNING:  0A000, of a query as a default
SET CONSTRAINTS ALL IMMEDIATE;
SELECT current_user, count(*) FROM pg_class WHERE relname LIKE 'links%' AND relkind = 'r' AND relowner = 'regress_ap_mal'::regrole;
-- => regress_ap_alice|12
RESET SESSION AUTHORIZATION;
SELECT name, is_pending, last_error FROM relmeta.many_to_many WHERE is_pending;
-- => ap 13|t|cannot use subquery in DEFAULT expression
SELECT what, who, session FROM public.ap_seen GROUP BY 1, 2, 3 ORDER BY 1, 2;
-- => a domain|regress_ap_mal|regress_ap_alice
-- => generated|regress_ap_mal|regress_ap_alice
ROLLBACK;
SET search_path = pg_catalog;
BEGIN;
CREATE TABLE apx.later (id int PRIMARY KEY);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT name FROM relmeta.many_to_many WHERE is_pending;
-- => ap 13
COMMIT;
SELECT what, who FROM public.ap_seen GROUP BY 1, 2 ORDER BY 1, 2;
-- => a domain|regress_ap_mal
-- => generated|regress_ap_mal

RESET search_path;
SELECT relmeta.drop_relationship('ap 13');
DROP SCHEMA apx, ap_mal CASCADE;
DROP TABLE public.ap_seen;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_ap_alice REVOKE REFERENCES ON TABLES FROM regress_ap_mal;
DROP ROLE regress_ap_mal, regress_ap_alice;
