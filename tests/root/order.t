#!/bin/sh
# Which jobs run when: locks, groups, who comes after whom, and with which uid.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

turn=$tools/turn
mkdir "$made/two" "$made/many"
touch "$made/two/a" "$made/two/b"
for n in $(seq 1 30); do : >"$made/many/m$n"; done

# ran POLICIES OPTION...: an audit whose tools tell their times. turn_of JOB: "BEGAN ENDED UID".
ran() {
	name=$1
	shift
	audit "$name" --policy-dir "$made/$name" --timeout 12 --capture "$made/$name.capture" "$@"
}
turn_of() { sed -n 's/.*"model":"\([0-9 ]*\)".*/\1/p' "$made/$name.capture/$1/stdout"; }

# meet: whether two of the jobs whose times are on stdin ran at one time.
meet() { sort -n | awk 'NR > 1 && $1 < ended { met = 1 } $2 > ended { ended = $2 } END { print (met ? "together" : NR ? "apart" : "nothing") }'; }
# both JOB JOB: their times.
both() { turn_of "$1" && turn_of "$2"; }
# before JOB JOB: whether the second began when the first had ended.
before() { echo "$(turn_of "$1") $(turn_of "$2")" | awk '{ print (NF == 6 && $4 >= $2 ? "yes" : "no: " $0) }'; }

