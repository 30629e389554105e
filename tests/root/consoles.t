#!/bin/sh
# Which consoles the image logs root in on: the generator on made-up ports and command lines.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
overlay=$root/iso/overlay
generator=$overlay/usr/local/lib/systemd/system-generators/bee-consoles
mount -t tmpfs bee /sys

# port NAME TYPE ADDRESS MEMORY, as serial_core.c prints them
port() {
	mkdir -p "/sys/class/tty/$1"
	echo "$2" >"/sys/class/tty/$1/type"
	printf '0x%X\n' "$3" >"/sys/class/tty/$1/port"
	printf '0x%X\n' "$4" >"/sys/class/tty/$1/iomem_base"
}
port ttyS0 4 0x3f8 0
port ttyS1 4 0x2f8 0
port ttyS2 4 0 0xfedc9000
port ttyS3 0 0x2e8 0
mkdir -p /sys/class/tty/console /sys/class/tty/hvc0 /sys/firmware/acpi/tables
echo 'tty0 ttyS0' >/sys/class/tty/console/active

# generated WORDS: the consoles, each with the speed that is set, if it is.
generated() {
	umount /proc/cmdline 2>/dev/null
	echo "$1" >"$made/cmdline"
	mount --bind "$made/cmdline" /proc/cmdline
	rm -rf "$made/units"
	mkdir "$made/units"
	sh "$generator" "$made/units" "$made/units" "$made/units" 2>&1
	for unit in "$made"/units/getty.target.wants/*; do
		[ -L "$unit" ] || continue
		unit=${unit##*/} name=${unit#*@}
		echo "${name%.service}$(sed -n 's/.*--noclear \([0-9]*\) .*/=\1/p' \
			"$made/units/$unit.d/speed.conf" 2>/dev/null)"
	done | tr '\n' ' '
}
words='quiet console=ttyS0,115200 console=tty0'
is "$(generated "$words")" "ttyS0 " "the kernel's console, whose speed is its own; tty0 is no serial one"
is "$(generated "$words console=ttyS1,115200n8")" "ttyS0 ttyS1=115200 " \
	"the second port, which the kernel does not take beside the first"
is "$(generated "$words bee.console=ttyS1,9600")" "ttyS0 ttyS1=9600 " "a word without the kernel"
is "$(generated "$words bee.console=ttyS1")" "ttyS0 ttyS1=115200 " "whose speed is 115200 when it is not said"
is "$(generated "$words bee.console=ttyS1,12")" "ttyS0 ttyS1=115200 " "or no speed"
is "$(generated "console=hvc0 console=ttyS3")" "hvc0=115200 " "a hypervisor's; a port that is not there is none"
is "$(generated 'console=../x console=ttyS1/x console=* console=tty1 console=uart,io console= bee.console=ttyS')" "" \
	"what is no name of a port is nothing"
is "$(generated quiet)" "" "without a word there is none"

# spcr SPACE ADDRESS-BYTES SPEED: header and interface type, then the port's address and its speed.
spcr() {
	# shellcheck disable=SC2059 # bytes
	{
		head -c 40 /dev/zero
		printf "\\$1\\010\\000\\001$2\\000\\000\\000\\000\\000\\000\\$3"
		head -c 21 /dev/zero
	} >/sys/firmware/acpi/tables/SPCR
}
spcr 001 '\370\002\000\000\000\000\000\000' 003
is "$(generated "$words")" "ttyS0 ttyS1=9600 " "the port of ACPI's table, and its speed"
spcr 000 '\000\220\334\376\000\000\000\000' 007
is "$(generated quiet)" "ttyS2=115200 " "a port in memory"
spcr 001 '\000\000\000\000\000\000\000\000' 007
is "$(generated quiet)" "" "address 0 says that there is no console"
spcr 003 '\370\002\000\000\000\000\000\000' 007
is "$(generated quiet)" "" "so does one that is neither a port nor memory"
: >/sys/firmware/acpi/tables/SPCR
is "$(generated quiet)" "" "nor does an empty table"

# All other ports ask, and only after the end of a line.
grep -q '^ConditionPathExists=!/run/systemd/generator/getty.target.wants/serial-getty@%i.service$' \
	"$overlay/etc/systemd/system/bee-uart@.service"
ok $? "a console is no port that asks for a password"
line=$(sed -n 's/^ExecStart=-//p' "$overlay/etc/systemd/system/bee-uart@.service")
case $line in
*autologin*) false ;;
*--wait-cr*) true ;;
*) false ;;
esac
ok $? "which logs nobody in and waits"
tap_end
