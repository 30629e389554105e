#!/bin/sh
# A job that had no processor is starved, which says nothing of the hardware; one that hangs is not.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

processors=$(nproc)
# Where others had the processors already, before anything here did, a tool that would sleep may not have come to
# that, and one that needs a second may not have it: "starved" and "timeout" are what they are then.
others=false
! busy || others=true
pace=$(pace)
runnable() { cut -d ' ' -f 4 /proc/loadavg | cut -d / -f 1; }

spinning=$((16 * processors))
mkdir "$made/many" "$made/still"
for n in $(seq 1 $spinning); do : >"$made/many/s$n"; done
policy "$made/spin" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $tools/misbehave spin
	limits wall $((3000 * pace))ms
END
policy "$made/spin" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave sleep
	limits wall $((3000 * pace))ms
END
audit spin --policy-dir "$made/spin" --jobs 1024 --timeout $((6 + 5 * pace))
is "$(doc spin '[.collectors[] | select(.step == "lsblk") | .status] | unique - ["starved", "timeout"] | join(" ")')" "" \
	"16 jobs that spin on each processor are nothing worse than starved"
# Those that start first have the processors while the others' jails are made, and beside other tests who asks
# has no answer in time.
[ "$(doc spin '[.collectors[] | select(.step == "lsblk" and .status == "starved")] | length')" -ge $((spinning / 2)) ]
ok $? "half of them at least are starved"
is "$(doc spin '[.collectors[] | select(.status == "starved") | .reason
	| test("^it had a processor for [0-9.]+ of [0-9.]+ s$")] | unique | join(" ")')" true \
	"a starved job says how long it had a processor"
said=$(job spin pcie/lspci status)
[ "$others $said" != "true starved" ] || said=timeout
is "$said" timeout "a job that sleeps beside them is not starved"
is "$status $(doc spin .audit.complete)" "3 false" "an audit with starved jobs is not complete"
valid spin

# Without --jobs, spinning tools are not started all at once.
audit few --policy-dir "$made/spin" --timeout 4
[ "$(doc few '[.collectors[] | select(.status == "skipped")] | length')" -ge "$processors" ]
ok $? "jobs at once follow the number of processors"
audit given --policy-dir "$made/spin" --timeout 4 --jobs 1024
is "$(doc given '[.collectors[] | select(.status == "skipped")] | length')" 0 "with --jobs they do not"

# Alone, or where nobody wants the processors: these ask for a machine with nothing else to do.
policy "$made/alone" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave spin
	limits wall 1500ms
END
policy "$made/waits" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $tools/misbehave wait
END
audit alone --policy-dir "$made/alone"
if [ "$(runnable)" -le "$processors" ]; then
	is "$(job alone storage/lsblk status)" timeout "a tool that spins alone is not starved"
else
	skip "a tool that spins alone is not starved" "the machine is busy"
fi
audit waits --policy-dir "$made/waits"
if [ "$(runnable)" -le "$processors" ]; then
	in_time 3000 "jobs that wait for something else start all at once"
else
	skip "jobs that wait for something else start all at once" "the machine is busy"
fi
# A gatherer without a processor when T is over: it is stopped, and a /proc/PID of ours says that it
# waits. The monitor goes on waiting, and the process that the caller sees with it.
policy "$made/one" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave wait
END
# The tool sleeps for a second, and what ends while it sleeps is a timeout and not starved: on a busy machine
# its audit has longer.
late=$((2 * (pace < 3 ? pace : 3)))
# gatherer_late STATE: $status, $took of an audit of $late seconds whose gatherer goes on 1.5 s after that: more than is promised to
# who hangs, and less than is lent to who has no processor, as the rest of the audit may need some of it.
gatherer_late() {
	rm -f "$made/late.json"
	began=$(now)
	{
		"$B/bee" audit --timeout $late -o "$made/late.json" --policy-dir "$made/one" >/dev/null 2>"$made/late.err" </dev/null
		status=$?
		echo "$status $(($(now) - began))" >"$made/ended"
	} &
	for _ in $(seq 1 100); do
		gatherer=$(ours bee-gather | cut -d ' ' -f 1)
		[ -z "$gatherer" ] || break
		sleep 0.01
	done
	kill -STOP "$gatherer" && mount -t tmpfs tmpfs "/proc/$gatherer" || return
	waited=0
	while [ $(($(now) - began)) -lt $((1000 * late + 1500)) ]; do
		waited=$((waited + 1))
		echo "$gatherer (x) $1 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0" >"/proc/$gatherer/stat"
		echo "1000000 ${waited}00000000 3" >"/proc/$gatherer/schedstat"
		sleep 0.05
	done 2>/dev/null
	kill -CONT "$gatherer" 2>/dev/null
	wait $!
	read -r status took <"$made/ended"
}
gatherer_late R
said="$status $(job late storage/lsblk status)"
[ "$others $said" != "true 3 timeout" ] || said="0 ok"
is "$said $(doc late '[.errors[]?] | length')" "0 ok 0" "a gatherer that waits for a processor when T is over: the document is whole"
[ "$took" -ge $((1000 * late + 1500)) ]
ok $? "it was waited for"
is "$(grep -c 's late: no processor was free for it' "$made/late.err")" 1 "which is said"
gatherer_late S
is "$status $(doc late '.errors[].reason')" "3 the gatherer failed: only the statuses of the jobs are known" \
	"one that sleeps is not: the document holds statuses"
in_time $((1000 * late + 1300)) "that audit ends in time"
tap_end
