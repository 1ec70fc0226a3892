-- shared_with: what is shared with a principal, itself or by a team, without the rows that it owns.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA sw;
SET search_path = sw;
DO $$ BEGIN
  PERFORM relmeta.create_user(p) FROM unnest('{sw_me,sw_you}'::text[]) p;
  PERFORM relmeta.create_team(p) FROM unnest('{sw_us,sw_we,sw_them}'::text[]) p;
  PERFORM relmeta.add_team_member(t, 'sw_me') FROM unnest('{sw_us,sw_we}'::text[]) t;
END $$;

--
-- One's own rows are not listed, whoever holds something on them: oneself, or a team
--
CREATE TABLE doc (id int PRIMARY KEY, owner_id text);
CREATE TABLE open (id int PRIMARY KEY);
SELECT relmeta.register_table('doc', 'owner_id'), relmeta.register_table('open');
INSERT INTO doc VALUES (1, 'sw_me'), (2, 'sw_you'), (3, 'sw_us'), (4, 'sw_you'), (5, 'sw_you'), (6, NULL), (7, 'sw_us'), (8, 'sw_you');
INSERT INTO open VALUES (1);
SELECT relmeta.share('doc', 1, 'sw_us'), relmeta.share('doc', 2, 'sw_me'), relmeta.share('doc', 3, 'sw_me'), relmeta.share('doc', 4, 'sw_us'),
       relmeta.share('doc', 5, 'sw_them'), relmeta.share('doc', 6, 'sw_we'), relmeta.share('doc', 7, 'sw_we'), relmeta.share('doc', 8, 'sw_me'),
       relmeta.share('open', 1, 'sw_us');
-- => 1|1|1|1|1|1|1|1|1
-- a row that comes to belong to one who holds something on it already, or to one of its teams
SELECT relmeta.share('doc', 8, 'sw_us', '{write}'), relmeta.assign('doc', 8, 'sw_me');
-- => 1|1
SELECT relation, key, direct, through_team FROM relmeta.shared_with('sw_me') ORDER BY 1, 2, 4;
-- => doc|2|{read}|
-- => doc|3|{read}|
-- => doc|4|{read}|sw_us
-- => doc|6|{read}|sw_we
-- => doc|7|{read}|sw_we
-- => open|1|{read}|sw_us
SELECT relmeta.assign('doc', 8, 'sw_us');
-- => 1
SELECT key, direct, through_team FROM relmeta.shared_with('sw_me', 'doc') WHERE key = '8';
-- => 8|{read}|: what the team held lies dormant, what one holds oneself does not
SELECT key, direct FROM relmeta.shared_with('sw_us', 'doc') ORDER BY 1;
-- => 1|{read}
-- => 4|{read}
-- two grounds, two lines
SELECT relmeta.share('doc', 4, 'sw_me', '{write}');
-- => 1
SELECT direct, through_team FROM relmeta.shared_with('sw_me') WHERE key = '4' ORDER BY 2 NULLS FIRST;
-- => {write}|
-- => {read}|sw_us
-- about oneself: the same
BEGIN;
SELECT relmeta.act_as('sw_me');
SELECT key, through_team FROM relmeta.shared_with(relation => 'doc') ORDER BY 1, 2 NULLS FIRST;
-- => 2|
-- => 3|
-- => 4|
-- => 4|sw_us
-- => 6|sw_we
-- => 7|sw_we
-- => 8|
COMMIT;

RESET search_path;
DROP SCHEMA sw CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(principal) FROM relmeta.principals WHERE principal LIKE 'sw\_%'; END $$;
