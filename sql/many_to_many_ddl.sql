-- many_to_many_ddl: what DDL does to intersect tables and their relationships.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_nnddl_owner;
CREATE ROLE regress_nnddl_other;
CREATE SCHEMA nnddl AUTHORIZATION regress_nnddl_owner;
SET ROLE regress_nnddl_owner;
SET search_path = nnddl;
CREATE TABLE student (id int PRIMARY KEY);
CREATE TABLE course (id int PRIMARY KEY);
INSERT INTO student VALUES (1), (2);
INSERT INTO course VALUES (1), (2);
SELECT relmeta.create_many_to_many('student', 'course', attributes => 'grade text, day date', unique_by => '{day}');
SELECT relmeta.create_many_to_many('student', 'student', 'knows', 'knows', is_symmetric => true);
SELECT relmeta.create_many_to_many('student', 'course', 'sale', 'sale', surrogate_key => true);
CREATE TABLE junction (s int REFERENCES student, c int NOT NULL REFERENCES course, note text, PRIMARY KEY (s, c));
SELECT relmeta.adopt_many_to_many('junction');

-- the structure is the relationship's
\set VERBOSITY default
ALTER TABLE student_course ADD COLUMN x int;
\set VERBOSITY sqlstate
ALTER TABLE student_course DROP COLUMN grade;
-- => ERROR:  0A000
ALTER TABLE student_course DROP COLUMN student_id;
-- => ERROR:  0A000
ALTER TABLE student_course DROP COLUMN student_id CASCADE;
-- => ERROR:  0A000
ALTER TABLE student_course ALTER COLUMN grade TYPE varchar;
-- => ERROR:  0A000
ALTER TABLE student_course ALTER COLUMN course_id TYPE bigint;
-- => ERROR:  0A000
ALTER TABLE student_course DROP CONSTRAINT student_course_pkey;
-- => ERROR:  0A000
ALTER TABLE student_course DROP CONSTRAINT student_course_student_id_fkey;
-- => ERROR:  0A000
ALTER TABLE student_course DROP CONSTRAINT student_course_course_id_fkey, ADD COLUMN x int;
-- => ERROR:  0A000
ALTER TABLE knows DROP CONSTRAINT knows_check;
-- => ERROR:  0A000
ALTER TABLE sale DROP CONSTRAINT sale_student_id_course_id_key;
-- => ERROR:  0A000
ALTER TABLE sale DROP CONSTRAINT sale_pkey;
-- => ERROR:  0A000
ALTER TABLE sale ALTER COLUMN student_id DROP NOT NULL;
-- => ERROR:  0A000
-- a participant is its owner's: what stood on its key goes with CASCADE, and is named without
\set VERBOSITY default
ALTER TABLE student DROP CONSTRAINT student_pkey;
\set VERBOSITY sqlstate
ALTER TABLE student DROP COLUMN id;
-- => ERROR:  2BP01
BEGIN;
SET LOCAL client_min_messages = notice;
\set VERBOSITY terse
ALTER TABLE student DROP CONSTRAINT student_pkey CASCADE;
\set VERBOSITY sqlstate
SET LOCAL client_min_messages = warning;
SELECT name FROM relmeta.many_to_many;
-- => none
ALTER TABLE student_course ADD COLUMN x int;
ROLLBACK;
BEGIN;
ALTER TABLE student DROP COLUMN id CASCADE;
SELECT name FROM relmeta.many_to_many;
-- => none
ROLLBACK;
CREATE TABLE parent (student_id int, course_id int, grade text, day date);
ALTER TABLE student_course INHERIT parent;
-- => ERROR:  0A000
CREATE TYPE row_type AS (student_id int, course_id int, grade text, day date);
ALTER TABLE student_course OF row_type;
-- => ERROR:  0A000
CREATE TABLE parted (student_id int NOT NULL, course_id int NOT NULL, grade text, day date NOT NULL) PARTITION BY LIST (student_id);
ALTER TABLE parted ATTACH PARTITION student_course DEFAULT;
-- => ERROR:  0A000
SELECT attributes FROM relmeta.many_to_many WHERE name = 'student_course';
-- => grade text, day date NOT NULL

-- what does nothing, and what is remade in the same statement, is not refused
ALTER TABLE student_course ADD COLUMN IF NOT EXISTS grade text;
ALTER TABLE student_course DROP COLUMN IF EXISTS nope;
CREATE UNIQUE INDEX other_key ON student_course (day, course_id, student_id);
ALTER TABLE student_course DROP CONSTRAINT student_course_pkey, ADD PRIMARY KEY USING INDEX other_key;

