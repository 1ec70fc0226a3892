"""How a world looks in SQL: names, literals, tables and their columns.

A Schema says how the tables and values of a model.World are spelled.  It is
made by schema.random_schema(), or by hand in scenarios.py.
"""
from dataclasses import dataclass, field

from world import HalfSet, RIGHTS, Table


def quote(name):
    return name if name.isidentifier() and name.islower() else '"' + name.replace('"', '""') + '"'


def literal(value, sql_type=None):
    text = 'NULL' if value is None else "'" + value.replace("'", "''") + "'"
    return f'{text}::{sql_type}' if sql_type else text


@dataclass
class Lookup:
    column: str
    sql_type: str
    targets: dict                   # table name -> type value (None where there is one target)
    type_column: str = None
    required: bool = False

    def columns(self):
        """(name, type) of its columns."""
        pair = [(self.column, self.sql_type)]
        return pair + [(self.type_column, 'text')] if self.type_column else pair

    def values(self, value):
        """What its columns hold for a value of the model."""
        if value is None:
            texts = [None, None]
        elif isinstance(value, HalfSet):
            texts = [value.key, value.type]
        else:
            texts = [value.key, self.targets[value.table]]
        return texts[:len(self.columns())]


@dataclass
class TableSpec:
    schema: str
    name: str
    key_type: str = 'bigint'
    key: str = 'id'
    owner: str = 'owner_id'         # None: organization-owned
    owner_type: str = 'text'
    state: str = None
    state_type: str = None
    states: tuple = ()              # in the text form that the server prints
    active: tuple = ()
    active_given: bool = False      # register_table is told the active states
    partitions: int = 0
    automation: bool = False        # its calls are rows of public.calls
    everyone: tuple = ()            # the rights that each principal holds on each row
    trigger: bool = False           # the user's own triggers stand on it, see user_triggers()
    lookups: dict = field(default_factory=dict)     # column -> Lookup
    keys: tuple = ()                # the pool of keys

    @property
    def inactive(self):
        """The state that a merge gives; None: it is not registered."""
        return {'boolean': 'false', 'int': '1', 'integer': '1'}.get(self.state_type) if self.state else None

    @property
    def sql(self):
        return f'{quote(self.schema)}.{quote(self.name)}'

    @property
    def regclass(self):
        return literal(self.sql)

    def column_values(self, row):
        """(column name, type, text) of a model Row's columns, without the key."""
        found = []
        if self.owner:
            found.append((self.owner, self.owner_type, row.owner))
        if self.state:
            found.append((self.state, self.state_type, row.state))
        for lookup in self.lookups.values():
            found += self.lookup_values(lookup.column, row.lookups.get(lookup.column))
        return found

    def lookup_values(self, column, value):
        lookup = self.lookups[column]
        return [(c, t, v) for (c, t), v in zip(lookup.columns(), lookup.values(value))]

    def change_values(self, values):
        """The same for a change of some columns: {'owner' | 'state' | lookup: value}."""
        found = []
        for column, value in values.items():
            if column == 'owner':
                found.append((self.owner, self.owner_type, value))
            elif column == 'state':
                found.append((self.state, self.state_type, value))
            else:
                found += self.lookup_values(column, value)
        return found

    @property
    def automation_name(self):
        return f'of {self.name}'

    def create(self):
        """CREATE TABLE, without the lookups: relmeta makes those."""
        columns = [f'{quote(self.key)} {self.key_type} PRIMARY KEY']
        if self.owner:
            columns += [f'{quote(self.owner)} {self.owner_type}', f'hand_to {self.owner_type}']
        if self.state:
            columns.append(f'{quote(self.state)} {self.state_type}')
        head = f'CREATE TABLE {self.sql} ({", ".join(columns)})'
        if not self.partitions:
            return [head]
        return [f'{head} PARTITION BY LIST ({quote(self.key)})'] + [
            self.create_part(n) for n in range(self.partitions)]

    def part_sql(self, n):
        return f'{quote(self.schema)}.{quote(f"{self.name} part {n}")}'

    def part_bound(self, n):
        keys = ', '.join(literal(key, self.key_type) for key in self.keys if self.part_of(key) == n)
        return f'FOR VALUES IN ({keys})'

    def part_of(self, key):
        """The number of the partition that holds a key."""
        return self.keys.index(key) % self.partitions

    def create_part(self, n):
        return f'CREATE TABLE {self.part_sql(n)} PARTITION OF {self.sql} {self.part_bound(n)}'

    def register(self):
        arguments = [self.regclass]
        if self.owner:
            arguments.append(f'owner_column => {literal(self.owner)}')
        if self.state:
            arguments.append(f'state_column => {literal(self.state)}')
        if self.active_given:
            states = ', '.join(literal(s) for s in self.active)
            arguments.append(f'active_states => ARRAY[{states}]')
        return f'SELECT relmeta.register_table({", ".join(arguments)})'

    def user_triggers(self):
        """The user's own triggers.  A BEFORE ROW trigger sets the owner from hand_to, so that an owner changes that
        no SET clause names; an AFTER ROW trigger gives all rows to nobody in a block that always fails, which must
        leave no trace."""
        if not self.trigger:
            return []
        owner, name = quote(self.owner), quote(self.name + ' trigger')
        return [
            f'CREATE FUNCTION {quote(self.schema)}.{name}() RETURNS trigger LANGUAGE plpgsql AS $body$\n'
            f'BEGIN\n'
            f'  IF TG_WHEN = \'BEFORE\' THEN\n'
            f'    NEW.{owner} := coalesce(NEW.hand_to, NEW.{owner}); NEW.hand_to := NULL;\n'
            f'    RETURN NEW;\n'
            f'  END IF;\n'
            f'  IF pg_trigger_depth() = 1 THEN\n'
            f'    BEGIN\n'
            f'      UPDATE {self.sql} SET {owner} = NULL;\n'
            f'      RAISE EXCEPTION \'all of it in vain\';\n'
            f'    EXCEPTION WHEN OTHERS THEN NULL;\n'
            f'    END;\n'
            f'  END IF;\n'
            f'  RETURN NULL;\n'
            f'END $body$',
            f'CREATE TRIGGER hand BEFORE INSERT OR UPDATE ON {self.sql} '
            f'FOR EACH ROW EXECUTE FUNCTION {quote(self.schema)}.{name}()',
            f'CREATE TRIGGER vain AFTER INSERT OR UPDATE ON {self.sql} '
            f'FOR EACH ROW EXECUTE FUNCTION {quote(self.schema)}.{name}()']


