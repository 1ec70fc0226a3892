-- Access control of partitioned tables and of intersect tables.  SEMANTICS 2.5 "Access control".
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_cp_owner;
CREATE ROLE regress_cp_bob;
CREATE ROLE regress_cp_linker;
SELECT relmeta.create_user('cp_ann'), relmeta.create_user('cp_bob', 'regress_cp_bob');
CREATE SCHEMA cp AUTHORIZATION regress_cp_owner;
GRANT ALL ON SCHEMA cp TO PUBLIC;
SET SESSION AUTHORIZATION regress_cp_owner;
SET search_path = cp;
CREATE TABLE account (id int PRIMARY KEY, note text, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE account_1 PARTITION OF account FOR VALUES FROM (0) TO (100);
CREATE TABLE account_2 PARTITION OF account FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
CREATE TABLE account_2a PARTITION OF account_2 FOR VALUES FROM (100) TO (150);
-- one whose columns stand otherwise
CREATE TABLE account_2b (owner_id text, gone int, id int NOT NULL, note text);
ALTER TABLE account_2b DROP COLUMN gone;
ALTER TABLE account_2 ATTACH PARTITION account_2b FOR VALUES FROM (150) TO (200);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cp TO PUBLIC;
INSERT INTO account SELECT i, 'n' || i, CASE WHEN i % 10 = 0 THEN 'cp_bob' ELSE 'cp_ann' END FROM generate_series(1, 199) AS i;
SELECT relmeta.enable_access_control('account'), relmeta.enable_access_control('contact');
SELECT relname, relrowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) FROM pg_class AS c WHERE relnamespace = 'cp'::regnamespace AND relname LIKE 'account%' AND relkind IN ('r', 'p') ORDER BY 1;
SELECT relmeta.share_many('account', '{1,101,151}', '{cp_bob}', '{read,write}');
-- => 3
SELECT * FROM relmeta.verify() WHERE relation::text NOT LIKE '%.%';
-- => none

SET SESSION AUTHORIZATION regress_cp_bob;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM account_1), (SELECT count(*) FROM account_2), (SELECT count(*) FROM account_2a), (SELECT count(*) FROM account_2b);
-- => 22|10|12|6|6
SELECT tableoid::regclass, id FROM account WHERE id IN (1, 2, 101, 102, 150, 151, 152) ORDER BY id;
-- => account_1|1
-- => account_2a|101
-- => account_2b|150
-- => account_2b|151
SELECT count(*) FROM account_2b WHERE id = 152;
-- => 0
INSERT INTO account_2b VALUES ('cp_ann', 160, 'x');
-- => ERROR:  42501
INSERT INTO account_1 VALUES (99, 'x', 'cp_ann');
-- => ERROR:  42501
INSERT INTO account VALUES (2, 'x', 'cp_bob') ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING id;
-- => ERROR:  42501
INSERT INTO account_2b VALUES ('cp_bob', 152, 'x') ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING id;
-- => ERROR:  42501
BEGIN;
INSERT INTO account VALUES (0, 'zero', 'cp_bob') RETURNING id, tableoid::regclass;
-- => 0|account_1
UPDATE account_1 SET note = 'x' WHERE id IN (1, 2, 10) RETURNING id;
-- => 1
-- => 10
DELETE FROM account_2 WHERE id < 115 RETURNING id;
-- => 100
-- => 110
-- from one partition to another, given away, not his to write
UPDATE account SET id = 114 WHERE id = 10 RETURNING id, tableoid::regclass;
-- => ERROR:  23505
ROLLBACK;
BEGIN;
DELETE FROM account WHERE id = 150;
UPDATE account SET id = 150 WHERE id = 10 RETURNING id, tableoid::regclass;
-- => 150|account_2b
UPDATE account SET id = 10, owner_id = 'cp_ann' WHERE id = 150 RETURNING id, owner_id, tableoid::regclass;
-- => 10|cp_ann|account_1
SELECT count(*) FROM account WHERE id IN (10, 150);
-- => 0
ROLLBACK;
UPDATE account SET id = 0, owner_id = 'cp_bob' WHERE id = 101;
-- => ERROR:  42501
UPDATE account SET id = 0 WHERE id = 102 RETURNING id;
-- => none
BEGIN;
-- a move to another partition needs write, not delete: as PostgreSQL's policies have it
UPDATE account SET id = 0 WHERE id = 101 RETURNING id, tableoid::regclass;
-- => 0|account_1
ROLLBACK;
MERGE INTO account AS t USING (VALUES (1), (2), (0)) AS s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = 'm' WHEN NOT MATCHED THEN INSERT VALUES (s.id + 300, 'x', 'cp_bob');
-- => ERROR:  23514
INSERT INTO contact VALUES (1, 'cp_bob', 152);
-- => ERROR:  42501
INSERT INTO contact VALUES (1, 'cp_bob', 150) RETURNING id;
-- => 1

