-- Many to many: an account is linked to tasks, in the table that relmeta makes.

-- case: associate 100,000 pairs, one call
-- against: plain INSERT into the same table
-- target: 1.05
-- setup
SELECT relmeta.create_many_to_many('fk.account', 'fk.task', intersect_table => 'fk.account_task', name => 'account_task');
CREATE TABLE bench.pick AS
  SELECT array_agg(id ORDER BY id) AS keys FROM (SELECT id FROM plain.task ORDER BY id LIMIT 100000) t;
-- relmeta
SELECT relmeta.associate('account_task', 1, keys) FROM bench.pick;
-- peer
INSERT INTO fk.account_task SELECT 1, k FROM bench.pick, unnest(keys) k;

-- case: associate one pair, :times times
-- against: plain INSERT into the same table
-- runs: 15
-- relmeta
DO $$ BEGIN FOR i IN 1..:times LOOP PERFORM relmeta.associate('account_task', i, i); END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..:times LOOP INSERT INTO fk.account_task VALUES (i, i); END LOOP; END $$;

-- case: rows associated with all of three, 100 times
-- against: hand-written GROUP BY
-- runs: 15
-- setup
INSERT INTO fk.account_task SELECT a.id, t FROM fk.account a, generate_series(1, 30) t
 WHERE t <= 3 AND a.id % 100 = 0 OR t = a.id % 27 + 4;
VACUUM ANALYZE fk.account_task;
-- relmeta
DO $$ BEGIN FOR i IN 1..100 LOOP
  PERFORM relmeta.associated_with_all('account_task', '{1,2,3}');
END LOOP; END $$;
-- peer
DO $$ BEGIN FOR i IN 1..100 LOOP
  PERFORM account_id FROM fk.account_task WHERE task_id = ANY ('{1,2,3}')
    GROUP BY account_id HAVING count(*) = 3;
END LOOP; END $$;
-- after
TRUNCATE fk.account_task;
