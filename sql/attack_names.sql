-- Attacks by names, types and OIDs: tables that are called like SQL, like a temporary one, like each other; a search_path that holds what
-- relmeta calls; keys of types of one's own.  SEMANTICS 2; ATTACKS 51, 52, 53, 54.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_an_owner;
CREATE ROLE regress_an_bob;
SELECT relmeta.create_user('an_ann'), relmeta.create_user('an_bob', 'regress_an_bob'), relmeta.create_user('an_cat');
CREATE SCHEMA an AUTHORIZATION regress_an_owner;
CREATE SCHEMA an_other AUTHORIZATION regress_an_owner;
CREATE SCHEMA an_bob AUTHORIZATION regress_an_bob;
GRANT USAGE ON SCHEMA an, an_other TO regress_an_bob;
GRANT USAGE ON SCHEMA an_bob TO PUBLIC;
CREATE TABLE public.an_seen (who text, what text);
GRANT INSERT ON public.an_seen TO PUBLIC;

--
-- Names: all that is done with one, in the words of the next (ATTACKS 53)
--
SET SESSION AUTHORIZATION regress_an_owner;
SET search_path = an;
CREATE TABLE name (no serial, name text);
INSERT INTO name (name) VALUES ('plain'), ('a""b.c'), (E'new\nline\ttab\\'), ('%s %1$I $1 $$'), ('''; DROP TABLE an.plain; --'), ('an.plain'), ('😀 🐘'), ('select'), (repeat('é', 31) || 'x'), (repeat('日', 21)),
  ('-- /*'), (' '), ('pg_temp'), ('Ünï "q" ''s''');
