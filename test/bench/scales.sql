-- scales.sql: what a written row costs at each size, from the samples of all sizes on standard input
\set QUIET on
CREATE TEMP TABLE scaled (scale int, position int, name text, against text, side text, run int, ms float8, rows bigint);
\copy scaled FROM pstdin
\pset footer off
\echo
\echo microseconds a row that is written, medians; at the end the largest size to the smallest
SELECT format('SELECT name AS work, against%s, round((max(us) FILTER (WHERE scale = %s) / max(us) FILTER (WHERE scale = %s))::numeric, 2) AS "largest to smallest" FROM ('
              'SELECT position, name, against, scale, percentile_cont(%s) WITHIN GROUP (ORDER BY ms) * 1000 / max(rows) AS us FROM scaled'
              ' WHERE side = ''relmeta'' AND run > 0 AND name !~ ''one-row|has_access|first statement|levels'' GROUP BY position, name, against, scale HAVING max(rows) > 0) AS m'
              ' GROUP BY position, name, against ORDER BY position',
              string_agg(format(', round(max(us) FILTER (WHERE scale = %s)::numeric, 2) AS "%s rows"', scale, scale), '' ORDER BY scale),
              max(scale), min(scale), :percentile)
  FROM (SELECT DISTINCT scale FROM scaled) AS sizes \gexec
