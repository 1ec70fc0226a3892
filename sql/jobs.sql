-- Jobs: revoking and resetting inherited access, in this session (SEMANTICS 2.6, 3.10).
-- Workers are tested in test/t; here none starts.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_jobs_owner;
CREATE ROLE regress_jobs_other;
CREATE SCHEMA regress_jobs AUTHORIZATION regress_jobs_owner;
GRANT USAGE ON SCHEMA regress_jobs TO regress_jobs_other;
SELECT relmeta.create_user('jobs_' || p) FROM (VALUES ('ann'), ('bob'), ('cat')) AS v(p);
SET relmeta.job_workers = 0;
-- numbers of jobs that do not depend on the tests before this one
SELECT setval('relmeta.job_job_id_seq', 1000000) > 0 AS numbered;
-- => t
SET search_path = '';

SET ROLE regress_jobs_owner;
CREATE TABLE regress_jobs."A ccount" (id int PRIMARY KEY, owner text);
CREATE TABLE regress_jobs.contact (id uuid PRIMARY KEY, account_id int, owner text, active boolean DEFAULT true);
CREATE TABLE regress_jobs.task (id text PRIMARY KEY, contact_id uuid, upper_id text, owner text);
SELECT relmeta.register_table('regress_jobs."A ccount"', 'owner');
SELECT relmeta.register_table('regress_jobs.contact', 'owner', 'active');
SELECT relmeta.register_table('regress_jobs.task', 'owner');
SELECT relmeta.create_one_to_many('regress_jobs."A ccount"', 'regress_jobs.contact', 'account_id', 'jobs a', 'parental');
-- => jobs a
SELECT relmeta.create_one_to_many('regress_jobs.contact', 'regress_jobs.task', 'contact_id', 'jobs_b', 'parental');
-- => jobs_b
INSERT INTO regress_jobs."A ccount" SELECT i, 'jobs_ann' FROM pg_catalog.generate_series(1, 3) AS i;
INSERT INTO regress_jobs.contact
  SELECT pg_catalog.format('00000000-0000-0000-0000-00000000000%s', i)::uuid, 1 + i % 3, 'jobs_ann'
  FROM pg_catalog.generate_series(1, 6) AS i;
INSERT INTO regress_jobs.task
  SELECT 't' || i, pg_catalog.format('00000000-0000-0000-0000-00000000000%s', 1 + i % 6)::uuid, NULL, 'jobs_ann'
  FROM pg_catalog.generate_series(1, 9) AS i;
SELECT relmeta.share('regress_jobs."A ccount"', 1, 'jobs_bob', '{read,write}');
-- => 6
SELECT relmeta.share('regress_jobs."A ccount"', 2, 'jobs_cat', '{read}');
-- => 6
-- grounds of their own: one contact is bob's in part, one task is cat's
SELECT relmeta.share('regress_jobs.contact', '00000000-0000-0000-0000-000000000003', 'jobs_bob', '{read}');
-- => 1
UPDATE regress_jobs.task SET owner = 'jobs_cat' WHERE id = 't3';
RESET ROLE;
CREATE VIEW regress_jobs.access AS
  SELECT relation::text, object_key, principal, access_rights_mask AS direct, inherited_access_rights_mask AS inherited
  FROM relmeta.principal_object_access WHERE principal LIKE 'jobs\_%';
GRANT SELECT ON regress_jobs.access TO regress_jobs_owner;
SELECT * FROM regress_jobs.access ORDER BY 1, 2, 3;
-- => regress_jobs."A ccount"|1|jobs_bob|3|0
-- => regress_jobs."A ccount"|2|jobs_cat|1|0
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000001|jobs_cat|0|1
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000003|jobs_bob|1|3
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000004|jobs_cat|0|1
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000006|jobs_bob|0|3
-- => regress_jobs.task|t2|jobs_bob|0|3
-- => regress_jobs.task|t3|jobs_ann|0|851991
-- => regress_jobs.task|t3|jobs_cat|0|1
-- => regress_jobs.task|t5|jobs_bob|0|3
-- => regress_jobs.task|t6|jobs_cat|0|1
-- => regress_jobs.task|t8|jobs_bob|0|3
-- => regress_jobs.task|t9|jobs_cat|0|1