class Schema:
    def __init__(self, owner_type='text', users=(), teams=None):
        self.owner_type = owner_type
        self.users = list(users)
        self.teams = dict(teams or {})      # team -> list of members
        self.tables = {}                    # SQL name -> TableSpec
        self.declarations = []              # operations that make the relationships
        self.settings = []                  # of the session

    @property
    def principals(self):
        return self.users + list(self.teams)

    def add(self, spec):
        self.tables[spec.sql] = spec
        return spec

    def tables_of(self, world):
        """The tables and principals as the model knows them."""
        for spec in self.tables.values():
            world.tables[spec.sql] = Table(spec.sql, spec.owner is not None, spec.state is not None, spec.active,
                                           spec.automation, sum(RIGHTS[right] for right in spec.everyone))
        world.principals |= set(self.principals)
        world.teams.update({team: set(members) for team, members in self.teams.items()})

    def setup(self):
        """The statements that come before the declarations."""
        found = [f'CREATE SCHEMA {quote(s)}' for s in sorted({t.schema for t in self.tables.values()})]
        found += [f'SELECT relmeta.create_user({literal(p)})' for p in self.users]
        found += [f'SELECT relmeta.create_team({literal(p)})' for p in self.teams]
        found += [f'SELECT relmeta.add_team_member({literal(team)}, {literal(member)})'
                  for team, members in self.teams.items() for member in members]
        for spec in self.tables.values():
            found += spec.create() + [spec.register()] + spec.user_triggers()
        return found + self.automations() + self.settings

    def automations(self):
        """Every automation calls the same procedure, which counts the calls."""
        named = [spec for spec in self.tables.values() if spec.automation]
        if not named:
            return []
        return ['CREATE TABLE public.calls (relation regclass, key text)',
                'CREATE PROCEDURE public.note(relation regclass, key text) LANGUAGE sql AS '
                "'INSERT INTO public.calls VALUES ($1, $2)'"] + [
            f"SELECT relmeta.create_automation({literal(spec.automation_name)}, {spec.regclass}, "
            "'public.note(regclass, text)')" for spec in named]

    def automations_query(self):
        """Every row that an automation is or was active on: number of the table, key, is it active."""
        return ('SELECT t.n, a.key, a.is_active FROM relmeta.automations a '
                f'JOIN (VALUES {self.numbered()}) AS t (n, name) USING (name)')

    def automations_of(self, world):
        numbers = {name: str(n) for n, name in enumerate(self.tables)}
        return {(numbers[ref.table], ref.key, 't' if active else 'f') for ref, active in world.automations.items()}

    def calls_query(self):
        """The same of the calls: number of the table, key, how many."""
        return ('SELECT t.n, c.key, pg_catalog.count(*) FROM public.calls c JOIN relmeta.automation a USING (relation) '
                f'JOIN (VALUES {self.numbered()}) AS t (n, name) USING (name) GROUP BY t.n, c.key')

    def calls_of(self, world):
        numbers = {name: str(n) for n, name in enumerate(self.tables)}
        return {(numbers[ref.table], ref.key, str(count)) for ref, count in world.calls.items()}

    def numbered(self):
        return ', '.join(f'({n}, {literal(spec.automation_name)})' for n, spec in enumerate(self.tables.values()))

    def control(self):
        """Access control for whoever is not exempt, as the role that does all else is."""
        found = ["DO 'BEGIN CREATE ROLE relmeta_model; EXCEPTION WHEN duplicate_object THEN NULL; END'"]
        found += [f'GRANT USAGE ON SCHEMA {quote(s)} TO relmeta_model' for s in sorted({t.schema for t in self.tables.values()})]
        for spec in self.tables.values():
            everyone = f', everyone => {literal("{" + ",".join(spec.everyone) + "}")}' if spec.everyone else ''
            found += [f'SELECT relmeta.enable_access_control({spec.regclass}{everyone})',
                      f'GRANT SELECT, INSERT, UPDATE, DELETE ON {spec.sql} TO relmeta_model']
        if any(spec.automation for spec in self.tables.values()):
            found.append('GRANT INSERT ON public.calls TO relmeta_model')
        return found

    def visible_query(self):
        """Every row that is found: number of the table, key."""
        return ' UNION ALL '.join(f'SELECT {n}, {quote(spec.key)}::text FROM {spec.sql}'
                                  for n, spec in enumerate(self.tables.values()))

    def writable_query(self, table):
        return f'SELECT {quote(self.tables[table].key)}::text FROM {table} FOR NO KEY UPDATE'

    def state_query(self):
        """Every row of every table: number of the table, key, owner, state, lookups."""
        parts = []
        for n, spec in enumerate(self.tables.values()):
            columns = [spec.key] + [c for c in (spec.owner, spec.state) if c]
            columns += [c for lookup in spec.lookups.values() for c, _ in lookup.columns()]
            texts = ', '.join(f'{quote(c)}::text' for c in columns)
            parts.append(f'SELECT {n}, ARRAY[{texts}]::text FROM {spec.sql}')
        return ' UNION ALL '.join(parts)

    def state_of(self, world):
        """The same as the model has it, as a set of (number, columns)."""
        found = set()
        for n, spec in enumerate(self.tables.values()):
            for ref, row in world.rows.items():
                if ref.table == spec.sql:
                    texts = [ref.key] + [text for _, _, text in spec.column_values(row)]
                    found.add((str(n), array_text(texts)))
        return found

    def entries_query(self):
        """Every stored right: number of the table, key, principal, direct mask, inherited mask."""
        tables = ', '.join(f'({n}, {spec.regclass}::regclass)' for n, spec in enumerate(self.tables.values()))
        return ('SELECT t.n, ARRAY[a.object_key, a.principal]::text, a.access_rights_mask, '
                'a.inherited_access_rights_mask FROM relmeta.principal_object_access a '
                f'JOIN (VALUES {tables}) AS t (n, relation) USING (relation)')

    def has_access(self, ref, right, principal):
        return (f'SELECT relmeta.has_access({self.tables[ref.table].regclass}, {literal(ref.key)}, '
                f'{literal(right)}, {literal(principal)})')

    def entries_of(self, world):
        numbers = {name: n for n, name in enumerate(self.tables)}
        return {(str(numbers[ref.table]), array_text([ref.key, principal]), str(direct), str(inherited))
                for (ref, principal), (direct, inherited) in world.stored().items()}


def array_text(texts):
    """An array of texts as the server prints it."""
    def element(text):
        if text is None:
            return 'NULL'
        if text == '' or text.upper() == 'NULL' or any(c in '{},"\\ ' for c in text):
            return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'
        return text
    return '{' + ','.join(element(t) for t in texts) + '}'
