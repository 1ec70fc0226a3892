-- What a declaration locks to the end of its transaction: the tables against writers, and against readers where PostgreSQL's own
-- command for what it does to the table asks for that (docs/relationships.md).
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = error;
SET relmeta.job_workers = 0;
CREATE SCHEMA dl;
SET search_path = dl;
SELECT relmeta.create_user('dl_ann');
CREATE TABLE account (id int PRIMARY KEY, owner_id text);
CREATE TABLE contact (id int PRIMARY KEY, owner_id text, account_id int);
CREATE TABLE place (id int PRIMARY KEY);
-- from what this transaction keeps others on these tables: from writing, or from reading as well
CREATE FUNCTION shown() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(name || CASE WHEN all_of_them THEN ' reads' ELSE ' writes' END, ' ' ORDER BY name)
  FROM (SELECT relation::regclass::text AS name, bool_or(mode = 'AccessExclusiveLock') AS all_of_them FROM pg_locks
        WHERE pid = pg_backend_pid() AND relation = ANY ('{account,contact,place}'::regclass[])
          AND mode IN ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') GROUP BY 1) AS l
$$;

-- against writers
BEGIN;
SELECT relmeta.register_table('place');
SELECT shown();
-- => place writes
ROLLBACK;
BEGIN;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id');
-- => account_contact
SELECT shown();
-- => account writes contact writes
ROLLBACK;
BEGIN;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', foreign_key => false);
-- => account_contact
SELECT shown();
-- => account writes contact writes
ROLLBACK;
BEGIN;
SELECT relmeta.create_many_to_many('account', 'place');
-- => account_place
SELECT shown();
-- => account writes place writes
ROLLBACK;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', delete => 'restrict');
-- => account_contact
BEGIN;
SELECT relmeta.update_relationship('account_contact', merge => 'none');
SELECT shown();
-- => account writes contact writes
ROLLBACK;

-- against readers: an owner column, a new column, a foreign key made anew, a declaration taken away, policies, another type
BEGIN;
SELECT relmeta.register_table('account', 'owner_id');
SELECT shown();
-- => account reads
ROLLBACK;
BEGIN;
SELECT relmeta.create_one_to_many('account', 'contact', 'second_id');
-- => account_contact_second_id
SELECT shown();
-- => account writes contact reads
ROLLBACK;
BEGIN;
SELECT relmeta.update_relationship('account_contact', delete => 'all');
SELECT shown();
-- => account reads contact reads
ROLLBACK;
BEGIN;
SELECT relmeta.drop_relationship('account_contact');
SELECT shown();
-- => account reads contact reads
ROLLBACK;
BEGIN;
SELECT relmeta.enable_access_control('account');
SELECT shown();
-- => account reads
ROLLBACK;
BEGIN;
SELECT relmeta.alter_column_type('account', 'id', 'bigint');
SELECT shown();
-- => account reads contact reads
ROLLBACK;
SELECT relmeta.register_table('place');
BEGIN;
SELECT relmeta.unregister_table('place');
SELECT shown();
-- => place reads
ROLLBACK;

DROP SCHEMA dl CASCADE;
SELECT relmeta.drop_principal('dl_ann');
