#!/bin/sh
# bee image build by tracing, why, and test: programs of this machine in a small tree.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
tree=$made/tree
bee=$B/bee
command -v bash >/dev/null || skip_all "bash is not installed"

mkdir -p "$tree/usr/bin" "$tree/usr/lib" "$tree/etc" "$tree/tmp" "$tree/data/many"
# shellcheck source=tests/root/tree.sh
. "$here/tree.sh"
for name in bash cat ls rm sh mount grep; do take "$(command -v $name)"; done
echo hello >"$tree/etc/motd"
printf '#!/bin/bash\ncat /etc/motd\n' >"$tree/data/script"
chmod 755 "$tree/data/script"
for i in 1 2 3; do echo "$i" >"$tree/data/many/$i"; done
cd "$made" || exit 1
# Others have their images' folders in the usual place at the same time.
mkdir temporary
export TMPDIR="$made/temporary"

image() { timeout 60 "$bee" image "$@" 2>err; }
holds() { image list "$1" | grep -cx "$2"; }

image build -d tree -o out.cpio -- bash -c 'ls /data/many; cat /etc/motd' >out
is "$? $(tr '\n' ' ' <out)" "0 1 2 3 hello " "an image of what a program uses; the program's own words"
is "$(cat err)" "bee-image: the tree has no /init: one is made, which mounts /proc, /sys and /dev/pts and starts /bin/sh" \
	"and what is said of it"
is "$(holds out.cpio etc/motd) $(holds out.cpio data/many) $(holds out.cpio data/many/1) $(holds out.cpio data/script)" \
	"1 1 0 0" "files that were read; of a listed folder the folder; not the rest"
is "$(image why /etc/motd out.cpio)" "/etc/motd: read, by $(realpath -m /usr/bin/cat)" "why a file is in it"
is "$(image why /etc out.cpio)" "$(printf '/etc: for /etc/motd\n/etc/motd: read, by /usr/bin/cat')" "why a folder is"
image why /none out.cpio
is "$? $(cat err)" "3 bee-image: out.cpio: /none is not in it" "what is not in it has no reason"
image build -d tree -o again.cpio --list out.cpio.list
is "$(cmp out.cpio again.cpio 2>&1)" "" "the list beside the image makes the same image"
image build -d tree -o - -- cat /etc/motd >to-stdout
is "$(image list to-stdout | grep -c etc/motd)" 1 "an image on standard output, and the program's words elsewhere"

is "$(grep -c "^$(realpath -m /lib)/.*/libc\.so\.6	library	" out.cpio.list)" 1 "a library that was read is one"
image build -d tree -o script.cpio -- /data/script >out
is "$(cat out) $(awk -F '\t' '$1 == "/usr/bin/bash" { print $2 }' script.cpio.list)" "hello interpreter" "a script's interpreter"

image build -d tree -o failed.cpio -- bash -c 'cat /etc/motd >/dev/null; exit 9'
is "$? $(grep program err) $(holds failed.cpio etc/motd)" "3 bee-trace: the program ended with 9 1" \
	"a program that fails: the image is made, and the status is 3"
image build -d tree -o none.cpio -- /none
is "$? $(grep -c 'ended with 127' err)" "3 1" "a program that is not there"

# nbic's quick start: /chroot is run, and takes words from standard input here.
printf '#!/bin/bash\n/bin/bash\n' >tree/chroot
chmod +x tree/chroot
ln -s "$bee" nbic
echo 'cat /etc/motd; ls /data' | ./nbic -d tree/ -o bash.cpio >out 2>err
is "$? $(tr '\n' ' ' <out)" "0 hello many script " "nbic -d DIR -o FILE runs /chroot"
is "$(holds bash.cpio etc/motd) $(holds bash.cpio chroot)" "1 1" "and takes what was used in it"
ln -s "$bee" cpio-list
is "$(./cpio-list bash.cpio | grep -c '^etc/motd$')" 1 "cpio-list lists it"
rm tree/chroot

