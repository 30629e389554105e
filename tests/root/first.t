#!/bin/sh
# Who ended first: a collector that is gone is named, and not what its end brought about.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

mkdir "$made/bin" "$made/how"
cp "$B"/bee-* "$made/bin"
cp "$tools/early" "$made/bin/bee-collect"
for how in 0 64 65 70 SEGV late-0 late-64 late-65 late-SEGV; do : >"$made/how/$how"; done

# Its words come after a jail was made and a program started: many at once, so that some end
# before their tool has begun, others while it writes, others after it.
for tool in good drip ignore-term flood; do
	policy "$made/$tool" storage storage.drives <<-END
		[lsblk] each $made/how/*
		run $tools/misbehave $tool
		limits wall 2s
	END
	began=$(now)
	"$made/bin/bee-audit" -q -o "$made/$tool.json" --policy-dir "$made/$tool" --timeout 6 \
		>"$made/$tool.out" 2>"$made/$tool.err" </dev/null
	took=$(($(now) - began))
	in_time 3500 "$tool: it ends long before the wall and all graces"
	for how in 64 70 late-64; do
		is "$(job "$tool" "storage/lsblk@$how" 'status + ": " + .reason')" \
			"failed: the collector exited with ${how#late-}" "$tool, $how: the collector's exit is told"
	done
	for how in SEGV late-SEGV; do
		is "$(job "$tool" "storage/lsblk@$how" 'status + ": " + .reason')" \
			"crashed: the collector was ended by SIGSEGV" "$tool, $how: the collector's crash is told"
	done
	for how in 65 late-65; do
		is "$(job "$tool" "storage/lsblk@$how" 'reason')" \
			"not all of the output could be understood" "$tool, $how: what it did not understand is told"
	done
	for how in 64 65 SEGV; do
		is "$(job "$tool" "storage/lsblk@$how" 'stderr // [] | map(select(contains("early"))) | length')" 1 \
			"$tool, $how: with the collector's own words"
	done
	[ "$tool" != good ] || continue
	for how in 0 late-0; do
		is "$(job "$tool" "storage/lsblk@$how" 'status + ": " + .reason')" \
			"failed: the collector ended before the tool" "$tool, $how: it did not read all"
	done
done
gone_soon 2
ok $? "no process is left"
tap_end
