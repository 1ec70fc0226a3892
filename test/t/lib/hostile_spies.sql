-- Code of an ordinary role: whatever it is called from, it tells the server's log who it runs as, and tries to have more
-- of it run later.  Read by hostile.pl, as role mal.
SET search_path = pg_catalog;
CREATE SCHEMA mal;
GRANT USAGE ON SCHEMA mal TO PUBLIC;

-- What is left to run at the end of the transaction: as whoever ends it.
CREATE TABLE mal.bait (place text);
GRANT INSERT ON mal.bait TO PUBLIC;

CREATE FUNCTION mal.tell(place text, restricted boolean) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
BEGIN
  RAISE LOG 'hostile: %|%|%|%', place, current_user, session_user, CASE WHEN restricted THEN 'restricted' ELSE 'free' END;
END $$;

CREATE FUNCTION mal.fired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mal.tell(pg_catalog.concat('deferred by ', NEW.place), false);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fired AFTER INSERT ON mal.bait DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION mal.fired();

CREATE FUNCTION mal.held(place text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mal.tell(pg_catalog.concat('held by ', place), false);
  RETURN 0;
END $$;

-- Called by everything below.  hostile.seen, a setting of the session, tells what has tried already; hostile.pl looks
-- whether it is still there after the statement: so would a search_path be.
CREATE FUNCTION mal.spy(place text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
DECLARE
  restricted boolean := false;
  seen text := coalesce(current_setting('hostile.seen', true), '');
  mark text;
BEGIN
  BEGIN
    UNLISTEN hostile;
  EXCEPTION WHEN insufficient_privilege THEN
    restricted := true;
  END;
  PERFORM mal.tell(place, restricted);
  mark := format('<%s:%s:%s>', place, current_user, restricted);
  IF session_user = 'mal' OR strpos(seen, mark) > 0 THEN
    RETURN;
  END IF;
  PERFORM set_config('hostile.seen', seen || mark, false);
  BEGIN
    INSERT INTO mal.bait VALUES (place);
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  BEGIN
    EXECUTE format('DECLARE %I CURSOR WITH HOLD FOR SELECT mal.held(%L)', mark, place);
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
END $$;

-- A function that spies, named for its place.
CREATE FUNCTION mal.plant(place text, arguments text, returns text, value text, volatility text DEFAULT 'IMMUTABLE')
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('CREATE FUNCTION mal.%I(%s) RETURNS %s LANGUAGE plpgsql %s AS %L', place, arguments, returns, volatility,
    format('BEGIN PERFORM mal.spy(%L); RETURN %s; END', place, value));
END $$;

CREATE FUNCTION mal.triggered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mal.spy(pg_catalog.concat_ws(' ', TG_TABLE_NAME, TG_NAME));
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

-- Puts a spy into every place of a table that can hold one; columns: also into new columns and constraints, which the
-- tables of an N:N relationship take from nobody.
CREATE FUNCTION mal.infest(t text, key text DEFAULT 'id', columns boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  place text;
BEGIN
  -- each twice: of constants only ("folded") the planner calls it
  FOREACH place IN ARRAY ARRAY['index predicate', 'using', 'with check', 'when'] LOOP
    PERFORM mal.plant(concat_ws(' ', t, place), 'value anyelement', 'boolean', 'true');
    PERFORM mal.plant(concat_ws(' ', t, place, 'folded'), '', 'boolean', 'true');
  END LOOP;
  FOREACH place IN ARRAY ARRAY['index', 'statistics'] LOOP
    PERFORM mal.plant(concat_ws(' ', t, place), 'value anyelement', 'int', '0');
    PERFORM mal.plant(concat_ws(' ', t, place, 'folded'), '', 'int', '0');
  END LOOP;
  IF columns THEN
    PERFORM mal.plant(concat_ws(' ', t, 'check'), 'value anyelement', 'boolean', 'true');
    PERFORM mal.plant(concat_ws(' ', t, 'check folded'), '', 'boolean', 'true');
    PERFORM mal.plant(concat_ws(' ', t, 'generated'), 'value anyelement', 'int', '0');
    PERFORM mal.plant(concat_ws(' ', t, 'generated folded'), '', 'int', '0');
    PERFORM mal.plant(concat_ws(' ', t, 'default'), '', 'int', '0', 'VOLATILE');
    EXECUTE format($f$
      ALTER TABLE mal.%1$I ADD COLUMN given int DEFAULT mal.%2$I(),
        ADD COLUMN made int GENERATED ALWAYS AS (mal.%3$I(%4$I) + mal.%5$I()) STORED,
        ADD CHECK (mal.%6$I(%4$I)), ADD CHECK (mal.%7$I())
      $f$, t, t || ' default', t || ' generated', key, t || ' generated folded', t || ' check', t || ' check folded');
  END IF;
  EXECUTE format($f$
    CREATE INDEX ON mal.%1$I ((mal.%3$I(%2$I)));
    CREATE INDEX ON mal.%1$I ((mal.%4$I()));
    CREATE INDEX ON mal.%1$I (%2$I) WHERE mal.%5$I(%2$I);
    CREATE INDEX ON mal.%1$I (%2$I) WHERE mal.%6$I();
    CREATE STATISTICS mal.%7$I ON (mal.%7$I(%2$I)), (mal.%8$I()) FROM mal.%1$I
    $f$, t, key, t || ' index', t || ' index folded', t || ' index predicate', t || ' index predicate folded',
    t || ' statistics', t || ' statistics folded');
  EXECUTE format($f$
    CREATE POLICY hostile ON mal.%1$I USING (mal.%3$I(%2$I) AND mal.%4$I()) WITH CHECK (mal.%5$I(%2$I) AND mal.%6$I());
    ALTER TABLE mal.%1$I ENABLE ROW LEVEL SECURITY;
    GRANT ALL ON mal.%1$I TO eve
    $f$, t, key, t || ' using', t || ' using folded', t || ' with check', t || ' with check folded');
  EXECUTE format($f$
    CREATE TRIGGER "before row" BEFORE INSERT OR UPDATE OR DELETE ON mal.%1$I FOR EACH ROW EXECUTE FUNCTION mal.triggered();
    CREATE TRIGGER "after row" AFTER INSERT OR UPDATE OR DELETE ON mal.%1$I FOR EACH ROW EXECUTE FUNCTION mal.triggered();
    CREATE TRIGGER "after row when" AFTER INSERT OR UPDATE ON mal.%1$I FOR EACH ROW WHEN (mal.%2$I(NEW.%3$I) AND mal.%4$I())
      EXECUTE FUNCTION mal.triggered();
    CREATE TRIGGER "before statement" BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON mal.%1$I
      EXECUTE FUNCTION mal.triggered();
    CREATE TRIGGER "after statement" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mal.%1$I
      EXECUTE FUNCTION mal.triggered();
    CREATE CONSTRAINT TRIGGER "deferred" AFTER INSERT OR UPDATE OR DELETE ON mal.%1$I DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION mal.triggered()
    $f$, t, t || ' when', key, t || ' when folded');
END $$;

--
-- Traps for names that are not qualified: hostile.pl puts mal before pg_catalog in the search path.
--
DO $$
DECLARE
  o record;
BEGIN
  FOR o IN
    SELECT op.oprname AS name, pl.typname AS l, pr.typname AS r, op.oprcode AS code
    FROM pg_operator AS op JOIN pg_type AS pl ON pl.oid = op.oprleft JOIN pg_type AS pr ON pr.oid = op.oprright
    WHERE op.oprname IN ('=', '<>', '<', '>', '<=', '>=', '||', '|', '&', '-', '+', '@>', '&&', '~~')
      AND pl.typname IN ('text', 'int4', 'int8', 'name', 'oid', 'char', 'anyarray', 'anycompatiblearray', 'uuid', 'anynonarray', 'anyenum')
      AND pl.typname = pr.typname
  LOOP
    EXECUTE format('CREATE FUNCTION mal.%I(a %s, b %s) RETURNS %s LANGUAGE plpgsql IMMUTABLE AS %L',
      'operator ' || o.name || ' ' || o.l, o.l::regtype, o.r::regtype, (SELECT prorettype::regtype FROM pg_proc WHERE oid = o.code),
      format('BEGIN PERFORM mal.spy(%L); RETURN %s(a, b); END', 'operator ' || o.name || ' ' || o.l, o.code));
    EXECUTE format('CREATE OPERATOR mal.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = mal.%I)',
      o.name, o.l::regtype, o.r::regtype, 'operator ' || o.name || ' ' || o.l);
  END LOOP;
  -- functions: those that such SQL likes to call
  FOR o IN
    SELECT p.proname AS name, p.oid, pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
           pronargs AS n
    FROM pg_proc AS p
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND provariadic = 0 AND NOT proretset
      AND proname IN ('quote_ident', 'current_setting', 'array_length', 'cardinality', 'array_append', 'array_position',
        'now', 'pg_get_expr', 'format_type', 'length', 'lower', 'set_config', 'to_regclass', 'textlike', 'int4eq', 'texteq')
      AND NOT EXISTS (SELECT FROM unnest(proargtypes) AS a WHERE a IN ('internal'::regtype, 'pg_node_tree'::regtype))
  LOOP
    EXECUTE format('CREATE FUNCTION mal.%I(%s) RETURNS %s LANGUAGE plpgsql STABLE AS %L', o.name, o.arguments, o.result,
      format('BEGIN PERFORM mal.spy(%L); RETURN pg_catalog.%I(%s); END', 'function ' || o.name, o.name,
        (SELECT string_agg('$' || i, ', ') FROM generate_series(1, o.n) AS i)));
  END LOOP;
  -- relations
  FOR o IN
    SELECT n.nspname AS schema, c.relname AS name,
           (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND atttypid <> 'anyarray'::regtype) AS columns
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE relkind IN ('r', 'v') AND (n.nspname = 'relmeta' OR relname IN ('pg_attrdef', 'pg_attribute', 'pg_class', 'pg_collation',
      'pg_constraint', 'pg_depend', 'pg_extension', 'pg_index', 'pg_inherits', 'pg_namespace', 'pg_proc', 'pg_roles',
      'pg_trigger', 'pg_type'))
  LOOP
    PERFORM mal.plant('trap of ' || o.name, '', 'boolean', 'true', 'VOLATILE');
    EXECUTE format('CREATE VIEW mal.%2$I AS SELECT %4$s FROM %1$I.%2$I WHERE mal.%3$I()',
      o.schema, o.name, 'trap of ' || o.name, o.columns);
    EXECUTE format('GRANT SELECT ON mal.%I TO PUBLIC', o.name);
  END LOOP;
END $$;
