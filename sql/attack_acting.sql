-- Code of a table's owner, called by what relmeta does on that table as he, while a session acts as somebody: it is the owner's own,
-- and nobody's else, not only by role but also by relmeta.principal.  docs/security.md, "As whom things run".
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_ag_app;
CREATE ROLE regress_ag_owner;
CREATE ROLE regress_ag_mal;
GRANT EXECUTE ON FUNCTION relmeta.act_as TO regress_ag_app;
SELECT relmeta.create_user('ag_ann'), relmeta.create_user('ag_mal', 'regress_ag_mal');
CREATE SCHEMA ag;
GRANT ALL ON SCHEMA ag TO PUBLIC;
SET search_path = ag;

SET SESSION AUTHORIZATION regress_ag_owner;
CREATE TABLE doc (id int PRIMARY KEY, owner text, body text);
INSERT INTO doc VALUES (1, 'ag_ann', 'of ann');
SELECT relmeta.register_table('doc', owner_column => 'owner');
SELECT relmeta.enable_access_control('doc');
GRANT SELECT, UPDATE ON doc TO regress_ag_mal, regress_ag_app;

-- mal may not read doc's row; his table has a function in the predicate of its index, which the planner calls
SET SESSION AUTHORIZATION regress_ag_mal;
SELECT count(*) FROM doc;
-- => 0
CREATE TABLE seen (call text, role name, principal text, body text, shared text);
CREATE FUNCTION try_share() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN relmeta.share('ag.doc', '1', 'ag_mal', '{read,write,share}');
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate;
END $$;
CREATE FUNCTION note() RETURNS void LANGUAGE sql AS $$
  INSERT INTO ag.seen VALUES (current_setting('ag.call'), current_user, relmeta.current_principal(), (SELECT body FROM ag.doc), ag.try_share())
$$;
CREATE FUNCTION spy(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('ag.call', true) <> '' THEN
    PERFORM ag.note();
  END IF;
  RETURN i;
END $$;
CREATE TABLE trap (id int PRIMARY KEY, owner text, above int REFERENCES trap);
INSERT INTO trap VALUES (1, 'ag_mal', NULL), (2, 'ag_mal', 1);
SELECT relmeta.register_table('trap', owner_column => 'owner');
SELECT relmeta.create_one_to_many('trap', 'trap', 'above', 'trap_trap', 'parental', is_hierarchical => true);
SELECT relmeta.share('trap', '1', 'ag_ann', '{read,share}');
ALTER TABLE trap ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON trap USING (true);
CREATE INDEX trap_spies ON trap (id) WHERE ag.spy(1) = 1;
GRANT SELECT ON trap TO regress_ag_app;

-- ann's session names no table of mal's
SET SESSION AUTHORIZATION regress_ag_app;
BEGIN;
SELECT relmeta.act_as('ag_ann');
SET LOCAL ag.call = 'shared_with';
SELECT relation, key FROM relmeta.shared_with();
-- => rows 1 and 2 of trap
SELECT count(*) FROM relmeta.shared_with('ag_ann');
-- => 2
SELECT relmeta.current_principal();
-- => ag_ann
COMMIT;

-- nor does an administrator who acts as her
RESET SESSION AUTHORIZATION;
SET relmeta.principal = 'ag_ann';
SET ag.call = 'verify';
SELECT count(*) FROM relmeta.verify();
-- => 0
SET ag.call = 'revoke_all';
SELECT relmeta.revoke_all('ag_ann');
-- => 2
SET ag.call = 'reassign_owned';
SELECT relmeta.reassign_owned('ag_mal', 'ag_mal');
SET ag.call = 'reset';
SELECT relmeta.reset_inherited_access('trap_trap') > 0;
-- => t
CALL relmeta.run_jobs();
SET ag.call = 'REINDEX';
REINDEX TABLE trap;
SET ag.call = '';
RESET relmeta.principal;
-- whichever of these have had a query planned
SELECT count(DISTINCT call) > 1 FROM seen;
-- => t
SELECT DISTINCT role, principal, body, shared FROM seen;
-- => regress_ag_mal|ag_mal||P0002
SET SESSION AUTHORIZATION regress_ag_mal;
SELECT count(*) FROM doc;
-- => 0

RESET SESSION AUTHORIZATION;
RESET search_path;
DROP SCHEMA ag CASCADE;
SELECT relmeta.drop_principal('ag_ann'), relmeta.drop_principal('ag_mal');
REVOKE EXECUTE ON FUNCTION relmeta.act_as FROM regress_ag_app;
DROP ROLE regress_ag_app, regress_ag_owner, regress_ag_mal;
