"""What is done to a world: the model's side and the SQL of each operation.

An operation carries its values, so it can be run again, on another world or
after others were left out: prepare() tells the schema what it will hold, sql()
is its statement, run() does the same to a model.World and returns the one
value that the statement gives (None: it is not compared).
"""
import declare
import model
from spell import Lookup, literal, quote
from world import ALL, Change, OrderDependent, Ref, Refused, Relationship, RIGHTS, Slot


class Operation:
    access = False      # needs the access part of the server

    def prepare(self, schema):
        pass

    def forget(self, schema):
        """Undoes prepare(), when it was refused."""

    def sql(self, schema):
        raise NotImplementedError

    def run(self, schema, world):
        raise NotImplementedError


# ---- declarations ----

class CreateOneToMany(Operation):
    def __init__(self, name, primary, related, lookup, behaviors, hierarchical=False, required=False,
                 foreign_key=True, adopt=''):
        self.name, self.primary, self.related, self.lookup = name, primary, related, lookup
        self.behaviors, self.hierarchical, self.required = behaviors, hierarchical, required
        self.foreign_key, self.adopt = foreign_key, adopt       # '', column, key, deferred key

    def prepare(self, schema):
        spec = schema.tables[self.related]
        spec.lookups[self.lookup] = Lookup(self.lookup, schema.tables[self.primary].key_type, {self.primary: None},
                                           required=self.required)

    def forget(self, schema):
        del schema.tables[self.related].lookups[self.lookup]

    def sql(self, schema):
        primary, related = schema.tables[self.primary], schema.tables[self.related]
        arguments = [primary.regclass, related.regclass, literal(self.lookup), literal(self.name)]
        arguments += [f'{quote(action)} => {literal(b)}' for action, b in self.behaviors.items()]
        for option in ('hierarchical', 'required', 'foreign_key'):
            value = getattr(self, option)
            if value != (option == 'foreign_key'):
                arguments.append(f'{"is_" if option == "hierarchical" else ""}{option} => {str(value).lower()}')
        return self.adopted(primary, related) + f'SELECT relmeta.create_one_to_many({", ".join(arguments)})'

    def adopted(self, primary, related):
        """The column, or the column and its foreign key, that the user had before."""
        if not self.adopt:
            return ''
        not_null = ' NOT NULL' if self.required else ''
        key = ''
        if 'key' in self.adopt and self.foreign_key:
            key = f' REFERENCES {primary.sql} ON DELETE CASCADE'
            key += ' DEFERRABLE INITIALLY DEFERRED' if self.adopt == 'deferred key' else ''
        return f'ALTER TABLE {related.sql} ADD COLUMN {quote(self.lookup)} {primary.key_type}{not_null}{key};\n'

    def run(self, schema, world):
        behaviors = declare.behaviors('referential', self.behaviors)
        declare.declare(world, Relationship(
            self.name, self.primary, self.related, self.lookup, hierarchical=self.hierarchical,
            required=self.required, foreign_key=self.foreign_key,
            deferred=self.foreign_key and self.adopt == 'deferred key', **behaviors))
        return self.name


class CreateMultiTableLookup(Operation):
    def __init__(self, related, lookup, targets, behaviors, type_values=None, type_column=None, required=False):
        self.related, self.lookup, self.targets, self.behaviors = related, lookup, targets, behaviors
        self.type_values, self.type_column, self.required = type_values, type_column, required

    def values(self, schema):
        return self.type_values or [schema.tables[target].name for target in self.targets]

    def prepare(self, schema):
        spec = schema.tables[self.related]
        key_type = schema.tables[self.targets[0]].key_type
        type_column = self.type_column or self.lookup.removesuffix('_id') + '_type'
        spec.lookups[self.lookup] = Lookup(self.lookup, key_type, dict(zip(self.targets, self.values(schema))),
                                           type_column, self.required)

    forget = CreateOneToMany.forget

    def sql(self, schema):
        targets = ', '.join(schema.tables[t].regclass for t in self.targets)
        arguments = [schema.tables[self.related].regclass, literal(self.lookup), f'ARRAY[{targets}]::regclass[]']
        if self.type_column:
            arguments.append(f'type_column => {literal(self.type_column)}')
        if self.type_values:
            values = ', '.join(literal(v) for v in self.type_values)
            arguments.append(f'type_values => ARRAY[{values}]')
        arguments += [f'{quote(action)} => {literal(b)}' for action, b in self.behaviors.items()]
        return f'SELECT array_to_string(relmeta.create_multi_table_lookup({", ".join(arguments)}), \', \')'

    def run(self, schema, world):
        behaviors = declare.behaviors('referential', self.behaviors)
        names = []
        for target, value in zip(self.targets, self.values(schema)):
            names.append(default_name(schema, world, target, self.related, self.lookup))
            declare.declare(world, Relationship(
                names[-1], target, self.related, self.lookup, type_value=value, required=self.required,
                foreign_key=False, **behaviors))
        return ', '.join(names)


