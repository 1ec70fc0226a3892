SELECT kind, relation, problem FROM relmeta.adoptable WHERE call IS NULL ORDER BY kind;
-- => many_to_many|posts_tags|it has no primary key or unique index of its two foreign keys
-- => one_to_many|posts_tags|table "posts_tags" cannot take part: it has no primary key of one column that is not deferrable
-- => one_to_many|posts_tags|table "posts_tags" cannot take part: it has no primary key of one column that is not deferrable
SELECT name, lookup_column, preset, delete FROM relmeta.one_to_many ORDER BY name COLLATE "C";
-- => blobs_attachments|blob_id|custom|all
-- => users_articles|author_id|referential|remove_link
-- => users_posts|user_id|referential_restrict|restrict
-- what has no key in the database is declared
SELECT relmeta.create_multi_table_lookup('comments', 'commentable_id', '{posts,articles}', 'commentable_type', '{Post,Article}', delete => 'all');
-- => {posts_comments,articles_comments}
SELECT relmeta.create_multi_table_lookup('attachments', 'record_id', '{posts}', 'record_type', '{Post}', delete => 'all');
-- => {posts_attachments}
SELECT relmeta.create_one_to_many('users', 'users', 'invited_by_id', is_hierarchical => true);
-- => users_users
INSERT INTO comments (body, commentable_type, commentable_id) VALUES ('x', 'Post', 99);
\echo :LAST_ERROR_SQLSTATE
-- => 23503
INSERT INTO comments (body, commentable_type, commentable_id) VALUES ('x', 'Video', 1);
\echo :LAST_ERROR_SQLSTATE
-- => 23514
DELETE FROM posts_tags;
DELETE FROM posts WHERE id = 1;
SELECT body FROM comments ORDER BY id;
-- => no
-- => me
SELECT record_id FROM attachments;
-- => 2
DELETE FROM blobs;
SELECT count(*) FROM attachments;
-- => 0
DELETE FROM users WHERE email = 'bob@x';
SELECT author_id IS NULL FROM articles;
-- => t
CREATE UNIQUE INDEX ON posts_tags (post_id, tag_id);
SELECT call FROM relmeta.adoptable;
-- => SELECT relmeta.adopt_many_to_many('app.posts_tags')
SELECT call FROM relmeta.adoptable \gexec
-- => posts_tags
SELECT relmeta.associate('posts_tags', 2, 1);
-- => 1
