"""A small schema that has a lookup of every kind, and what may be random in it.

A Shape is drawn from a seed: how many rows, what a delete does, whether owners
cascade.  Every relationship but one gives and takes access in full (share,
unshare and reparent are all), so that what a row inherits is a function of its
primary row: checks.py says which.  The behaviors of that one are changed while
the others go on.
"""
from dataclasses import dataclass, field

PRINCIPALS = ('ann', 'bob', 'cat', 'dan')       # always there
VISITOR = 'eve'                                 # dropped and made again
ROLES = ('friend', 'group', 'member')           # of connections
RIGHTS = ('read', 'write', 'append', 'append_to', 'delete', 'share', 'assign')


@dataclass
class Lookup:
    column: str
    targets: tuple                  # names of primary tables
    kind: str                       # native, deferred, guarded, multi
    delete: str
    assign: str
    type_column: str = None
    changing: bool = False          # its share and reparent are switched off and on


@dataclass
class Table:
    name: str
    keys: tuple                     # the pool of keys
    owned: bool = True
    partitioned: bool = False
    merges: bool = False            # has a state, and an automation
    lookup: Lookup = None
    relationships: list = field(default_factory=list)   # their names


class Shape:
    """account is a tree; below it stand the others, each with one lookup.

        account -> account (a tree) -> contact -> note (guarded), part (partitioned) -> piece (no owner)
                                    -> line (no owner, deferred), memo (guarded, its behaviors change)
        account, contact -> task (multi-table)
    """

    def __init__(self, rng):
        def behaviors(choices=('all', 'all', 'remove_link'), owned=True):
            return {'delete': rng.choice(choices), 'assign': rng.choice(('all', 'none')) if owned else 'none'}

        few = rng.choice((2, 3, 4))
        many = rng.choice((few, few + 2, 40))       # many related rows make long steps, few make hot rows
        base = (
            ('account', 0, few, {'merges': True}, Lookup('parent_id', ('account',), rng.choice(('native', 'guarded')),
                                           **behaviors(('all', 'remove_link', 'remove_link')))),
            ('contact', 10, few, {}, Lookup('account_id', ('account',), 'native', **behaviors())),
            ('note', 100, many, {}, Lookup('contact_id', ('contact',), 'guarded',
                                           **behaviors(('all', 'remove_link', 'restrict')))),
            ('part', 200, few, {'partitioned': True}, Lookup('contact_id', ('contact',), rng.choice(('native', 'guarded')),
                                                             **behaviors())),
            ('piece', 300, many, {'owned': False}, Lookup('part_id', ('part',), rng.choice(('native', 'guarded')),
                                                          **behaviors(owned=False))),
            ('line', 400, many, {'owned': False}, Lookup('account_id', ('account',), 'deferred', **behaviors(owned=False))),
            ('task', 500, few, {}, Lookup('about_id', ('account', 'contact'), 'multi', type_column='about_type',
                                          **behaviors())),
            ('memo', 600, few, {}, Lookup('account_id', ('account',), 'guarded', changing=True, **behaviors())))
        self.tables = {}
        for name, first, count, options, lookup in base:
            self.tables[name] = Table(name, tuple(range(first + 1, first + 1 + count)), lookup=lookup, **options)
        for table in self.tables.values():
            table.relationships = [f'{target}_{table.name}' for target in table.lookup.targets]

        # the tables that the sessions write; sometimes few, which are the hotter
        busy = rng.choice((8, 4, 3, 2, 2))
        self.busy = [self.tables[name] for name in ('account', *rng.sample(list(self.tables)[1:], busy - 1))]

    def owned(self):
        return [table for table in self.busy if table.owned]

    # ---- SQL ----

    def setup(self):
        """The statements that make it, as the superuser."""
        yield 'CREATE EXTENSION relmeta'
        for principal in PRINCIPALS + (VISITOR,):
            yield f"SELECT relmeta.create_user('{principal}')"
        for table in self.tables.values():
            yield from self.create(table)
        for table in self.tables.values():
            yield self.relate(table)
        yield "SELECT relmeta.create_connection_role('friend')"
        yield "SELECT relmeta.create_connection_role('group', tables => '{account}')"
        yield "SELECT relmeta.create_connection_role('member', tables => '{account,contact}')"
        yield "SELECT relmeta.match_connection_roles('group', 'member')"

    def create(self, table):
        lookup = table.lookup
        owner = ', owner text' if table.owned else ''
        column = f'{lookup.column} int'
        if lookup.kind in ('native', 'deferred'):
            column += f' REFERENCES {lookup.targets[0]} ON UPDATE CASCADE'
            column += ' DEFERRABLE INITIALLY DEFERRED' if lookup.kind == 'deferred' else ''
        partition = ' PARTITION BY RANGE (id)' if table.partitioned else ''
        state = ', active boolean NOT NULL DEFAULT true' if table.merges else ''
        yield f"CREATE TABLE {table.name} (id int PRIMARY KEY{owner}, {column}, remark int DEFAULT 0{state}){partition}"
        if table.partitioned:
            middle = table.keys[len(table.keys) // 2]
            yield f'CREATE TABLE {table.name}_low PARTITION OF {table.name} FOR VALUES FROM (MINVALUE) TO ({middle})'
            # its columns stand in another order
            yield (f'CREATE TABLE {table.name}_high (remark int DEFAULT 0, {lookup.column} int, gone int'
                   f"{owner}, id int PRIMARY KEY)")
            yield f'ALTER TABLE {table.name}_high DROP COLUMN gone'
            yield (f'ALTER TABLE {table.name} ATTACH PARTITION {table.name}_high '
                   f'FOR VALUES FROM ({middle}) TO (MAXVALUE)')
        yield (f"SELECT relmeta.register_table('{table.name}'" + (", 'owner'" if table.owned else '')
               + (", state_column => 'active')" if table.merges else ')'))
        if table.merges:
            yield 'CREATE FUNCTION automatic(relation regclass, key text) RETURNS void LANGUAGE sql AS $$ SELECT $$'
            yield f"SELECT relmeta.create_automation('automatic', '{table.name}', 'automatic(regclass, text)')"

    def relate(self, table):
        lookup = table.lookup
        behaviors = ', '.join([f"{action} => 'all'" for action in ('reparent', 'share', 'unshare')]
                              + [f"assign => '{lookup.assign}'", f'"delete" => \'{lookup.delete}\''])
        if lookup.kind == 'multi':
            targets = ','.join(lookup.targets)
            return (f"SELECT relmeta.create_multi_table_lookup('{table.name}', '{lookup.column}', '{{{targets}}}', "
                    f"'{lookup.type_column}', {behaviors})")
        key = ', foreign_key => false' if lookup.kind == 'guarded' else ''
        return (f"SELECT relmeta.create_one_to_many('{lookup.targets[0]}', '{table.name}', '{lookup.column}', "
                f"'{table.relationships[0]}', {behaviors}{key})")

    def fill(self, rng):
        """Every row that is missing comes back, somewhere."""
        for table in self.tables.values():
            for key in table.keys:
                yield self.insert(rng, table, key) + ' ON CONFLICT DO NOTHING'

    def insert(self, rng, table, key):
        names, values = ['id'], [str(key)]
        if table.owned:
            names.append('owner')
            values.append(owner(rng))
        for name, value in self.lookup_values(rng, table):
            names.append(name)
            values.append(value)
        return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(values)})"

    def lookup_values(self, rng, table):
        """Column and value of what a row of the table shall point to; to nothing now and then."""
        lookup = table.lookup
        target = rng.choice(lookup.targets)
        key = rng.choice(self.tables[target].keys)
        if rng.random() < 0.15 or (target == table.name and rng.random() < 0.3):
            key, target = 'NULL', None
        found = [(lookup.column, str(key))]
        if lookup.type_column:
            found.append((lookup.type_column, f"'{target}'" if target else 'NULL'))
        return found


def owner(rng):
    return rng.choice([f"'{principal}'" for principal in PRINCIPALS] * 3 + [f"'{VISITOR}'", 'NULL'])


def principal(rng):
    return rng.choice([f"'{principal}'" for principal in PRINCIPALS] * 3 + [f"'{VISITOR}'"])


def rights(rng, least=1):
    return "'{" + ','.join(rng.sample(RIGHTS, rng.randint(least, 3))) + "}'"
