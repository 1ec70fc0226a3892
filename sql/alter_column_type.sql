-- alter_column_type: SEMANTICS 2.2.  Each refusal is followed by its SQLSTATE.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
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
-- => account_contact
SELECT relmeta.create_one_to_many('contact', 'visit', 'contact_id', assign => 'user_owned', foreign_key => false);
-- => contact_visit
SELECT relmeta.create_one_to_many('account', 'account', 'parent_id');
-- => account_account
SELECT relmeta.create_multi_table_lookup('visit', 'at_id', '{account,contact}');
-- => {account_visit,contact_visit_at_id}
COMMENT ON CONSTRAINT account_contact ON contact IS 'mind this';
ALTER TABLE contact ALTER CONSTRAINT account_contact DEFERRABLE INITIALLY DEFERRED;
INSERT INTO account VALUES (1, 1, '11'), (2, 1, '12');
INSERT INTO contact VALUES (1, '11', 1, 1);
INSERT INTO visit VALUES (1, '11', 1, 1, 'account');
INSERT INTO apart VALUES (1, '11', 1);

-- a key takes its lookups along, a multi-table lookup all its targets, and their lookups
SELECT relmeta.alter_column_type('account', 'id', 'bigint');
SELECT * FROM columns WHERE relation::text <> 'apart' ORDER BY 1, 2;
-- => account|id|bigint||0
-- => account|note|text||
-- => account|owner_id|text||relmeta.current_principal()
-- => account|parent_id|bigint||
-- => account|tenant|integer||
-- => contact|account_id|bigint||7
-- => contact|id|bigint||
-- => contact|owner_id|text|C|'x'::text
-- => contact|tenant|integer||
-- => visit|at_id|bigint||
-- => visit|at_type|text||
-- => visit|contact_id|bigint||
-- => visit|id|integer||
-- => visit|owner_id|text||
SELECT * FROM constraints ORDER BY 1, 2;
-- => account|account_account|FOREIGN KEY (parent_id) REFERENCES account(id) ON DELETE SET NULL|
-- => contact|account_contact|FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED|mind this
-- => contact|contact_account_id_tenant_fkey|FOREIGN KEY (account_id, tenant) REFERENCES account(id, tenant) DEFERRABLE|
-- => visit|visit_at_id_check|CHECK (at_id IS NULL AND at_type IS NULL OR at_id IS NOT NULL AND at_type IS NOT NULL AND (at_type = ANY (ARRAY['account'::text, 'contact'::text])))|
-- => apart|apart_account_id_fkey|FOREIGN KEY (account_id) REFERENCES account(id)|
SELECT * FROM triggers ORDER BY 1, 2;
-- => account|relmeta_row_update|O|WHEN (old.id IS DISTINCT FROM new.id OR old.owner_id IS DISTINCT FROM new.owner_id OR old.parent_id IS DISTINCT FROM new.parent_id) EXECUTE
-- => account|relmeta_statement_ends|O|
-- => account|relmeta_statement_starts|O|
-- => account|relmeta_truncate_ends|O|
-- => account|relmeta_truncate_starts|O|
-- => contact|relmeta_row_update|O|WHEN (old.id IS DISTINCT FROM new.id OR old.owner_id IS DISTINCT FROM new.owner_id OR old.account_id IS DISTINCT FROM new.account_id) EXECUTE
-- => contact|relmeta_statement_ends|O|
-- => contact|relmeta_statement_starts|O|
-- => contact|relmeta_truncate_ends|O|
-- => contact|relmeta_truncate_starts|O|
-- => visit|relmeta_row_update|O|WHEN (old.id IS DISTINCT FROM new.id OR old.owner_id IS DISTINCT FROM new.owner_id OR old.contact_id IS DISTINCT FROM new.contact_id OR old.at_id IS DISTINCT FROM new.at_id OR old.at_type IS DISTINCT FROM new.at_type) EXECUTE
-- => visit|relmeta_statement_ends|O|
-- => visit|relmeta_statement_starts|O|
-- => visit|relmeta_truncate_ends|O|
-- => visit|relmeta_truncate_starts|O|
-- => apart|relmeta_row_update|O|WHEN (old.id IS DISTINCT FROM new.id OR old.owner_id IS DISTINCT FROM new.owner_id) EXECUTE
-- => apart|relmeta_statement_ends|O|
-- => apart|relmeta_statement_starts|O|
-- => apart|relmeta_truncate_ends|O|
-- => apart|relmeta_truncate_starts|O|
SELECT count(*) FROM relmeta.adoptable WHERE call IS NOT NULL;
-- => 0
-- the same from the lookup's end; a plain foreign key is PostgreSQL's business
SELECT relmeta.alter_column_type('visit', 'at_id', 'numeric');
SELECT * FROM columns WHERE type IN ('integer', 'bigint', 'numeric') ORDER BY 1, 2;
-- => account|id|numeric||0
-- => account|parent_id|numeric||
-- => account|tenant|integer||
-- => contact|account_id|numeric||7
-- => contact|id|numeric||
-- => contact|tenant|integer||
-- => visit|at_id|numeric||
-- => visit|contact_id|numeric||
-- => visit|id|integer||
-- => apart|account_id|integer||
-- => apart|id|integer||
-- where PostgreSQL cannot keep it, nothing is changed
SELECT relmeta.alter_column_type('visit', 'at_id', 'text');
-- => ERROR:  foreign key constraint "apart_account_id_fkey" cannot be implemented
\echo :LAST_ERROR_SQLSTATE
-- => 42804
SELECT count(*) FROM triggers WHERE relation = 'visit'::regclass;
-- => 5
ALTER TABLE apart DROP CONSTRAINT apart_account_id_fkey;
SELECT relmeta.alter_column_type('visit', 'at_id', 'text');
SELECT * FROM columns WHERE type = 'text' ORDER BY 1, 2;
-- => account|id|text||0
-- => account|note|text||
-- => account|owner_id|text||relmeta.current_principal()
-- => account|parent_id|text||
-- => contact|account_id|text||7
-- => contact|id|text||
-- => contact|owner_id|text|C|'x'::text
-- => visit|at_id|text||
-- => visit|at_type|text||
-- => visit|contact_id|text||
-- => visit|owner_id|text||
-- => apart|owner_id|text||
UPDATE account SET id = '1a' WHERE id = '1';
-- => ERROR:  update or delete on table "account" violates foreign key constraint "contact_account_id_tenant_fkey" on table "contact"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
SELECT relmeta.alter_column_type('contact', 'account_id', 'int');
SELECT * FROM contact;
-- => 1|11|1|1

