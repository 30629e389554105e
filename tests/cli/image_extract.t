#!/bin/sh
# bee image extract: what it makes is what went in, and nothing outside its folder.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/newc.sh
. "$here/newc.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
bee=$B/bee
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1

told() { sed 's/^bee-image: //' err; }
extract() { "$bee" image extract "$@" 2>err; }
# tree DIR: all that can be seen of it.
tree() { (cd "$1" && find . -printf '%p %M %n %s %T@ %l\n' | LC_ALL=C sort | sed 's/\.0* / /' &&
	find . -type f -exec cksum {} + | LC_ALL=C sort); }

mkdir -p from/etc from/closed/inner
echo hello >from/etc/motd
ln from/etc/motd from/etc/same
ln -s ../nowhere from/etc/dangling
mkfifo from/fifo
printf x >"from/$(printf 'new\nline')"
chmod 444 from/etc/motd
chmod 500 from/closed
find from -exec touch -h -d @1000000000 {} +
(cd from && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -H newc -o) >whole.cpio
extract whole.cpio -C to
is "$? $(told)" "0 " "a whole tree is taken out"
is "$(tree to | sed '/^\. /s/ [0-9]* /  /2')" "$(tree from | sed '/^\. /s/ [0-9]* /  /2')" \
	"and is what went in: links, modes, times"
extract whole.cpio -C to
is "$? $(told)" "73 to is not empty; --overwrite replaces what is there" "what is there stays"
echo other >outside
ln -f outside to/etc/motd
extract --overwrite whole.cpio -C to
is "$? $(cat outside) $(cat to/etc/motd)" "0 other hello" \
	"replaced is the name, not what other names have"
chmod -R u+w from to

# An empty folder gives way to a file, as in a kernel; one with something in it does not.
{
	entry 40755 was
	entry 40755 full
	entry 100644 full/one 1
	entry 100644 was file
	entry 100644 full two
	trailer
} >turned.cpio
extract turned.cpio -C turned
is "$? $(cat turned/was) $(told)" "3 file full: not made: Directory not empty" "a file where an empty folder was"

# A folder that comes again is as it came last, and costs no more memory than one.
{
	entry 40755 again
	entry 40711 again/in
	entry 40700 again
	trailer
} >again.cpio
extract again.cpio -C again
is "$? $(stat -c %a again/again again/again/in | tr '\n' ' ')" "0 700 711 " "a folder's mode is that of its last entry"

# What would lead out.
umask 022
{
	entry 010777 open
	trailer
} >open.cpio
extract open.cpio -C open
is "$? $(stat -c %a open/open)" "0 777" "modes are the archive's, whatever ours is to mask"
mkdir out
{
	entry 120777 up ..
	entry 120777 abs "$made/out"
	entry 100644 up/one 1
	entry 100644 abs/two 2
	entry 100644 ../three 3
	entry 100644 a/../../four 4
	entry 120777 chain up
	entry 40755 chain/folder
	entry 100644 chain/folder/five 5
	entry 120777 last "$made/out/six"
	entry 100644 last 6
	trailer
} >bad.cpio
extract bad.cpio -C jail
is "$?" 3 "an archive full of ways out is taken out as far as it can be"
is "$(find . -maxdepth 1 -name 'three' -o -name four -o -name one; ls out)" "" "and leads nowhere"
is "$(cat jail/one jail/folder/five jail/last)" "156" "its own root is where up ends"
is "$(told | sort)" "../three: not made: its name leads upwards
a/../../four: not made: its name leads upwards
abs/two: not made: its folder is not there" "what was not made is told"

# Root of a user namespace where nobody else has a number: what is meant for another stays without it.
if unshare -Ur true 2>/dev/null; then
	{
		entry_uid=1000 entry 104755 program data
		entry_uid=0 entry 104755 own data
		entry_uid=1000 entry 42755 folder
		trailer
	} >owner.cpio
	unshare -Ur "$bee" image extract owner.cpio -C owners 2>err
	is "$? $(stat -c %a owners/program owners/own owners/folder | tr '\n' ' ')" "3 755 4755 755 " \
		"no set-user-ID bit where its owner could not be given"
	is "$(told)" "program: its owner: Invalid argument
folder: its owner: Invalid argument" "which is told, by name"
else
	skip "no set-user-ID bit where its owner could not be given" "no user namespace can be made"
fi

# A name of a hard link becomes something else before its data come.
echo untouched >victim
{
	entry 100644 a '' 7 2
	entry 120777 a "$made/victim"
	entry 100644 b data 7 2
	entry 100644 c '' 8 2
	entry 10644 c
	entry 100644 d data 8 2
	entry 100644 e '' 9 2
	trailer
	entry 100644 f fresh 9 2
} >links.cpio
timeout 10 "$bee" image extract links.cpio -C links 2>err
is "$? $(told)" "3 b: not made: its first name is another file by now
d: not made: its first name is another file by now" "a link whose first name is no file any more is told"
is "$(cat victim)" "untouched" "and nothing is written through it"
is "$(stat -c %s links/e) $(cat links/f)" "0 fresh" "a trailer ends the links of its segment"

