-- create_multi_table_lookup, add_lookup_target, drop_relationship of a target: SEMANTICS 2.3.
-- Each refusal is followed by its SQLSTATE.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
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
-- => {account_activity,contact_activity}
SELECT * FROM columns WHERE relation = 'activity'::regclass ORDER BY 1, 2;
-- => activity|id|integer|t
-- => activity|owner_id|text|f
-- => activity|regarding_id|integer|f
-- => activity|regarding_type|text|f
SELECT * FROM checks WHERE relation = 'activity'::regclass;
-- => activity|activity_regarding_id_check|CHECK ((((regarding_id IS NULL) AND (regarding_type IS NULL)) OR ((regarding_id IS NOT NULL) AND (regarding_type IS NOT NULL) AND (regarding_type = ANY (ARRAY['account'::text, 'contact'::text])))))
SELECT indexrelid::regclass, pg_catalog.pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = 'activity'::regclass AND NOT indisprimary;
-- => activity_regarding_id_regarding_type_idx|CREATE INDEX activity_regarding_id_regarding_type_idx ON mtl.activity USING btree (regarding_id, regarding_type)
SELECT name, primary_table, lookup_column, type_column, assign, share, unshare, delete, preset, is_parental FROM relmeta.one_to_many WHERE related_table = 'activity'::regclass ORDER BY name;
-- => account_activity|account|regarding_id|regarding_type|all|all|all|remove_link|custom|t
-- => contact_activity|contact|regarding_id|regarding_type|all|all|all|remove_link|custom|t
SELECT name, primary_table, type_value, foreign_key FROM relmeta.relationship WHERE related_table = 'activity'::regclass ORDER BY name;
-- => account_activity|account|account|f
-- => contact_activity|contact|contact|f
-- what the columns may hold
INSERT INTO activity VALUES (1, NULL, 1, 'account'), (2, NULL, 3, 'contact'), (3, NULL, NULL, NULL);
INSERT INTO activity VALUES (4, NULL, 1, NULL);
-- => ERROR:  new row for relation "activity" violates check constraint "activity_regarding_id_check"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
INSERT INTO activity VALUES (4, NULL, NULL, 'account');
-- => ERROR:  new row for relation "activity" violates check constraint "activity_regarding_id_check"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
INSERT INTO activity VALUES (4, NULL, 1, 'lead');
-- => ERROR:  new row for relation "activity" violates check constraint "activity_regarding_id_check"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
INSERT INTO activity VALUES (4, NULL, 3, 'account');
-- => ERROR:  insert or update on table "activity" violates relationship "account_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
UPDATE activity SET regarding_type = 'account' WHERE id = 2;
-- => ERROR:  insert or update on table "activity" violates relationship "account_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
-- remove_link clears both
DELETE FROM contact WHERE id = 3;
SELECT * FROM activity ORDER BY id;
-- => 1||1|account
-- => 2|||
-- => 3|||
-- relationships that give access may share the lookup, and only that
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'lead', preset => 'parental');
-- => lead_activity
SELECT relmeta.create_one_to_many('lead', 'activity', 'lead_id', preset => 'parental');
-- => ERROR:  table "activity" already gets access by another relationship, "account_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT definition FROM checks WHERE relation = 'activity'::regclass;
-- => CHECK ((((regarding_id IS NULL) AND (regarding_type IS NULL)) OR ((regarding_id IS NOT NULL) AND (regarding_type IS NOT NULL) AND (regarding_type = ANY (ARRAY['account'::text, 'contact'::text, 'lead'::text])))))
-- a renamed table keeps its type value
ALTER TABLE lead RENAME TO prospect;
INSERT INTO activity VALUES (5, NULL, 1, 'lead');

