"""Sentences of SEMANTICS section 3, as small stories with known ends.

Each function is one story; its docstring is the sentence.  Its asserts hold
the model to the text; with a server, every step is compared there too.
Stories marked @data need no access part.
"""
import operations as ops
from session import Session
from spell import Schema, TableSpec
from world import ALL, HalfSet, Ref, Refused, Row, Slot

READ, WRITE = 1, 2
PEOPLE = ('ann', 'bob', 'cat', 'dan')
STORIES = []


def story(function):
    STORIES.append((function, True))
    return function


def data(function):
    STORIES.append((function, False))
    return function


class Case:
    """A session with tables a, b, c, d (b's rows are below a's, and so on, as far as a story says), e without owner.
    Keys are numbers; every lookup is named after the relationship, which is named primary_related."""

    def __init__(self, server=None, access=True):
        schema = Schema(users=PEOPLE, teams={'crew': ['cat']})
        for name in 'abcde':
            schema.add(TableSpec('m', name, owner=None if name == 'e' else 'owner_id', state='state',
                                 state_type='int', states=('0', '1'), active=('0',), automation=name in 'bc'))
        self.session = Session(schema, server, access)

    @property
    def world(self):
        return self.session.world

    def ref(self, name):
        """'a1' is row 1 of table a."""
        return Ref('m.' + name[0], name[1:])

    def link(self, related, primary, preset='parental', **options):
        """primary <- related, by the column primary_related; returns the name."""
        declared = {k: options.pop(k) for k in ('hierarchical', 'required', 'foreign_key') if k in options}
        behaviors = {action: 'all' if preset == 'parental' else 'none' for action in
                     ('assign', 'reparent', 'share', 'unshare')}
        behaviors['delete'] = {'parental': 'all', 'referential': 'remove_link', 'restrict': 'restrict'}[preset]
        name = f'{primary}_{related}'
        self.do(ops.CreateOneToMany(name, 'm.' + primary, 'm.' + related, name, {**behaviors, **options}, **declared))
        return name

    def do(self, op):
        return self.session.do(op)

    def refused(self, sqlstate, op):
        try:
            self.do(op)
        except Refused as refused:
            assert sqlstate in refused.sqlstates, f'{refused}, not {sqlstate}'
        else:
            raise AssertionError(f'not refused with {sqlstate}')

    def row(self, name, owner=None, state='0', **lookups):
        values = {column: self.ref(target) if isinstance(target, str) else target
                  for column, target in lookups.items()}
        return self.ref(name).key, Row(owner, state, values)

    def insert(self, name, owner=None, state='0', **lookups):
        self.do(self.insertion(name, owner, state, **lookups))

    def insertion(self, name, owner=None, state='0', **lookups):
        key, row = self.row(name, owner, state, **lookups)
        return ops.Statement(ops.Insert('m.' + name[0], {key: row}))

    def updating(self, **rows):
        """rows: a1={'owner': ..., lookup: 'b2'}; all of one statement, a part per table."""
        tables = {}
        for name, values in rows.items():
            values = {c: self.ref(v) if c not in ('owner', 'state') and isinstance(v, str) else v
                      for c, v in values.items()}
            tables.setdefault('m.' + name[0], {})[name[1:]] = values
        return ops.Statement(*(ops.Update(table, values) for table, values in tables.items()))

    def update(self, **rows):
        self.do(self.updating(**rows))

    def deletion(self, *names):
        tables = {}
        for name in names:
            tables.setdefault('m.' + name[0], []).append(name[1:])
        return ops.Statement(*(ops.Delete(table, keys) for table, keys in tables.items()))

    def delete(self, *names):
        self.do(self.deletion(*names))

    def sharing(self, name, principal, *rights, verb='share'):
        return ops.Share(verb, 'm.' + name[0], name[1:], principal, list(rights) or None)

    def share(self, name, principal, *rights):
        return int(self.do(self.sharing(name, principal, *rights)))

    def unshare(self, name, principal, *rights):
        return int(self.do(self.sharing(name, principal, *rights, verb='unshare')))

    # ---- what is so now ----

    def owner(self, name):
        return self.world.rows[self.ref(name)].owner

    def up(self, name, lookup):
        return self.world.rows[self.ref(name)].lookups[lookup]

    def there(self, name):
        return self.ref(name) in self.world.rows

    def stored(self, name, principal):
        """(direct, inherited)"""
        return self.world.stored().get((self.ref(name), principal), (0, 0))

    def entry(self, name, principal, relationship, cause):
        return self.world.mask(self.ref(name), Slot(principal, relationship, cause))

    def eff(self, name, principal):
        return self.world.eff(self.ref(name), principal)

    def entries(self):
        return len(self.world.stored())