def default_name(schema, world, primary, related, lookup):
    """<primary>_<related>, then <primary>_<related>_<lookup>, then with a number (SEMANTICS 2.3)."""
    short = f'{schema.tables[primary].name}_{schema.tables[related].name}'
    for name in (short, f'{short}_{lookup}'):
        if name not in world.relationships:
            return name
    raise OrderDependent('a third relationship of the same name')


class AddLookupTarget(Operation):
    """One more target for a multi-table lookup, with behaviors of its own."""

    def __init__(self, related, lookup, target, type_value, behaviors):
        self.related, self.lookup, self.target, self.type_value = related, lookup, target, type_value
        self.behaviors = behaviors

    def prepare(self, schema):
        schema.tables[self.related].lookups[self.lookup].targets[self.target] = self.type_value

    def forget(self, schema):
        del schema.tables[self.related].lookups[self.lookup].targets[self.target]

    def sql(self, schema):
        arguments = [schema.tables[self.related].regclass, literal(self.lookup), schema.tables[self.target].regclass,
                     literal(self.type_value)]
        arguments += [f'{quote(action)} => {literal(b)}' for action, b in self.behaviors.items()]
        return f'SELECT relmeta.add_lookup_target({", ".join(arguments)})'

    def run(self, schema, world):
        name = default_name(schema, world, self.target, self.related, self.lookup)
        declare.declare(world, Relationship(
            name, self.target, self.related, self.lookup, type_value=self.type_value, foreign_key=False,
            **declare.behaviors('referential', self.behaviors)))
        return name


class DropRelationship(Operation):
    """drop_relationship with its storage: the lookup goes, with its last target."""

    def __init__(self, name):
        self.name = name

    def sql(self, schema):
        return f'SELECT FROM relmeta.drop_relationship({literal(self.name)}, drop_storage => true)'

    def run(self, schema, world):
        if self.name not in world.relationships:
            raise Refused('42704')
        gone = world.relationships[self.name]
        lookup = schema.tables[gone.related].lookups[gone.lookup]
        if len(lookup.targets) > 1 and any(world.related_rows(gone, ref) for ref in world.rows):
            raise OrderDependent('a target is dropped that rows point to')
        model.drop_relationship(world, self.name)
        del lookup.targets[gone.primary]
        if not lookup.targets:
            del schema.tables[gone.related].lookups[gone.lookup]
            for ref, row in world.rows.items():
                if ref.table == gone.related:
                    row.lookups.pop(gone.lookup, None)


class UpdateRelationship(Operation):
    def __init__(self, name, changes, revoke=True):
        self.name, self.changes, self.revoke = name, changes, revoke
        self.access = revoke

    def sql(self, schema):
        arguments = [literal(self.name)] + [f'{quote(action)} => {literal(b)}' for action, b in self.changes.items()]
        if not self.revoke:
            arguments.append('revoke_inherited => false')
        return f'SELECT relmeta.update_relationship({", ".join(arguments)}) IS NOT NULL'

    def run(self, schema, world):
        queued = declare.update_relationship(world, self.name, self.changes, self.revoke)
        return 't' if queued else 'f'


class RevokeInherited(Operation):
    access = True

    def __init__(self, name):
        self.name = name

    def sql(self, schema):
        return f'SELECT relmeta.revoke_inherited_access({literal(self.name)}) IS NOT NULL'

    def run(self, schema, world):
        declare.revoke_inherited_access(world, self.name)
        return 't'


class ResetInherited(Operation):
    access = True

    def __init__(self, name):
        self.name = name

    def sql(self, schema):
        return f'SELECT relmeta.reset_inherited_access({literal(self.name)}) IS NOT NULL'

    def run(self, schema, world):
        if self.name not in world.relationships:
            raise Refused('42704')
        world.jobs.append(('reset', self.name))
        return 't'


