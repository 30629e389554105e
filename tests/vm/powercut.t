#!/bin/sh
# A boot server that loses its power: QEMU is killed at random instants, and its disk is what the next one begins with. Each
# machine that has a receipt, and asks no more, has its document in the database, once. CUTS (4), CLIENTS (60), SEED.
# The server is this machine's own programs, by 9p below a tmpfs; what it keeps is on a disk of its own.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/../root/env.sh"
here=$root/tests/root
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
# shellcheck source=tests/vm/initrd.sh
. "$root/tests/vm/initrd.sh"
PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 nginx fcgiwrap minisign psql mkfs.ext4 busybox; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed: make deps-vm deps-server"
done
: "${BEE_VM:=$B/vm}" "${CUTS:=4}" "${CLIENTS:=60}" "${SEED:=1}"
[ -e "$BEE_VM/vmlinuz" ] || skip_all "$BEE_VM is not there: make vm-images"
pg=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort | tail -n 1)
[ -n "$pg" ] || skip_all "PostgreSQL is not installed: make deps-server"
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')

version=$(kernel_of "$BEE_VM" "$made/kernel")
initrd_of_machine "$made/kernel" "$version" "$made/initrd" virtio_blk virtio_net virtio_rng ext4 crc32c_generic
pack "$made/initrd" >"$made/initrd.zst"
truncate -s 2G "$made/disk.img"
mkfs.ext4 -q "$made/disk.img"

cat >"$made/inside" <<END
export PATH=$pg:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PGHOST=/run PGUSER=postgres PGDATABASE=postgres
root=$root server=$server made=/srv/boot port=$port address=0.0.0.0 here=$here servers=
END
cat >>"$made/inside" <<'END'
skip_all() { echo "# $1"; }
mount -t tmpfs -o mode=1777 tmpfs /run
mkdir -p /dev/shm /srv
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t ext4 /dev/vda /srv
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
if [ ! -e /srv/pg/ready ]; then
	install -d -o postgres /srv/pg
	postgres initdb -D /srv/pg/data -A trust -E UTF8 >/dev/null
	printf "listen_addresses = ''\nunix_socket_directories = '/run'\n" >>/srv/pg/data/postgresql.conf
	: >/srv/pg/ready
	sync
fi
# Of before the cut, as Debian's pg_ctlcluster removes it: here every boot has the same process numbers.
rm -f /srv/pg/data/postmaster.pid
postgres pg_ctl -w -t 300 -D /srv/pg/data -l /srv/pg/log start >/dev/null || tail -n 5 /srv/pg/log
if grep -qw count /proc/cmdline; then
	"$root/remote/server/bee-load" -f /srv/boot/srv/audit
	psql -X -q -A -t -P pager=off -c "SELECT 'document ' || sha256 FROM bee.documents" -c "SELECT 'quarantined ' || count(*) FROM bee.quarantine"
	echo "# counted"
	while :; do sleep 1; done
fi
rm -rf /srv/boot/nginx
. "$here/boot_nginx.sh"
echo "# serving"
while :; do "$root/remote/server/bee-load" -f /srv/boot/srv/audit -b 7 --follow 1; sleep 1; done
END

# power_on WORDS: $qemu, until it says that it serves or has counted.
power_on() {
	rm -f "$made/serial"
	qemu-system-x86_64 -accel tcg,thread=multi -m 1024 -smp 2 -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$BEE_VM/vmlinuz" -initrd "$made/initrd.zst" -append "console=ttyS0 quiet panic=-1 inside=$made/inside $1" \
		-serial "file:$made/serial" -device virtio-rng-pci \
		-fsdev local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=machine,mount_tag=machine \
		-drive "if=none,id=disk,file=$made/disk.img,format=raw" -device virtio-blk-pci,drive=disk \
		-netdev "user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:$port-:$port" -device virtio-net-pci,netdev=lan </dev/null 2>"$made/qemu.err" &
	qemu=$!
	servers="$servers $qemu"
	for _ in $(seq 1200); do
		grep -q -e '^# serving' -e '^# counted' "$made/serial" 2>/dev/null && return 0
		[ -d "/proc/$qemu" ] || break
		sleep 0.5
	done
	sed 's/^/# /' "$made/serial" "$made/qemu.err"
	return 1
}
power_on ""
ok $? "a server with an empty disk comes up"
timeout 1200 "$here/ingest_clients.py" "$port" "$server/ca.pem" "$CLIENTS" "$made" >"$made/clients" 2>"$made/clients.err" &
machines=$!
servers="$servers $machines"
cuts=0
awk -v seed="$SEED" -v n="$CUTS" 'BEGIN { srand(seed); rand(); for (; n > 0; n--) printf "%.2f\n", 1 + rand() * 8 }' >"$made/when"
while read -r pause; do
	sleep "$pause"
	[ -d "/proc/$machines" ] || break
	kill -9 "$qemu"
	wait "$qemu"
	cuts=$((cuts + 1))
	power_on ""
	ok $? "its power was cut after $pause s, and it comes up again"
done <"$made/when"
wait $machines
is "$? $(cut -d, -f1 "$made/clients")" "0 $CLIENTS machines" "each machine gets its receipt"
kill -9 "$qemu"
wait "$qemu"
power_on count
ok $? "at the end its power is cut once more"
echo "# $(cat "$made/clients"), $cuts cuts before the last receipt"
sort "$made/sums" >"$made/wanted"
tr -d '\r' <"$made/serial" | sed -n 's/^document //p' | sort >"$made/have"
cmp -s "$made/have" "$made/wanted" || sed 's/^/# /' "$made/serial"
is "$(cmp "$made/have" "$made/wanted" && echo same)" same "each document that has a receipt is in the database, once"
is "$(tr -d '\r' <"$made/serial" | grep quarantined)" "quarantined 0" "and none is in quarantine"
tap_end
