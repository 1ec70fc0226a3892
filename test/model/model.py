"""The rules of SEMANTICS section 3, written to be read.

The functions are the rules, in their order; each says which sentence it
implements.  Every one changes the World it is given.  A rule that refuses
raises Refused with the SQLSTATEs it may carry; the caller works on a copy and
throws it away, so that nothing has changed.  Where the text leaves an order
open and the result would depend on it, OrderDependent is raised (README.md
lists the cases).
"""
from world import ALL, CASCADING, Change, HalfSet, OrderDependent, Refused, Slot


# ---- rule 0: one statement ----

def statement(world, change):
    """A statement's own changes, then its effects, once, net of the whole statement: first deletes, whose
    removed links are reparents too, then assigns, then reparents, primary rows before related rows.
    Returns the rows that changed owner."""
    before = {ref: world.rows[ref].copy() for ref in change.updated}
    wrong = apply_own_changes(world, change)
    wrong |= bad_rows(world, change)
    cleared, refused_deletes = delete(world, change)
    if wrong or refused_deletes:
        raise Refused(*wrong, *refused_deletes)

    owners = {ref: (row.owner, world.rows[ref].owner) for ref, row in before.items()
              if ref in world.rows and world.rows[ref].owner != row.owner}
    moved = moved_lookups(world, change, before)
    for ref, lookup in cleared:
        moved.setdefault(ref, set()).add(lookup)

    reassigned = assign_owners(world, owners)
    for ref in world.primary_first(reassigned):
        assign_inheritance(world, ref, *reassigned[ref])
    for ref in world.primary_first(moved):
        reparent(world, ref, moved[ref])
    automate(world, change, [ref for ref, _ in cleared], reassigned)
    return set(reassigned)


def apply_own_changes(world, change):
    """A statement's own changes all happen first; the stored values count.  Returns the SQLSTATEs against them."""
    wrong = set()
    for ref, row in change.inserted.items():
        if ref in world.rows:
            wrong.add('23505')
        world.rows[ref] = row.copy()
    for ref, values in change.updated.items():
        row = world.rows[ref]
        for column, value in values.items():
            if column in ('owner', 'state'):
                setattr(row, column, value)
            else:
                row.lookups[column] = value
    for old, new in change.rekeyed.items():
        wrong |= change_key(world, old, new)
    for ref in change.deleted:
        del world.rows[ref]
    return wrong


def moved_lookups(world, change, before):
    """Row -> the lookups that changed, were set on INSERT, or point to a row inserted after them (SEMANTICS 3.4).
    A new value that equals the old one is no change (SEMANTICS 3.8)."""
    moved = {}
    for ref, old in before.items():
        if ref in world.rows:
            columns = {c for c, value in world.rows[ref].lookups.items() if value != old.lookups.get(c)}
            if columns:
                moved[ref] = columns
    for ref in change.inserted:
        if ref not in world.rows:
            continue
        columns = {c for c, value in world.rows[ref].lookups.items() if value is not None}
        if columns:
            moved.setdefault(ref, set()).update(columns)
        for relationship in world.as_primary(ref.table):
            for child in world.related_rows(relationship, ref):
                moved.setdefault(child, set()).add(relationship.lookup)
    return moved


def bad_rows(world, change):
    """Unknown owners (SEMANTICS 2.2), half-set lookups (2.3), lookups to a missing row, NOT NULL, loops (3.8)."""
    wrong = set()
    for ref in (set(change.inserted) | set(change.updated)) & set(world.rows):
        row = world.rows[ref]
        if row.owner is not None and row.owner not in world.principals:
            wrong.add('23503')
        for relationship in world.as_related(ref.table):
            target = row.lookups.get(relationship.lookup)
            if target is None and relationship.required:
                wrong.add('23502')
            if isinstance(target, HalfSet):
                wrong.add('23514')
            elif target in change.deleted:
                raise OrderDependent('a statement links a row to one that it deletes')
            elif target is not None and target not in world.rows and not relationship.deferred:
                wrong.add('23503')
            if relationship.refuses_loops and in_loop(world, relationship, ref):
                wrong.add('23514')
    return wrong


