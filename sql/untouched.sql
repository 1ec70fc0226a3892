-- untouched: what has nothing to do with a registered table is left exactly as it is, and every kind of DDL and DML works as
-- without relmeta.
SET client_min_messages = notice;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_untouched;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_untouched', current_database()); END $$;
CREATE SCHEMA untouched AUTHORIZATION regress_untouched;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;
SET ROLE regress_untouched;
SET search_path = untouched;

-- unrelated tables of all kinds
CREATE TABLE plain (id int PRIMARY KEY, owner text DEFAULT 'anyone', parent_id int REFERENCES plain ON DELETE CASCADE, UNIQUE (owner));
CREATE TABLE parted (id int, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parent (a int);
CREATE TABLE child () INHERITS (parent);
CREATE UNLOGGED TABLE unlogged (a int);
CREATE VIEW a_view AS SELECT * FROM plain;
CREATE MATERIALIZED VIEW a_matview AS SELECT 1 AS x;
CREATE TABLE ruled (a int);
CREATE RULE r AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE TABLE guarded (id int PRIMARY KEY, owner text);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON guarded USING (true);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER t BEFORE INSERT ON plain FOR EACH ROW EXECUTE FUNCTION nothing();

-- the tables that get registered
CREATE TABLE account (id int PRIMARY KEY, owner text, plain_id int REFERENCES plain);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);

-- Everything the catalogs say of a schema's relations but for those of the registered tables, in one hash each.
CREATE VIEW fingerprint AS
  WITH o AS MATERIALIZED (SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = 'untouched'::regnamespace AND c.relname !~ '^(account|contact|fingerprint|before)')
  SELECT 'class' AS of, md5(string_agg(row(c.oid, relfilenode, relhastriggers, relrowsecurity, relforcerowsecurity, relhasrules, relchecks,
    relreplident, relacl, reloptions, relowner)::text, ' ' ORDER BY c.oid)) AS hash FROM pg_class c JOIN o USING (oid)
  UNION ALL
  SELECT 'attribute', md5(string_agg(row(attrelid, attnum, attname, atttypid, attnotnull, atthasdef, attacl)::text, ' ' ORDER BY attrelid, attnum))
    FROM pg_attribute JOIN o ON attrelid = o.oid
  UNION ALL
  -- the foreign key from account to plain has its triggers on plain: internal ones, as before
  SELECT 'trigger', md5(string_agg(row(tgrelid, t.oid, tgname, tgfoid, tgtype, tgenabled)::text, ' ' ORDER BY t.oid)) FROM pg_trigger t JOIN o ON tgrelid = o.oid
  UNION ALL
  SELECT 'constraint', md5(string_agg(row(conrelid, c.oid, conname, pg_get_constraintdef(c.oid))::text, ' ' ORDER BY c.oid))
    FROM pg_constraint c JOIN o ON conrelid = o.oid
  UNION ALL
  SELECT 'policy', md5(string_agg(p::text, ' ' ORDER BY p.oid)) FROM pg_policy p JOIN o ON polrelid = o.oid
  UNION ALL
  SELECT 'default', md5(string_agg(row(adrelid, adnum, pg_get_expr(adbin, adrelid))::text, ' ' ORDER BY d.oid)) FROM pg_attrdef d JOIN o ON adrelid = o.oid
  UNION ALL
  SELECT 'depend', md5(string_agg(d::text, ' ' ORDER BY d::text)) FROM pg_depend d JOIN o ON d.classid = 'pg_class'::regclass AND d.objid = o.oid;
CREATE TABLE before AS SELECT * FROM fingerprint;

SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
SET client_min_messages = warning;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false);
-- => account_contact
SET client_min_messages = notice;
SELECT of FROM (TABLE fingerprint EXCEPT TABLE before) difference;
SELECT count(*) FROM before;
-- => 7

-- DML on unrelated tables
INSERT INTO plain VALUES (1, 'nobody at all', NULL), (2, 'b', 1), (3, NULL, 2);
UPDATE plain SET owner = 'x' || id;
INSERT INTO plain VALUES (3) ON CONFLICT (id) DO UPDATE SET owner = 'y';
DELETE FROM plain WHERE id = 1;
SELECT count(*) FROM plain;
-- => 0
COPY plain FROM stdin;
1	c	\N
\.
INSERT INTO parted VALUES (1, 1);
TRUNCATE parted, unlogged, parent;
INSERT INTO guarded VALUES (1, 'nobody');
-- rows of account point to plain by a foreign key of the application's own: it stays what it is
INSERT INTO account VALUES (1, 'u', 1);
DELETE FROM plain;
-- => ERROR:  update or delete on table "plain" violates foreign key constraint "account_plain_id_fkey" on table "account"
TRUNCATE plain;
-- => ERROR:  cannot truncate a table referenced in a foreign key constraint

