-- ActiveRecord: few keys in the database, polymorphic associations, a join table without key, a self join, STI.
CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar);
CREATE TABLE users (id bigserial PRIMARY KEY, type varchar, email varchar NOT NULL DEFAULT '', invited_by_id bigint);
CREATE UNIQUE INDEX index_users_on_email ON users (email);
CREATE TABLE posts (id bigserial PRIMARY KEY, title varchar, user_id bigint NOT NULL);
ALTER TABLE posts ADD CONSTRAINT fk_rails_5b5ddfd518 FOREIGN KEY (user_id) REFERENCES users (id);
CREATE TABLE articles (id bigserial PRIMARY KEY, slug varchar, author_id bigint);
ALTER TABLE articles ADD CONSTRAINT fk_rails_e74ce85cbc FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL;
CREATE TABLE comments (id bigserial PRIMARY KEY, body text, commentable_type varchar, commentable_id bigint);
CREATE INDEX index_comments_on_commentable ON comments (commentable_type, commentable_id);
CREATE TABLE tags (id bigserial PRIMARY KEY, name varchar);
CREATE TABLE posts_tags (post_id bigint NOT NULL REFERENCES posts (id), tag_id bigint NOT NULL REFERENCES tags (id));
CREATE INDEX index_posts_tags_on_post_id_and_tag_id ON posts_tags (post_id, tag_id);
CREATE TABLE attachments (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), record_type varchar NOT NULL, record_id bigint NOT NULL,
  blob_id bigint NOT NULL);
CREATE TABLE blobs (id bigserial PRIMARY KEY, key varchar NOT NULL UNIQUE);
ALTER TABLE attachments ADD CONSTRAINT fk_rails_c3b3935057 FOREIGN KEY (blob_id) REFERENCES blobs (id) ON DELETE CASCADE;
INSERT INTO users (email) VALUES ('ann@x'), ('bob@x');
INSERT INTO posts (title, user_id) VALUES ('hello', 1), ('again', 1);
INSERT INTO articles (slug, author_id) VALUES ('why', 2);
INSERT INTO comments (body, commentable_type, commentable_id) VALUES ('ok', 'Post', 1), ('no', 'Article', 1), ('me', NULL, NULL);
INSERT INTO tags (name) VALUES ('pg');
INSERT INTO posts_tags VALUES (1, 1);
INSERT INTO blobs (key) VALUES ('a'), ('b');
INSERT INTO attachments (record_type, record_id, blob_id) VALUES ('Post', 1, 1), ('Post', 2, 2);
