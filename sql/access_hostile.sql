-- Code that a user hangs on his own types, tables and policies never runs with another's rights.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ah_mallory;
SELECT relmeta.create_user('ah_mal', 'regress_ah_mallory'), relmeta.create_user('ah_ann'), relmeta.create_user('ah_bob');
CREATE SCHEMA ah AUTHORIZATION regress_ah_mallory;
GRANT USAGE ON SCHEMA ah TO PUBLIC;
SET SESSION AUTHORIZATION regress_ah_mallory;
SET search_path = ah;

--
-- Casts of a type of one's own
--
CREATE TYPE who AS ENUM ('ah_ann', 'ah_bob', 'ah_mal');
CREATE FUNCTION spell(w who) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RAISE WARNING 'spelt by %', current_user;
  RETURN textin(enum_out(w));
END $$;
CREATE CAST (who AS text) WITH FUNCTION spell(who);
CREATE TABLE account (id who PRIMARY KEY, owner_id who);
SELECT relmeta.register_table('account', 'owner_id');
INSERT INTO account VALUES ('ah_ann', 'ah_ann');
SELECT relmeta.share('account', 'ah_ann', 'ah_bob');
-- => 1
SELECT * FROM relmeta.principal_object_access WHERE relation = 'account'::regclass;
-- => account|ah_ann|ah_bob|1|0
SELECT principal, direct FROM relmeta.shared_principals('account', 'ah_ann');
-- => ah_bob|{read}
SELECT * FROM relmeta.explain_access('account', 'ah_ann'::who, 'ah_bob');
-- => direct||{read}||account|ah_ann|0
-- nor of the types that entries get when columns do
CREATE FUNCTION read(t text) RETURNS who LANGUAGE plpgsql AS $$
BEGIN
  RAISE WARNING 'read by %', current_user;
  RETURN t;
END $$;
SELECT relmeta.alter_column_type('account', 'owner_id', 'text');
CREATE CAST (text AS who) WITH FUNCTION read(text);
SELECT relmeta.alter_column_type('account', 'id', 'text'), relmeta.alter_column_type('account', 'owner_id', 'who');
SELECT * FROM relmeta.principal_object_access WHERE relation = 'account'::regclass;
-- => account|ah_ann|ah_bob|1|0
DROP TABLE account;