--
-- Adding targets
--
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'account');
-- => ERROR:  table "account" is already a target of lookup "regarding_id" of table "activity" by relationship "account_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'account', if_not_exists => true);
-- => account_activity
SELECT relmeta.add_lookup_target('activity', 'owner_id', 'account');
-- => ERROR:  column "owner_id" of table "activity" is not a multi-table lookup
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'activity', 'account');
-- => ERROR:  type value "account" is already that of relationship "account_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
CREATE TABLE big (id bigint PRIMARY KEY);
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'big');
-- => ERROR:  lookup "regarding_id" of table "activity" is of type integer, the key of table "big" of type bigint
\echo :LAST_ERROR_SQLSTATE
-- => 42804
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'prospect', share => 'restrict');
-- => ERROR:  table "prospect" is already a target of lookup "regarding_id" of table "activity" by relationship "lead_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
CREATE TABLE plain (id int PRIMARY KEY);
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'plain', assign => 'all');
-- => ERROR:  behavior "all" of action "assign" needs an owner column in table "plain"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'plain', 'Plain One', delete => 'restrict', name => 'about plain');
-- => about plain
SELECT name, type_value FROM relmeta.relationship WHERE related_table = 'activity'::regclass ORDER BY name;
-- => about plain|Plain One
-- => account_activity|account
-- => contact_activity|contact
-- => lead_activity|lead
-- a target of itself that may not loop
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'activity', preset => 'parental');
-- => activity_activity
UPDATE activity SET regarding_id = id, regarding_type = 'activity' WHERE id = 3;
-- => ERROR:  a row of table "activity" would be above itself in relationship "activity_activity"
\echo :LAST_ERROR_SQLSTATE
-- => 23514

--
-- Dropping targets: the CHECK follows
--
SELECT relmeta.drop_relationship('lead_activity');
SELECT relmeta.drop_relationship('about plain');
SELECT * FROM checks WHERE relation = 'activity'::regclass;
-- => activity|activity_regarding_id_check|CHECK ((((regarding_id IS NULL) AND (regarding_type IS NULL)) OR ((regarding_id IS NOT NULL) AND (regarding_type IS NOT NULL) AND (regarding_type = ANY (ARRAY['account'::text, 'contact'::text, 'activity'::text]))))) NOT VALID
-- a row of the dropped target stays, a new one is refused
INSERT INTO activity VALUES (6, NULL, 1, 'lead');
-- => ERROR:  new row for relation "activity" violates check constraint "activity_regarding_id_check"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
SELECT id, regarding_id, regarding_type FROM activity WHERE regarding_type = 'lead';
-- => 5|1|lead
-- it does not hinder another target, and when it is gone the constraint is valid again
SELECT relmeta.add_lookup_target('activity', 'regarding_id', 'plain');
-- => plain_activity
SELECT definition FROM checks WHERE relation = 'activity'::regclass;
-- => CHECK ((((regarding_id IS NULL) AND (regarding_type IS NULL)) OR ((regarding_id IS NOT NULL) AND (regarding_type IS NOT NULL) AND (regarding_type = ANY (ARRAY['account'::text, 'contact'::text, 'activity'::text, 'plain'::text]))))) NOT VALID
DELETE FROM activity WHERE regarding_type = 'lead';
SELECT relmeta.drop_relationship('plain_activity', drop_storage => true);
SELECT definition FROM checks WHERE relation = 'activity'::regclass;
-- => CHECK ((((regarding_id IS NULL) AND (regarding_type IS NULL)) OR ((regarding_id IS NOT NULL) AND (regarding_type IS NOT NULL) AND (regarding_type = ANY (ARRAY['account'::text, 'contact'::text, 'activity'::text])))))
-- users may rename the constraint
ALTER TABLE activity RENAME CONSTRAINT activity_regarding_id_check TO mine;
SELECT relmeta.drop_relationship('activity_activity');
SELECT relmeta.drop_relationship('account_activity');
SELECT * FROM checks WHERE relation = 'activity'::regclass;
-- => activity|mine|CHECK ((((regarding_id IS NULL) AND (regarding_type IS NULL)) OR ((regarding_id IS NOT NULL) AND (regarding_type IS NOT NULL) AND (regarding_type = ANY (ARRAY['contact'::text]))))) NOT VALID
SELECT relmeta.drop_relationship('contact_activity');
SELECT * FROM checks WHERE relation = 'activity'::regclass;
-- => none
SELECT * FROM columns WHERE relation = 'activity'::regclass ORDER BY 1, 2;
-- => activity|id|integer|t
-- => activity|owner_id|text|f
-- => activity|regarding_id|integer|f
-- => activity|regarding_type|text|f
-- the last target with its storage
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{account}');
-- => {account_activity}
SELECT relmeta.drop_relationship('account_activity', drop_storage => true);
SELECT * FROM columns WHERE relation = 'activity'::regclass ORDER BY 1, 2;
-- => activity|id|integer|t
-- => activity|owner_id|text|f

