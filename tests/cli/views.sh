# What every program that shows a document has to prove: source it behind tap.sh.
# The test has set `made`, a folder.
# shellcheck shell=sh disable=SC2154

# options_told HELP PAGE NAME: each option that one of the two names stands in the other.
options_told() {
	grep -oE -- '--[a-z][a-z0-9-]+' "$1" | sort -u >"$made/in_help"
	sed -n 's/^\.It Fl //p' "$2" | grep -oE -- '-[a-z][a-z0-9-]+' | sed 's/^/-/' | sort -u >"$made/in_page"
	is "$(diff "$made/in_help" "$made/in_page")" "" "$3"
}

# confined NAME PROGRAM ARGUMENT...: with a FIFO behind the arguments it waits for the first byte with
# the filter loaded (a build with sanitizers has none).
confined() {
	confined_name=$1
	shift
	if nm "$1" 2>/dev/null | grep -q __asan_init; then
		skip "$confined_name" "built with sanitizers"
		return
	fi
	rm -f "$made/fifo"
	mkfifo "$made/fifo"
	"$@" "$made/fifo" >/dev/null 2>&1 &
	confined_pid=$!
	exec 9>"$made/fifo"
	filter=0
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		filter=$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$confined_pid/status")
		[ "$filter" = 2 ] && break
		sleep 0.1
	done
	exec 9>&-
	wait "$confined_pid" 2>/dev/null
	is "$filter" 2 "$confined_name"
}
