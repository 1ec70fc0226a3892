
-- == 9. Look: two people send one statement, and see different archives ==
--
-- The tables' owner turns on what the application would else have to write into every query.  The
-- application has one role, which may act as any of its users.

SELECT source.owner AS other FROM source_package AS source WHERE source.owner NOT IN (:'team', :'member') GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 \gset
SELECT max(name) AS hidden FROM source_package WHERE owner = :'other' \gset
\o /dev/null
SET client_min_messages = error;
DROP ROLE IF EXISTS relmeta_demo;
SELECT relmeta.enable_access_control('source_package');
SELECT relmeta.enable_access_control('binary_package');
SELECT relmeta.enable_access_control('note');
SET client_min_messages = warning;
CREATE ROLE relmeta_demo;
GRANT SELECT, INSERT, UPDATE, DELETE ON source_package, binary_package, note TO relmeta_demo;
GRANT EXECUTE ON FUNCTION relmeta.act_as TO relmeta_demo;
\o
SET ROLE relmeta_demo;

-- The new member of the team,

BEGIN;
\o /dev/null
SELECT relmeta.act_as(:'member');
\o
\timing on
SELECT (SELECT count(*) FROM source_package) AS source_packages, (SELECT count(*) FROM binary_package) AS binary_packages,
       (SELECT count(*) FROM note) AS notes;
\timing off
SELECT ground, through_team, rights, source_table, source_key FROM relmeta.explain_access('source_package', :'source');
SELECT * FROM relmeta.explain_access('source_package', :'hidden');
UPDATE source_package SET owner = :'member' WHERE name = :'hidden' RETURNING name;
COMMIT;

-- and somebody who owns many packages.

BEGIN;
\o /dev/null
SELECT relmeta.act_as(:'other');
\o
\timing on
SELECT (SELECT count(*) FROM source_package) AS source_packages, (SELECT count(*) FROM binary_package) AS binary_packages,
       (SELECT count(*) FROM note) AS notes;
\timing off
SELECT ground, through_team, rights, source_table, source_key FROM relmeta.explain_access('source_package', :'hidden');
COMMIT;

-- Without saying as whom, the role sees nothing.

SELECT count(*) AS source_packages FROM source_package;
RESET ROLE;
