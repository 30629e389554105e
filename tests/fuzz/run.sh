#!/bin/sh
# One fuzzer for so many seconds, starting from the fixtures; a finding stays in build/fuzz/.
# usage: run.sh PROGRAM SECONDS
set -eu
name=${1##*/}
corpus=build/fuzz/corpus-$name
mkdir -p "$corpus"
find tests/fixtures -type f -size -64k -exec cp {} "$corpus" \; 2>/dev/null || true
"$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
	-artifact_prefix="build/fuzz/$name-" "$corpus" >"build/fuzz/$name.log" 2>&1 || {
	tail -n 40 "build/fuzz/$name.log"
	echo "$name: FAILED"
	exit 1
}
printf '%s: %s executions, no finding\n' "$name" \
	"$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")"
