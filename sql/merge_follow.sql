-- What merges and automations say of rows follows DDL, and verify() and repair() look after it.  SEMANTICS 3.5, 2.7.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_mf;
CREATE ROLE regress_mf_other;
CREATE SCHEMA mf AUTHORIZATION regress_mf;
CREATE SCHEMA mf_other AUTHORIZATION regress_mf;
SET SESSION AUTHORIZATION regress_mf;
SET search_path = mf;
CREATE TABLE account (id int PRIMARY KEY, active boolean NOT NULL DEFAULT true, n int);
CREATE TABLE log (what text);
CREATE FUNCTION logs(relation regclass, key text) RETURNS void LANGUAGE sql AS $$ INSERT INTO mf.log VALUES (relation || ' ' || key) $$;
SELECT relmeta.register_table('account', state_column => 'active');
SELECT relmeta.create_automation('auto', 'account', 'logs(regclass, text)');
INSERT INTO account SELECT generate_series(1, 6);
SELECT relmeta.activate_automation('auto', NULL);
SELECT count(*) FROM relmeta.merge('account', 1, 2);
-- => 0
SELECT what FROM log;
-- => account 2
SELECT count(*) FROM relmeta.merge('account', 3, 4);
-- => 0
DELETE FROM log;
CREATE VIEW facts AS SELECT 'merge' AS kind, relation::text, subordinate || '>' || master AS what FROM relmeta.merges
  UNION ALL SELECT 'automation', relation::text, string_agg(key, ' ' ORDER BY key) FROM relmeta.automations WHERE is_active GROUP BY relation;
SELECT * FROM facts ORDER BY 1, 3;
-- => automation|account|1 2 3 4 5 6, merge|account|2>1, merge|account|4>3
-- names
ALTER TABLE account RENAME TO "Acc ount";
ALTER TABLE "Acc ount" RENAME COLUMN id TO "I d";
ALTER TABLE "Acc ount" RENAME COLUMN active TO "act ive";
ALTER TABLE "Acc ount" SET SCHEMA mf_other;
SELECT count(*) FROM relmeta.merge('mf_other."Acc ount"', 5, 6);
-- => 0
SELECT * FROM facts ORDER BY 1, 3;
-- => automation|mf_other."Acc ount"|1 2 3 4 5 6, merge|mf_other."Acc ount"|2>1, 4>3, 6>5
-- a key of another type: what is kept by its text is kept by its new text
UPDATE mf_other."Acc ount" SET "I d" = "I d" + 10;
SELECT relmeta.alter_column_type('mf_other."Acc ount"', 'I d', 'numeric');
SELECT relmeta.merged_into('mf_other."Acc ount"', 12);
-- => 11
SELECT relmeta.alter_column_type('mf_other."Acc ount"', 'I d', 'text');
SELECT * FROM facts ORDER BY 1, 3;
-- => automation|mf_other."Acc ount"|11 12 13 14 15 16, merge|mf_other."Acc ount"|12>11, 14>13, 16>15
DELETE FROM log;
UPDATE mf_other."Acc ount" SET n = 1 WHERE "I d" = '13';
SELECT what FROM log;
-- => mf_other."Acc ount" 13
-- keys that are equal, spelled otherwise: an update takes the new spelling along
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE word (id text COLLATE nocase PRIMARY KEY, active boolean NOT NULL DEFAULT true);
SELECT relmeta.register_table('word', state_column => 'active');
SELECT relmeta.create_automation('words', 'word', 'logs(regclass, text)');
INSERT INTO word VALUES ('one'), ('two');
SELECT relmeta.activate_automation('words', 'TWO');
SELECT count(*) FROM relmeta.merge('word', 'ONE', 'Two');
-- => 0
UPDATE word SET id = 'TWO' WHERE id = 'two';
SELECT master, subordinate FROM relmeta.merges WHERE relation = 'word'::regclass;
-- => one|TWO
SELECT key FROM relmeta.automations WHERE relation = 'word'::regclass;
-- => TWO
DELETE FROM word WHERE id = 'One';
SELECT count(*) FROM relmeta.merges WHERE relation = 'word'::regclass;
-- => 0

