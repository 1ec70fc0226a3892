-- truncate_partition: a partition is emptied as its table is, whatever was emptied before it in the session (SEMANTICS 3.5).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_truncate_partition;
CREATE SCHEMA truncate_partition AUTHORIZATION regress_truncate_partition;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{ann,bob}'::text[]) u; END $$;
SET ROLE regress_truncate_partition;
SET search_path = truncate_partition;

-- who holds something on which row: key:principal
CREATE FUNCTION held(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(object_key || ':' || principal, ' ' ORDER BY object_key, principal), '-')
  FROM relmeta.principal_object_access AS a WHERE a.relation = $1 $$;
CREATE TABLE p (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
CREATE TABLE c (id int PRIMARY KEY, p_id int);
SELECT relmeta.register_table('p', 'owner');
-- =>
SELECT relmeta.create_one_to_many('p', 'c', 'p_id', foreign_key => false);
-- => p_c

-- the whole table first, then a partition, in the same session with the same number of commands
TRUNCATE p;
INSERT INTO p VALUES (1, 'ann'), (101, 'ann');
SELECT relmeta.share('p', 1, 'bob'), relmeta.share('p', 101, 'bob');
-- => 1|1
TRUNCATE p1;
SELECT held('p');
-- => 101:bob
INSERT INTO p VALUES (1, 'ann');
SELECT relmeta.has_access('p', 1, 'read', 'bob');
-- => f
INSERT INTO c VALUES (1, 1), (2, 101);
TRUNCATE p1;
-- => ERROR:  0A000
DELETE FROM c;
-- the same within transactions and subtransactions, one of which is rolled back
TRUNCATE p;
INSERT INTO p VALUES (1, 'ann'), (101, 'ann');
INSERT INTO c VALUES (1, 1);
BEGIN;
SAVEPOINT s;
DELETE FROM c;
TRUNCATE p;
ROLLBACK TO s;
TRUNCATE p1;
-- => ERROR:  0A000
ROLLBACK;
DO $$
BEGIN
  BEGIN
    DELETE FROM c;
    TRUNCATE p;
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN
  END;
  TRUNCATE p1;
END $$;
-- => ERROR:  0A000
SELECT count(*) FROM p;
-- => 2
-- an error in the midst of it
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE division_by_zero; END $$;
DELETE FROM c;
CREATE TRIGGER zzz_refuse BEFORE TRUNCATE ON p FOR EACH STATEMENT EXECUTE FUNCTION refuse();
TRUNCATE p;
-- => ERROR:  22012
DROP TRIGGER zzz_refuse ON p;
INSERT INTO c VALUES (1, 1);
TRUNCATE p1;
-- => ERROR:  0A000
TRUNCATE p2;

RESET ROLE;
RESET search_path;
DROP SCHEMA truncate_partition CASCADE;
DROP ROLE regress_truncate_partition;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{ann,bob}'::text[]) u; END $$;
