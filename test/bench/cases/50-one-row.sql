-- One row at a time, as applications write.  The tables get room on their pages, as tables have that are
-- written to: on full pages every update adds index entries, which costs both sides more than what is measured.

-- case: one-row assign with its 20 related rows, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- target: 0.80
-- setup
SELECT format('ALTER TABLE %s SET (fillfactor = 50)', c.oid::regclass) FROM pg_class c
 WHERE relnamespace IN ('fk'::regnamespace, 'managed'::regnamespace, 'plain'::regnamespace, 'trig'::regnamespace)
   AND relkind = 'r' AND relname <> 'chain' \gexec
VACUUM FULL ANALYZE;
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE managed.account SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE trig.account SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;

-- case: one-row delete with its 20 related rows, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- target: 0.80
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP DELETE FROM managed.account WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP DELETE FROM trig.account WHERE id = i; END LOOP; END $$;

-- case: one-row insert of a child, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- target: 0.80
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO managed.contact (id, account_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP
  INSERT INTO trig.contact (id, account_id, owner_id) VALUES (-i, i, 'ann');
END LOOP; END $$;

-- case: one-row assign, foreign keys, :times times
-- against: PL/pgSQL row triggers
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE fk.account SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE trig.account SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;

-- The same statements, counted and shown, and neither: how much statistics cost at the most, since these cascade on two levels.

-- case: one-row assign counted for statistics, :times times
-- against: the same with track_statistics off
-- runs: 51
-- target: 1.01
-- before relmeta
SET relmeta.track_statistics = on;
-- before peer
SET relmeta.track_statistics = off;
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE managed.account SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP UPDATE managed.account SET owner_id = 'bob' WHERE id = i; END LOOP; END $$;
-- after
RESET relmeta.track_statistics;
