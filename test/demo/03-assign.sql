-- == 3. Assign: one UPDATE hands a team's packages to someone else ==

SELECT owner, count(*) AS source_packages FROM source_package GROUP BY owner ORDER BY count(*) DESC, owner LIMIT 5;

SELECT s.owner AS team FROM source_package s JOIN team t ON t.name = s.owner GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 \gset
SELECT coalesce((SELECT m.member FROM team_member m LEFT JOIN source_package s ON s.owner = m.member WHERE m.team = :'team' GROUP BY 1 ORDER BY count(s.name) DESC, 1 LIMIT 1), (SELECT p.name FROM person p LEFT JOIN source_package s ON s.owner = p.name GROUP BY 1 ORDER BY count(s.name) DESC, 1 LIMIT 1)) AS heir \gset
\echo
\echo :team '->' :heir
\echo

-- The owner column of source_package is set; binary packages and notes follow,
-- one set-based statement per relationship and level.

\set step 'hand over a team''s packages'
\set side relmeta
\ir start.psql
UPDATE source_package SET owner = :'heir' WHERE owner = :'team';
\ir done.psql

-- The same on the copy with its hand-written triggers.

\set side triggers
\ir start.psql
UPDATE peer.source_package SET owner = :'heir' WHERE owner = :'team';
\ir done.psql

-- Every package of the archive to one person: all rows of three tables (undone at once).

\set step 'hand over the whole archive'
\set undo true
\set side relmeta
\ir start.psql
UPDATE source_package SET owner = :'heir';
\ir done.psql
\set side triggers
\ir start.psql
UPDATE peer.source_package SET owner = :'heir';
\ir done.psql
\set undo false
VACUUM;