-- an owner goes with those that cascading relationships join to it
SELECT relmeta.alter_column_type('visit', 'owner_id', 'bigint');
SELECT relation, type, coll, "default" FROM columns WHERE "column" = 'owner_id' ORDER BY 1;
-- => account|bigint||(relmeta.current_principal())::bigint
-- => contact|bigint||('x'::text)::bigint
-- => visit|bigint||
-- => apart|text||
UPDATE account SET owner_id = 12 WHERE id = 1;
SELECT owner_id FROM contact UNION ALL SELECT owner_id FROM visit;
-- => 12
-- => 12
UPDATE account SET owner_id = 13;
-- => ERROR:  owner "13" is not a principal
\echo :LAST_ERROR_SQLSTATE
-- => 23503
SELECT relmeta.alter_column_type('account', 'owner_id', 'uuid');
-- => ERROR:  invalid input syntax for type uuid: "12"
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.alter_column_type('account', 'owner_id', 'varchar');
SELECT relation, type, "default" FROM columns WHERE "column" = 'owner_id' ORDER BY 1;
-- => account|character varying|(relmeta.current_principal())::character varying
-- => contact|character varying|('x'::text)::bigint
-- => visit|character varying|
-- => apart|text|
-- an owner that is spelt otherwise in the new type must be a principal still
UPDATE visit SET owner_id = NULL;
UPDATE contact SET owner_id = NULL;
UPDATE account SET owner_id = NULL;
UPDATE apart SET owner_id = 'AAAAAAAA-0000-0000-0000-000000000001';
SELECT relmeta.alter_column_type('apart', 'owner_id', 'uuid');
SELECT owner_id FROM apart;
-- => aaaaaaaa-0000-0000-0000-000000000001
SELECT relmeta.alter_column_type('apart', 'owner_id', 'text');
-- => ERROR:  owner "aaaaaaaa-0000-0000-0000-000000000001" in table "apart" is not a principal
\echo :LAST_ERROR_SQLSTATE
-- => 23503
-- nothing to do
SELECT relmeta.alter_column_type('apart', 'owner_id', 'uuid');
-- => none

