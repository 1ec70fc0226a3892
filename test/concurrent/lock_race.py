#!/usr/bin/env python3
"""Two statements wait behind an assign that is rolled back, or is a deadlock's victim: is everything as if one had come
after the other?

In each round one session assigns a row; two more then do something that concerns the row or what stands below it, in every
pair and order; the first gives up, the others finish.  Afterwards each row must give what it holds to the rows below it:
all behaviors are all, and what stands below has no owners of its own.  Variants: with a foreign key or without, isolation
level, how the first gives up.
"""
import argparse
import itertools
import random
import sys
import time

from race import LEVELS, REFUSED, Database, report

# what the waiting sessions do
ACTIONS = {
    'share': "SELECT relmeta.share('account', 8, 'eve', '{write}')",
    'unshare': "SELECT relmeta.unshare('account', 8, 'bob')",
    'modify_share': "SELECT relmeta.modify_share('account', 8, 'bob', '{write}')",
    'assign': "UPDATE account SET owner_id = 'dan' WHERE id = 8",
    'reparent': "UPDATE line SET account_id = 8 WHERE id = 900",
    'insert': "INSERT INTO line VALUES (pg_backend_pid(), 8)",
    'move': "UPDATE account SET firm_id = 2 WHERE id = 8",
    'update': "UPDATE account SET note = 'new' WHERE id = 8",
}

SETUP = """
SELECT relmeta.create_user(u) FROM unnest('{ann,bob,cat,dan,eve}'::text[]) AS u;
CREATE TABLE firm (id int PRIMARY KEY, owner_id text);
CREATE TABLE account (id int PRIMARY KEY, owner_id text, note text);
CREATE TABLE line (id int PRIMARY KEY);
SELECT relmeta.register_table('firm', 'owner_id'), relmeta.register_table('account', 'owner_id');
SELECT relmeta.create_one_to_many('firm', 'account', 'firm_id', name => 'accounts', share => 'all', unshare => 'all',
    reparent => 'all', delete => 'all', assign => 'none', foreign_key => :fk);
SELECT relmeta.create_one_to_many('account', 'line', 'account_id', name => 'lines', share => 'all', unshare => 'all',
    reparent => 'all', delete => 'all', foreign_key => :fk);
CREATE FUNCTION again() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM firm;
  INSERT INTO firm VALUES (1, 'ann'), (2, 'ann');
  INSERT INTO account (id, owner_id, firm_id) VALUES (8, 'ann', 1), (9, 'ann', 1);
  INSERT INTO line VALUES (800, 8), (900, 9);
  PERFORM relmeta.share('account', 8, 'bob', '{read,assign}'), relmeta.share('account', 9, 'cat', '{append}'),
    relmeta.share('firm', 2, 'eve', '{delete}');
END $$;
CREATE VIEW wrong AS
WITH p AS (SELECT unnest('{ann,bob,cat,dan,eve}'::text[]) AS p)
SELECT 'line ' || l.id AS object, p, relmeta.principal_access('account', l.account_id, p)::text AS above,
  relmeta.principal_access('line', l.id, p)::text AS here
FROM line l, p WHERE relmeta.principal_access('account', l.account_id, p) <> relmeta.principal_access('line', l.id, p)
UNION ALL SELECT 'account ' || a.id, p, relmeta.principal_access('firm', a.firm_id, p)::text,
  relmeta.principal_access('account', a.id, p)::text
FROM account a, p WHERE NOT relmeta.principal_access('firm', a.firm_id, p) <@ relmeta.principal_access('account', a.id, p)
UNION ALL SELECT 'line ' || l.id, NULL, NULL, 'points to nothing' FROM line l
WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = l.account_id)
"""


class Race(Database):
    def __init__(self, fk, level, victim, rng):
        super().__init__('relmeta_lock_race', SETUP.replace(':fk', fk))
        self.level, self.victim, self.rng = level, victim, rng
        self.first, self.holder, self.a, self.b = (self.session() for _ in range(4))
        self.first.must("SET deadlock_timeout = '1ms'")
        for session in (self.holder, self.a, self.b):
            session.must("SET deadlock_timeout = '300ms'")

    def begin(self):
        self.admin.must('SELECT again()')
        self.first.must('BEGIN')
        if self.victim:
            self.first.must('SELECT pg_advisory_xact_lock(2)')
        self.first.must("UPDATE account SET owner_id = 'cat' WHERE id = 8")

    def give_up(self):
        if not self.victim:
            self.first.must('ROLLBACK')
            return
        self.holder.start('BEGIN', 'SELECT pg_advisory_xact_lock(1)', 'SELECT pg_advisory_xact_lock(2)')
        self.wait_blocked(self.holder)
        assert self.first.server.execute('SELECT pg_advisory_xact_lock(1)').sqlstate == '40P01'
        self.first.must('ROLLBACK')
        self.holder.join()
        self.holder.must('COMMIT')

    def finish(self):
        """Lets both come as far as they can, then commits those that are through, one after the other."""
        waiting, states = [self.a, self.b], []
        while waiting:
            for session in waiting:
                self.wait_blocked(session)
            ready = [session for session in waiting if not session.busy()]
            if not ready:
                time.sleep(0.0005)
                continue
            session = self.rng.choice(ready)
            states += [session.join().sqlstate, session.server.execute('COMMIT').sqlstate]
            waiting.remove(session)
        return states

    def round(self, pair):
        self.begin()
        for session, action in zip((self.a, self.b), pair):
            session.start(f'BEGIN ISOLATION LEVEL {self.level}', ACTIONS[action])
            self.wait_blocked(session)
        self.give_up()
        states = self.finish()
        wrong = [' '.join(row) for row in self.admin.must('SELECT * FROM wrong')]
        wrong += [f'SQLSTATE {state}' for state in states if state and state not in REFUSED]
        return wrong, sum(state is not None for state in states)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--rounds', type=int, default=500, help='of each variant')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--fk', default='true,false')
    parser.add_argument('--levels', default=','.join(LEVELS))
    parser.add_argument('--ends', default='rollback,victim')
    parser.add_argument('--actions', default=','.join(ACTIONS))
    options = parser.parse_args()
    failed = 0
    pairs = list(itertools.product(options.actions.split(','), repeat=2))
    for fk, level, end in itertools.product(options.fk.split(','), options.levels.split(','), options.ends.split(',')):
        rng = random.Random(options.seed)
        race = Race(fk, level, end == 'victim', rng)
        hits, refused, begun = {}, 0, time.monotonic()
        for number in range(options.rounds):
            if number % len(pairs) == 0:
                rng.shuffle(pairs)
            pair = pairs[number % len(pairs)]
            wrong, n = race.round(pair)
            refused += n
            if wrong:
                hits[pair] = hits.get(pair, 0) + 1
                print(f'round {number}, {" and ".join(pair)}: {"; ".join(wrong)}', flush=True)
        race.close()
        failed += report(f'foreign key {fk}, {level}, {end}', options.rounds, hits, refused, begun)
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
