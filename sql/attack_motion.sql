-- attack_motion: while a statement goes on that changes keys, what is held on a row is neither asked nor written by a key that the row has
-- not, or has no more: nobody comes by another's rights through a function that the statement calls (SEMANTICS 2.5, 3.5)
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_am_owner;
CREATE ROLE regress_am_bob;
SELECT relmeta.create_user('am_ann'), relmeta.create_user('am_bob', 'regress_am_bob'), relmeta.create_user('am_carl');
CREATE SCHEMA am AUTHORIZATION regress_am_owner;
GRANT USAGE, CREATE ON SCHEMA am TO regress_am_bob;
SET SESSION AUTHORIZATION regress_am_owner;
SET search_path = am;
CREATE TABLE doc (id int PRIMARY KEY, owner text, body text, above int REFERENCES doc, state int DEFAULT 0);
CREATE TABLE part (id int, owner text, body text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (5) TO (100);
CREATE TABLE part_2 PARTITION OF part DEFAULT;
CREATE TABLE price (id money PRIMARY KEY, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{part,price}'::regclass[]) AS t;
-- => 2
SELECT relmeta.register_table('doc', 'owner', 'state');
SELECT relmeta.create_one_to_many('doc', 'doc', 'above', 'docs', 'parental', reparent => 'none');
SELECT relmeta.create_many_to_many('doc', 'doc', 'doc_doc', intersect_table => 'am.link');
SELECT relmeta.enable_access_control('doc'), relmeta.enable_access_control('part'), relmeta.enable_access_control('price');
GRANT SELECT, INSERT, UPDATE, DELETE ON doc, part, price, link TO regress_am_bob;
-- 3 is ann's, and bob may read and write it; so may he do with 6, of ann's too, and all else; 2 is his own
CREATE FUNCTION fill() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = am, pg_temp AS $$
  DELETE FROM am.doc; DELETE FROM am.part;
  INSERT INTO am.doc VALUES (6, 'am_ann', 'ann 6'), (2, 'am_bob', 'bob 2'), (3, 'am_ann', 'ann 3'), (1, 'am_bob', 'bob 1'), (4, 'am_bob', 'bob 4');
  INSERT INTO am.part SELECT id, owner, body FROM am.doc;
  SELECT relmeta.share(t, 2, 'am_carl', '{read,delete}'), relmeta.share(t, 3, 'am_bob', '{read,write}'),
    relmeta.share(t, 6, 'am_bob', '{read,write,share,assign,delete,append,append_to}')
  FROM unnest('{am.doc,am.part}'::regclass[]) AS t $$;
CREATE FUNCTION held() RETURNS TABLE (id int, owner text, body text, bob relmeta.access_right[], carl relmeta.access_right[]) LANGUAGE sql SECURITY DEFINER SET search_path = am, pg_temp AS $$
  SELECT id, owner, body, relmeta.principal_access('am.doc', id, 'am_bob'), relmeta.principal_access('am.doc', id, 'am_carl') FROM am.doc ORDER BY body $$;
CREATE FUNCTION held_part() RETURNS TABLE (id int, owner text, body text, bob relmeta.access_right[], carl relmeta.access_right[]) LANGUAGE sql SECURITY DEFINER SET search_path = am, pg_temp AS $$
  SELECT id, owner, body, relmeta.principal_access('am.part', id, 'am_bob'), relmeta.principal_access('am.part', id, 'am_carl') FROM am.part ORDER BY body $$;
SELECT fill();
SELECT * FROM held();
SET SESSION AUTHORIZATION regress_am_bob;
SET search_path = am;
-- tries a statement when row 4 is met: what it gives, or why it fails
CREATE FUNCTION try(what text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE n text;
BEGIN
  EXECUTE what INTO n;
  RAISE WARNING '% => %', what, n;
  RETURN 4;
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING '% => % %', what, SQLSTATE, SQLERRM;
  RETURN 4;
END $$;
-- UPDATEs one row of a table after the other, in the order in which they stand there, giving each a key, and tries the statement when it comes to the
-- last, 4; then shows what there is, and takes it back
CREATE FUNCTION moves(what text, from_keys int[], to_keys int[], t text DEFAULT 'doc') RETURNS TABLE (id int, owner text, body text, bob relmeta.access_right[], carl relmeta.access_right[]) LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    EXECUTE format('UPDATE %I AS d SET id = CASE d.id WHEN 4 THEN try(%L) ELSE ($2)[array_position($1, d.id)] END WHERE d.id = ANY ($1 || 4)', t, what)
      USING from_keys, to_keys;
    RETURN QUERY EXECUTE format('SELECT * FROM %s()', CASE t WHEN 'doc' THEN 'held' ELSE 'held_part' END);
    RAISE EXCEPTION 'taken back';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
END $$;
SET enable_indexscan = off; SET enable_bitmapscan = off;

-- 6 becomes 9, and 3 becomes 6, where all rights are that bob holds on the former
SELECT * FROM moves('SELECT body FROM am.doc WHERE id = 6', '{6,3}', '{9,6}');
-- => nothing; after it bob has on ann 3 what he had, and on ann 6 too
\o /dev/null
SELECT moves('SELECT body FROM am.doc WHERE id = 9', '{6,3}', '{9,6}');
SELECT moves('SELECT count(*) FROM am.doc', '{6,3}', '{9,6}');
-- => nothing, since what he holds on 9 follows; and three rows, his own
SELECT moves('UPDATE am.doc SET owner = ''am_bob'' WHERE id = 6 RETURNING body', '{6,3}', '{9,6}');
SELECT moves('DELETE FROM am.doc WHERE id = 6 RETURNING body', '{6,3}', '{9,6}');
SELECT moves('UPDATE am.doc SET id = 12 WHERE id = 6 RETURNING body', '{6,3}', '{9,6}');
-- => nothing is found
SELECT moves('SELECT relmeta.has_access(''am.doc'', 6, ''delete'')', '{6,3}', '{9,6}');
SELECT moves('SELECT relmeta.principal_access(''am.doc'', 6)', '{6,3}', '{9,6}');
SELECT moves('SELECT count(*) FROM relmeta.explain_access(''am.doc'', 6)', '{6,3}', '{9,6}');
SELECT moves('SELECT count(*) FROM relmeta.shared_principals(''am.doc'', 6)', '{6,3}', '{9,6}');
-- => f, none, 0, 0
SELECT moves('SELECT relmeta.share(''am.doc'', 6, ''am_carl'', ''{read}'')', '{6,3}', '{9,6}');
SELECT moves('SELECT relmeta.assign(''am.doc'', 6, ''am_bob'')', '{6,3}', '{9,6}');
SELECT moves('INSERT INTO am.doc VALUES (20, ''am_bob'', ''x'', 6)', '{6,3}', '{9,6}');
SELECT moves('UPDATE am.doc SET above = 6 WHERE id = 1', '{6,3}', '{9,6}');
-- => all are refused
-- by workers, too
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0;
SELECT moves('SELECT count(*) FROM am.doc', '{6,3}', '{9,6}');
-- => three rows
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET min_parallel_index_scan_size;
\o
-- in partitions
SELECT * FROM moves('UPDATE am.part SET owner = ''am_bob'' WHERE id = 6 RETURNING body', '{6,3}', '{9,6}', 'part');
SELECT * FROM moves('UPDATE am.part SET id = 1 WHERE id = 6 RETURNING body', '{6,3}', '{9,6}', 'part');
-- => nothing is found

-- 6 becomes 9, and 2 becomes 6: bob's own, which he may do anything with, but not write there what others hold on 9
SELECT * FROM moves('SELECT relmeta.share(''am.doc'', 6, ''am_carl'', ''{write}'')', '{6,2}', '{9,6}');
SELECT * FROM moves('SELECT relmeta.unshare(''am.doc'', 6, ''am_bob'')', '{6,2}', '{9,6}');
SELECT * FROM moves('UPDATE am.doc SET id = 12 WHERE id = 6 RETURNING body', '{6,2}', '{9,6}');
SELECT * FROM moves('DELETE FROM am.doc WHERE id = 6 RETURNING body', '{6,2}', '{9,6}');
-- => 55000, and all is held on the same rows
SELECT * FROM moves('UPDATE am.part SET id = 12 WHERE id = 6 RETURNING body', '{6,2}', '{9,6}', 'part');
-- => refused, 55000
SELECT * FROM moves('SELECT body FROM am.doc WHERE id = 6', '{6,2}', '{9,6}');
SELECT * FROM moves('UPDATE am.doc SET body = ''bob 2, changed'' WHERE id = 6 RETURNING body', '{6,2}', '{9,6}');
-- => his own is his

-- nor is anything related to it, which would follow the key to ann 6
SELECT * FROM moves('INSERT INTO am.doc VALUES (20, ''am_bob'', ''x'', 6)', '{6,2}', '{9,6}');
SELECT moves('SELECT relmeta.connect(''am.doc'', 6, ''am.doc'', 1)', '{6,2}', '{9,6}') \g /dev/null
SELECT moves('SELECT relmeta.merge(''am.doc'', 6, 1)', '{6,2}', '{9,6}') \g /dev/null
SELECT moves('SELECT relmeta.associate(''doc_doc'', 6, 1)', '{6,2}', '{9,6}') \g /dev/null
SELECT moves('INSERT INTO am.link VALUES (6, 1)', '{6,2}', '{9,6}') \g /dev/null
-- => 55000; a control: below a row whose key is its own
SELECT moves('INSERT INTO am.link VALUES (1, 4) RETURNING 1', '{6,2}', '{9,6}') \g /dev/null

-- a key that none had: what is given there is given; but it is not changed again, nor given to another row
SELECT * FROM moves('SELECT relmeta.share(''am.doc'', 9, ''am_carl'', ''{write}'')', '{2}', '{9}');
-- => carl: read, write, delete
SELECT * FROM moves('DELETE FROM am.doc WHERE id = 9 RETURNING body', '{2}', '{9}');
-- => it is gone
SELECT * FROM moves('UPDATE am.doc SET id = 12 WHERE id = 9 RETURNING body', '{2}', '{9}');
SELECT * FROM moves('UPDATE am.doc SET id = 2 WHERE id = 1 RETURNING body', '{2}', '{9}');
CREATE FUNCTION then_insert(key int) RETURNS int LANGUAGE sql AS 'DELETE FROM am.doc WHERE id = 9; INSERT INTO am.doc VALUES (key, ''am_bob'', ''new'') RETURNING id';
SELECT * FROM moves('SELECT am.then_insert(9)', '{2}', '{9}');
-- => refused, 55000
SELECT * FROM moves('SELECT am.then_insert(2)', '{2}', '{9}');
SELECT * FROM moves('UPDATE am.doc SET id = 12 WHERE id = 1 RETURNING body', '{2}', '{9}');
-- => a new row 2, and one that is 12; nobody holds anything on them

-- a row that is deleted: its key goes to none but a new one
CREATE FUNCTION deletes(what text) RETURNS TABLE (id int, owner text, body text, bob relmeta.access_right[], carl relmeta.access_right[]) LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    DELETE FROM doc AS d WHERE d.id IN (2, 4) AND (d.id = 2 OR try(what) > 0);
    RETURN QUERY SELECT * FROM held();
    RAISE EXCEPTION 'taken back';
  EXCEPTION WHEN raise_exception THEN NULL;
  END;
END $$;
SELECT * FROM deletes('UPDATE am.doc SET id = 2 WHERE id = 3 RETURNING body');
-- => refused, 55000
SELECT * FROM deletes('INSERT INTO am.doc VALUES (2, ''am_bob'', ''new'') RETURNING body');
-- => a new row, of which carl has nothing
SELECT * FROM deletes('UPDATE am.doc SET id = 12 WHERE id = 3 RETURNING body');
-- => it is 12

-- a row that is deleted takes what hangs on it along: whoever has its key meanwhile is told nothing of it, and takes nothing away
SELECT relmeta.connect('doc', 2, 'doc', 4, description => 'of bob 2') IS NOT NULL;
CREATE FUNCTION tells(key int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = am, pg_temp AS $$
BEGIN
  RETURN (SELECT string_agg(description, ', ') FROM relmeta.connections('am.doc', key));
END $$;
SELECT * FROM deletes('SELECT am.tells(2) FROM am.then_insert(2)');
SELECT * FROM deletes('SELECT relmeta.unshare(''am.doc'', 2, ''am_carl'') FROM am.then_insert(2)');
SELECT * FROM deletes('SELECT p.principal FROM am.then_insert(2), relmeta.shared_principals(''am.doc'', 2) AS p');
-- => nothing, by 55000 or by no row
-- nor does a new row come by the links of one that has just left its key, or gone, where what follows is asked at the end only
SELECT relmeta.associate('doc_doc', 6, 1);
SELECT * FROM moves('INSERT INTO am.doc VALUES (6, ''am_bob'', ''bait'')', '{6}', '{9}');
-- => refused, 42501; nor is the key changed, which links hold
SELECT relmeta.disassociate('doc_doc', 6, 1);

-- the same statement deletes 6 and gives 3 its key
BEGIN;
WITH d AS (DELETE FROM doc WHERE id = 6 RETURNING id), u AS (UPDATE doc SET id = d.id FROM d WHERE doc.id = 3 RETURNING doc.id)
  SELECT try('UPDATE am.doc SET owner = ''am_bob'' WHERE id = 6 RETURNING body') FROM u;
SELECT * FROM held();
ROLLBACK;
-- => nothing is found

-- nor is a row put below one by what is held on the row that had its key: 3 has become 6
\set VERBOSITY sqlstate
BEGIN;
UPDATE doc SET id = CASE id WHEN 6 THEN 9 WHEN 3 THEN 6 ELSE id END, above = CASE id WHEN 4 THEN 6 END WHERE id IN (6, 3, 4);
ROLLBACK;
-- => refused, 42501
\set VERBOSITY terse
-- what is held is what it was
SELECT * FROM held();

-- keys of a type that no set is made of
INSERT INTO price VALUES (1, 'am_bob'), (2, 'am_bob'), (3, 'am_bob');
UPDATE price SET id = CASE id WHEN 1::money THEN 5 WHEN 2::money THEN 1 ELSE try('SELECT relmeta.share(''am.price'', 1::money, ''am_carl'', ''{read}'')') + try('SELECT relmeta.share(''am.price'', 3::money, ''am_carl'', ''{read}'')') END::money;
-- => refused, 55000; and shared
DELETE FROM price WHERE id IN (1::money, 5::money) AND (id = 5::money OR try('INSERT INTO am.price VALUES (7::money, ''am_bob'') RETURNING id') > 0);
-- => a new row

-- what a row was given before it has left its key goes with it, whoever has the key then
CREATE FUNCTION gives(key int, new int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM relmeta.share('am.doc', key, 'am_carl', '{read,share,assign}'); RETURN new; END $$;
BEGIN;
UPDATE doc SET id = CASE id WHEN 2 THEN gives(2, 9) ELSE 2 END WHERE id IN (2, 3);
SELECT * FROM held();
ROLLBACK;
-- => with bob 2, which is 9
-- a statement gives a key to one row
CREATE FUNCTION drops(key int, new int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM am.doc WHERE id = key; RETURN new; END $$;
\set VERBOSITY sqlstate
UPDATE doc SET id = CASE id WHEN 3 THEN drops(9, 9) ELSE 9 END WHERE id IN (2, 3);
UPDATE doc SET id = 9 WHERE id IN (2, 3);
\set VERBOSITY terse
-- => refused, 55000, and 23505
-- into what a row was merged is told of that row
RESET SESSION AUTHORIZATION;
SELECT relmeta.merge('am.doc', 3, 6);
UPDATE doc SET body = body WHERE id = 4;
SET SESSION AUTHORIZATION regress_am_bob;
SELECT count(*) FROM relmeta.merged_into('doc', 6);
SELECT moves('SELECT count(m) FROM am.then_insert(6), relmeta.merged_into(''am.doc'', 6) AS m', '{6}', '{9}');
SELECT moves('SELECT count(m) FROM am.then_insert(6), relmeta.merges AS m', '{6}', '{9}');
-- => one; and none, twice

-- a cursor that is opened inside the statement goes on with what it could read then: bob holds nothing on 3, which becomes 6
RESET SESSION AUTHORIZATION;
SELECT fill();
SELECT relmeta.unshare('am.doc', 3, 'am_bob');
SET SESSION AUTHORIZATION regress_am_bob;
CREATE FUNCTION opens(key int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = am, pg_temp AS $$
DECLARE c refcursor := 'c';
BEGIN
  IF key = 6 THEN OPEN c FOR SELECT id, body FROM am.doc; END IF;
  RETURN key;
END $$;
CREATE FUNCTION fetches() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = am, pg_temp AS $$
DECLARE c refcursor := 'c'; r record; l text;
BEGIN
  LOOP FETCH c INTO r; EXIT WHEN NOT FOUND; l := concat_ws(', ', l, r.id, r.body); END LOOP;
  RETURN l;
END $$;
GRANT EXECUTE ON FUNCTION opens(int), fetches() TO PUBLIC;
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA am TO regress_am_owner;
SET ROLE regress_am_owner;
BEGIN;
UPDATE doc SET id = CASE id WHEN 6 THEN 9 ELSE 6 END WHERE id IN (6, 3) RETURNING am.opens(id);
SELECT fetches();
-- => his own rows
SELECT count(*) FROM doc;
COMMIT;
RESET ROLE;
SELECT * FROM held();
SET SESSION AUTHORIZATION regress_am_bob;
SELECT id, body FROM doc ORDER BY body;
-- => his own, and what was 6
RESET SESSION AUTHORIZATION; SELECT fill(); SET SESSION AUTHORIZATION regress_am_bob;
-- the end of a subtransaction ends what is in motion
BEGIN;
SAVEPOINT a;
UPDATE doc SET id = 1 / (id - 6) WHERE id IN (3, 6);
ROLLBACK TO a;
SELECT id FROM doc ORDER BY id;
SELECT relmeta.share('doc', 6, 'am_carl', '{read}');
ROLLBACK;
-- => all five; shared


-- nor by a foreign key of his own, whose triggers run as he in the middle of anybody's statement; with a table below that has the same key,
-- and in one that is not controlled
SET SESSION AUTHORIZATION regress_am_owner;
CREATE TABLE file (id int PRIMARY KEY REFERENCES doc ON UPDATE CASCADE ON DELETE CASCADE, owner text);
CREATE TABLE open (id int PRIMARY KEY, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{file,open}'::regclass[]) AS t;
SELECT relmeta.enable_access_control('file');
GRANT SELECT, INSERT, UPDATE, REFERENCES ON doc, file, open TO regress_am_bob;
INSERT INTO file SELECT id, owner FROM doc;
INSERT INTO open SELECT id, owner FROM doc;
SELECT count(relmeta.share(t, 3, 'am_carl', '{read,write}')) FROM unnest('{doc,file,open}'::regclass[]) AS t;
-- => 3
SET SESSION AUTHORIZATION regress_am_bob;
CREATE FUNCTION bait() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE t regclass := TG_ARGV[0];
BEGIN
  BEGIN
    IF t = 'am.file'::regclass THEN INSERT INTO am.doc VALUES (OLD.id, 'am_bob'); END IF;
    EXECUTE format('INSERT INTO %s VALUES ($1, ''am_bob'')', t) USING OLD.id;
    PERFORM relmeta.unshare(t, OLD.id, 'am_carl', '{write}');
    PERFORM relmeta.share(t, OLD.id, 'am_carl', '{assign}');
    RAISE WARNING '% shared', t;
  EXCEPTION WHEN OTHERS THEN RAISE WARNING '% % %', t, SQLSTATE, SQLERRM;
  END;
  RETURN NEW;
END $$;
CREATE TABLE of_doc (id int REFERENCES doc ON UPDATE CASCADE);
CREATE TABLE of_file (id int REFERENCES file ON UPDATE CASCADE);
CREATE TABLE of_open (id int REFERENCES open ON UPDATE CASCADE);
INSERT INTO of_doc VALUES (3);
INSERT INTO of_file VALUES (3);
INSERT INTO of_open VALUES (3);
CREATE TRIGGER bait BEFORE UPDATE ON of_doc FOR EACH ROW EXECUTE FUNCTION bait('am.doc');
CREATE TRIGGER bait BEFORE UPDATE ON of_file FOR EACH ROW EXECUTE FUNCTION bait('am.file');
CREATE TRIGGER bait BEFORE UPDATE ON of_open FOR EACH ROW EXECUTE FUNCTION bait('am.open');
RESET SESSION AUTHORIZATION;
SET search_path = am;
CREATE VIEW held_all AS SELECT t, k.id, p.principal, relmeta.principal_access(t, k.id, p.principal) FROM unnest('{doc,file,open}'::regclass[]) AS t, (VALUES (3), (70)) AS k(id),
  (VALUES ('am_bob'), ('am_carl')) AS p(principal) ORDER BY 1, 2, 3;
TABLE held_all;
BEGIN;
SET LOCAL ROLE regress_am_owner;
UPDATE doc SET id = 70 WHERE id = 3;
UPDATE open SET id = 70 WHERE id = 3;
RESET ROLE;
TABLE held_all;
-- => 55000 twice; on 70 all that was held on 3; on the bait in the open table what carl has been given or left there by bob
ROLLBACK;

RESET SESSION AUTHORIZATION;
\set QUIET on
SET client_min_messages = error;
DROP SCHEMA am CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{am_ann,am_bob,am_carl}'::text[]) AS p;
DROP OWNED BY regress_am_owner, regress_am_bob;
DROP ROLE regress_am_owner, regress_am_bob;
