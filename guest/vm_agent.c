/*
 * What answers on a VM's control line, /dev/ttyS1, inside it. Lines, with the nonce of this
 * start as second word, so that neither an old one nor who does not know it is believed:
 *
 *   BEE-READY NONCE           from inside, until something comes back
 *   BEE-RUN NONCE COMMAND     to it: base64
 *   BEE-OUT NONCE BYTES       from inside: base64, of its output; BEE-ERR of its errors
 *   BEE-EXIT NONCE STATUS     from inside, once a second until BEE-ACK NONCE comes
 *   BEE-STOP NONCE            to it: power off
 */
#include "vm_agent.h"

/* 768 bytes make a line of 1,040: less than the 2,048 that the kernel writes to a line at
 * once, so that those of output and errors do not mix (tty_io.c, do_tty_write). */
const char vm_agent[] =
	"#!/bin/sh\n"
	"# Written by bee guest at each start: the control line of this VM.\n"
	"export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
	"HOME=/root\n"
	"line=/dev/ttyS1\n"
	"nonce=$(cat /etc/bee/nonce)\n"
	"[ -c $line ] && [ -n \"$nonce\" ] || exit 0\n"
	"exec 3<>$line\n"
	"stty raw -echo <&3\n"
	"say() { printf '%s\\n' \"$*\" >&3; }\n"
	"has() { command -v \"$1\" >/dev/null 2>&1; }\n"
	"\n"
	"# The card of QEMU's user-mode network, by its address.\n"
	"net() {\n"
	"\tip link set lo up\n"
	"\tfor card in /sys/class/net/*; do\n"
	"\t\t[ \"$(cat \"$card/address\")\" = 52:54:00:be:e0:01 ] || continue\n"
	"\t\tcard=${card##*/}\n"
	"\t\tip addr add 10.0.2.15/24 dev \"$card\"\n"
	"\t\tip link set \"$card\" up\n"
	"\t\tip route add default via 10.0.2.2\n"
	"\tdone\n"
	"}\n"
	"pump() {\n"
	"\twhile bytes=$(dd bs=768 count=1 2>/dev/null | base64 | tr -d '\\n'); do\n"
	"\t\t[ -n \"$bytes\" ] || break\n"
	"\t\tsay \"$1 $nonce $bytes\"\n"
	"\tdone\n"
	"}\n"
	"run() {\n"
	"\tcommand=$(printf %s \"$1\" | base64 -d)\n"
	"\t{ { { sh -c \"$command\" </dev/null 3>&- 4>&-; echo $? >/run/bee-status; } "
	"2>&4 |\n"
	"\t\tpump BEE-OUT; } 4>&1 | pump BEE-ERR; }\n"
	"\tstatus=$(cat /run/bee-status)\n"
	"\twhile [ ! -e /run/bee-ack ]; do\n"
	"\t\tsay \"BEE-EXIT $nonce $status\"\n"
	"\t\tsleep 1\n"
	"\tdone\n"
	"}\n"
	"end() {\n"
	"\tif [ -d /run/systemd/system ]; then systemctl --no-block poweroff && return; "
	"fi\n"
	"\tsync\n"
	"\t# An init that takes no notice is not waited for long.\n"
	"\t[ -n \"$BEE_INIT\" ] || { poweroff && sleep 10; }\n"
	"\tpoweroff -f || echo o >/proc/sysrq-trigger\n"
	"}\n"
	"\n"
	"net 2>/dev/null\n"
	"rm -f /run/bee-ack /run/bee-heard\n"
	"while [ ! -e /run/bee-heard ]; do say \"BEE-READY $nonce\"; sleep 2; done &\n"
	"while read -r word its rest <&3; do\n"
	"\t[ \"$its\" = \"$nonce\" ] || continue\n"
	"\t: >/run/bee-heard\n"
	"\tcase $word in\n"
	"\tBEE-RUN) run \"$rest\" & ;;\n"
	"\tBEE-ACK) : >/run/bee-ack ;;\n"
	"\tBEE-STOP) end ;;\n"
	"\tesac\n"
	"done\n";

/* In front of an init that is not systemd; where there is none, it is the only one. */
const char vm_agent_init[] =
	"#!/bin/sh\n"
	"# Written by bee guest: what comes before this tree's own init.\n"
	"export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	"[ -e /proc/self ] || mount -t proc proc /proc\n"
	"[ -d /sys/class ] || mount -t sysfs sysfs /sys\n"
	"[ -c /dev/ttyS1 ] || mount -t devtmpfs devtmpfs /dev\n"
	"mount -t tmpfs -o nodev,nosuid,mode=0755 tmpfs /run\n"
	"if [ -x /sbin/init ]; then\n"
	"\tsh /etc/bee/agent </dev/null >/dev/null 2>&1 &\n"
	"\texec /sbin/init\n"
	"fi\n"
	"hostname \"$(cat /etc/hostname)\"\n"
	"mount -a -t ext2,ext3,ext4 2>/dev/null\n"
	"mount -t tmpfs -o nodev,nosuid,mode=1777 tmpfs /tmp\n"
	"[ ! -x /usr/sbin/sshd ] || { mkdir -p /run/sshd; /usr/sbin/sshd; }\n"
	"export BEE_INIT=1\n"
	"while :; do sh /etc/bee/agent </dev/null; sleep 1; done\n";

/* In front of an initramfs's own /init, where that is all there is. */
const char vm_agent_rdinit[] =
	"#!/bin/sh\n"
	"# Put here by bee guest.\n"
	"export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	"[ -c /dev/ttyS1 ] || mount -t devtmpfs devtmpfs /dev\n"
	"mkdir -p /run\n"
	"BEE_INIT=1 sh /etc/bee/agent </dev/null >/dev/null 2>&1 &\n"
	"exec /init\n";
