#!/bin/sh
# Builds the live ISO: iso/build.sh [OPTION...]
#
# iso/overlay and iso/builder are only read. All that is made is under dist/: the staged overlay,
# live-build's working folder, the caches, a log per stage, and bee.iso.
#
# dist/cache/base.iso is the last whole build, without a key or the password's marker. While
# iso/builder stays the same, what has changed in the overlay goes on top of it as one more
# squashfs; --full always builds whole.
set -eu
umask 022
export LC_ALL=C TZ=UTC

iso=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$iso")
dist=${BEE_DIST:-$top/dist}
keys='' remote='' nvidia=none full='' output='' MAKE=${MAKE:-make -j$(nproc)}

usage() {
	sed -n '2s/^# //p' "$0"
	echo
	echo "  --authorized-keys FILE   who may log in as root by ssh; without it the image makes a"
	echo "                           new password at each boot and shows it on the console"
	echo "  --remote DIR             asks the boot server of this configuration (doc/remote.md);"
	echo "                           without it the image asks nobody"
	echo "  --nvidia debian          driver from Debian's nvidia-kernel-source"
	echo "  --nvidia run             driver from the vendor's installer in dist/cache"
	echo "  --nvidia none            no driver (default)"
	echo "  --full                   build the base too, whatever is cached"
	echo "  --output FILE            instead of dist/bee.iso; FILE.sha256 and FILE.manifest go beside it"
	echo
	echo "SOURCE_DATE_EPOCH fixes all times (default: the last commit's)."
	exit "$1"
}

complain() {
	echo "iso/build.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
	--authorized-keys) [ $# -gt 1 ] || usage 64 >&2; keys=$2; shift ;;
	--remote) [ $# -gt 1 ] || usage 64 >&2; remote=$2; shift ;;
	--nvidia) [ $# -gt 1 ] || usage 64 >&2; nvidia=$2; shift ;;
	--full) full=1 ;;
	--output) [ $# -gt 1 ] || usage 64 >&2; output=$2; shift ;;
	-h | --help) usage 0 ;;
	*) usage 64 >&2 ;;
	esac
	shift
done
case $nvidia in debian | run | none) ;; *) usage 64 >&2 ;; esac
[ "$(id -u)" -eq 0 ] || complain "needs root: live-build mounts and changes root"
# Neither live-build nor bee's Makefile takes a path with blanks.
case $top$dist in *[[:space:]]*) complain "a folder's name has a blank: $top, $dist" ;; esac
# A private key by mistake, or a line that sshd would pass over, is not what was meant. A pipe can be
# read only once.
key='^([^#].*[[:space:]])?(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+[[:space:]]+AAAA'
if [ -n "$keys" ]; then
	if [ ! -f "$keys" ] || ! grep -qE "$key" "$keys"; then
		complain "$keys holds no key: it has to be a file as ssh-keygen's .pub"
	fi
	bad=$(grep -nvE -e "$key" -e '^[[:space:]]*(#.*)?$' "$keys" | head -1 | cut -d: -f1)
	[ -z "$bad" ] || complain "$keys holds a line that is no public key: line $bad"
fi
[ -z "$remote" ] || [ -f "$remote/BOOTSERVER" ] || complain "$remote is no configuration of bee remote: no BOOTSERVER in it"
for tool in lb debootstrap mksquashfs xorriso; do
	command -v "$tool" >/dev/null || complain "$tool is missing: make deps-iso"
done

# shellcheck source=iso/builder/VERSIONS
. "$iso/builder/VERSIONS"
given_epoch=${SOURCE_DATE_EPOCH:-}
# Root builds what somebody else has checked out.
repository() { git -c safe.directory="$top" -C "$top" "$@" 2>/dev/null; }
commit=$(repository rev-parse --short=12 HEAD || echo unknown)
if [ "$commit" != unknown ] && [ -n "$(repository status --porcelain)" ]; then
	commit=$commit-changed
