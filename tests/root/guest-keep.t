#!/bin/sh
# bee guest: hibernation. Processes are gone, mounts and network stay; woken, they are there.
#
# On one processor: a namespace can be pinned only in one that is older, and Linux 6.18 numbers
# them by processor. The one that the tests run in is but a moment older.
if [ -z "${BEE_TEST_ONE:-}" ]; then
	BEE_TEST_ONE=1
	export BEE_TEST_ONE
	exec taskset -c 0 sh "$0" "$@"
fi
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

[ -e /dev/loop-control ] || skip_all "this machine has no loop devices"
truncate -s 16M "$trees/disk.raw"
mkfs.ext4 -q -F -d "$trees/small" "$trees/disk.raw" || skip_all "mkfs.ext4 does not work"
ip link add bridge0 type bridge
mkdir -p "$trees/kept"
printf 'DISKS=( vda::%s )\nBRIDGES=( bridge0:06:a7:dd:b4:02:f2 : )\n' "$trees/disk.raw" >"$trees/kept/config"
SUBHOST=$trees
export SUBHOST
guest rm probe
machine | grep -v world >"$made/before"

guest start kept --quiet
guest exec kept sh -c 'echo 1 >/tmp/a; echo 2 >/run/b; echo 3 >/dev/shm/c; ip addr add 10.9.8.7/24 dev eth0; ip link set eth0 up; sleep 1000 &'
# shellcheck disable=SC2016 # of awk
mounted() { guest exec kept awk '{ for (i = 5; $i != "-"; i++) printf "%s ", $i; print $(i + 1), $4 }' /proc/self/mountinfo | sort; }
mounted >"$made/cold"
mac=$(guest exec kept cat /sys/class/net/eth1/address)
first=$(state kept first_id)
guest stop --keep kept
is "$? $(state kept) $(state kept error)" "0 kept null" "stop --keep keeps it"
is "$(machine | grep -c -e ^process -e ^group)" 0 "without a process or a group"
ok "$(ip netns exec kept ip -4 addr show eth0 | grep -q 10.9.8.7; echo $?)" "with its addresses"
# shellcheck disable=SC2016 # of the shell inside
is "$(nsenter --mount=/run/bee/guest/kept/ns/mount /bin/busybox sh -c 'for at in /proc /sys /dev/mqueue /dev/console /dev/pts; do [ $(stat -c %d $at) = $(stat -c %d $(dirname $at)) ] || echo $at; done')" \
	/dev/pts "and of what ended with them nothing is mounted"
guest gc
is "$? $(state kept)" "0 kept" "gc leaves it alone"
guest exec kept true 2>/dev/null
is $? 75 "nothing enters it"
guest start kept --quiet
is "$? $(state kept)" "0 running" "it wakes"
is "$(guest exec kept cat /tmp/a /run/b /dev/shm/c | tr '\n' ' ')" "1 2 3 " "with what was on its disk, in /run and in /dev/shm"
is "$(guest exec kept ip -4 -o addr show eth0 | awk '{ print $4 }') $(guest exec kept cat /sys/class/net/eth0/address) $(guest exec kept cat /sys/class/net/eth1/address)" \
	"10.9.8.7/24 06:a7:dd:b4:02:f2 $mac" "its addresses and MACs"
is "$(guest exec kept sh -c 'cat /proc/1/comm; [ $$ -lt 9 ] && echo few' | tr '\n' ' ')" "init few " "and process numbers of its own"
is "$(state kept first_id) $(state kept enforced.root_is_outside)" "$first $first" "its ids are those it had"
is "$(guest exec kept sh -c '(: >/proc/sys/kernel/core_pattern) 2>&1; ls /sys/firmware | wc -l' | tail -n 1)" 0 "its covers are there again"
is "$(guest exec kept sh -c '[ -f /proc/kallsyms ] && cat /proc/kallsyms && (: >>/proc/kallsyms) 2>&1 | grep -c "Read-only"')" 1 \
	"those of files are empty files that cannot be written to"
mounted >"$made/woken"
is "$(wc -l <"$made/cold" | awk '{ print ($1 > 20) }') $(diff "$made/cold" "$made/woken")" "1 " "all that is mounted is what was after a cold start"
# What could not be unmounted then, as by an earlier bee.
guest stop --keep kept
# shellcheck disable=SC2016 # of the shell inside
nsenter --mount=/run/bee/guest/kept/ns/mount /bin/busybox sh -ec 'for at in /proc /sys /dev/mqueue; do busybox mount -t tmpfs old $at; done; busybox mount --bind /run/host/nothing /dev/console' ||
	is 1 0 "something can be left mounted"
guest start kept --quiet
mounted >"$made/woken"
is "$? $(guest exec kept cat /run/b) $(diff "$made/cold" "$made/woken")" "0 2 " "as it is where something was left mounted"
# What it is stays what it is.
guest stop --keep kept
for words in "--root $trees/small" "--bridge bridge0:" "--volatile" "--host-users" "--tun" "--backend vm --image $trees/disk.raw"; do
	# shellcheck disable=SC2086
	guest start kept $words --quiet >"$made/out" 2>&1
	is "$? $(state kept) $(grep -c 'is kept .*stop it first' "$made/out")" "75 kept 1" "kept, it is not started as something else: $words"
