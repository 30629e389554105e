#!/bin/sh
# bee image build where the tree leads out of itself or holds the image, and where it does not come to its end.
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

told() { sed 's/^bee-image: //' err; }
build() { "$bee" image build -d tree "$@" 2>err; }
list() { "$bee" image list "$@" 2>&1; }
# outside: all of the folder that links lead to.
outside() { find out -printf '%p %y %m %s %T@\n' | sort; }

mkdir -p tree/bin tree/etc out/dev out/proc
printf '#!/bin/sh\n' | tee tree/bin/sh out/init >/dev/null
chmod 755 tree/bin/sh out/init
cp -p tree/bin/sh tree/init
before=$(outside)

# The kernel has a /dev before it unpacks (usr/default_cpio_list), and drops a link of that name.
ln -s "$made/out/dev" tree/dev
ln -s ../out/proc tree/proc
build --add / -o links.cpio
is "$? $(told)" "0 /dev: a folder is taken: in the tree it is none
/proc: a folder is taken: in the tree it is none" "links in the place of /dev and /proc are told, and folders taken"
is "$("$bee" image check links.cpio >/dev/null 2>&1; echo $?) $("$bee" image extract links.cpio -C x 2>/dev/null; stat -c %F x/dev x/proc)" \
	"0 directory
directory" "so that a kernel drops nothing"
is "$(outside)" "$before" "nothing is made where they lead"
rm tree/dev tree/proc && mkdir tree/dev

# What ">/dev/null" leaves in a tree without devices; and containers' trees have this link.
echo text >tree/dev/null
ln -s pts/ptmx tree/dev/ptmx
build --add / -o nodes.cpio
is "$? $(told)" "0 /dev/null: a device is taken: in the tree it is a file" "a file in the place of a device is told"
is "$(list -v nodes.cpio | awk '/dev.(null|ptmx)/ { print substr($1, 1, 1), $NF }')" "c dev/null
l pts/ptmx" "and the device taken; a link stays"
build --bare --add / -o bare.cpio
is "$? $(told) $(list -v bare.cpio | awk '/dev.null/ { print substr($1, 1, 1) }')" "0  -" "with --bare all is as in the tree"

rm tree/init
said=
for target in "$made/out/init" ../out/init etc; do
	ln -sfn "$target" tree/init
	build --add init -o init.cpio
	said="$said$? $(told)
"
done
is "$said" "3 /init: it leads to no program of the tree: no kernel starts it
3 /init: it leads to no program of the tree: no kernel starts it
3 /init: it leads to no program of the tree: no kernel starts it
" "an /init that leads out of the tree, or to a folder, is told"
rm tree/init && cp tree/bin/sh tree/init

# The image in its own tree: the second time it would have the first one in it.
build --bare --add / -o tree/etc/own.cpio
first=$(cksum <tree/etc/own.cpio)
build --bare --add / -o tree/etc/own.cpio
is "$? $(told | sort)" "0 /etc/own.cpio.list: not taken: it is what is being made
/etc/own.cpio: not taken: it is what is being made" "an image in the tree is not packed into itself"
touch -d @1500000000 tree/etc
build --bare --add / -o tree/etc/own.cpio
first=$(cksum <tree/etc/own.cpio)
touch -d @1500000000 tree/etc
build --bare --add / -o tree/etc/own.cpio
is "$(cksum <tree/etc/own.cpio)" "$first" "so that it is the same again"
ln tree/etc/own.cpio tree/other
build --bare --add other -o tree/etc/own.cpio
is "$? $(told)" "3 /other: not taken: it is what is being made" "nor by another name that is given"
rm tree/etc/own.cpio* tree/other

