#!/bin/sh
# What iso/build.sh says when it cannot build, and what it leaves alone. No image is made here.
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$top/tests/cli/tap.sh"
for tool in lb debootstrap mksquashfs xorriso; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is missing: make deps-iso"; exit 0; }
done
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root: as the build does"; exit 0; }

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
trap 'exit 1' INT TERM
mkdir "$made/src" "$made/bin"
cp -R "$top/iso" "$top/policy" "$top/VERSION" "$top/LICENSE" "$made/src/"
versions=$made/src/iso/builder/VERSIONS
export BEE_DIST="$made/dist"
cat >"$made/bin/installs" <<'END'
#!/bin/sh
# Stands for make: bee is not what is tested here.
for word in "$@"; do
	case $word in
	DESTDIR=*)
		mkdir -p "${word#*=}/usr/local/bin" "${word#*=}/usr/local/libexec/bee" \
			"${word#*=}/usr/local/share/bee/policy"
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
mkfifo "$made/pipe"
fails 'has to be a file' "a pipe, which could be read only once, is refused" \
	"$made/src/iso/build.sh" --authorized-keys "$made/pipe"
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n' >"$made/private"
fails 'holds no key' "a private key is refused" "$made/src/iso/build.sh" --authorized-keys "$made/private"
printf 'ssh-ed25519 AAAA one\nb3BlbnNzaC1rZXktdjE\n' >"$made/broken"
fails 'no public key: line 2' "a line that is no key is refused" \
	"$made/src/iso/build.sh" --authorized-keys "$made/broken"
! grep -q b3BlbnN "$made/said"
ok $? "what it holds is not repeated"
mkdir "$made/a blank"
fails 'has a blank' "a folder that live-build could not work in is refused" \
	env BEE_DIST="$made/a blank/dist" "$made/src/iso/build.sh"
fails 'no configuration of bee remote' "a folder that is no configuration is refused" \
	"$made/src/iso/build.sh" --remote "$made/src"
fails 'no folder for' "so is a place for the image that is not there" \
	"$made/src/iso/build.sh" --output "$made/none/bee.iso"

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
printf '# us\r\n\r\nssh-ed25519 AAAA test\r\nfrom="10.0.0.0/8,fe80::1",command="a b" ssh-rsa AAAA\n' >"$made/key"
printf 'sk-ssh-ed25519@openssh.com\tAAAA b\n  ecdsa-sha2-nistp256 AAAA' >>"$made/key"
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

# A bootstrap that is kept for the next build.
cat >"$made/bin/lb" <<END
#!/bin/sh
[ "\$1" = build ] || exit 0
if [ -d cache/bootstrap ]; then echo kept; else echo none; fi >$made/bootstrap
mkdir -p cache/bootstrap/etc .build
echo VERSION_CODENAME=\$(sed -n 's/^DEBIAN_RELEASE=//p' VERSIONS) >cache/bootstrap/etc/os-release
[ ! -e $made/whole ] || : >.build/bootstrap_cache.save
exit 1
END
# bootstrap: whether the next build has one.
bootstrap() {
	build "$made/src/iso/build.sh" --full >"$made/said" 2>&1
	cat "$made/bootstrap"
}
rm -rf "$BEE_DIST/cache/live-build"
is "$(bootstrap)$(bootstrap)" "nonenone" "a bootstrap that was not copied to its end is not kept"
: >"$made/whole"
is "$(bootstrap)$(bootstrap)" "nonekept" "one that was is"
echo VERSION_CODENAME=other >"$BEE_DIST/cache/live-build/bootstrap/etc/os-release"
is "$(bootstrap)" none "but not for another release"
cat >"$made/bin/lb" <<END
#!/bin/sh
[ "\$1" = build ] || exit 0
echo base >bee-amd64.hybrid.iso
echo "bee 1" >chroot.packages.live
END

