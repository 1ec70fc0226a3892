-- access: reading who holds what

CREATE FUNCTION relmeta.object_access(OUT relation regclass, OUT object_key text, OUT principal text,
  OUT access_rights_mask int, OUT inherited_access_rights_mask int) RETURNS SETOF record
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'relmeta_object_access';
COMMENT ON FUNCTION relmeta.object_access() IS
'The rows of view relmeta.principal_object_access.';

CREATE VIEW relmeta.principal_object_access AS
  SELECT o.relation, o.object_key, o.principal, o.access_rights_mask, o.inherited_access_rights_mask
  FROM relmeta.object_access() AS o;
GRANT SELECT ON relmeta.principal_object_access TO PUBLIC;
COMMENT ON VIEW relmeta.principal_object_access IS
'Rights held on rows by grant and by inheritance (ownership is not an entry): the current principal''s and its teams''; all for the owner of the table and for roles that bypass row-level security, while relmeta.principal is not set. access_rights_mask: the direct rights'' bits; inherited_access_rights_mask: the inherited ones''.';
