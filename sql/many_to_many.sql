-- many_to_many: relationships between tables that exist, in every form.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_nn_owner;
CREATE ROLE regress_nn_declarer;
CREATE SCHEMA nn AUTHORIZATION regress_nn_owner;
CREATE SCHEMA "nn 2" AUTHORIZATION regress_nn_owner;

-- what an intersect table looks like: columns, constraints, indexes
CREATE FUNCTION nn.shape(relation regclass) RETURNS SETOF text
LANGUAGE sql SET search_path = nn, pg_catalog AS $$
  SELECT format('%I %s%s', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END)
    FROM (SELECT * FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped ORDER BY attnum) a
  UNION ALL
  SELECT pg_get_constraintdef(oid)
    FROM (SELECT oid FROM pg_constraint WHERE conrelid = relation AND contype <> 'n'
           ORDER BY strpos('pufc', contype::text), conkey, conname) c
  UNION ALL
  SELECT 'INDEX ' || substring(pg_get_indexdef(indexrelid) FROM '\(.*$')
    FROM (SELECT * FROM pg_index WHERE indrelid = relation AND NOT EXISTS
           (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = relation) ORDER BY indkey) i
$$;
GRANT USAGE ON SCHEMA nn TO PUBLIC;

SET ROLE regress_nn_owner;
SET search_path = nn;
CREATE TABLE student (id int PRIMARY KEY, name text);
CREATE TABLE course (id uuid PRIMARY KEY);
CREATE TABLE tag (label text PRIMARY KEY);
CREATE TABLE big (id bigint PRIMARY KEY);

-- the default: the shape that other tools detect
SELECT relmeta.create_many_to_many('student', 'course');
-- => student_course
SELECT shape('student_course');
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'student_course'::regclass;
-- => regress_nn_owner
SELECT * FROM relmeta.many_to_many;
-- => student_course|student|student_id|course|course_id|student_course||f|f|

-- again: names taken get a number
SELECT relmeta.create_many_to_many('student', 'course');
-- => student_course_1
SELECT relmeta.create_many_to_many('student', 'course', if_not_exists => true);
-- => student_course
SELECT relmeta.create_many_to_many('student', 'course', 'student_course', if_not_exists => true);
-- => student_course
SELECT relmeta.create_many_to_many('student', 'course', 'student_course');
-- => ERROR:  42710
SELECT relmeta.create_many_to_many('student', 'course', 'other', 'student_course');
-- => ERROR:  42710
-- one name space with 1:N relationships
SELECT relmeta.create_one_to_many('student', 'student', 'mentor_id', 'mentors');
-- => mentors
SELECT relmeta.create_many_to_many('student', 'course', 'mentors');
-- => ERROR:  42710
SELECT relmeta.create_one_to_many('student', 'student', 'tutor_id', 'student_course');
-- => ERROR:  42710
SELECT relmeta.create_many_to_many('student', 'course', if_not_exists => true, intersect_table => 'mentors');
-- => mentors_1: the relation's name is free, the relationship's is not
SELECT to_regclass('mentors') IS NOT NULL;
-- => t

-- every key type, chosen names
SELECT relmeta.create_many_to_many('big', 'tag', 'tagging', 'tag_of_big', 'b', 't');
-- => tagging
SELECT shape('tag_of_big');

-- attributes
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'note text, weight numeric(5,2) NOT NULL DEFAULT 1 -- in kg');
-- => student_tag
SELECT shape('student_tag');
SELECT attributes FROM relmeta.many_to_many WHERE name = 'student_tag';
-- => note text, weight numeric(5,2) NOT NULL DEFAULT 1
SELECT relmeta.create_many_to_many('student', 'tag', 'visit', 'visit', attributes => 'day date, "odd ""name""" text', unique_by => '{day}');
-- => visit
SELECT shape('visit');
SELECT relmeta.create_many_to_many('student', 'tag', 'rental', 'rental', attributes => 'day date', unique_by => '{day}', surrogate_key => true);
-- => rental
SELECT shape('rental');
SELECT relmeta.create_many_to_many('student', 'tag', 'purchase', 'purchase', surrogate_key => true, allow_duplicates => true);
-- => purchase
SELECT shape('purchase');
SELECT name, attributes FROM relmeta.many_to_many WHERE name IN ('rental', 'purchase') ORDER BY name;
-- => purchase: none; rental: day date

