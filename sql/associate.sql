-- associate: links made, removed and looked at, by functions and by plain SQL.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_link_owner;
CREATE ROLE regress_link_reader;
CREATE ROLE regress_link_writer;
CREATE SCHEMA link AUTHORIZATION regress_link_owner;
SET ROLE regress_link_owner;
SET search_path = link;
CREATE TABLE student (id int PRIMARY KEY);
CREATE TABLE course (id uuid PRIMARY KEY);
CREATE TABLE tag (label text PRIMARY KEY);
INSERT INTO student SELECT generate_series(1, 6);
INSERT INTO course SELECT (repeat('0', 31) || i)::uuid FROM generate_series(1, 4) i;
INSERT INTO tag VALUES ('red'), ('green'), ('blue'), ('it''s "odd" \'), ('');
SELECT relmeta.create_many_to_many('student', 'course', 'sc');
SELECT relmeta.create_many_to_many('student', 'tag', 'st', attributes => 'note text, weight numeric DEFAULT 1, doc json');

-- every mixture of literals, integers, uuids and untyped parameters
\set c1 '00000000-0000-0000-0000-000000000001'
\set c2 '00000000-0000-0000-0000-000000000002'
SELECT relmeta.associate('sc', 1, :'c1');
-- => 1
SELECT relmeta.associate('sc', '1', :'c2');
-- => 1
SELECT relmeta.associate('sc', '2', :'c1'::uuid);
-- => 1
SELECT relmeta.associate('sc', 2, :'c2'::uuid);
-- => 1
SELECT relmeta.associate('sc', 3::bigint, :'c1'::varchar);
-- => 1
PREPARE untyped AS SELECT relmeta.associate($1, $2, $3);
EXECUTE untyped('sc', '3', :'c2');
-- => 1
SELECT relmeta.associate(name => 'sc', key1 => id, key2 => :'c1') FROM student WHERE id > 3;
-- => 1, three times
SELECT count(*) FROM student_course;
-- => 9

-- a pair that is linked already
SELECT relmeta.associate('sc', 1, :'c1');
-- => ERROR:  23505
SELECT relmeta.associate('sc', 1, :'c1', if_not_exists => true);
-- => 0
\set VERBOSITY terse
SELECT relmeta.associate('sc', 1, :'c1');
\set VERBOSITY sqlstate

-- rows that do not exist, keys of another type, nothing at all
SELECT relmeta.associate('sc', 99, :'c1');
-- => ERROR:  23503
SELECT relmeta.associate('sc', 'x', :'c1');
-- => ERROR:  22P02
SELECT relmeta.associate('sc', 1, 17);
-- => ERROR:  22P02
SELECT relmeta.associate('sc', '99999999999', :'c1');
-- => ERROR:  22P02
SELECT relmeta.associate('sc', NULL, :'c1');
-- => ERROR:  22004
SELECT relmeta.associate('sc', 1, NULL::uuid);
-- => ERROR:  22004
SELECT relmeta.associate(NULL, 1, 1);
-- => ERROR:  22004
SELECT relmeta.associate('nope', 1, 1);
-- => ERROR:  42704

-- arrays: one statement, all or nothing
SELECT relmeta.associate('sc', 4, ARRAY[:'c2', '00000000-0000-0000-0000-000000000003']::uuid[]);
-- => 2
SELECT relmeta.associate('sc', 5, ARRAY[:'c2', :'c1']);
-- => ERROR:  23505
SELECT relmeta.associate('sc', 5, ARRAY[:'c2', :'c1'], if_not_exists => true);
-- => 1
SELECT relmeta.associate('sc', 6, (SELECT array_agg(id) FROM course), if_not_exists => true);
-- => 3
SELECT relmeta.associate('sc', 6, '{}'::uuid[]);
-- => 0
SELECT relmeta.associate('sc', 6, ARRAY[NULL]::uuid[]);
-- => ERROR:  22004
SELECT relmeta.associate('sc', 6, NULL::uuid[]);
-- => ERROR:  22004
SELECT relmeta.associate('sc', 6, ARRAY[[:'c1'],[:'c2']]);
-- => ERROR:  22023
SELECT relmeta.associate('sc', ARRAY[1], :'c1');
-- => ERROR:  22P02

-- looking at them
SELECT relmeta.associated('sc', 4);
-- => c1, c2, c3
SELECT relmeta.associated('sc', :'c2', 2);
-- => 1, 2, 3, 4, 5, 6
SELECT relmeta.associated('sc', :'c2'::uuid, side => 2) LIMIT 1;
-- => 1
SELECT relmeta.associated('sc', '00000000-0000-0000-0000-000000000004', 2);
-- => 6
SELECT relmeta.associated('sc', 99);
-- => ERROR:  P0002
SELECT relmeta.associated('sc', 1, 3);
-- => ERROR:  22023
SELECT relmeta.associated('sc', 1, NULL);
-- => ERROR:  22023
SELECT relmeta.associated('sc', NULL::int);
-- => ERROR:  22004
SELECT relmeta.is_associated('sc', 1, :'c1'), relmeta.is_associated('sc', '1', '00000000-0000-0000-0000-000000000004'),
       relmeta.is_associated('sc', 99, :'c1'::uuid);
-- => t|f|f
SELECT * FROM relmeta.links('sc', 1);
-- => c1|{} and c2|{}
SELECT relmeta.associated_with_all('sc', ARRAY[:'c1', :'c2', :'c1']);
-- => 1, 2, 3, 4, 5, 6
SELECT relmeta.associated_with_all('sc', ARRAY[:'c1', '00000000-0000-0000-0000-000000000003']);
-- => 4, 6
SELECT relmeta.associated_with_all('sc', '{4,6}', side => 2);
-- => c1, c2, c3
SELECT relmeta.associated_with_all('sc', '{4,99}', 2);
-- => none
SELECT relmeta.associated_with_all('sc', '{}', 2);
-- => all four courses
SELECT relmeta.associated_with_all('sc', '{x}', 2);
-- => ERROR:  22P02
SELECT relmeta.associated_with_all('sc', '{NULL}', 2);
-- => ERROR:  22004
SELECT relmeta.associated_with_all('sc', NULL);
-- => ERROR:  22004

-- removing them
SELECT relmeta.disassociate('sc', 1, :'c1');
-- => 1
SELECT relmeta.disassociate('sc', 1, :'c1');
-- => 0
SELECT relmeta.disassociate('sc', 6, (SELECT array_agg(id) FROM course));
-- => 4
SELECT relmeta.associated('sc', 6);
-- => none
SELECT relmeta.disassociate('sc', 99, :'c1');
-- => 0

-- attributes: given, by default, of any type
SELECT relmeta.associate('st', 1, 'red', '{"note": "it''s", "weight": 2.50, "doc": {"a": [1]}}');
-- => 1
SELECT relmeta.associate('st', 1, ARRAY['green', 'it''s "odd" \', ''], '{"note": null}');
-- => 3
SELECT * FROM relmeta.links('st', 1);
SELECT * FROM relmeta.links('st', 'red', 2);
-- => 1|{"doc": {"a": [1]}, "note": "it's", "weight": 2.50}
SELECT relmeta.associate('st', 2, 'red', '{"weight": "heavy"}');
-- => ERROR:  22P02
SELECT relmeta.associate('st', 2, 'red', '{"nope": 1}');
-- => ERROR:  42703
SELECT relmeta.associate('st', 2, 'red', '{"student_id": 3}');
-- => ERROR:  42703
SELECT relmeta.associate('st', 2, 'red', '[1]');
-- => ERROR:  22023
SELECT relmeta.associate('st', 2, 'red', '1');
-- => ERROR:  22023
SELECT relmeta.associate('st', 2, 'red', '{}');
-- => 1
SELECT relmeta.disassociate('st', 1, 'red', '{"weight": 3}');
-- => 0
SELECT relmeta.disassociate('st', 1, 'red', '{"weight": 2.5, "doc": {"a": [1]}}');
-- => 1
SELECT relmeta.disassociate('st', 1, ARRAY['green', 'red', ''], '{"note": null, "weight": 1}');
-- => 2
SELECT relmeta.disassociate('st', 1, 'green', '{"nope": 1}');
-- => ERROR:  42703

-- one pair linked several times: by an attribute, or at will
SELECT relmeta.create_many_to_many('student', 'tag', 'visit', 'visit', attributes => 'day date, hour int', unique_by => '{day,hour}');
SELECT relmeta.associate('visit', 1, 'red', '{"day": "2020-01-01", "hour": 1}'), relmeta.associate('visit', 1, 'red', '{"day": "2020-01-01", "hour": 2}');
-- => 1|1
SELECT relmeta.associate('visit', 1, 'red', '{"day": "2020-01-01", "hour": 2}');
-- => ERROR:  23505
SELECT relmeta.associate('visit', 1, ARRAY['red', 'blue'], '{"day": "2020-01-01", "hour": 2}', if_not_exists => true);
-- => 1
SELECT relmeta.associate('visit', 1, 'red');
-- => ERROR:  23502
SELECT relmeta.associated('visit', 1);
-- => blue, red: each once
SELECT * FROM relmeta.links('visit', 1);
SELECT relmeta.associated_with_all('visit', '{red,blue}'), relmeta.associated_with_all('visit', '{red,red}');
-- => 1|1
SELECT relmeta.disassociate('visit', 1, 'red', '{"hour": 2}');
-- => 1
SELECT relmeta.create_many_to_many('student', 'tag', 'sale', 'sale', attributes => 'price int', surrogate_key => true, allow_duplicates => true);
SELECT relmeta.associate('sale', 1, 'red', '{"price": 5}'), relmeta.associate('sale', 1, 'red', '{"price": 5}');
-- => 1|1
SELECT relmeta.associate('sale', 1, ARRAY['red', 'blue'], '{"price": 5}', true);
-- => 1
SELECT * FROM relmeta.links('sale', 1);
-- => blue|{"price": 5}, red twice
SELECT relmeta.associate('sale', 1, 'red', '{"id": 9}');
-- => ERROR:  42703
SELECT relmeta.disassociate('sale', 1, 'red', format('{"id": %s}', min(id))::jsonb) FROM sale WHERE tag_id = 'red';
-- => 1
SELECT relmeta.disassociate('sale', 1, 'red');
-- => 1
-- a pair that is named twice is linked once
SELECT relmeta.associate('sale', 2, ARRAY['red', 'blue', 'red'], if_not_exists => true),
  relmeta.associate('sale', 2, ARRAY['red', 'red']), relmeta.disassociate('sale', 2, ARRAY['red', 'blue']);
-- => 2|2|4

-- symmetric: one row per pair, in either order
SELECT relmeta.create_many_to_many('student', 'student', 'knows', 'knows', is_symmetric => true, attributes => 'since date');
SELECT relmeta.associate('knows', 2, 1), relmeta.associate('knows', 1, 3), relmeta.associate('knows', 4, 4);
-- => 1|1|1
SELECT relmeta.associate('knows', 1, 2);
-- => ERROR:  23505
SELECT relmeta.associate('knows', 1, ARRAY[2, 5], if_not_exists => true);
-- => 1
INSERT INTO knows VALUES (6, 5);
TABLE knows ORDER BY 1, 2;
-- => (1,2) (1,3) (1,5) (4,4) (5,6)
SELECT relmeta.associated('knows', 1);
-- => 2, 3, 5
SELECT relmeta.associated('knows', 5), relmeta.associated('knows', 5, 2);
-- => 1|1, 6|6
SELECT relmeta.associated('knows', 4);
-- => 4
SELECT * FROM relmeta.links('knows', 4);
-- => 4|{"since": null}
SELECT key FROM relmeta.links('knows', 5);
-- => 1, 6
SELECT relmeta.is_associated('knows', 3, 1), relmeta.is_associated('knows', 1, 3), relmeta.is_associated('knows', 3, 2);
-- => t|t|f
SELECT relmeta.associated_with_all('knows', '{1,6}');
-- => 5
SELECT relmeta.associated_with_all('knows', '{4}');
-- => 4
SELECT relmeta.disassociate('knows', 3, 1), relmeta.disassociate('knows', 5, ARRAY[1, 6, 2]);
-- => 1|2
ALTER TABLE knows DISABLE TRIGGER relmeta_link_order;
INSERT INTO knows VALUES (6, 5);
-- => ERROR:  23514
ALTER TABLE knows ENABLE TRIGGER relmeta_link_order;

-- text keys keep their order whatever the collation, and compare by their own equality
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE person (name text COLLATE ci PRIMARY KEY);
INSERT INTO person VALUES ('Ann'), ('bob');
SELECT relmeta.create_many_to_many('person', 'person', 'married', 'married', is_symmetric => true, allow_self => false);
SELECT relmeta.associate('married', 'BOB', 'ann');
-- => 1
SELECT relmeta.associate('married', 'ANN', 'Bob');
-- => ERROR:  23505
SELECT relmeta.is_associated('married', 'aNN', 'bOB'), relmeta.associated('married', 'ANN');
-- => t|BOB
SELECT relmeta.associate('married', 'ann', 'ANN');
-- => ERROR:  23514
SELECT relmeta.create_many_to_many('person', 'tag', 'likes', 'likes');
SELECT relmeta.associate('likes', 'ANN', 'red');
-- => 1
SELECT relmeta.associated_with_all('likes', '{ann,Ann}', 2);
-- => red

-- a self relationship has two sides
SELECT relmeta.create_many_to_many('student', 'student', 'teaches', 'teaches', 'teacher', 'pupil', allow_self => false);
SELECT relmeta.associate('teaches', 1, ARRAY[2, 3]), relmeta.associate('teaches', 2, 1);
-- => 2|1
SELECT relmeta.associated('teaches', 1), relmeta.associated('teaches', 1, 2);
-- => 2|2, 3|
SELECT relmeta.associate('teaches', 1, 1);
-- => ERROR:  23514

-- plain SQL is the same
INSERT INTO student_course VALUES (1, :'c1');
INSERT INTO student_course VALUES (1, :'c1') ON CONFLICT DO NOTHING;
COPY student_course FROM stdin;
6	00000000-0000-0000-0000-000000000001
\.
DELETE FROM student_course WHERE student_id = 1 AND course_id = :'c1';
SELECT relmeta.is_associated('sc', 6, :'c1'), relmeta.is_associated('sc', 1, :'c1');
-- => t|f
DELETE FROM student WHERE id = 6;
SELECT count(*) FROM student_course WHERE student_id = 6;
-- => 0
DELETE FROM course WHERE id = :'c1';
SELECT count(*) FROM student_course WHERE course_id = :'c1';
-- => 0

-- nothing depends on the search_path, not even on what a hostile one holds (ATTACKS 52)
RESET ROLE;
CREATE SCHEMA link_evil AUTHORIZATION regress_link_owner;
SET ROLE regress_link_owner;
CREATE FUNCTION link_evil.yes(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR link_evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = link_evil.yes);
CREATE FUNCTION link_evil.unnest(int[]) RETURNS SETOF int LANGUAGE sql AS 'SELECT 666';
CREATE FUNCTION link_evil.count() RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
SET search_path = link_evil, pg_catalog, link;
SELECT relmeta.associate('teaches', 3, ARRAY[4]);
-- => 1
SELECT relmeta.is_associated('teaches', 3, 5);
-- => f
SELECT relmeta.associated('teaches', 3);
-- => 4
SELECT relmeta.associated_with_all('teaches', '{2,3}', 1), relmeta.associated_with_all('teaches', '{2}', 2);
-- => 1|1
SET search_path = '';
SELECT relmeta.disassociate('teaches', 3, 4);
-- => 1
SET search_path = link;

-- a change of the intersect table is seen by plans that are kept
SELECT relmeta.alter_many_to_many('teaches', 'since date');
SELECT relmeta.associate('teaches', 3, 4, '{"since": "2020-01-01"}');
-- => 1
ALTER TABLE teaches RENAME TO "Teaches It";
SELECT relmeta.associated('teaches', 3);
-- => 4

-- the caller's own INSERT, DELETE and SELECT
RESET ROLE;
GRANT USAGE ON SCHEMA link TO regress_link_reader, regress_link_writer;
GRANT SELECT ON link.student_tag TO regress_link_reader;
GRANT INSERT ON link.student_tag TO regress_link_writer;
SET ROLE regress_link_reader;
SELECT relmeta.associated('st', 2);
-- => red
SELECT relmeta.associated('st', 99);
-- => none: whether there is such a student is not the reader's to know
SELECT relmeta.associate('st', 3, 'red');
-- => ERROR:  42501
SELECT relmeta.disassociate('st', 2, 'red');
-- => ERROR:  42501
SELECT relmeta.associated_with_all('st', '{}');
-- => ERROR:  42501
SELECT relmeta.associated('sc', 2);
-- => ERROR:  42501
SET ROLE regress_link_writer;
SELECT relmeta.associate('st', 3, 'red', '{"note": "w"}');
-- => 1
SELECT relmeta.associated('st', 3);
-- => ERROR:  42501
RESET ROLE;

-- many attributes, many of them given
DO $$ BEGIN
  PERFORM relmeta.create_many_to_many('link.student', 'link.tag', 'manifold', 'link.manifold',
    attributes => string_agg(format('a%s int', i), ', ')) FROM generate_series(1, 40) i;
END $$;
SELECT relmeta.associate('manifold', 1, 'red', '{"a1": 1, "a40": 40}');
-- => 1
SELECT relmeta.associate('manifold', 1, 'blue', '{"a2": 2, "a39": 39}');
-- => 1
SELECT key, jsonb_strip_nulls(attributes) FROM relmeta.links('manifold', 1);
-- => blue|{"a2": 2, "a39": 39} and red|{"a1": 1, "a40": 40}
SELECT relmeta.disassociate('manifold', 1, 'red', '{"a40": 39}'), relmeta.disassociate('manifold', 1, 'red', '{"a40": 40}');
-- => 0|1

-- an adopted table: several links of a pair, links to nothing
SET ROLE regress_link_owner;
SET search_path = link;
CREATE TABLE loose (s int REFERENCES student, t text REFERENCES tag, n int);
SELECT relmeta.adopt_many_to_many('loose');
INSERT INTO loose VALUES (1, 'red', 1), (1, 'red', 2), (1, NULL, 3), (NULL, 'red', 4);
SELECT relmeta.associate('loose', 1, 'red', if_not_exists => true), relmeta.associate('loose', 1, 'blue', if_not_exists => true);
-- => 0|1
SELECT relmeta.associate('loose', 1, 'red');
-- => 1
SELECT relmeta.associated('loose', 1);
-- => blue, red
SELECT * FROM relmeta.links('loose', 1);
-- => blue|{"n": null}, red with 1, 2 and null
SELECT relmeta.associated_with_all('loose', '{red}'), relmeta.associated_with_all('loose', '{red,blue}');
-- => 1|1
SELECT relmeta.disassociate('loose', 1, 'red');
-- => 3

RESET ROLE;
DO $$ BEGIN PERFORM relmeta.drop_relationship(name) FROM relmeta.many_to_many; END $$;
DROP SCHEMA link, link_evil CASCADE;
DROP ROLE regress_link_owner, regress_link_reader, regress_link_writer;
