#!/usr/bin/env python3
"""Connections beside changed keys, merges and each other: none is lost, none doubled, none comes to another row.

Sessions connect, disconnect, swap and change keys and merge, at mixed isolation levels, on few rows that nobody deletes.
Each transaction writes down, in its own table, which rows (by a number that never changes) it has connected and which
connections it has ended or seen dropped by a merge.  In the end relmeta.connection has the others, between the rows that
were connected; where rows were merged, as many of them.
"""
import argparse
import random
import sys
import threading
import time

from race import LEVELS, REFUSED, Database, report

KEYS = 6            # of each table, and two free ones
SETUP = f"""
CREATE TABLE a (id int PRIMARY KEY, row int UNIQUE, active boolean NOT NULL DEFAULT true);
CREATE TABLE b (id text PRIMARY KEY, row int) PARTITION BY LIST (id);
CREATE TABLE b_1 PARTITION OF b FOR VALUES IN ('1', '2', '3', '4');
CREATE TABLE b_2 PARTITION OF b DEFAULT;
SELECT relmeta.register_table('a', state_column => 'active'), relmeta.register_table('b');
CREATE TABLE made (id bigint, row1 int, row2 int);
CREATE TABLE ended (id bigint);
CREATE FUNCTION again() RETURNS void LANGUAGE sql AS $$
  TRUNCATE a, b, made, ended;
  INSERT INTO a SELECT i, i FROM generate_series(1, {KEYS}) AS i;
  INSERT INTO b SELECT i, 100 + i FROM generate_series(1, {KEYS}) AS i;
$$;
CREATE FUNCTION seen(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  -- connect() finds a row that has got the key since the snapshot was taken, as a foreign key does
  IF n IS NULL THEN RAISE EXCEPTION 'not in this snapshot' USING ERRCODE = '40001'; END IF;
  RETURN n;
END $$;
CREATE VIEW ends AS
SELECT c.connection_id AS id, coalesce(a1.row, b1.row) AS row1, coalesce(a2.row, b2.row) AS row2
FROM relmeta.connection AS c
LEFT JOIN a AS a1 ON c.relation1 = 'a'::regclass AND a1.id::text = c.key1 LEFT JOIN b AS b1 ON c.relation1 = 'b'::regclass AND b1.id = c.key1
LEFT JOIN a AS a2 ON c.relation2 = 'a'::regclass AND a2.id::text = c.key2 LEFT JOIN b AS b2 ON c.relation2 = 'b'::regclass AND b2.id = c.key2;
CREATE VIEW expected AS SELECT id, row1, row2 FROM made WHERE id NOT IN (SELECT id FROM ended WHERE id IS NOT NULL)
"""
WRONG = {       # what must be empty; with merges rows take others' places
    False: """(TABLE ends EXCEPT TABLE expected) UNION ALL (TABLE expected EXCEPT TABLE ends)
 UNION ALL SELECT connection_id, 0, 0 FROM (SELECT connection_id FROM a, relmeta.connections('a', id)
   UNION ALL SELECT connection_id FROM b, relmeta.connections('b', id)) AS c GROUP BY connection_id HAVING count(*) <> 2""",
    True: """SELECT * FROM ends WHERE row1 IS NULL OR row2 IS NULL OR row1 = row2
 UNION ALL SELECT n, m, 0 FROM (SELECT (SELECT count(*) FROM ends), (SELECT count(*) FROM made) - (SELECT count(*) FROM ended))
   AS s(n, m) WHERE n <> m"""}


def key(rng):
    return rng.randint(1, KEYS + 2)


def connect(rng):
    ends = [(table, key(rng)) for table in rng.choices('ab', k=2)]
    rows = [f"seen((SELECT row FROM {table} WHERE id = '{k}' FOR KEY SHARE))" for table, k in ends]
    arguments = ', '.join(f"'{table}', '{k}'" for table, k in ends)
    # its rows keep their keys until it is committed; an older snapshot, in which others have them, is 40001
    return [f"WITH c AS MATERIALIZED (SELECT relmeta.connect({arguments}) AS id) INSERT INTO made SELECT id FROM c",
            f'UPDATE made SET row1 = {rows[0]}, row2 = {rows[1]} WHERE row1 IS NULL']


