-- drop_type: a type of keys, owners, states or type columns that is dropped, however, takes along what stood on it.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA dty;
SET search_path = dty;
SELECT relmeta.create_user('ann'), relmeta.create_user('bob'), relmeta.create_user('cleo');
CREATE FUNCTION entry_tables() RETURNS bigint LANGUAGE sql AS
$$ SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('relmeta_access') AND relkind = 'r' $$;
CREATE FUNCTION ours(relation regclass) RETURNS bigint LANGUAGE sql AS
$$ SELECT count(*) FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid WHERE tgrelid = relation AND pronamespace = 'relmeta'::regnamespace $$;

-- an owner's: the registration does without owner, the entries go; the table goes on
CREATE TYPE who AS ENUM ('ann', 'bob', 'cleo');
CREATE TABLE a (id int PRIMARY KEY, owner_id who);
SELECT relmeta.register_table('a', 'owner_id');
INSERT INTO a VALUES (1, 'ann');
SELECT relmeta.share('a', 1, 'bob');
-- => 1
BEGIN;
DROP TYPE who CASCADE;
SELECT relation, owner_column FROM relmeta.tables WHERE relation = 'a'::regclass;
-- => a|
SELECT relmeta.has_access('a', 1, 'read', 'bob'), relmeta.share('a', 1, 'bob');
-- => f|1
SELECT relmeta.has_access('a', 1, 'read', 'bob');
-- => t
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;
SELECT relmeta.has_access('a', 1, 'read', 'bob');
-- => t
-- without CASCADE PostgreSQL refuses
DROP TYPE who;
-- => ERROR:  2BP01

-- relationships that need the owner go, what was inherited through them goes too, also in tables that keep their entries
CREATE TABLE b (id int PRIMARY KEY, owner_id who, state int);
CREATE TABLE c (id int PRIMARY KEY, text_owner text);
SELECT relmeta.register_table('b', 'owner_id', 'state'), relmeta.register_table('c');
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', preset => 'parental', delete => 'all');
SELECT relmeta.create_one_to_many('b', 'c', 'b_id', share => 'all', reparent => 'all', delete => 'all');
INSERT INTO b VALUES (1, 'ann', 0, 1);
INSERT INTO c VALUES (1, NULL, 1);
SELECT relmeta.share('a', 1, 'cleo');
-- => 3
SELECT relmeta.has_access('c', 1, 'read', 'cleo');
-- => t
BEGIN;
SET LOCAL client_min_messages = notice;
\set VERBOSITY default
DROP TYPE who CASCADE;
\set VERBOSITY sqlstate
SET LOCAL client_min_messages = warning;
SELECT name FROM relmeta.one_to_many ORDER BY 1;
-- => none
SELECT relation, owner_column FROM relmeta.tables ORDER BY relation::text;
-- => a, b, c without owner
SELECT relmeta.has_access('c', 1, 'read', 'cleo'), relmeta.share('c', 1, 'cleo');
-- => f|1
SELECT relmeta.has_access('c', 1, 'read', 'cleo');
-- => t
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;
-- an ALTER TABLE that names the column is refused as before
ALTER TABLE a DROP COLUMN owner_id;
-- => ERROR:  55000
ALTER TABLE a DROP COLUMN owner_id CASCADE;
-- => ERROR:  55000

