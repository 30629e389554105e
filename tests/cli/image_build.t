#!/bin/sh
# bee image build and append: what lists name, and what other programs read of it.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
bee=$B/bee
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1
umask 022
unset SOURCE_DATE_EPOCH

told() { sed 's/^bee-image: //' err; }
build() { "$bee" image build -d tree "$@" 2>err; }
list() { "$bee" image list "$@" 2>&1; }
# words LINE...: one a line.
words() { printf '%s\n' "$@"; }

mkdir -p tree/usr/bin tree/usr/lib/deep tree/etc/alternatives tree/data tree/empty
ln -s usr/bin tree/bin
ln -s usr/lib tree/lib
ln -s ../../etc/alternatives/editor tree/usr/bin/editor
ln -s /bin/vi tree/etc/alternatives/editor
echo vi >tree/usr/bin/vi
ln tree/usr/bin/vi tree/data/vi
ln tree/usr/bin/vi tree/data/unlisted
echo lib >tree/usr/lib/deep/x.so
ln -s ../../../../../../etc tree/data/up
ln -s nowhere tree/data/dangling
ln -s loop tree/data/loop
chmod 4755 tree/usr/bin/vi
find tree -exec touch -h -d @1500000000 {} +

# Plain lists: what find, strace and people write.
words /bin/editor ./lib/deep/x.so >plain.list
words 'data/vi' '' '# a comment' >other.list
build --bare --list plain.list --list other.list -o plain.cpio
is "$? $(told)" "0 " "plain lists are taken"
is "$(list plain.cpio)" "$(words bin data data/vi etc etc/alternatives etc/alternatives/editor lib \
	usr usr/bin usr/bin/editor usr/bin/vi usr/lib usr/lib/deep usr/lib/deep/x.so)" \
	"links on the way, what they lead to and all parents come too, in order"
is "$(list --json plain.cpio | jq -c '[.ino, .nlink, .size_bytes, .path]' | grep vi)" \
	'[3,2,0,"data/vi"]
[3,2,3,"usr/bin/vi"]' "hard links stay such, with their data last and the image's own numbers"
is "$(list -v plain.cpio | awk 'NR % 2 == 1 && NR < 6 { print $1, $4, $6, $7, $8, $9, $10, $5 }')" \
	"$(words 'lrwxrwxrwx GID 2017-07-14 02:40 bin -> usr/bin 7' \
		'-rwsr-xr-x GID 2017-07-14 02:40 data/vi   0' \
		'drwxr-xr-x GID 2017-07-14 02:40 etc/alternatives   0' | sed "s/GID/$(id -g)/")" \
	"modes, times and targets are the tree's"

# Annotated ones.
printf '%s\t%s\t%s\n' /usr/bin/vi read,exec sh /gone created,read sh /never missing sh \
	/empty listed sh '/data/d\x61ngling' link - >uses.list
