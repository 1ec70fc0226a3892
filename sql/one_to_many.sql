-- create_one_to_many, update_relationship, drop_relationship and their views: SEMANTICS 2.3.
-- Each refusal is followed by its SQLSTATE.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_otm_owner;
CREATE ROLE regress_otm_other;
CREATE SCHEMA otm AUTHORIZATION regress_otm_owner;
GRANT USAGE ON SCHEMA otm TO regress_otm_other;
SELECT relmeta.create_user('otm_alice'), relmeta.create_user('otm_bob');
SET SESSION AUTHORIZATION regress_otm_owner;
SET search_path = otm;

CREATE VIEW foreign_keys AS
SELECT conrelid::regclass AS relation, conname AS name, pg_catalog.pg_get_constraintdef(oid) AS definition
FROM pg_catalog.pg_constraint WHERE contype = 'f' AND connamespace = 'otm'::regnamespace AND conparentid = 0;
CREATE VIEW behaviors AS
SELECT name, assign, reparent, share, unshare, delete, merge, rollup_view, preset, is_parental, is_hierarchical
FROM relmeta.one_to_many WHERE primary_table IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = 'otm'::regnamespace);
CREATE VIEW lookups AS
SELECT attrelid::regclass AS relation, attname AS column, pg_catalog.format_type(atttypid, atttypmod) AS type, attnotnull AS required,
       (SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = attrelid AND i.indkey[0] = attnum) AS indexes
FROM pg_catalog.pg_attribute JOIN relmeta.one_to_many ON related_table = attrelid AND lookup_column = attname;

CREATE TABLE account (id int PRIMARY KEY, owner_id text, active boolean DEFAULT true);
CREATE TABLE contact (id bigint PRIMARY KEY, owner_id text, active boolean DEFAULT true);
CREATE TABLE item (id int PRIMARY KEY);
SELECT relmeta.register_table('account', 'owner_id', 'active');
SELECT relmeta.register_table('contact', 'owner_id', 'active');
INSERT INTO account VALUES (1, 'otm_alice'), (2, 'otm_bob');

--
-- Presets and overrides
--
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
-- => account_contact
SELECT relmeta.create_one_to_many('account', 'contact', 'referrer_id');
-- => account_contact_referrer_id
SELECT relmeta.create_one_to_many('account', 'contact', 'payer_id', preset => 'referential_restrict');
-- => account_contact_payer_id
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', 'items', preset => 'parental', assign => 'none', reparent => 'active', share => 'all', merge => 'none', rollup_view => 'active');
-- => items
SELECT * FROM behaviors ORDER BY name;
-- => account_contact|all|all|all|all|all|all|none|parental|t|f
-- => account_contact_payer_id|none|none|none|none|restrict|all|none|referential_restrict|f|f
-- => account_contact_referrer_id|none|none|none|none|remove_link|all|none|referential|f|f
-- => items|none|active|all|all|all|none|active|custom|t|f
SELECT * FROM lookups ORDER BY 1, 2;
-- => contact|account_id|integer|f|contact_account_id_idx
-- => contact|payer_id|integer|f|contact_payer_id_idx
-- => contact|referrer_id|integer|f|contact_referrer_id_idx
-- => item|account_id|integer|f|item_account_id_idx
SELECT * FROM foreign_keys ORDER BY 1, 2;
-- => contact|account_contact|FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE CASCADE
-- => contact|account_contact_payer_id|FOREIGN KEY (payer_id) REFERENCES account(id) ON DELETE RESTRICT
-- => contact|account_contact_referrer_id|FOREIGN KEY (referrer_id) REFERENCES account(id) ON DELETE SET NULL
-- => item|items|FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE CASCADE
-- item was registered by the way, without owner
SELECT relation, key_column, owner_column, state_column FROM relmeta.tables WHERE relation = 'item'::regclass;
-- => item|id||
SELECT name, primary_table, primary_key, related_table, lookup_column, type_column, is_system FROM relmeta.one_to_many WHERE name = 'items';
-- => items|account|id|item|account_id||f
SELECT name, related_table, lookup_column, primary_table, primary_key FROM relmeta.many_to_one WHERE related_table = 'item'::regclass;
-- => items|item|account_id|account|id
-- when share cascades and unshare is not given, it is all
CREATE TABLE s1 (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 's1', 'account_id', share => 'active', name => 'share_alone');
-- => share_alone
CREATE TABLE s2 (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 's2', 'account_id', share => 'active', unshare => 'none', name => 'unshare_given');
-- => unshare_given
SELECT name, share, unshare, is_parental FROM behaviors WHERE name IN ('share_alone', 'unshare_given') ORDER BY name;
-- => share_alone|active|all|t
-- => unshare_given|active|none|t
-- text parameters, as drivers send them
PREPARE declare(text, text, text, text, text) AS SELECT relmeta.create_one_to_many($1::regclass, $2::regclass, $3::name, delete => $4, merge => $5::varchar);
CREATE TABLE s3 (id int PRIMARY KEY);
EXECUTE declare('account', 's3', 'account_id', 'restrict', 'none');
-- => account_s3
SELECT delete, merge, preset FROM behaviors WHERE name = 'account_s3';
-- => restrict|none|custom

