#!/bin/sh
# lint.sh: the habits of the house that a machine can see; test/tools/lint lists them
cd "$(dirname "$0")/../.." && exec perl test/tools/lint
