#!/bin/sh
#bee-order 1
#bee-sequence 1
#bee-target id=rack4-node7
#bee-not-after 2099-01-01T00:00:00Z
#bee-time-limit 60
#bee-file kernel 0000000000000000000000000000000000000000000000000000000000000000 S4EVNX0M000001 1 ext4 /vmlinuz
#bee-file initrd 1111111111111111111111111111111111111111111111111111111111111111 S4EVNX0M000001 1 ext4 /initrd.img
#bee-cmdline root=/dev/sda1 ro
#bee-do watchdog 600
#bee-do kexec kernel initrd
#bee-end
# The system on the disk, by the kernel that is there, if it is the one that was signed. What is left is to say so.
sha256sum "$1/kernel" "$1/initrd"
