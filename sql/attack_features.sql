-- Attacks through what stands on top: merges, automations, mappings, documents.  mallory, an ordinary role, tries to have his
-- code run as somebody else, or to learn what is hidden from him.  docs/security.md.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_af_mallory;
CREATE ROLE regress_af_ann;
CREATE SCHEMA af AUTHORIZATION regress_af_mallory;
SELECT relmeta.create_user('af_mallory', 'regress_af_mallory'), relmeta.create_user('af_ann');
CREATE TABLE public.af_seen (who text, what text);
GRANT INSERT ON public.af_seen TO PUBLIC;
SET SESSION AUTHORIZATION regress_af_mallory;
SET search_path = af;

--
-- Casts of types of his own: merges and automations follow a key that gets another type
--
CREATE TYPE one AS ENUM ('a', 'b', 'c');
CREATE TYPE two AS ENUM ('a', 'b', 'c');
CREATE FUNCTION one_in(text) RETURNS one LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'text to one');
  RETURN pg_catalog.enum_in($1::cstring, 'af.one'::regtype);
END $$;
CREATE FUNCTION one_out(one) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'one to text');
  RETURN pg_catalog.enum_out($1);
END $$;
CREATE FUNCTION two_of(one) RETURNS two LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'one to two');
  RETURN CASE $1 WHEN 'a' THEN 'c' WHEN 'c' THEN 'a' ELSE 'b' END::af.two;
END $$;
CREATE FUNCTION two_out(two) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'two to text');
  RETURN 'never';
END $$;
CREATE CAST (text AS one) WITH FUNCTION one_in(text);
CREATE CAST (one AS text) WITH FUNCTION one_out(one);
CREATE CAST (one AS two) WITH FUNCTION two_of(one);
CREATE CAST (two AS text) WITH FUNCTION two_out(two);
CREATE TABLE t (id one PRIMARY KEY, owner_id text, active boolean DEFAULT true);
CREATE PROCEDURE auto(regclass, text) LANGUAGE plpgsql AS $$ BEGIN END $$;
SELECT relmeta.register_table('t', 'owner_id', 'active');
SELECT relmeta.create_automation('af auto', 't', 'auto(regclass,text)');
INSERT INTO t VALUES ('a', 'af_mallory'), ('b', 'af_mallory'), ('c', 'af_mallory');
SELECT relmeta.activate_automation('af auto', 'a'::text);
SELECT relmeta.share('t', 'a'::text, 'af_ann');
-- => 1
SELECT * FROM relmeta.merge('t', 'a'::text, 'b'::text);
SELECT relmeta.alter_column_type('t', 'id', 'two');
-- what a had is c's, as the rows; the text of a key is the type's own
SELECT id, active FROM t ORDER BY active, id;
SELECT relation, master, subordinate FROM relmeta.merges WHERE relation = 't'::regclass;
-- => t|c|b
SELECT relation, key, is_active FROM relmeta.automations WHERE relation = 't'::regclass;
-- => t|c|t
SELECT principal, direct FROM relmeta.shared_principals('t', 'c'::text);
-- => af_ann|{read}
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who FROM public.af_seen;
-- => regress_af_mallory
DELETE FROM public.af_seen;

