-- create_one_to_many, update_relationship, drop_relationship and their views: SEMANTICS 2.3.
-- Each refusal is followed by its SQLSTATE.
\set VERBOSITY terse
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
SELECT relmeta.create_one_to_many('account', 'contact', 'referrer_id');
SELECT relmeta.create_one_to_many('account', 'contact', 'payer_id', preset => 'referential_restrict');
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', 'items', preset => 'parental', assign => 'none', reparent => 'active', share => 'all', merge => 'none', rollup_view => 'active');
SELECT * FROM behaviors ORDER BY name;
SELECT * FROM lookups ORDER BY 1, 2;
SELECT * FROM foreign_keys ORDER BY 1, 2;
-- item was registered by the way, without owner
SELECT relation, key_column, owner_column, state_column FROM relmeta.tables WHERE relation = 'item'::regclass;
SELECT name, primary_table, primary_key, related_table, lookup_column, type_column, is_system FROM relmeta.one_to_many WHERE name = 'items';
SELECT name, related_table, lookup_column, primary_table, primary_key FROM relmeta.many_to_one WHERE related_table = 'item'::regclass;
-- when share cascades and unshare is not given, it is all
CREATE TABLE s1 (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 's1', 'account_id', share => 'active', name => 'share_alone');
CREATE TABLE s2 (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 's2', 'account_id', share => 'active', unshare => 'none', name => 'unshare_given');
SELECT name, share, unshare, is_parental FROM behaviors WHERE name IN ('share_alone', 'unshare_given') ORDER BY name;
-- text parameters, as drivers send them
PREPARE declare(text, text, text, text, text) AS SELECT relmeta.create_one_to_many($1::regclass, $2::regclass, $3::name, delete => $4, merge => $5::varchar);
CREATE TABLE s3 (id int PRIMARY KEY);
EXECUTE declare('account', 's3', 'account_id', 'restrict', 'none');
SELECT delete, merge, preset FROM behaviors WHERE name = 'account_s3';

--
-- Refused behaviors
--
CREATE TABLE r (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', assign => 'remove_link');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', share => 'restrict');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', delete => 'none');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', delete => 'active');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', merge => 'user_owned');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', rollup_view => 'restrict');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', delete => 'maybe');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', preset => 'paternal');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', NULL);
\echo :LAST_ERROR_SQLSTATE
-- nothing was made of any of them
SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = 'r'::regclass AND attnum > 0;
SELECT count(*) FROM relmeta.tables WHERE relation = 'r'::regclass;

