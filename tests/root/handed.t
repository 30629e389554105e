#!/bin/sh
# What whoever starts an audit hands on through exec(2) changes neither its time nor what it says.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/p" storage storage.drives <<-END
	[lsblk]
	limits wall 500ms
	run $tools/misbehave sleep
	[smart]
	run $tools/misbehave good
END

# handed NAME COMMAND...: an audit of 2 s started by that; $status, $took.
handed() {
	name=$1
	shift
	began=$(now)
	timeout -s KILL 30 "$@" "$B/bee" audit -q --timeout 2 -o "$made/$name.json" --policy-dir "$made/p" \
		>/dev/null 2>"$made/$name.err" </dev/null
	status=$?
	took=$(($(now) - began))
}

# poll(2) may come back so much later than it was asked to.
handed slack "$tools/handed" slack
is "$status $(job slack storage/lsblk status)" "3 timeout" "a timer slack of 20 s: what hangs is ended at its wall"
in_time 3300 "a timer slack of 20 s: the audit ends in time"
began=$(now)
"$tools/handed" slack "$B/bee" run -q --timeout 1 --policy-dir "$made/p" storage/lsblk >/dev/null 2>&1 </dev/null
took=$(($(now) - began))
in_time 5000 "a timer slack of 20 s: so does bee run"

handed linux32 "$tools/handed" linux32
is "$(doc linux32 '.audit | "\(.kernel) \(.machine)"')" "$(uname -r) $(uname -m)" \
	"a personality that hides the kernel: the document names the one that there is"

# Nobody has left a right there: no tool may run, and it is said once.
handed root "$tools/handed" root
is "$status $(grep -c 'it needs uids of its own (setresuid)' "$made/root.err")" "64 1" \
	"a sandbox that plays root: the audit says what it needs"
ok "$([ ! -e "$made/root.json" ]; echo $?)" "and starts nothing"

# A time zone is a file, and the monitor asks for the date when it has no gatherer.
mkdir "$made/zone"
policy "$made/long" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave sleep
END
if hang_start "$made/zone"; then
	TZ=":$made/zone/UTC" "$B/bee" audit --timeout 2 -o "$made/zone.json" --policy-dir "$made/long" >/dev/null 2>"$made/zone.err" </dev/null &
	first=$!
	began=$(now)
	for _ in $(seq 1 100); do
		gatherer=$(ours bee-gather | cut -d ' ' -f 1)
		[ -z "$gatherer" ] || break
		sleep 0.01
	done
	kill -KILL "$gatherer"
	wait $first
	status=$?
	took=$(($(now) - began))
	is "$status $(doc zone '[.collectors[].job] | join(" ")')" "3 storage/lsblk" \
		"a time zone on a file system that hangs, and no gatherer: the statuses are there"
	in_time 3300 "in time"
	hang_end "$hang_pid"
else
	skip "a time zone on a file system that hangs" "there is no FUSE"
fi
tap_end
