-- A batch whose commit fails: what it did is undone, the job is tried again later, and its locks are held until then.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET relmeta.job_workers = 0;
SET relmeta.job_batch_size = 2;
SELECT setval('relmeta.job_job_id_seq', 1000000) > 0;
-- => t
CREATE SCHEMA jc;
SET search_path = jc;
SELECT count(relmeta.create_user(u)) FROM unnest('{jc_ann,jc_bob}'::text[]) AS u;
-- => 2
CREATE TABLE a (id int PRIMARY KEY, owner_id text);
CREATE TABLE b (id int PRIMARY KEY, owner_id text);
SELECT relmeta.register_table(t::text::regclass, 'owner_id') FROM unnest('{a,b}'::text[]) AS t;
SELECT relmeta.create_one_to_many('a', 'b', 'a_id', 'jc_ab', preset => 'parental');
-- => jc_ab
INSERT INTO a VALUES (1, 'jc_ann');
INSERT INTO b SELECT i, 'jc_ann', 1 FROM generate_series(1, 5) AS i;
SELECT relmeta.share('a', 1, 'jc_bob');
-- => 6
-- what a superuser hangs on an entry table may wait for the commit, and fail then
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.object = 4 THEN RAISE EXCEPTION 'not at commit'; END IF;
  RETURN NULL;
END $$;
SELECT entry_table FROM relmeta.registered_table WHERE relation = 'b'::regclass \gset
CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON :entry_table DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT relmeta.update_relationship('jc_ab', share => 'none', reparent => 'none') AS job \gset
CALL relmeta.run_jobs();
SELECT state, rows_revoked, last_error FROM relmeta.jobs WHERE job_id = :job;
-- => ready|2|not at commit
SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND classid = 'relmeta.job'::regclass;
-- => 0
DROP TRIGGER refuse ON :entry_table;
CALL relmeta.run_jobs();
SELECT state, rows_revoked FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|5
DROP SCHEMA jc CASCADE;
DELETE FROM relmeta.job WHERE job_id > 1000000;
SELECT setval('relmeta.job_job_id_seq', COALESCE(max(job_id), 0) + 1) > 0 FROM relmeta.job;
-- => t
SELECT count(relmeta.drop_principal(u)) FROM unnest('{jc_ann,jc_bob}'::text[]) AS u;
-- => 2