-- refusals
SELECT relmeta.alter_column_type('account', 'note', 'varchar');
-- => ERROR:  column "note" of table "account" is neither key nor owner nor lookup
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.alter_column_type('account', 'missing', 'varchar');
-- => ERROR:  column "missing" of relation "account" does not exist
\echo :LAST_ERROR_SQLSTATE
-- => 42703
SELECT relmeta.alter_column_type('account', 'id', 'point');
-- => ERROR:  type point has no default btree operator class
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.alter_column_type('account', 'id', 'record');
-- => ERROR:  type record is an array, a composite type or none that a column can have
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.alter_column_type('account', 'id', 'no_such_type');
-- => ERROR:  type "no_such_type" does not exist at character 51
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT relmeta.alter_column_type('account', 'id', NULL);
-- => ERROR:  argument "type" must not be null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
CREATE TABLE plain (id int PRIMARY KEY);
SELECT relmeta.alter_column_type('plain', 'id', 'bigint');
-- => ERROR:  table "plain" is not registered
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SET SESSION AUTHORIZATION regress_act_other;
SET search_path = act;
SELECT relmeta.alter_column_type('account', 'id', 'bigint');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
CREATE TABLE theirs (id int PRIMARY KEY);
-- two owners' tables are joined by who may act for both
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_one_to_many('act.theirs', 'act.account', 'theirs_id');
-- => theirs_account
SET SESSION AUTHORIZATION regress_act_other;
SELECT relmeta.alter_column_type('act.theirs', 'id', 'bigint');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SET SESSION AUTHORIZATION regress_act_owner;
SELECT relmeta.alter_column_type('act.account', 'theirs_id', 'bigint');
-- => ERROR:  must be owner of table theirs
\echo :LAST_ERROR_SQLSTATE
-- => 42501

-- owners that a table without owner inherits from are of one type
SET search_path = act;
CREATE TABLE left_side (id int PRIMARY KEY, owner_id text);
CREATE TABLE right_side (id int PRIMARY KEY, owner_id text);
CREATE TABLE below (id int PRIMARY KEY);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{left_side,right_side}'::regclass[]) AS t;
SELECT relmeta.create_multi_table_lookup('below', 'side_id', '{left_side,right_side}', share => 'all');
-- => {left_side_below,right_side_below}
SELECT relmeta.alter_column_type('left_side', 'owner_id', 'int');
SELECT relation, type FROM columns WHERE relation::text ~ '_side' AND "column" = 'owner_id';
-- => left_side|integer
-- => right_side|integer
SELECT a.attname, a.atttypid::regtype FROM pg_catalog.pg_attribute a JOIN relmeta.registered_table t ON a.attrelid = t.entry_table
WHERE t.relation = 'below'::regclass AND a.attnum > 0 ORDER BY a.attnum;
-- => object|integer
-- => principal|integer
-- => relationship|integer
-- => cause|"char"
-- => mask|integer
-- => granted_by|text
-- => granted_at|timestamp with time zone

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
-- => act_top
SELECT relmeta.create_one_to_many('middle', 'bottom', 'middle_id', 'act_middle', share => 'all', reparent => 'all');
-- => act_middle
INSERT INTO top VALUES (1, '11');
INSERT INTO middle VALUES (1, '11', 1);
INSERT INTO bottom VALUES (1, 1);
SELECT relmeta.share_many('top', '{1.0}', '{act_ann,act_team}'), relmeta.share('top', 1, '12', '{read,write}'), relmeta.share('top', 1, '0013', '{delete}'),
       relmeta.share('bottom', 1, 'act_ann', '{delete}');
