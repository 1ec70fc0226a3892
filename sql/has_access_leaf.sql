-- has_access() finds a row's partition as PostgreSQL routes rows: of every way to partition, at several levels, with columns in another
-- order, with a default and without.  It agrees with what a query shows, key by key.
-- Below each query "-- =>" repeats what the contract predicts.
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE ROLE regress_hl_bob;
SELECT relmeta.create_user('hl_ann'), relmeta.create_user('hl_bob', 'regress_hl_bob');
CREATE SCHEMA hl;
GRANT USAGE ON SCHEMA hl TO regress_hl_bob;
SET search_path = hl;
CREATE TABLE by_range (id int PRIMARY KEY, owner_id text) PARTITION BY RANGE (id);
CREATE TABLE by_range_low (owner_id text, id int NOT NULL);
ALTER TABLE by_range ATTACH PARTITION by_range_low FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE by_range_middle PARTITION OF by_range FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
CREATE TABLE by_range_even PARTITION OF by_range_middle FOR VALUES IN (10, 12, 14, 16, 18);
CREATE TABLE by_range_odd PARTITION OF by_range_middle DEFAULT PARTITION BY HASH (id);
CREATE TABLE by_range_odd_0 PARTITION OF by_range_odd FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_range_odd_1 PARTITION OF by_range_odd FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE by_range_top PARTITION OF by_range FOR VALUES FROM (25) TO (40);
CREATE TABLE by_hash (id uuid PRIMARY KEY, owner_id text) PARTITION BY HASH (id);
SELECT format('CREATE TABLE by_hash_%s PARTITION OF by_hash FOR VALUES WITH (MODULUS 3, REMAINDER %1$s)', i) FROM generate_series(0, 2) AS i \gexec
CREATE TABLE by_list (id text COLLATE "C" PRIMARY KEY, owner_id text) PARTITION BY LIST (id);
CREATE TABLE by_list_1 PARTITION OF by_list FOR VALUES IN ('1', '2', '3');
CREATE TABLE by_list_2 PARTITION OF by_list DEFAULT;
-- bounds that are compared by an operator class of the owner's are PostgreSQL's to compare
CREATE FUNCTION hl.backwards(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.btint4cmp($2, $1)';
CREATE OPERATOR CLASS hl.backwards_ops FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <,
  FUNCTION 1 hl.backwards(int, int);
CREATE TABLE backwards (id int, owner_id text) PARTITION BY RANGE (id hl.backwards_ops);
CREATE TABLE backwards_1 PARTITION OF backwards FOR VALUES FROM (30) TO (5);
ALTER TABLE backwards ADD PRIMARY KEY (id);
SELECT relmeta.register_table(t, 'owner_id') FROM unnest('{by_range,by_hash,by_list}'::regclass[]) AS t;
SELECT relmeta.register_table('backwards', 'owner_id');
INSERT INTO by_range SELECT i, CASE WHEN i % 3 = 0 THEN 'hl_bob' ELSE 'hl_ann' END FROM generate_series(-5, 39) AS i WHERE i < 20 OR i >= 25;
INSERT INTO by_hash SELECT md5(i::text)::uuid, CASE WHEN i % 3 = 0 THEN 'hl_bob' ELSE 'hl_ann' END FROM generate_series(1, 40) AS i;
INSERT INTO by_list SELECT i, CASE WHEN i % 3 = 0 THEN 'hl_bob' ELSE 'hl_ann' END FROM generate_series(1, 12) AS i;
INSERT INTO backwards SELECT i, CASE WHEN i % 3 = 0 THEN 'hl_bob' ELSE 'hl_ann' END FROM generate_series(6, 30) AS i;
SELECT relmeta.enable_access_control(t) FROM unnest('{by_range,by_hash,by_list}'::regclass[]) AS t;
SELECT relmeta.share('by_range', 13, 'hl_bob'), relmeta.share('by_list', 4, 'hl_bob'), relmeta.share('by_hash', md5('7')::uuid, 'hl_bob');
GRANT SELECT ON by_range, by_hash, by_list TO regress_hl_bob;
SET SESSION AUTHORIZATION regress_hl_bob;
-- keys for which the function and a query differ, and those that are seen; also of a gap between partitions, and beyond all
SELECT count(*) FILTER (WHERE relmeta.has_access('by_range', i, 'read') <> EXISTS (SELECT FROM by_range WHERE id = i)),
  count(*) FILTER (WHERE relmeta.has_access('by_range', i, 'read')) FROM generate_series(-8, 50) AS i;
-- => 0|14
SELECT count(*) FILTER (WHERE relmeta.has_access('by_hash', md5(i::text)::uuid, 'read') <> EXISTS (SELECT FROM by_hash WHERE id = md5(i::text)::uuid)),
  count(*) FILTER (WHERE relmeta.has_access('by_hash', md5(i::text)::uuid, 'read')) FROM generate_series(1, 50) AS i;
-- => 0|14
SELECT count(*) FILTER (WHERE relmeta.has_access('by_list', i::text, 'read') <> EXISTS (SELECT FROM by_list WHERE id = i::text)),
  count(*) FILTER (WHERE relmeta.has_access('by_list', i::text, 'read')) FROM generate_series(1, 20) AS i;
-- => 0|5
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM generate_series(-8, 50) AS i WHERE relmeta.has_access('by_range', i, 'read', 'hl_bob');
-- => 14
SELECT count(*) FROM generate_series(1, 40) AS i WHERE relmeta.has_access('backwards', i, 'read', 'hl_bob');
-- => 9
DROP SCHEMA hl CASCADE;
SELECT relmeta.drop_principal(p) FROM unnest('{hl_ann,hl_bob}'::text[]) AS p;
DROP ROLE regress_hl_bob;
