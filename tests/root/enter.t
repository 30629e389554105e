#!/bin/sh
# bee enter: a program in a tree, and what is left afterwards.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
tree=$made/tree
command -v busybox >/dev/null || skip_all "busybox is not installed"
! ldd "$(command -v busybox)" >/dev/null 2>&1 || skip_all "busybox is not static"

mkdir -p "$tree/bin" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/tmp"
cp "$(command -v busybox)" "$tree/bin/busybox"
for name in sh mount umount cat id ls sleep tty stty kill; do ln -s busybox "$tree/bin/$name"; done
chmod 755 "$made" "$tree"
enter() { timeout 30 "$B/bee" enter "$@" 2>"$made/err"; }
PATH=$PATH:/bin

mounts=$(cat /proc/mounts)
is "$(enter "$tree" sh -c 'echo here >/tmp/x; cat /proc/1/comm; ls /dev/null; exit 7'; echo $?)" \
	"$(printf 'bee-enter\n/dev/null\n7')" "a program in it, with /proc and /dev; its status"
is "$(enter "$tree" sh -c 'ls -d /sys/class /sys/devices; echo x >/sys/x')" "$(printf '/sys/class\n/sys/devices')" "/sys is there, and read-only"
is "$(umask 027; enter "$tree" sh -c 'umask; echo >/tmp/masked; ls -ld /dev /dev/shm' | cut -c1-10; stat -c %a "$tree/tmp/masked")" \
	"$(printf '0027\ndrwxr-xr-x\ndrwxrwxrwt\n640')" "what it makes has the caller's umask, and what is made for it has not"
is "$(cat "$tree/tmp/x")" here "what it writes is in the tree"
is "$(ls "$tree/dev" "$tree/proc")" "$(printf '%s:\n\n%s:' "$tree/dev" "$tree/proc")" "and nothing of ours is"
is "$(enter "$tree" sh -c 'kill -9 $$'; echo $?)" 137 "one that is killed"
is "$(enter "$tree" none; echo $?)" 127 "one that is not there"
is "$(enter "$made/none" sh; echo $?)" 74 "a tree that is not there"

# nbic's own /chroot, which mounts and unmounts by itself.
cat >"$tree/chroot" <<-'END'
	#!/bin/sh
	mount -t proc /proc /proc
	mount -t sysfs /sys /sys
	mount -t devpts devpts /dev/pts
	cat /proc/self/comm
	umount /dev/pts
	umount /sys
	umount /proc
END
chmod +x "$tree/chroot"
ln -s "$B/bee" "$made/nd"
is "$(cd "$made" && ./nd "$tree" 2>&1; echo $?)" "$(printf 'cat\n0')" "nd runs nbic's /chroot, with its mounts"
enter "$tree" sh -c 'sleep 61 &' >/dev/null
is "$(pgrep -cf '^sleep 61$')" 0 \
	"what it leaves running ends with it"
is "$(cat /proc/mounts)" "$mounts" "nothing is left mounted"

if setpriv --reuid nobody --clear-groups unshare -U true 2>/dev/null; then
	for_everybody "$made/all"
	chown -R nobody: "$tree"
	is "$(cd / && setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups timeout 30 "$made/all/build/bee" \
		enter "$tree" sh -c 'id -u; echo mine >/tmp/y; ls /proc/1/comm /dev/null' 2>"$made/err"; stat -c %U "$tree/tmp/y")" \
		"$(printf '0\n/dev/null\n/proc/1/comm\nnobody')" "an ordinary user is root in it, and of nothing else"
	# A run of the user's: links, and what is read; what it writes goes nowhere.
	echo hello >"$tree/tmp/words"
	chmod 644 "$tree/tmp/words"
	(cd / && setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups env PATH=/bin:/usr/bin timeout 30 "$made/all/build/bee" \
		trace run -d "$tree" -- sh -c 'cat /tmp/words >/tmp/z' >"$made/user.list" 2>"$made/err")
	is "$? $(cut -f1,2 "$made/user.list" | grep '/tmp/\|^/bin/' | tr '\t\n' ' ,')" \
		"0 /bin/busybox exec,/bin/sh link,/tmp/words read,/tmp/z created," "what an ordinary user's run uses"
	ok "$([ ! -e "$tree/tmp/z" ]; echo $?)" "the tree stays as it is"
	printf '#!/bin/sh\n:\n' >"$tree/tmp/script"
	chmod 755 "$tree/tmp/script"
	(cd / && setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups env PATH=/bin:/usr/bin timeout 30 "$made/all/build/bee" \
		trace run -d "$tree" -- /tmp/script >"$made/user.list" 2>"$made/err")
	is "$? $(cut -f1,2 "$made/user.list" | grep '/tmp/\|^/bin/busybox' | tr '\t\n' ' ,')" \
		"0 /bin/busybox interpreter,/tmp/script exec,read," "a script of another's has its interpreter"
	if command -v newuidmap >/dev/null && [ -e /etc/subuid ]; then
		echo nobody:100000:65536 >"$made/subuid"
		mount --bind "$made/subuid" /etc/subuid && mount --bind "$made/subuid" /etc/subgid
		is "$(cd / && setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups timeout 30 "$made/all/build/bee" \
			enter "$tree" sh -c 'cat /proc/self/uid_map' 2>"$made/err" | tr -s ' ' | tr '\n' ,; cat "$made/err")" \
			" 0 $(id -u nobody) 1, 1 100000 65536," "with the ranges of subuid(5)"
		umount /etc/subuid /etc/subgid
	else
		skip "with the ranges of subuid(5)" "newuidmap is not installed"
	fi
