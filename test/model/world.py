"""The world that the rules of model.py are about: tables, relationships, rows, entries.

A World is a small database in memory.  Its methods are the definitions at the
head of SEMANTICS section 3: who is related to whom, what matches, who holds
what.  Nothing here knows SQL, a server, or how relmeta works.
"""
from collections import Counter, namedtuple
from dataclasses import dataclass, field

RIGHTS = {'read': 1, 'write': 2, 'append': 4, 'append_to': 16, 'create': 32,
          'delete': 65536, 'share': 262144, 'assign': 524288}
ALL = 851991                    # every right but create: what an owner has

CASCADING = ('all', 'active', 'user_owned')

Ref = namedtuple('Ref', 'table key')                    # names a row
HalfSet = namedtuple('HalfSet', 'key type')             # a malformed multi-table lookup
Slot = namedtuple('Slot', 'principal relationship cause')   # an entry without its row and mask


class Refused(Exception):
    """The action is refused; nothing has changed."""

    def __init__(self, *sqlstates):
        super().__init__(', '.join(sorted(sqlstates)))
        self.sqlstates = set(sqlstates)


class OrderDependent(Exception):
    """The result depends on an order that SEMANTICS leaves open."""


@dataclass
class Table:
    name: str                   # as SQL spells it
    owned: bool = True          # has an owner column
    state: bool = False         # has a state column
    active: tuple = ()          # states that are active
    automation: bool = False    # has one
    everyone: int = 0           # what each principal holds on each row


@dataclass
class Relationship:
    name: str
    primary: str                # table names
    related: str
    lookup: str                 # a column of related
    type_value: str = None      # of a multi-table lookup: what the type column holds
    assign: str = 'none'
    reparent: str = 'none'
    share: str = 'none'
    unshare: str = 'none'
    delete: str = 'remove_link'
    hierarchical: bool = False
    required: bool = False      # the lookup is NOT NULL
    foreign_key: bool = True    # False: relmeta guards the lookup, not PostgreSQL
    deferred: bool = False      # the foreign key is checked at the end of the transaction
    unshare_always_all: bool = True     # for the closing invariant

    @property
    def passes_access(self):
        """Owners and entries of related rows follow the primary ones."""
        return any(behavior in CASCADING for behavior in (self.assign, self.reparent, self.share, self.unshare))

    @property
    def parental(self):
        """SEMANTICS 1."""
        return self.delete == 'all' or self.passes_access

    @property
    def refuses_loops(self):
        """SEMANTICS 3.8."""
        return self.primary == self.related and (self.parental or self.hierarchical)


@dataclass
class Row:
    owner: str = None
    state: str = None
    lookups: dict = field(default_factory=dict)     # column -> Ref, None or HalfSet

    def copy(self):
        return Row(self.owner, self.state, dict(self.lookups))


@dataclass
class Change:
    """What a statement itself does, before any effect."""
    inserted: dict = field(default_factory=dict)    # Ref -> Row
    updated: dict = field(default_factory=dict)     # Ref -> {'owner' | 'state' | lookup column: value}
    deleted: set = field(default_factory=set)       # Ref
    rekeyed: dict = field(default_factory=dict)     # Ref -> Ref


