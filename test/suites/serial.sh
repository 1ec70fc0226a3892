#!/bin/bash
# serial.sh: every permutation of the isolation specs ends as its transactions would one after the other, in some order,
# but for those that fail with a serialization failure or a deadlock (test/serial).
#
# SPECS: some of them (all).
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
tester=$(dirname "$("${PG_CONFIG:-pg_config}" --pgxs)")/../test/isolation/isolationtester
if ! command -v python3 >/dev/null; then
	echo "skipped: the serial orders need python3"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
# most of the time a session waits for another: three specs at a time
databases=$PGDATABASE,${PGDATABASE}_2,${PGDATABASE}_3
trap 'for db in ${databases//,/ }; do [ "$db" = "$PGDATABASE" ] || dropdb --if-exists --force "$db" 2>/dev/null; done' EXIT
for db in ${databases//,/ }; do
	[ "$db" = "$PGDATABASE" ] || { dropdb --if-exists "$db" 2>/dev/null; createdb "$db" || exit 1; }
	psql -Xq -d "$db" -c 'CREATE EXTENSION IF NOT EXISTS relmeta' || exit 1
done
python3 test/serial/run.py "$tester" "$databases" ${SPECS:-test/specs/*.spec}
