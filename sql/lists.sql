-- Associated lists, and which tables can take part in relationships.  SEMANTICS 2.7, 3.7 (related)
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_list_owner;
CREATE ROLE regress_list_bob;
CREATE ROLE regress_list_app;
SELECT relmeta.create_user('list_ann'), relmeta.create_user('list_bob', 'regress_list_bob');
CREATE SCHEMA list AUTHORIZATION regress_list_owner;
GRANT USAGE ON SCHEMA list TO PUBLIC;
SET ROLE regress_list_owner;
SET search_path = '';
CREATE TABLE list.account (id int PRIMARY KEY, owner_id text);
CREATE TABLE list.contact (id bigint PRIMARY KEY, owner_id text);
CREATE TABLE list."odd ""note""" ("Key" uuid PRIMARY KEY DEFAULT gen_random_uuid()) PARTITION BY HASH ("Key");
CREATE TABLE list.note_0 PARTITION OF list."odd ""note""" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE list.note_1 PARTITION OF list."odd ""note""" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE list.case_file (id int PRIMARY KEY);
CREATE TABLE list.product (code text PRIMARY KEY);
SELECT relmeta.register_table('list.account', 'owner_id'), relmeta.register_table('list.contact', 'owner_id');
SELECT relmeta.create_one_to_many('list.account', 'list.contact', 'account_id', 'works_for'), relmeta.create_one_to_many('list.account', 'list.contact', 'bill_to_id', 'pays_for'), relmeta.create_one_to_many('list.account', 'list.account', 'parent_id', 'belongs_to');
SELECT relmeta.create_multi_table_lookup('list."odd ""note"""', 'about id', '{list.account,list.case_file}', 'about type', names => '{notes of accounts,notes of cases}');
SELECT relmeta.create_many_to_many('list.account', 'list.product', 'buys', 'list.purchase', surrogate_key => true, allow_duplicates => true), relmeta.create_many_to_many('list.account', 'list.account', 'knows', 'list.knows', is_symmetric => true), relmeta.create_many_to_many('list.account', 'list.account', 'refers', 'list.refers');
INSERT INTO list.account VALUES (1, 'list_ann', NULL), (2, 'list_ann', 1), (3, 'list_bob', 1);
INSERT INTO list.contact VALUES (10, 'list_ann', 1, 2), (11, 'list_bob', 1, NULL), (12, 'list_ann', 1, NULL), (13, NULL, 2, NULL);
INSERT INTO list."odd ""note""" SELECT ('00000000-0000-0000-0000-00000000000' || i)::uuid, 1, 'account' FROM generate_series(1, 5) AS i;
INSERT INTO list.case_file VALUES (1);
INSERT INTO list."odd ""note""" VALUES ('00000000-0000-0000-0000-000000000000', 1, 'case_file');
INSERT INTO list.product VALUES ('a'), ('b''c');
SELECT relmeta.associate('buys', 1, 'a'), relmeta.associate('buys', 1, 'a'), relmeta.associate('buys', 2, 'a'), relmeta.associate('knows', 2, 1), relmeta.associate('knows', 1, 3), relmeta.associate('refers', 1, ARRAY[2, 3]), relmeta.associate('refers', 3, 1);

-- "related() lists every relationship in which the row is primary and every N:N, those without rows too"
SELECT * FROM relmeta.related('list.account', 1);
-- => belongs_to|list.account|account||2
-- => knows|list.account|account||2
-- => refers|list.account|account||2
-- => refers|list.account|account||1
-- => pays_for|list.contact|contact||0
-- => works_for|list.contact|contact||3
-- => notes of accounts|list."odd ""note"""|odd "note"||5
-- => buys|list.product|product||1
SELECT * FROM relmeta.related('list.product', 'b''c');
-- => buys|list.account|account||0
SELECT * FROM relmeta.related('list.product', 'a');
-- => buys|list.account|account||2
SELECT count(*) FROM relmeta.related('list.contact', 10);
-- => 0
SELECT * FROM relmeta.related('list.account', 99);
-- => ERROR:  P0002
SELECT * FROM relmeta.related('list.account', 'x');
-- => ERROR:  22P02
SELECT * FROM relmeta.related('list.account', NULL);
-- => ERROR:  22004
SELECT * FROM relmeta.related('list.note_0', 1);
-- => ERROR:  42704
SELECT * FROM relmeta.related(0, 1);
-- => ERROR:  42P01
PREPARE p AS SELECT sum(rows) FROM relmeta.related($1, $2);
EXECUTE p('list.account', '1');
-- => 16