class World:
    def __init__(self):
        self.tables = {}            # name -> Table
        self.relationships = {}     # name -> Relationship
        self.principals = set()
        self.teams = {}             # team -> set of members
        self.rows = {}              # Ref -> Row
        self.entries = {}           # Ref -> {Slot: mask}
        self.jobs = []              # (kind, relationship), waiting
        self.automations = {}       # Ref -> is it active: the rows that the table's automation is or was active on
        self.calls = Counter()      # Ref -> how often its procedure was called

    def copy(self):
        other = World()
        other.tables = self.tables
        other.relationships = {name: Relationship(**vars(r)) for name, r in self.relationships.items()}
        other.principals = set(self.principals)
        other.teams = {team: set(members) for team, members in self.teams.items()}
        other.rows = {ref: row.copy() for ref, row in self.rows.items()}
        other.entries = {ref: dict(slots) for ref, slots in self.entries.items()}
        other.jobs = list(self.jobs)
        other.automations = dict(self.automations)
        other.calls = Counter(self.calls)
        return other

    # ---- who is related to whom ----

    def as_primary(self, table):
        return [r for r in self.relationships.values() if r.primary == table]

    def as_related(self, table):
        return [r for r in self.relationships.values() if r.related == table]

    def related_rows(self, relationship, ref):
        """The rows whose lookup points to ref through this relationship."""
        return sorted(child for child, row in self.rows.items()
                      if child.table == relationship.related and row.lookups.get(relationship.lookup) == ref)

    def primary_row(self, relationship, ref):
        """The row that ref points to through this relationship, or None; None also when it is still to be inserted."""
        target = self.rows[ref].lookups.get(relationship.lookup)
        return target if target in self.rows and target.table == relationship.primary else None

    def dangling(self):
        """Does a lookup point to a missing row?  Deferred foreign keys may, until the transaction ends."""
        targets = (row.lookups.get(r.lookup) for r in self.relationships.values() for ref, row in self.rows.items()
                   if ref.table == r.related)
        return any(isinstance(target, Ref) and target not in self.rows for target in targets)

    def is_active(self, ref):
        """Without a state column all rows are active; a NULL state is not (SEMANTICS 2.2)."""
        table = self.tables[ref.table]
        return not table.state or self.rows[ref].state in table.active

    def matches(self, behavior, child, parent, parent_owner=...):
        """The definition of `matches`; parent_owner is given where the owner before the change counts."""
        if behavior == 'all':
            return True
        if behavior == 'active':
            return self.is_active(child)
        if behavior == 'user_owned':
            owner = self.rows[parent].owner if parent_owner is ... else parent_owner
            return owner is not None and self.rows[child].owner == owner
        return False

    def primary_first(self, refs):
        """Primary rows before related rows: by the number of rows above, along relationships that pass access."""
        def depth(ref, seen=()):
            above = [p for r in self.as_related(ref.table) if r.passes_access
                     for p in [self.primary_row(r, ref)] if p is not None and p not in seen]
            return 1 + max((depth(p, seen + (ref,)) for p in above), default=0)
        return sorted(refs, key=lambda ref: (depth(ref), ref))

    def tables_downwards(self, names):
        """Primary tables before the related ones of relationships that pass access, else as they are given."""
        done = []

        def visit(name):
            for relationship in self.as_related(name):
                if relationship.passes_access and relationship.primary != name:
                    visit(relationship.primary)
            if name not in done:
                done.append(name)
        for name in names:
            visit(name)
        return done

    # ---- who holds what ----

    def slots(self, ref):
        return self.entries.setdefault(ref, {})

    def mask(self, ref, slot):
        return self.entries.get(ref, {}).get(slot, 0)

    def set_mask(self, ref, slot, mask):
        """An empty entry is deleted (SEMANTICS 3.3)."""
        if mask:
            self.slots(ref)[slot] = mask
        else:
            self.slots(ref).pop(slot, None)

    def entry_bits(self, ref, principal):
        """What the principal's entries on the row hold, direct and inherited."""
        bits = 0
        for slot, mask in self.entries.get(ref, {}).items():
            if slot.principal == principal:
                bits |= mask
        return bits

    def eff(self, ref, principal):
        """ALL if P owns r, OR-ed with every entry of P on r; not its teams'."""
        owned = principal is not None and self.rows[ref].owner == principal
        return (ALL if owned else 0) | self.entry_bits(ref, principal)

    def holders(self, ref):
        """Every principal P with eff(ref, P) != 0."""
        found = {slot.principal for slot in self.entries.get(ref, {})}
        if self.rows[ref].owner is not None:
            found.add(self.rows[ref].owner)
        return found

    def has_access(self, ref, right, principal):
        """What a user is granted is OR-ed over the user and its teams, and with what everyone holds."""
        names = [principal] + [team for team, members in self.teams.items() if principal in members]
        return bool(self.tables[ref.table].everyone & RIGHTS[right]) or any(self.eff(ref, name) & RIGHTS[right] for name in names)

    def stored(self):
        """(row, principal) -> (direct mask, inherited mask): the view principal_object_access."""
        result = {}
        for ref, slots in self.entries.items():
            for slot, mask in slots.items():
                direct, inherited = result.get((ref, slot.principal), (0, 0))
                if slot.cause == 'direct':
                    direct |= mask
                else:
                    inherited |= mask
                result[ref, slot.principal] = direct, inherited
        return result

    def entries_changed(self, before):
        """The number of (row, principal) whose stored rights differ from those of an earlier copy."""
        changed = set()
        for ref in set(self.entries) | set(before.entries):
            now, then = self.entries.get(ref, {}), before.entries.get(ref, {})
            changed |= {(ref, slot.principal) for slot in set(now) | set(then) if now.get(slot) != then.get(slot)}
        return len(changed)