-- DDL of every kind: not a message, not a row in relmeta's catalogs
CREATE TABLE relmeta_rows_before AS SELECT (SELECT count(*) FROM relmeta.tables) AS tables, (SELECT count(*) FROM relmeta.one_to_many) AS relationships;
CREATE TABLE t1 (id serial PRIMARY KEY, name text, account_id int REFERENCES account);
CREATE TABLE t2 AS SELECT * FROM t1;
SELECT * INTO t3 FROM t1;
CREATE TABLE t4 (LIKE t1 INCLUDING ALL);
CREATE TEMP TABLE temporary (id int PRIMARY KEY) ON COMMIT DROP;
CREATE SCHEMA untouched_2 CREATE TABLE x (id int PRIMARY KEY) CREATE VIEW y AS SELECT * FROM x;
ALTER TABLE t1 ADD COLUMN more int DEFAULT 7, ALTER name TYPE varchar(20), ALTER name SET NOT NULL, ADD CHECK (more > 0);
ALTER TABLE t1 RENAME COLUMN name TO title;
ALTER TABLE t1 RENAME TO t1_renamed;
ALTER TABLE t1_renamed SET SCHEMA untouched_2;
ALTER TABLE untouched_2.t1_renamed DROP COLUMN more;
ALTER TABLE untouched_2.t1_renamed RENAME CONSTRAINT t1_pkey TO t1_key;
ALTER SCHEMA untouched_2 RENAME TO untouched_3;
CREATE INDEX ON t2 (name);
CREATE TYPE a_type AS (x int);
ALTER TYPE a_type ADD ATTRIBUTE y int;
CREATE TYPE an_enum AS ENUM ('a');
ALTER TYPE an_enum ADD VALUE 'b';
CREATE DOMAIN a_domain AS int;
CREATE SEQUENCE a_sequence;
CREATE FUNCTION a_function() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE an_aggregate (int) (SFUNC = int4pl, STYPE = int);
CREATE TABLE parted_2 (id int NOT NULL, k int NOT NULL);
ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES IN (2);
ALTER TABLE parted DETACH PARTITION parted_2;
CREATE TRIGGER t2 AFTER UPDATE ON t2 FOR EACH ROW EXECUTE FUNCTION nothing();
ALTER TABLE t2 DISABLE TRIGGER t2;
ALTER TABLE t2 ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t2 USING (true);
CREATE STATISTICS s ON id, name FROM t2;
COMMENT ON TABLE t2 IS 'unrelated';
GRANT SELECT ON t2 TO PUBLIC;
REFRESH MATERIALIZED VIEW a_matview;
CLUSTER t4 USING t4_pkey;
VACUUM t2;
ANALYZE t2;
REINDEX TABLE t2;
ALTER TABLE t2 OWNER TO regress_untouched;
ALTER TABLE child NO INHERIT parent;
ALTER TABLE unlogged SET LOGGED;
CREATE OR REPLACE VIEW a_view AS SELECT * FROM plain WHERE id > 0;
DROP TRIGGER t2 ON t2;
DROP POLICY p ON t2;
DROP TYPE a_type, an_enum;
DROP DOMAIN a_domain;
DROP SEQUENCE a_sequence;
DROP AGGREGATE an_aggregate (int);
DROP FUNCTION a_function();
DROP STATISTICS s;
DROP TABLE t2, t3, t4, parted_2;
SET client_min_messages = warning;
DROP SCHEMA untouched_3 CASCADE;
SET client_min_messages = notice;
SELECT (SELECT count(*) FROM relmeta.tables) = tables AND (SELECT count(*) FROM relmeta.one_to_many) = relationships FROM relmeta_rows_before;
-- => t

-- a failing event trigger would have failed one of these for someone without any right on relmeta's tables
RESET ROLE;
CREATE ROLE regress_untouched_2;
GRANT CREATE, USAGE ON SCHEMA untouched TO regress_untouched_2;
SET ROLE regress_untouched_2;
CREATE TABLE mine (id int PRIMARY KEY);
ALTER TABLE mine ADD x int;
ALTER TABLE mine RENAME x TO y;
DROP TABLE mine;
RESET ROLE;

-- the registered tables too keep what is theirs: columns, keys, privileges, storage; relmeta adds triggers and an index
SET ROLE regress_untouched;
SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef FROM pg_attribute WHERE attrelid = 'contact'::regclass AND attnum > 0 ORDER BY attnum;
-- => id|integer|t|f
-- => account_id|integer|f|f
-- => owner|text|f|f
SELECT relrowsecurity, relhasrules, relacl IS NULL, pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'contact'::regclass;
-- => f|f|t|regress_untouched
SELECT indexdef FROM pg_indexes WHERE tablename = 'contact' AND schemaname = 'untouched' ORDER BY indexname COLLATE "C";
-- all of relmeta's triggers are ordinary ones by relmeta's functions, and go with the extension
SELECT count(*) > 0, bool_and(tgenabled = 'O'), bool_and(p.pronamespace = 'relmeta'::regnamespace),
  bool_and(EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'x' AND d.refclassid = 'pg_extension'::regclass))
FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE tgrelid IN ('account'::regclass, 'contact'::regclass) AND NOT tgisinternal;
-- => t|t|t|t

-- unregistered again, they are as they were
SELECT relmeta.drop_relationship('account_contact'), relmeta.unregister_table('account'), relmeta.unregister_table('contact');
SELECT count(*) FROM pg_trigger WHERE tgrelid IN ('account'::regclass, 'contact'::regclass) AND NOT tgisinternal;
-- => 0
UPDATE account SET owner = 'nobody at all';

RESET ROLE;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA untouched CASCADE;
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM regress_untouched', current_database()); END $$;
DROP ROLE regress_untouched, regress_untouched_2;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v}'::text[]) u; END $$;
