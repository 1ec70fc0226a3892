-- feature: the rows above and under a row

CREATE FUNCTION relmeta.hierarchy_above(relation regclass, key text, include_self boolean DEFAULT false)
RETURNS TABLE (key text, depth int)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_hierarchy_above';
COMMENT ON FUNCTION relmeta.hierarchy_above(regclass, text, boolean) IS
'The rows above a row in its table''s hierarchical relationship, nearest first: key, and depth (1: the row that it points to; '
'0: the row itself, with include_self). Rows that the caller may not read are left out, and count in depth. Errors: 42704 '
'relation is not registered or has no hierarchical relationship, P0002 no such row, 22P02 a key of another type, 23514 a row is above itself.';

CREATE FUNCTION relmeta.hierarchy_above(relation regclass, key "any", include_self boolean DEFAULT false)
RETURNS TABLE (key text, depth int)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_hierarchy_above';
COMMENT ON FUNCTION relmeta.hierarchy_above(regclass, "any", boolean) IS
'The same as relmeta.hierarchy_above(regclass, text, boolean), for a key of any type.';

CREATE FUNCTION relmeta.hierarchy_under(relation regclass, key text, include_self boolean DEFAULT false)
RETURNS TABLE (key text, depth int)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_hierarchy_under';
COMMENT ON FUNCTION relmeta.hierarchy_under(regclass, text, boolean) IS
'The rows under a row in its table''s hierarchical relationship, level by level: key, and depth (1: rows that point to it; '
'0: the row itself, with include_self). Rows that the caller may not read are left out, and count in depth. Errors: 42704 '
'relation is not registered or has no hierarchical relationship, P0002 no such row, 22P02 a key of another type, 23514 a row is above itself.';

CREATE FUNCTION relmeta.hierarchy_under(relation regclass, key "any", include_self boolean DEFAULT false)
RETURNS TABLE (key text, depth int)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_hierarchy_under';
COMMENT ON FUNCTION relmeta.hierarchy_under(regclass, "any", boolean) IS
'The same as relmeta.hierarchy_under(regclass, text, boolean), for a key of any type.';
