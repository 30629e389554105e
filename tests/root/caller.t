#!/bin/sh
# Whatever the caller hands over, it gets its process back in time, with words.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -c /dev/fuse ] || skip_all "there is no /dev/fuse"
policy "$made/wait" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave wait
END
policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END

# ended NAME: waits for $audit, which is killed after 12 s; $status, $took.
ended() {
	(sleep 12; kill -KILL $audit) 2>/dev/null &
	dog=$!
	wait $audit
	status=$?
	took=$(($(now) - began))
	kill $dog 2>/dev/null
}

# soon NAME OPTION...: an audit that is killed after 12 s, redirected by who calls.
soon() {
	name=$1
	shift
	rm -f "$made/$name.json"
	began=$(now)
	"$B/bee" audit --timeout 2 -o "$made/$name.json" "$@" &
	audit=$!
	ended
}

# Whoever has a descriptor there hangs in its exit: nobody has it but what becomes the audit.
# with FD LOG DEAD OPTION...: DEAD is made at once, or not, if it is "".
with() {
	fd=$1 log=$2 dead=$3
	shift 3
	exec </dev/null >"$made/out" 2>"$made/err"
	# shellcheck disable=SC2094
	case $fd in
	stdin) exec <"$log" ;;
	stdout) exec >"$log" ;;
	stderr) exec 2>"$log" ;;
	all) exec <"$log" >"$log" 2>&1 ;;
	fifth) exec 5>"$log" ;;
	high) exec 5>"$log" ;;
	esac
	[ -z "$dead" ] || : 7>"$dead"
	if [ "$fd" = high ]; then # no shell can move it without closing it once
		exec perl -e 'use POSIX; dup2(5, 200); exec @ARGV' "$B/bee" audit "$@"
	fi
	exec "$B/bee" audit "$@"
}

# dies FD WHEN: descriptor FD of an audit is on a file system that dies, before its start or later.
dies() {
	mkdir "$made/$1-$2"
	hang_start "$made/$1-$2/fs" "$made/$1-$2/dead" || skip_all "no FUSE mount"
	began=$(now)
	case $2 in before) dead=$made/$1-$2/dead ;; *) dead= ;; esac
	(with "$1" "$made/$1-$2/fs/log" "$dead" --timeout 2 --policy-dir "$made/wait" \
		-o "$made/$1-$2.json") &
	audit=$!
	sleep 0.4
	: >"$made/$1-$2/dead"
	ended
	[ "$status" = 0 ] || [ "$status" = 3 ]
	ok $? "$1 dies $2 the start: the audit ends by itself"
	in_time 3000 "$1 dies $2 the start: it ends in time"
	is "$(doc "$1-$2" '[.collectors[].job] | join(" ")')" storage/lsblk "$1 dies $2 the start: the document is whole"
	hang_end "$hang_pid"
}
for fd in stdin stdout stderr all fifth high; do
	for when in before after; do
		dies $fd $when
	done
done
gone_soon 2
ok $? "when those file systems are gone, so is all of ours"

# The document itself to a stdout that died: exit 74, in time.
mkdir "$made/doc"
hang_start "$made/doc/fs" "$made/doc/dead"
began=$(now)
(with stdout "$made/doc/fs/log" "" --timeout 2 --policy-dir "$made/wait" -o -) &
audit=$!
sleep 0.4
: >"$made/doc/dead"
ended
is "$status $(grep -c 'cannot write stdout' "$made/err")" "74 1" "the document to a stdout that died: exit 74, in words"
in_time 3000 "the document to a stdout that died: in time"
hang_end "$hang_pid"

# A reader waits for the end of a pipe, and not for what hangs beside it.
mkdir "$made/beside"
hang_start "$made/beside/fs" "$made/beside/dead"
mkfifo "$made/beside/pipe"
cat "$made/beside/pipe" >"$made/piped" &
reader=$!
began=$(now)
(exec </dev/null >"$made/beside/pipe" 2>"$made/beside/fs/log"; : 7>"$made/beside/dead"
	exec "$B/bee" audit --timeout 2 --policy-dir "$made/good" -o -) &
audit=$reader
ended
is "$(jq -r '.storage.drives[].key' "$made/piped")" sda "stderr died, stdout is a pipe: the document is in it"
in_time 3000 "stderr died, stdout is a pipe: its reader sees the end"
hang_end "$hang_pid"