--
-- Columns that are there are adopted, as Rails and Django make them
--
CREATE TABLE comment (id int PRIMARY KEY, commentable_type varchar(20) NOT NULL, commentable_id int NOT NULL);
CREATE INDEX ON comment (commentable_type, commentable_id);
INSERT INTO comment VALUES (1, 'Account', 1), (2, 'Contact', 1);
SELECT relmeta.create_multi_table_lookup('comment', 'commentable_id', '{account,contact}', type_values => '{Account,Contact}');
-- => ERROR:  behavior "remove_link" needs column "commentable_id" of table "comment" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_multi_table_lookup('comment', 'commentable_id', '{account,contact}', type_values => '{Account,Contact}', preset => 'referential_restrict');
-- => {account_comment,contact_comment}
SELECT name, definition FROM checks WHERE relation = 'comment'::regclass;
-- => comment_commentable_id_check|CHECK ((((commentable_id IS NULL) AND (commentable_type IS NULL)) OR ((commentable_id IS NOT NULL) AND (commentable_type IS NOT NULL) AND ((commentable_type)::text = ANY (ARRAY['Account'::text, 'Contact'::text])))))
DELETE FROM account WHERE id = 1;
-- => ERROR:  delete on table "account" violates relationship "account_comment" of table "comment"
\echo :LAST_ERROR_SQLSTATE
-- => 23001
CREATE TABLE tag (id int PRIMARY KEY, content_type_id smallint, object_id int, CHECK (object_id > 0));
INSERT INTO tag VALUES (1, 7, 1);
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,contact}', 'content_type_id', '{seven,9}');
-- => ERROR:  invalid input syntax for type smallint: "seven"
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,contact}', 'content_type_id', '{7,07}');
-- => ERROR:  type value "07" of lookup "object_id" is already that of table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,contact}', 'content_type_id', '{7,9}', names => '{account_tags,NULL}', delete => 'all');
-- => {account_tags,contact_tag}
SELECT definition FROM checks WHERE relation = 'tag'::regclass ORDER BY name;
-- => CHECK ((object_id > 0))
-- => CHECK ((((object_id IS NULL) AND (content_type_id IS NULL)) OR ((object_id IS NOT NULL) AND (content_type_id IS NOT NULL) AND (content_type_id = ANY (ARRAY['7'::smallint, '9'::smallint])))))
INSERT INTO tag VALUES (2, 9, 1), (3, 7, 2);
DELETE FROM account WHERE id = 2;
SELECT * FROM tag ORDER BY id;
-- => 1|7|1
-- => 2|9|1
CREATE TYPE kind AS ENUM ('account', 'contact');
CREATE TABLE by_enum (id int PRIMARY KEY, ref int, ref_type kind);
SELECT relmeta.create_multi_table_lookup('by_enum', 'ref', '{account,contact,plain}');
-- => ERROR:  invalid input value for enum kind: "plain"
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.create_multi_table_lookup('by_enum', 'ref', '{account,contact}');
-- => {account_by_enum,contact_by_enum}
SELECT definition FROM checks WHERE relation = 'by_enum'::regclass;
-- => CHECK ((((ref IS NULL) AND (ref_type IS NULL)) OR ((ref IS NOT NULL) AND (ref_type IS NOT NULL) AND (ref_type = ANY (ARRAY['account'::kind, 'contact'::kind])))))
-- rows that do not fit
CREATE TABLE bad (id int PRIMARY KEY, ref_id int, ref_type text);
INSERT INTO bad VALUES (1, 1, NULL);
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
-- => ERROR:  check constraint "bad_ref_id_check" of relation "bad" is violated by some row
\echo :LAST_ERROR_SQLSTATE
-- => 23514
UPDATE bad SET ref_type = 'plain';
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
-- => ERROR:  check constraint "bad_ref_id_check" of relation "bad" is violated by some row
\echo :LAST_ERROR_SQLSTATE
-- => 23514
UPDATE bad SET ref_type = 'contact', ref_id = 77;
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
-- => ERROR:  column "ref_id" of table "bad" points to rows that are not in table "contact"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
SELECT count(*) FROM relmeta.one_to_many WHERE related_table = 'bad'::regclass;
-- => 0
UPDATE bad SET ref_id = 1;
SELECT relmeta.create_multi_table_lookup('bad', 'ref_id', '{account,contact}');
-- => {account_bad,contact_bad}

