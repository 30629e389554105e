#!/bin/sh
# What surrounds an audit: its caller's limits and signals, readers and disks that fail late.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
mkdir "$made/many"
policy "$made/big" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $tools/misbehave good {instance}
END
policy "$made/wait" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave wait
END
for i in $(seq 1 100); do : >"$made/many/disk$i"; done
pace=$(pace)

# Lower limits than an audit would set by itself; some cannot be raised without a right.
for limit in "-S -f 1" "-S -n 16" "-v 900000" "-t 3" "-s 256"; do
	(
		# shellcheck disable=SC2086,SC3045
		ulimit $limit
		"$B/bee" audit -o "$made/a.json" --policy-dir "$made/good" --timeout 3 \
			>"$made/a.out" 2>"$made/a.err" </dev/null
	)
	is $? 0 "ulimit $limit: the audit completes"
done
(
	# shellcheck disable=SC3045
	ulimit -f 1
	"$B/bee" audit -o "$made/a.json" --policy-dir "$made/good" --timeout 3 \
		>"$made/a.out" 2>"$made/a.err" </dev/null
)
case $? in
0 | 74) ok 0 "ulimit -f 1: the audit completes, or says that it could not write" ;;
*) is $? "0 or 74" "ulimit -f 1: the audit completes, or says that it could not write" ;;
esac

is "$(prlimit --fsize=0:0 setpriv --bounding-set -sys_resource --inh-caps=-all "$B/bee" audit -o "$made/a.json" --policy-dir "$made/good" 2>&1 </dev/null)" \
	"bee-audit: $made/good/storage.policy:8: the filter of step lsblk cannot be built: File too large" "no file may have a byte: it says so"

# Every signal blocked by the caller: the last resort must work all the same.
mkfifo "$made/pipe"
exec 7<>"$made/pipe" # held open, read by nobody
timeout 1 dd if=/dev/zero of="$made/pipe" bs=4096 2>/dev/null
began=$(now)
# shellcheck disable=SC2016
timeout -s KILL 6 perl -e 'use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(1 .. 31)); exec @ARGV' \
	"$B/bee" audit --policy-dir /nowhere --timeout 2 >&7 2>&7 </dev/null &
wait $!
took=$(($(now) - began))
in_time 3300 "signals blocked by the caller, messages to a full pipe: it ends in time"

# A signal is obeyed as well when the jobs are done and only somebody else is waited for.
# late NAME WHOM-TO-STOP OPTION...: TERM half a second after the start of 20 s.
late() {
	name=$1
	stop=$2
	shift 2
	"$B/bee" audit --policy-dir "$made/big" --timeout 20 "$@" >&7 2>"$made/$name.err" </dev/null &
	audit=$!
	if [ -n "$stop" ]; then
		for _ in $(seq 1 60); do
			pid=$(ours "$stop" | head -n 1 | cut -d ' ' -f 1)
			[ -z "$pid" ] || break
		done
		[ -z "$pid" ] || kill -STOP "$pid"
	fi
	sleep 1
	# Not before the jobs are done, on a busy machine too: with a file, it is there then.
	for _ in $(seq 1 100); do
		if [ -n "$stop" ] || [ "$1" != -o ] || [ "$2" = - ] || [ -e "$2" ]; then break; fi
		sleep 0.1
	done
	began=$(now)
	kill -TERM $audit
	wait $audit
	status=$?
	took=$(($(now) - began))
}
late out '' -o -
is "$status" 74 "TERM, the document to a full pipe: exit 74"
in_time $((1300 + 1300 * pace)) "TERM, the document to a full pipe: it ends soon"
late summary '' -o "$made/summary.json"
is "$status" 0 "TERM, the summary to a full pipe: exit 0, the document is whole"
in_time $((1300 + 1300 * pace)) "TERM, the summary to a full pipe: it ends soon"
late gather /bee-gather -q -o "$made/gather.json" --policy-dir "$made/wait"
is "$status" 3 "TERM, the gatherer stopped: exit 3"
in_time $((1300 + 1300 * pace)) "TERM, the gatherer stopped: it ends soon"
is "$(doc gather '.collectors | length')" 1 "TERM, the gatherer stopped: the statuses are there"
is "$(doc gather '.audit.interrupted')" SIGTERM "TERM, the gatherer stopped: the document says why"
exec 7>&-

# A capture that finds no room costs the capture, and not a record.
cat >"$made/lister" <<'END'
#!/bin/sh
i=0
while [ $i -lt 4000 ]; do
	printf 'Slot:\t%04x:00:00.0\nClass:\tEthernet controller\nVendor:\tAcme\nDevice:\tCard %d\n\n' $i $i
	i=$((i + 1))
