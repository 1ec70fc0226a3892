-- Sharing.  The peer keeps its entries in tables of the same shape, with the same indexes; its statements are the
-- set-based ones that somebody who knows the tree would write.

-- case: share the whole tree with one user
-- against: hand-written INSERT ... SELECT per level
-- target: 1.25
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
-- target: 1.25
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
-- target: 1.25
-- committed
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

-- case: share one row with its 20 related rows, :times times
-- against: PL/pgSQL procedure with the hand-written statements
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.share('fk.account', i, 'cat'); END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP CALL plain.share(ARRAY[i], 'cat'); END LOOP; END $$;

-- case: has_access, warm
-- each: :times
-- target: 5
-- runs: 15
-- setup
SELECT relmeta.share_many('fk.account', keys[1::times], '{cat}', '{read}') FROM bench.accounts;
VACUUM ANALYZE;
-- before relmeta
SELECT relmeta.has_access('fk.task', 1, 'read', 'cat');
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.has_access('fk.task', i, 'read', 'cat'); END LOOP; END $$;

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
