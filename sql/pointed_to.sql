-- pointed_to: a row that is attached inherits from its primary row as that is when the statement's own effects are in, though the primary row was
-- looked at before, when the lookup was checked.  And an owner is known to be a principal as long as the transaction holds it.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_pointed_to;
CREATE SCHEMA pointed_to AUTHORIZATION regress_pointed_to;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob,cat,dan}'::text[]) u; END $$;
SET ROLE regress_pointed_to;
SET search_path = pointed_to;
CREATE TABLE company (id int PRIMARY KEY, owner text);
CREATE TABLE account (id int PRIMARY KEY, company_id int, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
INSERT INTO company VALUES (1, 'ann'), (2, 'ann');
INSERT INTO account VALUES (10, 1, 'ann'), (20, 2, 'ann');
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest('{company,account,contact}'::regclass[]) t;
  PERFORM relmeta.create_one_to_many('company', 'account', 'company_id', preset => 'parental', foreign_key => false);
  PERFORM relmeta.create_one_to_many('account', 'contact', 'account_id', reparent => 'all', share => 'all', foreign_key => false);
END $$;
CREATE VIEW held AS SELECT o.object_key AS key, o.principal, o.inherited_access_rights_mask AS mask
FROM relmeta.principal_object_access AS o WHERE o.relation = 'contact'::regclass ORDER BY 1, 2;

-- nothing else changes
INSERT INTO contact VALUES (100, 10, 'cat'), (101, 10, 'ann'), (102, NULL, 'cat');
TABLE held;
-- => 100|ann|851991
UPDATE contact SET account_id = 20 WHERE id = 102;
TABLE held;
-- => 100|ann|851991
-- => 102|ann|851991
-- to a row that is not there
INSERT INTO contact VALUES (103, 30, 'cat');
-- => 23503
-- a cascade of the statement gives the primary row to somebody else
WITH c AS (UPDATE company SET owner = 'bob' WHERE id = 1 RETURNING id) INSERT INTO contact SELECT 104, 10, 'cat' FROM c;
TABLE held;
-- => 100|bob|851991
-- => 101|bob|851991
-- => 102|ann|851991
-- => 104|bob|851991
-- the statement itself has, whatever comes first; ann has the company still, and inherits from that
WITH c AS (UPDATE account SET owner = 'bob' WHERE id = 20 RETURNING id) INSERT INTO contact SELECT 105, id, 'cat' FROM c;
TABLE held;
-- => 100|bob|851991
-- => 101|bob|851991
-- => 102|ann|851991
-- => 102|bob|851991
-- => 104|bob|851991
-- => 105|ann|851991
-- => 105|bob|851991
-- rights that were given between two statements count
SELECT relmeta.share('account', 10, 'dan');
-- => 4
INSERT INTO contact VALUES (106, 10, 'cat');
SELECT principal, mask FROM held WHERE key = '106';
-- => bob|851991
-- => dan|1

-- an owner who has left in the same transaction is none
BEGIN;
INSERT INTO contact VALUES (110, NULL, 'dan');
INSERT INTO contact VALUES (111, NULL, 'dan');
DELETE FROM contact WHERE owner = 'dan';
RESET ROLE;
SELECT relmeta.drop_principal('dan');
-- =>
SET ROLE regress_pointed_to;
INSERT INTO contact VALUES (112, NULL, 'dan');
-- => 23503
ROLLBACK;
-- one who came and went with a savepoint is none
BEGIN;
SAVEPOINT s;
RESET ROLE;
SELECT relmeta.create_user('eve');
-- =>
SET ROLE regress_pointed_to;
INSERT INTO contact VALUES (113, NULL, 'eve');
ROLLBACK TO s;
INSERT INTO contact VALUES (114, NULL, 'eve');
-- => 23503
ROLLBACK;

RESET ROLE;
DROP SCHEMA pointed_to CASCADE;
DROP ROLE regress_pointed_to;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob,cat,dan}'::text[]) u; END $$;