def in_loop(world, relationship, ref):
    """Does the row point at itself or below itself (SEMANTICS 3.8)?"""
    seen, above = set(), world.primary_row(relationship, ref)
    while above is not None and above not in seen:
        if above == ref:
            return True
        seen.add(above)
        above = world.primary_row(relationship, above)
    return False


# ---- rule 1: assign ----

def assign_owners(world, owners):
    """Owners first, over the whole cascade.  `owners`: row -> (U, V) as the statement itself changed them; those
    rows are not re-assigned (SEMANTICS 3.0).  Returns the same for every row that changed owner."""
    reassigned = dict(owners)
    queue = world.primary_first(owners)
    while queue:
        ref = queue.pop(0)
        old, new = reassigned[ref]
        for relationship in world.as_primary(ref.table):
            if relationship.assign not in CASCADING:
                continue
            for child in world.related_rows(relationship, ref):
                row = world.rows[child]
                if (child not in reassigned and row.owner != new
                        and world.matches(relationship.assign, child, ref, parent_owner=old)):
                    reassigned[child] = (row.owner, new)
                    row.owner = new
                    queue.append(child)
    return reassigned


def assign_inheritance(world, ref, old, new):
    """Then inheritance, for a row that changed owner from `old` (U) to `new` (V)."""
    if old is not None:
        # (i) it re-inherits for its former owner
        for relationship in world.as_related(ref.table):
            parent = world.primary_row(relationship, ref)
            if parent is None:
                continue
            if relationship.reparent != 'none':
                if world.matches(relationship.reparent, ref, parent):
                    gain(world, ref, Slot(old, relationship.name, 'reparent'), world.eff(parent, old))
            elif world.matches(relationship.share, ref, parent):
                gain(world, ref, Slot(old, relationship.name, 'share'), world.entry_bits(parent, old))
        # (ii) what U no longer holds is taken from its inherited entries below
        take_below(world, ref, old, ALL & ~world.eff(ref, old))
    if new is not None:
        # (ii) and V gains ALL below, where reparent is not none
        for relationship in world.as_primary(ref.table):
            for child in world.related_rows(relationship, ref):
                if world.matches(relationship.reparent, child, ref):
                    gain(world, child, Slot(new, relationship.name, 'reparent'), ALL)


# ---- rule 2: share ----

def share(world, ref, principal, bits):
    """share(): P's direct entry gains bits.  Sharing a row with its own owner is refused (SEMANTICS 2.5)."""
    if world.rows[ref].owner == principal:
        raise Refused('22023')
    gain(world, ref, Slot(principal, None, 'direct'), bits)


def gain(world, ref, slot, bits):
    """An entry gains bits.  Never for the row's own owner, and not through that row; what goes further is what is
    new in that entry."""
    if world.rows[ref].owner == slot.principal:
        return
    new = bits & ~world.mask(ref, slot)
    if new:
        world.set_mask(ref, slot, world.mask(ref, slot) | new)
        gain_below(world, ref, slot.principal, new, slot.cause)


def gain_below(world, ref, principal, bits, cause):
    """Along relationships whose share cascades by share entries; what came by reparent, along those whose
    reparent cascades by reparent entries."""
    for relationship in world.as_primary(ref.table):
        if cause == 'reparent':
            behavior, slot = relationship.reparent, Slot(principal, relationship.name, 'reparent')
        else:
            behavior, slot = relationship.share, Slot(principal, relationship.name, 'share')
        for child in world.related_rows(relationship, ref):
            if world.matches(behavior, child, ref):
                gain(world, child, slot, bits)


# ---- rule 3: unshare ----

def unshare(world, ref, principal, bits):
    """unshare(): P's direct entry loses bits."""
    slot = Slot(principal, None, 'direct')
    lost = world.mask(ref, slot) & bits
    world.set_mask(ref, slot, world.mask(ref, slot) & ~lost)
    lose_below(world, ref, principal, lost)


