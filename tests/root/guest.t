#!/bin/sh
# bee guest: a tree as if booted, from start to stop, and nothing left over.
# shellcheck disable=SC2016 source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

machine >"$made/before"

# run
out=$(guest run one --root "$trees/small" --volatile -- sh -c 'echo $$; id -u; hostname; exit 3')
is "$? $out" "3 2
0
one" "a command runs as root under the first process, and its exit code is ours"
out=$(echo piped | guest run one --root "$trees/small" --volatile -- cat)
is "$out" piped "stdin and stdout are the caller's"
guest run one --root "$trees/small" --volatile -- sh -c 'kill -9 $$'
is $? 137 "a command that a signal ended: 128 and the signal"
guest run one --root "$trees/small" --volatile -- /no/such 2>"$made/err"
is $? 127 "a command that is not there: 127"
guest run one --root "$trees/none" --volatile -- true 2>"$made/err"
is $? 73 "a tree that is not there: 73"
ok "$(grep -q "root $trees/none: No such file" "$made/err"; echo $?)" "and it is named"
is "$(state one error)" "root $trees/none: No such file or directory" "the record keeps why"

# start, exec, stop
guest start two --root "$trees/small" --volatile 2>"$made/err"
is "$? $(state two)" "0 running" "a tree without an init is started with ours"
for stage in cgroup tree network 'first process'; do
	ok "$(grep -qx "two: $stage" "$made/err"; echo $?)" "the stage \"$stage\" is shown"
done
is "$(guest exec two cat /proc/1/comm)" init "exec enters it"
is "$(script -qec "$B/bee-guest exec two sh -c 'test -t 0 && echo on a terminal; exit 4'" /dev/null </dev/null; echo $?)" \
	"$(printf 'on a terminal\r\n4')" "from a terminal it has one, and the command's exit status"
is "$(guest exec two sh -c 'cat >/tmp/x; cat /tmp/x' <<-END
	through
END
)" through "with the caller's stdin"
guest exec two sh -c 'exit 5'
is $? 5 "and gives the exit code"
is "$(guest exec two sh -c 'cat /proc/self/uid_map' | awk '{ print $1, $2, $3 }')" \
	"0 $(state two first_id) 65536" "root inside is somebody else outside, as the record says"
is "$(state two enforced.root_is_outside)" "$(state two first_id)" "and as the kernel says"
is "$(state two enforced.filter)" true "it is under a filter"
is "$(guest exec two grep -h 'core file' /proc/1/limits /proc/self/limits | awk '{ print $5, $6 }' | tr '\n' ' ')" "1 1 1 1 " \
	"no core of it reaches the machine's handler, nor of who enters"
guest start two --root "$trees/small" --volatile 2>"$made/err"
is $? 75 "started twice it is refused"
guest rm two 2>"$made/err"
is $? 75 "removed while it runs, too"
for words in "stop two three" "rm two three" "console two three" "gc two" "list two three"; do
	# shellcheck disable=SC2086
	guest $words >"$made/out" 2>&1
	is "$? $(state two)" "64 running" "no word is left aside: $words"
done
# Through a pipe or into a file: the terminal is still the caller's.
if command -v python3 >/dev/null; then
	cat >"$made/terminal.py" <<-'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    out = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT, 0o600)
		    os.dup2(out, 1), os.dup2(out, 2)
		    os.execv(sys.argv[1], ["bee-guest", "exec", "two", "sh", "-c", "(: </dev/tty) 2>/dev/null && echo taken || echo none"])
		print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	is "$(python3 "$made/terminal.py" "$B/bee-guest" "$made/taken") $(tail -n 1 "$made/taken")" "0 none" \
		"who enters has not the caller's terminal"
else
	skip "who enters has not the caller's terminal" "python3 is not installed"
fi
# What does not make sense is said before anything is written down.
: >"$made/image"
for words in "ns --root / --image $made/image" "ns --root / --kernel k" "ns --root / --cpus 2" "ns --root / --accel tcg" \
	"ns --root / --work-size 1M" "ns --root / --authorized-keys k" "vm --image $made/image --host-users" \
	"vm --image $made/image --root /" "vm --image $made/image --lower /" "vm --image $made/image --tun" \
	"vm --image $made/image --init sh" "vm --image $made/image --initrd k" "vm --kernel k --work-size 1M" "vm --volatile" \
	"vm --image $made/image --accel xen" "ns" "ns --root / --init true -- true" "ns --root / --name other"; do
	# shellcheck disable=SC2086
	guest start made --backend $words >"$made/out" 2>&1
	is "$? $(find /var/lib/bee/guest -mindepth 1 -maxdepth 1 -type d -printf "%f\n" | sort | tr '\n' ' ')" "64 one probe two " "no option is left aside: $words"