-- a domain: entries are kept in its base type, and stay
CREATE DOMAIN who_text AS text CHECK (value <> '');
CREATE TABLE d (id int PRIMARY KEY, owner_id who_text);
CREATE TABLE d2 (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('d', 'owner_id'), relmeta.register_table('d2', 'owner_id');
SELECT relmeta.create_one_to_many('d', 'd2', 'd_id', share => 'all');
INSERT INTO d VALUES (1, 'ann');
INSERT INTO d2 VALUES (1, 'ann', 1);
SELECT relmeta.share('d', 1, 'bob');
-- => 2
BEGIN;
DROP DOMAIN who_text CASCADE;
SELECT name FROM relmeta.one_to_many WHERE name = 'd_d2';
-- => none
SELECT relmeta.has_access('d', 1, 'read', 'bob'), relmeta.has_access('d2', 1, 'read', 'bob');
-- => t|f: the direct grant stays, what was inherited went with the relationship
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;

-- a key's: the registration goes, its relationships, its entries, its triggers; a participant's relationships
CREATE TYPE code AS ENUM ('x', 'y');
CREATE TABLE k (id code PRIMARY KEY, owner_id text);
CREATE TABLE below (id int PRIMARY KEY, owner_id text);
CREATE TABLE further (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('k', 'owner_id'), relmeta.register_table('below', 'owner_id'), relmeta.register_table('further', 'owner_id');
SELECT relmeta.create_one_to_many('k', 'below', 'k_id', preset => 'parental'), relmeta.create_one_to_many('below', 'further', 'below_id', preset => 'parental');
SELECT relmeta.create_many_to_many('k', 'below', 'kb', 'kb');
INSERT INTO k VALUES ('x', 'ann');
INSERT INTO below VALUES (1, 'ann', 'x');
INSERT INTO further VALUES (1, 'ann', 1);
SELECT relmeta.share('k', 'x', 'bob');
-- => 3
SELECT entry_tables() AS before \gset
BEGIN;
SET LOCAL client_min_messages = notice;
\set VERBOSITY default
DROP TYPE code CASCADE;
\set VERBOSITY sqlstate
SET LOCAL client_min_messages = warning;
SELECT relation FROM relmeta.tables WHERE relation IN ('k'::regclass, 'below'::regclass, 'further'::regclass) ORDER BY 1;
-- => below, further
SELECT name FROM relmeta.one_to_many WHERE name IN ('k_below', 'below_further');
-- => below_further
SELECT name FROM relmeta.many_to_many;
-- => none
SELECT :before > entry_tables(), ours('k'), ours('kb');
-- => t|0|0
SELECT relmeta.has_access('below', 1, 'read', 'bob'), relmeta.has_access('further', 1, 'read', 'bob');
-- => f|f
INSERT INTO k VALUES ('ann');
UPDATE k SET owner_id = 'nobody';
ALTER TABLE k ADD COLUMN id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY;
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;
-- a guarded lookup keeps its column when the key is of a domain
CREATE DOMAIN number AS int;
CREATE TABLE m (id number PRIMARY KEY);
CREATE TABLE n (id int PRIMARY KEY, m_id int, about_id int);
SELECT relmeta.create_one_to_many('m', 'n', 'm_id', foreign_key => false), relmeta.create_multi_table_lookup('n', 'about_id', '{m,d}', delete => 'all');
INSERT INTO m VALUES (1);
INSERT INTO n VALUES (1, 1, 1, 'm');
BEGIN;
DROP DOMAIN number CASCADE;
SELECT name FROM relmeta.one_to_many WHERE related_table = 'n'::regclass;
-- => d_n
SELECT relation FROM relmeta.tables WHERE relation IN ('m'::regclass, 'n'::regclass);
-- => n
DELETE FROM m;
INSERT INTO n VALUES (2, 1, 1, 'd');
INSERT INTO n VALUES (3, 1, 1, 'm');
-- => ERROR:  23514
ROLLBACK;
-- a state's, a type column's
CREATE TYPE status AS ENUM ('on', 'off');
CREATE TABLE s (id int PRIMARY KEY, owner_id text, st status, d_id int);
SELECT relmeta.register_table('s', 'owner_id', 'st', '{on}', 'off');
SELECT relmeta.create_one_to_many('d2', 's', 'd_id', share => 'active');
INSERT INTO d2 VALUES (2, 'ann', NULL);
INSERT INTO s VALUES (1, 'ann', 'on', 2);
SELECT relmeta.share('d2', 2, 'bob');
-- => 2
BEGIN;
DROP TYPE status CASCADE;
SELECT relation, owner_column, state_column, active_states, inactive_state FROM relmeta.tables WHERE relation = 's'::regclass;
-- => s|owner_id|||
SELECT name FROM relmeta.one_to_many WHERE name = 'd2_s';
-- => none: it asks which rows are active
SELECT relmeta.has_access('s', 1, 'read', 'bob');
-- => f
UPDATE s SET owner_id = 'bob';
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;
CREATE TYPE kind AS ENUM ('d', 'd2');
CREATE TABLE t (id int PRIMARY KEY, about_id int, about_type kind);
SELECT relmeta.create_multi_table_lookup('t', 'about_id', '{d,d2}', 'about_type');
BEGIN;
DROP TYPE kind CASCADE;
SELECT name FROM relmeta.one_to_many WHERE related_table = 't'::regclass;
-- => none
INSERT INTO t VALUES (1, 99);
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;

-- with a schema, an extension, what somebody owns; the type in one schema, the table in another
CREATE SCHEMA dty2;
ALTER TYPE who SET SCHEMA dty2;
ALTER TYPE code SET SCHEMA dty2;
ALTER TYPE dty2.code RENAME TO "Code";
ALTER DOMAIN number RENAME TO no;
SELECT relmeta.share('a', 1, 'bob', '{write}'), relmeta.has_access('c', 1, 'read', 'cleo'), relmeta.share('k', 'x', 'cleo');
-- => 3|t|3
SELECT relmeta.has_access('further', 1, 'read', 'cleo');
-- => t
INSERT INTO k VALUES ('y', 'bob');
UPDATE b SET owner_id = 'bob';
SELECT * FROM relmeta.verify();
-- => none
BEGIN;
DROP SCHEMA dty2 CASCADE;
SELECT relation, owner_column FROM relmeta.tables WHERE relation IN ('a'::regclass, 'k'::regclass);
-- => a|
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;
CREATE ROLE regress_dty_owner SUPERUSER;
ALTER TYPE dty2.who OWNER TO regress_dty_owner;
ALTER TYPE dty2."Code" OWNER TO regress_dty_owner;
DROP OWNED BY regress_dty_owner CASCADE;
DROP ROLE regress_dty_owner;
SELECT relation, owner_column FROM relmeta.tables WHERE relation IN ('a'::regclass, 'k'::regclass);
-- => a|
SELECT * FROM relmeta.verify();
-- => none
DROP SCHEMA dty2 CASCADE;
CREATE EXTENSION citext SCHEMA public;
CREATE TABLE e (id public.citext PRIMARY KEY);
CREATE TABLE e2 (id int PRIMARY KEY, owner_id public.citext);
SELECT relmeta.register_table('e'), relmeta.register_table('e2', 'owner_id');
INSERT INTO e VALUES ('A');
INSERT INTO e2 VALUES (1, 'Ann');
SELECT relmeta.share('e', 'a', 'bob'), relmeta.share('e2', 1, 'bob');
-- => 1|1
DROP EXTENSION citext CASCADE;
SELECT relation, owner_column FROM relmeta.tables WHERE relation IN ('e'::regclass, 'e2'::regclass);
-- => e2|
SELECT relmeta.share('e2', 1, 'bob');
-- => 1
SELECT * FROM relmeta.verify();
-- => none

-- typed tables: a type's attribute is a column of theirs
CREATE TYPE row_of AS (id int, owner_id text, more text);
CREATE TABLE typed OF row_of (PRIMARY KEY (id));
SELECT relmeta.register_table('typed', 'owner_id');
ALTER TYPE row_of DROP ATTRIBUTE id CASCADE;
-- => ERROR:  55000
ALTER TYPE row_of DROP ATTRIBUTE owner_id CASCADE;
SELECT relation, owner_column FROM relmeta.tables WHERE relation = 'typed'::regclass;
-- => typed|
DROP TYPE row_of CASCADE;
SELECT count(*) FROM relmeta.tables WHERE key_column = 'id' AND relation NOT IN (SELECT oid FROM pg_class);
-- => 0

-- while the extension is away: what is left of the entries is none, and not taken up
CREATE TYPE who AS ENUM ('ann', 'bob');
CREATE TABLE u (id int PRIMARY KEY, owner_id who);
SELECT relmeta.register_table('u', 'owner_id');
INSERT INTO u VALUES (1, 'ann');
SELECT relmeta.share('u', 1, 'bob');
-- => 1
BEGIN;
DROP EXTENSION relmeta CASCADE;
DROP TYPE who CASCADE;
CREATE EXTENSION relmeta;
SELECT relmeta.create_user('bob');
SELECT relmeta.register_table('u');
SELECT relmeta.share('u', 1, 'bob');
-- => 1
SELECT * FROM relmeta.verify();
-- => none
ROLLBACK;

--
-- Controlled tables stay closed.  Without its key a table is not known any more, and nobody sees a row; without its owner its policies
-- are of what is shared
--
CREATE ROLE regress_dty_dan;
GRANT USAGE ON SCHEMA dty TO regress_dty_dan;
SELECT relmeta.create_user('dan', 'regress_dty_dan');
CREATE TYPE code2 AS ENUM ('x', 'y');
CREATE TYPE who2 AS ENUM ('dan', 'bob');
CREATE TABLE ck (id code2 PRIMARY KEY, owner_id text);
CREATE TABLE cb (id int PRIMARY KEY, owner_id text);
CREATE TABLE co (id int PRIMARY KEY, owner_id who2);
SELECT relmeta.register_table('ck', 'owner_id'), relmeta.register_table('cb', 'owner_id'), relmeta.register_table('co', 'owner_id');
SELECT relmeta.create_one_to_many('ck', 'cb', 'k_id', preset => 'parental'), relmeta.create_many_to_many('ck', 'cb', 'ckb', 'ckb');
SELECT relmeta.enable_access_control('ck', everyone => '{read}'), relmeta.enable_access_control('cb'), relmeta.enable_access_control('co');
GRANT SELECT, INSERT, UPDATE, DELETE ON ck, cb, co, ckb TO regress_dty_dan;
INSERT INTO ck VALUES ('x', 'dan'), ('y', 'bob');
INSERT INTO cb VALUES (1, 'dan', 'x'), (2, 'bob', 'y');
INSERT INTO ckb VALUES ('x', 1);
INSERT INTO co VALUES (1, 'dan'), (2, 'bob');
SET ROLE regress_dty_dan;
SELECT (SELECT count(*) FROM ck), (SELECT count(*) FROM cb), (SELECT count(*) FROM ckb), (SELECT count(*) FROM co);
-- => 2|1|1|1
RESET ROLE;
BEGIN;
DROP TYPE code2 CASCADE;
SELECT relation, access_control FROM relmeta.tables WHERE relation IN ('ck'::regclass, 'cb'::regclass) ORDER BY 1;
-- => cb|t
SELECT * FROM relmeta.verify();
-- => none
SET ROLE regress_dty_dan;
SELECT (SELECT count(*) FROM ck), (SELECT count(*) FROM cb), (SELECT count(*) FROM ckb);
-- => 0|1|0
UPDATE ck SET owner_id = 'dan';
DELETE FROM ck;
SAVEPOINT s;
INSERT INTO ck VALUES ('dan');
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO ckb VALUES (1);
-- => ERROR:  42501
ROLLBACK;
BEGIN;
DROP TYPE who2 CASCADE;
SELECT relation, owner_column, access_control FROM relmeta.tables WHERE relation = 'co'::regclass;
-- => co||t
SELECT relmeta.share('co', 2, 'dan');
-- => 1
SELECT * FROM relmeta.verify();
-- => none
SET ROLE regress_dty_dan;
SELECT id FROM co;
-- => 2
UPDATE co SET id = 3;
SAVEPOINT s;
INSERT INTO co VALUES (4);
-- => ERROR:  42501
ROLLBACK TO s;
RESET ROLE;
SELECT relmeta.disable_access_control('co'), relmeta.unregister_table('co');
SELECT count(*) FROM pg_policy WHERE polrelid = 'co'::regclass;
-- => 0
ROLLBACK;
-- by its name the owner column of a controlled table is not dropped
ALTER TABLE co DROP COLUMN owner_id CASCADE;
-- => ERROR:  55000

DROP SCHEMA dty CASCADE;
SELECT relmeta.drop_principal('dan');
DROP ROLE regress_dty_dan;
SELECT relmeta.drop_principal('ann'), relmeta.drop_principal('bob'), relmeta.drop_principal('cleo');