-- => 6|3|3|1
SELECT * FROM held ORDER BY 1, 2, 3;
-- => top|1.0|0013|65536|0
-- => top|1.0|12|3|0
-- => top|1.0|act_ann|1|0
-- => top|1.0|act_team|1|0
-- => middle|1|0013|0|65536
-- => middle|1|12|0|3
-- => middle|1|act_ann|0|1
-- => middle|1|act_team|0|1
-- => bottom|1|0013|0|65536
-- => bottom|1|11|0|851991
-- => bottom|1|12|0|3
-- => bottom|1|act_ann|65536|1
-- => bottom|1|act_team|0|1
SELECT relmeta.alter_column_type('top', 'owner_id', 'bigint');
SELECT * FROM held ORDER BY 1, 2, 3;
-- => top|1.0|0013|65536|0
-- => top|1.0|12|3|0
-- => middle|1|0013|0|65536
-- => middle|1|12|0|3
-- => bottom|1|0013|0|65536
-- => bottom|1|11|0|851991
-- => bottom|1|12|0|3
SELECT principal, kind, direct, inherited, granted_by FROM relmeta.shared_principals('top', 1);
-- => 12|user|{read,write}|{}|regress_act_owner
-- => 0013|user|{delete}|{}|regress_act_owner
SELECT relmeta.principal_access('bottom', 1, '12'), relmeta.principal_access('bottom', 1, '0013');
-- => {read,write}|{delete}
-- keys as the column, whose cast rounds and drops digits; entries of a row are still its entries
SELECT relmeta.alter_column_type('top', 'id', 'int');
SELECT * FROM held WHERE relation = 'top'::regclass ORDER BY 2, 3;
-- => top|1|0013|65536|0
-- => top|1|12|3|0
-- and each gets back its own name
SELECT relmeta.alter_column_type('middle', 'owner_id', 'text');
SELECT * FROM held ORDER BY 1, 2, 3;
-- => top|1|0013|65536|0
-- => top|1|12|3|0
-- => middle|1|0013|0|65536
-- => middle|1|12|0|3
-- => bottom|1|0013|0|65536
-- => bottom|1|11|0|851991
-- => bottom|1|12|0|3
SELECT relmeta.unshare('top', 1, '12');
-- => 3
SELECT relmeta.unshare('top', 1, '0013');
-- => 3
SELECT * FROM held;
-- => bottom|1|11|0|851991
-- a domain of the same type may not take everybody
SELECT relmeta.alter_column_type('middle', 'owner_id', 'bigint'), relmeta.share_many('top', '{1}', '{0013}');
-- => |3
SELECT relmeta.share('bottom', 1, '12', '{write}');
-- => 1
CREATE DOMAIN low AS bigint CHECK (value < 12);
SELECT relmeta.alter_column_type('middle', 'owner_id', 'low');
SELECT * FROM held ORDER BY 1, 2, 3;
-- => bottom|1|11|0|851991

-- the keys in intersect tables go along
SET search_path = act;
CREATE TABLE student (id int PRIMARY KEY);
CREATE TABLE course (id int PRIMARY KEY);
SELECT relmeta.create_many_to_many('student', 'course');
-- => student_course
SELECT relmeta.create_many_to_many('student', 'student', name => 'friends', intersect_table => 'friend', is_symmetric => true);
-- => friends
INSERT INTO student VALUES (1), (2);
INSERT INTO course VALUES (7);
SELECT relmeta.associate('student_course', 1, 7), relmeta.associate('friends', 2, 1);
-- => 1|1
SELECT relmeta.alter_column_type('student', 'id', 'bigint');
SELECT relation, "column", type FROM columns WHERE relation IN ('student'::regclass, 'student_course'::regclass, 'friend'::regclass) ORDER BY 1, 2;
-- => student|id|bigint
-- => student_course|course_id|integer
-- => student_course|student_id|bigint
-- => friend|related_student_id|bigint
-- => friend|student_id|bigint
SELECT relation, name, definition FROM constraints WHERE relation IN ('student_course'::regclass, 'friend'::regclass) ORDER BY 1, 2;
-- => student_course|student_course_course_id_fkey|FOREIGN KEY (course_id) REFERENCES course(id) ON DELETE CASCADE
-- => student_course|student_course_student_id_fkey|FOREIGN KEY (student_id) REFERENCES student(id) ON DELETE CASCADE
-- => friend|friend_check|CHECK (NOT related_student_id < student_id)
-- => friend|friend_related_student_id_fkey|FOREIGN KEY (related_student_id) REFERENCES student(id) ON DELETE CASCADE
-- => friend|friend_student_id_fkey|FOREIGN KEY (student_id) REFERENCES student(id) ON DELETE CASCADE
SELECT relation, trigger FROM triggers WHERE relation IN ('student_course'::regclass, 'friend'::regclass) ORDER BY 1, 2;
-- => student_course|zz_relmeta_link_updated
-- => friend|relmeta_link_order
-- => friend|zz_relmeta_link_updated
SELECT relmeta.associated('student_course', 7, 2), relmeta.associated('friends', 1);
-- => 1|2
SELECT relmeta.associate('friends', 1, 2);
-- => ERROR:  duplicate key value violates unique constraint "friend_pkey"
\echo :LAST_ERROR_SQLSTATE
-- => 23505
ALTER TABLE student_course ALTER student_id TYPE int;
-- => ERROR:  cannot change the type of a column of intersect table "student_course" of relationship "student_course"
\echo :LAST_ERROR_SQLSTATE
-- => 0A000

