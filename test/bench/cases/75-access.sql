-- What a share costs those who did not make it: the first statement of a session on a controlled table after another session has
-- committed a share, which nothing that is remembered may hide.  The peers' policies look for a grant that such a session has inserted.
-- Neither side's share is in the figure, but for its connection with CLOCK=wall.

-- case: read one row just shared by another session, as a principal
-- against: policy with EXISTS
-- target: 1
-- runs: 50
-- setup
CREATE EXTENSION IF NOT EXISTS dblink;
SELECT dblink_connect('other', format('dbname=%L user=%L port=%s host=%L', current_database(), current_user, current_setting('port'),
  coalesce(host(inet_server_addr()), split_part(current_setting('unix_socket_directories'), ',', 1))));
CREATE SCHEMA later;
DO $$ BEGIN CREATE ROLE bench_later; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
SELECT relmeta.create_user('dan');
CREATE TABLE later.managed (id bigint PRIMARY KEY, owner_id text, body text);
CREATE TABLE later.peer (id bigint PRIMARY KEY, owner_id text, body text);
CREATE TABLE later.entry (object bigint, principal text, mask int, PRIMARY KEY (object, principal));
CREATE INDEX ON later.entry (principal, object) INCLUDE (mask);
INSERT INTO later.managed SELECT i, 'ann', 'a body' FROM generate_series(1, 20000) AS i;
INSERT INTO later.peer SELECT * FROM later.managed;
SELECT relmeta.register_table('later.managed', 'owner_id');
SELECT relmeta.share_many('later.managed', array_agg(id::text) FILTER (WHERE id % 5 = 0 AND id <= 5000), '{dan}', '{read}'),
  relmeta.share_many('later.managed', array_agg(id::text), '{bob,cat}', '{read}') FROM later.managed;
INSERT INTO later.entry SELECT object_key::bigint, principal, access_rights_mask FROM relmeta.principal_object_access WHERE relation = 'later.managed'::regclass;
SELECT relmeta.enable_access_control('later.managed');
CREATE INDEX ON later.peer (owner_id);
ALTER TABLE later.peer ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON later.peer USING (owner_id = current_setting('relmeta.principal') OR EXISTS (
  SELECT FROM later.entry AS e WHERE e.object = id AND e.principal = current_setting('relmeta.principal') AND e.mask & 1 <> 0));
GRANT USAGE ON SCHEMA later TO bench_later;
GRANT SELECT ON ALL TABLES IN SCHEMA later TO bench_later;
-- the next row that is shared with nobody but bob and cat
CREATE SEQUENCE later.managed_next;
CREATE SEQUENCE later.peer_next;
CREATE FUNCTION later.key(side text) RETURNS bigint LANGUAGE sql AS $$ SELECT (n - 1) / 4 * 5 + (n - 1) % 4 + 1 FROM nextval('later.' || side || '_next') AS n $$;
CREATE FUNCTION later.share(side text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE key bigint := later.key(side);
BEGIN
  PERFORM * FROM dblink('other', CASE side WHEN 'managed' THEN format('SELECT relmeta.share(''later.managed'', %s, ''dan'')', key)
    ELSE format('INSERT INTO later.entry VALUES (%s, ''dan'', 1) RETURNING 1', key) END) AS d (n bigint);
  PERFORM set_config('bench.key', key::text, false), set_config('relmeta.principal', 'dan', true);
END $$;
VACUUM ANALYZE;
-- before relmeta
SELECT later.share('managed');
-- relmeta
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  PERFORM FROM later.managed WHERE id = current_setting('bench.key')::bigint;
  ASSERT FOUND;
  RESET ROLE;
END $$;
-- before peer
SELECT later.share('peer');
-- peer
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  PERFORM FROM later.peer WHERE id = current_setting('bench.key')::bigint;
  ASSERT FOUND;
  RESET ROLE;
END $$;

-- case: read one row just shared by another session, as a principal
-- against: the same statement, nothing shared meanwhile
-- runs: 50
-- before relmeta
SELECT later.share('managed');
-- relmeta
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  PERFORM FROM later.managed WHERE id = current_setting('bench.key')::bigint;
  ASSERT FOUND;
  RESET ROLE;
END $$;
-- before peer
SELECT set_config('relmeta.principal', 'dan', true), set_config('bench.key', '5', true) FROM dblink('other', 'SELECT 1') AS d (n int);
-- peer
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  PERFORM FROM later.managed WHERE id = current_setting('bench.key')::bigint;
  ASSERT FOUND;
  RESET ROLE;
END $$;

-- case: count the rows that one sees, one more shared by another session
-- against: policy with EXISTS
-- target: 1
-- runs: 25
-- before relmeta
SELECT later.share('managed');
-- relmeta
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  PERFORM count(*) FROM later.managed;
  RESET ROLE;
END $$;
-- before peer
SELECT later.share('peer');
-- peer
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  PERFORM count(*) FROM later.peer;
  RESET ROLE;
END $$;

-- case: has_access after another session has shared the row
-- each: 1
-- runs: 50
-- before relmeta
SELECT later.share('managed');
-- relmeta
DO $$ BEGIN
  SET LOCAL ROLE bench_later;
  ASSERT relmeta.has_access('later.managed', current_setting('bench.key'), 'read');
  RESET ROLE;
END $$;
