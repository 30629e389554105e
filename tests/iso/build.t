#!/bin/sh
# What iso/build.sh says when it cannot build, and what it leaves alone. No image is made here.
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$top/tests/cli/tap.sh"
for tool in lb debootstrap mksquashfs xorriso; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing: make deps"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: as the build does"; exit 0; }

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
mkdir "$made/src" "$made/bin"
cp -R "$top/iso" "$top/VERSION" "$top/LICENSE" "$made/src/"
versions=$made/src/iso/builder/VERSIONS
export BEE_DIST="$made/dist"
cat >"$made/bin/installs" <<'END'
#!/bin/sh
# Stands for make: bee is not what is tested here.
for word in "$@"; do
	case $word in
	DESTDIR=*)
		mkdir -p "${word#*=}/usr/local/bin" "${word#*=}/usr/local/libexec/bee"
		cp /bin/true "${word#*=}/usr/local/bin/bee"
		cp /bin/true "${word#*=}/usr/local/libexec/bee/bee-audit"
		;;
	esac
done
END
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1" = config ] || { echo "no space left"; exit 1; }\n' >"$made/bin/lb"
chmod 755 "$made"/bin/*

# fails WORDS NAME COMMAND...: it fails within a minute, and what it says has these words.
fails() {
	words=$1 name=$2
	shift 2
	began=$(date +%s)
	"$@" >"$made/said" 2>&1
	status=$?
	if [ $status -ne 0 ] && grep -qE -- "$words" "$made/said" && [ $(($(date +%s) - began)) -le 60 ]; then
		ok 0 "$name"
	else
		ok 1 "$name"
		sed "s/^/# exit $status: /" "$made/said"
	fi
}
build() { env MAKE="$made/bin/installs" PATH="$made/bin:$PATH" "$@"; }
pin() {
	cp "$top/iso/builder/VERSIONS" "$versions"
	for change in "$@"; do sed -i "s/^${change%%=*}=.*/$change/" "$versions"; done
}

fails 'usage|iso/build.sh' "an unknown option is refused" "$made/src/iso/build.sh" --no-such
: >"$made/empty"
fails 'holds no key' "a file without a key is refused" "$made/src/iso/build.sh" --authorized-keys "$made/empty"
fails 'holds no key' "a key file that is not there is refused" \
	"$made/src/iso/build.sh" --authorized-keys "$made/none"

pin DEBIAN_KERNEL_ABI=6.1.0-999-amd64
fails 'linux-headers-6.1.0-999-amd64.*iso/builder/VERSIONS.*apt knows' \
	"an ABI that apt does not know is refused, with those it knows" "$made/src/iso/build.sh"
other=$(apt-cache search --names-only '^linux-headers-6[0-9.-]*-amd64$' | cut -d' ' -f1 |
	sed 's/^linux-headers-//' | grep -vxF "$(sed -n 's/^DEBIAN_KERNEL_ABI=//p' \
		"$top/iso/builder/VERSIONS")" | tail -1)
name="a driver that was not seen to build on the pinned ABI is refused"
if [ -n "$other" ]; then
	pin "DEBIAN_KERNEL_ABI=$other"
	fails "seen to build on .* and DEBIAN_KERNEL_ABI is $other" "$name" \
		"$made/src/iso/build.sh" --nvidia debian
else
	skip "$name" "apt knows one kernel only"
fi
printf 'Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "/dev/null";\n' >"$made/apt.conf"
fails 'no mirror of' "a host whose apt has no mirror of the release is told so" \
	env APT_CONFIG="$made/apt.conf" "$made/src/iso/build.sh"

pin
fails 'compile failed.*logs/[0-9]*-compile.log' "a stage that fails names its log" \
	env MAKE=false "$made/src/iso/build.sh"
find "$made/src/iso" -type f -exec sha256sum {} + | sort >"$made/before"
fails 'live-build failed.*logs/[0-9]*-live-build.log' "so does live-build, and its words are shown" \
	build "$made/src/iso/build.sh"
grep -q 'no space left' "$made/said"
ok $? "the last lines of the log are on the terminal"
find "$made/src/iso" -type f -exec sha256sum {} + | sort | cmp -s - "$made/before"
ok $? "iso/ is as it was"
[ -e "$BEE_DIST/overlay/etc/bee/password-fallback" ] &&
	[ ! -e "$BEE_DIST/overlay/root/.ssh/authorized_keys" ]
ok $? "without --authorized-keys there is the password's marker and no key"
echo 'ssh-ed25519 AAAA test' >"$made/key"
build "$made/src/iso/build.sh" --authorized-keys "$made/key" >/dev/null 2>&1
[ ! -e "$BEE_DIST/overlay/etc/bee/password-fallback" ] &&
	cmp -s "$made/key" "$BEE_DIST/overlay/root/.ssh/authorized_keys"
ok $? "with it there is the key and no marker"
build "$made/src/iso/build.sh" >/dev/null 2>&1
[ ! -e "$BEE_DIST/overlay/root/.ssh/authorized_keys" ]
ok $? "the key of the build before is gone"

# A live-build that succeeds; what it makes is no image, so that the layer's stage fails after it.
cat >"$made/bin/lb" <<END
#!/bin/sh
[ "\$1" = build ] || exit 0
echo run >>$made/runs
echo base >bee-amd64.hybrid.iso
echo "bee 1" >chroot.packages.live
END
# bases: how many whole builds there were when this build is done.
bases() {
	build SOURCE_DATE_EPOCH="${epoch:-1700000000}" "$made/src/iso/build.sh" >"$made/said" 2>&1
	grep -c run "$made/runs"
}
is "$(bases)" 1 "the first build makes a base"
echo >>"$made/src/iso/overlay/etc/motd"
is "$(bases)" 1 "a change of the overlay goes on top of it"
echo '# x' >>"$made/src/iso/builder/smoketest.sh"
is "$(bases)" 1 "a script that live-build does not read is no reason to make it anew"
echo hello >>"$made/src/iso/builder/config/package-lists/bee.list.chroot"
is "$(bases)" 2 "a change of the packages is one"
echo '# x' >>"$made/src/iso/overlay/usr/lib/live/boot/9991-bee.sh"
is "$(bases)" 3 "a change of what goes into the initramfs is one"
epoch=1700000001
is "$(bases)" 4 "another SOURCE_DATE_EPOCH is one"

driver="$made/src/iso/builder/build-nvidia-module.sh"
sum=$(echo | sha256sum | cut -d' ' -f1)
pin NVIDIA_RUN_SHA256=
fails 'NVIDIA_RUN_SHA256' "an installer without a pinned digest is not run" "$driver" run "$made/stage"
pin "NVIDIA_RUN_SHA256=$sum"
fails 'is not there' "an installer that is not there is asked for" "$driver" run "$made/stage"
mkdir -p "$BEE_DIST/cache"
run="$BEE_DIST/cache/NVIDIA-Linux-x86_64-$(sed -n 's/^NVIDIA_VERSION=//p' "$versions").run"
echo "touch $made/ran" >"$run"
fails 'is not the one of NVIDIA_RUN_SHA256' "an installer of another digest is refused" \
	"$driver" run "$made/stage"
[ ! -e "$made/ran" ]
ok $? "and was not run"

# Ours to see is the path of a mirror; what host it has is the builder's own business.
hosts=$(grep -rnE '(https?|ftp)://[a-z0-9.-]+' "$top/iso" --include='*' | grep -v '/vendor/')
is "$hosts" "" "no host is named in iso/"
tap_end