--
-- What a foreign key's action updates is no update of whoever has deleted: ann is not reached by mallory's automation
--
SET SESSION AUTHORIZATION regress_af_mallory;
CREATE TABLE above (id int PRIMARY KEY, owner_id text);
CREATE TABLE below (id int PRIMARY KEY, owner_id text, above_id int, n int);
CREATE OR REPLACE PROCEDURE auto(regclass, text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'update of ' || $2);
END $$;
SELECT relmeta.register_table('above', 'owner_id'), relmeta.register_table('below', 'owner_id');
SELECT relmeta.create_one_to_many('above', 'below', 'above_id', 'af_below');
SELECT relmeta.create_automation('af below', 'below', 'auto(regclass,text)');
INSERT INTO above VALUES (1, 'af_mallory'), (2, 'af_mallory');
INSERT INTO below VALUES (11, 'af_mallory', 1), (12, 'af_mallory', 2), (13, 'af_mallory', NULL);
SELECT relmeta.activate_automation('af below', NULL::text);
GRANT USAGE ON SCHEMA af TO regress_af_ann;
GRANT SELECT, INSERT, UPDATE, DELETE ON above, below TO regress_af_ann;
SET SESSION AUTHORIZATION regress_af_ann;
DELETE FROM af.above WHERE id = 1;
-- an UPDATE of her own is her own, whatever it is written as
UPDATE af.below SET n = 1 WHERE id = 11;
INSERT INTO af.below VALUES (12, 'af_mallory') ON CONFLICT (id) DO UPDATE SET n = 2;
MERGE INTO af.below AS b USING (VALUES (13)) AS v (id) ON b.id = v.id WHEN MATCHED THEN UPDATE SET n = 3;
RESET SESSION AUTHORIZATION;
SELECT who, what FROM public.af_seen;
-- => regress_af_mallory|update of 11, regress_af_ann|update of 11, regress_af_ann|update of 12, regress_af_ann|update of 13
DELETE FROM public.af_seen;

--
-- A merge moves links of N:N relationships that others have made with the table: their code is not left to run as whoever merges
--
CREATE SCHEMA af_ann AUTHORIZATION regress_af_ann;
GRANT USAGE ON SCHEMA af_ann TO regress_af_mallory;
SET SESSION AUTHORIZATION regress_af_ann;
CREATE TABLE af_ann.firm (id int PRIMARY KEY, active boolean DEFAULT true);
SELECT relmeta.register_table('af_ann.firm', state_column => 'active');
INSERT INTO af_ann.firm SELECT generate_series(1, 4);
GRANT SELECT, REFERENCES ON af_ann.firm TO regress_af_mallory;
SET SESSION AUTHORIZATION regress_af_mallory;
CREATE TABLE tag (id int PRIMARY KEY);
INSERT INTO tag VALUES (1), (2);
SELECT relmeta.create_many_to_many('af_ann.firm', 'tag', 'af tags', 'af.firm_tag');
INSERT INTO firm_tag VALUES (1, 1), (2, 1), (2, 2);
CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, TG_NAME || ' ' || TG_OP);
  RETURN NULL;
END $$;
CREATE TRIGGER now AFTER UPDATE OR DELETE ON firm_tag FOR EACH ROW EXECUTE FUNCTION spy();
CREATE CONSTRAINT TRIGGER later AFTER UPDATE OR DELETE ON firm_tag DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION spy();
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'DECLARE left_open CURSOR WITH HOLD FOR SELECT 1';
  RETURN NULL;
END $$;
SET SESSION AUTHORIZATION regress_af_ann;
SELECT * FROM relmeta.merge('af_ann.firm', 1, 2);
-- => af tags|1|1
SET SESSION AUTHORIZATION regress_af_mallory;
CREATE TRIGGER hold AFTER UPDATE ON firm_tag FOR EACH STATEMENT EXECUTE FUNCTION hold();
INSERT INTO firm_tag VALUES (3, 2);
SET SESSION AUTHORIZATION regress_af_ann;
SELECT * FROM relmeta.merge('af_ann.firm', 4, 3);
-- => WARNING:  01000: the links stay
RESET SESSION AUTHORIZATION;
SELECT who, what FROM public.af_seen ORDER BY 2, 1;
-- => regress_af_mallory|later DELETE, regress_af_mallory|later UPDATE, regress_af_mallory|now DELETE, regress_af_mallory|now UPDATE
DELETE FROM public.af_seen;
SET SESSION AUTHORIZATION regress_af_mallory;
DROP TABLE firm_tag;
RESET SESSION AUTHORIZATION;
DROP SCHEMA af_ann CASCADE;

