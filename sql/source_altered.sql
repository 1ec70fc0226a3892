-- source_altered: a table given to register_principals or register_memberships stays one whose rows relmeta's triggers see; verify() tells where rows and what is recorded differ
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE TABLE person (id text PRIMARY KEY, crew text, note text);
CREATE TABLE crew (id text PRIMARY KEY);
CREATE TABLE mem (t varchar(20), p text, n text);
INSERT INTO crew VALUES ('one'), ('two');
INSERT INTO person VALUES ('ann', 'one'), ('ben', NULL);
INSERT INTO mem VALUES ('two', 'ben');
SELECT relmeta.register_principals('person'), relmeta.register_principals('crew', 'team'),
  relmeta.register_memberships('person', 'crew', 'id'), relmeta.register_memberships('mem', 't', 'p');
CREATE VIEW pg_temp.who AS SELECT principal, kind, teams FROM relmeta.principals ORDER BY 1;
CREATE VIEW pg_temp.wrong AS SELECT * FROM relmeta.verify();

-- types: refused where names change
ALTER TABLE person ALTER crew TYPE varchar USING CASE crew WHEN 'one' THEN 'two' END;
ALTER TABLE person ALTER id TYPE varchar USING 'z' || id;
ALTER TABLE mem ALTER p TYPE text USING NULL;
-- => 0A000, three times
ALTER TABLE person ALTER crew TYPE varchar, ALTER id TYPE varchar(10), ALTER note TYPE varchar USING 'x';
ALTER TABLE mem ALTER t TYPE text, ALTER n TYPE varchar USING 'x';
ALTER TABLE mem ALTER t TYPE timestamptz USING now();
-- => 0A000: its text depends on settings
TABLE pg_temp.who;
TABLE pg_temp.wrong;

-- inheritance, UNLOGGED, rules, partitions
CREATE TABLE child () INHERITS (mem);
CREATE TABLE child (LIKE mem);
ALTER TABLE child INHERIT mem;
CREATE TABLE top (t text, p text, n varchar);
ALTER TABLE mem INHERIT top;
ALTER TABLE mem SET UNLOGGED;
CREATE RULE r AS ON DELETE TO mem DO INSTEAD NOTHING;
CREATE TABLE parts (t text, p text, n varchar) PARTITION BY LIST (t);
ALTER TABLE parts ATTACH PARTITION mem DEFAULT;
-- => 0A000, six times
SELECT relmeta.register_memberships('parts', 't', 'p');
CREATE UNLOGGED TABLE parts_1 PARTITION OF parts FOR VALUES IN ('one');
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN ('one');
ALTER TABLE parts_1 SET UNLOGGED;
CREATE RULE r AS ON DELETE TO parts_1 DO INSTEAD NOTHING;
ALTER TABLE child ALTER t TYPE text;
CREATE UNLOGGED TABLE free (LIKE parts);
ALTER TABLE parts ATTACH PARTITION free DEFAULT;
-- => 0A000, four times
TABLE pg_temp.wrong;

-- a partition that comes makes nobody of his rows whom somebody made by hand
CREATE TABLE staff (id text PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE staff_1 (id text PRIMARY KEY);
INSERT INTO staff_1 VALUES ('hand');
SELECT relmeta.register_principals('staff'), relmeta.create_user('hand');
ALTER TABLE staff ATTACH PARTITION staff_1 DEFAULT;
-- refused: that takes a call of register_principals
DROP TABLE staff, staff_1;
SELECT relmeta.drop_principal('hand');

-- triggers that do not fire; what they have missed
ALTER TABLE mem DISABLE TRIGGER relmeta_source_row;
DROP TRIGGER relmeta_source_truncate ON mem;
ALTER TABLE person DISABLE TRIGGER relmeta_source_ends;
SELECT relation, object, problem, repair FROM pg_temp.wrong;
ALTER TABLE person ENABLE TRIGGER relmeta_source_ends;
DELETE FROM mem;
INSERT INTO mem VALUES ('one', 'ben'), ('two', 'ann'), ('two', 'ann');
SELECT relation, object, problem FROM pg_temp.wrong;
SELECT relmeta.repair();
-- => 4
TABLE pg_temp.who;
TABLE pg_temp.wrong;
SET session_replication_role = replica;
INSERT INTO person VALUES ('cat', 'one'), ('dan', 'two');
DELETE FROM person WHERE id = 'ben';
RESET session_replication_role;
SELECT relation, object, problem FROM pg_temp.wrong;
SELECT relmeta.repair();
TABLE pg_temp.who;
SELECT relation, object, problem, repair FROM pg_temp.wrong;
-- => ben, of whom a row of mem tells still
INSERT INTO person VALUES ('ben');
TABLE pg_temp.wrong;
-- of other roles' tables only what is no secret
CREATE ROLE regress_source_other;
ALTER TABLE mem DISABLE TRIGGER relmeta_source_row;
DELETE FROM mem WHERE p = 'ben';
SET ROLE regress_source_other;
SELECT relation, object, problem FROM relmeta.verify();
SELECT relmeta.repair();
RESET ROLE;
DROP ROLE regress_source_other;
SELECT relmeta.repair();
TABLE pg_temp.who;

-- a principal that owns rows stays until he does not
CREATE TABLE account (id int PRIMARY KEY, owner text);
SELECT relmeta.register_table('account', 'owner');
INSERT INTO account VALUES (1, 'cat');
SET session_replication_role = replica;
DELETE FROM person WHERE id = 'cat';
RESET session_replication_role;
SELECT relmeta.repair();
SELECT relation, object, problem FROM pg_temp.wrong;
SELECT relmeta.reassign_owned('cat', 'ann'), relmeta.repair();
TABLE pg_temp.wrong;

-- a key that is gone, or another one
UPDATE person SET note = id || '2';
ALTER TABLE person DROP CONSTRAINT person_pkey;
SELECT relation, object, problem FROM pg_temp.wrong;
ALTER TABLE person ADD PRIMARY KEY (note);
SELECT relation, object, problem FROM pg_temp.wrong;
ALTER TABLE person DROP CONSTRAINT person_pkey, ADD PRIMARY KEY (id);
TABLE pg_temp.wrong;

-- a column that is dropped leaves what only it said, as if made by hand
ALTER TABLE person ALTER note DROP NOT NULL, ADD COLUMN old_crew text;
SELECT relmeta.register_memberships('person', 'old_crew', 'id');
INSERT INTO person (id, crew, old_crew) VALUES ('eve', 'one', 'one'), ('fay', 'two', NULL), ('gus', NULL, 'two');
SELECT * FROM pg_temp.who WHERE principal > 'e' AND kind = 'user';
ALTER TABLE person DROP COLUMN crew;
TABLE pg_temp.wrong;
UPDATE person SET old_crew = NULL;
SELECT * FROM pg_temp.who WHERE principal > 'e' AND kind = 'user';
SELECT relmeta.remove_team_member('two', 'fay');
SELECT * FROM pg_temp.who WHERE principal > 'e' AND kind = 'user';
-- => eve {one}, fay {two}, gus {two}; fay {two}; none

SELECT relmeta.unregister_table('account');
TRUNCATE mem, parts, person, crew;
DROP TABLE mem, parts, person, crew, child, top, free, account CASCADE;
SELECT relmeta.drop_principal(principal) FROM relmeta.principals;
SELECT count(*) FROM relmeta.principal UNION ALL SELECT count(*) FROM relmeta.principal_source
UNION ALL SELECT count(*) FROM relmeta.team_member;
-- => 0, three times
