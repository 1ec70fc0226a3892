"""Who may do what (SEMANTICS 2.5, access control): operations of a principal that is not exempt.

An Actor is a principal, its teams, and the cap of its rights.  statement(), assign(), grant() and the others say what
an operation of its comes to: which rows it passes over, and whether it is refused; what is left is carried out by the
rules of model.py, which know of no rights.  As (below) is such an operation as SQL.
"""
import model
from operations import (Assign, Automate, Block, ChangeKey, Delete, Insert, MergeRows, Merge, Operation, Share, ShareMany,
                        Statement, Update, Upsert, bits_of, picked)
from spell import literal
from world import ALL, Change, Ref, Refused, RIGHTS, Slot

READ, WRITE, APPEND, APPEND_TO, CREATE = (RIGHTS[r] for r in ('read', 'write', 'append', 'append_to', 'create'))
DELETE, SHARE, ASSIGN = (RIGHTS[r] for r in ('delete', 'share', 'assign'))
HIDDEN = 'P0002'        # of the functions: a row that is not there, or that one may not read
DENIED = '42501'


class Actor:
    def __init__(self, world, principal, cap=None):
        self.principal = principal
        self.names = {principal} | {team for team, members in world.teams.items() if principal in members}
        self.cap = ALL | CREATE if cap is None else bits_of(cap)

    def rights(self, world, ref):
        """What it holds on a row: its own, its teams', everyone's; never more than the cap."""
        held = world.tables[ref.table].everyone
        for name in self.names:
            held |= world.eff(ref, name)
        return held & self.cap

    def may(self, world, ref, *rights):
        return ref in world.rows and all(self.rights(world, ref) & right for right in rights)


# ---- statements ----

def statement(world, actor, parts):
    """One statement of the actor's: rows that it may not read, write or delete are passed over, a value that it may
    not set is refused.  Everything is judged by the entries before the statement; owners of rows that a lookup points
    to as the statement leaves them."""
    change, wrong = Change(), set()
    for part in parts:
        FINDS[type(part)](world, actor, part, change, wrong)
    after = world.copy()
    model.apply_own_changes(after, change)
    for ref, row in change.inserted.items():
        inserts(after, actor, change, ref, row, wrong)
    for ref in change.updated:
        updates(world, after, actor, change, ref, wrong)
    carry_out(world, change, wrong)


def carry_out(world, change, wrong):
    """The rules, where nothing is wrong; else the refusal, which may also be the rules' own."""
    if not wrong:
        model.statement(world, change)
        return
    try:
        model.statement(world.copy(), change)
    except Refused as refused:
        # of a missing row the lookup is judged first, and as if it were hidden
        owners = [row.owner for row in change.inserted.values()] + [v.get('owner') for v in change.updated.values()]
        lookups_only = not change.deleted and all(o is None or o in world.principals for o in owners)
        wrong |= refused.sqlstates - ({'23503'} if lookups_only else set())
    raise Refused(*wrong)


def finds_insert(world, _actor, part, change, _wrong):
    part.change(world, change)


def finds_upsert(world, actor, part, change, wrong):
    """Every row is judged as one to insert, its lookups excepted; one that is there must be readable and writable."""
    for key, row in part.rows.items():
        ref = Ref(part.table, key)
        if not proposes(actor, row):
            wrong.add(DENIED)
        if ref in world.rows:
            change.updated[ref] = picked(row, part.sets)
            if not actor.may(world, ref, READ, WRITE):
                wrong.add(DENIED)
        else:
            change.inserted[ref] = row


def finds_update(world, actor, part, change, wrong):
    for key, values in part.values.items():
        if actor.may(world, Ref(part.table, key), READ, WRITE):
            change.updated[Ref(part.table, key)] = values


def finds_delete(world, actor, part, change, wrong):
    change.deleted |= {ref for ref in (Ref(part.table, key) for key in part.keys) if actor.may(world, ref, READ, DELETE)}


