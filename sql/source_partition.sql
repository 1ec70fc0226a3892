-- source_partition: a partition of a table of principals or memberships says what its rows say, and says nothing when it is one no
-- more (SEMANTICS 2.1, 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_sp_owner;
CREATE ROLE regress_sp_other;
SELECT relmeta.create_team('sp_crew'), relmeta.create_user('sp_ann'), relmeta.create_user('sp_bob');
CREATE SCHEMA source_partition AUTHORIZATION regress_sp_owner;
GRANT USAGE ON SCHEMA source_partition TO regress_sp_other;
GRANT EXECUTE ON FUNCTION relmeta.register_memberships, relmeta.register_principals TO regress_sp_owner;
SET ROLE regress_sp_owner;
SET search_path = source_partition;
CREATE FUNCTION standing() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(tgrelid::regclass || ':' || tgname, ' ' ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger
  WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'source_partition'::regnamespace AND relname ~ '_') AND NOT tgisinternal
$$;
CREATE FUNCTION said() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(principal, ' ' ORDER BY principal) FROM relmeta.principals WHERE teams = '{sp_crew}'
$$;
CREATE FUNCTION told() RETURNS TABLE (object text, problem text, repair text) LANGUAGE sql AS $$
  SELECT v.object, v.problem, v.repair FROM relmeta.verify() AS v WHERE v.relation::text ~ '^(member|person|dodo)' ORDER BY v.relation::text, 1
$$;

CREATE TABLE member (team text, person text) PARTITION BY LIST (person);
CREATE TABLE member_a PARTITION OF member FOR VALUES IN ('sp_ann');
CREATE TABLE member_b PARTITION OF member FOR VALUES IN ('sp_bob') PARTITION BY LIST (team);
CREATE TABLE member_b1 PARTITION OF member_b FOR VALUES IN ('sp_crew');
CREATE TABLE person (id text PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE person_c PARTITION OF person FOR VALUES IN ('sp_cat');
SELECT relmeta.register_memberships('member', 'team', 'person'), relmeta.register_principals('person');
INSERT INTO member VALUES ('sp_crew', 'sp_ann'), ('sp_crew', 'sp_bob');
INSERT INTO person VALUES ('sp_cat');
SELECT said();
-- => sp_ann sp_bob
-- a part of it may be another role's
RESET ROLE;
ALTER TABLE source_partition.member_b1 OWNER TO regress_sp_other;
SET ROLE regress_sp_owner;

-- not concurrently, which would be two transactions
ALTER TABLE member DETACH PARTITION member_a CONCURRENTLY;
-- => ERROR:  0A000
ALTER TABLE member_b DETACH PARTITION member_b1 CONCURRENTLY;
-- => ERROR:  0A000
ALTER TABLE person DETACH PARTITION person_c CONCURRENTLY;
-- => ERROR:  0A000
\set VERBOSITY default
ALTER TABLE person DETACH PARTITION person_c CONCURRENTLY;
\set VERBOSITY sqlstate
-- not to who may not anyway
SET ROLE regress_sp_other;
ALTER TABLE source_partition.member DETACH PARTITION source_partition.member_a CONCURRENTLY;
-- => ERROR:  42501
SET ROLE regress_sp_owner;
SELECT standing();
SELECT said();
-- => sp_ann sp_bob

-- what is detached has no triggers of relmeta's, whoever owns the parts of it
ALTER TABLE member DETACH PARTITION member_a;
ALTER TABLE member DETACH PARTITION member_b;
ALTER TABLE person DETACH PARTITION person_c;
SELECT standing();
-- => none
SELECT * FROM told();
-- => none
SELECT said(), (SELECT count(*) FROM relmeta.principals WHERE principal = 'sp_cat');
-- => |0
INSERT INTO member_a VALUES ('sp_crew', 'sp_ann');
DELETE FROM member_b;
TRUNCATE person_c;
SELECT said();
-- =>

-- and has them again, and says what its rows say, when it is attached
ALTER TABLE member ATTACH PARTITION member_a FOR VALUES IN ('sp_ann');
RESET ROLE;
ALTER TABLE source_partition.member_b1 OWNER TO regress_sp_owner;
SET ROLE regress_sp_owner;
ALTER TABLE member ATTACH PARTITION member_b FOR VALUES IN ('sp_bob');
ALTER TABLE person ATTACH PARTITION person_c FOR VALUES IN ('sp_cat');
SELECT standing();
INSERT INTO member_b1 VALUES ('sp_crew', 'sp_bob');
INSERT INTO person_c VALUES ('sp_cat');
SELECT said(), (SELECT count(*) FROM relmeta.principals WHERE principal = 'sp_cat');
-- => sp_ann sp_bob|1
DELETE FROM member_a;
TRUNCATE member_b1;
SELECT said();
-- =>

-- what is given itself does not become a part of another
CREATE TABLE dodo_1 (id text PRIMARY KEY);
SELECT relmeta.register_principals('dodo_1', 'team');
CREATE TABLE dodo (id text PRIMARY KEY) PARTITION BY LIST (id);
ALTER TABLE dodo ATTACH PARTITION dodo_1 DEFAULT;
-- => ERROR:  0A000
INSERT INTO dodo_1 VALUES ('sp_dodos');
SELECT kind FROM relmeta.principals WHERE principal = 'sp_dodos';
-- => team
DELETE FROM dodo_1;
SELECT kind FROM relmeta.principals WHERE principal = 'sp_dodos';
-- =>

-- what was detached while nobody looked is no table of principals
RESET ROLE;
SET session_replication_role = replica;
ALTER TABLE member DETACH PARTITION member_b;
RESET session_replication_role;
SET ROLE regress_sp_owner;
SELECT * FROM told();
-- => four triggers, which may go
DROP TRIGGER relmeta_source_ends ON member_b;
DROP TRIGGER relmeta_source_truncate ON member_b;
DROP TRIGGER relmeta_source_ends ON member_b1;
DROP TRIGGER relmeta_source_truncate ON member_b1;
SELECT * FROM told();
-- => none
-- a lost registration is one of principals where there is a key
RESET ROLE;
DELETE FROM relmeta.principal_source WHERE relation IN ('member'::regclass, 'person'::regclass);
SELECT object, repair FROM told();
-- => register_memberships('member', ...), register_principals('person')

RESET search_path;
DROP SCHEMA source_partition CASCADE;
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal ~ '^sp_';
-- => 4
REVOKE ALL ON FUNCTION relmeta.register_memberships, relmeta.register_principals FROM regress_sp_owner;
DROP ROLE regress_sp_owner, regress_sp_other;