build --bare --list uses.list -o uses.cpio
is "$? $(told)" "0 " "a list with uses is taken; what was created or missing need not be there"
is "$(list uses.cpio)" "$(words data data/dangling empty usr usr/bin usr/bin/vi)" "and says the same"
LC_ALL=C sort -u uses.list plain.list other.list >both.list
build --bare --list both.list -o both.cpio
is "$? $(told)" "0 " "lists of both kinds can be sorted into one"
printf '/usr\tused\n' | "$bee" image build -d tree --list - -o bad.cpio 2>err
is "$? $(told)" "65 -:1: its second field has a word that is no use of a file" "an unknown use is told"
printf '/usr/bin/vi\t\n' | build --bare --list - -o out.cpio
is "$? $(told)" "65 -:1: its second field has a word that is no use of a file" "so is none"
build --bare --list - -o out.cpio </dev/zero
is "$? $(told)" "65 -:1: it is over 1 MiB" "a line without end is no end of a list"
build --bare --modules /dev/zero -o out.cpio
is "$? $(told)" "64 --modules: the tree has no kernel's modules in /lib/modules" "which wants modules"
mkdir -p one/lib/modules/1/kernel
"$bee" image build -d one --bare --modules /dev/zero -o out.cpio 2>err
is "$? $(told)" "65 /dev/zero:1: it is over 1 MiB" "nor of a file of words"
{ echo usr/bin/vi; head -c 100000 /dev/zero | tr '\0' n; echo; } >long.list
build --bare --list long.list -o out.cpio
is "$? $(wc -l <err) $(($(wc -c <err) < 5000))" "3 1 1" "a name that is too long for a path is told in a line that is not"
printf '/usr/bin/vi\tread\t\033[31mme\n' | build --bare --list - -o out.cpio
is "$? $("$bee" image why usr/bin/vi out.cpio)" "0 /usr/bin/vi: read, by \x1b[31mme" "a list's words never reach a terminal"
# why PATH: its status, output and what is told of the image w.
why() { "$bee" image why "$1" w >out 2>err; echo "$? $(cat out)$(told)"; }
cp out.cpio w
grep -v usr/bin/vi out.cpio.list >w.list
echo /other >>w.list
is "$(why ./usr/bin/vi; why /other; why none)" "3 w: ./usr/bin/vi is in it, and its list does not say why
3 /other: listedw: /other is not in it, only in its list
3 w: none is not in it" "a list of another image is not believed"
head -c 100 out.cpio >w
is "$(why /other)" "65 /other: listedw: at byte 0: it is cut off, in a header" "nor anything said of what a damaged one lacks"
printf 'usr\n/us\\r\tread\n' | "$bee" image build -d tree --list - -o bad.cpio 2>err
is "$? $(told)" "65 -:2: a backslash begins \"\\xNN\" in a line with fields" "and a wrong escape"
is "$(ls bad.cpio 2>&1)" "ls: cannot access 'bad.cpio': No such file or directory" \
	"and there is no image"

# What goes with it.
build --add usr/bin -o add.cpio
is "$? $(told)" "3 /bin/sh: not taken: it is not there
the tree has no /init: one is made, which mounts /proc, /sys and /dev/pts and starts /bin/sh" \
	"where there is no /init, one is made, and needs a shell"
is "$("$bee" image cat add.cpio init | tail -n 1)" 'exec /bin/sh "$@"' "which it starts"
is "$(list -v add.cpio | sed -n 's/.* \([0-9]*, [0-9]*\) .* /\1 /p' | tr '\n' ';')" \
	"5, 1 dev/console;1, 7 dev/full;1, 11 dev/kmsg;1, 3 dev/null;5, 2 dev/ptmx;1, 8 dev/random;5, 0 dev/tty;4, 64 dev/ttyS0;1, 9 dev/urandom;1, 5 dev/zero;" \
	"the device nodes that init and sshd want are there"
mkdir -p tree/usr/sbin
ln -s usr/sbin tree/sbin
echo init >tree/usr/sbin/init
echo '#!/usr/bin/vi' >tree/chroot
starts() { told | sed -n 's/^the tree has no .init:.* starts //p'; }
build --add empty -o sh.cpio
is "$(starts)" /bin/sh "/chroot is nothing to start while nobody can run it"
chmod 755 tree/chroot
build --add empty -o chroot.cpio
is "$(starts) $(list chroot.cpio | grep -c '^chroot$\|^usr/bin/vi$')" "/chroot 2" \
	"the tree's /chroot is started, and comes with its interpreter"
is "$("$bee" image cat chroot.cpio init | tail -n 1)" 'exec /chroot "$@"' "as /init says"
echo /sbin/init | "$bee" image build -d tree --list - -o sbin.cpio 2>err
is "$(starts)" /sbin/init "before that a listed /sbin/init, also where /sbin is a link"
build --add empty --drop chroot -o sh.cpio
is "$(starts)" /bin/sh "what is dropped is not started"
rm -r tree/chroot tree/sbin tree/usr/sbin
echo '#!/bin/sh -e' >tree/usr/bin/outer
echo '#!/usr/bin/outer' >tree/init
echo sh >tree/usr/bin/sh
chmod 755 tree/init
build --add empty -o init.cpio
is "$? $(told) $(list init.cpio | grep -v '^dev\|^proc\|^sys' | tr '\n' ' ')" \
	"0  bin empty init usr usr/bin usr/bin/outer usr/bin/sh " \
	"the tree's /init comes with its chain of interpreters"
