-- == In short ==

SELECT step, max(touched) AS rows, round(max(ms) FILTER (WHERE side = 'relmeta')) AS relmeta_ms,
       round(max(ms) FILTER (WHERE side = 'triggers')) AS triggers_ms
  FROM demo_step GROUP BY step ORDER BY min(at);
