-- alter_column_type: SEMANTICS 2.2.  Each refusal is followed by its SQLSTATE.
\set VERBOSITY terse
CREATE ROLE regress_act_owner;
CREATE ROLE regress_act_other;
CREATE SCHEMA act AUTHORIZATION regress_act_owner;
GRANT ALL ON SCHEMA act TO regress_act_other;
SELECT relmeta.create_user('11'), relmeta.create_user('12'), relmeta.create_user('AAAAAAAA-0000-0000-0000-000000000001');
SET SESSION AUTHORIZATION regress_act_owner;
SET search_path = act;

CREATE VIEW columns AS
SELECT attrelid::regclass AS relation, attname AS column, pg_catalog.format_type(atttypid, atttypmod) AS type,
       (SELECT collname FROM pg_catalog.pg_collation c WHERE c.oid = attcollation AND collname <> 'default') AS coll,
       (SELECT pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef WHERE adrelid = attrelid AND adnum = attnum) AS "default"
FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_class c ON c.oid = attrelid
WHERE attnum > 0 AND NOT attisdropped AND relnamespace = 'act'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition;
CREATE VIEW constraints AS
SELECT conrelid::regclass AS relation, conname AS name, pg_catalog.pg_get_constraintdef(oid, true) AS definition,
       pg_catalog.obj_description(oid, 'pg_constraint') AS comment
FROM pg_catalog.pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'act'::regnamespace AND conparentid = 0;
CREATE VIEW triggers AS
SELECT tgrelid::regclass AS relation, tgname AS trigger, tgenabled AS enabled,
       pg_catalog.substring(pg_catalog.pg_get_triggerdef(oid, true), 'WHEN .*\) EXECUTE') AS condition
FROM pg_catalog.pg_trigger
WHERE NOT tgisinternal AND tgparentid = 0 AND tgname !~ 'row_(insert|delete)' AND tgrelid IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = 'act'::regnamespace);

CREATE TABLE account (id int PRIMARY KEY DEFAULT 0, tenant int, owner_id text DEFAULT '11', note text, UNIQUE (id, tenant));
CREATE TABLE contact (id int PRIMARY KEY, owner_id text COLLATE "C" DEFAULT 'x', account_id int DEFAULT 7, tenant int,
  FOREIGN KEY (account_id, tenant) REFERENCES account (id, tenant) DEFERRABLE);
CREATE TABLE visit (id int PRIMARY KEY, owner_id text);
CREATE TABLE apart (id int PRIMARY KEY, owner_id text, account_id int REFERENCES account);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{account,contact,visit,apart}'::regclass[]) AS t;
SELECT relmeta.register_table('account', default_owner => true);
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
SELECT relmeta.create_one_to_many('contact', 'visit', 'contact_id', assign => 'user_owned', foreign_key => false);
SELECT relmeta.create_one_to_many('account', 'account', 'parent_id');
SELECT relmeta.create_multi_table_lookup('visit', 'at_id', '{account,contact}');
COMMENT ON CONSTRAINT account_contact ON contact IS 'mind this';
ALTER TABLE contact ALTER CONSTRAINT account_contact DEFERRABLE INITIALLY DEFERRED;
INSERT INTO account VALUES (1, 1, '11'), (2, 1, '12');
INSERT INTO contact VALUES (1, '11', 1, 1);
INSERT INTO visit VALUES (1, '11', 1, 1, 'account');
INSERT INTO apart VALUES (1, '11', 1);

-- a key takes its lookups along, a multi-table lookup all its targets, and their lookups
SELECT relmeta.alter_column_type('account', 'id', 'bigint');
SELECT * FROM columns WHERE relation::text <> 'apart' ORDER BY 1, 2;
SELECT * FROM constraints ORDER BY 1, 2;
SELECT * FROM triggers ORDER BY 1, 2;
SELECT count(*) FROM relmeta.adoptable;
-- the same from the lookup's end; a plain foreign key is PostgreSQL's business
SELECT relmeta.alter_column_type('visit', 'at_id', 'numeric');
SELECT * FROM columns WHERE type IN ('integer', 'bigint', 'numeric') ORDER BY 1, 2;
-- where PostgreSQL cannot keep it, nothing is changed
SELECT relmeta.alter_column_type('visit', 'at_id', 'text');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM triggers WHERE relation = 'visit'::regclass;
ALTER TABLE apart DROP CONSTRAINT apart_account_id_fkey;
SELECT relmeta.alter_column_type('visit', 'at_id', 'text');
SELECT * FROM columns WHERE type = 'text' ORDER BY 1, 2;
UPDATE account SET id = '1a' WHERE id = '1';
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('contact', 'account_id', 'int');
SELECT * FROM contact;