-- indexes, comments, grants, triggers, policies, statistics and storage are the user's business
CREATE INDEX by_grade ON student_course (grade);
DROP INDEX by_grade;
COMMENT ON TABLE student_course IS 'enrolled';
GRANT SELECT ON student_course TO regress_nnddl_other;
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER mine BEFORE INSERT ON student_course FOR EACH ROW EXECUTE FUNCTION noop();
DROP TRIGGER mine ON student_course;
ALTER TABLE student_course ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON student_course USING (true);
ALTER TABLE student_course ALTER COLUMN grade SET STATISTICS 10, ALTER COLUMN grade SET DEFAULT 'A', ALTER COLUMN grade SET NOT NULL,
  ADD CONSTRAINT short CHECK (length(grade) < 3), SET (fillfactor = 90), CLUSTER ON other_key, REPLICA IDENTITY FULL;
ALTER TABLE student_course DROP CONSTRAINT short, ALTER COLUMN grade DROP NOT NULL;
SELECT relmeta.associate('student_course', 1, 1, '{"day": "2020-01-01"}');
-- => 1
SELECT * FROM relmeta.links('student_course', 1);
-- => 1|{"day": "2020-01-01", "grade": "A"}

-- alter_many_to_many is the way
SELECT relmeta.alter_many_to_many('student_course', 'x int', '{grade}');
SELECT attributes FROM relmeta.many_to_many WHERE name = 'student_course';
-- => day date NOT NULL, x integer

-- renamed columns, tables and schemas are followed, whatever the statement calls them
ALTER TABLE student_course RENAME COLUMN student_id TO "Pupil id";
ALTER TABLE student_course RENAME day TO "on day";
ALTER VIEW knows RENAME COLUMN related_student_id TO other_id;
ALTER TABLE student_course RENAME TO enrolment;
ALTER INDEX course RENAME TO lesson;
ALTER TABLE junction RENAME COLUMN s TO pupil;
RESET ROLE;
ALTER SCHEMA nnddl RENAME TO nnddl2;
SET ROLE regress_nnddl_owner;
SET search_path = nnddl2;
SELECT * FROM relmeta.many_to_many ORDER BY name;
-- => junction|student|pupil|lesson|c|junction|note text|f|f|
-- => knows|student|student_id|student|other_id|knows||t|f|
-- => sale|student|student_id|lesson|course_id|sale||f|f|
-- => student_course|student|Pupil id|lesson|course_id|enrolment|"on day" date NOT NULL, x integer|f|f|
SELECT relmeta.associate('student_course', 1, ARRAY[1, 2], '{"on day": "2020-01-01"}', if_not_exists => true);
-- => 1
SELECT relmeta.associate('knows', 2, 1);
-- => 1
UPDATE enrolment SET "Pupil id" = 2;
-- => ERROR:  0A000
ALTER TABLE enrolment ADD COLUMN y int;
-- => ERROR:  0A000

-- an adopted table stays the application's: only what breaks its two keys is refused
ALTER TABLE junction ADD COLUMN extra int, DROP COLUMN note, ALTER COLUMN c TYPE bigint;
ALTER TABLE junction DROP CONSTRAINT junction_pkey;
ALTER TABLE junction DROP CONSTRAINT junction_s_fkey;
-- => ERROR:  0A000
ALTER TABLE junction DROP COLUMN c;
-- => ERROR:  0A000
ALTER TABLE junction DROP CONSTRAINT junction_c_fkey, ADD FOREIGN KEY (c) REFERENCES lesson ON DELETE CASCADE ON UPDATE CASCADE;
SELECT relmeta.associate('junction', 1, 2);
-- => 1
UPDATE lesson SET id = 20 WHERE id = 2 AND NOT EXISTS (SELECT FROM enrolment WHERE course_id = 2);
SELECT attributes FROM relmeta.many_to_many WHERE name = 'junction';
-- => extra integer

-- after drop_relationship the table is anybody's
SELECT relmeta.drop_relationship('sale');
ALTER TABLE sale ADD COLUMN x int, DROP CONSTRAINT sale_pkey;
DROP TABLE sale;

