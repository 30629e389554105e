# TAP for POSIX sh: source it, then call ok, is and skip, and tap_end last.
# shellcheck shell=sh
tap_count=0
tap_failed=0
# Debian's own, for which deps-test has the packages. Another one before it in PATH lacks them, and if it is
# a script that looks for an interpreter, starting it is a third of what some tests do. No function: in the
# background $! would be a shell's.
[ ! -x /usr/bin/python3 ] || alias python3=/usr/bin/python3

# ok STATUS NAME: passes when STATUS is 0. What failed goes to stderr, too: prove(1) shows that, so that a log
# says why and not only which.
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_count" "$2"
		printf '# %s: not ok %d - %s\n' "${0##*/}" "$tap_count" "$2" >&2
	fi
}

# is GOT WANTED NAME: passes when the texts are the same; shows both when not.
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf '%s\n' "$1" | sed 's/^/#   got: /' >&2
		printf '%s\n' "$2" | sed 's/^/# wanted: /' >&2
	fi
}

# skip NAME REASON
skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

tap_end() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}

# for_everybody DIR: the tree of programs, policies and fixtures where every uid can reach it, as it
# cannot where it is built below a private home folder. The test has set `root` and `B`.
for_everybody() {
	mkdir -p "$1/build" "$1/tests"
	cp "$B/bee" "$B"/bee-* "$1/build/"
	# shellcheck disable=SC2154
	cp -R "$root/policy" "$root/Makefile" "$1/"
	cp -R "$root/tests/fixtures" "$1/tests/"
	chmod -R go+rX "$1"
}
