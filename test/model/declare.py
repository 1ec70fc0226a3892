"""What may be declared: the refusals of SEMANTICS 2.3, and update_relationship.

`world` is a model.World.  declare() and update_relationship() change it or
raise Refused, as the rules of model.py do.
"""
from model import in_loop
from world import CASCADING, Refused

CASCADE_BEHAVIORS = ('none',) + CASCADING
ALLOWED = {'assign': CASCADE_BEHAVIORS, 'reparent': CASCADE_BEHAVIORS, 'share': CASCADE_BEHAVIORS,
           'unshare': CASCADE_BEHAVIORS, 'delete': ('all', 'remove_link', 'restrict')}
ACTIONS = tuple(ALLOWED)

PRESETS = {'parental': dict.fromkeys(ACTIONS, 'all'),
           'referential': dict(dict.fromkeys(ACTIONS, 'none'), delete='remove_link'),
           'referential_restrict': dict(dict.fromkeys(ACTIONS, 'none'), delete='restrict')}


def behaviors(preset, overrides):
    """A preset and what overrides it.  When share cascades and unshare is not given, unshare is all."""
    result = dict(PRESETS[preset], **overrides)
    if result['share'] in CASCADING and 'unshare' not in overrides:
        result['unshare'] = 'all'
    return result


def refusals(world, relationship):
    """The SQLSTATEs against this relationship beside the others of the world (not counting its namesake)."""
    wrong = set()
    others = [r for r in world.relationships.values() if r.name != relationship.name]
    primary, related = world.tables[relationship.primary], world.tables[relationship.related]
    for action, allowed in ALLOWED.items():
        if getattr(relationship, action) not in allowed:
            wrong.add('22023')

    # a second relationship that gives access to the same related table, unless it shares the lookup
    if relationship.passes_access and any(r.passes_access and r.related == relationship.related
                                     and r.lookup != relationship.lookup for r in others):
        wrong.add('42P17')
    # user_owned, or an assign cascade, where a side has no owner
    needs_owners = relationship.assign in CASCADING or 'user_owned' in (
        relationship.reparent, relationship.share, relationship.unshare)
    if needs_owners and not (primary.owned and related.owned):
        wrong.add('42P17')
    # a reparent or share cascade from a primary table without owner
    if not primary.owned and (relationship.reparent in CASCADING or relationship.share in CASCADING):
        wrong.add('42P17')
    # remove_link on a NOT NULL lookup
    if relationship.delete == 'remove_link' and relationship.required:
        wrong.add('42P17')
    # a second hierarchical relationship on a table; is_hierarchical on one that is not self-referencing
    if relationship.hierarchical and (relationship.primary != relationship.related or any(
            r.hierarchical and r.related == relationship.related for r in others)):
        wrong.add('42P17')
    # relationships that give access and would form a cycle across different tables
    if relationship.passes_access and relationship.primary != relationship.related and reaches(
            others, relationship.related, relationship.primary):
        wrong.add('42P17')
    # existing rows that stand below themselves (SEMANTICS 3.8)
    if relationship.refuses_loops and any(in_loop(world, relationship, ref) for ref in world.rows
                                          if ref.table == relationship.related):
        wrong.add('23514')
    return wrong


def reaches(relationships, start, goal):
    """Do relationships that pass access lead down from table start to table goal?"""
    seen, queue = {start}, [start]
    while queue:
        table = queue.pop()
        for r in relationships:
            if r.passes_access and r.primary == table and r.related not in seen:
                seen.add(r.related)
                queue.append(r.related)
    return goal in seen


def declare(world, relationship):
    """create_one_to_many, or one target of create_multi_table_lookup.  Grants nothing on existing rows."""
    if relationship.name in world.relationships:
        raise Refused('42710')
    wrong = refusals(world, relationship)
    if wrong:
        raise Refused(*wrong)
    relationship.unshare_always_all = relationship.unshare == 'all'
    world.relationships[relationship.name] = relationship


def update_relationship(world, name, changes, revoke_inherited=True):
    """Changes behaviors.  What was inherited through share or reparent stays until it is revoked; where one of
    them becomes none a job is queued (SEMANTICS 3.10).  Returns whether there is one."""
    if name not in world.relationships:
        raise Refused('42704')
    old = world.relationships[name]
    changes = dict(changes)
    if changes.get('share') in CASCADING and old.share not in CASCADING and 'unshare' not in changes:
        changes['unshare'] = 'all'
    new = type(old)(**{**vars(old), **changes})
    wrong = refusals(world, new)
    if wrong:
        raise Refused(*wrong)
    new.unshare_always_all = old.unshare_always_all and new.unshare == 'all'
    world.relationships[name] = new
    queued = revoke_inherited and any(
        getattr(old, cause) in CASCADING and getattr(new, cause) == 'none' for cause in ('share', 'reparent'))
    if queued:
        world.jobs.append(('revoke', name))
    return queued


def revoke_inherited_access(world, name):
    """Queues a revoke job by hand; refused only while share and reparent both cascade."""
    if name not in world.relationships:
        raise Refused('42704')
    relationship = world.relationships[name]
    if relationship.share in CASCADING and relationship.reparent in CASCADING:
        raise Refused('55000')
    world.jobs.append(('revoke', name))