def finds_merge(world, actor, part, change, wrong):
    """MERGE passes no row over, as PostgreSQL's own; one that it does not find it inserts."""
    for key, row in part.rows.items():
        ref = Ref(part.table, key)
        if not actor.may(world, ref, READ):
            change.inserted[ref] = row
            continue
        if not actor.may(world, ref, DELETE if key in part.deletes else WRITE):
            wrong.add(DENIED)
        if key in part.deletes:
            change.deleted.add(ref)
        else:
            change.updated[ref] = picked(row, part.sets)


FINDS = {Insert: finds_insert, Upsert: finds_upsert, Update: finds_update, Delete: finds_delete, Merge: finds_merge}


def proposes(actor, row):
    """A new row's owner is one of the current principals; under a cap it also needs create."""
    return actor.cap & CREATE and (row.owner is None or row.owner in actor.names)


def appends_to(after, actor, change, target):
    """append_to on the row that a lookup points to.  Those that the statement itself inserts count."""
    return target in after.rows and (actor.may(after, target, APPEND_TO) or
                                     target in change.inserted and actor.cap & APPEND_TO)


def inserts(after, actor, change, ref, row, wrong):
    """A row without owner needs a primary row to be inserted under."""
    targets = [target for target in row.lookups.values() if isinstance(target, Ref)]
    may = [appends_to(after, actor, change, target) for target in targets]
    if not proposes(actor, row) or not all(may) or row.owner is None and not any(may):
        wrong.add(DENIED)


def updates(world, after, actor, change, ref, wrong):
    """assign to change the owner; to set or change a lookup append on the row and append_to on the new primary row,
    and, where it was set and reparent is not none, share on the row; to clear it share alone."""
    rights, old, new = actor.rights(world, ref), world.rows[ref], after.rows[ref]
    if old.owner != new.owner and not rights & ASSIGN:
        wrong.add(DENIED)
    for relationship in world.as_related(ref.table):
        was, is_now = (points(row, relationship) for row in (old, new))
        if was == is_now:
            continue
        if is_now is not None and not (rights & APPEND and appends_to(after, actor, change, is_now)):
            wrong.add(DENIED)
        if was is not None and relationship.reparent != 'none' and not rights & SHARE:
            wrong.add(DENIED)


def points(row, relationship):
    """Where a row points to through a relationship; None also where its lookup points to another table."""
    target = row.lookups.get(relationship.lookup)
    return target if isinstance(target, Ref) and target.table == relationship.primary else None


# ---- functions ----

def required(world, actor, *refs):
    if not all(actor.may(world, ref, READ) for ref in refs):
        raise Refused(HIDDEN)


def assign(world, actor, op, schema):
    """The actor's own UPDATE, and it must hold assign."""
    ref = Ref(op.table, op.key)
    required(world, actor, ref)
    if not actor.may(world, ref, ASSIGN, WRITE):
        raise Refused(DENIED)
    return op.run(schema, world)


def unless(wrong, world, op, schema):
    """Carries the operation out, or refuses it: by what is wrong, or what the rules have against it."""
    if not wrong:
        return op.run(schema, world)
    try:
        op.run(schema, world.copy())
    except Refused as refused:
        wrong |= refused.sqlstates
    raise Refused(*wrong)


def may_share(world, actor, verb, ref, principal, rights):
    """It must hold share on the row, and gives what it holds itself.  Anybody may always unshare itself."""
    held = actor.rights(world, ref)
    given = bits_of(rights) if rights is not None and verb != 'unshare' else 0
    if verb == 'modify_share':
        given &= ~world.mask(ref, Slot(principal, None, 'direct'))
    if not given and principal == actor.principal:
        return True
    return held & SHARE and not given & ~held


def grant(world, actor, op, schema):
    many = isinstance(op, ShareMany)
    refs = [Ref(op.table, key) for key in (op.keys if many else [op.key])]
    principals = op.principals if many else [op.principal]
    wrong = set() if all(actor.may(world, ref, READ) for ref in refs) else {HIDDEN}
    for ref in refs:
        if ref in world.rows and not all(may_share(world, actor, op.verb, ref, p, op.rights) for p in principals):
            wrong.add(DENIED)
    if HIDDEN in wrong:
        wrong.discard(DENIED)
    return unless(wrong, world, op, schema)


