#!/bin/sh
# What an audit that was killed leaves behind is known to the next, and not used again.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -c /dev/fuse ] || skip_all "there is no /dev/fuse"
hang_start "$made/hung" || skip_all "no FUSE mount: $(cat "$made/fusehang.err")"
server=$hang_pid

# killed POLICIES: an audit that is killed while its tool hangs; or one more, where another
# audit of this machine had the tool's uid and it could not start.
killed() {
	for _ in 1 2 3 4 5; do
		"$B/bee-audit" --policy-dir "$made/$1" --timeout 8 -q -o "$made/killed.json" </dev/null &
		audit=$!
		for _ in $(seq 1 20); do
			ours "$tools/stuck" >/dev/null && break
			sleep 0.05
		done
		sleep 0.1
		kill -KILL $audit 2>/dev/null
		wait $audit 2>/dev/null
		ours "$tools/stuck" >/dev/null && break
	done
}

# notes: the lines of the ledger. note NAME PID STARTTIME STATE [BOOT-ID]: one that is planted.
notes() { tr -d '\0' </run/bee/stuck; }
note() {
	printf '%s %s %s %s 1700000000000 - - %s\n' "$1" "$2" "$3" \
		"${5:-$(cat /proc/sys/kernel/random/boot_id)}" "$4" >"$made/note"
	truncate -s 512 "$made/note"
	cat "$made/note"
}

# started PID: field 22 of its stat.
started() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20; }

policy "$made/hang" storage storage.drives <<-END
	[nvme-id] group disks
	run $tools/stuck $made/hung/x sda
	see $made/hung
	lock wire
END
policy "$made/other" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave exit1
END
policy "$made/related" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
	[nvme-list] group disks
	run $tools/misbehave good
	[smart] group other
	run $tools/misbehave good
END
policy "$made/related" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave half
	lock wire
	[sysfs] group disks
	read /sys/bus/pci/devices/*/vendor
	lock bus
END

killed hang
is "$(notes | cut -d ' ' -f 1,6-)" "storage/nvme-id wire disks runs" "an audit that is killed: its job is in the ledger"
tool=$(ours "$tools/stuck" | cut -d ' ' -f 1)
audit other --policy-dir "$made/other" --timeout 5
is "$(job other pcie/lspci '| .status + ": " + .reason')" "failed: the tool exited with 1" \
	"the next audit does not use the uid of what hangs"
audit related --policy-dir "$made/related" --timeout 5
is "$(doc related '.collectors[] | .job + " " + .status' | sort | tr '\n' ',')" \
	"pcie/lspci skipped,pcie/sysfs ok,storage/lsblk ok,storage/nvme-list skipped,storage/smart ok," \
	"the next audit does not use its lock and its group"
is "$(job related pcie/lspci reason)" "storage/nvme-id is stuck and holds the lock wire" "it says who has the lock"
is "$(job related storage/nvme-list reason)" "storage/nvme-id is stuck" "it says who is stuck in the group"
audit same --policy-dir "$made/hang" --timeout 5
is "$(job same storage/nvme-id '| .status + " " + (.since | .[0:2]) + " " + (.stuck[0].pid | tostring)')" "stuck 20 $tool" \
	"the next audit names it and does not start it again"
in_time 3000 "the next audit does not wait for it"
killed hang
is "$(notes | wc -l)" 1 "killed again: it is in the ledger once"
hang_end "$server"
gone_soon 2 "$tools/stuck"
audit freed --policy-dir "$made/related" --timeout 5
is "$(doc freed '[.collectors[] | select(.status == "skipped" or .status == "stuck")] | length')" 0 "when it has gone, all of it is used again"
is "$(notes)" "" "then nothing is noted"

# A job that dies because its audit was killed is not taken for stuck.
policy "$made/sleep" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave wait
END
"$B/bee-audit" --policy-dir "$made/sleep" -q -o "$made/killed.json" </dev/null &
audit=$!
sleep 0.5
kill -KILL $audit
wait $audit 2>/dev/null
audit dying --policy-dir "$made/sleep" --timeout 5
is "$(job dying storage/lsblk status)" ok "a job that only dies with its audit is waited for, not called stuck"

# Who is still there, from planted notes.
policy "$made/quick" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
sleep 60 &
there=$!
sh -c 'sleep 0 & exec sleep 60' &
parent=$!
sleep 0.3
zombie=$(cut -d ' ' -f 1 "/proc/$parent/task/$parent/children")
for planted in "there $there $(started $there) stuck stuck" \
	"zombie ${zombie:-0} $(started "${zombie:-1}") stuck ok" \
	"younger $there $(($(started $there) - 200)) stuck ok" \
	"older $there $(($(started $there) + 1)) stuck ok" \
	"other-boot $there $(started $there) stuck ok 5e2b41b0-0000-4000-8000-000000000000" \
	"gone 4194303 1 runs ok"; do
	# shellcheck disable=SC2086
	set -- $planted
	note storage/lsblk "$2" "$3" "$4" ${6:+"$6"} >/run/bee/stuck
	audit planted --policy-dir "$made/quick" --timeout 5
	is "$(job planted storage/lsblk status)" "$5" "a note of an earlier job, $1: the job is $5"
	[ "$5" = stuck ] || is "$(notes)" "" "a note of an earlier job, $1: it is struck out"
done
head -c 2000 /dev/urandom >/run/bee/stuck
audit noise --policy-dir "$made/quick" --timeout 5
is "$status $(job noise storage/lsblk status)" "0 ok" "a ledger of noise is no hindrance"

# Slots are used again: one record each.
mkdir "$made/many"
for n in $(seq 1 40); do : >"$made/many/m$n"; done
policy "$made/slots" storage storage.drives <<-END
	[lsblk] each $made/many/*
	run $tools/misbehave good {instance}
END
: >/run/bee/stuck
audit slots --policy-dir "$made/slots" --jobs 1
[ "$(stat -c %s /run/bee/stuck)" -le $((3 * 512)) ]
ok $? "the uids of jobs that have ended are used again"
is "$(stat -c '%a %U' /run/bee/stuck)" "600 root" "nobody else reads the ledger"

# A full /run/bee loses the notes, not the audit.
mount -t tmpfs -o size=4k,mode=0700 tmpfs /run/bee
head -c 4096 /dev/zero >/run/bee/full 2>/dev/null
audit full --policy-dir "$made/slots"
is "$status $(grep -c 'jobs are not noted' "$made/full.err")" "0 1" "no room for notes: the audit goes on and says so once"
kill $there $parent
tap_end
