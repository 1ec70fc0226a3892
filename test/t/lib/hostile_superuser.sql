-- What a superuser has made for mal.  Read by hostile.pl, as a superuser, between the other two files.
SET search_path = pg_catalog;

-- a table of another ordinary role, to which one of mal's will point
CREATE SCHEMA eve AUTHORIZATION eve;
CREATE TABLE eve.file (id int PRIMARY KEY, owner_id text, UNIQUE (id, owner_id));
ALTER TABLE eve.file OWNER TO eve;
INSERT INTO eve.file SELECT i, 'ann' FROM generate_series(1, 9) AS i;
CREATE TABLE eve.sheet (id int PRIMARY KEY, tag_id int);
ALTER TABLE eve.sheet OWNER TO eve;
INSERT INTO eve.sheet VALUES (1, 1), (2, 2);

CREATE FUNCTION mal."operator class"(a int, b int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM mal.spy('operator class');
  RETURN pg_catalog.btint4cmp(a, b);
END $$;
CREATE OPERATOR CLASS mal.int_ops FOR TYPE int USING btree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 mal."operator class"(int, int);
ALTER OPERATOR CLASS mal.int_ops USING btree OWNER TO mal;
CREATE FUNCTION mal."event trigger"() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mal.spy(pg_catalog.concat('event ', TG_EVENT));
END $$;
CREATE EVENT TRIGGER hostile_start ON ddl_command_start EXECUTE FUNCTION mal."event trigger"();
CREATE EVENT TRIGGER hostile_end ON ddl_command_end EXECUTE FUNCTION mal."event trigger"();
CREATE EVENT TRIGGER hostile_drop ON sql_drop EXECUTE FUNCTION mal."event trigger"();
CREATE EVENT TRIGGER hostile_rewrite ON table_rewrite EXECUTE FUNCTION mal."event trigger"();

-- types whose functions are mal's, who may replace them
CREATE TYPE mal.base;
CREATE FUNCTION mal.base_in(cstring) RETURNS mal.base LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION mal.base_out(mal.base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE mal.base (INPUT = mal.base_in, OUTPUT = mal.base_out, LIKE = text);
CREATE FUNCTION mal."compare base"(a mal.base, b mal.base) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM mal.spy('compare base');
  RETURN pg_catalog.bttextcmp(a::text, b::text);
END $$;
CREATE FUNCTION mal."base lt"(mal.base, mal.base) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT mal."compare base"($1, $2) < 0';
CREATE FUNCTION mal."base le"(mal.base, mal.base) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT mal."compare base"($1, $2) <= 0';
CREATE FUNCTION mal."base eq"(mal.base, mal.base) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT mal."compare base"($1, $2) = 0';
CREATE FUNCTION mal."base ge"(mal.base, mal.base) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT mal."compare base"($1, $2) >= 0';
CREATE FUNCTION mal."base gt"(mal.base, mal.base) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT mal."compare base"($1, $2) > 0';
CREATE OPERATOR mal.< (LEFTARG = mal.base, RIGHTARG = mal.base, FUNCTION = mal."base lt");
CREATE OPERATOR mal.<= (LEFTARG = mal.base, RIGHTARG = mal.base, FUNCTION = mal."base le");
CREATE OPERATOR mal.= (LEFTARG = mal.base, RIGHTARG = mal.base, FUNCTION = mal."base eq");
CREATE OPERATOR mal.>= (LEFTARG = mal.base, RIGHTARG = mal.base, FUNCTION = mal."base ge");
CREATE OPERATOR mal.> (LEFTARG = mal.base, RIGHTARG = mal.base, FUNCTION = mal."base gt");
CREATE OPERATOR CLASS mal.base_ops DEFAULT FOR TYPE mal.base USING btree AS
  OPERATOR 1 mal.<, OPERATOR 2 mal.<=, OPERATOR 3 mal.=, OPERATOR 4 mal.>=, OPERATOR 5 mal.>,
  FUNCTION 1 mal."compare base"(mal.base, mal.base);
CREATE TYPE mal.span_with_canonical;
CREATE FUNCTION mal."range canonical"(mal.span_with_canonical) RETURNS mal.span_with_canonical LANGUAGE internal IMMUTABLE STRICT
  AS 'int4range_canonical';
CREATE TYPE mal.span_with_canonical AS RANGE (subtype = int, canonical = mal."range canonical");
-- types that stay the superuser's, one function of which is mal's
CREATE FUNCTION mal."range given subtype_diff"(a int, b int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM mal.spy('range given subtype_diff');
  RETURN a - b;
END $$;
CREATE TYPE mal.given_span AS RANGE (subtype = int, subtype_diff = mal."range given subtype_diff");
CREATE TYPE mal.given_base;
CREATE FUNCTION mal.given_base_in(cstring) RETURNS mal.given_base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION mal.given_base_out(mal.given_base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE mal.given_base (INPUT = mal.given_base_in, OUTPUT = mal.given_base_out, LIKE = int);
CREATE FUNCTION mal."given lt"(mal.given_base, mal.given_base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION mal."given eq"(mal.given_base, mal.given_base) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
CREATE FUNCTION mal."compare given"(a mal.given_base, b mal.given_base) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM mal.spy('compare given');
  RETURN pg_catalog.btint4cmp(a::text::int, b::text::int);
END $$;
CREATE OPERATOR mal.< (LEFTARG = mal.given_base, RIGHTARG = mal.given_base, FUNCTION = mal."given lt");
CREATE OPERATOR mal.= (LEFTARG = mal.given_base, RIGHTARG = mal.given_base, FUNCTION = mal."given eq");
CREATE OPERATOR CLASS mal.given_base_ops DEFAULT FOR TYPE mal.given_base USING btree AS
  OPERATOR 1 mal.<, OPERATOR 3 mal.=, FUNCTION 1 mal."compare given"(mal.given_base, mal.given_base);
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'mal'::regnamespace AND proname !~ '^(span|given)' LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO mal', f);
  END LOOP;
END $$;
ALTER TYPE mal.base OWNER TO mal;
ALTER TYPE mal.span_with_canonical OWNER TO mal;