--
-- A document is somebody else's: of types, functions and operators it names only a superuser's and the caller's
--
SET SESSION AUTHORIZATION regress_af_mallory;
CREATE FUNCTION checked(int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'a check');
  RETURN true;
END $$;
CREATE DOMAIN small AS int CHECK (af.checked(VALUE));
CREATE TYPE pair AS (a small, b int);
CREATE TYPE span AS RANGE (subtype = small, subtype_opclass = int4_ops);
CREATE TYPE colour AS ENUM ('red');
CREATE FUNCTION four_le(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR <= (FUNCTION = four_le, LEFTARG = int4, RIGHTARG = int4);
CREATE TYPE shade AS ENUM ('dark');
CREATE FUNCTION shade_out(shade) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.af_seen VALUES (current_user, 'a cast');
  RETURN 'x';
END $$;
CREATE CAST (shade AS text) WITH FUNCTION shade_out(shade) AS IMPLICIT;
CREATE DOMAIN abs AS int CHECK (af.checked(VALUE));
CREATE FUNCTION column_of(pg_catalog.pg_namespace) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION row_of(anyelement) RETURNS boolean LANGUAGE sql AS 'SELECT true';
RESET SESSION AUTHORIZATION;
\set VERBOSITY terse
CREATE FUNCTION pg_temp.made(type text, text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
SELECT i.action || ' ' || i.object FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'tables',
  jsonb_build_array(jsonb_build_object('name', 'af.made', 'key_column', 'id', 'columns', jsonb_build_array(
    '{"name": "id", "type": "int"}'::jsonb, jsonb_build_object('name', 'x', 'type', $1, 'default', $2))))), true, NULL, true) AS i
$$;
CREATE FUNCTION pg_temp.linked(attributes text, search_path text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
SELECT i.action || ' ' || i.object FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'many_to_many',
  jsonb_build_array(jsonb_build_object('name', 'af links', 'table1', 'af.above', 'table2', 'af.below', 'intersect_table', 'af.links',
    'attributes', $1, 'search_path', $2))), true) AS i
