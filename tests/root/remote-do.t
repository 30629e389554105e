#!/bin/sh
# What orders have done for them: sshd, mount, watchdog, reboot, kexec; and what is left after one that failed.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"

# systemctl of this test alone: what it was asked, and when.
mkdir "$made/calls"
cat >"$made/systemctl" <<END
#!/bin/sh
echo "\$*" >>$made/calls/all
[ -z "\$(cat $made/calls/refuses)" ] || exit 5
case "\$*" in *reboot* | *kexec*) ls $server/home | wc -l >$made/calls/home ;; esac
END
chmod 755 "$made/systemctl"
: >"$made/calls/refuses"
[ -e /usr/bin/systemctl ] || skip_all "there is no systemctl to stand in for"
mount --bind "$made/systemctl" /usr/bin/systemctl || skip_all "no mount on systemctl"
calls() { [ ! -e "$made/calls/all" ] || tr '\n' ';' <"$made/calls/all"; }
fresh() {
	rm -rf "$state" "$made/calls/all" "$made/calls/home"
	rm -f "$server"/home/*
}
allow() { printf 'allow %s\n' "$@" >"$conf/remote.policy"; }
ran() { echo 'echo ran'; }
server_start
echo '{}' >"$made/audit.json"

# A reboot.
ran | make_order 7 "#bee-do reboot"
refused "a reboot is nobody's by itself" "it wants reboot, which is not allowed here"
is "$(calls)" "" "and nothing of it happens"
allow reboot
fresh
remote once
is "$status $(calls)" "0 --no-block reboot;" "where it is allowed, systemd is asked for it"
is "$(cat "$made/calls/home")" 2 "when log and audit are home"
ok "$(grep -q '^doing reboot$' "$state/status"; echo $?)" "and the status says so"
remote once
is "$status $(calls)" "0 --no-block reboot;" "once"
# A watchdog that is opened counts (Documentation/watchdog/watchdog-api.rst): nobody opens one that no order has started.
if command -v strace >/dev/null; then
	fresh
	strace -f -qq -e trace=openat -o "$made/trace" "$B/bee" remote once --config "$conf" --state "$state" \
		--document "$made/audit.json" >/dev/null 2>"$made/err" </dev/null
	is "$? $(calls) $(grep -c '/order.log"' "$made/trace" | sed 's/[1-9].*/some/') $(grep -c '"/dev/watchdog"' "$made/trace")" \
		"0 --no-block reboot; some 0" "and no watchdog is started that the order did not start"
else
	skip "and no watchdog is started that the order did not start" "strace is not installed"
fi
echo 'exit 4' | make_order 8 "#bee-do reboot"
fresh
remote once
is "$status $(calls)" "3 " "an order that fails reboots nothing"
ran | make_order 9 "#bee-do reboot"
fresh
echo lossy >"$server/mode"
remote once
is "$status $(calls)" "75 --no-block reboot;" "a server that takes no log does not keep a machine from it"
: >"$server/mode"
# Nor for long, as a watchdog may be counting: twice --total.
for mode in "home-busy retry=3600" home-slow; do
	fresh
	echo "$mode" >"$server/mode"
	remote run --total 3
	is "$status $(calls)" "75 --no-block reboot;" "nor one that is '$mode'"
	in_time 15000 "for longer than the way home has"
done
: >"$server/mode"
cp "$conf/TRUST" "$made/TRUST"
echo "spread 3600" >>"$conf/TRUST"
fresh
remote run --total 3
is "$status $(calls) $(cat "$made/calls/home")" "0 --no-block reboot; 2" "nor does a fleet's image wait before it: log and audit go home at once"
in_time 15000 "in time"
cp "$made/TRUST" "$conf/TRUST"
fresh
echo 1 >"$made/calls/refuses"
remote once
is "$status $(calls)" "3 --no-block reboot;" "a systemd that refuses is a failure"
ok "$(said 'reboot: systemctl says 5'; echo $?)" "in words"
: >"$made/calls/refuses"

# Keys, and the way in.
key="AAAAC3NzaC1lZDI1NTE5AAAAIJ0pLHnl7nXc5M5nQWJ3BrrgqQ8KfYtlPB3eHRLnXb1q"
printf '# who may\nssh-ed25519 %s alice@desk\n' "$key" >"$server/files/keys"
keys_order() { ran | make_order "$1" "#bee-do sshd keys" "#bee-file keys $(sha256sum <"$server/files/keys" | cut -d' ' -f1)"; }
keys_order 10
refused "keys are nobody's by themselves" "it wants sshd keys, which is not allowed here"
allow sshd
fresh
remote once
is "$status $(calls)" "0 start ssh.service;" "where they are allowed sshd is started"
ok "$(cmp -s "$state/authorized_keys" "$server/files/keys"; echo $?)" "and reads the order's keys"
is "$(stat -c '%a %u' "$state/authorized_keys") $(stat -c '%a' "$state")" "600 0 700" "which are root's alone"
ok "$(grep -q "^AuthorizedKeysFile .*/run/bee/remote/authorized_keys" "$root/iso/overlay/etc/ssh/sshd_config.d/bee.conf"; echo $?)" \
	"where the image's sshd looks for them"
# bad_keys TEXT NAME
bad_keys() {
	printf '%b' "$1" >"$server/files/keys"
	keys_order 11
	fresh
	remote once
	if [ "$status" -eq 3 ] && [ ! -e "$state/authorized_keys" ] && [ -z "$(calls)" ] && [ ! -s "$state/order.log" ] && said "sshd: "; then
		ok 0 "$2"
	else
		ok 1 "$2"
		sed 's/^/#   got: /' "$made/err"
	fi
}
bad_keys '# none\n' "a file without a key is refused, and the script does not run"
bad_keys 'command="sh" ssh-ed25519 '"$key"'\n' "so is one with options"
bad_keys 'ssh-ed25519 AAAA\n' "a key that is too short"
bad_keys "ssh-dss $key\n" "one of a kind that sshd has given up"
bad_keys "ssh-ed25519 $key\nx\n" "a line that is none, behind one that is"
bad_keys "ssh-ed25519 $key\tx\n" "a tab in the place of a blank"
bad_keys "ssh-ed25519 $key" "a line without its end"
bad_keys "ssh-ed25519 $key \033[2J\n" "a line with an escape"

# An order that fails: the image's own keys, where it says so.
printf 'echo before it failed\nexit 9\n' | make_order 12
fresh
remote once
is "$status $(calls)" "3 " "after a failure nothing is opened by itself"
echo "on-failure sshd" >"$conf/remote.policy"
fresh
remote once
is "$status $(calls)" "3 start ssh.service;" "on-failure sshd: it is"
[ ! -e "$state/authorized_keys" ]
ok $? "for the image's own keys alone"
ok "$(grep -l '^status 9$' "$server"/home/* | xargs grep -q 'before it failed'; echo $?)" "and its log goes home"
remote once
is "$status $(calls)" "0 start ssh.service;" "it is not run again"

# A watchdog that is not there.
ran | make_order 13 "#bee-do watchdog 60"
allow watchdog
if [ -e /dev/watchdog ]; then
	skip "a machine without a watchdog" "this one has one"
else
	fresh
	remote once
	is "$status $(cat "$state/order.log")" "3 " "without a watchdog an order that wants one does not run"
	ok "$(said 'watchdog: there is none'; echo $?)" "in words"
	ok "$(grep -l '^why watchdog: there is none$' "$server"/home/* | grep -q .; echo $?)" "which go home too"
fi

# Another kernel.
echo "a kernel" >"$server/files/kernel"
kexec_order() {
	number=$1
	shift
	ran | make_order "$number" "#bee-file kernel $(sha256sum <"$server/files/kernel" | cut -d' ' -f1)" \
		"#bee-do kexec kernel" "#bee-cmdline root=/dev/vda1" "#bee-cmdline ro quiet" "$@"
}
kexec_order 14
refused "another kernel is nobody's by itself" "it wants kexec kernel, which is not allowed here"
allow kexec
kexec_order 14 "#bee-target any"
refused "and never everybody's" "names not exactly one machine"
kexec_order 14
refused "nor one's that signs nothing" "it wants kexec, and nothing but its word proves which machine this is"
machine_key
fresh
remote once
if [ -e /sys/kernel/kexec_loaded ]; then
	is "$status $(calls)" "3 " "what is no kernel is not started"
else
	is "$status $(cat "$state/order.log") $(calls)" "3  " "a kernel without kexec: the script does not even run"
	ok "$(said 'kexec: unavailable: this kernel can start no other one'; echo $?)" "in words"
fi

# What cannot be meant is refused.
allow reboot kexec watchdog mount sshd
for line in "reboot now" "kexec" "kexec none" "watchdog 5" "watchdog 99999" "watchdog" "mount S4EVNX0M000001 1" \
	"mount S4EVNX0M000001 x ext4" "mount S4EVNX0M000001 1 fuse" "sshd nothere" "format" "reboot " " reboot" "reboot  x"; do
	ran | make_order 20 "#bee-do $line"
	fresh
	remote once
	is "$status $(calls)" "75 " "#bee-do '$line': refused"
done
ran | make_order 20 "#bee-do reboot" "#bee-do watchdog 60"
refused "nothing comes after what ends the boot" "watchdog: after what ends the boot"
ran | make_order 20 "#bee-do watchdog 60" "#bee-do watchdog 70"
refused "nothing is done twice" "watchdog: twice"
ran | make_order 20 "#bee-do watchdog 179" "#bee-do reboot"
refused "a watchdog leaves the log its time to get home" "watchdog: at least 180 seconds where the boot is to end"
ran | make_order 20 "#bee-do reboot" "#bee-cmdline quiet"
refused "a kernel's words without a kernel" "a cmdline, and no kexec"

# A file system of a disk, as in remote-disk.t.
# shellcheck disable=SC2317 # it is called where a tool is missing
without() {
	skip "a file system of a disk" "$1"
	tap_end
	exit 0
}
for tool in losetup mkfs.ext4; do
	command -v $tool >/dev/null || without "no $tool"
done
truncate -s 8M "$made/disk"
mkdir "$made/fs"
echo "root of node 7" >"$made/fs/fstab"
head -c 300000 /dev/urandom >"$made/fs/open"
# As distributions have it: a kernel that is root's alone, and a link to it from the root of their tree.
mkdir "$made/fs/boot"
head -c 500000 /dev/urandom >"$made/fs/boot/vmlinuz-6.1"
chmod 600 "$made/fs/boot/vmlinuz-6.1"
ln -s /boot/vmlinuz-6.1 "$made/fs/vmlinuz"
ln -s ../../../../etc/passwd "$made/fs/passwd"
mkfifo "$made/fs/pipe"
mkfs.ext4 -q -d "$made/fs" "$made/disk" || exit 1
# As after a crash: a file that was deleted while it was open. The kernel deletes it for good at the next mount.
inode=$(debugfs -R 'stat open' "$made/disk" 2>/dev/null | sed -n 's/^Inode: \([0-9]*\) .*/\1/p')
for change in "sif <$inode> links_count 0" "unlink open" "ssv last_orphan $inode"; do
	debugfs -w -R "$change" "$made/disk" >/dev/null 2>&1
done
loop=$(losetup -f --show "$made/disk" 2>/dev/null) || without "no loop devices here"
# shellcheck disable=SC2317 # the trap calls it
loop_end() {
	losetup -d "$loop" 2>/dev/null
	tidy
}
trap loop_end EXIT
mkdir -p "$made/block/${loop#/dev/}/device"
echo S4EVNX0M000001 >"$made/block/${loop#/dev/}/device/serial"
mount --bind "$made/block" /sys/block || without "no mount on /sys/block"
before=$(sha256sum <"$made/disk")
mount_order() {
	make_order "$1" "#bee-do mount $2" ${3:+"$3"} <<-'END'
		cat "$2/fstab"
		echo x >"$2/fstab" || echo "not written"
	END
}
: >"$conf/remote.policy"
mount_order 25 "S4EVNX0M000001 0 ext4"
refused "a file system is nobody's by itself" "it wants mount S4EVNX0M000001 0 ext4, which is not allowed here"
allow mount
mount_order 25 "S4EVNX0M000001 0 ext4" "#bee-target any"
refused "and never everybody's" "names not exactly one machine"
mount_order 25 "S4EVNX0M000001 0 ext4"
rm "$conf/machine.key"
refused "nor one's that signs nothing" "it wants mount, and nothing but its word proves which machine this is"
machine_key
fresh
remote once
is "$status $(sed -n '1p;$p' "$state/order.log" | tr '\n' ';')" "0 root of node 7;not written;" "where it is allowed its files are read"
blockdev --flushbufs "$loop" && sync "$made/disk"
is "${inode:-0} $(sha256sum <"$made/disk")" "$inode $before" "and not a byte of the disk is written, whatever its file system has to mend"
is "$(blockdev --getro "$loop")" 0 "afterwards it can be written as before"
is "$(grep -c "$state/mounts" /proc/mounts)" 0 "nothing stays mounted"
# Also where all that has to do with it is killed: else nothing could be restored to the disk until the next boot.
getro() {
	for _ in $(seq 200); do
		[ "$(blockdev --getro "$loop")" != "$1" ] || break
		sleep 0.05
	done
	blockdev --getro "$loop"
}
for end in TERM KILL; do
	echo "sleep 60" | make_order 26 "#bee-do mount S4EVNX0M000001 0 ext4"
	fresh
	"$B/bee" remote once --config "$conf" --state "$state" --document "$made/audit.json" >"$made/out" 2>"$made/err" </dev/null &
	pid=$!
	is "$(getro 1)" 1 "a disk is closed to writing while it is looked at"
	kill -$end $pid
	wait $pid
	is "$(getro 0) $(sha256sum <"$made/disk")" "0 $before" "and is not, nor written, when who looked got $end"
done
mount_order 26 "S4EVNX0M000001 0 vfat"
fresh
remote once
is "$status $(said "mount: $loop as vfat: "; echo $?)" "3 0" "what is not of that type is said"
mount_order 26 "S4EVNX0M000001 3 ext4"
fresh
remote once
is "$status $(said 'the disk has no partition 3'; echo $?)" "3 0" "so is a partition that is not there"
mount_order 26 "S4EVNX0M000002 0 ext4"
fresh
remote once
is "$status $(said 'there is none with the serial S4EVNX0M000002'; echo $?)" "3 0" "and a disk that is not"

# A file of an order that is there already: the kernel on the disk, to boot from it.
kernel=$(sha256sum <"$made/fs/boot/vmlinuz-6.1" | cut -d' ' -f1)
local_order() {
	to=$1 words=$2
	shift 2
	# shellcheck disable=SC2016 # of the order's shell
	echo 'sha256sum <"$1/kernel"' | make_order "$to" "#bee-file kernel $words" "$@"
}
echo "allow disk" >"$conf/remote.policy"
local_order 30 "$kernel S4EVNX0M000001 0 ext4 /vmlinuz"
refused "a file of a disk is mounted, which has to be allowed" "it wants a file of the disk S4EVNX0M000001, which takes allow mount here"
echo "allow mount" >"$conf/remote.policy"
local_order 30 "$kernel S4EVNX0M000001 0 ext4 /vmlinuz" "#bee-target any"
refused "and is never everybody's" "names not exactly one machine"
local_order 30 "$kernel S4EVNX0M000001 0 ext4 /vmlinuz"
rm "$conf/machine.key"
refused "nor one's that signs nothing" "it wants a file of a disk, and nothing but its word proves which machine this is"
machine_key
fresh
: >"$server/log"
remote once
is "$status $(cat "$state/order.log")" "0 $kernel  -" "where it is allowed it is the file that the order names"
is "$(grep -c "$kernel" "$server/log")" 0 "which the server is not asked for"
blockdev --flushbufs "$loop" && sync "$made/disk"
is "$(sha256sum <"$made/disk") $(blockdev --getro "$loop")" "$before 0" "and not a byte of the disk is written"
is "$(grep -c "$state" /proc/mounts) $(find "$state" -name '*.disk')" "0 " "nothing stays mounted"
number=31
# missing WORDS WHY NAME
missing() {
	number=$((number + 1))
	local_order $number "$1"
	fresh
	remote once
	if [ "$status" -eq 3 ] && [ ! -s "$state/order.log" ] && said "$2"; then ok 0 "$3"; else
		ok 1 "$3"
		sed 's/^/#   got: /' "$made/err"
	fi
}
missing "$(sha256sum <"$made/fs/fstab" | cut -d' ' -f1) S4EVNX0M000001 0 ext4 /vmlinuz" "file kernel: it is not the one that the order names" \
	"a kernel that is another one by now is not taken"
missing "$kernel S4EVNX0M000001 0 ext4 /boot/none" "file kernel: No such file or directory" "one that is not there"
missing "$(sha256sum </etc/passwd | cut -d' ' -f1) S4EVNX0M000001 0 ext4 /passwd" "file kernel: No such file or directory" "a link leads to no file of ours"
missing "$kernel S4EVNX0M000001 0 ext4 /pipe" "file kernel: not a plain file" "a pipe is not waited for"
missing "$kernel S4EVNX0M000001 0 vfat /vmlinuz" "file kernel: mount: " "another type"
missing "$kernel S4EVNX0M000001 4 ext4 /vmlinuz" "file kernel: the disk has no partition 4" "another partition"
missing "$kernel S4EVNX0M000002 0 ext4 /vmlinuz" "there is none with the serial S4EVNX0M000002" "another disk"
for words in "$kernel " "$kernel S4EVNX0M000001" "$kernel S4EVNX0M000001 0 ext4" "$kernel S4EVNX0M000001 x ext4 /vmlinuz" \
	"$kernel S4EVNX0M000001 0 fuse /vmlinuz" "$kernel S4EVNX0M000001 0 ext4 vmlinuz" "$kernel S4EVNX0M000001 0 ext4 /a/../vmlinuz" \
	"$kernel S4EVNX0M000001 0 ext4 /vmlinuz x" "$kernel S4EVNX0M000001  0 ext4 /vmlinuz"; do
	local_order 60 "$words"
	fresh
	remote once
	is "$status" 75 "#bee-file kernel ${words#"$kernel"}: refused"
done
allow mount kexec
local_order 61 "$kernel S4EVNX0M000001 0 ext4 /vmlinuz" "#bee-do kexec kernel" "#bee-cmdline root=/dev/vda1 ro"
fresh
remote once
if [ -e /sys/kernel/kexec_loaded ]; then
	is "$status $(calls)" "3 " "it can be started, where it is a kernel"
else
	is "$status $(said 'kexec: unavailable: this kernel can start no other one'; echo $?)" "3 0" "it can be started, where kernels can"
fi
"$B/bee" remote explain -c "$conf" "$order" >"$made/out" 2>&1
ok "$(grep -q "with      kernel $kernel of the disk S4EVNX0M000001, 0, /vmlinuz$" "$made/out"; echo $?)" "explain tells where it is from"
tap_end
