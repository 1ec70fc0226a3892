#!/bin/sh
# predicate: row-level security, has_access, principal_access, explain_access, shared_with and a model of their own say the same of
# every principal, row and right, after each of ROUNDS (40; 200 take minutes)
# random changes (test/predicate/run.sql).
set -eu
cd "$(dirname "$0")/../predicate"
out=$(psql -Xq -v ON_ERROR_STOP=1 -v rounds="${ROUNDS:-40}" -v seed="${SEED:-$(date +%N)}" -f run.sql) || exit 1
echo "$out"
! echo "$out" | grep -q ', [1-9][0-9]* failed$'
