#!/bin/sh
# The image loads a BMC's drivers without waiting for them: the script, with modprobes that do what they do.
# shellcheck disable=SC2016 # what is written into a program
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
script=$root/iso/overlay/usr/local/lib/bee/bmc
mkdir "$made/bin"
mount -t tmpfs bee /dev
mknod -m 666 /dev/null c 1 3
mknod -m 600 /dev/fuse c 10 229

# modprobe TEXT: what it is, with the module's name as $1.
modprobe() {
	printf '#!/bin/sh\necho "$1" >>%s/asked\n%s\n' "$made" "$1" >"$made/bin/modprobe"
	chmod 755 "$made/bin/modprobe"
}
# loads LIMIT: what the script says; $status and $took.
loads() {
	: >"$made/asked"
	began=$(now)
	PATH="$made/bin:$PATH" sh "$script" "$1" >"$made/said" 2>&1 </dev/null
	status=$?
	took=$(($(now) - began))
}

modprobe 'true'
loads 8
is "$status $(cat "$made/said")" "0 no BMC answers" "a machine without a BMC"
in_time 2000 "is not waited for"
is "$(tr '\n' ' ' <"$made/asked")" "ipmi_devintf ipmi_si " "who makes the node is loaded first"

modprobe 'echo "FATAL: No such device" >&2; exit 1'
loads 8
is "$status $(tr '\n' ' ' <"$made/said")" "0 FATAL: No such device FATAL: No such device no BMC answers " \
	"a driver that is refused is no failure"

modprobe '[ "$1" != ipmi_si ] || { sleep 1; : >/dev/ipmi0; }'
loads 8
is "$status $(cat "$made/said")" "0 the BMC answers: /dev/ipmi0" "a BMC that takes a second"
rm /dev/ipmi0

modprobe 'trap "" TERM HUP INT; [ "$1" != ipmi_si ] || sleep 6; : >'"$made"'/done'
loads 2
is "$status $(cat "$made/said")" "0 the BMC's driver still waits for it after 2 s; the audit does not" \
	"one that takes longer is left alone"
in_time 3500 "after the limit"
sleep 5
[ -e "$made/done" ]
ok $? "and goes on by itself"

name="one that no signal ends is left as well"
if hang_start "$made/hang"; then
	modprobe "[ \"\$1\" != ipmi_si ] || exec stat $made/hang/x"
	loads 2
	is "$status $(cut -d' ' -f1-6 "$made/said")" "0 the BMC's driver still waits for" "$name"
	in_time 3500 "after the limit, too"
	hang_end "$hang_pid"
else
	skip "$name" "the kernel has no FUSE"
fi
tap_end
