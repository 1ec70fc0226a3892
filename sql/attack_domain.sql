-- The domain of an owner column is an ordinary role's, who changes its check afterwards: what the check raises refuses the value, and
-- stops nobody who has not named the table.  SEMANTICS 2.2.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_do_mal;
CREATE ROLE regress_do_ann;
SELECT relmeta.create_user('do_mal', 'regress_do_mal'), relmeta.create_user('do_ann', 'regress_do_ann'), relmeta.create_user('do_cat');
CREATE SCHEMA dom AUTHORIZATION regress_do_mal;
GRANT USAGE ON SCHEMA dom TO PUBLIC;
SET search_path = dom;

SET SESSION AUTHORIZATION regress_do_mal;
CREATE DOMAIN who AS text;
CREATE TABLE t (id int PRIMARY KEY, owner who);
CREATE TABLE u (id int PRIMARY KEY, owner text);
INSERT INTO t VALUES (1, 'do_mal'), (2, 'do_cat');
INSERT INTO u VALUES (1, 'do_mal');
SELECT relmeta.register_table('t', 'owner'), relmeta.register_table('u', 'owner');
SELECT relmeta.share('t', 1, 'do_ann'), relmeta.share('u', 1, 'do_ann');
GRANT SELECT ON t, u TO regress_do_ann;
CREATE FUNCTION checked(value text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF value = current_setting('dom.refused', true) THEN
    RAISE EXCEPTION 'not %', value;
  END IF;
  RETURN true;
END $$;
ALTER DOMAIN who ADD CHECK (dom.checked(VALUE));

-- ann's own lists
SET SESSION AUTHORIZATION regress_do_ann;
SET dom.refused = 'do_ann';
SELECT relation FROM relmeta.shared_with();
-- => u
SELECT relmeta.has_access('t', 1, 'read'), relmeta.has_access('u', 1, 'read');
-- => f|t
SELECT count(*) FROM relmeta.principal_object_access;
-- => 1
RESET dom.refused;
SELECT relation FROM relmeta.shared_with() ORDER BY 1;
-- => t and u

-- an administrator's work is done elsewhere, and what fails ends no more than its statement
RESET SESSION AUTHORIZATION;
SET dom.refused = 'do_cat';
SELECT relmeta.create_user('do_dan');
SELECT relmeta.reassign_owned('do_mal', 'do_cat');
-- => 1
SELECT id, owner FROM t ORDER BY id;
-- => as they were
SELECT relmeta.assign('t', 1, 'do_cat');
-- => ERROR:  22023
SELECT 1;
-- => 1
BEGIN;
SAVEPOINT before;
SELECT relmeta.assign('t', 1, 'do_cat');
-- => ERROR:  22023
ROLLBACK TO before;
COMMIT;
CREATE TABLE kept (n int);
DO $$
BEGIN
  INSERT INTO dom.kept VALUES (1);
  PERFORM relmeta.assign('dom.t', 1, 'do_cat');
EXCEPTION WHEN OTHERS THEN
  NULL;
END $$;
SELECT count(*) FROM kept;
-- => 0
SELECT count(*) FROM relmeta.verify() WHERE problem LIKE '%looked at%';
-- => 0

RESET dom.refused;
RESET search_path;
DROP SCHEMA dom CASCADE;
SELECT relmeta.drop_principal(u) FROM unnest('{do_mal,do_ann,do_cat,do_dan}'::text[]) AS u;
DROP ROLE regress_do_mal, regress_do_ann;