def merge_rows(world, actor, op, schema):
    """write and share on both; and it must hold what the subordinate's sharees get on the master."""
    refs = [Ref(op.table, key) for key in (op.master, op.subordinate)]
    wrong = set() if all(actor.may(world, ref, READ) for ref in refs) else {HIDDEN}
    if not wrong and not all(actor.may(world, ref, WRITE, SHARE) for ref in refs):
        wrong.add(DENIED)
    if not wrong:
        owners = {world.rows[ref].owner for ref in refs}
        given = 0
        for slot, bits in world.entries.get(refs[1], {}).items():
            if slot.cause == 'direct' and slot.principal not in owners:
                given |= bits & ~world.mask(refs[0], slot)
        if given & ~actor.rights(world, refs[0]):
            wrong.add(DENIED)
    return unless(wrong, world, op, schema)


def automate(world, actor, op, schema):
    """Of rows that it owns, itself or by a team, and that a cap lets it write; all of them, where no key is given."""
    mine = {ref for ref in world.rows if ref.table == op.table and world.rows[ref].owner in actor.names}
    if not actor.cap & WRITE:
        mine = set()
    if op.key is not None:
        ref = Ref(op.table, op.key)
        required(world, actor, ref)
        if ref not in mine:
            raise Refused(DENIED)
        mine = {ref}
    model.activate(world, mine, op.verb == 'activate')


def change_key(world, actor, op, schema):
    if actor.may(world, Ref(op.table, op.old), READ, WRITE):
        op.run(schema, world)


# ---- as SQL ----

ROLE = 'relmeta_model'
DOES = {Assign: assign, Share: grant, ShareMany: grant, MergeRows: merge_rows, Automate: automate, ChangeKey: change_key}


class As(Operation):
    """An operation of an ordinary role that acts as a principal, with a cap (a list of rights) or without."""
    access = True

    def __init__(self, principal, cap, op):
        self.principal, self.cap, self.op = principal, cap, op

    @staticmethod
    def takes(op):
        return type(op) in DOES or isinstance(op, (Statement, Block))

    def sql(self, schema):
        begin = [f'SET relmeta.principal = {literal(self.principal)}', f'SET ROLE {ROLE}']
        end = ['RESET ROLE', 'RESET relmeta.principal']
        if self.cap is not None:
            begin.insert(0, f'SET relmeta.rights = {literal(",".join(self.cap))}')
            end.append('RESET relmeta.rights')
        return ';\n'.join(begin + [self.op.sql(schema)] + end)

    def run(self, schema, world):
        actor = Actor(world, self.principal, self.cap)
        if type(self.op) in DOES:
            return DOES[type(self.op)](world, actor, self.op, schema)
        for op in self.op.done if isinstance(self.op, Block) else [self.op]:
            statement(world, actor, op.parts)
        return None


def parts_of(op):
    """The parts of a statement, or of the statements of a block."""
    return [part for statement in (op.done if isinstance(op, Block) else [op]) if isinstance(statement, Statement)
            for part in statement.parts]


def rows_of(op):
    """The rows that an operation is about, be they there or not."""
    found = []
    for part in parts_of(op):
        keys = part.values if isinstance(part, Update) else part.keys if isinstance(part, Delete) else part.rows
        found += [Ref(part.table, key) for key in keys]
    if type(op) in DOES:
        keys = [getattr(op, name, None) for name in ('key', 'old', 'master', 'subordinate')] + list(getattr(op, 'keys', ()))
        found += [Ref(op.table, key) for key in keys if key is not None]
    return found


def new_rows_of(op):
    """The model rows that it would insert."""
    return [row for part in parts_of(op) if isinstance(part, (Insert, Merge)) for row in part.rows.values()]
