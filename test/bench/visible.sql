-- visible.sql: which rows a principal sees: relmeta's policies beside hand-written ones, in one run.
--
-- :rows rows with three entries each, in :rows / 50 parents; principals who see none of them, 100, about one in 28, and all.  Each
-- peer has a copy of the table with a policy of its own, and all peers one table of grants with the indexes that relmeta's has.  The
-- figures are ms (of processor time with CLOCK=cpu), the mean of as many runs as fit in 150 ms; a statement that takes longer than
-- 30 s says so.
SET client_min_messages = warning;
CREATE SCHEMA visible;
SET search_path = visible;
CREATE ROLE bench_reader;
GRANT USAGE ON SCHEMA visible TO bench_reader;
SELECT count(relmeta.create_user(u)) FROM unnest('{boss,sees none,sees 100,sees 1 in 28,sees all}'::text[]) AS u;
CREATE TABLE parent (id int PRIMARY KEY, owner text);
CREATE TABLE doc (id int PRIMARY KEY, parent_id int, created int, note text, owner text);
INSERT INTO parent SELECT i, 'boss' FROM generate_series(0, :rows / 50) AS i;
INSERT INTO doc SELECT i, i % (:rows / 50), (i * 7919::bigint % 1000003)::int, 'note ' || i, 'boss' FROM generate_series(1, :rows) AS i;
CREATE TABLE grants (object int, principal text, mask int, PRIMARY KEY (object, principal));
INSERT INTO grants
  SELECT id, 'sees all', 3 FROM doc
  UNION ALL SELECT id, 'sees 1 in 28', 3 FROM doc WHERE id * 7919::bigint % 28 = 5
  UNION ALL SELECT id, 'sees 100', 3 FROM doc WHERE id % (:rows / 100) = 7
  UNION ALL SELECT id, 'other ' || id % 300, 1 FROM doc
  UNION ALL SELECT id, 'another ' || id % 500, 1 FROM doc WHERE id % 28 <> 0;
CREATE INDEX ON grants (principal, object) INCLUDE (mask);

