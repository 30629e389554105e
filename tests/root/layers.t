#!/bin/sh
# Whether each layer is there: behind one stands another, and the first could go unnoticed. So
# nothing is attacked here; a tool prints what the kernel says of its jail, and stub and
# collector are looked at from outside while it waits.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

uid_base=$((0x7bee0000))
uid_stub=$((uid_base + 0xffff))

# look NAME WORD...: runs `inside`; what it printed is in $made/NAME.inside.
look() {
	name=$1
	shift
	audit "$name" --policy-dir "$made/$name" --timeout 6 --capture "$made/$name.capture" "$@"
	cp "$made/$name.capture/storage/lsblk/stdout" "$made/$name.inside" 2>/dev/null || : >"$made/$name.inside"
}

# value NAME FILE WORD: the rest of the first line of that /proc file that begins with the word.
value() { sed -n "s/^$2: $3[: \t]*//p" "$made/$1.inside" | head -n 1 | tr -s '\t ' ' ' | sed 's/ $//'; }

# mounts NAME: "PLACE FLAGS" of each mount, the flags that are the mount's own.
mounts() { sed -n 's/^mountinfo: //p' "$made/$1.inside" | awk '{ print $5, $6 }'; }

# without NAME FLAG [PLACE]: the mounts that have not got the flag; a place is a pattern.
without() { mounts "$1" | awk -v flag="$2" -v at="${3:-.}" '$1 ~ at && ("," $2 ",") !~ ("," flag ",") { print $1 }' | xargs; }

# Long enough on a busy machine: the tool is told when it has been looked at.
limits="wall 9s  term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64"
policy "$made/own" storage storage.drives <<-END
	[lsblk]
	run $tools/inside mark hold
	see /sys/block /proc/devices
	see? /proc/driver
	see $made/grows
END
# What is mounted there later has a copy wherever the mount has one that is not private.
mkdir "$made/grows"
mount -t tmpfs tmpfs "$made/grows" && mount --make-shared "$made/grows" && mkdir "$made/grows/later"
policy "$made/root" storage storage.drives <<-END
	[lsblk]
	uid 0
	run $tools/inside
	see /sys/block
END

# While the tool of the first job waits, its stub and its collector are seen from outside.
"$B/bee" audit -q -o "$made/own.json" --policy-dir "$made/own" --timeout 12 \
	--capture "$made/own.capture" >/dev/null 2>"$made/own.err" </dev/null &
audit=$!
tool=
for _ in $(seq 1 250); do
	grep -qs '^mark 2' "$made/own.capture/storage/lsblk/stdout" && tool=$(ours /inside | cut -d ' ' -f 1)
	[ -z "$tool" ] || break
	sleep 0.02
done
stub=$(awk '$1 == "PPid:" { print $2 }' "/proc/$tool/status")
collector=$(ours /bee-collect | cut -d ' ' -f 1)
for who in stub collector; do
	eval "pid=\$$who"
	cp "/proc/$pid/status" "$made/$who.status"
	stat -c %u "/proc/$pid/environ" >"$made/$who.owner"
	cat "/proc/$pid/oom_score_adj" >"$made/$who.oom"
	grep '^Max core' "/proc/$pid/limits" | tr -s ' ' >"$made/$who.core"
done
# Who reads /proc of the whole machine lives as long, and so does who makes network namespaces: of the
# monitor's children of bee-audit they are none of the stubs. linux/capability.h:
# 2 CAP_DAC_READ_SEARCH, 19 CAP_SYS_PTRACE, 21 CAP_SYS_ADMIN.
monitor=$(awk '$1 == "PPid:" { print $2 }' "/proc/$stub/status")
for pid in $(tr ' ' '\n' <"/proc/$monitor/task/$monitor/children"); do
	case $pid,$(readlink "/proc/$pid/exe"),$(awk '$1 == "CapPrm:" { print $2 }' "/proc/$pid/status") in
	$stub,*) ;;
	*,*/bee-audit,*200000) cat "/proc/$pid/status" >>"$made/networks.status" ;;
	*,*/bee-audit,*) cat "/proc/$pid/status" >>"$made/around.status" ;;
	esac
