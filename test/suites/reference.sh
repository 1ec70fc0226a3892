#!/bin/bash
# reference.sh: docs/reference.md says what the COMMENTs of the extension say, and what documents call relmeta.something there is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
passed=0 failed=0

if diff -u docs/reference.md <(test/tools/reference); then
	passed=$((passed + 1))
else
	echo "not ok: docs/reference.md is out of date; run make docs"
	failed=$((failed + 1))
fi

# relmeta.psql is a file; relmeta.statistics_max is defined where the library is preloaded
named=$(grep -ohE '\brelmeta\.[a-z_]+' README.md CHANGELOG.md docs/*.md | sort -u | grep -vxE 'relmeta\.(psql|statistics_max)' | paste -sd,)
unknown=$(psql -XAtq -v ON_ERROR_STOP=1 -v named="{$named}" -d "${PGDATABASE:-postgres}" <<'SQL'
SET search_path = pg_catalog;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS relmeta;
LOAD 'relmeta';
SELECT n FROM unnest(:'named'::text[]) AS n
EXCEPT SELECT 'relmeta.' || proname FROM pg_proc WHERE pronamespace = 'relmeta'::regnamespace
EXCEPT SELECT 'relmeta.' || relname FROM pg_class WHERE relnamespace = 'relmeta'::regnamespace
EXCEPT SELECT 'relmeta.' || typname FROM pg_type WHERE typnamespace = 'relmeta'::regnamespace
EXCEPT SELECT name FROM pg_settings WHERE name LIKE 'relmeta.%';
SQL
)
if [ -z "$unknown" ]; then
	passed=$((passed + 1))
else
	printf 'not ok: documents name what there is not:\n%s\n' "$unknown"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
