#!/bin/sh
# clang-tidy over the given files, two at a time; each folder sees its own headers and lib/.
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\n' "$@" | xargs -P 2 -I{} sh -c '
	folder=$(dirname "$1")
	out=$(clang-tidy --quiet --warnings-as-errors="*" "$1" -- -std=gnu17 -D_GNU_SOURCE \
		-DBEE_VERSION="\"lint\"" -DBEE_PREFIX="\"/usr/local\"" -Ilib -I"$folder" \
		2>/dev/null) || { printf "%s\n" "$out"; exit 1; }
' sh {}
