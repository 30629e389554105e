#!/bin/sh
# Control groups that an earlier audit has left are emptied and removed, or named.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

mounted=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$mounted" ] || skip_all "cgroup v2 is not mounted"
folder=$mounted$(sed -n 's|^0::/*|/|p' /proc/self/cgroup)
folder=${folder%/}
space=$(stat -L -c %i /proc/self/ns/pid)
gone=4194300 # nobody's pid

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END

# leaf OWNER NUMBER [SPACE]: a group as an audit makes them, empty.
leaf() {
	leaf=$folder/bee-job-${3:-$space}-$1-$2
	mkdir "$leaf"
}
mkdir "$folder/bee-job-$space-$gone-1" 2>/dev/null || skip_all "no group can be made in $folder"
empty=$folder/bee-job-$space-$gone-1

# inside: a process in the leaf; $inside.
inside() {
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs"; exec sleep 60' sh "$leaf" &
	inside=$!
	for _ in $(seq 1 100); do
		grep -qx "$inside" "$leaf/cgroup.procs" && [ "$(cat "/proc/$inside/comm")" = sleep ] && return
		sleep 0.01
	done
}

leaf $gone 2
inside
full=$leaf killed=$inside
leaf $gone 3
inside
mkdir "$leaf/below"
stays=$leaf
leaf $$ 1
inside
running=$leaf runs=$inside
leaf $$ 2
about=$leaf
leaf $gone 4 1
inside
other=$leaf lives=$inside
leaf 0 1
odd=$leaf

audit first -q --policy-dir "$made/good" --timeout 5
is "$status $(job first storage/lsblk status)" "0 ok" "groups that were left: the audit completes"
in_time 2000 "groups that were left: it does not take long"
[ ! -d "$empty" ]
ok $? "an empty group of an audit that has gone is removed"
[ ! -d "$full" ]
ok $? "one with a process in it is removed"
wait "$killed"
is $? 137 "the process is killed"
is "$(sed "s|.*: $folder/||" "$made/first.err")" \
	"$(basename "$stays"): left by an earlier audit, cannot be removed: Device or resource busy" \
	"one that cannot be removed is named, and no other"
kill -0 "$runs" && [ -d "$running" ]
ok $? "one whose owner runs is left alone"
[ -d "$about" ]
ok $? "an empty one whose owner runs is left alone: it may be about to be used"
kill -0 "$lives" && [ -d "$other" ]
ok $? "one of another pid namespace is left alone"
[ -d "$odd" ]
ok $? "one that no audit has made is left alone"
audit second -q --policy-dir "$made/good" --timeout 5
is "$(grep -c "$(basename "$stays"): left by" "$made/second.err")" 1 "the next audit names it again"
rmdir "$stays/below"
audit third -q --policy-dir "$made/good" --timeout 5
[ "$(cat "$made/third.err")" = "" ] && [ ! -d "$stays" ]
ok $? "when it can be removed it is"
kill "$runs" "$lives"
wait "$runs" "$lives" 2>/dev/null
rmdir "$running" "$about" "$other" "$odd"

# What audits really leave.
policy "$made/sleep" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave sleep
END
"$B/bee-audit" --policy-dir "$made/sleep" -q -o "$made/killed.json" </dev/null &
audit=$!
# No process is made here, so that the monitor has the same place after its first process below.
i=0
until set -- "$folder/bee-job-$space-"* && [ -d "$1" ] || [ $i -gt 300000 ]; do i=$((i + 1)); done
[ $# -eq 1 ] && [ -d "$1" ]
ok $? "a job that runs has such a group"
owner=${1%-*}
offset=$((${owner##*-} - audit))
for _ in $(seq 1 60); do
	ours "$tools/misbehave" >/dev/null && break
	sleep 0.05
done
kill -KILL $audit
wait $audit 2>/dev/null
gone_soon 2
audit after -q --policy-dir "$made/good" --timeout 5
[ ! -d "$1" ] && [ ! -s "$made/after.err" ]
ok $? "after an audit that was killed, the next removes it"

# The monitor's own number, before it has a job, is that of an earlier one.
if echo 20000 2>/dev/null >/proc/sys/kernel/ns_last_pid; then
	leaf $((20001 + offset)) 1
	echo 20000 >/proc/sys/kernel/ns_last_pid
	"$B/bee-audit" --policy-dir "$made/good" -q -o "$made/same.json" </dev/null &
	is $! 20001 "an audit has the pid of an earlier one"
	wait $!
	[ ! -d "$leaf" ]
	ok $? "and removes what that has left"
else
	skip "an audit has the pid of an earlier one" "pids cannot be chosen"
fi

# The last rung of a job: all that is in its group goes with it, whatever pid namespace it is in.
limits="wall $((2500 * $(pace)))ms  term 100ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64"
policy "$made/short" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave sleep
END
"$B/bee-audit" --policy-dir "$made/short" -q -o "$made/short.json" </dev/null &
audit=$!
for _ in $(seq 1 200); do
	ours "$tools/misbehave" >/dev/null && break
	sleep 0.02
done
set -- "$folder/bee-job-$space-"*
leaf=$1
inside
while read -r pid; do
	grep -q '^NSpid:.*[[:space:]]1$' "/proc/$pid/status" && kill -STOP "$pid"
done <"$leaf/cgroup.procs"
wait $audit
wait $inside
is $? 137 "pid 1 of a jail that does not answer is killed, with all that is in its group"
rmdir "$leaf" 2>/dev/null

if [ -c /dev/fuse ] && hang_start "$made/hung"; then
	policy "$made/hang" storage storage.drives <<-END
		[nvme-id]
		run $tools/stuck $made/hung/x sda
		see $made/hung
	END
	audit hang -q --policy-dir "$made/hang" --timeout 1
	set -- "$folder/bee-job-$space-"*
	audit stuck -q --policy-dir "$made/good" --timeout 5
	is "$(grep -c "$1: left by an earlier audit" "$made/stuck.err")" 1 "the group of a stuck job is named by the next audit"
	hang_end "$hang_pid"
	gone_soon 2 "$tools/stuck"
	audit ended -q --policy-dir "$made/good" --timeout 5
	[ ! -d "$1" ] && [ ! -s "$made/ended.err" ]
	ok $? "when that job has ended, the next removes it"
else
	skip "the group of a stuck job" "no FUSE"
fi
tap_end
