-- plan_count: plans and memory are kept once per relationship and size class, not once per statement, level, error or session
-- state.  Counted in the backend's memory contexts.
SET client_min_messages = warning;
\set VERBOSITY sqlstate
\pset format unaligned
\pset tuples_only on
CREATE SCHEMA plan_count;
SET search_path = plan_count;
DO $$ BEGIN PERFORM relmeta.create_user(u) FROM unnest('{u,v}'::text[]) u; END $$;

CREATE TABLE account (id int PRIMARY KEY, owner text);
CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);
CREATE TABLE node (id int PRIMARY KEY, parent_id int, owner text);
SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note,node}'::regclass[]) t;
SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
SELECT relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
SELECT relmeta.create_one_to_many('node', 'node', 'parent_id', preset => 'parental', foreign_key => false);
INSERT INTO account SELECT i, 'u' FROM generate_series(1, 200) i;
INSERT INTO contact SELECT i, 1 + i % 200, 'u' FROM generate_series(1, 400) i;
INSERT INTO note SELECT i, 1 + i % 400, 'u' FROM generate_series(1, 800) i;

-- One round: every kind of statement, with few rows and with many, failing and not, over many levels.
CREATE PROCEDURE one_round(rounds int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..rounds LOOP
    UPDATE account SET owner = CASE i % 2 WHEN 0 THEN 'u' ELSE 'v' END WHERE id = 1 + i;
    UPDATE account SET owner = CASE i % 2 WHEN 0 THEN 'u' ELSE 'v' END;
    INSERT INTO node SELECT j, nullif(j - 1, 0), 'u' FROM generate_series(1, 40) j;
    UPDATE node SET owner = 'v' WHERE id = 1;
    UPDATE node SET parent_id = 1 WHERE id > 36;
    BEGIN
      UPDATE node SET parent_id = 30 WHERE id = 1;
    EXCEPTION WHEN check_violation THEN
    END;
    BEGIN
      UPDATE account SET owner = 'nobody';
    EXCEPTION WHEN foreign_key_violation THEN
    END;
    BEGIN
      INSERT INTO note VALUES (0, 0);
    EXCEPTION WHEN foreign_key_violation THEN
    END;
    DELETE FROM node WHERE id = 1;
    INSERT INTO contact VALUES (1000, 1, 'u'), (1001, 1, 'u');
    INSERT INTO note VALUES (1000, 1000, 'u');
    UPDATE note SET contact_id = 1001 WHERE id = 1000;
    DELETE FROM contact WHERE id >= 1000;
  END LOOP;
END $$;
CREATE PROCEDURE many_rounds(rounds int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..rounds LOOP
    CALL one_round(2);
    COMMIT;
  END LOOP;
END $$;
-- relmeta's own plans are told from those of this file's procedures by the qualified operators in their text
CREATE FUNCTION plans() RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM pg_backend_memory_contexts
  WHERE name = 'CachedPlanSource' AND ident LIKE '%OPERATOR(pg_catalog.%';
$$;
-- a generic plan may be kept for each, no more: a plan that nobody releases would stay beside it
CREATE FUNCTION plans_released() RETURNS boolean LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE name = 'CachedPlan') <= count(*) FILTER (WHERE name = 'CachedPlanSource')
  FROM pg_backend_memory_contexts WHERE ident LIKE '%OPERATOR(pg_catalog.%';
$$;
-- what stands below a context: to 17 its parent is named, from 18 on it has a path
CREATE FUNCTION kept_bytes() RETURNS numeric LANGUAGE sql AS $$
  WITH context AS MATERIALIZED (
    SELECT name, total_bytes, to_jsonb(c) ->> 'parent' AS parent, to_jsonb(c) -> 'path' AS path
    FROM pg_backend_memory_contexts AS c
  )
  SELECT sum(total_bytes) FROM context AS c
  WHERE name ILIKE '%relmeta%' OR name IN ('TopMemoryContext', 'CacheMemoryContext') OR parent ILIKE '%relmeta%'
    OR EXISTS (SELECT FROM context AS p WHERE p.name ILIKE '%relmeta%' AND c.path @> (p.path -> -1));
$$;

-- the same statements again and again: not one more plan, and no growth
CALL many_rounds(6);
SELECT plans() AS plans_before, kept_bytes() AS bytes_before \gset
SELECT plans() > 10 AS counts_something;
-- => t
SELECT plans() AS plans_before, kept_bytes() AS bytes_before \gset
CALL many_rounds(10);
SELECT plans() = :plans_before AS same_plans, plans_released(), kept_bytes() <= :bytes_before * 1.1 AS same_bytes;
-- => t|t|t

-- in another role's name and with another search_path
CREATE ROLE regress_plan_count;
GRANT ALL ON SCHEMA plan_count TO regress_plan_count;
GRANT ALL ON ALL TABLES IN SCHEMA plan_count TO regress_plan_count;
SET ROLE regress_plan_count;
CALL one_round(2);
RESET ROLE;
CALL many_rounds(3);
SELECT plans() AS plans_before, kept_bytes() AS bytes_before \gset
SET ROLE regress_plan_count;
CALL many_rounds(5);
RESET ROLE;
CALL many_rounds(5);
SELECT plans() = :plans_before AS same_plans, plans_released(), kept_bytes() <= :bytes_before * 1.1 AS same_bytes;
-- => t|t|t

-- tables that change and relationships that are changed: plans are rebuilt, the old ones are freed
CREATE PROCEDURE change_tables() LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..3 LOOP
    ALTER TABLE note ADD COLUMN extra int;
    CALL many_rounds(1);
    ALTER TABLE note DROP COLUMN extra;
    PERFORM relmeta.update_relationship('account_contact', assign => 'active');
    CALL many_rounds(1);
    PERFORM relmeta.update_relationship('account_contact', assign => 'all');
    CALL many_rounds(1);
    CREATE INDEX note_owner ON note (owner);
    CALL many_rounds(1);
    DROP INDEX note_owner;
    ANALYZE contact;
    CALL many_rounds(1);
  END LOOP;
END $$;
CALL change_tables();
SELECT plans() AS plans_before, kept_bytes() AS bytes_before \gset
CALL change_tables();
SELECT plans() = :plans_before AS same_plans, plans_released(), kept_bytes() <= :bytes_before * 1.1 AS same_bytes;
-- => t|t|t

RESET search_path;
DROP SCHEMA plan_count CASCADE;
DROP ROLE regress_plan_count;
DO $$ BEGIN PERFORM relmeta.drop_principal(u) FROM unnest('{u,v}'::text[]) u; END $$;
