-- A hierarchy of :levels levels, each row below the one before it.

-- case: assign, a chain of :levels levels
-- against: hand-written recursive CTE
-- target: 2.0
-- setup
CREATE TABLE fk.chain (id int PRIMARY KEY, parent_id int, owner_id text);
INSERT INTO fk.chain SELECT i, nullif(i - 1, 0), 'ann' FROM generate_series(1, :levels) i;
SELECT relmeta.register_table('fk.chain', owner_column => 'owner_id');
SELECT relmeta.create_one_to_many('fk.chain', 'fk.chain', 'parent_id', preset => 'parental', is_hierarchical => true);
CREATE TABLE managed.chain (id int PRIMARY KEY, parent_id int, owner_id text);
INSERT INTO managed.chain TABLE fk.chain;
SELECT relmeta.register_table('managed.chain', owner_column => 'owner_id');
SELECT relmeta.create_one_to_many('managed.chain', 'managed.chain', 'parent_id', preset => 'parental',
                                  is_hierarchical => true, foreign_key => false);
CREATE TABLE plain.chain (id int PRIMARY KEY, parent_id int REFERENCES plain.chain ON DELETE CASCADE, owner_id text);
CREATE INDEX ON plain.chain (parent_id);
INSERT INTO plain.chain TABLE fk.chain;
CREATE TABLE trig.chain (id int PRIMARY KEY, parent_id int, owner_id text);
CREATE INDEX ON trig.chain (parent_id);
INSERT INTO trig.chain TABLE fk.chain;
CREATE FUNCTION trig.chain_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE trig.chain SET owner_id = NEW.owner_id WHERE parent_id = NEW.id AND owner_id IS DISTINCT FROM NEW.owner_id;
  RETURN NULL;
END $$;
CREATE TRIGGER assigned AFTER UPDATE OF owner_id ON trig.chain FOR EACH ROW
  WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id) EXECUTE FUNCTION trig.chain_assigned();
ANALYZE fk.chain, managed.chain, plain.chain, trig.chain;
-- relmeta
UPDATE fk.chain SET owner_id = 'bob' WHERE id = 1;
-- peer
WITH RECURSIVE below AS (
  SELECT id FROM plain.chain WHERE id = 1
  UNION ALL
  SELECT c.id FROM plain.chain c JOIN below b ON c.parent_id = b.id
)
UPDATE plain.chain c SET owner_id = 'bob' FROM below b WHERE c.id = b.id;

-- case: assign, a chain of :levels levels
-- against: PL/pgSQL row triggers
-- relmeta
UPDATE fk.chain SET owner_id = 'bob' WHERE id = 1;
-- peer
UPDATE trig.chain SET owner_id = 'bob' WHERE id = 1;

-- case: share, a chain of :levels levels
-- against: hand-written recursive CTE
-- target: 2.5
-- setup
CREATE TABLE plain.chain_entry (LIKE relmeta_access.chain INCLUDING ALL);
-- relmeta
SELECT relmeta.share('fk.chain', 1, 'cat');
-- peer
WITH RECURSIVE below AS (
  SELECT id, 'd'::"char" AS cause, 0 AS relationship FROM plain.chain WHERE id = 1
  UNION ALL
  SELECT c.id, 's', 1 FROM plain.chain c JOIN below b ON c.parent_id = b.id WHERE c.owner_id IS DISTINCT FROM 'cat'
)
INSERT INTO plain.chain_entry (object, principal, relationship, cause, mask) SELECT id, 'cat', relationship, cause, 1 FROM below;

-- case: delete, a chain of :levels levels, foreign key
-- against: native ON DELETE CASCADE
-- relmeta
DELETE FROM fk.chain WHERE id = 1;
-- peer
DELETE FROM plain.chain WHERE id = 1;

-- case: delete, a chain of :levels levels, foreign_key => false
-- against: native ON DELETE CASCADE
-- relmeta
DELETE FROM managed.chain WHERE id = 1;
-- peer
DELETE FROM plain.chain WHERE id = 1;
