-- many_to_many_pending: relationships declared before their tables exist, completed by the statement that makes it possible.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_pend_declarer;
CREATE ROLE regress_pend_a;
CREATE ROLE regress_pend_b;
CREATE ROLE regress_pend_stranger;
CREATE SCHEMA pend;
GRANT ALL ON SCHEMA pend TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_pend_a, regress_pend_b GRANT REFERENCES ON TABLES TO regress_pend_declarer;

-- two missing tables, made by other roles than the declarer
SET ROLE regress_pend_declarer;
SET search_path = pend;
SELECT relmeta.create_many_to_many('student', 'course', attributes => 'grade text');
-- => student_course
SELECT * FROM relmeta.many_to_many;
-- => student_course|student|student_id|course|course_id|student_course|grade text|f|t|
SET search_path = '';
SELECT table1, table2, intersect_table FROM relmeta.many_to_many;
-- => pend.student|pend.course|pend.student_course
SET search_path = pend;
SELECT relmeta.associate('student_course', 1, 2);
-- => ERROR:  55000
SELECT relmeta.create_many_to_many('student', 'course', if_not_exists => true);
-- => student_course
SELECT relmeta.create_many_to_many('student', 'course', 'student_course');
-- => ERROR:  42710
SELECT relmeta.create_many_to_many('student', 'course');
-- => student_course_1: the first one's table name is taken although there is no such table yet
SET ROLE regress_pend_a;
CREATE TABLE student (id int PRIMARY KEY);
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => t, twice, without error
SET ROLE regress_pend_b;
CREATE TABLE course (id uuid PRIMARY KEY);
SELECT name, table1, table2, intersect_table, attributes, is_pending, last_error FROM relmeta.many_to_many ORDER BY name;
-- => student_course|student|course|student_course|grade text|f|
-- => student_course_1|student|course|student_course_1||f|
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'student_course'::regclass;
-- => regress_pend_declarer
SELECT current_user, current_schema;
-- => regress_pend_b|pend
DROP TABLE course CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
SET ROLE regress_pend_declarer;
DROP TABLE student_course, student_course_1;

-- the other order, in one transaction; rolling back takes it away
SELECT relmeta.create_many_to_many('student', 'course');
-- => student_course: student exists, course does not
BEGIN;
SET LOCAL ROLE regress_pend_b;
CREATE TABLE course (id int);
SELECT is_pending FROM relmeta.many_to_many;
-- => t: no primary key yet
ALTER TABLE course ADD PRIMARY KEY (id);
SELECT is_pending, to_regclass('student_course') IS NOT NULL FROM relmeta.many_to_many;
-- => f|t
ROLLBACK;
SELECT is_pending, to_regclass('student_course') IS NOT NULL FROM relmeta.many_to_many;
-- => t|f

-- every statement that can make it possible: RENAME, SET SCHEMA, CREATE SCHEMA, ADD PRIMARY KEY USING INDEX, a column with one
BEGIN;
SET LOCAL ROLE regress_pend_b;
CREATE TABLE lesson (id int PRIMARY KEY);
ALTER TABLE lesson RENAME TO course;
SELECT is_pending FROM relmeta.many_to_many;
-- => f
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_pend_b;
CREATE TABLE course (id int NOT NULL);
CREATE UNIQUE INDEX course_key ON course (id);
ALTER TABLE course ADD PRIMARY KEY USING INDEX course_key;
SELECT is_pending FROM relmeta.many_to_many;
-- => f
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_pend_b;
SELECT 1 AS n INTO course;
ALTER TABLE course ADD COLUMN id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
SELECT is_pending FROM relmeta.many_to_many;
-- => f
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_pend_b;
CREATE TABLE course AS SELECT 1 AS id;
SELECT is_pending FROM relmeta.many_to_many;
-- => t
ALTER TABLE course ADD PRIMARY KEY (id);
SELECT is_pending FROM relmeta.many_to_many;
-- => f
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_pend_b;
CREATE TABLE template (id int PRIMARY KEY);
CREATE TABLE course (LIKE template INCLUDING ALL);
SELECT is_pending FROM relmeta.many_to_many;
-- => f
ROLLBACK;
RESET ROLE;
BEGIN;
CREATE SCHEMA pend_elsewhere AUTHORIZATION regress_pend_b;
SET LOCAL ROLE regress_pend_b;
CREATE TABLE pend_elsewhere.course (id int PRIMARY KEY);
SELECT is_pending FROM relmeta.many_to_many;
-- => t
ALTER TABLE pend_elsewhere.course SET SCHEMA pend;
SELECT is_pending FROM relmeta.many_to_many;
-- => f
ROLLBACK;
SELECT relmeta.create_many_to_many('pend_new.a', 'pend_new."B b"', 'in_schema');
-- => in_schema
BEGIN;
CREATE SCHEMA pend_new CREATE TABLE "B b" (id int PRIMARY KEY) CREATE TABLE a (id int PRIMARY KEY);
SELECT intersect_table, is_pending FROM relmeta.many_to_many WHERE name = 'in_schema';
-- => pend_new."a_B b"|f
ROLLBACK;
BEGIN;
CREATE SCHEMA pend_old CREATE TABLE "B b" (id int PRIMARY KEY) CREATE TABLE a (id int PRIMARY KEY);
ALTER SCHEMA pend_old RENAME TO pend_new;
SELECT intersect_table, is_pending FROM relmeta.many_to_many WHERE name = 'in_schema';
-- => pend_new."a_B b"|f
ROLLBACK;
-- in a function, by a role without rights on relmeta
BEGIN;
SET LOCAL ROLE regress_pend_b;
DO $$ BEGIN EXECUTE 'CREATE TABLE pend.course (id int PRIMARY KEY)'; END $$;
SELECT is_pending FROM relmeta.many_to_many WHERE name = 'student_course';
-- => f
ROLLBACK;
SELECT relmeta.drop_relationship('in_schema');

