"""Random declarations: principals, tables, relationships."""
import declare
import operations as ops
from world import Refused, RIGHTS
from spell import Schema, TableSpec

SPACE = 'odd space'         # a schema whose name must be quoted

PRINCIPALS = {'text': ('anna', 'bo', 'Cy Twombly', "d'or", 'the crew', 'all'),
              'bigint': ('1', '2', '3', '4', '100', '10000000000'),
              'uuid': tuple(f'{n}0000000-0000-4000-8000-00000000000{n}' for n in range(1, 7))}

KEYS = {'int': str, 'bigint': lambda n: str(5000000000 + n), 'uuid': lambda n: f'{n:08x}-aaaa-4000-8000-000000000001',
        'text': lambda n: f"k{n}" if n % 3 else f"Key '{n}'"}

STATES = (('boolean', ('true', 'false'), ('true',), False), ('int', ('0', '1', '2'), ('0',), False),
          ('int', ('0', '1', '2'), ('0', '2'), True), ('text', ('open', 'won', 'lost'), ('open', 'won'), True))

POOL = 20       # keys per table

SETTINGS = ("SET search_path = ''", "SET default_transaction_isolation = 'repeatable read'",
            "SET default_transaction_isolation = 'serializable'", "SET plan_cache_mode = 'force_generic_plan'",
            "SET work_mem = '64kB'")


def random_schema(rng, world):
    """A schema with its declarations; they are tried on `world`, so that few are refused."""
    owner_type = rng.choice(['text', 'text', 'bigint', 'uuid'])
    names = list(PRINCIPALS[owner_type])
    users = names[:rng.randint(2, 4)]
    teams = {team: rng.sample(users, rng.randint(0, len(users))) for team in names[4:4 + rng.randint(0, 2)]}
    schema = Schema(owner_type, users, teams)
    common_key = rng.choice(list(KEYS))
    for n in range(rng.randint(2, 5)):
        schema.add(random_table(rng, n, owner_type, common_key))
    schema.tables_of(world)
    random_declarations(rng, schema, world)
    schema.settings = [setting for setting in SETTINGS if rng.random() < 0.2]
    for spec in schema.tables.values():
        spec.lookups = {}               # made again when the declarations are run
    return schema


def random_table(rng, n, owner_type, common_key):
    odd = rng.random() < 0.15
    key_type = common_key if rng.random() < 0.6 else rng.choice(list(KEYS))
    spec = TableSpec(SPACE if odd else 'm', f'Weird "{n}"' if odd else f't{n}', key_type,
                     key='Key' if odd else 'id', owner_type=owner_type,
                     keys=tuple(KEYS[key_type](i) for i in range(1, POOL + 1)))
    if rng.random() < 0.15:
        spec.owner = None
    elif odd:
        spec.owner = 'Owner "of" it'
    if rng.random() < 0.6:
        spec.state = 'State' if odd else 'state'
        spec.state_type, spec.states, spec.active, spec.active_given = rng.choice(STATES)
    if rng.random() < 0.25:
        spec.partitions = rng.randint(2, 4)
    spec.trigger = spec.owner is not None and rng.random() < 0.15
    spec.automation = rng.random() < 0.6
    if rng.random() < 0.15:
        spec.everyone = tuple(rng.sample(sorted(RIGHTS), rng.randint(1, 3)))
    return spec


def random_behaviors(rng, parental):
    cascade = ['all'] * 4 + ['none'] * 2 + ['active', 'user_owned']
    found = dict.fromkeys(declare.ACTIONS, 'none')
    if parental:
        found = {action: rng.choice(cascade) for action in declare.ACTIONS}
        if rng.random() < 0.6:
            found['unshare'] = 'all'
    found['delete'] = rng.choice(['all', 'all', 'remove_link', 'restrict'] if parental else ['all', 'remove_link', 'restrict'])
    return found


def random_declarations(rng, schema, world):
    tables = list(schema.tables)
    wanted = rng.randint(2, 6)
    for n in range(wanted * 4):
        if len(world.relationships) >= wanted:
            break
        related = rng.choice(tables)
        has_parent = any(r.passes_access and r.related == related for r in world.relationships.values())
        given = random_behaviors(rng, parental=rng.random() < (0.1 if has_parent else 0.85))
        if len(schema.tables[related].lookups) < 3 and rng.random() < 0.2:
            op = random_multi(rng, schema, related, given, n)
        elif rng.random() < 0.1:
            op = random_target(rng, schema, related, given)
        else:
            op = random_one_to_many(rng, related, tables, given, n)
        if op is None:
            continue
        op.prepare(schema)
        try:
            trial = world.copy()
            op.run(schema, trial)
        except Refused:
            op.forget(schema)
            op.adopt = ''
            if rng.random() < 0.9:
                continue            # now and then a refusal is tried on the server too
        else:
            vars(world).update(vars(trial))
        schema.declarations.append(op)


def random_one_to_many(rng, related, tables, given, n):
    primary = related if rng.random() < 0.3 else rng.choice(tables)
    own = primary == related
    return ops.CreateOneToMany(
        name=f'rel {n}' if rng.random() < 0.2 else f'r{n}', primary=primary, related=related,
        lookup=f'Up "{n}"' if rng.random() < 0.1 else f'up{n}_id', behaviors=given,
        hierarchical=own and rng.random() < 0.4, required=not own and rng.random() < 0.15,
        foreign_key=rng.random() < 0.6, adopt=rng.choice(['', '', 'column', 'key', 'deferred key']))


def random_multi(rng, schema, related, given, n):
    by_type = {}
    for name, spec in schema.tables.items():
        by_type.setdefault(spec.key_type, []).append(name)
    candidates = max(by_type.values(), key=len)
    if len(candidates) < 2:
        return None
    targets = rng.sample(candidates, rng.randint(2, min(3, len(candidates))))
    values = [f'v {i}' for i in range(len(targets))] if rng.random() < 0.5 else None
    return ops.CreateMultiTableLookup(related=related, lookup=f'any{n}_id', targets=targets, type_values=values,
                                      type_column='kind of %d' % n if rng.random() < 0.3 else None, behaviors=given,
                                      required=False)


def random_target(rng, schema, related, given):
    spec = schema.tables[related]
    for lookup in spec.lookups.values():
        others = [name for name, other in schema.tables.items()
                  if other.key_type == lookup.sql_type and name not in lookup.targets]
        if lookup.type_column and others:
            return ops.AddLookupTarget(related, lookup.column, rng.choice(others), 'one more', given)
    return None
