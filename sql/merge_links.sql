-- merge: links of every form move.  SEMANTICS 3.6: "N:N links move (of a link that m has already, m's stays with its attributes, unless
-- duplicates are allowed; a link between m and s, and s with itself where that is not allowed, goes: dropped)".
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_merge_links;
CREATE SCHEMA merge_links AUTHORIZATION regress_merge_links;
SET ROLE regress_merge_links;
SET search_path = merge_links;
CREATE TABLE person (id int PRIMARY KEY, active boolean NOT NULL DEFAULT true);
CREATE TABLE course (id text COLLATE "C" PRIMARY KEY);
SELECT relmeta.register_table('person', state_column => 'active');
INSERT INTO person SELECT generate_series(1, 5);
INSERT INTO course VALUES ('a'), ('b'), ('c');
-- either side of it, unique_by, a surrogate key with and without duplicates, adopted ones
SELECT relmeta.create_many_to_many('person', 'course', 'plain', 'plain', attributes => 'w int');
SELECT relmeta.create_many_to_many('course', 'person', 'by term', 'by_term', attributes => 'term int NOT NULL, w int', unique_by => '{term}');
SELECT relmeta.create_many_to_many('person', 'course', 'with id', 'with_id', attributes => 'w int', surrogate_key => true);
SELECT relmeta.create_many_to_many('person', 'course', 'double', 'double', attributes => 'w int', surrogate_key => true, allow_duplicates => true);
CREATE TABLE adopted (person bigint NOT NULL REFERENCES person, course text COLLATE "C" NOT NULL REFERENCES course, since date NOT NULL,
  PRIMARY KEY (person, course, since));
SELECT relmeta.adopt_many_to_many('adopted');
CREATE TABLE loose (person int NOT NULL REFERENCES person, course text COLLATE "C" REFERENCES course, w int);
SELECT relmeta.adopt_many_to_many('loose');
-- of the table with itself: directed, symmetric, without self
SELECT relmeta.create_many_to_many('person', 'person', 'knows', 'knows', 'who', 'whom', attributes => 'w int');
SELECT relmeta.create_many_to_many('person', 'person', 'friend', 'friend', attributes => 'w int', is_symmetric => true);
SELECT relmeta.create_many_to_many('person', 'person', 'ally', 'ally', 'p1', 'p2', attributes => 'w int', is_symmetric => true, allow_self => false);
SELECT relmeta.create_many_to_many('person', 'person', 'rival', 'rival', 'p1', 'p2', allow_self => false);
INSERT INTO plain VALUES (2, 'a', 20), (2, 'b', 21), (4, 'a', 40), (4, 'c', 41), (1, 'a', 1);
INSERT INTO by_term VALUES ('a', 2, 1, 20), ('a', 4, 1, 40), ('a', 4, 2, 41), ('b', 4, 1, 42);
INSERT INTO with_id (person_id, course_id, w) VALUES (2, 'a', 20), (4, 'a', 40), (4, 'b', 41);
CREATE TABLE remark (id int REFERENCES with_id);
INSERT INTO remark SELECT id FROM with_id WHERE w = 41;
INSERT INTO double (person_id, course_id, w) VALUES (2, 'a', 20), (4, 'a', 40), (4, 'a', 41);
INSERT INTO adopted VALUES (2, 'a', '2020-01-01'), (4, 'a', '2020-01-01'), (4, 'a', '2021-01-01');
INSERT INTO loose VALUES (2, 'a', 20), (4, 'a', 40), (4, NULL, 41);
INSERT INTO knows VALUES (4, 1, 41), (1, 4, 14), (2, 1, 21), (4, 2, 42), (2, 4, 24), (4, 4, 44), (3, 4, 34);
INSERT INTO friend VALUES (1, 4, 14), (4, 5, 45), (3, 4, 34), (2, 3, 23), (2, 4, 24), (4, 4, 44);
INSERT INTO ally VALUES (1, 4, 14), (4, 5, 45), (2, 5, 25), (2, 4, 24);
INSERT INTO rival VALUES (4, 2), (2, 4), (4, 5), (1, 4), (1, 2);