mv tree/init tree/usr/bin/start
ln -s bin/start tree/init
echo '#!/bin/outer' >tree/usr/bin/start
build --add empty -o init.cpio
is "$? $(list init.cpio | grep 'init\|bin/' | tr '\n' ' ')" \
	"0 init usr/bin/outer usr/bin/sh usr/bin/start " "links on the way to it are followed"
rm tree/init tree/usr/bin/start
echo '#!/usr/bin/outer' >tree/init
chmod 755 tree/init
echo '#!/usr/bin/vi' >mine
build --add empty --init mine -o init.cpio
is "$? $(told) $("$bee" image cat init.cpio init) $(list init.cpio | grep -c 'usr/bin/[vo]')" \
	"0  #!/usr/bin/vi 1" "--init gives another one, with its own"
build --add empty --drop init --drop 'dev/*' --drop sys -o none.cpio
is "$? $(list none.cpio | tr '\n' ' ')" "0 dev empty proc " "--drop leaves out"

build --bare --add 'usr/*/v?' --add '/data/d*' -o glob.cpio
is "$? $(told) $(list glob.cpio | tr '\n' ' ')" \
	"0  data data/dangling usr usr/bin usr/bin/vi " "--add takes globs"
build --bare --add lib -o glob.cpio
is "$(list glob.cpio | tr '\n' ' ')" "lib usr usr/lib usr/lib/deep usr/lib/deep/x.so " \
	"a folder whole, also by a link"
build --bare --add 'nothing*' -o glob.cpio
is "$? $(told)" "3 /nothing*: nothing matches it" "a glob without a match is told"
build --bare --add "$(printf '%02000d' 0 | sed 's|0|a/|g')*" -o glob.cpio
is "$?" 3 "one as long as a path can be takes no more stack than another"

# Reproducible.
cp -a tree copy
find copy -depth -name vi -exec touch -d @1600000000 {} +
SOURCE_DATE_EPOCH=1400000000 build --add / -o one.cpio
SOURCE_DATE_EPOCH=1400000000 "$bee" image build -d copy --add / -o two.cpio 2>/dev/null
ok "$(cmp one.cpio two.cpio; echo $?)" "a copy of the tree gives the same bytes"
is "$(list --json one.cpio | jq -s 'map(.mtime) | max')" 1400000000 "no time is after SOURCE_DATE_EPOCH"
is "$(($(wc -c <one.cpio) % 512))" 0 "and the size is a multiple of 512"
SOURCE_DATE_EPOCH=x build --add / -o one.cpio
is "$?" 64 "which is a number"

# Every compressor, by the name of the file and by its own.
for pair in gz:gzip xz:xz zst:zstd lz4:lz4 bz2:bzip2 lzma:lzma; do
	build --bare --add / -o "all.cpio.${pair%%:*}"
	is "$? $(list --json "all.cpio.${pair%%:*}" | jq -r .compression | sort -u)" "0 ${pair##*:}" \
		"${pair##*:} by the name"
	build --bare --add / --compress "${pair##*:}:1" -o image.img
	is "$(list image.img | cksum)" "$(list "all.cpio.${pair%%:*}" | cksum)" "and by --compress"
	if command -v "${pair##*:}" >/dev/null; then
		"${pair##*:}" -dc <"all.cpio.${pair%%:*}" >plain 2>err
		is "$? $(list plain | cksum)" "0 $(list image.img | cksum)" "${pair##*:} itself reads it"
	else
		skip "${pair##*:} itself reads it" "it is not there"
	fi