-- while both cascade there is nothing to revoke
SET ROLE regress_jobs_owner;
SELECT relmeta.revoke_inherited_access('jobs a');
-- => ERROR:  share and reparent both cascade along relationship "jobs a"

-- who may, and what is no relationship, job or argument
SELECT relmeta.revoke_inherited_access('nowhere');
-- => ERROR:  relationship "nowhere" does not exist
SELECT relmeta.reset_inherited_access('nowhere');
-- => ERROR:  relationship "nowhere" does not exist
SELECT relmeta.revoke_inherited_access(NULL);
-- => ERROR:  argument "relationship" must not be null
SELECT relmeta.reset_inherited_access(NULL);
-- => ERROR:  argument "relationship" must not be null
SELECT relmeta.cancel_job(NULL);
-- => ERROR:  argument "id" must not be null
SELECT relmeta.pause_job(NULL);
-- => ERROR:  argument "id" must not be null
SELECT relmeta.resume_job(NULL);
-- => ERROR:  argument "id" must not be null
SELECT relmeta.wait_for_job(NULL);
-- => ERROR:  argument "id" must not be null
SELECT relmeta.wait_for_job(1, NULL);
-- => ERROR:  argument "timeout" must not be null
SELECT relmeta.wait_for_job(-1);
-- => ERROR:  job -1 does not exist
SELECT relmeta.cancel_job(-1);
-- => ERROR:  job -1 does not exist
SELECT relmeta.pause_job(-1);
-- => ERROR:  job -1 does not exist
SELECT relmeta.resume_job(-1);
-- => ERROR:  job -1 does not exist
SET ROLE regress_jobs_other;
SELECT relmeta.revoke_inherited_access('jobs a');
-- => ERROR:  must be owner of both tables of relationship "jobs a"
SELECT relmeta.reset_inherited_access('jobs a');
-- => ERROR:  must be owner of both tables of relationship "jobs a"
DELETE FROM relmeta.job;
-- => ERROR:  permission denied for table job
UPDATE relmeta.jobs SET state = 'ready';
-- => ERROR:  permission denied for view jobs

-- a job, from the switch to its end
SET ROLE regress_jobs_owner;
SELECT relmeta.update_relationship('jobs a', share => 'none', reparent => 'none', revoke_inherited => false) AS no_job;
SELECT relmeta.revoke_inherited_access('jobs a') AS job \gset
SELECT kind, relationship, state, tables, principals, rows_revoked, attempts, requested_by, started_at
FROM relmeta.jobs WHERE job_id = :job;
-- => revoke|jobs a|ready|0|0|0|0|regress_jobs_owner|
SELECT relmeta.wait_for_job(:job, '0');
-- => ready
SELECT relmeta.wait_for_job(:job, '-1 s');
-- => ERROR:  timeout must not be negative

-- nobody else works it or has a hand in it (ATTACKS 63)
SET ROLE regress_jobs_other;
CALL relmeta.run_jobs();
SELECT relmeta.cancel_job(:job);
-- => ERROR:  must be owner of both tables of relationship "jobs a" to control job 1000001
SELECT relmeta.pause_job(:job);
-- => ERROR:  must be owner of both tables of relationship "jobs a" to control job 1000001
SELECT relmeta.resume_job(:job);
-- => ERROR:  must be owner of both tables of relationship "jobs a" to control job 1000001
SELECT relmeta.wait_for_job(:job, '10 ms');
-- => ready

