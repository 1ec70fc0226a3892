#!/bin/sh
# clients.sh -- pgbench: transactions a second of several clients, relmeta's tables beside those with PL/pgSQL row triggers.
#
#   CLIENTS='1 2 4 8'   numbers of clients
#   SECONDS_EACH=5      of one run
#   ROUNDS=5            runs of each side, in turns; the median counts
#   SCALE=210000        rows of the tree (run has made it)
#
# The transactions: a child is inserted below a random row; a random row gets another owner, with all below it; a random row is shared
# and unshared (the peer: functions with hand-written statements); one row is read, updated or inserted as one of 100 principals through
# act_as() on a controlled table (the peer: a setting of the transaction, and policies with EXISTS).  "Limit" is a native key and triggers of C
# that do nothing, in relmeta's place.  "Ratio" is relmeta's transactions to the peer's: more is better.
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
# a key and triggers that do nothing in relmeta's place
sed 's/managed\.contact/bare.contact/' "$dir/insert a child.managed" >"$dir/insert a child, limit.managed"
cp "$dir/insert a child.trig" "$dir/insert a child, limit.trig"
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
# a transaction of one of the users, on either side; @ is the table
as_principal() # NAME STATEMENT
{
	for side in managed peer; do
		case $side in
			managed) me="SELECT relmeta.act_as('user ' || :who, true)" file="$dir/$1 as a principal.managed" ;;
			peer) me="SELECT set_config('clients.principal', 'user ' || :who, true)" file="$dir/$1 as a principal.trig" ;;
		esac
		cat >"$file" <<-SQL
			$new
			$row
			\\set who random(1, 100)
			BEGIN;
			$me;
			$(echo "$2" | sed "s/@/clients.$side/")
			COMMIT;
		SQL
	done
}
as_principal 'read one row' 'SELECT body FROM @ WHERE id = :row;'
as_principal 'update one row' "UPDATE @ SET body = 'another' WHERE id = :row;"
as_principal 'insert one row' "INSERT INTO @ VALUES (:id, 'user ' || :who, 'a body');"

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
			psql -Xqc 'VACUUM managed.account, managed.contact, managed.task, trig.account, trig.contact, trig.task, bare.contact, clients.managed, clients.peer' >/dev/null
		done
		# whoever inserts faster, or for both sides of two works, is not to have more rows below each in the next
		for table in managed.contact trig.contact bare.contact clients.managed clients.peer; do
			psql -Xqc "DELETE FROM $table WHERE id >= 1000000000" -c "VACUUM ANALYZE $table" >/dev/null
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
