-- model_at.sql: the measures of model.sql at :n relationships
\warn '  ' :n relationships
CALL bench.grow(:n, 5);
VACUUM ANALYZE;

-- a session's first statement on a registered table, and on another one; what relmeta keeps of the model then
\set first_relation bm.t2
\set first_work 'first statement of a session, one-row assign'
\ir model_first.sql
\ir model_first.sql
\ir model_first.sql
\ir model_first.sql
\ir model_first.sql
\set first_relation bm.plain_child
\set first_work 'first statement of a session, table without relmeta'
\ir model_first.sql
\ir model_first.sql
\ir model_first.sql

-- statements of a session that has the model
DO $$
DECLARE
  n int := (SELECT count(*) FROM relmeta.relationship WHERE primary_table::text LIKE 'bm.t%');
  started float8;
  relation text;
BEGIN
  FOR run IN 0..5 LOOP
    FOREACH relation IN ARRAY ARRAY['bm.t1', 'bm.plain'] LOOP
      started := bench.clock();
      FOR i IN 1..200 LOOP
        EXECUTE format('UPDATE %s SET owner_id = $1 WHERE id = $2', relation) USING CASE run % 2 WHEN 0 THEN 'bob' ELSE 'ann' END, i;
      END LOOP;
      PERFORM bench.note('one-row assign, ' || CASE relation WHEN 'bm.t1' THEN 'a related row goes with it' ELSE 'table without relmeta' END,
                         n, started, 200) WHERE run > 0;
    END LOOP;
  END LOOP;
  FOR run IN 0..5 LOOP
    FOREACH relation IN ARRAY ARRAY['bm.t2', 'bm.plain_child'] LOOP
      started := bench.clock();
      FOR i IN 1..200 LOOP
        EXECUTE format('INSERT INTO %s VALUES ($1, ''ann'', $2)', relation) USING 10000 + n * 10000 + run * 1000 + i, i;
      END LOOP;
      PERFORM bench.note('one-row INSERT of a related row, ' || CASE relation WHEN 'bm.t2' THEN 'it may inherit' ELSE 'table without relmeta' END,
                         n, started, 200) WHERE run > 0;
    END LOOP;
  END LOOP;
END $$;

-- one related row for each again: each size is measured with as many
DELETE FROM bm.t2 WHERE id > 10000;
DELETE FROM bm.plain_child WHERE id > 10000;
VACUUM bm.t1, bm.t2, bm.plain, bm.plain_child;

-- DDL elsewhere, with relmeta's event triggers and without; and what the statement after it costs
CREATE PROCEDURE bench.elsewhere(n int, work text) LANGUAGE plpgsql AS $$
DECLARE
  started float8;
BEGIN
  FOR run IN 0..5 LOOP
    started := bench.clock();
    FOR i IN 1..20 LOOP
      CREATE TABLE bm.unrelated (id int, body text);
      COMMIT;
      DROP TABLE bm.unrelated;
      COMMIT;
    END LOOP;
    PERFORM bench.note(work, n, started, 40) WHERE run > 0;
    COMMIT;
  END LOOP;
END $$;
CALL bench.elsewhere(:n, 'CREATE or DROP of an unrelated table');
ALTER EVENT TRIGGER relmeta_ddl_command_start DISABLE;
ALTER EVENT TRIGGER relmeta_ddl_command_end DISABLE;
ALTER EVENT TRIGGER relmeta_sql_drop DISABLE;
CALL bench.elsewhere(:n, 'CREATE or DROP of an unrelated table, event triggers off');
ALTER EVENT TRIGGER relmeta_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER relmeta_ddl_command_end ENABLE ALWAYS;
ALTER EVENT TRIGGER relmeta_sql_drop ENABLE ALWAYS;
DROP PROCEDURE bench.elsewhere;

CREATE PROCEDURE bench.after_ddl(n int) LANGUAGE plpgsql AS $$
DECLARE
  started float8;
BEGIN
  FOR run IN 0..10 LOOP
    CREATE TEMP TABLE other (id int);
    CREATE INDEX ON bm.plain (owner_id);
    COMMIT;
    started := bench.clock();
    UPDATE bm.t1 SET owner_id = CASE owner_id WHEN 'ann' THEN 'bob' ELSE 'ann' END WHERE id = 900;
    PERFORM bench.note('one-row assign after a temporary table and an index elsewhere', n, started) WHERE run > 0;
    DROP TABLE other;
    DROP INDEX bm.plain_owner_id_idx;
    COMMIT;
  END LOOP;
END $$;
CALL bench.after_ddl(:n);
DROP PROCEDURE bench.after_ddl;

DO $$
DECLARE
  n int := (SELECT count(*) FROM relmeta.relationship WHERE primary_table::text LIKE 'bm.t%');
  started float8;
BEGIN
  FOR run IN 0..3 LOOP
    started := bench.clock();
    PERFORM FROM relmeta.verify();
    PERFORM bench.note('verify()', n, started) WHERE run > 0;
    started := bench.clock();
    FOR i IN 1..50 LOOP
      PERFORM FROM relmeta.principal_object_access WHERE relation = 'bm.t2'::regclass;
    END LOOP;
    PERFORM bench.note('principal_object_access of one table', n, started, 50) WHERE run > 0;
  END LOOP;
END $$;
