-- chinook: a well-known sample database is adopted as it stands, by the calls that relmeta.adoptable gives.
-- RELMETA_CHINOOK names its SQL file; without it, the one beside the checkout is taken; without that, nothing is done.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
\getenv file RELMETA_CHINOOK
\getenv abs_srcdir PG_ABS_SRCDIR
\if :{?file}
\else
\set file :abs_srcdir '/../shared/data/chinook/chinook.sql'
\endif
\setenv FILE :file
\set found `test -r "$FILE" && echo true || echo false`
\if :found
\else
\echo skipped: no chinook.sql (see RELMETA_CHINOOK)
\quit
\endif
CREATE ROLE regress_chinook;
CREATE SCHEMA chinook AUTHORIZATION regress_chinook;
SET ROLE regress_chinook;
SET search_path = chinook;
\set ECHO none
\i :file
\set ECHO all
-- its strings are written N'...'
SELECT name, pg_typeof(name) FROM genre WHERE genre_id = 1;
-- => Rock|character varying
CREATE VIEW counted AS
  SELECT c.relname, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', c.oid::regclass), false, true, '')))[1]::text::bigint AS rows
  FROM pg_class c WHERE relnamespace = 'chinook'::regnamespace AND relkind = 'r';
SELECT * FROM counted ORDER BY relname COLLATE "C";
CREATE TABLE before AS SELECT * FROM counted;
CREATE TABLE keys_before AS SELECT conrelid::regclass AS relation, conname, confrelid::regclass AS target FROM pg_constraint
  WHERE contype = 'f' AND connamespace = 'chinook'::regnamespace;

-- what can be adopted, each with its call
SELECT kind, relation, call FROM relmeta.adoptable WHERE relation::text IN (SELECT relname FROM before) ORDER BY kind, relation::text COLLATE "C", call COLLATE "C";
SELECT kind, count(*) FROM relmeta.adoptable WHERE relation::text IN (SELECT relname FROM before) GROUP BY kind ORDER BY kind;

-- every call works as given
DO $$
DECLARE
  call text;
BEGIN
  FOR call IN SELECT a.call FROM relmeta.adoptable a WHERE relation::text IN (SELECT relname FROM chinook.before) ORDER BY a.call COLLATE "C" LOOP
    EXECUTE call;
  END LOOP;
END $$;
SELECT count(*) FROM relmeta.adoptable WHERE relation::text IN (SELECT relname FROM before);
-- => 0
SELECT name, primary_table, related_table, lookup_column, preset, delete, is_hierarchical FROM relmeta.one_to_many
WHERE related_table::text IN (SELECT relname FROM before) ORDER BY name COLLATE "C";
SELECT name, table1, column1, table2, column2, intersect_table FROM relmeta.many_to_many WHERE intersect_table::text = 'playlist_track';

-- keys keep their names, no row is lost, what deletes did before they do still
(SELECT conrelid::regclass, conname, confrelid::regclass FROM pg_constraint WHERE contype = 'f' AND connamespace = 'chinook'::regnamespace)
  EXCEPT TABLE keys_before;
SELECT count(*) FROM (TABLE keys_before EXCEPT SELECT conrelid::regclass, conname, confrelid::regclass FROM pg_constraint WHERE contype = 'f') gone;
-- => 0
SELECT count(*) FROM (SELECT * FROM counted WHERE relname NOT IN ('before', 'keys_before') EXCEPT TABLE before) changed;
-- => 0
DO $$
BEGIN
  DELETE FROM artist WHERE artist_id = 1;
  RAISE WARNING 'artist with albums deleted';
EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
END $$;

-- and it lives: owners, an assign down artist, album and track, a hierarchy of employees, a delete
RESET ROLE;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{emi,sony}'::text[]) u; END $$;
SET ROLE regress_chinook;
ALTER TABLE artist ADD owner text DEFAULT 'emi';
ALTER TABLE album ADD owner text DEFAULT 'emi';
ALTER TABLE track ADD owner text DEFAULT 'emi';
SELECT relmeta.register_table(t, 'owner') FROM unnest('{artist,album,track}'::regclass[]) t;
SELECT relmeta.update_relationship(name, assign => 'all') IS NULL FROM relmeta.one_to_many
WHERE (primary_table, related_table) IN (('artist'::regclass, 'album'::regclass), ('album'::regclass, 'track'::regclass));
-- => t
-- => t
-- artist 90 with 21 albums and 213 tracks
SELECT count(DISTINCT album_id), count(track_id) FROM album JOIN track USING (album_id) WHERE artist_id = 90;
-- => 21|213
SELECT relmeta.assign('artist', 90, 'sony');
-- => 235
SELECT (SELECT count(*) FROM album WHERE owner = 'sony'), (SELECT count(*) FROM track WHERE owner = 'sony');
-- => 21|213
UPDATE artist SET owner = 'sony';
SELECT (SELECT count(*) FROM album WHERE owner = 'emi'), (SELECT count(*) FROM track WHERE owner = 'emi');
-- => 0|0
SELECT relmeta.update_relationship(name, delete => 'all') IS NULL FROM relmeta.one_to_many
WHERE related_table::text IN (SELECT relname FROM before) AND primary_table IN ('artist'::regclass, 'album'::regclass, 'track'::regclass) ORDER BY name COLLATE "C";
-- => t
-- => t
-- => t
-- the junction table stays the application's, its keys as they are: without ON DELETE CASCADE
DELETE FROM playlist_track WHERE track_id IN (SELECT track_id FROM track JOIN album USING (album_id) WHERE artist_id = 90);
DELETE FROM artist WHERE artist_id = 90;
SELECT (SELECT count(*) FROM album), (SELECT count(*) FROM track);
-- => 326|3290
SELECT count(*) FROM playlist_track p WHERE NOT EXISTS (SELECT FROM track t WHERE t.track_id = p.track_id);
-- => 0

RESET ROLE;
RESET search_path;
DROP SCHEMA chinook CASCADE;
DROP ROLE regress_chinook;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{emi,sony}'::text[]) u; END $$;
