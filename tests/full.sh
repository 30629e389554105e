#!/bin/bash
# All that can be checked, one step after another, some hours: what .ci/run does in part is done whole.
# A step that has passed with the sources as they are is not done again (build/full/STEP has their
# sum), so it can be stopped at any time. After it, doc/full-check.md gets a line by hand.
set -euo pipefail
cd "$(dirname "$0")/.."

done_at=build/full
mkdir -p "$done_at"

# The sources as they are, committed or not.
state() {
	{
		git rev-parse HEAD
		git diff HEAD
		git ls-files --others --exclude-standard | sort | xargs -r -d '\n' sha256sum
	} | sha256sum | cut -d ' ' -f 1
}

step() {
	local name=$1 sum
	shift
	sum=$(state)
	if [ "$(cat "$done_at/$name" 2>/dev/null)" = "$sum" ]; then
		echo "== $name: passed before"
		return
	fi
	echo "== $name: $*"
	"$@"
	echo "$sum" >"$done_at/$name"
}

step check make check
step san make check-san
step lint make lint
step faults make check-faults
step hostile make check-hostile HOSTILE_TIME="${HOSTILE_TIME:-3600}"
step escape make check-escape
step escape-vm make check-escape-vm
step ingest make check-ingest
step mutated make check-mutated
step fuzz make -j2 fuzz FUZZ_TIME="${FUZZ_TIME:-600}"
if [ -n "${BEE_CORPORA:-}" ]; then
	step corpora make check-corpora
else
	echo "== corpora: skipped, BEE_CORPORA names no folder"
fi
step vm env BEE_KILLS=50 make check-vm VM_ALL=1
step payload make check-payload
step guests env BEE_KILLS=all BEE_MOMENTS=450 BEE_FAULTS=all BEE_MANY=50 BEE_GUEST_TREE="$PWD/build/trees/debian" B=build prove --timer \
	tests/root/guest-kill.t tests/root/guest-faults.t tests/root/guest-many.t
step deb sh -c 'make deb && make check-deb'
step iso make check-iso-full
step reproducible make check-reproducible
echo "== all of it passed: $(git rev-parse --short HEAD), $(date -u +%F)"