# ---- statements ----

def typed(values):
    return ', '.join(literal(text, sql_type) for _, sql_type, text in values)


def names(values):
    return ', '.join(quote(column) for column, _, _ in values)


class Insert:
    """INSERT of one or more rows; style: values, copy."""

    def __init__(self, table, rows, style='values'):
        self.table, self.rows, self.style = table, rows, style

    def change(self, world, change):
        for key, row in self.rows.items():
            change.inserted[Ref(self.table, key)] = row

    def lists(self, spec):
        """The column list and one list of values per row."""
        rows = [[(spec.key, spec.key_type, key)] + spec.column_values(row) for key, row in self.rows.items()]
        return names(rows[0]), rows

    def sql(self, schema):
        spec = schema.tables[self.table]
        columns, rows = self.lists(spec)
        if self.style == 'copy':
            lines = ['\t'.join('\\N' if text is None else text for _, _, text in row) for row in rows]
            return '\n'.join([f'COPY {spec.sql} ({columns}) FROM STDIN;'] + lines + ['\\.'])
        return f'INSERT INTO {spec.sql} ({columns}) VALUES ' + ', '.join(f'({typed(row)})' for row in rows)


class Upsert(Insert):
    """INSERT ... ON CONFLICT DO UPDATE of the columns in `sets` ('owner', 'state', lookups)."""

    def __init__(self, table, rows, sets):
        super().__init__(table, rows)
        self.sets = sets

    def change(self, world, change):
        for key, row in self.rows.items():
            ref = Ref(self.table, key)
            if ref in world.rows:
                change.updated[ref] = picked(row, self.sets)
            else:
                change.inserted[ref] = row

    def sql(self, schema):
        spec = schema.tables[self.table]
        sets = spec.change_values(picked(next(iter(self.rows.values())), self.sets))
        text = ', '.join(f'{quote(c)} = EXCLUDED.{quote(c)}' for c, _, _ in sets)
        return f'{super().sql(schema)} ON CONFLICT ({quote(spec.key)}) DO UPDATE SET {text}'


def picked(row, columns):
    """The values of some columns of a Row."""
    return {c: getattr(row, c) if c in ('owner', 'state') else row.lookups.get(c) for c in columns}


class Update:
    """UPDATE of several rows, each to its own values; all rows change the same columns.
    style: from (a VALUES list), case, const (one row, or the same for all), hand_to (through the user's trigger)."""

    def __init__(self, table, values, style='from'):
        self.table, self.values, self.style = table, values, style

    def change(self, world, change):
        for key, values in self.values.items():
            if Ref(self.table, key) in world.rows:
                change.updated[Ref(self.table, key)] = values

    def sql(self, schema):
        spec = schema.tables[self.table]
        rows = {key: spec.change_values(values) for key, values in self.values.items()}
        first = next(iter(rows.values()))
        key = quote(spec.key)
        keys = ', '.join(literal(k, spec.key_type) for k in rows)
        if self.style == 'from':
            lists = ', '.join(f'({literal(k, spec.key_type)}, {typed(row)})' for k, row in rows.items())
            sets = ', '.join(f'{quote(c)} = v.c{n}' for n, (c, _, _) in enumerate(first))
            columns = ', '.join(f'c{n}' for n in range(len(first)))
            return (f'UPDATE {spec.sql} AS t SET {sets} FROM (VALUES {lists}) AS v (k, {columns}) '
                    f'WHERE t.{key} = v.k')
        if self.style == 'case':
            sets = []
            for n, (column, sql_type, _) in enumerate(first):
                whens = ' '.join(f'WHEN {literal(k, spec.key_type)} THEN {literal(row[n][2], sql_type)}'
                                 for k, row in rows.items())
                sets.append(f'{quote(column)} = CASE {key} {whens} END')
            return f'UPDATE {spec.sql} SET {", ".join(sets)} WHERE {key} IN ({keys})'
        sets = ', '.join(f'{"hand_to" if self.style == "hand_to" else quote(c)} = {literal(text, t)}'
                         for c, t, text in first)
        return f'UPDATE {spec.sql} SET {sets} WHERE {key} IN ({keys})'


