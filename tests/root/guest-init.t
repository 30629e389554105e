#!/bin/sh
# bee guest: first processes of other kinds; what floods, hangs and does not answer.
# shellcheck disable=SC2016 source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

soon() {
	for _ in $(seq 100); do
		[ "$(state "$1")" = "$2" ] && return 0
		sleep 0.1
	done
	return 1
}
guest rm probe
machine | grep -v world >"$made/before"

# sysv: subhost-init's promise
sysv=${trees:?}/sysv
tree "$sysv"
mkdir -p "$sysv/etc/init.d"
printf '#!/bin/sh\necho rcS $RUNLEVEL >>/tmp/order\n' >"$sysv/etc/init.d/rcS"
# A service that hears TERM from when rc is done, as one that daemonizes: a shell sets its trap a moment after its fork.
cat >"$sysv/etc/init.d/rc" <<'END'
#!/bin/sh
rm -f /tmp/up
echo rc $1 >>/tmp/order
(trap "echo term >>/tmp/order; exit" TERM; : >/tmp/up; while :; do sleep 0.1; done) &
while [ ! -e /tmp/up ]; do sleep 0.02; done
END
printf '#!/bin/sh\necho "one $1" >>/tmp/order\n' >"$sysv/etc/init.d/one"
chmod +x "$sysv"/etc/init.d/*
guest start sysv --root "$sysv" --quiet
is "$? $(guest exec sysv cat /tmp/order | tr '\n' ' ')" "0 rcS 2 rc 2 " "a tree of sysv's: rcS, then rc 2, then it is ready"
guest exec sysv sh -c 'echo x >/run/initctl'
soon sysv stopped
is "$(state sysv) $(state sysv exit_code) $(tail -n 1 "$sysv/tmp/order")" "stopped 0 term" \
	"anything written to /run/initctl is power-off, and services hear TERM"
rm -f "$sysv/tmp/order"
guest start sysv --root "$sysv" --quiet
guest stop sysv
is "$(state sysv exit_code) $(tail -n 1 "$sysv/tmp/order")" "0 term" "stop is the same"
rm -f "$sysv/tmp/order"
mkdir "$trees/some"
printf 'ROOT=%s\nSTART=( one none )\n' "$sysv" >"$trees/some/config"
SUBHOST=$trees guest start some --quiet
is "$? $(guest exec some cat /tmp/order)" "0 one start" "START names the services that are started instead"
guest stop some
guest rm some

# busybox's own
bb=$trees/bb
tree "$bb"
ln -s ../bin/busybox "$bb/sbin/init"
printf '::sysinit:/bin/touch /tmp/sysinit\n::respawn:/bin/sleep 1000\n::shutdown:/bin/touch /tmp/shutdown\n' >"$bb/etc/inittab"
guest start bb --root "$bb" --quiet
is "$? $(guest exec bb cat /proc/1/comm)" "0 init" "busybox init runs"
for _ in $(seq 50); do [ -e "$bb/tmp/sysinit" ] && break; sleep 0.1; done
began=$(now)
guest stop bb
is "$(state bb) $([ -e "$bb/tmp/shutdown" ] && echo shut)" "stopped shut" "and is shut down by its own signal"
ok $((($(now) - began) > 20000)) "in $(($(now) - began)) ms"
guest rm bb

# Where the folder of its init is a link, it is followed in the tree and not on this machine.
mkdir -p "$made/there" "$bb$made/there"
ln -s /lib/systemd/systemd "$made/there/init"
ln -s /bin/busybox "$bb$made/there/init"
rm -r "${bb:?}/sbin"
ln -s "$made/there" "$bb/sbin"
guest start bb --root "$bb" --quiet --timeout 5
is "$?" 0 "an init whose folder is a link is the tree's, and not this machine's"
guest stop --now bb
guest rm bb

# One that hears nothing: pid 1 without a handler.
guest start deaf --root "$trees/small" --volatile --quiet --init 'sh -c trap:TERM'
guest stop --now deaf 2>/dev/null
guest run deaf --root "$trees/small" --volatile -- sh -c 'trap "" TERM; kill -STOP 1; sleep 1000' &
runner=$!
soon deaf running
sleep 0.3
began=$(now)
guest stop --timeout 1 deaf
is "$? $(state deaf)" "0 stopped" "one that does not hear is killed"
ok $((($(now) - began) > 6000)) "soon after its time: $(($(now) - began)) ms"
wait $runner 2>/dev/null
guest rm deaf

# Fork bomb, below a limit
guest start bomb --root "$trees/small" --volatile --quiet --tasks 50
guest exec bomb sh -c 'f() { f | f & }; f' >/dev/null 2>&1
sleep 0.5
is "$(guest report bomb --json | jq '.guests[0].tasks <= 50')" true "a fork bomb stays below the limit"
guest stop --now bomb
is "$? $(state bomb)" "0 stopped" "and is killed"
guest rm bomb

# Limits that the kernel has by user: two guests of root's do not share one.
most=$(cat /proc/sys/fs/inotify/max_user_instances)
# watchers GUEST NUMBER: how many of so many inotify instances it gets, and holds for a while
watchers() {
	guest exec "$1" python3 -c '
import ctypes, sys, time
libc = ctypes.CDLL(None)
print(sum(libc.inotify_init() >= 0 for _ in range(int(sys.argv[1]))), flush=True)
time.sleep(3)' "$2"
}
if [ "$most" -le 512 ] && guest start one --root / --volatile --quiet 2>/dev/null && guest exec one python3 -c 'import ctypes' 2>/dev/null; then
	guest start two --root / --volatile --quiet
	many=$((most * 3 / 4))
	watchers one $many >"$made/one" &
	watchers two $many >"$made/two" &
	sleep 1
	is "$(cat "$made/one") $(cat "$made/two")" "$many $many" "two guests hold $many inotify instances each, of $most by user"
	ok $(($(watchers two "$many") > most - many)) "and one has no more than $most"
	guest stop --now one
	guest stop --now two
	guest rm two
else
	skip "two guests do not share a limit by user" "the limit is $most, or / cannot be entered, or has no python3"
fi
guest stop one 2>/dev/null
guest rm one 2>/dev/null
wait

# A flood on the console
guest start flood --root "$trees/small" --volatile --quiet --init "sh -c yes"
guest exec flood sh -c 'dd if=/dev/zero bs=1048576 count=16 2>/dev/null | tr "\0" "a" >/dev/console'
is "$?" 0 "16 MB on the console"
is "$(find /var/lib/bee/guest/flood -name 'console.log*' -size +1025k | wc -l) $(find /var/lib/bee/guest/flood -name 'console.log*' | wc -l)" \
	"0 2" "are two logs of at most 1 MiB"
is "$(state flood console)" true "the console is still there"
guest stop --now flood
# One that does not read loses what it has no room for, and stays; one that is told to end ends, as ^] does.
guest start flood --root "$trees/small" --volatile --quiet --init "sleep 1000"
cat >"$made/clients.py" <<-'END2'
	import os, pty, select, signal, socket, subprocess, sys, time
	guest = sys.argv[1]
	lazy = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	lazy.connect("/run/bee/guest/flood/console")
	say = lambda words: subprocess.run([guest, "exec", "flood", "sh", "-c", words + " >/dev/console"], check=True)
	say("head -c 4000000 /dev/zero")
	time.sleep(0.3)
	lazy.settimeout(2)
	got, last = b"", b""
	try:
	    while b"still" not in got:
	        last = lazy.recv(65536)
	        if not last: break
	        got = got[-100:] + last
	        if len(last) and not select.select([lazy], [], [], 0.5)[0]: say("echo still")
	except TimeoutError: pass
	print("still" if b"still" in got else "dropped")
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(guest, [guest, "console", "flood"])
	time.sleep(0.5)
	os.kill(pid, signal.SIGTERM)
	for _ in range(50):
	    if os.waitpid(pid, os.WNOHANG)[0]: break
	    time.sleep(0.1)
	else:
	    os.kill(pid, signal.SIGKILL); print("hangs")
END2
is "$(python3 "$made/clients.py" "$B/bee-guest" | tr '\n' ' ')" "still " "a console that does not read is not dropped, one that gets TERM ends"
guest stop --now flood
guest rm flood

# A tree that hangs
mkdir "$made/hang"
if hang_start "$made/hang"; then
	began=$(now)
	guest start hang --root "$made/hang" --volatile --quiet --timeout 2 2>"$made/err"
	status=$?
	ok $((($(now) - began) > 15000)) "a tree that hangs is given up: $(($(now) - began)) ms"
	is "$status" 73 "and told: $(tail -n 1 "$made/err" | cut -c1-80)"
	hang_end "$hang_pid"
	umount -l "$made/hang" 2>/dev/null
	guest gc
	guest rm hang
else
	skip "a tree that hangs is given up" "no file system can be made to hang here"
fi
guest rm sysv
rm -f "$sysv/tmp/order"
# What hung until now ends when the kernel comes to it.
for _ in $(seq 100); do
	machine | grep -v world >"$made/after"
	cmp -s "$made/before" "$made/after" && break
	sleep 0.1
done
is "$(diff "$made/before" "$made/after")" "" "all is as before"
tap_end
