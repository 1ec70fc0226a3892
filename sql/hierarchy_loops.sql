-- hierarchy_loops: a self-referencing relationship that is parental or hierarchical refuses a row that points at itself or
-- below itself (SEMANTICS 3.8).  Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_loops;
CREATE SCHEMA hierarchy_loops AUTHORIZATION regress_loops;
SET ROLE regress_loops;
SET search_path = hierarchy_loops;

CREATE FUNCTION links(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(id || '':'' || coalesce(parent_id::text, ''-''), '' '' ORDER BY id) FROM %s', relation) INTO result;
  RETURN result;
END $$;

-- hierarchical, not parental, with a foreign key
CREATE TABLE node (id int PRIMARY KEY, parent_id int, name text);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', is_hierarchical => true);
-- => node_node
INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 1);
UPDATE node SET parent_id = 1 WHERE id = 1;
-- => ERROR:  23514
UPDATE node SET parent_id = id;
-- => ERROR:  23514
UPDATE node SET parent_id = 4 WHERE id = 1;
-- => ERROR:  23514
UPDATE node SET parent_id = 3 WHERE id = 2;
-- => ERROR:  23514
INSERT INTO node VALUES (6, 6);
-- => ERROR:  23514
INSERT INTO node VALUES (6, 7), (7, 6);
-- => ERROR:  23514
INSERT INTO node VALUES (6, 7), (7, 8), (8, 9), (9, 6), (10, 1);
-- => ERROR:  23514
COPY node (id, parent_id) FROM stdin;
6	7
7	6
\.
-- => ERROR:  23514
INSERT INTO node VALUES (4, NULL) ON CONFLICT (id) DO UPDATE SET parent_id = 4;
-- => ERROR:  23514
MERGE INTO node n USING (VALUES (1, 4)) v(id, parent_id) ON n.id = v.id WHEN MATCHED THEN UPDATE SET parent_id = v.parent_id;
-- => ERROR:  23514
-- several rows of one statement close the circle together
UPDATE node SET parent_id = CASE id WHEN 5 THEN 4 ELSE 5 END WHERE id IN (5, 2);
-- => ERROR:  23514
UPDATE node SET parent_id = CASE id WHEN 3 THEN 5 WHEN 5 THEN 4 END WHERE id IN (3, 5);
-- => ERROR:  23514
WITH a AS (UPDATE node SET parent_id = 5 WHERE id = 2) UPDATE node SET parent_id = 3 WHERE id = 5;
-- => ERROR:  23514
SELECT links('node');
-- => 1:- 2:1 3:2 4:3 5:1

-- what is no loop is allowed: moves, whole branches, a branch turned upside down in one statement
BEGIN;
UPDATE node SET parent_id = 5 WHERE id = 2;
UPDATE node SET parent_id = NULL WHERE id = 5;
UPDATE node SET parent_id = 4 WHERE id = 1;
SELECT links('node');
-- => 1:4 2:5 3:2 4:3 5:-
ROLLBACK;
BEGIN;
UPDATE node SET parent_id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 3 WHEN 3 THEN 4 END WHERE id <= 4;
SELECT links('node');
-- => 1:2 2:3 3:4 4:- 5:1
ROLLBACK;
INSERT INTO node VALUES (12, 11), (11, 10), (10, 1);
SELECT links('node');
-- => 1:- 2:1 3:2 4:3 5:1 10:1 11:10 12:11
-- a BEFORE trigger that sends a row below itself
CREATE FUNCTION bite_tail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.parent_id := 12;
  RETURN NEW;
END $$;
CREATE TRIGGER bite_tail BEFORE UPDATE OF name ON node FOR EACH ROW EXECUTE FUNCTION bite_tail();
UPDATE node SET name = 'x' WHERE id = 10;
-- => ERROR:  23514
UPDATE node SET name = 'x' WHERE id = 2;
SELECT links('node');
-- => 1:- 2:12 3:2 4:3 5:1 10:1 11:10 12:11
DROP TRIGGER bite_tail ON node;

