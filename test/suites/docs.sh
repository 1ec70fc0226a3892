#!/bin/sh
# docs.sh: the SQL of README.md and of docs/ runs as it is printed, with the output that is printed; test/tools/run-docs
cd "$(dirname "$0")/../.." || exit
# docs/adopting.md runs with its own few rows of Chinook and with the real one, where that is
export RELMETA_CHINOOK="${RELMETA_CHINOOK:-$PWD/../shared/data/chinook/chinook.sql}"
# docs/dataverse.md reads a folder where there is one
[ ! -d ../shared/data/dataverse ] || export FOLDER="$PWD/../shared/data/dataverse"
exec perl test/tools/run-docs README.md docs/*.md
