"""What the races share: sessions that are told something and do not wait for the answer, in a database of their own."""
import os
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, 'model')]

from server import Server

LEVELS = ('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')
REFUSED = ('40001', '40P01')        # what a statement that meets another may end in


class Session:
    def __init__(self, database):
        self.server = Server(database)
        self.pid = int(self.must('SELECT pg_backend_pid()')[0][0])
        self.thread = self.result = None

    def must(self, sql):
        return self.server.must(sql)

    def start(self, *statements, delay=0):
        def run():
            time.sleep(delay)
            results = [self.server.execute(sql) for sql in statements]
            failed = [r for r in results if r.sqlstate]
            self.result = failed[0] if failed else results[-1]

        self.result = None
        self.thread = threading.Thread(target=run)
        self.thread.start()

    def join(self):
        self.thread.join()
        return self.result

    def busy(self):
        return self.thread.is_alive()


class Database:
    def __init__(self, name, setup):
        admin = ['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres']
        subprocess.run(admin + ['-c', f'DROP DATABASE IF EXISTS {name} WITH (FORCE)', '-c', f'CREATE DATABASE {name}'],
                       check=True, stderr=subprocess.DEVNULL)
        self.name = name
        self.sessions = []
        self.admin = self.session()
        self.admin.must('SET client_min_messages = warning')
        self.admin.must('CREATE EXTENSION relmeta')
        self.admin.must(setup)

    def session(self):
        self.sessions.append(Session(self.name))
        return self.sessions[-1]

    def wait_blocked(self, session):
        """Until it waits for somebody, or is through."""
        while session.busy() and self.admin.must(f'SELECT cardinality(pg_blocking_pids({session.pid}))')[0][0] == '0':
            time.sleep(0.0005)

    def close(self):
        for session in self.sessions:
            session.server.close()


def report(variant, rounds, hits, refused, begun):
    """Prints what came of a variant; hits: how often each pair ended wrong.  The number of rounds that did."""
    total = sum(hits.values())
    pairs = ', '.join(f'{" and ".join(pair)}: {n}' for pair, n in sorted(hits.items()))
    print(f'{variant}: {total} of {rounds} wrong, {refused} refused, {time.monotonic() - begun:.0f} s  {pairs}', flush=True)
    return total
