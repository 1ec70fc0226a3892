-- case: delete the whole tree, foreign keys
-- against: the same tables without relmeta
-- target: 1.10
-- relmeta
DELETE FROM fk.account;
-- peer
DELETE FROM plain.account;

-- case: delete the whole tree, foreign_key => false
-- against: native ON DELETE CASCADE
-- target: 0.40
-- relmeta
DELETE FROM managed.account;
-- peer
DELETE FROM plain.account;

-- case: delete the whole tree, foreign_key => false
-- against: PL/pgSQL row triggers
-- relmeta
DELETE FROM managed.account;
-- peer
DELETE FROM trig.account;
