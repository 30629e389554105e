#!/bin/sh
# bee run: a program of one's own in the jail of a policy.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/p" pcie pcie.devices <<EOF
[one]
run $tools/misbehave exit1
see $made/seen
[two]
run $tools/misbehave sleep
see? $made/nothing
[loud]
limits stderr 1M
run $tools/misbehave exit1
[missing]
run $tools/misbehave exit1
see $made/nothing
[each] each $made/seen/*
run $tools/misbehave exit1
see $made/seen/{instance}
EOF
mkdir "$made/seen"
echo visible >"$made/seen/file"

# run WORD...: $status, $out, $err
run() {
	"$B/bee" run --policy-dir "$made/p" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
	out=$(cat "$made/out")
	err=$(cat "$made/err")
}

run pcie/one
is "$status" 1 "without a command the step's own is run, and its exit code is ours"
run pcie/one -- cat "$made/seen/file"
is "$status $out" "0 visible" "a command of one's own sees what the policy lists"
run pcie/one -- sh -c 'echo on stderr >&2; echo more; exit 42'
is "$status $out" "42 more" "stdout and exit code are the command's"
ok "$(grep -qx 'on stderr' "$made/err"; echo $?)" "so is stderr"
# shellcheck disable=SC2016
run pcie/one -- sh -c 'i=0; while [ $i -lt 20000 ]; do echo 012345678; i=$((i + 1)); done'
is "$status $(wc -c <"$made/out")" "0 200000" "more than a pipe holds comes whole"
# Read when the tool has gone: by then it is all in pipes, which are one too many for who only empties his own.
cp "$(command -v sh)" "$made/teller" && mkfifo "$made/late"
exec 3<>"$made/late"
# shellcheck disable=SC2016
"$B/bee" run --policy-dir "$made/p" pcie/loud -- "$made/teller" -c \
	'echo begun; i=0; while [ $i -lt 37 ]; do echo "$1" >&2; i=$((i + 1)); done' - "$(printf '%04095d' 0)" \
	>"$made/begun" 2>"$made/late" </dev/null &
while ! [ -s "$made/begun" ] && readlink "/proc/$!/exe" >/dev/null; do sleep 0.02; done
# shellcheck disable=SC2010
while ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q -F "$made/teller"; do sleep 0.02; done
cat "$made/late" 3>&- >"$made/err" &
exec 3>&-
wait
is "$(wc -c <"$made/err")" $((37 * 4096)) "what it says on stderr comes whole, also to who reads late"
run pcie/one -- cat /etc/shadow
is "$status" 1 "what the policy does not list is not there"
ok "$(echo "$err" | grep -q 'No such file'; echo $?)" "and the command is told so"
run pcie/one -- sh -c 'kill -TERM 1'
ok "$(echo "$err" | grep -q 'refused: kill x 1'; echo $?)" "refused calls are listed"
run -q pcie/one -- sh -c 'kill -TERM 1'
ok "$(echo "$err" | grep -c refused)" "unless it is to be quiet"
run -q pcie/one -- cat "$made/seen/file"
is "$status $out $err" "0 visible " "and where all went well nothing is said"
run pcie/each file -- cat "$made/seen/file"
is "$status $out" "0 visible" "an instance stands for {instance}"
run pcie/one -- "$tools/misbehave" crash
is "$status" $((128 + 11)) "a command that a signal ended: 128 and the signal"

run pcie/missing
is "$status" 126 "a path of the policy that is missing: 126"
run pcie/one -- no-such-program
is "$status" 127 "a program that is not installed: 127"
run --timeout 1 pcie/two
is "$status" 254 "a command whose time is over: 254"
run pcie/each
is "$status" 125 "a step for each device without one: 125"
run pcie
is "$status" 125 "several steps and none named: 125"
ok "$(echo "$err" | grep -q 'pcie/STEP'; echo $?)" "and it says what to write"
run nosuch/step
is "$status" 125 "a policy that is not there: 125"
run --timeout 0 pcie/one
is "$status" 125 "a time that is none: 125"
run pcie/one '../x'
is "$status" 125 "an instance for a step that has none: 125"
run pcie/each '../x'
is "$status" 125 "an instance that cannot be one: 125"
for_everybody "$made/all"
setpriv --reuid 65534 --clear-groups "$made/all/build/bee" run --policy-dir "$made/p" pcie/one \
	>"$made/out" 2>"$made/err"
is "$?" 125 "without root: 125"
ok "$(grep -q root "$made/err"; echo $?)" "in words"

run -q --report "$made/r.json" pcie/one -- sh -c 'kill -TERM 1; echo four; exit 5'
is "$(jq -c '[.exit_status, .exit_code, .signal, .stdout_bytes, .denied, .step]' "$made/r.json")" \
	'[5,5,null,5,[{"call":"kill","count":1}],"one"]' "--report says how it went"
run -q --report "$made/r.json" pcie/missing
is "$(jq -c '[.exit_status, .exit_code, .path]' "$made/r.json")" '[126,null,null]' \
	"also where nothing ran"
run --report "$made/no/r.json" pcie/one
is "$status" 125 "a report that cannot be written: 125"
mkdir "$made/tiny"
mount -t tmpfs -o size=16k tmpfs "$made/tiny"
dd if=/dev/zero of="$made/tiny/fill" bs=1k 2>/dev/null
run --report "$made/tiny/r.json" pcie/one
is "$status $(grep -c 'r.json: No space left on device' "$made/err") $(ls -A "$made/tiny")" "125 1 fill" \
	"nor is there a part of one where a disk is full"
# The jail ends a command whose output nobody takes: it may have come to its own end by then.
timeout 60 "$B/bee" run -q --policy-dir "$made/p" --report "$made/r.json" pcie/one -- echo >/dev/full 2>"$made/err"
is "$? $(cat "$made/err") $(jq '.exit_status' "$made/r.json")" \
	"125 bee-run: not all of the output could be written: No space left on device 125" "output that is lost is no success"
timeout 60 "$B/bee" run -q --policy-dir "$made/p" pcie/one -- sh -c 'while echo; do :; done' >/dev/full 2>"$made/err"
is "$? $(cat "$made/err")" "125 bee-run: not all of the output could be written: No space left on device" \
	"and a command that was ended for it has no status of its own"

began=$(now)
"$B/bee" run --policy-dir "$made/p" pcie/two >"$made/out" 2>"$made/err" &
sleep 0.5
kill -TERM $!
wait $!
is "$?" 254 "TERM ends the command, and then us"
took=$(($(now) - began))
in_time 2500 "in time"
# Before there is a jail: the child that makes its empty mount namespace hangs in the kernel, as where another
# mount does not answer.
if command -v strace >/dev/null; then
	strace -f -qq -e trace=pivot_root -e inject=pivot_root:delay_enter=20s -o "$made/strace" \
		"$B/bee" run --policy-dir "$made/p" --timeout 19 --report "$made/r.json" pcie/one >"$made/out" 2>"$made/err" &
	strace=$!
	for _ in $(seq 1 100); do
		[ "$(ours /bee-run | wc -l)" -lt 3 ] || break
		sleep 0.05
	done
	rm -f "$made/r.json"
	began=$(now)
	kill -TERM "$(cut -d ' ' -f 1 "/proc/$strace/task/$strace/children")"
	for _ in $(seq 1 400); do
		[ ! -e "$made/r.json" ] || break
		sleep 0.05
	done
	took=$(($(now) - began))
	# Who hangs is strace's, which would wait for it.
	kill -KILL $strace
	is "$(sed -n 's/^bee-run: \(.*\) [0-9.]* s$/\1/p' "$made/err") $(jq -c '[.exit_status, .path]' "$made/r.json")" \
		"ended after [254,null]" "a signal is heard while the jail's mount namespace hangs"
	in_time 3000 "at once"
else
	skip "a signal while the jail is made" "there is no strace"
fi

began=$(now)
run --timeout 60 --report "$made/r.json" pcie/one -- sh -c 'trap "" TERM; while :; do echo 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde; done'
took=$(($(now) - began))
is "$status $(wc -c <"$made/out")" "254 $((4 << 20))" "a command that says more than its policy allows is ended, and its output cut"
ok "$(echo "$err" | grep -q 'more than .*4194304 bytes'; echo $?)" "in words"
echo "$err" | sed 's/^/# /'
in_time 20000 "also where it ignores TERM"
is "$(jq -c '[.truncated, .signal]' "$made/r.json")" '[true,9]' "and the report says so"
ok "$(jq -e --argjson took "$took" '.duration_ms > 0 and .duration_ms <= $took' "$made/r.json" >/dev/null; echo $?)" "with how long it ran"
is "$(jq -r 'keys | join(" ")' "$made/r.json")" \
	"argv denied denied_total duration_ms exit_code exit_status instance path policy policy_sha256 signal stage stderr_bytes stdout_bytes step truncated" \
	"and all else that it has"

if [ -c /dev/fuse ] && hang_start "$made/hung"; then
	policy "$made/q" storage storage.drives <<-EOF
		[hang]
		run $tools/stuck $made/hung/x sda
		see $made/hung
	EOF
	began=$(now)
	"$B/bee" run --policy-dir "$made/q" --timeout 1 storage/hang >"$made/out" 2>"$made/err"
	is "$?" 255 "a command that not even KILL ends: 255"
	took=$(($(now) - began))
	in_time 4000 "and nobody waits for it"
	ok "$(grep -q 'left behind' "$made/err"; echo $?)" "in words"
	hang_end "$hang_pid"
else
	skip "a hung command" "no FUSE mount"
fi
tap_end
