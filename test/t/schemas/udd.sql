-- A bug tracker's database as data are gathered in it: text keys, domains, keys of several columns, an inherited archive, a key
-- that is not valid, one of SET DEFAULT, one whose types differ, one to a unique column, a generated lookup, views on top.
CREATE DOMAIN debversion AS text CHECK (VALUE !~ '[[:space:]]');
CREATE DOMAIN bug_number AS int CHECK (VALUE > 0);
CREATE TABLE releases (release text PRIMARY KEY, sort int, role text NOT NULL UNIQUE);
CREATE TABLE carnivore_emails (email text PRIMARY KEY, id int);
CREATE TABLE sources (source text NOT NULL, version debversion NOT NULL, release text NOT NULL REFERENCES releases,
  maintainer_email text REFERENCES carnivore_emails, PRIMARY KEY (source, version, release));
CREATE TABLE uploaders (source text NOT NULL, version debversion NOT NULL, release text NOT NULL, email text NOT NULL,
  FOREIGN KEY (source, version, release) REFERENCES sources ON DELETE CASCADE);
CREATE TABLE bugs (id bug_number PRIMARY KEY, package text, status text NOT NULL DEFAULT 'pending', severity text,
  submitter_email text REFERENCES carnivore_emails, release text DEFAULT 'sid' REFERENCES releases ON DELETE SET DEFAULT,
  title text, affects text GENERATED ALWAYS AS (coalesce(package, 'none')) STORED);
CREATE TABLE bugs_merged_with (id bug_number NOT NULL REFERENCES bugs, merged_with bug_number NOT NULL REFERENCES bugs,
  PRIMARY KEY (id, merged_with));
CREATE TABLE bugs_tags (id bug_number REFERENCES bugs ON DELETE CASCADE, tag text, PRIMARY KEY (id, tag));
CREATE TABLE bugs_usertags (email text NOT NULL, tag text NOT NULL, id int NOT NULL);
CREATE TABLE bugs_blocks (no bigserial PRIMARY KEY, id bug_number, blocked bigint REFERENCES bugs);
INSERT INTO bugs_blocks (id) VALUES (404);
ALTER TABLE bugs_blocks ADD CONSTRAINT blocks_known FOREIGN KEY (id) REFERENCES bugs NOT VALID;
CREATE TABLE popcon (no bigserial PRIMARY KEY, package text NOT NULL UNIQUE, insts int);
CREATE TABLE popcon_src (no bigserial PRIMARY KEY, package text REFERENCES popcon (package), role text REFERENCES releases (role));
CREATE TABLE packages (package text PRIMARY KEY, of_bug int);
CREATE TABLE bug_packages (no serial PRIMARY KEY, package text GENERATED ALWAYS AS ('p') STORED REFERENCES packages);
CREATE TABLE uploads (id int PRIMARY KEY, changed_by text REFERENCES carnivore_emails);
CREATE TABLE uploads_archived () INHERITS (uploads);
CREATE VIEW active_bugs AS SELECT * FROM bugs WHERE status <> 'done';
CREATE VIEW bug_counts AS SELECT package, count(*) FROM active_bugs GROUP BY package;
INSERT INTO releases VALUES ('sid', 2, 'unstable'), ('etch', 1, 'stable');
INSERT INTO carnivore_emails VALUES ('a@d.o', 1), ('b@d.o', 2);
INSERT INTO sources VALUES ('pg', '15-1', 'sid', 'a@d.o');
INSERT INTO uploaders VALUES ('pg', '15-1', 'sid', 'b@d.o');
INSERT INTO bugs (id, package, submitter_email, release) VALUES (1, 'pg', 'a@d.o', 'sid'), (2, 'pg', 'a@d.o', 'etch'), (3, NULL, NULL, 'sid');
INSERT INTO bugs_merged_with VALUES (1, 2), (2, 1);
INSERT INTO bugs_tags VALUES (1, 'patch'), (1, 'sid');
INSERT INTO popcon (package, insts) VALUES ('pg', 7);
