#!/bin/bash
# model.sh: random worlds and operations, the server and the model of SEMANTICS section 3 side by side (test/model).
#
# MODEL_ARGS: arguments for test/model/run.py besides, such as --seed 7 --steps 20000.
cd "$(dirname "${BASH_SOURCE[0]}")/../model" || exit 1
if ! command -v python3 >/dev/null; then
	echo "skipped: the model test needs python3"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec python3 run.py --seeds seeds.txt $MODEL_ARGS
