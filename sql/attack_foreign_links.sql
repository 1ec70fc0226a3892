-- Attacks by tables of one's own: mal may only reference (REFERENCES) a controlled table.  What he hangs below it by N:N
-- relationships is no reason to refuse, stop or hold anybody's INSERT there, nor a key that no row had (SEMANTICS 2.5).
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_fl_owner;
CREATE ROLE regress_fl_mal;
CREATE ROLE regress_fl_ann;
SELECT relmeta.create_user('fl_ann', 'regress_fl_ann'), relmeta.create_user('fl_bob');
CREATE SCHEMA flo AUTHORIZATION regress_fl_owner;
CREATE SCHEMA flm AUTHORIZATION regress_fl_mal;
GRANT USAGE ON SCHEMA flo TO regress_fl_mal, regress_fl_ann;
SET SESSION AUTHORIZATION regress_fl_owner;
CREATE TABLE flo.account (id int PRIMARY KEY, owner_id text);
CREATE TABLE flo.tag (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{flo.account,flo.tag}'::regclass[]) AS t;
SELECT relmeta.enable_access_control(t) FROM unnest('{flo.account,flo.tag}'::regclass[]) AS t;
INSERT INTO flo.account VALUES (1, 'fl_bob'), (2, 'fl_ann');
INSERT INTO flo.tag VALUES (1, 'fl_bob');
GRANT SELECT, INSERT, UPDATE, DELETE ON flo.account TO regress_fl_ann;
GRANT REFERENCES ON flo.account TO regress_fl_mal;

-- links of his that point to no row, by a key that is not valid
SET SESSION AUTHORIZATION regress_fl_mal;
CREATE TABLE flm.x (id int PRIMARY KEY);
INSERT INTO flm.x VALUES (1);
CREATE TABLE flm.coming (account_id int, x_id int REFERENCES flm.x, PRIMARY KEY (account_id, x_id));
INSERT INTO flm.coming SELECT i, 1 FROM generate_series(100, 200) AS i;
ALTER TABLE flm.coming ADD FOREIGN KEY (account_id) REFERENCES flo.account NOT VALID;
SELECT relmeta.adopt_many_to_many('flm.coming', 'fl_coming');
-- => fl_coming
-- an intersect table that fails whoever plans a statement on it
CREATE TABLE flm.switch (fails bool);
INSERT INTO flm.switch VALUES (false);
CREATE FUNCTION flm.fails(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN IF (SELECT fails FROM flm.switch) THEN RAISE 'no'; END IF; RETURN $1; END $$;
SELECT relmeta.create_many_to_many('flo.account', 'flm.x', 'fl_fails', intersect_table => 'flm.failing');
-- => fl_fails
CREATE INDEX failing_i ON flm.failing ((account_id + flm.fails(7)));
INSERT INTO flm.failing VALUES (1, 1);
UPDATE flm.switch SET fails = true;
ALTER INDEX flm.failing_i RENAME TO failing_j;
SELECT 1 FROM flm.failing WHERE account_id = 1;
-- => ERROR:  P0001

SET SESSION AUTHORIZATION regress_fl_ann;
INSERT INTO flo.account VALUES (100, 'fl_ann') RETURNING id;
-- => 100
INSERT INTO flo.account SELECT i, 'fl_ann' FROM generate_series(101, 150) AS i;
INSERT INTO flo.account VALUES (151, 'fl_ann') ON CONFLICT (id) DO UPDATE SET id = 152 RETURNING id;
-- => 151
SET SESSION AUTHORIZATION regress_fl_mal;
UPDATE flm.switch SET fails = false;
ALTER INDEX flm.failing_j RENAME TO failing_i;
-- a key that nobody had
SET SESSION AUTHORIZATION regress_fl_ann;
UPDATE flo.account SET id = 199 WHERE id = 2 RETURNING id;
-- => 199

-- the owner's own table of that kind, and a superuser's, are looked at as before: who points to no row is hers who makes one
SET SESSION AUTHORIZATION regress_fl_owner;
CREATE TABLE flo.coming (account_id int, tag_id int REFERENCES flo.tag, PRIMARY KEY (account_id, tag_id));
INSERT INTO flo.coming VALUES (300, 1), (301, 1);
ALTER TABLE flo.coming ADD FOREIGN KEY (account_id) REFERENCES flo.account NOT VALID;
SELECT relmeta.adopt_many_to_many('flo.coming', 'fl_own');
-- => fl_own
SET SESSION AUTHORIZATION regress_fl_ann;
INSERT INTO flo.account VALUES (300, 'fl_ann');
-- => ERROR:  42501
RESET SESSION AUTHORIZATION;
ALTER TABLE flo.coming OWNER TO CURRENT_USER;
SET SESSION AUTHORIZATION regress_fl_ann;
INSERT INTO flo.account VALUES (300, 'fl_ann');
-- => ERROR:  42501

-- a key that the transaction takes from a row: whoever's the links are, they are judged
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA flm TO regress_fl_owner;
SELECT relmeta.share('flo.account', 1, 'fl_ann', '{read,write,delete}');
-- => 1
SET SESSION AUTHORIZATION regress_fl_owner;
GRANT REFERENCES ON flo.tag TO regress_fl_mal;
SET SESSION AUTHORIZATION regress_fl_mal;
CREATE TABLE flm.later (account_id int REFERENCES flo.account DEFERRABLE INITIALLY DEFERRED, tag_id int REFERENCES flo.tag, PRIMARY KEY (account_id, tag_id));
INSERT INTO flm.later VALUES (1, 1);
SELECT relmeta.adopt_many_to_many('flm.later', 'fl_later');
-- => fl_later
SET SESSION AUTHORIZATION regress_fl_ann;
BEGIN;
UPDATE flo.account SET id = 400 WHERE id = 1;
-- => ERROR:  23503: mal's other link does not follow
ROLLBACK;
SET SESSION AUTHORIZATION regress_fl_mal;
DELETE FROM flm.failing;
SET SESSION AUTHORIZATION regress_fl_ann;
BEGIN;
UPDATE flo.account SET id = 400 WHERE id = 1;
SAVEPOINT s;
INSERT INTO flo.account VALUES (1, 'fl_ann');
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO flo.account VALUES (410, 'fl_ann') RETURNING id;
-- => 410
UPDATE flo.account SET id = 1 WHERE id = 410;
-- => ERROR:  42501
ROLLBACK;
BEGIN;
DELETE FROM flo.account WHERE id = 1;
INSERT INTO flo.account VALUES (1, 'fl_ann');
-- => ERROR:  42501
ROLLBACK;
WITH d AS (DELETE FROM flo.account WHERE id = 1 RETURNING 1) INSERT INTO flo.account SELECT 1, 'fl_ann' FROM d;
-- => ERROR:  42501

-- a key that the transaction has made itself and left in a statement before counts as one that no row had: what points there it has
-- linked itself, was judged then, and would be so had the row stayed
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA flm TO regress_fl_ann;
GRANT INSERT ON flm.later TO regress_fl_ann;
SET SESSION AUTHORIZATION regress_fl_mal;
SELECT relmeta.enable_access_control('flm.later');
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('flo.tag', 1, 'fl_ann', '{append}');
-- => 1
BEGIN;
SET LOCAL SESSION AUTHORIZATION regress_fl_ann;
INSERT INTO flo.account VALUES (500, 'fl_ann');
INSERT INTO flm.later VALUES (500, 1);
DELETE FROM flo.account WHERE id = 500;
SET LOCAL SESSION AUTHORIZATION DEFAULT;
SELECT relmeta.unshare('flo.tag', 1, 'fl_ann');
-- => 1
SET LOCAL SESSION AUTHORIZATION regress_fl_ann;
SAVEPOINT s;
INSERT INTO flm.later VALUES (410, 1);
-- => ERROR:  42501
ROLLBACK TO s;
INSERT INTO flo.account VALUES (500, 'fl_ann') RETURNING id;
-- => 500
COMMIT;

RESET SESSION AUTHORIZATION;
DROP SCHEMA flo, flm CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{fl_ann,fl_bob}'::text[]) AS p;
DROP OWNED BY regress_fl_owner, regress_fl_mal, regress_fl_ann;
DROP ROLE regress_fl_owner, regress_fl_mal, regress_fl_ann;
