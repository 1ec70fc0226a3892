-- create_multi_table_lookup, add_lookup_target, drop_relationship of a target: SEMANTICS 2.3.
-- Each refusal is followed by its SQLSTATE.
\set VERBOSITY terse
CREATE ROLE regress_mtl_owner;
CREATE ROLE regress_mtl_other;
CREATE SCHEMA mtl AUTHORIZATION regress_mtl_owner;
GRANT ALL ON SCHEMA mtl TO regress_mtl_other;
SELECT relmeta.create_user('mtl_alice');
SET SESSION AUTHORIZATION regress_mtl_owner;
SET search_path = mtl;

CREATE VIEW checks AS
SELECT conrelid::regclass AS relation, conname AS name, pg_catalog.pg_get_constraintdef(oid) AS definition
FROM pg_catalog.pg_constraint WHERE contype = 'c' AND connamespace = 'mtl'::regnamespace;
CREATE VIEW columns AS
SELECT attrelid::regclass AS relation, attname AS column, pg_catalog.format_type(atttypid, atttypmod) AS type, attnotnull AS required
FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT attisdropped;

CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text);
CREATE TABLE lead (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,contact,lead}'::regclass[]) AS t;
INSERT INTO account VALUES (1), (2);
INSERT INTO contact VALUES (1), (3);
INSERT INTO lead VALUES (1);

--
-- Both columns made
--
CREATE TABLE activity (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('activity', 'owner_id');
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{account,contact}', preset => 'parental', delete => 'remove_link');
SELECT * FROM columns WHERE relation = 'activity'::regclass ORDER BY 1, 2;
SELECT * FROM checks WHERE relation = 'activity'::regclass;
SELECT indexrelid::regclass, pg_catalog.pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = 'activity'::regclass AND NOT indisprimary;
SELECT name, primary_table, lookup_column, type_column, assign, share, unshare, delete, preset, is_parental FROM relmeta.one_to_many WHERE related_table = 'activity'::regclass ORDER BY name;
SELECT name, primary_table, type_value, foreign_key FROM relmeta.relationship WHERE related_table = 'activity'::regclass ORDER BY name;
-- what the columns may hold
INSERT INTO activity VALUES (1, NULL, 1, 'account'), (2, NULL, 3, 'contact'), (3, NULL, NULL, NULL);
INSERT INTO activity VALUES (4, NULL, 1, NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO activity VALUES (4, NULL, NULL, 'account');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO activity VALUES (4, NULL, 1, 'lead');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO activity VALUES (4, NULL, 3, 'account');
\echo :LAST_ERROR_SQLSTATE
UPDATE activity SET regarding_type = 'account' WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE
-- remove_link clears both
DELETE FROM contact WHERE id = 3;
SELECT * FROM activity ORDER BY id;
-- parental relationships may share the lookup, and only that
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'lead', preset => 'parental');
SELECT relmeta.create_one_to_many('lead', 'activity', 'lead_id', preset => 'parental');
\echo :LAST_ERROR_SQLSTATE
SELECT definition FROM checks WHERE relation = 'activity'::regclass;
-- a renamed table keeps its type value
ALTER TABLE lead RENAME TO prospect;
INSERT INTO activity VALUES (5, NULL, 1, 'lead');

--
-- Adding targets
--
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'account');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'account', if_not_exists => true);
SELECT relmeta.add_lookup_target('activity', 'owner_id', 'account');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'activity', 'account');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE big (id bigint PRIMARY KEY);
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'big');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'prospect', share => 'restrict');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE plain (id int PRIMARY KEY);
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'plain', assign => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'plain', 'Plain One', delete => 'restrict', name => 'about plain');
SELECT name, type_value FROM relmeta.relationship WHERE related_table = 'activity'::regclass ORDER BY name;
-- a target of itself that may not loop
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'activity', preset => 'parental');
UPDATE activity SET regarding_id = id, regarding_type = 'activity' WHERE id = 3;
\echo :LAST_ERROR_SQLSTATE

