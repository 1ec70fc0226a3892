-- key_left: what is inherited on a row is what its primary row gives, also when another row has taken that one's key under a native
-- key of NO ACTION (SEMANTICS 3.4); who may do so where access is controlled (2.5), by lookups of several tables and of partitions, too
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_kl_owner;
CREATE ROLE regress_kl_bob;
SELECT relmeta.create_user('kl_ann'), relmeta.create_user('kl_bob', 'regress_kl_bob'), relmeta.create_user('kl_carl');
CREATE SCHEMA kl AUTHORIZATION regress_kl_owner;
GRANT USAGE ON SCHEMA kl TO regress_kl_bob;
SET SESSION AUTHORIZATION regress_kl_owner;
SET search_path = kl;
CREATE TABLE site (id int PRIMARY KEY, owner text);
-- reparent and share; share alone, deferred; in partitions; below that
CREATE TABLE visit (id int PRIMARY KEY, owner text, site int REFERENCES site);
CREATE TABLE letter (id int PRIMARY KEY, owner text, site int REFERENCES site DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE lease (id int PRIMARY KEY, owner text, site int REFERENCES site) PARTITION BY RANGE (id);
CREATE TABLE lease_1 PARTITION OF lease FOR VALUES FROM (0) TO (50);
CREATE TABLE lease_2 PARTITION OF lease DEFAULT;
CREATE TABLE term (id int PRIMARY KEY, owner text, lease int REFERENCES lease ON UPDATE CASCADE ON DELETE CASCADE);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{site,visit,letter,lease,term}'::regclass[]) AS t;
-- => 5
SELECT relmeta.create_one_to_many('site', 'visit', 'site', 'visits', 'referential_restrict', reparent => 'all', share => 'all'),
  relmeta.create_one_to_many('site', 'letter', 'site', 'letters', 'referential_restrict', share => 'all'),
  relmeta.create_one_to_many('site', 'lease', 'site', 'leases', 'referential_restrict', reparent => 'all', share => 'all'),
  relmeta.create_one_to_many('lease', 'term', 'lease', 'terms', 'parental');
GRANT SELECT, INSERT, UPDATE, DELETE ON site, visit, letter, lease, term TO regress_kl_bob;

CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
  DELETE FROM term; DELETE FROM lease; DELETE FROM visit; DELETE FROM letter; DELETE FROM site;
  INSERT INTO site VALUES (1, 'kl_ann'), (2, 'kl_ann');
  INSERT INTO visit VALUES (1, 'kl_ann', 1);
  INSERT INTO letter VALUES (1, 'kl_ann', 1);
  INSERT INTO lease VALUES (1, 'kl_ann', 1), (51, 'kl_ann', 1);
  INSERT INTO term VALUES (1, 'kl_ann', 1), (51, 'kl_ann', 51);
  SELECT relmeta.share('site', 1, 'kl_carl', '{read}') $$;
CREATE VIEW held AS SELECT t, k.key, who.principal, g.ground, g.source_key
  FROM (VALUES ('visit', 1), ('letter', 1), ('lease', 1), ('lease', 51), ('term', 1), ('term', 51)) AS k(t, key), (VALUES ('kl_bob'), ('kl_carl')) AS who(principal),
    relmeta.explain_access(('kl.' || t)::regclass, key::text, who.principal) AS g ORDER BY t, key, principal;
SELECT fill();
SELECT * FROM held;
-- => carl, by all

-- one statement: INSERT takes the key of a row that is deleted, or gets another
WITH d AS (DELETE FROM site WHERE id = 1 RETURNING id) INSERT INTO site SELECT id, 'kl_bob' FROM d;
SELECT * FROM held;
-- => bob, by visit, leases and terms; carl by none
SELECT fill();
WITH u AS (UPDATE site SET id = 9 WHERE id = 1 RETURNING 1 AS id) INSERT INTO site SELECT id, 'kl_bob' FROM u;
SELECT * FROM held;
-- => the same
-- by UPDATE of another row
SELECT fill();
WITH d AS (DELETE FROM site WHERE id = 1 RETURNING id) UPDATE site AS s SET id = d.id, owner = 'kl_bob' FROM d WHERE s.id = 2;
SELECT * FROM held;
-- => the same
-- by a function in the middle of the statement
SELECT fill();
CREATE FUNCTION takes(int) RETURNS int LANGUAGE sql AS 'INSERT INTO kl.site VALUES ($1, ''kl_bob'') RETURNING id';
DELETE FROM site WHERE id = 1 RETURNING takes(id);
SELECT * FROM held;
-- => the same
SELECT fill();
UPDATE site SET id = 9 WHERE id = 1 RETURNING takes(1);
SELECT * FROM held;
-- => the same
-- by MERGE
SELECT fill();
SET enable_hashjoin = off; SET enable_mergejoin = off;
MERGE INTO site AS s USING (VALUES (1, 9), (2, 1)) AS v(id, new) ON s.id = v.id WHEN MATCHED AND v.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET id = v.new, owner = 'kl_bob';
RESET enable_hashjoin; RESET enable_mergejoin;
SELECT * FROM site;
SELECT * FROM held;
-- => the same

-- several statements, deferred: letters alone
INSERT INTO site VALUES (8, 'kl_ann');
INSERT INTO letter VALUES (8, 'kl_ann', 8);
SELECT relmeta.share('site', 8, 'kl_carl', '{read}');
-- => 2
BEGIN;
UPDATE site SET id = 9 WHERE id = 8;
SAVEPOINT s;
INSERT INTO site VALUES (8, 'kl_bob');
SELECT count(*) FROM relmeta.explain_access('letter', 8, 'kl_carl');
-- => 0
ROLLBACK;
SELECT count(*) FROM relmeta.explain_access('letter', 8, 'kl_carl');
-- => 1
BEGIN;
DELETE FROM site WHERE id = 8;
INSERT INTO site VALUES (8, 'kl_bob');
COMMIT;
SELECT count(*) FROM relmeta.explain_access('letter', 8, 'kl_carl');
-- => 0

-- ordinary deletes and key changes
SELECT fill();
DELETE FROM site WHERE id = 1;
-- => 23503
UPDATE site SET id = 9 WHERE id = 1;
-- => 23503
DELETE FROM site WHERE id = 2;
UPDATE visit SET site = 1;
SELECT * FROM held WHERE principal = 'kl_carl';
-- => as at first

--
-- controlled: what moving the rows needs
--
SELECT relmeta.enable_access_control(t) FROM unnest('{site,visit,letter,lease,term}'::regclass[]) AS t;
INSERT INTO site VALUES (3, 'kl_bob'), (4, 'kl_ann'), (5, 'kl_ann');
SELECT relmeta.share('site', 4, 'kl_bob', '{read,write,delete}');
-- => 1
INSERT INTO lease VALUES (52, 'kl_ann', 4), (2, 'kl_ann', 5);
SET SESSION AUTHORIZATION regress_kl_bob;
WITH u AS (UPDATE site SET id = 9 WHERE id = 4 RETURNING 4 AS id) INSERT INTO site SELECT id, 'kl_bob' FROM u;
WITH u AS (UPDATE site SET id = 9 WHERE id = 4 RETURNING 4 AS id) UPDATE site AS s SET id = u.id FROM u WHERE s.id = 3;
WITH d AS (DELETE FROM site WHERE id = 4 RETURNING id) INSERT INTO site SELECT id, 'kl_bob' FROM d;
-- => three times 42501: the lease in the second partition
RESET SESSION AUTHORIZATION;
-- moved to the other partition by then
SET search_path = kl;

SET SESSION AUTHORIZATION regress_kl_bob;
WITH u AS (UPDATE site SET id = 9 WHERE id = 4 RETURNING 4 AS id), m AS (UPDATE lease SET id = 22 WHERE id = 52)
  INSERT INTO site SELECT id, 'kl_bob' FROM u;
-- => 42501
RESET SESSION AUTHORIZATION;
SELECT relmeta.share('lease', 52, 'kl_bob', '{append,share}');

SET SESSION AUTHORIZATION regress_kl_bob;
WITH u AS (UPDATE site SET id = 9 WHERE id = 4 RETURNING 4 AS id) INSERT INTO site SELECT id, 'kl_bob' FROM u;
RESET SESSION AUTHORIZATION;
SELECT ground, source_key FROM relmeta.explain_access('lease', 52, 'kl_bob');
-- => direct, and inherited from site 4

-- lookups of several tables: the key itself is refused while rows point to it, and what delete says of them comes first
SET SESSION AUTHORIZATION regress_kl_owner;
CREATE TABLE memo (id int, owner text, about int, about_type text, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE memo_1 PARTITION OF memo FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE memo_2 PARTITION OF memo FOR VALUES WITH (MODULUS 2, REMAINDER 1);
GRANT SELECT, INSERT, UPDATE, DELETE ON memo TO regress_kl_bob;
SELECT relmeta.register_table('memo', 'owner');
SELECT relmeta.create_multi_table_lookup('memo', 'about', '{site,visit}', 'about_type', preset => 'referential', reparent => 'all', share => 'all');
INSERT INTO site VALUES (6, 'kl_ann'), (7, 'kl_ann');
INSERT INTO memo VALUES (1, 'kl_ann', 6, 'site'), (2, 'kl_ann', 1, 'visit'), (3, 'kl_ann', 7, 'site');
SELECT relmeta.enable_access_control('memo');
SELECT relmeta.share('site', s, 'kl_carl', '{read}'), relmeta.share('site', s, 'kl_bob', '{read,write,delete}') FROM unnest('{6,7}'::int[]) AS s;
SELECT relmeta.unshare('memo', 1, 'kl_bob');
-- => 0
SET SESSION AUTHORIZATION regress_kl_bob;
WITH u AS (UPDATE site SET id = 19 WHERE id = 6 RETURNING 6 AS id) INSERT INTO site SELECT id, 'kl_bob' FROM u;
-- => 23503
-- what a deletion does to the memo comes later
WITH d AS (DELETE FROM site WHERE id = 6 RETURNING id) INSERT INTO site SELECT id, 'kl_bob' FROM d;
-- => 42501
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_kl_owner;
WITH d AS (DELETE FROM site WHERE id = 7 RETURNING id) INSERT INTO site SELECT id, 'kl_bob' FROM d;
SELECT id, about FROM memo WHERE id = 3;
-- => 3|
SELECT count(*) FROM memo AS m, relmeta.explain_access('memo', m.id::text, 'kl_carl') AS g WHERE m.id = 3;
-- => 0
SELECT count(*) FROM memo AS m, relmeta.explain_access('memo', m.id::text, 'kl_bob') AS g WHERE m.id = 3;
-- => 0

RESET SESSION AUTHORIZATION;
DROP SCHEMA kl CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{kl_ann,kl_bob,kl_carl}'::text[]) AS p;
DROP OWNED BY regress_kl_bob;
DROP ROLE regress_kl_owner, regress_kl_bob;
