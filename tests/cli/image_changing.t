#!/bin/sh
# bee image build while its tree changes between the look at it and the copy, and beside another build.
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

mkdir -p tree/folder
for name in emptied fifo fits folded gone grown linked shrunk; do echo "$name" >tree/$name; done
ln -s here tree/link
ln -s here tree/link.gone
echo own >tree/rights
chmod 4755 tree/rights
echo names >tree/twin.a
ln tree/twin.a tree/twin.b
ln tree/twin.a tree/twin.c
mkdir tree/folder.filed
find tree -exec touch -h -d @1500000000 {} +

# All is looked at before the first byte comes, and no more than 1 MiB is read until somebody takes it.
head -c 3000000 /dev/zero >tree/a
mkfifo slow
"$bee" image build -d tree --bare --add / -o - 2>err >slow &
pid=$!
exec 3<slow
dd bs=512 count=1 <&3 >i.cpio 2>/dev/null
: >tree/emptied
rm tree/fifo tree/folded tree/gone tree/linked tree/link tree/link.gone tree/rights tree/twin.c
mkfifo tree/fifo
mkdir tree/folded
ln -s fits tree/linked
echo file >tree/link
echo other >tree/rights
echo another >tree/twin.c
echo more >>tree/grown
printf s >tree/shrunk
rmdir tree/folder tree/folder.filed
echo file >tree/folder.filed
cat <&3 >>i.cpio
exec 3<&-
wait $pid
is "$? $(told)" "3 /emptied: it changed meanwhile: it is taken as it is now
/fifo: not taken: it is no file any more
/folded: not taken: it is no file any more
/folder: not taken: it is not there
/folder.filed: not taken: it is of another type now
/gone: not taken: it is not there
/grown: it changed meanwhile: it is taken as it is now
/link: not taken: it is no link any more
/link.gone: not taken: it is not there
/linked: not taken: it is no file any more
/rights: it changed meanwhile: it is taken as it is now
/shrunk: it changed meanwhile: it is taken as it is now" "what changed before it was read is told, a line each"
"$bee" image check i.cpio >checked 2>&1
is "$? $(cat checked)" "3 $(sed -n '/segment/p;/init/p' checked)" "and the image is whole"
is "$("$bee" image list -v i.cpio | awk '/rights/ { print $1, $5 }') $("$bee" image cat i.cpio rights)" \
	"-rw-r--r-- 6 other" "another one that came by a name has its own rights"
is "$("$bee" image extract i.cpio -C x 2>/dev/null; cat x/twin.a x/twin.b x/twin.c)" "names
names
names" "and none of another one's names"
is "$("$bee" image cat i.cpio grown) $("$bee" image cat i.cpio shrunk)" "grown
more s" "what has another size is taken in that"

# Two builds of one file at the same time: the list is that of the image. The first waits before it names the list.
if command -v strace >/dev/null && strace -qq -e trace=none true 2>/dev/null && [ "${B##*/}" != san ]; then
	mkdir both one two
	echo 1 >one/first
	echo 2 >two/second
	names() { echo "$("$bee" image list both/i.cpio) $(sed -n 's/\t-.*//p' both/i.cpio.list)"; }
	strace -qq -f -o calls -e trace=renameat -e inject=renameat:delay_enter=2000000:when=2 \
		"$bee" image build -d one --bare --add / -o both/i.cpio 2>/dev/null &
	for _ in $(seq 100); do
		[ -s both/i.cpio ] && break
		sleep 0.05
	done
	"$bee" image build -d two --bare --add / -o both/i.cpio
	is "$?" 0 "two builds of one file end well"
	wait
	is "$(names)" "second /second" "and the list is that of the image"

	# Of two that append at the same time the second would lose what the first did.
	before=$(stat -c %i both/i.cpio)
	strace -qq -f -o calls -e trace=renameat -e inject=renameat:delay_enter=2000000:when=1 \
		"$bee" image append both/i.cpio -d one --add / 2>/dev/null &
	for _ in $(seq 100); do
		[ -z "$(find both -name '.i.*')" ] || break
		sleep 0.05
	done
	"$bee" image append both/i.cpio -d tree --add shrunk 2>err
	is "$? $(told)" "74 both/i.cpio: it changed meanwhile: nothing is appended" "an image that changes is not appended to"
	wait
	is "$("$bee" image list both/i.cpio) $(($(stat -c %i both/i.cpio) != before))" "second
first 1" "and has what another one appended"

	strace -qq -f -o calls -e trace=renameat -e inject=renameat:signal=KILL:when=2 \
		"$bee" image build -d one --bare --add / -o both/i.cpio 2>/dev/null
	is "$("$bee" image list both/i.cpio) $(ls both)" "first i.cpio" "where one is killed between both names there is no list of another image"

	# Whoever reads a folder may lock it.
	(exec 9<both && flock 9 && : >locked && exec sleep 60) >/dev/null 2>&1 &
	locker=$!
	until [ -e locked ]; do sleep 0.05; done
	timeout 40 "$bee" image build -d one --bare --add / -o both/i.cpio
	is "$? $(names)" "0 first /first" "a folder that somebody has locked for long keeps nobody from his image"
	kill $locker
	wait $locker 2>/dev/null

	# A write of the list fails, those after it do not.
	mkdir many
	(cd many && seq -f 'a.long.name.of.a.file.%g' 500 | xargs touch)
	strace -qq -f -o calls -e trace=write -e inject=write:error=ENOSPC:when=2 \
		"$bee" image build -d many --bare --add / -o both/many.cpio 2>err
	is "$? $(told) $(ls both)" "74 both/many.cpio.list: No space left on device i.cpio
i.cpio.list" "a part of a list that cannot be written is missed"
else
	skip "two builds of one file" "no strace here"
fi

tap_end
