-- == 2. Say how the tables are related ==
--
-- The application's own tables of people and teams become relmeta's principals.

CREATE EXTENSION relmeta;

\o /dev/null
SELECT relmeta.register_principals('person');
SELECT relmeta.register_principals('team', kind => 'team');
SELECT relmeta.register_memberships('team_member', team_column => 'team', member_column => 'member');

-- Three tables have an owner.

SELECT relmeta.register_table('source_package', owner_column => 'owner');
SELECT relmeta.register_table('binary_package', owner_column => 'owner');
SELECT relmeta.register_table('note', owner_column => 'owner');

-- Parental: what happens to a source package happens to its binary packages.
-- The foreign key is there already; relmeta adopts it and sets its ON DELETE.

SELECT relmeta.create_one_to_many('source_package', 'binary_package', 'source', preset => 'parental');

-- A section cannot go while packages are in it.

SELECT relmeta.create_one_to_many('section', 'binary_package', 'section', preset => 'referential_restrict');

-- A note regards a row of one of two tables.

SELECT relmeta.create_multi_table_lookup('note', 'regarding', ARRAY['source_package', 'binary_package']::regclass[],
                                         type_column => 'regarding_type', preset => 'parental');

\o
-- That is all; from here on the application writes SQL as before.

SELECT name, lookup_column AS lookup, assign, reparent, share, delete, is_parental FROM relmeta.one_to_many;

VACUUM ANALYZE;