-- the menu: order, labels, what is displayed
SELECT relmeta.set_menu('works_for', 1, 'label', 'People', 'Details', 1), relmeta.set_menu('refers', 2, 'label', 'Referred by', menu_order => 2), relmeta.set_menu('buys', 1, menu_order => 3), relmeta.set_menu('knows', 1, 'none'), relmeta.set_menu('pays_for', 1, 'collection_name', 'not shown');
SELECT relationship, label, menu_order, rows FROM relmeta.related('list.account', 1);
-- => works_for|People|1|3
-- => refers|Referred by|2|1
-- => buys|product|3|1
-- => belongs_to|account||2
-- => refers|account||2
-- => pays_for|contact||0
-- => notes of accounts|odd "note"||5
SELECT * FROM relmeta.menus ORDER BY 1, 2;
-- => buys|1|collection_name|||3
-- => knows|1|none|||
-- => pays_for|1|collection_name|not shown||
-- => refers|2|label|Referred by||2
-- => works_for|1|label|People|Details|1
-- said again: all of it
SELECT relmeta.set_menu('works_for', 1), relmeta.set_menu('knows', 1);
SELECT relationship, label, menu_order, rows FROM relmeta.related('list.account', 1) WHERE relationship IN ('works_for', 'knows');
-- => knows|account||2
-- => works_for|contact||3
SELECT relmeta.set_menu('works_for', 2);
-- => ERROR:  22023
SELECT relmeta.set_menu('refers', 3);
-- => ERROR:  22023
SELECT relmeta.set_menu('refers', NULL);
-- => ERROR:  22023
SELECT relmeta.set_menu('works_for', 1, 'icon');
-- => ERROR:  22023
SELECT relmeta.set_menu('works_for', 1, 'label');
-- => ERROR:  22023
SELECT relmeta.set_menu('nothing', 1);
-- => ERROR:  42704
SELECT relmeta.create_many_to_many('list.account', 'list.later', 'waits');
SELECT relmeta.set_menu('waits', 1);
-- => ERROR:  55000
SELECT count(*) FROM relmeta.related('list.account', 1) WHERE relationship = 'waits';
-- => 0
SELECT relmeta.drop_relationship('waits');

