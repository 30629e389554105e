#!/bin/sh
# Every step of bee-collect waits for its first byte behind the filter.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
collect=${BEE_COLLECT:-${B:-$here/../../build}/bee-collect}

if [ ! -x "$collect" ]; then
	skip "every step is filtered" "$collect is not there: make"
	tap_end
fi

made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
mkfifo "$made/stdin"
exec 3<>"$made/stdin" # our own end: no end of file, and nothing to wait for

# state PID: Seccomp and NoNewPrivs of a process that waits in a read of standard input
state() {
	tries=0
	while [ "$tries" -lt 50 ]; do
		# Only once the program runs: before, the name is the shell's.
		if grep -q '^Name:[[:space:]]*bee-collect' "/proc/$1/status" &&
			grep -q '^State:[[:space:]]*S' "/proc/$1/status"; then
			awk '/^(Seccomp|NoNewPrivs):/ { printf "%s%s ", $1, $2 }' "/proc/$1/status"
			return
		fi
		tries=$((tries + 1))
		sleep 0.1
	done
}

jobs=$(sed -n 's,^\t{ "\([a-z]*\)"\, "\([a-z0-9-]*\)"\, collect_.*,\1/\2,p' "$here/../../collectors/main.c")
[ "$(echo "$jobs" | wc -l)" -gt 40 ]
ok $? "the steps are found"
for job in $jobs; do
	"$collect" "${job%/*}" "${job#*/}" <"$made/stdin" >/dev/null 2>&1 3<&- &
	pid=$!
	is "$(state "$pid")" "NoNewPrivs:1 Seccomp:2 " "$job reads nothing without its filter"
	kill "$pid"
	wait "$pid" 2>/dev/null
done
"$collect" storage nonsense </dev/null 2>/dev/null
is "$?" 64 "a step that is not there is a mistake of the caller"
"$collect" storage 2>/dev/null
is "$?" 64 "so is a missing step"
head -c 67108865 /dev/zero | "$collect" storage smart >/dev/null
is "$?" 65 "more than 64 MiB are not read"
tap_end