def lose_below(world, ref, principal, bits):
    """Of the bits that an entry on the row lost, those that P does not hold by another ground are lost further
    down, where unshare cascades and matches."""
    lost = bits & ~world.eff(ref, principal)
    if not lost:
        return
    for relationship in world.as_primary(ref.table):
        for child in world.related_rows(relationship, ref):
            if world.matches(relationship.unshare, child, ref):
                taken = take(world, child, principal, relationship, lost)
                lose_below(world, child, principal, taken)


def take(world, ref, principal, relationship, bits):
    """Takes bits from P's inherited entries on the row through the relationship, both causes; returns what they had."""
    taken = 0
    for cause in ('share', 'reparent'):
        slot = Slot(principal, relationship.name, cause)
        mask = world.mask(ref, slot)
        taken |= mask & bits
        world.set_mask(ref, slot, mask & ~bits)
    return taken


# ---- rule 4: reparent ----

def reparent(world, ref, lookups):
    """The row's lookups have changed: entries through their relationships go, those that the new primary rows
    give come, and the net change of what each principal holds on the row goes on down.  One net change, also where
    a multi-table lookup changed its type."""
    before = {principal: world.eff(ref, principal) for principal in world.holders(ref)}
    changed = [r for r in world.as_related(ref.table) if r.lookup in lookups]
    names = {r.name for r in changed}
    for slot in [s for s in world.slots(ref) if s.relationship in names]:
        world.set_mask(ref, slot, 0)
    for relationship in changed:
        parent = world.primary_row(relationship, ref)
        if parent is not None and world.matches(relationship.reparent, ref, parent):
            for principal in world.holders(parent) - {world.rows[ref].owner}:
                world.set_mask(ref, Slot(principal, relationship.name, 'reparent'), world.eff(parent, principal))
    for principal in sorted(set(before) | world.holders(ref)):
        old, new = before.get(principal, 0), world.eff(ref, principal)
        gain_below(world, ref, principal, new & ~old, 'reparent')
        take_below(world, ref, principal, old & ~new)


def take_below(world, ref, principal, bits):
    """The bits that P no longer holds on the row are taken from P's inherited entries on the related rows of every
    relationship, both causes, and further down only as far as P no longer holds them there."""
    if not bits:
        return
    for relationship in world.as_primary(ref.table):
        for child in world.related_rows(relationship, ref):
            taken = take(world, child, principal, relationship, bits)
            take_below(world, child, principal, taken & ~world.eff(child, principal))


# ---- rule 5: delete ----

def delete(world, change):
    """The statement's own deletes have happened; now what they do to related rows.  Returns the links removed and
    the SQLSTATEs against it."""
    cascaded, cleared, restricting, queue = set(), set(), [], sorted(change.deleted)
    while queue:
        ref = queue.pop(0)
        for relationship in world.as_primary(ref.table):
            for child in world.related_rows(relationship, ref):
                if child in change.inserted or relationship.lookup in change.updated.get(child, ()):
                    raise OrderDependent('a statement links a row to one that it deletes')
                if relationship.delete == 'restrict':
                    restricting.append((relationship, child))
                elif relationship.delete == 'remove_link':
                    cleared.add((child, relationship.lookup))
                elif child not in cascaded:
                    cascaded.add(child)
                    queue.append(child)
    wrong = restricted(restricting, cascaded)
    for ref in cascaded:
        del world.rows[ref]
    for ref in cascaded | change.deleted:
        forget(world, ref)
    twice = [child for child, _ in cleared] + list(cascaded)
    for child in set(twice):
        if twice.count(child) > 1 and any(r.foreign_key for r in world.as_related(child.table)):
            if not wrong:
                raise OrderDependent('a delete reaches a row with foreign keys in two ways')
            wrong |= {'23503'}      # PostgreSQL's check of the other key may come first
    cleared = {(child, lookup) for child, lookup in cleared if child in world.rows}
    for child, lookup in cleared:
        world.rows[child].lookups[lookup] = None
    return cleared, wrong


def pointed_to(world, removed):
    """Does a row that stays point to one that is removed?"""
    return any(child not in removed for ref in removed for r in world.as_primary(ref.table)
               for child in world.related_rows(r, ref))


