-- clients.sql: what clients.sh needs: owners, the hand-written side of share and unshare, and a controlled table with its peer.
SET client_min_messages = warning;
SELECT count(relmeta.create_user('user ' || i)) FROM generate_series(1, 100) AS i;

-- entries of the tree under triggers; a row of accounts is locked, so that two clients do not share it at once
CREATE TABLE trig.entry (tab text, object bigint, principal text, mask int, PRIMARY KEY (tab, object, principal));
CREATE FUNCTION trig.share(shared bigint, who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM trig.account WHERE id = shared FOR UPDATE;
  INSERT INTO trig.entry VALUES ('account', shared, who, 1) ON CONFLICT DO NOTHING;
  INSERT INTO trig.entry SELECT 'contact', c.id, who, 1 FROM trig.contact AS c
   WHERE c.account_id = shared AND c.owner_id IS DISTINCT FROM who ON CONFLICT DO NOTHING;
  INSERT INTO trig.entry SELECT 'task', t.id, who, 1 FROM trig.contact AS c JOIN trig.task AS t ON t.contact_id = c.id
   WHERE c.account_id = shared AND c.owner_id IS DISTINCT FROM who AND t.owner_id IS DISTINCT FROM who ON CONFLICT DO NOTHING;
END $$;
CREATE FUNCTION trig.unshare(shared bigint, who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM trig.account WHERE id = shared FOR UPDATE;
  DELETE FROM trig.entry WHERE tab = 'account' AND object = shared AND principal = who;
  DELETE FROM trig.entry AS e USING trig.contact AS c
   WHERE c.account_id = shared AND e.tab = 'contact' AND e.object = c.id AND e.principal = who;
  DELETE FROM trig.entry AS e USING trig.contact AS c JOIN trig.task AS t ON t.contact_id = c.id
   WHERE c.account_id = shared AND e.tab = 'task' AND e.object = t.id AND e.principal = who;
END $$;

-- what cannot be had for less: a native key and triggers of C that do nothing (cases/95-limits.sql)
CREATE FUNCTION bench.nothing() RETURNS trigger LANGUAGE c AS '$libdir/isn', 'weak_input_status';
CREATE TRIGGER starts BEFORE INSERT ON bare.contact EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER row AFTER INSERT ON bare.contact FOR EACH ROW EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER ends AFTER INSERT ON bare.contact EXECUTE FUNCTION bench.nothing();
ALTER TABLE bare.contact ADD FOREIGN KEY (account_id) REFERENCES bare.account;

-- one row in a hundred is a user's own, three users may read each
CREATE SCHEMA clients;
CREATE ROLE bench_client LOGIN;
CREATE TABLE clients.managed (id bigint PRIMARY KEY, owner_id text, body text);
INSERT INTO clients.managed SELECT i, 'user ' || i % 100 + 1, 'a body' FROM generate_series(1, :accounts) AS i;
SELECT relmeta.register_table('clients.managed', 'owner_id');
SELECT relmeta.enable_access_control('clients.managed');
SELECT relmeta.share_many('clients.managed', keys, ARRAY['user ' || n % 100 + 1], '{read,write}')
  FROM (SELECT n, array_agg(i::text) AS keys FROM generate_series(1, :accounts) AS i, generate_series(0, 99) AS n
         WHERE (i * 7919 + n) % 100 < 3 AND i % 100 <> n % 100 GROUP BY n) AS s;
CREATE TABLE clients.peer (LIKE clients.managed INCLUDING ALL);
INSERT INTO clients.peer SELECT * FROM clients.managed;
CREATE TABLE clients.entry (object bigint, principal text, mask int, PRIMARY KEY (object, principal));
INSERT INTO clients.entry SELECT object_key::bigint, principal, access_rights_mask FROM relmeta.principal_object_access
 WHERE relation = 'clients.managed'::regclass;
ALTER TABLE clients.peer ENABLE ROW LEVEL SECURITY;
SELECT format('CREATE POLICY for_%s ON clients.peer FOR %s USING (owner_id = current_setting(''clients.principal'') OR EXISTS ('
              'SELECT FROM clients.entry AS e WHERE e.object = id AND e.principal = current_setting(''clients.principal'') AND e.mask & %s <> 0))',
              lower(command), command, bit) FROM (VALUES ('SELECT', 1), ('UPDATE', 2)) AS v (command, bit) \gexec
CREATE POLICY new ON clients.peer FOR INSERT WITH CHECK (owner_id = current_setting('clients.principal'));
GRANT USAGE ON SCHEMA clients TO bench_client;
GRANT SELECT, INSERT, UPDATE ON clients.managed, clients.peer TO bench_client;
GRANT SELECT ON clients.entry TO bench_client;
GRANT EXECUTE ON FUNCTION relmeta.act_as TO bench_client;
VACUUM ANALYZE;
