"""What holds whenever nobody is at work: each check gives the rows that are wrong.

Every relationship of a Shape gives and takes in full, so what P inherits on a row r is a function of r's primary row p
(SEMANTICS 3.1 to 3.4, and the invariant at the end of section 3):

    inherited(r, P) = eff(p, P)     where P does not own r; eff: ALL if P owns p, OR-ed with P's entries on p
    inherited(r, P) <= eff(p, P)    where P owns r (entries from before lie dormant), and through the relationship whose
                                    behaviors change (what was inherited before stays, or was not given)
"""
ALL = 851991            # every right but create


def objects(shape):
    """Every row: table, key, owner, the row that it points to."""
    parts = []
    for table in shape.tables.values():
        lookup = table.lookup
        target = lookup.type_column or f"CASE WHEN {lookup.column} IS NOT NULL THEN '{lookup.targets[0]}' END"
        parts.append(f"SELECT '{table.name}'::text AS t, id, {'owner' if table.owned else 'NULL::text'} AS owner, "
                     f"{target} AS pt, {lookup.column} AS pid, {str(lookup.changing).lower()} AS changing "
                     f"FROM {table.name}")
    return ' UNION ALL '.join(parts)


def common(shape):
    """The head of every check: object, entry and, for each row and principal, what it holds there."""
    return f"""WITH object AS ({objects(shape)}),
 entry AS (SELECT relation::text AS t, object_key::int AS id, principal, access_rights_mask AS direct,
   inherited_access_rights_mask AS inherited FROM relmeta.principal_object_access),
 principal AS (SELECT principal FROM relmeta.principals),
 held AS (SELECT o.t, o.id, p.principal, coalesce(e.inherited, 0) AS inherited,
   CASE WHEN o.owner = p.principal THEN {ALL} ELSE 0 END | coalesce(e.direct, 0) | coalesce(e.inherited, 0) AS eff
   FROM object o CROSS JOIN principal p LEFT JOIN entry e USING (t, id, principal))
"""


def checks(shape):
    """(name, query) of those that read only."""
    head = common(shape)
    yield 'what a row inherits is what its primary row gives', f"""{head}
 SELECT o.t, o.id, o.owner, o.pt, o.pid, r.principal, r.inherited, coalesce(p.eff, 0) AS "the primary row gives"
 FROM object o JOIN held r USING (t, id) LEFT JOIN held p ON p.t = o.pt AND p.id = o.pid AND p.principal = r.principal
 WHERE CASE WHEN o.changing OR o.owner IS NOT DISTINCT FROM r.principal THEN r.inherited & ~coalesce(p.eff, 0) <> 0
   ELSE r.inherited <> coalesce(p.eff, 0) END"""
    yield 'entries are of rows and principals that are there', f"""{head}
 SELECT e.* FROM entry e WHERE NOT EXISTS (SELECT FROM object o WHERE (o.t, o.id) = (e.t, e.id))
   OR e.principal NOT IN (SELECT principal FROM principal)"""
    yield 'owners are principals', f"""{head}
 SELECT t, id, owner FROM object WHERE owner NOT IN (SELECT principal FROM principal)"""
    yield 'lookups have their target', f"""{head}
 SELECT o.* FROM object o WHERE (pt IS NULL) <> (pid IS NULL)
   OR pid IS NOT NULL AND NOT EXISTS (SELECT FROM object p WHERE (p.t, p.id) = (o.pt, o.pid))"""
    yield 'a hierarchy has no loop', """WITH RECURSIVE up AS (SELECT id, parent_id AS above FROM account
 UNION SELECT up.id, account.parent_id FROM up JOIN account ON account.id = up.above) SELECT * FROM up WHERE id = above"""
    yield 'merges and automations are of rows that are there', """SELECT key FROM relmeta.automation_row
 WHERE key NOT IN (SELECT id::text FROM account) UNION ALL SELECT key FROM relmeta.merge, unnest(ARRAY[subordinate, master]) AS key
 WHERE key NOT IN (SELECT id::text FROM account)"""
    yield 'connections have both ends', f"""{head}, ends AS (
 SELECT connection_id, relation1::text AS t, key1 AS key FROM relmeta.connection
 UNION ALL SELECT connection_id, relation2::text, key2 FROM relmeta.connection)
 SELECT * FROM ends WHERE NOT EXISTS (SELECT FROM object o WHERE o.t = ends.t AND o.id::text = ends.key)"""
    yield 'connections are of two rows, which both show them', f"""{head}, shown AS (
 SELECT connection_id, count(*) AS ends FROM object o, relmeta.connections(o.t::regclass, o.id) GROUP BY connection_id)
 SELECT connection_id FROM relmeta.connection LEFT JOIN shown USING (connection_id)
 WHERE (relation1, key1) = (relation2, key2) OR ends IS DISTINCT FROM 2"""
    yield 'roles of connections fit', """WITH end_ AS (SELECT connection_id, relation1 AS relation, role1 AS own, role2 AS other
 FROM relmeta.connection UNION ALL SELECT connection_id, relation2, role2, role1 FROM relmeta.connection)
 SELECT connection_id FROM end_ JOIN relmeta.connection_role r ON r.role_id = own
 WHERE NOT all_tables AND relation NOT IN (SELECT relation FROM relmeta.connection_role_table t WHERE t.role_id = own)
 UNION ALL SELECT connection_id FROM end_ JOIN relmeta.connection_role_match m ON own IN (m.role1, m.role2)
 WHERE other IS NOT NULL AND other NOT IN (m.role1, m.role2)"""
    yield 'verify() is empty', 'SELECT * FROM relmeta.verify()'
    yield 'jobs succeed', "SELECT * FROM relmeta.jobs WHERE state <> 'succeeded'"


def inherited(shape):
    """What reset_inherited_access must find as it leaves it: rows that are not below the relationship that changes, and
    not the owner's own."""
    return f"""{common(shape)}
 SELECT e.t, e.id, e.principal, e.inherited FROM entry e JOIN object o USING (t, id)
 WHERE e.inherited <> 0 AND NOT o.changing AND o.owner IS DISTINCT FROM e.principal"""


RESET = "SELECT relmeta.reset_inherited_access(name) FROM relmeta.one_to_many"
NAMES = ('what a row inherits is what its primary row gives', 'entries are of rows and principals that are there',
         'owners are principals', 'lookups have their target', 'a hierarchy has no loop',
         'merges and automations are of rows that are there', 'connections have both ends',
         'connections are of two rows, which both show them', 'roles of connections fit', 'verify() is empty', 'jobs succeed',
         'reset_inherited_access finds nothing to do', 'statements end in declared SQLSTATEs')
