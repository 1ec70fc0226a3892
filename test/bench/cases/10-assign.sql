-- case: assign, the whole tree
-- against: hand-written CTE
-- target: 0.90
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

-- case: assign, the whole tree
-- against: PL/pgSQL row triggers
-- relmeta
UPDATE fk.account SET owner_id = 'bob';
-- peer
UPDATE trig.account SET owner_id = 'bob';

-- case: assign, a tenth of the tree
-- against: hand-written CTE
-- relmeta
UPDATE fk.account SET owner_id = 'bob' WHERE id <= :scale / 210;
-- peer
WITH account AS (
  UPDATE plain.account SET owner_id = 'bob' WHERE id <= :scale / 210 RETURNING id
), contact AS (
  UPDATE plain.contact c SET owner_id = 'bob' FROM account a
   WHERE c.account_id = a.id AND c.owner_id IS DISTINCT FROM 'bob' RETURNING c.id
)
UPDATE plain.task t SET owner_id = 'bob' FROM contact c
 WHERE t.contact_id = c.id AND t.owner_id IS DISTINCT FROM 'bob';
