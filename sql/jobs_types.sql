-- The revoke job finds and compares keys and principals of every kind of type: such as hash and look the same when they
-- are equal, and such as do not (citext, numeric, interval).
-- Below each query "-- =>" repeats what the contract predicts.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
SELECT count(*) = 0 AS missing FROM pg_available_extensions WHERE name = 'citext' \gset
\if :missing
\echo skipped: citext is not installed
\quit
\endif
SET relmeta.job_workers = 0;
SELECT setval('relmeta.job_job_id_seq', 1000000) > 0 AS numbered;
-- => t
CREATE SCHEMA regress_types;
CREATE EXTENSION citext SCHEMA regress_types;
SET search_path = regress_types;
SELECT count(relmeta.create_user('types_' || p)) FROM (VALUES ('ann'), ('bob'), ('cat')) AS v(p);
-- => 3
CREATE TYPE color AS ENUM ('k1', 'k2', 'k3', 'k4');
CREATE DOMAIN code AS text CHECK (VALUE <> '');

-- a -> b -> c, shared from a; in each table all keys
CREATE PROCEDURE queue(type text, keys text[], principal text DEFAULT 'text') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE k (i bigint GENERATED ALWAYS AS IDENTITY, v %s)', type);
  EXECUTE format('CREATE TABLE a (id %s PRIMARY KEY, owner %s)', type, principal);
  EXECUTE format('CREATE TABLE b (id %s PRIMARY KEY, a %1$s, owner %2$s)', type, principal);
  EXECUTE format('CREATE TABLE c (id %s PRIMARY KEY, b %1$s, owner %2$s)', type, principal);
  EXECUTE format('INSERT INTO k (v) SELECT v::%s FROM unnest($1) AS v', type) USING keys;
  PERFORM relmeta.register_table(t::regclass, 'owner') FROM (VALUES ('a'), ('b'), ('c')) AS v(t);
  PERFORM relmeta.create_one_to_many('a'::text::regclass, 'b'::text::regclass, 'a', 'types_ab', 'parental');
  PERFORM relmeta.create_one_to_many('b'::text::regclass, 'c'::text::regclass, 'b', 'types_bc', 'parental');
  EXECUTE $q$
    INSERT INTO a SELECT v, 'types_ann' FROM k WHERE i <= 2;
    INSERT INTO b SELECT k.v, u.v, 'types_ann' FROM k JOIN k AS u ON u.i = 1 + k.i % 2;
    INSERT INTO c SELECT k.v, u.v, 'types_ann' FROM k JOIN k AS u ON u.i = 1 + (k.i * 5) % (SELECT count(*) FROM k);
    SELECT relmeta.share('a'::regclass, v::text, 'types_' || p, '{read}') FROM k, (VALUES ('bob'), ('cat')) AS u(p) WHERE i <= 2;
  $q$;
  PERFORM relmeta.update_relationship('types_ab', share => 'none', reparent => 'none');
END $$;
-- none is left, each was counted once
CREATE PROCEDURE tell(type text) LANGUAGE plpgsql AS $$
DECLARE
  j relmeta.jobs;
BEGIN
  SELECT * INTO j FROM relmeta.jobs ORDER BY job_id DESC LIMIT 1;
  RAISE WARNING '%: % %, counted % of %, % left', type, j.state, j.last_error, j.rows_revoked, 4 * (SELECT count(*) FROM k),
    (SELECT count(*) FROM relmeta.principal_object_access WHERE principal LIKE 'types\_%' AND inherited_access_rights_mask <> 0);
  DROP TABLE a, b, c, k CASCADE;
END $$;
CALL queue('bigint', '{5,3,1,2,4,9,8}'); CALL relmeta.run_jobs(); CALL tell('bigint');
SET relmeta.job_batch_size = 1;
CALL queue('smallint', '{5,3,1,2,4,9,8}', 'citext'); CALL relmeta.run_jobs(); CALL tell('smallint, citext');
CALL queue('text', '{b,A,c,d,aa}', 'varchar(20)'); CALL relmeta.run_jobs(); CALL tell('text, varchar');
CALL queue('varchar(10)', '{b,A,c,d,aa}'); CALL relmeta.run_jobs(); CALL tell('varchar');
CALL queue('char(5)', '{b,A,c,d,aa}'); CALL relmeta.run_jobs(); CALL tell('char');
CALL queue('citext', '{b,A,c,d,aa}', 'citext'); CALL relmeta.run_jobs(); CALL tell('citext');
CALL queue('numeric', '{1.0,2.50,3,0.1}'); CALL relmeta.run_jobs(); CALL tell('numeric');
CALL queue('interval', '{1 day,24:00:00.1,1 mon}'); CALL relmeta.run_jobs(); CALL tell('interval');
CALL queue('color', '{k3,k1,k2,k4}'); CALL relmeta.run_jobs(); CALL tell('enum');
CALL queue('code', '{b,A,c,d,aa}'); CALL relmeta.run_jobs(); CALL tell('domain');
CALL queue('bytea', '{"\\x01","\\x00","\\x0203"}'); CALL relmeta.run_jobs(); CALL tell('bytea');
RESET relmeta.job_batch_size;

-- related rows that spell the key of their primary row in another way
CREATE TABLE a (id citext PRIMARY KEY, owner text);
CREATE TABLE b (id citext PRIMARY KEY, a citext, owner text);
CREATE TABLE c (id citext PRIMARY KEY, b citext, owner text);
SELECT count(relmeta.register_table(t, 'owner')) FROM unnest('{a,b,c}'::regclass[]) AS t;
-- => 3
SELECT relmeta.create_one_to_many('a', 'b', 'a', 'types_ab', 'parental', foreign_key => false);
-- => types_ab
SELECT relmeta.create_one_to_many('b', 'c', 'b', 'types_bc', 'parental', foreign_key => false);
-- => types_bc
INSERT INTO a VALUES ('One', 'types_ann');
INSERT INTO b VALUES ('Two', 'ONE', 'types_ann');
INSERT INTO c VALUES ('Three', 'TWO', 'types_ann');
UPDATE b SET id = 'tWO';
SELECT relmeta.share('a', 'one', 'types_bob', '{read}');
-- => 3
SELECT relmeta.update_relationship('types_ab', share => 'none', reparent => 'none') > 0 AS queued;
-- => t
CALL relmeta.run_jobs();
SELECT state, rows_revoked FROM relmeta.jobs ORDER BY job_id DESC LIMIT 1;
-- => succeeded|2
SELECT relation, object_key, principal FROM relmeta.principal_object_access WHERE principal LIKE 'types\_%';
-- => a|One|types_bob

RESET search_path;
DROP SCHEMA regress_types CASCADE;
DELETE FROM relmeta.job WHERE job_id > 1000000;
SELECT setval('relmeta.job_job_id_seq', COALESCE(max(job_id), 0) + 1) > 0 AS numbered FROM relmeta.job;
-- => t
SELECT count(relmeta.drop_principal('types_' || p)) FROM (VALUES ('ann'), ('bob'), ('cat')) AS v(p);
-- => 3
