#!/bin/sh
# bee image build --modules and --modules-for: what is taken of a kernel, and how it is described.
# Aliases, dependencies and firmware are as modinfo(8) gives them of Debian's 6.1.0-56.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
bee=${B:-$here/../../build}/bee
case $bee in /*) ;; *) bee=$PWD/$bee ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1

told() { sed 's/^bee-image: //' err; }
list() { "$bee" image list "$1" | sed -n "s,.*/kernel/.*/\(.*\.ko\),\1,p" | tr "\\n" " "; }
cat_of() { "$bee" image cat "$1" "usr/lib/modules/6.1.0/$2"; }
build() { "$bee" image build --bare -d tree "$@" -o x.cpio 2>err; }
# with WORD...: build with them in a file.
with() {
	printf '%s\n' "$@" >words
	build --modules words
}

kernel=tree/usr/lib/modules/6.1.0
mod() {
	path=$1
	shift
	mkdir -p "$kernel/kernel/$(dirname "$path")"
	python3 "$here/module.py" "$kernel/kernel/$path" "$@"
}
mkdir -p tree/usr/lib/firmware/bnx2
ln -s usr/lib tree/lib
net=drivers/net/ethernet
mod $net/intel/e1000e/e1000e.ko.xz 'alias=pci:v00008086d000010D3sv*sd*bc*sc*i*' depends=ptp name=e1000e
mod drivers/ptp/ptp.ko.zst depends=pps_core
mod drivers/pps/pps-core.ko.xz depends=
mod $net/broadcom/bnx2.ko 'alias=pci:v000014E4d0000164Csv*sd*bc*sc*i*' depends= \
	firmware=bnx2/bnx2-mips-09-6.2.1b.fw firmware=bnx2/bnx2-rv2p-09-6.0.17.fw
mod $net/helper.ko depends=
mod drivers/scsi/sd_mod.ko 'alias=scsi:t-0x00*' alias=block-major-8-* depends=scsi_mod
mod drivers/scsi/scsi_mod.ko depends=
mod drivers/scsi/sg.ko alias=char-major-21-* depends=scsi_mod
mod drivers/scsi/scsi_debug.ko depends=scsi_mod
mod drivers/char/ipmi/ipmi_si.ko 'alias=acpi*:IPI0001:*' alias=platform:dmi-ipmi-si depends=ipmi_msghandler
mod drivers/char/ipmi/ipmi_msghandler.ko depends=
mod drivers/char/ipmi/ipmi_devintf.ko depends=ipmi_msghandler
mod lib/libcrc32c.ko 'softdep=pre: crc32c' depends=
mod crypto/crc32c_generic.ko alias=crypto-crc32c alias=crc32c depends=
mod drivers/block/loop.ko alias=devname:loop-control alias=char-major-10-237 alias=block-major-7-* depends=
mod drivers/block/virtio_blk.ko 'alias=virtio:d00000002v*' depends=
mod drivers/virtio/virtio_pci.ko 'alias=pci:v00001AF4d*sv*sd*bc*sc*i*' depends=
echo kernel/fs/ext4/ext4.ko >$kernel/modules.builtin
printf 'ext4.alias=fs-ext4\0debugfs.alias=fs-debugfs\0' >$kernel/modules.builtin.modinfo
(cd $kernel && find kernel -name '*.ko*' | LC_ALL=C sort -r | sed 's/\.ko.*/.ko/') >$kernel/modules.order
echo fw >tree/usr/lib/firmware/bnx2/bnx2-mips-09-6.2.1b.fw

with net
is "$? $(told)" "0 bnx2: firmware that is not in the tree: bnx2/bnx2-rv2p-09-6.0.17.fw" \
	"missing firmware is named"
is "$(list x.cpio)" "bnx2.ko e1000e.ko.xz pps-core.ko.xz ptp.ko.zst virtio_pci.ko " \
	"a class is its drivers and what they need, and not what is no driver"
is "$("$bee" image list x.cpio | grep firmware/bnx2/)" usr/lib/firmware/bnx2/bnx2-mips-09-6.2.1b.fw \
	"with the firmware that is there"
is "$(cat_of x.cpio modules.dep | grep e1000e)" \
	"kernel/$net/intel/e1000e/e1000e.ko.xz: kernel/drivers/ptp/ptp.ko.zst kernel/drivers/pps/pps-core.ko.xz" \
	"modules.dep is made anew, what is loaded first comes last"
with storage
is "$? $(list x.cpio)" "0 virtio_blk.ko scsi_mod.ko sd_mod.ko sg.ko virtio_pci.ko " \
	"storage has sg, which no device asks for"
with ipmi
is "$? $(list x.cpio)" "0 ipmi_devintf.ko ipmi_msghandler.ko ipmi_si.ko " "ipmi"
with 'pps-core  # by name' 'kernel/drivers/ptp/*' libcrc32c ext4
is "$? $(told) $(list x.cpio)" "0  crc32c_generic.ko pps-core.ko.xz ptp.ko.zst libcrc32c.ko " \
	"names, globs and soft dependencies; what the kernel itself has is there" # crc32c is an alias