-- detached: as closed as it was; attached: controlled from then on (ATTACKS 24)
SET SESSION AUTHORIZATION regress_cp_owner;
ALTER TABLE account DETACH PARTITION account_1;
CREATE TABLE account_3 PARTITION OF account FOR VALUES FROM (200) TO (300);
CREATE TABLE account_4 (id int PRIMARY KEY, note text, owner_id text);
GRANT SELECT, INSERT, UPDATE, DELETE ON account_3, account_4 TO PUBLIC;
INSERT INTO account_4 VALUES (301, 'x', 'cp_ann'), (302, 'y', 'cp_bob');
SET SESSION AUTHORIZATION regress_cp_bob;
SELECT count(*) FROM account_1 WHERE owner_id = 'cp_ann';
-- => 0
SELECT count(*) FROM account_4;
-- => 2
SET SESSION AUTHORIZATION regress_cp_owner;
ALTER TABLE account ATTACH PARTITION account_4 FOR VALUES FROM (300) TO (400);
INSERT INTO account VALUES (201, 'z', 'cp_ann');
SELECT relname, relrowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) FROM pg_class AS c WHERE relnamespace = 'cp'::regnamespace AND relname IN ('account_1', 'account_3', 'account_4') ORDER BY 1;
SELECT * FROM relmeta.verify() WHERE relation::text NOT LIKE '%.%';
SET SESSION AUTHORIZATION regress_cp_bob;
SELECT id FROM account_3 UNION ALL SELECT id FROM account_4;
-- => 302
UPDATE account_1 SET note = 'x' RETURNING id;
-- => none
INSERT INTO account_1 VALUES (99, 'x', 'cp_bob');
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_cp_owner;
SELECT relmeta.disable_access_control('account');
SELECT relname, relrowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) FROM pg_class AS c WHERE relnamespace = 'cp'::regnamespace AND relname LIKE 'account%' AND relkind IN ('r', 'p') AND relrowsecurity ORDER BY 1;
DROP TABLE account_1, contact, account CASCADE;