-- the peers' tables, and who they take for current
CREATE FUNCTION me() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT current_setting('relmeta.principal') $$;
CREATE FUNCTION may_read(key int, owner text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN owner = visible.me() OR EXISTS (SELECT FROM visible.grants AS g WHERE g.object = key AND g.principal = visible.me() AND g.mask & 1 <> 0); END $$;
CREATE TABLE peer (position int, name text, policy text);
INSERT INTO peer VALUES
  (1, 'exists', $$owner = me() OR EXISTS (SELECT FROM grants AS g WHERE g.object = id AND g.principal = me() AND g.mask & 1 <> 0)$$),
  (2, 'in', $$owner = me() OR id IN (SELECT g.object FROM grants AS g WHERE g.principal = me() AND g.mask & 1 <> 0)$$),
  (3, 'any_array', $$owner = me() OR id = ANY (ARRAY(SELECT g.object FROM grants AS g WHERE g.principal = me() AND g.mask & 1 <> 0))$$),
  (4, 'plpgsql', $$may_read(id, owner)$$);
SELECT format('CREATE TABLE %1$I (LIKE doc); INSERT INTO %1$I SELECT * FROM doc; ALTER TABLE %1$I ADD PRIMARY KEY (id); CREATE INDEX ON %1$I (parent_id);'
  ' CREATE INDEX ON %1$I (created); CREATE INDEX ON %1$I (owner); ALTER TABLE %1$I ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON %1$I USING (%2$s);'
  ' CREATE TABLE %3$I (LIKE parent INCLUDING ALL); INSERT INTO %3$I SELECT * FROM parent', 'doc_' || name, policy, 'parent_' || name) FROM peer \gexec
CREATE VIEW doc_join AS SELECT d.* FROM doc_exists AS d JOIN grants AS g ON g.object = d.id AND g.principal = me() AND g.mask & 1 <> 0;
CREATE VIEW parent_join AS SELECT * FROM parent_exists;
INSERT INTO peer VALUES (5, 'join', NULL);

CREATE INDEX ON doc (parent_id);
CREATE INDEX ON doc (created);
SELECT relmeta.register_table('parent', 'owner'), relmeta.register_table('doc', 'owner');
SELECT relmeta.share('doc', 1, 'sees all', '{read,write}');
SELECT format('INSERT INTO %s (object, principal, relationship, cause, mask) SELECT object, principal, 0, ''d'', mask FROM grants ON CONFLICT DO NOTHING', entry_table)
  FROM relmeta.registered_table WHERE relation = 'doc'::regclass \gexec
SELECT relmeta.enable_access_control('doc');
GRANT SELECT ON ALL TABLES IN SCHEMA visible TO bench_reader;
VACUUM ANALYZE parent, doc, grants, doc_exists, doc_in, doc_any_array, doc_plpgsql;
SELECT format('VACUUM ANALYZE %s', entry_table) FROM relmeta.registered_table WHERE relation = 'doc'::regclass \gexec

-- what is asked, of doc and parent or of those of a peer
CREATE TABLE shape (position int, name text, query text);
INSERT INTO shape VALUES
  (1, 'count(*)', 'SELECT count(*) FROM visible.%1$I'),
  (2, 'newest 50', 'SELECT * FROM visible.%1$I ORDER BY created DESC LIMIT 50'),
  (3, 'one key', 'SELECT * FROM visible.%1$I WHERE id = 4711'),
  (4, 'one parent''s children', 'SELECT * FROM visible.%1$I WHERE parent_id = 77'),
  (5, 'join of two tables', 'SELECT count(*) FROM visible.%1$I AS d JOIN visible.%2$I AS p ON p.id = d.parent_id WHERE p.id < 500');
CREATE TABLE result (principal text, shape int, peer int, ms float8, rows bigint);
CREATE PROCEDURE measure(principal text, shape shape, peer int, name text) LANGUAGE plpgsql AS $$
DECLARE query text := format(shape.query, 'doc' || name, 'parent' || name); n int := 0; total float8 := 0; started float8; came bigint;
BEGIN
  PERFORM set_config('relmeta.principal', principal, true);
  -- a run of 20 repetitions where one is short
  FOR run IN 0 .. 1000 LOOP
    started := bench.clock();
    SET LOCAL ROLE bench_reader;
    FOR i IN 1 .. CASE WHEN run = 0 OR total / greatest(n, 1) > 20 THEN 1 ELSE 20 END LOOP
      EXECUTE query;
      n := n + 1;
    END LOOP;
    RESET ROLE;
    total := total + bench.clock() - started;
    -- the first warms up, unless it is long enough to count
    IF run = 0 AND total < 500 THEN n := 0; total := 0; CONTINUE; END IF;
    EXIT WHEN total > 150;
  END LOOP;
  INSERT INTO result VALUES (principal, shape.position, peer, total / n);
EXCEPTION WHEN query_canceled THEN
  RESET ROLE;
  INSERT INTO result VALUES (principal, shape.position, peer, NULL);
END $$;
SET statement_timeout = '30s';
CREATE TABLE who (position int, principal text);
INSERT INTO who VALUES (1, 'sees none'), (2, 'sees 100'), (3, 'sees 1 in 28'), (4, 'sees all');
SELECT format('CALL measure(%L, %L, %s, %L)', principal, s, p.position, CASE WHEN p.position > 0 THEN '_' || p.name ELSE '' END)
  FROM who, shape AS s, (SELECT 0 AS position, 'relmeta' AS name UNION ALL SELECT position, name FROM peer) AS p ORDER BY s.position, who.position, p.position \gexec
RESET statement_timeout;

\o
\pset footer off
\echo
\echo which of :rows rows a principal sees
SELECT s.name AS shape, principal, max(round(ms::numeric, 3)) FILTER (WHERE peer = 0) AS relmeta,
       coalesce(max(round(ms::numeric, 3)) FILTER (WHERE peer = 1)::text, 'over 30 s') AS "EXISTS",
       coalesce(max(round(ms::numeric, 3)) FILTER (WHERE peer = 2)::text, 'over 30 s') AS "IN",
       coalesce(max(round(ms::numeric, 3)) FILTER (WHERE peer = 3)::text, 'over 30 s') AS "ANY(ARRAY())",
       coalesce(max(round(ms::numeric, 3)) FILTER (WHERE peer = 5)::text, 'over 30 s') AS "join in a view",
       coalesce(max(round(ms::numeric, 3)) FILTER (WHERE peer = 4)::text, 'over 30 s') AS "PL/pgSQL",
       round((max(ms) FILTER (WHERE peer = 0) / min(ms) FILTER (WHERE peer > 0))::numeric, 2) AS "to the best"
  FROM result JOIN who USING (principal) JOIN shape AS s ON s.position = result.shape
 GROUP BY s.position, s.name, who.position, principal ORDER BY s.position, who.position;
RESET search_path;
RESET client_min_messages;
\o /dev/null
