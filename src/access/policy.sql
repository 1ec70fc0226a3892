-- access: the functions that the policies of controlled tables call.  Executable by everyone, as policies are evaluated
-- as the caller: they say of his own principal what he may find out by a query.

CREATE FUNCTION relmeta.owned_support(internal) RETURNS internal
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_owned_support';
COMMENT ON FUNCTION relmeta.owned_support(internal) IS 'planner support of relmeta.owned()';

CREATE FUNCTION relmeta.shared_support(internal) RETURNS internal
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_shared_support';
COMMENT ON FUNCTION relmeta.shared_support(internal) IS 'planner support of relmeta.shared()';

CREATE FUNCTION relmeta.noted_support(internal) RETURNS internal
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_noted_support';
COMMENT ON FUNCTION relmeta.noted_support(internal) IS 'planner support of relmeta.noted(), relmeta.inserts(), relmeta.link_shown() and relmeta.link_judged()';

CREATE FUNCTION relmeta.owned("table" regclass, "right" int, owner "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.owned_support AS 'MODULE_PATHNAME', 'relmeta_owned';
COMMENT ON FUNCTION relmeta.owned(regclass, int, "any") IS
'In policies: is owner the current principal or one of its teams, and the right within the session''s cap? table: a registered table, or a partition of one; right: its bit.';

CREATE FUNCTION relmeta.shared("table" regclass, "right" int, key "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.shared_support AS 'MODULE_PATHNAME', 'relmeta_shared';
COMMENT ON FUNCTION relmeta.shared(regclass, int, "any") IS
'In policies: does the current principal, itself or by a team, hold the right on the row with this key by grant, by inheritance, or because everyone does, and is it within the session''s cap? table: a registered table, or a partition of one; right: its bit.';

CREATE FUNCTION relmeta.owner_values("table" regclass, "right" int, element anyelement) RETURNS anyarray
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'relmeta_owner_values';
COMMENT ON FUNCTION relmeta.owner_values(regclass, int, anyelement) IS
'In plans of relmeta.owned(): the owners for which it is true. Of element only the type counts.';

CREATE FUNCTION relmeta.shared_keys("table" regclass, "right" int, element anyelement) RETURNS anyarray
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'relmeta_shared_keys';
COMMENT ON FUNCTION relmeta.shared_keys(regclass, int, anyelement) IS
'In plans of relmeta.shared(): the keys for which it is true by grant or inheritance. Of element only the type counts.';
