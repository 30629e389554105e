#!/bin/sh
# What is refused to bee trace, enter and image is no bug of theirs: the exit status tells who has to do something about it
# (sysexits(3)): 69 the machine has no such thing, 71 it is out of something, 73 and 74 files, 77 the caller may not.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
command -v busybox >/dev/null || skip_all "busybox is not installed"
! ldd "$(command -v busybox)" >/dev/null 2>&1 || skip_all "busybox is not static"

for_everybody "$made/all"
bee=$made/all/build/bee tree=$made/tree
mkdir -p "$tree/bin" "$tree/sbin" "$tree/proc" "$tree/sys" "$tree/dev" "$made/ours" "$made/own" "$made/small"
cp "$(command -v busybox)" "$tree/bin/busybox"
for name in sh cat ls sleep; do ln -s busybox "$tree/bin/$name"; done
printf '#!/bin/sh\nsleep 9\n' >"$tree/sbin/init"
chmod 755 "$tree/sbin/init"
chown 1000 "$made/own"
cd "$made/own" || exit 1
"$bee" image build -d "$tree" -o image.cpio --add /bin --init "$tree/sbin/init" 2>/dev/null

# refused STATUS WORDS NAME COMMAND...: its exit status, and words of the one line that says why.
refused() {
	wanted=$1 words=$2 name=$3
	shift 3
	timeout 30 "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
	said=$(grep -cF -- "$words" "$made/err")
	[ "$said" -eq 1 ] || cat "$made/err" >&2
	is "$status $said" "$wanted 1" "$name"
}
run="$bee trace run -d $tree -o list -- /bin/cat /bin/sh"
boot="$bee trace boot -o list -d $tree --for 2"
enter="$bee enter $tree /bin/cat /bin/sh"

