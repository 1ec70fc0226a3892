-- truncate: refused while rows of a lookup without a foreign key point to the table (SEMANTICS 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_truncate;
CREATE SCHEMA truncates AUTHORIZATION regress_truncate;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_truncate;
SET search_path = truncates;

CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
INSERT INTO account VALUES (1, 'u'), (2, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (20, NULL, 'u');
SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
-- => account_contact

-- whatever the relationship does on delete
TRUNCATE account;
-- => ERROR:  0A000
TRUNCATE account CASCADE;
-- => ERROR:  0A000
SELECT count(*) FROM account;
-- => 2
-- the related table may go, and when nothing points to it, the primary table
BEGIN;
UPDATE contact SET account_id = NULL;
TRUNCATE account;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM contact);
-- => 0|2
ROLLBACK;
BEGIN;
TRUNCATE contact;
TRUNCATE account;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM contact);
-- => 0|0
INSERT INTO account VALUES (1, 'u');
INSERT INTO contact VALUES (10, 1, 'u'), (11, 1, NULL);
UPDATE account SET owner = 'v';
SELECT string_agg(id || ':' || owner, ' ' ORDER BY id) FROM contact;
-- => 10:v 11:v
ROLLBACK;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM contact);
-- => 2|2

-- a multi-table lookup: only rows of the table's own type point to it
CREATE TABLE lead (id int PRIMARY KEY);
CREATE TABLE activity (id int PRIMARY KEY);
INSERT INTO lead VALUES (1);
SELECT relmeta.create_multi_table_lookup('activity', 'regarding_id', '{contact,lead}');
-- => {contact_activity,lead_activity}
INSERT INTO activity VALUES (1, 10, 'contact');
TRUNCATE contact;
-- => ERROR:  0A000
TRUNCATE lead;
SELECT count(*) FROM lead;
-- => 0
TRUNCATE activity;
TRUNCATE contact;

-- a foreign key: PostgreSQL's own rule
CREATE TABLE native (id int PRIMARY KEY, account_id int);
SELECT relmeta.create_one_to_many('account', 'native', 'account_id', delete => 'all');
-- => account_native
INSERT INTO native VALUES (1, 1);
TRUNCATE account;
-- => ERROR:  0A000
TRUNCATE account, native;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM native);
-- => 0|0
INSERT INTO account VALUES (1, 'u');
INSERT INTO native VALUES (1, 1);
TRUNCATE account CASCADE;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM native);
-- => 0|0
-- managed below native: the cascade of TRUNCATE reaches a table that is pointed to
CREATE TABLE leaf (id int PRIMARY KEY, native_id int);
SELECT relmeta.create_one_to_many('native', 'leaf', 'native_id', foreign_key => false);
-- => native_leaf
INSERT INTO account VALUES (1, 'u');
INSERT INTO native VALUES (1, 1);
INSERT INTO leaf VALUES (1, 1);
TRUNCATE account CASCADE;
-- => ERROR:  0A000
UPDATE leaf SET native_id = NULL;
TRUNCATE account CASCADE;
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM native), (SELECT count(*) FROM leaf);
-- => 0|0|1

-- a table that points to itself goes as a whole
CREATE TABLE node (id int PRIMARY KEY, parent_id int);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', is_hierarchical => true, foreign_key => false);
-- => node_node
INSERT INTO node VALUES (1, NULL), (2, 1);
TRUNCATE node;
SELECT count(*) FROM node;
-- => 0

-- the message names the relationship
INSERT INTO account VALUES (1, 'u');
INSERT INTO contact VALUES (10, 1, 'u');
DROP TABLE native, leaf;
\set VERBOSITY default
TRUNCATE account;

RESET ROLE;
RESET search_path;
DROP SCHEMA truncates CASCADE;
DROP ROLE regress_truncate;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v}'::text[]) u; END $$;