SET ROLE regress_jobs_owner;
SELECT relmeta.resume_job(:job);
-- => ERROR:  state of job 1000001 is "ready"
SELECT relmeta.pause_job(:job);
SELECT relmeta.pause_job(:job);
-- => ERROR:  state of job 1000001 is "paused"
CALL relmeta.run_jobs();
SELECT state, attempts FROM relmeta.jobs WHERE job_id = :job;
-- => paused|0
SELECT relmeta.resume_job(:job);
BEGIN;
CALL relmeta.run_jobs();
-- => ERROR:  run_jobs() cannot run inside a transaction block
ROLLBACK;
DO $$BEGIN BEGIN CALL relmeta.run_jobs(); EXCEPTION WHEN division_by_zero THEN NULL; END; END$$;
-- => ERROR:  run_jobs() cannot run inside a transaction block

-- batch by batch; what a setting of the session says about transactions does not matter
SET relmeta.job_batch_size = 1;
SET default_transaction_isolation = serializable;
SET default_transaction_read_only = on;
CALL relmeta.run_jobs();
RESET default_transaction_read_only;
RESET default_transaction_isolation;
RESET relmeta.job_batch_size;
SELECT kind, relationship, state, tables, principals, rows_revoked, attempts, last_error, requested_by,
  started_at <= finished_at AS ends
FROM relmeta.jobs WHERE job_id = :job;
-- => revoke|jobs a|succeeded|2|2|10|1||regress_jobs_owner|t
SELECT * FROM regress_jobs.access ORDER BY 1, 2, 3;
-- => regress_jobs."A ccount"|1|jobs_bob|3|0
-- => regress_jobs."A ccount"|2|jobs_cat|1|0
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000003|jobs_bob|1|0
-- => regress_jobs.task|t2|jobs_bob|0|1
-- => regress_jobs.task|t3|jobs_ann|0|851991
-- => regress_jobs.task|t8|jobs_bob|0|1
SELECT relmeta.wait_for_job(:job);
-- => succeeded
SELECT relmeta.cancel_job(:job);
-- => ERROR:  state of job 1000001 is "succeeded"
SELECT relmeta.pause_job(:job);
-- => ERROR:  state of job 1000001 is "succeeded"
SELECT relmeta.resume_job(:job);
-- => ERROR:  state of job 1000001 is "succeeded"

-- the second time it finds nothing
SELECT relmeta.revoke_inherited_access('jobs a') AS job \gset
CALL relmeta.run_jobs();
SELECT state, principals, rows_examined, rows_revoked FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|0|0|0

-- the other way round: what the behaviors give now comes, where they match
SELECT relmeta.update_relationship('jobs a', share => 'active', unshare => 'all', reparent => 'user_owned') AS no_job;
UPDATE regress_jobs.contact SET active = false WHERE id = '00000000-0000-0000-0000-000000000006';
UPDATE regress_jobs.contact SET owner = 'jobs_cat' WHERE id = '00000000-0000-0000-0000-000000000001';
SELECT relmeta.reset_inherited_access('jobs a') AS job \gset
SET relmeta.job_batch_size = 2;
CALL relmeta.run_jobs();
RESET relmeta.job_batch_size;
SELECT kind, state, tables, rows_revoked, last_error FROM relmeta.jobs WHERE job_id = :job;
-- => reset|succeeded|2|0|
SELECT * FROM regress_jobs.access ORDER BY 1, 2, 3;
-- => regress_jobs."A ccount"|1|jobs_bob|3|0
-- => regress_jobs."A ccount"|2|jobs_cat|1|0
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000003|jobs_bob|1|3
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000004|jobs_cat|0|1
-- => regress_jobs.contact|00000000-0000-0000-0000-000000000006|jobs_bob|0|3
-- => regress_jobs.task|t2|jobs_bob|0|3
-- => regress_jobs.task|t3|jobs_ann|0|851991
-- => regress_jobs.task|t5|jobs_bob|0|3
-- => regress_jobs.task|t8|jobs_bob|0|3
-- => regress_jobs.task|t9|jobs_cat|0|1
SELECT relmeta.reset_inherited_access('jobs a') AS job \gset
CALL relmeta.run_jobs();
SELECT state, rows_revoked FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|0

