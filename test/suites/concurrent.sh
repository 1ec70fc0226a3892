#!/bin/bash
# concurrent.sh: random sessions at once on few rows; then every inherited right is what its primary row gives, every
# lookup has its target, verify() is empty, and so on (test/concurrent).
#
# Before that two statements wait in every pair behind an assign that is rolled back or a deadlock's victim, with a foreign
# key and without, at every isolation level (lock_race.py).
#
# LOCK_RACE_ROUNDS: how many rounds of each variant (64: each pair once); CONCURRENT_SECONDS: how long the sessions go on (120); CONCURRENT_ARGS: arguments for test/concurrent/run.py besides, such as --seed 7.
export PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "${BASH_SOURCE[0]}")/../concurrent" || exit 1
if ! command -v python3 >/dev/null; then
	echo "skipped: the concurrent test needs python3"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
python3 lock_race.py --rounds "${LOCK_RACE_ROUNDS:-64}"
race=$?
python3 run.py --seconds "${CONCURRENT_SECONDS:-120}" $CONCURRENT_ARGS
run=$?
exit $((race | run))