--
-- Intersect tables
--
CREATE TABLE course (id int PRIMARY KEY, owner_id text);
CREATE TABLE student (id int PRIMARY KEY, owner_id text);
CREATE TABLE room (id int PRIMARY KEY);
GRANT SELECT, REFERENCES ON course, student, room TO PUBLIC;
SELECT relmeta.register_table('course', 'owner_id'), relmeta.register_table('student', 'owner_id');
SELECT relmeta.create_many_to_many('student', 'course', 'cp_sc', attributes => 'grade int'), relmeta.create_many_to_many('course', 'room', 'cp_cr'), relmeta.create_many_to_many('course', 'course', 'cp_cc', is_symmetric => true);
GRANT SELECT, INSERT, UPDATE, DELETE ON student_course, course_room, course_course TO PUBLIC;
INSERT INTO course VALUES (1, 'cp_bob'), (2, 'cp_ann'), (3, 'cp_ann'), (4, 'cp_ann');
INSERT INTO student VALUES (1, 'cp_bob'), (2, 'cp_ann');
INSERT INTO room VALUES (1), (2);
INSERT INTO student_course VALUES (1, 1, 10), (1, 2, 20), (2, 1, 30), (1, 3, 40);
INSERT INTO course_room VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO course_course VALUES (1, 2), (2, 3);
-- only one end is controlled
SELECT relmeta.enable_access_control('course');
-- read on 3, append on 4
SELECT relmeta.share('course', 3, 'cp_bob', '{read}'), relmeta.share('course', 4, 'cp_bob', '{read,append}');
SELECT relname, relrowsecurity FROM pg_class WHERE oid IN ('student_course'::regclass, 'course_room'::regclass, 'course_course'::regclass) ORDER BY 1;
SET SESSION AUTHORIZATION regress_cp_bob;
TABLE student_course ORDER BY 1, 2;
-- => 1|1|10
-- => 1|3|40
-- => 2|1|30
TABLE course_room ORDER BY 1;
-- => 1|1
-- => 3|2
TABLE course_course;
-- => none
INSERT INTO course_room VALUES (1, 2), (4, 2) RETURNING *;
-- => 1|2
-- => 4|2
INSERT INTO course_room VALUES (3, 1);
-- => ERROR:  42501
INSERT INTO course_room VALUES (2, 2);
-- => ERROR:  42501
SELECT relmeta.associate('cp_cr', 4, '{1}'::int[]);
-- => 1
SELECT relmeta.associate('cp_cr', 3, 1);
-- => ERROR:  42501
UPDATE student_course SET grade = grade + 1 RETURNING *;
-- => 1|1|11
-- => 2|1|31
UPDATE student_course SET grade = 0 WHERE course_id = 3 RETURNING *;
-- => none
DELETE FROM student_course WHERE grade > 0 RETURNING *;
-- => 1|1|11
-- => 2|1|31
SELECT relmeta.disassociate('cp_sc', 1, 3), relmeta.disassociate('cp_sc', 1, 2), relmeta.disassociate('cp_cr', 4, 1);
-- => 0|0|1
INSERT INTO course_course VALUES (4, 1) RETURNING *;
-- => 1|4
SELECT relmeta.is_associated('cp_cc', 4, 1), relmeta.is_associated('cp_cc', 2, 3);
-- => t|f
-- both ends
SET SESSION AUTHORIZATION regress_cp_owner;
SELECT relmeta.enable_access_control('student');
SET SESSION AUTHORIZATION regress_cp_bob;
INSERT INTO student_course VALUES (2, 1, 1);
-- => ERROR:  42501
INSERT INTO student_course VALUES (1, 4, 1) RETURNING *;
-- => 1|4|1
TABLE student_course ORDER BY 1, 2;
-- => 1|3|40
-- => 1|4|1
-- deleting a row takes its links along, seen or not
SET SESSION AUTHORIZATION regress_cp_owner;
GRANT DELETE ON course TO PUBLIC;
SELECT relmeta.share('course', 3, 'cp_bob', '{delete}');
SET SESSION AUTHORIZATION regress_cp_bob;
DELETE FROM course WHERE id = 3 RETURNING id;
-- => 3
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM student_course WHERE course_id = 3;
-- => 0
-- an adopted junction of another owner: a line of verify() until he controls it himself
SET SESSION AUTHORIZATION regress_cp_linker;
CREATE TABLE cp.junction (student_id int REFERENCES cp.student, course_id int REFERENCES cp.course, PRIMARY KEY (student_id, course_id));
SELECT relmeta.adopt_many_to_many('cp.junction', 'cp_junction');
SELECT relation, object, problem FROM relmeta.verify() WHERE relation = 'cp.junction'::regclass;
-- => junction|zz_relmeta_judge_link|is missing
-- => junction|Judge_relmeta_stored_link|is missing
-- => junction|relmeta_select|policy is missing
-- => junction|relmeta_insert|policy is missing
-- => junction|relmeta_update|policy is missing
-- => junction|relmeta_delete|policy is missing
-- => junction|junction|its row-level security is off
SELECT relmeta.enable_access_control('cp.junction');
SELECT relation, object, problem FROM relmeta.verify() WHERE relation = 'cp.junction'::regclass;
-- => none
INSERT INTO cp.junction VALUES (1, 1), (1, 2), (2, 1);
GRANT SELECT ON cp.junction TO PUBLIC;
SET SESSION AUTHORIZATION regress_cp_bob;
TABLE junction;
-- => 1|1
-- an intersect table that is registered itself: links' policies, unless its own access is controlled
SET SESSION AUTHORIZATION regress_cp_owner;
CREATE VIEW cp.stands AS SELECT relname, relrowsecurity AS on, relforcerowsecurity AS forced, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND pg_get_expr(coalesce(polqual, polwithcheck), c.oid) ~ 'link_') AS of_links, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND pg_get_expr(coalesce(polqual, polwithcheck), c.oid) !~ 'link_') AS of_rows FROM pg_class AS c WHERE relnamespace = 'cp'::regnamespace;
GRANT SELECT ON stands TO PUBLIC;
SELECT relmeta.create_many_to_many('student', 'course', 'cp_seat', 'seat', surrogate_key => true);
INSERT INTO seat (student_id, course_id) VALUES (1, 1), (1, 2), (2, 4);
GRANT SELECT, INSERT, UPDATE, DELETE ON seat TO PUBLIC;
SELECT relmeta.register_table('seat');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|f|4|0
SELECT count(*) FROM relmeta.verify() WHERE relation = 'seat'::regclass;
-- => 0
SELECT relmeta.repair();
-- => 0
SET SESSION AUTHORIZATION regress_cp_bob;
SELECT student_id, course_id FROM seat;
-- => 1|1
INSERT INTO seat (student_id, course_id) VALUES (2, 1);
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_cp_owner;
SELECT relmeta.enable_access_control('seat', force => true);
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|t|4|4
SELECT relmeta.enable_access_control('student'), relmeta.register_table('seat');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|t|4|4
SELECT relmeta.disable_access_control('seat');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|f|4|0
RESET SESSION AUTHORIZATION;
SELECT relmeta.alter_column_type('student', 'id', 'bigint');
SET SESSION AUTHORIZATION regress_cp_owner;
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|f|4|0
SELECT relmeta.unregister_table('seat');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|f|4|0
SET SESSION AUTHORIZATION regress_cp_bob;
SELECT student_id, course_id FROM seat;
-- => 1|1
-- registered before an end is controlled, and when none is any more
SET SESSION AUTHORIZATION regress_cp_owner;
SELECT relmeta.register_table('seat');
SELECT relmeta.disable_access_control('course'), relmeta.disable_access_control('student');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|f|f|0|0
SELECT relmeta.enable_access_control('course');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|f|4|0
-- the relationship goes: its policies go, the table's own stay
SELECT relmeta.enable_access_control('seat');
SELECT relmeta.drop_relationship('cp_seat');
SELECT * FROM stands WHERE relname = 'seat';
-- => seat|t|f|0|4
SELECT count(*) FROM relmeta.verify() WHERE relation = 'seat'::regclass;
-- => 0
-- a junction of partitions, that are there or come; one that leaves is none of links
CREATE TABLE sitting (student_id int REFERENCES student, course_id int REFERENCES course, PRIMARY KEY (student_id, course_id)) PARTITION BY RANGE (student_id);
CREATE TABLE sitting_1 PARTITION OF sitting FOR VALUES FROM (0) TO (2);
SELECT relmeta.adopt_many_to_many('sitting', 'cp_sitting');
SELECT relmeta.enable_access_control('sitting');
CREATE TABLE sitting_2 PARTITION OF sitting FOR VALUES FROM (2) TO (4);
CREATE TABLE sitting_3 PARTITION OF sitting FOR VALUES FROM (4) TO (6);
ALTER TABLE sitting DETACH PARTITION sitting_3;
SELECT * FROM stands WHERE relname ~ '^sitting(_.)?$' ORDER BY 1;
-- => sitting|t|f|4|0
-- => sitting_1|t|f|4|0
-- => sitting_2|t|f|4|0
-- => sitting_3|t|f|0|0
GRANT SELECT ON sitting, sitting_1, sitting_2 TO PUBLIC;
INSERT INTO sitting VALUES (1, 1), (1, 2), (2, 1);
SET SESSION AUTHORIZATION regress_cp_bob;
SELECT (SELECT count(*) FROM sitting), (SELECT count(*) FROM sitting_1), (SELECT count(*) FROM sitting_2);
-- => 2|1|1
SET SESSION AUTHORIZATION regress_cp_owner;
SELECT count(*) FROM relmeta.verify() WHERE relation::regclass::text ~ 'sitting';
-- => 0
DROP POLICY relmeta_select ON sitting_2;
SELECT relation, object, problem FROM relmeta.verify() WHERE relation::regclass::text ~ 'sitting';
-- => sitting_2|relmeta_select|policy is missing
SELECT relmeta.enable_access_control('sitting');
SELECT count(*) FROM relmeta.verify() WHERE relation::regclass::text ~ 'sitting';
-- => 0
SELECT relmeta.drop_relationship('cp_sitting');
SELECT * FROM stands WHERE relname ~ '^sitting(_.)?$' AND of_links > 0;
-- => none
SELECT relmeta.enable_access_control('student');
RESET SESSION AUTHORIZATION;
SELECT relmeta.disable_access_control('course'), relmeta.disable_access_control('student');
SELECT relname, relrowsecurity FROM pg_class WHERE oid IN ('student_course'::regclass, 'course_room'::regclass, 'course_course'::regclass) ORDER BY 1;

