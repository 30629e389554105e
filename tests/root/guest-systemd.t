#!/bin/sh
# bee guest: Debian's systemd in it, from READY to power-off; several at once from one tree.
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

debian=${BEE_GUEST_TREE:-}
{ [ -n "$debian" ] && [ -x "$debian/sbin/init" ]; } || skip_all "BEE_GUEST_TREE names no tree of Debian: make check-vm does"

# settled NAME: waits until its systemd has nothing more to start; what it says
settled() {
	for _ in $(seq 100); do
		said=$(guest exec "$1" systemctl is-system-running 2>/dev/null)
		[ "$said" = starting ] || [ "$said" = initializing ] || break
		sleep 0.1
	done
	echo "$said"
}

# soon NAME STATE
soon() {
	for _ in $(seq 100); do
		[ "$(state "$1")" = "$2" ] && return 0
		sleep 0.1
	done
	return 1
}

machine >"$made/before"
guest start deb --root "$debian" --volatile --quiet
is "$? $(state deb) $(state deb ready)" "0 running true" "systemd says that it is ready"
is "$(settled deb)" running "and that it is running"
is "$(guest exec deb systemctl --failed --no-legend)" "" "no unit has failed"
is "$(guest exec deb systemd-detect-virt)" container-other "it knows that it is in a container"
is "$(guest exec deb sh -c 'find /dev -type b -o -type c | grep -v pts/ | sort' | tr '\n' ' ')" \
	"/dev/console /dev/full /dev/null /dev/random /dev/tty /dev/urandom /dev/zero " "of devices it has a list"
is "$(guest exec deb sh -c 'systemd-run --wait -q -p PrivateTmp=yes -p ProtectSystem=strict -p DynamicUser=yes id -u >/tmp/u 2>&1; echo $?')" 0 \
	"services with sandboxes of systemd's work"
kill -9 "$(jq .supervisor.pid /run/bee/guest/deb/handles)"
sleep 0.1
is "$(state deb) $(state deb supervisor) $(state deb console)" "running false true" "without its supervisor it goes on, and its console"
cat >"$made/console.py" <<-'END2'
	import os, pty, select, sys, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(sys.argv[1], [sys.argv[1], "console", "deb"])
	got = b""
	def until(word, seconds):
	    global got
	    end = time.time() + seconds
	    while word not in got and time.time() < end:
	        if select.select([fd], [], [], 0.2)[0]:
	            try: got += os.read(fd, 4096)
	            except OSError: break
	    return word in got
	until(b"leaves", 5)
	os.write(fd, b"\r")
	print("login" if until(b"login:", 10) else repr(got))
	os.write(fd, b"\x1d")
	print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END2
is "$(python3 "$made/console.py" "$B/bee-guest" | tr '\n' ' ')" "login 0 " "it has a login prompt, and ^] leaves"
ok "$(grep -q 'Reached target' /var/lib/bee/guest/deb/console.log; echo $?)" "the log of the console has the boot"
began=$(now)
guest stop deb
is "$? $(state deb)" "0 stopped" "stop ends it"
ok $((($(now) - began) > 10000)) "by asking, not by waiting: $(($(now) - began)) ms"
is "$(state deb exit)" unknown "how it ended nobody has seen"

guest start deb --root "$debian" --volatile --quiet
guest exec deb systemctl poweroff >/dev/null 2>&1
soon deb stopped
is "$(state deb) $(state deb how)" "stopped powered off" "powered off inside it is stopped, and tidied up after"
guest run off --root "$debian" --volatile </dev/null >/dev/null 2>&1 &
run=$!
soon off running
# On a busy machine it is not yet there to be asked.
for _ in $(seq 100); do
	guest exec off systemctl poweroff >/dev/null 2>&1 && break
	sleep 0.1
done
wait $run
is $? 0 "run of one that is powered off inside has gone well"
guest rm off
guest start deb --root "$debian" --volatile --quiet
guest stop deb
is "$(state deb how)" "powered off" "with a supervisor the end is known"

# One tree below several, each with its changes.
mkdir -p "$trees/many"
for i in 1 2 3 4 5; do
	mkdir -p "$trees/many/m$i"
	printf 'LOWER=%s\nCABLES="="\n' "$debian" >"$trees/many/m$i/config"
	SUBHOST=$trees/many guest start m$i --quiet &
done
wait
running=
for i in 1 2 3 4 5; do
	running="$running $(settled m$i)"
	guest exec m$i sh -c "echo $i >/etc/which"
done
is "$running" " running running running running running" "five at once from one tree are running"
is "$(cat "$trees"/many/m*/root/etc/which | tr '\n' ' ') $(cat "$debian/etc/which" 2>/dev/null)" "1 2 3 4 5  " "each with its own changes"
is "$(for i in 1 2 3 4 5; do state m$i first_id; done | sort -u | wc -l)" 5 "and its own ids"
is "$(guest report --json | jq '.sum.guests')" 5 "report has them"
for i in 1 2 3 4 5; do guest stop m$i & done
wait
for i in 1 2 3 4 5; do guest rm m$i; done
guest rm deb
machine >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "all is as before"
tap_end
