#!/usr/bin/env python3
"""Every permutation of the isolation specs ends as its transactions would end one after the other, in some order.

run.py ISOLATIONTESTER DBNAME,DBNAME... SPEC...

For each permutation of a spec, the same transactions are run serially in every order, by the isolation tester too, in
one run with the permutation itself.  What its last steps show, when all transactions have ended, must be what one of
these orders shows; and the same transactions must have failed.  A transaction that failed with a serialization failure
or as a deadlock's victim has had no effect: then the orders of the others count.  So have those that only read or lock, or
are rolled back.

Permutations that are about something else (what a session sees meanwhile, say) stand in a spec under a comment
"# not serial: why", up to the next blank line.
"""
import concurrent.futures
import contextlib
import itertools
import os
import queue
import re
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from spec import Spec, changes, holds_back, reads, undoes

# the messages of 40001 and 40P01: the isolation tester prints no SQLSTATE
LOST = re.compile(r'could not serialize|deadlock detected|due to concurrent|concurrently|meanwhile$')
INCLUDES = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, 'tools', 'with-includes')
MOST = 24               # serial orders of one permutation
FREE = queue.Queue()    # databases in which no spec runs
ROLES = threading.Lock()


class Ending:
    """What a run of a permutation showed: the text of its last look, and the first error of each step."""

    def __init__(self, text, last):
        self.errors, step = {}, None
        at = len(text)
        if last:        # where the first of the last steps, which may have been run before, begins
            begins = re.finditer(rf'\nstep {re.escape(last[0])}: (?!<\.\.\. completed>)', text)
            at = [found.start() for found in begins][-last.count(last[0])]
        for line in text[:at].split('\n'):
            started = re.match(r'step (\S+): ', line)
            if started:
                step = started.group(1)
            elif re.match(r'(ERROR|FATAL|PANIC): ', line) and step not in self.errors:
                self.errors[step] = line
        self.look = text[at:].strip()

    def failed(self, transaction):
        return next((self.errors[step] for step in transaction if step in self.errors), None)


def run_all(tester, database, spec, permutations):
    """Runs them one after the other; returns the text of each."""
    if not permutations:
        return []
    lines = ['permutation ' + ' '.join(f'"{name}"' for name in names) for names in permutations]
    text = spec.head + '\n' + '\n'.join(lines) + '\n'
    said = subprocess.run([INCLUDES, tester, f'dbname={database}'], input=text, capture_output=True, text=True, check=False)
    parts = said.stdout.split('\nstarting permutation: ')[1:]
    if said.returncode or len(parts) != len(permutations):
        raise RuntimeError(f'the isolation tester gave up: {said.stdout[-2000:]}{said.stderr}')
    return ['\n' + part.split('\n', 1)[1] for part in parts]


def split(spec, names):
    """The steps of a permutation, without those at its end that only look; those."""
    at = len(names)
    while at and reads(spec.steps[names[at - 1]].sql):
        at -= 1
    return names[:at], [name for name in names[at:] if not holds_back(spec.steps[name].sql)]


def orders(spec, transactions):
    """Every order in which those of one session keep theirs."""
    for order in itertools.permutations(range(len(transactions))):
        place = {n: i for i, n in enumerate(order)}
        if all(place[a] < place[b] for a, b in itertools.combinations(range(len(transactions)), 2)
               if spec.steps[transactions[a][0]].session == spec.steps[transactions[b][0]].session):
            yield [transactions[n] for n in order]


def has_effect(spec, transaction):
    sqls = [spec.steps[name].sql for name in transaction]
    return any(changes(sql) for sql in sqls) and not undoes(sqls[-1])


def wanted(spec, names, ending):
    """The serial orders that a run may have ended like."""
    body, last = split(spec, names)
    kept = [t for t in spec.transactions(body) if has_effect(spec, t) and not LOST.search(ending.failed(t) or '')]
    return [(order, [step for t in order for step in t] + last) for order in itertools.islice(orders(spec, kept), MOST)]


def same(order, ending, other):
    return ending.look == other.look and all(bool(ending.failed(t)) == bool(other.failed(t)) for t in order)


def judge(tester, database, path):
    """What is wrong with a spec, and a line that sums it up."""
    with open(path, encoding='utf-8') as file:
        spec = Spec(file.read())
    last = [split(spec, names)[1] for names in spec.permutations]
    endings = [Ending(text, look)
               for text, look in zip(run_all(tester, database, spec, spec.permutations), last)]
    serial = dict.fromkeys(tuple(steps) for names, look, ending in zip(spec.permutations, last, endings) if look
                           for _, steps in wanted(spec, names, ending))
    serial.update(zip(serial, run_all(tester, database, spec, list(serial))))
    wrong = []
    for names, look, ending in zip(spec.permutations, last, endings):
        if not look:
            wrong.append(f'not ok: {path}: {" ".join(names)}: nobody looks at the end')
            continue
        tries = [(order, Ending(serial[tuple(steps)], look))
                 for order, steps in wanted(spec, names, ending)]
        if not any(same(order, ending, other) for order, other in tries):
            wrong.append(report(path, names, ending, tries))
    return wrong, f'{os.path.basename(path)}: {len(spec.permutations)} permutations, {len(serial)} serial orders'


def report(path, names, ending, tries):
    lines = [f'not ok: {path}: {" ".join(names)}', 'ended with', ending.look, f'  {ending.errors}']
    for order, other in tries:
        lines += [f'in the order {" | ".join(" ".join(t) for t in order)}', other.look, f'  {other.errors}']
    return '\n'.join(lines)


def verdict(path):
    """As judge, in a database that nobody else uses meanwhile; specs that make roles, which all databases share, come one
    after the other."""
    with open(path, encoding='utf-8') as file, ROLES if 'CREATE ROLE' in file.read() else contextlib.nullcontext():
        database = FREE.get()
        try:
            return judge(sys.argv[1], database, path)
        except (RuntimeError, ValueError) as error:
            return [f'not ok: {path}: {error}'], os.path.basename(path)
        finally:
            FREE.put(database)


def main():
    passed = failed = 0
    databases = sys.argv[2].split(',')
    for database in databases:
        FREE.put(database)
    with concurrent.futures.ThreadPoolExecutor(len(databases)) as workers:
        for wrong, line in workers.map(verdict, sys.argv[3:]):
            print('\n'.join([*wrong, line]), flush=True)
            passed += not wrong
            failed += bool(wrong)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
