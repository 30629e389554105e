#!/bin/sh
# deb.sh DIR: the Debian packages of what git has here, into DIR, built from a copy in it.
set -eu
out=${1:?}
top=$(cd "$(dirname "$0")/.." && pwd)
command -v dh >/dev/null || {
	echo "deb: there is no debhelper: make deps deps-deb" >&2
	exit 1
}
rm -rf "$out"
mkdir -p "$out/bee"
(cd "$top" && git archive HEAD) | tar -x -C "$out/bee"
SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
cd "$out/bee"
# DEB_ARGS: of dpkg-buildpackage, as -aarm64.
# shellcheck disable=SC2086
dpkg-buildpackage -b -us -uc ${DEB_ARGS:-}
cd ..
rm -rf bee
ls -l ./*.deb