class Delete:
    def __init__(self, table, keys):
        self.table, self.keys = table, keys

    def change(self, world, change):
        change.deleted |= {Ref(self.table, key) for key in self.keys} & set(world.rows)

    def sql(self, schema):
        spec = schema.tables[self.table]
        keys = ', '.join(literal(k, spec.key_type) for k in self.keys)
        return f'DELETE FROM {spec.sql} WHERE {quote(spec.key)} IN ({keys})'


class Merge:
    """MERGE: rows not there are inserted; of those there, some are deleted, the others updated in `sets`."""

    def __init__(self, table, rows, sets, deletes):
        self.table, self.rows, self.sets, self.deletes = table, rows, sets, deletes

    def change(self, world, change):
        for key, row in self.rows.items():
            ref = Ref(self.table, key)
            if ref not in world.rows:
                change.inserted[ref] = row
            elif key in self.deletes:
                change.deleted.add(ref)
            else:
                change.updated[ref] = picked(row, self.sets)

    def sql(self, schema):
        spec = schema.tables[self.table]
        rows = {key: [(spec.key, spec.key_type, key)] + spec.column_values(row) for key, row in self.rows.items()}
        first = next(iter(rows.values()))
        lists = ', '.join(f'({"true" if key in self.deletes else "false"}, {typed(row)})' for key, row in rows.items())
        column = {c: f'c{n}' for n, (c, _, _) in enumerate(first)}
        changed = spec.change_values(picked(next(iter(self.rows.values())), self.sets))
        sets = ', '.join(f'{quote(c)} = v.{column[c]}' for c, _, _ in changed)
        return (f'MERGE INTO {spec.sql} AS t USING (VALUES {lists}) AS v (gone, {", ".join(column.values())}) '
                f'ON t.{quote(spec.key)} = v.c0 '
                f'WHEN MATCHED AND v.gone THEN DELETE WHEN MATCHED THEN UPDATE SET {sets} '
                f'WHEN NOT MATCHED THEN INSERT ({names(first)}) '
                f'VALUES ({", ".join("v." + c for c in column.values())})')


class Statement(Operation):
    """One SQL statement of one part, or several as data-modifying CTEs."""

    def __init__(self, *parts):
        self.parts = parts

    def sql(self, schema):
        texts = [part.sql(schema) for part in self.parts]
        if len(texts) == 1:
            return texts[0]
        ctes = ', '.join(f'part{n} AS ({text} RETURNING 1)' for n, text in enumerate(texts[:-1]))
        return f'WITH {ctes} {texts[-1]}'

    def run(self, schema, world):
        change = Change()
        for part in self.parts:
            part.change(world, change)
        model.statement(world, change)


class Block(Operation):
    """One DO block in which a nested block does something, fails and is undone, before the rest is done."""

    def __init__(self, undone, done):
        self.undone, self.done = undone, done

    def sql(self, schema):
        undone = ''.join(f'    {part.sql(schema)};\n' for part in self.undone)
        done = ''.join(f'  {part.sql(schema)};\n' for part in self.done)
        return (f'DO $block$\nBEGIN\n  BEGIN\n{undone}    RAISE EXCEPTION \'undone\';\n'
                f'  EXCEPTION WHEN OTHERS THEN NULL;\n  END;\n{done}END $block$')

    def run(self, schema, world):
        for part in self.done:
            part.run(schema, world)


class Truncate(Operation):
    """TRUNCATE of a set of tables."""

    def __init__(self, *tables):
        self.tables = tables

    def sql(self, schema):
        return f'TRUNCATE {", ".join(schema.tables[table].sql for table in self.tables)}'

    def run(self, schema, world):
        removed = {ref for ref in world.rows if ref.table in self.tables}
        model.truncate(world, removed, [r for r in world.relationships.values() if r.foreign_key and
                                        r.primary in self.tables and r.related not in self.tables])


class OfPartition(Operation):
    """What is done to a partition as a table."""

    def __init__(self, table, part):
        self.table, self.part = table, part

    def rows(self, schema, world):
        spec = schema.tables[self.table]
        return {ref for ref in world.rows if ref.table == self.table and spec.part_of(ref.key) == self.part}

    def native(self, world):
        return [r for r in world.as_primary(self.table) if r.foreign_key]