done
guest run "$made/image" --name by-name --accel xen >"$made/out" 2>&1
is "$? $(grep -c 'by-name: ' "$made/out")" "64 1" "--name may stand behind the image"
guest run "$made/image" --accel xen >"$made/out" 2>&1
is "$? $(grep -c ' vm-[0-9a-f]\{8\}: ' "$made/out")" "64 1" "without it one is made"
# A start that fails when its lock is there already.
mkdir /var/lib/bee/guest/early
: >/var/lib/bee/guest/early/lock
is "$(guest list early 2>&1 | grep -c 'no guest')" 1 "what has only a lock is no guest"
guest gc
is "$? $(ls -d /var/lib/bee/guest/early 2>/dev/null)" "0 " "gc takes a folder that has only a lock"
mkdir /var/lib/bee/guest/early
: >/var/lib/bee/guest/early/lock
guest rm early
is "$? $(ls -d /var/lib/bee/guest/early 2>/dev/null)" "0 " "and so does rm"
mkdir /var/lib/bee/guest/early
echo '{' >/var/lib/bee/guest/early/record
guest gc
guest gc
is "$(ls /var/lib/bee/guest/early)" "lock
record.bad" "what could not be read is kept for who wants to know why"
guest rm early
# Forgotten at its end, whoever sees to that.
guest run once --rm --root "$trees/small" --volatile -- sh -c 'exit 4'
is "$? $(ls -d /var/lib/bee/guest/once 2>/dev/null)" "4 " "run --rm leaves nothing"
# interrupted SIGNAL HOW: of a run without a terminal; its exit status, what is left, and of what it has printed.
interrupted() {
	rm -f "$made/runs"
	env "$2" "$B/bee" guest run once --rm --root "$trees/small" --volatile -- \
		sh -c 'trap "exit 7" TERM; echo runs; while :; do sleep 0.1; done' >"$made/runs" 2>"$made/err" </dev/null &
	run=$!
	for _ in $(seq 100); do
		grep -q runs "$made/runs" 2>/dev/null && break
		sleep 0.1
	done
	kill -"$1" "$run"
	# What is ignored has one second to show that it is not.
	case $2 in --ignore*) sleep 1 && [ "$(state once)" = running ] && echo "goes on" && kill -TERM "$run" ;; esac
	wait "$run"
	echo "$? $(ls -d /var/lib/bee/guest/once 2>/dev/null)"
}
for signal in INT TERM HUP; do
	is "$(interrupted $signal --default-signal=$signal)" "7 " "SIG$signal to a run without a terminal ends what it runs"
done
is "$(interrupted HUP --ignore-signal=HUP)" "goes on
7 " "nohup(1) keeps it from that"
guest start once --rm --root "$trees/small" --volatile --quiet
is "$? $(state once)" "0 running" "start --rm runs"
guest stop once
is "$? $(ls -d /var/lib/bee/guest/once 2>/dev/null)" "0 " "and is forgotten when it ends"
guest start once --rm --root "$trees/small" --volatile --quiet
kill -9 "$(jq .supervisor.pid /run/bee/guest/once/handles)"
guest stop --now once
is "$? $(ls -d /var/lib/bee/guest/once 2>/dev/null)" "0 " "by stop, too, where its supervisor has gone"
# What cannot be looked at is neither gone nor bad.
guest start look --root "$trees/small" --volatile --quiet
pid=$(jq .init.pid /run/bee/guest/look/handles)
if command -v strace >/dev/null && strace -o "$made/strace" true 2>/dev/null; then
	boss=$(jq .supervisor.pid /run/bee/guest/look/handles)
	kill -9 "$boss"
	for file in /var/lib/bee/guest/look/record /run/bee/guest/look/handles "/proc/$pid/stat" /proc/sys/kernel/random/boot_id; do
		for words in "list look" gc "rm look" "start look --root $trees/small --volatile" "stop look"; do
			# shellcheck disable=SC2086
			timeout 60 strace -qq -f -o /dev/null -P "$file" -e trace=openat -e inject=openat:error=ENFILE \
				"$B/bee-guest" $words >"$made/out" 2>&1
			result=$?
			case $words in
			list*) result=$result$(grep -c 'look *unknown' "$made/out") wanted=01 ;;
			*) wanted=75 ;;
			esac
			is "$result $(state look) $(jq .init.pid /run/bee/guest/look/handles) $(find /var/lib/bee/guest/look /run/bee/guest/look -name '*.bad')" \
				"$wanted running $pid " "$file that cannot be opened: $words does nothing"
		done
	done
	timeout 60 strace -qq -f -o /dev/null -P "/proc/$pid/exe" -e trace=newfstatat -e inject=newfstatat:error=ENFILE \
		"$B/bee-guest" gc >"$made/out" 2>&1
	is "$? $(state look)" "75 running" "nor does gc where its program cannot be looked at"
