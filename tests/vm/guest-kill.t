#!/bin/sh
# bee guest --backend vm: killed at any moment of its life, nothing of a VM is left after gc.
# What it boots is made by disk.sh; BEE_VM is its folder. BEE_KILLS: how often, 4.
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
guest rm probe

kills=${BEE_KILLS:-4}
left=0
guest gc
machine | grep -v world >"$made/before"
for i in $(seq "$kills"); do
	# shellcheck disable=SC2086
	guest start four --image "$vm/small.raw" $boot --quiet --work-size 20M >/dev/null 2>&1 &
	sleep "$(awk -v seed="$i$$" 'BEGIN { srand(seed); r = rand(); printf "%.3f", r < 0.5 ? r * 1.4 : r * 14 }')"
	for dir in /proc/[0-9]*; do
		case $(readlink "$dir/exe" 2>/dev/null) in
		"$B"/bee-guest*) kill -9 "${dir#/proc/}" 2>/dev/null ;;
		*/qemu-*) [ "$((i % 3))" -ne 0 ] || kill -9 "${dir#/proc/}" 2>/dev/null ;;
		esac
	done
	wait
	guest stop --now four >/dev/null 2>&1
	guest gc || left=$((left + 1))
	guest rm four >/dev/null 2>&1
	machine | grep -v world >"$made/after"
	cmp -s "$made/before" "$made/after" || { sleep 1; machine | grep -v world >"$made/after"; }
	if ! cmp -s "$made/before" "$made/after" || [ -n "$(ls /var/lib/bee/guest)" ] || pidof qemu-system-x86_64 qemu-storage-daemon >"$made/pids"; then
		left=$((left + 1))
		diff "$made/before" "$made/after" | head -n 5 | sed 's/^/# /'
		find /var/lib/bee/guest -mindepth 1 -maxdepth 1 -printf '# record: %f\n'
		sed 's/^/# process: /' "$made/pids"
	fi
done
is "$left" 0 "killed $kills times at any moment, QEMU with it or not: nothing is left"
tap_end