-- an owner goes with those that cascading relationships join to it
SELECT relmeta.alter_column_type('visit', 'owner_id', 'bigint');
SELECT relation, type, coll, "default" FROM columns WHERE "column" = 'owner_id' ORDER BY 1;
UPDATE account SET owner_id = 12 WHERE id = 1;
SELECT owner_id FROM contact UNION ALL SELECT owner_id FROM visit;
UPDATE account SET owner_id = 13;
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'owner_id', 'uuid');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'owner_id', 'varchar');
SELECT relation, type, "default" FROM columns WHERE "column" = 'owner_id' ORDER BY 1;
-- an owner that is spelt otherwise in the new type must be a principal still
UPDATE visit SET owner_id = NULL;
UPDATE contact SET owner_id = NULL;
UPDATE account SET owner_id = NULL;
UPDATE apart SET owner_id = 'AAAAAAAA-0000-0000-0000-000000000001';
SELECT relmeta.alter_column_type('apart', 'owner_id', 'uuid');
SELECT owner_id FROM apart;
SELECT relmeta.alter_column_type('apart', 'owner_id', 'text');
\echo :LAST_ERROR_SQLSTATE
-- nothing to do
SELECT relmeta.alter_column_type('apart', 'owner_id', 'uuid');

-- refusals
SELECT relmeta.alter_column_type('account', 'note', 'varchar');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'missing', 'varchar');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'id', 'point');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'id', 'record');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'id', 'no_such_type');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.alter_column_type('account', 'id', NULL);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE plain (id int PRIMARY KEY);
SELECT relmeta.alter_column_type('plain', 'id', 'bigint');
\echo :LAST_ERROR_SQLSTATE
SET SESSION AUTHORIZATION regress_act_other;
SET search_path = act;
SELECT relmeta.alter_column_type('account', 'id', 'bigint');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE theirs (id int PRIMARY KEY);
-- two owners' tables are joined by who may act for both
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_one_to_many('act.theirs', 'act.account', 'theirs_id');
SET SESSION AUTHORIZATION regress_act_other;
SELECT relmeta.alter_column_type('act.theirs', 'id', 'bigint');
\echo :LAST_ERROR_SQLSTATE
SET SESSION AUTHORIZATION regress_act_owner;
SELECT relmeta.alter_column_type('act.account', 'theirs_id', 'bigint');
\echo :LAST_ERROR_SQLSTATE

-- owners that a table without owner inherits from are of one type
SET search_path = act;
CREATE TABLE left_side (id int PRIMARY KEY, owner_id text);
CREATE TABLE right_side (id int PRIMARY KEY, owner_id text);
CREATE TABLE below (id int PRIMARY KEY);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{left_side,right_side}'::regclass[]) AS t;
SELECT relmeta.create_multi_table_lookup('below', 'side_id', '{left_side,right_side}', share => 'all');
SELECT relmeta.alter_column_type('left_side', 'owner_id', 'int');
SELECT relation, type FROM columns WHERE relation::text ~ '_side' AND "column" = 'owner_id';
SELECT a.attname, a.atttypid::regtype FROM pg_catalog.pg_attribute a JOIN relmeta.registered_table t ON a.attrelid = t.entry_table
WHERE t.relation = 'below'::regclass AND a.attnum > 0 ORDER BY a.attnum;

-- entries follow: a principal holds what it held, one that does not cast holds nothing, in the tables below either
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_user('act_ann'), relmeta.create_user('0013'), relmeta.create_team('act_team');
SET SESSION AUTHORIZATION regress_act_owner;
SET search_path = act;
CREATE VIEW held AS SELECT relation, object_key, principal, access_rights_mask AS direct, inherited_access_rights_mask AS inherited
FROM relmeta.principal_object_access WHERE relation IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = 'act'::regnamespace);
CREATE TABLE top (id numeric(4,1) PRIMARY KEY, owner_id text);
CREATE TABLE middle (id int PRIMARY KEY, owner_id text);
CREATE TABLE bottom (id int PRIMARY KEY);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{top,middle}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('top', 'middle', 'top_id', 'act_top', preset => 'parental');
SELECT relmeta.create_one_to_many('middle', 'bottom', 'middle_id', 'act_middle', share => 'all', reparent => 'all');
INSERT INTO top VALUES (1, '11');
INSERT INTO middle VALUES (1, '11', 1);
INSERT INTO bottom VALUES (1, 1);
SELECT relmeta.share_many('top', '{1.0}', '{act_ann,act_team}'), relmeta.share('top', 1, '12', '{read,write}'), relmeta.share('top', 1, '0013', '{delete}'),
       relmeta.share('bottom', 1, 'act_ann', '{delete}');
