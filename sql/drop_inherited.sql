-- A lookup or a primary table that is dropped takes along what was inherited through it, and below.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_di_owner;
SELECT relmeta.create_user(u) FROM unnest(ARRAY['di_ann', 'di_bob']) AS u;
CREATE SCHEMA di AUTHORIZATION regress_di_owner;
SET SESSION AUTHORIZATION regress_di_owner;
SET search_path = di;
CREATE TABLE a (id int PRIMARY KEY, owner_id text);
CREATE TABLE b (id int PRIMARY KEY, owner_id text, a_id int);
CREATE TABLE c (id int PRIMARY KEY, owner_id text, b_id int);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{a,b,c}'::regclass[]) AS t;
SELECT relmeta.create_one_to_many('b', 'c', 'b_id', 'di_bc', preset => 'parental');
-- => di_bc
INSERT INTO a VALUES (1, 'di_ann');
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
  INSERT INTO b VALUES (1, 'di_ann', 1), (2, 'di_ann', 1);
  INSERT INTO c VALUES (1, 'di_ann', 1), (2, 'di_ann', 2);
  SELECT relmeta.share('a', 1, 'di_bob', '{read,write}');
  SELECT relmeta.share('b', 2, 'di_bob', '{read}');
$$;
CREATE VIEW held AS
SELECT relation::text AS "table", object_key AS key, principal, access_rights_mask AS direct,
       inherited_access_rights_mask AS inherited
FROM relmeta.principal_object_access WHERE principal LIKE 'di\_%' ORDER BY 1, 2, 3;

-- the lookup
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', 'di_ab', preset => 'parental');
-- => di_ab
SELECT fill();
TABLE held;
-- => a|1|di_bob|3|0
-- => b|1|di_bob|0|3
-- => b|2|di_bob|1|3
-- => c|1|di_bob|0|3
-- => c|2|di_bob|0|3
ALTER TABLE b DROP COLUMN a_id;
TABLE held;
-- => a|1|di_bob|3|0
-- => b|2|di_bob|1|0
-- => c|2|di_bob|0|1
TRUNCATE b, c;
SELECT relmeta.unshare('a', 1, 'di_bob');
-- => 1

-- the primary table, with a foreign key and without
ALTER TABLE b ADD COLUMN a_id int;
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', 'di_ab', preset => 'parental', foreign_key => false);
-- => di_ab
SELECT fill();
BEGIN;
DROP TABLE a;
TABLE held;
-- => b|2|di_bob|1|0
-- => c|2|di_bob|0|1
ROLLBACK;
SELECT count(*) FROM held;
-- => 5
SELECT relmeta.drop_relationship('di_ab');
SELECT relmeta.unshare('a', 1, 'di_bob');
-- => 1
TRUNCATE b, c;
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', 'di_ab', preset => 'parental');
-- => di_ab
SELECT fill();
SET client_min_messages = warning;
DROP TABLE a CASCADE;
TABLE held;
-- => b|2|di_bob|1|0
-- => c|2|di_bob|0|1
DROP TABLE b, c;
TABLE held;
-- => none

RESET SESSION AUTHORIZATION;
DROP SCHEMA di CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest(ARRAY['di_ann', 'di_bob']) AS p;
DROP ROLE regress_di_owner;
