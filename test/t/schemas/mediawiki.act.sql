SELECT relation, problem FROM relmeta.adoptable ORDER BY relation::text COLLATE "C";
-- => page_restrictions|table "page_restrictions" cannot take part: it has no primary key of one column that is not deferrable
-- => pagelinks|table "pagelinks" cannot take part: it has no primary key of one column that is not deferrable
-- => user_groups|table "user_groups" cannot take part: it has no primary key of one column that is not deferrable
SELECT name, delete FROM relmeta.one_to_many;
-- => page_revision|all
SELECT relmeta.create_one_to_many('mwuser', 'image', 'img_user', foreign_key => false);
-- => mwuser_image
SELECT relmeta.create_one_to_many('revision', 'revision', 'rev_parent_id', foreign_key => false, is_hierarchical => true);
-- => revision_revision
DELETE FROM page WHERE page_id = 1;
SELECT rev_id FROM revision;
-- => 3
SELECT count(*) FROM pagelinks;
-- => 0
SELECT rc_title FROM recentchanges;
-- => Help
DELETE FROM mwuser WHERE user_name = 'Anonymous';
SELECT img_name, img_user FROM image ORDER BY 1;
-- => A.png|1
-- => B.png|
-- a wiki whose pages have owners, of whom revisions know nothing: they have none
ALTER TABLE page ADD page_owner text;
SELECT relmeta.register_table('page', 'page_owner');
SELECT relmeta.update_relationship('page_revision', reparent => 'all', share => 'all');
UPDATE page SET page_owner = 'ann';
SELECT relmeta.has_access('revision', 3, 'write', 'ann');
-- => t
SELECT relmeta.share('page', 2, 'bob');
-- => 2
SELECT relmeta.principal_access('revision', 3, 'bob');
-- => {read}
