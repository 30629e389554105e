#!/bin/sh
# The shipped policies when every tool hangs, and a frozen file system instead of a silent one.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -c /dev/fuse ] || skip_all "there is no /dev/fuse"
[ -d /usr/lib/tmpfiles.d ] || skip_all "there is no /usr/lib/tmpfiles.d to mount on"
# Where every jail sees it: what is stuck asks about something there.
hang_start /usr/lib/tmpfiles.d || skip_all "no FUSE mount: $(cat "$made/fusehang.err")"
server=$hang_pid
mount -t tmpfs tmpfs /usr/local/sbin || skip_all "cannot mount over /usr/local/sbin"
for tool in dmidecode lsblk lspci smartctl nvme ipmitool nvidia-smi; do
	cp "$tools/stuck" "/usr/local/sbin/$tool"
done

began=$(now)
"$B/bee" audit -o "$made/all.json" --policy-dir "$root/policy" --timeout 5 2>&1 </dev/null | cat >"$made/all.out"
took=$(($(now) - began))
in_time 6000 "every tool hangs: the audit and the pipe it wrote to end in time"
"$B/bee" audit -o "$made/twice.json" --policy-dir "$root/policy" --timeout 5 -q </dev/null
is $? 3 "every tool hangs: exit 3"
valid all
is "$(doc all '[.collectors[] | select(.tools[0].path // "" | startswith("/usr/local/sbin"))
	| select(.status != "stuck") | .job] | join(" ")')" "" \
	"every tool hangs: every job that started one is stuck"
is "$(doc all '[.collectors[] | select(.status == "stuck") | select((.stuck[0].pid // 0) < 2
	or .stuck[0].wchan == "" or (.stuck[0].stack | length) < 3) | .job] | join(" ")')" "" \
	"every tool hangs: each has pid, wchan and stack of what does not die"
doc all '.collectors[] | select(.status == "stuck") | [.job, .stuck[]] | tostring' | cut -c 1-160 | sed 's/^/# /'
for job in storage/lsblk pcie/lspci; do
	is "$(job all $job 'status + " at " + .stuck[0].stack[-3]' | sed 's/+.*//')" \
		"stuck at __do_sys_newfstatat" "every tool hangs: $job in the call it made"
done
is "$(doc all '[.collectors[] | select(.status == "ok") | .job
	| select(test("storage/disks|pcie/sysfs"))] | sort | join(" ")')" \
	"pcie/sysfs storage/disks" "every tool hangs: what needs no tool is there"
is "$(doc all '[.collectors[] | select(.status != "ok" and .reason == null)] | length')" 0 \
	"every tool hangs: every other job has a reason"
is "$(doc twice '[.collectors[] | select(.status == "stuck") | .since != null] | unique | tostring')" \
	"[true]" "every tool hangs: the second audit started none again"
gone_soon 1 '/bee[^/]*$'
ok $? "every tool hangs: no process of bee itself is left"
hang_end "$server"
gone_soon 2
ok $? "every tool hangs: nothing is left when they are let go"

# A frozen file system: even below a read-only bind, a change waits for the thaw.
if dd if=/dev/zero of="$made/image" bs=1M count=8 2>/dev/null &&
	mkfs.ext4 -q "$made/image" 2>/dev/null && mkdir "$made/frozen" &&
	mount -o loop "$made/image" "$made/frozen" 2>"$made/err"; then
	: >"$made/frozen/file"
	mkdir "$made/asked"
	: >"$made/asked/d0"
	ln -s "$made/frozen/file" "$made/asked/d1"
	calls='@tool chmod' policy "$made/thaw" storage storage.drives <<-END
		[lsblk] each $made/asked/*
		run $tools/stuck $made/asked/{instance} {instance} chmod
		see $made/asked $made/frozen
		limits wall 1s
	END
	fsfreeze -f "$made/frozen"
	audit thaw --policy-dir "$made/thaw" --timeout 5
	in_time 3000 "a frozen file system: the audit ends in time"
	is "$(job thaw storage/lsblk@d1 'status + " in " + .stuck[0].wchan')" \
		"stuck in percpu_rwsem_wait" "a frozen file system: the job is stuck in it"
	is "$(job thaw storage/lsblk@d0 status)" ok "a frozen file system: the other job completes"
	fsfreeze -u "$made/frozen"
	gone_soon 2
	ok $? "a frozen file system: what hung ends with the thaw"
	umount "$made/frozen"
else
	skip "a frozen file system" "no loop mount: $(head -n 1 "$made/err")"
fi
tap_end
