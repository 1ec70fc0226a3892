-- == 6. Share: access to a source package is access to what is built from it ==

SELECT b.source FROM binary_package b JOIN source_package s ON s.name = b.source WHERE s.owner IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 \gset
SELECT min(name) AS binary FROM binary_package WHERE source = :'source' \gset
SELECT t.name AS team, p.name AS member FROM team t, person p WHERE NOT EXISTS (SELECT FROM source_package s WHERE s.name = :'source' AND s.owner IN (t.name, p.name)) AND NOT EXISTS (SELECT FROM team_member m WHERE m.member = p.name) ORDER BY md5(t.name), md5(p.name) LIMIT 1 \gset

-- Somebody joins a team: a row in the application's own table.

INSERT INTO team_member VALUES (:'team', :'member');

SELECT relmeta.principal_access('binary_package', :'binary', :'member') AS before;

-- The team may read and change one source package,

\timing on
SELECT relmeta.share('source_package', :'source', :'team', '{read,write}') AS rows_that_changed;
\timing off

-- hence its binary packages, too, and the notes about all of them; and what the team may,
-- its new member may.

SELECT relmeta.principal_access('binary_package', :'binary', :'member') AS after;

SELECT relation, count(*) AS rows_shared_with_the_team FROM relmeta.shared_with(:'team') GROUP BY relation ORDER BY relation;

-- Why may they?

SELECT ground, through_team, rights, relationship, source_table, source_key, depth
  FROM relmeta.explain_access('binary_package', :'binary', :'member');

-- == 7. Revoke: the relationship stops cascading, a background job takes back what was inherited ==

SELECT relmeta.update_relationship('source_package_binary_package', share => 'none', unshare => 'none',
                                   reparent => 'none') AS job;
SELECT max(job_id) AS job FROM relmeta.jobs \gset

-- The commit has started a background worker, which does it batch by batch.

SELECT relmeta.wait_for_job(:job);

\x on
SELECT * FROM relmeta.jobs WHERE job_id = :job;
\x off

-- The grant on the source package itself stays, and so does what the note about it inherited:
-- that is another relationship.  What came down to the binary packages is gone, and with it what
-- the notes about them had from there.

SELECT relmeta.principal_access('source_package', :'source', :'member') AS source_package,
       relmeta.principal_access('binary_package', :'binary', :'member') AS binary_package;

SELECT relation, count(*) AS rows_shared_with_the_team FROM relmeta.shared_with(:'team') GROUP BY relation ORDER BY relation;
