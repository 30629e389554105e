#!/bin/sh
#bee-order 1
#bee-sequence 1
#bee-target id=rack4-node7
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 120
#bee-do restore S4EVNX0M000001 0 root.chunks
#bee-need disk S4EVNX0M000001
#bee-file root.chunks 0000000000000000000000000000000000000000000000000000000000000000
#bee-end
# By now the disk has the image, of any size; its list alone has come with the order. What is left is to say so.
blkid -p "$2" || echo "$2: nothing that blkid knows"