else
	skip "what cannot be looked at is neither gone nor bad" "nothing can be traced here"
fi
# A later bee's: this one knows its id, if at all.
record=$(cat /var/lib/bee/guest/look/record)
handles=$(cat /run/bee/guest/look/handles)
for later in "$(echo "$record" | jq -c '.schema = 2')" '{"schema":2,"id":{"new":1}}'; do
	echo "$later" >/var/lib/bee/guest/look/record
	echo "$later" >/run/bee/guest/look/handles
	guest gc >"$made/out" 2>&1
	guest rm look >>"$made/out" 2>&1
	guest stop look >>"$made/out" 2>&1
	is "$(state look) $(cat /run/bee/guest/look/handles) $(kill -0 "$pid" && echo alive)" "newer $later alive" "gc, rm and stop leave a later bee's guest alone"
done
echo "$record" >/var/lib/bee/guest/look/record
echo "$handles" >/run/bee/guest/look/handles
guest stop --now look
guest rm look
# ticks PID: what it has had of the processors, in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
if command -v python3 >/dev/null; then
	supervisor=$(jq .supervisor.pid /run/bee/guest/two/handles)
	python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", sys.argv[1])' \
		"/proc/$(jq .init.pid /run/bee/guest/two/handles)/root/run/host/notify"
	sent=$?
	before=$(ticks "$supervisor")
	sleep 0.5
	is "$sent $(($(ticks "$supervisor") - before > 5))" "0 0" "what is told after READY keeps nobody busy"
else
	skip "what is told after READY keeps nobody busy" "python3 is not installed"
fi
guest exec two sh -c 'trap "" TERM; sleep 1000' &
guest stop two
is "$? $(state two)" "0 stopped" "it stops, and whatever was entered with it"
is "$(state two exit_code)" 0 "how it ended is in the record"
guest stop two 2>/dev/null
is $? 0 "stopped again it is stopped"
guest start two --root "$trees/small" --volatile --quiet --init false 2>/dev/null
sleep 0.5
is "$(state two) $(state two exit_code)" "stopped 1" "a first process that ends by itself is tidied up after"
guest start two --root "$trees/small" --volatile --foreground --init true >"$made/out" 2>&1
is "$? $(grep -v 'since the last start' "$made/out" | sed 's/after .*/after/' | tr '\n' ' ')" \
	"0 two: cgroup two: disks two: tree two: network two: console two: first process two: ready after " "in the foreground it says what it says in the background"
# A console that nobody holds any more: who writes to it is told, and does not wait.
guest start two --root "$trees/small" --volatile --quiet 2>/dev/null
kill -9 "$(jq .keeper.pid /run/bee/guest/two/handles)"
sleep 0.2
timeout 20 "$B/bee" guest exec two sh -c 'i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; i=$((i+1)); done >/dev/console' 2>/dev/null
is "$(($? == 124)) $(state two)" "0 running" "a guest whose console is lost does not hang in writing to it, and goes on"
guest stop two
guest start two --root "$trees/small" --volatile --init 'sleep 1000'
ok "$(guest start two --root "$trees/small" --volatile 2>&1 | grep -q runs; echo $?)" "one at a time"
guest stop --now two
is "$?" 0 "killed at once"

