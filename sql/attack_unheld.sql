-- attack_unheld: what a role asks about a table that it has no privilege on keeps no lock of it, whose owner could not alter it until the
-- asking transaction ends; and who asks for a change of his own rights that changes nothing keeps none but to read.  SEMANTICS 2.5; ATTACKS 62.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_au_owner;
CREATE ROLE regress_au_mal;
CREATE SCHEMA au AUTHORIZATION regress_au_owner;
GRANT USAGE ON SCHEMA au TO regress_au_mal;
SELECT relmeta.create_user('au_ann'), relmeta.create_user('au_mal', 'regress_au_mal');
SET SESSION AUTHORIZATION regress_au_owner;
SET search_path = au;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, owner text, account_id int);
CREATE TABLE part (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
CREATE TABLE part_1_1 PARTITION OF part_1 DEFAULT;
CREATE TABLE tag (id int PRIMARY KEY);
INSERT INTO account VALUES (1, 'au_ann'), (2, 'au_ann'), (3, 'au_mal');
INSERT INTO part VALUES (1, 'au_ann');
INSERT INTO tag VALUES (1);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{account,contact,part}'::regclass[]) AS t;
-- => 3
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'au_contacts', preset => 'parental'),
  relmeta.create_many_to_many('account', 'tag', 'au_links', 'links'), relmeta.create_many_to_many('part', 'tag', 'au_parts', 'parts');
-- => au_contacts|au_links|au_parts
INSERT INTO contact VALUES (11, 'au_ann', 1);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,contact,part}'::regclass[]) AS t;
SELECT relmeta.share(t, 1, 'au_mal', '{read,append,share}') FROM unnest('{account,part}'::regclass[]) AS t;
-- => 1
-- => 1
GRANT SELECT ON contact TO regress_au_mal;

-- what is locked of the schema's tables, their entries and indexes, but of the one that mal may select from
CREATE FUNCTION held() RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$
  SELECT coalesce(string_agg(DISTINCT c.relname || ' ' || mode, ', '), 'none') FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
  WHERE l.pid = pg_backend_pid() AND relnamespace::regnamespace::text IN ('au', 'relmeta_access') AND c.relname !~ '^contact' $$;
-- what a call says, and what is locked then
CREATE PROCEDURE ask(question text) LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE 'SELECT string_agg(r::text, '';'') FROM (SELECT ' || question || ') AS r' INTO answer;
  RAISE WARNING USING MESSAGE = concat_ws(' ', answer, '-', au.held()), ERRCODE = '01000';
  ROLLBACK;
END $$;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA au TO regress_au_mal;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_au_mal;
SET search_path = au;
\set VERBOSITY terse

-- of rows that he holds rights on, holds none on, owns, and that are missing
CALL ask($$relmeta.has_access('account', key, 'read') FROM generate_series(1, 4) AS key$$);
-- => WARNING:  (f);(f);(f);(f) - none
CALL ask($$relmeta.has_access('part', '1', 'read')$$);
-- => WARNING:  (f) - none
CALL ask($$relmeta.principal_access('account', key) FROM generate_series(1, 4) AS key$$);
-- => WARNING:  ({});({});({});({}) - none
-- of somebody else, which his right to share lets him
CALL ask($$relmeta.has_access('account', 1, 'read', 'au_ann'), relmeta.principal_access('account', '1', 'au_ann')$$);
-- => WARNING:  (f,{}) - none
CALL ask($$relmeta.has_access('part', 1, 'read', 'au_ann')$$);
-- => WARNING:  (f) - none
CALL ask($$count(*) FROM relmeta.explain_access('account', 1, 'au_ann')$$);
-- => WARNING:  (0) - none
CALL ask($$relmeta.has_access('account', 2, 'read', 'au_ann')$$);
-- => ERROR:  permission denied to ask what another principal holds on a row of table "account"
CALL ask($$count(*) FROM relmeta.explain_access('account', 1)$$);
-- => WARNING:  (0) - none
CALL ask($$count(*) FROM relmeta.shared_principals('account', 1)$$);
-- => WARNING:  (0) - none
CALL ask($$count(*) FROM relmeta.shared_with(NULL, 'account')$$);
-- => WARNING:  (0) - none
CALL ask($$count(*) FROM relmeta.principal_object_access WHERE relation = 'account'::regclass$$);
-- => WARNING:  (0) - none
CALL ask($$relmeta.merged_into('account', 1) IS NULL$$);
-- => WARNING:  (t) - none
-- of a row that he may read, and inherits from others that he may not
CALL ask($$ground, source_table, source_key FROM relmeta.explain_access('contact', 11)$$);
-- => WARNING:  (inherited,account,) - none
-- what policies call, by hand
CALL ask($$relmeta.shared('au.account', 1, 1)$$);
-- => WARNING:  (t) - none
CALL ask($$relmeta.shared_keys('au.account', 1, 1)$$);
-- => WARNING:  ({1}) - none
CALL ask($$relmeta.link_shown('au.links', 4, 1, 1), relmeta.link_judged('au.links', 4, 1, 1)$$);
-- => WARNING:  (t,t) - none
CALL ask($$relmeta.link_shown('au.parts', 4, 1, 1)$$);
-- => WARNING:  (t) - none

-- nothing of his own is changed: what he may read anyway is locked to be read
RESET SESSION AUTHORIZATION;
GRANT SELECT ON au.account TO regress_au_mal;
SET SESSION AUTHORIZATION regress_au_mal;
CREATE TEMP TABLE calls AS SELECT unnest(ARRAY[$$unshare('account', 1, 'au_mal', '{delete}')$$, $$unshare('account', 3, 'au_mal')$$,
  $$modify_share('account', 1, 'au_mal', '{read,append,share}')$$, $$share('account', 1, 'au_mal', '{}')$$,
  $$unshare_many('account', '{1,3}', '{au_mal}', '{delete}')$$, $$share_many('account', '{1}', '{}', '{read}')$$]) AS call;
DO $$
DECLARE
  call text;
  answer text;
BEGIN
  FOR call IN SELECT c.call FROM pg_temp.calls AS c LOOP
    EXECUTE 'SELECT relmeta.' || call INTO answer;
    RAISE WARNING '% %', answer, (SELECT coalesce(string_agg(DISTINCT mode, ', '), 'none') FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
      WHERE l.pid = pg_backend_pid() AND relnamespace::regnamespace::text IN ('au', 'relmeta_access'));
  END LOOP;
END $$;
-- => WARNING:  0 AccessShareLock
-- => WARNING:  0 AccessShareLock
-- => WARNING:  0 AccessShareLock
-- => WARNING:  0 AccessShareLock
-- => WARNING:  0 AccessShareLock
-- => WARNING:  0 AccessShareLock
DROP TABLE calls;

RESET SESSION AUTHORIZATION;
DROP SCHEMA au CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{au_ann,au_mal}'::text[]) AS p;
DROP OWNED BY regress_au_mal;
DROP ROLE regress_au_owner, regress_au_mal;