--
-- Rules of relationships
--
\set VERBOSITY default
-- a second parental relationship
SELECT relmeta.create_one_to_many('item', 'contact', 'item_id', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT relmeta.create_one_to_many('account', 'contact', 'other_id', share => 'all');
\echo :LAST_ERROR_SQLSTATE
-- merge and rollup_view do not make one parental
SELECT relmeta.create_one_to_many('account', 'contact', 'other_id', rollup_view => 'all', name => 'not_parental');
-- custom -> system
CREATE TABLE system (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('system', 'owner_id', is_system => true);
SELECT relmeta.create_one_to_many('account', 'system', 'account_id', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'system', 'account_id');
CREATE TABLE system2 (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('system2', 'owner_id', is_system => true);
SELECT relmeta.create_one_to_many('system', 'system2', 'system_id', preset => 'parental');
SELECT name, is_system FROM relmeta.one_to_many WHERE related_table IN ('system'::regclass, 'system2'::regclass) ORDER BY name;
-- owners that are missing
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', assign => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', reparent => 'user_owned');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', rollup_view => 'user_owned');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('item', 'r', 'item_id', share => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('item', 'r', 'item_id', reparent => 'active');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE owned (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table('owned', 'owner_id');
SELECT relmeta.create_one_to_many('item', 'owned', 'item_id', assign => 'all');
\echo :LAST_ERROR_SQLSTATE
-- owners of different types
CREATE TABLE owned_int (id int PRIMARY KEY, owner_id int);
SELECT relmeta.register_table('owned_int', 'owner_id');
\set VERBOSITY default
SELECT relmeta.create_one_to_many('account', 'owned_int', 'account_id', unshare => 'all');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT relmeta.create_one_to_many('account', 'owned_int', 'account_id', rollup_view => 'user_owned');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'owned_int', 'account_id', delete => 'all', rollup_view => 'active');
-- remove_link on a NOT NULL lookup
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', required => true);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE r2 (id int PRIMARY KEY, account_id int NOT NULL);
SELECT relmeta.create_one_to_many('account', 'r2', 'account_id');
\echo :LAST_ERROR_SQLSTATE
CREATE DOMAIN never_null AS int NOT NULL;
CREATE TABLE r3 (id int PRIMARY KEY, account_id never_null);
SELECT relmeta.create_one_to_many('account', 'r3', 'account_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'r3', 'account_id', preset => 'referential_restrict');
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', required => true, delete => 'restrict');
SELECT type, required FROM lookups WHERE relation = 'r'::regclass;
-- hierarchies
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', is_hierarchical => true);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('item', 'item', 'parent_id', is_hierarchical => true);
SELECT relmeta.create_one_to_many('item', 'item', 'second_id', is_hierarchical => true);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('item', 'item', 'second_id');
-- cycles of parental relationships across tables
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', delete => 'all');
SELECT relmeta.create_one_to_many('b', 'c', 'b_id', delete => 'all');
SELECT relmeta.create_one_to_many('c', 'a', 'c_id', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('c', 'a', 'c_id', delete => 'restrict');
SELECT relmeta.update_relationship('c_a', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('a', 'a', 'parent_id', delete => 'all');
-- tables that cannot take part
CREATE VIEW v AS SELECT 1 AS id;
SELECT relmeta.create_one_to_many('v', 'r', 'v_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'v', 'account_id');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE composite (x int, y int, PRIMARY KEY (x, y));
SELECT relmeta.create_one_to_many('account', 'composite', 'account_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('nowhere', 'r', 'v_id');
\echo :LAST_ERROR_SQLSTATE
-- columns that cannot be lookups
CREATE TABLE odd (id int PRIMARY KEY, big bigint, made int GENERATED ALWAYS AS (1) STORED);
SELECT relmeta.create_one_to_many('account', 'odd', 'big');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'odd', 'made');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'odd', 'ctid');
\echo :LAST_ERROR_SQLSTATE

--
-- Names
--
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => 'items');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => '');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => repeat('x', 64));
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'item', 'account_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'item', 'account_id', name => 'another', if_not_exists => true);
SELECT relmeta.create_one_to_many('account', 'owned', 'account_id', name => 'items', if_not_exists => true);
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
CREATE SCHEMA otm2 AUTHORIZATION regress_otm_owner;
SET SESSION AUTHORIZATION regress_otm_owner;
SET search_path = otm;
CREATE TABLE otm2.account (id int PRIMARY KEY);
CREATE TABLE otm2.contact (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('otm2.account', 'otm2.contact', 'account_id');
SELECT relmeta.create_one_to_many('otm2.account', 'otm2.contact', 'payer_id', preset => 'referential_restrict');
-- at most 63 bytes, never within a character
CREATE TABLE "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü" (id int PRIMARY KEY);
SELECT name, octet_length(name) FROM relmeta.create_one_to_many('"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', '"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', 'a') AS name;
SELECT name, octet_length(name) FROM relmeta.create_one_to_many('"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', '"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', 'b') AS name;
SELECT name, octet_length(name) FROM relmeta.create_one_to_many('"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', '"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"', 'c') AS name;
-- a constraint of the relationship's name is in the way of its foreign key
CREATE TABLE pay (id int PRIMARY KEY, CONSTRAINT account_pay CHECK (id > 0));
SELECT relmeta.create_one_to_many('account', 'pay', 'account_id');
SELECT * FROM foreign_keys WHERE relation = 'pay'::regclass;

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
SELECT relmeta.create_one_to_many('account', 'invoice', 'payer_id');
SELECT relmeta.create_one_to_many('account', 'invoice', 'agent_id', preset => 'referential_restrict');
SELECT * FROM foreign_keys WHERE relation = 'invoice'::regclass ORDER BY name;
SELECT pg_catalog.obj_description(oid, 'pg_constraint') FROM pg_catalog.pg_constraint WHERE conname = 'fk1' AND conrelid = 'invoice'::regclass;
SELECT * FROM lookups WHERE relation = 'invoice'::regclass ORDER BY 2;
-- two keys of one lookup; one that was never validated
CREATE TABLE two (id int PRIMARY KEY, account_id int,
  CONSTRAINT one FOREIGN KEY (account_id) REFERENCES account, CONSTRAINT two FOREIGN KEY (account_id) REFERENCES account);
SELECT relmeta.create_one_to_many('account', 'two', 'account_id', preset => 'referential_restrict');
SELECT * FROM foreign_keys WHERE relation = 'two'::regclass ORDER BY name;
CREATE TABLE late (id int PRIMARY KEY, account_id int);
INSERT INTO late VALUES (1, 77);
ALTER TABLE late ADD CONSTRAINT late_fk FOREIGN KEY (account_id) REFERENCES account ON DELETE SET NULL NOT VALID;
SELECT relmeta.create_one_to_many('account', 'late', 'account_id');
\echo :LAST_ERROR_SQLSTATE
UPDATE late SET account_id = 1;
SELECT relmeta.create_one_to_many('account', 'late', 'account_id');
SELECT definition FROM foreign_keys WHERE relation = 'late'::regclass;
-- orphans
CREATE TABLE orphans (id int PRIMARY KEY, account_id int);
INSERT INTO orphans VALUES (1, 1), (2, 77);
SELECT relmeta.create_one_to_many('account', 'orphans', 'account_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('account', 'orphans', 'account_id', foreign_key => false);
\echo :LAST_ERROR_SQLSTATE
DELETE FROM orphans WHERE id = 2;
SELECT relmeta.create_one_to_many('account', 'orphans', 'account_id', foreign_key => false);
SELECT * FROM foreign_keys WHERE relation = 'orphans'::regclass;
INSERT INTO orphans VALUES (3, 77);
\echo :LAST_ERROR_SQLSTATE
-- a foreign key that would act beside relmeta
CREATE TABLE guarded (id int PRIMARY KEY, account_id int REFERENCES account);
SELECT relmeta.create_one_to_many('account', 'guarded', 'account_id', foreign_key => false);
\echo :LAST_ERROR_SQLSTATE
-- required of a column that is there
CREATE TABLE req (id int PRIMARY KEY, account_id int);
INSERT INTO req VALUES (1, NULL);
SELECT relmeta.create_one_to_many('account', 'req', 'account_id', preset => 'referential_restrict', required => true);
\echo :LAST_ERROR_SQLSTATE
DELETE FROM req;
SELECT relmeta.create_one_to_many('account', 'req', 'account_id', preset => 'referential_restrict', required => true);
SELECT required FROM lookups WHERE relation = 'req'::regclass;
-- a key of a domain with a collation; varchar and text are the same values
CREATE DOMAIN code AS text COLLATE "C" CHECK (value <> '');
CREATE TABLE coded (code code PRIMARY KEY);
CREATE TABLE uses_code (id int PRIMARY KEY, other_code varchar(8));
SELECT relmeta.create_one_to_many('coded', 'uses_code', 'code');
SELECT relmeta.create_one_to_many('coded', 'uses_code', 'other_code');
SELECT * FROM lookups WHERE relation = 'uses_code'::regclass ORDER BY 2;

--
-- Partitioned tables
--
CREATE TABLE part (id int PRIMARY KEY, owner_id text) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT relmeta.register_table('part', 'owner_id');
SELECT relmeta.create_one_to_many('account', 'part', 'account_id', preset => 'parental');
SELECT relmeta.create_one_to_many('part', 'item', 'part_id');
SELECT * FROM foreign_keys WHERE definition ~ 'part' OR relation = 'part'::regclass ORDER BY 1, 2;
SELECT inhrelid::regclass FROM pg_catalog.pg_inherits WHERE inhparent = (SELECT indexes::regclass FROM lookups WHERE relation = 'part'::regclass) ORDER BY 1;
CREATE INDEX ON ONLY part (owner_id);
SELECT relmeta.create_one_to_many('part_0', 'item', 'x');
\echo :LAST_ERROR_SQLSTATE

--
-- update_relationship
--
SELECT relmeta.update_relationship('account_invoice', delete => 'restrict');
SELECT relmeta.update_relationship('account_contact_referrer_id', rollup_view => 'all', delete => 'restrict');
SELECT * FROM foreign_keys WHERE name IN ('fk1', 'account_contact_referrer_id') ORDER BY 2;
SELECT * FROM behaviors WHERE name IN ('account_invoice', 'account_contact_referrer_id') ORDER BY name;
-- NULL keeps; share that is turned on turns unshare on
SELECT relmeta.update_relationship('account_contact', share => 'none', unshare => 'none', revoke_inherited => false);
SELECT relmeta.update_relationship('account_contact', share => 'active');
SELECT share, unshare, reparent FROM behaviors WHERE name = 'account_contact';
SELECT relmeta.update_relationship('account_contact', unshare => 'none');
SELECT relmeta.update_relationship('account_contact', share => 'all');
SELECT share, unshare, reparent FROM behaviors WHERE name = 'account_contact';
SELECT relmeta.update_relationship('account_contact', reparent => 'none', revoke_inherited => false);
SELECT relmeta.update_relationship('account_contact', reparent => 'none', share => 'none', unshare => 'user_owned', revoke_inherited => false);
SELECT share, unshare, reparent FROM behaviors WHERE name = 'account_contact';
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
SELECT relmeta.update_relationship('account_contact', reparent => 'none') AS job \gset
SELECT kind, relationship, state FROM relmeta.jobs WHERE job_id = :job;
SELECT relmeta.update_relationship('account_contact', reparent => 'none') IS NULL AS nothing_to_revoke;
ROLLBACK;
-- refusals
SELECT relmeta.update_relationship('account_contact', delete => 'none');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('account_contact_payer_id', share => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('account_r', delete => 'remove_link');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('account_r', assign => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('account_system', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('nothing', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship(NULL, delete => 'all');
\echo :LAST_ERROR_SQLSTATE
-- loops that are there
CREATE TABLE node (id int PRIMARY KEY, parent_id int);
INSERT INTO node VALUES (1, 2), (2, 1), (3, 3);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', is_hierarchical => true);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id');
SELECT relmeta.update_relationship('node_node', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
UPDATE node SET parent_id = NULL WHERE id IN (2, 3);
SELECT relmeta.update_relationship('node_node', delete => 'all');
UPDATE node SET parent_id = 1 WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE

--
-- drop_relationship
--
SELECT relmeta.drop_relationship('account_r');
SELECT * FROM foreign_keys WHERE relation = 'r'::regclass;
SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = 'r'::regclass AND attnum > 0 ORDER BY attnum;
SELECT relmeta.create_one_to_many('account', 'r', 'account_id', preset => 'referential_restrict');
SELECT relmeta.drop_relationship('account_r', drop_storage => true);
SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = 'r'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;
SELECT * FROM foreign_keys WHERE relation = 'r'::regclass;
SELECT relmeta.drop_relationship('account_r');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.drop_relationship(NULL);
\echo :LAST_ERROR_SQLSTATE
-- the lookup is the key besides; two relationships share it
CREATE TABLE extra (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 'extra', 'id', preset => 'referential_restrict');
SELECT relmeta.create_one_to_many('item', 'extra', 'id', preset => 'referential_restrict');
SELECT relmeta.drop_relationship('account_extra', true);
SELECT relmeta.drop_relationship('item_extra', true);
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.drop_relationship('item_extra');

--
-- Who may
--
SET SESSION AUTHORIZATION regress_otm_other;
SET search_path = otm;
SELECT relmeta.create_one_to_many('account', 'invoice', 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.update_relationship('account_invoice', delete => 'all');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.drop_relationship('account_invoice');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM relmeta.adoptable;
SELECT name FROM relmeta.one_to_many WHERE name = 'account_invoice';
RESET SESSION AUTHORIZATION;
GRANT CREATE ON SCHEMA otm TO regress_otm_other;
SET SESSION AUTHORIZATION regress_otm_other;
SET search_path = otm;
CREATE TABLE theirs (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('account', 'theirs', 'account_id');
\echo :LAST_ERROR_SQLSTATE
SELECT relmeta.create_one_to_many('theirs', 'account', 'theirs_id');
\echo :LAST_ERROR_SQLSTATE
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
SELECT relmeta.drop_relationship('Weird "Name"_Rel ated');
SET search_path = '';
SELECT relmeta.create_one_to_many('otm."Weird ""Name"""', 'otm."Rel ated"', 'Look "up', preset => 'parental');
SELECT relmeta.update_relationship('Weird "Name"_Rel ated', delete => 'restrict');
SELECT name, definition FROM otm.foreign_keys WHERE name = 'Weird "Name"_Rel ated';
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
SELECT call FROM relmeta.adoptable \gexec
SELECT * FROM relmeta.adoptable;
-- an intersect table that relmeta made is known as well
SELECT relmeta.create_many_to_many('account', 'item');
SELECT * FROM relmeta.adoptable;
SELECT relmeta.update_relationship('junction', delete => 'all');
\echo :LAST_ERROR_SQLSTATE

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA otm, otm2 CASCADE;
DELETE FROM relmeta.relationship WHERE related_table NOT IN (SELECT oid FROM pg_catalog.pg_class);
DELETE FROM relmeta.registered_table WHERE relation NOT IN (SELECT oid FROM pg_catalog.pg_class);
SELECT relmeta.drop_principal('otm_alice'), relmeta.drop_principal('otm_bob');
DROP ROLE regress_otm_owner, regress_otm_other;
