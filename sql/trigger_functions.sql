-- relmeta's trigger functions, which everyone may execute, hung by an ordinary role on tables and events that they are not made for.
-- Below each query "-- =>" repeats what the contract predicts.
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_tf_mal;
CREATE SCHEMA tf AUTHORIZATION regress_tf_mal;
SET SESSION AUTHORIZATION regress_tf_mal;
SET search_path = tf;
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY);
CREATE TABLE plain (id int PRIMARY KEY, replicated text);
SELECT relmeta.create_many_to_many('a', 'b'), relmeta.create_many_to_many('a', 'a', 'knows', 'tf.knows', is_symmetric => true);
-- => a_b|knows
INSERT INTO a VALUES (1), (2);
INSERT INTO b VALUES (1), (2);
INSERT INTO a_b VALUES (1, 1);
INSERT INTO knows VALUES (2, 1);
INSERT INTO plain VALUES (1, 'x');

-- every function at every time for every event, and what comes of it; TF000: it is none of its business
CREATE FUNCTION try(t regclass, new_row text) RETURNS TABLE (function name, at text, state text) LANGUAGE plpgsql AS $$
DECLARE
  level text;
  statement text;
BEGIN
  FOR function IN SELECT proname FROM pg_proc
    WHERE pronamespace = 'relmeta'::regnamespace AND prorettype = 'trigger'::regtype ORDER BY proname COLLATE "C" LOOP
    FOREACH level IN ARRAY ARRAY['ROW', 'STATEMENT'] LOOP
      FOREACH at IN ARRAY ARRAY['BEFORE INSERT', 'BEFORE UPDATE', 'BEFORE DELETE', 'AFTER INSERT', 'AFTER UPDATE', 'AFTER DELETE'] LOOP
        EXECUTE format('CREATE TRIGGER tried %s ON %s FOR EACH %s EXECUTE FUNCTION relmeta.%I()', at, t, level, function);
        statement := CASE split_part(at, ' ', 2)
          WHEN 'INSERT' THEN format('INSERT INTO %s VALUES (%s)', t, new_row)
          WHEN 'DELETE' THEN format('DELETE FROM %s', t)
          ELSE (SELECT format('UPDATE %s SET %I = %I', t, attname, attname) FROM pg_attribute WHERE attrelid = t AND attnum = 1)
          END;
        at := concat_ws(' ', at, level);
        BEGIN
          EXECUTE statement;
          RAISE 'undo' USING ERRCODE = 'TF000';
        EXCEPTION WHEN OTHERS THEN
          state := SQLSTATE;
          RETURN NEXT;
        END;
        EXECUTE format('DROP TRIGGER tried ON %s', t);
      END LOOP;
    END LOOP;
  END LOOP;
END $$;
SELECT function, string_agg(at, ', ') FROM try('plain', $$2, 'y'$$) WHERE state <> '39P01' GROUP BY 1 ORDER BY 1;
-- => trigger_catalog_changed|BEFORE INSERT ROW, BEFORE UPDATE ROW, BEFORE DELETE ROW, AFTER INSERT ROW, AFTER UPDATE ROW, AFTER DELETE ROW, BEFORE INSERT STATEMENT, BEFORE UPDATE STATEMENT, BEFORE DELETE STATEMENT, AFTER INSERT STATEMENT, AFTER UPDATE STATEMENT, AFTER DELETE STATEMENT
-- => trigger_job_replicated|BEFORE INSERT ROW, BEFORE UPDATE ROW
-- => trigger_judge_delete|BEFORE DELETE ROW
-- => trigger_judge_link|BEFORE UPDATE ROW, BEFORE DELETE ROW
-- => trigger_judge_stored|AFTER INSERT ROW, AFTER UPDATE ROW
-- => trigger_judge_stored_link|AFTER INSERT ROW, AFTER UPDATE ROW
-- => trigger_judge_update|BEFORE UPDATE ROW
-- => trigger_link_order|BEFORE INSERT ROW
-- => trigger_link_updated|BEFORE UPDATE ROW
-- => trigger_row_changed|AFTER INSERT ROW, AFTER UPDATE ROW, AFTER DELETE ROW
-- => trigger_source_changed|AFTER INSERT ROW, AFTER UPDATE ROW, AFTER DELETE ROW, AFTER INSERT STATEMENT, AFTER UPDATE STATEMENT, AFTER DELETE STATEMENT
-- => trigger_statement_ends|AFTER INSERT STATEMENT, AFTER UPDATE STATEMENT, AFTER DELETE STATEMENT
-- => trigger_statement_starts|BEFORE INSERT STATEMENT, BEFORE UPDATE STATEMENT, BEFORE DELETE STATEMENT
-- => trigger_truncate_ends|AFTER INSERT STATEMENT, AFTER UPDATE STATEMENT, AFTER DELETE STATEMENT
-- => trigger_truncate_starts|BEFORE INSERT STATEMENT, BEFORE UPDATE STATEMENT, BEFORE DELETE STATEMENT
SELECT state, count(*) FROM try('plain', $$2, 'y'$$) GROUP BY 1 ORDER BY 1;
-- => 39P01|135
-- => TF000|45
SELECT state, count(*) FROM try('a_b', '1, 2') GROUP BY 1 ORDER BY 1;
-- => 39P01|135
-- => TF000|45
SELECT state, count(*) FROM try('knows', '2, 2') GROUP BY 1 ORDER BY 1;
-- => 39P01|135
-- => TF000|45
SELECT state, count(*) FROM try('b', '3') GROUP BY 1 ORDER BY 1;
-- => 39P01|135
-- => TF000|45
SELECT * FROM relmeta.verify();
-- => none

RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
DROP SCHEMA tf CASCADE;
DROP ROLE regress_tf_mal;
