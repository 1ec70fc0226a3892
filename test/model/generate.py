"""Random operations on a world, mostly ones that will be done."""
import access
import declare
import operations as ops
from world import CASCADING, HalfSet, Ref, RIGHTS, Row

RIGHT_NAMES = sorted(RIGHTS)
ROWS = 12           # per table, about


class Generator:
    def __init__(self, rng, schema, access):
        self.rng, self.schema, self.access = rng, schema, access

    def operation(self, world):
        """One operation, made for the world as it is."""
        weighted = [(8, self.insert), (10, self.update), (3, self.delete), (4, self.upsert), (4, self.merge),
                    (4, self.several), (2, self.assign), (3, self.transaction), (1.5, self.behaviors),
                    (0.5, self.change_key), (0.3, self.reassign_owned), (2, self.block), (0.3, self.truncate),
                    (2, self.partition),
                    (0.2, self.drop), (1.5, self.child_before_parent), (5, self.automate)]
        if self.access:
            weighted += [(12, self.share), (4, self.share_many), (0.3, self.revoke_all), (1, self.revoke)]
            weighted += [(0.5, self.reset), (2.5, self.merge_rows), (5, self.relink)]
        while True:
            make = self.rng.choices([f for _, f in weighted], [w for w, _ in weighted])[0]
            op = make(world)
            if op is not None:
                return self.acting(world, op)

    def acting(self, world, op):
        """Some operations are a principal's that is not exempt: mostly one that has to do with their rows."""
        if not self.access or not access.As.takes(op) or not self.chance(0.4):
            return op
        principal = self.rng.choice(self.schema.principals)
        refs = [ref for ref in access.rows_of(op) if ref in world.rows]
        owners = sorted({world.rows[ref].owner for ref in refs} - {None})
        sharees = sorted({slot.principal for ref in refs for slot in world.entries.get(ref, {})})
        for some in (owners, sharees):
            if some and self.chance(0.4):
                principal = self.rng.choice(some)
        names = sorted(access.Actor(world, principal).names)
        for row in access.new_rows_of(op):
            if row.owner is not None and self.chance(0.85):
                row.owner = self.rng.choice(names)
        for part in access.parts_of(op):
            if isinstance(part, ops.Insert) and part.style == 'copy':
                part.style = 'values'           # PostgreSQL has no COPY FROM with row security
        cap = None
        if self.chance(0.3):
            missing = 1 if self.chance(0.6) else self.rng.randint(1, len(RIGHT_NAMES) - 1)
            cap = self.rng.sample(RIGHT_NAMES, len(RIGHT_NAMES) - missing)
        return access.As(principal, cap, op)

    def relink(self, world):
        """A principal who may write a row, better not its owner, points it to one that it may append to, or nowhere."""
        table = self.table()
        keys, lookups = self.rows(world, table), self.schema.tables[table].lookups
        if not keys or not lookups:
            return None
        ref = Ref(table, self.rng.choice(keys))
        actors = [access.Actor(world, name) for name in self.schema.principals]
        actors = [actor for actor in actors if actor.may(world, ref, RIGHTS['read'], RIGHTS['write'])]
        if not actors:
            return None
        others = [actor for actor in actors if world.rows[ref].owner not in actor.names]
        actor = self.rng.choice(others if others and self.chance(0.8) else actors)
        column = self.rng.choice(list(lookups))
        targets = sorted(target for target in world.rows if target.table in lookups[column].targets
                         and actor.may(world, target, RIGHTS['append_to']))
        target = self.rng.choice(targets) if targets and self.chance(0.8) else None
        cap = self.rng.sample(RIGHT_NAMES, len(RIGHT_NAMES) - 1) if self.chance(0.3) else None
        return access.As(actor.principal, cap, ops.Statement(ops.Update(table, {ref.key: {column: target}}, 'const')))

    def chance(self, probability):
        return self.rng.random() < probability

    # ---- values ----

    def table(self):
        return self.rng.choice(list(self.schema.tables))

    def rows(self, world, table):
        return sorted(ref.key for ref in world.rows if ref.table == table)

    def new_keys(self, world, table, count):
        free = [key for key in self.schema.tables[table].keys if Ref(table, key) not in world.rows]
        return self.rng.sample(free, min(count, len(free)))

    def owner(self):
        if self.chance(0.02):
            return {'text': 'nobody', 'bigint': '77', 'uuid': 'f' * 8 + '-0000-4000-8000-000000000000'}[
                self.schema.owner_type]
        if self.chance(0.08):
            return None
        return self.rng.choice(self.schema.principals)

    def lookup(self, world, table, lookup, fresh=()):
        """A value for a lookup; `fresh`: keys of this table that the same statement inserts before."""
        target = self.rng.choice(list(lookup.targets))
        rows = self.rows(world, target) + (list(fresh) if target == table else [])
        if self.chance(0.02) and lookup.type_column:
            key = self.schema.tables[target].keys[0]
            return self.rng.choice([HalfSet(key, None), HalfSet(None, lookup.targets[target]), HalfSet(key, 'bogus')])
        if self.chance(0.02):
            return Ref(target, self.rng.choice(self.schema.tables[target].keys))     # may be missing
        if not rows or self.chance(0.02 if lookup.required else 0.15):
            return None
        return Ref(target, self.rng.choice(rows))

    def row(self, world, table, fresh=()):
        spec = self.schema.tables[table]
        return Row(self.owner() if spec.owner else None, self.state(spec),
                   {column: self.lookup(world, table, lookup, fresh) for column, lookup in spec.lookups.items()})

    def state(self, spec):
        if not spec.state:
            return None
        return None if self.chance(0.05) else self.rng.choice(spec.active + spec.states)

    def columns(self, spec, some=True):
        """The columns that an UPDATE may set: 'owner', 'state', lookups."""
        columns = (['owner'] if spec.owner else []) + (['state'] if spec.state else []) + list(spec.lookups)
        if not some or not columns:
            return columns
        weights = {'owner': 3, 'state': 1}
        chosen = {self.rng.choices(columns, [weights.get(c, 2) for c in columns])[0]}
        while self.chance(0.3):
            chosen.add(self.rng.choice(columns))
        return [c for c in columns if c in chosen]

    # ---- statements ----

    def some(self, world, table, most=8):
        keys = self.rows(world, table)
        count = 1 if self.chance(0.5) else self.rng.randint(1, most)
        return self.rng.sample(keys, min(count, len(keys)))

    def insert_part(self, world, table=None):
        table = table or self.table()
        if len(self.rows(world, table)) >= ROWS and not self.chance(0.1):
            return None
        keys = self.new_keys(world, table, 1 if self.chance(0.4) else self.rng.randint(1, 5))
        rows = {}
        for key in keys:
            rows[key] = self.row(world, table, list(rows))
        return ops.Insert(table, rows) if rows else None

    def update_part(self, world, table=None, keys=None):
        table = table or self.table()
        spec = self.schema.tables[table]
        keys = keys or self.some(world, table)
        columns = self.columns(spec)
        if not keys or not columns:
            return None
        style = self.rng.choice(['from', 'case', 'const'])
        if columns == ['owner'] and spec.trigger and self.chance(0.5):
            style = 'hand_to'
        drawn = [self.row(world, table) for _ in keys]
        if style in ('const', 'hand_to'):
            drawn = drawn[:1] * len(keys)
        values = {key: ops.picked(row, columns) for key, row in zip(keys, drawn)}
        if style == 'hand_to' and drawn[0].owner is None:
            style = 'const'
        return ops.Update(table, values, style)

    def delete_part(self, world, table=None):
        table = table or self.table()
        keys = self.some(world, table, 3)
        return ops.Delete(table, keys) if keys else None

    def mixed_rows(self, world, table):
        """Rows for an upsert or a merge: some there, some not."""
        keys = self.some(world, table, 3) + self.new_keys(world, table, self.rng.randint(0, 2))
        rows = {}
        for key in keys:
            rows[key] = self.row(world, table)
        return rows

    def upsert_part(self, world, table=None):
        table = table or self.table()
        rows, spec = self.mixed_rows(world, table), self.schema.tables[table]
        sets = self.columns(spec)
        if not rows or not sets or any(self.malformed(spec, row) for row in rows.values()):
            return None
        return ops.Upsert(table, rows, sets)

    def malformed(self, spec, row):
        """Would constraints refuse the row although it is only proposed, not stored?"""
        return any(isinstance(value, HalfSet) or value is None and spec.lookups[column].required
                   for column, value in row.lookups.items())

    def merge_part(self, world, table=None):
        table = table or self.table()
        rows = self.mixed_rows(world, table)
        sets = self.columns(self.schema.tables[table])
        if not rows or not sets:
            return None
        deletes = {key for key in rows if self.chance(0.2)}
        return ops.Merge(table, rows, sets, deletes)

    def statement(self, part):
        return ops.Statement(part) if part else None

    def insert(self, world):
        part = self.insert_part(world)
        if part and self.chance(0.15):
            part.style = 'copy'
        return self.statement(part)

    def update(self, world):
        return self.statement(self.update_part(world))

    def delete(self, world):
        return self.statement(self.delete_part(world))

    def upsert(self, world):
        return self.statement(self.upsert_part(world))

    def merge(self, world):
        return self.statement(self.merge_part(world))

    def several(self, world):
        """Data-modifying CTEs over two or three tables."""
        tables = list(self.schema.tables)
        chosen = self.rng.sample(tables, min(len(tables), self.rng.choice([2, 2, 3])))
        makers = [self.insert_part, self.update_part, self.update_part, self.delete_part, self.upsert_part]
        parts = [part for part in (self.rng.choice(makers)(world, table) for table in chosen) if part]
        return ops.Statement(*parts) if len(parts) > 1 else None

    def change_key(self, world):
        table = self.table()
        old, new = self.some(world, table, 1), self.new_keys(world, table, 1)
        return ops.ChangeKey(table, old[0], new[0]) if old and new else None

    def assign(self, world):
        table = self.table()
        keys = self.some(world, table, 1)
        if not self.schema.tables[table].owner or not keys:
            return None
        return ops.Assign(table, self.rng.choice(keys), self.owner())

    def automate(self, world):
        """Mostly on all rows: a change of owner deactivates, and calls would be few."""
        tables = [name for name, spec in self.schema.tables.items() if spec.automation]
        if not tables:
            return None
        table = self.rng.choice(tables)
        verb = 'activate' if self.chance(0.85) else 'deactivate'
        if self.chance(0.6):
            return ops.Automate(verb, table, None)
        return ops.Automate(verb, table, self.rng.choice(self.rows(world, table) or self.schema.tables[table].keys))

    def merge_rows(self, world):
        table = self.table()
        keys = self.some(world, table, 2)
        if len(keys) < 2:
            return None
        active = [key for key in self.rows(world, table) if world.is_active(Ref(table, key))]
        if len(active) > 1 and self.chance(0.9):
            keys = self.rng.sample(active, 2)
        return ops.MergeRows(table, keys[0], keys[1])

    def reassign_owned(self, world):
        old, new = self.rng.sample(self.schema.principals, 2)
        return ops.ReassignOwned(old, new)

    def transaction(self, world):
        """Its operations are made for the world before it, which is good enough."""
        undone = [self.inside(world) for _ in range(self.rng.randint(1, 3))]
        done = [self.inside(world) for _ in range(self.rng.randint(0, 2))]
        return ops.Transaction(undone, done)

    def child_before_parent(self, world):
        """Where a foreign key is deferred: a related row, then the row it points to, in one transaction."""
        keys = [r for r in world.relationships.values() if r.deferred and r.primary != r.related]
        if not keys:
            return None
        relationship = self.rng.choice(keys)
        child = self.insert_part(world, relationship.related)
        missing = self.new_keys(world, relationship.primary, 1)
        if not child or not missing:
            return None
        for row in child.rows.values():
            row.lookups[relationship.lookup] = Ref(relationship.primary, missing[0])
        parent = ops.Insert(relationship.primary, {missing[0]: self.row(world, relationship.primary)})
        done = [ops.Statement(child), ops.Statement(parent)]
        return ops.Transaction([], done if self.chance(0.95) else done[:1])

    def block(self, world):
        makers = [self.insert_part, self.update_part, self.update_part, self.delete_part, self.upsert_part,
                  self.merge_part]
        undone, done = ([part for _ in range(self.rng.randint(1, 2)) for part in [self.rng.choice(makers)(world)]
                         if part] for _ in range(2))
        if not undone and not done:
            return None
        return ops.Block([ops.Statement(part) for part in undone], [ops.Statement(part) for part in done])

    def truncate(self, world):
        tables = list(self.schema.tables)
        return ops.Truncate(*self.rng.sample(tables, self.rng.randint(1, len(tables))))

    def partition(self, world):
        """One that is no other table's primary table by a foreign key, if there is one: else little is allowed."""
        parts = [(name, n) for name, spec in self.schema.tables.items() for n in range(spec.partitions)]
        guarded = [(name, n) for name, n in parts if not any(r.foreign_key for r in world.as_primary(name))]
        if not parts:
            return None
        of = self.rng.choice([ops.TruncatePartition, ops.ReplacePartition, ops.ReattachPartition, ops.ReattachPartition])
        return of(*self.rng.choice(guarded if guarded and self.chance(0.8) else parts))

    def drop(self, world):
        names = sorted(world.relationships)
        return ops.DropRelationship(self.rng.choice(names)) if len(names) > 2 else None

    def inside(self, world):
        makers = [self.insert, self.update, self.update, self.delete, self.upsert, self.several, self.automate]
        if not any(r.deferred for r in world.relationships.values()):
            makers.append(self.behaviors)       # a table with deferred checks waiting cannot be altered
        if self.access:
            makers += [self.share, self.share, self.merge_rows]
        while True:
            op = self.rng.choice(makers)(world)
            if op is not None:
                return self.acting(world, op)

    # ---- relationships ----

    def behaviors(self, world):
        """A behavior change; most keep the relationship what it is, some would make it something forbidden."""
        if not world.relationships:
            return None
        name = self.rng.choice(sorted(world.relationships))
        changes = {}
        for _ in range(self.rng.randint(1, 2)):
            action = self.rng.choice(declare.ACTIONS)
            changes[action] = self.rng.choice(declare.ALLOWED[action])
        if self.chance(0.02):
            changes['delete'] = 'user_owned'
        if not any(f(changes) for f in (lambda c: self.chance(0.15), lambda c: self.fits(world, name, c))):
            return None
        return ops.UpdateRelationship(name, changes, revoke=self.access and self.chance(0.6))

    def fits(self, world, name, changes):
        from dataclasses import replace
        return not declare.refusals(world, replace(world.relationships[name], **changes))

    def revoke(self, world):
        names = [r.name for r in world.relationships.values()
                 if not (r.share in CASCADING and r.reparent in CASCADING) or self.chance(0.05)]
        return ops.RevokeInherited(self.rng.choice(names)) if names else None

    def reset(self, world):
        names = sorted(world.relationships)
        return ops.ResetInherited(self.rng.choice(names)) if names else None

    # ---- sharing ----

    def rights(self):
        """Often enough to change the row, and not all."""
        if self.chance(0.3):
            return sorted({'read', 'write', *self.rng.sample(RIGHT_NAMES, self.rng.randint(0, 3))})
        return self.rng.sample(RIGHT_NAMES, self.rng.randint(1, 3))

    def principal(self):
        return self.owner() if self.chance(0.02) else self.rng.choice(self.schema.principals)

    def share(self, world):
        table = self.table()
        keys = self.some(world, table, 1)
        if not keys:
            return None
        verb = self.rng.choice(['share', 'share', 'share', 'unshare', 'unshare', 'modify_share'])
        key, principal, rights = keys[0], self.principal() or self.schema.users[0], self.rights()
        owns = world.rows[Ref(table, key)].owner == principal
        if owns and (verb == 'modify_share' or verb == 'share' and not self.chance(0.1)):
            return None
        if verb == 'unshare' and self.chance(0.4):
            rights = None
        if verb == 'modify_share' and self.chance(0.2):
            rights = []
        return ops.Share(verb, table, key, principal, rights)

    def share_many(self, world):
        table = self.table()
        keys = self.some(world, table)
        principals = self.rng.sample(self.schema.principals, self.rng.randint(1, 2))
        if not keys:
            return None
        verb = self.rng.choice(['share', 'unshare'])
        owned = any(world.rows[Ref(table, key)].owner in principals for key in keys)
        if verb == 'share' and owned and not self.chance(0.1):
            return None
        return ops.ShareMany(verb, table, keys, principals,
                             None if verb == 'unshare' and self.chance(0.4) else self.rights())

    def revoke_all(self, world):
        return ops.RevokeAll(self.rng.choice(self.schema.principals))
