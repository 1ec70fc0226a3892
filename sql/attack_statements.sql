-- Attacks on a controlled table by statements: bob, an ordinary role, tries to see, change or get hold of ann's rows by every
-- kind of statement that PostgreSQL has.  SEMANTICS 2.5 "Access control".
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_as_owner;
CREATE ROLE regress_as_bob;
SELECT relmeta.create_user('as_ann'), relmeta.create_user('as_bob', 'regress_as_bob');
CREATE SCHEMA ats AUTHORIZATION regress_as_owner;
GRANT ALL ON SCHEMA ats TO regress_as_bob;
SET SESSION AUTHORIZATION regress_as_owner;
SET search_path = ats;
CREATE TABLE account (id int PRIMARY KEY, note text UNIQUE, owner_id text);
CREATE TABLE item (id int PRIMARY KEY, note text, account_id int);
GRANT SELECT, INSERT, UPDATE, DELETE ON account, item TO regress_as_bob;
SELECT relmeta.register_table('account', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', preset => 'parental', assign => 'none');
INSERT INTO account VALUES (1, 'bob 1', 'as_bob'), (2, 'secret 2', 'as_ann'), (3, 'bob 3', 'as_bob'), (4, 'secret 4', 'as_ann');
INSERT INTO item VALUES (1, 'bob i1', 1), (2, 'secret i2', 2), (3, 'bob i3', 3), (4, 'secret i4', 4);
SELECT relmeta.enable_access_control(t) FROM unnest('{account,item}'::regclass[]) AS t;
SET SESSION AUTHORIZATION regress_as_bob;
SELECT id FROM account UNION ALL SELECT id FROM item ORDER BY 1;
-- => 1
-- => 1
-- => 3
-- => 3

--
-- ON CONFLICT shows or changes the row that it meets (ATTACKS 12)
--
INSERT INTO account VALUES (2, 'x', 'as_bob') ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING *;
-- => ERROR:  42501
INSERT INTO account VALUES (2, 'x', 'as_bob') ON CONFLICT (id) DO UPDATE SET note = 'hack' WHERE account.note LIKE 'secret%' RETURNING *;
-- => ERROR:  42501
INSERT INTO account VALUES (2, 'x', 'as_bob') ON CONFLICT (id) DO NOTHING RETURNING *;
-- => none
INSERT INTO account VALUES (9, 'secret 2', 'as_bob') ON CONFLICT (note) DO UPDATE SET owner_id = 'as_bob' RETURNING *;
-- => ERROR:  42501
INSERT INTO account VALUES (9, 'secret 2', 'as_bob') ON CONFLICT DO NOTHING RETURNING *;
-- => none
INSERT INTO account VALUES (2, 'x', 'as_bob');
-- => ERROR:  23505
-- a key and owner that the statement itself has just inserted, in the same command
INSERT INTO account VALUES (20, 'x', 'as_bob'), (2, 'y', 'as_bob') ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING *;
-- => ERROR:  42501
-- of a table without owner column, below a row of his own (ATTACKS 13)
INSERT INTO item VALUES (2, 'x', 1) ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING *;
-- => ERROR:  42501
INSERT INTO item VALUES (2, 'x', 1) ON CONFLICT (id) DO UPDATE SET account_id = 1 RETURNING *;
-- => ERROR:  42501
INSERT INTO item VALUES (2, 'x', 1) ON CONFLICT DO NOTHING RETURNING *;
-- => none
INSERT INTO item VALUES (2, 'x', 2) ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING *;
-- => ERROR:  42501
-- his own is his
INSERT INTO item VALUES (1, 'x', 1) ON CONFLICT (id) DO UPDATE SET note = 'bob i1, again' RETURNING *;
-- => 1|bob i1, again|1
-- refused when it conflicts with a row that he may not read, whatever he inserts: an owner of another's is refused first
INSERT INTO account VALUES (2, 'x', 'as_ann') ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING *;
-- => ERROR:  42501

--
-- MERGE (ATTACKS 14)
--
MERGE INTO account AS t USING (VALUES (2)) AS s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = 'hack';
MERGE INTO account AS t USING (VALUES (2)) AS s(id) ON t.id = s.id WHEN MATCHED THEN DELETE;
MERGE INTO account AS t USING (VALUES (2)) AS s(id) ON t.id = s.id WHEN MATCHED THEN DO NOTHING;
MERGE INTO account AS t USING (VALUES (2)) AS s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = 'hack'
  WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'x', 'as_bob');
-- => ERROR:  23505
MERGE INTO account AS t USING (VALUES (30)) AS s(id) ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'x', 'as_ann');
-- => ERROR:  42501
MERGE INTO account AS t USING (SELECT * FROM account) AS s ON t.id = s.id + 1 WHEN MATCHED THEN UPDATE SET owner_id = 'as_bob';
MERGE INTO item AS t USING (VALUES (1)) AS s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET account_id = 2;
-- => ERROR:  42501