$$;
SELECT pg_temp.made('af.small', '1');
-- => ERROR:  $.tables[0].columns[1].type: type "small" is neither a superuser's nor yours
SELECT pg_temp.made('af.pair', '(1,2)');
-- => ERROR:  $.tables[0].columns[1].type: type "pair" is neither a superuser's nor yours
SELECT pg_temp.made('af.span[]', '{"[1,2)"}');
-- => ERROR:  $.tables[0].columns[1].type: type "span[]" is neither a superuser's nor yours
SELECT pg_temp.made('af.colour', 'red');
-- => created af.made
SELECT pg_temp.linked('x af.small');
-- => ERROR:  $.many_to_many[0].attributes: type "af.small" is neither a superuser's nor yours
SELECT pg_temp.linked('x text DEFAULT ''(1,2)''::af.pair::text');
-- => ERROR:  $.many_to_many[0].attributes: type "af.pair" is neither a superuser's nor yours
SELECT pg_temp.linked('x boolean DEFAULT af.checked(1)');
-- => ERROR:  $.many_to_many[0].attributes: function "af.checked" is neither a superuser's nor yours
SELECT pg_temp.linked('x boolean DEFAULT checked(1)', 'af');
-- => ERROR:  $.many_to_many[0].attributes: function "checked" is neither a superuser's nor yours
SELECT pg_temp.linked('x int CHECK (x BETWEEN 1 AND 9)', 'af, pg_catalog');
-- => ERROR:  $.many_to_many[0].attributes: operator "<=" is neither a superuser's nor yours
SELECT pg_temp.linked('x text DEFAULT ''dark''::af.shade');
-- => ERROR:  $.many_to_many[0].attributes: type "af.shade" is neither a superuser's nor yours
SELECT pg_temp.linked('x text CHECK (x > lower(y)), y af.shade');
-- => ERROR:  $.many_to_many[0].attributes: type "af.shade" is neither a superuser's nor yours
SELECT pg_temp.linked('x int DEFAULT abs(''7'')', 'af');
-- => ERROR:  $.many_to_many[0].attributes: type "abs" is neither a superuser's nor yours
SELECT pg_temp.linked('x int DEFAULT (NULL::pg_namespace).column_of', 'af');
-- => ERROR:  $.many_to_many[0].attributes: function "column_of" is neither a superuser's nor yours
SELECT pg_temp.linked('x int CHECK (links.row_of)', 'af');
-- => ERROR:  $.many_to_many[0].attributes: function "row_of" is neither a superuser's nor yours
SELECT pg_temp.linked('x boolean DEFAULT nowhere(1)');
-- => ERROR:  $.many_to_many[0].attributes: function "nowhere" does not exist
SELECT pg_temp.linked('x int CHECK (x BETWEEN 1 AND 9), y af.colour, z timestamptz DEFAULT now(), n bigserial, s text DEFAULT upper(''a'')');
-- => created af links
-- what a pending relationship names is found later: nothing is named where mallory may put something, or cast it
CREATE FUNCTION pg_temp.waiting(attributes text, search_path text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
SELECT i.action || ' ' || i.object FROM relmeta.import_metadata(jsonb_build_object('format', 'relmeta', 'version', 1, 'many_to_many',
  jsonb_build_array(jsonb_build_object('name', 'af waits', 'table1', 'af.above', 'table2', 'public.af_later', 'intersect_table',
    'public.af_waits', 'attributes', $1, 'search_path', $2))), true) AS i
$$;
CREATE FUNCTION af.upright() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT pg_temp.waiting('x text DEFAULT upper(''a'')', 'af, pg_catalog');
-- => ERROR:  $.many_to_many[0].attributes: schema "af" is neither a superuser's nor yours: what is found there may be another thing later
SELECT pg_temp.waiting('x int DEFAULT af.upright()');
-- => ERROR:  $.many_to_many[0].attributes: schema "af" is neither a superuser's nor yours: what is found there may be another thing later
SELECT pg_temp.waiting('x af.colour');
-- => ERROR:  $.many_to_many[0].attributes: type "af.colour" is neither a superuser's nor yours
SELECT pg_temp.waiting('x int DEFAULT 1 OPERATOR(nowhere.+) 2');
-- => ERROR:  $.many_to_many[0].attributes: schema "nowhere" does not exist
SELECT pg_temp.waiting('x int CHECK (x BETWEEN 1 AND 9), z timestamptz DEFAULT now(), s text DEFAULT upper(''a'')', 'public');
-- => created af waits
SELECT pg_temp.linked('x int DEFAULT af.upright()');
-- => created af links
SET SESSION AUTHORIZATION regress_af_mallory;
SELECT action, object FROM relmeta.import_metadata('{"format": "relmeta", "version": 1, "tables": [{"name": "af.own", "key_column": "id",
  "columns": [{"name": "id", "type": "int"}, {"name": "x", "type": "af.pair", "default": "(1,2)"}]}]}', create_tables => true);
-- => created|af.own
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who FROM public.af_seen;
-- => regress_af_mallory

