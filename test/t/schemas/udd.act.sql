SELECT relation, problem FROM relmeta.adoptable ORDER BY relation::text COLLATE "C", problem;
-- => bug_packages|column "package" is generated
-- => bugs|foreign key "bugs_release_fkey" is ON DELETE SET DEFAULT, which is no behavior
-- => bugs_blocks|column "blocked" is of type bigint, the key of "bugs" of type bug_number
-- => bugs_tags|table "bugs_tags" cannot take part: it has no primary key of one column that is not deferrable
-- => popcon_src|foreign key "popcon_src_package_fkey" references another column than the primary key of "popcon"
-- => popcon_src|foreign key "popcon_src_role_fkey" references another column than the primary key of "releases"
-- => sources|table "sources" cannot take part: it has no primary key of one column that is not deferrable
-- => sources|table "sources" cannot take part: it has no primary key of one column that is not deferrable
-- => uploaders|foreign key "uploaders_source_version_release_fkey" has more than one column
-- => uploads|table "uploads" cannot take part: other tables inherit from it
SELECT name, lookup_column, preset FROM relmeta.one_to_many ORDER BY name COLLATE "C";
-- => bugs_bugs_blocks|id|referential_restrict
-- => carnivore_emails_bugs|submitter_email|referential_restrict
SELECT name, table1, column1, table2, column2 FROM relmeta.many_to_many;
-- => bugs_merged_with|bugs|id|bugs|merged_with
SELECT relmeta.associated('bugs_merged_with', 1);
-- => 2
DELETE FROM releases WHERE release = 'etch';
SELECT id, release FROM bugs ORDER BY id;
-- => 1|sid
-- => 2|sid
-- => 3|sid
INSERT INTO bugs_blocks (id) VALUES (405);
\echo :LAST_ERROR_SQLSTATE
-- => 23503
SELECT relation, object, problem FROM relmeta.verify();
-- => bugs_blocks|bugs_bugs_blocks|foreign key "blocks_known" is not validated: rows may point nowhere
DELETE FROM bugs_blocks;
SELECT repair FROM relmeta.verify() \gexec
ALTER TABLE bugs ADD owner_id text DEFAULT 'ann';
SELECT relmeta.register_table('bugs', 'owner_id', 'status', '{pending,forwarded}', 'done');
SELECT relmeta.share('bugs', 1, 'bob');
-- => 1
SELECT package, count FROM bug_counts ORDER BY 1;
-- => pg|2
-- => |1
DELETE FROM carnivore_emails WHERE email = 'a@d.o';
\echo :LAST_ERROR_SQLSTATE
-- => 23503
