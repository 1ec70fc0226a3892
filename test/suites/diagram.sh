#!/bin/bash
# diagram.sh: every format, notation and choice of er_diagram is read by the tool that it is made for (test/diagram).
#
# Three models: the demo's, Chinook (RELMETA_CHINOOK, or beside the checkout) and one of evil names.  Graphviz and PlantUML
# where they are installed; Mermaid, @dbml/core, D2 and the JSON document's schema where npm can fetch the parsers, or
# RELMETA_NODE_MODULES has them.  RELMETA_TBLS_SCHEMA: tbls' own schema instead of ours.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
top=$(pwd)
passed=0 failed=0 skipped=0
out=$(mktemp -d "${TMPDIR:-/tmp}/relmeta-diagram.XXXXXX")
trap 'rm -rf "$out"' EXIT

ok() { echo "ok: $1"; passed=$((passed + 1)); }
not_ok() { echo "not ok: $1"; failed=$((failed + 1)); }
skip() { echo "skipped: $1"; skipped=$((skipped + 1)); }

# ---- the models, a database each ----

chinook=${RELMETA_CHINOOK:-$top/../shared/data/chinook/chinook.sql}
demo() { sed '/^\\/d' test/demo/01-load.sql && sed '/^\\/d' test/demo/02-declare.sql; }
adopted() {
	cat "$chinook"
	cat <<-'SQL'
		CREATE EXTENSION relmeta;
		SELECT call FROM relmeta.adoptable WHERE call IS NOT NULL \gexec
	SQL
}
evil() { cat test/diagram/evil.sql; }

# every call whose diagram is to be read: FORMAT NOTATION COLUMNS BEHAVIORS INTERSECTS
calls() {
	local format notation columns
	for format in mermaid plantuml dot dbml d2 json; do
		for columns in none keys all; do
			echo "$format crows_foot $columns true false"
			echo "$format crows_foot $columns false true"
		done
	done
	for notation in uml min_max; do
		echo "plantuml $notation keys true false"
	done
	for notation in chen uml min_max; do
		for columns in none all; do
			echo "dot $notation $columns true true"
		done
	done
}

# draw MODEL: its diagrams as $out/MODEL-*.FORMAT, and the true names beside those of all columns
draw() {
	local db=relmeta_diagram_$1
	psql -Xqc "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db" -d postgres 2>/dev/null || return 1
	"$1" | PGOPTIONS='-c client_min_messages=error' psql -Xq -v ON_ERROR_STOP=1 -d "$db" -f - >/dev/null || return 1
	calls | while read -r format notation columns behaviors intersects; do
		file=$out/$1-$notation-$columns-$intersects.$format
		echo "SELECT relmeta.er_diagram('$format', '$notation', columns => '$columns', behaviors => $behaviors, intersects => $intersects) \\g $file"
		[ "$columns" != all ] || echo "SELECT json_agg(json_build_array(t->>'name', (SELECT json_agg(c->'name') FROM json_array_elements(t->'columns') c)))" \
			"FROM json_array_elements(relmeta.er_diagram('json', columns => 'all', intersects => $intersects)::json->'tables') t" \
			"WHERE $intersects OR t->>'labels' IS NULL OR t->'labels'->>0 !~ 'intersect' \\g $file.names"
	done | psql -XqAt -v ON_ERROR_STOP=1 -d "$db" -f - || return 1
	psql -Xqc "DROP DATABASE $db" -d postgres
}

models='demo evil'
if [ -r "$chinook" ]; then models="$models adopted"; else skip 'Chinook: there is no chinook.sql (see RELMETA_CHINOOK)'; fi
for model in $models; do
	if draw "$model"; then ok "diagrams of $model"; else not_ok "diagrams of $model"; fi
done

# ---- Graphviz, PlantUML ----

if command -v dot >/dev/null; then
	said=$(for file in "$out"/*.dot; do dot -Tsvg -o /dev/null "$file" 2>&1 | sed "s,^,${file##*/}: ,"; done)
	if [ -z "$said" ]; then ok 'Graphviz'; else not_ok "Graphviz"$'\n'"$said"; fi
else
	skip 'Graphviz: dot is not installed'
fi

if command -v plantuml >/dev/null; then
	if said=$(plantuml -headless -failfast2 -checkonly -charset UTF-8 "$out"/*.plantuml 2>&1); then
		ok 'PlantUML'
	else
		not_ok "PlantUML"$'\n'"$said"
	fi
else
	skip 'PlantUML is not installed'
fi

# ---- what npm has ----

modules=${RELMETA_NODE_MODULES:-}
if [ -z "$modules" ] && command -v node >/dev/null && command -v npm >/dev/null; then
	fetched=$top/build/npm-diagram
	case $top in */build/*/tree) fetched=$top/../../server/npm-diagram ;; esac
	mkdir -p "$fetched"
	[ -d "$fetched/node_modules/mermaid" ] ||
		(cd "$fetched" && timeout 180 npm install --no-audit --no-fund --silent mermaid@11 jsdom @dbml/core ajv \
			@terrastruct/d2 >/dev/null 2>&1) || :
	[ ! -d "$fetched/node_modules/mermaid" ] || modules=$(cd "$fetched/node_modules" && pwd)
fi
if [ -z "$modules" ]; then
	skip 'Mermaid, DBML, D2, JSON schema: npm is not there, or could not fetch them'
else
	for format in mermaid dbml d2 json; do
		if said=$(timeout 300 node test/diagram/parse.mjs "$format" "$modules" "$out"/*."$format" 2>&1); then
			ok "$format"
		else
			not_ok "$format"$'\n'"$said"
		fi
	done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
