-- intersect_storage: what a many-to-many relationship stands on is not taken away by a 1:N over the same column: SEMANTICS 2.3, 2.4.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_ixs_owner;
CREATE SCHEMA ixs AUTHORIZATION regress_ixs_owner;
SET ROLE regress_ixs_owner;
SET search_path = ixs;
CREATE VIEW foreign_keys AS
SELECT conrelid::regclass AS relation, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'f' AND connamespace = 'ixs'::regnamespace AND conparentid = 0;
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);
INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); INSERT INTO c VALUES (1);
CREATE TABLE k (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a ON DELETE CASCADE, b_id int NOT NULL REFERENCES b ON DELETE RESTRICT, UNIQUE (a_id, b_id));
SELECT relmeta.adopt_many_to_many('k');
SELECT relmeta.create_many_to_many('a', 'b', 'ab', 'ab', attributes => 'day int', unique_by => '{day}', surrogate_key => true);

-- a 1:N over a key says what the key does, and is refused when it says something else
\set VERBOSITY default
SELECT relmeta.create_one_to_many('a', 'ab', 'a_id', delete => 'restrict');
SELECT relmeta.create_one_to_many('b', 'k', 'b_id', delete => 'all');
\set VERBOSITY sqlstate
SELECT relmeta.create_one_to_many('a', 'ab', 'a_id', delete => 'remove_link');
-- => ERROR:  42P17
SELECT relmeta.create_one_to_many('a', 'ab', 'a_id', foreign_key => false, delete => 'all');
-- => ERROR:  42P17
SELECT relmeta.create_one_to_many('a', 'ab', 'a_id', delete => 'all'), relmeta.create_one_to_many('b', 'k', 'b_id', delete => 'restrict');
-- => a_ab|b_k
SELECT relmeta.update_relationship('a_ab', delete => 'restrict');
-- => ERROR:  55000
SELECT relmeta.update_relationship('b_k', delete => 'all');
-- => ERROR:  55000
SELECT relmeta.update_relationship('a_ab', merge => 'none', delete => 'all');
-- => a null
SELECT * FROM foreign_keys ORDER BY 1, 2;
-- => each as it was made

-- a link has both ends, of two certain tables
\set VERBOSITY default
SELECT relmeta.create_multi_table_lookup('k', 'a_id', '{c}', delete => 'restrict');
\set VERBOSITY sqlstate
SELECT relmeta.create_multi_table_lookup('ab', 'day', '{c}', type_column => 'b_id', delete => 'restrict');
-- => ERROR:  55000
SELECT relmeta.create_multi_table_lookup('k', 'a_id', '{a,c}', delete => 'restrict');
-- => ERROR:  55000
SELECT column_name FROM information_schema.columns WHERE table_schema = 'ixs' AND table_name = 'k' ORDER BY ordinal_position;
-- => id, a_id, b_id
-- a second key of a column is its owner's business
SELECT relmeta.create_one_to_many('c', 'k', 'a_id', delete => 'all'), relmeta.create_one_to_many('c', 'ab', 'b_id', foreign_key => false, delete => 'restrict');
-- => c_k|c_ab
SELECT relmeta.create_one_to_many('a', 'k', 'a_id', delete => 'all');
-- => a_k
SELECT * FROM foreign_keys WHERE relation = 'k'::regclass ORDER BY 1, 2;
SELECT * FROM relmeta.verify();
-- => none
SELECT relmeta.associate('k', 1, 1, '{"id": 1}'), relmeta.associate('ab', 1, 1, '{"day": 1}');
-- => 1|1

