-- Access control and indexes of operators that are not leakproof: full-text search on a controlled table.  docs/security.md.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cse_owner;
CREATE ROLE regress_cse_bob;
SELECT relmeta.create_user('cse_ann'), relmeta.create_user('cse_bob', 'regress_cse_bob');
CREATE SCHEMA cse AUTHORIZATION regress_cse_owner;
GRANT USAGE ON SCHEMA cse TO PUBLIC;
SET SESSION AUTHORIZATION regress_cse_owner;
SET search_path = cse;
CREATE TABLE doc (id int PRIMARY KEY, body tsvector, place point, owner text);
INSERT INTO doc SELECT i, to_tsvector('simple', 'word' || i % 100 || ' other' || i), point(i, i % 97), CASE WHEN i % 2 = 0 THEN 'cse_bob' ELSE 'cse_ann' END FROM generate_series(1, 4000) AS i;
CREATE INDEX doc_body ON doc USING gin (body);
CREATE INDEX doc_place ON doc USING gist (place);
GRANT SELECT ON doc TO PUBLIC;
SELECT relmeta.register_table('doc', 'owner'), relmeta.enable_access_control('doc');
ANALYZE doc;
-- a search that runs as the tables' owner finds keys by the index; what it tells is filtered where it is called
CREATE FUNCTION search(query text) RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT id FROM cse.doc WHERE body @@ pg_catalog.to_tsquery('simple', query) $$;
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
-- exempt: by the index
SELECT count(*) FROM plan($$SELECT FROM doc WHERE body @@ 'other1234'$$) AS line WHERE line ~ 'doc_body';
-- => 1
SET SESSION AUTHORIZATION regress_cse_bob;
-- not: a condition that is not leakproof comes after the policy
SELECT count(*) FROM plan($$SELECT FROM doc WHERE body @@ 'other1234'$$) AS line WHERE line ~ 'doc_body';
-- => 0
SELECT id FROM doc WHERE body @@ 'other1234';
-- => 1234
SELECT id FROM doc WHERE body @@ 'other1235';
-- => none
-- the function's keys, joined to the table
SELECT count(*), bool_and(owner = 'cse_bob') FROM doc JOIN search('word10') AS s ON s = doc.id;
-- => 40|t
-- an index that gives an order is used; rows that are hidden are passed over
SELECT count(*) FROM plan('SELECT id FROM doc ORDER BY place <-> point(100, 3) LIMIT 3') AS line WHERE line ~ 'doc_place';
-- => 1
SELECT id FROM doc ORDER BY place <-> point(100, 3) LIMIT 3;
-- once a superuser has said that the operator's function tells nothing
RESET SESSION AUTHORIZATION;
ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF;
SET SESSION AUTHORIZATION regress_cse_bob;
SELECT count(*) FROM plan($$SELECT FROM doc WHERE body @@ 'other1234'$$) AS line WHERE line ~ 'doc_body';
-- => 1
SELECT id FROM doc WHERE body @@ 'other1234 | other1235';
-- => 1234
RESET SESSION AUTHORIZATION;
ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) NOT LEAKPROOF;
DROP SCHEMA cse CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cse_ann,cse_bob}'::text[]) AS p;
DROP ROLE regress_cse_owner, regress_cse_bob;
