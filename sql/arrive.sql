-- arrive: under a deferred key a row may point to a key that no row has yet.  Whichever statement gives a row that key, it is
-- inherited from as if the lookup had been set then; what was inherited from a former row of that key goes.  What another
-- session's row gives: test/specs/access_arrive.spec.  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_arrive;
CREATE SCHEMA arrive AUTHORIZATION regress_arrive;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob,cat,dan}'::text[]) u; END $$;
SET ROLE regress_arrive;
SET search_path = arrive;

CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE visit (id int PRIMARY KEY, owner text, account_id int REFERENCES account DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE note (id int PRIMARY KEY);
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest('{account,visit}'::regclass[]) AS t;
  PERFORM relmeta.create_one_to_many('account', 'visit', 'account_id', 'visits', reparent => 'all', share => 'all', unshare => 'all',
    delete => 'restrict');
  PERFORM relmeta.create_one_to_many('visit', 'note', 'visit_id', 'notes', reparent => 'all', share => 'all', delete => 'all');
END $$;
CREATE FUNCTION held() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT relation || ' ' || object_key || ': ' || string_agg(principal || ' ' || rights, ', ' ORDER BY principal)
  FROM (SELECT relation, object_key, principal, replace(inherited_access_rights_mask::text, '851991', 'all') AS rights
    FROM relmeta.principal_object_access WHERE inherited_access_rights_mask <> 0 AND principal <> 'bob') AS e
  GROUP BY relation, object_key ORDER BY relation::text, object_key::int
$$;
-- account 1 is ann's, and dan may read it; account 2 is bob's, as all visits are, and cat may write it
CREATE PROCEDURE again() LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM visit;
  DELETE FROM account;
  INSERT INTO account VALUES (1, 'ann'), (2, 'bob');
  PERFORM relmeta.share('account', 1, 'dan', '{read}'), relmeta.share('account', 2, 'cat', '{write}');
  INSERT INTO visit VALUES (10, 'bob', 1), (20, 'bob', 2);
  INSERT INTO note VALUES (100, 10), (200, 20);
END $$;
CALL again();
SELECT held();
-- => note 100: ann all, dan 1
-- => note 200: cat 2
-- => visit 10: ann all, dan 1
-- => visit 20: cat 2

-- a row gets the key that is waited for: what is below inherits, too
BEGIN;
UPDATE visit SET account_id = 5 WHERE id = 10;
SELECT held();
-- => note 200: cat 2
-- => visit 20: cat 2
UPDATE account SET id = 5 WHERE id = 1;
SELECT held();
-- => note 100: ann all, dan 1
-- => note 200: cat 2
-- => visit 10: ann all, dan 1
-- => visit 20: cat 2
COMMIT;
SELECT held();
-- => note 100: ann all, dan 1
-- => note 200: cat 2
-- => visit 10: ann all, dan 1
-- => visit 20: cat 2

-- in a savepoint that is undone it has not got it: the check of the key says so
BEGIN;
UPDATE visit SET account_id = 6 WHERE id = 10;
SAVEPOINT a;
UPDATE account SET id = 6 WHERE id = 5;
ROLLBACK TO a;
SELECT held();
-- => note 200: cat 2
-- => visit 20: cat 2
COMMIT;
-- => ERROR:  23503

-- an inserted row counts the same; what is granted before the commit, by a relationship that shares nothing on, stays where it is
SELECT relmeta.update_relationship('visits', share => 'none', revoke_inherited => false);
-- => 
BEGIN;
UPDATE visit SET account_id = 7 WHERE id = 10;
INSERT INTO account VALUES (7, 'cat');
SELECT relmeta.share('account', 7, 'dan', '{delete}');
-- => 1
SELECT held();
-- => note 100: cat all
-- => note 200: cat 2
-- => visit 10: cat all
-- => visit 20: cat 2
COMMIT;
SELECT held();
-- => note 100: cat all
-- => note 200: cat 2
-- => visit 10: cat all
-- => visit 20: cat 2
SELECT relmeta.update_relationship('visits', share => 'all');
-- => 

-- a row that is deleted and made anew under its key is another one
CALL again();
BEGIN;
DELETE FROM account WHERE id = 1;
INSERT INTO account VALUES (1, 'cat');
SELECT held();
-- => note 100: cat all
-- => note 200: cat 2
-- => visit 10: cat all
-- => visit 20: cat 2
COMMIT;
SELECT held();
-- => note 100: cat all
-- => note 200: cat 2
-- => visit 10: cat all
-- => visit 20: cat 2

-- so is one that gets the key of a row that has gone, or has got another
CALL again();
BEGIN;
DELETE FROM account WHERE id = 1;
UPDATE account SET id = 1 WHERE id = 2;
-- what points to nothing inherits nothing
SELECT held();
-- => note 100: cat 2
-- => visit 10: cat 2
UPDATE visit SET account_id = 1 WHERE id = 20;
COMMIT;
SELECT held();
-- => note 100: cat 2
-- => note 200: cat 2
-- => visit 10: cat 2
-- => visit 20: cat 2
CALL again();
BEGIN;
UPDATE account SET id = 3 WHERE id = 1;
UPDATE account SET id = 1 WHERE id = 2;
UPDATE account SET id = 2 WHERE id = 3;
COMMIT;
SELECT held();
-- => note 100: cat 2
-- => note 200: ann all, dan 1
-- => visit 10: cat 2
-- => visit 20: ann all, dan 1

-- rows that follow a key are not reparented
ALTER TABLE visit DROP CONSTRAINT visit_account_id_fkey,
  ADD CONSTRAINT visit_account_id_fkey FOREIGN KEY (account_id) REFERENCES account ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
CALL again();
SELECT relmeta.update_relationship('visits', share => 'none', revoke_inherited => false);
-- => 
SELECT relmeta.share('account', 1, 'cat', '{delete}');
-- => 1
BEGIN;
UPDATE visit SET account_id = 3 WHERE id = 20;
UPDATE account SET id = 3 WHERE id = 1;
SELECT held();
-- => note 100: ann all, dan 1
-- => note 200: ann all, cat 65536, dan 1
-- => visit 10: ann all, dan 1
-- => visit 20: ann all, cat 65536, dan 1
COMMIT;
SELECT id, account_id FROM visit ORDER BY 1;
-- => 10|3
-- => 20|3

-- many rows, more than memory holds, and a key without row at the end
SELECT relmeta.update_relationship('visits', share => 'all');
-- => 
CALL again();
SET work_mem = '64kB';
BEGIN;
INSERT INTO visit SELECT i, 'bob', i FROM generate_series(1001, 6000) AS i;
INSERT INTO account SELECT i, 'ann' FROM generate_series(1001, 6000) AS i;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'visit'::regclass AND principal = 'ann';
-- => 5001
COMMIT;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'visit'::regclass AND principal = 'ann';
-- => 5001
RESET work_mem;
INSERT INTO visit VALUES (30, 'bob', 9);
-- => ERROR:  23503

-- a row that gets a key may close a circle, as one that is inserted
CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2);
SELECT relmeta.create_one_to_many('node', 'node', 'up', 'nodes', is_hierarchical => true);
-- => nodes
BEGIN;
UPDATE node SET up = 9 WHERE id = 1;
UPDATE node SET id = 9 WHERE id = 3;
-- => ERROR:  23514
ROLLBACK;
BEGIN;
UPDATE node SET up = 9 WHERE id = 2;
UPDATE node SET id = 9 WHERE id = 1;
COMMIT;
TABLE node ORDER BY id;
-- => 2|9
-- => 3|2
-- => 9|

