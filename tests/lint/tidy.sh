#!/bin/sh
# clang-tidy over the given files, two at a time; each folder sees the headers the Makefile says.
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\n' "$@" | xargs -P 2 -I{} sh -c '
	folder=$(dirname "$1")
	sees=$(make -s --no-print-directory sees FOLDER="$folder") || exit 1
	# shellcheck disable=SC2086
	out=$(clang-tidy --quiet --warnings-as-errors="*" "$1" -- -std=gnu17 -D_GNU_SOURCE \
		-DBEE_VERSION="\"lint\"" -DBEE_PREFIX="\"/usr/local\"" -Ilib $sees \
		2>/dev/null) || { printf "%s\n" "$out"; exit 1; }
' sh {}
