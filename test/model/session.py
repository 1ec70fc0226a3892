"""One world and, beside it, one database: every operation is done to both, and both are compared."""
import model
from operations import Transaction
from spell import literal
from world import OrderDependent, Refused, RIGHTS, World


class Mismatch(Exception):
    """The server did something else than the model."""


class Session:
    """`server` None: the model alone.  `access` False: stored access is neither made nor compared."""

    def __init__(self, schema, server=None, access=True):
        self.schema, self.server, self.access = schema, server, access
        self.world = World()
        self.steps = self.refusals = 0
        if server:
            for sql in schema.setup() + (schema.control() if access else []):
                server.must(sql)
        schema.tables_of(self.world)

    def do(self, op):
        """Returns what the model gives; raises Refused as the model does, Mismatch when the server differs."""
        if isinstance(op, Transaction):
            return self.transaction(op)
        value = self.one(op)
        if self.access:
            self.run_jobs()
        return value

    def attempt(self, op):
        """do(), for callers that do not care whether it is refused.  Returns whether it was done."""
        try:
            self.do(op)
        except Refused:
            return False
        except OrderDependent:
            return False
        return True

    def one(self, op, savepoint=False):
        """One operation, one statement."""
        trial = self.world.copy()
        refused, value = None, None
        op.prepare(self.schema)
        try:
            value = op.run(self.schema, trial)
            if trial.dangling() and not savepoint:
                raise Refused('23503')      # deferred foreign keys are checked by its commit
        except Refused as error:
            refused = error
            op.forget(self.schema)
        except OrderDependent:
            op.forget(self.schema)
            raise
        self.steps += 1
        self.refusals += refused is not None
        if self.server:
            if savepoint:
                self.server.must('SAVEPOINT one')
            result = self.server.execute(op.sql(self.schema))
            if savepoint:
                self.server.must('ROLLBACK TO one' if result.sqlstate else 'RELEASE one')
            self.check_outcome(refused, value, result)
        if not refused:
            self.world = trial
        self.compare(committed=not savepoint)
        if refused:
            raise refused
        return value

    def transaction(self, op):
        """What was done before ROLLBACK TO leaves no trace."""
        if self.server:
            self.server.must('BEGIN')
            self.server.must('SAVEPOINT undone')
        kept = self.world
        for inner in op.undone:
            self.attempt_inside(inner)
        if self.server:
            self.server.must('ROLLBACK TO undone')
        self.world = kept
        self.compare()
        for inner in op.done:
            self.attempt_inside(inner)
        refused = Refused('23503') if self.world.dangling() else None
        if refused:
            self.world = kept
        if self.server:
            self.check_outcome(refused, None, self.server.execute('COMMIT'))
        self.compare(committed=True)
        if self.access:
            self.run_jobs()

    def attempt_inside(self, op):
        try:
            self.one(op, savepoint=True)
        except (Refused, OrderDependent):
            pass

    def run_jobs(self):
        """The jobs that a commit has queued are run by whoever comes first, a worker or CALL run_jobs()."""
        if not self.world.jobs:
            return
        revoked = 0
        for kind, name in self.world.jobs:
            revoked += getattr(model, kind)(self.world, name)
        self.world.jobs = []
        if self.server:
            self.server.must('CALL relmeta.run_jobs()')
            states = self.server.must("SELECT relmeta.wait_for_job(job_id) FROM relmeta.jobs "
                                      "WHERE state NOT IN ('succeeded', 'failed', 'canceled')")
            failed = self.server.must("SELECT job_id, last_error FROM relmeta.jobs WHERE state <> 'succeeded'", False)
            if failed or any(row != ['succeeded'] for row in states):
                raise Mismatch(f'a job did not succeed: {states} {failed}')
        self.compare()

    # ---- comparing ----

    def check_outcome(self, refused, value, result):
        if result.sqlstate:
            if refused is None:
                raise Mismatch(f'refused: {result.sqlstate} {result.message}')
            if result.sqlstate not in refused.sqlstates:
                raise Mismatch(f'refused with {result.sqlstate} ({result.message}), not with {refused}')
        elif refused is not None:
            raise Mismatch(f'not refused, should have been with {refused}')
        elif value is not None and result.rows != [[value]]:
            raise Mismatch(f'gave {result.rows}, not {value}')

    def compare(self, committed=False):
        """Owners, states, lookups and existence of every row; stored access of every principal on every row."""
        broken = model.invariant_violations(self.world)
        if broken:
            raise Mismatch(f'the model breaks the closing invariant: {broken}')
        if not self.server:
            return
        self.compare_sets('rows', self.schema.state_of(self.world), self.schema.state_query())
        if any(spec.automation for spec in self.schema.tables.values()):
            self.compare_sets('automations (table, key, active)', self.schema.automations_of(self.world),
                              self.schema.automations_query())
            self.compare_sets('calls (table, key, count)', self.schema.calls_of(self.world), self.schema.calls_query())
        if self.access and not (committed and self.world.jobs):     # a worker may be at the jobs already
            self.compare_sets('stored access (table, (key, principal), direct, inherited)',
                              self.schema.entries_of(self.world), self.schema.entries_query())
            self.compare_visible()

    def compare_visible(self):
        """Which rows one principal finds, each in its turn, and which of a table it may lock for writing."""
        if not self.schema.principals or not self.schema.tables:
            return
        principal = self.schema.principals[self.steps % len(self.schema.principals)]
        table = list(self.schema.tables)[self.steps // len(self.schema.principals) % len(self.schema.tables)]
        rows = self.world.rows
        readable = {ref for ref in rows if self.world.has_access(ref, 'read', principal)}
        numbers = {name: str(n) for n, name in enumerate(self.schema.tables)}
        self.server.must(f'SET relmeta.principal = {literal(principal)}', logged=False)
        self.server.must('SET ROLE relmeta_model', logged=False)
        try:
            self.compare_sets(f'what {principal} finds (table, key)', {(numbers[ref.table], ref.key) for ref in readable},
                              self.schema.visible_query())
            self.compare_sets(f'what {principal} may write of {table}',
                              {(ref.key,) for ref in readable if ref.table == table
                               and self.world.has_access(ref, 'write', principal)}, self.schema.writable_query(table))
        finally:
            self.server.must('RESET ROLE', logged=False)
            self.server.must('RESET relmeta.principal', logged=False)

    def compare_sets(self, what, wanted, query):
        if not self.schema.tables:
            return
        found = {tuple(row) for row in self.server.must(query, logged=False)}
        if found != wanted:
            lines = [f'  only the model: {line}' for line in sorted(wanted - found)]
            lines += [f'  only the server: {line}' for line in sorted(found - wanted)]
            raise Mismatch('\n'.join([f'{what} differ:'] + lines))

    def sample_has_access(self, rng, count):
        """has_access of random principals on random rows."""
        rows = sorted(self.world.rows)
        for _ in range(count if rows and self.access else 0):
            ref, right = rng.choice(rows), rng.choice(sorted(RIGHTS))
            principal = rng.choice(self.schema.principals)
            wanted = self.world.has_access(ref, right, principal)
            if self.server:
                sql = self.schema.has_access(ref, right, principal)
                found = self.server.must(sql)
                if found != [['t' if wanted else 'f']]:
                    raise Mismatch(f'{sql} gave {found}, not {wanted}')
