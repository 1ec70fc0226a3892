-- report.sql: medians, ratios, and whether the figure to reach is reached
\pset footer off
\pset null ''
SELECT format('%s, %s runs of each side; medians in ms', substring(version() FROM '^\S+ \S+'), max(n)) AS title
  FROM (SELECT count(*) AS n FROM bench.sample WHERE side = 'relmeta' GROUP BY position) c \gset
\echo
\echo :title
WITH median AS (
  SELECT position, name, against, target,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'relmeta') AS relmeta,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'peer') AS peer,
         max(rows) AS rows,
         max(rows) FILTER (WHERE side = 'relmeta') <> max(rows) FILTER (WHERE side = 'peer') AS differ,
         max(failure) FILTER (WHERE side = 'relmeta') AS relmeta_failure,
         max(failure) FILTER (WHERE side = 'peer') AS peer_failure
    FROM bench.sample GROUP BY position, name, against, target
)
SELECT name AS work, rows, coalesce(round(relmeta::numeric, 1)::text, relmeta_failure) AS relmeta, against,
       coalesce(round(peer::numeric, 1)::text, peer_failure) AS peer,
       round((relmeta / peer)::numeric, 2) AS ratio, target AS "at most",
       CASE WHEN differ THEN 'NOT THE SAME ROWS' WHEN target IS NULL THEN NULL WHEN relmeta / peer <= target THEN 'met' ELSE 'missed' END AS result
  FROM median ORDER BY position;