--
-- The note of a statement's own new row admits nothing else (ATTACKS 15, 16, 18)
--
BEGIN;
WITH u AS (UPDATE account SET owner_id = 'as_ann' WHERE id = 3 RETURNING *) SELECT t.id, u.id FROM account AS t, u ORDER BY t.id;
-- => 1|3
-- => 3|3
SELECT id FROM account ORDER BY id;
-- => 1
-- given away: not his to write any more, in the same transaction
UPDATE account SET note = 'again' WHERE id = 3 RETURNING *;
-- => none
DELETE FROM account WHERE id = 3 RETURNING *;
-- => none
ROLLBACK;
BEGIN;
WITH i AS (INSERT INTO account VALUES (40, 'x', 'as_bob') RETURNING id)
  UPDATE account SET note = 'hack' FROM i WHERE account.id IN (2, 4) RETURNING *;
-- => none
ROLLBACK;
BEGIN;
DO $$ BEGIN INSERT INTO ats.account VALUES (2, 'x', 'as_bob'); EXCEPTION WHEN unique_violation THEN NULL; END $$;
SELECT * FROM account WHERE id = 2;
-- => none
SAVEPOINT s;
INSERT INTO account VALUES (4, 'x', 'as_bob');
-- => ERROR:  23505
ROLLBACK TO s;
SELECT * FROM account WHERE id = 4;
-- => none
COMMIT;
-- a key of hers, with his owner or hers (ATTACKS 17)
UPDATE account SET id = 2 WHERE id = 1;
-- => ERROR:  23505
UPDATE account SET id = 2, owner_id = 'as_ann' WHERE id = 1;
-- => ERROR:  23505
UPDATE item SET account_id = 2 WHERE id = 1;
-- => ERROR:  42501
UPDATE item SET account_id = 99 WHERE id = 1;
-- => ERROR:  42501
UPDATE item SET account_id = 1 WHERE id = 2;
-- the right to insert under a row that is only his to read
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('ats.account', 4, 'as_bob', '{read}');
-- => 2
SET SESSION AUTHORIZATION regress_as_bob;
INSERT INTO item VALUES (50, 'x', 4);
-- => ERROR:  42501
INSERT INTO account VALUES (4, 'x', 'as_bob') ON CONFLICT (id) DO UPDATE SET note = 'hack' RETURNING *;
-- => ERROR:  42501
INSERT INTO account VALUES (4, 'x', 'as_bob') ON CONFLICT (id) DO NOTHING RETURNING *;
-- => none

--
-- Locks need write (ATTACKS 21)
--
SELECT id FROM account WHERE id = 4;
-- => 4
SELECT id FROM account WHERE id IN (2, 4) FOR UPDATE;
-- => none
SELECT id FROM account WHERE id IN (2, 4) FOR NO KEY UPDATE SKIP LOCKED;
-- => none
SELECT id FROM account WHERE id IN (2, 4) FOR SHARE;
-- => none
SELECT id FROM account WHERE id IN (2, 4) FOR KEY SHARE NOWAIT;
-- => none
RESET SESSION AUTHORIZATION;
SELECT relmeta.unshare('ats.account', 4, 'as_bob');
-- => 2
SET SESSION AUTHORIZATION regress_as_bob;

--
-- Copies (ATTACKS 22, 26)
--
COPY account TO STDOUT;
COPY (SELECT * FROM item) TO STDOUT;
COPY account FROM PROGRAM 'true';
-- => ERROR:  42501
\copy account FROM /dev/null
-- => ERROR:  0A000
CREATE TABLE ats.mine AS SELECT * FROM account;
SELECT count(*) FROM mine WHERE note LIKE 'secret%';
-- => 0
SELECT * INTO ats.mine2 FROM item;
SELECT count(*) FROM mine2 WHERE note LIKE 'secret%';
-- => 0
CREATE MATERIALIZED VIEW ats.mine3 AS SELECT * FROM account;
REFRESH MATERIALIZED VIEW mine3;
SELECT count(*) FROM mine3 WHERE note LIKE 'secret%';
-- => 0
DROP TABLE mine, mine2;
DROP MATERIALIZED VIEW mine3;
TABLE account ORDER BY id;
-- => 1|bob 1|as_bob
-- => 3|bob 3|as_bob
SET row_security = off;
SELECT * FROM account;
-- => ERROR:  42501
COPY account TO STDOUT;
-- => ERROR:  42501
UPDATE account SET note = 'hack';
-- => ERROR:  42501
SET row_security = on;

