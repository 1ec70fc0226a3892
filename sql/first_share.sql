-- first_share: an entry table is made when it is first needed, and not before: an owner column, a relationship that can give
-- access, or the first share, in whose statement it comes, whoever shares.  What nobody shares costs no table.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_fs_owner;
CREATE ROLE regress_fs_other;
CREATE SCHEMA fs AUTHORIZATION regress_fs_owner;
GRANT USAGE ON SCHEMA fs TO regress_fs_other;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{fs_ann,fs_bob,fs_7}'::text[]) u; PERFORM relmeta.create_user('7'); END $$;
CREATE VIEW fs.made AS
SELECT t.relation::regclass::text AS "table", e.relname AS entries,
       (SELECT string_agg(format_type(a.atttypid, a.atttypmod), ' ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = e.oid AND a.attnum IN (1, 2)) AS types
FROM relmeta.registered_table t LEFT JOIN pg_catalog.pg_class e ON e.oid = t.entry_table
WHERE t.relation IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = 'fs'::regnamespace) ORDER BY 1;
GRANT SELECT ON fs.made TO PUBLIC;
SET search_path = fs;
SET SESSION AUTHORIZATION regress_fs_owner;

--
-- Neither registration nor adoption makes one; an owner column or a relationship that can give access does
--
CREATE TABLE country (id int PRIMARY KEY);
CREATE TABLE city (id bigint PRIMARY KEY, country_id int REFERENCES country);
CREATE TABLE account (id uuid PRIMARY KEY, owner_id text);
CREATE TABLE line (id int PRIMARY KEY, account_id uuid REFERENCES account);
CREATE TABLE part (id int PRIMARY KEY);
SELECT relmeta.register_table('country'), relmeta.register_table('part');
SELECT relmeta.create_one_to_many('country', 'city', 'country_id'), relmeta.create_one_to_many('account', 'line', 'account_id', 'fs_line');
SELECT "table" FROM made WHERE entries IS NOT NULL;
-- => none
SELECT * FROM relmeta.verify();
-- => none: that there is none is no problem
SELECT relmeta.register_table('account', 'owner_id');
SELECT * FROM made WHERE entries IS NOT NULL;
-- => account|account|uuid text
SELECT relmeta.update_relationship('fs_line', share => 'all');
SELECT * FROM made WHERE entries IS NOT NULL;
-- => account|account|uuid text
-- => line|line|integer text

--
-- Nothing is there, and is taken away, where there is no table
--
INSERT INTO country VALUES (1), (2), (3);
INSERT INTO city VALUES (10, 1);
SELECT relmeta.has_access('country', 1, 'read', 'fs_bob'), relmeta.principal_access('country', 1, 'fs_bob');
-- => f|{}
SELECT count(*) FROM relmeta.shared_principals('country', 1);
-- => 0
SELECT count(*) FROM relmeta.shared_with('fs_bob', 'country');
-- => 0
SELECT count(*) FROM relmeta.explain_access('country', 1, 'fs_bob');
-- => 0
SELECT relmeta.unshare('country', 1, 'fs_bob'), relmeta.modify_share('country', 1, 'fs_bob', '{}'), relmeta.unshare_many('country', '{1,2}', '{fs_bob}');
-- => 0|0|0
SELECT relmeta.unshare('country', 9, 'fs_bob');
-- => P0002
SELECT relmeta.share('country', 9, 'fs_bob');
-- => P0002
SELECT relmeta.share('country', 1, 'fs_nobody');
-- => 42704
GRANT SELECT ON country TO regress_fs_other;
SET SESSION AUTHORIZATION regress_fs_other;
SELECT relmeta.share('country', 1, 'fs_bob');
-- => 42501
SELECT relmeta.unshare('country', 1, 'fs_bob');
-- => 42501
SET SESSION AUTHORIZATION regress_fs_owner;
UPDATE country SET id = 4 WHERE id = 3;
DELETE FROM country WHERE id = 4;
SELECT count(*) FROM made WHERE "table" IN ('country', 'city', 'part') AND entries IS NOT NULL;
-- => 0

--
-- Not in a transaction that may only read
--
BEGIN READ ONLY;
SELECT relmeta.share('country', 1, 'fs_bob');
-- => 25006
ROLLBACK;
BEGIN READ ONLY;
SELECT relmeta.share_many('country', '{1,2}', '{fs_bob}');
-- => 25006
ROLLBACK;

--
-- It goes with what made it: a savepoint, a block of PL/pgSQL, a transaction
--
BEGIN;
SAVEPOINT a;
SELECT relmeta.share('country', 1, 'fs_bob');
-- => 1
SELECT relmeta.has_access('country', 1, 'read', 'fs_bob');
-- => t
ROLLBACK TO a;
SELECT relmeta.has_access('country', 1, 'read', 'fs_bob'), (SELECT entries FROM made WHERE "table" = 'country');
-- => f|
SELECT relmeta.share('country', 2, 'fs_bob');
-- => 1
SELECT key FROM relmeta.shared_with('fs_bob', 'country');
-- => 2
DELETE FROM country WHERE id = 2;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'country'::regclass;
-- => 0
ROLLBACK;
DO $$ BEGIN
  BEGIN
    PERFORM relmeta.share('country', 1, 'fs_bob');
    RAISE EXCEPTION 'no';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
  PERFORM relmeta.share('country', 2, 'fs_bob');
END $$;
SELECT * FROM made WHERE "table" = 'country';
-- => country|country|integer text
SELECT object_key, principal, access_rights_mask FROM relmeta.principal_object_access WHERE relation = 'country'::regclass;
-- => 2|fs_bob|1

--
-- A row that a statement shares, re-keys and deletes while it is running: its table came after the statement began
--
CREATE FUNCTION share_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM relmeta.share('part', NEW.id, 'fs_bob');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER aa_share AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION share_it();
WITH gone AS (DELETE FROM part RETURNING id) INSERT INTO part SELECT 1;
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'part'::regclass;
-- => 1|fs_bob
UPDATE part SET id = 5;
SELECT object_key, principal FROM relmeta.principal_object_access WHERE relation = 'part'::regclass;
-- => 5|fs_bob
TRUNCATE part;
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'part'::regclass;
-- => 0

--
-- What its principals are stored as: what is declared then, and again when a relationship that can give access is made
--
SELECT relmeta.share('city', 10, '7'), relmeta.share('city', 10, 'fs_7'), relmeta.share('city', 10, 'fs_ann', '{delete}');
-- => 1|1|1
SELECT types FROM made WHERE "table" = 'city';
-- => bigint text
CREATE TABLE state (id int PRIMARY KEY, owner_id int);
SELECT relmeta.register_table('state', 'owner_id');
ALTER TABLE city ADD state_id int REFERENCES state;
SELECT relmeta.create_one_to_many('state', 'city', 'state_id', 'fs_city', share => 'all', reparent => 'all');
SELECT types FROM made WHERE "table" = 'city';
-- => bigint integer
SELECT principal, direct, granted_by FROM relmeta.shared_principals('city', 10);
-- => 7|{read}|regress_fs_owner
SELECT relmeta.share('city', 10, 'fs_ann');
-- => 22023
-- while it gives none, what it gave may still be there
SELECT relmeta.update_relationship('fs_city', share => 'none', reparent => 'none', unshare => 'none', revoke_inherited => false) IS NULL;
-- => t
SELECT types FROM made WHERE "table" = 'city';
-- => bigint integer
SELECT relmeta.drop_relationship('fs_city');
SELECT types FROM made WHERE "table" = 'city';
-- => bigint text
SELECT relmeta.share('city', 10, 'fs_ann');
-- => 1

--
-- One that somebody has dropped is missed where it is needed; else the next share makes another
--
RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify();
-- => none
DROP TABLE relmeta_access.part, relmeta_access.line;
SELECT relation, problem FROM relmeta.verify() ORDER BY 1;
-- => line|its entry table is missing
-- => part|its entry table is missing
SELECT relmeta.repair();
-- => 2
SELECT * FROM made WHERE "table" IN ('line', 'part');
-- => line|line|integer text
-- => part||
-- nor is somebody's table taken for it, which has the number that was dumped of one that was gone
BEGIN;
SELECT relmeta.share('country', 1, 'fs_ann');
-- => 1
CREATE TABLE fs.like_it (LIKE relmeta_access.country INCLUDING ALL);
INSERT INTO fs.like_it SELECT * FROM relmeta_access.country;
DELETE FROM fs.like_it WHERE principal <> 'fs_ann';
SELECT count(*) FROM fs.like_it;
-- => 1
UPDATE relmeta.registered_table SET entry_table = 'fs.like_it'::regclass WHERE relation = 'fs.country'::regclass;
SELECT relmeta.principal_access('fs.country', 1, 'fs_ann');
-- => {}
SELECT relation, problem FROM relmeta.verify() WHERE relation = 'fs.country'::regclass;
-- => country|its entry table is missing
ROLLBACK;
DROP TABLE relmeta_access.country;
SELECT relmeta.share('country', 1, 'fs_ann');
-- => 1
SELECT * FROM relmeta.verify();
-- => none
SELECT entries FROM made WHERE "table" = 'country';
-- => country

--
-- Names: a table of the same name in another schema, one whose name an index has, and one as long as can be, twice
--
CREATE SCHEMA fs_2;
CREATE TABLE fs_2.country (id int PRIMARY KEY);
CREATE TABLE fs_2.port_pkey (id int PRIMARY KEY);
CREATE TABLE fs.port (id int PRIMARY KEY);
CREATE TABLE fs.a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_ (id int PRIMARY KEY);
CREATE TABLE fs_2.a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_ (id int PRIMARY KEY);
INSERT INTO fs_2.country VALUES (1);
INSERT INTO fs_2.port_pkey VALUES (1);
INSERT INTO fs.port VALUES (1);
INSERT INTO fs.a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_ VALUES (1);
INSERT INTO fs_2.a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_ VALUES (1);
CREATE VIEW fs.namesakes AS SELECT c.oid::regclass AS relation FROM pg_catalog.pg_class c
WHERE c.relkind = 'r' AND (c.relnamespace = 'fs_2'::regnamespace OR (c.relnamespace = 'fs'::regnamespace AND c.relname ~ '^a2345|^port'));
SELECT count(relmeta.register_table(relation)) FROM fs.namesakes;
-- => 5
SELECT sum(relmeta.share(relation, 1, 'fs_bob')) FROM (SELECT relation FROM fs.namesakes ORDER BY relation::text) AS n;
-- => 5
SELECT t.name, e.relname, string_agg(regexp_replace(i.relname, '^.*_\d{5,}_', '..._OID_'), ' ' ORDER BY i.relname)
FROM fs.namesakes n JOIN relmeta.registered_table t ON t.relation = n.relation JOIN pg_catalog.pg_class e ON e.oid = t.entry_table
  JOIN pg_catalog.pg_index x ON x.indrelid = e.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid GROUP BY 1, 2 ORDER BY 1;
-- => fs.a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_|a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_|..._OID_pkey ..._OID_principal_object_mask_idx
-- => fs.port|port|..._OID_pkey port_principal_object_mask_idx
-- => fs_2.a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g2345678_|a2345678_b2345678_c2345678_d2345678_e2345678_f2345678_g234567_1|..._OID_pkey ..._OID_principal_object_mask_idx
-- => fs_2.country|country_1|country_1_pkey country_1_principal_object_mask_idx
-- => fs_2.port_pkey|port_pkey|port_pkey_pkey port_pkey_principal_object_mask_idx

--
-- A schema that nobody shares: no table, and dropping it takes no lock on a relation more than without relmeta, but on
-- relmeta's own catalogs, which are as many whatever is dropped
--
CREATE FUNCTION fs.many_tables(schema text, n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE SCHEMA %I', schema);
  FOR i IN 1..n LOOP
    EXECUTE format('CREATE TABLE %I.t%s (id int PRIMARY KEY, t_id int REFERENCES %1$I.t%s)', schema, i, greatest(i - 1, 1));
    EXECUTE format('CREATE INDEX ON %I.t%s (t_id)', schema, i);
  END LOOP;
END $$;
CREATE FUNCTION fs.relations_locked(relmetas boolean) RETURNS bigint LANGUAGE sql AS $$
SELECT count(DISTINCT l.relation) FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
  AND (relmetas OR c.relnamespace IS DISTINCT FROM 'relmeta'::regnamespace)
$$;
SELECT fs.many_tables('fs_plain', 20), fs.many_tables('fs_ours', 20);
SELECT count(*) FROM relmeta.adoptable WHERE relation::text LIKE 'fs\_ours.%';
-- => 20
DO $$ DECLARE c text; BEGIN FOR c IN SELECT call FROM relmeta.adoptable WHERE relation::text LIKE 'fs\_ours.%' LOOP EXECUTE c; END LOOP; END $$;
SELECT count(*), count(entry_table) FROM relmeta.registered_table WHERE relation::text LIKE 'fs\_ours.%';
-- => 20|0
BEGIN;
DROP SCHEMA fs_plain CASCADE;
SELECT fs.relations_locked(true) AS plain \gset
COMMIT;
BEGIN;
DROP SCHEMA fs_ours CASCADE;
SELECT fs.relations_locked(false) - :plain, fs.relations_locked(true) - :plain < 50;
-- => 0|t
COMMIT;
SELECT count(*) FROM relmeta.registered_table WHERE name LIKE 'fs\_ours.%';
-- => 0

--
-- The settings of whoever shares first do not say where it stands
--
CREATE TABLE fs.plain (id int PRIMARY KEY);
INSERT INTO fs.plain VALUES (1);
SELECT relmeta.register_table('fs.plain');
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE regress_fs LOCATION '';
ALTER TABLE fs.plain OWNER TO regress_fs_owner;
SET SESSION AUTHORIZATION regress_fs_owner;
SET default_tablespace = regress_fs;
SELECT relmeta.share('fs.plain', 1, 'fs_bob');
-- => 1
RESET default_tablespace;
RESET SESSION AUTHORIZATION;
SELECT reltablespace FROM pg_catalog.pg_class WHERE oid = 'relmeta_access.plain'::regclass;
-- => 0
DROP TABLESPACE regress_fs;

RESET search_path;
DROP SCHEMA fs, fs_2 CASCADE;
SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = 'relmeta_access'::regnamespace AND relname ~ '^(country|city|part|line|a2345)';
-- => 0
DO $$ BEGIN PERFORM relmeta.drop_principal(p) FROM unnest('{fs_ann,fs_bob,fs_7,7}'::text[]) p; END $$;
DROP ROLE regress_fs_owner, regress_fs_other;
