-- What cannot be had for less: the peers of other cases beside triggers and functions that do nothing.  bench.nothing is a function of
-- contrib's isn, in C, that says false, which is null to a trigger; one of language internal would be looked for by its name.

-- case: limit: one-row insert of a child under triggers that do nothing, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- setup
CREATE FUNCTION bench.nothing() RETURNS trigger LANGUAGE c AS '$libdir/isn', 'weak_input_status';
CREATE TRIGGER starts BEFORE INSERT OR UPDATE OR DELETE ON bare.contact EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER row AFTER INSERT OR UPDATE OR DELETE ON bare.contact FOR EACH ROW EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER ends AFTER INSERT OR UPDATE OR DELETE ON bare.contact EXECUTE FUNCTION bench.nothing();
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO bare.contact (id, account_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO trig.contact (id, account_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;

-- case: limit: one-row insert of a child under triggers that do nothing and a native key, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- setup
ALTER TABLE bare.contact ADD CONSTRAINT contact_account FOREIGN KEY (account_id) REFERENCES bare.account;
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO bare.contact (id, account_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO trig.contact (id, account_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;

-- case: limit: bulk INSERT of related rows under triggers that do nothing, foreign key
-- against: the same table without the triggers
-- setup
ALTER TABLE bare.task ADD CONSTRAINT task_contact FOREIGN KEY (contact_id) REFERENCES bare.contact ON DELETE CASCADE;
CREATE TRIGGER starts BEFORE INSERT OR UPDATE OR DELETE ON bare.task EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER row AFTER INSERT OR UPDATE OR DELETE ON bare.task FOR EACH ROW EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER ends AFTER INSERT OR UPDATE OR DELETE ON bare.task EXECUTE FUNCTION bench.nothing();
-- relmeta
INSERT INTO bare.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task;
-- peer
INSERT INTO plain.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task;

-- case: limit: delete the whole tree, native keys, under triggers that do nothing
-- against: the same tables without the triggers
-- setup
CREATE TRIGGER starts BEFORE INSERT OR UPDATE OR DELETE ON bare.account EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER row AFTER INSERT OR UPDATE OR DELETE ON bare.account FOR EACH ROW EXECUTE FUNCTION bench.nothing();
CREATE TRIGGER ends AFTER INSERT OR UPDATE OR DELETE ON bare.account EXECUTE FUNCTION bench.nothing();
ALTER TABLE bare.contact DROP CONSTRAINT contact_account;
ALTER TABLE bare.contact ADD CONSTRAINT contact_account FOREIGN KEY (account_id) REFERENCES bare.account ON DELETE CASCADE;
-- relmeta
DELETE FROM bare.account;
-- peer
DELETE FROM plain.account;

-- case: limit: delete the whole tree by one statement for each level
-- against: native ON DELETE CASCADE
-- setup
\set schema level
\set fk false
\i :here/tree.sql
VACUUM ANALYZE;
-- relmeta
DO $$ DECLARE gone bigint[]; BEGIN
  WITH d AS (DELETE FROM level.account RETURNING id) SELECT array_agg(id) INTO gone FROM d;
  WITH d AS (DELETE FROM level.contact WHERE account_id = ANY (gone) RETURNING id) SELECT array_agg(id) INTO gone FROM d;
  DELETE FROM level.task WHERE contact_id = ANY (gone);
END $$;
-- peer
DELETE FROM plain.account;

-- case: limit: a function that does nothing, called as has_access is
-- each: :times
-- runs: 15
-- setup
CREATE FUNCTION bench.nothing(regclass, text, relmeta.access_right, text) RETURNS boolean LANGUAGE c STABLE
AS '$libdir/isn', 'weak_input_status';
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM bench.nothing('fk.task', i::text, 'read', 'cat'); END LOOP; END $$;

-- case: limit: the row, its entries and the principal read by hand, as has_access reads them
-- each: :times
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  PERFORM FROM relmeta.principal AS p WHERE p.principal = 'cat'
     AND (EXISTS (SELECT FROM plain.task AS t WHERE t.id = i AND t.owner_id = 'cat')
          OR EXISTS (SELECT FROM plain.task_entry AS e WHERE e.object = i AND e.principal = 'cat'));
END LOOP; END $$;

-- What several clients do, one transaction after the other in one: what each costs beside its statement is in it.

-- case: limit: one-row insert of a child, each in a transaction of its own, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- committed
-- other rows
-- before relmeta
DELETE FROM managed.contact WHERE id < 0;
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO managed.contact (id, account_id, owner_id) VALUES (-i, i, 'ann'); COMMIT;
END LOOP; END $$;
-- before peer
DELETE FROM trig.contact WHERE id < 0;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO trig.contact (id, account_id, owner_id) VALUES (-i, i, 'ann'); COMMIT;
END LOOP; END $$;

-- case: limit: one-row insert of a child under triggers that do nothing and a native key, each in a transaction of its own, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- committed
-- other rows
-- before relmeta
DELETE FROM bare.contact WHERE id < 0;
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO bare.contact (id, account_id, owner_id) VALUES (-i, i, 'ann'); COMMIT;
END LOOP; END $$;
-- before peer
DELETE FROM trig.contact WHERE id < 0;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO trig.contact (id, account_id, owner_id) VALUES (-i, i, 'ann'); COMMIT;
END LOOP; END $$;

-- case: limit: owner of a row with its 20 related rows, each in a transaction of its own, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- committed
-- before relmeta
UPDATE managed.account SET owner_id = 'ann' WHERE owner_id <> 'ann';
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE managed.account SET owner_id = 'bob' WHERE id = i; COMMIT; END LOOP; END $$;
-- before peer
UPDATE trig.account SET owner_id = 'ann' WHERE owner_id <> 'ann';
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE trig.account SET owner_id = 'bob' WHERE id = i; COMMIT; END LOOP; END $$;

-- case: limit: act_as, :times times
-- against: set_config
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.act_as('ann', true); END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM set_config('clients.principal', 'ann', true); END LOOP; END $$;