-- self relationships
SELECT relmeta.create_many_to_many('student', 'student');
-- => student_student
SELECT shape('student_student');
SELECT relmeta.create_many_to_many('student', 'student', 'knows', 'knows', is_symmetric => true);
-- => knows
SELECT shape('knows');
SELECT relmeta.create_many_to_many('tag', 'tag', 'sees', 'sees', is_symmetric => true, allow_self => false);
-- => sees
SELECT shape('sees');
SELECT relmeta.create_many_to_many('student', 'student', 'teaches', 'teaches', 'teacher', 'pupil', allow_self => false);
-- => teaches
SELECT shape('teaches');
SELECT is_symmetric, count(*) FROM relmeta.many_to_many GROUP BY 1 ORDER BY 1;

-- combinations that make no sense
SELECT relmeta.create_many_to_many('student', 'tag', is_symmetric => true);
-- => ERROR:  42P17
SELECT relmeta.create_many_to_many('student', 'tag', allow_self => false);
-- => ERROR:  42P17
SELECT relmeta.create_many_to_many('student', 'tag', allow_duplicates => true);
-- => ERROR:  42P17
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int', unique_by => '{a}', surrogate_key => true, allow_duplicates => true);
-- => ERROR:  42P17
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int', unique_by => '{b}');
-- => ERROR:  42703
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int, student_id int');
-- => ERROR:  42701
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int, a text');
-- => ERROR:  42701
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'id int', surrogate_key => true);
-- => ERROR:  42701
SELECT relmeta.create_many_to_many('student', 'tag', column1 => 'x', column2 => 'x');
-- => ERROR:  42701
SELECT relmeta.create_many_to_many('student', 'tag', '');
-- => ERROR:  22023
SELECT relmeta.create_many_to_many('student', 'tag', repeat('x', 64));
-- => ERROR:  22023
SELECT relmeta.create_many_to_many(NULL, 'tag');
-- => ERROR:  22004

-- attributes are a column list and nothing else (ATTACKS 60)
SELECT count(*) FROM pg_class WHERE relnamespace = 'nn'::regnamespace \gset before_
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int); DROP TABLE tag CASCADE; --');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int); CREATE TABLE nn.hole (b int');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int) WITH (fillfactor = 10');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int) INHERITS (nn.tag');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int) PARTITION BY LIST (a');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int /*');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int, PRIMARY KEY (a)');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a int PRIMARY KEY');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'LIKE tag');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => '');
-- => ERROR:  42601
SELECT relmeta.create_many_to_many('student', 'tag', attributes => 'a nosuchtype');
-- => ERROR:  42704
SELECT count(*) - :before_count FROM pg_class WHERE relnamespace = 'nn'::regnamespace;
-- => 0

-- tables that cannot take part
CREATE TABLE composite (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE deferrable_key (a int PRIMARY KEY DEFERRABLE);
CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
CREATE TEMP TABLE scratch (id int PRIMARY KEY);
CREATE VIEW a_view AS SELECT 1 AS id;
SELECT relmeta.create_many_to_many('composite', 'tag');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'deferrable_key');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'unlogged');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'scratch');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'pg_temp.scratch2');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'a_view');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'pg_catalog.pg_class');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'relmeta.relationship');
-- => ERROR:  0A000
SELECT relmeta.create_many_to_many('tag', 'no..name');
-- => ERROR:  42602
SELECT relmeta.create_many_to_many('tag', 'otherdb.nn.tag');
-- => ERROR:  0A000

-- partitioned tables can
CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
SELECT relmeta.create_many_to_many('parted', 'tag');
-- => parted_tag
INSERT INTO parted VALUES (1);
INSERT INTO tag VALUES ('red');
SELECT relmeta.associate('parted_tag', 1, 'red');
-- => 1

