-- Attempts to keep, or to get again, a right that was taken: where a row or a name comes once more, where what takes it away is undone in
-- part, where it is taken away while it is given.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
CREATE ROLE regress_ke_owner;
CREATE ROLE regress_ke_bob;
SELECT relmeta.create_user('ke_ann'), relmeta.create_user('ke_bob', 'regress_ke_bob');
CREATE SCHEMA ke AUTHORIZATION regress_ke_owner;
GRANT ALL ON SCHEMA ke TO regress_ke_bob;
SET search_path = ke;

SET SESSION AUTHORIZATION regress_ke_owner;
CREATE TABLE a (id int PRIMARY KEY, owner text);
CREATE TABLE b (id int PRIMARY KEY, owner text, a int REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE c (id int PRIMARY KEY, owner text, b int REFERENCES b ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{a,b,c}'::regclass[]) AS t;
-- => 3
SELECT relmeta.create_one_to_many('a', 'b', 'a', 'a_b', 'parental'), relmeta.create_one_to_many('b', 'c', 'b', 'b_c', 'parental');
INSERT INTO a SELECT i, 'ke_ann' FROM generate_series(1, 4) AS i;
INSERT INTO b SELECT i, 'ke_ann', i FROM generate_series(1, 4) AS i;
INSERT INTO c SELECT i, 'ke_ann', i FROM generate_series(1, 4) AS i;
SELECT count(relmeta.share('a', i, 'ke_bob', '{read,write}')) FROM generate_series(1, 4) AS i;
-- => 4

-- a deferred cascade that an aborted subtransaction has made immediate
BEGIN;
DELETE FROM a WHERE id = 1;
SAVEPOINT s;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO s;
DO $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; RAISE 'undone'; EXCEPTION WHEN raise_exception THEN NULL; END $$;
COMMIT;
INSERT INTO a VALUES (1, 'ke_ann');
INSERT INTO b VALUES (1, 'ke_ann', 1);
INSERT INTO c VALUES (1, 'ke_ann', 1);
SELECT object_key FROM relmeta.principal_object_access WHERE principal = 'ke_bob' AND object_key = '1';
-- => none

-- a row moves and is unshared in a subtransaction that is rolled back, then unshared; a statement fails after its cascade
BEGIN;
SAVEPOINT s;
UPDATE b SET a = 3 WHERE id = 2;
SELECT relmeta.unshare('a', 2, 'ke_bob');
-- => 1
ROLLBACK TO s;
SELECT relmeta.unshare('a', 2, 'ke_bob');
-- => 3
COMMIT;
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'after all'; END $$;
CREATE TRIGGER zz AFTER UPDATE ON b FOR EACH STATEMENT EXECUTE FUNCTION fails();
DO $$ BEGIN
  BEGIN
    UPDATE ke.b SET a = 2 WHERE id = 3;
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
  PERFORM relmeta.unshare('ke.a', 3, 'ke_bob');
END $$;
DROP TRIGGER zz ON b;
SELECT DISTINCT object_key FROM relmeta.principal_object_access WHERE principal = 'ke_bob';
-- => 4

-- a row is shared by the statement that deletes it: in its condition, before it, and below a foreign key
CREATE FUNCTION shares(k int) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT relmeta.share('ke.a', k, 'ke_bob') > 0 $$;
DELETE FROM a WHERE id = 1 AND shares(id);
INSERT INTO a VALUES (1, 'ke_ann');
CREATE FUNCTION shares_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM relmeta.share('ke.a', 1, 'ke_bob');
  RETURN NULL;
END $$;
CREATE TRIGGER shares_first BEFORE DELETE ON a FOR EACH STATEMENT EXECUTE FUNCTION shares_first();
DELETE FROM a WHERE id = 1;
DROP TRIGGER shares_first ON a;
CREATE TABLE above (id int PRIMARY KEY);
CREATE TABLE d (id int PRIMARY KEY, owner text, above int REFERENCES above ON DELETE CASCADE);
SELECT relmeta.register_table('d', 'owner');
INSERT INTO above VALUES (1);
INSERT INTO d VALUES (1, 'ke_ann', 1);
CREATE FUNCTION shares_below() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM relmeta.share('ke.d', OLD.id, 'ke_bob');
  RETURN OLD;
END $$;
CREATE TRIGGER shares_below BEFORE DELETE ON above FOR EACH ROW EXECUTE FUNCTION shares_below();
DELETE FROM above;
INSERT INTO a VALUES (1, 'ke_ann');
INSERT INTO d VALUES (1, 'ke_ann', NULL);
SELECT DISTINCT object_key FROM relmeta.principal_object_access WHERE principal = 'ke_bob';
-- => 4

-- a partition that leaves and comes back with other rows of the same keys
CREATE TABLE q (id int PRIMARY KEY, owner text) PARTITION BY RANGE (id);
CREATE TABLE q1 PARTITION OF q FOR VALUES FROM (0) TO (10);
SELECT relmeta.register_table('q', 'owner'), relmeta.enable_access_control('q');
GRANT SELECT ON q, q1 TO regress_ke_bob;
INSERT INTO q VALUES (1, 'ke_ann');
SELECT relmeta.share('q', 1, 'ke_bob');
-- => 1
ALTER TABLE q DETACH PARTITION q1;
SET SESSION AUTHORIZATION regress_ke_bob;
SELECT count(*) FROM q1;
-- => 0
SET SESSION AUTHORIZATION regress_ke_owner;
DELETE FROM q1;
INSERT INTO q1 VALUES (1, 'ke_ann');
ALTER TABLE q ATTACH PARTITION q1 FOR VALUES FROM (0) TO (10);
SET SESSION AUTHORIZATION regress_ke_bob;
SELECT count(*) FROM q;
-- => 0

-- a table of bob's own that takes the name of the controlled one
SET SESSION AUTHORIZATION regress_ke_owner;
ALTER TABLE q RENAME TO q_before;
SET SESSION AUTHORIZATION regress_ke_bob;
CREATE TABLE q (id int PRIMARY KEY, owner text);
INSERT INTO q VALUES (1, 'ke_ann');
SELECT relmeta.register_table('q', 'owner'), relmeta.enable_access_control('q');
SELECT relmeta.share('q', 1, 'ke_bob', '{read,write}');
-- => 1
SELECT count(*) FROM q_before;
-- => 0

-- the type column of a lookup of several tables points to another's row with the key that stays
SET SESSION AUTHORIZATION regress_ke_owner;
CREATE TABLE e (id int PRIMARY KEY, owner text);
SELECT relmeta.create_multi_table_lookup('e', 'at', '{c,d}');
SELECT count(relmeta.enable_access_control(t)) FROM unnest('{c,d}'::regclass[]) AS t;
-- => 2
SELECT relmeta.register_table('e', 'owner'), relmeta.enable_access_control('e');
GRANT SELECT, UPDATE ON c, d, e TO regress_ke_bob;
UPDATE c SET owner = 'ke_bob' WHERE id = 4;
INSERT INTO d VALUES (4, 'ke_ann', NULL);
INSERT INTO e VALUES (1, 'ke_bob', 4, 'c');
SET SESSION AUTHORIZATION regress_ke_bob;
UPDATE e SET at_type = 'd';
-- => ERROR:  42501
MERGE INTO e USING (SELECT 1) AS s ON e.id = 1 WHEN MATCHED THEN UPDATE SET at_type = 'd';
-- => ERROR:  42501

-- a user and a team change names
RESET SESSION AUTHORIZATION;
SELECT relmeta.create_user('ke_x'), relmeta.create_team('ke_y');
SELECT relmeta.add_team_member('ke_y', 'ke_x');
SELECT relmeta.share('d', 1, 'ke_x') + relmeta.share('d', 1, 'ke_y');
-- => 2
BEGIN;
SELECT relmeta.drop_principal('ke_x'), relmeta.drop_principal('ke_y');
SELECT relmeta.create_team('ke_x'), relmeta.create_user('ke_y');
COMMIT;
SELECT count(*) FROM relmeta.principal_object_access WHERE principal IN ('ke_x', 'ke_y');
-- => 0
SELECT count(*) FROM relmeta.team_member WHERE member IN ('ke_x', 'ke_y');
-- => 0

-- memberships whose rows go with a partition
CREATE TABLE member (team text, member text, PRIMARY KEY (team, member)) PARTITION BY LIST (member);
CREATE TABLE member_y PARTITION OF member FOR VALUES IN ('ke_y');
SELECT relmeta.register_memberships('member', 'team', 'member');
INSERT INTO member VALUES ('ke_x', 'ke_y');
SELECT teams FROM relmeta.principals WHERE principal = 'ke_y';
-- => {ke_x}
ALTER TABLE member DETACH PARTITION member_y;
SELECT teams FROM relmeta.principals WHERE principal = 'ke_y';
-- => {}
ALTER TABLE member ATTACH PARTITION member_y FOR VALUES IN ('ke_y');
TRUNCATE member_y;
SELECT teams FROM relmeta.principals WHERE principal = 'ke_y';
-- => {}
INSERT INTO member VALUES ('ke_x', 'ke_y');
DROP TABLE member_y;
SELECT teams FROM relmeta.principals WHERE principal = 'ke_y';
-- => {}

SELECT relation, problem FROM relmeta.verify() WHERE relation::regclass::text ~ '^(a|b|c|d|e|q|member)';
-- => none
RESET search_path;
DROP SCHEMA ke CASCADE;
SELECT count(relmeta.drop_principal(u)) FROM unnest('{ke_ann,ke_bob,ke_x,ke_y}'::text[]) AS u;
-- => 4
DROP ROLE regress_ke_owner, regress_ke_bob;
