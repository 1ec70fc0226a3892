-- model_first.sql: one statement on :first_relation by a new session, and the memory that relmeta has taken when it is done
\c
SELECT bench.clock() AS started \gset
UPDATE :first_relation SET owner_id = CASE owner_id WHEN 'ann' THEN 'bob' ELSE 'ann' END WHERE id = 1;
SELECT bench.note(:'first_work', :n, :started);
INSERT INTO bench.model SELECT 'memory of the model after it, in kB', :n, sum(total_bytes) / 1024.0
  FROM pg_backend_memory_contexts WHERE name LIKE 'relmeta%' OR parent LIKE 'relmeta%' HAVING :'first_relation' = 'bm.t2' AND count(*) > 0;
SET client_min_messages = warning;