done
# zstd's window is as large as the image, not as the level: what is alike further apart than that is found.
window() { zstd -lv "$1" 2>/dev/null | sed -n 's/^Window Size: .* (\([0-9]*\) B)$/\1/p'; }
mkdir far
head -c 3000000 /dev/urandom >far/a
head -c 6000000 /dev/urandom >far/b
cp far/a far/c
far() { timeout 100 "$bee" image build -d far --bare --add / --compress zstd:1 -o far.img 2>err; }
far
is "$? $(($(wc -c <far.img) < 9100000))" "0 1" "zstd finds what was 9 MB before"
if command -v zstd >/dev/null; then
	is "$(window far.img)" 16777216 "and a machine that boots needs twice the image's memory for that at most"
	rm far/c
	truncate -s 200M far/b
	far
	is "$? $(window far.img)" "0 67108864" "or 64 MiB"
	is "$(list far.img | tr '\n' ' ')$(zstd -dqc far.img | wc -c)" "a b 212716032" "which bee and zstd read"
	truncate -s 2M far/b
	far
	is "$? $(($(window far.img) < 8388608))" "0 1" "a small image has the level's own window"
else
	skip "which is no larger than the image" "zstd is not there"
fi
rm -r far far.img
build --add / --compress gzip:10 -o image.img
is "$?" 64 "a level that there is not is told"

# Read back.
rm tree/data/loop
find tree -exec touch -h -d @1500000000 {} +
build --bare --add / -o whole.cpio
is "$? $(told)" "0 " "a whole tree is taken"
tree() {
	# Not every program sets the time of a link.
	(cd "$1" && find . -mindepth 1 ! -type d \( -type l -printf '%p %l\n' -o \
		-printf '%p %M %n %T@\n' \) | LC_ALL=C sort | sed 's/\.0*$//' && find . -type f -exec cksum {} + | LC_ALL=C sort)
}
back() {
	name=$1
	shift
	if ! command -v "${1%% *}" >/dev/null; then
		skip "$name takes it out as it was" "$1 is not there"
		return
	fi
	mkdir "back.$name"
	(cd "back.$name" && "$@" <../whole.cpio >/dev/null 2>&1)
	is "$(tree "back.$name")" "$(tree tree)" "$name takes it out as it was"
}
back cpio cpio -idm
back bsdcpio bsdcpio -idm
back busybox busybox cpio -idm
back bee sh -c "cat >../stdin.cpio; '$bee' image extract ../stdin.cpio -C ."
if command -v lsinitramfs >/dev/null; then
	build --bare --add / -o whole.cpio.zst
	is "$(lsinitramfs whole.cpio.zst)" "$(list whole.cpio)" "lsinitramfs lists it"
else
	skip "lsinitramfs lists it" "it is not there"
fi

# What cannot be taken, or not whole.
python3 - tree/data/socket <<'EOF'
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])
EOF
ln -s loop tree/data/loop
printf x >"tree/data/$(printf 'new\nline')"
touch 'tree/TRAILER!!!'
truncate -s 5G tree/data/huge
ln tree/data/huge tree/data/huge-too
words data/socket data/loop /nowhere usr/bin/vi/x data/huge data/huge-too empty 'TRAILER!!!' >bad.list
build --bare --list bad.list -o bad.cpio
is "$? $(told | sort)" "3 $(words '/TRAILER!!!: not taken: by this name an archive ends' \
	'/data/huge-too: not taken: newc holds no file of 4 GiB' \
	'/data/huge: not taken: newc holds no file of 4 GiB' \
	'/data/socket: not taken: it is a socket' '/nowhere: not taken: it is not there' \
	'/usr/bin/vi/x: not taken: Not a directory')" "each thing that cannot be taken has a line"