-- rows that were deleted behind relmeta's back: verify() says so, repair() mends it
ALTER TABLE mf_other."Acc ount" DISABLE TRIGGER USER;
DELETE FROM mf_other."Acc ount" WHERE "I d" IN ('11', '14');
ALTER TABLE mf_other."Acc ount" ENABLE TRIGGER USER;
SELECT object, problem FROM relmeta.verify() ORDER BY 2;
-- => mf.account|automations of rows that do not exist, mf.account|merges of rows that do not exist
SELECT relmeta.repair();
-- => 2
SELECT * FROM facts ORDER BY 1, 3;
-- => automation|mf_other."Acc ount"|12 13 15 16, automation|word|TWO, merge|mf_other."Acc ount"|16>15
SELECT count(*) FROM relmeta.verify();
-- => 0
-- a stranger is not told
SET SESSION AUTHORIZATION regress_mf_other;
SELECT count(*) FROM relmeta.verify();
-- => 0
SET SESSION AUTHORIZATION regress_mf;

-- rows that leave with a partition take their merges and automations along
CREATE TABLE part (id int PRIMARY KEY, active boolean NOT NULL DEFAULT true) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (10) TO (20);
SELECT relmeta.register_table('part', state_column => 'active');
SELECT relmeta.create_automation('parts', 'part', 'logs(regclass, text)');
INSERT INTO part VALUES (1), (2), (11), (12);
SELECT relmeta.activate_automation('parts', NULL);
SELECT count(*) FROM relmeta.merge('part', 1, 11);
-- => 0
SELECT count(*) FROM relmeta.merge('part', 2, 12);
-- => 0
UPDATE part SET id = 3 WHERE id = 12;
ALTER TABLE part DETACH PARTITION part_2;
SELECT * FROM facts WHERE relation = 'part' ORDER BY 1, 3;
-- => automation|part|1 2 3, merge|part|3>2
TRUNCATE part_1;
SELECT * FROM facts WHERE relation = 'part';
-- => none
-- more keys than work_mem holds, each the next one's by one statement: those that merges, automations and connections have are followed, and are
-- all that is kept of them; what is held meanwhile is seen by an administrator's trigger
CREATE TABLE many (id int PRIMARY KEY, active boolean NOT NULL DEFAULT true, n int);
SELECT relmeta.register_table('many', state_column => 'active');
SELECT relmeta.create_automation('manies', 'many', 'logs(regclass, text)');
INSERT INTO many SELECT i, true, i FROM generate_series(40000, 1, -1) AS i;
SELECT count(relmeta.activate_automation('manies', i::text)) FROM unnest('{1,2,40000}'::int[]) AS i;
-- => 3
SELECT count(*) FROM relmeta.merge('many', 2, 3);
-- => 0
SELECT count(*) FROM relmeta.merge('many', 20000, 20001);
-- => 0
SELECT count(relmeta.connect('many', a, 'many', b)) FROM (VALUES (5, 39996), (20000, 7)) AS c(a, b);
-- => 2
CREATE INDEX downwards ON many (id DESC);
CLUSTER many USING downwards;
RESET SESSION AUTHORIZATION;
CREATE TABLE mf.seen (bytes bigint);
CREATE FUNCTION mf.look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO mf.seen SELECT sum(total_bytes) FROM pg_backend_memory_contexts AS m
  WHERE name <> 'AfterTriggerEvents' AND to_jsonb(m) ->> 'parent' IS DISTINCT FROM 'CacheMemoryContext' AND name <> 'CacheMemoryContext';
  RETURN NEW;
END $$;
CREATE TRIGGER look BEFORE UPDATE ON relmeta.connection FOR EACH ROW EXECUTE FUNCTION mf.look();
SET SESSION AUTHORIZATION regress_mf;
SET work_mem = '64kB';
UPDATE many SET id = id + 1;
RESET work_mem;
RESET SESSION AUTHORIZATION;
DROP TRIGGER look ON relmeta.connection;
SELECT count(*), CASE WHEN max(bytes) < 5 * 1024 * 1024 THEN 'bounded' ELSE max(bytes)::text END FROM mf.seen;
-- => 4|bounded
SET SESSION AUTHORIZATION regress_mf;
SELECT * FROM facts WHERE relation = 'many' ORDER BY 1, 3;
-- => automation|many|2 3 40001, merge|many|20002>20001, merge|many|4>3
RESET SESSION AUTHORIZATION;
SELECT key1, key2 FROM relmeta.connection WHERE relation1 = 'mf.many'::regclass ORDER BY 1;
-- => 20001|8, 6|39997
DROP TABLE mf.word, mf.part, mf.part_2, mf.many, mf_other."Acc ount";
SELECT (SELECT count(*) FROM relmeta.merge), (SELECT count(*) FROM relmeta.automation), (SELECT count(*) FROM relmeta.automation_row);
-- => 0|0|0
SET client_min_messages = error;
DROP SCHEMA mf, mf_other CASCADE;
DROP ROLE regress_mf, regress_mf_other;
