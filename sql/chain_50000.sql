-- chain_50000: a self-referencing chain of 50,000 levels is loaded, assigned, moved and deleted, iterating, not recursing:
-- with the least stack that PostgreSQL lets a session have.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA chain;
SET search_path = chain;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
SET max_stack_depth = '100kB';

CREATE TABLE managed (id int PRIMARY KEY, parent_id int, owner text);
SELECT relmeta.register_table('managed', 'owner');
SELECT relmeta.create_one_to_many('managed', 'managed', 'parent_id', assign => 'all', delete => 'all', is_hierarchical => true, foreign_key => false);
-- => managed_managed
INSERT INTO managed SELECT i, nullif(i - 1, 0), 'u' FROM generate_series(1, 50000) i;

SELECT relmeta.assign('managed', 1, 'v');
-- => 50000
SELECT count(*), min(owner), max(owner) FROM managed;
-- => 50000|v|v
SELECT relmeta.update_relationship('managed_managed', assign => 'user_owned') IS NULL;
-- => t
UPDATE managed SET owner = 'w' WHERE id = 10000;
SELECT owner, count(*), min(id), max(id) FROM managed GROUP BY owner ORDER BY owner;
-- => v|9999|1|9999
-- => w|40001|10000|50000

-- to two owners from two rows: where the second begins the first ends, and no level looks at all that were before it
SELECT relmeta.update_relationship('managed_managed', assign => 'all') IS NULL;
-- => t
UPDATE managed SET owner = CASE id WHEN 1 THEN 'u' ELSE 'v' END WHERE id IN (1, 25001);
SELECT owner, count(*), min(id), max(id) FROM managed GROUP BY owner ORDER BY owner;
-- => u|25000|1|25000
-- => v|25000|25001|50000

-- the loop check climbs the whole chain; closing it at the far end is refused (ATTACKS 61)
UPDATE managed SET parent_id = 50000 WHERE id = 1;
-- a move at the bottom, and one of the upper half below a new row
UPDATE managed SET parent_id = 49998 WHERE id = 50000;
INSERT INTO managed VALUES (0, NULL, 'v');
UPDATE managed SET parent_id = 0 WHERE id = 1;
SELECT count(*) FROM managed WHERE parent_id = 49998;
-- => 2

DELETE FROM managed WHERE id = 40000;
SELECT count(*) FROM managed;
-- => 40000
DELETE FROM managed WHERE id = 0;
SELECT count(*) FROM managed;
-- => 0

-- a restrict at the very bottom refuses it all
CREATE TABLE below (id int PRIMARY KEY, managed_id int);
SELECT relmeta.create_one_to_many('managed', 'below', 'managed_id', delete => 'restrict', foreign_key => false);
-- => managed_below
INSERT INTO managed SELECT i, nullif(i - 1, 0), 'u' FROM generate_series(1, 50000) i;
INSERT INTO below VALUES (1, 50000);
DELETE FROM managed WHERE id = 1;
SELECT count(*) FROM managed;
-- => 50000

-- with a foreign key
CREATE TABLE native (id int PRIMARY KEY, parent_id int REFERENCES native, owner text);
INSERT INTO native SELECT i, nullif(i - 1, 0), 'u' FROM generate_series(1, 50000) i;
SELECT relmeta.register_table('native', 'owner');
SELECT relmeta.create_one_to_many('native', 'native', 'parent_id', assign => 'all', delete => 'all', is_hierarchical => true);
-- => native_native
UPDATE native SET owner = 'v' WHERE id = 1;
SELECT count(*), min(owner), max(owner) FROM native;
-- => 50000|v|v
DELETE FROM native WHERE id = 2;
SELECT count(*) FROM native;
-- => 1

RESET max_stack_depth;
RESET search_path;
DROP SCHEMA chain CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v,w}'::text[]) u; END $$;