-- counts respect privileges and row-level security, anybody's policies and relmeta's
SET ROLE regress_list_bob;
SELECT relmeta.set_menu('works_for', 1);
-- => ERROR:  42501
SELECT * FROM relmeta.related('list.account', 1);
-- => ERROR:  42501
SET ROLE regress_list_owner;
GRANT SELECT ON list.account TO regress_list_bob, regress_list_app;
SET ROLE regress_list_bob;
SELECT relationship, rows FROM relmeta.related('list.account', 1);
-- => refers|0
-- => buys|0
-- => belongs_to|2
-- => knows|0
-- => refers|0
-- => pays_for|0
-- => works_for|0
-- => notes of accounts|0
SET ROLE regress_list_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA list TO regress_list_bob, regress_list_app;
ALTER TABLE list."odd ""note""" ENABLE ROW LEVEL SECURITY;
CREATE POLICY two ON list."odd ""note""" USING ("Key" < '00000000-0000-0000-0000-000000000003');
ALTER TABLE list.product ENABLE ROW LEVEL SECURITY;
CREATE POLICY none ON list.product USING (false);
SET ROLE regress_list_bob;
SELECT relationship, rows FROM relmeta.related('list.account', 1) WHERE relationship IN ('notes of accounts', 'buys', 'works_for') ORDER BY 1;
-- => buys|0
-- => notes of accounts|2
-- => works_for|3
SET ROLE regress_list_owner;
SELECT relmeta.enable_access_control('list.account'), relmeta.enable_access_control('list.contact');
SET ROLE regress_list_bob;
SELECT * FROM relmeta.related('list.account', 1);
-- => ERROR:  P0002
SET ROLE regress_list_owner;
SELECT relmeta.share('list.account', 1, 'list_bob'), relmeta.share('list.contact', 12, 'list_bob');
-- => 1|1
SET ROLE regress_list_bob;
SELECT relationship, rows FROM relmeta.related('list.account', 1) WHERE rows > 0 ORDER BY 1, 2;
-- => belongs_to|1
-- => knows|1
-- => notes of accounts|2
-- => refers|1
-- => refers|1
-- => works_for|2
-- somebody else's N:N over the table: his code does not run as whoever looks at the lists
RESET ROLE;
CREATE ROLE regress_list_mal;
GRANT USAGE, CREATE ON SCHEMA list TO regress_list_mal;
GRANT REFERENCES ON list.case_file TO regress_list_mal;
SET ROLE regress_list_mal;
SELECT relmeta.create_many_to_many('list.case_file', 'list.case_file', 'mals', 'list.mals');
CREATE FUNCTION list.spy(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN IF current_user <> ''regress_list_mal'' THEN RAISE WARNING ''runs as %'', current_user; END IF; RETURN 1; END';
CREATE INDEX ON list.mals (list.spy(case_file_id)) WHERE list.spy(1) = 1;
GRANT SELECT ON list.mals TO regress_list_bob;
SET ROLE regress_list_bob;
\set VERBOSITY terse
SELECT relationship, rows FROM relmeta.related('list.case_file', 1) WHERE relationship = 'mals';
-- => mals|0
-- => mals|0
SET ROLE regress_list_mal;
CREATE POLICY spy ON list.mals USING (list.spy(1) = 1);
ALTER TABLE list.mals ENABLE ROW LEVEL SECURITY;
SET ROLE regress_list_bob;
SET client_min_messages = notice;
SELECT relationship, rows FROM relmeta.related('list.case_file', 1) WHERE relationship = 'mals';
SET client_min_messages = warning;
\set VERBOSITY sqlstate
RESET ROLE;
DROP TABLE list.mals;
DROP FUNCTION list.spy;
DROP OWNED BY regress_list_mal;
DROP ROLE regress_list_mal;
BEGIN;
SELECT relmeta.act_as('list_bob', true);
SET LOCAL ROLE regress_list_app;
SELECT sum(rows) FROM relmeta.related('list.account', 1) WHERE relationship IN ('works_for', 'belongs_to');
-- => 3
RESET ROLE;
SELECT relmeta.act_as('list_bob', true, '{write}');
SET LOCAL ROLE regress_list_app;
SELECT count(*) FROM relmeta.related('list.account', 1);
-- => ERROR:  P0002
ROLLBACK;
-- the tables' owner, who is exempt, too is judged by the principal that he acts as (2.1)
BEGIN;
SELECT relmeta.act_as('list_bob', true);
SET LOCAL ROLE regress_list_owner;
SELECT relationship, rows FROM relmeta.related('list.account', 1) WHERE relationship IN ('works_for', 'belongs_to', 'knows', 'refers', 'pays_for') ORDER BY 1, 2;
-- => belongs_to|1, knows|1, pays_for|0, refers|1, refers|1, works_for|2
SELECT count(*) FROM relmeta.related('list.account', 2);
-- => ERROR:  P0002
ROLLBACK;
SET ROLE regress_list_owner;
SELECT relationship, rows FROM relmeta.related('list.account', 1) WHERE relationship IN ('works_for', 'belongs_to') ORDER BY 1;
-- => belongs_to|2, works_for|3
RESET ROLE;

-- tables and relationships under other names, and gone
SET ROLE regress_list_owner;
ALTER TABLE list.contact RENAME TO person;
ALTER TABLE list.person RENAME COLUMN account_id TO "works for";
SELECT relationship, related_table, label, rows FROM relmeta.related('list.account', 1) WHERE relationship = 'works_for';
-- => works_for|list.person|person|3
SELECT relmeta.drop_relationship('pays_for'), relmeta.drop_relationship('refers');
SELECT relationship FROM relmeta.menus ORDER BY 1;
-- => buys
-- => knows
-- => works_for
DROP TABLE list.person, list.knows;
SELECT relationship FROM relmeta.menus;
-- => buys

-- which tables can take part
CREATE TABLE list.pair (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE list.no_key (a int);
CREATE TABLE list.deferred (a int PRIMARY KEY DEFERRABLE);
CREATE UNLOGGED TABLE list.unlogged (a int PRIMARY KEY);
CREATE TABLE list.parent (a int PRIMARY KEY);
CREATE TABLE list.child () INHERITS (list.parent);
CREATE TABLE list.arrays (a int[] PRIMARY KEY);
CREATE VIEW list.view AS SELECT 1 AS a;
SELECT c.relname, relmeta.can_be_referenced(c.oid), relmeta.can_be_referencing(c.oid), relmeta.can_many_to_many(c.oid) FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = 'list'::pg_catalog.regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY c.relname COLLATE pg_catalog."C";
-- => account|t|t|t
-- => arrays|f|f|f
-- => case_file|t|t|t
-- => child|f|f|f
-- => deferred|f|f|f
-- => no_key|f|f|f
-- => note_0|f|f|t
-- => note_1|f|f|t
-- => odd "note"|t|t|t
-- => pair|f|f|f
-- => parent|f|f|t
-- => product|t|t|t
-- => purchase|t|f|f
-- => refers|f|f|f
-- => unlogged|f|f|f
-- => view|f|f|f
SELECT relmeta.can_be_referenced('pg_catalog.pg_class'), relmeta.can_many_to_many('relmeta.menu'), relmeta.can_be_referenced(NULL) IS NULL;
-- => f|f|t
SELECT relmeta.can_be_referenced(4294967295);
-- => ERROR:  42P01
-- what can is what may be declared
SELECT (SELECT count(*) FROM relmeta.valid_referenced_tables()), (SELECT count(*) FROM relmeta.valid_referencing_tables()), (SELECT count(*) FROM relmeta.valid_many_to_many_tables());
-- => 5|4|7
SELECT t FROM relmeta.valid_referencing_tables() AS t ORDER BY t::text COLLATE pg_catalog."C";
-- => list."odd ""note"""
-- => list.account
-- => list.case_file
-- => list.product
SET ROLE regress_list_bob;
SELECT (SELECT count(*) FROM relmeta.valid_referenced_tables()), (SELECT count(*) FROM relmeta.valid_many_to_many_tables()), relmeta.can_be_referenced('list.account');
-- => 0|0|t
SET ROLE regress_list_owner;
GRANT REFERENCES ON list.product TO regress_list_bob;
SET ROLE regress_list_bob;
SELECT * FROM relmeta.valid_many_to_many_tables();
-- => list.product


-- an adopted table's columns may be of other types than the keys: a key is read as a key, and as nobody else's type
SET ROLE regress_list_owner;
CREATE TABLE list.by_name (id name PRIMARY KEY);
CREATE TABLE list.tagged (name_id text REFERENCES list.by_name, account_id bigint REFERENCES list.account, PRIMARY KEY (name_id, account_id));
SELECT relmeta.adopt_many_to_many('list.tagged'), relmeta.register_table('list.by_name');
INSERT INTO list.by_name VALUES (repeat('b', 60));
INSERT INTO list.tagged VALUES (repeat('b', 60), 1);
SELECT relationship, rows FROM relmeta.related('list.by_name', repeat('b', 60));
-- => tagged|1
SELECT rows FROM relmeta.related('list.account', '1') WHERE relationship = 'tagged';
-- => 1
CREATE TABLE list.plain (id int PRIMARY KEY);
INSERT INTO list.plain VALUES (1);
GRANT SELECT, REFERENCES ON list.plain TO regress_list_bob;
RESET ROLE;
CREATE SCHEMA list_bob AUTHORIZATION regress_list_bob;
GRANT USAGE ON SCHEMA list_bob TO regress_list_owner;
SET ROLE regress_list_bob;
CREATE FUNCTION list_bob.who(int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'XX001', MESSAGE = current_user;
END $$;
CREATE DOMAIN list_bob.checked AS int CHECK (list_bob.who(VALUE));
CREATE TYPE list_bob.span AS RANGE (subtype = list_bob.checked, subtype_opclass = int4_ops);
CREATE FUNCTION list_bob.span_start(list_bob.span) RETURNS int LANGUAGE sql AS 'SELECT lower($1)::int';
CREATE CAST (list_bob.span AS int) WITH FUNCTION list_bob.span_start(list_bob.span) AS IMPLICIT;
CREATE TABLE list_bob.tag (id int PRIMARY KEY);
CREATE TABLE list_bob.tagged (plain_id list_bob.span REFERENCES list.plain, tag_id int REFERENCES list_bob.tag, PRIMARY KEY (plain_id, tag_id));
SELECT relmeta.adopt_many_to_many('list_bob.tagged', 'list spans');
GRANT SELECT ON list_bob.tag, list_bob.tagged TO regress_list_owner;
SET ROLE regress_list_owner;
SELECT relationship, rows FROM relmeta.related('list.plain', 1);
-- => list spans|0
SELECT * FROM relmeta.related('list.plain', '[1,2]'::text);
-- => ERROR:  22P02
RESET ROLE;
DROP SCHEMA list_bob CASCADE;

SET client_min_messages = error;
DROP SCHEMA list CASCADE;
SELECT relmeta.drop_principal('list_ann'), relmeta.drop_principal('list_bob');
DROP ROLE regress_list_owner, regress_list_bob, regress_list_app;