class TruncatePartition(OfPartition):
    def sql(self, schema):
        return f'TRUNCATE {schema.tables[self.table].part_sql(self.part)}'

    def run(self, schema, world):
        model.truncate(world, self.rows(schema, world), self.native(world))


class ReplacePartition(OfPartition):
    """Its table is dropped, and an empty one made instead."""

    def sql(self, schema):
        spec = schema.tables[self.table]
        return (f'DO $block$\nBEGIN\n  DROP TABLE {spec.part_sql(self.part)};\n'
                f'  {spec.create_part(self.part)};\nEND $block$')

    def run(self, schema, world):
        if self.native(world):
            raise Refused('2BP01', '23503')     # PostgreSQL's dependencies
        model.leave(world, self.rows(schema, world))


class ReattachPartition(OfPartition):
    """It is detached, and attached again: its rows leave, and are inserted."""

    def sql(self, schema):
        spec = schema.tables[self.table]
        alter, part = f'ALTER TABLE {spec.sql}', spec.part_sql(self.part)
        return (f'DO $block$\nBEGIN\n  {alter} DETACH PARTITION {part};\n'
                f'  {alter} ATTACH PARTITION {part} {spec.part_bound(self.part)};\nEND $block$')

    def run(self, schema, world):
        if any(r.related == self.table for r in self.native(world)):
            raise OrderDependent('a partition is detached from a table with a native key to itself')
        rows = {ref: world.rows[ref].copy() for ref in self.rows(schema, world)}
        model.leave(world, set(rows))
        model.statement(world, Change(inserted=rows))


class ChangeKey(Operation):
    def __init__(self, table, old, new):
        self.table, self.old, self.new = table, old, new

    def sql(self, schema):
        spec = schema.tables[self.table]
        key = quote(spec.key)
        return (f'UPDATE {spec.sql} SET {key} = {literal(self.new, spec.key_type)} '
                f'WHERE {key} = {literal(self.old, spec.key_type)}')

    def run(self, schema, world):
        old = Ref(self.table, self.old)
        if old in world.rows and self.old != self.new:
            model.statement(world, Change(rekeyed={old: Ref(self.table, self.new)}))


class Assign(Operation):
    def __init__(self, table, key, owner):
        self.table, self.key, self.owner = table, key, owner

    def sql(self, schema):
        return (f'SELECT relmeta.assign({schema.tables[self.table].regclass}, {literal(self.key)}, '
                f'{literal(self.owner)})')

    def run(self, schema, world):
        required_row(world, self)
        if world.rows[Ref(self.table, self.key)].owner == self.owner:
            return '0'                  # rule 8: nothing happens, no automation is called
        change = Change(updated={Ref(self.table, self.key): {'owner': self.owner}})
        return str(len(model.statement(world, change)))


class Automate(Operation):
    """activate_automation or deactivate_automation of a row; key None: of all rows."""

    def __init__(self, verb, table, key):
        self.verb, self.table, self.key = verb, table, key

    def sql(self, schema):
        name = literal(schema.tables[self.table].automation_name)
        return f"SELECT relmeta.{self.verb}_automation({name}, {literal(self.key, 'text')}) IS NULL"

    def run(self, schema, world):
        if self.key is not None:
            required_row(world, self)
        refs = [ref for ref in world.rows if ref.table == self.table and self.key in (None, ref.key)]
        model.activate(world, refs, self.verb == 'activate')


class MergeRows(Operation):
    """relmeta.merge() of two rows of a table."""
    access = True

    def __init__(self, table, master, subordinate):
        self.table, self.master, self.subordinate = table, master, subordinate

    def sql(self, schema):
        return (f"SELECT coalesce(string_agg(concat_ws(' ', relationship, rows, dropped), ', ' ORDER BY relationship COLLATE "
                f"\"C\"), '') FROM relmeta.merge({schema.tables[self.table].regclass}, {literal(self.master)}, "
                f'{literal(self.subordinate)})')

    def run(self, schema, world):
        report = model.merge(world, Ref(self.table, self.master), Ref(self.table, self.subordinate),
                             schema.tables[self.table].inactive)
        return ', '.join(f'{name} {rows} {dropped}' for name, (rows, dropped) in sorted(report.items()))


