#!/bin/sh
# Every collector on every captured folder below tests/fixtures, against golden records.
#
# FOLDER/dmidecode.txt is read by board, cpu, memory and psu: dmidecode.COLLECTOR.jsonl.
# FOLDER/COLLECTOR/STEP[@INSTANCE]/stdout is read by that step: records.jsonl beside it.
# A golden file's last line is the exit code. ACCEPT=1 writes the files anew.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
fixtures=${FIXTURES:-$here/../fixtures}
collect=${BEE_COLLECT:-${B:-$here/../../build}/bee-collect}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

# check NAME INPUT GOLDEN COLLECTOR STEP [INSTANCE]
check() {
	name=$1 input=$2 golden=$3
	shift 3
	"$collect" "$@" <"$input" >"$made/got" 2>"$made/stderr"
	printf 'exit %d\n' $? >>"$made/got"
	if [ -s "$made/stderr" ]; then
		sed 's/^/# stderr: /' "$made/stderr"
	fi
	if [ -n "$ACCEPT" ]; then
		cp "$made/got" "$golden"
	fi
	diff "$golden" "$made/got" >"$made/diff" 2>&1
	status=$?
	cut -c 1-400 "$made/diff" | head -n 20 | sed 's/^/# /'
	ok "$status" "$name"
}

if [ ! -x "$collect" ]; then
	skip "records are the golden ones" "$collect is not there: make"
	tap_end
fi
for text in "$fixtures"/*/dmidecode.txt; do
	[ -f "$text" ] || continue
	folder=$(basename "$(dirname "$text")")
	for collector in board cpu memory psu; do
		check "$folder gives $collector its records" "$text" \
			"${text%.txt}.$collector.jsonl" "$collector" dmi
	done
done
for stdout in "$fixtures"/*/*/*/stdout; do
	[ -f "$stdout" ] || continue
	job=$(dirname "$stdout")
	step=$(basename "$job")
	collector=$(basename "$(dirname "$job")")
	folder=$(basename "$(dirname "$(dirname "$job")")")
	instance=
	case $step in
	*@*) instance=${step#*@} step=${step%%@*} ;;
	esac
	check "$folder gives $collector/$step its records" "$stdout" "$job/records.jsonl" \
		"$collector" "$step" ${instance:+"$instance"}
done

# Texts of real machines are not ours to keep: a folder of them may be named.
if [ -n "$BEE_CORPORA" ] && [ -d "$BEE_CORPORA/dmidecode" ]; then
	for text in "$BEE_CORPORA"/dmidecode/*.txt; do
		"$collect" memory dmi <"$text" >"$made/got" 2>/dev/null
		is "$?" 0 "$(basename "$text") is read without an error"
		is "$(grep -c '"type":"memory.modules"' "$made/got")" \
			"$(grep -c '^Handle .*, DMI type 17, ' "$text")" \
			"$(basename "$text") gives one module per slot"
	done
else
	skip "real machines' texts are read" "BEE_CORPORA names no folder of them"
fi
tap_end
