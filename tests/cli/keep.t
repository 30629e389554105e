#!/bin/sh
# bee keep: the last documents of a machine, and bee diff of them.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/views.sh
. "$here/views.sh"
fixtures=$here/../fixtures/report
B=${B:-$here/../../build}
keep=$B/bee-keep
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

[ -x "$keep" ] || { echo "1..0 # SKIP $keep is not there: make"; exit 0; }

# try ARGUMENT...: $made/out, $made/err and $status.
try() {
	"$keep" --to "$made/kept" "$@" >"$made/out" 2>"$made/err"
	status=$?
}
kept() { (cd "$made/kept" && echo *); }

try --help
options_told "$made/out" "$here/../../doc/man/bee-keep.1" "--help and bee-keep(1) name the same options"

cp "$fixtures/server.json" "$made/a.json"
touch -d 2026-11-20T10:00:00Z "$made/a.json"
try "$made/a.json"
is "$status $(kept) $(cmp "$made/a.json" "$made/kept/2026-11-20T10:00:00Z.json" 2>&1)" "0 2026-11-20T10:00:00Z.json " \
	"a document is kept by when it was finished, as it is"
is "$(stat -c %a "$made/kept") $(stat -c %a "$made/kept"/*)" "750 640" "and for root's group alone"
try "$made/a.json"
is "$status $(kept)" "0 2026-11-20T10:00:00Z.json" "the same again is one"
is "$("$B/bee-diff" --kept "$made/kept" 2>&1; echo $?)" "bee-diff: $made/kept: one document is kept yet, and two are compared
2" "of one alone bee diff says so"

echo mine >"$made/kept/notes.txt"
for day in 21 22 23 24; do
	cp "$fixtures/sick.json" "$made/b.json"
	touch -d "2026-11-${day}T10:00:00Z" "$made/b.json"
	try --last 3 "$made/b.json"
done
is "$(kept)" "2026-11-22T10:00:00Z.json 2026-11-23T10:00:00Z.json 2026-11-24T10:00:00Z.json notes.txt" \
	"the oldest go, and what is not ours stays"
"$B/bee-diff" --kept "$made/kept" >"$made/out" 2>&1
is "$? $(cat "$made/out")" "0 " "bee diff of the last two: the same"
cp "$fixtures/server.json" "$made/kept/2026-11-25T10:00:00Z.json"
"$B/bee-diff" "$made/kept/2026-11-24T10:00:00Z.json" "$made/kept/2026-11-25T10:00:00Z.json" >"$made/wanted"
"$B/bee-diff" --kept "$made/kept" >"$made/out"
is "$? $(cmp "$made/out" "$made/wanted" 2>&1)" "1 " "or what has changed from the last but one to the last"
is "$(wc -l <"$made/out" | awk '{ print ($1 > 0) }')" 1 "which is something"

: >"$made/empty.json"
before=$(kept)
try "$made/empty.json"
is "$status $(kept)" "65 $before" "an empty file is no document"
mkfifo "$made/fifo"
try "$made/fifo"
is "$status" 65 "nor is a FIFO, which is not waited for"
try "$made/none.json"
is "$status" 74 "what is not there is exit 74"
try --last 0 "$made/a.json"
is "$status" 64 "--last 0 is exit 64"
ln -s /etc/passwd "$made/kept/.half"
try "$made/a.json"
is "$status $(kept) $(grep -c server /etc/passwd)" "0 2026-11-20T10:00:00Z.json $before $(grep -c server /etc/passwd)" "a link in the way is not followed"
is "$("$B/bee-diff" --kept "$made/nowhere" 2>&1 | grep -c 'there is no .*/nowhere: bee keep makes it')" 1 "bee diff says who makes the folder"
tap_end
