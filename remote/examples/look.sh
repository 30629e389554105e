#!/bin/sh
#bee-order 1
#bee-sequence 1
#bee-target id=rack4-node7
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 120
#bee-need see /proc/version
#bee-need disk S4EVNX0M000001
#bee-end
# What is on a disk that does not boot. $2 is the disk that the second need names.
cat /proc/version
echo "disk $2: $(blockdev --getsize64 "$2") bytes"
head -c 446 "$2" | sha256sum | sed 's/-$/boot code/'
dd if="$2" bs=1 skip=510 count=2 status=none | od -An -tx1 | sed 's/^/boot signature/'
blkid -p "$2" || echo "nothing on it that blkid knows"
