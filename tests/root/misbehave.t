#!/bin/sh
# Tools that misbehave cost their own job and nothing else.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

# MODE STATUS RECORD: what becomes of the job, and whether the disk it printed is kept.
# Every mode is an instance of one step: they all run at once, and meet in one document.
cat >"$made/expected" <<END
good ok kept
wait ok kept
sleep timeout none
spin timeout,starved none
stop timeout kept
ignore-term timeout kept
close-stdout timeout kept
close-all timeout kept
flood truncated kept
stderr-flood ok,timeout,starved kept
drip timeout none
eat ok kept
open-fds ok kept
exit1 partial kept
half-json partial none
binary partial none
deep failed none
forge failed none
crash crashed kept
abort crashed kept
END
# These fork, or try to.
cat >"$made/expected-forks" <<END
daemon ok kept
daemon-flood truncated,ok kept
forkbomb ok kept
good ok kept
END

# judge NAME WHOM EXPECTED: each job of the document has the status and the record it should. On a
# busy machine one that had no processor says so, and has the reason.
judge() {
	while read -r mode statuses record; do
		got=$(job "$1" "storage/lsblk@$mode" status)
		if [ "$got" = starved ] && busy; then
			is "$(job "$1" "storage/lsblk@$mode" reason | cut -c1-20)" "it had a processor f" \
				"$2, $mode: the job had too little of a busy machine, and says so"
			continue
		fi
		case ,$statuses, in
		*",$got,"*) ok 0 "$2, $mode: the job is $statuses" ;;
		*) is "$got" "$statuses" "$2, $mode: the job is $statuses" ;;
		esac
		got=$(doc "$1" ".storage.drives[] | select(.key == \"$mode\") | .model")
		[ "$record" = none ] && wanted= || wanted=WHOLE
		is "$got" "$wanted" "$2, $mode: the disk it printed whole is $record"
		got=$(job "$1" "storage/lsblk@$mode" reason)
		[ "$(job "$1" "storage/lsblk@$mode" status)" = ok ] || [ "$got" != null ]
		ok $? "$2, $mode: a job that is not ok has a reason"
	done <"$3"
}

# What hangs is ended at the wall, what is good must be done by then, among all that spin and flood.
pace=$(pace)
common="term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  files 64"
limits="wall $((3 * pace))s  tasks 1  $common"

mkdir "$made/modes" "$made/forks"
while read -r mode _; do : >"$made/modes/$mode"; done <"$made/expected"
while read -r mode _; do : >"$made/forks/$mode"; done <"$made/expected-forks"

for uid in 7bee 0; do
	[ $uid = 0 ] && line="uid 0" whom="uid 0" || line='' whom="own uid"
	policy "$made/$uid" storage storage.drives <<-END
		[lsblk] each $made/modes/*
		$line
		run $tools/misbehave {instance} {instance}
	END
	policy "$made/$uid" pcie pcie.devices <<-END
		[lspci]
		$line
		run $tools/misbehave half
	END
	audit $uid --policy-dir "$made/$uid" --timeout $((1 + 4 * pace))
	is "$status" 3 "$whom: the audit says that some jobs did not complete"
	in_time $((2000 + 4000 * pace)) "$whom: the audit ends in time"
	judge $uid "$whom" "$made/expected"
	valid $uid
	is "$(job $uid pcie/lspci status)" timeout "$whom: half an output and then a hang is a timeout"
	is "$(doc $uid '.pcie.devices | map(select(.device_name // .model // "" | test("^Card")))
		| length')" 50 "$whom: the half that arrived is kept"
	is "$(doc $uid '[.. | strings | select(. == "FORGED")] | length')" 0 \
		"$whom: what looks like a record of ours is none"
	is "$(doc $uid '[.collectors[] | select(.tools != []) | .tools[0].stdout_bytes
		| select(. > 4194304)] | length')" 0 "$whom: no tool's output got past its cap"
	is "$(doc $uid '.collectors[] | select(.job == "storage/lsblk@good") | .duration_ms < '$((2900 * pace)))" \
		true "$whom: a good tool among bad ones is not held up"
	is "$(raw "$made/$uid.json" "$made/$uid.out" "$made/$uid.err")" 0 \
		"$whom: nothing that a tool printed is raw in document, summary or messages"
	gone_soon "$pace"
	ok $? "$whom: no process is left"

	# For uid 0 the kernel has no other limit: the document then says what is not enforced.
	if [ $uid = 0 ] && [ "$(doc 7bee-forks '[.collectors[].enforced[] | select(. == "cgroup.tasks")]
		| length')" = 0 ]; then
		rm "$made/forks/forkbomb"
		sed -i '/^forkbomb/d' "$made/expected-forks"
		skip "uid 0, forkbomb: the job is ok" "there is no pids controller"
	fi
	(limits="wall $((2 * pace))s  tasks 8  $common"
	policy "$made/$uid-forks" storage storage.drives) <<-END
		[lsblk] each $made/forks/*
		$line
		run $tools/misbehave {instance} {instance}
	END
	audit $uid-forks --policy-dir "$made/$uid-forks" --timeout $((1 + 3 * pace))
	in_time $((2000 + 3000 * pace)) "$whom: an audit with tools that fork ends in time"
	judge $uid-forks "$whom" "$made/expected-forks"
	valid $uid-forks
	gone_soon "$pace"
	ok $? "$whom: no process of those that forked is left"
done
tap_end
