#!/bin/busybox sh
# shellcheck shell=dash
# Pid 1 of the virtual machine: loads the drivers, then runs what the test sends, line by line.
#
# A line on the virtio port "bee" is a shell command. The answer is one line of its exit status
# and the number of bytes it printed, then those bytes. Nothing else is written there.
/bin/busybox --install -s /opt/busybox
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/opt/busybox HOME=/root TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo "vm: drivers at $(cut -d' ' -f1 /proc/uptime)"
# shellcheck disable=SC2013
for module in $(cat /etc/vm-modules); do
	modprobe "$module" || echo "vm: no $module"
done
port=
for try in $(seq 1 300); do
	for dir in /sys/class/virtio-ports/*; do
		[ "$(cat "$dir/name" 2>/dev/null)" = bee ] && port=/dev/${dir##*/}
	done
	[ -n "$port" ] && break
	sleep 0.1
done
[ -n "$port" ] || { echo "vm: no port after $try tries"; poweroff -f; }
# The drivers probe on their own time.
settle() {
	last=
	for try in $(seq 1 100); do
		now=$(ls /sys/block /sys/class/nvme /sys/class/net /dev/ipmi* 2>/dev/null)
		[ "$now" = "$last" ] && [ "$try" -gt 4 ] && break
		last=$now
		sleep 0.5
	done
}
settle
echo "vm: ready at $(cut -d' ' -f1 /proc/uptime)"
exec 3<>"$port"
printf '0 0\n' >&3
while read -r line <&3; do
	sh -c "$line" >/tmp/said 2>&1 3>&- </dev/null
	status=$?
	printf '%d %d\n' "$status" "$(wc -c </tmp/said)" >&3
	cat /tmp/said >&3
done
poweroff -f