--
-- Refused behaviors
--
CREATE TABLE r (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', assign => 'remove_link');
-- => ERROR:  behavior "remove_link" is not allowed for action "assign"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', share => 'restrict');
-- => ERROR:  behavior "restrict" is not allowed for action "share"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', delete => 'none');
-- => ERROR:  behavior "none" is not allowed for action "delete"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', delete => 'active');
-- => ERROR:  behavior "active" is not allowed for action "delete"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
\set VERBOSITY default
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', merge => 'user_owned');
-- => ERROR:  behavior "user_owned" is not allowed for action "merge"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
\set VERBOSITY terse
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', rollup_view => 'restrict');
-- => ERROR:  behavior "restrict" is not allowed for action "rollup_view"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', delete => 'maybe');
-- => ERROR:  invalid input value for enum relmeta.behavior: "maybe" at character 75
\echo :LAST_ERROR_SQLSTATE
-- => 22P02
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', preset => 'paternal');
-- => ERROR:  unknown preset "paternal"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'r', NULL);
-- => ERROR:  argument "lookup_column" must not be null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
-- nothing was made of any of them
SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = 'r'::regclass AND attnum > 0;
-- => 1
SELECT count(*) FROM relmeta.tables WHERE relation = 'r'::regclass;
-- => 0

