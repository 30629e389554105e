# What the tests of guests share: their own records, network and process numbers, and a small tree.
# shellcheck shell=sh disable=SC2034
if [ -z "${BEE_TEST_NET:-}" ] && [ "$(id -u)" -eq 0 ]; then
	BEE_TEST_NET=1
	export BEE_TEST_NET
	exec unshare -n sh "$0" "$@"
fi
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/../root/env.sh"

[ -x /bin/busybox ] || skip_all "busybox is not installed"
ip link set lo up
mkdir -p /var/lib/bee /run/netns
mount -t tmpfs -o mode=0755 tmpfs /var/lib/bee || skip_all "cannot mount a tmpfs"
mount -t tmpfs -o mode=0755 tmpfs /run/netns || skip_all "cannot mount a tmpfs"
unset SUBHOST DISKS BRIDGES CABLES

# Not in /tmp, which may be a tmpfs: before Linux 6.3 the owners in one cannot be mapped.
trees=$(mktemp -d /var/tmp/bee-guest-XXXXXX 2>/dev/null || mktemp -d) || exit 1
guest_tidy() {
	for g in /var/lib/bee/guest/*; do guest stop --now "${g##*/}" >/dev/null 2>&1; done
	guest gc >/dev/null 2>&1
	rm -rf --one-file-system "$trees"
	tidy
}
trap guest_tidy EXIT

guest() { timeout 60 "$B/bee" guest "$@"; }

# tree DIR: busybox and the libraries it wants, if any.
tree() {
	mkdir -p "$1/bin" "$1/sbin" "$1/etc" "$1/dev" "$1/proc" "$1/sys" "$1/run" "$1/tmp" "$1/root" "$1/mnt"
	cp /bin/busybox "$1/bin/"
	ldd /bin/busybox 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$1${library%/*}"
		cp "$library" "$1$library"
	done
	for name in $(/bin/busybox --list); do
		[ "$name" = busybox ] || [ "$name" = init ] || ln -sf busybox "$1/bin/$name"
	done
	echo root:x:0:0:root:/root:/bin/sh >"$1/etc/passwd"
}

tree "$trees/small"
guest run --quiet probe --root "$trees/small" --volatile -- true >"$made/probe" 2>&1 ||
	skip_all "no guest runs here: $(tail -n 1 "$made/probe")"

# state NAME [PROPERTY]: as list has it
state() { guest list "$1" --json 2>/dev/null | jq -r ".${2:-state}"; }

# machine: mounts, loop devices, links, groups and files, as they are of the whole machine.
machine() {
	awk -v trees="$trees" '$5 ~ "/run|/var/lib/bee" || index($5, trees) { print "mount", $5 }' /proc/self/mountinfo
	# Of this test's guests alone: other tests have some too.
	for dev in /sys/block/loop*/loop/backing_file; do
		case $(cat "$dev" 2>/dev/null) in "$trees"*) echo "loop $dev" ;; esac
	done
	ip -o link | awk '{ print "link", $2 }'
	world=$(cat /var/lib/bee/guest/.world 2>/dev/null)
	for group in /sys/fs/cgroup/bee/guest-"$world"* /sys/fs/cgroup/*/bee/guest-"$world"*; do
		[ ! -d "$group" ] || echo "group $group"
	done
	find /run/netns /run/bee -printf 'file %p\n'
	ours | grep -v -e '/tests/' | awk '{ print "process", $2 }'
}