fi
SOURCE_DATE_EPOCH=${given_epoch:-$(repository log -1 --format=%ct || date +%s)}
export SOURCE_DATE_EPOCH
version=$(cat "$top/VERSION")
mkdir -p "$dist"
dist=$(cd "$dist" && pwd -P)
output=${output:-$dist/bee.iso}
[ -d "$(dirname "$output")" ] || complain "no folder for $output"
stage=$dist/overlay work=$dist/work cache=$dist/cache logs=$dist/logs
mkdir -p "$cache" "$logs"
exec 9>"$dist/lock"
flock -n 9 || complain "another build works in $dist"
rm -f "$logs"/*.log

# A stage's output goes to its log. It runs in the background because a command in a condition, which
# is how one would catch its failure, ignores -e. The inner trap is for live-build's mounts.
number=0
stage() {
	name=$1
	shift
	number=$((number + 1))
	log=$logs/$(printf '%02d' $number)-$name.log
	began=$(date +%s%N)
	[ ! -t 1 ] || printf '%6s    %s ...' '' "$name"
	("$@") >"$log" 2>&1 &
	running=$!
	if wait $running; then
		running=''
		ms=$((($(date +%s%N) - began) / 1000000))
		[ ! -t 1 ] || printf '\r'
		note=$(sed -n 's/^stage: //p' "$log" | tail -1)
		printf '%4d.%d s  %s%s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$name" \
			"${note:+: $note}"
	else
		[ ! -t 1 ] || printf '\n'
		tail -5 "$log" | sed 's/^/    /' >&2
		complain "$name failed; all it said is in $log"
	fi
}

# live-build unmounts what it mounts unless it is interrupted or killed.
unmount() {
	awk -v dir="$work/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r |
		while read -r point; do umount -l "$point"; done
}

# What a shell has started in the background does not hear Ctrl-C, and would build on.
below() {
	echo "$1"
	children=''
	read -r children <"/proc/$1/task/$1/children" || : # there is no newline at its end
	for child in $children; do below "$child"; done
}
running=''
stop() {
	trap '' HUP INT TERM
	# shellcheck disable=SC2086 # a list of words
	if [ -n "$running" ]; then
		running=$(below "$running")
		kill $running || :
		sleep 2
		kill -s KILL $running || :
	fi 2>/dev/null
	exit 130
}
trap unmount EXIT
trap stop HUP INT TERM

# 1
compile() {
	$MAKE -C "$top" all
	echo "stage: bee $version, $commit"
}

# The mirrors of this host's apt, "URI SUITE COMPONENT"; no name of a host is written here.
mirrors() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages'
}

find_mirrors() {
	BEE_MIRROR=$(mirrors | awk -v r="$DEBIAN_RELEASE" '$2 == r && $3 == "main" { print $1; exit }')
	BEE_MIRROR_SECURITY=$(mirrors |
		awk -v r="$DEBIAN_RELEASE-security" '$2 == r && $3 == "main" { print $1; exit }')
	if [ -z "$BEE_MIRROR" ] || [ -z "$BEE_MIRROR_SECURITY" ]; then
		complain "this host's apt has no mirror of $DEBIAN_RELEASE and $DEBIAN_RELEASE-security"
	fi
	proxy=$(apt-config shell p Acquire::http::Proxy | sed -n "s/^p='\(.*\)'$/\1/p")
	[ -z "$proxy" ] || export http_proxy="$proxy"
	export BEE_MIRROR BEE_MIRROR_SECURITY BEE_AREAS="main non-free-firmware"
	export BEE_IMAGE="$version" BEE_RELEASE="$DEBIAN_RELEASE" BEE_KERNEL_ABI="$DEBIAN_KERNEL_ABI"
}

# Early and in words: minutes later it would be "unable to locate package".
check_versions() {
	image=linux-image-$DEBIAN_KERNEL_ABI headers=linux-headers-$DEBIAN_KERNEL_ABI
	known=$(apt-cache policy "$image" "$headers" | awk '/Candidate: [0-9]/ { print $2 }')
	if [ "$(echo "$known" | wc -w)" -ne 2 ]; then
		echo "this host's apt has not both $image and $headers: DEBIAN_KERNEL_ABI in" \
			"iso/builder/VERSIONS must name a kernel with headers. apt knows:" \
			"$(apt-cache search --names-only "^linux-headers-[0-9.-]*-amd64\$" |
				cut -d' ' -f1 | tr '\n' ' ')"
		exit 1
	fi
	if [ "$nvidia" != none ] && [ "$DEBIAN_KERNEL_ABI" != "$NVIDIA_BUILDS_ON" ]; then
		echo "NVIDIA's $NVIDIA_VERSION was seen to build on $NVIDIA_BUILDS_ON, and" \
			"DEBIAN_KERNEL_ABI is $DEBIAN_KERNEL_ABI: pin a pair that builds in" \
			"iso/builder/VERSIONS"
		exit 1
	fi
	echo "stage: Linux $DEBIAN_KERNEL_ABI, $(echo "$known" | head -1)"
}

vendor_tools='storcli64 perccli64 sas2ircu sas3ircu mstflint'

# 2 to 5; owners, modes and times do not depend on who checked the sources out.
fill_overlay() {
	rm -rf "$stage"
	mkdir -p "$stage/root/.ssh" "$stage/etc/bee"
	cp -R --no-preserve=ownership,timestamps "$iso/overlay/." "$stage/"
	if [ -n "$keys" ]; then
		cp "$keys" "$stage/root/.ssh/authorized_keys"
		echo "stage: login by key"
	else
		echo "Without a key root gets a new password at each boot." \
			>"$stage/etc/bee/password-fallback"
		echo "stage: no key given, password on the console"
	fi
	$MAKE -C "$top" install DESTDIR="$stage" PREFIX=/usr/local
	for program in "$stage/usr/local/bin/bee" "$stage"/usr/local/libexec/bee/bee-*; do
		[ "$(head -c 4 "$program" | tail -c 3)" != ELF ] || strip "$program"
	done
	# It is of the programs before that, and nobody uninstalls an image.
	rm -f "$stage/usr/local/share/bee/manifest"
	mkdir -p "$stage/usr/local/share/doc/bee"
	cp "$top/LICENSE" "$stage/usr/local/share/doc/bee/copyright"
	# systemd sets the clock at least to this file's time: with an empty battery it would be its own build's. The text
	# has the layer take the file when the time is another.
	echo "$SOURCE_DATE_EPOCH" >"$stage/usr/lib/clock-epoch"
	# Its tool is smartctl, which is on the image.
	cp "$top/policy/optional/megaraid.policy" "$stage/usr/local/share/bee/policy/"
}

# What only some images have: it is never part of the base, where it would stay when it is taken away.
fill_optional() {
	(cd "$stage" && find . -mindepth 1 ! -type d | sort) >"$dist/always.names"
	for tool in $vendor_tools; do
		[ -e "$iso/vendor/$tool" ] || continue
		install -m 755 "$iso/vendor/$tool" "$stage/usr/local/bin/"
		echo "stage: vendor's $tool"
		# To have the tool is to have asked for it.
		[ "$tool" = mstflint ] ||
			cp "$top/policy/optional/raid.policy" "$stage/usr/local/share/bee/policy/"
	done
	if [ "$nvidia" != none ]; then
		"$iso/builder/build-nvidia-module.sh" "$nvidia" "$stage"
	fi
	if [ -n "$remote" ]; then
		"$stage/usr/local/bin/bee" remote lint "$remote"
		mkdir -p "$stage/etc/bee/remote"
		cp "$remote"/* "$stage/etc/bee/remote/"
		[ ! -e "$stage/etc/bee/remote/machine.key" ] || chmod 600 "$stage/etc/bee/remote/machine.key"
		echo "stage: asks $(cat "$remote/BOOTSERVER")"
	fi
	(cd "$stage" && find . -mindepth 1 ! -type d | sort | comm -13 "$dist/always.names" -) >"$dist/optional.names"
	[ -s "$dist/optional.names" ] || echo "stage: nothing"
}

# 10, 11
describe() {
	date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
	driver=none
	[ "$nvidia" = none ] || driver=$NVIDIA_VERSION
	cat >"$stage/etc/bee-release" <<END
BEE_VERSION=$version
BEE_COMMIT=$commit
BEE_DATE=$date
DEBIAN_RELEASE=$DEBIAN_RELEASE
DEBIAN_KERNEL_ABI=$DEBIAN_KERNEL_ABI
NVIDIA_VERSION=$driver
END
	sed -i -e "s/@VERSION@/$version/; s/@DEBIAN@/$DEBIAN_RELEASE/; s/@COMMIT@/$commit/" \
		-e "s/@KERNEL@/$DEBIAN_KERNEL_ABI/; s/@DATE@/$date/; s/@NVIDIA@/$driver/" \
		"$stage/etc/motd"
}

settle_overlay() {
	find "$stage" -name .gitkeep -delete
	find "$stage" -type d -exec chmod 755 {} +
	find "$stage" -type f -perm /100 -exec chmod 755 {} +
	find "$stage" -type f ! -perm /100 -exec chmod 644 {} +
	chmod 700 "$stage/root" "$stage/root/.ssh"
	[ ! -e "$stage/root/.ssh/authorized_keys" ] || chmod 600 "$stage/root/.ssh/authorized_keys"
	chown -hR 0:0 "$stage"
	find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	# What the image has of ours: type, mode, digest or target, name.
	(cd "$stage" && find . -mindepth 1 ! -type d -printf '%y %m %l\t%p\n' | sort -k2 -t'	' |
		while IFS='	' read -r how file; do
			case $how in
			f*) how="$how$(sha256sum <"$file" | cut -d' ' -f1)" ;;
			esac
			printf '%s\t%s\n' "$how" "$file"
		done) >"$dist/overlay.list"
	echo "stage: $(wc -l <"$dist/overlay.list") files, $(du -sh "$stage" | cut -f1)"
}

# What the overlay has that goes into the initramfs; it is the base's.
early='usr/lib/live etc/modprobe.d'

# What a whole build depends on besides the rest of the overlay.
base_key() {
	(
		cd "$iso/builder"
		find auto config VERSIONS -type f -exec sha256sum {} + | sort
		cd "$iso/overlay"
		# shellcheck disable=SC2086 # a list of words
		find $early -type f -exec sha256sum {} + | sort
		# The last word counts ways in which bases were made: 2 has nothing that is optional. The version is one
		# of the kernel's words.
		echo "$BEE_MIRROR $BEE_MIRROR_SECURITY $BEE_AREAS $given_epoch $BEE_IMAGE 2"
	) | sha256sum | cut -c1-32
}

# Who may log in is for the layer: a base that is used again knows nobody.
login='root/.ssh/authorized_keys etc/bee/password-fallback'

# 12 to 14
live_build() {
	unmount
	rm -rf "$work"
	mkdir -p "$work" "$cache/live-build"
	key=$(base_key)
	cp -R "$iso/builder/auto" "$iso/builder/config" "$work/"
	cp "$iso/builder/VERSIONS" "$work/"
	mkdir -p "$work/config/includes.chroot"
	cp -a "$stage/." "$work/config/includes.chroot/"
	for file in $login; do rm -f "$work/config/includes.chroot/$file"; done
	while read -r file; do rm -f "$work/config/includes.chroot/$file"; done <"$dist/optional.names"
	cp -al "$cache/live-build" "$work/cache"
	# live-build would begin with it whatever release it is of.
	grep -qsx "VERSION_CODENAME=$DEBIAN_RELEASE" "$work/cache/bootstrap/etc/os-release" ||
		rm -rf "$work/cache/bootstrap"
	cd "$work"
	BEE_VOLUME=BEE_$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d_%H%M%S)
	export BEE_VOLUME
	lb config
	failed=''
	lb build || failed=1
	# Packages that were fetched are kept, also by a build that failed later; a bootstrap is, when it
	# was copied to its end.
	[ -e .build/bootstrap_cache.save ] || [ -e .build/bootstrap_cache.restore ] || rm -rf cache/bootstrap
	rm -rf "$cache/live-build"
	cp -al cache "$cache/live-build"
	[ -z "$failed" ]
	[ -s bee-amd64.hybrid.iso ]
	rm -f "$cache/base.key"
	mv bee-amd64.hybrid.iso "$cache/base.iso"
	"$iso/builder/manifest.sh" chroot.packages.live chroot >"$cache/base.manifest"
	# shellcheck disable=SC2086 # a list of words
	{
		printf './%s\n' $login
		cat "$dist/optional.names"
	} | awk -F'\t' 'NR == FNR { skip[$1] = 1; next } !($2 in skip)' - "$dist/overlay.list" >"$cache/base.list"
	echo "$key" >"$cache/base.key"
	cd "$dist"
	unmount
	rm -rf "$work"
	echo "stage: $(($(stat -c %s "$cache/base.iso") / 1000000)) MB"
}

base_serves() {
	[ -z "$full" ] && [ -s "$cache/base.iso" ] && [ -s "$cache/base.list" ] && [ -s "$cache/base.manifest" ] &&
		[ "$(cat "$cache/base.key" 2>/dev/null)" = "$(base_key)" ]
}

# What stands there now, or where one of its folders was, hides the old file by itself.
hidden() {
	path=$stage/$1
	[ ! -e "$path" ] && [ ! -L "$path" ] || return 0
	while path=${path%/*} && [ "$path" != "$stage/." ]; do
		[ ! -L "$path" ] && { [ -d "$path" ] || [ ! -e "$path" ]; } || return 0
	done
	return 1
}

layer() {
	rm -rf "$dist/layer"
	rm -f "$output" "$output.part" "$output.sha256" "$output.manifest"
	mkdir -p "$dist/layer"
	sort "$cache/base.list" >"$cache/old.lines"
	sort "$dist/overlay.list" | comm -13 "$cache/old.lines" - | cut -f2 >"$dist/layer.names"
	tar -C "$stage" -cf - --no-recursion -T "$dist/layer.names" | tar -C "$dist/layer" -xpf -
	# A file that is gone is covered by overlayfs' mark for that, a character device 0/0.
	cut -f2 "$cache/base.list" | sort >"$cache/base.names"
	cut -f2 "$dist/overlay.list" | sort | comm -23 "$cache/base.names" - |
		while read -r file; do hidden "$file" || echo "$file"; done |
		sed 's,^\./\(.*\),"\1" c 000 0 0 0 0,' >"$dist/layer.gone"
	sed 's/^"\(.*\)" c .*/\1/' "$dist/layer.gone" | while read -r file; do
		mkdir -p "$dist/layer/${file%/*}"
	done
	# A folder of the upper layer lends its mode to the whole.
	(cd "$dist/layer" && find . -type d) | while read -r folder; do
		[ ! -d "$stage/$folder" ] || chmod --reference="$stage/$folder" "$dist/layer/$folder"
		touch -d "@$SOURCE_DATE_EPOCH" "$dist/layer/$folder"
	done
	mksquashfs "$dist/layer" "$dist/layer.squashfs" -noappend -comp zstd -no-progress -quiet \
		-pf "$dist/layer.gone"
	xorriso -indev "$cache/base.iso" -outdev "$output.part" -boot_image any replay \
		-map "$dist/layer.squashfs" /live/zz-bee.squashfs \
		-alter_date b-c "=$SOURCE_DATE_EPOCH" /live/zz-bee.squashfs --
	mv "$output.part" "$output"
	rm -rf "$dist/layer" "$dist/layer.squashfs"
	echo "stage: $(wc -l <"$dist/layer.names") files on the cached base," \
		"$(wc -l <"$dist/layer.gone") taken away"
}

# Packages, then what is not Debian's: the overlay's own files by digest.
manifest() {
	{
		cat "$cache/base.manifest"
		printf 'bee\t%s %s\tISC\n' "$version" "$commit"
		[ "$nvidia" = none ] ||
			printf 'nvidia\t%s\tsee /usr/local/share/doc/nvidia/copyright\n' "$NVIDIA_VERSION"
		for tool in $vendor_tools; do
			[ ! -e "$iso/vendor/$tool" ] ||
				printf '%s\t%s\tthe vendor'"'"'s\n' "$tool" \
					"sha256:$(sha256sum <"$iso/vendor/$tool" | cut -d' ' -f1)"
		done
	} >"$output.manifest"
	(cd "$(dirname "$output")" && sha256sum "$(basename "$output")") >"$output.sha256"
	echo "stage: $(grep -c . "$output.manifest") entries"
}

start=$(date +%s)
find_mirrors
stage versions check_versions
stage compile compile
stage overlay fill_overlay
stage describe describe
stage optional fill_optional
stage settle settle_overlay
base_serves || stage live-build live_build
stage layer layer
stage manifest manifest
printf '%s: %d MB in %d s\n' "$output" $(($(stat -c %s "$output") / 1000000)) \
	$(($(date +%s) - start))
