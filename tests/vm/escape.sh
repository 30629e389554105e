#!/bin/sh
# Tests of jails on Debian's kernel: a machine in QEMU whose root is this one's, read only, below a tmpfs. What
# the tests need is what this machine has; the kernel and its modules are of DIR's packages (image.sh).
#
# escape.sh DIR TEST...    B=build BEE_ESCAPE=whole tests/vm/escape.sh build/vm tests/root/broker-all.t
# Nothing that the tests need may be below /tmp, /run, /dev or /sys: those are the machine's own.
set -eu
dir=$(cd "$1" && pwd)
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d "$dir/escape.XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/vm/initrd.sh
. "$top/tests/vm/initrd.sh"

version=$(kernel_of "$dir" "$work/kernel")
# What the tests want, beside what is built in: FUSE, for devices that hang, and a netlink that few may open.
initrd_of_machine "$work/kernel" "$version" "$work/initrd" fuse nfnetlink
# As a server has it: a tmpfs for what is made, a group of its own, devices for who wants to lose one.
cat >"$work/inside" <<END
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ln -sf /proc/self/fd /dev/fd
mount -t tmpfs -o mode=0755 tmpfs /sys/fs/cgroup
mkdir /sys/fs/cgroup/pids
mount -t cgroup -o pids cgroup /sys/fs/cgroup/pids
mkdir /sys/fs/cgroup/pids/tests
echo \$\$ >/sys/fs/cgroup/pids/tests/cgroup.procs
ip link set lo up 2>/dev/null
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
export B="$(cd "${B:-$top/build}" && pwd)" BEE_ESCAPE="${BEE_ESCAPE:-each}" BEE_PATIENCE=600
cd "$top"
echo "# kernel \$(uname -r), Landlock \$(python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))')"
for test in $*; do
	began=\$(cut -d. -f1 /proc/uptime)
	sh \$test 2>&1
	echo "# \$test: exit \$?, \$((\$(cut -d. -f1 /proc/uptime) - began)) s"
done
echo "# all done"
mount -o remount,ro / 2>/dev/null
echo o >/proc/sysrq-trigger
while :; do :; done
END
pack "$work/initrd" >"$work/initrd.zst"

# One processor: each command of a tool passes from one process to the next ten times, for which two emulated
# ones take a hundred times as long. And a simple one: what it has besides costs emulation.
accel="tcg,thread=single,tb-size=512 -cpu qemu64"
# Without these flags /dev/kvm may open and still hang a stock kernel.
if grep -qw -e vmx -e svm /proc/cpuinfo && [ -w /dev/kvm ]; then accel="kvm -cpu host"; fi
status=0
# shellcheck disable=SC2086
timeout "${ESCAPE_TIME:-10800}" qemu-system-x86_64 -accel $accel -m 2048 -smp 1 \
	-nodefaults -no-user-config -display none -no-reboot -kernel "$dir/vmlinuz" -initrd "$work/initrd.zst" \
	-append "console=ttyS0 quiet panic=-1 inside=$work/inside" -serial stdio \
	-fsdev local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap \
	-device virtio-9p-pci,fsdev=machine,mount_tag=machine </dev/null | stdbuf -o0 tr -d '\r' | tee "$work/said" || status=$?
# A test that ended early has no plan.
grep -q '^# all done' "$work/said" || { echo "the machine stopped before its end" >&2; exit 1; }
! grep -q -e '^not ok' -e '^# tests.*: exit [1-9]' "$work/said" || exit 1
exit "$status"
