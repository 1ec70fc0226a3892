"""A server, spoken to through one psql process.

psql reads statements from a pipe; after each an \\echo of a marker line tells
that its output has ended, and with which SQLSTATE.  The connection comes from
the environment (PGHOST, PGPORT, PGUSER).
"""
import subprocess

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
        self.psql = subprocess.Popen(
            ['psql', '-qAtX', '-v', 'ON_ERROR_STOP=0', '-F', '|', '-P', 'null=~', '-d', database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1 << 16)

    def execute(self, sql, logged=True):
        """Runs one statement (with COPY data, where it has some)."""
        if logged:
            self.log.append(sql)
        rows = self._send(sql if sql.endswith('\\.') else sql + ';')
        sqlstate = rows.pop()[0]
        if sqlstate == '00000':
            return Result(rows, None, None)
        message = self._send('\\echo :LAST_ERROR_MESSAGE')
        return Result(rows, sqlstate, '\n'.join('|'.join(row) for row in message[:-1]))

    def _send(self, text):
        """The lines that come back, split in columns; the last is the SQLSTATE."""
        try:
            self.psql.stdin.write(f'{text}\n\\echo {MARKER} :SQLSTATE\n')
            self.psql.stdin.flush()
        except BrokenPipeError:
            raise ServerLost(text) from None
        rows = []
        for line in self.psql.stdout:
            line = line.rstrip('\n')
            if line.startswith(MARKER):
                return rows + [[line.split(' ')[1]]]
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
