#!/bin/bash
# reference.sh: docs/reference.md says what the COMMENTs of the extension say
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if diff -u docs/reference.md <(test/tools/reference); then
	echo "1 passed, 0 failed"
else
	echo "not ok: docs/reference.md is out of date; run make docs"
	echo "0 passed, 1 failed"
	exit 1
fi
