-- feature: related rows of a table, directly and further down

CREATE FUNCTION relmeta.rollup(relation regclass, key text, related_table regclass, rollup_type text DEFAULT 'extended')
RETURNS SETOF text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_rollup';
COMMENT ON FUNCTION relmeta.rollup(regclass, text, regclass, text) IS
'The keys of the rows of related_table that are related to a row, each once: rollup_type none: directly; related: also through '
'the directly related rows; extended: through all that is below. The last step always counts; the steps before it go through '
'relationships with a rollup_view, and through the rows that it says. Many-to-many links are not followed. Rows that the '
'caller may not read are left out, and what is below them is not. Errors: 42704 a table is not registered, P0002 no such '
'row, 22P02 a key of another type, 22023 no such rollup_type, 23514 a row is above itself in a relationship that refuses it.';

CREATE FUNCTION relmeta.rollup(relation regclass, key "any", related_table regclass,
  rollup_type text DEFAULT 'extended')
RETURNS SETOF text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_rollup';
COMMENT ON FUNCTION relmeta.rollup(regclass, "any", regclass, text) IS
'The same as relmeta.rollup(regclass, text, regclass, text), for a key of any type.';
