-- case: unrelated DDL with 500 relationships, 100 statements
-- against: the same with relmeta's event triggers off
-- each: 100
-- target: 0.3
-- setup
CREATE SCHEMA many;
SELECT format('CREATE TABLE many.p%1$s (id int PRIMARY KEY)', i), format('CREATE TABLE many.r%1$s (id int PRIMARY KEY)', i),
       format('SELECT relmeta.create_one_to_many(''many.p%1$s'', ''many.r%1$s'', ''p_id'')', i)
  FROM generate_series(1, 500) i \gexec
CREATE SCHEMA other;
-- relmeta
DO $$ BEGIN FOR i IN 1..50 LOOP
  EXECUTE format('CREATE TABLE other.t%s (id int, body text)', i);
  EXECUTE format('ALTER TABLE other.t%s ADD COLUMN more text', i);
END LOOP; END $$;
-- before peer
ALTER EVENT TRIGGER relmeta_ddl_command_start DISABLE; ALTER EVENT TRIGGER relmeta_ddl_command_end DISABLE; ALTER EVENT TRIGGER relmeta_sql_drop DISABLE;
-- peer
DO $$ BEGIN FOR i IN 1..50 LOOP
  EXECUTE format('CREATE TABLE other.t%s (id int, body text)', i);
  EXECUTE format('ALTER TABLE other.t%s ADD COLUMN more text', i);
END LOOP; END $$;
