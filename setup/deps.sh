#!/bin/sh
# deps.sh PACKAGE...: installs them by apt, and starts nothing that comes with them.
#
# smartd asks every disk at boot and twice an hour, and nvmf-autoconnect attaches storage over the
# network: neither is anything that an inventory should leave behind. So their units are masked before
# the packages come. Where a package is there already, its services are the administrator's choice.
set -eu
export DEBIAN_FRONTEND=noninteractive
top=${DEPS_ROOT:-} # of tests

say() { echo "deps: $*" >&2; }

# is_installed PACKAGE
is_installed() {
	# shellcheck disable=SC2016
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

services() {
	case $1 in
	smartmontools) echo smartmontools.service smartd.service ;;
	nginx-light) echo nginx.service ;;
	fcgiwrap) echo fcgiwrap.service fcgiwrap.socket ;;
	postgresql-15) echo postgresql.service ;;
	ipmitool) echo ipmievd.service ;; # would take the BMC's events
	nvme-cli) echo nvmf-autoconnect.service nvmefc-boot-connections.service ;;
	esac
}

# mask PACKAGE: its units, also where systemd comes later.
mask() {
	fresh=
	for unit in $(services "$1"); do
		link=$top/etc/systemd/system/$unit
		if [ ! -e "$link" ] && [ ! -L "$link" ]; then
			mkdir -p "${link%/*}"
			ln -s /dev/null "$link"
			fresh="$fresh $unit"
		fi
	done
	[ -z "$fresh" ] || say "masked; 'systemctl unmask$fresh' undoes it"
}

command -v apt-get >/dev/null || {
	say "there is no apt-get: the packages are named in the Makefile as Debian 12 calls them"
	exit 1
}
missing=
for package; do
	is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
	say "nothing is missing"
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	say "packages are installed by root; missing:$missing"
	exit 1
fi
apt-get update
for package in $missing; do mask "$package"; done
# shellcheck disable=SC2086
apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $missing
# Under sysvinit no mask counts.
for package in $missing; do
	[ ! -x "$top/etc/init.d/$package" ] || [ -z "$(services "$package")" ] ||
		update-rc.d "$package" disable
done
