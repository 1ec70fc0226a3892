-- == 5. Delete: what cascades, and what is refused ==
--
-- The source package with the most binary packages goes, and with it they, the notes about
-- any of them, and the links of chapter 4.

SELECT source, count(*) FROM binary_package GROUP BY source ORDER BY count(*) DESC, source LIMIT 1 \gset
\echo
\echo :source 'is built into' :count 'binary packages'
\echo

\set step 'delete a source package'
\set side relmeta
\ir start.psql
DELETE FROM source_package WHERE name = :'source';
\ir done.psql
\set side triggers
\ir start.psql
DELETE FROM peer.source_package WHERE name = :'source';
\ir done.psql

-- A section with packages in it is not deleted,

\set ON_ERROR_STOP off
DELETE FROM section WHERE name = (SELECT section FROM binary_package ORDER BY name LIMIT 1);
\set ON_ERROR_STOP on
\ir refused.psql

-- a note must be about something that exists,

\set ON_ERROR_STOP off
INSERT INTO note VALUES (0, 'no-such-package', 'binary_package', 'is it there?', NULL);
\set ON_ERROR_STOP on
\ir refused.psql

-- and an owner must be somebody.

\set ON_ERROR_STOP off
UPDATE source_package SET owner = 'Nobody In Particular' WHERE owner = :'heir';
\set ON_ERROR_STOP on
\ir refused.psql

-- Both sides did the same.

SELECT 'source_package' AS "table", count(*) AS rows_that_differ
  FROM (TABLE source_package EXCEPT TABLE peer.source_package) d
UNION ALL
SELECT 'binary_package', count(*) FROM (TABLE binary_package EXCEPT TABLE peer.binary_package) d
UNION ALL
SELECT 'note', count(*) FROM (TABLE note EXCEPT TABLE peer.note) d
UNION ALL
SELECT 'depends', count(*) FROM (TABLE depends EXCEPT TABLE peer.depends) d;

\ir same.psql