def disconnect(rng):
    # which: what somebody else has ended meanwhile is P0002
    return ['WITH c AS MATERIALIZED (SELECT connection_id AS id FROM relmeta.connection ORDER BY random() LIMIT 1), '
            'd AS MATERIALIZED (SELECT id, relmeta.disconnect(id) FROM c) INSERT INTO ended SELECT id FROM d']


def change(rng):
    return ["SELECT relmeta.update_connection(connection_id, description => 'changed') "
            'FROM (SELECT connection_id FROM relmeta.connection ORDER BY random() LIMIT 1) AS c']


def rekey(rng):
    return [f"UPDATE {rng.choice('ab')} SET id = '{key(rng)}' WHERE id = '{key(rng)}'"]


def swap(rng):
    one, other = rng.sample(range(1, KEYS + 1), 2)
    # unique keys are looked at row by row
    return [f"UPDATE a SET id = -id WHERE id IN ({one}, {other})",
            f"UPDATE a SET id = CASE -id WHEN {one} THEN {other} ELSE {one} END WHERE id < 0"]


def merge(rng):
    return [f"INSERT INTO ended SELECT NULL FROM relmeta.merge('a', {key(rng)}, {key(rng)}) AS m, generate_series(1, m.dropped) "
            'WHERE m.relationship IS NULL', 'UPDATE a SET active = true WHERE NOT active']


# SQLSTATEs besides those of whoever meets another
DECLARED = {'P0002', '23514', '23505', '55000'}


class Race(Database):
    def __init__(self, sessions, merges, levels):
        super().__init__('relmeta_connection_race', SETUP)
        self.workers = [self.session() for _ in range(sessions)]
        self.merges, self.levels = merges, levels
        self.actions = [connect] * 4 + [disconnect, change, rekey, rekey, swap] + [merge] * 3 * merges
        self.undeclared, self.refused = [], 0
        for worker in self.workers:
            worker.must("SET deadlock_timeout = '10ms'")
            worker.must('SET client_min_messages = error')

    def transaction(self, worker, rng):
        statements = [f'BEGIN ISOLATION LEVEL {rng.choice(self.levels)}']
        for _ in range(rng.choice((1, 1, 2))):
            statements += rng.choice(self.actions)(rng)
        for sql in statements:
            state = worker.server.execute(sql).sqlstate
            if state:
                self.refused += 1
                if state not in DECLARED and state not in REFUSED:
                    self.undeclared.append(f'{state}: {sql}')
                break
        worker.server.execute(rng.choice(('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK')))

    def work(self, worker, seed, transactions):
        rng = random.Random(seed)
        for _ in range(transactions):
            self.transaction(worker, rng)

    def round(self, rng, transactions):
        self.admin.must('SELECT again()')
        threads = [threading.Thread(target=self.work, args=(worker, rng.random(), transactions)) for worker in self.workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wrong = [' '.join(row) for row in self.admin.must(WRONG[self.merges])]
        wrong += [' '.join(row) for row in self.admin.must('SELECT * FROM relmeta.verify()')]
        wrong, self.undeclared = wrong + self.undeclared, []
        return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n', maxsplit=1)[0])
    parser.add_argument('--rounds', type=int, default=100, help='of each variant')
    parser.add_argument('--transactions', type=int, default=20, help='of a session in a round')
    parser.add_argument('--sessions', type=int, default=6)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    failed = 0
    for merges in (False, True):
        rng = random.Random(options.seed)
        race = Race(options.sessions, merges, LEVELS)
        hits, begun = {}, time.monotonic()
        for number in range(options.rounds):
            wrong = race.round(rng, options.transactions)
            if wrong:
                hits['round', str(number)] = 1
                print(f'round {number}: {"; ".join(wrong[:5])}', flush=True)
        race.close()
        failed += report('with merges' if merges else 'without merges', options.rounds, hits, race.refused, begun)
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