-- a participant that exists is followed when it is renamed meanwhile; one that does not is found by its name
SET ROLE regress_pend_a;
ALTER TABLE student RENAME TO pupil;
SELECT table1, table2, is_pending FROM relmeta.many_to_many;
-- => pupil|course|t
SET ROLE regress_pend_b;
CREATE TABLE course (id int);
DROP TABLE course;
SELECT table1, table2, is_pending FROM relmeta.many_to_many;
-- => pupil|course|t
CREATE TABLE course (id int PRIMARY KEY);
SELECT table1, column1, table2, intersect_table, is_pending FROM relmeta.many_to_many;
-- => pupil|student_id|course|student_course|f
SET ROLE regress_pend_declarer;
SELECT relmeta.drop_relationship('student_course', true);
SET ROLE regress_pend_a;
ALTER TABLE pupil RENAME TO student;

-- without the rights the user's statement succeeds, and the relationship says what is missing
SET ROLE regress_pend_stranger;
SELECT relmeta.create_many_to_many('student', 'subject', 'strange', 'strange');
-- => strange
SET ROLE regress_pend_b;
\set VERBOSITY default
CREATE TABLE subject (id int PRIMARY KEY);
\set VERBOSITY sqlstate
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => t|permission denied for table student
-- nothing is tried, and nobody is told, by statements that have nothing to do with it
ALTER TABLE subject ADD COLUMN n int;
CREATE TABLE other (id int PRIMARY KEY);
GRANT REFERENCES ON subject TO regress_pend_stranger;
SET ROLE regress_pend_a;
GRANT REFERENCES ON student TO regress_pend_stranger;
SELECT is_pending FROM relmeta.many_to_many;
-- => t
ALTER TABLE student RENAME TO x;
ALTER TABLE x RENAME TO student;
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => f|
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'strange'::regclass;
-- => regress_pend_stranger
SET ROLE regress_pend_stranger;
SELECT relmeta.drop_relationship('strange', true);

-- what else can be in the way: a view of that name, a key of two columns, an unlogged table, the intersect's name
SET ROLE regress_pend_declarer;
SELECT relmeta.create_many_to_many('student', 'thing');
SET ROLE regress_pend_b;
CREATE VIEW thing AS SELECT 1 AS id;
DROP VIEW thing;
CREATE TABLE thing (a int, b int, PRIMARY KEY (a, b));
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => t|... its primary key has several columns
DROP TABLE thing;
CREATE UNLOGGED TABLE thing (id int PRIMARY KEY);
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => t|... it is an unlogged table
CREATE TABLE student_thing (mine int);
ALTER TABLE thing SET LOGGED;
SELECT intersect_table, is_pending, last_error FROM relmeta.many_to_many;
-- => student_thing_1|f|: a name that was not chosen gets a number
DROP TABLE student_thing, thing CASCADE;
SET ROLE regress_pend_declarer;
DROP TABLE student_thing_1;
SELECT relmeta.create_many_to_many('student', 'thing', 'chosen', 'chosen');
SET ROLE regress_pend_b;
CREATE TABLE chosen (mine int);
CREATE TABLE thing (id int PRIMARY KEY);
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => t|relation "chosen" already exists
DROP TABLE chosen;
ALTER TABLE thing RENAME TO x;
ALTER TABLE x RENAME TO thing;
SELECT is_pending FROM relmeta.many_to_many;
-- => f
SET ROLE regress_pend_declarer;
SELECT relmeta.drop_relationship('chosen', true);

