-- model.sql: what a session and a declaration cost while the model grows; model_at.sql measures at one size, model_report.sql
-- prints them beside each other.
--
-- A tree of tables with owners, each but the first related to another by a parental relationship with a native key.  Beside them
-- two tables without relmeta.  Milliseconds, medians.
\warn 'a model that grows ...'
SET client_min_messages = warning;
CREATE SCHEMA bm;
CREATE TABLE bench.model (work text, n int, ms float8);
CREATE TABLE bm.plain (id bigint PRIMARY KEY, owner_id text, parent_id bigint);
CREATE TABLE bm.plain_child (id bigint PRIMARY KEY, owner_id text, parent_id bigint REFERENCES bm.plain ON DELETE CASCADE);
CREATE INDEX ON bm.plain_child (parent_id);
INSERT INTO bm.plain SELECT i, 'ann' FROM generate_series(1, 1000) AS i;
INSERT INTO bm.plain_child SELECT i, 'ann', i FROM generate_series(1, 1000) AS i;

CREATE FUNCTION bench.note(work text, n int, started float8, each int DEFAULT 1) RETURNS void LANGUAGE sql AS
'INSERT INTO bench.model VALUES ($1, $2, (bench.clock() - $3) / $4)';

-- Tables are made and declared until there are upto relationships; the last of them are measured.
CREATE PROCEDURE bench.grow(upto int, measured int) LANGUAGE plpgsql AS $$
DECLARE
  n int := (SELECT count(*) FROM relmeta.registered_table WHERE relation::text LIKE 'bm.t%') + 1;
  started float8;
BEGIN
  FOR i IN n..upto + 1 LOOP
    EXECUTE format('CREATE TABLE bm.t%s (id bigint PRIMARY KEY, owner_id text, parent_id bigint)', i);
    EXECUTE format('CREATE INDEX ON bm.t%s (parent_id)', i);
    COMMIT;
    started := bench.clock();
    PERFORM relmeta.register_table(format('bm.t%s', i)::regclass, 'owner_id');
    COMMIT;
    IF i > 1 THEN
      PERFORM relmeta.create_one_to_many(format('bm.t%s', i / 2)::regclass, format('bm.t%s', i)::regclass, 'parent_id',
                                         preset => 'parental');
      COMMIT;
    END IF;
    IF i > upto + 1 - measured THEN
      PERFORM bench.note('register_table and create_one_to_many of one more table', upto, started);
      COMMIT;
    END IF;
  END LOOP;
  EXECUTE 'INSERT INTO bm.t1 SELECT i, ''ann'' FROM generate_series(1, 1000) AS i ON CONFLICT DO NOTHING';
  EXECUTE 'INSERT INTO bm.t2 SELECT i, ''ann'', i FROM generate_series(1, 1000) AS i ON CONFLICT DO NOTHING';
END $$;