--
-- Names of relationships are one space.  With if_not_exists, and in a document, what a stranger has declared is not taken for what is
-- meant: ann's links would call mallory's triggers
--
\set VERBOSITY sqlstate
CREATE SCHEMA af_ann AUTHORIZATION regress_af_ann;
GRANT USAGE ON SCHEMA af_ann TO regress_af_mallory;
SET SESSION AUTHORIZATION regress_af_ann;
CREATE TABLE af_ann.student (id int PRIMARY KEY);
CREATE TABLE af_ann.course (id int PRIMARY KEY);
GRANT REFERENCES ON af_ann.student, af_ann.course TO regress_af_mallory;
SELECT relmeta.register_table('af_ann.student');
CREATE PROCEDURE af_ann.auto(regclass, text) LANGUAGE sql AS '';
SET SESSION AUTHORIZATION regress_af_mallory;
SELECT relmeta.create_many_to_many('above', 'below', 'af taken');
-- => af taken
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'af enrolled', 'af.enrolled');
-- => af enrolled
SELECT relmeta.create_many_to_many('af_ann.later', 'af_ann.course', 'af waits', 'af.waits');
-- => af waits
SELECT relmeta.create_automation('af taken', 'above', 'auto(regclass,text)');
SET SESSION AUTHORIZATION regress_af_ann;
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'af taken', if_not_exists => true);
-- => ERROR:  42710
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'af enrolled', if_not_exists => true);
-- => ERROR:  42710
SELECT relmeta.create_many_to_many('af_ann.later', 'af_ann.course', 'af waits', if_not_exists => true);
-- => ERROR:  42710
SELECT relmeta.create_automation('af taken', 'af_ann.student', 'af_ann.auto(regclass,text)', if_not_exists => true);
-- => ERROR:  42710
SELECT * FROM relmeta.import_metadata('{"format": "relmeta", "version": 1, "many_to_many": [{"name": "af enrolled", "table1": "af_ann.student",
  "column1": "student_id", "table2": "af_ann.course", "column2": "course_id"}]}');
-- => ERROR:  42710
-- without a name hers is made, and found from then on
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', if_not_exists => true);
-- => student_course
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', if_not_exists => true);
-- => student_course
SELECT relmeta.create_many_to_many('af_ann.later', 'af_ann.course', if_not_exists => true);
-- => later_course
-- who may declare for the tables' owner finds what the owner declared, and what a superuser did
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'student_course', if_not_exists => true);
-- => student_course
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'af enrolled', if_not_exists => true);
-- => ERROR:  42710
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'af root', if_not_exists => true);
-- => af root
SET SESSION AUTHORIZATION regress_af_ann;
SELECT relmeta.create_many_to_many('af_ann.student', 'af_ann.course', 'af root', if_not_exists => true);
-- => af root
SET SESSION AUTHORIZATION regress_af_mallory;
SELECT relmeta.drop_relationship(n, true) FROM unnest('{af taken,af enrolled,af waits}'::text[]) AS n;
SELECT relmeta.drop_automation('af taken');
RESET SESSION AUTHORIZATION;
DROP SCHEMA af_ann CASCADE;

