-- Sharing.  The peer keeps its entries in tables of the same shape, with the same indexes; its statements are the
-- set-based ones that somebody who knows the tree would write.
--
-- The job has two peers.  The first deletes all entries of a relationship, which on this tree happens to be right.  The
-- second finds the related rows, as it must where anything else was shared; it still asks neither whether the principal
-- holds a row by another ground nor who else is changing it.

-- case: share the whole tree with one user
-- against: hand-written INSERT ... SELECT per level
-- target: 0.80
-- setup
CREATE TABLE plain.account_entry (LIKE relmeta_access.account INCLUDING ALL);
CREATE TABLE plain.contact_entry (LIKE relmeta_access.contact INCLUDING ALL);
CREATE TABLE plain.task_entry (LIKE relmeta_access.task INCLUDING ALL);
CREATE PROCEDURE plain.share(keys bigint[], who text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO plain.account_entry SELECT k, who, 0, 'd', 1 FROM unnest(keys) k;
  INSERT INTO plain.contact_entry SELECT c.id, who, 1, 's', 1
    FROM plain.contact c WHERE c.account_id = ANY (keys) AND c.owner_id IS DISTINCT FROM who;
  INSERT INTO plain.task_entry SELECT t.id, who, 2, 's', 1
    FROM plain.task t JOIN plain.contact c ON t.contact_id = c.id
   WHERE c.account_id = ANY (keys) AND c.owner_id IS DISTINCT FROM who AND t.owner_id IS DISTINCT FROM who;
END $$;
CREATE PROCEDURE plain.unshare(keys bigint[], who text) LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM plain.account_entry WHERE object = ANY (keys) AND principal = who AND cause = 'd';
  DELETE FROM plain.contact_entry e USING plain.contact c
   WHERE c.account_id = ANY (keys) AND e.object = c.id AND e.principal = who AND e.relationship = 1;
  DELETE FROM plain.task_entry e USING plain.task t, plain.contact c
   WHERE c.account_id = ANY (keys) AND t.contact_id = c.id AND e.object = t.id AND e.principal = who AND e.relationship = 2;
END $$;
CREATE TABLE bench.accounts AS SELECT array_agg(id) AS ids, array_agg(id::text) AS keys FROM plain.account;
-- relmeta
SELECT relmeta.share_many('fk.account', keys, '{cat}', '{read}') FROM bench.accounts;
-- peer
DO $$ DECLARE k bigint[]; BEGIN SELECT ids INTO k FROM bench.accounts; CALL plain.share(k, 'cat'); END $$;

-- case: unshare the whole tree
-- against: hand-written DELETE per level
-- target: 0.70
-- setup
SELECT relmeta.share_many('fk.account', keys, '{cat}', '{read}') FROM bench.accounts;
DO $$ DECLARE k bigint[]; BEGIN SELECT ids INTO k FROM bench.accounts; CALL plain.share(k, 'cat'); END $$;
VACUUM ANALYZE;
-- relmeta
SELECT relmeta.unshare_many('fk.account', keys, '{cat}') FROM bench.accounts;
-- peer
DO $$ DECLARE k bigint[]; BEGIN SELECT ids INTO k FROM bench.accounts; CALL plain.unshare(k, 'cat'); END $$;

-- case: unshare one row with its 20 related rows, :times times
-- against: PL/pgSQL procedure with the hand-written statements
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.unshare('fk.account', i, 'cat'); END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP CALL plain.unshare(ARRAY[i], 'cat'); END LOOP; END $$;

-- case: the job that revokes what the whole tree inherited
-- against: hand-written DELETE per level
-- target: 0.90
-- committed
-- other rows
-- before relmeta
SELECT relmeta.update_relationship(n, share => 'all', reparent => 'all') FROM unnest('{account_contact,contact_task}'::text[]) n; SELECT relmeta.unshare_many('fk.account', keys, '{cat}'), relmeta.share_many('fk.account', keys, '{cat}', '{read}') FROM bench.accounts; SELECT relmeta.update_relationship('account_contact', share => 'none', reparent => 'none'); ANALYZE relmeta_access.contact, relmeta_access.task;
-- relmeta
CALL relmeta.run_jobs();
-- before peer
TRUNCATE plain.account_entry, plain.contact_entry, plain.task_entry; DO $$ DECLARE k bigint[]; BEGIN SELECT ids INTO k FROM bench.accounts; CALL plain.share(k, 'cat'); END $$; ANALYZE plain.contact_entry, plain.task_entry;
-- peer
DO $$ BEGIN
  DELETE FROM plain.contact_entry WHERE relationship = 1;
  DELETE FROM plain.task_entry WHERE relationship = 2;
END $$;
-- after
SELECT relmeta.update_relationship(n, share => 'all', reparent => 'all') FROM unnest('{account_contact,contact_task}'::text[]) n;
SELECT relmeta.unshare_many('fk.account', keys, '{cat}') FROM bench.accounts;
TRUNCATE plain.account_entry, plain.contact_entry, plain.task_entry;
VACUUM ANALYZE;

-- case: the job that revokes what the whole tree inherited, related rows found
-- against: hand-written DELETE per level, joined
-- target: 0.90
-- committed
-- other rows
-- before relmeta
SELECT relmeta.update_relationship(n, share => 'all', reparent => 'all') FROM unnest('{account_contact,contact_task}'::text[]) n; SELECT relmeta.unshare_many('fk.account', keys, '{cat}'), relmeta.share_many('fk.account', keys, '{cat}', '{read}') FROM bench.accounts; SELECT relmeta.update_relationship('account_contact', share => 'none', reparent => 'none'); ANALYZE relmeta_access.contact, relmeta_access.task;
-- relmeta
CALL relmeta.run_jobs();
-- before peer
TRUNCATE plain.account_entry, plain.contact_entry, plain.task_entry; DO $$ DECLARE k bigint[]; BEGIN SELECT ids INTO k FROM bench.accounts; CALL plain.share(k, 'cat'); END $$; ANALYZE plain.contact_entry, plain.task_entry;
-- peer
WITH revoked AS (
  DELETE FROM plain.contact_entry WHERE relationship = 1 AND cause IN ('s', 'r') RETURNING object, principal, mask
)
DELETE FROM plain.task_entry e USING plain.task t, revoked r
 WHERE t.contact_id = r.object AND e.object = t.id AND e.principal = r.principal AND e.relationship = 2 AND (e.mask & ~r.mask) = 0;
-- after
SELECT relmeta.update_relationship(n, share => 'all', reparent => 'all') FROM unnest('{account_contact,contact_task}'::text[]) n;
SELECT relmeta.unshare_many('fk.account', keys, '{cat}') FROM bench.accounts;
TRUNCATE plain.account_entry, plain.contact_entry, plain.task_entry;
VACUUM ANALYZE;

-- case: share one row with its 20 related rows, :times times
-- against: PL/pgSQL procedure with the hand-written statements
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.share('fk.account', i, 'cat'); END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP CALL plain.share(ARRAY[i], 'cat'); END LOOP; END $$;

-- case: has_access, warm
-- each: :times
-- target: 4
-- runs: 15
-- setup
SELECT relmeta.share_many('fk.account', keys[1::times], '{cat}', '{read}') FROM bench.accounts;
VACUUM ANALYZE;
-- before relmeta
SELECT relmeta.has_access('fk.task', 1, 'read', 'cat');
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.has_access('fk.task', i, 'read', 'cat'); END LOOP; END $$;

-- case: has_access, first call of a session
-- each: 1
-- session
-- runs: 15
-- relmeta
SELECT relmeta.has_access('fk.task', 1, 'read', 'cat');

-- case: delete the whole tree, foreign keys, :times accounts shared
-- against: the same tables without relmeta
-- other rows
-- relmeta
DELETE FROM fk.account;
-- peer
DELETE FROM plain.account;

-- case: assign the whole tree, :times accounts shared
-- against: hand-written CTE, which knows nothing of access
-- relmeta
UPDATE fk.account SET owner_id = 'bob';
-- peer
WITH account AS (
  UPDATE plain.account SET owner_id = 'bob' RETURNING id
), contact AS (
  UPDATE plain.contact c SET owner_id = 'bob' FROM account a
   WHERE c.account_id = a.id AND c.owner_id IS DISTINCT FROM 'bob' RETURNING c.id
)
UPDATE plain.task t SET owner_id = 'bob' FROM contact c
 WHERE t.contact_id = c.id AND t.owner_id IS DISTINCT FROM 'bob';

-- case: bulk INSERT of related rows, a third of them inherits
-- against: the same table without relmeta
-- other rows
-- relmeta
INSERT INTO fk.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task WHERE contact_id <= 15 * :times;
-- peer
INSERT INTO plain.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task WHERE contact_id <= 15 * :times;
-- after
SELECT relmeta.unshare_many('fk.account', keys[1::times], '{cat}') FROM bench.accounts;
VACUUM ANALYZE;

-- case: share one row with the whole tree below it
-- against: hand-written INSERT ... SELECT per level
-- target: 0.80
-- setup
CREATE TABLE fk.top (id bigint PRIMARY KEY, owner_id text);
CREATE TABLE fk.middle (id bigint PRIMARY KEY, top_id bigint REFERENCES fk.top, owner_id text);
CREATE TABLE fk.bottom (id bigint PRIMARY KEY, middle_id bigint REFERENCES fk.middle, owner_id text);
INSERT INTO fk.top VALUES (1, 'ann');
INSERT INTO fk.middle SELECT id, 1, 'ann' FROM plain.contact;
INSERT INTO fk.bottom SELECT id, contact_id, 'ann' FROM plain.task;
SELECT format('SELECT relmeta.register_table(''fk.%s'', owner_column => ''owner_id'')', t) FROM unnest('{top,middle,bottom}'::text[]) t \gexec
SELECT relmeta.create_one_to_many('fk.top', 'fk.middle', 'top_id', preset => 'parental');
SELECT relmeta.create_one_to_many('fk.middle', 'fk.bottom', 'middle_id', preset => 'parental');
CREATE TABLE plain.top_entry (LIKE relmeta_access.top INCLUDING ALL);
CREATE TABLE plain.middle_entry (LIKE relmeta_access.middle INCLUDING ALL);
CREATE TABLE plain.bottom_entry (LIKE relmeta_access.bottom INCLUDING ALL);
VACUUM ANALYZE;
-- relmeta
SELECT relmeta.share('fk.top', 1, 'cat');
-- peer
DO $$ BEGIN
  INSERT INTO plain.top_entry VALUES (1, 'cat', 0, 'd', 1);
  INSERT INTO plain.middle_entry SELECT m.id, 'cat', 1, 's', 1
    FROM fk.middle m WHERE m.top_id = 1 AND m.owner_id IS DISTINCT FROM 'cat';
  INSERT INTO plain.bottom_entry SELECT b.id, 'cat', 2, 's', 1
    FROM fk.bottom b JOIN fk.middle m ON m.id = b.middle_id
   WHERE m.top_id = 1 AND m.owner_id IS DISTINCT FROM 'cat' AND b.owner_id IS DISTINCT FROM 'cat';
END $$;

-- case: unshare one row with the whole tree below it
-- against: hand-written DELETE per level
-- target: 0.70
-- setup
SELECT relmeta.share('fk.top', 1, 'cat');
INSERT INTO plain.top_entry SELECT object, principal, 0, cause, mask FROM relmeta_access.top;
INSERT INTO plain.middle_entry SELECT object, principal, 1, cause, mask FROM relmeta_access.middle;
INSERT INTO plain.bottom_entry SELECT object, principal, 2, cause, mask FROM relmeta_access.bottom;
VACUUM ANALYZE;
-- relmeta
SELECT relmeta.unshare('fk.top', 1, 'cat');
-- peer
DO $$ BEGIN
  DELETE FROM plain.top_entry WHERE object = 1 AND principal = 'cat' AND cause = 'd';
  DELETE FROM plain.middle_entry e USING fk.middle m
   WHERE m.top_id = 1 AND e.object = m.id AND e.principal = 'cat' AND e.relationship = 1;
  DELETE FROM plain.bottom_entry e USING fk.bottom b, fk.middle m
   WHERE m.top_id = 1 AND b.middle_id = m.id AND e.object = b.id AND e.principal = 'cat' AND e.relationship = 2;
END $$;

-- case: principal_object_access of one table among 200, 100 times
-- against: its entry table read directly
-- target: 2
-- setup
CREATE SCHEMA wide;
SELECT format('CREATE TABLE wide.wide_%1$s (id int PRIMARY KEY, owner_id text)', i),
       format('SELECT relmeta.register_table(''wide.wide_%1$s'', ''owner_id'')', i),
       format('INSERT INTO relmeta_access.wide_%1$s SELECT k, ''cat'', 0, ''d'', 1 FROM generate_series(1, 500) k', i)
  FROM generate_series(1, 200) i \gexec
ANALYZE;
-- relmeta
DO $$ BEGIN FOR i IN 1..100 LOOP
  PERFORM count(*) FROM relmeta.principal_object_access WHERE relation = 'wide.wide_7'::regclass;
END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..100 LOOP
  PERFORM count(*) FROM (SELECT object::text, principal, coalesce(bit_or(mask) FILTER (WHERE cause = 'd'), 0) AS direct,
    coalesce(bit_or(mask) FILTER (WHERE cause <> 'd'), 0) AS inherited FROM relmeta_access.wide_7 GROUP BY 1, 2) AS e;
END LOOP; END $$;

-- after
\o
SELECT count(*) AS inherited_entries, pg_relation_size('relmeta_access.bottom') / nullif(count(*), 0) AS bytes_each,
       pg_indexes_size('relmeta_access.bottom') / nullif(count(*), 0) AS bytes_each_in_indexes FROM relmeta_access.bottom;
\o /dev/null
