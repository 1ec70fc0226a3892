"""A server, spoken to through one psql process.

psql reads statements from a pipe; after each an \\echo of a marker line tells
that its output has ended; its errors go to a file.  The connection comes from
the environment (PGHOST, PGPORT, PGUSER).
"""
import re
import subprocess
import tempfile

MARKER = '=====end====='


class ServerLost(Exception):
    """psql has gone: the server crashed, or the connection was cut."""


class Result:
    def __init__(self, rows, sqlstate, message):
        self.rows = rows            # lists of text
        self.sqlstate = sqlstate    # None: it succeeded
        self.message = message


class Server:
    def __init__(self, database):
        self.log = []               # every statement, to be replayed with psql
        self.errors = tempfile.TemporaryFile('w+', encoding='utf-8')
        self.psql = subprocess.Popen(
            ['psql', '-qAtX', '-v', 'ON_ERROR_STOP=0', '-v', 'VERBOSITY=verbose', '-F', '|', '-P', 'null=~',
             '-d', database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, bufsize=1 << 16)

    def execute(self, sql, logged=True):
        """Runs one statement (with COPY data, where it has some)."""
        if logged:
            self.log.append(sql)
        self.errors.seek(0, 2)
        at = self.errors.tell()
        rows = self._send(sql if sql.endswith('\\.') else sql + ';')
        # psql's SQLSTATE is that of its last statement, and says nothing of a COPY that fails
        self.errors.seek(at)
        error = re.search(r'(?:ERROR|FATAL|PANIC):  (\w{5}): (.*)', self.errors.read())
        return Result(rows, *(error.groups() if error else (None, None)))

    def _send(self, text):
        """The lines that come back, split in columns."""
        try:
            self.psql.stdin.write(f'{text}\n\\echo {MARKER}\n')
            self.psql.stdin.flush()
        except BrokenPipeError:
            raise ServerLost(text) from None
        rows = []
        for line in self.psql.stdout:
            line = line.rstrip('\n')
            if line == MARKER:
                return rows
            rows.append(line.split('|'))
        raise ServerLost(text)

    def must(self, sql, logged=True):
        """The same for a statement that cannot be refused; returns its rows."""
        result = self.execute(sql, logged)
        if result.sqlstate:
            raise RuntimeError(f'{result.sqlstate}: {result.message}\n{sql}')
        return result.rows

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()
        self.psql.stdout.close()
        self.errors.close()