-- namesakes of two schemas, odd names, nothing in the search_path
CREATE TABLE "nn 2".student (id int PRIMARY KEY);
CREATE TABLE "nn 2"."Weird ""Name""" ("Key $1" varchar(5) PRIMARY KEY);
SET search_path = '';
SELECT relmeta.create_many_to_many('nn.student', '"nn 2".student', 'namesakes');
-- => namesakes
SELECT nn.shape('nn.student_student_1');
SELECT relmeta.create_many_to_many('"nn 2"."Weird ""Name"""', 'nn.tag');
-- => Weird "Name"_tag
SELECT nn.shape('"nn 2"."Weird ""Name""_tag"');
SELECT relmeta.create_many_to_many('"nn 2"."Weird ""Name"""', '"nn 2"."Weird ""Name"""', is_symmetric => true, attributes => '"a ""b""" pg_catalog.text');
-- => Weird "Name"_Weird "Name"
SELECT nn.shape('"nn 2"."Weird ""Name""_Weird ""Name"""');
INSERT INTO "nn 2"."Weird ""Name""" VALUES ('a'), ('B');
SELECT relmeta.associate('Weird "Name"_Weird "Name"', 'a', 'B', '{"a \"b\"": "x"}');
-- => 1
SELECT * FROM relmeta.links('Weird "Name"_Weird "Name"', 'a');
-- => B|{"a \"b\"": "x"}
SELECT name, table1, column1, table2, column2, intersect_table, attributes FROM relmeta.many_to_many WHERE name LIKE 'Weird%' ORDER BY name;
SELECT relmeta.create_many_to_many('student', 'nn.tag');
-- => ERROR:  3F000

-- names of 63 bytes are clipped, never within a character, and do not collide
SET search_path = nn;
SELECT repeat('ä', 31) || 'x' AS long1, repeat('ä', 31) || 'y' AS long2 \gset
CREATE TABLE :"long1" (id int PRIMARY KEY);
CREATE TABLE :"long2" (id int PRIMARY KEY);
SELECT relmeta.create_many_to_many(:'long1', :'long2') AS long_name \gset
SELECT relmeta.create_many_to_many(:'long1', :'long2') AS long_name_1 \gset
SELECT octet_length(:'long_name') <= 63, :'long_name' <> :'long_name_1', :'long_name_1' LIKE '%\_1';
-- => t|t|t
SELECT octet_length(column1::text) <= 63, octet_length(column2::text) <= 63, column1 <> column2, column2 LIKE 'related\_%'
  FROM relmeta.many_to_many WHERE name = :'long_name';
-- => t|t|t|t
INSERT INTO :"long1" VALUES (1);
INSERT INTO :"long2" VALUES (2);
SELECT relmeta.associate(:'long_name', 1, 2);
-- => 1
SELECT relmeta.associated(:'long_name', 1);
-- => 2

-- an unqualified intersect table is made in current_schema()
SET search_path = "nn 2", nn;
SELECT relmeta.create_many_to_many('nn.tag', 'nn.big', 'elsewhere', 'elsewhere');
-- => elsewhere
SELECT to_regclass('"nn 2".elsewhere') IS NOT NULL;
-- => t
SET search_path = nn;

-- CREATE on the schema and REFERENCES on both tables suffice
RESET ROLE;
CREATE SCHEMA nn_own AUTHORIZATION regress_nn_declarer;
SET ROLE regress_nn_declarer;
SET search_path = nn_own;
SELECT relmeta.create_many_to_many('nn.student', 'nn.course', 'mine', 'nn_own.mine');
-- => ERROR:  42501
RESET ROLE;
GRANT REFERENCES ON nn.student TO regress_nn_declarer;
GRANT REFERENCES (id) ON nn.course TO regress_nn_declarer;
SET ROLE regress_nn_declarer;
SELECT relmeta.create_many_to_many('nn.student', 'nn.course');
-- => ERROR:  42501
SELECT relmeta.create_many_to_many('nn.student', 'nn.course', 'mine', 'nn_own.mine');
-- => mine
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'nn_own.mine'::regclass;
-- => regress_nn_declarer
SELECT count(*) FROM relmeta.tables WHERE relation IN ('nn.student'::regclass, 'nn.course'::regclass);
-- => 1: course need not be registered

-- its intersect table is the declarer's, the others' are not his
SELECT relmeta.alter_many_to_many('student_tag', 'x int');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('student_tag');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('student_tag', true);
-- => ERROR:  42501
SELECT relmeta.adopt_many_to_many('nn.student_tag');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('mine', drop_storage => true);
SELECT to_regclass('nn_own.mine') IS NULL;
-- => t
RESET ROLE;
SET ROLE regress_nn_owner;
SET search_path = nn;

