-- model_cache: a session's picture of the catalog follows every change that matters, and leaks nothing
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
CREATE ROLE regress_cache_one;
CREATE ROLE regress_cache_two;
CREATE SCHEMA cache_one AUTHORIZATION regress_cache_one;
CREATE SCHEMA "cache Two" AUTHORIZATION regress_cache_one;
GRANT ALL ON SCHEMA cache_one, "cache Two" TO PUBLIC;
CREATE EXTENSION citext SCHEMA cache_one;
SELECT relmeta.create_user('ann'), relmeta.create_user('ben');
SET ROLE regress_cache_one;
CREATE TABLE cache_one.folder (id cache_one.citext PRIMARY KEY, owner_id text);
CREATE TABLE cache_one.paper (id int PRIMARY KEY, folder_id cache_one.citext, owner_id text, acted_as text);
SELECT relmeta.register_table('cache_one.folder', 'owner_id'), relmeta.register_table('cache_one.paper', 'owner_id');
SELECT relmeta.create_one_to_many('cache_one.folder', 'cache_one.paper', 'folder_id', preset => 'parental');
CREATE FUNCTION cache_one.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.acted_as = current_user; RETURN NEW; END';
CREATE TRIGGER note BEFORE UPDATE ON cache_one.paper FOR EACH ROW EXECUTE FUNCTION cache_one.note();
INSERT INTO cache_one.folder VALUES ('Red', 'ann');
INSERT INTO cache_one.paper VALUES (1, 'RED', 'ann'), (2, 'red', 'ben');
UPDATE cache_one.folder SET owner_id = 'ben';
SELECT id, owner_id, acted_as FROM cache_one.paper ORDER BY id;
-- => both ben, the first as one
RESET ROLE;

-- a table, its schema and its owner under other names; the operator of its key in another schema
ALTER TABLE cache_one.paper RENAME TO "Paper's";
UPDATE cache_one.folder SET owner_id = 'ann';
ALTER TABLE cache_one."Paper's" SET SCHEMA "cache Two";
UPDATE cache_one.folder SET owner_id = 'ben';
ALTER SCHEMA "cache Two" RENAME TO "cache ""Three""";
UPDATE cache_one.folder SET owner_id = 'ann';
SELECT id, owner_id, acted_as FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ann, as one
ALTER TABLE "cache ""Three"""."Paper's" OWNER TO regress_cache_two;
UPDATE cache_one.folder SET owner_id = 'ben';
SELECT id, owner_id, acted_as FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ben, as two
ALTER EXTENSION citext SET SCHEMA "cache ""Three""";
UPDATE cache_one.folder SET owner_id = 'ann';
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ann

-- columns that move: dropped ones before, a rewrite of the table
ALTER TABLE cache_one.folder ADD COLUMN x int, ADD COLUMN y int;
ALTER TABLE cache_one.folder DROP COLUMN x;
ALTER TABLE "cache ""Three"""."Paper's" ALTER COLUMN acted_as TYPE varchar;
VACUUM FULL cache_one.folder;
UPDATE cache_one.folder SET owner_id = 'ben', y = 1;
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ben

-- what is undone was never there
BEGIN;
SAVEPOINT s;
SELECT relmeta.update_relationship('folder_paper', assign => 'none', revoke_inherited => false);
UPDATE cache_one.folder SET owner_id = 'ann';
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ben
ROLLBACK TO s;
UPDATE cache_one.folder SET owner_id = 'ann';
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ann
ROLLBACK;
UPDATE cache_one.folder SET owner_id = NULL;
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both nobody's
DO $$
BEGIN
  FOR i IN 1 .. 20 LOOP
    BEGIN
      PERFORM relmeta.update_relationship('folder_paper', assign => 'none', revoke_inherited => false);
      UPDATE cache_one.folder SET owner_id = 'ben';
      RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN
      UPDATE cache_one.folder SET owner_id = CASE WHEN i % 2 = 0 THEN 'ann' ELSE 'ben' END;
    END;
  END LOOP;
END $$;
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;
-- => both ann

