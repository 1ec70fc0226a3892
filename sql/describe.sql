-- describe: what relmeta knows of a table, for reading, SEMANTICS 2.7.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_de_owner;
CREATE ROLE regress_de_other;
CREATE SCHEMA de AUTHORIZATION regress_de_owner;
GRANT USAGE ON SCHEMA de TO regress_de_other;
SET relmeta.job_workers = 0;
SET ROLE regress_de_owner;
SET search_path = de;
CREATE TABLE account (id int PRIMARY KEY, name text, owner_id text, open boolean, parent_id int);
CREATE TABLE contact (id uuid PRIMARY KEY, name text, owner_id text, account_id int NOT NULL);
CREATE TABLE note (id bigint PRIMARY KEY, "regarding id" int, "regarding type" text);
CREATE TABLE "Odd ""table""" (id int PRIMARY KEY);
CREATE TABLE plain (id int PRIMARY KEY);
SELECT relmeta.register_table('account', 'owner_id', 'open', default_owner => true, inactive_state => 'false'), relmeta.register_table('contact', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', assign => 'user_owned'),
       relmeta.create_one_to_many('account', 'account', 'parent_id', is_hierarchical => true, foreign_key => false),
       relmeta.create_multi_table_lookup('note', 'regarding id', '{account,"\"Odd \"\"table\"\"\""}', type_column => 'regarding type', preset => 'referential_restrict');
-- => account_contact|account_account|{account_note,"Odd \"table\"_note"}
SELECT relmeta.create_many_to_many('contact', 'account', 'advises', attributes => 'since date'),
       relmeta.create_many_to_many('account', 'account', 'rivals', is_symmetric => true, allow_self => false),
       relmeta.create_many_to_many('account', 'country', 'sells_in');
-- => advises|rivals|sells_in
SELECT relmeta.map_column('account_contact', 'name', 'name');

-- from both sides
SELECT relmeta.describe('account');
SELECT relmeta.describe('contact');
SELECT relmeta.describe('note');
SELECT relmeta.describe('"Odd ""table"""');

-- access control, jobs, and what verify() has against it
RESET ROLE;
SELECT relmeta.enable_access_control('de.contact', force => true, everyone => '{read,append_to}');
SET ROLE regress_de_owner;
SELECT relmeta.update_relationship('account_contact', share => 'none', unshare => 'none') IS NOT NULL AS job;
-- => t
ALTER TABLE contact DROP CONSTRAINT account_contact;
DROP INDEX contact_account_id_idx;
SELECT regexp_replace(line, '\d+  revoke', 'N  revoke') FROM relmeta.describe('contact') line WHERE line !~ 'account_contact.*user_owned';
SELECT count(*) FROM relmeta.describe('account') line WHERE line ~ 'lookup of relationship "account_contact" has no index';
-- => 1
SELECT count(*) FROM relmeta.describe('note') line WHERE line ~ 'Problems';
-- => 0

-- menus, automations and roles of connections; what is not this table's is not there
RESET ROLE;
CREATE PROCEDURE de.notice(relation regclass, key text) LANGUAGE plpgsql AS 'BEGIN NULL; END';
SELECT relmeta.set_menu('account_contact', 1, 'label', 'People', 'Sales', 10), relmeta.set_menu('advises', 2, 'none'), relmeta.set_menu('rivals', 2, 'collection_name', menu_order => 5);
SELECT relmeta.create_automation('de_notice', 'de.account', 'de.notice(regclass, text)'), relmeta.create_automation('de Other', 'de.note', 'de.notice(regclass, text)');
SELECT relmeta.create_connection_role('de_employer', 'Work', '{de.account}'), relmeta.create_connection_role('de_employee', 'Work', '{de.contact}'), relmeta.create_connection_role('de Friend', NULL, '{de.account,de.contact}');
SELECT relmeta.match_connection_roles('de_employer', 'de_employee');
SELECT line FROM relmeta.describe('de.account') WITH ORDINALITY AS d(line, n) WHERE n >= (SELECT min(n) FROM relmeta.describe('de.account') WITH ORDINALITY AS d(line, n) WHERE line LIKE 'Menu%') AND line !~ 'revoke|lookup of|create_index|Problems|^Jobs|^        |is missing' ORDER BY n;
SELECT count(*) FROM relmeta.describe('de.contact') line WHERE line ~ '^(Menu|Automations)|de_notice|^ +de_employer';
-- => 0
SELECT line FROM relmeta.describe('de.contact') line WHERE line ~ 'de_employe|de Friend' ORDER BY line COLLATE "C";
SELECT count(*) FROM relmeta.describe('de.note') line WHERE line ~ '^Menu|^Connections';
-- => 0
SET ROLE regress_de_owner;

-- an intersect table, and a table that is only an end of an N:N
CREATE TABLE country (code text PRIMARY KEY);
SELECT relmeta.describe('country');
SELECT relmeta.describe('contact_account');

-- what is not relmeta's, and not the caller's to see
SELECT relmeta.describe('plain');
-- => 42704
SELECT relmeta.describe(1::oid::regclass);
-- => 42P01
SELECT relmeta.describe(NULL);
-- => 22004
RESET ROLE;
SET ROLE regress_de_other;
SELECT relmeta.describe('de.account');
-- => 42501
RESET ROLE;
GRANT SELECT (name) ON de.account TO regress_de_other;
SET ROLE regress_de_other;
SELECT line FROM relmeta.describe('de.account') line LIMIT 2;
-- => Table "de.account"
-- => Key:             id integer
RESET ROLE;
SELECT count(*) FROM relmeta.jobs j, LATERAL (SELECT relmeta.cancel_job(job_id)) c WHERE relationship = 'account_contact' AND state = 'ready';
-- => 1
DROP SCHEMA de CASCADE;
DELETE FROM relmeta.connection_role WHERE name LIKE 'de%';
DROP ROLE regress_de_owner, regress_de_other;