-- parental, without a foreign key
CREATE TABLE part (id text PRIMARY KEY, parent_id text);
SELECT relmeta.create_one_to_many('part', 'part', 'parent_id', delete => 'all', foreign_key => false);
-- => part_part
INSERT INTO part VALUES ('a', NULL), ('b', 'a'), ('c', 'b');
UPDATE part SET parent_id = 'c' WHERE id = 'a';
-- => ERROR:  23514
INSERT INTO part VALUES ('d', 'd');
-- => ERROR:  23514
INSERT INTO part VALUES ('d', 'e'), ('e', 'd');
-- => ERROR:  23514
SELECT links('part');
-- => a:- b:a c:b

-- neither: loops are the application's business, until the relationship becomes one of these
CREATE TABLE friend (id int PRIMARY KEY, parent_id int);
SELECT relmeta.create_one_to_many('friend', 'friend', 'parent_id', foreign_key => false);
-- => friend_friend
INSERT INTO friend VALUES (1, 1), (2, 3), (3, 2);
SELECT relmeta.update_relationship('friend_friend', delete => 'all') IS NULL;
-- => ERROR:  23514
UPDATE friend SET parent_id = NULL WHERE id = 1;
SELECT relmeta.update_relationship('friend_friend', delete => 'all') IS NULL;
-- => ERROR:  23514
UPDATE friend SET parent_id = 1 WHERE id = 2;
SELECT relmeta.update_relationship('friend_friend', delete => 'all') IS NULL;
-- => t
UPDATE friend SET parent_id = 3 WHERE id = 1;
-- => ERROR:  23514
SELECT relmeta.update_relationship('friend_friend', delete => 'remove_link') IS NULL;
-- => t
UPDATE friend SET parent_id = 3 WHERE id = 1;
SELECT links('friend');
-- => 1:3 2:1 3:2
SELECT relmeta.drop_relationship('friend_friend');
-- =>
SELECT relmeta.create_one_to_many('friend', 'friend', 'parent_id', is_hierarchical => true);
-- => ERROR:  23514
SELECT relmeta.create_one_to_many('friend', 'friend', 'parent_id', delete => 'all', foreign_key => false);
-- => ERROR:  23514
UPDATE friend SET parent_id = NULL WHERE id = 3;
SELECT relmeta.create_one_to_many('friend', 'friend', 'parent_id', is_hierarchical => true);
-- => friend_friend

-- a multi-table lookup, one of whose targets is the table itself: only rows of that type count
CREATE TABLE folder (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY);
INSERT INTO folder SELECT generate_series(1, 5);
SELECT relmeta.create_multi_table_lookup('item', 'parent_id', '{folder,item}', delete => 'all');
-- => {folder_item,item_item}
INSERT INTO item VALUES (1, 1, 'folder'), (2, 1, 'item'), (3, 2, 'item'), (4, 3, 'folder');
UPDATE item SET parent_id = 3, parent_type = 'item' WHERE id = 1;
-- => ERROR:  23514
UPDATE item SET parent_type = 'item' WHERE id = 1;
-- => ERROR:  23514
UPDATE item SET parent_id = 3 WHERE id = 1;
UPDATE item SET parent_id = 4, parent_type = 'item' WHERE id = 3;
UPDATE item SET parent_id = 3, parent_type = 'item' WHERE id = 4;
-- => ERROR:  23514
INSERT INTO item VALUES (5, 5, 'folder'), (6, 6, 'item');
-- => ERROR:  23514
SELECT string_agg(id || ':' || parent_id || parent_type, ' ' ORDER BY id) FROM item;
-- => 1:3folder 2:1item 3:4item 4:3folder

-- deferred keys: the parent comes after the child, and may close a circle
CREATE TABLE late (id int PRIMARY KEY, parent_id int REFERENCES late DEFERRABLE INITIALLY DEFERRED);
SELECT relmeta.create_one_to_many('late', 'late', 'parent_id', is_hierarchical => true);
-- => late_late
BEGIN;
INSERT INTO late VALUES (1, 2);
INSERT INTO late VALUES (2, 3);
INSERT INTO late VALUES (3, NULL);
COMMIT;
UPDATE late SET parent_id = 1 WHERE id = 3;
-- => ERROR:  23514
BEGIN;
INSERT INTO late VALUES (11, 12);
INSERT INTO late VALUES (12, 11);
-- => ERROR:  23514
ROLLBACK;
SELECT links('late');
-- => 1:2 2:3 3:-

RESET ROLE;
RESET search_path;
DROP SCHEMA hierarchy_loops CASCADE;
DROP ROLE regress_loops;
