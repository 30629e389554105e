# A machine of one disk, one NVMe controller and one BMC, which are played: for tests/root/broker*.t.
# shellcheck shell=sh disable=SC2034,SC2154
played=$B/tests/broker
[ -x "$played/player" ] || skip_all "build/tests/broker is not built: make test-tools"
# A machine of one disk, whose node is the null device: who performs plays. The programs are copies, as
# each looks for its companions beside itself.
mkdir "$made/bin" "$made/p" "$made/real"
cp "$B/bee" "$B"/bee-* "$made/bin/"
mv "$made/bin/bee-performer" "$made/real/"
cp "$played/player" "$made/bin/bee-performer"
cp "$played/hostile" "$made/hostile"
mount -t tmpfs -o mode=0755 tmpfs /dev || skip_all "cannot mount a tmpfs"
for node in "null 1 3" "zero 1 5" "random 1 8" "urandom 1 9" "sda 1 5" "nvme0 1 3" "fuse 10 229" "ipmi0 1 3" "megaraid_sas_ioctl_node 1 3"; do
	# shellcheck disable=SC2086
	set -- $node
	mknod -m 666 "/dev/$1" c "$2" "$3"
done
mount -t tmpfs -o mode=0755 tmpfs /mnt || skip_all "cannot mount a tmpfs"
: >/mnt/answers

# BEE_PATIENCE: seconds for one tool's commands, where the processor is emulated.
# The shipped steps' commands, and a device that answers whatever is asked.
{
	sed -n '/^policy/,/^default/p' "$root/policy/storage.policy" | sed "s/tasks 1/tasks 2/; s/wall 20s/wall ${BEE_PATIENCE:-120}s/"
	for step in smart nvme-id nvme-smart nvme-errors nvme-sanitize; do
		sed -n "/^\[$step\]/,/^\$/p" "$root/policy/storage.policy" |
			sed 's, each [^ ]*, each /dev/*,; /^see/d; s,^device.*,&\nsee /mnt/answers\nsee? /sys/block /sys/devices /usr/share/smartmontools,'
		echo
	done
} >"$made/p/storage.policy"
# Its filter lets it fork, for the race, and set an alarm.
sed '/^\[nvme-id\]/,$d; s/^syscalls .*/syscalls @tool alarm setitimer wait4/' "$made/p/storage.policy" |
	sed 's/collector storage/collector hostile/' >"$made/p/hostile.policy"
# The controller's node, which no driver has here.
sed 's/wall 25s/wall 600s/; s, major .*,,; s,^device.*,&\nsee /mnt/answers,; s,^see ,see? ,' "$root/policy/optional/megaraid.policy" >"$made/p/megaraid.policy"
any() { for n in 6 10 12 16 24 30 32; do echo "$(printf '%*s' "$n" '' | sed 's/ /??/g') = 00 - ${1:--}"; done; }
# INQUIRY of each page of a disk's data: 36 bytes that are the page's number.
pages() {
	for page in $(seq 0 255); do
		printf '1201%02x002400 = 00 - %s\n' "$page" "$(printf "%.0s$(printf %02x "$page")" $(seq 36))"
	done
}

# run STEP DEVICE WORD...: $status, $out (a file), $made/r.json
run() {
	step=$1
	device=$2
	shift 2
	# A step that is of no instance has no device to name.
	if [ "$device" = - ]; then set -- -- "$@"; else set -- "$device" -- "$@"; fi
	"$made/bin/bee" run -q --report "$made/r.json" --policy-dir "$made/p" "$step" "$@" \
		>"$made/out" 2>"$made/err" </dev/null
	status=$?
}
refused() { jq -r '.denied[] | "\(.call) \(.detail) x \(.count)"' "$made/r.json"; }