--
-- Dropping targets: the CHECK follows
--
SELECT relmeta.drop_relationship('lead_activity');
SELECT relmeta.drop_relationship('about plain');
SELECT * FROM checks WHERE relation = 'activity'::regclass;
-- a row of the dropped target stays, a new one is refused
INSERT INTO activity VALUES (6, NULL, 1, 'lead');
\echo :LAST_ERROR_SQLSTATE
SELECT id, regarding_id, regarding_type FROM activity WHERE regarding_type = 'lead';
-- it does not hinder another target, and when it is gone the constraint is valid again
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'plain');
SELECT definition FROM checks WHERE relation = 'activity'::regclass;
DELETE FROM activity WHERE regarding_type = 'lead';
SELECT relmeta.drop_relationship('plain_activity', drop_storage => true);
SELECT definition FROM checks WHERE relation = 'activity'::regclass;
-- users may rename the constraint
ALTER TABLE activity RENAME CONSTRAINT activity_regarding_id_check TO mine;
SELECT relmeta.drop_relationship('activity_activity');
SELECT relmeta.drop_relationship('account_activity');
SELECT * FROM checks WHERE relation = 'activity'::regclass;
SELECT relmeta.drop_relationship('contact_activity');
SELECT * FROM checks WHERE relation = 'activity'::regclass;
SELECT * FROM columns WHERE relation = 'activity'::regclass ORDER BY 1, 2;
-- the last target with its storage
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{account}');
SELECT relmeta.drop_relationship('account_activity', drop_storage => true);
SELECT * FROM columns WHERE relation = 'activity'::regclass ORDER BY 1, 2;