--
-- Views and functions: those of the table's owner show what he sees (PostgreSQL's own), bob's own only what bob does (ATTACKS 25, 27)
--
CREATE VIEW ats.mine AS SELECT * FROM account;
CREATE FUNCTION ats.mine() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM ats.account';
SELECT count(*), mine() FROM mine;
-- => 2|2
CREATE RULE hack AS ON UPDATE TO mine DO INSTEAD UPDATE account SET note = 'hack';
UPDATE mine SET note = 'x';
-- => ERROR:  23505
SET SESSION AUTHORIZATION regress_as_owner;
CREATE FUNCTION ats.owners() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM ats.account';
CREATE VIEW ats.open_view AS SELECT * FROM account;
CREATE VIEW ats.closed_view WITH (security_invoker) AS SELECT * FROM account;
GRANT SELECT ON open_view, closed_view TO regress_as_bob;
SET SESSION AUTHORIZATION regress_as_bob;
SELECT owners(), (SELECT count(*) FROM open_view), (SELECT count(*) FROM closed_view);
-- => 4|4|2
SET SESSION AUTHORIZATION regress_as_owner;
SELECT relation, object, problem FROM relmeta.verify() WHERE relation::text NOT LIKE '%.%' ORDER BY 1, 2, 3;
-- => mine|mine|is a view over a controlled table that is read as the view's owner
-- => open_view|open_view|is a view over a controlled table that is read as the view's owner

--
-- What belongs to the owner alone
--
SET SESSION AUTHORIZATION regress_as_bob;
ALTER TABLE account DISABLE ROW LEVEL SECURITY;
-- => ERROR:  42501
ALTER TABLE account DISABLE TRIGGER ALL;
-- => ERROR:  42501
DROP POLICY relmeta_select ON account;
-- => ERROR:  42501
CREATE POLICY p ON account USING (true);
-- => ERROR:  42501
CREATE TRIGGER t BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_judge_update();
-- => ERROR:  42501
TRUNCATE account;
-- => ERROR:  42501
SELECT relmeta.disable_access_control('account');
-- => ERROR:  42501
SELECT relmeta.enable_access_control('account', everyone => '{read}');
-- => ERROR:  42501
SELECT relmeta.register_table('account', '');
-- => ERROR:  42501
SELECT relmeta.alter_column_type('account', 'owner_id', 'varchar');
-- => ERROR:  42501
SELECT relmeta.create_one_to_many('account', 'item', 'id', 'hack');
-- => ERROR:  42501
SET session_replication_role = replica;
-- => ERROR:  42501
-- his own relationship, in which hers is the primary table, is not his to declare; nor one that gives him access
CREATE TABLE trap (id int PRIMARY KEY, account_id int, owner_id text);
SELECT relmeta.create_one_to_many('trap', 'account', 'trap_id', preset => 'parental');
-- => ERROR:  42501
SELECT relmeta.create_one_to_many('account', 'trap', 'account_id');
-- => ERROR:  42501
-- policies and triggers of the owner's own that widen what relmeta gives are lines of verify() (ATTACKS 28, 29, 31)
SET SESSION AUTHORIZATION regress_as_owner;
CREATE POLICY open ON account USING (true);
GRANT TRUNCATE, TRIGGER ON item TO regress_as_bob;
ALTER TABLE item DISABLE ROW LEVEL SECURITY;
DROP POLICY relmeta_delete ON item;
ALTER TABLE item DISABLE TRIGGER USER;
SELECT relation, object, problem FROM relmeta.verify() WHERE relation = 'account'::regclass ORDER BY 1, 2, 3;
-- => account|open|a permissive policy of somebody else's opens rows
SELECT relation, object, problem FROM relmeta.verify() WHERE relation = 'item'::regclass AND problem !~ 'disabled' ORDER BY 1, 2, 3;
-- => item|item|its row-level security is off
-- => item|regress_as_bob|holds TRUNCATE, TRIGGER on a controlled table
-- => item|relmeta_delete|policy is missing
SELECT count(*) > 5 FROM relmeta.verify() WHERE relation = 'item'::regclass AND problem ~ 'disabled';
-- => t
SELECT relmeta.repair() > 0;
-- => t
SELECT relation, object, problem FROM relmeta.verify() WHERE relation IN ('account'::regclass, 'item'::regclass) ORDER BY 1, 2, 3;
-- => account|open|a permissive policy of somebody else's opens rows
-- => item|regress_as_bob|holds TRUNCATE, TRIGGER on a controlled table
DROP POLICY open ON account;
-- a holder of TRIGGER hangs a function on the related table; TRUNCATE removes hidden rows: PostgreSQL's own (ATTACKS 31)
SET SESSION AUTHORIZATION regress_as_bob;
CREATE FUNCTION ats.who() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'as %', current_user; RETURN NEW; END $$;
CREATE TRIGGER who AFTER UPDATE ON item FOR EACH ROW EXECUTE FUNCTION who();
TRUNCATE item;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM ats.item;
-- => 0

RESET SESSION AUTHORIZATION;
DROP SCHEMA ats CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{as_ann,as_bob}'::text[]) AS p;
DROP ROLE regress_as_owner, regress_as_bob;