SET SESSION AUTHORIZATION regress_cp_owner;
-- a foreign key looks at a controlled partition that leaves, in a session without a principal; what the planner calls for an index makes
-- visible that it has left
CREATE TABLE person (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE person_1 PARTITION OF person FOR VALUES FROM (0) TO (2);
CREATE TABLE person_2 PARTITION OF person FOR VALUES FROM (2) TO (4);
CREATE FUNCTION looks() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM pg_catalog.pg_class LIMIT 1; RETURN 1; END $$;
CREATE FUNCTION folded(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN cp.looks(); END $$;
CREATE INDEX ON person_2 ((id + folded(1)));
CREATE TABLE badge (id int PRIMARY KEY, person_id int REFERENCES person);
SELECT relmeta.register_table('person', 'owner_id');
SELECT relmeta.enable_access_control('person');
\c -
SET SESSION AUTHORIZATION regress_cp_owner;
SET search_path = cp;
SET client_min_messages = warning;
ALTER TABLE person DETACH PARTITION person_2;
SELECT count(*) FROM pg_inherits WHERE inhparent = 'person'::regclass;
-- => 1
RESET SESSION AUTHORIZATION;

-- links with a partition of a controlled table at their end are controlled as its root's: made before control or after it, adopted, of an interior
-- partition, of a table that is attached, or detached, later
SET SESSION AUTHORIZATION regress_cp_owner;
CREATE TABLE plot (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE plot_1 PARTITION OF plot FOR VALUES FROM (0) TO (10);
CREATE TABLE plot_2 PARTITION OF plot FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE plot_2a PARTITION OF plot_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE plot_3 (owner_id text, id int PRIMARY KEY);
CREATE TABLE tree (id int PRIMARY KEY);
SELECT relmeta.register_table('plot', 'owner_id');
SELECT relmeta.create_many_to_many('plot_1', 'tree', 'cp_before', 'link_before', attributes => 'note text');
SELECT relmeta.create_many_to_many('plot_3', 'tree', 'cp_later', 'link_later', attributes => 'note text');
SELECT * FROM stands WHERE relname ~ '^link_(before|later)$' ORDER BY 1;
-- => link_before|f|f|0|0
-- => link_later|f|f|0|0
SELECT relmeta.enable_access_control('plot');
CREATE TABLE link_adopted (plot_id int REFERENCES plot_1, tree_id int REFERENCES tree, note text, PRIMARY KEY (plot_id, tree_id));
SELECT relmeta.adopt_many_to_many('link_adopted', 'cp_adopted');
SELECT relmeta.create_many_to_many('plot_1', 'tree', 'cp_after', 'link_after', attributes => 'note text');
SELECT relmeta.create_many_to_many('plot_2', 'tree', 'cp_interior', 'link_interior', attributes => 'note text');
SELECT relmeta.create_many_to_many('plot_2a', 'tree', 'cp_lowest', 'link_lowest', attributes => 'note text');
SELECT * FROM stands WHERE relname ~ '^link_.*(d|r|e|t)$' ORDER BY 1;
-- => link_adopted|t|f|4|0
-- => link_after|t|f|4|0
-- => link_before|t|f|4|0
-- => link_interior|t|f|4|0
-- => link_later|f|f|0|0
-- => link_lowest|t|f|4|0
ALTER TABLE plot ATTACH PARTITION plot_3 FOR VALUES FROM (20) TO (30);
SELECT * FROM stands WHERE relname = 'link_later';
-- => link_later|t|f|4|0
SELECT relation, object, problem FROM relmeta.verify() WHERE relation::regclass::text ~ '^link_';
-- => none
INSERT INTO plot VALUES (1, 'cp_ann'), (2, 'cp_bob'), (11, 'cp_ann'), (12, 'cp_bob'), (21, 'cp_ann'), (22, 'cp_bob');
INSERT INTO tree VALUES (1), (2);
INSERT INTO link_before VALUES (1, 1, 'hidden'), (2, 1, 'his');
INSERT INTO link_after TABLE link_before;
INSERT INTO link_adopted TABLE link_before;
INSERT INTO link_interior SELECT plot_1_id + 10, tree_id, note FROM link_before;
INSERT INTO link_lowest TABLE link_interior;
INSERT INTO link_later SELECT plot_1_id + 20, tree_id, note FROM link_before;
GRANT SELECT, INSERT, UPDATE, DELETE ON plot, plot_1, plot_2, plot_2a, plot_3, tree, link_before, link_after, link_adopted, link_interior, link_lowest, link_later TO PUBLIC;
SET SESSION AUTHORIZATION regress_cp_bob;
SELECT (SELECT string_agg(note, ',') FROM link_before) AS before, (SELECT string_agg(note, ',') FROM link_after) AS after, (SELECT string_agg(note, ',') FROM link_adopted) AS adopted, (SELECT string_agg(note, ',') FROM link_interior) AS interior, (SELECT string_agg(note, ',') FROM link_lowest) AS lowest, (SELECT string_agg(note, ',') FROM link_later) AS later;
-- => his|his|his|his|his|his
SELECT relmeta.is_associated('cp_before', 1, 1), relmeta.is_associated('cp_interior', 11, 1), relmeta.is_associated('cp_lowest', 11, 1), relmeta.is_associated('cp_later', 22, 1);
-- => f|f|f|t
SELECT key, note FROM relmeta.links('cp_adopted', 1, 2) AS l(key), jsonb_to_record(attributes) AS a(note text);
-- => 2|his
SELECT relmeta.associated('cp_after', 1);
-- => ERROR:  P0002
SELECT relmeta.associate('cp_before', 1, 2);
-- => ERROR:  42501
SELECT relmeta.associate('cp_interior', 11, 2);
-- => ERROR:  42501
INSERT INTO link_lowest VALUES (11, 2);
-- => ERROR:  42501
INSERT INTO link_later VALUES (21, 2);
-- => ERROR:  42501
INSERT INTO link_adopted VALUES (1, 2);
-- => ERROR:  42501
SELECT relmeta.disassociate('cp_after', 1, 1), relmeta.associate('cp_after', 2, 2), relmeta.associate('cp_interior', 12, 2), relmeta.associate('cp_later', 22, 2);
-- => 0|1|1|1
UPDATE link_adopted SET note = 'bob' RETURNING plot_id;
-- => 2
UPDATE link_adopted SET plot_id = 1;
-- => ERROR:  42501
DELETE FROM link_lowest RETURNING plot_2a_id;
-- => 12
-- one that leaves, and one that somebody's mistake has opened
SET SESSION AUTHORIZATION regress_cp_owner;
DELETE FROM plot WHERE id > 20;
ALTER TABLE plot DETACH PARTITION plot_3;
SELECT * FROM stands WHERE relname = 'link_later';
-- => link_later|t|f|4|0: as closed as its rows, until it is said what it is
SELECT relation, object FROM relmeta.verify() WHERE relation::regclass::text ~ '^link_' ORDER BY 2;
-- => link_later|cp_later
SELECT relmeta.register_table('plot_3', 'owner_id'), relmeta.disable_access_control('plot_3');
SELECT * FROM stands WHERE relname = 'link_later';
-- => link_later|f|f|0|0
DROP POLICY relmeta_select ON link_before;
DROP TRIGGER zz_relmeta_judge_link ON link_before;
SELECT relation, object, problem FROM relmeta.verify() WHERE relation::regclass::text ~ '^link_' ORDER BY 2;
-- => link_before|relmeta_select|policy is missing
-- => link_before|zz_relmeta_judge_link|is missing
SELECT relmeta.enable_access_control('plot');
SELECT count(*) FROM relmeta.verify() WHERE relation::regclass::text ~ '^link_';
-- => 0
SELECT relmeta.disable_access_control('plot');
SELECT * FROM stands WHERE relname ~ '^link_' AND (stands.on OR of_links > 0);
-- => none
RESET SESSION AUTHORIZATION;

DROP SCHEMA cp CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{cp_ann,cp_bob}'::text[]) AS p;
DROP ROLE regress_cp_owner, regress_cp_bob, regress_cp_linker;
