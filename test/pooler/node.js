// An application with node-postgres: a pool of one connection serves all users, a transaction each.  Prints what expected.txt says.
const { Pool } = require('pg');

const ann = '11111111-1111-1111-1111-111111111111', bob = '22222222-2222-2222-2222-222222222222';
const pool_of = user => new Pool({ database: process.argv[2], user, host: process.env.PGHOST, port: process.env.PGPORT, max: 1 });

async function transaction(pool, run) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await run(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
const state = (pool, run) => transaction(pool, run).then(() => 'no error', error => error.code);
const as_user = (pool, user, sql, values = [], rights = null) => transaction(pool, async client => {
  await client.query('SELECT relmeta.act_as($1, rights => $2)', [user, rights]);
  return client.query(sql, values);
});
const nobody = async pool => {
  const { rows } = await pool.query('SELECT relmeta.current_principal() IS NULL AND (SELECT count(*) FROM note) = 0 AS nobody');
  return rows[0].nobody ? 'nobody' : 'somebody';
};

(async () => {
  let pool = pool_of('pooler_act');
  // both at once: one waits for the connection of the other
  const seen = await Promise.all([ann, bob].map(user => as_user(pool, user, "SELECT count(*)::int AS n, min(split_part(body, ' ', 1)) AS who FROM note")));
  console.log(`act_as: ann sees ${seen[0].rows[0].n} of ${seen[0].rows[0].who}, bob ${seen[1].rows[0].n} of ${seen[1].rows[0].who}`);
  const made = await as_user(pool, bob, 'INSERT INTO note (body) VALUES ($1) RETURNING owner', ['new']);
  console.log(`act_as: what bob inserts is ${made.rows[0].owner === bob ? "bob's" : made.rows[0].owner}`);
  console.log(`act_as: ann's row is not bob's to change: ${(await as_user(pool, bob, 'UPDATE note SET body = $1 WHERE id = $2', ['hack', 1])).rowCount} rows`);
  console.log(`act_as: ${await nobody(pool)} between two transactions`);
  await state(pool, async client => {
    await client.query('SELECT relmeta.act_as($1)', [ann]);
    await client.query('SELECT 1 / 0');
  });
  console.log(`act_as: an error leaves ${await nobody(pool)} behind`);
  const capped = await as_user(pool, ann, 'SELECT count(*)::int AS n FROM note', [], ['read']);
  console.log(`act_as: capped to read: ${capped.rows[0].n} rows seen, ${(await as_user(pool, ann, "UPDATE note SET body = 'x'", [], ['read'])).rowCount} changed`);
  console.log(`act_as: an unknown user is refused: ${await state(pool, client => client.query('SELECT relmeta.act_as($1)', ['nobody']))}`);
  await pool.end();

  pool = pool_of('pooler_set');
  const count = await transaction(pool, async client => {
    await client.query(`SET LOCAL relmeta.principal = '${ann}'`);
    return (await client.query('SELECT count(*)::int AS n FROM note')).rows[0].n;
  });
  console.log(`SET LOCAL: ann sees ${count}, ${await nobody(pool)} afterwards`);
  console.log(`SET LOCAL: act_as is not granted: ${await state(pool, client => client.query('SELECT relmeta.act_as($1)', [ann]))}`);
  await pool.end();

  pool = pool_of('pooler_authenticator');
  const begin = (client, claims) => client.query("SELECT set_config('role', 'pooler_web', true), set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
  const request = claims => transaction(pool, async client => {
    await begin(client, claims);
    await client.query('SELECT pre_request()');
    return (await client.query('SELECT count(*)::int AS n FROM note')).rows[0].n;
  });
  console.log(`pre-request: ann sees ${await request({ sub: ann, role: 'pooler_web' })}, bob ${await request({ sub: bob, role: 'pooler_web' })}`);
  console.log(`pre-request: without a token: ${await state(pool, async client => { await begin(client, {}); await client.query('SELECT pre_request()'); })}`);
  console.log(`pre-request: the role itself may not act: ${await state(pool, async client => {
    await client.query('SET LOCAL ROLE pooler_web');
    await client.query('SELECT relmeta.act_as($1)', [ann]);
  })}`);
  await pool.end();
})().catch(error => { console.log(error); process.exit(1); });