-- down a hierarchy, in which a row comes before its upper row in the order of keys
SELECT relmeta.create_one_to_many('regress_jobs.task', 'regress_jobs.task', 'upper_id', 'jobs_c',
  share => 'none', reparent => 'none', is_hierarchical => true);
-- => jobs_c
UPDATE regress_jobs.task SET upper_id = 't' || (pg_catalog.substr(id, 2)::int + 1) WHERE id <> 't9';
SELECT relmeta.update_relationship('jobs a', share => 'none', reparent => 'none', unshare => 'none', assign => 'none',
  delete => 'remove_link') AS job \gset
SELECT relmeta.update_relationship('jobs_b', share => 'none', reparent => 'none', unshare => 'none', assign => 'none',
  delete => 'remove_link') AS job \gset
CALL relmeta.run_jobs();
SELECT count(*) FROM regress_jobs.access WHERE inherited <> 0;
-- => 0
SELECT relmeta.update_relationship('jobs_c', share => 'all', reparent => 'all') AS no_job;
UPDATE regress_jobs.task SET owner = NULL;
SELECT relmeta.share('regress_jobs.task', 't9', 'jobs_bob', '{read}');
-- => 9
SELECT relmeta.update_relationship('jobs_c', share => 'none', reparent => 'none', revoke_inherited => false) AS no_job;
SELECT relmeta.revoke_inherited_access('jobs_c') AS job \gset
SET relmeta.job_batch_size = 1;
CALL relmeta.run_jobs();
SELECT state, tables, principals, rows_revoked FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|1|1|8
SELECT relmeta.update_relationship('jobs_c', share => 'all', reparent => 'all') AS no_job;
SELECT relmeta.reset_inherited_access('jobs_c') AS job \gset
CALL relmeta.run_jobs();
RESET relmeta.job_batch_size;
SELECT state, rows_revoked FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|0
SELECT object_key, principal, direct, inherited FROM regress_jobs.access WHERE relation LIKE '%task' ORDER BY 1, 2;
-- => t1|jobs_bob|0|1
-- => t2|jobs_bob|0|1
-- => t3|jobs_bob|0|1
-- => t4|jobs_bob|0|1
-- => t5|jobs_bob|0|1
-- => t6|jobs_bob|0|1
-- => t7|jobs_bob|0|1
-- => t8|jobs_bob|0|1
-- => t9|jobs_bob|1|0

-- a failure is written down and warned of; the job can be tried again
RESET ROLE;
CREATE FUNCTION regress_jobs.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'refused by a trigger'; END$$;
CREATE TRIGGER refuse BEFORE DELETE ON relmeta_access.task FOR EACH ROW EXECUTE FUNCTION regress_jobs.refuse();
SET ROLE regress_jobs_owner;
SELECT relmeta.update_relationship('jobs_c', share => 'none', reparent => 'none') AS job \gset
\set SHOW_CONTEXT never
\set VERBOSITY terse
CALL relmeta.run_jobs();
\set VERBOSITY default
SELECT state, attempts, last_error FROM relmeta.jobs WHERE job_id = :job;
-- => ready|1|refused by a trigger
RESET ROLE;
-- verify() reports jobs that nobody works, after a while, and those that have failed
SELECT count(*) FROM relmeta.verify() WHERE object = 'job ' || :job;
-- => 0
UPDATE relmeta.job SET created_at = created_at - interval '1 hour', next_attempt_at = next_attempt_at - interval '1 hour'
WHERE job_id = :job;
SET ROLE regress_jobs_owner;
SELECT relation, problem, repair FROM relmeta.verify() WHERE object = 'job ' || :job;
-- => |is ready, but nobody works it|CALL relmeta.run_jobs()
SELECT relmeta.repair();
-- => 0
RESET ROLE;
UPDATE relmeta.job SET state = 'failed' WHERE job_id = :job;
SELECT problem, repair = pg_catalog.format('SELECT relmeta.resume_job(%s)', :job) AS resume
FROM relmeta.verify() WHERE object = 'job ' || :job;
-- => has failed; what it was to do along relationship "jobs_c" is not done|t
SELECT relmeta.resume_job(:job);
DROP TRIGGER refuse ON relmeta_access.task;
SET ROLE regress_jobs_owner;
CALL relmeta.run_jobs();
SELECT state, attempts, last_error, rows_revoked FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|2|refused by a trigger|8

