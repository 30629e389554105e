#!/bin/sh
# A job in uninterruptible sleep is named, left behind, and not started again.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -c /dev/fuse ] || skip_all "there is no /dev/fuse"
hang_start "$made/hung" || skip_all "no FUSE mount: $(cat "$made/fusehang.err")"
server=$hang_pid

# stuck_well NAME JOB FUNCTION: the document says of the job all that can be known.
stuck_well() {
	is "$(job "$1" "$2" status)" stuck "$1: $2 is stuck"
	is "$(job "$1" "$2" 'stuck[0] | .pid > 1 and .state == "D" and .wchan != ""
		and (.comm | length > 0) and (.stack | length > 3)')" true \
		"$1: $2 has the pid, state, wchan and stack of what does not die"
	is "$(job "$1" "$2" "stuck[0].stack | map(test(\"$3\")) | any")" true \
		"$1: the stack of $2 holds $3"
}

# leaf PID: the folder of its cgroup v2, if there is one.
leaf() {
	mounted=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$mounted" ] && sed -n "s|^0::|$mounted|p" "/proc/$1/cgroup"
}

# Eight devices, one of them stuck. Each is asked through a name in one folder.
mkdir "$made/asked"
for disk in d0 d1 d2 d4 d5 d6 d7; do : >"$made/asked/$disk"; done
ln -s "$made/hung/x" "$made/asked/d3"
policy "$made/one" storage storage.drives <<-END
	[lsblk] each $made/asked/*
	run $tools/stuck $made/asked/{instance} {instance}
	see $made/asked $made/hung
END
began=$(now)
"$B/bee" audit -o "$made/one.json" --policy-dir "$made/one" --timeout 5 2>&1 </dev/null | cat >"$made/one.out"
took=$(($(now) - began))
in_time 6000 "one stuck of eight: the audit and the pipe it wrote to end in time"
stuck_well one storage/lsblk@d3 request_wait_answer
is "$(doc one '[.collectors[] | select(.status == "ok") | .instance] | sort | join(" ")')" \
	"d0 d1 d2 d4 d5 d6 d7" "one stuck of eight: the other seven complete"
is "$(doc one '[.storage.drives[] | select(.model == "WHOLE") | .key] | sort | join(" ")')" \
	"d0 d1 d2 d3 d4 d5 d6 d7" "one stuck of eight: every record is there, also the stuck one's"
is "$(grep -c 'stuck' "$made/one.out" | sed 's/[1-9][0-9]*/some/')" some \
	"one stuck of eight: the summary says so"
valid one
gone_soon 1 '/bee[^/]*$'
ok $? "one stuck of eight: no process of bee itself is left"
pid=$(job one storage/lsblk@d3 'stuck[0].pid')
is "$(ours | cut -d ' ' -f 1)" "$pid" "one stuck of eight: the pid in the document is the tool's"
leaf=$(leaf "$pid")

audit two --policy-dir "$made/one" --timeout 5
is "$status" 3 "a second audit is whole and incomplete"
in_time 2000 "a second audit does not wait for the stuck job"
is "$(job two storage/lsblk@d3 'status + " " + (.since | tostring | .[0:2])')" "stuck 20" \
	"a second audit says since when the job is stuck"
is "$(doc two '[.collectors[] | select(.status == "ok")] | length')" 7 \
	"a second audit runs the other jobs"
is "$(ours /stuck | wc -l)" 1 "a second audit does not start the stuck job again"
valid two

# Set-up itself hangs: on the program, its interpreter, what it sees, the folder of devices.
mkdir "$made/set-up" "$made/good"
printf '#!%s/hung/interpreter\n' "$made" >"$made/script"
chmod 755 "$made/script"
: >"$made/good/g0"
policy "$made/set-up" storage storage.drives <<-END
	[disks]
	read $made/hung/*/size
	[lsblk]
	run $made/hung/program
	[smart] each $made/hung/*
	run $tools/misbehave good {instance}
	[nvme-id]
	run $tools/misbehave good
	see $made/hung/below
END
policy "$made/set-up" pcie pcie.devices <<-END
	[lspci]
	run $made/script
END
policy "$made/set-up" memory memory.modules <<-END
	[dmi] each $made/good/*
	run $tools/misbehave wait
END
began=$(now)
"$B/bee" audit -o "$made/set-up.json" --policy-dir "$made/set-up" --timeout 3 2>&1 </dev/null | cat >"$made/set-up.out"
took=$(($(now) - began))
in_time 4000 "set-up on a hung mount: the audit and its pipe end in time"
for job in storage/disks storage/lsblk storage/smart storage/nvme-id pcie/lspci; do
	stuck_well set-up $job request_wait_answer
done
is "$(job set-up memory/dmi@g0 'tools[0].exit_code')" 0 "set-up on a hung mount: another job runs"
valid set-up
gone_soon 1 bee-gather
ok $? "set-up on a hung mount: no gatherer is left"
before=$(awk '/^State:.*D/ { n++ } END { print n + 0 }' /proc/[0-9]*/status)
audit again --policy-dir "$made/set-up" --timeout 3
in_time 2500 "set-up on a hung mount: a second audit does not wait for any of it"
is "$(awk '/^State:.*D/ { n++ } END { print n + 0 }' /proc/[0-9]*/status)" "$before" \
	"set-up on a hung mount: a second audit starts none of it again"
is "$(doc again '[.collectors[] | select(.status == "stuck" and .since != null)] | length')" 5 \
	"set-up on a hung mount: a second audit says since when"

# Many hang: the audit keeps no descriptor of any, or others had none left in the end.
mkdir "$made/all"
for n in $(seq 120); do ln -s "$made/hung/x$n" "$made/all/d$n"; done
: >"$made/all/last"
(limits="wall 200ms  term 100ms  kill 100ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64"
policy "$made/many" storage storage.drives <<-END
	[nvme-smart] each $made/all/*
	run $tools/stuck $made/all/{instance} {instance}
	see $made/all $made/hung
END
)
"$B/bee" audit -o "$made/many.json" --policy-dir "$made/many" --timeout 60 --jobs 8 >/dev/null 2>&1 </dev/null &
audit=$!
open=0
while kill -0 $audit 2>/dev/null; do
	[ "$(grep -c nvme-smart /run/bee/stuck)" -lt 100 ] || for pid in $(ours /bee-audit | cut -d ' ' -f 1); do
		# shellcheck disable=SC2012
		have=$(ls "/proc/$pid/fd" 2>/dev/null | wc -l)
		[ "$have" -le "$open" ] || open=$have
	done
	sleep 0.05
done
wait $audit
[ "$open" -gt 0 ] && [ "$open" -lt 70 ]
ok $? "while 100 jobs hang the audit has few files open ($open)"
# On a busy machine some are ended before they come to hang.
is "$(doc many '[.collectors[] | if .status == "starved" or .status == "timeout" then "stuck" else .status end] | group_by(.) | map([.[0], length]) | tojson')" \
	'[["partial",1],["stuck",120]]' "each of 120 is stuck, and one that does not hang runs"

hang_end "$server"
gone_soon 2
ok $? "when the mount answers at last, all that was stuck ends"
audit three --policy-dir "$made/one" --timeout 5
is "$(job three storage/lsblk@d3 status)" ok "after that the job runs again"
is "$(wc -l </run/bee/stuck 2>/dev/null)" 0 "after that nothing is noted as stuck"
[ -z "$leaf" ] || [ ! -d "$leaf" ]
ok $? "after that the stuck job's cgroup is gone"

tap_end