class ReassignOwned(Operation):
    """reassign_owned: each table is a statement of its own, primary tables first, else in the order of their names."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def sql(self, schema):
        return f'SELECT relmeta.reassign_owned({literal(self.old)}, {literal(self.new)}) IS NOT NULL'

    def run(self, schema, world):
        for principal in (self.old, self.new):
            required_principal(world, principal)
        for table in world.tables_downwards(sorted(
                schema.tables, key=lambda name: (schema.tables[name].schema, schema.tables[name].name))):
            mine = [ref for ref, row in world.rows.items() if ref.table == table and row.owner == self.old]
            model.statement(world, Change(updated={ref: {'owner': self.new} for ref in mine}))
        return 't'


# ---- sharing ----

def required_row(world, op):
    if Ref(op.table, op.key) not in world.rows:
        raise Refused('P0002')


def required_principal(world, principal):
    if principal not in world.principals:
        raise Refused('42704')


def rights_literal(rights):
    return literal('{' + ','.join(rights) + '}')


def bits_of(rights):
    return sum(RIGHTS[right] for right in set(rights))


class Share(Operation):
    """share, modify_share or unshare of one row with one principal; rights None: unshare of all."""
    access = True

    def __init__(self, verb, table, key, principal, rights):
        self.verb, self.table, self.key, self.principal, self.rights = verb, table, key, principal, rights

    def sql(self, schema):
        arguments = [schema.tables[self.table].regclass, literal(self.key), literal(self.principal)]
        if self.rights is not None:
            arguments.append(rights_literal(self.rights))
        return f'SELECT relmeta.{self.verb}({", ".join(arguments)})'

    def run(self, schema, world):
        before = world.copy()
        required_row(world, self)
        required_principal(world, self.principal)
        change_share(world, self.verb, Ref(self.table, self.key), self.principal, self.rights)
        return str(world.entries_changed(before))


def change_share(world, verb, ref, principal, rights):
    bits = ALL | RIGHTS['create'] if rights is None else bits_of(rights)
    if verb == 'share':
        model.share(world, ref, principal, bits)
    elif verb == 'unshare':
        model.unshare(world, ref, principal, bits)
    else:                               # modify_share replaces the direct rights
        held = world.mask(ref, Slot(principal, None, 'direct'))
        if bits & ~held:
            model.share(world, ref, principal, bits & ~held)
        model.unshare(world, ref, principal, held & ~bits)


class ShareMany(Operation):
    """share_many and unshare_many: all rows with all principals, one statement."""
    access = True

    def __init__(self, verb, table, keys, principals, rights):
        self.verb, self.table, self.keys, self.principals, self.rights = verb, table, keys, principals, rights

    def sql(self, schema):
        keys = ', '.join(literal(k) for k in self.keys)
        principals = ', '.join(literal(p) for p in self.principals)
        arguments = [schema.tables[self.table].regclass, f'ARRAY[{keys}]', f'ARRAY[{principals}]']
        if self.rights is not None:
            arguments.append(rights_literal(self.rights))
        return f'SELECT relmeta.{self.verb}_many({", ".join(arguments)})'

    def run(self, schema, world):
        before = world.copy()
        wrong = set()
        refs = {Ref(self.table, key) for key in self.keys}
        if refs - set(world.rows):
            wrong.add('P0002')
        for ref in world.primary_first(refs & set(world.rows)):
            for principal in self.principals:
                if principal not in world.principals:
                    wrong.add('42704')
                else:
                    try:
                        change_share(world, self.verb, ref, principal, self.rights)
                    except Refused as refused:
                        wrong |= refused.sqlstates
        if wrong:
            raise Refused(*wrong)
        return str(world.entries_changed(before))


class RevokeAll(Operation):
    """revoke_all: removes every direct grant of a principal, as unshare does."""
    access = True

    def __init__(self, principal):
        self.principal = principal

    def sql(self, schema):
        return f'SELECT relmeta.revoke_all({literal(self.principal)}) IS NOT NULL'

    def run(self, schema, world):
        required_principal(world, self.principal)
        for ref in world.primary_first(world.rows):
            change_share(world, 'unshare', ref, self.principal, None)
        return 't'


# ---- transactions ----

class Transaction(Operation):
    """BEGIN; SAVEPOINT; `undone`; ROLLBACK TO; `done`; COMMIT.  Run by session.py, statement by statement."""

    def __init__(self, undone, done):
        self.undone, self.done = undone, done
