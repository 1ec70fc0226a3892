"""What the sessions do: random statements, each with the SQLSTATEs that it may end in."""
from shape import PRINCIPALS, ROLES, VISITOR, owner, principal, rights

LOST = {'40001', '40P01'}           # a serialization failure, a deadlock: any statement, and COMMIT

# A lookup to a missing row, an unknown owner (23503); a loop, a half-set lookup (23514); a key that is taken (23505); a
# delete that is refused (23503 of a native key, which 18 calls 23001)
WRITTEN = {'23503', '23514', '23505', '23001'}

LEVELS = ('READ COMMITTED',) * 2 + ('REPEATABLE READ', 'SERIALIZABLE')


class Statement:
    def __init__(self, sql, states=(), guarded=False):
        self.sql = sql
        self.states = LOST | set(states)    # besides success
        self.guarded = guarded              # psql's own words: they have no outcome


class Mix:
    """How often a round does what.  Mostly it is a few kinds of statements, and often: two that must meet do so rarely in
    an even mixture of all."""

    def __init__(self, rng):
        few = rng.sample(range(len(ACTIONS)), rng.randint(2, 5)) if rng.random() < 0.7 else range(len(ACTIONS))
        self.weights = [weight * (n in few or kind in (move, insert)) for n, (kind, weight) in enumerate(ACTIONS)]
        self.longest = rng.choice((1, 1, 2, 4))         # statements in a transaction
        self.sleeps = rng.choice((0, 0.2, 0.5))         # after so many of them
        self.savepoints = rng.choice((0, 0, 0.2, 0.5))
        self.rollbacks = rng.choice((0.05, 0.2, 0.5))
        self.levels = rng.choice((LEVELS, LEVELS, LEVELS[:1]))

    def action(self, rng, shape):
        """One statement, of all kinds."""
        return rng.choices(ACTIONS, self.weights)[0][0](rng, shape)


def transaction(rng, shape, mix):
    """A list of Statements: a transaction, with savepoints, or a call that stands alone."""
    if rng.random() < 0.03:
        return [alone(rng, shape)]
    statements = [Statement(f'BEGIN ISOLATION LEVEL {rng.choice(mix.levels)}')]
    for _ in range(rng.randint(1, mix.longest)):
        if rng.random() < mix.savepoints:
            statements += in_savepoint(rng, shape, mix)
        else:
            statements.append(mix.action(rng, shape))
        if rng.random() < mix.sleeps:
            statements.append(Statement(f'SELECT pg_sleep({rng.choice((1, 3, 10))} * 0.001)'))
    statements.append(Statement('ROLLBACK') if rng.random() < mix.rollbacks else Statement('COMMIT', WRITTEN))
    return statements


def in_savepoint(rng, shape, mix):
    """Kept or undone; undone in any case when it fails, so that the transaction goes on."""
    inner = [mix.action(rng, shape) for _ in range(rng.choice((1, 1, 2)))]
    if rng.random() < 0.5:
        return [Statement('SAVEPOINT s'), *inner, Statement('ROLLBACK TO s', {'3B001'})]
    return [Statement('SAVEPOINT s'), *inner,
            Statement('\\if :ERROR\nROLLBACK TO s;\n\\else\nRELEASE s;\n\\endif', guarded=True)]


def alone(rng, shape):
    """Calls that cannot stand in a transaction, or should not: others wait for what they lock."""
    kind = rng.random()
    if kind < 0.4:
        return Statement('CALL relmeta.run_jobs()')
    if kind < 0.6:
        return change_behavior(rng, shape)
    if kind < 0.75:
        return Statement(f"SELECT relmeta.drop_principal('{VISITOR}')", {'2BP01', '42704'})
    return Statement(f"SELECT relmeta.create_user('{VISITOR}', if_not_exists => true)", {'23505', '42710'})


def change_behavior(rng, shape):
    name = next(t.relationships[0] for t in shape.tables.values() if t.lookup.changing)
    share, reparent = rng.choice((('all', 'all'), ('all', 'all'), ('none', 'all'), ('all', 'none'), ('none', 'none')))
    return Statement(f"SELECT relmeta.update_relationship('{name}', share => '{share}', reparent => '{reparent}')")


# ---- DML ----

def some_table(rng, shape):
    return rng.choice(shape.busy)