-- attributes come and go, with the data kept
INSERT INTO student VALUES (1, 'one'), (2, 'two');
SELECT relmeta.associate('student_tag', 1, 'red', '{"note": "n"}');
-- => 1
SELECT relmeta.alter_many_to_many('student_tag', 'a int DEFAULT 7, b text -- two, of them', '{weight}');
SELECT * FROM relmeta.links('student_tag', 1);
-- => red|{"a": 7, "b": null, "note": "n"}
SELECT relmeta.alter_many_to_many('student_tag', drop_attributes => '{a,b}');
SELECT attributes FROM relmeta.many_to_many WHERE name = 'student_tag';
-- => note text
SELECT relmeta.alter_many_to_many('student_tag');
SELECT relmeta.alter_many_to_many('student_tag', 'note text');
-- => ERROR:  42701
SELECT relmeta.alter_many_to_many('student_tag', drop_attributes => '{nope}');
-- => ERROR:  42703
SELECT relmeta.alter_many_to_many('student_tag', drop_attributes => '{student_id}');
-- => ERROR:  42703
SELECT relmeta.alter_many_to_many('visit', drop_attributes => '{day}');
-- => ERROR:  0A000
SELECT relmeta.alter_many_to_many('student_tag', 'x int, DROP COLUMN note');
-- => ERROR:  42601
SELECT relmeta.alter_many_to_many('student_tag', 'x int); DROP TABLE nn.tag CASCADE; --');
-- => ERROR:  42601
SELECT relmeta.alter_many_to_many('mentors', 'x int');
-- => ERROR:  42704
SELECT relmeta.alter_many_to_many('nope', 'x int');
-- => ERROR:  42704

-- an existing junction table
CREATE TABLE playlist_track (added timestamptz, track int REFERENCES student ON DELETE CASCADE, list text REFERENCES tag,
                             PRIMARY KEY (list, track));
CREATE TABLE loose (s int REFERENCES student, t text REFERENCES tag);
CREATE TABLE wide (s int REFERENCES student, t text REFERENCES tag, b bigint REFERENCES big, UNIQUE (s, b));
CREATE TABLE too_wide (s int REFERENCES student, t text REFERENCES tag, b bigint REFERENCES big);
CREATE TABLE narrow (s int REFERENCES student);
CREATE TABLE by_other_key (s int REFERENCES student, t text REFERENCES tag);
ALTER TABLE student ADD UNIQUE (name);
CREATE TABLE by_name (s text REFERENCES student (name), t text REFERENCES tag);
SELECT relmeta.adopt_many_to_many('playlist_track');
-- => playlist_track
SELECT relmeta.adopt_many_to_many('loose', 'loosely');
-- => loosely
SELECT relmeta.adopt_many_to_many('wide');
-- => wide
SELECT name, table1, column1, table2, column2, intersect_table, attributes FROM relmeta.many_to_many
 WHERE name IN ('playlist_track', 'loosely', 'wide') ORDER BY name;
-- => loosely|student|s|tag|t|loose|
-- => playlist_track|tag|list|student|track|playlist_track|added timestamp with time zone
-- => wide|student|s|big|b|wide|t text
SELECT relmeta.adopt_many_to_many('wide', 'wide_again');
-- => ERROR:  42710
SELECT relmeta.adopt_many_to_many('student_tag', 'adopted');
-- => ERROR:  42710
SELECT relmeta.adopt_many_to_many('by_other_key', 'wide');
-- => ERROR:  42710
SELECT relmeta.adopt_many_to_many('too_wide');
-- => ERROR:  0A000
SELECT relmeta.adopt_many_to_many('narrow');
-- => ERROR:  0A000
SELECT relmeta.adopt_many_to_many('by_name');
-- => ERROR:  0A000
SELECT relmeta.adopt_many_to_many('a_view');
-- => ERROR:  0A000
SELECT relmeta.adopt_many_to_many('scratch');
-- => ERROR:  0A000
SELECT relmeta.adopt_many_to_many(0::regclass);
-- => ERROR:  42P01
SELECT tgname FROM pg_trigger WHERE tgrelid IN ('playlist_track'::regclass, 'loose'::regclass, 'wide'::regclass) AND NOT tgisinternal;
-- => none: an adopted table stays the application's
UPDATE playlist_track SET track = 2 WHERE false;
SELECT relmeta.associate('playlist_track', 'red', 1);
-- => 1
UPDATE playlist_track SET track = 2;
SELECT relmeta.associated('playlist_track', 'red');
-- => 2