is "$(list bad.cpio | tail -n 2)" "$(words usr/bin usr/bin/vi)" "and the rest is there"
is "$(list bad.cpio | grep loop)" data/loop "a link in a circle is taken as it is, as one that leads nowhere"
build --bare --add data --drop "data/huge*" -o hostile.cpio
is "$? $(told)" "0 /data/socket: not taken: it is a socket" "a socket that was only found is no failure"
is "$(list hostile.cpio | grep new)" "$(printf 'data/new\\x0aline\t-')" "a name may have a newline"
printf '/data/new\\x0aline\t-\n' | "$bee" image build --bare -d tree --list - -o new.cpio 2>err
is "$? $(list new.cpio | tail -n 1)" "0 $(printf 'data/new\\x0aline\t-')" "and be listed as it was shown"

mkfifo gate
(exec 3>gate && printf 'usr\ndata/vi\n' >&3 && rm tree/data/vi) &
build --bare --list gate -o gone.cpio 2>/dev/null
wait
ok "$([ -s gone.cpio ]; echo $?)" "a list may be a pipe"

# A file that changes while it is read, and one that goes: as the compressor waits.
head -c 4000000 /dev/urandom >tree/data/grow
head -c 100 /dev/zero >tree/data/gzone
echo link >tree/data/grow.link
ln tree/data/grow.link tree/data/h.link
mkfifo slow
(sleep 0.3; echo more >>tree/data/grow; rm tree/data/gzone tree/data/h.link; cat >slow.cpio) <slow &
"$bee" image build -d tree --bare --add 'data/grow*' --add data/gzone --add data/h.link -o - >slow 2>err
is "$? $(told)" "3 /data/grow: it changed while it was read: 4000000 bytes of it are taken
/data/gzone: not taken: it is not there" "what grows or goes is told"
wait
is "$(list slow.cpio)" "$(words data data/grow data/grow.link data/h.link)" "and the archive is whole"
is "$("$bee" image cat slow.cpio data/h.link)" link "a hard link that goes has its data with another name"
is "$(list --json slow.cpio | jq -s '.[1].size_bytes')" 4000000 "with as much as was there at first"

build --bare --add empty -o /nowhere/x.cpio
is "$? $(told)" "73 /nowhere/: No such file or directory" "where it cannot be written is told"
echo old >old.cpio
"$bee" image build -d tree --list nothing -o old.cpio 2>err
is "$? $(cat old.cpio) $(find . -maxdepth 1 -name '.old*')" "74 old " "the old file stays until the new is whole"
build --bare --add empty -o /dev/full
is "$? $(told) $(stat -c %F /dev/full)" \
	"74 /dev/full: No space left on device character special file" \
	"a device is written to, and stays one"
build --bare --add empty -o - >/dev/full
is "$? $(told)" "74 standard output: No space left on device" "what cannot be written is told by its name"
build --bare --add empty --compress gzip -o - >/dev/full
is "$? $(told)" "74 standard output: No space left on device" "so it is where it is compressed"
ln -s old.cpio link.cpio
build --bare --add empty -o link.cpio
is "$? $(readlink link.cpio) $(list old.cpio)" "0 old.cpio empty" "what a link leads to is replaced"

# append
build --bare --add usr -o two.cpio
cp two.cpio lz4.cpio
chmod 640 two.cpio
"$bee" image append two.cpio -d tree --add empty --compress zstd 2>err
is "$? $(told) $(stat -c %a two.cpio)" "0  640" "a segment is appended, and the mode stays"
is "$(list --json two.cpio | jq -rs 'map([.segment, .compression]) | unique | tostring')" \
	'[[1,"none"],[2,"zstd"]]' "which is one of its own"
"$bee" image append two.cpio -d tree --add empty --compress lz4 2>err
"$bee" image append two.cpio -d tree --add empty 2>err
is "$(list two.cpio | grep -c empty)" 3 "and another, and after lz4 one more"
echo garbage >>two.cpio
cp two.cpio copy.cpio
"$bee" image append two.cpio -d tree --add empty 2>err
is "$? $(tail -n 1 err | cut -d: -f 3)" "65  nothing is appended to what is not whole" \
	"not to what is damaged"
