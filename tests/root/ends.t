#!/bin/sh
# However an audit ends, and whoever is killed in its middle: a whole document or the old one.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/mixed" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
policy "$made/mixed" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave ignore-term
	# Whom KILL ends has a second for it: on a busy machine he waits for a processor first.
	limits wall 4s  kill 2s
END
policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END

# start NAME OPTION...: an audit in the background that hangs at pcie/lspci until its wall.
start() {
	name=$1
	shift
	rm -f "$made/$name.json"
	# A shell starts its background jobs with SIGINT ignored, nohup with SIGHUP, and ignored
	# they would stay.
	# shellcheck disable=SC2016
	setsid perl -e '@SIG{INT, HUP} = ("DEFAULT") x 2; exec @ARGV' "$B/bee" audit -o "$made/$name.json" \
		--policy-dir "$made/mixed" --timeout 8 "$@" \
		>"$made/$name.out" 2>"$made/$name.err" </dev/null &
	audit=$!
	for _ in $(seq 1 60); do
		grep -qs 'storage/lsblk: ok' "$made/$name.err" && ours /misbehave >/dev/null && return
		sleep 0.05
	done
}

# stop NAME: waits for it.
stop() {
	wait "$audit"
	status=$?
	took=$(($(now) - began))
}

# stub: the first process of a job's namespace, as it is numbered here.
stub() {
	for dir in /proc/[0-9]*; do
		awk '/^NSpid:/ { exit !(NF > 2 && $NF == 1) }' "$dir/status" 2>/dev/null &&
			echo "${dir#/proc/}"
	done
}

for signal in INT TERM HUP; do
	start $signal
	began=$(now)
	kill -$signal "$audit"
	stop
	is "$status" 3 "SIG$signal: the audit says that it is incomplete"
	in_time 2500 "SIG$signal: it ends soon"
	is "$(doc $signal '(.audit.interrupted | tostring | test("'$signal'")) and .audit.complete == false')" \
		true "SIG$signal: the document says so"
	is "$(doc $signal '.storage.drives[].key')" sda "SIG$signal: what was there is kept"
	is "$(job $signal pcie/lspci 'reason | test("interrupted")')" true \
		"SIG$signal: the job that ran says so as well"
	valid $signal
	gone_soon 1
	ok $? "SIG$signal: no process is left"
done

# The monitor cannot be asked when it is killed.
echo old >"$made/old.json"
start killed -o "$made/old.json"
kill -KILL "$audit"
gone_soon 1
ok $? "SIGKILL of the monitor: no process is left after a second"
is "$(cat "$made/old.json")" old "SIGKILL of the monitor: the old file is whole"
for _ in 1 2 3 4 5 6; do
	"$B/bee" audit -o "$made/old.json" --policy-dir "$made/good" -q </dev/null &
	audit=$!
	sleep "0.0$((_ * 2))"
	kill -KILL $audit
	wait $audit
done 2>/dev/null
case $(head -c 3 "$made/old.json") in old) ok 0 "SIGKILL at any time leaves a whole file" ;;
*) jq -e .audit "$made/old.json" >/dev/null; ok $? "SIGKILL at any time leaves a whole file" ;; esac
[ "$(find "$made" -maxdepth 1 -name '.old*' | wc -l)" -le 1 ]
ok $? "SIGKILL at any time leaves one temporary file at most"
audit old --policy-dir "$made/good"
is "$(find "$made" -maxdepth 1 -name '.*' -type f)" "" "the next audit leaves none"
gone_soon 1

# Others that are killed, or stopped.
start gatherer
kill -KILL "$(ours /bee-gather | cut -d ' ' -f 1)"
began=$(now)
stop
is "$status" 3 "SIGKILL of the gatherer: the audit says that it is incomplete"
in_time 9000 "SIGKILL of the gatherer: it ends in time"
is "$(doc gatherer '[.collectors[] | .job + " " + .status] | sort | join(", ")')" \
	"pcie/lspci timeout, storage/lsblk partial" "SIGKILL of the gatherer: the statuses are there"
valid gatherer
start gatherer-stop
kill -STOP "$(ours /bee-gather | cut -d ' ' -f 1)"
began=$(now)
stop
is "$status" 3 "SIGSTOP of the gatherer: the audit says that it is incomplete"
in_time 9000 "SIGSTOP of the gatherer: it ends in time"
is "$(doc gatherer-stop '.collectors | length')" 2 "SIGSTOP of the gatherer: the statuses are there"
start stub-stop
kill -STOP "$(stub)"
began=$(now)
stop
is "$(job stub-stop pcie/lspci status)" timeout "SIGSTOP of a stub: its job is a timeout"
is "$(job stub-stop storage/lsblk status)" ok "SIGSTOP of a stub: the other is not touched"
in_time 6000 "SIGSTOP of a stub: the audit ends in time"
start stub-kill
kill -KILL "$(stub)"
began=$(now)
stop
is "$(job stub-kill pcie/lspci status)" crashed "SIGKILL of a stub: its job crashed"
in_time 3000 "SIGKILL of a stub: the audit does not wait for it"
start collector
kill -KILL "$(ours /bee-collect | head -n 1 | cut -d ' ' -f 1)"
began=$(now)
stop
is "$(job collector storage/lsblk status)" ok "SIGKILL of a collector: the other job is not touched"
in_time 6000 "SIGKILL of a collector: the audit ends in time"
gone_soon 1
ok $? "after all that no process is left"

# One audit at a time.
start first
monitor=$(sed 's/ *$//; s/.* //' "/proc/$audit/task/$audit/children")
began=$(now)
"$B/bee" audit -o "$made/second.json" --policy-dir "$made/good" --timeout 2 -q \
	2>"$made/second.err" </dev/null
is $? 75 "a second audit gives up within its own time: exit 75"
took=$(($(now) - began))
in_time 3000 "a second audit gives up in time"
is "$(grep -c "another audit runs: pid $monitor" "$made/second.err")" 1 "a second audit names the first"
"$B/bee" audit -o "$made/third.json" --policy-dir "$made/good" --timeout 9 2>"$made/third.err" >/dev/null </dev/null
is $? 0 "an audit with enough time waits for the first and then runs"
is "$(grep -c "another audit runs, pid $monitor: waiting" "$made/third.err")" 1 "it says that it waits"
stop
is "$status" 3 "the first audit was not touched by it"
start first
echo old >"$made/late.json"
for timeout in 1 2; do
	began=$(now)
	"$B/bee" audit -o "$made/late.json" --policy-dir "$made/good" --timeout $timeout -q 2>/dev/null </dev/null
	is $? 75 "T $timeout: the lock is not waited for longer than jobs can be started"
	took=$(($(now) - began))
	in_time $((timeout * 1000 - 200)) "T $timeout: that is before T"
done
is "$(cat "$made/late.json")" old "no document without jobs replaces the old one"
kill -TERM "$audit"
stop

# Standard streams that are closed.
"$B/bee" audit -o "$made/closed.json" --policy-dir "$made/good" <&- >&- 2>&-
is $? 74 "closed stdin, stdout and stderr: the audit completes, and its summary is lost"
is "$(doc closed '.storage.drives[].key')" sda "closed streams: the document is whole"
"$B/bee" audit -o - --policy-dir "$made/good" >&- 2>/dev/null </dev/null
is $? 74 "the document to a closed stdout: exit 74"
tap_end