-- one more key of the lookup's, to another unique column, that is never deferred and says more of a delete, changes none of it
ALTER TABLE account ADD other int UNIQUE;
DELETE FROM visit;
DELETE FROM account;
INSERT INTO account VALUES (1, 'ann', 5), (2, 'cat', 1);
ALTER TABLE visit ADD CONSTRAINT another FOREIGN KEY (account_id) REFERENCES account (other) ON UPDATE CASCADE ON DELETE CASCADE,
  DROP CONSTRAINT visit_account_id_fkey, ADD FOREIGN KEY (account_id) REFERENCES account DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO visit VALUES (50, 'bob', 5);
SELECT held();
-- => none
INSERT INTO account VALUES (5, 'dan', 6);
SELECT held();
-- => visit 50: dan all
COMMIT;
-- what a row leaves that gets another key, or goes, is looked at
BEGIN;
UPDATE account SET id = 7 WHERE id = 5;
SELECT held();
-- => none
UPDATE account SET id = 5 WHERE id = 2;
SELECT held();
-- => visit 50: cat all
COMMIT;
BEGIN;
DELETE FROM account WHERE id = 5;
SELECT held();
-- => none
INSERT INTO account VALUES (5, 'dan', 8);
SELECT held();
-- => visit 50: dan all
COMMIT;

-- The file of the rows that wait may not grow: the statement is undone, and the transaction goes on with those before it, or,
-- when a row is in the file in part, is refused.
CREATE TABLE crate (id text PRIMARY KEY, owner text);
CREATE TABLE item (id text PRIMARY KEY, owner text, crate_id text REFERENCES crate DEFERRABLE INITIALLY DEFERRED);
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest('{crate,item}'::regclass[]) AS t;
  PERFORM relmeta.create_one_to_many('crate', 'item', 'crate_id', reparent => 'all', delete => 'restrict');
END $$;
RESET ROLE;
CREATE FUNCTION fill(n int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  failed boolean = false;
BEGIN
  FOR i IN 1..n LOOP
    BEGIN
      INSERT INTO item SELECT 'i' || i * 1000 + g, 'bob', 'c' || i * 1000 + g FROM generate_series(1, 200) AS g;
    EXCEPTION WHEN insufficient_resources THEN
      failed = true;
    END;
  END LOOP;
  RETURN failed;
END $$;
SET temp_file_limit = 0;
SET work_mem = '256kB';
BEGIN;
SELECT fill(60);
-- => t
SET temp_file_limit = -1;
INSERT INTO crate SELECT crate_id, 'ann' FROM item;
COMMIT;
SELECT count(*) > 0, count(*) = count(e.*) FROM item LEFT JOIN relmeta.principal_object_access AS e
  ON e.relation = 'item'::regclass AND e.object_key = item.id AND e.principal = 'ann';
-- => t|t
DELETE FROM item;
DELETE FROM crate;
SET temp_file_limit = '100kB';
SET work_mem = '64kB';
BEGIN;
SELECT fill(60);
-- => t
SET temp_file_limit = -1;
INSERT INTO crate SELECT crate_id, 'ann' FROM item;
-- => ERROR:  53000
ROLLBACK;
RESET temp_file_limit;
RESET work_mem;
SELECT count(*) FROM pg_ls_tmpdir() WHERE name LIKE format('pgsql_tmp%s.%%', pg_backend_pid());
-- => 0

SELECT * FROM relmeta.verify();
DROP SCHEMA arrive CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob,cat,dan}'::text[]) u; END $$;
DROP ROLE regress_arrive;
