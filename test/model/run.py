#!/usr/bin/env python3
"""The model test: random worlds, random operations, a server and the model of its rules side by side.

A run is a series of cases.  A case is a random schema and some hundred
operations on it, in a database of its own, all of it drawn from one seed: the
case fails again with  run.py --seed SEED --cases 1.  On a failure the
operations are first reduced to those that are needed, then printed as a psql
script, up to and including the statement that went wrong.
"""
import argparse
import contextlib
import os
import random
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scenarios
from generate import Generator
from schema import random_schema
from server import Server, ServerLost
from session import Mismatch, Session
from world import World

DATABASE = 'relmeta_model_test'


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seed', type=int, default=1, help='seed of the first case; the next has the next one')
    parser.add_argument('--steps', type=int, default=3000, help='operations in all')
    parser.add_argument('--cases', type=int, help='cases in all, instead of --steps')
    parser.add_argument('--case-steps', type=int, default=120, help='operations in a case')
    parser.add_argument('--seeds', metavar='FILE', help='run the cases of these seeds first, one per line')
    parser.add_argument('--no-access', action='store_true', help='owners, lookups and existence only')
    parser.add_argument('--model-only', action='store_true', help='no server: the model against itself')
    parser.add_argument('--no-scenarios', action='store_true', help='leave scenarios.py out')
    parser.add_argument('--failures', type=int, default=3, help='stop after so many failing cases')
    parser.add_argument('--no-shrink', action='store_true', help='print a failing case as it is')
    return parser.parse_args()


@contextlib.contextmanager
def server_for(options):
    """A connection to a new database with the extension; None for the model alone."""
    if options.model_only:
        yield None
        return
    admin = ['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres']
    wait_for_server(admin)
    subprocess.run(admin + ['-c', f'DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)',
                            '-c', f'CREATE DATABASE {DATABASE}'], check=True, stderr=subprocess.PIPE)
    server = Server(DATABASE)
    try:
        for sql in ('CREATE EXTENSION relmeta', "SET statement_timeout = '60s'", "SET client_min_messages = 'warning'"):
            server.must(sql)
        yield server
    finally:
        server.close()


def wait_for_server(admin):
    """After a crash it recovers, and lets nobody in meanwhile."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if subprocess.run(admin + ['-c', 'SELECT 1'], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    raise ServerLost('the server does not come back')


class Failure(Exception):
    """A case or story failed: after these operations, in this way."""

    def __init__(self, error, ops, server):
        super().__init__()
        self.message = f'{type(error).__name__}: {error}'
        self.kind = re.sub(r'[0-9]{4,}|"[^"]*"', '', self.message.split('\n')[0])[:60]
        self.ops, self.log = ops, list(server.log) if server else []


def play(options, seed, ops=None):
    """Plays the case of a seed: the operations that the seed gives, or these.  Raises Failure; returns the session."""
    rng = random.Random(seed)
    schema = random_schema(rng, World())
    done = []
    with server_for(options) as server:
        try:
            session = Session(schema, server, not options.no_access)
            for op in operations_of(options, rng, session) if ops is None else ops:
                done.append(op)
                session.attempt(op)
            session.sample_has_access(rng, 30)
            return session
        except (Mismatch, RuntimeError, ServerLost) as error:
            raise Failure(error, done, server) from None


def operations_of(options, rng, session):
    """The operations of a seed; each is made for the world that the one before it left."""
    yield from session.schema.declarations
    generator = Generator(rng, session.schema, session.access)
    for _ in range(options.case_steps):
        yield generator.operation(session.world)


def play_story(options, story):
    with server_for(options) as server:
        try:
            scenarios.tell(story, server, options.model_only or not options.no_access)
        except Exception as error:
            raise Failure(error, [], server) from error


def shrink(options, seed, failure):
    """Leaves operations out, in ever smaller runs, as long as the case still fails in the same way."""
    best, size = failure, max(1, len(failure.ops) // 2)
    deadline = time.monotonic() + 60
    while size and time.monotonic() < deadline:
        at, shorter = 0, False
        while at < len(best.ops) - 1 and time.monotonic() < deadline:
            last = len(best.ops) - 1
            found = fails_alike(options, seed, best.ops[:at] + best.ops[min(at + size, last):], failure)
            if found:
                best, shorter = found, True
            else:
                at += size
        if not shorter or size > 1:
            size //= 2
    return best


def fails_alike(options, seed, ops, failure):
    try:
        play(options, seed, ops)
    except Failure as found:
        return found if found.kind == failure.kind else None
    except (KeyError, AttributeError):
        pass                    # a declaration that the others need was left out
    return None


def report(what, failure):
    print(f'not ok: {what}')
    print('\n'.join('-- ' + line for line in failure.message.split('\n')))
    for sql in failure.log:
        print(sql if sql.endswith('\\.') else sql + ';')
    print(flush=True)


def seeds_of(options):
    seeds = []
    if options.seeds:
        with open(options.seeds, encoding='utf-8') as file:
            seeds = [int(text) for text in (line.split('#')[0].strip() for line in file) if text]
    cases = options.cases if options.cases is not None else -(-options.steps // options.case_steps)
    return seeds + list(range(options.seed, options.seed + cases))


def main():
    options = arguments()
    started = time.monotonic()
    passed = failed = steps = refusals = 0
    told = [] if options.no_scenarios else scenarios.stories(options.model_only or not options.no_access)
    for item in told + seeds_of(options):
        try:
            if callable(item):
                play_story(options, item)
            else:
                session = play(options, item)
                steps, refusals = steps + session.steps, refusals + session.refusals
            passed += 1
        except Failure as failure:
            failed += 1
            if callable(item):
                report(f'{item.__name__}: {item.__doc__}', failure)
            else:
                report(f'seed {item}', failure if options.no_shrink else shrink(options, item, failure))
            if failed >= options.failures:
                break
    print(f'{len(told)} stories; {steps} random steps, {refusals} of them refused, in {passed + failed - len(told)} '
          f'cases; {time.monotonic() - started:.0f} s')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