ok "$(cmp two.cpio copy.cpio; echo $?)" "which stays as it is"
mkfifo pipe
(cat out.cpio >pipe) 2>/dev/null &
writer=$!
timeout 20 "$bee" image append pipe -d tree --add empty 2>err
is "$? $(told)" "73 pipe: it is no file" "nor to a pipe"
kill $writer
wait $writer 2>/dev/null

mkdir twin && echo old >twin/one && ln twin/one twin/two
"$bee" image build -d twin --bare --add one --add two -o twin.cpio 2>err
"$bee" image append twin.cpio -d twin --add one --add two 2>err
is "$? $(told)" "0 " "two names of a file that both come again"
rm twin/one && echo new >twin/one
"$bee" image append twin.cpio -d twin --add one --compress gzip 2>err
is "$? $(told)" "0 twin.cpio: two is changed, too: it is the same file as one" "a name that is changed by another one is told"
"$bee" image append twin.cpio -d twin --add two 2>err
is "$? $(told)" "0 twin.cpio: one is changed, too: it is the same file as two" "and the other way round"
echo >twin/three
"$bee" image append twin.cpio -d twin --add three 2>err
is "$? $(told)" "0 " "what earlier segments changed is not told again"

# As an ordinary user.
if [ "$(id -u)" -eq 0 ]; then
	for_everybody "$made/bee"
	mkdir user && chown 65534:65534 user && chmod 755 . && chmod 600 tree/usr/bin/vi
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	as_user "$made/bee/build/bee" image build -d tree --bare --list plain.list -o 'user/it s.cpio' 2>err
	is "$? $(told)" "3 /usr/bin/vi: not taken: Permission denied
root can read it; the command again: sudo bee image build -d tree --bare --list plain.list -o 'user/it s.cpio'" \
		"what a user cannot read is told, with the command for root"
	SUDO_UID=65534 SUDO_GID=65533 build --bare --add empty -o user/sudo.cpio
	is "$? $(stat -c %u:%g user/sudo.cpio)" "0 65534:65533" "under sudo the image is the caller's"
	if mkdir tree/proc && mount --bind tree/etc tree/proc 2>/dev/null; then
		mkdir tree/mnt && mount --bind tree/etc tree/mnt
		words proc/alternatives mnt/alternatives >mounts.list
		build --bare --list mounts.list -o mount.cpio
		status=$?
		umount tree/proc tree/mnt
		is "$status $(told) $(list mount.cpio)" "3 /mnt/alternatives: not taken: another file system is mounted there " \
			"what is mounted in the tree is not the tree's"
	else
		skip "what is mounted in the tree is not the tree's" "no mounts here"
	fi
fi

# What newc has no place for; and what cannot be read.
if python3 -c 'import os
os.setxattr("tree/usr/bin/vi", "user.file", b"1")
os.setxattr("tree/data", "user.folder", b"1")
os.setxattr("tree/bin", "trusted.link", b"1", follow_symlinks=False)' 2>/dev/null; then
	build --bare --list plain.list --add data -o x.cpio
	is "$(told | grep carry)" "/bin: the image cannot carry its trusted.link
/data: the image cannot carry its user.folder
/usr/bin/vi: the image cannot carry its user.file" "attributes of files, folders and links are told"
else
	skip "attributes of files, folders and links" "no python3, or none can be set here"
fi
if command -v strace >/dev/null; then
	head -c 1000000 /dev/zero >tree/sick
	# The tree has no place in the caller's, so the kernel names what is read from the tree on.
	strace -qq -f -o /dev/null -P /sick -P "$PWD/tree/sick" -e inject=read:error=EIO \
		"$B/bee-image" build -d tree --bare --add sick -o x.cpio 2>err
	is "$? $(told)" "3 /sick: not taken: Input/output error" "a file that cannot be read is told once"
else
	skip "a file that cannot be read is told once" "strace is not installed"
fi
tap_end