SELECT * FROM relmeta.merge('person', 2, 4);
-- => plain|1|1, by term|2|1, with id|1|1, double|2|0, adopted|1|1, loose|2|0, knows|3|3, friend|3|2, ally|1|2, rival|1|3
SELECT * FROM plain ORDER BY 1, 2;
-- => 1|a|1, 2|a|20, 2|b|21, 2|c|41
SELECT * FROM by_term ORDER BY 1, 3;
-- => a|2|1|20, a|2|2|41, b|2|1|42
-- a link keeps its surrogate key, and what points to that
SELECT person_id, course_id, w, id IN (SELECT id FROM remark) FROM with_id ORDER BY w;
-- => 2|a|20|f, 2|b|41|t
SELECT person_id, course_id, w FROM double ORDER BY w;
-- => 2|a|20, 2|a|40, 2|a|41
SELECT * FROM adopted ORDER BY since;
-- => 2|a|01-01-2020, 2|a|01-01-2021
SELECT * FROM loose ORDER BY w;
-- => 2|a|20, 2|a|40, 2||41
SELECT * FROM knows ORDER BY w;
-- => 1|2|14, 2|1|21, 3|2|34, 2|2|44
SELECT * FROM friend ORDER BY w;
-- => 1|2|14, 2|3|23, 2|2|44, 2|5|45
SELECT * FROM ally ORDER BY w;
-- => 1|2|14, 2|5|25
SELECT * FROM rival ORDER BY 1, 2;
-- => 1|2, 2|5
-- "The result has a row for each relationship and N:N with rows or dropped > 0": one of which all was dropped
INSERT INTO person VALUES (8), (9);
INSERT INTO plain VALUES (8, 'a', 80), (9, 'a', 90);
SELECT * FROM relmeta.merge('person', 8, 9);
-- => plain|0|1
-- the keys of links are as fixed as ever
UPDATE plain SET person_id = 3 WHERE course_id = 'c';
-- => ERROR:  0A000
-- a key over one column that both sides of the merge meet is named
INSERT INTO person VALUES (6), (7);
CREATE UNIQUE INDEX ON plain (person_id) WHERE w < 0;
INSERT INTO plain VALUES (6, 'a', -1), (7, 'b', -2);
\set VERBOSITY default
SELECT * FROM relmeta.merge('person', 6, 7);
\set VERBOSITY sqlstate
-- 100,000 related rows and as many connections, 20,000 links: one statement each, of connections one for each end, "in this order"
CREATE TABLE note (id int PRIMARY KEY, person int);
SELECT relmeta.register_table('note');
SELECT relmeta.create_one_to_many('person', 'note', 'person', 'notes', foreign_key => false);
INSERT INTO note SELECT i, 1 FROM generate_series(1, 100000) i;
INSERT INTO course SELECT i::text FROM generate_series(1, 20000) i;
INSERT INTO double (person_id, course_id) SELECT 1, i::text FROM generate_series(1, 20000) i;
SELECT relmeta.connect('person', 1, 'note', 1) IS NOT NULL;
-- => t
RESET ROLE;
INSERT INTO relmeta.connection (relation1, key1, relation2, key2) SELECT 'person', '1', 'note', i::text FROM generate_series(2, 100000) i;
CREATE TABLE calls (no int GENERATED ALWAYS AS IDENTITY, what text);
GRANT INSERT ON calls TO PUBLIC;
GRANT USAGE ON SCHEMA merge_links TO PUBLIC;
CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO merge_links.calls (what) VALUES (TG_TABLE_NAME || ' ' || TG_OP); RETURN NULL; END $$;
CREATE TRIGGER told AFTER UPDATE OR DELETE ON note FOR EACH STATEMENT EXECUTE FUNCTION told();
CREATE TRIGGER told AFTER UPDATE OR DELETE ON double FOR EACH STATEMENT EXECUTE FUNCTION told();
CREATE TRIGGER told AFTER UPDATE ON person FOR EACH STATEMENT EXECUTE FUNCTION told();
CREATE TRIGGER merge_links_told AFTER INSERT OR UPDATE OR DELETE ON relmeta.connection FOR EACH STATEMENT EXECUTE FUNCTION told();
SET ROLE regress_merge_links;
SELECT * FROM relmeta.merge('person', 3, 1, '{"active": true}') WHERE relationship IN ('notes', 'double') OR relationship IS NULL;
-- => notes|100000|0, double|20000|0, |100000|0
RESET ROLE;
SELECT string_agg(what, ', ' ORDER BY no) FROM calls;
-- => note UPDATE, double DELETE, double UPDATE, connection DELETE, connection UPDATE, connection UPDATE, person UPDATE, person UPDATE
-- they follow changed keys and go with deleted rows as fast
DELETE FROM calls;
UPDATE note SET id = id + 1000000;
SELECT string_agg(what, ', ' ORDER BY no) FROM calls;
-- => connection UPDATE, connection UPDATE, note UPDATE
SELECT count(*), min(key2::int) FROM relmeta.connection WHERE relation1 = 'person'::regclass;
-- => 100000|1000001
DELETE FROM calls;
DELETE FROM note;
SELECT string_agg(what, ', ' ORDER BY no) FROM calls;
-- => connection DELETE, connection DELETE, note DELETE
SELECT count(*) FROM relmeta.connection;
-- => 0
DROP TRIGGER merge_links_told ON relmeta.connection;

-- arrays, composites and an enum's domain in the unique key of a link, or of a lookup
SET ROLE regress_merge_links;
CREATE TYPE span AS (low int, high int);
CREATE TYPE mood AS ENUM ('up', 'down');
CREATE DOMAIN humor AS mood;
CREATE TABLE place (id int PRIMARY KEY, active boolean NOT NULL DEFAULT true);
SELECT relmeta.register_table('place', state_column => 'active');
INSERT INTO place SELECT generate_series(1, 3);
SELECT relmeta.create_many_to_many('place', 'course', 'held', 'held', attributes => 'days text[], span span, humor humor', unique_by => '{days,span,humor}');
CREATE TABLE room (id int PRIMARY KEY, tags text[], place_id int, UNIQUE (place_id, tags));
SELECT relmeta.create_one_to_many('place', 'room', 'place_id', 'rooms');
INSERT INTO held VALUES (1, 'a', '{mo}', '(1,2)', 'up'), (2, 'a', '{mo}', '(1,2)', 'up'), (2, 'a', '{tu}', '(1,2)', 'up'), (2, 'a', '{mo}', '(1,3)', 'up'),
  (2, 'a', '{mo}', '(1,2)', 'down');
INSERT INTO room VALUES (1, '{x}', 1), (2, '{y}', 2), (3, '{x}', 3);
SELECT * FROM relmeta.merge('place', 1, 3);
-- => ERROR:  23505
SELECT * FROM relmeta.merge('place', 1, 2) ORDER BY 1;
-- => held|3|1, rooms|1|0
RESET ROLE;
SET client_min_messages = error;
DROP SCHEMA merge_links CASCADE;
DROP ROLE regress_merge_links;
