-- What a statement moves by several lookups at once, or moves and gives a new primary key to point to: each row loses what came through
-- the lookups that have changed, and keeps the rest (SEMANTICS 3.4, 3.5), in bounded memory.
SET client_min_messages = warning;
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_mt;
CREATE SCHEMA mt AUTHORIZATION regress_mt;
SELECT relmeta.create_user(u) FROM unnest('{mt_ann,mt_bob,mt_cat,mt_dan}'::text[]) AS u;
SET SESSION AUTHORIZATION regress_mt;
SET search_path = mt;
CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE site (id int PRIMARY KEY, owner text);
CREATE TABLE memo (id int PRIMARY KEY, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{account,site,memo}'::regclass[]) AS t;
-- => 3
-- one lookup, of three relationships
SELECT relmeta.create_multi_table_lookup('memo', 'about', '{account,site,memo}', 'about_type', preset => 'referential', reparent => 'all', share => 'all');
CREATE VIEW held AS SELECT m.id, m.about_type, m.about, string_agg(u || ' ' || g.rights::text || ' of ' || g.source_table, ', ' ORDER BY u) AS held
  FROM memo AS m, unnest('{mt_bob,mt_cat,mt_dan}'::text[]) AS u, relmeta.explain_access('mt.memo', m.id::text, u) AS g GROUP BY m.id;
INSERT INTO account VALUES (1, 'mt_ann'), (2, 'mt_ann');
INSERT INTO site VALUES (1, 'mt_ann');
SELECT relmeta.share('account', 1, 'mt_bob', '{read}'), relmeta.share('account', 2, 'mt_bob', '{read,write}'), relmeta.share('site', 1, 'mt_cat', '{read}');
-- => 1|1|1

-- from an account to a site, to another account, below another memo, and back
INSERT INTO memo VALUES (1, 'mt_ann', 1, 'account'), (2, 'mt_ann', 1, 'account'), (3, 'mt_ann', 1, 'site'), (4, 'mt_ann', 1, 'account');
UPDATE memo SET about = CASE id WHEN 2 THEN 2 WHEN 4 THEN 3 ELSE 1 END, about_type = CASE id WHEN 1 THEN 'site' WHEN 4 THEN 'memo' ELSE 'account' END;
SELECT * FROM held ORDER BY 1;
-- => 1|site|1|mt_cat {read} of site
-- => 2|account|2|mt_bob {read,write} of account
-- => 3|account|1|mt_bob {read} of account
-- => 4|memo|3|mt_bob {read} of account
UPDATE memo SET about = 1, about_type = CASE id WHEN 4 THEN 'memo' ELSE 'site' END;
SELECT * FROM held ORDER BY 1;
-- => 1|site|1|mt_cat {read} of site
-- => 2|site|1|mt_cat {read} of site
-- => 3|site|1|mt_cat {read} of site
-- => 4|memo|1|mt_cat {read} of site
UPDATE memo SET about = NULL, about_type = NULL;
SELECT count(*) FROM held;
-- => 0

-- rows that are inserted while their primary row gets another key follow it, and inherit
CREATE TABLE visit (id int PRIMARY KEY, owner text, account int REFERENCES account ON UPDATE CASCADE);
SELECT relmeta.register_table('visit', 'owner'), relmeta.create_one_to_many('account', 'visit', 'account', 'visits', 'referential', reparent => 'all', share => 'all');
-- => |visits
CREATE VIEW visible AS SELECT v.id, v.account, string_agg(u || ' ' || g.rights::text, ', ' ORDER BY u) AS held
  FROM visit AS v, unnest('{mt_bob,mt_cat,mt_dan}'::text[]) AS u, relmeta.explain_access('mt.visit', v.id::text, u) AS g GROUP BY v.id;
INSERT INTO visit VALUES (1, 'mt_ann', 1);
WITH i AS (INSERT INTO visit VALUES (2, 'mt_ann', 1)) UPDATE account SET id = 11 WHERE id = 1;
SELECT * FROM visible ORDER BY 1;
-- => 1|11|mt_bob {read}
-- => 2|11|mt_bob {read}
-- also where another row takes the key that they were given; who holds something there gets nothing
WITH u AS (UPDATE account SET id = 20 WHERE id = 11 RETURNING 11 AS id), n AS (INSERT INTO account SELECT id, 'mt_dan' FROM u) INSERT INTO visit VALUES (3, 'mt_ann', 11);
SELECT * FROM visible ORDER BY 1;
-- => 1|20|mt_bob {read}
-- => 2|20|mt_bob {read}
-- => 3|20|mt_bob {read}
-- what is there before follows as it is
SELECT relmeta.update_relationship('visits', share => 'none') IS NOT NULL, relmeta.share('account', 20, 'mt_cat', '{read}');
-- => t|1
WITH i AS (INSERT INTO visit VALUES (5, 'mt_ann', 20)) UPDATE account SET id = 1 WHERE id = 20;
SELECT * FROM visible WHERE account = 1 ORDER BY 1;
-- => 1|1|mt_bob {read}
-- => 2|1|mt_bob {read}
-- => 3|1|mt_bob {read}
-- => 5|1|mt_bob {read}, mt_cat {read}

-- far more rows than work_mem holds: what relmeta keeps is seen by an administrator's trigger on the table of entries
DELETE FROM memo;
INSERT INTO memo SELECT i, 'mt_ann', 1, 'site' FROM generate_series(1, 60000) AS i;
VACUUM ANALYZE memo;
CREATE TABLE seen (bytes bigint);
RESET SESSION AUTHORIZATION;
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO mt.seen SELECT sum(total_bytes) FROM pg_backend_memory_contexts AS m
  WHERE name <> 'AfterTriggerEvents' AND to_jsonb(m) ->> 'parent' IS DISTINCT FROM 'CacheMemoryContext' AND name <> 'CacheMemoryContext';
  RETURN NEW;
END $$;
DO $$ BEGIN EXECUTE format('CREATE TRIGGER look BEFORE INSERT ON %s FOR EACH ROW WHEN (NEW.object %% 20000 = 0) EXECUTE FUNCTION look()',
  (SELECT entry_table FROM relmeta.registered_table WHERE relation = 'mt.memo'::regclass)); END $$;
SET SESSION AUTHORIZATION regress_mt;
SET work_mem = '64kB';
UPDATE memo SET about = 2, about_type = 'account';
SELECT count(*), CASE WHEN max(bytes) < 4 * 1024 * 1024 THEN 'bounded' ELSE max(bytes)::text END FROM seen;
-- => 3|bounded
SELECT held, count(*) FROM held GROUP BY 1;
-- => mt_bob {read,write} of account|60000
-- some of one lookup, some of the other, some of both, and one that is inserted beside them
WITH i AS (INSERT INTO memo VALUES (60001, 'mt_ann', 60000, 'memo'))
UPDATE memo SET about = CASE WHEN id % 3 = 2 THEN 2 ELSE 1 END, about_type = CASE WHEN id % 3 = 1 THEN 'site' ELSE 'account' END;
SELECT held, count(*) FROM held GROUP BY 1 ORDER BY 1;
-- => mt_bob {read,write} of account|20000
-- => mt_bob {read} of account, mt_cat {read} of account|20001
-- => mt_cat {read} of site|20000
-- what is held on rows whose keys change waits in a file, too
DELETE FROM seen;
UPDATE memo SET id = id + 100000 WHERE id < 60000;
SELECT count(*), CASE WHEN max(bytes) < 4 * 1024 * 1024 THEN 'bounded' ELSE max(bytes)::text END FROM seen;
-- => 2|bounded
SELECT held, count(*), min(id) >= 60000 FROM held GROUP BY 1 ORDER BY 1;
-- => mt_bob {read,write} of account|20000|t
-- => mt_bob {read} of account, mt_cat {read} of account|20001|t
-- => mt_cat {read} of site|20000|t

-- rows below them, which follow, are not kept in memory: both keys are, 40 bytes
CREATE TABLE task (id int PRIMARY KEY, owner text, visit int REFERENCES visit ON UPDATE CASCADE);
CREATE INDEX ON task (visit);
SELECT relmeta.register_table('task', 'owner'), relmeta.create_one_to_many('visit', 'task', 'visit', 'tasks', 'referential', reparent => 'all', share => 'all');
-- => |tasks
INSERT INTO visit SELECT i, 'mt_ann', 1 FROM generate_series(100001, 140000) AS i;
INSERT INTO task SELECT i, 'mt_ann', i FROM generate_series(100001, 140000) AS i;
RESET SESSION AUTHORIZATION;
DO $$ BEGIN EXECUTE format('CREATE TRIGGER look BEFORE INSERT ON %s FOR EACH ROW WHEN (NEW.object = 100001) EXECUTE FUNCTION look()',
  (SELECT entry_table FROM relmeta.registered_table WHERE relation = 'mt.task'::regclass)); END $$;
SET SESSION AUTHORIZATION regress_mt;
VACUUM ANALYZE visit, task;
DELETE FROM seen;
WITH m AS (UPDATE task SET visit = 5 WHERE id = 100001) UPDATE visit SET id = id + 1000000 WHERE id > 100000;
SELECT count(*), CASE WHEN max(bytes) < 6 * 1024 * 1024 THEN 'bounded' ELSE max(bytes)::text END FROM seen;
-- => 2|bounded
SELECT count(*), min(visit), max(visit) FROM task;
-- => 40000|5|1140000

RESET SESSION AUTHORIZATION;
SELECT * FROM relmeta.verify();
DROP SCHEMA mt CASCADE;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{mt_ann,mt_bob,mt_cat,mt_dan}'::text[]) AS u; END $$;
DROP ROLE regress_mt;
