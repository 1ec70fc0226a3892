-- a database in which every form of intersect table stands
CREATE EXTENSION relmeta;
CREATE TABLE student (id int PRIMARY KEY, name text);
CREATE TABLE course (id uuid PRIMARY KEY, title text);
CREATE TABLE "Odd tag" (label text PRIMARY KEY);
SELECT relmeta.create_many_to_many('student', 'course');
SELECT relmeta.create_many_to_many('course', '"Odd tag"', 'tagged', 'tagged');
SELECT relmeta.create_many_to_many('student', 'later');
CREATE TABLE later (id bigint PRIMARY KEY);
INSERT INTO student VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO course VALUES ('00000000-0000-0000-0000-000000000001', 'Logic');
SELECT relmeta.associate('student_course', 1, '00000000-0000-0000-0000-000000000001');
