#!/bin/sh
# bee guest --backend vm: from an image to READY, in, out, and nothing left over.
# What it boots is made by disk.sh; BEE_VM is its folder.
# shellcheck disable=SC2016 source=tests/root/guest-env.sh
. "$(dirname "$0")/../root/guest-env.sh"

vm=${BEE_VM:-}
[ -e "$vm/small.raw" ] || skip_all "BEE_VM names no folder of tests/vm/disk.sh: make check-vm does"
for tool in qemu-system-x86_64 qemu-img qemu-storage-daemon ssh-keygen ssh; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
[ -e /dev/fuse ] || skip_all "there is no /dev/fuse"
guest() { timeout 280 "$B/bee" guest "$@"; }
boot="--kernel $vm/vmlinuz --initrd $vm/guest-initrd --accel tcg --memory 256M"
handle() { jq -r "$2" "/run/bee/guest/$1/handles"; }
sums() { sha256sum "$vm/small.raw" | cut -c1-64; }
before_sum=$(sums)
guest rm probe
machine >"$made/before"

# run IMAGE -- COMMAND: a VM for one command
# shellcheck disable=SC2086
out=$(guest run "$vm/small.raw" $boot -- sh -c 'echo "$1"; echo err >&2; hostname; cat /etc/fstab; exit 7' x "a  'b'" 2>"$made/err")
is "$?" 7 "a command's exit status comes over the control line"
is "$(echo "$out" | head -n 1)" "a  'b'" "its words are as they were"
ok "$(grep -qx err "$made/err"; echo $?)" "its errors are apart"
is "$(echo "$out" | grep -v '^#' | tail -n +3)" "UUID=0 / ext4 defaults 0 1
tmpfs /run tmpfs defaults,nodev,nosuid,mode=0755 0 0
tmpfs /tmp tmpfs defaults,nodev,nosuid,mode=1777 0 0" "fstab is rebuilt"
is "$(ls /var/lib/bee/guest)" "" "nothing is known of it then"
is "$(sums)" "$before_sum" "the image is as it was"
machine >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "and so is the machine"

# A life, with a work disk, and a supervisor that is killed.
ssh-keygen -q -t ed25519 -N '' -f "$made/user" -C user
# shellcheck disable=SC2086
guest start one --image "$vm/small.raw" $boot --work-size 40M --authorized-keys "$made/user.pub" 2>"$made/err"
is "$? $(state one) $(state one ready)" "0 running true" "it is ready"
for stage in image keys 'work disk' configuration machine console kernel; do
	ok "$(grep -qx "one: $stage" "$made/err"; echo $?)" "the stage \"$stage\" is shown"
done
is "$(guest exec one hostname)" one "exec goes in by ssh, to the host key that was made for it"
guest exec one sh -c 'echo "$1" >/root/kept; exit 5' x 'two words'
is $? 5 "and gives the exit code"
is "$(guest exec one sh -c 'grep -c " /root " /proc/mounts')" 1 "/root is the work disk"
is "$(guest exec one sh -c 'cat /root/.profile /root/nested; readlink /root/deep/link; ls -d /root/root 2>&1 | grep -c No')" "mine
from the home in the home
nested
1" "it has what was in the image's /root, and a home in that moves up"
guest ssh-config one >"$made/config"
is "$(ssh -F "$made/config" -i "$made/user" -o BatchMode=yes one 'cat /root/kept')" "two words" "ssh-config is what ssh takes; a key of --authorized-keys lets in"
qemu=$(handle one .init.pid)
is "$(awk '/^Uid|^CapEff|^CapBnd|^NoNewPrivs|^Seccomp:/ { print $2 }' "/proc/$qemu/status" | head -n 2 | tr '\n' ' ')" \
	"$(state one first_id) 0000000000000000 " "QEMU is nobody, without capabilities"
is "$(awk '/^NoNewPrivs|^Seccomp:/ { print $2 }' "/proc/$qemu/status" | tr '\n' ' ')" "1 2 " "and under its filter"
is "$(find "/proc/$qemu/fd" -lname '/var/lib/bee/*' -printf '%l\n' | sort -u | tr '\n' ' ')" \
	"/var/lib/bee/guest/one/system.qcow2 /var/lib/bee/guest/one/work.img " "it has its own disks, and no others of ours"
guest start one 2>"$made/err"
is $? 75 "started twice it is refused"
# As a log that is looked through on the serial console.
guest exec one sh -c 'echo "Kernel panic - not syncing: once" >/dev/ttyS0'
sleep 4
is "$(state one)" running "words of a panic that was kill none that is ready"
kill -9 "$(handle one .supervisor.pid)"
sleep 0.2
is "$(state one) $(state one supervisor) $(guest exec one hostname)" "running false one" "its supervisor killed, it goes on, and exec goes in"
ok "$( (sleep 1; printf '\035') | guest console one | grep -q 'EXT4-fs (vda)'; echo $?)" "its console is there, and ^] leaves it"
# More than two logs hold, on the serial console.
guest exec one sh -c 'head -c 3000000 /dev/zero | tr "\0" a | fold -w 100 >/dev/ttyS0' 2>/dev/null
is "$? $(find /var/lib/bee/guest/one -name 'console.log*' -size +1025k | wc -l) $(find /var/lib/bee/guest/one -name 'console.log*' | wc -l)" \
	"0 0 2" "3 MB on the serial console are two logs of at most 1 MiB"
