#!/bin/sh
# bee guest: every system call of start, stop, rm and gc fails once, and stop, rm and gc are killed at each. Whoever is
# told that it has not worked can say it again; after gc there is nothing.
#
# BEE_FAULTS: how many of the points of each, in even steps; "all" takes an hour. BEE_FAULTS_OF="gc": these alone.
# guest-kill.t kills a start.
# shellcheck source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

command -v strace >/dev/null || skip_all "strace is not installed"
strace -o "$made/strace" true 2>/dev/null || skip_all "nothing can be traced here"
[ -e /dev/loop-control ] || skip_all "this machine has no loop devices"

truncate -s 16M "$trees/disk.raw"
mkfs.ext4 -q -F -d "$trees/small" "$trees/disk.raw" || skip_all "mkfs.ext4 does not work"
ip link add bridge0 type bridge
guest rm probe
# Not attached: with -f it is the guest that is waited for, too.
begin() { guest start failed --quiet --disk "vda::$trees/disk.raw" --bridge bridge0:06:a7:dd:b4:02:f2 --bridge : --init "sleep 1000"; }
begin || skip_all "no guest with a disk runs here"
guest stop --now failed
guest rm failed
machine | grep -v world >"$made/before"

# What each may answer when the machine is sick, full or out of memory: man pages of section 2.
calls='openat:EMFILE openat:EIO rename:ENOSPC mkdir:ENOSPC mount:ENOMEM umount2:EBUSY unlink:EIO unlinkat:EIO rmdir:EBUSY
ioctl:EIO clone3:EAGAIN clone:EAGAIN sendto:ENOBUFS sendmsg:ENOBUFS recvmsg:ENOMEM write:ENOSPC socket:EMFILE
socketpair:EMFILE flock:ENOLCK fsync:EIO bind:EADDRINUSE read:EIO newfstatat:EIO pidfd_open:EMFILE
pidfd_send_signal:ESRCH poll:ENOMEM waitid:ECHILD fsopen:ENOMEM fsconfig:ENOMEM fsmount:ENOMEM move_mount:ENOMEM
open_tree:ENOMEM mount_setattr:EINVAL setns:ENOMEM unshare:ENOSPC pivot_root:EINVAL mknodat:ENOSPC chown:ENOSPC fchownat:EIO
symlink:ENOSPC prctl:EINVAL seccomp:ENOMEM pipe2:EMFILE fcntl:EMFILE getrandom:ENOSYS setresuid:EAGAIN
sethostname:EPERM execve:ENOMEM close_range:EINVAL dup2:EBUSY getdents64:EIO readlink:EIO access:EIO'

# points VERB: lines "call:error number", of a run that is well
points() {
	for pair in $calls; do
		awk -v call="${pair%:*}" -v error="${pair#*:}" '$2 ~ "^" call "\\(" { if (++n[$1] > most) most = n[$1] }
			END { for (i = 1; i <= most; i++) print call ":" error, i }' "$made/strace"
	done >"$made/points"
	all=$(wc -l <"$made/points")
	tries=${BEE_FAULTS:-4}
	[ "$tries" != all ] || tries=$all
	awk -v all="$all" -v tries="$tries" 'int(NR * tries / all) != int((NR - 1) * tries / all)' "$made/points"
}

# compare WHAT: after gc all is as before; what is not is counted
compare() {
	guest gc 2>>"$made/err" || { echo "# gc after $1: $(tail -n 1 "$made/err")"; left=$((left + 1)); }
	guest rm failed >/dev/null 2>&1
	for _ in 1 2 3 4 5 6 7 8 9 10 11; do
		machine | grep -v world >"$made/after"
		cmp -s "$made/before" "$made/after" && [ -z "$(ls /var/lib/bee/guest)" ] && return
		sleep 0.1
	done
	left=$((left + 1))
	echo "# left after $1: $(find /var/lib/bee/guest -mindepth 1 -maxdepth 2 -printf '%P ')"
	diff "$made/before" "$made/after" | head -n 5 | sed 's/^/# /'
}

asked() { case " ${BEE_FAULTS_OF:-start stop rm gc} " in *" $1 "*) ;; *) false ;; esac; }