done
guest start kept --quiet --memory 100000000
is "$? $(guest exec kept cat /run/b)" "0 2" "with other limits it is"
guest start made --quiet --root "$trees/small" --volatile
guest exec made sh -c 'echo 4 >/tmp/d'
guest stop --keep made
guest start made --quiet
is "$? $(guest exec made cat /tmp/d)" "0 4" "one that was made by options wakes by its name alone"
guest stop made
guest start made --quiet --root "$trees/small" --volatile -- sh -c "$(printf 'true "\001"'); sleep 1000"
guest stop --keep made
guest start made --quiet 2>"$made/err"
is "$? $(grep -c 'say --init' "$made/err") $(state made)" "75 1 kept" "one whose command could not be kept as it was asks for it"
guest start made --quiet --init 'sleep 1000'
is "$? $(state made)" "0 running" "and wakes with another"
guest stop made
guest rm made
# What could not be kept would be lost.
cp /run/bee/guest/kept/handles "$made/handles"
jq '.pinned = false' "$made/handles" >/run/bee/guest/kept/handles
guest stop --keep kept 2>"$made/err"
is "$? $(state kept) $(grep -c 'cannot be kept' "$made/err") $(guest exec kept cat /run/b)" "75 running 1 2" "one that cannot be kept goes on"
cp "$made/handles" /run/bee/guest/kept/handles
for _ in 1 2 3; do
	guest stop --keep kept
	guest start kept --quiet
done
is "$(state kept) $(guest exec kept cat /run/b)" "running 2" "again and again"
guest stop kept
is "$(state kept)" stopped "stop takes everything away"
machine | grep -v world >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "all is as before"

# The shell of control: from a terminal.
cat >"$made/control.py" <<-'END2'
	import os, pty, select, sys, termios, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.execvp(sys.argv[1], sys.argv[1:])
	got = b""
	def until(word, seconds=10):
	    global got
	    end = time.time() + seconds
	    while word not in got and time.time() < end:
	        if select.select([fd], [], [], 0.2)[0]:
	            try: got += os.read(fd, 4096)
	            except OSError: break
	    return word in got
	until(b"# ")
	os.write(fd, b"echo pid=$$; cat /run/control; echo x >/run/control; echo e''nd\r")
	print("pid 1" if until(b"pid=1") else repr(got))
	print("kept" if until(b"\nx\r", 1) else "new")
	until(b"end\r")
	os.write(fd, b"exit 4\r")
	try:
	    while True: got += os.read(fd, 4096)
	except OSError: pass
	print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	if b"cannot be kept" in got: print("said")
	if not termios.tcgetattr(fd)[3] & termios.ICANON: print("raw")
END2
control() { python3 "$made/control.py" "$@" "$B/bee-guest" control start kept | tr '\n' ' '; }
is "$(control)" "pid 1 new 4 " "control start: a shell is the first process, and its exit code ours"
is "$(state kept)" kept "left, the guest is kept"
is "$(control)" "pid 1 kept 4 " "started again it goes on where it was"
timeout 60 "$B/bee" control stop kept
is "$? $(state kept)" "0 stopped" "control stop takes it away"

# Disks that are full, of what is true now and of records.
mount -t tmpfs -o size=1M tmpfs /run/bee
guest start kept --quiet
dd if=/dev/zero of=/run/bee/full bs=4k 2>/dev/null
guest stop --keep kept 2>"$made/err"
is "$? $(state kept) $(cat "$made/err")" "73 stopped bee-guest: kept: it could not be kept" "one that could not be kept as there is no room is stopped, and that is no success"
rm /run/bee/full
guest start kept --quiet
mount -o remount,size=1M /var/lib/bee
dd if=/dev/zero of=/var/lib/bee/full bs=4k 2>/dev/null
guest stop kept 2>"$made/err"
is "$? $(state kept) $(cat "$made/err")" "75 stopped bee-guest: kept: its record: No space left on device" "a record that could not be written is told"
rm /var/lib/bee/full
umount /run/bee

# A supervisor that is killed while it wakes one
if strace -o "$made/strace" true 2>/dev/null; then
	# The fourth mount(2) of a supervisor is the one that its mounts are pinned on.
	is "$(control strace -qq -f -o /dev/null -e trace=mount -e inject=mount:error=EINVAL:when=4) $(state kept)" "pid 1 new 4 said  stopped" \
		"one that could not be pinned is taken away, and that is said"
	left=
	for point in fsync:2 fsync:4 clone3:1 socket:1 write:5 mkdir:5 fsync:6 fsync:8; do
		guest start kept --quiet
		guest stop --keep kept
		timeout 60 strace -qq -o /dev/null -e "trace=${point%:*}" -e "inject=${point%:*}:signal=KILL:when=${point#*:}" \
			"$B/bee-guest" start kept --foreground --quiet --init "sleep 0.2" >/dev/null 2>&1 </dev/null
		sleep 0.3
		guest gc || left="$left gc:$point"
		guest start kept --quiet >/dev/null 2>&1 || left="$left start:$point"
		guest stop kept || left="$left stop:$point"
		machine | grep -v world >"$made/after"
		cmp -s "$made/before" "$made/after" || left="$left $point"
	done
	is "$left" "" "killed while it wakes one, it starts again, and nothing is left in the end"
else
	skip "one that could not be pinned is taken away, and that is said" "nothing can be traced here"
	skip "killed while it wakes one, it starts again, and nothing is left in the end" "nothing can be traced here"
fi
guest rm kept
ip link del bridge0
tap_end