--
-- Refusals
--
CREATE TABLE r (id int PRIMARY KEY);
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,big}');
-- => ERROR:  lookup "ref_id" of table "r" is of type integer, the key of table "big" of type bigint
\echo :LAST_ERROR_SQLSTATE
-- => 42804
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{}');
-- => ERROR:  primary_tables must name at least one table
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', NULL);
-- => ERROR:  argument "primary_tables" must not be null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,NULL}');
-- => ERROR:  argument "primary_tables" must not contain null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,account}');
-- => ERROR:  table "account" is already a target of lookup "ref_id" of table "r" by relationship "account_r"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,contact}', type_values => '{a}');
-- => ERROR:  type_values has 1 elements, primary_tables has 2
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,contact}', type_values => '{a,a}');
-- => ERROR:  type value "a" is already that of relationship "account_r"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', type_column => 'ref_id');
-- => ERROR:  lookup and type column must be two columns
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', required => true);
-- => ERROR:  behavior "remove_link" needs column "ref_id" of table "r" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', preset => 'none');
-- => ERROR:  unknown preset "none"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,checks}');
-- => ERROR:  "checks" cannot be registered: it is a view
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account}', names => '{contact_tag}');
-- => ERROR:  relationship "contact_tag" already exists
\echo :LAST_ERROR_SQLSTATE
-- => 42710
CREATE TABLE one_null (id int PRIMARY KEY, ref_id int, ref_type text NOT NULL);
SELECT relmeta.create_multi_table_lookup('one_null', 'ref_id', '{account}');
-- => ERROR:  behavior "remove_link" needs column "ref_type" of table "one_null" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT count(*) FROM relmeta.tables WHERE relation IN ('r'::regclass, 'one_null'::regclass);
-- => 0
CREATE TABLE keyed (id int PRIMARY KEY, ref_id int REFERENCES account);
SELECT relmeta.create_multi_table_lookup('keyed', 'ref_id', '{contact,account}');
-- => ERROR:  foreign key "keyed_ref_id_fkey" of table "keyed" lets lookup "ref_id" point to table "account" alone
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
CREATE TABLE narrow (id int PRIMARY KEY, ref_id int, ref_type varchar(5));
SELECT relmeta.create_multi_table_lookup('narrow', 'ref_id', '{contact}');
-- => ERROR:  value too long for type character varying(5)
\echo :LAST_ERROR_SQLSTATE
-- => 22001
-- a table without owner inherits from owners of one type
CREATE TABLE account_int (id int PRIMARY KEY, owner_id int);
SELECT relmeta.register_table('account_int', 'owner_id');
SELECT relmeta.create_multi_table_lookup('r', 'ref_id', '{account,account_int}', share => 'all');
-- => ERROR:  table "r" has no owner and would inherit from owners of different types, text and integer
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
-- char(n) is compared as it is
CREATE TABLE coded (code char(8) PRIMARY KEY);
INSERT INTO coded VALUES ('eins'), ('zwei');
CREATE TABLE uses_code (id int PRIMARY KEY, ref char(8), ref_kind char(12));
INSERT INTO uses_code VALUES (1, 'eins', 'coded');
SELECT relmeta.create_multi_table_lookup('uses_code', 'ref', '{coded}', 'ref_kind', delete => 'all');
-- => {coded_uses_code}
SELECT definition FROM checks WHERE relation = 'uses_code'::regclass;
-- => CHECK ((((ref IS NULL) AND (ref_kind IS NULL)) OR ((ref IS NOT NULL) AND (ref_kind IS NOT NULL) AND (ref_kind = ANY (ARRAY['coded'::bpchar])))))
INSERT INTO uses_code VALUES (2, 'zwei', 'coded');
INSERT INTO uses_code VALUES (3, 'drei', 'coded');
-- => ERROR:  insert or update on table "uses_code" violates relationship "coded_uses_code"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
DELETE FROM coded WHERE code = 'eins';
SELECT * FROM uses_code;
-- => 2|zwei    |coded       
-- a lookup is of one kind
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{plain}', 'content_type_id', '{11}');
-- => ERROR:  column "object_id" of table "tag" is already a multi-table lookup
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.create_multi_table_lookup('tag', 'object_id', '{account,plain}', 'content_type_id', '{7,11}', if_not_exists => true);
-- => {account_tags,plain_tag}
SELECT relmeta.create_one_to_many('big', 'tag', 'object_id');
-- => ERROR:  column "object_id" of table "tag" is already the lookup of relationship "account_tags"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('plain', 'r', 'plain_id');
-- => plain_r
SELECT relmeta.create_multi_table_lookup('r', 'plain_id', '{account}');
-- => ERROR:  column "plain_id" of table "r" is already the lookup of relationship "plain_r"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17