# One that never says that it is ready: it would be systemd.
mkdir -p "$trees/silent"
tree "$trees/silent"
printf '#!/bin/sh\nsleep 1000\n' >"$trees/silent/sbin/systemd"
chmod +x "$trees/silent/sbin/systemd"
ln -s systemd "$trees/silent/sbin/init"
guest start silent --root "$trees/silent" --quiet --timeout 1 2>"$made/err"
is "$? $(state silent) $(grep -c 'not ready within 1 s; it goes on' "$made/err")" "75 running 1" "one that is not ready in time goes on"
guest stop --now silent
guest start silent --root "$trees/silent" --quiet --timeout 40 2>"$made/err" &
starter=$!
for _ in $(seq 100); do [ "$(state silent)" = running ] && break; sleep 0.1; done
kill -9 "$(jq .supervisor.pid /run/bee/guest/silent/handles)"
wait $starter
is "$? $(state silent) $(grep -c 'its supervisor has ended; how the guest ends is not known' "$made/err")" "70 running 1" \
	"that its supervisor has gone is not told as a time that is over"
guest stop --now silent
guest rm silent

# trees
mkdir -p "$trees/three/root" "$trees/three/work"
printf 'LOWER=%s\nUPPER=root\nWORK=work\n' "$trees/small" >"$trees/three/config"
SUBHOST=$trees
export SUBHOST
guest run three -- sh -c 'echo kept >/etc/kept; rm /etc/passwd'
is "$(cat "$trees/three/root/etc/kept")" kept "an overlay's changes are in its own folder"
is "$(guest run three -- cat /etc/kept)" kept "and there the next time"
ok "$([ -s "$trees/small/etc/passwd" ]; echo $?)" "what lies below is as it was"
ok "$(guest run three -- test ! -e /etc/passwd; echo $?)" "what was removed stays removed"
is "$(stat -c %u "$trees/three/root/etc/kept")" 0 "on disk its owner is root, not the mapped id"
mkdir "$trees/three/root/sbin"
printf '#!/bin/sh\nexec sleep 1000\n' >"$trees/three/root/sbin/init"
chmod +x "$trees/three/root/sbin/init"
guest start three --quiet
is "$? $(guest exec three cat /proc/1/comm)" "0 sleep" "an init in the layer above is the one that is started"
guest stop --now three
tree "$trees/four/root"
guest run four -- sh -c 'echo x >/etc/in-place'
ok "$([ -e "$trees/four/root/etc/in-place" ]; echo $?)" "a folder's own root is changed in place"

chmod g+w "$trees/three/config"
guest run three -- true 2>"$made/err"
is "$? $(grep -c 'can be written by others' "$made/err")" "65 1" "a config that others can write is not believed"
chmod g-w "$trees/three/config"
printf 'LOWER=%s\nUPPER=$(touch %s/ran)\n' "$trees/small" "$made" >"$trees/three/config"
guest run three -- true 2>"$made/err"
is "$? $(grep -c "three/config:2: '\$' is for a shell" "$made/err") $([ -e "$made/ran" ] && echo ran)" "65 1 " \
	"a config with shell code is refused with its line, and not run"
printf 'LOWER=%s\nNAME=other\n' "$trees/small" >"$trees/three/config"
guest run three -- true 2>"$made/err"
is "$? $(grep -c 'config:2: NAME is not' "$made/err")" "65 1" "nor is one of another guest"
printf 'PRE=/bin/x\n' >"$trees/three/config"
guest run three -- true 2>"$made/err"
is "$? $(grep -c 'config:1: nothing is known by the name of PRE' "$made/err")" "65 1" "nor words that are not known"

# Longer than a record may be.
long=$(head -c 100000 /dev/zero | tr '\0' x)
out=$(guest run long --root "$trees/small" --volatile -- sh -c 'echo $#' x "$long" "$long" "$long" 2>/dev/null)
is "$? $out $(state long) $(state long config)" "0 3 stopped null" "a command line that is longer than a record runs, and the record is whole"
guest rm long

# cables
ip link add bridge0 type bridge
printf 'ROOT=%s\nBRIDGES=( bridge0:06:a7:dd:b4:02:f2 :06:a7:dd:b4:02:f3 )\nCABLES="bridge0= ="\n' \
	"$trees/small" >"$trees/three/config"
guest start three --volatile --quiet
is "$(ip netns exec three ip -o link | awk '{ print $2 }' | sed 's/@.*//' | tr '\n' ' ')" \
	"lo: eth0 eth1 eth2 eth3 " "cables are eth0.. inside, and ip netns exec works"
