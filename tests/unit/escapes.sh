# What root in a guest may try. Each line of output is an attempt that has worked. What is written is
# what was there before, so that nothing happens to the machine that the tests run on.
# shellcheck shell=sh
# try NAME COMMAND...
try() {
	name=$1
	shift
	if "$@" >/dev/null 2>&1; then echo "$name"; fi
}
# same FILE: writes into it what it holds
same() {
	text=$(cat "$1") && [ -n "$text" ] && printf '%s\n' "${text##*\[}" | tr -d ']' >/dev/null && printf '%s\n' "$text" >"$1"
}
# call NUMBER ARGUMENT...: a system call, by its number on x86-64; numbers, or text after "t:"
call() {
	python3 -c '
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
keep = [ctypes.create_string_buffer(a[2:].encode(), 4096) if a[:2] == "t:" else int(a, 0) for a in sys.argv[2:]]
args = [ctypes.c_void_p(ctypes.addressof(k)) if not isinstance(k, int) else ctypes.c_long(k) for k in keep]
sys.exit(0 if libc.syscall(ctypes.c_long(int(sys.argv[1])), *args) >= 0 else 1)' "$@"
}
node_read() { mknod "$@" && timeout 2 dd if="$1" of=/dev/null bs=512 count=1 iflag=nonblock; }
mounted() {
	mkdir -p "/tmp/m/$1" && mount -t "$@"
}
release_agent() { mkdir -p /tmp/m/v1 && mount -t cgroup -o memory none /tmp/m/v1 && [ -w /tmp/m/v1/release_agent ]; }
time_same() { python3 -c 'import time; time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))'; }
disk=$(stat -c %d /)
PATH=$PATH:/sbin:/usr/sbin

mkdir -p /tmp/m/proc /tmp/m/sys
# The machine's kernel, by /proc as it is and by a fresh one
try "proc: core_pattern" same /proc/sys/kernel/core_pattern
try "proc: overcommit" same /proc/sys/vm/overcommit_ratio
mount -o remount,bind,rw /proc/sys 2>/dev/null
try "proc remounted: core_pattern" same /proc/sys/kernel/core_pattern
umount /proc/sys/net /proc/sys 2>/dev/null
try "proc uncovered: core_pattern" same /proc/sys/kernel/core_pattern
umount /proc/kallsyms /proc/timer_list /proc/kmsg /proc/keys 2>/dev/null
mount -t proc proc /tmp/m/proc 2>/dev/null
for file in sys/kernel/core_pattern sys/vm/overcommit_ratio sys/kernel/panic sys/fs/protected_hardlinks \
	sys/kernel/randomize_va_space sys/kernel/threads-max sys/fs/file-max; do
	try "fresh proc: $file" same "/tmp/m/proc/$file"
done
for file in timer_list vmallocinfo kpagecount slabinfo kcore; do
	try "fresh proc: $file is read" head -c1 "/tmp/m/proc/$file"
done
try "fresh proc: kmsg" timeout 2 dd if=/tmp/m/proc/kmsg of=/dev/null bs=4096 count=1 iflag=nonblock
# ... and /sys
attribute=block/loop0/queue/read_ahead_kb
try "sys: $attribute" same "/sys/$attribute"
mount -o remount,bind,rw /sys 2>/dev/null
try "sys remounted: $attribute" same "/sys/$attribute"
mount -t sysfs sysfs /tmp/m/sys 2>/dev/null
try "fresh sys: $attribute" same "/tmp/m/sys/$attribute"
try "fresh sys: uevent" sh -c 'echo change >/tmp/m/sys/block/loop0/uevent'
# Devices
try "mknod: the disk of /" node_read /dev/bee-disk b $((disk >> 8 & 0xfff)) $((disk & 0xff))
try "mknod: loop-control" node_read /dev/bee-loop c 10 237
try "mknod: kmsg" node_read /dev/bee-kmsg c 1 11
try "mknod: zero" node_read /dev/bee-zero c 1 5
try "mount: devtmpfs" mounted devtmpfs none /tmp/m/devtmpfs
try "mount: debugfs" mounted debugfs none /tmp/m/debugfs
try "mount: tracefs" mounted tracefs none /tmp/m/tracefs
try "mount: securityfs" mounted securityfs none /tmp/m/securityfs
try "mount: cgroup v1 with its release_agent" release_agent
# What is the machine's, not a namespace's
try "clock" time_same
try "nice" renice -n -20 -p $$
try "real time" chrt -f -p 1 $$
try "real time of disks" ionice -c 1 -p $$
try "kernel log" dmesg
# Calls with a record: by number, as no program is there for them
if [ "$(uname -m)" = x86_64 ]; then
	echo x >/tmp/acct
	try "acct" call 163 t:/tmp/acct && call 163 0 >/dev/null 2>&1
	try "iopl" call 172 3
	try "ioperm" call 173 0x80 1 1
	try "add_key" call 248 t:user t:bee t:x 1 0xfffffffe
	try "keyctl" call 250 0 0xfffffffe 1
	try "perf_event_open" call 298 t: -1 0 -1 0
	try "fanotify_init" call 300 4 0
	try "bpf" call 321 0 "t:$(printf '\002')" 1
	try "userfaultfd" call 323 0x80000
	try "io_uring_setup" call 425 1 t:
	try "syslog" call 103 10 0 0
	try "kcmp" call 312 $$ $$ 0 0 0
	try "vhangup" call 153
	try "open_by_handle_at" python3 -c '
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0), 136)
mount = ctypes.c_int()
top = os.open("/run", os.O_RDONLY)
if libc.name_to_handle_at(top, b"", handle, ctypes.byref(mount), 0x1000) < 0: sys.exit(1)
sys.exit(0 if libc.open_by_handle_at(top, handle, 0) >= 0 else 1)'
fi