-- attributes are read with the search_path of the declaration, not with that of whoever completes it
RESET ROLE;
CREATE SCHEMA pend_types AUTHORIZATION regress_pend_declarer;
CREATE SCHEMA pend_evil AUTHORIZATION regress_pend_b;
GRANT USAGE ON SCHEMA pend_evil TO PUBLIC;
SET ROLE regress_pend_b;
DROP TABLE thing;
CREATE TYPE pend_evil.mood AS ENUM ('evil');
CREATE FUNCTION pend_evil.today() RETURNS date LANGUAGE sql AS $$ SELECT '1999-01-01'::date $$;
SET ROLE regress_pend_declarer;
CREATE TYPE pend_types.mood AS ENUM ('good');
CREATE FUNCTION pend_types.today() RETURNS date LANGUAGE sql AS $$ SELECT '2020-01-01'::date $$;
SET search_path = pend_types, pend;
SELECT relmeta.create_many_to_many('pend.student', 'pend.thing', 'moody', 'pend.moody', attributes => 'm mood, d date DEFAULT today()');
SET ROLE regress_pend_b;
SET search_path = pend_evil, pend;
CREATE TABLE pend.thing (id int PRIMARY KEY);
SET search_path = pend;
SELECT attributes, last_error FROM relmeta.many_to_many;
-- => m pend_types.mood, d date DEFAULT pend_types.today()|
SET ROLE regress_pend_declarer;
SELECT relmeta.drop_relationship('moody', true);

-- attributes of a pending relationship come and go too; a bad one is refused now, not later
SELECT relmeta.create_many_to_many('student', 'late', attributes => 'a int, b numeric(5,2) -- comma, here' || E'\n' || ', c text', unique_by => '{c}');
SELECT relmeta.alter_many_to_many('student_late', 'd int -- end', '{b}');
SELECT relmeta.alter_many_to_many('student_late', drop_attributes => '{a}');
SELECT attributes FROM relmeta.many_to_many;
-- => c text, d int -- end
SELECT relmeta.alter_many_to_many('student_late', 'e int); DROP TABLE student; --');
-- => ERROR:  42601
SELECT relmeta.alter_many_to_many('student_late', 'd int');
-- => ERROR:  42701
SELECT relmeta.alter_many_to_many('student_late', drop_attributes => '{nope}');
-- => ERROR:  42703
SELECT relmeta.alter_many_to_many('student_late', drop_attributes => '{c}');
-- => ERROR:  0A000
SET ROLE regress_pend_a;
SELECT relmeta.alter_many_to_many('student_late', 'e int');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('student_late');
-- => ERROR:  42501
SET ROLE regress_pend_b;
CREATE TABLE late (id int PRIMARY KEY);
SELECT attributes, is_pending FROM relmeta.many_to_many;
-- => c text NOT NULL, d integer|f
DROP TABLE late CASCADE;
SET ROLE regress_pend_declarer;
DROP TABLE student_late;

-- a self relationship, symmetric, of a table that does not exist yet
SELECT relmeta.create_many_to_many('person', 'person', 'knows', 'knows', is_symmetric => true, allow_self => false);
SET ROLE regress_pend_b;
CREATE TABLE person (id text PRIMARY KEY);
INSERT INTO person VALUES ('a'), ('b');
SET ROLE regress_pend_declarer;
SELECT relmeta.associate('knows', 'b', 'a');
-- => 1
TABLE knows;
-- => a|b
DROP TABLE knows;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0

-- dropped: by its declarer; with a participant that it knew
SELECT relmeta.create_many_to_many('student', 'never', 'n1');
SELECT relmeta.create_many_to_many('never', 'nor_this', 'n2');
SELECT relmeta.drop_relationship('n2', drop_storage => true);
SET ROLE regress_pend_a;
DROP TABLE student CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
CREATE TABLE student (id int PRIMARY KEY);

