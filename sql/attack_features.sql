-- Attacks through what stands on top: merges, automations, mappings, documents.  mallory, an ordinary role, tries to have his
-- code run as somebody else, or to learn what is hidden from him.  docs/security.md.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_af_mallory;
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

DROP TABLE public.af_seen;
DROP SCHEMA af CASCADE;
SELECT relmeta.drop_principal('af_mallory'), relmeta.drop_principal('af_ann');
DROP ROLE regress_af_mallory;
