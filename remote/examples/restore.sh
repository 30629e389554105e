#!/bin/sh
#bee-order 1
#bee-sequence 1
#bee-target id=rack4-node7
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 3600
#bee-need write S4EVNX0M000001
#bee-file root.img.zst 0000000000000000000000000000000000000000000000000000000000000000
#bee-end
# The image has come with the order, and its sum has been compared. $2 is the disk; "${2}1" and "${2}p1" are partitions.
to=$2
image=$1/root.img.zst
size=$(zstd -dcq "$image" | wc -c) || exit 1
[ "$(blockdev --getsize64 "$to")" -ge "$size" ] || {
	echo "$to is too small for $size bytes"
	exit 1
}
# What is right already is not written again.
if zstd -dcq "$image" | cmp -s -n "$size" - "$to"; then
	echo "$to is as it should be"
	exit 0
fi
zstd -dcq "$image" | dd of="$to" bs=1M conv=fsync iflag=fullblock status=none || exit 1
zstd -dcq "$image" | cmp -n "$size" - "$to" && echo "$to has been installed again"