SELECT * FROM held ORDER BY 1, 2, 3;
SELECT relmeta.alter_column_type('top', 'owner_id', 'bigint');
SELECT * FROM held ORDER BY 1, 2, 3;
SELECT principal, kind, direct, inherited, granted_by FROM relmeta.shared_principals('top', 1);
SELECT relmeta.principal_access('bottom', 1, '12'), relmeta.principal_access('bottom', 1, '0013');
-- keys as the column, whose cast rounds and drops digits; entries of a row are still its entries
SELECT relmeta.alter_column_type('top', 'id', 'int');
SELECT * FROM held WHERE relation = 'top'::regclass;
-- and each gets back its own name
SELECT relmeta.alter_column_type('middle', 'owner_id', 'text');
SELECT * FROM held ORDER BY 1, 2, 3;
SELECT relmeta.unshare('top', 1, '12');
SELECT relmeta.unshare('top', 1, '0013');
SELECT * FROM held;
-- a domain of the same type may not take everybody
SELECT relmeta.alter_column_type('middle', 'owner_id', 'bigint'), relmeta.share_many('top', '{1}', '{0013}');
SELECT relmeta.share('bottom', 1, '12', '{write}');
CREATE DOMAIN low AS bigint CHECK (value < 12);
SELECT relmeta.alter_column_type('middle', 'owner_id', 'low');
SELECT * FROM held ORDER BY 1, 2, 3;

-- the keys in intersect tables go along
SET search_path = act;
CREATE TABLE student (id int PRIMARY KEY);
CREATE TABLE course (id int PRIMARY KEY);
SELECT relmeta.create_many_to_many('student', 'course');
SELECT relmeta.create_many_to_many('student', 'student', name => 'friends', intersect_table => 'friend', is_symmetric => true);
INSERT INTO student VALUES (1), (2);
INSERT INTO course VALUES (7);
SELECT relmeta.associate('student_course', 1, 7), relmeta.associate('friends', 2, 1);
SELECT relmeta.alter_column_type('student', 'id', 'bigint');
SELECT relation, "column", type FROM columns WHERE relation IN ('student'::regclass, 'student_course'::regclass, 'friend'::regclass) ORDER BY 1, 2;
SELECT relation, name, definition FROM constraints WHERE relation IN ('student_course'::regclass, 'friend'::regclass) ORDER BY 1, 2;
SELECT relation, trigger FROM triggers WHERE relation IN ('student_course'::regclass, 'friend'::regclass) ORDER BY 1, 2;
SELECT relmeta.associated('student_course', 7, 2), relmeta.associated('friends', 1);
SELECT relmeta.associate('friends', 1, 2);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE student_course ALTER student_id TYPE int;
\echo :LAST_ERROR_SQLSTATE

-- odd names, an empty search_path, partitions, a domain
SET search_path = '';
CREATE DOMAIN act."Do main" AS pg_catalog.int8 CHECK (value > 0);
CREATE TABLE act."Weird ""Name""" ("Key ''" int PRIMARY KEY);
CREATE TABLE act."Part ed" (id int PRIMARY KEY, "look up" int) PARTITION BY RANGE (id);
CREATE TABLE act."Part 1" PARTITION OF act."Part ed" FOR VALUES FROM (0) TO (10);
INSERT INTO act."Weird ""Name""" VALUES (1);
INSERT INTO act."Part ed" VALUES (1, 1);
SELECT relmeta.create_one_to_many('act."Weird ""Name"""', 'act."Part ed"', 'look up', delete => 'all');
SELECT relmeta.alter_column_type('act."Part ed"', 'look up', 'act."Do main"');
SELECT * FROM act.columns WHERE relation IN ('act."Weird ""Name"""'::regclass, 'act."Part ed"'::regclass) ORDER BY 1, 2;
SELECT name, definition FROM act.constraints WHERE relation = 'act."Part ed"'::regclass;
SELECT tgrelid::regclass, tgname FROM pg_catalog.pg_trigger WHERE tgrelid IN ('act."Part ed"'::regclass, 'act."Part 1"'::regclass) AND NOT tgisinternal ORDER BY 1, 2;
DELETE FROM act."Weird ""Name""";
SELECT count(*) FROM act."Part ed";
\set VERBOSITY sqlstate
SELECT relmeta.alter_column_type('act."Part ed"', 'id', 'bigint');

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA act CASCADE;
DELETE FROM relmeta.relationship WHERE related_table NOT IN (SELECT oid FROM pg_catalog.pg_class);
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT relmeta.drop_principal('act_ann'), relmeta.drop_principal('0013'), relmeta.drop_principal('act_team');
SELECT relmeta.drop_principal('11'), relmeta.drop_principal('12'), relmeta.drop_principal('AAAAAAAA-0000-0000-0000-000000000001');
DROP ROLE regress_act_owner, regress_act_other;