--
-- A preview takes what the action takes: to move a row write, append and share on it, append_to on where it goes
--
\set VERBOSITY sqlstate
SELECT relmeta.create_user('af_eve', 'regress_af_ann');
SET SESSION AUTHORIZATION regress_af_mallory;
TRUNCATE below, above;
INSERT INTO above VALUES (1, 'af_ann'), (2, 'af_ann');
INSERT INTO below VALUES (11, 'af_ann', 1), (12, 'af_ann', NULL);
SELECT relmeta.update_relationship('af_below', reparent => 'all');
SELECT relmeta.enable_access_control('above'), relmeta.enable_access_control('below');
CREATE FUNCTION given(above relmeta.access_right[], below relmeta.access_right[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
SELECT relmeta.modify_share('af.above', '2', 'af_eve', $1), relmeta.modify_share('af.below', k, 'af_eve', $2) FROM unnest('{11,12}'::text[]) AS k
$$;
SET SESSION AUTHORIZATION regress_af_ann;
SELECT af.given('{read,append_to}', '{read}');
SELECT count(*) FROM relmeta.preview('reparent', 'af.below', 12, relationship => 'af_below', other_key => '2');
-- => ERROR:  42501
SELECT af.given('{read,append_to}', '{read,write,share}');
SELECT count(*) FROM relmeta.preview('reparent', 'af.below', 12, relationship => 'af_below', other_key => '2');
-- => ERROR:  42501
SELECT af.given('{read}', '{read,write,append,share}');
SELECT count(*) FROM relmeta.preview('reparent', 'af.below', 12, relationship => 'af_below', other_key => '2');
-- => ERROR:  42501
SELECT af.given('{read,append_to}', '{read,write,append}');
SELECT count(*) > 0 FROM relmeta.preview('reparent', 'af.below', 12, relationship => 'af_below', other_key => '2');
-- => t
SELECT count(*) FROM relmeta.preview('reparent', 'af.below', 11, relationship => 'af_below', other_key => '2');
-- => ERROR:  42501
SELECT count(*) FROM relmeta.preview('reparent', 'af.below', 11, relationship => 'af_below');
-- => ERROR:  42501
SELECT count(*) FROM relmeta.preview('reparent', 'af.below', 12, relationship => 'af_below');
-- => 0
SELECT af.given('{read,append_to}', '{read,write,append,share}');
SELECT count(*) > 0 FROM relmeta.preview('reparent', 'af.below', 11, relationship => 'af_below', other_key => '2');
-- => t
SELECT af.given('{read}', '{read,write,share}');
SELECT count(*) > 0 FROM relmeta.preview('reparent', 'af.below', 11, relationship => 'af_below');
-- => t
RESET SESSION AUTHORIZATION;

--
-- A role that one has made is not one's own: it gives nothing, whatever membership PostgreSQL 16 and later make of the right to administer it
--
SET client_min_messages = warning;
CREATE ROLE regress_af_maker CREATEROLE;
SET SESSION AUTHORIZATION regress_af_maker;
CREATE ROLE regress_af_made;
RESET SESSION AUTHORIZATION;
CREATE SCHEMA af_maker AUTHORIZATION regress_af_maker;
CREATE SCHEMA af_made AUTHORIZATION regress_af_made;
GRANT USAGE ON SCHEMA af_maker, af_made TO PUBLIC;
SET SESSION AUTHORIZATION regress_af_maker;
CREATE TABLE af_maker.a (id int PRIMARY KEY);
CREATE TABLE af_maker.b (id int PRIMARY KEY);
GRANT REFERENCES ON af_maker.a, af_maker.b TO regress_af_made;
SET SESSION AUTHORIZATION regress_af_made;
CREATE DOMAIN af_made.small AS int CHECK (VALUE < 10);
SELECT relmeta.create_many_to_many('af_maker.a', 'af_maker.b', 'af theirs', 'af_made.links');
-- => af theirs
SET SESSION AUTHORIZATION regress_af_maker;
\set made 'SELECT action, object FROM relmeta.import_metadata(\'{"format": "relmeta", "version": 1, "tables": [{"name": "af_maker.made", "key_column": "id", "columns": [{"name": "id", "type": "int"}, {"name": "x", "type": "af_made.small", "default": "1"}]}]}\', true, NULL, true)'
\set linked 'SELECT action, object FROM relmeta.import_metadata(\'{"format": "relmeta", "version": 1, "many_to_many": [{"name": "af theirs", "table1": "af_maker.a", "table2": "af_maker.b"}]}\', true)'
:made;
-- => ERROR:  22023
:linked;
-- => ERROR:  42710
-- with its privileges, or the right to become it, it is
RESET SESSION AUTHORIZATION;
SET client_min_messages = error;
REVOKE regress_af_made FROM regress_af_maker;
GRANT regress_af_made TO regress_af_maker;
SET SESSION AUTHORIZATION regress_af_maker;
:made;
-- => created|af_maker.made
:linked;
-- => exists|af theirs
RESET SESSION AUTHORIZATION;
DROP SCHEMA af_maker, af_made CASCADE;
DROP ROLE regress_af_made, regress_af_maker;

SET client_min_messages = warning;
DROP TABLE public.af_seen;
DROP SCHEMA af CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{af_mallory,af_ann,af_eve}'::text[]) AS u;
-- => 3
DROP ROLE regress_af_mallory, regress_af_ann;
