-- A lookup calls the same values equal as the key that it points to: where their collations differ, both tell all texts apart.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA lc;
SET search_path = lc;
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE plain (id text PRIMARY KEY);
CREATE TABLE nocase (id text COLLATE ci PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, plain_ci text COLLATE ci, plain_c text COLLATE "C", nocase_ci text COLLATE ci, nocase_plain text, plain_fk text COLLATE ci);
SELECT count(relmeta.register_table(t)) FROM unnest('{plain,nocase,c}'::regclass[]) AS t;
-- => 3
SELECT relmeta.create_one_to_many('plain', 'c', 'plain_ci');
-- => ERROR:  42804
SELECT relmeta.create_one_to_many('plain', 'c', 'plain_ci', foreign_key => false);
-- => ERROR:  42804
SELECT relmeta.create_one_to_many('nocase', 'c', 'nocase_plain', foreign_key => false);
-- => ERROR:  42804
SELECT relmeta.create_one_to_many('plain', 'c', 'plain_c'), relmeta.create_one_to_many('nocase', 'c', 'nocase_ci', foreign_key => false);
-- => plain_c|nocase_c
-- one that is made gets the key's collation; none of the two can be changed afterwards
SELECT relmeta.create_one_to_many('nocase', 'c', 'made', name => 'lc_made', foreign_key => false);
-- => lc_made
SELECT attcollation = (SELECT oid FROM pg_collation WHERE collname = 'ci' AND collnamespace = 'lc'::regnamespace) FROM pg_attribute WHERE attrelid = 'c'::regclass AND attname = 'made';
-- => t
ALTER TABLE c ALTER nocase_ci TYPE text;
-- => ERROR:  0A000
ALTER TABLE c ALTER plain_c TYPE text COLLATE ci;
-- => ERROR:  0A000
ALTER TABLE plain ALTER id TYPE text COLLATE ci;
-- => ERROR:  0A000
-- what adopts
CREATE TABLE j (plain_id text REFERENCES plain, nocase_id text COLLATE ci, PRIMARY KEY (plain_id, nocase_id));
ALTER TABLE j ADD FOREIGN KEY (nocase_id) REFERENCES nocase;
SELECT relmeta.adopt_many_to_many('j', 'lc_j');
-- => lc_j
CREATE TABLE k (plain_id text REFERENCES plain, other_id text REFERENCES plain, PRIMARY KEY (plain_id, other_id));
-- a server that takes such a key (PostgreSQL 18 does not)
\set VERBOSITY terse
DO $$ BEGIN
  ALTER TABLE k ALTER other_id TYPE text COLLATE ci;
  PERFORM relmeta.adopt_many_to_many('k', 'lc_k');
  RAISE 'adopted';
EXCEPTION WHEN datatype_mismatch OR collation_mismatch THEN
  RAISE WARNING 'refused %', SQLSTATE = '42804' OR current_setting('server_version_num')::int >= 180000;
END $$;
-- => WARNING:  refused t
RESET search_path;
DROP SCHEMA lc CASCADE;
