#!/bin/sh
# check.sh DIR: the packages in DIR (make deb), checked by lintian, then in a fresh Debian: installed, audited
# with, upgraded over policies that somebody has edited, purged. TAP; root. BEE_DEB_ROOT.tar: the fresh root, which
# is made once and kept for booted.sh; without BEE_DEB_ROOT it is made anew.
set -u
out=${1:?}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"
deb=$(ls "$out"/bee_*.deb 2>/dev/null)
doc=$(ls "$out"/bee-doc_*.deb 2>/dev/null)
if [ ! -f "$deb" ] || [ ! -f "$doc" ]; then
	echo "1..0 # SKIP there are no packages in $out: make deb"
	exit 0
fi
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP not root"; exit 0; }
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
base=${BEE_DEB_ROOT:-$made/base}
root=$made/root

if command -v lintian >/dev/null; then
	is "$(lintian --allow-root --tag-display-limit 0 -EvIL +pedantic "$deb" "$doc" 2>&1 | grep -E '^[EWIP]:')" "" "lintian has nothing to say"
else
	skip "lintian has nothing to say" "lintian is not installed"
fi

# Nothing of this machine is in the way: what the package needs is in there, and no bee.
if [ ! -e "$base.tar" ]; then
	needs=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/(.*//; s/|.*//; s/ //g' | paste -sd,)
	mmdebstrap --quiet --variant=apt --include="$needs,mount,bash-completion,jq,systemd-sysv,udev,dbus,iproute2,openssh-server" bookworm "$base.tar" >"$made/log" 2>&1 || {
		tail -n 5 "$made/log"
		echo "1..0 # SKIP mmdebstrap makes no root here"
		exit 0
	}
fi
mkdir "$root"
tar -C "$root" -xf "$base.tar"
mkdir -p "$root/packages"
cp "$deb" "$doc" "$root/packages/"

# inside COMMAND: in that root, with mounts that end with it.
inside() {
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -c '
		mount --bind "$1" "$1" && cd "$1" && mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" && mount --rbind /sys "$1/sys" &&
			mount -t tmpfs tmpfs "$1/run" && exec chroot "$1" /bin/sh -ec "$2"' sh "$root" "$1" >"$made/out" 2>"$made/err" </dev/null
	status=$?
	[ $status -eq 0 ] || head -n 20 "$made/out" "$made/err" | sed 's/^/# /'
}
# What there is, but for what dpkg and systemd write down for themselves.
files() {
	(cd "$root" && find . \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./packages -o -path ./tmp \
		-o -path './var/lib/dpkg*' -o -path './var/cache*' -o -path './var/log/dpkg.log' -o -path './var/log/alternatives.log' \) -prune -o -print) | sort
}

files >"$made/before"
inside 'dpkg -i /packages/*.deb'
is "$status" 0 "both packages install"
is "$(find "$root/etc/systemd" -name '*bee*')" "" "nothing is enabled"
inside 'systemctl is-enabled bee-audit.timer || :'
is "$(cat "$made/out")" disabled "the timer is off until somebody enables it"
inside 'systemd-analyze verify --man=no /lib/systemd/system/bee-audit.service /lib/systemd/system/bee-audit.timer 2>&1 | grep bee- || :'
is "$(cat "$made/out")" "" "systemd understands both units"
inside 'bee policy lint && bee --version'
is "$status $(tail -n 1 "$made/out")" "0 bee $(dpkg-deb -f "$deb" Version)" "it finds its policies"
inside 'bee audit --timeout 30 -q || [ $? -eq 3 ]; bee keep; bee show findings >/dev/null; bee diff /var/log/bee-audit.json; jq .audit.policy_dir /var/log/bee-audit.json; ls /var/lib/bee/audits | wc -l'
is "$status $(tail -n 2 "$made/out" | xargs)" '0 /usr/share/bee/policy 1' "it audits, keeps and compares"
# shellcheck disable=SC2016
inside 'man=$(find /usr/share/man -name "bee*.gz" | wc -l); echo $man; bash -c ". /usr/share/bash-completion/completions/bee; complete -p bee" >/dev/null'
is "$status $(cat "$made/out")" "0 $(find "$here/../../doc/man" -name '*.[1-9]' | wc -l)" "its manual pages and its completion are there"

# The next version, over an administrator's policies, and over a shipped one that somebody has edited.
mkdir -p "$root/etc/bee/policy/optional"
cp "$root/usr/share/bee/policy/storage.policy" "$root/etc/bee/policy/storage.policy"
echo '# mine' >>"$root/etc/bee/policy/storage.policy"
sha256sum <"$root/etc/bee/policy/storage.policy" >"$made/mine"
dpkg-deb -R "$deb" "$made/next"
sed -i 's/^Version: .*/&+next1/' "$made/next/DEBIAN/control"
echo '# shipped anew' >>"$made/next/usr/share/bee/policy/storage.policy"
dpkg-deb --root-owner-group -b "$made/next" "$root/packages/next.deb" >/dev/null
ln -s /lib/systemd/system/bee-audit.timer "$root/etc/systemd/system/timers.target.wants/bee-audit.timer"
inside 'dpkg -i /packages/next.deb && bee policy list'
is "$status $(sha256sum <"$root/etc/bee/policy/storage.policy")" "0 $(cat "$made/mine")" "an upgrade leaves edited policies alone"
is "$(grep -c '/etc/bee/policy/storage.policy' "$made/out")" 1 "and they count"
is "$(tail -n 1 "$root/usr/share/bee/policy/storage.policy")" "# shipped anew" "the shipped ones are new"
inside 'systemctl is-enabled bee-audit.timer || :'
is "$(cat "$made/out")" enabled "what was enabled stays so"

inside 'dpkg --purge bee bee-doc'
is "$status" 0 "both are purged"
files >"$made/after"
is "$(comm -13 "$made/before" "$made/after" | xargs)" "./etc/bee ./etc/bee/policy ./etc/bee/policy/optional ./etc/bee/policy/storage.policy" \
	"and nothing is left but what the administrator wrote"
is "$(comm -23 "$made/before" "$made/after" | xargs)" "" "and nothing is gone that was there before"
tap_end