done
# Flags are the open file's: whoever has the mark shares one with the tool. The ends of pipes and
# sockets that the stub waits for have it by themselves.
for pid in $stub $collector; do
	grep -l '^flags:.*[4-7][0-7][0-7][0-7]$' "/proc/$pid/fdinfo/"* | while read -r info; do
		to=$(readlink "/proc/$pid/fd/${info##*/}")
		case $pid,$to in $stub,pipe:* | $stub,anon_inode:* | $stub,socket:*) ;; *) echo "$info $to" ;; esac
	done
done >"$made/shared" 2>/dev/null
# Namespaces, and sockets that the monitor has, too: what jails are made from is not left in one.
open_of() { for fd in "/proc/$1/fd/"*; do readlink "$fd"; done | grep -e '^socket:' -e '^mnt:' -e '^net:' | sort -u; }
open_of "$monitor" >"$made/monitor.open"
open_of "$stub" | grep -x -F -f "$made/monitor.open" >"$made/from"
mount -t tmpfs tmpfs "$made/grows/later"
grep "$made/grows" "/proc/$tool/mountinfo" >"$made/grows.seen"
kill "$tool"
wait $audit
cp "$made/own.capture/storage/lsblk/stdout" "$made/own.inside"

# status WHO WORD: from outside.
status_of() { awk -v word="$2:" '$1 == word { $1 = ""; sub(/^ /, ""); print }' "$made/$1.status" | tr -s '\t ' ' '; }

is "$(value own 'mark 2' '')" 0 "the tool could mark its own descriptors"
is "$(cat "$made/shared")" "" "and shares none of them with anybody"

is "$(grep -c '^mnt:' "$made/monitor.open") $(cat "$made/from")" "1 " "stub: nothing that other jails are made from is left in it"
is "$(status_of stub Uid)" "$uid_stub $uid_stub $uid_stub $uid_stub" "stub: a uid that no tool has"
is "$(status_of stub Gid)" "$uid_stub $uid_stub $uid_stub $uid_stub" "stub: and a gid"
for set in CapPrm CapEff CapBnd; do
	is "$(status_of stub $set)" 0000000000000020 "stub: $set is CAP_KILL"
done
is "$(status_of stub CapInh) $(status_of stub CapAmb)" "0000000000000000 0000000000000000" \
	"stub: nothing would outlive an exec"
is "$(status_of stub NoNewPrivs)" 1 "stub: no_new_privs"
is "$(cat "$made/stub.owner")" 0 "stub: not dumpable"
is "$(status_of stub SigBlk)" "$(status_of stub SigBlk | tr -c 'f\n' f | sed 's/.*/fffffffe7ffbfeff/')" \
	"stub: every signal that can be is blocked"
for who in stub collector; do
	is "$(cut -d ' ' -f 5,6 <"$made/$who.core")" "1 1" "$who: a core of exactly 1 byte, which no handler is started for"
	[ "$(cat "$made/$who.oom")" -ge 500 ]
	ok $? "$who: goes before the machine's own when memory runs out"
	is "$(status_of $who Groups)" "" "$who: no groups"
done
is "$(status_of collector Uid)" "$(printf '%d %d %d %d' $((uid_base + 3)) $((uid_base + 3)) $((uid_base + 3)) $((uid_base + 3)))" \
	"collector: its own uid"
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
	is "$(status_of collector $set)" 0000000000000000 "collector: $set is empty"
done
is "$(status_of collector NoNewPrivs) $(status_of collector Seccomp)" "1 2" "collector: no_new_privs and a filter"

