-- Attacks by tables of one's own: mal may only reference (REFERENCES) somebody's tables.  What his N:N relationships over
-- them raise stops nobody's merge(), preview() or related() (SEMANTICS 3.6, 3.7, 3.13).
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_fm_owner;
CREATE ROLE regress_fm_mal;
CREATE ROLE regress_fm_ann;
SELECT relmeta.create_user('fm_ann', 'regress_fm_ann');
CREATE SCHEMA fmo AUTHORIZATION regress_fm_owner;
CREATE SCHEMA fmm AUTHORIZATION regress_fm_mal;
GRANT USAGE ON SCHEMA fmo TO regress_fm_mal, regress_fm_ann;
GRANT USAGE ON SCHEMA fmm TO regress_fm_ann;
SET SESSION AUTHORIZATION regress_fm_owner;
CREATE TABLE fmo.account (id int PRIMARY KEY, owner_id text, active boolean NOT NULL DEFAULT true);
CREATE TABLE fmo.tag (id int PRIMARY KEY);
SELECT relmeta.register_table('fmo.account', 'owner_id', 'active');
SELECT relmeta.create_many_to_many('fmo.account', 'fmo.tag', 'fm_own', intersect_table => 'fmo.account_tag');
-- => fm_own
INSERT INTO fmo.account SELECT i, 'fm_ann' FROM generate_series(1, 9) AS i;
INSERT INTO fmo.tag VALUES (1);
INSERT INTO fmo.account_tag VALUES (2, 1), (4, 1);
GRANT SELECT, INSERT, UPDATE, DELETE ON fmo.account, fmo.account_tag, fmo.tag TO regress_fm_ann;
GRANT REFERENCES ON fmo.account TO regress_fm_mal;

-- one whose index fails whoever plans a statement on it, one whose trigger fails, one that is as it should be
SET SESSION AUTHORIZATION regress_fm_mal;
CREATE TABLE fmm.x (id int PRIMARY KEY);
INSERT INTO fmm.x VALUES (1);
SELECT relmeta.create_many_to_many('fmo.account', 'fmm.x', 'fm_' || n, intersect_table => 'fmm.' || n) FROM unnest('{good,index,trigger}'::text[]) AS n;
-- => fm_good, fm_index, fm_trigger
INSERT INTO fmm.good VALUES (2, 1), (4, 1);
INSERT INTO fmm.index VALUES (2, 1), (4, 1);
INSERT INTO fmm.trigger VALUES (2, 1), (4, 1);
GRANT SELECT ON fmm.good, fmm.index, fmm.trigger, fmm.x TO PUBLIC;
CREATE TABLE fmm.switch (fails bool);
INSERT INTO fmm.switch VALUES (false);
CREATE FUNCTION fmm.fails(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN IF (SELECT fails FROM fmm.switch) THEN RAISE 'mal says no'; END IF; RETURN $1; END $$;
CREATE INDEX index_i ON fmm.index ((account_id + fmm.fails(7)));
UPDATE fmm.switch SET fails = true;
ALTER INDEX fmm.index_i RENAME TO index_j;
CREATE FUNCTION fmm.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused as %', current_user USING ERRCODE = '57014'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON fmm.trigger FOR EACH ROW EXECUTE FUNCTION fmm.refuse();

SET SESSION AUTHORIZATION regress_fm_ann;
SET client_min_messages = notice;
SELECT relationship, rows FROM relmeta.related('fmo.account', 2);
-- => NOTICE for fm_index
-- => fm_own|1, fm_good|1, fm_index|, fm_trigger|1
SELECT relationship, related_table, effect, rows FROM relmeta.preview('merge', 'fmo.account', 1, other_key => '2') ORDER BY 1;
-- => NOTICE for fm_index
-- => fm_good, fm_own, fm_trigger: 1
SELECT * FROM relmeta.merge('fmo.account', 1, 2) ORDER BY 1;
-- => WARNING for fm_index, fm_trigger
-- => fm_good|1|0, fm_own|1|0
SELECT id, active FROM fmo.account WHERE id < 3 ORDER BY id;
-- => 1|t, 2|f
SELECT account_id FROM fmm.good UNION ALL SELECT account_id FROM fmm.trigger UNION ALL SELECT account_id FROM fmo.account_tag;
-- => 4, 1, 2, 4, 4, 1
SELECT relmeta.merged_into('fmo.account', 2);
-- => 1
-- a superuser is not stopped either, and nothing of his runs
RESET SESSION AUTHORIZATION;
SELECT relationship, rows FROM relmeta.related('fmo.account', 4);
-- => NOTICE for fm_index
-- => fm_own|1, fm_good|1, fm_index|, fm_trigger|1
\set VERBOSITY default
SELECT * FROM relmeta.merge('fmo.account', 3, 4) ORDER BY 1;
-- => WARNING for fm_index, fm_trigger
-- => fm_good|1|0, fm_own|1|0
\set VERBOSITY terse

-- mal's own call, and what the table's owner himself has in the way: the error it is
GRANT SELECT ON fmo.account TO regress_fm_mal;
SET SESSION AUTHORIZATION regress_fm_mal;
SELECT * FROM relmeta.related('fmo.account', 5);
-- => ERROR:  mal says no
SET SESSION AUTHORIZATION regress_fm_owner;
INSERT INTO fmo.account_tag VALUES (5, 1);
CREATE FUNCTION fmo.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the owner'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON fmo.account_tag FOR EACH ROW EXECUTE FUNCTION fmo.refuse();
SET SESSION AUTHORIZATION regress_fm_ann;
SELECT * FROM relmeta.merge('fmo.account', 6, 5);
-- => ERROR:  refused by the owner
SELECT id, active FROM fmo.account WHERE id IN (5, 6) ORDER BY id;
-- => 5|t, 6|t

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA fmo, fmm CASCADE;
SELECT relmeta.drop_principal('fm_ann');
DROP OWNED BY regress_fm_owner, regress_fm_mal, regress_fm_ann;
DROP ROLE regress_fm_owner, regress_fm_mal, regress_fm_ann;
