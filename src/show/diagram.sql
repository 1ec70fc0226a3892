-- diagram: the declared model for drawing tools

CREATE FUNCTION relmeta.er_diagram(
  format text DEFAULT 'mermaid', notation text DEFAULT 'crows_foot', tables regclass[] DEFAULT NULL,
  columns text DEFAULT 'keys', behaviors boolean DEFAULT true, intersects boolean DEFAULT false,
  depth int DEFAULT NULL)
RETURNS text
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_er_diagram';
COMMENT ON FUNCTION relmeta.er_diagram(text, text, regclass[], text, boolean, boolean, int) IS
'The entity-relationship diagram of what is declared, as text for a tool that draws it. format: mermaid, plantuml, dot '
'(Graphviz), dbml, d2 or json (the schema document of tbls); notation: crows_foot, and chen, uml or min_max where the '
'format has it; tables: only these, and those up to depth relationships away from them; columns: none, keys or all; '
'behaviors: what each relationship does is written on it; intersects: many-to-many relationships are drawn with their '
'intersect tables. Tables on which the caller has no privilege are left out. Errors: 22023 an unknown format, notation '
'or choice of columns, a notation that the format does not have, a negative depth; 42704 relmeta knows no such table, '
'42501 no privilege on one of tables.';