def where(rng, table):
    """One row, mostly; else all that have a lookup in common, or two rows."""
    kind = rng.random()
    if kind < 0.75:
        return f'id = {rng.choice(table.keys)}'
    if kind < 0.9:
        return f'id IN ({rng.choice(table.keys)}, {rng.choice(table.keys)})'
    return f'id % 3 = {rng.randint(0, 2)}'


def move(rng, shape):
    table = some_table(rng, shape)
    pairs = ', '.join(f'{name} = {value}' for name, value in shape.lookup_values(rng, table))
    return Statement(f'UPDATE {table.name} SET {pairs} WHERE {where(rng, table)}', WRITTEN)


def move_and_assign(rng, shape):
    """In one statement."""
    table = rng.choice(shape.owned())
    pairs = ', '.join(f'{name} = {value}' for name, value in shape.lookup_values(rng, table))
    return Statement(f'UPDATE {table.name} SET owner = {owner(rng)}, {pairs} WHERE {where(rng, table)}', WRITTEN)


def assign(rng, shape):
    table = rng.choice(shape.owned())
    if rng.random() < 0.5:
        return Statement(f'UPDATE {table.name} SET owner = {owner(rng)} WHERE {where(rng, table)}', WRITTEN)
    return Statement(f"SELECT relmeta.assign('{table.name}', {rng.choice(table.keys)}, {owner(rng)})",
                     {'P0002', '23503', '42704'})


def insert(rng, shape):
    table = some_table(rng, shape)
    sql = shape.insert(rng, table, rng.choice(table.keys))
    if rng.random() < 0.3:
        column = table.lookup.column
        update = f'{column} = excluded.{column}'
        if table.lookup.type_column:
            update += f', {table.lookup.type_column} = excluded.{table.lookup.type_column}'
        sql += f' ON CONFLICT (id) DO UPDATE SET {update}'
    return Statement(sql, WRITTEN)


def delete(rng, shape):
    table = some_table(rng, shape)
    return Statement(f'DELETE FROM {table.name} WHERE id = {rng.choice(table.keys)}', WRITTEN)


def rekey(rng, shape):
    table = some_table(rng, shape)
    return Statement(f'UPDATE {table.name} SET id = {rng.choice(table.keys)} WHERE id = {rng.choice(table.keys)}', WRITTEN)


def remark(rng, shape):
    """Leaves everything alone that relmeta watches."""
    table = some_table(rng, shape)
    return Statement(f'UPDATE {table.name} SET remark = remark + 1 WHERE {where(rng, table)}', WRITTEN)


def lock(rng, shape):
    """The application's own locks on the same rows."""
    table = some_table(rng, shape)
    strength = rng.choice(('UPDATE', 'NO KEY UPDATE', 'SHARE', 'KEY SHARE'))
    return Statement(f'SELECT id FROM {table.name} WHERE {where(rng, table)} FOR {strength}')


# ---- calls ----

SHARED = {'P0002', '22023', '42704'}    # no such row, its own owner, no such principal


def share(rng, shape):
    table = some_table(rng, shape)
    return Statement(f"SELECT relmeta.share('{table.name}', {rng.choice(table.keys)}, {principal(rng)}, {rights(rng)})",
                     SHARED)


def modify_share(rng, shape):
    table = some_table(rng, shape)
    return Statement(f"SELECT relmeta.modify_share('{table.name}', {rng.choice(table.keys)}, {principal(rng)}, "
                     f"{rights(rng, 0)})", SHARED)


def unshare(rng, shape):
    table = some_table(rng, shape)
    given = f', {rights(rng)}' if rng.random() < 0.3 else ''
    return Statement(f"SELECT relmeta.unshare('{table.name}', {rng.choice(table.keys)}, {principal(rng)}{given})", SHARED)


def share_many(rng, shape):
    table = rng.choice(shape.busy)
    keys = ','.join(str(rng.choice(table.keys)) for _ in range(2))
    names = ','.join(rng.sample(PRINCIPALS, 2))
    call = rng.choice((f"share_many('{table.name}', '{{{keys}}}', '{{{names}}}', {rights(rng)})",
                       f"unshare_many('{table.name}', '{{{keys}}}', '{{{names}}}')"))
    return Statement(f'SELECT relmeta.{call}', SHARED)


