# An application with psycopg behind a pooler: one connection serves all users, a transaction each.  Prints what expected.txt says.
import json
import sys

import psycopg2

ANN, BOB = '11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222'


def connect(role):
    return psycopg2.connect(dbname=sys.argv[1], user=role)


def state(connection, run):
    """The SQLSTATE that run fails with."""
    try:
        with connection, connection.cursor() as cursor:
            run(cursor)
    except psycopg2.Error as error:
        return error.pgcode
    return 'no error'


def as_user(connection, user, sql, parameters=(), rights=None):
    with connection, connection.cursor() as cursor:
        cursor.execute('SELECT relmeta.act_as(%s, rights => %s)', (user, rights))
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def nobody(connection):
    with connection, connection.cursor() as cursor:
        cursor.execute('SELECT relmeta.current_principal() IS NULL AND (SELECT count(*) FROM note) = 0')
        return cursor.fetchone()[0]


pool = connect('pooler_act')
seen = [as_user(pool, user, "SELECT count(*), min(split_part(body, ' ', 1)) FROM note")[0] for user in (ANN, BOB)]
print('act_as: ann sees %s of %s, bob %s of %s' % (seen[0] + seen[1]))
owner = as_user(pool, BOB, 'INSERT INTO note (body) VALUES (%s) RETURNING owner', ('new',))[0][0]
print("act_as: what bob inserts is %s" % ("bob's" if owner == BOB else owner))
print("act_as: ann's row is not bob's to change: %s rows" % as_user(pool, BOB, 'UPDATE note SET body = %s WHERE id = %s', ('hack', 1)))
print('act_as: %s between two transactions' % ('nobody' if nobody(pool) else 'somebody'))


def fails(cursor):
    cursor.execute('SELECT relmeta.act_as(%s)', (ANN,))
    cursor.execute('SELECT 1 / 0')


state(pool, fails)
print('act_as: an error leaves %s behind' % ('nobody' if nobody(pool) else 'somebody'))
print('act_as: capped to read: %s rows seen, %s changed' % (
    as_user(pool, ANN, 'SELECT count(*) FROM note', rights=['read'])[0][0],
    as_user(pool, ANN, "UPDATE note SET body = 'x'", rights=['read'])))
print('act_as: an unknown user is refused: %s' % state(pool, lambda c: c.execute('SELECT relmeta.act_as(%s)', ('nobody',))))
pool.close()

pool = connect('pooler_set')
with pool, pool.cursor() as cursor:
    cursor.execute('SET LOCAL relmeta.principal = %s', (ANN,))
    cursor.execute('SELECT count(*) FROM note')
    count = cursor.fetchone()[0]
print('SET LOCAL: ann sees %s, %s afterwards' % (count, 'nobody' if nobody(pool) else 'somebody'))
print('SET LOCAL: act_as is not granted: %s' % state(pool, lambda c: c.execute('SELECT relmeta.act_as(%s)', (ANN,))))
pool.close()


def request(connection, claims):
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'pooler_web', true), set_config('request.jwt.claims', %s, true)", (json.dumps(claims),))
        cursor.execute('SELECT pre_request()')
        cursor.execute('SELECT count(*) FROM note')
        return cursor.fetchone()[0]


pool = connect('pooler_authenticator')
print('pre-request: ann sees %s, bob %s' % (request(pool, {'sub': ANN, 'role': 'pooler_web'}), request(pool, {'sub': BOB, 'role': 'pooler_web'})))
print('pre-request: without a token: %s' % state(pool, lambda c: (c.execute("SELECT set_config('role', 'pooler_web', true), set_config('request.jwt.claims', '{}', true)"), c.execute('SELECT pre_request()'))))
print('pre-request: the role itself may not act: %s' % state(pool, lambda c: (c.execute('SET LOCAL ROLE pooler_web'), c.execute('SELECT relmeta.act_as(%s)', (ANN,)))))
pool.close()