# ---- 0: one statement ----

@data
def own_changes_first(case):
    """A statement's own changes all happen first: b moves under the row that is assigned, in one statement."""
    case.link('b', 'a')
    case.insert('a1', 'ann')
    case.insert('b1', 'bob')
    case.update(a1={'owner': 'cat'}, b1={'a_b': 'a1'})
    assert case.owner('b1') == 'cat'


@data
def own_owner_change_wins(case):
    """A row whose owner the statement itself changed is not re-assigned by that statement's cascades."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.update(a1={'owner': 'bob'}, b1={'owner': 'cat'})
    assert (case.owner('a1'), case.owner('b1'), case.owner('c1')) == ('bob', 'cat', 'cat')


@data
def filters_look_when_the_action_runs(case):
    """A change of the state column starts nothing; filters look at the state when the action runs."""
    case.link('b', 'a', assign='active')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', '0', a_b='a1')
    case.insert('b2', 'ann', None, a_b='a1')
    case.update(a1={'owner': 'bob'}, b1={'state': '1'})
    assert (case.owner('b1'), case.owner('b2')) == ('ann', 'ann')
    case.update(b1={'state': '0'})
    assert case.owner('b1') == 'ann'
    case.update(a1={'owner': 'cat'})
    assert (case.owner('b1'), case.owner('b2')) == ('cat', 'ann')


@data
def rolls_back(case):
    """All effects happen in the statement that causes them and roll back with it."""
    case.link('b', 'a')
    case.insert('a1', 'ann')
    case.insert('b1', 'bob', a_b='a1')
    case.do(ops.Transaction([case.updating(a1={'owner': 'dan'}), case.deletion('b1')],
                            [case.updating(a1={'owner': 'cat'})]))
    assert case.owner('b1') == 'cat'


# ---- 1: assign ----

@data
def assign_nested_levels(case):
    """That is an assign of its own, so it cascades on; user_owned compares with the owner before the change."""
    case.link('b', 'a')
    case.link('c', 'b', assign='user_owned')
    case.insert('a1', 'ann')
    case.insert('b1', 'bob', a_b='a1')
    case.insert('c1', 'bob', b_c='b1')
    case.insert('c2', 'ann', b_c='b1')
    assert case.do(ops.Assign('m.a', '1', 'cat')) == '3'
    assert (case.owner('b1'), case.owner('c1'), case.owner('c2')) == ('cat', 'cat', 'ann')


@data
def assign_stops_at_a_row_already_there(case):
    """Whose owner is not already V: such a row is not assigned, so nothing below it is."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'cat', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.update(a1={'owner': 'cat'})
    assert case.owner('c1') == 'ann'


@data
def null_owners(case):
    """Either may be NULL; NULL equals nothing."""
    case.link('b', 'a', assign='user_owned')
    case.insert('a1', None)
    case.insert('b1', None, a_b='a1')
    case.update(a1={'owner': 'ann'})
    assert case.owner('b1') is None
    case.update(b1={'owner': 'ann'})
    case.update(a1={'owner': None})
    assert case.owner('b1') is None


@data
def unknown_owner(case):
    """An owner that is not a principal is refused (23503)."""
    case.insert('a1', 'ann')
    case.refused('23503', case.updating(a1={'owner': 'eve'}))
    case.refused('23503', case.insertion('a2', 'eve'))


