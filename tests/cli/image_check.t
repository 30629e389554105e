#!/bin/sh
# bee image check and diff, on archives by hand. What a kernel does is read in init/initramfs.c of
# Linux 6.1: do_header, do_name, maybe_link, clean_path, do_copy, unpack_to_rootfs; and Debian's 6.1
# was asked, in QEMU: it made and dropped these entries.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
# shellcheck source=tests/cli/newc.sh
. "$here/newc.sh"
bee=${B:-$here/../../build}/bee
case $bee in /*) ;; *) bee=$PWD/$bee ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
cd "$made" || exit 1

told() { sed 's/^bee-image: //' err; }
# check: of the file image; its output is in out, without what segments there are.
check() {
	"$bee" image check image >all 2>err
	status=$?
	grep -v '^segment' all >out
}
# with_init: check of the file entries, behind an /init that runs.
with_init() {
	{ entry 100755 init x; cat entries; } >image
	check
}
# drops REASON NAME: the one line that check prints.
drops() {
	with_init
	is "$status $(cat out)" "3 dropped $2: $1" "dropped: $1"
}
# fine NAME: it prints nothing.
fine() {
	with_init
	is "$status $(cat out)" "0 " "$1"
}

{ entry 100755 init x; entry 40755 d; entry 100644 d/f 12345; trailer; } >image
check
is "$status $(cat all)" "0 segment 1: at byte 0, compression none, 3 entries, 6 bytes of data" \
	"an image that boots"

entry 100644 none/x >entries
drops "its folder is not there" none/x
{ entry 100644 f; entry 100644 f/x; } >entries
drops "its folder is not there" f/x
{ entry 120777 l f; entry 100644 f; entry 100644 l/x; } >entries
drops "its folder is not there" l/x
{ entry 40755 d; entry 100644 d/x; entry 100644 d; } >entries
drops "a folder is in its place" d
entry 40755 d data >entries
drops "it has data and is no file" d
entry 120777 l >entries
fine "a link to nothing is made"
entry 120777 l "$(printf %4096s x)" >entries
drops "its target is over 4095 bytes" l
entry 150000 s >entries
drops "no kernel knows its type" s
{ entry 100644 a '' 5 2; entry 120777 a b; entry 100644 a x 5 2; } >entries
drops "it is a hard link to what is not there" a
entry 100644 "$(printf %4096s x | tr ' ' n)" >entries
drops "its name is over 4095 bytes" "$(printf %4095s n | tr ' ' n)"
{ entry 120777 one two; entry 120777 two one; entry 100644 one/x; } >entries
drops "its folder is not there" one/x
{ entry 120777 out ../../etc; entry 100644 out/x; } >entries
drops "its folder is not there" out/x

{ entry 40755 usr; entry 40755 usr/lib; entry 120777 lib usr/lib; entry 100644 lib/x; } >entries
fine "a folder may be behind a link"
{ entry 40755 etc; entry 120777 out ../../etc; entry 100644 out/x; } >entries
fine "which cannot lead out"
{ entry 100644 dev/x; entry 100600 root/x; } >entries
fine "/dev and /root are of the kernel's own archive"
{ entry 40755 d; entry 100644 d; } >entries
fine "an empty folder gives way"
{ entry 40755 ./d/; entry 100644 /d/x; } >entries
fine "names may begin and end as they do"
{ entry 100644 a '' 5 2; entry 100644 b data 5 2; trailer; entry 100644 c x 5 2; } >entries
fine "hard links are of one segment"

# A file that comes again is written into, under all its names.
{ entry 100644 a '' 5 3; entry 100644 b '' 5 3; entry 100644 c data 5 3; trailer; entry 100644 b new; } >entries
with_init
is "$status $(sort out)" "3 changed a: it is the file b, which comes again
changed c: it is the file b, which comes again" "what is changed by another name of it"
{ entry 100644 a '' 5 2; entry 100644 b data 5 2; trailer; entry 100644 a '' 7 2; entry 100644 x new 7 2; } >entries
with_init
is "$status $(cat out)" "3 changed b: it is the file a, which comes again" "or by the first of another file's names"
{ entry 100644 a '' 5 2; entry 100644 b data 5 2; trailer; entry 120777 a x; entry 100644 a new; } >entries
fine "a link that came in between took the name off the file"
{ entry 100644 a '' 5 2; entry 100644 b data 5 2; trailer; entry 100644 d '' 5 2; entry 100644 b more 5 2; entry 100644 b new; } >entries
with_init
is "$status $(cat out)" "3 changed d: it is the file b, which comes again" "a name that went over to another file"
{ entry 100644 a '' 5 2; entry 100644 b data 5 2; trailer; entry 100644 a '' 5 2; entry 100644 b new 5 2; } >entries
fine "both names come again"
{ entry 100755 start '#!/gone' 5 2; entry 100644 init x 5 2; trailer; entry 100644 start new; } >image
check
is "$status $(cat out)" "3 changed init: it is the file start, which comes again
/init is no file that can be run" "the mode is that of all names"

# /init
entry 100644 x >image
check
is "$status $(cat out)" "3 there is no /init: the kernel looks for a root= instead" "no /init"
entry 100644 init >image
check
is "$status $(cat out)" "3 /init is no file that can be run" "one that cannot be run"
entry 100755 init '#! /bin/sh -e
' >image
check
is "$status $(cat out)" "3 /init wants /bin/sh, which is not there to be run" "one without its shell"
{ entry 40755 usr; entry 100755 usr/sh; entry 120777 bin usr; entry 120777 init usr/start
	entry 100755 usr/start '#!/bin/sh'; } >image
check
is "$status $(cat out)" "0 " "one that is a link, with a shell behind another"
{ entry 100755 init x; entry 100755 init '#!/gone'; } >image
check
is "$status $(cat out)" "3 /init wants /gone, which is not there to be run" "of two the last counts"

# Where it stops.
{ entry 100755 init x; printf 'garbage'; } >image
check
is "$status $(cat out)" "3 stops at byte 120: what begins here is no archive" "garbage"
{ entry 100755 init x; printf '\0'; entry 100644 y; entry 100644 z; } >image
check
is "$status $(cat out)" "3 stops at y: its header is not at a multiple of 4 bytes
2 entries come after that" "a header that is not aligned"
{ entry 100755 init x; entry 100644 y data; } >plain
{ head -c 150 plain | gzip; tail -c +151 plain | gzip; } >image
check
is "$status $(cat out)" "3 stops at y: compressed data end in the middle of it" \
	"a compressed stream that ends in an entry"
{ entry 100755 init x; entry 100644 y data | sed 's/070701/070702/'; entry 100644 z; } >image
check
is "$status $(cat out)" "3 stops at y: its sum is not that of its data
1 entries come after that" "a wrong sum"
{ entry 100755 init x; entry 100644 none/y data | sed 's/070701/070702/'; entry 100644 z; } >image
check
is "$status $(cat out)" "3 dropped none/y: its folder is not there" "of a file that is dropped the kernel sums nothing up"
{ entry 100755 init x; entry 100644 yy data | sed 's/yy./yyn/'; entry 100644 z; } >image
check
is "$status $(cat out)" "3 stops at yyn: its name does not end in a NUL
2 entries come after that" "a name without an end"
{ entry 100755 init x; entry 100644 y; trailer; } | xz >image
check
is "$status $(cat out)" "3 stops at byte 0: xz with a check that no kernel knows: xz --check=crc32
2 entries come after that
there is no /init: the kernel looks for a root= instead" "xz as it is without options"
{ entry 100755 init x; entry 100644 y; trailer; } | xz --check=crc32 >image
check
is "$status $(cat out)" "0 " "not as the kernel wants it"

# What is not read to its end: no word of /init.
{ entry 100644 x; entry 100644 y data; } | head -c 200 >image
check
is "$status $(told) $(cat out)" "65 image: at byte 112: it is cut off, in a header " "an end that comes early"
{ entry 100644 x; trailer; printf '\211LZO\0\r\n\032\n'; } >image
check
is "$status $(told) $(cat out)" "65 image: at byte 236: lzop, which is not read here " "and what is not read here"
{ entry 100755 init x; entry 100644 '' | sed 's/0000000100000000/0000000000000000/'; trailer; } >image
check
is "$status $(cat out)" "3 dropped : it has no name" "an entry without a name is passed over"

{ entry 100755 init x; entry 100644 a '' 5 2; entry 100644 b data 5 2; trailer; entry 100644 b new; entry 100644 none/x; } >image
check
is "$status $(sort out)" "3 changed a: it is the file b, which comes again
dropped none/x: its folder is not there" "one that is changed and one that is dropped"
"$bee" image check >out 2>err
is "$? $(told | head -n 1)" "64 check: one FILE is needed, - is standard input" "a file is needed"
{ for i in $(seq 103); do entry 100644 "$i" data; done | sed 's/070701/070702/g'; trailer; } >image
"$bee" image list image >out 2>err
is "$? $(grep -c 'its sum is not that' err) $(told | tail -n 1)" "65 100 image: and 3 more lines of this kind" "of a hundred lines the rest is counted"

# diff
{ entry 100755 init x; entry 40755 d; entry 100644 d/f old; entry 120777 l d; trailer; } >a
cp a b
"$bee" image diff a b >out 2>err
is "$? $(cat out err)" "0 " "an image is like itself"
gzip <a >b
size=$(wc -c <b)
{ zeros "$size"; entry 40700 d; entry 100644 d/f new; entry 120777 l e; entry 100644 "$(printf 'n\033')"; } >>b
"$bee" image diff a b >out 2>err
is "$? $(cat out err)" '3 ~ /d mode 040755 040700
~ /d/f content 3 3
~ /l content 1 1
+ /n\x1b' "mode, content and target are compared, and names printed as text"
"$bee" image diff b a >out 2>err
is "$? $(tail -n 1 out)" '3 - /n\x1b' "in both directions"
{ entry 100644 x data 1 1; entry 100644 y data 2 1; entry 20600 c '' 3 1 5 1; } >a
{ entry 100644 /y data 9 2; entry 100644 ./x '' 9 2; entry 20600 c '' 9 1 5 2; trailer
	entry 100644 c '' 9 2; entry 20600 c '' 9 1 5 2; } >b
"$bee" image diff a b >out 2>err
is "$? $(cat out err)" "3 ~ /c device 5,1 5,2" "hard links are compared by their data"
entry 100644 x data >a
entry_uid=7 entry 100644 x data >b
"$bee" image diff a b >out 2>err
is "$? $(cat out err)" "3 ~ /x owner 0:0 7:0" "and owners"
head -c 100 a >b
"$bee" image diff a b >out 2>err
is "$? $(told) $(cat out)" "65 b: at byte 0: it is cut off, in a header " "of an image that is cut off nothing is said to be missing"
tap_end
