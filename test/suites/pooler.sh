#!/bin/bash
# pooler.sh: application users behind one connection, with psycopg, node-postgres and a function that PostgREST would call before
# each request (test/pooler).
#
# psycopg where python3-psycopg2 is installed, or was unpacked by test/tools/setup; node-postgres where npm can fetch it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../pooler" || exit 1
top=$(cd ../.. && pwd)
passed=0 failed=0 skipped=0
db=relmeta_pooler

# try NAME COMMAND...: each time in a new database
try() {
	local name=$1 said
	shift
	psql -Xqc "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db" -d postgres 2>/dev/null
	if psql -Xq -v ON_ERROR_STOP=1 -d "$db" -f setup.sql >/dev/null 2>"$db.err" && said=$("$@" "$db" 2>&1) &&
		diff expected.txt <(echo "$said"); then
		echo "ok: $name"
		passed=$((passed + $(wc -l <expected.txt)))
	else
		cat "$db.err"
		echo "$said"
		echo "not ok: $name"
		failed=$((failed + 1))
	fi
	rm -f "$db.err"
	psql -Xqc "DROP DATABASE IF EXISTS $db" -c 'DROP ROLE IF EXISTS pooler_act, pooler_authenticator, pooler_web' \
		-c 'REVOKE SET ON PARAMETER relmeta.principal FROM pooler_set' -c 'DROP ROLE pooler_set' -d postgres >/dev/null 2>&1
}

# python: the one on the path may not be the system's, which has the package
python=
unpacked=$top/../../server/python/usr/lib/python3/dist-packages
for candidate in python3 /usr/bin/python3; do
	PYTHONPATH=${RELMETA_PYTHONPATH:-$unpacked} "$candidate" -c 'import psycopg2' 2>/dev/null || continue
	python=$candidate
	break
done
if [ -z "$python" ]; then
	echo 'skipped: psycopg: python3-psycopg2 is not installed'
	skipped=$((skipped + 1))
else
	PYTHONPATH=${RELMETA_PYTHONPATH:-$unpacked} try psycopg "$python" psycopg.py
fi

# npm: what was fetched stays under build/ when this runs there
modules=${RELMETA_NODE_MODULES:-}
if [ -z "$modules" ] && command -v node >/dev/null && command -v npm >/dev/null; then
	fetched=$top/build/npm
	case $top in */build/*/tree) fetched=$top/../../server/npm ;; esac
	mkdir -p "$fetched"
	[ -d "$fetched/node_modules/pg" ] ||
		(cd "$fetched" && timeout 120 npm install --no-audit --no-fund --silent pg@8 >/dev/null 2>&1) || :
	[ ! -d "$fetched/node_modules/pg" ] || modules=$fetched/node_modules
fi
if [ -z "$modules" ]; then
	echo 'skipped: node-postgres: npm is not there, or could not fetch it'
	skipped=$((skipped + 1))
else
	NODE_PATH=$modules try node-postgres timeout 120 node node.js
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
