
-- == 8. Connections and merge: who maintains together, and two spellings of one maintainer ==
--
-- The application begins to keep maintainers in a table of their own, which packages point to.

CREATE TABLE maintainer (name text PRIMARY KEY, active boolean NOT NULL DEFAULT true);
\o /dev/null
SELECT relmeta.register_table('maintainer', state_column => 'active');
SELECT relmeta.create_one_to_many('maintainer', 'source_package', 'maintainer');
\o
INSERT INTO maintainer SELECT name FROM person UNION SELECT name FROM team;
UPDATE source_package SET maintainer = owner;

-- Who maintains together: a connection between a team and each of its members, seen from both ends.
-- Only the team's role is said; its match is filled in.

\o /dev/null
SELECT relmeta.create_connection_role('team', 'maintenance', '{maintainer}');
SELECT relmeta.create_connection_role('uploader', 'maintenance', '{maintainer}');
SELECT relmeta.match_connection_roles('team', 'uploader');
SELECT relmeta.connect('maintainer', team, 'maintainer', member, role1 => 'team') FROM team_member;
\o
SELECT role, other_key, other_role FROM relmeta.connections('maintainer', :'member');
SELECT role, other_role, count(*) FROM relmeta.connections('maintainer', :'team') GROUP BY 1, 2;

SELECT maintainer FROM source_package WHERE maintainer IS NOT NULL AND upper(maintainer) <> maintainer GROUP BY maintainer HAVING count(*) > 1 ORDER BY count(*) DESC, maintainer LIMIT 1 \gset
SELECT upper(:'maintainer') AS twin \gset

-- Somebody spells one of them otherwise, and half of the packages follow.

INSERT INTO maintainer VALUES (:'twin');
SELECT relmeta.connect('maintainer', :'twin', 'maintainer', :'member', 'team') IS NOT NULL AS connected;
UPDATE source_package SET maintainer = :'twin'
 WHERE name IN (SELECT name FROM source_package WHERE maintainer = :'maintainer' AND hashtext(name) % 2 = 0);
SELECT maintainer, count(*) AS source_packages FROM source_package
 WHERE maintainer IN (:'maintainer', :'twin') GROUP BY maintainer ORDER BY maintainer COLLATE "C" DESC;

-- One becomes the other: one statement for each relationship, and for the connections.

\timing on
SELECT * FROM relmeta.merge('maintainer', :'maintainer', :'twin');
\timing off
SELECT m.name, m.active, relmeta.merged_into('maintainer', m.name), count(s.name) AS source_packages
  FROM maintainer m LEFT JOIN source_package s ON s.maintainer = m.name
 WHERE m.name IN (:'maintainer', :'twin') GROUP BY m.name ORDER BY m.name COLLATE "C" DESC;
SELECT role, other_key = :'maintainer' AS is_maintainer, other_role FROM relmeta.connections('maintainer', :'member')
 ORDER BY connection_id;

-- A source package's rollup: the notes about itself, and those about what is built from it.

\o /dev/null
SELECT relmeta.update_relationship('source_package_binary_package', rollup_view => 'all');
\o
SELECT n.regarding_type, count(*) AS notes
  FROM relmeta.rollup('source_package', :'source', 'note') AS key JOIN note n ON n.id = key::bigint
 GROUP BY n.regarding_type ORDER BY n.regarding_type;
SELECT (SELECT count(*) FROM relmeta.rollup('source_package', :'source', 'note', 'none')) AS about_itself,
       (SELECT count(*) FROM relmeta.rollup('source_package', :'source', 'note')) AS about_all;

-- The rest of the demo does without the new table; what was declared of it goes with it.

\o /dev/null
SELECT relmeta.drop_relationship('maintainer_source_package', drop_storage => true);
DROP TABLE maintainer;
\o
