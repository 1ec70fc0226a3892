"""An isolation spec as far as it is needed here: its sessions, their steps, its permutations."""
import re
from collections import namedtuple

Step = namedtuple('Step', 'session sql')
NAME = r'"[^"]*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*'
TOKEN = re.compile(rf'(?P<comment>\#[^\n]*)|(?P<block>\{{\s*(?:[^}}]*?)\s*\}})|(?P<word>{NAME}|\d+)|(?P<mark>[(),*])')


READERS = {'has_access', 'principal_access', 'explain_access', 'shared_principals', 'shared_with', 'is_associated',
           'associated', 'links', 'current_principal', 'current_principals', 'verify'}

# what specs do to begin a snapshot, and to hold others back
LOCKS = r"DO '\s*BEGIN PERFORM (FROM PG_CLASS LIMIT 0|PG_ADVISORY\w*LOCK\w*\(\d+\));\s*END'"


class Spec:
    def __init__(self, text):
        self.steps = {}             # name -> Step
        self.opens = set()          # sessions whose setup begins a transaction
        self.permutations = []      # lists of names of steps; not those under a comment "not serial: ..."
        self.head = text            # the text without its permutations
        self.text = text
        self.read([t for t in TOKEN.finditer(text) if t.lastgroup != 'comment'])

    def is_exempt(self, at):
        """Is there such a comment above, and no blank line between?"""
        above = self.text[:at].rsplit('\n\n', 1)[-1]
        return re.search('^# not serial: .', above, flags=re.M) is not None

    def read(self, tokens):
        session, at = None, 0
        while at < len(tokens):
            word = tokens[at].group()
            if word == 'session':
                session, at = unquoted(tokens[at + 1].group()), at + 2
            elif word == 'step':
                self.steps[unquoted(tokens[at + 1].group())] = Step(session, tokens[at + 2].group()[1:-1].strip())
                at += 3
            elif word == 'permutation':
                if self.head is self.text:
                    self.head = self.head[:tokens[at].start()]
                at = self.permutation(tokens, at)
            elif word in ('setup', 'teardown'):
                if session and word == 'setup' and begins(tokens[at + 1].group()[1:-1]):
                    self.opens.add(session)
                at += 2
            else:
                raise ValueError(f'not understood: {word}')

    def permutation(self, tokens, at):
        """What a step must wait for, in parentheses, is left out."""
        names, depth, exempt = [], 0, self.is_exempt(tokens[at].start())
        at += 1
        while at < len(tokens) and (depth or tokens[at].group() not in ('permutation', 'session', 'step')):
            word = tokens[at].group()
            depth += (word == '(') - (word == ')')
            if not depth and word != ')':
                names.append(unquoted(word))
            at += 1
        if not exempt:
            self.permutations.append(names)
        return at

    def transactions(self, names):
        """The steps in the order given, cut into transactions; a step outside of one is one by itself."""
        found, current = [], {}         # session -> its open transaction
        opened = set(self.opens)
        for name in names:
            session, sql = self.steps[name]
            if session not in current:
                current[session] = []
                found.append(current[session])
            current[session].append(name)
            if begins(sql):
                opened.add(session)
            if ends(sql):
                opened.discard(session)
            if session not in opened:
                del current[session]
        return [tuple(steps) for steps in found]


def unquoted(word):
    return word[1:-1] if word.startswith('"') else word


def statements(sql, literals=False):
    """In upper case.  Good enough for the steps of specs."""
    parts = re.findall(r"(?:\$\$.*?\$\$|'[^']*'|[^;])+", sql, flags=re.S)
    if not literals:
        parts = [re.sub(r"\$\$.*?\$\$|'[^']*'", "''", part, flags=re.S) for part in parts]
    return [part.strip().upper() for part in parts if part.strip()]


def begins(sql):
    return any(re.match(r'BEGIN|START TRANSACTION', s) for s in statements(sql)) and not ends(sql)


def ends(sql):
    return any(re.match(r'COMMIT|END|ROLLBACK(?! TO)|ABORT|PREPARE TRANSACTION', s) for s in statements(sql)[-1:])


def reads(sql, others=''):
    """Is it nothing but reading and locking (and statements that begin like others)?  What specs prepare reads."""
    called = set(re.findall(r'relmeta\.(\w+)\s*\(', sql))
    return called <= READERS and all(
        re.match(rf'(SELECT|TABLE|VALUES|WITH|EXECUTE|RESET|SET{others})\b', s) or re.fullmatch(LOCKS, s)
        for s in statements(sql, literals=True))


def holds_back(sql):
    """Is it there for the order of things only?"""
    return all(re.fullmatch(LOCKS, s) for s in statements(sql, literals=True))


def changes(sql):
    return not reads(sql, others='|BEGIN|COMMIT|SAVEPOINT|ROLLBACK')


def undoes(sql):
    """Does it end a transaction that has had no effect?"""
    return re.match('ROLLBACK$|ABORT$', (statements(sql) or [''])[-1]) is not None
