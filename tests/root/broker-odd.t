#!/bin/sh
# Device commands that are asked for in odd ways: nothing else is reached, nobody who serves the tool is lost.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/broker/machine.sh
. "$here/../broker/machine.sh"
cp "$played/odd" "$made/odd"
pages >/mnt/answers
# All numbers are make check-escape's.
case ${BEE_ESCAPE:-} in
whole | each) few='' of=$((256 * 2048)) ;;
*) few=few of=$((16 * 2048)) ;;
esac

# shellcheck disable=SC2086
run storage/smart sda "$made/odd" /dev/sda numbers 72 $few
is "$status $(xargs <"$made/out")" "0 2285 of $of" "of all numbers of ioctl(2), in four directions and two sizes, a disk's jail has SG_IO"
# shellcheck disable=SC2086
run storage/nvme-id nvme0 "$made/odd" /dev/nvme0 numbers 72 $few
is "$status $(xargs <"$made/out")" "0 c0484e41 of $of" "a controller's NVME_IOCTL_ADMIN_CMD, without its forms for vectors, 64 bits, rings or namespaces"
# shellcheck disable=SC2086
run megaraid/smart - "$made/odd" /dev/megaraid_sas_ioctl_node numbers 404 $few
is "$status $(xargs <"$made/out")" "0 c1944d01 of $of" "MegaRAID's MEGASAS_IOC_FIRMWARE, without that of 32 bits"

run storage/smart sda "$made/odd" /dev/sda places
is "$(cat "$made/out")" "half a header: EFAULT
half a command: EFAULT
room for half an answer: EFAULT
an answer over its header: done
a header for a command: EIO
an answer over its command: done
an answer over code: EFAULT
a header that wraps: EFAULT
a header at the end of addresses: EFAULT
a header that has no address: EFAULT
no header: EFAULT
an answer that wraps: EFAULT
a command that wraps: EFAULT
no sense, nowhere: done
65535 buffers: EIO
by a descriptor that is not there: done
by stdin: done
with an upper half: done" "places that lie in each other, or half nowhere, cost their own command alone"
if [ "$(nproc)" -gt 1 ]; then
	run hostile/smart sda "$made/odd" /dev/sda rewritten 10000
	is "$(grep -v ENXIO "$made/out")" "some done, then as before" \
		"a header and its memory that a thread rewrites all the time: done, refused or nowhere; nobody is lost"
else
	skip "a header that a thread rewrites" "one processor, where it is emulated, writes both at once"
fi
run hostile/smart sda "$made/odd" /dev/sda threads 3000
is "$(cat "$made/out") $(refused)" "0 and 0 wrong " "two threads that ask at once are answered each for itself, by descriptors that come and go"
run hostile/smart sda "$made/odd" /dev/sda signals 3000
is "$(cat "$made/out") $(refused)" "many heard, 0 wrong, some answered " "signals all the time change no answer"
# Where a step may start others: a call waits, and its process is another program.
sed "s|^\[smart\].*|&\nexec $made/odd|; s/tasks 2/tasks 4/; s/collector hostile/collector other/" "$made/p/hostile.policy" >"$made/p/other.policy"
run other/smart sda "$made/odd" /dev/sda becomes 300
is "$status $(cat "$made/out") $(refused)" "0 became another, and is answered " \
	"a tool that becomes another program 300 times while a thread asks is answered all the same"
tap_end
