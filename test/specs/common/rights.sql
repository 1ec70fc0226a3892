-- rights.sql: who holds what on each row of view objects (relation, key, owner, under).
-- rights: principal, effective rights, stored mask direct/inherited; the owner, who has all, is left out.
CREATE VIEW rights AS
SELECT relation || ' ' || key AS object, owner, under, string_agg(principal || ' '
  || replace(array_to_string(relmeta.principal_access(relation, key, principal), ','), 'read,write,append,append_to,delete,share,assign', 'all')
  || ' ' || coalesce(e.access_rights_mask, 0) || '/' || coalesce(e.inherited_access_rights_mask, 0), ', ' ORDER BY principal) AS rights
FROM (SELECT relation, key, owner, under, unnest(ARRAY['ann', 'bob', 'cat', 'dan']) AS principal FROM objects) AS o
FULL JOIN (SELECT relation, object_key AS key, principal, access_rights_mask, inherited_access_rights_mask
  FROM relmeta.principal_object_access) AS e USING (relation, key, principal)
WHERE owner IS DISTINCT FROM principal
  AND (e.principal IS NOT NULL OR relmeta.principal_access(relation, key, principal) <> ARRAY[]::relmeta.access_right[])
GROUP BY relation, key, owner, under ORDER BY relation::text, key::int;