for row in "around 0000000000280004 who looks around" "networks 0000000000200000 who makes network namespaces"; do
	words=${row#* } who=${row%% *}
	caps=${words%% *} words=${words#* }
	is "$(grep -c '^Pid:' "$made/$who.status")" 1 "$words: there is one"
	is "$(status_of "$who" Uid)" "$(printf '%d %d %d %d' $((uid_base + 1)) $((uid_base + 1)) $((uid_base + 1)) $((uid_base + 1)))" \
		"$words: a uid that is not root's"
	is "$(status_of "$who" CapPrm) $(status_of "$who" CapEff)" "$caps $caps" "$words: the capabilities for that"
	is "$(status_of "$who" CapInh) $(status_of "$who" CapAmb)" "0000000000000000 0000000000000000" \
		"$words: none for whom it might start"
	is "$(status_of "$who" CapBnd)" 0000000000000000 "$words: and it can have no other"
	is "$(status_of "$who" NoNewPrivs) $(status_of "$who" Seccomp)" "1 2" "$words: no_new_privs and a filter"
done

# The tool's view.
is "$(value own status Uid)" "$((uid_base + 2)) $((uid_base + 2)) $((uid_base + 2)) $((uid_base + 2))" "tool: its own uid"
is "$(value own status Gid)" "$((uid_base + 2)) $((uid_base + 2)) $((uid_base + 2)) $((uid_base + 2))" "tool: its own gid"
is "$(value own status Groups)" "" "tool: no groups"
look root
for name in own root; do
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		is "$(value $name status $set)" 0000000000000000 "tool, $name: $set is empty"
	done
	is "$(value $name status NoNewPrivs) $(value $name status Seccomp)" "1 2" "tool, $name: no_new_privs and a filter"
	is "$(value $name limits 'Max core file size')" "1 1 bytes" "tool, $name: a core of exactly 1 byte"
	is "$(value $name limits 'Max file size')" "0 0 bytes" "tool, $name: it can write no file"
	is "$(value $name limits 'Max address space')" "$((256 << 20)) $((256 << 20)) bytes" "tool, $name: address space"
	is "$(value $name limits 'Max open files')" "64 64 files" "tool, $name: open files"
	is "$(value $name limits 'Max processes')" "1 1 processes" "tool, $name: processes"
	is "$(value $name limits 'Max msgqueue size')" "0 0 bytes" "tool, $name: no message queues"
	is "$(value $name limits 'Max cpu time')" "11 11 seconds" "tool, $name: processor time"
	is "$(value $name hostname '')" bee "tool, $name: the machine's name is not seen"
	is "$(sed -n 's/^stat: //p' "$made/$name.inside" | sed 's/.*) //' | cut -d ' ' -f 17)" 10 "tool, $name: nice 10"
	sid=$(sed -n 's/^stat: //p' "$made/$name.inside" | sed 's/.*) //' | cut -d ' ' -f 4)
	is "$sid" "$(value $name status Pid)" "tool, $name: a session of its own"
	for kind in mnt pid net ipc uts cgroup; do
		theirs=$(grep "^ns: $kind:" "$made/$name.inside")
		[ -n "$theirs" ] && [ "$theirs" != "ns: $(readlink /proc/self/ns/$kind)" ]
		ok $? "tool, $name: a namespace of its own: $kind"
	done
	is "$(without $name ro)" "" "tool, $name: every mount is read-only"
	is "$(without $name nosuid)" "" "tool, $name: none obeys set-uid bits"
	is "$(without $name nodev)" / "tool, $name: none but the root has devices"
	is "$(without $name noexec | tr ' ' '\n' | grep -v -e ^/usr/lib -e ^/lib -e "^$tools/inside" | xargs)" "" \
		"tool, $name: nothing but libraries and the program can be run"
done
is "$(sed -n 's,^in /proc: ,,p' "$made/own.inside" | grep -v '^[0-9]' | sort | xargs)" "devices driver pid self thread-self" \
	"see /proc/FILE: that file, and nothing else of /proc"
is "$(sed -n 's,^in /proc: ,,p' "$made/root.inside" | grep -v '^[0-9]' | sort | xargs)" "self thread-self" \
	"without one: nothing but processes"
is "$(awk '{ print $5, $7 }' "$made/grows.seen")" "$made/grows -" "what the machine mounts later is not in the jail"
for at in /proc /proc/devices /proc/pid; do
	flags=$(mounts own | awk -v at=$at '$1 == at { print $2 }')
	[ $at != /proc ] || continue
	is "$(echo "$flags" | tr , '\n' | grep -c -x -e ro -e nosuid -e nodev -e noexec)" 4 "see /proc/FILE: $at is mounted like data"
done

# Where one is made beforehand it is one job's; the others make their own meanwhile.
policy "$made/nets" storage storage.drives <<-END
	$(for step in lsblk smart nvme-id nvme-smart; do printf '[%s]\nrun %s/inside mark hold\n' $step "$tools"; done)
END
"$B/bee" audit -q -o "$made/nets.json" --policy-dir "$made/nets" --timeout 12 --jobs 4 >/dev/null 2>&1 </dev/null &
audit=$!
for _ in $(seq 1 250); do
	[ "$(ours /inside | wc -l)" != 4 ] || break
	sleep 0.02
done
ours /inside | while read -r tool _; do readlink "/proc/$tool/ns/net"; done >"$made/nets.seen"
readlink /proc/self/ns/net >>"$made/nets.seen"
is "$(sort -u "$made/nets.seen" | wc -l)" 5 "four jobs at a time: four network namespaces, and none the machine's"
ours /inside | while read -r tool _; do kill "$tool"; done
wait $audit

# One that nobody is in any more is used again, unless there was a tool in it, or who performs its commands,
# with a capability, uid 0 or a socket: nobody else can leave anything there. A job begins while the one before it
# is taken down, so that a few take turns. They are counted as they are made: the number of one that is gone
# is soon another one's.
mkdir "$made/each"
for i in $(seq 24); do : >"$made/each/t$i"; done
# of_each LINES: of the jobs, in turn, with these lines in their step: how many ran in a network
# namespace that is not the machine's, and how many were made for them.
of_each() {
	policy "$made/again" storage storage.drives <<-END
		[lsblk] each $made/each/*
		run $tools/inside mark
		$1
	END
	rm -rf "$made/again.capture"
	strace -f -qq -e trace=unshare -o "$made/strace" "$B/bee" audit -q -o "$made/again.json" --policy-dir "$made/again" \
		--timeout 20 --jobs 1 --capture "$made/again.capture" >/dev/null 2>&1 </dev/null
	ran=$(cat "$made/again.capture/storage/"*/stdout 2>/dev/null | grep '^ns: net:' | grep -c -v -x "ns: $(readlink /proc/self/ns/net)")
	fresh=$(grep -c 'unshare(.*CLONE_NEWNET' "$made/strace")
}
null="device /dev/null read
"
if command -v strace >/dev/null; then
	for line in "see /proc/devices" "${null}scsi INQUIRY"; do
		of_each "$line"
		[ "$ran" = 24 ] && [ "$fresh" -ge 1 ] && [ "$fresh" -lt 12 ]
		ok $? "$(echo "$line" | tail -n 1): network namespaces are used again ($ran jobs, $fresh)"
	done
	for line in "caps CAP_NET_ADMIN # of the tool" "uid 0 # of the tool" "${null}ata IDENTIFY_DEVICE" "syscalls socket" \
		"syscalls socketpair"; do
		of_each "$line"
		[ "$ran" = 24 ] && [ "$fresh" -ge 24 ]
		ok $? "$(echo "$line" | tail -n 1): each has a new network namespace ($ran jobs, $fresh)"
	done
	# No tool ran where the device is absent, whatever it could have done.
	of_each "uid 0
device /dev/none read"
	[ "$ran" = 0 ] && [ "$fresh" -ge 1 ] && [ "$fresh" -lt 12 ]
	ok $? "24 jobs of absent devices: their network namespaces are used again ($fresh)"
else
	skip "network namespaces that are used again" "there is no strace"
fi

# What a tool says beyond the cap of stderr is read and thrown away.
policy "$made/loud" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave stderr-mebibyte
END
look loud
is "$(job loud storage/lsblk 'status + " " + (.tools[0].stderr_bytes | tostring)')" "ok 65536" "stderr: its cap is counted"
is "$(wc -c <"$made/loud.capture/storage/lsblk/stderr")" 65536 "stderr: no byte beyond the cap is kept"

# A tool that changes the flags of its descriptors changes nobody else's.
policy "$made/flags" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave flags
END
look flags
is "$(job flags storage/lsblk status)" ok "flags of its descriptors: the job ends well"
in_time 1500 "flags of its descriptors: and as soon as others"
is "$(doc flags '.storage.drives | length')" 1 "flags of its descriptors: its record is there"
gone_soon 1
ok $? "no process is left"
tap_end
