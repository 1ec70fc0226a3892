-- citext: keys and owners that compare without regard to case, with the type in a schema that is on nobody's search_path.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SELECT count(*) = 0 AS missing FROM pg_available_extensions WHERE name = 'citext' \gset
\if :missing
\echo skipped: citext is not installed
\quit
\endif
CREATE ROLE regress_citext;
CREATE SCHEMA "odd place";
CREATE EXTENSION citext SCHEMA "odd place";
CREATE SCHEMA ci AUTHORIZATION regress_citext;
GRANT USAGE ON SCHEMA "odd place" TO regress_citext;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{Ada,Bob,Eve}'::text[]) u; END $$;
SET ROLE regress_citext;
SET search_path = ci;

CREATE TABLE account (code "odd place".citext PRIMARY KEY, owner "odd place".citext);
CREATE TABLE contact (id int PRIMARY KEY, account "odd place".citext, owner "odd place".citext);
INSERT INTO account VALUES ('Acme', 'ada'), ('Zeta', 'BOB');
INSERT INTO contact VALUES (1, 'ACME', 'ADA'), (2, 'acme', 'Bob'), (3, 'zeta', 'ada');
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
SELECT relmeta.create_one_to_many('account', 'contact', 'account', assign => 'user_owned', delete => 'restrict', foreign_key => false);
-- => account_contact

-- one who differs in case is the same
RESET ROLE;
SELECT relmeta.create_user('ADA');
-- => ERROR:  23505
SELECT relmeta.create_team('evE', if_not_exists => true);
-- => ERROR:  23505
SELECT relmeta.create_user('Ada ');
-- =>
SELECT relmeta.drop_principal('aDA ');
-- =>
SET ROLE regress_citext;
SELECT relmeta.share('account', 'acme', 'bOB');
-- => 1
SELECT relmeta.has_access('account', 'ACME', 'read', 'BOB');
-- => t
SELECT principal FROM relmeta.shared_principals('account', 'Acme');
-- => Bob
SELECT relmeta.unshare('account', 'acme', 'BoB');
-- => 1
-- user_owned: ADA is ada; Bob is not
UPDATE account SET owner = 'EVE' WHERE code OPERATOR("odd place".=) 'ACME';
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM contact;
-- => 1:EVE 2:Bob 3:ada
SELECT relmeta.assign('account', 'aCmE', 'Ada');
-- => 2
SELECT relmeta.assign('account', 'aCmE', 'Ada');
-- => 0
SELECT relmeta.update_relationship('account_contact', assign => 'all') IS NULL;
-- => t
SELECT relmeta.assign('account', 'aCmE', 'Bob');
-- => 2
UPDATE contact SET owner = 'mallory';
-- => ERROR:  23503
-- guards
INSERT INTO contact VALUES (4, 'aCME', 'aDA');
INSERT INTO contact VALUES (5, 'Acme ', 'ada');
-- => ERROR:  23503
UPDATE contact SET account = 'nope' WHERE id = 1;
-- => ERROR:  23503
DELETE FROM account WHERE code OPERATOR("odd place".=) 'zeta';
-- => ERROR:  23001
TRUNCATE account;
-- => ERROR:  0A000
-- only the spelling of the key changes: the contacts still point to it
SELECT relmeta.share('account', 'zETA', 'eve');
-- => 1
UPDATE account SET code = 'ZETA' WHERE code OPERATOR("odd place".=) 'zeta';
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'account'::regclass AND object_key ILIKE 'zeta';
-- => ZETA|Eve: and entries are spelled as their rows
SELECT relmeta.update_relationship('account_contact', delete => 'remove_link') IS NULL;
-- => t
DELETE FROM account WHERE code OPERATOR("odd place".=) 'Zeta';
SELECT string_agg(id || ':' || coalesce(account::text, '-'), ' ' ORDER BY id) FROM contact;
-- => 1:ACME 2:acme 3:- 4:aCME
SELECT relmeta.update_relationship('account_contact', delete => 'all') IS NULL;
-- => t
DELETE FROM account;
SELECT string_agg(id || ':' || coalesce(account::text, '-'), ' ' ORDER BY id) FROM contact;
-- => 3:-
-- a loop is one however its lookups are spelled
CREATE TABLE part (code "odd place".citext PRIMARY KEY, above "odd place".citext, owner "odd place".citext);
SELECT relmeta.register_table('part', 'owner');
SELECT relmeta.create_one_to_many('part', 'part', 'above', preset => 'parental', foreign_key => false);
-- => part_part
INSERT INTO part VALUES ('b', 'A', 'ada'), ('a', 'B', 'ada');
-- => ERROR:  23514
INSERT INTO part VALUES ('low', 'MID', 'ada'), ('mid', 'TOP', 'ada'), ('Top', NULL, 'Bob');
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'part'::regclass ORDER BY 1;
-- => low|Bob
-- => mid|Bob
UPDATE part SET above = 'LOW' WHERE above IS NULL;
-- => ERROR:  23514

RESET ROLE;
RESET search_path;
DROP SCHEMA ci CASCADE;
DROP EXTENSION citext;
-- what an ordinary role has made of a trusted extension is a superuser's all the same
GRANT CREATE ON DATABASE :"DBNAME" TO regress_citext;
CREATE SCHEMA ci AUTHORIZATION regress_citext;
SET SESSION AUTHORIZATION regress_citext;
CREATE EXTENSION citext SCHEMA ci;
CREATE TABLE ci.account (code ci.citext PRIMARY KEY, owner_id ci.citext);
SELECT relmeta.register_table('ci.account', 'owner_id');
INSERT INTO ci.account VALUES ('Acme', 'ADA');
SELECT relmeta.share('ci.account', 'acme', 'bob');
-- => 1
RESET SESSION AUTHORIZATION;
DROP SCHEMA ci CASCADE;
REVOKE CREATE ON DATABASE :"DBNAME" FROM regress_citext;
DROP SCHEMA "odd place";
DROP ROLE regress_citext;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{Ada,Bob,Eve}'::text[]) u; END $$;
