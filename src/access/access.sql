-- access: acting as a principal; reading who holds what

CREATE FUNCTION relmeta.act_as(principal text, is_local boolean DEFAULT true,
  rights relmeta.access_right[] DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_act_as';
COMMENT ON FUNCTION relmeta.act_as(text, boolean, relmeta.access_right[]) IS
'Acts as a principal, by setting relmeta.principal: until the end of the transaction, or, with is_local false, until '
'RESET ALL or DISCARD ALL. rights: what it may do meanwhile at the most, by setting relmeta.rights; within a cap that is '
'set already, which NULL keeps. Errors: 42704 no such principal; 25P01 is_local outside a transaction block; 22004 '
'principal or is_local is null; 22P02 an unknown right. Not granted to PUBLIC: EXECUTE is the right to act as anyone.';
REVOKE EXECUTE ON FUNCTION relmeta.act_as(text, boolean, relmeta.access_right[]) FROM PUBLIC;

CREATE FUNCTION relmeta.rights(mask int) RETURNS relmeta.access_right[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'relmeta_rights';
COMMENT ON FUNCTION relmeta.rights(int) IS 'The rights that bits stand for, as access_rights_mask has them.';

CREATE FUNCTION relmeta.has_access(relation regclass, key text, access relmeta.access_right,
  principal text DEFAULT NULL) RETURNS boolean
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_has_access';
COMMENT ON FUNCTION relmeta.has_access(regclass, text, relmeta.access_right, text) IS
'Does a principal (the current one by default), itself or by a team, hold this right on the row of relation with this key? False for a row that is missing or that the caller may not read, and when there is no principal. Asking about others needs share on the row, or to own the table or bypass row-level security. Errors: 42501 asking about another, 42704 relation is not registered, or no such principal, 22023 a principal that is no value of the owner''s type, nor is any of its teams, 22P02 an unknown right or a key of another type.';

CREATE FUNCTION relmeta.has_access(relation regclass, key "any", access relmeta.access_right,
  principal text DEFAULT NULL) RETURNS boolean
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_has_access';
COMMENT ON FUNCTION relmeta.has_access(regclass, "any", relmeta.access_right, text) IS
'The same as relmeta.has_access(regclass, text, relmeta.access_right, text), for a key of any type.';

CREATE FUNCTION relmeta.principal_access(relation regclass, key text, principal text DEFAULT NULL)
RETURNS relmeta.access_right[]
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_principal_access';
COMMENT ON FUNCTION relmeta.principal_access(regclass, text, text) IS
'All rights that a principal (the current one by default), itself or by a team, holds on the row of relation with this key; an empty array for a row that is missing or that the caller may not read, and when there is no principal. Who may ask, and errors: as relmeta.has_access().';

CREATE FUNCTION relmeta.principal_access(relation regclass, key "any", principal text DEFAULT NULL)
RETURNS relmeta.access_right[]
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_principal_access';
COMMENT ON FUNCTION relmeta.principal_access(regclass, "any", text) IS
'The same as relmeta.principal_access(regclass, text, text), for a key of any type.';

CREATE FUNCTION relmeta.shared_principals(relation regclass, key text, OUT principal text, OUT kind text,
  OUT direct relmeta.access_right[], OUT inherited relmeta.access_right[], OUT granted_by text,
  OUT granted_at timestamptz) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_shared_principals';
COMMENT ON FUNCTION relmeta.shared_principals(regclass, text) IS
'With whom the row of relation with this key is shared: each principal that holds rights by grant or by inheritance, both apart, and who made the grant and when. The owner''s own entries, which lie dormant, are listed too. Callers who do not hold share on the row, own the table or bypass row-level security see their own principals only. Empty for a row that is missing or that the caller may not read. Errors: 42704 relation is not registered, 22P02 a key of another type.';

CREATE FUNCTION relmeta.shared_principals(relation regclass, key "any", OUT principal text, OUT kind text,
  OUT direct relmeta.access_right[], OUT inherited relmeta.access_right[], OUT granted_by text,
  OUT granted_at timestamptz) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_shared_principals';
COMMENT ON FUNCTION relmeta.shared_principals(regclass, "any") IS
'The same as relmeta.shared_principals(regclass, text), for a key of any type.';

CREATE FUNCTION relmeta.shared_with(principal text DEFAULT NULL, relation regclass DEFAULT NULL,
  OUT relation regclass, OUT key text, OUT direct relmeta.access_right[], OUT inherited relmeta.access_right[],
  OUT through_team text) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_shared_with';
COMMENT ON FUNCTION relmeta.shared_with(text, regclass) IS
'What is shared with a principal (the current one by default), itself or by a team, in all registered tables or in one: the rows on which it holds rights by grant or inheritance and that the caller may read, without those that it owns. Without relation the policies of all registered tables in which it holds something are asked, as the caller. About another principal only the rows are listed on which the caller holds share, or that are in tables which he owns, or all when he bypasses row-level security. Errors: 42704 no such principal, or relation is not registered, 22023 both are given and the principal is no value of the owner''s type.';

CREATE FUNCTION relmeta.explain_access(relation regclass, key text, principal text DEFAULT NULL, OUT ground text,
  OUT through_team text, OUT rights relmeta.access_right[], OUT relationship text, OUT source_table regclass,
  OUT source_key text, OUT depth int) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_explain_access';
COMMENT ON FUNCTION relmeta.explain_access(regclass, text, text) IS
'Why a principal (the current one by default) holds what it holds on the row of relation with this key, one row per ground: owner, direct, inherited or everyone; the team that holds it; the rights; the relationship that it was inherited through; the row where the chain starts, which the principal or team owns or was granted, and how many levels up that is. What no origin gives any more has the last row reached for its source. source_key is null for a row that the caller may not read. Who may ask, and errors: as relmeta.has_access().';

CREATE FUNCTION relmeta.explain_access(relation regclass, key "any", principal text DEFAULT NULL, OUT ground text,
  OUT through_team text, OUT rights relmeta.access_right[], OUT relationship text, OUT source_table regclass,
  OUT source_key text, OUT depth int) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_explain_access';
COMMENT ON FUNCTION relmeta.explain_access(regclass, "any", text) IS
'The same as relmeta.explain_access(regclass, text, text), for a key of any type.';

CREATE FUNCTION relmeta.object_access(relation regclass, OUT relation regclass, OUT object_key text, OUT principal text,
  OUT access_rights_mask int, OUT inherited_access_rights_mask int) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_object_access';
COMMENT ON FUNCTION relmeta.object_access(regclass) IS
'The rows of view relmeta.principal_object_access of one table; none of a table that is not registered.';

CREATE VIEW relmeta.principal_object_access AS
  SELECT t.relation, o.object_key, o.principal, o.access_rights_mask, o.inherited_access_rights_mask
  FROM relmeta.registered_table AS t, LATERAL relmeta.object_access(t.relation) AS o;
GRANT SELECT ON relmeta.principal_object_access TO PUBLIC;
COMMENT ON VIEW relmeta.principal_object_access IS
'Rights held on rows by grant and by inheritance (ownership is not an entry): the current principal''s and its teams'', in tables that one may read; all for the owner of the table and for roles that bypass row-level security, while relmeta.principal is not set. Under a cap (relmeta.rights) what that leaves of one''s own rights; nothing when it leaves no read. access_rights_mask: the direct rights'' bits; inherited_access_rights_mask: the inherited ones''.';
COMMENT ON COLUMN relmeta.principal_object_access.relation IS 'the table of the row';
COMMENT ON COLUMN relmeta.principal_object_access.object_key IS 'key of the row, as text';
COMMENT ON COLUMN relmeta.principal_object_access.principal IS 'who holds the rights';
COMMENT ON COLUMN relmeta.principal_object_access.access_rights_mask IS
'those granted on the row itself, the sum of: read 1, write 2, append 4, append_to 16, create 32, delete 65536, share 262144, assign 524288';
COMMENT ON COLUMN relmeta.principal_object_access.inherited_access_rights_mask IS
'those received through relationships, likewise';
