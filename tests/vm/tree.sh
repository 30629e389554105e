#!/bin/sh
# A small Debian at $1, made once: packages of the host's apt, and those named behind it.
set -eu
[ ! -x "$1/sbin/init" ] || exit 0
mkdir -p "$(dirname "$1")"
rm -rf "$1.new"
mmdebstrap --quiet --variant=minbase --include="systemd-sysv,dbus,iproute2${2:+,$2}" bookworm "$1.new"
mv "$1.new" "$1"