def forget(world, ref):
    """Entries and automations of a deleted row go with it, in the same statement."""
    world.entries.pop(ref, None)
    world.automations.pop(ref, None)


def remove(world, removed):
    for ref in removed:
        del world.rows[ref]
        forget(world, ref)


def truncate(world, removed, native):
    """TRUNCATE removes the entries; refused while lookups still point to a row that it removes.  (While foreign keys
    of tables that it does not name do, rows or not, PostgreSQL refuses it.)"""
    if native or pointed_to(world, removed):
        raise Refused('0A000')
    remove(world, removed)


def leave(world, removed):
    """Rows that leave with a partition take their entries along; refused while lookups point to them."""
    if pointed_to(world, removed):
        raise Refused('23503')
    remove(world, removed)


def restricted(restricting, cascaded):
    """Rows that the statement itself deletes do not restrict; rows that only a cascade would delete do where
    relmeta guards the lookup; between native keys PostgreSQL's order decides."""
    native = {'23503', '23001'}         # its own error, which 18 calls 23001
    wrong, open_order = set(), False
    for relationship, child in restricting:
        if not relationship.foreign_key:
            wrong.add('23001')
        elif child not in cascaded:
            wrong |= native
        else:
            open_order = True
    if open_order and not wrong:
        raise OrderDependent('a native key restricts a row that a cascade deletes')
    if open_order:
        wrong |= native
    return wrong


def change_key(world, old, new):
    """A change of a key takes the row's entries and automations along; refused while lookups point to it."""
    pointing = [r for r in world.as_primary(old.table) if world.related_rows(r, old)]
    if any(r.deferred for r in pointing):
        raise OrderDependent('a key changes under a deferred foreign key')
    if pointing:
        return {'23503', '23505'} if new in world.rows else {'23503'}
    if new in world.rows:
        return {'23505'}
    world.rows[new] = world.rows.pop(old)
    if old in world.entries:
        world.entries[new] = world.entries.pop(old)
    if old in world.automations:
        world.automations[new] = world.automations.pop(old)
    return set()


# ---- rule 6: merge ----

def merge(world, master, subordinate, inactive):
    """The subordinate's sharees get the same direct rights on the master, its related rows are repointed, it becomes
    inactive.  (Every relationship here has merge = all.)  Returns relationship -> (rows, dropped)."""
    if inactive is None or master == subordinate:
        raise Refused('55000')
    if master not in world.rows or subordinate not in world.rows:
        raise Refused('P0002')
    if not (world.is_active(master) and world.is_active(subordinate)):
        raise Refused('55000')
    if any(r.refuses_loops and below(world, r, master, subordinate) for r in world.as_related(master.table)):
        raise Refused('55000')
    owners = (world.rows[master].owner, world.rows[subordinate].owner)
    for slot, bits in sorted(world.entries.get(subordinate, {}).items(), key=lambda item: item[0].principal):
        if slot.cause == 'direct' and slot.principal not in owners:
            share(world, master, slot.principal, bits)
    report = {}
    for r in world.as_primary(master.table):
        dropped = 0
        if r.primary == r.related and not r.refuses_loops and world.rows[master].lookups.get(r.lookup) == subordinate:
            statement(world, Change(updated={master: {r.lookup: None}}))
            dropped = 1
        children = [child for child in world.related_rows(r, subordinate) if child != master]
        statement(world, Change(updated={child: {r.lookup: master} for child in children}))
        if children or dropped:
            report[r.name] = len(children), dropped
    statement(world, Change(updated={subordinate: {'state': inactive}}))
    return report


def below(world, relationship, ref, above):
    """Does a row stand below another?"""
    seen = set()
    while ref is not None and ref not in seen:
        seen.add(ref)
        ref = world.primary_row(relationship, ref)
        if ref == above:
            return True
    return False


# ---- rule 9: automations ----

