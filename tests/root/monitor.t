#!/bin/sh
# What the monitor does by itself, each asked for alone: jobs at a time, short times, captures, a gatherer that dies.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END

# A gatherer that dies after each message: the statuses are there all the same. With it goes the reader
# of the collector's pipe, so that the collector may crash, or say that it could not tell all.
mkdir "$made/bin"
cp "$B"/bee* "$made/bin" 2>/dev/null
for after in 000 001 002 003 004 005 006; do
	sed "s/DIE-AFTER-000/DIE-AFTER-$after/" "$tools/gatherdie" >"$made/bin/bee-gather"
	chmod 755 "$made/bin/bee-gather"
	"$made/bin/bee-audit" -q -o "$made/die.json" --policy-dir "$made/good" --timeout 9 2>"$made/die.err" </dev/null
	is "$? $(doc die '[.collectors[] | .job + " " + (.status | sub("crashed|partial"; "ok"))] | join(", ")')" "3 storage/lsblk ok" \
		"a gatherer that dies after $after messages: the statuses are there"
	is "$(doc die '.audit.complete, (.errors[].reason | test("gatherer failed")), .schema_version' | xargs)" \
		"false true 1.0" "and the document says what is missing ($after)"
	valid die
done

# Jobs at a time.
mkdir "$made/disks"
for i in 1 2 3 4 5; do : >"$made/disks/sd$i"; done
(limits="wall 2s  term 100ms  kill 1s  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64"
policy "$made/sleep" storage storage.drives) <<-END
	[lsblk] each $made/disks/*
	run $tools/misbehave sleep {instance}
END
# most JOBS: how many tools ran at once, and how each ended; whatever is no timeout, with its reason.
most() {
	"$B/bee" audit -q -o "$made/jobs.json" --policy-dir "$made/sleep" --jobs "$1" --timeout 15 </dev/null &
	audit=$! seen=0
	while kill -0 $audit 2>/dev/null; do
		now=$(ours /misbehave | wc -l)
		[ "$now" -le "$seen" ] || seen=$now
		sleep 0.02
	done
	wait $audit
	echo "$seen $(doc jobs '[.collectors[] | if .status == "timeout" then .status else tostring end] | join(" ")')"
}
is "$(most 1)" "1 timeout timeout timeout timeout timeout" "--jobs 1: one tool at a time, and all have their turn"
is "$(most 3)" "3 timeout timeout timeout timeout timeout" "--jobs 3: three at a time"

# Where T is short, TERM and KILL still come before it.
policy "$made/short" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave ignore-term
END
policy "$made/short" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave half
END
audit short --policy-dir "$made/short" --timeout 1
is "$status" 3 "--timeout 1: the audit says what did not end"
in_time 2000 "--timeout 1: it ends in time"
is "$(timed_out short storage/lsblk) $(timed_out short pcie/lspci)" "timeout timeout" "--timeout 1: both are a timeout"
is "$(doc short '.pcie.devices | length') $(doc short '.storage.drives | length')" "50 1" \
	"--timeout 1: what they said before is kept"
valid short

# Messages that nobody reads are lost, and nothing else.
mkfifo "$made/pipe"
exec 7<>"$made/pipe"
timeout 1 dd if=/dev/zero of="$made/pipe" bs=4096 2>/dev/null
began=$(now)
"$B/bee" audit -v -o "$made/full.json" --policy-dir "$made/good" --timeout 9 >/dev/null 2>&7 </dev/null
is "$? $(doc full .audit.complete)" "0 true" "messages to a full pipe: the audit completes"
took=$(($(now) - began))
in_time 4000 "messages to a full pipe: nobody waits for them"
exec 7>&-

# A capture says of each job what a replay of it finds.
while read -r collector types step mode; do
	policy "$made/ends" "$collector" "$types" <<-END
		[$step]
		$mode
		exit 0 ok  1 partial
	END
done <<-END
	storage storage.drives lsblk run $tools/misbehave exit1
	pcie pcie.devices lspci run $tools/misbehave half
	memory memory.modules dmi run $tools/misbehave crash
	board system dmi run bee-no-such-tool
	usb usb.devices sysfs run $tools/misbehave good
END
sed -i 's,^exit .*,see /no/such/path,' "$made/ends/usb.policy"
audit live --policy-dir "$made/ends" --timeout 5 --capture "$made/capture"
audit again --policy-dir "$made/ends" --timeout 5 --replay "$made/capture"
for name in live again; do
	doc $name '[.collectors[] | .job + " " + .status] | sort | join(", ")' >"$made/$name.ends"
	doc $name '[.storage, .pcie.devices]' >"$made/$name.records"
done
is "$(cat "$made/live.ends")" \
	"board/dmi unavailable, memory/dmi crashed, pcie/lspci timeout, storage/lsblk partial, usb/sysfs absent" \
	"a job of each end is captured"
is "$(job live usb/sysfs reason), $(job again usb/sysfs reason)" \
	"there is no /no/such/path, there was none when this was captured" "what is absent is named, in a replay as far as it is known"
is "$(cat "$made/again.ends")" "$(sed 's,pcie/lspci timeout,pcie/lspci crashed,' "$made/live.ends")" \
	"a replay says the same of each; of a tool that we ended, how it ended"
is "$(cat "$made/again.records")" "$(cat "$made/live.records")" "and has the same records"
is "$(for file in "$made"/capture/*/*/*; do stat -c '%a %F' "$file"; done | sort | uniq -c | awk '{ print $2, $3, $4, $5 }' | xargs)" \
	"640 regular empty file 640 regular file" "the files are not for everybody"
is "$(cat "$made/capture/storage/lsblk/argv")" "$(printf '%s\nexit1' "$tools/misbehave")" "argv has a word a line"
is "$(cat "$made"/capture/*/*/status | xargs)" "unavailable signal 11 signal 15 1 absent" "status has the tool's end"
gone_soon 1
ok $? "nothing is left of all that"
tap_end
