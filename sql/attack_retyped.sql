-- attack_retyped: what a statement has read of keys in one type it hands to no plan that takes another: the input function of a key's type, where that may be
-- anybody's (N:N), runs code that gives the other end another type, and makes the plan anew.  It ended the server.  SEMANTICS 2.4; ATTACKS 56.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_art_mal;
CREATE SCHEMA art AUTHORIZATION regress_art_mal;
SET SESSION AUTHORIZATION regress_art_mal;
SET search_path = art;
CREATE TABLE flag (call text);
CREATE FUNCTION hook(v int) RETURNS boolean LANGUAGE plpgsql SET search_path = art AS $$
DECLARE
  called text;
BEGIN
  DELETE FROM flag RETURNING call INTO called;
  IF called IS NOT NULL THEN
    EXECUTE called;
  END IF;
  RETURN true;
END $$;
CREATE DOMAIN checked AS int CHECK (hook(VALUE));
CREATE TYPE range AS RANGE (subtype = checked);
CREATE TABLE p (id range PRIMARY KEY);
CREATE TABLE q (id int PRIMARY KEY);
INSERT INTO p VALUES ('[1,1]');
INSERT INTO q VALUES (5), (7);
SELECT relmeta.create_many_to_many('p', 'q', 'art_links', 'links');
-- => art_links
SELECT relmeta.register_table('q');

-- each function once to have its plan, then with what retypes in the middle, and calls it once more
CREATE FUNCTION try(call text, other text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text;
BEGIN
  DELETE FROM flag;
  EXECUTE call INTO before;
  BEGIN
    INSERT INTO flag SELECT format('DO %L', format('BEGIN PERFORM relmeta.alter_column_type(''q'', ''id'', ''text''); %s; END', replace(other, 'SELECT', 'PERFORM')));
    EXECUTE call INTO before;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'TT000', DETAIL = before;
  EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
  END;
END $$;
SELECT call, try(call, other) FROM (VALUES
  ('SELECT relmeta.associate(''art_links'', ''[1,1]'', ''5'', if_not_exists => true)', 'SELECT relmeta.associate(''art_links'', ''[1,1]'', ''7'', if_not_exists => true)'),
  ('SELECT relmeta.is_associated(''art_links'', ''[1,1]'', ''5'')', 'SELECT relmeta.is_associated(''art_links'', ''[1,1]'', ''7'')'),
  ('SELECT relmeta.associated(''art_links'', ''[1,1]'')', 'SELECT relmeta.associated(''art_links'', ''[1,1]'')'),
  ('SELECT relmeta.associated_with_all(''art_links'', ''{"[1,1]"}'', side => 2)', 'SELECT relmeta.associated_with_all(''art_links'', ''{"[1,1]"}'', side => 2)'),
  ('SELECT relmeta.disassociate(''art_links'', ''[1,1]'', ''5'')', 'SELECT relmeta.disassociate(''art_links'', ''[1,1]'', ''7'')')) AS c(call, other);
-- => 40001 of each
SELECT pg_typeof(id) FROM q LIMIT 1;
-- => integer
SELECT relmeta.associate('art_links', '[1,1]', '5');
-- => 1
SELECT * FROM links;

RESET SESSION AUTHORIZATION;
DROP SCHEMA art CASCADE;
DROP ROLE regress_art_mal;