def automate(world, change, cleared, reassigned):
    """Active automations of rows that changed owner are deactivated; those of rows that were updated, by the statement
    or because a link was removed, are called, once for each UPDATE.  (A cascaded assign deactivates.)"""
    for ref in reassigned:
        if ref in world.automations:
            world.automations[ref] = False
    for ref in list(change.updated) + list(change.rekeyed.values()) + cleared:
        if world.automations.get(ref):
            world.calls[ref] += 1


def activate(world, refs, active):
    """activate_automation(), deactivate_automation()."""
    for ref in refs:
        if active or ref in world.automations:
            world.automations[ref] = active


# ---- rule 10: revoking inherited access, and its opposite ----

def revoke(world, name):
    """The job: inherited entries of the causes that are none go, and below them what was inherited from them.
    Returns the number of (row, principal) whose inherited rights shrank."""
    before = world.copy()
    relationship = world.relationships[name]
    for cause in ('share', 'reparent'):
        if getattr(relationship, cause) != 'none':
            continue
        for ref in world.primary_first(r for r in world.rows if r.table == relationship.related):
            for slot in [s for s in world.slots(ref) if s.relationship == name and s.cause == cause]:
                bits = world.mask(ref, slot)
                world.set_mask(ref, slot, 0)
                take_below(world, ref, slot.principal, bits & ~world.eff(ref, slot.principal))
    return rights_shrunk(before, world)


def drop_relationship(world, name):
    """Removes the entries that it made, and below them as a revoke job does (SEMANTICS 3.5)."""
    for ref in world.primary_first(r for r in world.rows if r.table == world.relationships[name].related):
        for slot in [s for s in world.slots(ref) if s.relationship == name]:
            bits = world.mask(ref, slot)
            world.set_mask(ref, slot, 0)
            take_below(world, ref, slot.principal, bits & ~world.eff(ref, slot.principal))
    del world.relationships[name]


def rights_shrunk(before, after):
    now = after.stored()
    return sum(1 for key, (_, inherited) in before.stored().items() if inherited & ~now.get(key, (0, 0))[1])


def reset(world, name):
    """reset_inherited_access: makes the entries below what rules 2 and 4 give now, table by table, primary rows
    before related rows.  README.md says which reading of "below" this is."""
    before = world.copy()
    below, queue = [], [world.relationships[name]]
    while queue:
        relationship = queue.pop(0)
        if relationship not in below:
            below.append(relationship)
            queue += world.as_primary(relationship.related)
    names = {r.name for r in below}
    for ref in world.primary_first(r for r in world.rows if any(r.table == b.related for b in below)):
        for slot in [s for s in world.slots(ref) if s.relationship in names]:
            world.set_mask(ref, slot, 0)
        for relationship in below:
            parent = world.primary_row(relationship, ref) if relationship.related == ref.table else None
            if parent is not None:
                reset_row(world, ref, relationship, parent)
    return rights_shrunk(before, world)


def reset_row(world, ref, relationship, parent):
    """What rules 2 and 4 give a row now through one relationship; a behavior that is none gives nothing."""
    for principal in world.holders(parent) - {world.rows[ref].owner}:
        if world.matches(relationship.share, ref, parent):
            bits = 0
            for slot, mask in world.slots(parent).items():
                if slot.principal == principal and slot.cause != 'reparent':
                    bits |= mask
            world.set_mask(ref, Slot(principal, relationship.name, 'share'), bits)
        if world.matches(relationship.reparent, ref, parent):
            world.set_mask(ref, Slot(principal, relationship.name, 'reparent'), world.eff(parent, principal))


# ---- the closing invariant ----

def invariant_violations(world):
    """Where unshare has always been all, no inherited entry holds bits that its principal does not hold on the
    primary row.  (Stronger than the text, which exempts relationships whose revoke job has not finished.)"""
    found = []
    for ref, slots in world.entries.items():
        for slot, mask in slots.items():
            if slot.cause == 'direct':
                continue
            relationship = world.relationships[slot.relationship]
            parent = world.primary_row(relationship, ref)
            held = world.eff(parent, slot.principal) if parent is not None else 0
            if relationship.unshare_always_all and mask & ~held:
                found.append((ref, slot, mask, held))
    return found