with nvme 'kernel/none/*'
is "$? $(told)" "3 words:1: the tree's kernel has no module nvme
words:2: the tree's kernel has no module kernel/none/*" "what there is not is told"

# One machine.
cat >audit.json <<'END'
{"pcie": {"devices": [
	{"key": "0000:00:02.0", "driver": "e1000e", "driver_module": "e1000e",
	 "modalias": "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"},
	{"key": "0000:00:06.0", "vendor_id": "0x1af4", "device_id": "0x1001", "subsystem_vendor_id": "0x1af4",
	 "subsystem_id": "0x0002", "class_code": "0x010000", "driver": "virtio-pci"},
	{"key": "0000:00:1f.0", "modalias": "pci:v00008086d00002918sv00001AF4sd00001100bc06sc01i00"}]},
 "platform": {"devices": [{"key": "IPI0001:00", "modalias": "acpi:IPI0001:", "driver": "ipmi_si"}]},
 "storage": {"drives": [{"key": "sda"}]}, "bmc": {"firmware_version": "1"}}
END
build --modules-for audit.json
is "$? $(told) $(list x.cpio)" "0  virtio_blk.ko ipmi_devintf.ko ipmi_msghandler.ko ipmi_si.ko e1000e.ko.xz pps-core.ko.xz ptp.ko.zst scsi_mod.ko sd_mod.ko virtio_pci.ko " \
	"--modules-for takes what a machine needs, also of a document without modalias"
sed 's/"e1000e",/"igb",/; s/d000010D3/d00001533/; s/"driver_module": "e1000e"/"driver_module": "igb"/' audit.json >other.json
build --modules-for other.json
is "$? $(told)" "3 other.json: pcie 0000:00:02.0: the tree's kernel has no module for it; igb drove it" \
	"and tells what it lacks"
echo '{"a": 1}' >none.json
build --modules-for none.json
is "$? $(told)" "65 none.json: it is no document of an audit with pcie.devices" "which has to be a document"
sed 's|"storage": {|"usb": {"devices": [{"key": "1-1", "model": "a stick", "interfaces": [{"modalias": "usb:v0781p5567d0100dc00dsc00dp00ic08isc06ip50in00", "driver": "usb-storage", "driver_module": "usb_storage"}]}]}, &|' \
	audit.json >usb.json
build --modules-for usb.json
is "$? $(told)" "3 usb.json: usb 1-1 a stick: the tree's kernel has no module for it; usb_storage drove it" "interfaces of USB devices are among them"

# Of each of more modules than there may be descriptors one is open at a time.
printf '%s\n' net storage ipmi >words
prlimit --nofile=16 "$bee" image build --bare -d tree --modules words -o x.cpio 2>err
is "$? $(told)" "0 bnx2: firmware that is not in the tree: bnx2/bnx2-rv2p-09-6.0.17.fw" "modules are read one after the other"

# Whether an image drives it. In audit.json the audited kernel itself had two drivers.
check() { "$bee" image check "$@" x.cpio 2>err | grep -v '^segment\|^there is no .init' | tr '\t' '|'; }
build --modules-for audit.json
is "$(check --for audit.json)" "driven|pcie 0000:00:02.0|e1000e
driven|pcie 0000:00:06.0|virtio_pci
driven|virtio 0000:00:06.0|virtio_blk
driven|platform IPI0001:00|ipmi_si
driven|storage sda|sd_mod
driven|bmc|ipmi_si
driven|bmc|ipmi_devintf" "check --for names what drives each device"
with net
is "$(check --for audit.json)" "driven|pcie 0000:00:02.0|e1000e
driven|pcie 0000:00:06.0|virtio_pci
missing|virtio 0000:00:06.0|a driver
driven|platform IPI0001:00|the audited kernel's own
missing|storage sda|a driver
missing|bmc|ipmi_si
missing|bmc|ipmi_devintf" "and which one is missing"
# A kernel that is all in one, with a name alone.
mkdir -p one/lib/modules/1
printf y >one/lib/modules/1/modules.builtin
echo '{"pcie": {"devices": [{"key": "0000:00:01.0", "driver": "y", "driver_module": "y", "modalias": "pci:v1"}]}}' >y.json
"$bee" image build --bare -d one --add /lib -o x.cpio
is "$(check --for y.json)" "driven|pcie 0000:00:01.0|y, the kernel's own" "what is built in is there"
build --modules-for audit.json --drop '*/ptp*'
is "$(check --for audit.json | head -n 1)" "missing|pcie 0000:00:02.0|ptp, which e1000e needs" "what a driver needs has to be there"
cat >bnx2.json <<'END'
{"pcie": {"devices": [{"key": "0000:01:00.0", "model": "NetXtreme II", "driver": "bnx2", "driver_module": "bnx2",
	"modalias": "pci:v000014E4d0000164Csv0000103Csd00007038bc02sc00i00"}]}}