@story
def assign_moves_inheritance(case):
    """(ii) What U no longer holds is taken from its inherited entries below; V gains ALL on matching rows."""
    case.link('b', 'a', assign='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'bob', a_b='a1')
    assert case.stored('b1', 'ann') == (0, ALL)
    case.update(a1={'owner': 'cat'})
    assert case.stored('b1', 'ann') == (0, 0)
    assert case.stored('b1', 'cat') == (0, ALL)
    assert case.stored('b1', 'bob') == (0, 0)


@story
def nothing_stored_in_one_owners_tree(case):
    """A parental tree whose rows belong to the parent's owner stores no entry, also after it was assigned."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.update(a1={'owner': 'bob'})
    assert case.owner('c1') == 'bob' and case.entries() == 0


@story
def former_owner_inherits_again(case):
    """(i) It re-inherits for its former owner: eff(p, U) by a reparent entry."""
    case.link('b', 'a', assign='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.update(b1={'owner': 'bob'})
    assert case.entry('b1', 'ann', 'a_b', 'reparent') == ALL


@story
def former_owner_inherits_shares(case):
    """(i) Otherwise, where share cascades, U gains its entries' bits on p by a share entry (not by ownership)."""
    case.link('b', 'a', assign='none', reparent='none')
    case.insert('a1', 'cat')
    case.insert('b1', 'ann', a_b='a1')
    case.share('a1', 'ann', 'read')
    assert case.stored('b1', 'ann') == (0, 0)       # no gain for the row's own owner
    case.update(b1={'owner': 'bob'})
    assert case.entry('b1', 'ann', 'a_b', 'share') == READ
    case.update(b1={'owner': 'cat'})
    case.update(b1={'owner': 'ann'})
    assert case.stored('b1', 'cat') == (0, 0)       # cat owns a1, but has no entry there


@story
def tables_in_order(case):
    """Primary rows before related rows, also where a lookup that cascades nothing leads back up."""
    case.link('a', 'c', assign='none')
    case.link('b', 'a', reparent='none')
    case.link('a', 'b', 'referential')
    case.insert('c1', 'ann')
    case.insert('a1', 'ann', c_a='c1')
    case.insert('b1', 'ann', a_b='a1')
    case.update(a1={'owner': 'bob'})
    assert case.entry('a1', 'ann', 'c_a', 'reparent') == ALL
    assert case.entry('b1', 'ann', 'a_b', 'share') == ALL


@story
def gains_of_rows_above_in_order(case):
    """What a row gains because the row above it was assigned, too, its related rows' former owners re-inherit."""
    case.link('a', 'a', share='none')
    case.link('b', 'a', reparent='none')
    case.insert('a1', 'ann')
    case.insert('a2', 'bob', a_a='a1')
    case.insert('b1', 'cat', a_b='a2')
    case.update(a1={'owner': 'cat'}, a2={'owner': 'ann'})
    assert case.owner('b1') == 'ann' and case.entry('a2', 'cat', 'a_a', 'reparent') == ALL
    assert case.entry('b1', 'cat', 'a_b', 'share') == ALL


@story
def rows_of_one_table_in_order(case):
    """The same within one table."""
    case.do(ops.CreateMultiTableLookup('m.a', 'up_id', ['m.a', 'm.c'], dict(
        assign='all', reparent='none', share='all', unshare='all', delete='all')))
    case.do(ops.UpdateRelationship('a_a', dict(reparent='all', share='none'), revoke=False))
    case.do(ops.UpdateRelationship('c_a', dict(assign='none'), revoke=False))
    case.insert('c1', 'cat')
    case.share('c1', 'ann', 'read')
    case.insert('a1', 'ann', up_id='c1')
    case.insert('a2', 'ann', up_id='a1')
    case.update(a1={'owner': 'bob'})
    assert case.owner('a2') == 'bob'
    assert case.entry('a1', 'ann', 'c_a', 'share') == READ
    assert case.entry('a2', 'ann', 'a_a', 'reparent') == READ


@story
def direct_grants_survive(case):
    """Direct grants survive an assign; V's own entries lie dormant and count again when it no longer owns the row."""
    case.link('b', 'a', assign='none', reparent='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'cat', a_b='a1')
    case.share('a1', 'bob', 'read', 'share')
    assert case.stored('b1', 'bob')[1] == READ | 262144
    case.update(a1={'owner': 'bob'})
    assert case.stored('a1', 'bob') == (READ | 262144, 0)
    case.update(a1={'owner': 'dan'})
    assert case.eff('a1', 'bob') == READ | 262144
    assert case.stored('b1', 'bob')[1] == READ | 262144
    case.unshare('a1', 'bob')
    assert case.entries() == 0


@story
def unshare_of_a_dormant_entry(case):
    """shared_principals lists them, unshare works on them: what ownership still gives is not lost."""
    case.link('b', 'a', assign='none', reparent='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'cat', a_b='a1')
    case.share('a1', 'bob', 'read')
    case.update(a1={'owner': 'bob'})
    assert case.unshare('a1', 'bob') == 1
    assert case.stored('b1', 'bob') == (0, READ)    # bob owns a1 still
    case.update(a1={'owner': 'ann'})
    assert case.entries() == 0


# ---- 2: share ----

@story
def share_cascades(case):
    """Each matching related row gains the bits; not where share is none, not for the row's own owner."""
    case.link('b', 'a', share='active')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', '0', a_b='a1')
    case.insert('b2', 'ann', '1', a_b='a1')
    case.insert('b3', 'cat', '0', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.insert('c3', 'ann', b_c='b3')
    assert case.share('a1', 'cat', 'read') == 3
    assert case.stored('a1', 'cat') == (READ, 0)
    assert case.stored('b1', 'cat') == case.stored('c1', 'cat') == (0, READ)
    assert case.stored('b2', 'cat') == (0, 0)
    assert case.stored('b3', 'cat') == (0, 0)
    assert case.stored('c3', 'cat') == (0, ALL)     # from b3's owner, at its insertion; nothing passed through b3
    assert case.entry('c3', 'cat', 'b_c', 'share') == 0


@story
def what_is_new_in_the_entry_goes_on(case):
    """What goes further is the bits that are new in that entry, even if P already held them there by another."""
    case.link('b', 'a', reparent='none')
    case.link('c', 'b', reparent='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.share('b1', 'cat', 'read')
    case.insert('c1', 'ann', b_c='b1')              # reparent is none: it does not inherit
    assert case.stored('c1', 'cat') == (0, 0)
    case.share('a1', 'cat', 'read')
    assert case.stored('b1', 'cat') == (READ, READ)
    assert case.stored('c1', 'cat') == (0, READ)


@story
def an_entry_left_as_it_was_passes_nothing_on(case):
    """An entry left as it was passes nothing on; a right already held directly: nothing, 0."""
    case.link('b', 'a', reparent='none')
    case.insert('a1', 'ann')
    case.share('a1', 'cat', 'read')
    case.insert('b1', 'ann', a_b='a1')
    assert case.share('a1', 'cat', 'read') == 0
    assert case.stored('b1', 'cat') == (0, 0)
    assert case.share('a1', 'cat', 'read', 'write') == 2
    assert case.stored('b1', 'cat') == (0, WRITE)


@story
def reparent_entries_go_along_reparent(case):
    """(For a reparent entry: whose reparent cascades) ... by a share (reparent) entry."""
    case.link('b', 'a', share='none', unshare='none')
    case.link('c', 'b', share='all', reparent='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'bob')
    case.insert('c1', 'dan', b_c='b1')
    case.share('a1', 'cat', 'read')
    case.update(b1={'a_b': 'a1'})
    assert case.entry('b1', 'cat', 'a_b', 'reparent') == READ
    assert case.stored('c1', 'cat') == (0, 0)


@story
def sharing_with_the_owner(case):
    """Sharing a row with its own owner is refused (22023); an unknown principal 42704; a missing row P0002."""
    case.insert('a1', 'ann')
    case.refused('22023', case.sharing('a1', 'ann', 'read'))
    case.refused('42704', case.sharing('a1', 'eve', 'read'))
    case.refused('P0002', case.sharing('a2', 'bob', 'read'))
    case.refused('22023', ops.ShareMany('share', 'm.a', ['1'], ['bob', 'ann'], ['read']))
    assert case.entries() == 0


# ---- 3: unshare ----

@story
def other_grounds_hold(case):
    """The bits that P does not hold by another ground are lost; a direct entry is never touched by a cascade."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('b1', 'cat', 'read')
    case.share('a1', 'cat', 'read', 'write')
    case.unshare('a1', 'cat')
    assert case.stored('b1', 'cat') == (READ, 0)
    assert case.stored('c1', 'cat') == (0, READ)


@story
def teams_are_no_ground(case):
    """Another ground: ownership, another entry; not its teams'."""
    case.link('b', 'a')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.share('a1', 'crew', 'read')
    case.share('a1', 'cat', 'read')
    case.unshare('a1', 'cat')
    assert case.stored('b1', 'cat') == (0, 0) and case.stored('b1', 'crew') == (0, READ)
    assert case.world.has_access(case.ref('b1'), 'read', 'cat')


@story
def unshare_only_where_it_cascades(case):
    """For each relationship whose unshare cascades, each matching related row's entries (both causes) lose them."""
    case.link('b', 'a', unshare='active')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', '0', a_b='a1')
    case.insert('b2', 'ann', '1', a_b='a1')
    case.share('a1', 'cat', 'read')
    case.insert('b3', 'ann', '0', a_b='a1')
    assert case.entry('b3', 'cat', 'a_b', 'reparent') == READ
    case.unshare('a1', 'cat')
    assert case.stored('b1', 'cat') == case.stored('b3', 'cat') == (0, 0)
    assert case.stored('b2', 'cat') == (0, READ)


@story
def modify_replaces(case):
    """modify_share replaces the direct rights; '{}' removes the grant."""
    case.link('b', 'a')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.share('a1', 'cat', 'read', 'write')
    case.do(ops.Share('modify_share', 'm.a', '1', 'cat', ['read', 'append']))
    assert case.stored('b1', 'cat') == (0, READ | 4)
    case.do(ops.Share('modify_share', 'm.a', '1', 'cat', []))
    assert case.entries() == 0


# ---- 4: reparent ----

@story
def a_new_parent(case):
    """All the row's inherited entries through that relationship are removed, then what b gives comes."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('a2', 'bob')
    case.share('a1', 'cat', 'read')
    case.share('a2', 'dan', 'write')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('c1', 'cat', 'delete')
    case.update(b1={'a_b': 'a2'})
    assert case.stored('b1', 'cat') == (0, 0)
    assert case.stored('b1', 'dan') == (0, WRITE) and case.stored('b1', 'bob') == (0, ALL)
    assert case.stored('c1', 'cat') == (65536, 0)
    assert case.stored('c1', 'dan') == (0, WRITE) and case.stored('c1', 'bob') == (0, ALL)
    case.update(b1={'a_b': None})
    assert case.stored('c1', 'bob') == (0, 0) and case.entries() == 3


@story
def only_the_net_change_goes_down(case):
    """The net change goes down: what P holds before and after passes nothing, and takes nothing."""
    case.link('b', 'a')
    case.link('c', 'b', reparent='none')
    case.insert('a1', 'ann')
    case.insert('a2', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('a1', 'cat', 'read')
    case.insert('c2', 'ann', b_c='b1')
    case.share('a2', 'cat', 'read')
    case.update(b1={'a_b': 'a2'})
    assert case.stored('c1', 'cat') == (0, READ)    # by share, and kept: cat reads b1 as before
    assert case.stored('c2', 'cat') == (0, 0)
    case.update(b1={'a_b': None})
    assert case.stored('c1', 'cat') == (0, 0)       # whatever the behaviors


@story
def losses_stop_where_held_otherwise(case):
    """Taken even if P holds them there otherwise, and further down only as far as P no longer holds them there."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('a1', 'cat', 'read')
    case.share('b1', 'cat', 'read')
    case.update(b1={'a_b': None})
    assert case.stored('b1', 'cat') == (READ, 0)
    assert case.stored('c1', 'cat') == (0, READ)


@story
def every_relationship_loses(case):
    """Taken on the related rows of every relationship, whatever its behaviors are now."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('a1', 'cat', 'read')
    case.do(ops.UpdateRelationship('b_c', dict(assign='none', reparent='none', share='none', unshare='none',
                                               delete='remove_link'), revoke=False))
    assert case.stored('c1', 'cat') == (0, READ)    # switching grants and takes nothing
    case.unshare('a1', 'cat')
    assert case.stored('b1', 'cat') == (0, 0)
    assert case.stored('c1', 'cat') == (0, READ)    # unshare does not cascade there any more
    case.share('a1', 'cat', 'read')
    case.update(b1={'a_b': None})
    assert case.stored('c1', 'cat') == (0, 0)


@story
def owner_and_lookup_at_once(case):
    """Assigns, then reparents: the new primary row gives, the old one takes all it gave."""
    case.link('b', 'a', assign='none')
    case.insert('a1', 'ann')
    case.insert('a2', 'bob')
    case.share('a1', 'dan', 'read')
    case.insert('b1', 'ann', a_b='a1')
    case.update(b1={'a_b': 'a2', 'owner': 'cat'})
    assert case.stored('b1', 'ann') == case.stored('b1', 'dan') == (0, 0)
    assert case.stored('b1', 'bob') == (0, ALL)


@story
def moved_together(case):
    """Primary rows before related rows: a row, and another that moves below it, in one statement."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('a2', 'ann')
    case.share('a1', 'cat', 'read')
    case.share('a2', 'cat', 'read')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('b2', 'ann')
    case.insert('c1', 'ann', b_c='b2')
    case.update(b1={'a_b': 'a2'}, c1={'b_c': 'b1'})
    assert case.stored('c1', 'cat') == (0, READ)


@story
def moved_together_in_a_hierarchy(case):
    """The same within one table: what the upper row holds before and after is no net change, but the lower row
    inherits it."""
    case.link('a', 'a')
    for name in ('a1', 'a2', 'a4'):
        case.insert(name, 'ann')
    case.share('a1', 'cat', 'read')
    case.share('a2', 'cat', 'read')
    case.insert('a3', 'ann', a_a='a1')
    case.insert('a5', 'ann', a_a='a4')
    case.update(a3={'a_a': 'a2'}, a5={'a_a': 'a3'})
    assert case.stored('a3', 'cat') == case.stored('a5', 'cat') == (0, READ)


@story
def moved_and_inserted_together(case):
    """The same when the lower row is inserted by that statement."""
    case.link('a', 'a')
    for name in ('a1', 'a2'):
        case.insert(name, 'ann')
        case.share(name, 'cat', 'read')
    case.insert('a3', 'ann', a_a='a1')
    rows = dict([case.row('a3', 'ann', a_a='a2'), case.row('a5', 'ann', a_a='a3')])
    case.do(ops.Statement(ops.Upsert('m.a', rows, ['a_a'])))
    assert case.stored('a3', 'cat') == case.stored('a5', 'cat') == (0, READ)


@story
def assigns_then_reparents(case):
    """What a row gained by the statement's assigns through a lookup that the statement sets goes with the reparent."""
    case.link('b', 'a', reparent='none')
    case.insert('a1', 'ann')
    case.share('a1', 'cat', 'read')
    case.insert('b1', 'cat')
    case.update(b1={'owner': 'bob', 'a_b': 'a1'})
    assert case.stored('b1', 'cat') == (0, 0)
    case.do(ops.Statement(ops.Update('m.a', {'1': {'owner': 'dan'}}),
                          ops.Insert('m.b', dict([case.row('b2', 'cat', a_b='a1')]))))
    assert case.owner('b2') == 'dan' and case.stored('b2', 'cat') == (0, 0)


@story
def comes_to_inherit(case):
    """A table without owner that comes to inherit later keeps its entries (ARCHITECTURE 2: they are recast)."""
    case.link('e', 'a', 'referential')
    case.insert('a1', 'ann')
    case.insert('e1', a_e='a1')
    case.share('e1', 'cat', 'read')
    case.do(ops.UpdateRelationship('a_e', {'share': 'all', 'reparent': 'all'}, revoke=False))
    case.share('a1', 'bob', 'read')
    assert case.stored('e1', 'bob') == case.stored('e1', 'cat')[::-1] == (0, READ)


@story
def inserted_together(case):
    """A tree that is inserted in one statement inherits level by level."""
    case.link('a', 'a')
    case.insert('a1', 'ann')
    case.share('a1', 'cat', 'read')
    rows = dict([case.row('a2', 'bob', a_a='a1'), case.row('a3', 'ann', a_a='a2'), case.row('a4', 'dan', a_a='a3')])
    case.do(ops.Statement(ops.Insert('m.a', rows)))
    assert case.stored('a4', 'cat') == case.stored('a2', 'cat') == (0, READ)
    assert case.stored('a4', 'ann') == case.stored('a4', 'bob') == case.stored('a3', 'bob') == (0, ALL)


@story
def deferred_keys(case):
    """A primary row inserted after rows that point to it (deferred keys) is inherited from as if linked then."""
    case.do(ops.CreateOneToMany('a_b', 'm.a', 'm.b', 'a_b', dict(assign='all', reparent='all', share='all',
                                                                 delete='all'), adopt='deferred key'))
    case.do(ops.Transaction([], [case.insertion('b1', 'bob', a_b='a1'), case.insertion('a1', 'ann')]))
    assert case.stored('b1', 'ann') == (0, ALL)


@story
def dropped_with_its_entries(case):
    """drop_relationship removes the entries it made, and below them as a revoke job does."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('a1', 'cat', 'read')
    case.do(ops.DropRelationship('a_b'))
    assert case.stored('c1', 'cat') == (0, 0) and case.entries() == 1


@story
def a_multi_table_lookup(case):
    """A multi-table lookup that changes its type is one reparent; half-set pairs are refused (23514)."""
    names = case.do(ops.CreateMultiTableLookup('m.c', 'any_id', ['m.a', 'm.b'],
                                               dict(reparent='all', share='all', delete='remove_link')))
    assert names == 'a_c, b_c'
    case.link('d', 'c', reparent='none')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann')
    case.insert('c1', 'ann', any_id='a1')
    case.insert('d1', 'ann', c_d='c1')
    case.share('a1', 'cat', 'read')
    case.share('b1', 'cat', 'read', 'write')
    assert case.stored('d1', 'cat') == (0, READ)
    case.update(c1={'any_id': 'b1'})
    assert case.entry('c1', 'cat', 'a_c', 'share') == 0
    assert case.entry('c1', 'cat', 'b_c', 'reparent') == READ | WRITE
    assert case.stored('d1', 'cat') == (0, READ)    # nothing lost on the way
    case.refused('23514', case.updating(c1={'any_id': HalfSet('1', None)}))
    case.refused('23514', case.updating(c1={'any_id': HalfSet('1', 'z')}))
    case.delete('b1')
    assert case.up('c1', 'any_id') is None and case.entries() == 1


@story
def tables_without_owner_inherit(case):
    """A related table without owner may inherit; its rows count as rows with a NULL owner."""
    case.link('e', 'a', assign='none')
    case.insert('a1', 'ann')
    case.insert('e1', a_e='a1')
    assert case.stored('e1', 'ann') == (0, ALL)
    case.share('a1', 'bob', 'read')
    assert case.stored('e1', 'bob') == (0, READ)


# ---- 5: delete ----

@data
def delete_behaviors(case):
    """all: related rows are deleted; remove_link: their lookup becomes NULL; restrict: refused."""
    quiet = dict(assign='none', reparent='none', share='none', unshare='none')
    case.link('c', 'a', delete='all', preset='referential')
    case.link('d', 'a', 'referential')
    case.link('e', 'a', 'restrict')
    case.link('d', 'b', 'referential', foreign_key=False)
    case.link('e', 'b', 'restrict', foreign_key=False)
    case.link('a', 'b', **quiet, foreign_key=False)
    case.insert('b1')
    case.insert('a1', b_a='b1')
    case.insert('a2', b_a='b1')
    case.insert('c1', a_c='a1')
    case.insert('d1', a_d='a1', b_d='b1')
    case.insert('e1', a_e='a1', b_e='b1')
    case.refused('23503', case.deletion('a1'))
    case.refused('23001', case.deletion('b1'))
    case.delete('e1', 'a1')                         # rows that the statement itself deletes do not restrict
    assert not case.there('c1') and case.up('d1', 'a_d') is None
    case.delete('b1')
    assert not case.there('a2') and case.up('d1', 'b_d') is None


@data
def guarded_restrict_counts_cascaded_rows(case):
    """Rows that only a cascade would delete do restrict where relmeta guards the lookup."""
    case.link('b', 'a', foreign_key=False)
    case.link('b', 'c', 'restrict', foreign_key=False)
    case.link('c', 'a', foreign_key=False)
    case.insert('a1')
    case.insert('c1', a_c='a1')
    case.insert('b1', a_b='a1', c_b='c1')
    case.refused('23001', case.deletion('a1'))
    case.delete('a1', 'b1')
    assert not case.there('c1')


@data
def lookups_are_guarded(case):
    """A lookup to a missing row is refused (23503), by PostgreSQL or by relmeta."""
    case.link('b', 'a')
    case.link('c', 'a', foreign_key=False)
    case.refused('23503', case.insertion('b1', a_b='a1'))
    case.refused('23503', case.insertion('c1', a_c='a1'))
    case.insert('a1')
    case.insert('c1', a_c='a1')
    case.refused('23503', case.updating(c1={'a_c': 'a2'}))
    case.refused('23503', ops.ChangeKey('m.a', '1', '2'))
    case.delete('a1')
    assert not case.there('c1')


@story
def entries_go_with_their_row(case):
    """Entries of a deleted row go with it; a change of a key takes them along."""
    case.link('b', 'a', 'referential', reparent='all')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.share('a1', 'cat', 'read')
    case.share('b1', 'dan', 'read')
    case.do(ops.ChangeKey('m.b', '1', '7'))
    assert case.stored('b7', 'dan') == (READ, 0)
    case.delete('a1')
    assert case.up('b7', 'a_b') is None and case.entries() == 1
    case.delete('b7')
    assert case.entries() == 0


# ---- 8: skipping ----

@data
def loops(case):
    """A parental or hierarchical self-referencing relationship refuses a row at or below itself (23514)."""
    case.link('a', 'a')
    case.link('b', 'b', 'referential')
    case.insert('a1', 'ann')
    case.insert('a2', 'ann', a_a='a1')
    case.refused('23514', case.updating(a1={'a_a': 'a1'}))
    case.refused('23514', case.updating(a1={'a_a': 'a2'}))
    case.insert('b1', b_b='b1')
    case.update(b1={'b_b': 'b1', 'owner': 'ann'})
    case.refused('23514', ops.UpdateRelationship('b_b', {'delete': 'all'}, revoke=False))
    case.update(b1={'b_b': None})
    case.do(ops.UpdateRelationship('b_b', {'delete': 'all'}, revoke=False))
    case.refused('23514', case.updating(b1={'b_b': 'b1'}))


# ---- 9: automations ----

@data
def automation_calls(case):
    """An active automation is called after each UPDATE of its row, not for the assign that deactivates it; it goes with
    its row, and follows a key."""
    case.link('b', 'a')
    case.link('c', 'b', 'referential')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.refused('P0002', ops.Automate('activate', 'm.b', '7'))
    case.update(b1={'state': '1'})
    assert not case.world.calls
    case.do(ops.Automate('activate', 'm.b', '1'))
    case.do(ops.Automate('activate', 'm.c', None))
    case.update(b1={'state': '0'})
    assert case.world.calls == {case.ref('b1'): 1}
    case.update(a1={'owner': 'bob'})
    case.update(b1={'state': '1'})
    assert case.world.automations == {case.ref('b1'): False, case.ref('c1'): True}
    assert case.world.calls == {case.ref('b1'): 1}
    case.do(ops.ChangeKey('m.c', '1', '2'))
    assert case.world.automations == {case.ref('b1'): False, case.ref('c2'): True}
    case.do(ops.Statement(ops.Delete('m.b', ['1'])))
    assert case.world.automations == {case.ref('c2'): True}
    assert case.world.calls == {case.ref('b1'): 1, case.ref('c2'): 2}
    case.do(ops.Automate('deactivate', 'm.c', '2'))
    case.update(c2={'state': '1'})
    assert case.world.calls == {case.ref('b1'): 1, case.ref('c2'): 2}


# ---- 10: revoking ----

@story
def revoke_by_job(case):
    """What was inherited stays until it is revoked; direct grants are left alone; the second time finds nothing."""
    case.link('b', 'a')
    case.link('c', 'b')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.insert('c1', 'ann', b_c='b1')
    case.share('a1', 'cat', 'read')
    case.share('c1', 'cat', 'write')
    none = dict(assign='none', reparent='none', share='none', unshare='none')
    case.do(ops.UpdateRelationship('a_b', none, revoke=False))
    assert case.stored('b1', 'cat') == (0, READ)
    case.do(ops.RevokeInherited('a_b'))
    assert case.stored('b1', 'cat') == (0, 0) and case.stored('c1', 'cat') == (WRITE, 0)
    assert case.stored('a1', 'cat') == (READ, 0)
    before = case.world.copy()
    case.do(ops.RevokeInherited('a_b'))
    assert case.world.entries == before.entries


@story
def revoke_one_cause(case):
    """The principals that inherited for the cause that is none; refused (55000) only while both cascade."""
    case.link('b', 'a')
    case.insert('a1', 'ann')
    case.insert('b1', 'ann', a_b='a1')
    case.share('a1', 'cat', 'read')
    case.insert('b2', 'ann', a_b='a1')
    case.refused('55000', ops.RevokeInherited('a_b'))
    case.do(ops.UpdateRelationship('a_b', {'share': 'none'}))
    assert case.stored('b1', 'cat') == (0, 0)
    assert case.stored('b2', 'cat') == (0, READ)


def stories(access=True):
    """The stories that can be run, with or without the access part of the server."""
    return [function for function, needs_access in STORIES if access or not needs_access]


def tell(function, server=None, access=True):
    function(Case(server, access))


if __name__ == '__main__':
    for each in stories():
        tell(each)
    print(f'{len(stories())} stories hold')
