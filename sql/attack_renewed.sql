-- attack_renewed: the model is another one in the middle of a statement: code that the statement calls drops relationships, registers and unregisters tables, or
-- exchanges columns of a partition.  What the statement has begun with it goes on with, or it ends with an error: it ended the server.  SEMANTICS 2.5, 3; ATTACKS 5, 56.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_arn_mal;
CREATE ROLE regress_arn_app;
CREATE SCHEMA arn AUTHORIZATION regress_arn_mal;
GRANT USAGE ON SCHEMA arn TO regress_arn_app;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest(ARRAY['arn_ann', 'arn_bob']) AS u; END $$;
SET relmeta.principal = 'arn_ann';
SET ROLE regress_arn_mal;
SET search_path = arn;

-- as the tables' owner
CREATE FUNCTION ran(what text, returns text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = arn AS $$
BEGIN
  IF what <> '' THEN
    EXECUTE what;
  END IF;
  RETURN returns;
END $$;
-- what a statement ends with, or the lookups that are left; all of it is undone
CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  stays text;
BEGIN
  EXECUTE statement;
  SELECT string_agg(concat_ws(' ', id, area, kind || ':' || up), ', ' ORDER BY id) INTO stays FROM c;
  RAISE EXCEPTION USING ERRCODE = 'TT000', MESSAGE = stays;
EXCEPTION
  WHEN SQLSTATE 'TT000' THEN RETURN SQLERRM;
  WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

-- a relationship of another type than the next ones goes, and their places in the table's list change
CREATE TABLE area (id text PRIMARY KEY, owner text);
CREATE TABLE p (id int PRIMARY KEY, owner text);
CREATE TABLE q (id int PRIMARY KEY, owner text);
CREATE TABLE c (id int PRIMARY KEY, owner text, area text, up int, kind text, note text);
CREATE INDEX ON c (area);
CREATE INDEX ON c (up, kind);
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest(ARRAY['area', 'p', 'q', 'c']::regclass[]) AS t;
  PERFORM relmeta.create_one_to_many('area', 'c', 'area', 'arn_area', foreign_key => false);
  PERFORM relmeta.create_multi_table_lookup('c', 'up', ARRAY['p', 'q']::regclass[], 'kind', names => ARRAY['arn_p', 'arn_q']);
END $$;
INSERT INTO area VALUES ('north', 'arn_ann'), ('south', 'arn_ann');
INSERT INTO p VALUES (1, 'arn_ann');
INSERT INTO q VALUES (1, 'arn_ann'), (2, 'arn_bob');
INSERT INTO c VALUES (1, 'arn_ann', 'north', 1, 'p'), (2, 'arn_ann', 'south', 1, 'q'), (3, 'arn_ann', NULL, NULL, NULL);
DO $$ BEGIN PERFORM relmeta.enable_access_control(t) FROM unnest(ARRAY['area', 'p', 'q', 'c']::regclass[]) AS t; END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON area, p, q, c TO regress_arn_app;
SET ROLE regress_arn_app;
SELECT ddl, try(format(statement, quote_literal(ddl))) FROM (VALUES
  ('UPDATE c SET note = ran(%s, ''x'') WHERE id = 2'),
  ('UPDATE c SET kind = ran(CASE id WHEN 1 THEN %s ELSE '''' END, ''q'') WHERE id < 3'),
  ('UPDATE c SET up = 2, kind = ran(%s, ''q'') WHERE id = 1'),
  ('INSERT INTO c SELECT 3 + i, ''arn_ann'', ''north'', 1, ran(CASE i WHEN 2 THEN %s ELSE '''' END, ''p'') FROM generate_series(1, 2) AS i'),
  ('INSERT INTO c SELECT 3 + i, ''arn_ann'', ''north'', 2, ran(CASE i WHEN 2 THEN %s ELSE '''' END, ''q'') FROM generate_series(1, 2) AS i'),
  ('DELETE FROM c WHERE id < 3 AND ran(CASE id WHEN 1 THEN %s ELSE '''' END, ''x'') = ''x''')) AS s(statement),
  unnest(ARRAY['SELECT relmeta.drop_relationship(''arn_area'')', 'DROP TABLE area']) AS ddl
ORDER BY statement, ddl;
-- => DROP TABLE area|3
-- => SELECT relmeta.drop_relationship('arn_area')|3
-- => DROP TABLE area|1 north p:1, 2 south q:1, 3, 4 north p:1, 5 north p:1
-- => SELECT relmeta.drop_relationship('arn_area')|1 north p:1, 2 south q:1, 3, 4 north p:1, 5 north p:1
-- => DROP TABLE area|42501
-- => SELECT relmeta.drop_relationship('arn_area')|42501
-- => DROP TABLE area|1 north q:1, 2 south q:1, 3
-- => SELECT relmeta.drop_relationship('arn_area')|1 north q:1, 2 south q:1, 3
-- => DROP TABLE area|1 north p:1, 2 south q:1, 3
-- => SELECT relmeta.drop_relationship('arn_area')|1 north p:1, 2 south q:1, 3
-- => DROP TABLE area|42501
-- => SELECT relmeta.drop_relationship('arn_area')|42501

-- a partitioned hierarchy: a partition that a cascade meets when the model is a newer one than that of what the statement has collected
RESET ROLE;
SET ROLE regress_arn_mal;
CREATE TABLE tree (id int PRIMARY KEY, owner text, area text, up int) PARTITION BY LIST (id);
CREATE TABLE tree_1 PARTITION OF tree FOR VALUES IN (1);
CREATE TABLE tree_2 PARTITION OF tree FOR VALUES IN (2);
CREATE TABLE tree_3 PARTITION OF tree FOR VALUES IN (3);
CREATE INDEX ON tree (area);
CREATE INDEX ON tree (up);
DO $$ BEGIN
  PERFORM relmeta.register_table('tree', 'owner');
  PERFORM relmeta.create_one_to_many('area', 'tree', 'area', 'arn_tree_area', foreign_key => false);
  PERFORM relmeta.create_one_to_many('tree', 'tree', 'up', 'arn_tree', preset => 'parental', is_hierarchical => true, foreign_key => false);
END $$;
INSERT INTO tree VALUES (1, 'arn_ann', 'north', NULL), (2, 'arn_ann', 'south', 1), (3, 'arn_ann', 'north', 2);
CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql SET search_path = arn AS $$
BEGIN
  IF OLD.up IS NULL THEN
    PERFORM relmeta.drop_relationship('arn_tree_area');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zzz AFTER UPDATE OR DELETE ON tree FOR EACH ROW EXECUTE FUNCTION drops();
BEGIN;
UPDATE tree SET owner = 'arn_bob' WHERE id = 1;
SELECT id, owner FROM tree ORDER BY id;
-- => 1|arn_bob
-- => 2|arn_bob
-- => 3|arn_bob
ROLLBACK;
DELETE FROM tree WHERE id = 1;
SELECT count(*) FROM tree;
-- => 0
SELECT name FROM relmeta.one_to_many WHERE related_table = 'tree'::regclass;
-- => arn_tree

CREATE TABLE deep (id int PRIMARY KEY, owner text, kin int) PARTITION BY LIST (id);
CREATE TABLE deep_1 PARTITION OF deep FOR VALUES IN (1);
CREATE TABLE deep_2 PARTITION OF deep FOR VALUES IN (2) PARTITION BY LIST (id);
CREATE TABLE deep_3 PARTITION OF deep_2 FOR VALUES IN (2);
CREATE INDEX ON deep (kin);
DO $$ BEGIN
  PERFORM relmeta.register_table('deep', 'owner');
  PERFORM relmeta.create_one_to_many('p', 'deep', 'kin', 'arn_kin', foreign_key => false);
  PERFORM relmeta.enable_access_control('deep');
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON deep TO regress_arn_app;

-- keys that a statement has given to rows are remembered by their type as the model had it then, which is gone
CREATE TABLE keyed (id text PRIMARY KEY, owner text);
CREATE TABLE other (id int PRIMARY KEY);
SELECT relmeta.register_table('keyed', 'owner');
INSERT INTO keyed SELECT i::text, 'arn_ann' FROM generate_series(1, 9) AS i;
SELECT relmeta.enable_access_control('keyed');
GRANT SELECT, INSERT, UPDATE, DELETE ON keyed TO regress_arn_app;
-- what the model reads first differs from row to row
CREATE FUNCTION renews(row_number int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = arn AS $$
DECLARE
  first regclass := (ARRAY['keyed', 'deep', 'p', 'tree'])[row_number % 4 + 1];
BEGIN
  FOR i IN 1..3 LOOP
    PERFORM relmeta.register_table('other'), relmeta.has_access(first, '1', 'read');
    PERFORM relmeta.unregister_table('other'), relmeta.has_access(first, '1', 'read');
  END LOOP;
  RETURN 'x';
END $$;
RESET ROLE;
SET ROLE regress_arn_app;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
MERGE INTO keyed AS k USING (SELECT i FROM generate_series(1, 9) AS i ORDER BY i) AS s ON k.id = s.i::text
WHEN MATCHED AND k.id = '1' THEN DELETE
WHEN MATCHED THEN UPDATE SET id = k.id || renews(s.i);
RESET enable_hashjoin;
RESET enable_mergejoin;
SELECT string_agg(id, ' ' ORDER BY id) FROM keyed;
-- => 2x 3x 4x 5x 6x 7x 8x 9x

-- a partition below one that the statement has not come to has its columns in another order, and of other types, by then
RESET ROLE;
SET ROLE regress_arn_mal;
CREATE FUNCTION exchanges() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  ALTER TABLE deep_2 DETACH PARTITION deep_3;
  ALTER TABLE deep_3 RENAME owner TO o;
  ALTER TABLE deep_3 RENAME kin TO owner;
  ALTER TABLE deep_3 RENAME o TO kin;
  ALTER TABLE deep_3 ALTER owner TYPE text, ALTER kin TYPE int USING length(kin);
  ALTER TABLE deep_2 ATTACH PARTITION deep_3 FOR VALUES IN (2);
END $$;
RESET ROLE;
SET ROLE regress_arn_app;
-- both are known
INSERT INTO deep VALUES (1, 'arn_ann', 1), (2, 'arn_ann', 1);
DELETE FROM deep;
INSERT INTO deep SELECT i, 'arn_ann', length(ran(CASE i WHEN 2 THEN 'SELECT exchanges()' ELSE '' END, 'x')) FROM generate_series(1, 2) AS i;
-- => 40001
SELECT count(*) FROM deep;
-- => 0

-- what a cascade has read of a table that nobody uses any more, and then its columns get other types: by a trigger of a table that the cascade comes to next
RESET ROLE;
SET ROLE regress_arn_mal;
CREATE TABLE home (id int PRIMARY KEY, owner text);
CREATE TABLE room (id int PRIMARY KEY, owner text, home int, area text, door int);
CREATE TABLE door (id int PRIMARY KEY, owner text, home int);
CREATE TABLE lamp (id int PRIMARY KEY, owner text, room int);
CREATE INDEX ON room (home);
CREATE INDEX ON room (area);
CREATE INDEX ON room (door);
CREATE INDEX ON door (home);
CREATE INDEX ON lamp (room);
DO $$ BEGIN
  PERFORM relmeta.register_table(t, 'owner') FROM unnest(ARRAY['home', 'room', 'door', 'lamp']::regclass[]) AS t;
  PERFORM relmeta.create_one_to_many('area', 'room', 'area', 'arn_room_area', foreign_key => false);
  PERFORM relmeta.create_one_to_many('home', 'room', 'home', 'arn_room', preset => 'parental', foreign_key => false);
  PERFORM relmeta.create_one_to_many('home', 'door', 'home', 'arn_door', preset => 'parental', foreign_key => false);
  PERFORM relmeta.create_one_to_many('door', 'room', 'door', 'arn_room_door', foreign_key => false);
  PERFORM relmeta.create_one_to_many('room', 'lamp', 'room', 'arn_lamp', preset => 'parental', foreign_key => false);
END $$;
INSERT INTO home VALUES (1, 'arn_ann');
INSERT INTO door VALUES (1, 'arn_ann', 1);
INSERT INTO room VALUES (1, 'arn_ann', 1, 'north', NULL), (2, 'arn_ann', NULL, 'south', 1);
INSERT INTO lamp VALUES (1, 'arn_ann', 1);
CREATE TABLE retyping (call text);
CREATE FUNCTION retypes() RETURNS trigger LANGUAGE plpgsql SET search_path = arn AS $$
DECLARE
  what text;
BEGIN
  DELETE FROM retyping RETURNING call INTO what;
  IF what IS NOT NULL THEN
    EXECUTE what;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER zzz BEFORE UPDATE OR DELETE ON door FOR EACH ROW EXECUTE FUNCTION retypes();
CREATE FUNCTION try_with(what text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO retyping VALUES (what);
  EXECUTE statement;
  RAISE EXCEPTION USING ERRCODE = 'TT000';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT try_with(what, statement), statement, what FROM
  unnest(ARRAY['DELETE FROM home', 'UPDATE home SET owner = ''arn_bob''']) AS statement,
  unnest(ARRAY['ANALYZE door', 'DO $d$ BEGIN PERFORM relmeta.drop_relationship(''arn_room_area''); ALTER TABLE room ALTER area TYPE int USING 7; END $d$',
    'SELECT relmeta.alter_column_type(''room'', ''id'', ''text'')', 'SELECT relmeta.alter_column_type(''lamp'', ''id'', ''text'')']) AS what
ORDER BY 2, 3;
-- => TT000|DELETE FROM home|ANALYZE door
-- => 40001|DELETE FROM home|DO $d$ BEGIN PERFORM relmeta.drop_relationship('arn_room_area'); ALTER TABLE room ALTER area TYPE int USING 7; END $d$
-- => TT000|DELETE FROM home|SELECT relmeta.alter_column_type('lamp', 'id', 'text')
-- => 40001|DELETE FROM home|SELECT relmeta.alter_column_type('room', 'id', 'text')
-- => TT000|UPDATE home SET owner = 'arn_bob'|ANALYZE door
-- => TT000|UPDATE home SET owner = 'arn_bob'|DO $d$ BEGIN PERFORM relmeta.drop_relationship('arn_room_area'); ALTER TABLE room ALTER area TYPE int USING 7; END $d$
-- => TT000|UPDATE home SET owner = 'arn_bob'|SELECT relmeta.alter_column_type('lamp', 'id', 'text')
-- => 40001|UPDATE home SET owner = 'arn_bob'|SELECT relmeta.alter_column_type('room', 'id', 'text')

-- merge: what it reads of its rows when a related table's trigger has given their columns other types or names
CREATE TABLE plot (id int PRIMARY KEY, owner text, state int DEFAULT 1, area text);
CREATE TABLE deed (id int PRIMARY KEY, plot int);
CREATE INDEX ON plot (area);
CREATE INDEX ON deed (plot);
DO $$ BEGIN
  PERFORM relmeta.register_table('plot', 'owner', 'state', ARRAY['1'], '2'), relmeta.register_table('deed');
  PERFORM relmeta.create_one_to_many('area', 'plot', 'area', 'arn_plot_area', foreign_key => false);
  PERFORM relmeta.create_one_to_many('plot', 'deed', 'plot', 'arn_deed', foreign_key => false);
  PERFORM relmeta.enable_access_control('plot');
END $$;
INSERT INTO plot VALUES (1, 'arn_ann', 1, 'north'), (2, 'arn_ann', 1, 'south');
INSERT INTO deed VALUES (1, 2);
CREATE TRIGGER zzz BEFORE UPDATE OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION retypes();
SELECT try_with(what, 'SELECT relmeta.merge(''plot'', 1, 2)'), what FROM
  unnest(ARRAY['ANALYZE deed', 'DO $d$ BEGIN PERFORM relmeta.drop_relationship(''arn_plot_area''); ALTER TABLE plot ALTER area TYPE int USING 7; END $d$',
    'ALTER TABLE plot RENAME area TO parts']) AS what
ORDER BY 2;
-- => 40001|ALTER TABLE plot RENAME area TO parts
-- => TT000|ANALYZE deed
-- => 40001|DO $d$ BEGIN PERFORM relmeta.drop_relationship('arn_plot_area'); ALTER TABLE plot ALTER area TYPE int USING 7; END $d$

RESET ROLE;
SELECT * FROM relmeta.verify();
-- nothing
RESET relmeta.principal;
DROP SCHEMA arn CASCADE;
SELECT relmeta.drop_principal('arn_ann'), relmeta.drop_principal('arn_bob');
DROP ROLE regress_arn_app, regress_arn_mal;