is "$(ip -o link show three0 | grep -o 'master [^ ]*') $(ip -o link show three1 | grep -o 'master [^ ]*')" \
	"master bridge0 " "NAME0.. outside; what has no bridge is attached to none"
is "$(guest exec three cat /sys/class/net/eth0/address /sys/class/net/eth1/address | tr '\n' ' ')" \
	"06:a7:dd:b4:02:f2 06:a7:dd:b4:02:f3 " "with the MAC that was given"
mac=$(guest exec three cat /sys/class/net/eth2/address)
ip link show three0 | grep -q "alias bee:$(state three id)"
ok $? "the owner is in the link's alias"
guest stop three
guest start three --volatile --quiet
is "$(guest exec three cat /sys/class/net/eth2/address)" "$mac" "a MAC that nobody gave is the same each time"
guest stop three
BRIDGES="none:06:a7:dd:b4:02:f2" guest start three --volatile 2>"$made/err"
is "$? $(grep -c 'there is no bridge "none"' "$made/err")" "73 1" "a bridge that is not there is told; the environment goes before the config"
ip link add three0 type veth peer name other
guest start three --volatile --quiet 2>"$made/err"
ok $(($? == 0)) "an interface of that name that is somebody else's"
ok "$(ip link show three0 >/dev/null; echo $?)" "is left alone"
ip link del three0
ip link del bridge0

# accounts
guest start five --root "$trees/small" --volatile --quiet --memory 100000000 --tasks 20
guest report --follow --json five >"$made/follow" &
follow=$!
sleep 0.3
guest exec five sh -c 'a=$(head -c 300000000 /dev/zero | tr "\0" x); echo ${#a}' >/dev/null 2>&1
guest exec five sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 100 & done; wait' >/dev/null 2>&1 &
sleep 0.5
is "$(guest report five --json | jq '.guests[0].tasks <= 20 and .guests[0].tasks > 15')" true "a limit of tasks holds, and report counts them"
is "$(guest report --json | jq '.sum.guests, (.sum.cpu_ns > 0)' | tr '\n' ' ')" "1 true " "report sums"
guest report --prometheus >"$made/metrics"
ok "$(grep -q '^bee_guest_tasks{guest="five"} ' "$made/metrics"; echo $?)" "report has metrics"
sleep 0.5
guest stop --now five
wait $follow
is "$? $(jq -r .event "$made/follow" | sort -u | tr '\n' ' ')" "0 oom_kills tasks_refused " \
	"report --follow tells of processes that were refused, and of those killed without memory, and ends with the guest"

# A group that the guest has divided, as deep as it may.
guest start six --root "$trees/small" --volatile --quiet
if guest exec six sh -c 'mkdir /tmp/c && mount -t cgroup2 none /tmp/c && mkdir /tmp/c/x' 2>/dev/null; then
	guest exec six sh -c 'n=$(printf %0200d 0); cd /tmp/c/x; i=0; while [ $i -lt 100 ] && mkdir $n && cd ./$n; do i=$((i + 1)); done' 2>/dev/null
	group=$(find /sys/fs/cgroup -maxdepth 3 -name "guest-$(state six id)" -exec test -e '{}/cgroup.max.depth' ';' -print)
	is "$(cat "$group/cgroup.max.depth" "$group/cgroup.max.descendants" | tr '\n' ' ')" "32 10000 " "a guest divides its group within limits"
	guest stop --now six
	is "$? $([ -e "$group" ] && echo left)" "0 " "and its end takes a path that is too long to be named"
else
	skip "a guest divides its group within limits" "no cgroup2 can be mounted in a guest here"
	guest stop --now six
fi
guest rm six

# names, and the end
for bad in a.very.long.name ../x -x 'a b' 'a/b'; do
	guest start -- "$bad" --root / >/dev/null 2>&1
	is $? 64 "\"$bad\" is no name"
done
for g in one two three four five probe; do guest rm "$g"; done
is "$(ls -A /var/lib/bee/guest)" ".world" "removed, nothing is known of them"
mv /var/lib/bee/guest/.world "$made/world"
echo odd >/var/lib/bee/guest/.world
guest gc 2>"$made/err"
is "$? $(cat "$made/err")" "75 bee-guest: /var/lib/bee/guest/.world: Bad message: whose groups, links and loop devices there are cannot be told" \
	"gc says why it cannot look for what is left"
mv "$made/world" /var/lib/bee/guest/.world
machine >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "mounts, loops, links, groups, files and processes are as before"
tap_end
