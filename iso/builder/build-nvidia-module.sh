#!/bin/sh
# NVIDIA's driver for the image: build-nvidia-module.sh debian|run STAGE
#
# The modules go to STAGE/usr/local/lib/nvidia and not below /lib/modules, where something might
# load them by chance; nvidia-smi, libnvidia-ml, libcuda and the GSP firmware go beside them. What
# was built is kept in dist/nvidia-VERSION-KERNEL. Nothing is installed on this host: packages are
# only unpacked.
set -eu
umask 022
export LC_ALL=C
kind=$1 stage=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=iso/builder/VERSIONS
. "$here/VERSIONS"
dist=${BEE_DIST:-$(dirname "$(dirname "$here")")/dist}
cache=$dist/nvidia-$NVIDIA_VERSION-$DEBIAN_KERNEL_ABI
work=$dist/nvidia-work apt=$dist/cache/apt
trap 'rm -rf "$work"' EXIT

complain() {
	echo "$*"
	exit 1
}

# The same modules from another source, or from a recipe that has changed, are not the same.
recipe="$kind $(cat "$here/VERSIONS" "$0" | sha256sum | cut -c1-32)"

install_from() {
	mkdir -p "$stage/usr/local/lib" "$stage/usr/local/bin" "$stage/usr/lib/firmware" \
		"$stage/usr/local/share/doc"
	cp -R "$1/modules" "$stage/usr/local/lib/nvidia"
	cp -P "$1/lib/"* "$stage/usr/lib/"
	cp "$1/nvidia-smi" "$stage/usr/local/bin/"
	cp -R "$1/doc" "$stage/usr/local/share/doc/nvidia"
	# The kernel looks in /lib/firmware; /lib is a link, which the overlay must not replace.
	cp -R "$1/firmware/nvidia" "$stage/usr/lib/firmware/"
	echo "stage: $NVIDIA_VERSION for $DEBIAN_KERNEL_ABI, $2"
}

if [ "$(cat "$cache/recipe" 2>/dev/null)" = "$recipe" ]; then
	install_from "$cache" "from $cache"
	exit 0
fi
rm -rf "$work"
mkdir -p "$work/root" "$work/out/modules" "$work/out/lib" "$work/out/doc" "$work/out/firmware"

# Debian's packages by this host's mirrors and keys, with the areas that its own apt may not have.
apt_options="-o Dir::Etc::SourceList=$apt/sources.list -o Dir::Etc::SourceParts=/dev/null
	-o Dir::State::Lists=$apt/lists -o Dir::Cache=$apt -o APT::Sandbox::User=root"
fetch() {
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | awk -v r="$DEBIAN_RELEASE" '$3 == "main" && index($2, r) == 1 {
			print "deb", $1, $2, "main non-free non-free-firmware"
		}' | sort -u >"$apt/sources.list"
	# shellcheck disable=SC2086 # a list of words
	apt-get $apt_options update
	# shellcheck disable=SC2086
	(cd "$apt/archives" && apt-get $apt_options download "$@")
}

unpack() {
	for package in "$@"; do
		name=${package%%=*}
		version=$(echo "$package" | sed -n 's/^[^=]*=//p')
		# apt writes ':' as %3a in a file's name.
		file=$(find "$apt/archives" -maxdepth 1 -name "${name}_${version:-*}_*.deb" | sort | tail -1)
		[ -n "$file" ] || complain "$package was not fetched"
		dpkg-deb -x "$file" "$work/root"
	done
}

headers="linux-headers-$DEBIAN_KERNEL_ABI linux-headers-${DEBIAN_KERNEL_ABI%-amd64}-common linux-kbuild-6.1"
# shellcheck disable=SC2086 # a list of words
find_headers() {
	rm -f "$apt"/archives/linux-*.deb
	fetch $headers
	unpack $headers
	# Debian's headers name each other by absolute paths.
	sed -i "s,/usr/src/,$work/root/usr/src/," "$work/root/usr/src/linux-headers-$DEBIAN_KERNEL_ABI/Makefile"
}