# Jobs that nothing keeps apart run together: what follows can be seen.
policy "$made/free" storage storage.drives <<-END
	[lsblk] each $made/two/*
	run $turn {instance} 700
END
ran free --jobs 4
is "$(both storage/lsblk@a storage/lsblk@b | meet)" together "jobs that nothing keeps apart run together"

order=1 policy "$made/lock" storage storage.drives <<-END
	[lsblk] each $made/two/*
	run $turn {instance} 700
	lock wire
END
order=2 policy "$made/lock" pcie pcie.devices <<-END
	[lspci]
	run $turn c 300
	lock wire
	[sysfs]
	run $turn d 1000
	lock bus
END
ran lock --jobs 8
is "$( (both storage/lsblk@a storage/lsblk@b && turn_of pcie/lspci) | meet)" apart "jobs of one lock run one after the other, in whatever collector"
[ "$took" -ge 1700 ]
ok $? "they take the sum of their times ($took ms)"
is "$(both storage/lsblk@a pcie/sysfs | meet)" together "a job of another lock does not wait for them"

order=1 policy "$made/group" storage storage.drives <<-END
	[lsblk] each $made/two/*  group {instance}
	run $turn {instance} 400
	[nvme-id] each $made/two/*  group {instance}
	run $turn {instance} 200
	[smart] group a
	run $turn e 100
END
order=2 policy "$made/group" pcie pcie.devices <<-END
	[lspci] group a
	run $turn c 400
END
ran group --jobs 8
is "$( (both storage/lsblk@a storage/nvme-id@a && turn_of storage/smart) | meet)" apart "a group's jobs run one after the other"
is "$(both storage/lsblk@b storage/nvme-id@b | meet)" apart "so do those of another group"
is "$(both storage/lsblk@a storage/lsblk@b | meet)" together "two groups run together"
is "$(both storage/lsblk@a pcie/lspci | meet)" together "a group of another collector is another"

policy "$made/row" storage storage.drives <<-END
	[lsblk] group g
	run $turn x 300
	[nvme-id] group g
	run $turn y 100
	[smart] group g
	run $turn z 100
END
ran row --jobs 8
is "$(before storage/lsblk storage/nvme-id) $(before storage/nvme-id storage/smart)" "yes yes" \
	"those that are known from the start run in the order of the policy"

# The first of a group waits for a lock: the second waits for the first all the same.
policy "$made/queue" storage storage.drives <<-END
	[smart]
	run $turn x 500
	lock wire
	[lsblk] group g
	run $turn y 100
	lock wire
	[nvme-id] group g
	run $turn z 100
END
ran queue --jobs 8
is "$(before storage/smart storage/lsblk) $(before storage/lsblk storage/nvme-id)" "yes yes" \
	"the first of a group waits for a lock: the second does not overtake it"

policy "$made/after" storage storage.drives <<-END
	[lsblk] each $made/two/*
	run $turn {instance} 300
	[smart]
	run $turn e 100
	after lsblk
END
ran after --jobs 8
is "$(before storage/lsblk@a storage/smart) $(before storage/lsblk@b storage/smart)" "yes yes" \
	"what comes after a step comes after each of its jobs"

# Uids: few, and never two jobs with one at a time.
policy "$made/uids" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $turn {instance} 30
END
ran uids --jobs 4
for n in $(seq 1 30); do turn_of "storage/lsblk@m$n"; done >"$made/uids.times"
is "$(wc -l <"$made/uids.times")" 30 "thirty jobs ran"
used=$(cut -d ' ' -f 3 "$made/uids.times" | sort -u)
# One more than run at a time: whose tool has ended takes its jail down, and is not counted.
[ "$(echo "$used" | wc -l)" -le 12 ]
ok $? "they had few uids ($(echo "$used" | wc -l))"
[ "$(echo "$used" | head -n 1)" -ge $((0x7bee0002)) ]
ok $? "of those that are bee's"
is "$(for uid in $used; do grep " $uid\$" "$made/uids.times" | meet; done | sort -u)" apart "no two of them had one uid at a time"

# A pattern with '@', which no instance can have: it is no captured folder's "STEP@INSTANCE".
mkdir "$made/at"
touch "$made/at/lsblk@1"
policy "$made/at-sign" storage storage.drives <<-END
	[lsblk] each $made/at/lsblk@*
	run $tools/misbehave good
END
audit at-sign --policy-dir "$made/at-sign"
is "$(doc at-sign '.collectors[] | .job + " " + .status + " " + .reason')" "storage/lsblk failed 1 names in $made/at/lsblk@* cannot be instances: left out" \
	"a machine's own name with an @ is not cut at it"

# The policy refused what the tool needed.
policy "$made/denied" storage storage.drives <<-END
	[lsblk]
	run $turn a 0 refused
END
policy "$made/denied" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave exit1
END
audit denied --policy-dir "$made/denied"
is "$status $(job denied storage/lsblk '| .status + " " + (.denied | map(.syscall // .call) | join(" "))')" "3 denied socket" \
	"a tool that fails after a call was refused is denied, and the call is named"
is "$(job denied pcie/lspci status)" failed "one that fails without is failed"

# One that is stuck has its lock and its group for good.
if [ -c /dev/fuse ] && hang_start "$made/hung"; then
	limits="wall 700ms  term 100ms  kill 100ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64"
	order=1 policy "$made/stuck" storage storage.drives <<-END
		[nvme-id] group disks
		run $tools/stuck $made/hung/x sda
		see $made/hung
		lock wire
		[smart] group disks
		run $tools/misbehave good
		[lsblk] group others
		run $tools/misbehave good
	END
	order=2 policy "$made/stuck" pcie pcie.devices <<-END
		[lspci]
		run $tools/misbehave half
		lock wire
		[sysfs] group disks
		run $tools/misbehave good
		lock bus
	END
	audit stuck --policy-dir "$made/stuck" --timeout 6 --jobs 8
	is "$(job stuck storage/nvme-id status)" stuck "a job of a lock and a group is stuck"
	is "$(job stuck pcie/lspci '| .status + ": " + .reason')" "skipped: storage/nvme-id is stuck and holds the lock wire" \
		"another of that lock is skipped, and it says whom it waited for"
	is "$(job stuck storage/smart '| .status + ": " + .reason')" "skipped: storage/nvme-id is stuck" \
		"so is another of that group"
	is "$(job stuck storage/lsblk status)" ok "one of another group runs"
	[ "$(job stuck pcie/sysfs status)" != skipped ]
	ok $? "one of another lock, and of that group in another collector, runs"
	in_time 3500 "they do not wait for what does not end"
	hang_end "$hang_pid"
else
	skip "a stuck lock" "no FUSE"
fi
gone_soon 2
ok $? "nothing is left of all that"

# More names than qsort(3) sorts without asking for the memory that there is (1 KiB of pointers).
mkdir "$made/names"
for n in $(seq 1 300); do mkdir "$made/names/n$n" && echo 7 >"$made/names/n$n/size"; done
policy "$made/sorted" storage storage.drives <<-END
	[disks]
	read $made/names/*/size
END
ran sorted
is "$(job sorted storage/disks denied) $(grep -c "size" "$made/sorted.capture/storage/disks/stdout")" "[] 300" \
	"a read step sorts any number of names with the calls it has"
tap_end