# What ELF files name and no run opened: a library of one that was only looked at.
image build -d tree -o stat.cpio -- bash -c '[ -x /usr/bin/grep ]'
needs=$(ldd "$(command -v grep)" | grep -oE '/[^ ]*pcre[^ ]*' | head -n 1)
if [ -n "$needs" ]; then
	is "$(awk -F '\t' -v name="${needs##*/}" '$1 ~ name "$" { print $2, $3; exit }' stat.cpio.list)" "needed /usr/bin/grep" \
		"libraries of a program that was not run"
else
	skip "libraries of a program that was not run" "grep needs none of its own here"
fi

# Of what a person names, libraries come too.
image build -d tree --bare -o add.cpio --add usr/bin/grep
libc=$(ldd "$(command -v grep)" | grep -oE '/[^ ]*libc\.so[^ ]*' | head -n 1)
is "$? $(awk -F '\t' -v name="${libc##*/}" '$1 ~ name "$" { print $2; exit }' add.cpio.list)" "0 needed" \
	"a program that is added has its libraries"
image test -d tree add.cpio -- /usr/bin/grep hello /etc/motd >out
is "$? $(cat out)" "3 /etc/motd	/usr/bin/grep" "it runs, and lacks its input alone"
cp add.cpio ./-x
image test -d tree -- -x /usr/bin/grep hello /etc/motd >out
is "$? $(cat out)" "3 /etc/motd	/usr/bin/grep" "so does an image whose name begins with -"
image test -d tree --fix -- -x /usr/bin/grep hello /etc/motd >out
is "$? $(image list -- -x | tail -n 1)" "0 etc/motd" "which is mended, too"

# The image alone.
image test out.cpio >out
is "$? $(cat out)" "0 " "what was traced works in the image"
image test out.cpio -- bash -c 'cat /data/script' >out
is "$? $(cat out)" "3 /data/script	/usr/bin/cat" "what the image lacks"
take "$(command -v setpriv)"
image build -d tree -o user.cpio -- setpriv --reuid 65534 --clear-groups cat /etc/motd >out
image test user.cpio -- setpriv --reuid 65534 --clear-groups cat /etc/motd >out
is "$? $(cat out err)" "0 hello" "whoever a program becomes, the image's top is open to him"
touch "tree/data/missing-file"
image build -d tree --bare -o named.cpio --add usr/bin/cat
image test -d tree --fix named.cpio -- /usr/bin/cat /data/missing-file >out
is "$? $(holds named.cpio data/missing-file)" "0 1" "--fix adds a file whose name has a word of the list"
image test out.cpio -- bash -c 'cat /data/none' >out
is "$? $(cat out)" "3 " "what the reference lacks too is no fault of the image"
image test --fix out.cpio -- bash -c 'cat /data/script | grep motd' >out
is "$? $(holds out.cpio data/script)" "0 1" "--fix adds what is missing until nothing is"
image test out.cpio -- bash -c 'cat /data/script | grep motd' >out
is "$? $(cat out)" "0 " "then it works"
is "$(image why /data/script out.cpio | grep -c 'by /usr/bin/cat')" 1 "and why it is there is known"

# Languages that find their parts by themselves.
if [ -x /usr/bin/python3 ] && version=$(/usr/bin/python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])') &&
	[ -d "/usr/lib/$version" ]; then
	take /usr/bin/python3
	mkdir -p "$tree/usr/lib/$version"
	cp -R /usr/lib/"$version"/*.py /usr/lib/"$version"/encodings /usr/lib/"$version"/json /usr/lib/"$version"/collections \
		/usr/lib/"$version"/re /usr/lib/"$version"/lib-dynload "$tree/usr/lib/$version/" 2>/dev/null
	image build -d tree -o python.cpio -- /usr/bin/python3 -c 'import json; print(json.dumps([1]))' >out
	is "$? $(cat out) $(holds python.cpio "usr/lib/$version/json/decoder.py")" "0 [1] 1" "python3 with an import"
	image test python.cpio 2>/dev/null
	is "$?" 0 "works in its image"
	image build -d tree -o fixed.cpio -- bash -c : >out
	image test --fix fixed.cpio -- /usr/bin/python3 -c 'import json' >out
	is "$? $(grep -c 'its names were read' err | grep -c '^[1-9]')" "0 1" \
		"--fix also of a program that looks through folders first; which is told"
else
	skip "python3 with an import" "python3 is elsewhere"
fi
if command -v perl >/dev/null && [ -d /usr/lib/x86_64-linux-gnu/perl-base ]; then
	take /usr/bin/perl
	mkdir -p "$tree/usr/lib/x86_64-linux-gnu"
	cp -R /usr/lib/x86_64-linux-gnu/perl-base "$tree/usr/lib/x86_64-linux-gnu/"
	image build -d tree -o perl.cpio -- /usr/bin/perl -MPOSIX -e 'print POSIX::floor(2.5), "\n"' >out
	is "$? $(cat out) $(image list perl.cpio | grep -c 'POSIX\.')" "0 2 2" "perl with a use, and the object that it loads"
	image test perl.cpio 2>/dev/null
	is "$?" 0 "works in its image"
else
	skip "perl with a use" "perl-base is not here"
fi
image build -d tree --bare -o bare.cpio --add etc/motd
image test bare.cpio --boot >/dev/null
is $? 64 "an image without an init has no boot"
# Folders deeper than a path can be, and one that its owner cannot write to, as most users are.
perl -e 'sub e { my ($name, $mode) = @_; my $head = "070701" .
	sprintf("%08X" x 13, 0, $mode, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1 + length $name, 0) . "$name\0";
	print $head, "\0" x (-length($head) % 4) }
	e(join("/", ("a") x $_), 040755) for 1 .. 2040;
	e("closed", 040500); e("closed/file", 0100644); e("TRAILER!!!", 0)' >deep.cpio
mkdir own
TMPDIR=$made/own timeout 60 setpriv --bounding-set -dac_override "$bee" image test deep.cpio -- /none 2>err
is "$(ls own)$(grep bee-image-test err)" "" "whatever an image has made is taken away again"
is "$(ls -A "$TMPDIR")" "" "no temporary file is left"

# KILL cannot be caught: of what a folder was left by it the next one takes it away, and of nobody who runs.
held() { find own -mindepth 1 -maxdepth 1 | wc -l; }
running() { # NAME FD: a test that runs until something is written to FD
	mkfifo "$1.gate"
	TMPDIR=$made/own "$bee" image test out.cpio -- bash -c "echo in >&2; read x; echo out" <"$1.gate" 2>"$1.err" &
	test_pid=$!
	eval "exec $2>$1.gate"
	for _ in $(seq 200); do
		grep -q '^in' "$1.err" && break
		sleep 0.05
	done
}
running first 8
first_pid=$test_pid
running second 7
kill -KILL "$first_pid"
wait "$first_pid" 2>/dev/null
exec 8>&-
is "$(held)" 2 "a test that is killed leaves its folder"
others="own/bee-image-test.others own/bee-image-test.opened own/bee-image-test.longer-one own/other"
# shellcheck disable=SC2086 # several words
mkdir $others && chmod 700 $others
chown 65534 own/bee-image-test.others
chmod 755 own/bee-image-test.opened
TMPDIR=$made/own "$bee" image test out.cpio -- bash -c : 2>err
# shellcheck disable=SC2086
is "$? $(held) $(find $others -maxdepth 0 | wc -l)" "0 5 4" "the next one takes it away, and nobody else's"
echo >&7
exec 7>&-
wait "$test_pid"
is "$? $(grep -c ^out second.err) $(held)" "0 1 4" "one that ran meanwhile comes to its end"
running third 8
kill -TERM "$test_pid"
timeout 20 tail -s 0.05 -f --pid "$test_pid" /dev/null
exec 8>&-
wait "$test_pid"
is "$? $(grep -c ^out third.err) $(held)" "143 0 4" "where TERM ends it the program does not go on, and the folder is gone"
if command -v strace >/dev/null && strace -qq -e trace=none true 2>/dev/null; then
	# Another one locks it first, or has removed it; or nobody can; or each of nine is locked, beside the one that is there.
	for fault in EAGAIN:when=1 ENOLCK EAGAIN; do
		TMPDIR=$made/temporary timeout 60 strace -qq -f -o calls -e trace=flock -e inject=flock:error=$fault \
			"$bee" image test out.cpio -- bash -c : 2>/dev/null
		echo "$? $(grep -c 'flock.*INJ' calls) $(find temporary -mindepth 1 | wc -l)"
	done >faults
	is "$(cat faults)" "0 1 1
0 2 1
73 10 10" "where its folder cannot be locked another one is made, or it goes on; not for ever"
else
	skip "where its folder cannot be locked" "no strace here"
fi
tap_end