def reassign_owned(rng, shape):
    return Statement(f'SELECT relmeta.reassign_owned({principal(rng)}, {principal(rng)})', {'42704', '22023', '23503'})


def revoke_all(rng, shape):
    return Statement(f'SELECT relmeta.revoke_all({principal(rng)})', {'42704'})


def reset(rng, shape):
    table = some_table(rng, shape)
    return Statement(f"SELECT relmeta.reset_inherited_access('{rng.choice(table.relationships)}')")


def revoke(rng, shape):
    """Refused while both causes cascade."""
    table = next(t for t in shape.tables.values() if t.lookup.changing)
    return Statement(f"SELECT relmeta.revoke_inherited_access('{table.relationships[0]}')", {'55000'})


def merge(rng, shape):
    """One is below the other, or inactive, or the same (55000); what points to the subordinate follows."""
    one, other = rng.choice(shape.tables['account'].keys), rng.choice(shape.tables['account'].keys)
    return Statement(f"SELECT * FROM relmeta.merge('account', {one}, {other})", WRITTEN | {'55000', 'P0002', '42704'})


def reopen(rng, shape):
    return Statement(f"UPDATE account SET active = true WHERE id = {rng.choice(shape.tables['account'].keys)}", WRITTEN)


def automate(rng, shape):
    verb = rng.choice(('activate', 'activate', 'deactivate'))
    key = rng.choice((*shape.tables['account'].keys, 'NULL'))
    return Statement(f"SELECT relmeta.{verb}_automation('automatic', {key})", {'P0002'})


def roles(rng):
    """One side's, both, or none; they may not fit (22023)."""
    return ''.join(f", role{side} => '{rng.choice(ROLES)}'" for side in (1, 2) if rng.random() < 0.3)


def connect(rng, shape):
    """A row with another, or with itself (23514), or with all of a table; ends go and follow keys meanwhile."""
    one, other = some_table(rng, shape), some_table(rng, shape)
    key, rows = rng.choice(other.keys), ''
    if rng.random() < 0.1:
        key, rows = 'id', f' FROM {other.name} ORDER BY id'
    return Statement(f"SELECT relmeta.connect('{one.name}', {rng.choice(one.keys)}, '{other.name}', {key}{roles(rng)}){rows}",
                     {'P0002', '23514', '22023'})


def change_connection(rng, shape):
    """One of a row, or of all: another role, or none."""
    key = rng.choice(some_table(rng, shape).keys)
    clear = ", clear => '{role1,role2}'" if rng.random() < 0.3 else roles(rng)
    return Statement(f"SELECT relmeta.update_connection(connection_id, description => 'changed'{clear}) FROM (SELECT connection_id "
                     f"FROM relmeta.connection WHERE key1 = '{key}' OR {rng.choice(('true', 'false'))} ORDER BY 1 LIMIT 1) AS c",
                     {'P0002', '22023'})


def connections(rng, shape):
    table = some_table(rng, shape)
    return Statement(f"SELECT * FROM relmeta.connections('{table.name}', {rng.choice(table.keys)})", {'P0002'})


def disconnect(rng, shape):
    """One of a row, or of all; it may have gone meanwhile (P0002)."""
    key = rng.choice(some_table(rng, shape).keys)
    return Statement(f"SELECT relmeta.disconnect(connection_id) FROM (SELECT connection_id FROM relmeta.connection WHERE "
                     f"key1 = '{key}' OR {rng.choice(('true', 'false'))} ORDER BY 1 LIMIT 1) AS c", {'P0002'})


def ask(rng, shape):
    table = some_table(rng, shape)
    return Statement(f"SELECT relmeta.has_access('{table.name}', id, 'write', {principal(rng)}) FROM {table.name}",
                     {'42704'})


ACTIONS = ((move, 10), (move_and_assign, 5), (assign, 10), (insert, 3), (delete, 4), (rekey, 4), (remark, 4), (lock, 3),
           (share, 8), (modify_share, 8), (unshare, 8), (share_many, 4), (reassign_owned, 2), (revoke_all, 2),
           (reset, 2), (revoke, 1), (ask, 2), (merge, 4), (reopen, 4), (automate, 4),
           (connect, 6), (disconnect, 2), (change_connection, 2), (connections, 1))