END
with net
is "$(check --for bnx2.json)" "driven|pcie 0000:01:00.0 NetXtreme II|bnx2, with 1 of 2 firmware files" "some firmware may do"
build --modules words --drop '*/firmware'
is "$(check --for bnx2.json)" "missing|pcie 0000:01:00.0 NetXtreme II|firmware of bnx2: bnx2/bnx2-mips-09-6.2.1b.fw or another" \
	"none does not"
echo '#!' >tree/init
chmod 755 tree/init
"$bee" image build -d tree --drop init --init "$bee" --modules-for audit.json -o x.cpio 2>err
"$bee" image check --for audit.json x.cpio >out 2>err
is "$?" 0 "exit 0 when all of it is driven"
"$bee" image check --for bnx2.json x.cpio >out 2>err
is "$?" 3 "exit 3 when it is not"
"$bee" image check --for none.json x.cpio >out 2>err
is "$? $(told)" "65 none.json: it is no document of an audit with pcie.devices" "of a document"
"$bee" image build -d tree --bare --add init -o none.cpio
"$bee" image check --for bnx2.json none.cpio >out 2>err
is "$? $(grep modules out)" "3 it has no modules of any kernel" "an image without modules says so"
"$bee" image check --for audit.json --kernel 6.2.0 x.cpio >out 2>err
is "$(grep modules out)" "it has no modules of 6.2.0" "and one without those of a kernel"
rm tree/init out

# What modprobe finds, and what depmod would have made of the same.
build --add lib/modules --modules words
mkdir out
"$bee" image extract x.cpio -C out
if command -v modprobe >/dev/null && command -v depmod >/dev/null; then
	finds() { modprobe -d out -S 6.1.0 "$@" 2>&1 | sed 's,.*/,,; s/ *$//' | tr '\n' ' '; }
	is "$(finds --show-depends e1000e)" "pps-core.ko.xz ptp.ko.zst e1000e.ko.xz " "modprobe finds what is needed"
	is "$(finds -R pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00)" "e1000e " "by alias"
	is "$(finds -R fs-ext4)" "ext4 " "and what the kernel itself has"
	# Of dependencies depmod believes the symbols alone, which these have not.
	cp -R out by-depmod
	rm by-depmod/usr/lib/modules/6.1.0/modules.[adels]* # but order and builtin
	cp "$kernel/modules.order" by-depmod/usr/lib/modules/6.1.0/
	depmod -b by-depmod 6.1.0
	for file in alias.bin builtin.bin builtin.alias.bin; do
		is "$(cmp out/usr/lib/modules/6.1.0/modules.$file by-depmod/usr/lib/modules/6.1.0/modules.$file 2>&1)" "" \
			"modules.$file is depmod's byte for byte"
	done
	for file in alias softdep devname; do
		is "$(cat out/usr/lib/modules/6.1.0/modules.$file)" \
			"$(grep -v '^#' by-depmod/usr/lib/modules/6.1.0/modules.$file)" "modules.$file is depmod's"
	done
else
	skip "modprobe finds what is needed" "kmod is not there"
fi

# Trees that have no kernel, or two.
mkdir -p tree/usr/lib/modules/6.2.0/kernel
with net
is "$? $(told)" "64 --modules: the tree has the modules of 2 kernels: --kernel VERSION says which" "of two kernels"
mkdir -p tree/usr/lib/modules/6.2.0/kernel && cp "$kernel"/kernel/lib/*.ko tree/usr/lib/modules/6.2.0/kernel/
"$bee" image build -d tree --bare --add lib/modules -o two.cpio
"$bee" image check --for audit.json two.cpio >out.txt 2>err
is "$? $(told)" "64 two.cpio: it has modules of several kernels: --kernel VERSION says which" "also of an image"
build --modules words --kernel 6.1.0
is "$?" 0 "--kernel names one"
build --modules words --kernel ../..
is "$?" 64 "which is a name"
rm -r tree/usr/lib/modules/6.2.0
printf '\177ELF' >$kernel/kernel/$net/bad.ko
with net
is "$? $(told | head -n 1)" "3 /usr/lib/modules/6.1.0/kernel/$net/bad.ko: not understood: it is no module that says what it is" \
	"what is no module is told"
rm -r tree/usr/lib/modules
with net
is "$? $(told)" "64 --modules: the tree has no kernel's modules in /lib/modules" "no kernel at all"

# A tree by somebody else: modules that need each other in a row.
kernel=row/lib/modules/6.1.0
mkdir -p "$kernel/kernel"
python3 - "$here/module.py" "$kernel/kernel" <<'END'
import runpy, sys

script, folder = sys.argv[1:]
for i in range(1200):
    sys.argv = [script, f"{folder}/m{i}.ko", f"depends=m{i + 1}"]
    runpy.run_path(script)
END
echo m100 >words
"$bee" image build -d row --bare --modules words -o row.cpio 2>err
is "$? $(told)" "65 kernel/m100.ko: it needs over 1000 modules" "a row of modules that no kernel has is told"
echo m300 >words
"$bee" image build -d row --bare --modules words -o row.cpio 2>err
is "$? $(told) $("$bee" image cat row.cpio lib/modules/6.1.0/modules.dep | wc -l)" "0  900" "a shorter one is taken whole"
tap_end
