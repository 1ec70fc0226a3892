-- MediaWiki: many tables and next to no foreign keys; one deferred key of a column that may be 0; composite primary keys; an
-- enumeration, a tsvector kept by a trigger, names that are prefixed.
CREATE SEQUENCE user_user_id_seq MINVALUE 0 START WITH 0;
CREATE TYPE media_type AS ENUM ('UNKNOWN', 'BITMAP', 'DRAWING');
CREATE TABLE mwuser (user_id int NOT NULL PRIMARY KEY DEFAULT nextval('user_user_id_seq'), user_name text NOT NULL UNIQUE);
INSERT INTO mwuser VALUES (DEFAULT, 'Anonymous');
CREATE TABLE user_groups (ug_user int NOT NULL REFERENCES mwuser (user_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  ug_group text NOT NULL, ug_expiry timestamptz, PRIMARY KEY (ug_user, ug_group));
CREATE TABLE page (page_id serial PRIMARY KEY, page_namespace smallint NOT NULL, page_title text NOT NULL,
  page_latest int NOT NULL DEFAULT 0, titlevector tsvector);
CREATE UNIQUE INDEX page_unique_name ON page (page_namespace, page_title);
CREATE INDEX page_main_title ON page (page_title text_pattern_ops) WHERE page_namespace = 0;
CREATE FUNCTION page_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM recentchanges WHERE rc_namespace = OLD.page_namespace AND rc_title = OLD.page_title;
  RETURN NULL;
END $$;
CREATE TABLE recentchanges (rc_id serial PRIMARY KEY, rc_namespace smallint NOT NULL, rc_title text NOT NULL);
CREATE TRIGGER page_deleted AFTER DELETE ON page FOR EACH ROW EXECUTE FUNCTION page_deleted();
CREATE TABLE revision (rev_id serial PRIMARY KEY,
  rev_page int NOT NULL REFERENCES page (page_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  rev_parent_id int, rev_minor_edit smallint NOT NULL DEFAULT 0);
CREATE INDEX rev_page_idx ON revision (rev_page);
CREATE TABLE page_restrictions (pr_id serial NOT NULL UNIQUE,
  pr_page int REFERENCES page (page_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, pr_type text NOT NULL,
  PRIMARY KEY (pr_page, pr_type));
CREATE TABLE pagelinks (pl_from int NOT NULL REFERENCES page (page_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  pl_namespace smallint NOT NULL, pl_title text NOT NULL);
CREATE UNIQUE INDEX pagelink_unique ON pagelinks (pl_from, pl_namespace, pl_title);
CREATE TABLE image (img_name text PRIMARY KEY, img_media_type media_type, img_user int);
CREATE TABLE searchindex (si_page int NOT NULL, si_text text);
INSERT INTO mwuser VALUES (DEFAULT, 'Ann');
INSERT INTO page (page_namespace, page_title) VALUES (0, 'Main'), (0, 'Help');
INSERT INTO recentchanges (rc_namespace, rc_title) VALUES (0, 'Main'), (0, 'Help');
INSERT INTO revision (rev_page, rev_parent_id) VALUES (1, NULL), (1, 1), (2, NULL);
INSERT INTO pagelinks VALUES (1, 0, 'Help');
INSERT INTO page_restrictions (pr_page, pr_type) VALUES (1, 'edit');
INSERT INTO image VALUES ('A.png', 'BITMAP', 1), ('B.png', 'DRAWING', 0);
INSERT INTO user_groups VALUES (1, 'sysop');
