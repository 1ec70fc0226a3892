# flavours.sh: builds of the extension, and the tests run against one; sourced by drive-test and its like.

. "$tools/results.sh"

begin() {
	started=$SECONDS
	RESULTS=$top/build/$NAME/results.$target
	export RESULTS
	mkdir -p "$top/build/$NAME"
	: >"$RESULTS"
	echo "relmeta $(sed -n "s/^default_version = '\(.*\)'/\1/p" relmeta.control) on" \
		"$("$("$PG_CONFIG" --bindir)/postgres" --version), $(gcc --version | head -1)"
}

finish() {
	echo "$((SECONDS - started)) s"
	summary
}

# run_flavour FLAVOUR [MAKE ARGUMENT...]: build it and run every test against it; results and logs in build/N-FLAVOUR/
run_flavour() {
	local log at=$top/build/$NAME${1:+-$1}

	export LOGS=$at/logs
	rm -rf "$LOGS"
	mkdir -p "$LOGS"
	if ! build "$@" >"$LOGS/build" 2>&1; then
		record failed build "${1:-gcc}"
		show "$LOGS/build"
		return
	fi
	record passed build "${1:-gcc}"
	(cd "$tree" && export MAKE_ARGS && PGTEMP_LOG=$LOGS/server "$tools/with-temp-pg" test/tools/run-tests) ||
		record failed run "the test run itself" "exit code $?"
	check_server_log "$LOGS/server"
}

# a crash, a failed assertion or a leak is a failure even where every test passed
check_server_log() {
	local bad signs='PANIC:|TRAP:|was terminated by signal|runtime error:|AddressSanitizer'

	signs="$signs|ref(erence|count) leak|not closed|left non-empty|problem in alloc set"
	if [ ! -f "$1" ]; then
		record failed run "server log" "there is none"
	elif bad=$(grep -nE "$signs" "$1"); then
		record failed run "server log"
		show <(printf '%s\n' "$bad")
	else
		record passed run "server log"
	fi
}

# compile FLAVOUR [MAKE ARGUMENT...]: only build it
compile() {
	local log=$top/build/$NAME-$1.log
	if build_only "$@" >"$log" 2>&1; then
		record passed build "$1"
	else
		record failed build "$1"
		show "$log"
	fi
}
