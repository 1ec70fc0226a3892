#!/bin/bash
# rooms.sh: arrows between the rooms of src/ point one way, and an identifier says its room.
#
#   show -> feature -> ddl -> job -> cascade -> inherit -> collect -> enforce -> rows -> access -> model -> extension
#   link -> rows
#
# Read from the sources (includes) and from the built objects (who uses whose functions and variables), since a
# declaration can also be had without an include.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
passed=0 failed=0

ok() { passed=$((passed + 1)); }
not_ok() { failed=$((failed + 1)) && echo "not ok: $*"; }

# level ROOM: a room may use itself and those of lower levels
level() {
	case $1 in
		model) echo 0 ;; access) echo 1 ;; rows) echo 2 ;; enforce | link) echo 3 ;; collect) echo 4 ;; inherit) echo 5 ;;
		cascade) echo 6 ;; job) echo 7 ;; ddl) echo 8 ;; feature) echo 9 ;; show) echo 10 ;;
		*) return 1 ;;
	esac
}

may_use() { [ "$1" = "$2" ] || [ "$(level "$1")" -gt "$(level "$2")" ]; }

for dir in src/*/; do
	room=$(basename "$dir")
	[ "$room" != upgrade ] || continue
	# a room that nobody has moved into yet
	ls "$dir"*.[ch] >/dev/null 2>&1 || continue
	if ! level "$room" >/dev/null; then
		not_ok "src/$room is no room"
		continue
	fi
	wrong=$(grep -HnoE '^#include "[a-z]+/[^"]+"' "$dir"*.[ch] 2>/dev/null |
		while IFS=: read -r file line include; do
			other=${include#*\"}
			# PostgreSQL has directories of these names, too
			[ -f "src/${other%\"}" ] || continue
			other=${other%%/*}
			may_use "$room" "$other" || echo "$file:$line: $include"
		done)
	if [ -z "$wrong" ]; then ok; else not_ok "$room includes from a higher room"$'\n'"$wrong"; fi
done

# name, room of every identifier that a room's objects offer
symbols=$(for object in src/*/*.o; do
	[ -f "${object%.o}.c" ] || continue
	room=$(basename "$(dirname "$object")")
	nm --defined-only -g "$object" | awk -v r="$room" -v o="$object" '{ print $3, r, o }'
done | sort -u)

if [ -z "$symbols" ]; then
	not_ok "there are no built objects to look at"
else
	# relmeta_* are the SQL-callable functions (pg_finfo_* and Pg_magic_* come with them)
	wrong=$(awk '$1 !~ "^" $2 "_" && $1 !~ /^(relmeta_|pg_finfo_relmeta_|_PG_|__)/ { print $3 ": " $1 }' <<<"$symbols")
	if [ -z "$wrong" ]; then ok; else not_ok "identifiers that do not say their room"$'\n'"$wrong"; fi

	for dir in src/*/; do
		room=$(basename "$dir")
		ls "$dir"*.o >/dev/null 2>&1 || continue
		wrong=$(for object in "$dir"*.o; do
			[ -f "${object%.o}.c" ] || continue
			nm -u "$object" | awk -v o="$object" '{ print $2, o }'
		done | sort -u | join - <(sort <<<"$symbols") | while read -r name object other _; do
			may_use "$room" "$other" || echo "$object uses $name of $other"
		done)
		if [ -z "$wrong" ]; then ok; else not_ok "$room uses a higher room"$'\n'"$wrong"; fi
	done
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
