-- model_report.sql: what model.sql has measured; a ratio where the figure to reach is one
\o
\pset footer off
\echo
\echo while the model grows: ms, medians
SELECT format('SELECT work%s, round((max(ms) FILTER (WHERE n = %s) / nullif(min(ms) FILTER (WHERE n = %s), 0))::numeric, 2) AS "last to first" FROM'
              ' (SELECT work, n, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM bench.model GROUP BY work, n) AS m'
              ' GROUP BY work ORDER BY work',
              string_agg(format(', round(max(ms) FILTER (WHERE n = %s)::numeric, 3) AS "%s relationships"', n, n), '' ORDER BY n), max(n), min(n))
  FROM (SELECT DISTINCT n FROM bench.model) AS sizes \gexec
\o /dev/null