CREATE TABLE cache_one.number (id int PRIMARY KEY, owner_id bigint);
SELECT relmeta.register_table('cache_one.number', 'owner_id');
-- one model, however often it was read; and one set of identities and of owners' spellings
DO $$
BEGIN
  FOR i IN 1 .. 50 LOOP
    EXECUTE 'ALTER TABLE cache_one.folder ALTER COLUMN y SET DEFAULT ' || i;
    PERFORM relmeta.create_user('temp ' || i), relmeta.current_principals();
    UPDATE cache_one.folder SET owner_id = 'temp ' || i;
    UPDATE cache_one.folder SET owner_id = 'ann';
    BEGIN
      INSERT INTO cache_one.number VALUES (1, 1);
    EXCEPTION WHEN foreign_key_violation THEN
      NULL;
    END;
    PERFORM relmeta.drop_principal('temp ' || i);
  END LOOP;
END $$;
SELECT name, count(*) FROM pg_backend_memory_contexts
WHERE name IN ('relmeta model', 'relmeta identities') GROUP BY name ORDER BY name;
-- => one of each that is there

-- a session reads the tables that it meets, a declaration those that have to do with it, however many others there are
CREATE TABLE cache_one.part (id int PRIMARY KEY, number_id int, owner_id bigint);
CREATE VIEW cache_one.known AS
SELECT sum(used_bytes) AS known FROM pg_backend_memory_contexts WHERE name LIKE 'relmeta model%';
\c -
UPDATE cache_one.folder SET owner_id = CASE owner_id WHEN 'ann' THEN 'ben' ELSE 'ann' END;
SELECT known AS known_to_statement FROM cache_one.known \gset
BEGIN;
SELECT relmeta.create_one_to_many('cache_one.number', 'cache_one.part', 'number_id');
SELECT known AS known_to_declaration FROM cache_one.known \gset
ROLLBACK;
SET client_min_messages = warning;
CREATE SCHEMA cache_others;
DO $$
BEGIN
  CREATE TABLE cache_others.t0 (id int PRIMARY KEY);
  FOR i IN 1..40 LOOP
    EXECUTE format('CREATE TABLE cache_others.t%s (id int PRIMARY KEY)', i);
    PERFORM relmeta.create_one_to_many(format('cache_others.t%s', i / 2), format('cache_others.t%s', i), 'parent_id');
  END LOOP;
END $$;
\c -
UPDATE cache_one.folder SET owner_id = CASE owner_id WHEN 'ann' THEN 'ben' ELSE 'ann' END;
SELECT known < 1.1 * :known_to_statement FROM cache_one.known;
-- => t
BEGIN;
SELECT relmeta.create_one_to_many('cache_one.number', 'cache_one.part', 'number_id');
SELECT known < 1.1 * :known_to_declaration FROM cache_one.known;
-- => t
ROLLBACK;
SELECT count(*) FROM relmeta.automations;
SELECT known > 2 * :known_to_statement FROM cache_one.known;
-- => t: the view goes through all
SET client_min_messages = warning;
DROP SCHEMA cache_others CASCADE;

-- a catalog with rows that fit nothing: an error for them alone
BEGIN;
UPDATE relmeta.registered_table SET owner_column = 'gone' WHERE relation = '"cache ""Three"""."Paper''s"'::regclass;
SAVEPOINT s;
UPDATE "cache ""Three"""."Paper's" SET owner_id = 'ben';
ROLLBACK TO s;
INSERT INTO relmeta.registered_table (relation, name, key_column) VALUES (4294967295::oid, 'nowhere', 'id');
SELECT relmeta.create_user('still'), relmeta.drop_principal('still');
UPDATE cache_one.folder SET y = 2;
ROLLBACK;
UPDATE "cache ""Three"""."Paper's" SET owner_id = 'ben' WHERE id = 1;
SELECT id, owner_id FROM "cache ""Three"""."Paper's" ORDER BY id;

SELECT relmeta.drop_relationship('folder_paper');
SELECT relmeta.unregister_table('cache_one.folder'), relmeta.unregister_table('cache_one.number'), relmeta.unregister_table('"cache ""Three"""."Paper''s"');
DROP TABLE cache_one.folder, "cache ""Three"""."Paper's";
SELECT relmeta.drop_principal('ann'), relmeta.drop_principal('ben');
DROP SCHEMA cache_one, "cache ""Three""" CASCADE;
DROP ROLE regress_cache_one, regress_cache_two;
