#!/usr/bin/env python3
"""The concurrent test: random sessions at once on few rows, then a look whether everything is as it must be.

A run is a series of rounds, each with its seed: a database with a random shape (shape.py), in which some sessions run
random transactions at mixed isolation levels (actions.py); now and then all of them stop and the checks are made
(checks.py).  What the sessions do is drawn from the seed, how they meet is not: a seed that failed fails again within
some rounds of  run.py --seed SEED --repeat.  The log of a failed round stays.
"""
import argparse
import os
import random
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, os.pardir, 'model')]

import actions
import checks
from client import Client, Undeclared
from server import ServerLost
from shape import Shape

DATABASE = 'relmeta_concurrent_test'
SETTINGS = {'deadlock_timeout': '10ms', 'statement_timeout': '60s', 'client_min_messages': 'error', 'jit': 'off',
            # deadlocks are frequent here, and a job may be the victim many times in a row
            'relmeta.job_max_attempts': '1000', 'relmeta.job_retry_delay': '10'}
STUCK = 30          # seconds that a phase should not take
WAITS = """SELECT pid, pg_blocking_pids(pid), backend_type, state, wait_event_type, wait_event, now() - xact_start, query
 FROM pg_stat_activity WHERE datname = current_database() UNION ALL SELECT pid, NULL, locktype, mode, granted::text, relation::regclass::text, NULL,
 concat_ws(' ', classid::regclass, objid, objsubid, page, tuple, transactionid) FROM pg_locks
 WHERE locktype NOT IN ('virtualxid', 'relation')"""
ENDS = checks.NAMES[-1]


class Failure(Exception):
    """What a check, or a session, found."""

    def __init__(self, check, text):
        super().__init__(text)
        self.check, self.text = check, text


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=float, default=120, help='how long in all')
    parser.add_argument('--seed', type=int, default=None, help='seed of the first round; the next has the next one')
    parser.add_argument('--repeat', action='store_true', help='every round has the same seed')
    parser.add_argument('--sessions', type=int, default=8)
    parser.add_argument('--looks', type=int, default=6, help='how often a round is stopped and checked')
    parser.add_argument('--transactions', type=int, default=40, help='of a session between two looks')
    parser.add_argument('--failures', type=int, default=1, help='stop after so many rounds that failed')
    parser.add_argument('--logs', default=os.path.join(os.environ.get('LOGS', '.'), 'concurrent'),
                        help='a directory for the logs of rounds that failed')
    return parser.parse_args()