-- relmeta's triggers: a warning when they are disabled or dropped
\set VERBOSITY default
ALTER TABLE knows DISABLE TRIGGER USER;
ALTER TABLE knows ENABLE TRIGGER USER;
DROP TRIGGER relmeta_link_order ON knows;
\set VERBOSITY sqlstate

-- dropping the intersect table, or a participant, drops the relationship; the intersect table of a participant stays
DROP TABLE knows;
SELECT name FROM relmeta.many_to_many ORDER BY name;
-- => junction, student_course
DROP TABLE lesson;
-- => ERROR:  2BP01
DROP TABLE lesson CASCADE;
SELECT name FROM relmeta.many_to_many ORDER BY name;
-- => none
SELECT tgname FROM pg_trigger WHERE tgrelid = 'enrolment'::regclass AND NOT tgisinternal;
-- => none
UPDATE enrolment SET "Pupil id" = 2;
ALTER TABLE enrolment ADD COLUMN y int;

-- with a schema, an owner's things, an extension's, a type; the whole statement counts
RESET ROLE;
CREATE SCHEMA nnddl3 AUTHORIZATION regress_nnddl_other;
SET ROLE regress_nnddl_other;
CREATE TABLE nnddl3.a (id int PRIMARY KEY);
CREATE TABLE nnddl3.b (id int PRIMARY KEY);
SELECT relmeta.create_many_to_many('nnddl3.a', 'nnddl3.b');
SELECT relmeta.create_many_to_many('nnddl3.a', 'nnddl3.b');
BEGIN;
DROP TABLE nnddl3.a, nnddl3.a_b, nnddl3.b CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
ROLLBACK;
SELECT count(*) FROM relmeta.many_to_many;
-- => 2
RESET ROLE;
BEGIN;
DROP SCHEMA nnddl3 CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
ROLLBACK;
DROP OWNED BY regress_nnddl_other;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0
SET ROLE regress_nnddl_owner;
CREATE DOMAIN key_type AS int;
CREATE TABLE typed (id key_type PRIMARY KEY);
SELECT relmeta.create_many_to_many('typed', 'student', attributes => 'k key_type');
DROP DOMAIN key_type CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0

-- somebody who may merely reference a table stops its owner from nothing, whether it is registered or not
CREATE TABLE plain (id int PRIMARY KEY);
CREATE TABLE known (id int PRIMARY KEY);
SELECT relmeta.register_table('known');
GRANT REFERENCES ON plain, known TO regress_nnddl_other;
GRANT USAGE ON SCHEMA nnddl2 TO regress_nnddl_other;
RESET ROLE;
CREATE SCHEMA nnddl3 AUTHORIZATION regress_nnddl_other;
SET ROLE regress_nnddl_other;
SELECT relmeta.create_many_to_many('nnddl2.plain', 'nnddl2.known', 'theirs', 'nnddl3.theirs');
SET ROLE regress_nnddl_owner;
BEGIN;
ALTER TABLE plain DROP COLUMN id CASCADE;
SELECT name FROM relmeta.many_to_many WHERE name = 'theirs';
-- => none
ROLLBACK;
BEGIN;
ALTER TABLE plain DROP CONSTRAINT plain_pkey CASCADE, ADD PRIMARY KEY (id);
SELECT name FROM relmeta.many_to_many WHERE name = 'theirs';
-- => none
ROLLBACK;
BEGIN;
ALTER TABLE known DROP CONSTRAINT known_pkey CASCADE, ADD PRIMARY KEY (id);
SELECT name FROM relmeta.many_to_many WHERE name = 'theirs';
-- => none
SELECT relmeta.alter_column_type('known', 'id', 'bigint');
ROLLBACK;
BEGIN;
DROP TABLE known CASCADE;
SELECT name FROM relmeta.many_to_many WHERE name = 'theirs';
-- => none
ROLLBACK;
\set VERBOSITY default
DROP TABLE plain;
SELECT relmeta.alter_column_type('known', 'id', 'bigint');
\set VERBOSITY sqlstate
ALTER TABLE plain RENAME COLUMN id TO number;
SELECT relmeta.unregister_table('known');
SELECT name FROM relmeta.many_to_many WHERE name = 'theirs';
-- => theirs
DROP TABLE plain, known CASCADE;
SELECT count(*) FROM relmeta.many_to_many;
-- => 0

RESET ROLE;
DROP SCHEMA nnddl3 CASCADE;
DROP SCHEMA nnddl2 CASCADE;
DROP ROLE regress_nnddl_owner, regress_nnddl_other;
