-- How often a statement reads a row does not grow with the rows: what is gone through in many slices is looked up by an
-- index, and not by reading the table, or a whole index of it, for each slice; nor are rows read again below which
-- nothing has changed.  Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_reads_linear;
CREATE SCHEMA reads_linear AUTHORIZATION regress_reads_linear;
SELECT relmeta.create_user(u) FROM unnest('{rl_ann,rl_bob,rl_cat,rl_dan}'::text[]) u;
SET SESSION AUTHORIZATION regress_reads_linear;
SET search_path = reads_linear;
SET client_min_messages = warning;
SET work_mem = '256kB';

CREATE TABLE top (id int PRIMARY KEY, owner_id text);
CREATE TABLE mid (id int PRIMARY KEY, top_id int, owner_id text);
CREATE TABLE low (id int PRIMARY KEY, mid_id int, owner_id text);
SELECT relmeta.register_table(t, owner_column => 'owner_id') FROM unnest('{top,mid,low}'::regclass[]) t;
SELECT relmeta.create_one_to_many('top', 'mid', 'top_id', preset => 'parental', foreign_key => false);
-- => top_mid
SELECT relmeta.create_one_to_many('mid', 'low', 'mid_id', preset => 'parental', foreign_key => false);
-- => mid_low
INSERT INTO top VALUES (1, 'rl_ann');
INSERT INTO mid SELECT i, 1, 'rl_ann' FROM generate_series(1, 40000) i;
INSERT INTO low SELECT i, i, 'rl_ann' FROM generate_series(1, 40000) i;
VACUUM ANALYZE top, mid, low;
CREATE FUNCTION read_of(of regclass) RETURNS bigint LANGUAGE sql AS
  'SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_catalog.pg_stat_xact_user_tables WHERE relid = $1';
CREATE FUNCTION often(n bigint, times int) RETURNS text LANGUAGE sql AS
  $$SELECT CASE WHEN n <= times * 40000 THEN 'at most ' || times || ' times' ELSE round(n / 40000.0, 1) || ' times' END$$;

-- every row holds an entry
SELECT relmeta.share('top', 1, 'rl_dan');
-- => 80001
VACUUM ANALYZE top, mid, low;

-- an assign to two owners; rl_ann, who owns the row above, inherits from it on all of them
BEGIN;
SELECT read_of('mid') AS mid, read_of('low') AS low \gset
UPDATE mid SET owner_id = CASE id % 2 WHEN 0 THEN 'rl_bob' ELSE 'rl_cat' END;
SELECT often(read_of('mid') - :mid, 5), often(read_of('low') - :low, 5);
-- => at most 5 times|at most 5 times
SELECT owner_id, count(*) FROM low GROUP BY 1 ORDER BY 1;
-- => rl_bob|20000
-- => rl_cat|20000
SELECT relation, principal, count(*) FROM relmeta.principal_object_access
WHERE relation IN ('mid'::regclass, 'low'::regclass) GROUP BY 1, 2 ORDER BY 1, 2;
-- => mid|rl_ann|40000
-- => mid|rl_dan|40000
-- => low|rl_ann|40000
-- => low|rl_dan|40000
ROLLBACK;

-- to one
BEGIN;
SELECT read_of('mid') AS mid, read_of('low') AS low \gset
UPDATE mid SET owner_id = 'rl_bob';
SELECT often(read_of('mid') - :mid, 5), often(read_of('low') - :low, 4);
-- => at most 5 times|at most 4 times
ROLLBACK;

-- a delete of half of them
BEGIN;
SELECT read_of('mid') AS mid, read_of('low') AS low \gset
DELETE FROM mid WHERE id % 2 = 0;
SELECT often(read_of('mid') - :mid, 2), often(read_of('low') - :low, 2);
-- => at most 2 times|at most 2 times
ROLLBACK;

-- an unshare of more rows than a statement is given at once reads what hangs below them once, where the same is lost on
-- each and memory holds their keys
CREATE TABLE head (id int PRIMARY KEY, owner_id text);
CREATE TABLE body (id int PRIMARY KEY, head_id int, owner_id text);
CREATE TABLE foot (id int PRIMARY KEY, body_id int, owner_id text);
SELECT relmeta.register_table(t, owner_column => 'owner_id') FROM unnest('{head,body,foot}'::regclass[]) t;
SELECT relmeta.create_one_to_many('head', 'body', 'head_id', preset => 'parental', foreign_key => false);
-- => head_body
SELECT relmeta.create_one_to_many('body', 'foot', 'body_id', preset => 'parental', foreign_key => false);
-- => body_foot
INSERT INTO head VALUES (1, 'rl_ann');
INSERT INTO body SELECT i, 1, 'rl_ann' FROM generate_series(1, 120000) i;
INSERT INTO foot SELECT i, i, 'rl_ann' FROM generate_series(1, 120000) i;
SET work_mem = '16MB';
SELECT relmeta.share('head', 1, 'rl_dan');
-- => 240001
VACUUM ANALYZE head, body, foot;
BEGIN;
SELECT read_of('foot') AS foot \gset
SELECT relmeta.unshare('head', 1, 'rl_dan');
-- => 240001
SELECT read_of('foot') - :foot;
-- => 120000
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'foot'::regclass;
-- => 0
ROLLBACK;

-- where it is not the same, each row loses what is its own: by rights, and by principal
SELECT relmeta.unshare('head', 1, 'rl_dan');
-- => 240001
SELECT relmeta.share_many('body', '{1,2}', '{rl_bob}', '{read}'), relmeta.share_many('body', '{3,4}', '{rl_bob}', '{read,write}');
-- => 4|4
SELECT relmeta.unshare_many('body', '{1,2,3,4}', '{rl_bob}');
-- => 8
SELECT relmeta.share_many('body', '{1,2}', '{rl_bob}', '{read}'), relmeta.share_many('body', '{3,4}', '{rl_cat}', '{read}');
-- => 4|4
SELECT relmeta.unshare_many('body', '{1,2,3,4}', '{rl_bob,rl_cat}');
-- => 8
SELECT count(*) FROM relmeta.principal_object_access WHERE relation = 'foot'::regclass;
-- => 0

RESET SESSION AUTHORIZATION;
DROP SCHEMA reads_linear CASCADE;
DROP OWNED BY regress_reads_linear;
DROP ROLE regress_reads_linear;
SELECT relmeta.drop_principal(u) FROM unnest('{rl_ann,rl_bob,rl_cat,rl_dan}'::text[]) u;
