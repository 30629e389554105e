#!/bin/sh
# However the caller is scheduled, an audit and its jobs are scheduled as usual.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

for i in 1 2 3; do mkdir -p "$made/spin" && : >"$made/spin/$i"; done
policy "$made/p" storage storage.drives <<-END
	[lsblk] each $made/spin/*
	limits wall 1s  term 100ms  kill 100ms
	run $tools/misbehave spin
END
# scheduled PID: policy, nice value (of a tool: 10), and class of I/O.
scheduled() {
	io=$(ionice -p "$1" | cut -d : -f 1)
	# shellcheck disable=SC2046
	echo $(ps -o cls=,ni= -p "$1") "$io"
}

for how in "nice -n 0" "chrt -r 50" "chrt -f 50" "chrt -R -f 50" \
	"chrt -d --sched-runtime 50000000 --sched-deadline 100000000 --sched-period 100000000 0" \
	"chrt -i 0" "chrt -b 0" "nice -n 19" "ionice -c 3" "ionice -c 1 -n 0"; do
	if ! $how true 2>/dev/null; then
		skip "$how" "the kernel does not let us"
		continue
	fi
	rm -f "$made/x.json"
	began=$(now)
	# shellcheck disable=SC2086
	case $how in
	*-d*) timeout -s KILL 20 $how "$B/bee" audit -q --timeout 2 -o "$made/x.json" --policy-dir "$made/p" </dev/null >/dev/null 2>"$made/x.err" & ;;
	*) timeout -s KILL 20 taskset -c 0 $how "$B/bee" audit -q --timeout 2 -o "$made/x.json" --policy-dir "$made/p" </dev/null >/dev/null 2>"$made/x.err" & ;;
	esac
	audit=$!
	tool=
	while [ -z "$tool" ] && kill -0 $audit; do
		tool=$(pgrep -n -f "^$tools/misbehave spin")
		sleep 0.02
	done
	is "$(scheduled "$tool")" "TS 10 none" "$how: a tool is scheduled as usual"
	wait $audit
	is $? 3 "$how: the document is there, with three jobs that did not end"
	took=$(($(now) - began))
	in_time 3300 "$how: in time"
	# Three that spin on one processor: each had its wall, and a third of the processor.
	is "$(doc x '[.collectors[] | select(.status == "timeout" or .status == "starved")] | length')" 3 \
		"$how: each job was ended at its wall"
done
tap_end
