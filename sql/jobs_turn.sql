-- jobs_turn: the same job is queued once, requesters take turns, what has ended is forgotten: ARCHITECTURE §7, SEMANTICS 2.6.
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET relmeta.job_workers = 0;
CREATE ROLE regress_jtn_many;
CREATE ROLE regress_jtn_one;
CREATE SCHEMA jtn_many AUTHORIZATION regress_jtn_many;
CREATE SCHEMA jtn_one AUTHORIZATION regress_jtn_one;
DELETE FROM relmeta.job;
SET ROLE regress_jtn_many;
SET search_path = jtn_many;
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);
SELECT count(relmeta.create_one_to_many('p', 'c', ('l' || n)::name, 'jtn_' || n)) FROM generate_series(1, 5) AS n;
-- => 5
-- the same job is queued once, in one transaction or in several, until it begins
SELECT count(DISTINCT relmeta.reset_inherited_access('jtn_1')) FROM generate_series(1, 1000);
-- => 1
SELECT relmeta.reset_inherited_access('jtn_1') = (SELECT max(job_id) FROM relmeta.jobs);
-- => t
SELECT relmeta.revoke_inherited_access('jtn_1') = relmeta.reset_inherited_access('jtn_1');
-- => f: another kind
SELECT count(relmeta.reset_inherited_access('jtn_' || n)) FROM generate_series(2, 5) AS n;
SELECT count(*) FROM relmeta.jobs;
-- => 6
SET ROLE regress_jtn_one;
SET search_path = jtn_one;
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY);
SELECT relmeta.create_one_to_many('p', 'c', 'l', 'jtn_one');
SELECT relmeta.reset_inherited_access('jtn_one') > 0;
-- => t
RESET ROLE;
-- whoever waits comes next, however many jobs another has queued before
CALL relmeta.run_jobs();
SELECT requested_by FROM relmeta.jobs ORDER BY started_at, job_id LIMIT 3;
-- => regress_jtn_many, regress_jtn_one, regress_jtn_many
SELECT state, count(*) FROM relmeta.jobs GROUP BY state;
-- => succeeded|7
-- one that has ended is queued anew
SET ROLE regress_jtn_one;
SELECT relmeta.reset_inherited_access('jtn_one') > (SELECT min(job_id) FROM relmeta.jobs WHERE relationship = 'jtn_one');
-- => t
-- a role works its own jobs alone
RESET ROLE;
SELECT relmeta.reset_inherited_access('jtn_1') > 0;
SET ROLE regress_jtn_one;
CALL relmeta.run_jobs();
RESET ROLE;
SELECT relationship FROM relmeta.jobs WHERE state = 'ready';
-- => jtn_1
-- forgotten after the retention; one that has failed when a later one does the same
UPDATE relmeta.job SET state = 'failed' WHERE job_id = (SELECT min(job_id) FROM relmeta.job WHERE relationship = 'jtn_2');
UPDATE relmeta.job SET finished_at = finished_at - interval '8 days' WHERE relationship <> 'jtn_3';
CALL relmeta.run_jobs();
SELECT relationship, state FROM relmeta.jobs ORDER BY job_id;
-- => jtn_2|failed, jtn_3|succeeded, jtn_1|succeeded
SELECT relmeta.reset_inherited_access('jtn_2') > 0;
SET relmeta.job_retention = 0;
CALL relmeta.run_jobs();
SELECT count(*) FROM relmeta.jobs;
-- => 0
RESET relmeta.job_retention;
DROP SCHEMA jtn_many, jtn_one CASCADE;
DROP ROLE regress_jtn_many, regress_jtn_one;
