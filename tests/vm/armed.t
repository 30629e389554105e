#!/bin/sh
# What a machine used that booted from an armed tree: over NFS (nfs-ganesha on loopback) and over QEMU's 9p. An image
# of the list does the same.
top=$(cd "$(dirname "$0")/../.." && pwd)
: "${B:=$top/build}" "${BEE_VM:=$B/vm}"
# shellcheck source=tests/cli/tap.sh
. "$top/tests/cli/tap.sh"
# shellcheck source=tests/vm/initrd.sh
. "$top/tests/vm/initrd.sh"
PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 ganesha.nfsd busybox perl; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing: make deps-vm"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: who sets access times and serves files is"; exit 0; }
[ -e "$BEE_VM/vmlinuz" ] || { echo "1..0 # SKIP $BEE_VM is not there: make vm-images"; exit 0; }
# Not below /tmp: a file system that keeps access times, and has handles for a server.
made=$(mktemp -d "$BEE_VM/armed.XXXXXX")
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server"; }; rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
tree=$made/tree

# take FILE...: each with its libraries, by its own name.
take() {
	for file; do
		for one in "$file" $(ldd "$file" | grep -o '/[^ ]*'); do
			mkdir -p "$tree${one%/*}"
			cp -L "$one" "$tree$one"
		done
	done
}
for name in bin sbin lib lib64; do
	mkdir -p "$tree/usr/$name"
	ln -s "usr/$name" "$tree/$name"
done
mkdir -p "$tree/etc/never" "$tree/dev" "$tree/usr/share/never"
take /usr/bin/bash /usr/bin/ls /usr/bin/cat /usr/bin/perl /usr/bin/sort
base=$(perl -e 'print((grep { m{/perl-base$} } @INC)[0])')
mkdir -p "$tree${base%/*}"
cp -r "$base" "$tree$base"
echo words >"$tree/etc/motd"
echo never >"$tree/usr/share/never/file"
cat >"$tree/init" <<'END'
#!/bin/bash
for word in $(ls /etc); do echo "has $word"; done
cat /etc/motd
perl -e 'use strict; use List::Util "sum"; print "sum ", sum(2, 3), "\n"'
END
chmod 755 "$tree/init"
"$B/bee" trace arm -d "$tree" 2>"$made/err" || { echo "1..0 # SKIP no access times: $(cat "$made/err")"; exit 0; }

version=$(kernel_of "$BEE_VM" "$made/kernel")
initrd_of "$made/kernel" "$version" "$made/initrd" virtio_pci virtio_net nfsv4 9pnet_virtio 9p <<'END'
if $bb grep -q way=nfs /proc/cmdline; then
	$bb ip link set lo up
	$bb ip link set eth0 up
	$bb ip addr add 10.0.2.15/24 dev eth0
	port=$($bb sed 's/.*port=//; s/ .*//' /proc/cmdline)
	$bb mount -t nfs -o "ro,vers=4,addr=10.0.2.2,clientaddr=10.0.2.15,proto=tcp,port=$port,sec=sys" 10.0.2.2:/root /root
else
	$bb mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000 tree /root
fi
$bb mount --bind /dev /root/dev
$bb chroot /root /init
$bb umount /root/dev /root
$bb poweroff -f
END
pack "$made/initrd" >"$made/initrd.img"

# machine INITRD WORDS [ARGUMENT...]: boots it; what it says is in $made/said.
machine() {
	initrd=$1 words=$2
	shift 2
	timeout 180 qemu-system-x86_64 -accel tcg -m 512 -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$BEE_VM/vmlinuz" -initrd "$initrd" -append "console=ttyS0 panic=-1 quiet loglevel=1 $words" \
		-serial "file:$made/serial" "$@" </dev/null
	tr -d '\r' <"$made/serial" >"$made/said"
}

# A listing that ganesha has in its own memory is none that the file system sees: Dir_Chunk.
serve() {
	port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
	mkdir "$made/recovery"
	cat >"$made/ganesha.conf" <<END
NFS_CORE_PARAM { Bind_addr = 127.0.0.1; NFS_Port = $port; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSV4 { RecoveryRoot = $made/recovery; Graceless = true; Only_Numeric_Owners = true; }
MDCACHE { Dir_Chunk = 0; }
EXPORT { Export_Id = 1; Path = $tree; Pseudo = /root; Protocols = 4; Transports = TCP; SecType = sys; Access_Type = RO;
	Squash = None; FSAL { Name = VFS; } }
END
	ganesha.nfsd -F -f "$made/ganesha.conf" -L "$made/log" -p "$made/pid" </dev/null >/dev/null 2>&1 &
	server=$!
	for _ in $(seq 100); do
		grep -q "NFS SERVER INITIALIZED" "$made/log" 2>/dev/null && return 0
		sleep 0.2
	done
	sed 's/^/# /' "$made/log"
	return 1
}

# boots WAY LIST ARGUMENT...: by it from the armed tree.
boots() {
	way=$1 list=$2
	shift 2
	"$B/bee" trace arm -d "$tree" 2>/dev/null
	machine "$made/initrd.img" "way=$way port=${port:-}" "$@"
	is "$(head -n 4 "$made/said")" "has motd
has never
words
sum 5" "$way: a machine boots from the tree and does its work"
	"$B/bee" trace files -d "$tree" -o "$list"
}
if serve; then
	for list in list again; do boots nfs "$made/$list" -netdev user,id=lan -device virtio-net-pci,netdev=lan; done
	is "$(cat "$made/again")" "$(cat "$made/list")" "twice the same list"
else
	ok 1 "nfs-ganesha serves the tree"
fi
boots 9p "$made/9p" -virtfs "local,path=$tree,mount_tag=tree,security_model=none,readonly=on"
is "$(cut -f 1 "$made/9p")" "$(cut -f 1 "$made/list")" "and the same names by both ways"
for wanted in "/etc	listed" "/etc/motd	read" "/init	read" "/usr/bin/bash	read" "$base/strict.pm	read"; do
	grep -qxF "$wanted" "$made/list"
	ok $? "it has $(echo "$wanted" | tr '\t' ' ')"
done
is "$(grep -e never -e sort "$made/list")" "" "and nothing that was not used"

"$B/bee" image build -d "$tree" -o "$made/image" --list "$made/list" 2>"$made/err"
ok $? "an image is made of it"
machine "$made/image" rdinit=/init
is "$(head -n 3 "$made/said")" "has motd
words
sum 5" "which boots, does the same, and has nothing else"
tap_end