-- a session whose statement is canceled gives the job back, also when the work of the batch is done: that is no failure
SELECT relmeta.revoke_inherited_access('jobs_c') AS job \gset
RESET ROLE;
CREATE FUNCTION regress_jobs.dawdle() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM pg_catalog.pg_sleep(60); RETURN NEW; END$$;
CREATE TRIGGER dawdle BEFORE UPDATE ON relmeta.job FOR EACH ROW WHEN (NEW.state = 'succeeded')
  EXECUTE FUNCTION regress_jobs.dawdle();
SET statement_timeout = '300 ms';
\set VERBOSITY terse
CALL relmeta.run_jobs();
-- => ERROR:  canceling statement due to statement timeout
\set VERBOSITY default
RESET statement_timeout;
DROP TRIGGER dawdle ON relmeta.job;
SELECT state, attempts, failures, last_error FROM relmeta.job WHERE job_id = :job;
-- => ready|1|0|
SET ROLE regress_jobs_owner;
CALL relmeta.run_jobs();
SELECT state, attempts, last_error FROM relmeta.jobs WHERE job_id = :job;
-- => succeeded|2|

-- canceled while it waits, by hand or with its relationship
SELECT relmeta.revoke_inherited_access('jobs_c') AS job \gset
SELECT relmeta.cancel_job(:job);
SELECT state, finished_at IS NOT NULL AS ended FROM relmeta.jobs WHERE job_id = :job;
-- => canceled|t
SELECT relmeta.revoke_inherited_access('jobs_c') AS job \gset
SELECT relmeta.drop_relationship('jobs_c');
SELECT state, last_error FROM relmeta.jobs WHERE job_id = :job;
-- => canceled|the relationship no longer exists
SELECT relmeta.resume_job(:job);
-- => ERROR:  must be owner of both tables of relationship "jobs_c" to control job 1000012

-- one whose relationship is gone unseen is canceled by repair()
RESET ROLE;
INSERT INTO relmeta.job (kind, relationship_id, relationship, state, requested_by, created_at)
  VALUES ('revoke', 0, 'gone', 'paused', 'x', pg_catalog.now()) RETURNING job_id AS job \gset
SELECT problem, repair FROM relmeta.verify() WHERE object = 'job ' || :job;
-- => its relationship "gone" no longer exists|SELECT relmeta.repair()
SELECT relmeta.repair();
-- => 1
SELECT state, last_error FROM relmeta.jobs WHERE job_id = :job;
-- => canceled|the relationship no longer exists
SET ROLE regress_jobs_owner;

-- in the transaction that queued it
BEGIN;
SELECT relmeta.reset_inherited_access('jobs a') AS job \gset
SELECT relmeta.wait_for_job(:job);
-- => ERROR:  job 1000014 was queued or changed by this transaction
ROLLBACK;

RESET ROLE;
RESET search_path;
DROP SCHEMA regress_jobs CASCADE;
DELETE FROM relmeta.job WHERE job_id > 1000000;
SELECT setval('relmeta.job_job_id_seq', COALESCE(max(job_id), 0) + 1) > 0 AS numbered FROM relmeta.job;
-- => t
SELECT relmeta.drop_principal('jobs_' || p) FROM (VALUES ('ann'), ('bob'), ('cat')) AS v(p);
DROP ROLE regress_jobs_owner, regress_jobs_other;