-- as the declarer and no one else: a role that went, a restricted operation
SET ROLE regress_pend_stranger;
SELECT relmeta.create_many_to_many('student', 'orphaned', attributes => 'a int');
RESET ROLE;
DROP OWNED BY regress_pend_stranger;
DROP ROLE regress_pend_stranger;
SET ROLE regress_pend_b;
CREATE TABLE orphaned (id int PRIMARY KEY);
SELECT is_pending, last_error FROM relmeta.many_to_many;
-- => t|the role that declared the relationship does not exist any more
RESET ROLE;
SELECT relmeta.drop_relationship('student_orphaned');

-- what waits for one name is bounded: for a role, for all who could not make the table; and so are the warnings
CREATE ROLE regress_pend_squatter;
CREATE SCHEMA pend_app AUTHORIZATION regress_pend_a;
GRANT USAGE ON SCHEMA pend_app TO PUBLIC;
CREATE SCHEMA pend_squat AUTHORIZATION regress_pend_squatter;
SET ROLE regress_pend_squatter;
CREATE TABLE pend_squat.x (id int PRIMARY KEY);
SELECT count(relmeta.create_many_to_many('pend_squat.x', 'pend_app.wanted', 'pend_' || n)) FROM generate_series(1, 32) AS n;
-- => 32
\set VERBOSITY default
SELECT relmeta.create_many_to_many('pend_app.wanted', 'pend_squat.x');
\set VERBOSITY sqlstate
SELECT relmeta.create_many_to_many('pend_app.also', 'pend_squat.x');
-- => also_x
RESET ROLE;
SELECT count(relmeta.create_many_to_many('pend_squat.y', 'pend_app.wanted', 'pend_all_' || n)) FROM generate_series(1, 32) AS n;
INSERT INTO relmeta.intersect_relationship (name, column1, schema1, table_name1, column2, schema2, table_name2, intersect_schema, intersect_name, numbered, declarer, search_path)
SELECT 'pend_all_' || n, 'y', 'pend_squat', 'y', 'w', 'pend_app', 'wanted', 'pend_squat', 'i' || n, false, 'pg_monitor'::regrole, '' FROM generate_series(33, 224) AS n;
SET ROLE regress_pend_b;
SELECT relmeta.create_many_to_many('pend_app.wanted', 'student');
-- => ERROR:  54000
SET ROLE regress_pend_a;
SELECT relmeta.create_many_to_many('pend_app.wanted', 'student');
-- => wanted_student: it may create the table
SET client_min_messages = warning;
\set VERBOSITY default
CREATE TABLE pend_app.wanted (id int PRIMARY KEY);
\set VERBOSITY sqlstate
SELECT count(*) FILTER (WHERE is_pending), count(last_error), count(*) FROM relmeta.many_to_many WHERE table2 LIKE '%wanted' OR table1 LIKE '%wanted';
-- => 256|32|257
RESET ROLE;
SELECT count(relmeta.drop_relationship(name)) FROM relmeta.many_to_many;
DROP SCHEMA pend_app, pend_squat CASCADE;
DROP ROLE regress_pend_squatter;

-- the call says what it waits for, and whether another table was perhaps meant
CREATE TABLE pend."Post" (id int PRIMARY KEY);
CREATE TABLE pend_types.tag (id int PRIMARY KEY);
CREATE TABLE pend.keyless (id int);
SET search_path = pend;
SET client_min_messages = notice;
\set VERBOSITY default
SELECT relmeta.create_many_to_many('Post', 'tag', 'typo');
-- => typo
SELECT relmeta.create_many_to_many('"Post"', 'keyless', 'no_key');
-- => no_key
SELECT relmeta.create_many_to_many('nowhere', 'nowhere', 'of_itself');
-- => of_itself
SELECT relmeta.create_many_to_many('"Post"', 'pend_types.tag', 'meant');
-- => meant: at once, without a word
\set VERBOSITY sqlstate
SET client_min_messages = warning;
SELECT count(relmeta.drop_relationship(r)) FROM unnest('{typo,no_key,of_itself,meant}'::text[]) AS r;
-- => 4

DROP SCHEMA pend, pend_types, pend_evil CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
DROP OWNED BY regress_pend_declarer, regress_pend_a, regress_pend_b;
DROP ROLE regress_pend_declarer, regress_pend_a, regress_pend_b;