# The first name's folder becomes another one, in which a file has that name, and one outside.
mkdir -p swapped/other
ln victim swapped/other/a
{
	entry 40755 d
	entry 120777 s d
	entry 100644 s/a '' 7 2
	entry 120777 s other
	entry 100644 b data 7 2
} >swap.cpio
extract --overwrite swap.cpio -C swapped
is "$? $(told)" "3 b: not made: its first name is another file by now" "a first name that is another file is told"
is "$(cat victim) $(ls swapped)" "untouched d
other
s" "and that file is left alone"

{
	entry 40755 folder data
	entry 100644 no/parent data
	entry 100644 folder/../x data
	entry 130000 strange
	entry 100644 good data
} >odd.cpio
extract odd.cpio -C odd
is "$? $(told | sort)" "65 folder/../x: not made: its name leads upwards
no/parent: not made: its folder is not there
odd.cpio: folder: passed over: it has data and is no file
strange: not made: no kernel knows its type" "what a kernel passes over is told"
is "$(ls odd)" good "and the rest is there"
head -c 700 odd.cpio >cut.cpio
extract cut.cpio -C cut
is "$?" 65 "an archive that is cut off is told"

{
	entry 40755 dev
	entry 20600 dev/console '' 0 1 5 1
	entry 104755 suid data
} >dev.cpio
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 . && chmod -R a+rX "$made"
	if ! (mknod probe c 5 1) 2>/dev/null; then
		skip "root makes devices" "mknod is refused here"
	else
		extract dev.cpio -C dev
		is "$? $(stat -c '%F %t,%T %a' dev/dev/console) $(stat -c %a dev/suid)" \
			"0 character special file 5,1 600 4755" "root makes devices"
	fi
	mkdir -p mounted/etc elsewhere
	if mount --bind elsewhere mounted/etc 2>/dev/null; then
		{ entry 40755 etc; entry 100644 etc/f data; } >mount.cpio
		extract --overwrite mount.cpio -C mounted
		is "$? $(told)" "3 etc/f: not made: another file system is mounted there" \
			"what is mounted in the folder is left alone"
		umount mounted/etc
	else
		skip "what is mounted in the folder is left alone" "no mounts here"
	fi
	mkdir user && chown 65534 user
	for_everybody "$made/bee"
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	as_user "$made/bee/build/bee" image extract dev.cpio -C user 2>err
	is "$? $(told) $(stat -c %a user/suid)" \
		"3 dev/console: not made: devices are made by root alone 755" \
		"somebody else does not, and gets no set-user-ID files"
	(cd user && rm -rf -- *)
	as_user "$made/bee/build/bee" image extract whole.cpio -C user 2>err
	is "$? $(told) $(stat -c '%a %h' user/etc/same)" "0  444 2" \
		"nor does a file of mode 0444 stop them"
	chmod -R u+w user
else
	extract dev.cpio -C dev
	is "$? $(told)" "3 dev/console: not made: devices are made by root alone" \
		"devices are made by root alone"
fi

# What has a name that only a folder can have, and other entries that come to nothing: as check tells of a kernel.
{ entry 40755 d; entry 100644 '' x; entry 100644 / x; entry 120777 . x; entry 100644 f/ x; entry 100644 d// x; entry 120777 l/. x; } >folders.cpio
rm -rf folders
"$bee" image extract folders.cpio -C folders 2>err
is "$? $(told | sort)" "3 .: not made: it is no folder, and its name is one's
/: not made: it is no folder, and its name is one's
: not made: it is no folder, and its name is one's
d//: not made: it is no folder, and its name is one's
f/: not made: it is no folder, and its name is one's
l/.: not made: it is no folder, and its name is one's" "a file with a folder's name is told"
is "$(ls -A folders)" d "and not made"
is "$("$bee" image check folders.cpio | grep -c ^dropped)" 6 "nor by a kernel"
{ entry 120777 l; entry 40755 d; entry 100644 d/a '' 5 2; entry 120777 e d; entry 100644 e/a x 5 2; } >odd.cpio
rm -rf odd
"$bee" image extract odd.cpio -C odd 2>err
is "$? $(told)" "3 l: not made: no link to nothing can be made (symlink(2))
e/a: not made: it is a hard link to what is not there" "a link to nothing, and one to itself by another way"
if [ "$(id -u)" -eq 0 ]; then
	entry_uid=4294967295 entry 104755 suid x >nobody.cpio
	"$bee" image extract --overwrite nobody.cpio -C odd 2>err
	is "$? $(told) $(stat -c %a odd/suid)" "3 suid: its owner: Invalid argument 755" "a set-user-ID file of nobody is nobody's right"
fi
tap_end
