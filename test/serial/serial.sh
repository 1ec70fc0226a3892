#!/bin/bash
# serial.sh: every permutation of the isolation specs ends as its transactions would one after the other, in some order,
# but for those that fail with a serialization failure or a deadlock (test/serial).
#
# SPECS: some of them (all).
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
tester=$(dirname "$("${PG_CONFIG:-pg_config}" --pgxs)")/../test/isolation/isolationtester
if ! command -v python3 >/dev/null; then
	echo "skipped: this needs python3"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
psql -Xqc 'CREATE EXTENSION IF NOT EXISTS relmeta' || exit 1
exec python3 test/serial/run.py "$tester" "$PGDATABASE" ${SPECS:-test/specs/*.spec}
