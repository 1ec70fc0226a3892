"""A session: one psql process (test/model/server.py), to which a transaction is sent as a whole."""
import re
import time

from server import Server

OK, ABORTED = '00000', '25P02'      # 25P02: a statement after one that failed

# PostgreSQL's own, of any UPDATE of a row that is locked FOR KEY SHARE, and rare.  heap_update() takes an updater for rolled
# back as soon as pg_xact says so (DoesMultiXactIdConflict()), MultiXactIdExpand() for running until he has left the list of
# running transactions a moment later.  The statement fails, nothing of it stays.
POSTGRES = {'XX000': 'new multixact has more than one updating member'}


class Undeclared(Exception):
    """A statement ended in an SQLSTATE that it may not end in."""


class Client(Server):
    def __init__(self, database, name, log):
        super().__init__(database)
        self.name, self.file = name, log    # all sessions write to one file, in order of their ends
        self.done = self.failed = 0

    def run(self, statements):
        """Raises Undeclared."""
        self.errors.seek(0, 2)
        at = self.errors.tell()
        begun = time.monotonic()
        script = '\n'.join(s.sql if s.guarded else f'{s.sql};\n\\echo @:SQLSTATE' for s in statements)
        rows = self._send(script)
        outcomes = [row[0][1:] for row in rows if row[0][:1] == '@']
        said = [s for s in statements if not s.guarded]
        self.write(begun, said, outcomes)
        before = OK
        for statement, outcome in zip(said, outcomes):
            self.done += 1
            self.failed += outcome != OK
            if outcome != OK and outcome not in statement.states and not (outcome == ABORTED and before != OK):
                self.errors.seek(at)
                told = re.sub(r'^psql:<stdin>:\d+: ', '', self.errors.read(), flags=re.M)
                if not (outcome in POSTGRES and POSTGRES[outcome] in told):
                    raise Undeclared(f'{self.name}: {statement.sql}\nended in {outcome}; the transaction said\n{told}')
            before = outcome

    def write(self, begun, statements, outcomes):
        lines = [f'-- {self.name} from {begun:.4f} to {time.monotonic():.4f}']
        lines += [f'{s.sql};' + ('' if outcome == OK else f'    -- {outcome}') for s, outcome in zip(statements, outcomes)]
        self.file.write('\n'.join(lines) + '\n')
