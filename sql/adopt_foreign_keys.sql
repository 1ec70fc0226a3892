-- What works before a schema is adopted works after: foreign keys that do what a relationship says are kept as they are, a NOTICE says
-- which one is made anew, and relmeta.adoptable says of what cannot be adopted why.  SEMANTICS 2.2, 2.3.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA afk;
SET search_path = afk;
CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE NOT NULL);
INSERT INTO p SELECT i, 'c' || i FROM generate_series(1, 20) AS i;
CREATE TABLE q (id int PRIMARY KEY);
CREATE TABLE k_deferred (id int PRIMARY KEY, p_id int NOT NULL REFERENCES p DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE k_deferrable (id int PRIMARY KEY, p_id int REFERENCES p ON DELETE CASCADE DEFERRABLE);
CREATE TABLE k_default (id int PRIMARY KEY, p_id int DEFAULT 20 REFERENCES p ON DELETE SET DEFAULT);
CREATE TABLE k_null_nn (id int PRIMARY KEY, p_id int NOT NULL REFERENCES p ON DELETE SET NULL);
CREATE TABLE k_null (id int PRIMARY KEY, p_id int REFERENCES p ON DELETE SET NULL);
CREATE TABLE k_full (id int PRIMARY KEY, p_id int REFERENCES p MATCH FULL ON UPDATE CASCADE);
CREATE TABLE k_unique (id int PRIMARY KEY, code text REFERENCES p (code));
CREATE TABLE k_bigint (id int PRIMARY KEY, p_id bigint REFERENCES p);
CREATE TABLE k_two (id int PRIMARY KEY, x_id int REFERENCES p ON DELETE CASCADE, CONSTRAINT also FOREIGN KEY (x_id) REFERENCES q);
CREATE TABLE k_twice (id int PRIMARY KEY, p_id int, CONSTRAINT one FOREIGN KEY (p_id) REFERENCES p, CONSTRAINT two FOREIGN KEY (p_id) REFERENCES p ON DELETE CASCADE);
CREATE TABLE k_is_key (id int PRIMARY KEY REFERENCES p ON DELETE CASCADE);
CREATE TABLE k_self (id int PRIMARY KEY, parent_id int REFERENCES k_self DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE k_composite (id int PRIMARY KEY, a int, b int, UNIQUE (a, b));
CREATE TABLE k_to_composite (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES k_composite (a, b));
CREATE TABLE k_part (id int PRIMARY KEY, p_id int REFERENCES p) PARTITION BY HASH (id);
CREATE TABLE k_part0 PARTITION OF k_part FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE k_notvalid (id int PRIMARY KEY, p_id int);
INSERT INTO k_notvalid VALUES (1, 1), (2, 99);
ALTER TABLE k_notvalid ADD CONSTRAINT nv FOREIGN KEY (p_id) REFERENCES p NOT VALID;
CREATE TABLE k_generated (id int PRIMARY KEY, raw int, p_id int GENERATED ALWAYS AS (raw / 10) STORED REFERENCES p);
CREATE TABLE k_nokey (p_id int REFERENCES p, note text);
CREATE UNLOGGED TABLE k_unlogged (id int PRIMARY KEY, p_id int REFERENCES p);
CREATE TABLE j_good (p_id int REFERENCES p, q_id int REFERENCES q, PRIMARY KEY (p_id, q_id));
CREATE TABLE j_nullable (p_id int REFERENCES p, q_id int REFERENCES q, UNIQUE (p_id, q_id));
CREATE TABLE j_keyless (p_id int NOT NULL REFERENCES p, q_id int NOT NULL REFERENCES q);
CREATE TABLE j_three (p_id int REFERENCES p, q_id int REFERENCES q, k_id int REFERENCES k_null, PRIMARY KEY (p_id, q_id, k_id));
CREATE TABLE before AS SELECT conrelid::regclass AS relation, conname, oid, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'f' AND connamespace = 'afk'::regnamespace;

-- nothing is passed over
SELECT kind, relation, call, problem FROM relmeta.adoptable WHERE relation::text !~ '\.' ORDER BY kind, relation::text, call;
SELECT call FROM relmeta.adoptable WHERE relation::text !~ '\.' AND call IS NOT NULL ORDER BY relation::text, call \gexec
-- kept, to the very constraint, but for what the NOTICE named
SELECT b.relation, b.conname, b.definition, pg_get_constraintdef(c.oid) FROM before AS b LEFT JOIN pg_constraint AS c ON c.oid = b.oid WHERE pg_get_constraintdef(c.oid) IS DISTINCT FROM b.definition;
-- => k_null_nn|k_null_nn_p_id_fkey|FOREIGN KEY (p_id) REFERENCES p(id) ON DELETE SET NULL|
SELECT name, delete, preset FROM relmeta.one_to_many WHERE related_table::text !~ '\.' ORDER BY name;
-- the key that is not valid is one line, with the way to mend it; repair() leaves it to people
SELECT relation, object, problem, repair FROM relmeta.verify() WHERE relation::text !~ '\.';
SELECT relmeta.repair() >= 0;
-- => t
SELECT convalidated FROM pg_constraint WHERE conname = 'nv';
-- => f

-- deferred keys go on deferring
INSERT INTO k_deferred VALUES (1, 5);
BEGIN;
DELETE FROM p WHERE id = 5;
DELETE FROM k_deferred WHERE p_id = 5;
INSERT INTO k_deferred VALUES (2, 777);
INSERT INTO p VALUES (777, 'c777');
COMMIT;
SELECT count(*) FROM p WHERE id IN (5, 777);
-- => 1
INSERT INTO k_self VALUES (1, 2), (2, 1), (3, 3);
DELETE FROM k_self;

-- SET DEFAULT is no behavior; named, the key is made anew
SELECT relmeta.create_one_to_many('p', 'k_default', 'p_id');
SELECT relmeta.create_one_to_many('p', 'k_default', 'p_id', preset => 'referential_restrict');
SELECT relmeta.create_one_to_many('p', 'k_default', 'p_id', delete => 'remove_link');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'k_default'::regclass AND contype = 'f';
-- => FOREIGN KEY (p_id) REFERENCES p(id) ON DELETE SET NULL
-- a key that is not valid stays so when it is made anew
SELECT relmeta.update_relationship('p_k_notvalid', delete => 'all');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'nv';
-- => FOREIGN KEY (p_id) REFERENCES p(id) ON DELETE CASCADE NOT VALID
-- a key of the same columns to another unique column is none of the relationship's, whatever it says, and made first
ALTER TABLE p ADD other int UNIQUE;
CREATE TABLE k_other (id int PRIMARY KEY, p_id int REFERENCES p (other) ON DELETE CASCADE, FOREIGN KEY (p_id) REFERENCES p);
CREATE TABLE j_other (p_id int REFERENCES p (other) ON DELETE CASCADE, q_id int REFERENCES q, PRIMARY KEY (p_id, q_id),
  CONSTRAINT own FOREIGN KEY (p_id) REFERENCES p ON DELETE CASCADE);
SELECT relation, call, problem FROM relmeta.adoptable WHERE relation::text ~ '_other$' ORDER BY 1, 2;
-- => j_other|SELECT relmeta.adopt_many_to_many('afk.j_other')|
-- => k_other|SELECT relmeta.create_one_to_many('afk.p', 'afk.k_other', 'p_id', preset => 'referential_restrict')|
SELECT relmeta.adopt_many_to_many('j_other', 'others');
-- => others
ALTER TABLE j_other DROP CONSTRAINT own;
-- => ERROR:  cannot drop a key of "j_other": it is the intersect table of relationship "others"
SET client_min_messages = warning;
DROP SCHEMA afk CASCADE;
RESET client_min_messages;