--
-- Columns that are there are adopted, as Rails and Django make them
--
CREATE TABLE comment (id int PRIMARY KEY, commentable_type varchar(20) NOT NULL, commentable_id int NOT NULL);
CREATE INDEX ON comment (commentable_type, commentable_id);
INSERT INTO comment VALUES (1, 'Account', 1), (2, 'Contact', 1);
SELECT relmeta.create_multi_table_lookup('comment', 'commentable_id', '{account,contact}', type_values => '{Account,Contact}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('comment', 'commentable_id', '{account,contact}', type_values => '{Account,Contact}', preset => 'referential_restrict');
SELECT name, definition FROM checks WHERE relation = 'comment'::regclass;
DELETE FROM account WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE tag (id int PRIMARY KEY, content_type_id smallint, object_id int, CHECK (object_id > 0));
INSERT INTO tag VALUES (1, 7, 1);
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,contact}', 'content_type_id', '{seven,9}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,contact}', 'content_type_id', '{7,07}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,contact}', 'content_type_id', '{7,9}', names => '{account_tags,NULL}', delete => 'all');
SELECT definition FROM checks WHERE relation = 'tag'::regclass ORDER BY name;
INSERT INTO tag VALUES (2, 9, 1), (3, 7, 2);
DELETE FROM account WHERE id = 2;
SELECT * FROM tag ORDER BY id;
CREATE TYPE kind AS ENUM ('account', 'contact');
CREATE TABLE by_enum (id int PRIMARY KEY, ref int, ref_type kind);
SELECT relmeta.create_multi_table_lookup('by_enum', 'ref', '{account,contact,plain}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('by_enum', 'ref', '{account,contact}');
SELECT definition FROM checks WHERE relation = 'by_enum'::regclass;
-- rows that do not fit
CREATE TABLE bad (id int PRIMARY KEY, ref_id int, ref_type text);
INSERT INTO bad VALUES (1, 1, NULL);
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
\echo :LAST_ERROR_SQLSTATE
UPDATE bad SET ref_type = 'plain';
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
\echo :LAST_ERROR_SQLSTATE
UPDATE bad SET ref_type = 'contact', ref_id = 77;
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM relmeta.one_to_many WHERE related_table = 'bad'::regclass;
UPDATE bad SET ref_id = 1;
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');

--
-- Refusals
--
CREATE TABLE r (id int PRIMARY KEY);
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,big}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,account}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,contact}', type_values => '{a}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,contact}', type_values => '{a,a}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', type_column => 'ref_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', required => true);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', preset => 'none');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,checks}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', names => '{contact_tag}');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE one_null (id int PRIMARY KEY, ref_id int, ref_type text NOT NULL);
SELECT relmeta.create_multi_table_lookup('one_null', 'ref_id', '{account}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM relmeta.tables WHERE relation IN ('r'::regclass, 'one_null'::regclass);
CREATE TABLE keyed (id int PRIMARY KEY, ref_id int REFERENCES account);
SELECT relmeta.create_multi_table_lookup('keyed', 'ref_id', '{contact,account}');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE narrow (id int PRIMARY KEY, ref_id int, ref_type varchar(5));
SELECT relmeta.create_multi_table_lookup('narrow', 'ref_id', '{contact}');
\echo :LAST_ERROR_SQLSTATE
-- a table without owner inherits from owners of one type
CREATE TABLE account_int (id int PRIMARY KEY, owner_id int);
SELECT relmeta.register_table('account_int', 'owner_id');
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,account_int}', share => 'all');
\echo :LAST_ERROR_SQLSTATE
-- char(n) is compared as it is
CREATE TABLE coded (code char(8) PRIMARY KEY);
INSERT INTO coded VALUES ('eins'), ('zwei');
CREATE TABLE uses_code (id int PRIMARY KEY, ref char(8), ref_kind char(12));
INSERT INTO uses_code VALUES (1, 'eins', 'coded');
SELECT relmeta.create_multi_table_lookup('uses_code', 'ref', '{coded}', 'ref_kind', delete => 'all');
SELECT definition FROM checks WHERE relation = 'uses_code'::regclass;
INSERT INTO uses_code VALUES (2, 'zwei', 'coded');
INSERT INTO uses_code VALUES (3, 'drei', 'coded');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM coded WHERE code = 'eins';
SELECT * FROM uses_code;
-- a lookup is of one kind
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{plain}', 'content_type_id', '{11}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,plain}', 'content_type_id', '{7,11}', if_not_exists => true);
SELECT relmeta.create_one_to_many('big', 'tag', 'object_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('plain', 'r', 'plain_id');
SELECT relmeta.create_multi_table_lookup('r', 'plain_id', '{account}');
\echo :LAST_ERROR_SQLSTATE

--
-- required; partitioned; a long lookup
--
CREATE TABLE req (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE req_1 PARTITION OF req FOR VALUES FROM (0) TO (100);
SELECT relmeta.create_multi_table_lookup('req', 'ref_id', '{account,contact}', required => true, delete => 'all');
SELECT * FROM columns WHERE relation IN ('req'::regclass, 'req_1'::regclass) AND "column" ~ 'ref' ORDER BY 1, 2;
SELECT name, relation FROM checks WHERE relation IN ('req'::regclass, 'req_1'::regclass) ORDER BY 2;
INSERT INTO contact VALUES (5);
INSERT INTO req VALUES (1, 5, 'contact'), (2, 1, 'contact');
INSERT INTO req_1 VALUES (3, 9, 'contact');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM contact WHERE id = 5;
SELECT * FROM req;
SELECT relmeta.create_multi_table_lookup('plain', repeat('ö', 31), '{account}');
SELECT "column", octet_length("column") FROM columns WHERE relation = 'plain'::regclass ORDER BY 1;

--
-- Who may
--
SET SESSION AUTHORIZATION regress_mtl_other;
SET search_path = mtl;
CREATE TABLE theirs (id int PRIMARY KEY);
SELECT relmeta.create_multi_table_lookup('theirs', 'ref_id', '{theirs,account}');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.add_lookup_target('tag', 'object_id', 'theirs');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_multi_table_lookup('theirs', 'ref_id', '{theirs}');
SET SESSION AUTHORIZATION regress_mtl_owner;
SET search_path = mtl;
SELECT relmeta.add_lookup_target('theirs', 'ref_id', 'account');
\echo :LAST_ERROR_SQLSTATE

--
-- Odd names, an empty search_path, operators in the way
--
CREATE FUNCTION never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = never);
CREATE TABLE "Weird ""Name""" ("Key ''" int PRIMARY KEY);
CREATE TABLE "It's" (id int PRIMARY KEY, "Re ""f_id" int, "Ty\pe" text);
INSERT INTO "Weird ""Name""" VALUES (1);
INSERT INTO "It's" VALUES (1, 1, 'Weird "Name"');
SET search_path = mtl, pg_catalog;
SELECT relmeta.create_multi_table_lookup('"It''s"', 'Re "f_id', ARRAY['"Weird ""Name"""', '"It''s"']::regclass[], 'Ty\pe');
SET search_path = '';
INSERT INTO mtl."It's" VALUES (2, 1, 'It''s');
INSERT INTO mtl."It's" VALUES (3, 2, 'Weird "Name"');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO mtl."It's" VALUES (3, 2, 'other');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM mtl."Weird ""Name""";
SELECT * FROM mtl."It's" ORDER BY id;
SELECT definition FROM mtl.checks WHERE relation = 'mtl."It''s"'::regclass;
SELECT relmeta.drop_relationship(name, drop_storage => true) FROM relmeta.one_to_many WHERE related_table = 'mtl."It''s"'::regclass;
SELECT "column" FROM mtl.columns WHERE relation = 'mtl."It''s"'::regclass ORDER BY 1;

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA mtl CASCADE;
DELETE FROM relmeta.relationship WHERE related_table NOT IN (SELECT oid FROM pg_catalog.pg_class);
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT relmeta.drop_principal('mtl_alice');
DROP ROLE regress_mtl_owner, regress_mtl_other;