-- odd names, an empty search_path, partitions, a domain
SET search_path = '';
CREATE DOMAIN act."Do main" AS pg_catalog.int8 CHECK (value > 0);
CREATE TABLE act."Weird ""Name""" ("Key ''" int PRIMARY KEY);
CREATE TABLE act."Part ed" (id int PRIMARY KEY, "look up" int) PARTITION BY RANGE (id);
CREATE TABLE act."Part 1" PARTITION OF act."Part ed" FOR VALUES FROM (0) TO (10);
INSERT INTO act."Weird ""Name""" VALUES (1);
INSERT INTO act."Part ed" VALUES (1, 1);
SELECT relmeta.create_one_to_many('act."Weird ""Name"""', 'act."Part ed"', 'look up', delete => 'all');
-- => Weird "Name"_Part ed
SELECT relmeta.alter_column_type('act."Part ed"', 'look up', 'act."Do main"');
SELECT * FROM act.columns WHERE relation IN ('act."Weird ""Name"""'::regclass, 'act."Part ed"'::regclass) ORDER BY 1, 2;
-- => act."Weird ""Name"""|Key ''|act."Do main"||
-- => act."Part ed"|id|integer||
-- => act."Part ed"|look up|act."Do main"||
SELECT name, definition FROM act.constraints WHERE relation = 'act."Part ed"'::regclass;
-- => Weird "Name"_Part ed|FOREIGN KEY ("look up") REFERENCES act."Weird ""Name"""("Key ''") ON DELETE CASCADE
SELECT tgrelid::regclass, tgname FROM pg_catalog.pg_trigger WHERE tgrelid IN ('act."Part ed"'::regclass, 'act."Part 1"'::regclass) AND NOT tgisinternal ORDER BY 1, 2;
-- => act."Part ed"|relmeta_row_delete
-- => act."Part ed"|relmeta_row_insert
-- => act."Part ed"|relmeta_row_update
-- => act."Part ed"|relmeta_statement_ends
-- => act."Part ed"|relmeta_statement_starts
-- => act."Part ed"|relmeta_truncate_ends
-- => act."Part ed"|relmeta_truncate_starts
-- => act."Part 1"|relmeta_row_delete
-- => act."Part 1"|relmeta_row_insert
-- => act."Part 1"|relmeta_row_update
-- => act."Part 1"|relmeta_statement_ends
-- => act."Part 1"|relmeta_statement_starts
-- => act."Part 1"|relmeta_truncate_ends
-- => act."Part 1"|relmeta_truncate_starts
DELETE FROM act."Weird ""Name""";
SELECT count(*) FROM act."Part ed";
-- => 0
\set VERBOSITY sqlstate
SELECT relmeta.alter_column_type('act."Part ed"', 'id', 'bigint');
-- => ERROR:  42P16

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA act CASCADE;
DELETE FROM relmeta.relationship WHERE related_table NOT IN (SELECT oid FROM pg_catalog.pg_class);
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT relmeta.drop_principal('act_ann'), relmeta.drop_principal('0013'), relmeta.drop_principal('act_team');
SELECT relmeta.drop_principal('11'), relmeta.drop_principal('12'), relmeta.drop_principal('AAAAAAAA-0000-0000-0000-000000000001');
DROP ROLE regress_act_owner, regress_act_other;