--
-- The checks of a domain, of which every table of the database may hold one
--
CREATE FUNCTION allowed(value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'regress_ah_mallory' THEN
    RAISE WARNING 'checked by %', current_user;
  END IF;
  RETURN true;
END $$;
CREATE DOMAIN checked AS text CHECK (ah.allowed(value));
CREATE TABLE account (id int PRIMARY KEY, owner_id checked);
SELECT relmeta.register_table('account', 'owner_id');
INSERT INTO account VALUES (1, 'ah_ann');
SELECT relmeta.share('account', 1, 'ah_bob');
-- => 1
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.shared_with('ah_bob');
-- => account|1|{read}|{}|
SELECT relmeta.has_access('ah.account', 1, 'read', 'ah_bob');
-- => t
SELECT relmeta.revoke_all('ah_bob'), relmeta.reassign_owned('ah_ann', 'ah_mal');
-- => 1|1
SELECT relmeta.drop_principal('ah_ann'), relmeta.drop_principal('ah_bob');

--
-- The policies of a table whose owner shared a row with somebody, who named no table
--
CREATE ROLE regress_ah_eve;
SELECT relmeta.create_user('ah_eve', 'regress_ah_eve');
SET SESSION AUTHORIZATION regress_ah_mallory;
CREATE FUNCTION asked() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE WARNING 'asked by %', current_user;
  RETURN true;
END $$;
GRANT SELECT ON account TO PUBLIC;
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY asked ON account USING (ah.asked());
SELECT relmeta.share('account', 1, 'ah_eve');
-- => 1
SET SESSION AUTHORIZATION regress_ah_eve;
SELECT * FROM relmeta.principal_object_access;
-- => account|1|ah_eve|1|0
SELECT * FROM relmeta.shared_with(relation => 'account');
-- => account|1|{read}|{}|
-- without a relation it asks only what is harmless, and plans nothing as the caller
\set VERBOSITY default
SELECT * FROM relmeta.shared_with();
-- => none
\set VERBOSITY terse
SET SESSION AUTHORIZATION regress_ah_mallory;
CREATE FUNCTION folded() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF session_user <> 'regress_ah_mallory' THEN RAISE WARNING 'folded by %', current_user; END IF;
  RETURN 0;
END $$;
CREATE INDEX ON account ((id + ah.folded()));
-- a policy, and whether shared_with() can ask it
CREATE PROCEDURE try(policy text, kind text DEFAULT 'PERMISSIVE', who text DEFAULT 'PUBLIC') LANGUAGE plpgsql AS $$
DECLARE p name;
BEGIN
  FOR p IN SELECT policyname FROM pg_policies WHERE schemaname = 'ah' AND tablename = 'account' AND policyname <> 'all' LOOP
    EXECUTE format('DROP POLICY %I ON ah.account', p);
  END LOOP;
  EXECUTE format('CREATE POLICY tried ON ah.account AS %s FOR SELECT TO %s USING (%s)', kind, who, policy);
END $$;
CREATE FUNCTION other(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT ah.asked() $$;
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, NEGATOR = !==);
CREATE OPERATOR !== (LEFTARG = int, RIGHTARG = int, FUNCTION = other, NEGATOR = ===);
CREATE DOMAIN harmful AS int CHECK (ah.asked());
CREATE FUNCTION ah_read(int) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT ah.asked() $$;
CALL try($$relmeta.has_access('ah.account', id, 'read')$$);
\c -
SET SESSION AUTHORIZATION regress_ah_eve;
SELECT * FROM relmeta.shared_with();
-- => ah.account|1|{read}|{}|
SET SESSION AUTHORIZATION regress_ah_mallory;
CALL ah.try($$owner_id::text = 'ah_mal' AND CURRENT_USER = 'regress_ah_eve' AND id IN (1, 2) AND relmeta.current_principal() = 'ah_eve'$$);
SET SESSION AUTHORIZATION regress_ah_eve;
SELECT * FROM relmeta.shared_with();
-- => ah.account|1|{read}|{}|
SET SESSION AUTHORIZATION regress_ah_mallory;
CALL ah.try('id = 2');
SET SESSION AUTHORIZATION regress_ah_eve;
SELECT * FROM relmeta.shared_with();
-- => none
SET SESSION AUTHORIZATION regress_ah_mallory;
CALL ah.try('true', who => 'regress_ah_mallory');
SET SESSION AUTHORIZATION regress_ah_eve;
SELECT * FROM relmeta.shared_with();
-- => none
-- what is left out
SET SESSION AUTHORIZATION regress_ah_mallory;
CREATE TABLE ah.tag (id int PRIMARY KEY);
SELECT relmeta.create_many_to_many('ah.account', 'ah.tag', 'ah_tagged', 'ah.tagged');
-- => ah_tagged
CREATE INDEX ON ah.tagged ((tag_id + ah.folded()));
CREATE POLICY asked ON ah.tagged USING (ah.asked());
ALTER TABLE ah.tagged ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ah.tagged TO PUBLIC;
CREATE TABLE ah.attempt (n serial, policy text);
GRANT SELECT ON ah.attempt TO PUBLIC;
INSERT INTO ah.attempt (policy) VALUES ('ah.asked()'), ('NOT id OPERATOR(ah.===) 1'), ('NOT id OPERATOR(ah.===) ANY (ARRAY[1, 2])'), ('id::ah.harmful = 1'),
  ('EXISTS (SELECT FROM ah.account AS a)'), ('ah.ah_read(id)'), ('account.* IS NOT NULL'), ('pg_sleep(0) IS NOT NULL'),
  ($$relmeta.share('ah.account', id, 'ah_eve') = 0$$), ($$query_to_xml('SELECT ah.asked()', true, true, '') IS NULL$$),
  ($$set_config('ah.x', 'y', false) = 'y'$$), ('NOT relmeta.is_associated(''ah_tagged'', id, 1)'), ('ctid IS NOT NULL'), ('(id, 1) = (1, 1) AND nextval(''ah.attempt_n_seq'') > 0');
SELECT format('SET SESSION AUTHORIZATION regress_ah_mallory; CALL ah.try(%L); SET SESSION AUTHORIZATION regress_ah_eve; SELECT %L, count(*) FROM relmeta.shared_with();', policy, policy) FROM ah.attempt ORDER BY n \gexec
-- => ah.asked(): 0
SET SESSION AUTHORIZATION regress_ah_mallory;
CALL ah.try('true');
CREATE POLICY "all" ON ah.account AS RESTRICTIVE USING (ah.asked());
SET SESSION AUTHORIZATION regress_ah_eve;
SELECT * FROM relmeta.shared_with();
-- => none
RESET SESSION AUTHORIZATION;

--
-- A schema that somebody made before the extension came (ATTACKS 66)
--
SET client_min_messages = warning;
BEGIN;
DROP EXTENSION relmeta;
ALTER SCHEMA relmeta OWNER TO regress_ah_mallory;
CREATE EXTENSION relmeta;
-- => ERROR:  schema "relmeta" belongs to role "regress_ah_mallory"
\echo :LAST_ERROR_SQLSTATE
-- => 55000
ROLLBACK;

DROP SCHEMA ah CASCADE;
SELECT relmeta.drop_principal('ah_mal'), relmeta.drop_principal('ah_eve');
DROP ROLE regress_ah_mallory, regress_ah_eve;