def new_database():
    admin = ['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres']
    deadline = time.monotonic() + 60        # after a crash it recovers, and lets nobody in meanwhile
    while subprocess.run(admin + ['-c', 'SELECT 1'], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            raise ServerLost('the server does not come back')
        time.sleep(0.2)
    statements = [f'DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)', f'CREATE DATABASE {DATABASE}']
    statements += [f"ALTER DATABASE {DATABASE} SET {name} = '{value}'" for name, value in SETTINGS.items()]
    subprocess.run(admin + [argument for sql in statements for argument in ('-c', sql)], check=True,
                   stderr=subprocess.DEVNULL)


class Round:
    def __init__(self, options, seed, log):
        self.options, self.seed, self.log = options, seed, log
        self.rng = random.Random(seed)
        self.shape = Shape(self.rng)
        self.mix = actions.Mix(self.rng)
        self.clients = []
        self.statements = self.refused = 0
        self.broken = None              # the first Exception of a session

    def run(self):
        """Raises Failure."""
        new_database()
        self.admin = Client(DATABASE, 'admin', self.log)
        try:
            for sql in self.shape.setup():
                self.admin.must(sql)
            self.clients = [Client(DATABASE, f'session {n}', self.log) for n in range(self.options.sessions)]
            for _ in range(self.options.looks):
                self.phase()
                self.look()
            self.reset()
        except ServerLost as lost:
            raise Failure(ENDS, f'the server crashed, or cut the connection, at\n{lost}') from None
        except RuntimeError as error:       # a statement of the test's own
            raise Failure(ENDS, str(error)) from None
        finally:
            for client in self.clients + [self.admin]:
                client.close()
            self.statements = sum(client.done for client in self.clients)
            self.refused = sum(client.failed for client in self.clients)

    def phase(self):
        for sql in self.shape.fill(self.rng):
            self.admin.execute(sql, logged=False)       # refused where it would make a loop
        work = [(client, random.Random(self.rng.random())) for client in self.clients]
        threads = [threading.Thread(target=self.session, args=pair) for pair in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(STUCK)
            if thread.is_alive():
                self.tell_who_waits()
                thread.join()
        if isinstance(self.broken, Undeclared):
            raise Failure(ENDS, str(self.broken))
        if self.broken:
            raise self.broken

    def tell_who_waits(self):
        """Something is stuck, and will be canceled."""
        rows = self.admin.must(WAITS, logged=False)
        self.log.write(re.sub('^', '-- ', 'who waits for whom, and what is locked:\n' + table(rows), flags=re.M) + '\n')

    def session(self, client, rng):
        try:
            for _ in range(self.options.transactions):
                if self.broken:
                    return
                client.run(actions.transaction(rng, self.shape, self.mix))
        except Exception as error:          # told by the main thread
            self.broken = self.broken or error

    def run_jobs(self):
        self.admin.must('CALL relmeta.run_jobs()')

    def look(self):
        self.run_jobs()
        for name, query in checks.checks(self.shape):
            wrong = self.admin.must(query)
            if wrong:
                raise Failure(name, table(wrong) + '\n' + self.entries())

    def reset(self):
        """The round's database goes after this, so that it need not be done on a copy."""
        query = checks.inherited(self.shape)
        before = {tuple(row) for row in self.admin.must(query)}
        self.admin.must(checks.RESET)
        self.run_jobs()
        after = {tuple(row) for row in self.admin.must(query)}
        if before != after:
            raise Failure('reset_inherited_access finds nothing to do',
                          f'went:\n{table(before - after)}\ncame:\n{table(after - before)}')

    def entries(self):
        return ('all rows (table, key, owner, primary row) and entries (table, key, principal, direct, inherited):\n'
                + table(self.admin.must(checks.objects(self.shape))) + '\n'
                + table(self.admin.must('SELECT * FROM relmeta.principal_object_access')))


def table(rows):
    return '\n'.join('  ' + ' | '.join(row).replace('\n', ' ') for row in sorted(rows))


def play(options, seed, name):
    """One round, with its log in a file of that name; returns its Failure, if it failed, and the Round."""
    failure = None
    with open(name, 'w', encoding='utf-8') as log:
        this = Round(options, seed, log)
        for sql in this.shape.setup():
            log.write(sql + ';\n')
        try:
            this.run()
        except Failure as found:
            failure = found
            log.write(re.sub('^', '-- ', f'{failure.check}\n{failure.text}', flags=re.M) + '\n')
    if not failure:
        os.unlink(name)
    return failure, this


def main():
    options = arguments()
    options.seed = random.randrange(1000000) if options.seed is None else options.seed
    os.makedirs(options.logs, exist_ok=True)
    print(f'seeds from {options.seed}', flush=True)
    begun = time.monotonic()
    seed, rounds, statements, refused, failed = options.seed, 0, 0, 0, {}
    while time.monotonic() - begun < options.seconds and sum(failed.values()) < options.failures:
        name = os.path.join(options.logs, f'{seed}.sql' if not options.repeat else f'{seed}-{rounds}.sql')
        failure, this = play(options, seed, name)
        rounds += 1
        statements += this.statements
        refused += this.refused
        if failure:
            failed[failure.check] = failed.get(failure.check, 0) + 1
            text = '\n'.join(failure.text.split('\n')[:40])
            print(f'not ok: {failure.check}: round {rounds}, seed {seed}, after {time.monotonic() - begun:.0f} s; '
                  f'log in {name}\n{text}', flush=True)
        seed += 0 if options.repeat else 1
    print(f'{rounds} rounds, {statements} statements of {options.sessions} sessions, {refused} refused or lost, '
          f'{time.monotonic() - begun:.0f} s')
    print(f'{len(checks.NAMES) - len(failed)} passed, {len(failed)} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
