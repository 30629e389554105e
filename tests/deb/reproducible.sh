#!/bin/sh
# reproducible.sh: the packages of what git has here, built by reprotest twice, all that it can vary varied: path, home,
# PATH, environment, locale, time zone and time, umask, order of files, kernel and host name, user, processors, layout of
# the address space. They have to be the same bytes. TAP; root.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"
for tool in reprotest disorderfs faketime sudo dh; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed: make deps-deb"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP not root"; exit 0; }
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
chmod 755 "$made"
# A folder deeper than reprotest's own, where the second build's user could not replace the first one's .buildinfo.
mkdir -p "$made/source/bee" "$made/bin"
git -C "$here/../.." archive HEAD | tar -x -C "$made/source/bee"

# reprotest 0.7.23 says "sudo -h localhost", which sudo refuses since it was mended for CVE-2025-32462.
cat >"$made/bin/sudo" <<'END'
#!/bin/sh
[ "$1" != -h ] || shift 2
exec /usr/bin/sudo "$@"
END
chmod 755 "$made/bin/sudo"
SOURCE_DATE_EPOCH=$(git -C "$here/../.." log -1 --format=%ct)
export SOURCE_DATE_EPOCH
PATH=$made/bin:$PATH reprotest --no-diffoscope --min-cpus 2 --vary=+all,user_group.available+=games:games,domain_host.use_sudo=1 \
	-c 'cd bee && dpkg-buildpackage -b -us -uc -j2' "$made/source" '*.deb' -- null >"$made/log" 2>&1
ok $? "two builds give the same bytes"
if [ "$tap_failed" -eq 0 ]; then
	tail -n 6 "$made/log"
else
	cp "$made/log" "$here/../../build/reprotest.log"
	grep -a -i -E 'error:|cannot|denied|not permitted|\*\*\*|^(-|\+)' "$made/log" | head -n 20
	echo "all of it is in build/reprotest.log"
fi | sed 's/^/# /'
is "$(grep -c 'IGNORING' "$made/log")" 0 "nothing was left unvaried"
tap_end