--
-- Rules of relationships
--
\set VERBOSITY default
-- a second relationship that gives access
SELECT relmeta.create_one_to_many('item', 'contact', 'item_id', unshare => 'all');
-- => ERROR:  table "contact" already gets access by another relationship, "account_contact"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
\set VERBOSITY terse
SELECT relmeta.create_one_to_many('account', 'contact', 'other_id', share => 'all');
-- => ERROR:  table "contact" already gets access by another relationship, "account_contact"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
-- merge and rollup_view do not make one parental
SELECT relmeta.create_one_to_many('account', 'contact', 'other_id', rollup_view => 'all', name => 'not_parental');
-- => not_parental
-- custom -> system
CREATE TABLE system (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('system', 'owner_id', is_system => true);
SELECT relmeta.create_one_to_many('account', 'system', 'account_id', delete => 'all');
-- => ERROR:  custom table "account" cannot be the parent of system table "system"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('account', 'system', 'account_id');
-- => account_system
CREATE TABLE system2 (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('system2', 'owner_id', is_system => true);
SELECT relmeta.create_one_to_many('system', 'system2', 'system_id', preset => 'parental');
-- => system_system2
SELECT name, is_system FROM relmeta.one_to_many WHERE related_table IN ('system'::regclass, 'system2'::regclass) ORDER BY name;
-- => account_system|f
-- => system_system2|t
-- owners that are missing
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', assign => 'all');
-- => ERROR:  behavior "all" of action "assign" needs an owner column in table "r"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', reparent => 'user_owned');
-- => ERROR:  behavior "user_owned" of action "reparent" needs an owner column in table "r"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', rollup_view => 'user_owned');
-- => ERROR:  behavior "user_owned" of action "rollup_view" needs an owner column in table "r"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('item', 'r', 'item_id', share => 'all');
-- => ERROR:  behavior "all" of action "share" needs an owner column in table "item"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('item', 'r', 'item_id', reparent => 'active');
-- => ERROR:  behavior "active" of action "reparent" needs an owner column in table "item"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
CREATE TABLE owned (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('owned', 'owner_id');
SELECT relmeta.create_one_to_many('item', 'owned', 'item_id', assign => 'all');
-- => ERROR:  behavior "all" of action "assign" needs an owner column in table "item"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
-- owners of different types
CREATE TABLE owned_int (id int PRIMARY KEY, owner_id int);
SELECT relmeta.register_table('owned_int', 'owner_id');
\set VERBOSITY default
SELECT relmeta.create_one_to_many('account', 'owned_int', 'account_id', unshare => 'all');
-- => ERROR:  the owners of tables "account" and "owned_int" are of different types, text and integer
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
\set VERBOSITY terse
SELECT relmeta.create_one_to_many('account', 'owned_int', 'account_id', rollup_view => 'user_owned');
-- => ERROR:  the owners of tables "account" and "owned_int" are of different types, text and integer
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('account', 'owned_int', 'account_id', delete => 'all', rollup_view => 'active');
-- => account_owned_int
-- remove_link on a NOT NULL lookup
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', required => true);
-- => ERROR:  behavior "remove_link" needs column "account_id" of table "r" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
CREATE TABLE r2 (id int PRIMARY KEY, account_id int NOT NULL);
SELECT relmeta.create_one_to_many('account', 'r2', 'account_id');
-- => ERROR:  behavior "remove_link" needs column "account_id" of table "r2" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
CREATE DOMAIN never_null AS int NOT NULL;
CREATE TABLE r3 (id int PRIMARY KEY, account_id never_null);
SELECT relmeta.create_one_to_many('account', 'r3', 'account_id');
-- => ERROR:  behavior "remove_link" needs column "account_id" of table "r3" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('account', 'r3', 'account_id', preset => 'referential_restrict');
-- => account_r3
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', required => true, delete => 'restrict');
-- => account_r
SELECT type, required FROM lookups WHERE relation = 'r'::regclass;
-- => integer|t
-- hierarchies
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', is_hierarchical => true);
-- => ERROR:  a hierarchical relationship must be of table "owned" to itself
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('item', 'item', 'parent_id', is_hierarchical => true);
-- => item_item
SELECT relmeta.create_one_to_many('item', 'item', 'second_id', is_hierarchical => true);
-- => ERROR:  table "item" already has a hierarchical relationship, "item_item"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('item', 'item', 'second_id');
-- => item_item_second_id
-- cycles across tables of relationships that give access
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', unshare => 'all');
-- => a_b
SELECT relmeta.create_one_to_many('b', 'c', 'b_id', unshare => 'all');
-- => b_c
SELECT relmeta.create_one_to_many('c', 'a', 'c_id', unshare => 'all');
-- => ERROR:  table "c" already gets access from table "a"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('c', 'a', 'c_id', delete => 'all');
-- => c_a
SELECT relmeta.update_relationship('c_a', unshare => 'all');
-- => ERROR:  table "c" already gets access from table "a"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.create_one_to_many('a', 'a', 'parent_id', delete => 'all');
-- => a_a
-- tables that cannot take part
CREATE VIEW v AS SELECT 1 AS id;
SELECT relmeta.create_one_to_many('v', 'r', 'v_id');
-- => ERROR:  "v" cannot be registered: it is a view
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.create_one_to_many('account', 'v', 'account_id');
-- => ERROR:  "v" cannot be registered: it is a view
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
CREATE TABLE composite (x int, y int, PRIMARY KEY (x, y));
SELECT relmeta.create_one_to_many('account', 'composite', 'account_id');
-- => ERROR:  "composite" cannot be registered: it has no primary key of a single column that is not deferrable
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.create_one_to_many('nowhere', 'r', 'v_id');
-- => ERROR:  relation "nowhere" does not exist at character 35
\echo :LAST_ERROR_SQLSTATE
-- => 42P01
-- columns that cannot be lookups
CREATE TABLE odd (id int PRIMARY KEY, big bigint, made int GENERATED ALWAYS AS (1) STORED);
SELECT relmeta.create_one_to_many('account', 'odd', 'big');
-- => ERROR:  lookup "big" of table "odd" is of type bigint, the key of table "account" of type integer
\echo :LAST_ERROR_SQLSTATE
-- => 42804
SELECT relmeta.create_one_to_many('account', 'odd', 'made');
-- => ERROR:  column "made" of relation "odd" is a generated column
\echo :LAST_ERROR_SQLSTATE
-- => 0A000
SELECT relmeta.create_one_to_many('account', 'odd', 'ctid');
-- => ERROR:  column "ctid" of relation "odd" is a system column
\echo :LAST_ERROR_SQLSTATE
-- => 0A000

--
-- Names
--
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => 'items');
-- => ERROR:  relationship "items" already exists
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => '');
-- => ERROR:  the name of a relationship must not be empty
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => repeat('x', 64));
-- => ERROR:  the name of a relationship must not be longer than 63 bytes
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.create_one_to_many('account', 'item', 'account_id');
-- => ERROR:  column "account_id" of table "item" is already the lookup of relationship "items"
\echo :LAST_ERROR_SQLSTATE
-- => 42710
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', name => 'another', if_not_exists => true);
-- => items
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => 'items', if_not_exists => true);
-- => ERROR:  relationship "items" already exists
\echo :LAST_ERROR_SQLSTATE
-- => 42710
RESET SESSION AUTHORIZATION;
CREATE SCHEMA otm2 AUTHORIZATION regress_otm_owner;
SET SESSION AUTHORIZATION regress_otm_owner;
SET search_path = otm;
CREATE TABLE otm2.account (id int PRIMARY KEY);
CREATE TABLE otm2.contact (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('otm2.account', 'otm2.contact', 'account_id');
-- => account_contact_account_id
SELECT relmeta.create_one_to_many('otm2.account', 'otm2.contact', 'payer_id', preset => 'referential_restrict');
-- => account_contact_payer_id_1
-- at most 63 bytes, never within a character
CREATE TABLE "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü" (id int PRIMARY KEY);
SELECT name, octet_length(name) FROM relmeta.create_one_to_many('"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', '"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', 'a') AS name;
-- => äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü_ä|63
SELECT name, octet_length(name) FROM relmeta.create_one_to_many('"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', '"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', 'b') AS name;
-- => äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü__1|63
SELECT name, octet_length(name) FROM relmeta.create_one_to_many('"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', '"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', 'c') AS name;
-- => äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü__2|63
-- a constraint of the relationship's name is in the way of its foreign key
CREATE TABLE pay (id int PRIMARY KEY, CONSTRAINT account_pay CHECK (id > 0));
SELECT relmeta.create_one_to_many('account', 'pay', 'account_id');
-- => account_pay
SELECT * FROM foreign_keys WHERE relation = 'pay'::regclass;
-- => pay|account_pay_1|FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE SET NULL

--
-- What is there is adopted
--
CREATE TABLE invoice (id int PRIMARY KEY, account_id int, payer_id int, agent_id int, mixed int,
  CONSTRAINT fk1 FOREIGN KEY (account_id) REFERENCES account ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT fk2 FOREIGN KEY (payer_id) REFERENCES account MATCH FULL ON DELETE SET NULL,
  CONSTRAINT fk3 FOREIGN KEY (agent_id) REFERENCES account ON DELETE SET DEFAULT);
COMMENT ON CONSTRAINT fk1 ON invoice IS 'kept';
CREATE INDEX invoice_account ON invoice (account_id, id);
CREATE INDEX invoice_payer ON invoice (payer_id) WHERE payer_id IS NOT NULL;
CREATE INDEX invoice_agent ON invoice (id, agent_id);
SELECT relmeta.create_one_to_many('account', 'invoice', 'account_id', delete => 'all');
-- => account_invoice
SELECT relmeta.create_one_to_many('account', 'invoice', 'payer_id');
-- => account_invoice_payer_id
SELECT relmeta.create_one_to_many('account', 'invoice', 'agent_id', delete => 'restrict');
-- => account_invoice_agent_id
SELECT * FROM foreign_keys WHERE relation = 'invoice'::regclass ORDER BY name;
-- => invoice|fk1|FOREIGN KEY (account_id) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
-- => invoice|fk2|FOREIGN KEY (payer_id) REFERENCES account(id) MATCH FULL ON DELETE SET NULL
-- => invoice|fk3|FOREIGN KEY (agent_id) REFERENCES account(id) ON DELETE RESTRICT
SELECT pg_catalog.obj_description(oid, 'pg_constraint') FROM pg_catalog.pg_constraint WHERE conname = 'fk1' AND conrelid = 'invoice'::regclass;
-- => kept
SELECT * FROM lookups WHERE relation = 'invoice'::regclass ORDER BY 2;
-- => invoice|account_id|integer|f|invoice_account
-- => invoice|agent_id|integer|f|invoice_agent_id_idx
-- => invoice|payer_id|integer|f|invoice_payer, invoice_payer_id_idx
-- two keys of one lookup; one that was never validated
CREATE TABLE two (id int PRIMARY KEY, account_id int,
  CONSTRAINT one FOREIGN KEY (account_id) REFERENCES account, CONSTRAINT two FOREIGN KEY (account_id) REFERENCES account);
SELECT relmeta.create_one_to_many('account', 'two', 'account_id', preset => 'referential_restrict');
-- => account_two
SELECT * FROM foreign_keys WHERE relation = 'two'::regclass ORDER BY name;
-- => two|one|FOREIGN KEY (account_id) REFERENCES account(id)
-- => two|two|FOREIGN KEY (account_id) REFERENCES account(id)
CREATE TABLE late (id int PRIMARY KEY, account_id int);
INSERT INTO late VALUES (1, 77);
ALTER TABLE late ADD CONSTRAINT late_fk FOREIGN KEY (account_id) REFERENCES account ON DELETE SET NULL NOT VALID;
SELECT relmeta.create_one_to_many('account', 'late', 'account_id');
-- => account_late
SELECT definition FROM foreign_keys WHERE relation = 'late'::regclass;
-- => FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE SET NULL NOT VALID
-- orphans
CREATE TABLE orphans (id int PRIMARY KEY, account_id int);
INSERT INTO orphans VALUES (1, 1), (2, 77);
SELECT relmeta.create_one_to_many('account', 'orphans', 'account_id');
-- => ERROR:  insert or update on table "orphans" violates foreign key constraint "account_orphans"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
SELECT relmeta.create_one_to_many('account', 'orphans', 'account_id', foreign_key => false);
-- => ERROR:  column "account_id" of table "orphans" points to rows that are not in table "account"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
DELETE FROM orphans WHERE id = 2;
SELECT relmeta.create_one_to_many('account', 'orphans', 'account_id', foreign_key => false);
-- => account_orphans
SELECT * FROM foreign_keys WHERE relation = 'orphans'::regclass;
-- => none
INSERT INTO orphans VALUES (3, 77);
-- => ERROR:  insert or update on table "orphans" violates relationship "account_orphans"
\echo :LAST_ERROR_SQLSTATE
-- => 23503
-- a foreign key that would act beside relmeta
CREATE TABLE guarded (id int PRIMARY KEY, account_id int REFERENCES account);
SELECT relmeta.create_one_to_many('account', 'guarded', 'account_id', foreign_key => false);
-- => ERROR:  foreign key "guarded_account_id_fkey" of table "guarded" already guards lookup "account_id"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
-- required of a column that is there
CREATE TABLE req (id int PRIMARY KEY, account_id int);
INSERT INTO req VALUES (1, NULL);
SELECT relmeta.create_one_to_many('account', 'req', 'account_id', preset => 'referential_restrict', required => true);
-- => ERROR:  column "account_id" of relation "req" contains null values
\echo :LAST_ERROR_SQLSTATE
-- => 23502
DELETE FROM req;
SELECT relmeta.create_one_to_many('account', 'req', 'account_id', preset => 'referential_restrict', required => true);
-- => account_req
SELECT required FROM lookups WHERE relation = 'req'::regclass;
-- => t
-- a key of a domain with a collation; varchar and text are the same values
CREATE DOMAIN code AS text COLLATE "C" CHECK (value <> '');
CREATE TABLE coded (code code PRIMARY KEY);
CREATE TABLE uses_code (id int PRIMARY KEY, other_code varchar(8));
SELECT relmeta.create_one_to_many('coded', 'uses_code', 'code');
-- => coded_uses_code
SELECT relmeta.create_one_to_many('coded', 'uses_code', 'other_code');
-- => coded_uses_code_other_code
SELECT * FROM lookups WHERE relation = 'uses_code'::regclass ORDER BY 2;
-- => uses_code|code|code|f|uses_code_code_idx
-- => uses_code|other_code|character varying(8)|f|uses_code_other_code_idx

--
-- Partitioned tables
--
CREATE TABLE part (id int PRIMARY KEY, owner_id text) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT relmeta.register_table('part', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'part', 'account_id', preset => 'parental');
-- => account_part
SELECT relmeta.create_one_to_many('part', 'item', 'part_id');
-- => part_item
SELECT * FROM foreign_keys WHERE definition ~ 'part' OR relation = 'part'::regclass ORDER BY 1, 2;
-- => item|part_item|FOREIGN KEY (part_id) REFERENCES part(id) ON DELETE SET NULL
-- => part|account_part|FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE CASCADE
SELECT inhrelid::regclass FROM pg_catalog.pg_inherits WHERE inhparent = (SELECT indexes::regclass FROM lookups WHERE relation = 'part'::regclass) ORDER BY 1;
-- => part_0_account_id_idx
-- => part_1_account_id_idx
CREATE INDEX ON ONLY part (owner_id);
SELECT relmeta.create_one_to_many('part_0', 'item', 'x');
-- => ERROR:  "part_0" cannot be registered: it is a partition
\echo :LAST_ERROR_SQLSTATE
-- => 0A000

--
-- update_relationship
--
SELECT relmeta.update_relationship('account_invoice', delete => 'restrict');
SELECT relmeta.update_relationship('account_contact_referrer_id', rollup_view => 'all', delete => 'restrict');
SELECT * FROM foreign_keys WHERE name IN ('fk1', 'account_contact_referrer_id') ORDER BY 2;
-- => contact|account_contact_referrer_id|FOREIGN KEY (referrer_id) REFERENCES account(id) ON DELETE RESTRICT
-- => invoice|fk1|FOREIGN KEY (account_id) REFERENCES account(id) ON UPDATE CASCADE ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED
SELECT * FROM behaviors WHERE name IN ('account_invoice', 'account_contact_referrer_id') ORDER BY name;
-- => account_contact_referrer_id|none|none|none|none|restrict|all|all|custom|f|f
-- => account_invoice|none|none|none|none|restrict|all|none|referential_restrict|f|f
-- NULL keeps; share that is turned on turns unshare on
SELECT relmeta.update_relationship('account_contact', share => 'none', unshare => 'none', revoke_inherited => false);
SELECT relmeta.update_relationship('account_contact', share => 'active');
SELECT share, unshare, reparent FROM behaviors WHERE name = 'account_contact';
-- => active|all|all
SELECT relmeta.update_relationship('account_contact', unshare => 'none');
SELECT relmeta.update_relationship('account_contact', share => 'all');
SELECT share, unshare, reparent FROM behaviors WHERE name = 'account_contact';
-- => all|none|all
SELECT relmeta.update_relationship('account_contact', reparent => 'none', revoke_inherited => false);
SELECT relmeta.update_relationship('account_contact', reparent => 'none', share => 'none', unshare => 'user_owned', revoke_inherited => false);
SELECT share, unshare, reparent FROM behaviors WHERE name = 'account_contact';
-- => none|user_owned|none
-- what is linked already inherits nothing
INSERT INTO contact (id, account_id) VALUES (1, 1);
\set VERBOSITY default
SELECT relmeta.update_relationship('account_contact', reparent => 'all');
SELECT relmeta.update_relationship('account_contact', share => 'all');
SELECT relmeta.update_relationship('account_contact', share => 'none', revoke_inherited => false);
\set VERBOSITY terse
-- a job is queued when share or reparent ends, for what was inherited
BEGIN;
SELECT relmeta.update_relationship('account_contact', assign => 'none') IS NULL AS nothing_to_revoke;
-- => t
SELECT relmeta.update_relationship('account_contact', reparent => 'none') AS job \gset
SELECT kind, relationship, state FROM relmeta.jobs WHERE job_id = :job;
-- => revoke|account_contact|ready
SELECT relmeta.update_relationship('account_contact', reparent => 'none') IS NULL AS nothing_to_revoke;
-- => t
ROLLBACK;
-- refusals
SELECT relmeta.update_relationship('account_contact', delete => 'none');
-- => ERROR:  behavior "none" is not allowed for action "delete"
\echo :LAST_ERROR_SQLSTATE
-- => 22023
SELECT relmeta.update_relationship('account_contact_payer_id', share => 'all');
-- => ERROR:  table "contact" already gets access by another relationship, "account_contact"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.update_relationship('account_r', delete => 'remove_link');
-- => ERROR:  behavior "remove_link" needs column "account_id" of table "r" to allow null
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.update_relationship('account_r', assign => 'all');
-- => ERROR:  behavior "all" of action "assign" needs an owner column in table "r"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.update_relationship('account_system', delete => 'all');
-- => ERROR:  custom table "account" cannot be the parent of system table "system"
\echo :LAST_ERROR_SQLSTATE
-- => 42P17
SELECT relmeta.update_relationship('nothing', delete => 'all');
-- => ERROR:  relationship "nothing" does not exist
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT relmeta.update_relationship(NULL, delete => 'all');
-- => ERROR:  argument "name" must not be null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
-- loops that are there
CREATE TABLE node (id int PRIMARY KEY, parent_id int);
INSERT INTO node VALUES (1, 2), (2, 1), (3, 3);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', is_hierarchical => true);
-- => ERROR:  a row of table "node" would be above itself in relationship "node_node"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id');
-- => node_node
SELECT relmeta.update_relationship('node_node', delete => 'all');
-- => ERROR:  a row of table "node" would be above itself in relationship "node_node"
\echo :LAST_ERROR_SQLSTATE
-- => 23514
UPDATE node SET parent_id = NULL WHERE id IN (2, 3);
SELECT relmeta.update_relationship('node_node', delete => 'all');
UPDATE node SET parent_id = 1 WHERE id = 2;
-- => ERROR:  a row of table "node" would be above itself in relationship "node_node"
\echo :LAST_ERROR_SQLSTATE
-- => 23514

--
-- drop_relationship
--
SELECT relmeta.drop_relationship('account_r');
SELECT * FROM foreign_keys WHERE relation = 'r'::regclass;
-- => r|account_r|FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE RESTRICT
SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = 'r'::regclass AND attnum > 0 ORDER BY attnum;
-- => id
-- => account_id
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', preset => 'referential_restrict');
-- => account_r
SELECT relmeta.drop_relationship('account_r', drop_storage => true);
SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = 'r'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
-- => id
SELECT * FROM foreign_keys WHERE relation = 'r'::regclass;
-- => none
SELECT relmeta.drop_relationship('account_r');
-- => ERROR:  relationship "account_r" does not exist
\echo :LAST_ERROR_SQLSTATE
-- => 42704
SELECT relmeta.drop_relationship(NULL);
-- => ERROR:  argument "name" must not be null
\echo :LAST_ERROR_SQLSTATE
-- => 22004
-- the lookup is the key besides; two relationships share it
CREATE TABLE extra (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 'extra', 'id', preset => 'referential_restrict');
-- => account_extra
SELECT relmeta.create_one_to_many('item', 'extra', 'id', preset => 'referential_restrict');
-- => item_extra
SELECT relmeta.drop_relationship('account_extra', true);
SELECT relmeta.drop_relationship('item_extra', true);
-- => ERROR:  column "id" of table "extra" cannot be dropped: its registration needs it
\echo :LAST_ERROR_SQLSTATE
-- => 55000
SELECT relmeta.drop_relationship('item_extra');

--
-- Who may
--
SET SESSION AUTHORIZATION regress_otm_other;
SET search_path = otm;
SELECT relmeta.create_one_to_many('account', 'invoice', 'x');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.update_relationship('account_invoice', delete => 'all');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.drop_relationship('account_invoice');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT count(*) FROM relmeta.adoptable WHERE call IS NOT NULL;
-- => 0
SELECT name FROM relmeta.one_to_many WHERE name = 'account_invoice';
-- => account_invoice
RESET SESSION AUTHORIZATION;
GRANT CREATE ON SCHEMA otm TO regress_otm_other;
SET SESSION AUTHORIZATION regress_otm_other;
SET search_path = otm;
CREATE TABLE theirs (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 'theirs', 'account_id');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
SELECT relmeta.create_one_to_many('theirs', 'account', 'theirs_id');
-- => ERROR:  must be owner of table account
\echo :LAST_ERROR_SQLSTATE
-- => 42501
DROP TABLE theirs;
-- a member of the owning role may
RESET SESSION AUTHORIZATION;
GRANT regress_otm_owner TO regress_otm_other;
SET SESSION AUTHORIZATION regress_otm_other;
SET search_path = otm;
SELECT relmeta.update_relationship('account_invoice', delete => 'all');
SELECT relmeta.drop_relationship('account_invoice');
SET SESSION AUTHORIZATION regress_otm_owner;

--
-- Odd names, an empty search_path, operators in the way, row-level security
--
CREATE FUNCTION otm.never(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR otm.= (LEFTARG = int, RIGHTARG = int, FUNCTION = otm.never);
CREATE TABLE otm."Weird ""Name""" ("Key ''" int PRIMARY KEY, "Own er" text);
INSERT INTO otm."Weird ""Name""" VALUES (1, 'otm_alice'), (2, 'otm_alice');
ALTER TABLE otm."Weird ""Name""" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET search_path = otm, pg_catalog;
SELECT relmeta.register_table('"Weird ""Name"""', 'Own er');
CREATE TABLE "Rel ated" (id int PRIMARY KEY, "Look ""up" int, "Own er" text);
INSERT INTO "Rel ated" VALUES (1, 1, NULL), (2, 2, NULL);
SELECT relmeta.register_table('"Rel ated"', 'Own er');
SELECT relmeta.create_one_to_many('"Weird ""Name"""', '"Rel ated"', 'Look "up', preset => 'parental', foreign_key => false);
-- => Weird "Name"_Rel ated
SELECT relmeta.drop_relationship('Weird "Name"_Rel ated');
SET search_path = '';
SELECT relmeta.create_one_to_many('otm."Weird ""Name"""', 'otm."Rel ated"', 'Look "up', preset => 'parental');
-- => Weird "Name"_Rel ated
SELECT relmeta.update_relationship('Weird "Name"_Rel ated', delete => 'restrict');
SELECT name, definition FROM otm.foreign_keys WHERE name = 'Weird "Name"_Rel ated';
-- => Weird "Name"_Rel ated|FOREIGN KEY ("Look ""up") REFERENCES otm."Weird ""Name"""("Key ''") ON DELETE RESTRICT
SELECT relmeta.drop_relationship('Weird "Name"_Rel ated', true);
DROP OPERATOR otm.= (int, int);
SET search_path = otm;

--
-- relmeta.adoptable
--
CREATE TABLE "Ad opt" (id int PRIMARY KEY);
CREATE TABLE ad1 (id int PRIMARY KEY, "it's" int REFERENCES "Ad opt" ON DELETE CASCADE, other_id int NOT NULL REFERENCES "Ad opt" ON DELETE CASCADE,
  third_id int REFERENCES account ON DELETE SET NULL, self_id int REFERENCES ad1, system_id int REFERENCES system ON DELETE CASCADE);
CREATE TABLE junction (ad_id int REFERENCES "Ad opt", item_id int REFERENCES item, since date, PRIMARY KEY (item_id, ad_id));
CREATE TABLE cyc1 (id int PRIMARY KEY);
CREATE TABLE cyc2 (id int PRIMARY KEY REFERENCES cyc1 ON DELETE CASCADE);
ALTER TABLE cyc1 ADD cyc2_id int REFERENCES cyc2 ON DELETE CASCADE;
CREATE TABLE sysad (id int PRIMARY KEY, account_id int REFERENCES account ON DELETE CASCADE);
SELECT relmeta.register_table('sysad', is_system => true);
SELECT * FROM relmeta.adoptable;
-- => one_to_many|ad1|SELECT relmeta.create_one_to_many('otm."Ad opt"', 'otm.ad1', 'it''s', delete => 'all')|
-- => one_to_many|ad1|SELECT relmeta.create_one_to_many('otm."Ad opt"', 'otm.ad1', 'other_id', preset => 'referential_restrict')|
-- => one_to_many|ad1|SELECT relmeta.create_one_to_many('otm.ad1', 'otm.ad1', 'self_id', preset => 'referential_restrict')|
-- => one_to_many|ad1|SELECT relmeta.create_one_to_many('otm.system', 'otm.ad1', 'system_id', preset => 'referential_restrict')|
-- => one_to_many|ad1|SELECT relmeta.create_one_to_many('otm.account', 'otm.ad1', 'third_id')|
-- => one_to_many|cyc1|SELECT relmeta.create_one_to_many('otm.cyc2', 'otm.cyc1', 'cyc2_id', delete => 'all')|
-- => one_to_many|cyc2|SELECT relmeta.create_one_to_many('otm.cyc1', 'otm.cyc2', 'id', preset => 'referential_restrict')|
-- => one_to_many|extra|SELECT relmeta.create_one_to_many('otm.account', 'otm.extra', 'id', preset => 'referential_restrict')|
-- => one_to_many|extra|SELECT relmeta.create_one_to_many('otm.item', 'otm.extra', 'id', preset => 'referential_restrict')|
-- => one_to_many|guarded|SELECT relmeta.create_one_to_many('otm.account', 'otm.guarded', 'account_id', preset => 'referential_restrict')|
-- => one_to_many|invoice|SELECT relmeta.create_one_to_many('otm.account', 'otm.invoice', 'account_id', delete => 'all')|
-- => one_to_many|sysad|SELECT relmeta.create_one_to_many('otm.account', 'otm.sysad', 'account_id', preset => 'referential_restrict')|
-- => many_to_many|junction|SELECT relmeta.adopt_many_to_many('otm.junction')|
SELECT call FROM relmeta.adoptable \gexec
-- => SELECT relmeta.create_one_to_many('otm."Ad opt"', 'otm.ad1', 'it''s', delete => 'all')
-- => Ad opt_ad1
-- => SELECT relmeta.create_one_to_many('otm."Ad opt"', 'otm.ad1', 'other_id', preset => 'referential_restrict')
-- => Ad opt_ad1_other_id
-- => SELECT relmeta.create_one_to_many('otm.ad1', 'otm.ad1', 'self_id', preset => 'referential_restrict')
-- => ad1_ad1
-- => SELECT relmeta.create_one_to_many('otm.system', 'otm.ad1', 'system_id', preset => 'referential_restrict')
-- => system_ad1
-- => SELECT relmeta.create_one_to_many('otm.account', 'otm.ad1', 'third_id')
-- => account_ad1
-- => SELECT relmeta.create_one_to_many('otm.cyc2', 'otm.cyc1', 'cyc2_id', delete => 'all')
-- => cyc2_cyc1
-- => SELECT relmeta.create_one_to_many('otm.cyc1', 'otm.cyc2', 'id', preset => 'referential_restrict')
-- => cyc1_cyc2
-- => SELECT relmeta.create_one_to_many('otm.account', 'otm.extra', 'id', preset => 'referential_restrict')
-- => account_extra
-- => SELECT relmeta.create_one_to_many('otm.item', 'otm.extra', 'id', preset => 'referential_restrict')
-- => item_extra
-- => SELECT relmeta.create_one_to_many('otm.account', 'otm.guarded', 'account_id', preset => 'referential_restrict')
-- => account_guarded
-- => SELECT relmeta.create_one_to_many('otm.account', 'otm.invoice', 'account_id', delete => 'all')
-- => account_invoice
-- => SELECT relmeta.create_one_to_many('otm.account', 'otm.sysad', 'account_id', preset => 'referential_restrict')
-- => account_sysad
-- => SELECT relmeta.adopt_many_to_many('otm.junction')
-- => junction
SELECT * FROM relmeta.adoptable;
-- => none
-- an intersect table that relmeta made is known as well
SELECT relmeta.create_many_to_many('account', 'item');
-- => account_item
SELECT * FROM relmeta.adoptable;
-- => none
SELECT relmeta.update_relationship('junction', delete => 'all');
-- => ERROR:  relationship "junction" is a many-to-many relationship and has no behaviors
\echo :LAST_ERROR_SQLSTATE
-- => 42704

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA otm, otm2 CASCADE;
DELETE FROM relmeta.relationship WHERE related_table NOT IN (SELECT oid FROM pg_catalog.pg_class);
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT relmeta.drop_principal('otm_alice'), relmeta.drop_principal('otm_bob');
DROP ROLE regress_otm_owner, regress_otm_other;