# Who is no root, a root without rights, a container's filter.
# shellcheck disable=SC2086
{
refused 77 "user namespace: Operation not permitted" "a boot by an ordinary user" setpriv --reuid 1000 --regid 1000 --clear-groups $boot
for program in "$run" "$enter"; do
	refused 77 "processes and mounts of its own: Operation not permitted" "${program#"$bee "} without CAP_SYS_ADMIN" \
		capsh --drop=cap_sys_admin -- -c "$program"
done
refused 77 "user namespace: Operation not permitted" "a boot without CAP_SYS_ADMIN" capsh --drop=cap_sys_admin -- -c "$boot"
refused 77 "mounts of its own: Operation not permitted" "a run where no mount(2) is" "$tools/refuse" mount $run
refused 77 "the tree as a root: Operation not permitted" "an entry where no open_tree(2) is" "$tools/refuse" open_tree $enter
refused 77 "a device node: Operation not permitted" "a run where no mknod(2) is" "$tools/refuse" mknodat $run
refused 69 "no program can be watched" "a run where no seccomp(2) is" "$tools/refuse" seccomp $run
refused 77 "giving up rights: Operation not permitted" "an archive read where no uid can be given up" "$tools/refuse" setresuid "$bee" image list image.cpio

# What is not there.
for program in "$run" "$boot" "$bee image build -d $tree -o other.cpio -- /bin/cat /bin/sh" "$bee image test image.cpio -d $tree -- /bin/ls"; do
	refused 69 "/proc is not there, by which names are followed" "${program#"$bee "} without /proc" \
		unshare -m sh -c "mount -t tmpfs none /proc && exec $program"
done
refused 74 "$tree: not a regular file" "a folder for a kernel" "$bee" image test image.cpio --boot "$tree"
refused 69 "no machine: QEMU cannot be started" "a boot without QEMU" env PATH=/none "$bee" image test image.cpio --boot "$tree/bin/busybox"

# What it is out of.
refused 71 "Too many open files" "a run without descriptors" prlimit --nofile=6 $run
refused 71 "Too many open files" "a boot without descriptors" prlimit --nofile=10 $boot
refused 71 "Too many open files" "an entry without descriptors" prlimit --nofile=4 $enter
refused 71 "a pipe: Too many open files" "an extraction without descriptors" prlimit --nofile=5 "$bee" image extract image.cpio -C x
refused 71 "memory to share: Cannot allocate memory" "a run without memory" prlimit --as=20000000 $run
refused 71 "processes and mounts of its own: Resource temporarily unavailable" "a run without processes" \
	setpriv --reuid 1000 --regid 1000 --clear-groups prlimit --nproc=0 $run

mkdir -p "$tree/lib/modules/1/kernel"
echo x >words
refused 71 "a process that reads modules: Resource temporarily unavailable" "modules without processes" \
	setpriv --reuid 1000 --regid 1000 --clear-groups prlimit --nproc=0 "$bee" image build -d "$tree" -o x.cpio --modules words

# Who is no root, and does without.
ordinary() { setpriv --reuid 1000 --regid 1000 --clear-groups "$bee" "$@" >"$made/out" 2>"$made/err" </dev/null; }
rm -f list
ordinary trace run -d "$tree" -o list -- /bin/cat /sbin/init
is "$? $(awk '$1 == "/sbin/init" { print $2 }' list)" "0 read" "an ordinary user's run has its names"
ordinary image test image.cpio -- /bin/ls /
is "$?" 0 "an ordinary user tries an image, though nobody makes its devices"

# Files.
refused 73 "Permission denied" "a list where one may not write" setpriv --reuid 1000 --regid 1000 --clear-groups "$bee" trace run -d "$tree" -o "$made/ours/list" -- /bin/ls
refused 73 "Permission denied" "an image where one may not write" setpriv --reuid 1000 --regid 1000 --clear-groups "$bee" image build -d "$tree" -o "$made/ours/x.cpio" --add /bin/sh
refused 73 "Permission denied" "a folder where one may not write" setpriv --reuid 1000 --regid 1000 --clear-groups "$bee" image extract image.cpio -C "$made/ours/x"
}
mount -t tmpfs -o size=64k tmpfs "$made/small"
dd if=/dev/zero of="$made/small/full" bs=64k count=1 2>/dev/null
refused 74 "No space left on device" "a list on a full disk" "$bee" trace run -d "$tree" -o "$made/small/list" -- /bin/ls /
refused 74 "No space left on device" "an image on a full disk" "$bee" image build -d "$tree" -o "$made/small/x.cpio.xz" --add /bin
is "$(ls -A "$made/small")" full "of which nothing is left there"
refused 74 "No space left on device" "an image that is taken out there" "$bee" image extract image.cpio -C "$made/small/x"
rm -rf "$made/small/x"
refused 74 "No space left on device" "and tried there" env TMPDIR="$made/small" "$bee" image test image.cpio -d "$tree" -- /bin/ls
is "$(ls -A "$made/small")" full "which leaves nothing, too"
for words in "trace run -d $tree -- /bin/ls /" "trace files -d $tree" "image list image.cpio" "image list --json image.cpio" "image check image.cpio" \
	"image cat image.cpio bin/busybox" "image why bin/sh image.cpio" "image build -d $tree -o - --add /bin"; do
	refused 74 "No space left on device" "$words to /dev/full" sh -c "exec $bee $words >/dev/full"
done

# ended STATUS SIGNAL NAME COMMAND...: its exit status, and nothing is left; what it runs sleeps in the tree.
ended() {
	wanted=$1 signal=$2 name=$3
	shift 3
	# What the one before said would be taken for its word, and it would be ended before it is itself.
	rm -f "$made/out" "$made/err"
	mkdir -p "$made/own/tmp"
	TMPDIR=$made/own/tmp "$@" >"$made/out" 2>"$made/err" </dev/null &
	pid=$!
	for _ in $(seq 200); do
		grep -qs awake "$made/out" "$made/err" && break
		sleep 0.05
	done
	kill -"$signal" "$pid"
	wait "$pid"
	is "$? $(ls -A "$made/own/tmp") $(pgrep -P 1 -x sleep | wc -l)" "$wanted  0" "$name, ended by $signal"
}
sleeps='echo awake; sleep 60'
# A boot is not among them: it ends as it would, and writes its list.
ended 3 TERM "a run" "$bee" trace run -d "$tree" -o list -- /bin/sh -c "$sleeps"
is "$(grep -c '^/bin/busybox' list)" 1 "which writes its list"
ended 143 TERM "an entry" "$bee" enter "$tree" /bin/sh -c "$sleeps"
ended 143 TERM "a trial" "$bee" image test image.cpio -d "$tree" -- /bin/sh -c "$sleeps"
ended 129 HUP "a trial" "$bee" image test image.cpio -d "$tree" -- /bin/sh -c "$sleeps"
ended 143 TERM "a build" "$bee" image build -d "$tree" -o gone.cpio -- /bin/sh -c "$sleeps"
is "$(ls gone.cpio* .gone* 2>/dev/null)" "" "which leaves no image"
tap_end