-- drop_storage leaves them alone
\set VERBOSITY default
SELECT relmeta.drop_relationship('a_ab', drop_storage => true);
SELECT relmeta.drop_relationship('b_k', drop_storage => true);
\set VERBOSITY sqlstate
SELECT relmeta.drop_relationship('c_k', drop_storage => true);
-- => ERROR:  55000
SELECT relmeta.create_one_to_many('c', 'ab', 'day', delete => 'restrict');
-- => c_ab_day
SELECT relmeta.drop_relationship('c_ab_day', drop_storage => true);
-- => ERROR:  55000: it joins the key of the links
SELECT relmeta.create_one_to_many('c', 'ab', 'of_c'), relmeta.create_multi_table_lookup('k', 'about_id', '{c}', names => '{c_k_about}');
-- => c_ab_of_c|{c_k_about}
SELECT relmeta.drop_relationship('c_ab_of_c', drop_storage => true), relmeta.drop_relationship('c_k_about', drop_storage => true);
SELECT attname FROM pg_attribute WHERE attrelid IN ('ab'::regclass, 'k'::regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attrelid::regclass::text, attnum;
-- => id, a_id, b_id, day; id, a_id, b_id
SELECT relmeta.drop_relationship('c_ab_day'), relmeta.drop_relationship('c_k'), relmeta.drop_relationship('b_k');
ALTER TABLE k DROP CONSTRAINT c_k;
SELECT x, y FROM relmeta.associated('ab', 1) AS x, relmeta.associated('k', 1) AS y;
-- => 1|1

-- retyped with the key that it points to, whichever of them is named, what ON DELETE does kept
SELECT relmeta.alter_column_type('ab', 'a_id', 'bigint'), relmeta.alter_column_type('k', 'b_id', 'bigint');
SELECT attrelid::regclass, attname, atttypid::regtype FROM pg_attribute
 WHERE attrelid IN ('a'::regclass, 'b'::regclass, 'ab'::regclass, 'k'::regclass) AND attname IN ('id', 'a_id', 'b_id') ORDER BY attrelid::regclass::text, attnum;
SELECT * FROM foreign_keys WHERE relation IN ('ab'::regclass, 'k'::regclass) ORDER BY 1, 2;

-- an application changes its own junction: verify() says which call follows, repair() changes nothing
ALTER TABLE k DROP CONSTRAINT k_a_id_fkey, ADD CONSTRAINT k_a_id_fkey FOREIGN KEY (a_id) REFERENCES a ON DELETE RESTRICT;
SELECT * FROM relmeta.verify();
SELECT relmeta.repair();
-- => 0
SELECT * FROM foreign_keys WHERE relation = 'k'::regclass AND conname = 'k_a_id_fkey';
-- => ... ON DELETE RESTRICT
SELECT repair FROM relmeta.verify() \gexec
SELECT * FROM relmeta.verify();
-- => none
-- what relmeta made deletes links with rows
ALTER TABLE ab DROP CONSTRAINT ab_b_id_fkey, ADD CONSTRAINT ab_b_id_fkey FOREIGN KEY (b_id) REFERENCES b ON DELETE RESTRICT;
-- => ERROR:  0A000
ALTER TABLE ab DROP CONSTRAINT ab_b_id_fkey, ADD CONSTRAINT other FOREIGN KEY (b_id) REFERENCES b ON DELETE CASCADE DEFERRABLE;

-- a junction whose column has another key besides is left in peace, and adopted by the key that was there first
CREATE TABLE j (a_id int REFERENCES c, b_id bigint REFERENCES b, PRIMARY KEY (a_id, b_id));
SELECT relmeta.adopt_many_to_many('j');
-- => j
ALTER TABLE j ADD CONSTRAINT second FOREIGN KEY (a_id) REFERENCES a, ADD CONSTRAINT third FOREIGN KEY (b_id) REFERENCES b;
ALTER TABLE ab ADD CONSTRAINT second FOREIGN KEY (a_id) REFERENCES c;
SELECT * FROM relmeta.verify();
-- => none
ALTER TABLE j DROP CONSTRAINT second;
ALTER TABLE j DROP CONSTRAINT j_b_id_fkey;
ALTER TABLE j DROP CONSTRAINT third;
-- => ERROR:  0A000
ALTER TABLE j DROP CONSTRAINT j_a_id_fkey;
-- => ERROR:  0A000
SELECT relmeta.associate('j', 1, 1);
-- => 1
CREATE TABLE one_column (a_id int, CONSTRAINT x FOREIGN KEY (a_id) REFERENCES a, CONSTRAINT y FOREIGN KEY (a_id) REFERENCES c);
SELECT relmeta.adopt_many_to_many('one_column');
-- => ERROR:  0A000

-- memberships are read from a column that is a lookup too
RESET ROLE;
SET search_path = ixs;
CREATE TABLE person (id text PRIMARY KEY, team_id text);
CREATE TABLE squad (id text PRIMARY KEY);
SELECT relmeta.register_principals('person'), relmeta.register_principals('squad', 'team'), relmeta.register_memberships('person', 'team_id', 'id');
SELECT relmeta.create_one_to_many('squad', 'person', 'team_id');
SELECT relmeta.drop_relationship('squad_person', drop_storage => true);
-- => ERROR:  55000
SELECT relmeta.drop_relationship('squad_person');

DROP SCHEMA ixs CASCADE;
DROP ROLE regress_ixs_owner;
