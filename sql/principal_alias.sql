-- principal_alias: a principal's other spellings are the principal, and no two principals are one owner (SEMANTICS 2.1, 2.2).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
CREATE ROLE regress_alias_owner;
CREATE ROLE regress_alias_role;
CREATE SCHEMA alias AUTHORIZATION regress_alias_owner;
GRANT EXECUTE ON FUNCTION relmeta.create_user, relmeta.create_team, relmeta.drop_principal TO regress_alias_owner;
SET ROLE regress_alias_owner;
SET search_path = alias;

-- without an owner column in which they would be one, names are as different as they are spelled
SELECT count(relmeta.create_user(n)) FROM unnest('{1,01,a1b2c3d4-0000-4000-8000-00000000000a,alias ann,7}'::text[]) AS n;
-- => 5
CREATE TABLE by_text (id int PRIMARY KEY, owner text);
CREATE TABLE by_int (id int PRIMARY KEY, owner bigint);
CREATE TABLE by_uuid (id int PRIMARY KEY, owner uuid);
SELECT relmeta.register_table('by_text', 'owner'), relmeta.register_table('by_uuid', 'owner');
-- => |
-- a registration that brings in a type in which two are one
SELECT relmeta.register_table('by_int', 'owner');
-- => ERROR:  23505
CREATE TABLE later (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table('later', 'owner');
-- =>
SELECT relmeta.alter_column_type('later', 'owner', 'int');
-- => ERROR:  23505
\set VERBOSITY default
SELECT relmeta.register_table('by_int', 'owner');
\set VERBOSITY sqlstate
SELECT relmeta.drop_principal('01');
-- =>
SELECT relmeta.register_table('by_int', 'owner');
-- =>

-- from then on: by hand, whoever may (ATTACKS 9)
SELECT relmeta.create_user('01');
-- => ERROR:  23505
SELECT relmeta.create_team(' 1 ');
-- => ERROR:  23505
SELECT relmeta.create_user('+1', if_not_exists => true);
-- => ERROR:  23505
SELECT relmeta.create_user('A1B2C3D4-0000-4000-8000-00000000000A');
-- => ERROR:  23505
SELECT relmeta.create_user('{a1b2c3d400004000800000000000000a}');
-- => ERROR:  23505
\set VERBOSITY default
SELECT relmeta.create_user('01');
\set VERBOSITY sqlstate
-- what is no value of the type, or another one, is nobody's
SELECT relmeta.create_user('1.0'), relmeta.create_user('9223372036854775808'), relmeta.create_user('0x'), relmeta.create_user('-1');
-- => |||
SELECT relmeta.drop_principal(n) FROM unnest('{1.0,9223372036854775808,0x,-1}'::text[]) AS n;
-- => four times nothing
-- a name that is free again
BEGIN;
SELECT relmeta.drop_principal('7'), relmeta.create_user('007');
-- => |
INSERT INTO by_int VALUES (7, 7);
SELECT relmeta.create_user('7');
-- => ERROR:  23505
ROLLBACK;
INSERT INTO by_int VALUES (7, 7);
SELECT relmeta.create_user('07');
-- => ERROR:  23505
-- one may go while the other, which is the same owner, stays: never here, but after a restore of both
DELETE FROM by_int;
RESET ROLE;
INSERT INTO relmeta.principal VALUES ('007', 'user');
SET ROLE regress_alias_owner;
INSERT INTO by_int VALUES (7, 7), (8, 1);
SELECT relmeta.share('by_int', 8, '007');
-- => 1
SELECT principal FROM relmeta.shared_principals('by_int', 8);
-- => 7
SELECT relmeta.drop_principal('7');
-- => ERROR:  2BP01
SELECT relmeta.drop_principal('007');
-- =>
SELECT principal FROM relmeta.shared_principals('by_int', 8);
-- => 7
DELETE FROM by_int;

-- another spelling is the principal, in every call
INSERT INTO by_int VALUES (1, 1);
INSERT INTO by_uuid VALUES (1, 'a1b2c3d4-0000-4000-8000-00000000000a'), (2, NULL);
INSERT INTO by_text VALUES (1, 'alias ann');
SELECT relmeta.create_team('20'), relmeta.create_user('b1b2c3d4-0000-4000-8000-00000000000b', 'regress_alias_role');
-- => |
RESET ROLE;
SELECT relmeta.add_team_member('020', 'B1B2C3D4-0000-4000-8000-00000000000B'), relmeta.add_team_member('+20', '007');
-- => |
SELECT principal, teams FROM relmeta.principals WHERE teams <> '{}' ORDER BY 1;
-- => 7|{20}
-- => b1b2c3d4-0000-4000-8000-00000000000b|{20}
SELECT relmeta.remove_team_member('020', '07');
-- =>
SET ROLE regress_alias_owner;
SELECT relmeta.share('by_uuid', 1, 'B1B2C3D4-0000-4000-8000-00000000000B'), relmeta.share('by_int', 1, '07'), relmeta.share('by_int', 1, '020', '{write}');
-- => 1|1|1
SELECT relmeta.share('by_uuid', 1, 'b1b2c3d400004000800000000000000b');
-- => 0
SELECT relmeta.share('by_uuid', 1, 'A1B2C3D4-0000-4000-8000-00000000000A');
-- => ERROR:  22023
-- a row of which another type, or none, names principals
SELECT relmeta.share('by_text', 1, 'B1B2C3D4-0000-4000-8000-00000000000B'), relmeta.share_many('by_text', '{1}', '{007,B1B2C3D4-0000-4000-8000-00000000000B}', '{write}');
-- => 1|2
SELECT principal, direct FROM relmeta.shared_principals('by_text', 1);
-- => 7|{write}
-- => b1b2c3d4-0000-4000-8000-00000000000b|{read,write}
SELECT relmeta.has_access('by_uuid', 1, 'read', '{b1b2c3d4-0000-4000-8000-00000000000B}'), relmeta.principal_access('by_int', 1, '007'), relmeta.principal_access('by_text', 1, '+7');
-- => t|{read}|{write}
SELECT ground, rights FROM relmeta.explain_access('by_uuid', 1, 'B1B2C3D4-0000-4000-8000-00000000000B');
-- => direct|{read}
SELECT relation, key, direct, through_team FROM relmeta.shared_with('B1B2C3D4-0000-4000-8000-00000000000B') ORDER BY 1, 2, 4;
-- => by_text|1|{read,write}|(null)
-- => by_int|1|{write}|20
-- => by_uuid|1|{read}|(null)
SELECT relation, key, direct FROM relmeta.shared_with('007', 'by_int');
-- => by_int|1|{read}
SELECT relmeta.modify_share('by_int', 1, '007', '{read,delete}'), relmeta.unshare('by_int', 1, '7 ', '{read}');
-- => 1|1
SELECT relmeta.assign('by_uuid', 2, 'A1B2C3D4-0000-4000-8000-00000000000A'), relmeta.assign('by_text', 1, 'B1B2C3D4-0000-4000-8000-00000000000B');
-- => 1|1
SELECT owner FROM by_text;
-- => b1b2c3d4-0000-4000-8000-00000000000b
SELECT relmeta.assign('by_text', 1, '0'), relmeta.assign('by_int', 1, 'A1B2C3D4-0000-4000-8000-00000000000A');
-- => ERROR:  23503
SELECT relmeta.assign('by_int', 1, 'A1B2C3D4-0000-4000-8000-00000000000A');
-- => ERROR:  22023
SELECT relmeta.share('by_int', 1, 'A1B2C3D4-0000-4000-8000-00000000000A');
-- => ERROR:  22023
SELECT relmeta.share('by_int', 1, 'nobody');
-- => ERROR:  22023
SELECT relmeta.share('by_int', 1, '09');
-- => ERROR:  42704
SELECT relmeta.has_access('by_int', 1, 'read', 'nobody');
-- => ERROR:  22023
SELECT relmeta.has_access('by_int', 1, 'read', '09');
-- => ERROR:  42704
RESET ROLE;
BEGIN;
SELECT relmeta.act_as('B1B2C3D4-0000-4000-8000-00000000000B');
-- =>
SELECT current_setting('relmeta.principal'), relmeta.current_principal(), relmeta.current_principals(), relmeta.has_access('by_int', 1, 'write');
-- => b1b2c3d4-0000-4000-8000-00000000000b|b1b2c3d4-0000-4000-8000-00000000000b|{b1b2c3d4-0000-4000-8000-00000000000b,20}|t
SET LOCAL relmeta.principal = '0020';
SELECT relmeta.current_principal();
-- => 20
COMMIT;
SELECT relmeta.reassign_owned('A1B2C3D4-0000-4000-8000-00000000000A', 'B1B2C3D4-0000-4000-8000-00000000000B');
-- => 2
SELECT relmeta.revoke_all('007');
-- => 2
SELECT relmeta.drop_principal('A1B2C3D4-0000-4000-8000-00000000000A');
-- =>

-- an application's own tables: rows that come, a registration, many at once
SET ROLE regress_alias_owner;
CREATE TABLE person (login varchar(40) PRIMARY KEY);
RESET ROLE;
GRANT EXECUTE ON FUNCTION relmeta.register_principals TO regress_alias_owner;
SET ROLE regress_alias_owner;
INSERT INTO person VALUES ('alias p1'), ('007');
SELECT relmeta.register_principals('person');
-- => ERROR:  23505
DELETE FROM person WHERE login = '007';
SELECT relmeta.register_principals('person');
-- =>
INSERT INTO person VALUES ('007');
-- => ERROR:  23505
INSERT INTO person VALUES ('100'), ('0100');
-- => ERROR:  23505
INSERT INTO person SELECT n FROM generate_series(1001, 1999) AS n;
INSERT INTO person SELECT '0' || n FROM generate_series(1999, 2005) AS n;
-- => ERROR:  23505
INSERT INTO person VALUES ('0100');
UPDATE person SET login = '00100' WHERE login = '0100';
-- => ERROR:  23505
UPDATE person SET login = '0101' WHERE login = '0100';
INSERT INTO person VALUES ('100');
SELECT count(*) FROM relmeta.principal_value WHERE type <> 'bpchar'::regtype AND principal LIKE '%1__';
-- => 1: a name that is the value itself is not recorded
INSERT INTO by_int VALUES (101, 101);
DELETE FROM person WHERE login = '0101';
-- => ERROR:  2BP01
DELETE FROM by_int WHERE id = 101;
DELETE FROM person;
-- a type that comes in takes all in that are there, and goes on with those who come
INSERT INTO person SELECT n FROM generate_series(20001, 30500) AS n;
CREATE TABLE many (id int PRIMARY KEY, owner numeric);
SELECT relmeta.register_table('many', 'owner');
-- =>
INSERT INTO person SELECT n FROM generate_series(30501, 31000) AS n;
SELECT count(*) FROM relmeta.principal_value WHERE type <> 'bpchar'::regtype AND principal ~ '^[23]....$';
-- => 11000
INSERT INTO many SELECT n, n FROM generate_series(20001, 31000) AS n;
INSERT INTO many VALUES (1, 31001);
-- => ERROR:  23503
DELETE FROM person WHERE login = '25000';
-- => ERROR:  2BP01
DROP TABLE many;
DELETE FROM person;
SELECT count(*) FROM relmeta.principal_value WHERE type <> 'bpchar'::regtype AND principal ~ '^[23]....$';
-- => 0
SELECT count(*) FROM relmeta.principal_value WHERE type <> 'bpchar'::regtype AND principal LIKE '%1__';
-- => 0

-- owners that are made principals
CREATE TABLE made (id int PRIMARY KEY, owner text);
INSERT INTO made VALUES (1, 'alias x'), (2, '07');
SELECT relmeta.register_table('made', 'owner', create_principals => true);
-- => ERROR:  23505
DELETE FROM made WHERE id = 2;
SELECT relmeta.register_table('made', 'owner', create_principals => true);
-- =>

-- lengths and domains: what the column holds is what counts, what the type says decides
CREATE DOMAIN small AS int CHECK (value < 100);
CREATE TABLE by_domain (id int PRIMARY KEY, owner small);
CREATE TABLE by_char (id int PRIMARY KEY, owner char(12));
CREATE TABLE by_numeric (id int PRIMARY KEY, owner numeric(5, 1));
SELECT relmeta.register_table(t, 'owner') FROM unnest('{by_domain,by_char,by_numeric}'::regclass[]) AS t;
-- => three times nothing
SELECT relmeta.create_user('1000'), relmeta.create_user('2.50');
-- => |
SELECT relmeta.create_user('01000');
-- => ERROR:  23505
SELECT relmeta.create_user('2.5');
-- => ERROR:  23505
SELECT relmeta.create_user('alias ann  ');
-- => ERROR:  23505
SELECT relmeta.share('by_char', 1, 'alias ann  ');
-- => ERROR:  P0002
INSERT INTO by_char VALUES (1, 'alias ann'), (2, '7');
INSERT INTO by_numeric VALUES (1, 2.5), (2, 7.0);
SELECT relmeta.share('by_char', 2, 'alias ann'), relmeta.share('by_numeric', 2, '2.5'), relmeta.has_access('by_numeric', 1, 'assign', '2.500');
-- => 1|1|t
SELECT principal, kind FROM relmeta.shared_principals('by_numeric', 2);
-- => 2.50|user
SELECT relmeta.share('by_numeric', 2, '2.55');
-- => ERROR:  22023
SELECT relmeta.share('by_domain', 1, '1000');
-- => ERROR:  22023

-- a collation that takes different texts for equal
RESET ROLE;
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SET ROLE regress_alias_owner;
CREATE TABLE by_icu (id int PRIMARY KEY, owner varchar(20) COLLATE ci);
SELECT relmeta.create_user('Alias Ann');
-- =>
SELECT relmeta.register_table('by_icu', 'owner');
-- => ERROR:  23505
SELECT relmeta.drop_principal('Alias Ann');
-- =>
SELECT relmeta.register_table('by_icu', 'owner');
-- =>
SELECT relmeta.create_user('ALIAS ANN');
-- => ERROR:  23505
INSERT INTO by_icu VALUES (1, 'Alias ANN'), (2, '1');
SELECT relmeta.share('by_icu', 2, 'aLIAS ann'), relmeta.assign('by_icu', 2, 'ALIAS X');
-- => 1|1
SELECT principal FROM relmeta.shared_principals('by_icu', 2);
-- => alias ann
SELECT owner FROM by_icu ORDER BY id;
-- => Alias ANN
-- => alias x
SELECT relmeta.drop_principal('Alias Ann');
-- => ERROR:  2BP01

-- a type that no owner column has any more is in nobody's way
SELECT relmeta.unregister_table('by_numeric'), relmeta.create_user('2.5');
-- => |
SELECT relmeta.register_table('by_numeric', 'owner');
-- => ERROR:  23505
DROP TABLE by_int, by_domain, later;
DELETE FROM by_char WHERE owner = '7';
SELECT count(relmeta.create_user(n)) FROM unnest('{07,007}'::text[]) AS n;
-- => 2
CREATE TABLE by_int (id int PRIMARY KEY, owner bigint);
SELECT relmeta.register_table('by_int', 'owner');
-- => ERROR:  23505
SELECT relmeta.drop_principal('07');
-- =>
SELECT relmeta.register_table('by_int', 'owner');
-- => ERROR:  23505
SELECT relmeta.drop_principal('7');
-- =>
SELECT relmeta.register_table('by_int', 'owner'), relmeta.share('by_int', 1, '07');
-- => ERROR:  P0002
SELECT relmeta.register_table('by_int', 'owner'), relmeta.unregister_table('by_int');
-- => |
SELECT relmeta.create_user('7');
-- =>
SELECT relmeta.register_table('by_int', 'owner');
-- => ERROR:  23505
SELECT count(relmeta.drop_principal(n)) FROM unnest('{007,2.5}'::text[]) AS n;
-- => 2
SELECT relmeta.register_table('by_int', 'owner'), relmeta.register_table('by_numeric', 'owner');
-- => |
SELECT relmeta.create_user('07');
-- => ERROR:  23505

-- types in which text does not go in and out without loss, or that are somebody's own
CREATE PROCEDURE try(type text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE t (id int PRIMARY KEY, owner %s)', type);
  PERFORM relmeta.register_table('t'::text::regclass, 'owner');
  RAISE WARNING '%: taken', type;
  ROLLBACK;
EXCEPTION WHEN feature_not_supported THEN
  RAISE WARNING '%: refused, %', type, SQLERRM;
END $$;
CREATE COLLATION mine FROM "C";
\set VERBOSITY terse
DO $$
DECLARE
  type text;
BEGIN
  FOREACH type IN ARRAY '{"\"char\"",name,bit,bit(3),real,double precision,date,timestamptz,interval,money,int4range,regrole,text COLLATE mine}'::text[] LOOP
    CALL try(type);
  END LOOP;
END $$;
-- => thirteen refused
\set VERBOSITY sqlstate
SELECT relmeta.alter_column_type('by_text', 'owner', 'name');
-- => ERROR:  0A000


-- what came past the functions, as by a restore of some tables only: said, and how to mend it
RESET ROLE;
SELECT * FROM relmeta.verify();
-- => none
INSERT INTO relmeta.principal VALUES ('001', 'user'), ('9', 'user'), ('09', 'user'), ('2.5', 'user');
INSERT INTO by_int VALUES (9, 9);
DELETE FROM relmeta.principal_value WHERE principal = '2.50';
SELECT * FROM relmeta.verify() ORDER BY 2, 3;
-- => 001 is 1, 09 is 9, 2.50 is 2.5; values not recorded in numeric, character and varchar
SELECT relmeta.repair();
-- => 3
SELECT object, problem FROM relmeta.verify() ORDER BY 1, 2;
-- => the same owners
SELECT DISTINCT repair FROM relmeta.verify() ORDER BY 1 \gexec
-- => three times 0
SELECT * FROM relmeta.verify();
-- => none
SELECT owner FROM by_int WHERE id = 9;
-- => 9
RESET search_path;
DROP SCHEMA alias CASCADE;
SELECT count(relmeta.drop_principal(principal)) FROM relmeta.principals WHERE principal ~ '^[0-9b]' OR principal LIKE 'alias%';
-- => 9
DROP OWNED BY regress_alias_owner, regress_alias_role;
DROP ROLE regress_alias_owner, regress_alias_role;
