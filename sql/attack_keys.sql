-- Attacks by other keys of the columns that relmeta's keys stand on, and by changing those: what is declared goes on, verify() names
-- nothing that is whole, and no call takes away what another relationship stands on.  SEMANTICS 2.3, 2.4.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ak_owner;
CREATE ROLE regress_ak_mal;
CREATE SCHEMA ak AUTHORIZATION regress_ak_owner;
GRANT ALL ON SCHEMA ak TO regress_ak_mal;
SET SESSION AUTHORIZATION regress_ak_owner;
SET search_path = ak;
CREATE TABLE a (id int PRIMARY KEY, other int UNIQUE);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE k (a_id int REFERENCES a, b_id int REFERENCES b, PRIMARY KEY (a_id, b_id));
CREATE TABLE c (id int PRIMARY KEY, a_id int REFERENCES a ON DELETE CASCADE);
CREATE TABLE pair (a_id int, b_id int, PRIMARY KEY (a_id, b_id));
INSERT INTO a VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO b VALUES (1), (2), (3);
INSERT INTO pair SELECT a.id, b.id FROM a, b;
SELECT relmeta.adopt_many_to_many('k', 'k'), relmeta.create_one_to_many('a', 'c', 'a_id', 'ac', preset => 'parental', assign => 'none',
  share => 'none', unshare => 'none', reparent => 'none');
-- => k|ac
GRANT REFERENCES ON ALL TABLES IN SCHEMA ak TO regress_ak_mal;

-- What is so after a statement, which is undone: lines of verify(), links made and followed, rows that go with their primary row.
CREATE FUNCTION whole(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE statement;
  INSERT INTO c VALUES (1, 3);
  SELECT concat_ws(' ', (SELECT count(*) FROM relmeta.verify()), relmeta.associate('k', 1, 1)) INTO result;
  SELECT concat_ws(' ', result, (SELECT string_agg(key, ',') FROM relmeta.associated('k', 1) AS key)) INTO result;
  SET CONSTRAINTS ALL IMMEDIATE;
  DELETE FROM a WHERE id = 3;
  RAISE EXCEPTION USING MESSAGE = concat_ws(' ', result, (SELECT count(*) FROM c), (SELECT count(*) FROM relmeta.verify())), ERRCODE = 'AK000';
EXCEPTION
  WHEN SQLSTATE 'AK000' THEN RETURN SQLERRM;
  WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
SELECT whole('');
-- => 0 1 1 0 0

-- one more key of a junction's column: to another table, to the same one, with an action, deferred, not valid, of a unique column,
-- of both columns, under the relationship's name
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (a_id) REFERENCES b');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (a_id) REFERENCES a');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (a_id) REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (b_id) REFERENCES b DEFERRABLE INITIALLY DEFERRED');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (b_id) REFERENCES a NOT VALID');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (a_id) REFERENCES a (other)');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (a_id, b_id) REFERENCES pair');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE k ADD CONSTRAINT k FOREIGN KEY (a_id) REFERENCES b');
-- => 0 1 1 0 0

-- the same of a lookup
SELECT whole('ALTER TABLE c ADD FOREIGN KEY (a_id) REFERENCES b');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE c ADD FOREIGN KEY (a_id) REFERENCES a ON DELETE CASCADE');
-- => 0 1 1 0 0
SELECT whole('ALTER TABLE c ADD CONSTRAINT ac FOREIGN KEY (a_id) REFERENCES a (other) ON DELETE CASCADE');
-- => 0 1 1 0 0

-- a key of the owner's that takes the place of the first one
SELECT whole('ALTER TABLE k ADD FOREIGN KEY (a_id) REFERENCES a; ALTER TABLE k DROP CONSTRAINT k_a_id_fkey');
-- => 0 1 1 0 0

-- mal, who may reference the tables, points to them, and has relationships of his own on the columns refused
SET SESSION AUTHORIZATION regress_ak_mal;
SET search_path = ak;
CREATE TABLE mine (id int PRIMARY KEY, a_id int REFERENCES a, b_id int, FOREIGN KEY (a_id, b_id) REFERENCES k);
SELECT relmeta.create_one_to_many('a', 'k', 'a_id', 'mine1');
-- => ERROR:  42501
SELECT relmeta.create_one_to_many('k', 'mine', 'a_id', 'mine2');
-- => ERROR:  42501
SELECT relmeta.adopt_many_to_many('k', 'mine3');
-- => ERROR:  42501
SELECT relmeta.drop_relationship('k', true);
-- => ERROR:  42501
SELECT relmeta.alter_column_type('a', 'id', 'bigint');
-- => ERROR:  42501
SELECT relmeta.create_multi_table_lookup('mine', 'a_id', '{a}');
-- => ERROR:  42501
ALTER TABLE k ADD FOREIGN KEY (a_id) REFERENCES mine;
-- => ERROR:  42501
SET SESSION AUTHORIZATION regress_ak_owner;
SET search_path = ak;
SELECT whole('');
-- => 0 1 1 0 0

-- the owner's own calls take away nothing that the junction stands on
SELECT whole($$SELECT relmeta.create_one_to_many('a', 'k', 'a_id', 'x', delete => 'restrict')$$);
-- => 0A000
SELECT whole($$SELECT relmeta.create_multi_table_lookup('k', 'a_id', '{a,b}')$$);
-- => 0A000
SELECT whole($$SELECT relmeta.unregister_table('a')$$);
-- => 55000
SELECT whole('ALTER TABLE k DROP COLUMN a_id');
-- => 2BP01
SELECT whole('ALTER TABLE k ALTER COLUMN a_id TYPE bigint');
-- => 0 1 1 0 0

RESET SESSION AUTHORIZATION;
DROP SCHEMA ak CASCADE;
DROP ROLE regress_ak_owner, regress_ak_mal;