# start: all of its processes. One that says 0 runs, one that says something else says why.
faults_of_start() {
	timeout 60 strace -f -qq -o "$made/strace" "$B/bee-guest" start failed --quiet --disk "vda::$trees/disk.raw" \
		--bridge bridge0:06:a7:dd:b4:02:f2 --bridge : --init "sleep 0.2"
	compare "a start without a fault"
	points start >"$made/chosen"
	left=0 failed=0 dumb=
	while read -r call number; do
		timeout 60 strace -f -qq -o "$made/strace" -e "trace=${call%:*}" -e "inject=${call%:*}:error=${call#*:}:when=$number" \
			"$B/bee-guest" start failed --quiet --disk "vda::$trees/disk.raw" --bridge bridge0:06:a7:dd:b4:02:f2 --bridge : \
			--timeout 5 --init "sleep 0.2" >/dev/null 2>"$made/err" </dev/null
		status=$?
		[ $status -eq 0 ] || failed=$((failed + 1))
		[ $status -eq 0 ] || [ -s "$made/err" ] || dumb="$dumb $call:$number"
		# 127 is the loader's.
		[ $status -lt 124 ] || [ $status -eq 127 ] || dumb="$dumb $call:$number=$status"
		guest stop --now failed >/dev/null 2>>"$made/err"
		compare "start $call $number"
	done <"$made/chosen"
	is "$left" 0 "start: at $(wc -l <"$made/chosen") of $all points a call fails, and so do $failed starts: nothing is left"
	is "$dumb" "" "each says why, and ends"
}
! asked start || faults_of_start

# stop, rm and gc, once with a call that fails, once killed there.
for verb in stop rm gc; do
	asked $verb || continue
	set -- "$verb" failed
	[ $verb != stop ] || set -- stop --now failed
	[ $verb != gc ] || set -- gc
	prepare() {
		begin 2>/dev/null || echo "# it does not start"
		[ $verb != rm ] || guest stop --now failed
		# What gc has to do: supervisor and guest are dead, and nobody has tidied up.
		[ $verb != gc ] || kill -9 "$(jq .supervisor.pid /run/bee/guest/failed/handles)" "$(jq .init.pid /run/bee/guest/failed/handles)"
	}
	prepare
	timeout 60 strace -f -qq -o "$made/strace" "$B/bee-guest" "$@" 2>/dev/null
	compare "$verb without a fault"
	points "$verb" >"$made/chosen"
	left=0 failed=0
	while read -r call number; do
		for how in "error=${call#*:}" signal=KILL; do
			prepare
			timeout 60 strace -f -qq -o "$made/strace" -e "trace=${call%:*}" -e "inject=${call%:*}:$how:when=$number" \
				"$B/bee-guest" "$@" >/dev/null 2>"$made/err" </dev/null || failed=$((failed + 1))
			guest stop --now failed >/dev/null 2>>"$made/err"
			compare "$verb $call $number $how"
		done
	done <"$made/chosen"
	is "$left" 0 "$verb: at $(wc -l <"$made/chosen") of $all points a call fails, or it is killed, $failed times it says no: nothing is left"
done

# A disk that is full when the first guest of a machine is started, and later.
mount -t tmpfs -o size=16k tmpfs /var/lib/bee
mkdir /var/lib/bee/guest
full() { dd if=/dev/zero of=/var/lib/bee/fill bs=4k 2>/dev/null; }
set -- start first --root "$trees/small" --volatile --quiet
full
guest "$@" 2>"$made/err"
is "$? $(grep -c 'No space left' "$made/err") $(find /var/lib/bee/guest -name '.world*')" "73 1 " \
	"on a full disk no guest is started, in words, and no half of a file is left"
rm /var/lib/bee/fill
guest "$@"
is "$? $(state first)" "0 running" "with room again it is"
full
guest stop first 2>/dev/null
guest gc
is "$? $(state first)" "0 stopped" "and stopped, full again"
rm /var/lib/bee/fill
guest rm first
: >/var/lib/bee/guest/.world
guest "$@"
is "$? $(tr -dc 0-9a-f </var/lib/bee/guest/.world | wc -c)" "0 6" "an empty file of a machine that lost power is made anew"
guest stop first
echo zzzzzz >/var/lib/bee/guest/.world
guest "$@" 2>/dev/null
is "$? $(cat /var/lib/bee/guest/.world)" "0 zzzzzz" "one that says something else is left, and a guest that has its ids starts"
guest stop first
guest rm first
guest "$@" 2>"$made/err"
is "$? $(grep -c 'ids: Bad message' "$made/err")" "73 1" "a new one does not"
umount /var/lib/bee

ip link del bridge0
tap_end