# Images that are whole but for Debian: the base is what live-build was given, and what was optional is
# looked for in every squashfs of the ISO.
cat >"$made/bin/lb" <<END
#!/bin/sh
[ "\$1" = build ] || exit 0
mkdir -p binary/live
mksquashfs config/includes.chroot binary/live/filesystem.squashfs -quiet -no-progress
xorriso -as mkisofs -o bee-amd64.hybrid.iso binary
echo "bee 1" >chroot.packages.live
END
# search OPTION...: the files of an image made with these options that hold the vendor's mark.
mark=made-by-a-vendor-$$
search() {
	build SOURCE_DATE_EPOCH=1700000000 "$made/src/iso/build.sh" "$@" >"$made/said" 2>&1 || cat "$made/said"
	rm -rf "$made/live" "$made/tree"
	mkdir "$made/tree"
	xorriso -osirrox on -indev "$BEE_DIST/bee.iso" -extract /live "$made/live" >/dev/null 2>&1
	for squashfs in "$made"/live/*.squashfs; do
		unsquashfs -q -n -f -d "$made/tree/${squashfs##*/}" "$squashfs" >/dev/null
	done
	(cd "$made/tree" && grep -rl "$mark" . | sort | tr '\n' ' ')
}
printf '#!/bin/sh\n# %s\n' "$mark" | tee "$made/src/iso/vendor/storcli64" >"$made/src/iso/vendor/mstflint"
sed -i "s/^policy 1/# $mark\n&/" "$made/src/policy/optional/raid.policy"
layered=zz-bee.squashfs/usr/local
is "$(search --full)" "./$layered/bin/mstflint ./$layered/bin/storcli64 ./$layered/share/bee/policy/raid.policy " \
	"a vendor's tools are on the image, above the base"
[ -e "$made/tree/filesystem.squashfs/usr/local/share/bee/policy/megaraid.policy" ]
ok $? "MegaRAID's drives are asked by every image: smartctl is on it"
rm "$made/src/iso/vendor/mstflint"
is "$(search)" "./$layered/bin/storcli64 ./$layered/share/bee/policy/raid.policy " \
	"one that is taken away is gone from the whole of it"
rm "$made/src/iso/vendor/storcli64"
is "$(search)" "" "so are the last one and its policy"
is "$(grep -c storcli "$BEE_DIST/bee.iso.manifest")" 0 "and the manifest has none"
# What says whom an image asks is of that image alone.
mkdir "$made/remote"
echo "$mark" >"$made/remote/BOOTSERVER"
is "$(search --full --remote "$made/remote")" "./zz-bee.squashfs/etc/bee/remote/BOOTSERVER " \
	"whom it asks is on the image, above the base"
is "$(search)" "" "and gone from one without"
# shellcheck disable=SC2016 # it is bee that expands it
printf '#!/bin/sh\necho "$*" >%s/linted\nexit 65\n' "$made" >"$made/bin/refuses"
# shellcheck disable=SC2016
sed -i 's,cp /bin/true \("[^"]*/bin/bee"\),cp ${BEE_STAND_IN:-/bin/true} \1,' "$made/bin/installs"
export BEE_STAND_IN="$made/bin/refuses"
chmod 755 "$made/bin/refuses"
fails 'optional failed' "a configuration that bee remote lint refuses goes on no image" \
	build "$made/src/iso/build.sh" --remote "$made/remote"
is "$(cat "$made/linted")" "remote lint $made/remote" "which it is asked"
unset BEE_STAND_IN
cat >"$made/src/iso/builder/build-nvidia-module.sh" <<END
#!/bin/sh
mkdir -p "\$2/usr/local/lib/nvidia" "\$2/usr/lib"
echo $mark >"\$2/usr/local/lib/nvidia/nvidia.ko"
echo $mark >"\$2/usr/lib/libcuda.so.1"
END
abi=$(sed -n 's/^DEBIAN_KERNEL_ABI=//p' "$versions")
sed -i "s/^NVIDIA_BUILDS_ON=.*/NVIDIA_BUILDS_ON=$abi/" "$versions"
is "$(search --full --nvidia debian)" "./zz-bee.squashfs/usr/lib/libcuda.so.1 ./$layered/lib/nvidia/nvidia.ko " \
	"NVIDIA's driver is above the base too"
