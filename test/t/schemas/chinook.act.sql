-- The media shop: plain keys of NO ACTION, a junction, a hierarchy of employees.
SELECT kind, count(*) FROM relmeta.one_to_many, LATERAL (SELECT 'one_to_many' AS kind) k GROUP BY kind;
-- => one_to_many|9
SELECT name, preset FROM relmeta.one_to_many WHERE related_table = 'album'::regclass;
-- => artist_album|referential_restrict
DELETE FROM artist WHERE artist_id = 1;
\echo :LAST_ERROR_SQLSTATE
-- => 23503
SELECT count(*) FROM relmeta.associated('playlist_track', 1);
-- => 3290
SELECT relmeta.associate('playlist_track', 2, 1);
-- => 1
SELECT relmeta.disassociate('playlist_track', 2, 1);
-- => 1
