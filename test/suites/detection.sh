#!/bin/bash
# detection.sh: tools that know nothing of relmeta see its intersect tables as many-to-many (test/detection).
#
# The rule that they follow is always checked; SQLAlchemy's automap where python3-sqlalchemy and python3-psycopg2 are
# installed, or were unpacked by test/tools/setup; PostGraphile's many-to-many plugin where npm can fetch it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../detection" || exit 1
top=$(cd ../.. && pwd)
passed=0 failed=0 skipped=0

ok() { echo "ok: $1"; passed=$((passed + 1)); }
not_ok() { echo "not ok: $1"; failed=$((failed + 1)); }
skip() { echo "skipped: $1"; skipped=$((skipped + 1)); }

db=relmeta_detection
psql -Xqc "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db" -d postgres 2>/dev/null || { not_ok 'a database'; db=; }
if [ -n "$db" ]; then
	psql -Xq -v ON_ERROR_STOP=1 -d "$db" -f setup.sql >/dev/null && ok 'intersect tables' || not_ok 'intersect tables'
	broken=$(psql -XAtq -v ON_ERROR_STOP=1 -d "$db" -f rule.sql) && [ -z "$broken" ] && ok 'the rule' || not_ok "the rule: $broken"

	# python: the one on the path may not be the system's, which has the packages
	python=
	unpacked=$top/../../server/python/usr/lib/python3/dist-packages
	for candidate in python3 /usr/bin/python3; do
		PYTHONPATH=${RELMETA_PYTHONPATH:-$unpacked} "$candidate" -c 'import sqlalchemy.ext.automap, psycopg2' 2>/dev/null || continue
		python=$candidate
		break
	done
	if [ -z "$python" ]; then
		skip 'SQLAlchemy: python3-sqlalchemy and python3-psycopg2 are not installed'
	elif said=$(PYTHONPATH=${RELMETA_PYTHONPATH:-$unpacked} "$python" automap.py "$db" 2>&1); then
		echo "$said"
		ok 'SQLAlchemy automap'
	else
		echo "$said"
		not_ok 'SQLAlchemy automap'
	fi

	# npm: what was fetched stays under build/ when this runs there
	modules=${RELMETA_NODE_MODULES:-}
	if [ -z "$modules" ] && command -v node >/dev/null && command -v npm >/dev/null; then
		fetched=$top/build/npm
		case $top in */build/*/tree) fetched=$top/../../server/npm ;; esac
		mkdir -p "$fetched"
		[ -d "$fetched/node_modules/@graphile-contrib" ] ||
			(cd "$fetched" && timeout 120 npm install --no-audit --no-fund --silent postgraphile@4 graphile-build@4 \
				graphile-build-pg@4 @graphile-contrib/pg-many-to-many@1 >/dev/null 2>&1) || :
		[ ! -d "$fetched/node_modules/@graphile-contrib" ] || modules=$fetched/node_modules
	fi
	if [ -z "$modules" ]; then
		skip 'PostGraphile: npm is not there, or could not fetch it'
	elif said=$(NODE_PATH=$modules timeout 120 node postgraphile.js "$db" 2>&1); then
		echo "$said"
		ok 'PostGraphile'
	else
		echo "$said"
		not_ok 'PostGraphile'
	fi

	psql -Xqc "DROP DATABASE $db" -d postgres
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
