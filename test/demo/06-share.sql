-- == 6. Share: access to a source package is access to what is built from it ==

SELECT b.source FROM binary_package b JOIN source_package s ON s.name = b.source WHERE s.owner IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 \gset
SELECT min(name) AS binary FROM binary_package WHERE source = :'source' \gset
SELECT coalesce((SELECT team FROM team_member WHERE team <> (SELECT owner FROM source_package WHERE name = :'source') GROUP BY team ORDER BY count(*) DESC, team LIMIT 1), (SELECT min(name) FROM person WHERE name <> (SELECT owner FROM source_package WHERE name = :'source'))) AS sharee \gset
SELECT coalesce((SELECT min(member) FROM team_member WHERE team = :'sharee' AND member <> (SELECT owner FROM source_package WHERE name = :'source')), :'sharee') AS who \gset
\echo
\echo :source 'goes to' :sharee 'to read and to write;' :who 'is one of them.'
\echo

SELECT relmeta.has_access('binary_package', :'binary', 'read', :'who') AS before;

\timing on
SELECT relmeta.share('source_package', :'source', :'sharee', '{read,write}') AS rows_that_changed;
\timing off

SELECT relmeta.principal_access('binary_package', :'binary', :'who') AS after;

-- Why?

SELECT ground, through_team, rights, relationship, source_table, source_key, depth
  FROM relmeta.explain_access('binary_package', :'binary', :'who');

-- == 7. The relationship stops cascading: a background job takes back what was inherited ==

SELECT relmeta.update_relationship('source_package_binary_package', share => 'none', unshare => 'none',
                                   reparent => 'none') AS job;
SELECT max(job_id) AS job FROM relmeta.jobs \gset

SELECT relmeta.wait_for_job(:job);
SELECT job_id, kind, relationship, state, tables, principals, rows_examined, rows_revoked,
       finished_at - started_at AS took FROM relmeta.jobs WHERE job_id = :job;

-- What was granted on the source package itself stays; what came down is gone.

SELECT relmeta.principal_access('source_package', :'source', :'who') AS source_package,
       relmeta.principal_access('binary_package', :'binary', :'who') AS binary_package;