is "$(search)" "" "and gone from an image without"
cp "$top/iso/builder/build-nvidia-module.sh" "$made/src/iso/builder/"
cat >"$made/bin/lb" <<END
#!/bin/sh
[ "\$1" = build ] || exit 0
echo base >bee-amd64.hybrid.iso
echo "bee 1" >chroot.packages.live
END

# layer OLD NEW: both are overlays made of these commands; the list of the layer that comes of it.
# shellcheck disable=SC2016
printf '#!/bin/sh\ncp %s/layer.squashfs %s/\nwhile [ "$1" != -outdev ]; do shift; done\n: >"$2"\n' \
	"$BEE_DIST" "$made" >"$made/bin/xorriso"
chmod 755 "$made/bin/xorriso"
layered() { # COMMANDS [OPTION...]
	rm -rf "$made/src/iso/overlay"
	cp -R "$top/iso/overlay" "$made/src/iso/"
	(cd "$made/src/iso/overlay" && eval "$1")
	shift
	build SOURCE_DATE_EPOCH=1700000000 "$made/src/iso/build.sh" "$@" >"$made/said" 2>&1 || cat "$made/said"
}
layer() {
	layered "$1" --full
	layered "$2"
	unsquashfs -lls "$made/layer.squashfs" |
		sed -n 's,^\(.\).* squashfs-root/\(srv/.*\),\1 \2,p' | tr '\n' ';'
}
is "$(layer 'mkdir srv; echo a >srv/x; ln -s a srv/y' 'mkdir srv; echo b >srv/x; ln -s b srv/y')" \
	"- srv/x;l srv/y -> b;" "the layer has what changed"
is "$(layer 'mkdir -p srv/d; echo a >srv/x; echo a >srv/d/x' 'mkdir srv; echo a >srv/x')" \
	"d srv/d;c srv/d/x;" "what is gone is covered"
is "$(layer 'mkdir srv; echo a >srv/x' 'mkdir -p srv/x/y; echo a >srv/x/y/z')" \
	"d srv/x;d srv/x/y;- srv/x/y/z;" "a folder is where a file was"
is "$(layer 'mkdir -p srv/x/y/; echo a >srv/x/y/z' 'mkdir srv; echo a >srv/x')" "- srv/x;" \
	"a file is where a folder was"
mkdir "$made/elsewhere"
is "$(layer 'mkdir -p srv/x/y/; echo a >srv/x/y/z' "mkdir srv; ln -s $made/elsewhere srv/x")" \
	"l srv/x -> $made/elsewhere;" "a link is where a folder was"
is "$(ls "$made/elsewhere")" "" "and nothing was made where it leads"
cp "$made/layer.squashfs" "$made/before.squashfs"
build SOURCE_DATE_EPOCH=1700000000 "$made/src/iso/build.sh" >"$made/said" 2>&1
cmp -s "$made/layer.squashfs" "$made/before.squashfs"
ok $? "the same layer is the same bytes"

# Ctrl-C at a stage that takes long: nothing of it goes on, and nobody else builds meanwhile.
printf '#!/bin/sh\necho $$ >%s/lb.pid\nsleep 300 &\necho $! >>%s/lb.pid\nwait\n' "$made" "$made" >"$made/bin/lb"
env MAKE="$made/bin/installs" PATH="$made/bin:$PATH" "$made/src/iso/build.sh" --full \
	>"$made/interrupted" 2>&1 &
builder=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ -s "$made/lb.pid" ] && break
	sleep 1
done
fails 'another build works in' "a second build in the same folder is refused" "$made/src/iso/build.sh"
kill "$builder"
wait "$builder"
is $? 130 "a build that is interrupted says so"
# shellcheck disable=SC2046 # two numbers
ps -o pid= $(cat "$made/lb.pid") >"$made/said"
is "$(cat "$made/said")" "" "and nothing of live-build goes on"

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
is "$(find "$top/iso/overlay" -path "*.wants/*" ! -type l)" "" "a unit is wanted by a link; systemd passes over a file"
tap_end
