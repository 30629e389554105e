#!/bin/sh
#bee-order 1
#bee-sequence 1
#bee-target id=rack4-node7
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 60
#bee-file common.sh 0000000000000000000000000000000000000000000000000000000000000000
#bee-end
# shellcheck disable=SC1091 # it comes with the order
. "$1/common.sh"
boot_from vmlinuz-6.1 /dev/vda1