done
END
chmod 755 "$made/lister"
policy "$made/long" pcie pcie.devices <<-END
	[lspci]
	run $made/lister
END
mkdir "$made/tiny"
mount -t tmpfs -o size=96k tmpfs "$made/tiny"
audit long --policy-dir "$made/long" --timeout 9 --capture "$made/tiny/capture"
is "$status" 0 "--capture without room: the audit completes"
is "$(doc long '.pcie.devices | length')" 4000 "--capture without room: no record is lost or doubled"
is "$(job long pcie/lspci 'tools[0].stdout_bytes')" "$("$made/lister" | wc -c)" \
	"--capture without room: each byte was moved once"
is "$(grep -c 'pcie/lspci: its output could not be captured' "$made/long.err")" 1 \
	"--capture without room: it is said"
"$B/bee" audit --policy-dir "$made/long" --replay "$made/tiny/capture" -o "$made/half.json" -q
is "$(job half pcie/lspci 'status + " " + .reason')" "skipped not captured" \
	"--capture without room: half an output is not replayed"

# An audit that is killed while a job's output is captured leaves half of it.
"$B/bee" audit -q -o "$made/cut.json" --policy-dir "$made/wait" --timeout 20 --capture "$made/cut" </dev/null &
for _ in $(seq 1 40); do
	[ ! -s "$made/cut/storage/lsblk/stdout" ] || break
	sleep 0.05
done
kill -KILL $!
wait $! 2>/dev/null
gone_soon 2
is "$(cat "$made/cut/storage/lsblk/status")" incomplete "--capture, and KILL: the status says that nobody saw the end"
audit cut --policy-dir "$made/wait" --replay "$made/cut"
is "$(job cut storage/lsblk status)" skipped "--capture, and KILL: half an output is not replayed"

# A group deep below others, as in a desktop's session or a container's.
pids=$(awk '$3 == "cgroup2" { v2 = $2 } $3 == "cgroup" && $4 ~ /(^|,)pids(,|$)/ { v1 = $2 }
	END { print v1 ? v1 : v2 }' /proc/mounts)
case $pids in */pids) word=cgroup.tasks ;; *) word=cgroup.kill ;; esac
deep=bee-test-$$-$(printf %0100d 0)/$(printf %0100d 0)
if [ -n "$pids" ] && mkdir -p "$pids/$deep" 2>/dev/null; then
	policy "$made/tasks" storage storage.drives <<-END
		[lsblk]
		run $tools/misbehave good
		limits tasks 4
	END
	: >"$made/deep.json"
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$pids/$deep" \
		"$B/bee" audit -q -o "$made/deep.json" --policy-dir "$made/tasks" </dev/null
	is "$(job deep storage/lsblk 'enforced | map(select(. == "'$word'")) | length')" 1 \
		"a cgroup whose path is long: jobs have groups below it"
	rmdir "$pids/$deep" "$pids/${deep%/*}"
else
	skip "a cgroup whose path is long" "no cgroup can be made here"
fi

# One above the root of its cgroup namespace: there "/.." is a group that no mount shows.
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
above=$v2/bee-test-$$
if [ -n "$v2" ] && mkdir -p "$above/root" 2>/dev/null; then
	sh -c 'echo $$ >"$1/root/cgroup.procs"; exec unshare -C sh -c "echo \$\$ >\"\$1/cgroup.procs\"; shift; exec \"\$@\"" sh "$@"' \
		sh "$above" "$B/bee" audit -q -o "$made/above.json" --policy-dir "$made/pace" </dev/null
	is "$(job above storage/lsblk status) $(doc above .audit.cgroup | grep -c v2)" "ok 0" \
		"above the root of its cgroup namespace: what lies beside the mount is no group"
	rmdir "$above/root" "$above"
else
	skip "above the root of its cgroup namespace" "no cgroup can be made here"
fi

# A gatherer that was taken over has the document's details in its hands, and no terminal.
mkdir "$made/bin"
cp "$B"/bee* "$made/bin" 2>/dev/null
cp "$tools/liar" "$made/bin/bee-gather"
"$made/bin/bee-audit" -o - --policy-dir "$made/good" >"$made/liar.json" 2>"$made/liar.err" </dev/null
is $? 3 "a document with raw bytes in it: exit 3"
is "$(raw "$made/liar.json" "$made/liar.err")" 0 "a document with raw bytes in it is not shown"
is "$(doc liar '.collectors | length')" 1 "a document with raw bytes in it: there is one of statuses"