from_debian() {
	packages=''
	for name in nvidia-kernel-source nvidia-smi libnvidia-ml1 libcuda1 firmware-nvidia-gsp; do
		packages="$packages $name=$NVIDIA_DEBIAN"
	done
	# shellcheck disable=SC2086
	fetch $packages
	# shellcheck disable=SC2086
	unpack $packages
	tar -C "$work" -xf "$work/root/usr/src/nvidia-kernel.tar.xz"
	mv "$work/modules/nvidia-kernel" "$work/kernel"
	current=$work/root/usr/lib/x86_64-linux-gnu/nvidia/current
	cp "$current/libnvidia-ml.so.$NVIDIA_VERSION" "$current/libcuda.so.$NVIDIA_VERSION" "$work/out/lib/"
	cp "$work/root/usr/lib/nvidia/current/nvidia-smi" "$work/out/"
	cp -R "$work/root/lib/firmware/nvidia" "$work/out/firmware/"
	cp "$work/root/usr/share/doc/libnvidia-ml1/copyright" "$work/out/doc/"
}

# The vendor's installer is not fetched by this script: there is no way to tell a good one but a
# digest that somebody has looked up.
from_run() {
	run=$dist/cache/NVIDIA-Linux-x86_64-$NVIDIA_VERSION.run
	[ -n "$NVIDIA_RUN_SHA256" ] ||
		complain "NVIDIA_RUN_SHA256 in iso/builder/VERSIONS is empty: put the installer's digest there"
	[ -s "$run" ] || complain "$run is not there: put the vendor's installer there"
	echo "$NVIDIA_RUN_SHA256  $run" | sha256sum -c - ||
		complain "$run is not the one of NVIDIA_RUN_SHA256 in iso/builder/VERSIONS"
	sh "$run" --extract-only --target "$work/run"
	mv "$work/run/kernel" "$work/kernel"
	cp "$work/run/libnvidia-ml.so.$NVIDIA_VERSION" "$work/run/libcuda.so.$NVIDIA_VERSION" "$work/out/lib/"
	cp "$work/run/nvidia-smi" "$work/out/"
	mkdir -p "$work/out/firmware/nvidia/$NVIDIA_VERSION"
	cp "$work/run/firmware/"gsp_*.bin "$work/out/firmware/nvidia/$NVIDIA_VERSION/"
	cp "$work/run/LICENSE" "$work/out/doc/copyright"
}

case $kind in
debian) from_debian ;;
run) from_run ;;
*) complain "build-nvidia-module.sh debian|run STAGE" ;;
esac
find_headers

# Without peermem (needs InfiniBand's) and drm (needs a display): what nvidia-smi asks is nvidia
# and uvm; modeset goes with the persistence of some drivers' GSP.
src=$work/root/usr/src
make -C "$work/kernel" -j"$(nproc)" CC=gcc-12 NV_EXCLUDE_KERNEL_MODULES='nvidia-peermem nvidia-drm' \
	SYSSRC="$src/linux-headers-${DEBIAN_KERNEL_ABI%-amd64}-common" \
	SYSOUT="$src/linux-headers-$DEBIAN_KERNEL_ABI" modules
for name in nvidia nvidia-uvm nvidia-modeset; do
	strip --strip-debug "$work/kernel/$name.ko"
	cp "$work/kernel/$name.ko" "$work/out/modules/"
	magic=$(modinfo -F vermagic "$work/out/modules/$name.ko")
	[ "${magic%% *}" = "$DEBIAN_KERNEL_ABI" ] || complain "$name.ko is for $magic"
done
for name in libnvidia-ml libcuda; do
	ln -s "$name.so.$NVIDIA_VERSION" "$work/out/lib/$name.so.1"
	ln -s "$name.so.1" "$work/out/lib/$name.so"
done
echo "$recipe" >"$work/out/recipe"
rm -rf "$cache"
mv "$work/out" "$cache"
install_from "$cache" "built"