# A name may have 255 bytes, of which the list takes five.
mkdir into
name=$(printf '%0250d' 0)
build --bare --add / -o "into/$name"
is "$? $(told) $(find into -type f | wc -l)" "0  2" "an image's name may be as long as its list leaves"
rm into/*
build --bare --add / -o "into/1$name"
is "$? $(find into -type f | wc -l)" "73 0" "where it is longer, nothing is made"

# Disks that are full: the image, or its list alone.
head -c 600000 /dev/urandom >tree/etc/large
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=640k tmpfs full 2>/dev/null; then
	build --bare --add / -o full/i.cpio
	is "$? $(told) $(find full -type f | wc -l)" "0  2" "what fits is there"
	# The list has a page of 4 KiB.
	left=$(df --output=avail -k full | tail -n 1)
	rm full/*
	head -c $((1024 * (left + 4))) /dev/zero >full/other
	build --bare --add / -o full/i.cpio
	is "$? $(told) $(find full -type f)" "74 full/i.cpio.list: No space left on device full/other" \
		"where its list has no room, the image has no name either"
	head -c 200000 /dev/zero >full/other
	build --bare --add / -o full/i.cpio
	is "$? $(told) $(find full -type f)" "74 full/i.cpio: No space left on device full/other" \
		"nor where it has none itself"
	umount full
else
	skip "full disks" "no mounts here"
fi

# Whoever has standard output after us writes to it as before.
head -c 8000000 /dev/zero >tree/etc/larger
{
	(ulimit -f 4096; "$bee" image build -d tree --bare --add / -o - 2>err; echo $? >status)
	printf after
} >shared 2>/dev/null
rm tree/etc/larger
is "$(cat status) $(told) $(tail -c 5 shared)" "74 standard output: File too large after" \
	"a limit of a file's size is told, and standard output stays as it was"

# A file system that makes no file without a name (NFS, 9p): the names until then go, too. Each second open of that folder fails.
if command -v strace >/dev/null && strace -qq -e trace=none true 2>/dev/null && [ "${B##*/}" != san ]; then
	named() {
		strace -qq -f -o calls -e trace=openat -e inject=openat:error=EOPNOTSUPP:when=2+2 -P into/ "$@" 2>/dev/null
		echo "$? $(grep -c INJECTED calls)"
	}
	is "$(named "$bee" image build -d tree --bare --add / -o into/i.cpio) $(find into -type f | sort)" "0 2 into/i.cpio
into/i.cpio.list" "an image is made there"
	rm into/*
	is "$(named sh -c 'ulimit -f 100; exec "$@"' - "$bee" image build -d tree --bare --add / -o into/i.cpio) $(find into -type f)" \
		"74 2 " "and where that fails, nothing is left"
	mkfifo gate
	left=
	for signal in HUP INT QUIT PIPE TERM USR1; do
		# No job of the shell's: those would not see INT and QUIT.
		named sh -c 'echo $$ >pid; exec setsid "$@"' - python3 -c '
import os, signal, sys
for number in signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE:
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$bee" image build -d tree --bare --list gate -o into/i.cpio >/dev/null &
		exec 3>gate
		left="$left$(find into -type f | wc -l) "
		kill -s $signal "$(cat pid)"
		wait
		exec 3>&-
		left="$left$(find into -type f | wc -l) "
	done
	is "$left" "2 0 2 0 2 0 2 0 2 0 2 0 " "nor where it is ended: what was there until then is gone"
else
	skip "file systems that make no file without a name" "no strace here"
fi

# KILL cannot be caught: a trace's list has no name.
if [ "$(id -u)" -eq 0 ] && [ -x /bin/busybox ]; then
	mkdir -p traced/bin tmp
	cp /bin/busybox traced/bin/
	ln -s busybox traced/bin/sleep
	TMPDIR=$made/tmp "$bee" image build -d traced -o traced.cpio -- /bin/sleep 60.$$ 2>/dev/null &
	pid=$!
	for _ in $(seq 100); do
		[ -z "$(find tmp -mindepth 1)" ] && pgrep -f "^/bin/sleep 60.$$" >/dev/null && break
		sleep 0.1
	done
	kill -s KILL $pid
	wait $pid 2>/dev/null
	for _ in $(seq 50); do
		pgrep -f "^/bin/sleep 60.$$" >/dev/null || break
		sleep 0.1
	done
	is "$(pgrep -c -f "^/bin/sleep 60.$$") $(find tmp -mindepth 1) $(find . -maxdepth 1 -name 'traced.cpio*')" "0  " \
		"what is killed in a trace leaves no list behind, and no run"
else
	skip "what is killed in a trace leaves no list behind, and no run" "not root, or no busybox here"
fi

tap_end
