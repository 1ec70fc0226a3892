-- Where relmeta costs most: work that is small beside its triggers.

-- case: bad: one-row UPDATE of a column that relmeta does not watch, :times times
-- against: the same table without relmeta
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

-- case: bad: one-row assign of a row without related rows, :times times
-- against: the same table without relmeta
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE fk.task SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE plain.task SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;

-- case: bad: bulk UPDATE of the owner where nothing is related
-- against: the same table without relmeta
-- relmeta
UPDATE fk.task SET owner_id = 'bob';
-- peer
UPDATE plain.task SET owner_id = 'bob';

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