else
	skip "an ordinary user" "user namespaces are root's here"
fi

if command -v script >/dev/null; then
	is "$( (sleep 1; echo 'tty; stty size; exit 3') | timeout 20 script -qec "stty rows 33 cols 111; $B/bee enter $tree sh; echo rc=\$?" /dev/null |
		tr -d '\r' | grep -E '^(/dev/pts|33|rc)')" "$(printf '/dev/pts/0\n33 111\nrc=3')" "on a terminal it has one of its own, of that size"
	mkdir -p "$made/bare/bin"
	cp "$tree/bin/busybox" "$made/bare/bin/sh"
	is "$(timeout 20 script -qec "$B/bee enter $made/bare sh -c 'test -t 1 && echo terminal'; echo rc=\$?" /dev/null </dev/null |
		tr -d '\r' | grep -o -e terminal -e 'rc=.*' | tr '\n' ' '; ls "$made/bare")" "terminal rc=0 bin" "also in a tree that has no /dev"
	cat >"$made/killed" <<-END
		echo \$\$ >"$made/pid"
		exec "$B/bee" enter "$tree" sleep 62
	END
	for signal in 15 1; do
		is "$(timeout 20 script -qec "(sleep 1; kill -$signal \$(cat $made/pid)) & sh $made/killed; echo rc=\$?; stty -a | tr ' ' '\n' | grep -x -e -*icanon" /dev/null </dev/null |
			tr -d '\r' | grep -o -e 'rc=.*' -e '-*icanon' | tr '\n' ' '; pgrep -cf '^sleep 62$')" \
			"rc=$((128 + signal)) icanon 0" "it is ended by signal $signal: the terminal is as it was"
	done
else
	skip "a terminal" "script is not installed"
fi
# From a chroot, which is a folder and no mount.
mkdir "$made/box"
for name in /*; do
	if [ -d "$name" ] && [ ! -L "$name" ]; then
		mkdir "$made/box$name" && mount --bind "$name" "$made/box$name"
	else
		cp -a "$name" "$made/box$name"
	fi
done
is "$(cd "$tree" && chroot "$made/box" timeout 30 "$B/bee" enter "$tree" sh -c 'cat /proc/1/comm /tmp/x; ls /' 2>&1 | tr '\n' ' ')" \
	"bee-enter here bin chroot dev proc sys tmp " "from a chroot"
is "$(chroot "$made/box" timeout 30 "$B/bee" trace run -d "$tree" -- cat /tmp/x 2>&1 | grep -e '^here' -e '^/tmp')" \
	"$(printf 'here\n/tmp/x\tread\t/bin/busybox')" "a run from a chroot"
is "$(grep -v "$made/box" /proc/mounts)" "$mounts" "nothing is left mounted by these"
# It is ended while the tree hangs; INT is what a keyboard sends.
if hang_start "$made/hang"; then
	for signal in TERM INT; do
		timeout -k 20 -s "$signal" 1 "$B/bee" enter "$made/hang" sh 2>/dev/null
		is $? 124 "a tree that hangs, and $signal"
	done
	hang_end "$hang_pid"
else
	skip "a tree that hangs" "no FUSE here"
fi
# Killed before its first process was let go: that one sees it, and ends.
if strace -o "$made/strace" true 2>/dev/null; then
	timeout 20 strace -qq -o /dev/null -e trace=sendto -e inject=sendto:error=EIO:signal=KILL:when=1 "$B/bee" enter "$tree" sleep 1000 >/dev/null 2>&1
	killed=$?
	for _ in $(seq 50); do
		left=$(for exe in /proc/[0-9]*/exe; do readlink "$exe"; done | grep -c "/bee-enter$")
		[ "$left" -eq 0 ] && break
		sleep 0.1
	done
	is "$killed $left" "137 0" "killed before its first process goes on, it leaves none"
else
	skip "killed before its first process goes on, it leaves none" "nothing can be traced here"
fi
tap_end
