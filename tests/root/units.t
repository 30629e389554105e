#!/bin/sh
# The image's units: how much each may do, by systemd's own figure, and that what is left out has its reason.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
units=$root/iso/overlay/etc/systemd/system
command -v systemd-analyze >/dev/null || skip_all "systemd is not installed"

# A copy of its own: drop-ins of this machine do not count.
exposure() { systemd-analyze security --offline=yes --root="$made/root" "$1" 2>/dev/null; }
mkdir -p "$made/root/etc/systemd/system"
cp "$units"/bee-*.service "$made/root/etc/systemd/system/"
[ -n "$(exposure bee-audit.service)" ] || skip_all "this systemd-analyze knows no --offline"

# at_most UNIT TENTHS
at_most() {
	figure=$(exposure "$1" | sed -n 's/^→ Overall exposure level for [^:]*: \([0-9.]*\) .*/\1/p')
	[ -n "$figure" ] && [ "$(echo "$figure" | tr -d .)" -le "$2" ]
	ok $? "$1 has an exposure of at most ${2%?}.${2#"${2%?}"} (${figure:-none})"
}
for unit in "$units"/bee-*.service; do
	unit=${unit##*/}
	case $unit in
	bee-uart@.service) continue ;; # a login: whoever has the password may do all
	bee-audit.service | bee-media.service | bee-remote.service) at_most "$unit" 60 ;; # they make jails
	*) at_most "$unit" 40 ;;
	esac
	row=$(sed -n "s/^| \`${unit%.service}\` .*| \([0-9.]*\)[^|]*|\$/\1/p" "$root/doc/iso.md")
	case $unit in
	*@*) ;;
	*) is "$row" "$figure" "as doc/iso.md says" ;;
	esac
done

# What systemd marks as open is spoken of in a comment.
comments=$(grep '^#' "$units/bee-audit.service")
unspoken=$(exposure bee-audit.service | sed -n 's/^✗ \([^ ]*\) .*/\1/p' | while read -r setting; do
	case $setting in
	CapabilityBoundingSet=*) continue ;;
	SystemCallFilter=~*) words=${setting#*~} ;;
	RestrictAddressFamilies=~*) words=$(echo "${setting#*~}" | tr -d '()' | cut -d'|' -f1) ;;
	RestrictNamespaces=*) words=RestrictNamespaces= ;;
	*) words=$(echo "$setting" | tr / ' ' | cut -d' ' -f1) ;;
	esac
	case $comments in *"$words"*) ;; *) echo "$setting" ;; esac
done)
is "$unspoken" "" "what is left out of bee-audit.service has its reason"
[ "$(exposure bee-audit.service | grep -c '^✗ [A-Z]')" -gt 20 ]
ok $? "of which there are more than 20, as jails are made there"
unspoken=$(sed -n 's/^CapabilityBoundingSet=//p' "$units/bee-audit.service" | tr ' ' '\n' | while read -r name; do
	case $comments in *"$name"*) ;; *) echo "$name" ;; esac
done)
is "$unspoken" "" "so has each capability"
# Those that no job can do without, and what would hold the jails up.
for setting in NoNewPrivileges=yes SystemCallErrorNumber=ENOSYS TimeoutStopSec=2 Delegate=yes DefaultDependencies=no; do
	grep -qx "$setting" "$units/bee-audit.service"
	ok $? "bee-audit.service has $setting"
done
! grep -qE '^(RestrictNamespaces|PrivateDevices|PrivateUsers|ProtectHostname)=' "$units/bee-audit.service"
ok $? "and nothing that refuses jails"
# systemd.exec(5): RestrictSUIDSGID= has openat2(2) fail, by which bee-order opens a file of a machine's disk.
! grep -q '^RestrictSUIDSGID=' "$units/bee-remote.service"
ok $? "bee-remote.service has nothing that keeps a file of a disk from being opened"
tap_end
