#!/bin/sh
# clients.sh -- pgbench: transactions a second of several clients, relmeta's tables beside those with PL/pgSQL row triggers.
#
#   CLIENTS='1 2 4 8'   numbers of clients
#   SECONDS_EACH=5      of one run
#   ROUNDS=5            runs of each side, in turns; the median counts
#   SCALE=210000        rows of the tree (run has made it)
#
# The transactions: a child is inserted below a random row; a random row gets another owner, with all below it; a random row is shared
# and unshared (the peer: procedures with hand-written statements); and one row is read by its key as one of 100 principals through
# act_as() on a controlled table (the peer: SET LOCAL of a setting and a policy with EXISTS).  "Ratio" is relmeta's transactions
# to the peer's: more is better.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
seconds=${SECONDS_EACH:-5}
accounts=$((${SCALE:-210000} / 21))
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
psql -Xq -v ON_ERROR_STOP=1 -v accounts="$accounts" -f "$here/clients.sql" >/dev/null

# the number of a new row: no other client's
new="\\set id random(1000000000, 9000000000000000)"
row="\\set row random(1, $accounts)"
for side in managed trig; do
	cat >"$dir/insert a child.$side" <<-SQL
		$new
		$row
		INSERT INTO $side.contact (id, account_id, owner_id) VALUES (:id, :row, 'ann') ON CONFLICT DO NOTHING;
	SQL
	cat >"$dir/owner of a random row.$side" <<-SQL
		$row
		\\set who random(1, 100)
		UPDATE $side.account SET owner_id = 'user ' || :who WHERE id = :row;
	SQL
done
cat >"$dir/share and unshare.managed" <<-SQL
	$row
	SELECT relmeta.share('managed.account', :row, 'cat');
	SELECT relmeta.unshare('managed.account', :row, 'cat');
SQL
cat >"$dir/share and unshare.trig" <<-SQL
	$row
	SELECT trig.share(:row, 'cat');
	SELECT trig.unshare(:row, 'cat');
SQL
cat >"$dir/read one row as a principal.managed" <<-SQL
	$row
	\\set who random(1, 100)
	BEGIN;
	SELECT relmeta.act_as('user ' || :who, true);
	SELECT body FROM clients.managed WHERE id = :row;
	COMMIT;
SQL
cat >"$dir/read one row as a principal.trig" <<-SQL
	$row
	\\set who random(1, 100)
	BEGIN;
	SELECT set_config('clients.principal', 'user ' || :who, true);
	SELECT body FROM clients.peer WHERE id = :row;
	COMMIT;
SQL

# one run: transactions a second
tps() # SCRIPT CLIENTS
{
	user=
	case $1 in *"as a principal"*) user='-U bench_client' ;; esac
	# shellcheck disable=SC2086
	pgbench -n -M prepared -c "$2" -j "$2" -T "$seconds" $user -f "$1" 2>"$dir/errors" |
		sed -n 's/^tps = \([0-9.]*\) .*/\1/p;s/^number of failed transactions: \([1-9].*\)/FAILED \1/p'
	grep -v '^pgbench: \(starting\|pghost\)' "$dir/errors" >&2 || :
}

for script in "$dir"/*.managed; do
	work=$(basename "$script" .managed)
	for clients in ${CLIENTS:-1 2 4 8}; do
		for round in $(seq 0 "${ROUNDS:-5}"); do
			for side in managed trig; do
				echo "$work|$clients|$round|$side|$(tps "${script%.managed}.$side" "$clients")"
			done
			psql -Xqc 'VACUUM managed.account, managed.contact, managed.task, trig.account, trig.contact, trig.task' >/dev/null
		done
	done
done >"$dir/runs"
psql -Xq -v ON_ERROR_STOP=1 <<-SQL
	CREATE TABLE clients.run (work text, clients int, round int, side text, tps text);
	\copy clients.run FROM '$dir/runs' (DELIMITER '|')
	\pset footer off
	\echo
	\echo transactions a second, medians of ${ROUNDS:-5} runs of $seconds s, $(nproc) processors
	WITH median AS (
	  SELECT work, clients,
	         percentile_cont(0.5) WITHIN GROUP (ORDER BY tps::numeric) FILTER (WHERE side = 'managed') AS relmeta,
	         percentile_cont(0.5) WITHIN GROUP (ORDER BY tps::numeric) FILTER (WHERE side = 'trig') AS peer,
	         min(tps::numeric) FILTER (WHERE side = 'managed') AS low, max(tps::numeric) FILTER (WHERE side = 'managed') AS high
	    FROM clients.run WHERE round > 0 GROUP BY work, clients
	)
	SELECT work, clients, round(relmeta) AS relmeta, round(low) || ' - ' || round(high) AS spread, round(peer) AS "PL/pgSQL",
	       round((relmeta / peer)::numeric, 2) AS ratio, 1.0 AS "at least", CASE WHEN relmeta >= peer THEN 'met' ELSE 'missed' END AS result
	  FROM median ORDER BY work, clients;
SQL