-- a link is found by values of any type: arrays, composites, an enum's domain, and one without equality
CREATE TYPE span AS (low int, high int);
CREATE TYPE mood AS ENUM ('up', 'down');
CREATE DOMAIN humor AS mood;
SELECT relmeta.create_many_to_many('student', 'tag', 'student_mark', 'student_mark', attributes => 'words text[], span span, humor humor, raw json');
-- => student_mark
SELECT relmeta.associate('student_mark', 1, 'red', '{"words": ["a", "b"], "span": {"low": 1, "high": 2}, "humor": "up", "raw": {"k": 1}}');
-- => 1
SELECT relmeta.disassociate('student_mark', 1, 'red', '{"words": ["a"]}');
-- => 0
SELECT relmeta.disassociate('student_mark', 1, 'red', '{"span": {"low": 1, "high": 3}}');
-- => 0
SELECT relmeta.disassociate('student_mark', 1, 'red', '{"humor": "down"}');
-- => 0
SELECT relmeta.disassociate('student_mark', 1, 'red', '{"words": ["a", "b"], "span": {"low": 1, "high": 2}, "humor": "up", "raw": {"k": 1}}');
-- => 1

-- keys of an intersect table of relmeta's own do not change, attributes do
UPDATE student_tag SET note = 'm';
SELECT * FROM relmeta.links('student_tag', 1);
-- => red|{"note": "m"}
UPDATE student_tag SET student_id = student_id, note = 'o';
UPDATE student_tag SET student_id = 2;
-- => ERROR:  0A000
-- nor to a pair that is there, nor to a row that is not, nor to nothing
SELECT relmeta.associate('student_tag', 2, 'red');
-- => 1
UPDATE student_tag SET student_id = 2 WHERE student_id = 1;
-- => ERROR:  0A000
UPDATE student_tag SET student_id = 99;
-- => ERROR:  0A000
UPDATE student_tag SET student_id = NULL;
-- => ERROR:  0A000
DELETE FROM student_tag WHERE student_id = 2;
\set VERBOSITY default
UPDATE student_tag SET student_id = 2;
\set VERBOSITY sqlstate

-- dropping: the table stays with its keys and indexes, or goes
SELECT relmeta.drop_relationship('student_tag');
SELECT shape('student_tag');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'student_tag'::regclass AND NOT tgisinternal;
-- => none
UPDATE student_tag SET student_id = 2;
SELECT relmeta.associated('student_tag', 2);
-- => ERROR:  42704
SELECT relmeta.adopt_many_to_many('student_tag');
-- => student_tag
SELECT relmeta.associated('student_tag', 2);
-- => red
SELECT relmeta.drop_relationship('student_tag', drop_storage => true);
SELECT to_regclass('student_tag') IS NULL;
-- => t
CREATE VIEW on_visit AS SELECT * FROM visit;
SELECT relmeta.drop_relationship('visit', drop_storage => true);
-- => ERROR:  2BP01
SELECT count(*) FROM relmeta.many_to_many WHERE name = 'visit';
-- => 1
SELECT relmeta.drop_relationship('nope');
-- => ERROR:  42704

-- nobody writes the catalog but relmeta
INSERT INTO relmeta.intersect_relationship (name, column1, column2, declarer) VALUES ('x', 'a', 'b', 'postgres');
-- => ERROR:  42501
DELETE FROM relmeta.intersect_relationship;
-- => ERROR:  42501
SELECT FROM relmeta.intersect_relationship FOR UPDATE;
-- => ERROR:  42501

RESET ROLE;
DO $$ BEGIN PERFORM relmeta.drop_relationship(name) FROM relmeta.many_to_many; END $$;
SELECT relmeta.drop_relationship('mentors');
SELECT relmeta.unregister_table('nn.student');
DROP TABLE scratch;
DROP SCHEMA nn, "nn 2", nn_own CASCADE;
DROP ROLE regress_nn_owner, regress_nn_declarer;
