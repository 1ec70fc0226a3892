#!/bin/bash
# concurrent.sh: random sessions at once on few rows; then every inherited right is what its primary row gives, every
# lookup has its target, verify() is empty, and so on (test/concurrent).
#
# CONCURRENT_SECONDS: how long (120); CONCURRENT_ARGS: arguments for test/concurrent/run.py besides, such as --seed 7.
cd "$(dirname "${BASH_SOURCE[0]}")/../concurrent" || exit 1
if ! command -v python3 >/dev/null; then
	echo "skipped: the concurrent test needs python3"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec python3 run.py --seconds "${CONCURRENT_SECONDS:-120}" $CONCURRENT_ARGS
