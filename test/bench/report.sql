-- report.sql: medians, ratios, and whether the figure to reach is reached
\pset footer off
\pset null ''
SELECT format('%s, trees of %s rows; %s, %s', substring(version() FROM '^\S+ \S+'), :scale,
              CASE WHEN :'instructions' = 'true' THEN 'millions of instructions'
                   WHEN :'clock' = 'cpu' THEN 'ms of processor time' ELSE 'ms' END,
              CASE :percentile WHEN 0.5 THEN 'medians' ELSE 'percentile ' || :percentile END) AS title \gset
\echo
\echo :title
WITH median AS (
  SELECT position, name, against, target, each,
         percentile_cont(:percentile) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'relmeta') AS relmeta,
         percentile_cont(:percentile) WITHIN GROUP (ORDER BY ms) FILTER (WHERE side = 'peer') AS peer,
         min(ms) FILTER (WHERE side = 'relmeta') AS low, max(ms) FILTER (WHERE side = 'relmeta') AS high,
         min(ms) FILTER (WHERE side = 'peer') AS peer_low, max(ms) FILTER (WHERE side = 'peer') AS peer_high,
         max(rows) AS rows, count(*) FILTER (WHERE side = 'relmeta') AS runs,
         bool_and(same) AND max(rows) FILTER (WHERE side = 'relmeta') <> max(rows) FILTER (WHERE side = 'peer') AS differ,
         max(failure) FILTER (WHERE side = 'relmeta') AS relmeta_failure,
         max(failure) FILTER (WHERE side = 'peer') AS peer_failure
    FROM bench.sample WHERE run > 0 GROUP BY position, name, against, target, each
), figure AS (
  -- a ratio; where there is no peer microseconds each, or the difference each
  SELECT *, CASE WHEN against = '' THEN relmeta * 1000 / each
                 WHEN each IS NOT NULL THEN (relmeta - peer) / each
                 ELSE relmeta / peer END AS value,
         CASE WHEN each IS NULL THEN '' WHEN :'instructions' = 'true' THEN CASE against WHEN '' THEN ' thousand' ELSE ' million' END
              WHEN against = '' THEN ' µs' ELSE ' ms' END AS unit,
         -- a time to reach says nothing of instructions
         CASE WHEN each IS NULL OR :'instructions' <> 'true' THEN target END AS most
    FROM median
)
SELECT name AS work, rows, runs, coalesce(round(relmeta::numeric, 1)::text, relmeta_failure) AS relmeta,
       round(low::numeric, 1) || ' - ' || round(high::numeric, 1) AS spread, against,
       coalesce(round(peer::numeric, 1)::text, peer_failure) AS peer,
       round(peer_low::numeric, 1) || ' - ' || round(peer_high::numeric, 1) AS "its spread",
       round(value::numeric, 2) || unit AS ratio, most || unit AS "at most",
       CASE WHEN differ THEN 'NOT THE SAME ROWS' WHEN most IS NULL THEN NULL
            WHEN value <= most THEN 'met' ELSE 'missed' END AS result
  FROM figure ORDER BY position;