--
-- required; partitioned; a long lookup
--
CREATE TABLE req (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE req_1 PARTITION OF req FOR VALUES FROM (0) TO (100);
SELECT relmeta.create_multi_table_lookup('req', 'ref_id', '{account,contact}', required => true, delete => 'all');
-- => {account_req,contact_req}
SELECT * FROM columns WHERE relation IN ('req'::regclass, 'req_1'::regclass) AND "column" ~ 'ref' ORDER BY 1, 2;
-- => req|ref_id|integer|t
-- => req|ref_type|text|t
-- => req_1|ref_id|integer|t
-- => req_1|ref_type|text|t
SELECT name, relation FROM checks WHERE relation IN ('req'::regclass, 'req_1'::regclass) ORDER BY 2;
-- => req_ref_id_check|req
-- => req_ref_id_check|req_1
INSERT INTO contact VALUES (5);
INSERT INTO req VALUES (1, 5, 'contact'), (2, 1, 'contact');
INSERT INTO req_1 VALUES (3, 9, 'contact');
-- => ERROR:  insert or update on table "req" violates relationship "contact_req"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
DELETE FROM contact WHERE id = 5;
SELECT * FROM req;
-- => 2|1|contact
SELECT relmeta.create_multi_table_lookup('plain', repeat('ö', 31), '{account}');
-- => {account_plain}
SELECT "column", octet_length("column") FROM columns WHERE relation = 'plain'::regclass ORDER BY 1;
-- => id|2
-- => ööööööööööööööööööööööööööööö_type|63
-- => ööööööööööööööööööööööööööööööö|62

--
-- Who may
--
SET SESSION AUTHORIZATION regress_mtl_other;
SET search_path = mtl;
CREATE TABLE theirs (id int PRIMARY KEY);
SELECT relmeta.create_multi_table_lookup('theirs', 'ref_id', '{theirs,account}');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.add_lookup_target('tag', 'object_id', 'theirs');
-- => ERROR:  must be owner of table tag
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.create_multi_table_lookup('theirs', 'ref_id', '{theirs}');
-- => {theirs_theirs}
SET SESSION AUTHORIZATION regress_mtl_owner;
SET search_path = mtl;
SELECT relmeta.add_lookup_target('theirs', 'ref_id', 'account');
-- => ERROR:  must be owner of table theirs
\echo :LAST_ERROR_SQLSTATE
-- => 42501

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
-- => {"Weird \"Name\"_It's",It's_It's}
SET search_path = '';
INSERT INTO mtl."It's" VALUES (2, 1, 'It''s');
INSERT INTO mtl."It's" VALUES (3, 2, 'Weird "Name"');
-- => ERROR:  insert or update on table "It's" violates relationship "Weird "Name"_It's"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
INSERT INTO mtl."It's" VALUES (3, 2, 'other');
-- => ERROR:  new row for relation "It's" violates check constraint "It's_Re "f_id_check"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
DELETE FROM mtl."Weird ""Name""";
SELECT * FROM mtl."It's" ORDER BY id;
-- => 1||
-- => 2|1|It's
SELECT definition FROM mtl.checks WHERE relation = 'mtl."It''s"'::regclass;
-- => CHECK (((("Re ""f_id" IS NULL) AND ("Ty\pe" IS NULL)) OR (("Re ""f_id" IS NOT NULL) AND ("Ty\pe" IS NOT NULL) AND ("Ty\pe" = ANY (ARRAY['Weird "Name"'::text, 'It''s'::text])))))
SELECT relmeta.drop_relationship(name, drop_storage => true) FROM relmeta.one_to_many WHERE related_table = 'mtl."It''s"'::regclass;
SELECT "column" FROM mtl.columns WHERE relation = 'mtl."It''s"'::regclass ORDER BY 1;
-- => id

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA mtl CASCADE;
DELETE FROM relmeta.relationship WHERE related_table NOT IN (SELECT oid FROM pg_catalog.pg_class);
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT relmeta.drop_principal('mtl_alice');
DROP ROLE regress_mtl_owner, regress_mtl_other;
