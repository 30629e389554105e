#!/bin/sh
# Processes of the machine's own that hang in the kernel are told, and the audit's own are not among them.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -c /dev/fuse ] || skip_all "there is no /dev/fuse"
hang_start "$made/hung" || skip_all "no FUSE mount: $(cat "$made/fusehang.err")"

# state PID
state() { sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null; }

# Its name ends in what looks like the end of a name, and has a terminal's escape.
odd=$(printf 'a) R 1 \033[2')
cp /usr/bin/stat "$made/$odd" || skip_all "no program to hang"
"$made/$odd" "$made/hung/y" >/dev/null 2>&1 &
victim=$!
# FUSE waits in state D only for what was killed meanwhile.
sleep 0.2
kill -9 "$victim"
for _ in $(seq 100); do
	[ "$(state "$victim")" = D ] && break
	sleep 0.05
done

# Until its wall: longer than the second that the two looks are apart.
policy "$made/long" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave sleep
	limits wall 1500ms
END
audit long --policy-dir "$made/long" --timeout 10
is "$(doc long ".audit.blocked_processes | map(select(.pid == $victim)) | length")" 1 \
	"a process that hangs is told, once"
is "$(doc long ".audit.blocked_processes[] | select(.pid == $victim) | .state + \" \" + .wchan")" \
	"D request_wait_answer" "its state and where it hangs are told"
is "$(doc long ".audit.blocked_processes[] | select(.pid == $victim) | .comm")" \
	'a) R 1 \x1b[2' "its name is escaped, whatever it holds"
is "$(doc long '[.audit.blocked_processes[] | select(.comm == "misbehave" or .comm == "sh")] | length')" 0 \
	"who merely sleeps is not told"
is "$(doc long '[.findings[] | select(.id == "processes-blocked")] | length')" \
	"$(doc long 'if .system then 1 else 0 end')" "it is a note, where there is a system to note it of"
valid long

# A look of less than a second proves nothing.
policy "$made/short" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
audit short --policy-dir "$made/short"
if [ "$took" -lt 1000 ]; then
	is "$(doc short '.audit | has("blocked_processes")')" false "a short audit has not looked twice"
else
	skip "a short audit has not looked twice" "it took $took ms here"
fi

# What an audit leaves behind is a job's; a later one does not take it for the machine's.
policy "$made/stuck" storage storage.drives <<-END
	[smart]
	run $tools/stuck $made/hung/x sda
	see $made/hung
	limits wall 1500ms
END
audit stuck --policy-dir "$made/stuck" --timeout 8
is "$(job stuck storage/smart status)" stuck "a job that hangs is stuck"
is "$(doc stuck '[.audit.blocked_processes[].pid] | tostring')" "[$victim]" \
	"a job's own process is not among the others"
audit after --policy-dir "$made/long" --timeout 10
is "$(doc after '[.audit.blocked_processes[].pid] | tostring')" "[$victim]" \
	"nor is what an earlier audit left behind"

hang_end "$hang_pid"
wait "$victim" 2>/dev/null
audit gone --policy-dir "$made/long" --timeout 10
is "$(doc gone ".audit.blocked_processes | map(select(.pid == $victim)) | length")" 0 \
	"one that has gone is not told"
tap_end
