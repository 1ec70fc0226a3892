# results.sh: how the tests count; sourced by test/tools/drive-* and run-tests.
#
# RESULTS names a file with one line per test: passed|failed|skipped, TAB, kind, TAB, name.

# record STATUS KIND NAME [REMARK]
record() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$RESULTS"
	printf '%-8s %-10s %s%s\n' "$1" "$2" "$3" "${4:+  ($4)}"
}

# count STATUS [KIND]
count() { awk -F'\t' -v s="$1" -v k="${2:-}" '$1 == s && (k == "" || $2 == k)' "$RESULTS" | wc -l; }

# show FILE [LINES]: a log, indented, so that it is not taken for results; the last LINES of it
show() { [ ! -s "$1" ] || tail -n "${2:-2000}" "$1" | sed 's/^/    /'; }

# the table and the last line; false when a test failed or there was none
summary() {
	local kind skipped failed
	echo
	echo "Summary"
	cut -f2 "$RESULTS" | sort -u | while IFS= read -r kind; do
		printf '  %-10s %5d passed %5d failed %5d skipped\n' "$kind" \
			"$(count passed "$kind")" "$(count failed "$kind")" "$(count skipped "$kind")"
	done
	awk -F'\t' '$1 == "failed" { if (!n++) print "Failed"; print "  " $2 ": " $3 }
		$1 == "skipped" { s[++m] = "  " $2 ": " $3 }
		END { if (m) print "Skipped"; for (i = 1; i <= m; i++) print s[i] }' "$RESULTS"
	skipped=$(count skipped) failed=$(count failed)
	echo
	echo "$(count passed) passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
	[ "$failed" = 0 ] && [ "$(count passed)" != 0 ]
}