# Folders that do not answer: the process that is waited for gives up itself.
hang_start "$made/hung"
hung=$hang_pid
soon replay --policy-dir "$made/good" --replay "$made/hung/x" >/dev/null 2>"$made/err" </dev/null
[ "$status" -ge 64 ] && [ "$status" -lt 128 ]
ok $? "--replay from a hung folder: an exit of its own"
in_time 3200 "--replay from a hung folder: in time"
is "$(grep -c "gave up: .*--replay $made/hung/x" "$made/err")" 1 "--replay from a hung folder: in words"
soon policies --policy-dir "$made/hung/p" >/dev/null 2>"$made/err" </dev/null
is "$status" 65 "--policy-dir on a hung folder: exit 65"
in_time 3200 "--policy-dir on a hung folder: in time"
is "$(grep -c "gave up: .*policies in $made/hung/p" "$made/err")" 1 "--policy-dir on a hung folder: in words"
soon capture --policy-dir "$made/good" --capture "$made/hung/c" >/dev/null 2>"$made/err" </dev/null
is "$status" 73 "--capture into a hung folder: exit 73"
in_time 3000 "--capture into a hung folder: in time"
mkdir "$made/bin"
cp "$B"/bee* "$made/bin" 2>/dev/null
rm "$made/bin/bee-collect"
ln -s "$made/hung/bee-collect" "$made/bin/bee-collect"
began=$(now)
timeout -s KILL 12 "$made/bin/bee-audit" --timeout 2 -o "$made/x.json" --policy-dir "$made/good" >/dev/null 2>"$made/err" </dev/null
is $? 70 "a program of bee's on a hung mount: exit 70"
took=$(($(now) - began))
in_time 3200 "a program of bee's on a hung mount: in time"
is "$(grep -c 'gave up: .*programs' "$made/err")" 1 "a program of bee's on a hung mount: in words"
"$B/bee" audit --dry-run --policy-dir "$made/hung/p" >/dev/null 2>"$made/err" </dev/null &
dry=$!
sleep 0.3
began=$(now)
kill -TERM $dry
wait $dry
status=$?
took=$(($(now) - began))
[ "$status" -ge 64 ]
ok $? "a dry run that hangs: TERM ends it"
in_time 3000 "a dry run that hangs: soon"
hang_end "$hung"

# begin NAME POLICIES TIMEOUT: an audit in a session of its own whose tool runs: $first, $monitor.
begin() {
	rm -f "$made/$1.json"
	: >"$made/err"
	# A shell starts its background jobs with SIGINT ignored, and nohup(1) what it starts with SIGHUP.
	# shellcheck disable=SC2016
	setsid perl -e '$SIG{INT} = $SIG{HUP} = "DEFAULT"; exec @ARGV' "$B/bee" audit -v --timeout "$3" -o "$made/$1.json" --policy-dir "$2" \
		>/dev/null 2>"$made/err" </dev/null &
	first=$!
	for _ in $(seq 1 60); do grep -q started "$made/err" && break; sleep 0.05; done
	monitor=$(sed 's/ *$//; s/.* //' "/proc/$first/task/$first/children")
}

# Who is killed: the process that is waited for, or the monitor behind it.
policy "$made/long" storage storage.drives <<-END
	[lsblk]
	limits wall 8s
	run $tools/misbehave sleep
END
begin kill "$made/long" 9
is "$(tr '\0' ' ' <"/proc/$monitor/cmdline" | grep -c audit)" 1 "the monitor is a child of the process that is waited for"
is "$(find "/proc/$monitor/fd" -maxdepth 1 -lname "$made/*" | wc -l)" 0 "the monitor has no descriptor of the caller's"
kill -KILL "$monitor"
wait $first
is "$? $(grep -c 'ended by signal 9' "$made/err")" "70 1" "KILL of the monitor: exit 70, in words"
gone_soon 1
ok $? "KILL of the monitor: no process is left"
for signal in INT TERM HUP; do
	begin $signal "$made/long" 9
	kill -STOP "$monitor"
	kill -$signal "$monitor"
	sleep 0.6
	began=$(now)
	wait $first
	is "$? $(doc $signal .audit.interrupted)" "3 SIG$signal" "SIG$signal to a monitor that somebody stopped: the audit ends"
done

# Stopped for longer than T, and continued.
# stopped NAME WHAT: WHAT is the process, or its group.
stopped() {
	begin "$1" "$made/wait" 3
	case $1 in group) whom=-$first ;; *) whom=$first ;; esac
	env kill -STOP -- "$whom"
	sleep 4.5
	env kill -CONT -- "$whom"
	began=$(now)
	wait $first
	is $? 3 "$2: exit 3"
	took=$(($(now) - began))
	in_time 2600 "$2: it ends soon after"
	is "$(doc "$1" '.audit.stopped_ms > 3000 and .audit.complete == false')" true "$2: the document says so"
	is "$(job "$1" storage/lsblk status)" ok "$2: a job that went on without it is read"
}
stopped group "a stop of the group, longer than T"
stopped first "a stop of the process alone, longer than T"
begin monitor "$made/wait" 9
kill -STOP "$monitor"
wait $first
is "$?" 0 "a stop of the monitor alone: it is continued"
gone_soon 2
ok $? "nothing is left of all that"
tap_end
