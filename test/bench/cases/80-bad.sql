-- Where relmeta costs most: work that is small beside its triggers.

-- case: bad: one-row UPDATE of a column that relmeta does not watch, :times times
-- against: the same table without relmeta
-- target: 1.05
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE fk.task SET body = 'another' WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE plain.task SET body = 'another' WHERE id = i; END LOOP; END $$;

-- case: bad: one-row INSERT of a child, foreign key, :times times
-- against: the same table without relmeta
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO fk.task (id, contact_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO plain.task (id, contact_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;

-- case: bad: one-row DELETE of a row without related rows, :times times
-- against: the same table without relmeta
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP DELETE FROM fk.task WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP DELETE FROM plain.task WHERE id = i; END LOOP; END $$;

-- case: bad: one-row assign in a table without relationships, :times times
-- against: the same table without relmeta
-- runs: 15
-- setup
CREATE TABLE fk.memo (id bigint PRIMARY KEY, owner_id text) WITH (fillfactor = 50);
INSERT INTO fk.memo SELECT id, 'ann' FROM plain.task;
CREATE TABLE plain.memo (id bigint PRIMARY KEY, owner_id text) WITH (fillfactor = 50);
INSERT INTO plain.memo SELECT id, 'ann' FROM plain.task;
SELECT relmeta.register_table('fk.memo', owner_column => 'owner_id');
VACUUM ANALYZE fk.memo, plain.memo;
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE fk.memo SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE plain.memo SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;

-- case: bad: bulk assign in a table without relationships
-- against: the same table without relmeta
-- relmeta
UPDATE fk.memo SET owner_id = 'bob';
-- peer
UPDATE plain.memo SET owner_id = 'bob';

-- case: bad: assign the whole tree, room on the pages
-- against: hand-written CTE
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

-- case: bad: assign related rows away from their primary rows' owner, who inherits
-- against: UPDATE and hand-written INSERT ... SELECT
-- relmeta
UPDATE fk.task SET owner_id = 'bob';
-- peer
WITH task AS (
  UPDATE plain.task SET owner_id = 'bob' RETURNING id, contact_id
)
INSERT INTO plain.task_entry SELECT t.id, c.owner_id, 2, 'r', 851991
  FROM task t JOIN plain.contact c ON c.id = t.contact_id WHERE c.owner_id <> 'bob';

-- case: bad: bulk UPDATE of another column under a BEFORE UPDATE row trigger of the application
-- against: the same table without relmeta
-- setup
CREATE TRIGGER touch BEFORE UPDATE ON fk.task FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TRIGGER touch BEFORE UPDATE ON plain.task FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
-- relmeta
UPDATE fk.task SET body = 'another';
-- peer
UPDATE plain.task SET body = 'another';
-- after
DROP TRIGGER touch ON fk.task;
DROP TRIGGER touch ON plain.task;

-- case: bad: one-row assign with its 20 related rows, first statement of a session
-- against: PL/pgSQL row triggers
-- runs: 15
-- session
-- relmeta
UPDATE managed.account SET owner_id = 'bob' WHERE id = 1;
-- peer
UPDATE trig.account SET owner_id = 'bob' WHERE id = 1;