is "$(state one) $(state one console) $(tail -c 50 /var/lib/bee/guest/one/console.log | grep -c aaaa)" "running true 1" "the last of them is kept, and it goes on"
kill -9 "$(handle one .keeper.pid)"
sleep 0.2
is "$(state one) $(state one console)" "running false" "its keeper killed, only the console is lost, and that is said"
guest gc
is "$? $(state one)" "0 running" "gc leaves it alone"
guest stop one
is "$? $(state one) $(state one exit)" "0 stopped unknown" "it stops; how it ended is not known"
guest start one --quiet 2>"$made/err"
is "$? $(guest exec one cat /root/kept)" "0 two words" "started by its name it is what it was, with its disks"
kill -9 "$(handle one .supervisor.pid)" "$(handle one .init.pid)"
for _ in $(seq 20); do [ "$(state one)" = ended ] && break; sleep 0.1; done
is "$(state one)" ended "both killed, it has ended"
guest gc
is "$? $(state one) $(ls /run/bee/guest)" "0 stopped " "gc tidies up"
"$B/bee" vm delete one
is "$? $(ls /var/lib/bee/guest)" "0 " "deleted, nothing is left of it"

# A caller who does not read what the command says, and a QEMU that answers nobody.
mkfifo "$made/pipe"
exec 9<>"$made/pipe"
# shellcheck disable=SC2086
guest run four --image "$vm/small.raw" $boot -- sh -c 'while :; do echo 0123456789012345678901234567890123456789; done' \
	>"$made/pipe" 2>"$made/err" 9>&- &
runner=$!
for _ in $(seq 600); do [ "$(state four ready)" = true ] && break; sleep 0.2; done
sleep 3
qemu=$(handle four .init.pid)
kill -STOP "$qemu"
timeout 60 "$B/bee" guest stop --timeout 3 four 2>"$made/stop"
is "$? $(state four)" "0 stopped" "a caller who reads nothing, and a QEMU that stands still, keep no VM from ending"
exec 9>&-
wait $runner
guest rm four

# What goes wrong is told apart.
# shellcheck disable=SC2086
guest start two --image "$vm/small.raw" $boot --quiet --append init=/nope 2>"$made/err"
is "$? $(state two)" "81 stopped" "no init: 81"
guest start two --image "$vm/small.raw" --kernel "$vm/vmlinuz" --accel tcg --quiet 2>"$made/err"
is $? 81 "no root: 81, at once, though the image is good"
# shellcheck disable=SC2086
guest start two --image "$vm/small.raw" $boot --quiet --append init=/bin/false 2>"$made/err"
is "$? $(grep -c panicked "$made/err")" "80 1" "a panic: 80"
echo no >"$made/text"
# shellcheck disable=SC2086
guest start two --image "$made/text" $boot --quiet 2>"$made/err"
is "$? $(grep -c 'is not what this guest' "$made/err")" "73 1" "another image below the same disk is refused"
guest rm two
# shellcheck disable=SC2086
guest start two --image "$made/text" $boot --quiet 2>"$made/err"
is "$? $(grep -c 'no ext2, ext3 or ext4' "$made/err")" "73 1" "an image that cannot be configured is refused in words"
guest rm two
qemu-img create -q -f qcow2 -b /etc/shadow -F raw "$made/hostile.qcow2"
# shellcheck disable=SC2086
guest start two --image "$made/hostile.qcow2" $boot --quiet 2>"$made/err"
is "$? $(grep -c 'names another file' "$made/err")" "73 1" "an image that lies over a file of the machine is refused"
guest rm two
# shellcheck disable=SC2086
guest start two --image "$vm/small.raw" $boot --quiet --work-seed "$vm/small.raw" --work-size 1M 2>"$made/err"
is "$? $(grep -c 'smaller than the seed' "$made/err") $(find /var/lib/bee/guest/two -name 'work*')" "73 1 " "a work disk smaller than its seed is refused before anything is copied"
guest rm two

# As a QEMU that was taken over could leave it: bit 2 of the features at 72 is an external data file.
# shellcheck disable=SC2086
guest start two --image "$vm/small.raw" $boot --quiet --append init=/nope 2>"$made/err"
printf '\004' | dd of=/var/lib/bee/guest/two/system.qcow2 bs=1 seek=79 conv=notrunc status=none
guest start two --quiet 2>"$made/err"
is "$? $(grep -c 'system.qcow2 names another file' "$made/err")" "73 1" "so is a guest's own disk that names a file since"
guest rm two

# An initramfs alone; cables.
ip link add bridge0 type bridge
# shellcheck disable=SC2086
out=$(guest run three --backend vm $boot --rm --bridge bridge0:06:a7:dd:b4:02:f2 -- \
	sh -c 'until [ -e /sys/class/net/eth0 ]; do sleep 1; done; cat /sys/class/net/eth0/address' 2>"$made/err")
is "$? $out" "0 06:a7:dd:b4:02:f2" "an initramfs is a guest by itself, and has a cable with its MAC"
ip link del bridge0

tap_end
