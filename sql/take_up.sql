-- Entries outlive DROP EXTENSION; registering the table again takes up direct ones of rows that are still there.
\set VERBOSITY terse
SET client_min_messages = warning;
BEGIN;
CREATE TABLE take_up (id int PRIMARY KEY, owner_id text);
SELECT relmeta.create_user(u) FROM unnest(ARRAY['tu_ann', 'tu_bob']) AS u;
SELECT relmeta.register_table('take_up', 'owner_id');
INSERT INTO take_up VALUES (1, 'tu_ann'), (2, 'tu_ann');
SELECT relmeta.share_many('take_up', '{1,2}', '{tu_bob}');
DROP EXTENSION relmeta;
DELETE FROM take_up WHERE id = 2;
CREATE EXTENSION relmeta;
SELECT relmeta.create_user(u) FROM unnest(ARRAY['tu_ann', 'tu_bob']) AS u;
SELECT relmeta.register_table('take_up', 'owner_id');
SELECT principal, direct, inherited, granted_by IS NOT NULL AS known FROM relmeta.shared_principals('take_up', 1);
-- whoever gets the key of a row that was deleted meanwhile is not shared because of it
INSERT INTO take_up VALUES (2, 'tu_ann');
SELECT principal, direct FROM relmeta.shared_principals('take_up', 2);
ROLLBACK;