# Without Landlock a tool runs by the other walls, unless only Landlock could say what it runs.
policy "$made/none" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
	[smart]
	run $tools/misbehave good
	exec /usr/bin
END
"$tools/nolandlock" "$B/bee" audit -q -o "$made/none.json" --policy-dir "$made/none" --timeout 9 </dev/null
is "$(doc none .audit.landlock_abi)" 0 "no Landlock: the document says so"
is "$(job none storage/lsblk 'status + (.enforced | map(select(. == "landlock")) | join(""))')" ok \
	"no Landlock: a tool runs"
is "$(job none storage/smart 'status + " " + .reason')" "setup Landlock: Function not implemented" \
	"no Landlock: a step with exec lines does not run"
# With every call that sends a signal: for uid 0 it is only another uid that keeps it from pid 1.
for uid in "" "uid 0"; do
	calls="@tool kill tkill" policy "$made/free" storage storage.drives <<-END
		[lsblk]
		$uid
		run $tools/escape
		see /sys/block
	END
	"$tools/nolandlock" "$B/bee" audit -q -o "$made/free.json" --policy-dir "$made/free" --timeout 9 </dev/null
	is "$(job free storage/lsblk status)" ok "no Landlock, ${uid:-own uid}: stub and collector saw the tool to its end"
	is "$(doc free '[.storage.drives[] | select(.key | startswith("won")) | .model] | join("; ")')" "" \
		"no Landlock, ${uid:-own uid}: nothing that was tried had success"
	is "$(job free storage/lsblk 'denied | length > 10')" true "no Landlock, ${uid:-own uid}: much was tried"
done

# A container's audit has the same uids, and its own process numbers.
crowd=
for slot in 0 1 2 3; do
	setpriv --reuid $((0x7bee0002 + 2 * slot)) --clear-groups sleep 9 &
	crowd="$crowd $!"
done
sleep 0.5
audit crowded --policy-dir "$made/good"
is "$status $(job crowded storage/lsblk status)" "0 ok" "somebody else has a process of a tool's uid: the tool runs"
# shellcheck disable=SC2086
kill $crowd

# What is in /run/bee/stuck is looked at as it is: a pid is not a process.
boot=$(cat /proc/sys/kernel/random/boot_id)
sleep 60 &
other=$!
born=$(sed 's/.*) //' /proc/$other/stat | cut -d ' ' -f 20)
# record WORDS: as the file has one per uid slot, 512 bytes.
record() { { echo "$1"; head -c 512 /dev/zero; } | head -c 512; }
# ledger NAME START STATUS WHAT
ledger() {
	record "storage/lsblk $other $2 $boot 1000000 - - stuck" >/run/bee/stuck
	audit "$1" --policy-dir "$made/good"
	is "$(job "$1" storage/lsblk status)" "$3" "a noted process that $4"
}
ledger same "$born" stuck "is there: the job is not started"
ledger near $((born - 50)) stuck "was asked for half a second before it started: the same"
ledger reused $((born - 500)) ok "has another's pid: the job is started"
ledger unknown 0 ok "started when nobody knows: the same"
{
	head -c 100000 /dev/urandom
	head -c 100000 /dev/zero | tr '\0' 7
	head -c 192 /dev/zero # to the next record
	record "storage/lsblk -1 -1 $boot -1 - - stuck"
	record "storage/lsblk 99999999999 1 $boot 1 - - stuck"
	record "storage/lsblk $other $born $boot"
	for i in $(seq 1 300); do record "storage/x$i $other $born $boot 1 - - stuck"; done
} >/run/bee/stuck
audit garbage --policy-dir "$made/good"
is "$(job garbage storage/lsblk status)" ok "a ledger of garbage: the job is started"
kill $other
gone_soon 2
ok $? "nothing is left of all that"

# A chroot without /proc: what was captured is read all the same.
"$B/bee" audit -q --policy-dir "$root/policy" --replay "$root/tests/fixtures/rack-server" --only board -o "$made/proc.json"
unshare -m --propagation private sh -c 'mount -t tmpfs none /proc && exec "$@"' sh \
	"$B/bee" audit -q --policy-dir "$root/policy" --replay "$root/tests/fixtures/rack-server" --only board -o "$made/none.json" 2>"$made/none.err"
is "$? $(doc none .identity.serial_number) $(doc none '[.collectors[].status] | join(" ")')" \
	"0 $(doc proc .identity.serial_number) $(doc proc '[.collectors[].status] | join(" ")')" "a replay needs no /proc"
tap_end
