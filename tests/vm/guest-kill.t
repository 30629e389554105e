#!/bin/sh
# bee guest --backend vm: killed at any moment of its life, nothing of a VM is left after gc. By turns all of it, bee's
# own processes, and each kind alone; every second time with a tap in a bridge.
# What it boots is made by disk.sh; BEE_VM is its folder. BEE_KILLS: how often, 6.
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
ip link add bridge0 type bridge
guest rm probe

# Names of processes, as comm has them; the exporter of a disk is there only while that is configured.
ours='bee-guest bee-guest-disk bee-supervisor bee-keeper'
victims() {
	case $1 in
	0) echo "$ours qemu-system-x86 qemu-storage-da" ;;
	1) echo "$ours" ;;
	2) echo bee-supervisor ;;
	3) echo "qemu-system-x86" ;;
	4) echo "qemu-storage-da" ;;
	5) echo "bee-keeper bee-guest-disk" ;;
	esac
}

kills=${BEE_KILLS:-6}
left=0 hit=0 taps=0
guest gc
machine | grep -v world >"$made/before"
for i in $(seq "$kills"); do
	set -- --work-size 20M
	[ $((i % 2)) -ne 0 ] || set -- "$@" --bridge bridge0:
	# shellcheck disable=SC2086
	guest start four --image "$vm/small.raw" $boot --quiet "$@" >/dev/null 2>&1 &
	start=$!
	sleep "$(awk -v seed="$i$$" -v kind=$((i / 2 % 6)) 'BEGIN { srand(seed); r = rand(); printf "%.3f", kind == 4 || r < 0.5 ? r * 1.4 : r * 14 }')"
	! ip link show four0 >/dev/null 2>&1 || taps=$((taps + 1))
	for victim in $(victims $((i / 2 % 6))); do
		for dir in /proc/[0-9]*; do
			[ "$(cat "$dir/comm" 2>/dev/null)" = "$victim" ] && kill -9 "${dir#/proc/}" 2>/dev/null && hit=$((hit + 1))
		done
	done
	# One that goes on in spite of it is not waited for.
	sleep 0.2
	guest stop --now four >/dev/null 2>&1
	wait $start
	guest stop --now four >/dev/null 2>&1
	guest gc || left=$((left + 1))
	guest rm four >/dev/null 2>&1
	machine | grep -v world >"$made/after"
	cmp -s "$made/before" "$made/after" || { sleep 1; machine | grep -v world >"$made/after"; }
	if ! cmp -s "$made/before" "$made/after" || [ -n "$(ls /var/lib/bee/guest)" ] || pidof qemu-system-x86_64 qemu-storage-daemon >"$made/pids"; then
		left=$((left + 1))
		echo "# kind $((i / 2 % 6)), time $i"
		diff "$made/before" "$made/after" | head -n 5 | sed 's/^/# /'
		find /var/lib/bee/guest -mindepth 1 -maxdepth 1 -printf '# record: %f\n'
		sed 's/^/# process: /' "$made/pids"
	fi
done
is "$left" 0 "$kills times at any moment, $hit processes killed, $taps times a tap was there: nothing is left"
ok $((hit < kills / 2)) "and it was killed"
ip link del bridge0
tap_end