CREATE FUNCTION lives(n text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  t regclass; l regclass; column1 text := left(n, 20) || 'k'; r text; result text := '';
BEGIN
  EXECUTE format('CREATE TABLE an.%I (%I int PRIMARY KEY, %I text)', n, column1, left(n, 20) || 'o');
  EXECUTE format('CREATE TABLE an.%I (id int PRIMARY KEY, owner text)', left(n, 15) || ' line');
  t := format('an.%I', n)::regclass;
  l := format('an.%I', left(n, 15) || ' line')::regclass;
  PERFORM relmeta.register_table(t, left(n, 20) || 'o'), relmeta.register_table(l, 'owner');
  r := relmeta.create_one_to_many(t, l, left(n, 20) || 'l', left(n, 20), 'parental');
  PERFORM relmeta.create_many_to_many(t::text, l::text, left(n, 20) || '2', format('an.%I', left(n, 15) || ' link'), attributes => format('%I int', left(n, 20)));
  EXECUTE format('INSERT INTO %s VALUES (1, ''an_ann''), (2, ''an_ann'')', t);
  EXECUTE format('INSERT INTO %s VALUES (1, ''an_ann'', 1), (2, ''an_ann'', 2)', l);
  PERFORM relmeta.enable_access_control(t), relmeta.enable_access_control(l);
  result := result || relmeta.share(t, 1, 'an_cat', '{read}') || relmeta.assign(t, 2, 'an_cat') || relmeta.associate(left(n, 20) || '2', 1, 2);
  result := result || relmeta.has_access(t, 1, 'read', 'an_cat') || relmeta.has_access(l, 2, 'write', 'an_cat') || relmeta.has_access(l, 1, 'write', 'an_cat');
  result := result || (SELECT count(*) FROM relmeta.explain_access(l, 1, 'an_cat') WHERE relationship = r AND source_table = t);
  result := result || relmeta.unshare(t, 1, 'an_cat') || relmeta.associated(left(n, 20) || '2', 1);
  PERFORM relmeta.describe(t), relmeta.export_metadata(ARRAY[t, l]), relmeta.er_diagram(tables => ARRAY[t, l]), relmeta.preview('delete', t, 1);
  result := result || (SELECT count(*) FROM relmeta.verify() WHERE relation IN (t, l));
  PERFORM relmeta.alter_column_type(t, column1, 'bigint');
  EXECUTE format('DELETE FROM %s', t);
  PERFORM relmeta.drop_relationship(r, true), relmeta.drop_relationship(left(n, 20) || '2', true), relmeta.disable_access_control(t), relmeta.disable_access_control(l);
  PERFORM relmeta.unregister_table(t), relmeta.unregister_table(l);
  EXECUTE format('DROP TABLE %s, %s', t, l);
  RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT lives(name), count(*), CASE WHEN count(*) < 3 THEN string_agg(name, ', ') END FROM (SELECT * FROM name ORDER BY no) AS n GROUP BY 1;
-- => one line: all names live alike

-- two schemas alike, and a temporary table of bob's in front of them
CREATE TABLE an.account (id int PRIMARY KEY, owner text);
CREATE TABLE an_other.account (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{an.account,an_other.account}'::regclass[]) AS t;
INSERT INTO an.account VALUES (1, 'an_bob'), (2, 'an_ann');
INSERT INTO an_other.account VALUES (1, 'an_ann'), (2, 'an_bob');
GRANT SELECT, UPDATE ON an.account, an_other.account TO regress_an_bob;
SELECT relmeta.enable_access_control(t) FROM unnest('{an.account,an_other.account}'::regclass[]) AS t;
SET SESSION AUTHORIZATION regress_an_bob;
CREATE TEMP TABLE account (id int PRIMARY KEY, owner text);
INSERT INTO account VALUES (1, 'an_bob'), (2, 'an_bob');
SELECT relmeta.share('account', 2, 'an_cat');
-- => ERROR:  42704
SELECT relmeta.register_table('account', 'owner');
-- => ERROR:  0A000
SELECT relmeta.enable_access_control('account');
-- => ERROR:  42704
SELECT relmeta.share('an.account', 2, 'an_cat');
-- => ERROR:  P0002
SELECT relmeta.share('an.account', 1, 'an_cat'), relmeta.share('an_other.account', 2, 'an_cat');
-- => 1|1
SELECT t, k, relmeta.has_access(t, k, 'read') FROM unnest('{an.account,an_other.account}'::regclass[]) AS t, generate_series(1, 2) AS k ORDER BY 1, 2;
SELECT string_agg(id::text, ',') FROM an.account UNION ALL SELECT string_agg(id::text, ',') FROM an_other.account;
-- => 1
-- => 2
RESET SESSION AUTHORIZATION;
SELECT relation, object_key, principal FROM relmeta.principal_object_access WHERE relation IN ('an.account'::regclass, 'an_other.account'::regclass) ORDER BY 1;
-- => an.account|1|an_cat
-- => an_other.account|2|an_cat
SET SESSION AUTHORIZATION regress_an_bob;
DROP TABLE pg_temp.account;

--
-- What relmeta calls, by the same name, first in the caller's search_path (ATTACKS 52)
--
CREATE FUNCTION an_bob.told(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.an_seen VALUES (current_user, what); END $$;
CREATE FUNCTION an_bob.yes(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM an_bob.told('int ='); RETURN true; END $$;
CREATE FUNCTION an_bob.yes(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM an_bob.told('text ='); RETURN true; END $$;
CREATE OPERATOR an_bob.= (LEFTARG = int, RIGHTARG = int, FUNCTION = an_bob.yes);
CREATE OPERATOR an_bob.= (LEFTARG = text, RIGHTARG = text, FUNCTION = an_bob.yes);
DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY string_to_array('owned(text,int,text);shared(text,int,int);noted(text,int,text);has_access(regclass,text,text);act_as(text);current_principal();current_principals();count();unnest(text[]);'
      'quote_ident(text);format(text,text);to_regclass(text);array_agg(text);lower(text);length(text);set_config(text,text,boolean);current_setting(text);generate_series(int,int);now()', ';') LOOP
    EXECUTE format('CREATE FUNCTION an_bob.%s RETURNS text LANGUAGE plpgsql AS %L', f, format('BEGIN PERFORM an_bob.told(%L); RETURN NULL; END', f));
  END LOOP;
  FOREACH f IN ARRAY '{regclass,text,name,int4,bool,oid,access_right,behavior}'::text[] LOOP
    EXECUTE format('CREATE DOMAIN an_bob.%I AS pg_catalog.text CHECK (an_bob.told(%L) IS NULL)', f, f);
  END LOOP;
  FOREACH f IN ARRAY '{pg_class,pg_attribute,registered_table,relationship,principal,team_member,account}'::text[] LOOP
    EXECUTE format('CREATE TABLE an_bob.%I (id int4)', f);
  END LOOP;
END $$;
SET search_path = an_bob, pg_catalog;
SELECT id FROM an.account;
-- => 1
SELECT relmeta.has_access('an.account', 1, 'read'), relmeta.has_access('an.account', 2, 'read'), relmeta.principal_access('an.account', 2), relmeta.current_principals();
-- => t|f|{}|{an_bob}
SELECT relmeta.share('an.account', 1, 'an_cat', '{read,write}'), relmeta.unshare('an.account', 1, 'an_cat'), relmeta.share('an_other.account', 2, 'an_cat', '{write}');
-- => 1|1|1
SELECT ground, rights FROM relmeta.explain_access('an.account', 1);
-- => owner|{read,write,append,append_to,delete,share,assign}
SELECT relmeta.assign('an.account', 1, 'an_ann');
-- => 1
SELECT relmeta.assign('an.account', 2, 'an_bob');
-- => ERROR:  P0002
UPDATE an.account SET owner = 'an_bob';
SET search_path = an;
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who, what FROM public.an_seen;
-- => none
SELECT id, owner FROM an.account ORDER BY id;
-- => 1|an_ann
-- => 2|an_ann

--
-- Keys of types of his own: what they call is called as him (ATTACKS 51)
--
SET SESSION AUTHORIZATION regress_an_bob;
SET search_path = an_bob, pg_catalog;
DROP DOMAIN an_bob.text CASCADE;
CREATE TYPE evil AS ENUM ('1', '2');
CREATE FUNCTION evil_text(evil) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM an_bob.told('a cast'); RETURN '2'; END $$;
CREATE CAST (evil AS text) WITH FUNCTION evil_text(evil) AS ASSIGNMENT;
CREATE FUNCTION evil_int(evil) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM an_bob.told('a cast'); RETURN 2; END $$;
CREATE CAST (evil AS int) WITH FUNCTION evil_int(evil) AS ASSIGNMENT;
CREATE FUNCTION checked(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM an_bob.told('a check'); RETURN true; END $$;
CREATE DOMAIN evil_domain AS int CHECK (an_bob.checked(VALUE));
CREATE TYPE evil_row AS (a evil_domain, b evil);
CREATE TYPE evil_range AS RANGE (subtype = evil);
SELECT relmeta.share('an_other.account', '2'::evil, 'an_cat'), relmeta.share('an_other.account', 2::evil_domain, 'an_cat');
-- => 0|0
SELECT relmeta.share('an_other.account', ROW(2), 'an_cat');
-- => ERROR:  22P02
SELECT relmeta.share('an_other.account', ROW(2, '2')::evil_row, 'an_cat');
-- => ERROR:  22P02
SELECT relmeta.share('an_other.account', '[1,2]'::evil_range, 'an_cat');
-- => ERROR:  22P02
SELECT relmeta.share('an_other.account', ARRAY['2'::evil], 'an_cat');
-- => ERROR:  22P02
SELECT relmeta.has_access('an_other.account', '1'::evil, 'read'), relmeta.has_access('an_other.account', '2'::evil, 'read'), relmeta.assign('an_other.account', '2'::evil, 'an_bob');
-- => f|t|0
SELECT relmeta.has_access('an_other.account', ROW('1'::evil), 'read');
-- => ERROR:  22P02
RESET SESSION AUTHORIZATION;
SELECT DISTINCT who FROM public.an_seen;
-- => regress_an_bob: the checks of his domain, by his own query
RESET search_path;

--
-- Relations of another kind than those of sql/arguments.sql: a foreign table, one that is in a schema of PostgreSQL's, one that is gone (ATTACKS 54)
--
CREATE FOREIGN DATA WRAPPER an_wrapper;
CREATE SERVER an_server FOREIGN DATA WRAPPER an_wrapper;
CREATE FOREIGN TABLE an.far (id int, owner text) SERVER an_server;
CREATE TABLE an.gone (id int PRIMARY KEY);
SELECT 'an.gone'::regclass::oid AS gone \gset
DROP TABLE an.gone;
CREATE FUNCTION an.said(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE call text; result text := '';
BEGIN
  FOREACH call IN ARRAY ARRAY['register_table($1)', 'create_one_to_many($1, $1, ''up'')', 'enable_access_control($1)', 'share($1, 1, ''an_cat'')', 'has_access($1, 1, ''read'')', 'assign($1, 1, ''an_cat'')',
      'alter_column_type($1, ''id'', ''bigint'')', 'merge($1, 1, 2)', 'preview(''delete'', $1, 1)'] LOOP
    BEGIN
      EXECUTE 'SELECT relmeta.' || call USING relation;
      result := result || ' ok';
    EXCEPTION WHEN OTHERS THEN result := result || ' ' || SQLSTATE;
    END;
  END LOOP;
  RETURN result;
END $$;
SELECT t, an.said(t) FROM unnest('{an.far,pg_class,information_schema.tables,pg_stat_activity}'::regclass[]) AS t;
SELECT an.said(:gone);
SET SESSION AUTHORIZATION regress_an_bob;
SET search_path = pg_catalog;
SELECT t, an.said(t) FROM unnest('{an.far,relmeta.relationship,pg_authid}'::regclass[]) AS t;
RESET SESSION AUTHORIZATION;

DROP FOREIGN DATA WRAPPER an_wrapper CASCADE;
DROP SCHEMA an, an_other, an_bob CASCADE;
DROP TABLE public.an_seen;
SELECT relmeta.drop_principal(p) FROM unnest('{an_ann,an_bob,an_cat}'::text[]) AS p;
DROP ROLE regress_an_owner, regress_an_bob;
