#!/bin/sh
# bee trace run: each way to name a file, and what the list says of it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

tree=$made/tree
list=$made/list

# A tree of one static program and the files that it names.
mkdir -p "$tree/bin" "$tree/data/sub" "$tree/data/thread" "$tree/data/jail" "$tree/data/many" "$tree/data/bound"
cp "$tools/names" "$tree/bin/names"
cp "$tools/names" "$tree/data/program"
ln -s bin "$tree/sbin"
cd "$tree/data" || exit 1
for file in sub/by-dirfd by-dotdot by-root sub/by-cwd by-fchdir thread/by-thread sub/by-main jail/in-jail \
	jail/in-jail-too only-stat only-access only-watched changed truncated removed moved mode-changed first second \
	sub/by-bind sub/by-proc sub/by-dots sub/by-number thread/by-number by-slashes by-here by-proc-root at-the-edge untouched after-hang late-name by-32-bit by-passed not-passed; do
	echo "$file" >"$file"
done
ln -s only-stat a-link
ln -s /in-jail jail/link-to-in-jail
ln -s first turn
ln -s loop loop
file=$(printf 'new\nline\t\033[31m')
echo strange >"$file"
ln -s ../data linked-folder
mkdir remade passed passed/inner
for file in here by-link in-root 0 1 2; do echo "$file" >"remade/$file"; done
for i in $(seq 0 499); do : >"many/$i"; done
mkdir rare rare/acct # a file would begin to be written to
for file in fanotify_mark fchmodat2 file_getattr file_setattr fspick getxattrat link-target listxattrat mount_setattr \
	move_mount move_mount.to open_tree pivot_root pivot_root.old quotactl removexattrat setxattrat swapoff swapon umount2; do
	echo "$file" >"rare/$file"
done
ln -s link-target rare/link
ln -s removexattr rare/umount.link
mkdir jail2 roots
echo >jail2/in-jail2
for i in $(seq 0 99); do mkdir "roots/$i" && echo "$i" >"roots/$i/f"; done
cd "$made" || exit 1

# What is in the tree, with times: a run leaves all of it as it is.
state() { (cd "$tree" && find . -printf '%p %i %m %U %G %s %T@ %C@ %A@ %l\n' | sort && find . -type f -exec sha256sum {} +); }
state >/dev/null # the first look at a file sets its access time, later ones do not
state >"$made/before"

# trace WORD...: runs it; $status.
trace() {
	timeout 60 "$B/bee" trace run -d "$tree" -o "$list" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
}

# used PATH: the words of its line; "-" where there is none.
used() { path=$1 awk -F '\t' '$1 == ENVIRON["path"] { print $2; found = 1 } END { if (!found) print "-" }' "$list"; }

trace -- /sbin/names dirfd
is "$status $(cat "$made/err")" "0 " "a run"
is "$(used /bin/names) $(used /sbin)" "exec link" "the program, and the link on the way to it"
is "$(used /data/sub/by-dirfd) $(used /data/by-dotdot) $(used /data/by-root)" "read read read" "names from a descriptor"
is "$(used /data/sub/by-cwd) $(used /data/by-fchdir)" "read read" "names from where the program is"
is "$(awk -F '\t' '$1 == "/data/by-root" { print $3 }' "$list")" "/bin/names" "by which program"
is "$(used /data/untouched)" "-" "what was not named has no line"
is "$(sort -c "$list" 2>&1; cut -f1 "$list" | LC_ALL=C sort -c 2>&1)" "" "the list is sorted"
cp "$list" "$made/first"
trace -- /sbin/names dirfd
is "$(diff "$list" "$made/first")" "" "a second run gives the same list"

trace -- /bin/names thread
is "$(used /data/thread/by-thread) $(used /data/sub/by-main)" "read read" "a thread is somewhere else than the others"

trace -- /bin/names chroot
is "$(used /data/jail/in-jail) $(used /data/jail/in-jail-too)" "read read" "names from a chroot are the tree's"
is "$(used /data/jail/link-to-in-jail) $(used /in-jail)" "link -" "so is what a link in it leads to"

trace -- /bin/names how
is "$status $(used /data/jail/in-jail) $(used /data/jail/in-jail-too) $(used /data/jail/by-root)" "0 read read missing" \
	"names of openat2 with a folder as their root"
is "$(used /data/jail/link-to-in-jail) $(used /in-jail) $(used /by-root) $(used /data/by-root)" "link - - -" \
	"links and names from the root stay in it"
is "$(used /data/sub/by-dirfd) $(used /data/sub/by-cwd) $(used /data/by-dotdot)" "read read -" \
	"names that may not leave their folder, or be links"
is "$(used /data/by-root) $(used /data/in-jail)" "- -" "names that leave their folder by '..', or by a link"
is "$(used /data/a-link) $(used /data/only-stat)" "link -" "a link that is refused is looked at, and not followed"
is "$(used /data/folder-made/0) $(used /data/folder-made/1)" "read,created read,created" "the folder is another one by the same name"

trace -- /bin/names stat
is "$(used /data/only-stat) $(used /data/only-access) $(used /data/only-watched)" "stat stat stat" "files that were only looked at"
is "$(used /data/a-link)" "link" "a link that was looked at"
is "$(used /data/never-there)" "missing" "what is not there"

trace -- /bin/names write
is "$status" 0 "a run that writes"
is "$(used /data/made) $(used /data/folder-made) $(used /data/link-made)" "read,created changed,created link,created" "what the run makes"
is "$(used /data/folder-moved/file)" "read,created" "what came with a folder that it moved"
is "$(used /data/changed) $(used /data/truncated) $(used /data/removed) $(used /data/mode-changed)" \
	"changed changed changed changed" "what it changes"
is "$(used /data/moved) $(used /data/moved-to)" "changed read,created" "what it moves"

trace -- /bin/names relink
is "$(used /data/first) $(used /data/second)" "read read" "a link that the run made anew is followed anew"

trace -- /bin/names remake
is "$status $(used /data/remade/0) $(used /data/remade/1) $(used /data/remade/2)" "0 read read read" \
	"what was a file, moved, removed by another name or from another root, is a link"
trace -- /bin/names race
is "$status $(for i in $(seq 1 2 99); do used "/data/many/$i"; done | grep -c read)" "0 50" \
	"a name that one looks at while another makes it anew"

trace -- /bin/names bind
is "$(used /data/sub/by-bind) $(used /data/bound/by-bind)" "read -" "what is mounted elsewhere too has its own name"
is "$(used /data/sub) $(used /data/bound)" "stat stat" "what is bound, and where"
is "$(used /data/thread/elsewhere)" "-" "another file system is none of the tree"

trace -- /bin/names pivot
is "$status $(used /data/jail/in-jail) $(used /data/jail/link-to-in-jail) $(used /in-jail)" "0 read link -" \
	"a root that was pivoted to is a folder of the tree"

trace -- /bin/names strange
is "$status $(cat "$made/err")" "0 " "odd names, and names that are none"
is "$(used '/data/new\x0aline\x09\x1b[31m') $(used /data/by-dotdot) $(used /data/by-root)" "read read read,stat" \
	"a name with a newline is one line"
is "$(used /data/linked-folder) $(used /data/loop) $(used /data/by-root/below)" "link link missing" \
	"links in links, a loop, a name below a file"

trace -- /bin/names socket
is "$status $(used /data/linked-folder) $(used /data/made.socket) $(used /data/none.socket) $(grep -c abstract "$list")$(used /data/most.socket)" \
	"0 link created missing 0-" "names of sockets"

trace -- /bin/names self
is "$status $(used /data/sub/by-proc) $(used /data/by-proc-root)" "0 read read" "/proc/self leads back to the tree"
is "$(used /data/sub/by-dots) $(used /data/by-slashes) $(used /data/by-here)" "read read read" "however it is written"
is "$(used /data/sub/by-number) $(used /data/thread/by-number)" "read read" "a process's number leads to where it is by then"
is "$(grep -c unresolved "$list") $(cat "$made/err")" "0 " "a link that is open itself is not followed for ever"
is "$(used /data/a-link) $(grep -c unresolved "$list")" "link 0" "a descriptor of a link"
trace -- /bin/names outside
is "$status $(used /data/sub/by-dirfd) $(used /data/jail2/in-jail2) $(used /data/jail/in-jail)" "0 read read read" \
	"folders that were open before a chroot are where they are"
trace -- /bin/names roots
is "$status $(grep -c '^/data/roots/[0-9]*/f	read' "$list")" "0 100" "the same name from a hundred roots is a hundred files"
trace -- /bin/names anew
is "$(used /data/program | grep -c interpreter) $(used /bin/names | grep -c interpreter)" "1 1" \
	"a program that is written anew has its interpreter anew"

trace -- /bin/names rare
is "$(sed -n 's,^/data/rare/\([^	]*\)	\([^	]*\)	.*,\1 \2,p' "$list")" "acct changed
fanotify_mark stat
fchmodat2 changed
file_getattr stat
file_setattr changed
fspick stat
getxattrat stat
link link
link-target stat
listxattrat stat
mount_setattr stat
move_mount stat
move_mount.to stat
open_tree stat
pivot_root stat
pivot_root.old stat
quotactl stat
removexattrat changed
setxattrat changed
swapoff stat
swapon changed
umount.link link
umount2 stat" "calls that are rare"
trace -- /bin/names message
is "$status $(used /data/sendto) $(used /data/sendmsg)" "0 missing missing" "addresses of messages"
trace -- /bin/names passed
is "$status $(used /data/passed/inner) $(used /data/by-passed) $(used /data/not-passed)" "0 stat read -" \
	"a folder that a name leaves by '..', and a file that none can"
for way in long deep; do
	trace -- /bin/names $way
	is "$status $(cat "$made/err")" "3 bee-trace: the list is not whole: some names are longer than 4095 bytes" \
		"a name that is too long by its folder, and is used: $way"
done
trace -- /bin/names edge
is "$status $(used /data/at-the-edge)" "0 read" "a name at the edge of a page"

trace -- /bin/names uring
is "$status" 0 "io_uring is refused, and set-user-ID programs are not"

trace -- /bin/names fexec
is "$(used /data/program) $(used /data/only-stat)" "exec,read stat" "a program that is run by its descriptor"
trace -- /bin/names memory
is "$status $(used /data/program) $(grep -c memfd "$list")" "0 interpreter 0" \
	"a program that has no name, by its descriptor's, has its interpreter"

trace -- /bin/names fork
is "$(grep -c '^/data/many/[0-9]*	stat	/bin/names$' "$list")" 500 "500 short lives, each with a name of its own"

trace -- /bin/names 3000 /data/sub
is "$(grep -c '^/data/sub/[0-9]*	missing	/bin/names$' "$list") $(cut -f1 "$list" | uniq -d)" "3000 " "3,000 names that are not there, each once"

trace -- /bin/names old
if [ "$status" -eq 3 ] && grep -q '32-bit calls' "$made/err"; then
	skip "the calls of 32-bit programs" "the kernel has none"
else
	is "$status $(used /data/by-32-bit)" "0 read" "the calls of 32-bit programs"
	is "$(used /data/direct.socket) $(used /data/common.socket) $(used /data/message.socket) $(used /data/edge.socket)" \
		"missing missing missing missing" \
		"their sockets' names, also by socketcall(2)"
fi

# watched COMMAND...: it runs, as $running, and $worker looks its names up.
watched() {
	# That of a run before may not have gone yet.
	for _ in $(seq 1 50); do
		pgrep -x bee-trace-names >/dev/null || break
		sleep 0.02
	done
	trace -- "$@" &
	running=$!
	for _ in $(seq 1 50); do
		worker=$(pgrep -x bee-trace-names) && break
		sleep 0.02
	done
}

# attached PID: once a debugger has it.
attached() {
	for _ in $(seq 1 200); do
		grep -q '^TracerPid:	0$' "/proc/$1/status" || break
		sleep 0.02
	done
}

# Who looks names up is killed, as when memory runs out: another one goes on.
watched /bin/names slow
sleep 0.3
kill -9 "$worker"
wait "$running"
is "$(grep -c '^/data/many/[0-9]*	stat	/bin/names$' "$list") $(cat "$made/err")" \
	"100 bee-trace: who looks names up was ended, and is started again" "who looks names up is killed, and replaced"

# The same between the answer that it has and the one that it gives: the call goes on all the same.
if command -v strace >/dev/null; then
	for at in 7 8; do
		watched /bin/names slow
		timeout 10 strace -qq -o /dev/null -p "$worker" -e trace=ioctl -e inject=ioctl:signal=KILL:when=$at 2>/dev/null
		wait "$running"
		is "$(used /data/many/99) $(cat "$made/err")" \
			"stat bee-trace: who looks names up was ended, and is started again" "it is killed at its call $at, and nobody waits"
	done
	# No process can be had in its place for a while: the calls go on, and are counted.
	watched /bin/names slow
	tracer=$(ps -o ppid= -p "$worker" | tr -d ' ')
	timeout 10 strace -qq -o /dev/null -p "$tracer" \
		-e trace=clone,fork,vfork -e inject=clone,fork,vfork:error=EAGAIN:when=1..3 2>/dev/null &
	attached "$tracer"
	kill -9 "$worker"
	wait "$running"
	is "$(used /data/many/99) $(sed 's/of [0-9]* calls/of N calls/' "$made/err")" \
		"stat bee-trace: who looks names up was ended, and is started again
bee-trace: the list is not whole: the names of N calls could not be read in time" \
		"no process can be had to look names up, and one can later"
	# No process can be had any more, and the calls have no end: a signal ends it all the same.
	watched /bin/names endless
	tracer=$(ps -o ppid= -p "$worker" | tr -d ' ')
	timeout 50 strace -qq -o /dev/null -p "$tracer" -e trace=clone,fork,vfork -e inject=clone,fork,vfork:error=EAGAIN 2>/dev/null &
	attached "$tracer"
	kill -9 "$worker"
	sleep 0.3
	kill "$tracer"
	wait "$running"
	grep -q '^bee-trace: the list is not whole: the names of [0-9]* calls' "$made/err"
	is "$? $(grep -o 'ended by signal [0-9]*' "$made/err")" "0 ended by signal 15" "calls without end, and no process to look names up: it ends when it is told to"
	# One that has no processor, or is stopped, does not hang in a name.
	watched /bin/names slow
	timeout 10 strace -qq -o /dev/null -p "$worker" -e trace=openat2,statx -e inject=statx,openat2:delay_enter=1200000:when=3 2>/dev/null
	wait "$running"
	is "$(grep -c '^/data/many/[0-9]*	stat	/bin/names$' "$list") $(grep -c unresolved "$list") $(cat "$made/err")" "100 0 " \
		"who looks names up is stopped for a second, and goes on"
else
	skip "who looks names up is killed between two calls" "strace is not installed"
	skip "no process can be had to look names up" "strace is not installed"
	skip "calls without end, and no process to look names up" "strace is not installed"
	skip "who looks names up is stopped for a second" "strace is not installed"
fi

trace -- /bin/names loader
is "$status $(used /data/own-loader) $(cat "$made/err")" "0 exec,interpreter,created " "a program that names itself as its loader"

if setpriv --bounding-set -sys_ptrace true 2>/dev/null; then
	setpriv --bounding-set -sys_ptrace timeout 60 "$B/bee" trace run -d "$tree" -o "$list" -- /bin/names hidden >"$made/out" 2>"$made/err"
	is "$? $(used /data/only-stat) $(cat "$made/err")" \
		"3 - bee-trace: the list is not whole: the names of 1 calls could not be read, as ptrace(2) of the program is not allowed" \
		"names that may not be read are told"
else
	skip "names that may not be read are told" "setpriv is not installed"
fi

trace -- /bin/names nonsense
is "$status" 3 "a program that fails: the list is there, and the status is 3"
is "$(used /bin/names)" exec "the list of a program that fails"
trace -- /bin/none
is "$status $(used /bin/none)" "3 missing" "a program that is not there"

state >"$made/after"
is "$(diff "$made/before" "$made/after" | head -n 10)" "" "the tree is as it was, with all its times"

# No time of access is set: not by the run, nor by those who write its list and make an image of it.
if "$B/bee" trace arm -d "$tree" 2>/dev/null; then
	trace -- /sbin/names chroot
	"$B/bee" image build -d "$tree" --bare -o "$made/image" --list "$list" 2>/dev/null
	is "$? $("$B/bee" trace files -d "$tree")" "0 " "nobody sets a time of access, not even of a link"
else
	skip "nobody sets a time of access" "there are none here"
fi

# What hangs: half a second a name, and the run goes on.
began=$(now)
trace -- /bin/names late
took=$(($(now) - began))
if [ "$status" -eq 3 ] && grep -q userfaultfd "$made/err"; then
	skip "a name in memory that is not there" "userfaultfd is refused here"
else
	is "$status $(cat "$made/err")" "3 bee-trace: the list is not whole: the names of 1 calls could not be read in time" \
		"a name in memory that is not there"
	in_time 5000 "and it costs half a second"
fi
mkdir -p "$tree/data/hang"
if hang_start "$tree/data/hang"; then
	began=$(now)
	trace --in-place -- /bin/names hang
	took=$(($(now) - began))
	is "$status $(used /data/hang/file) $(used /data/after-hang)" "0 unresolved read" "a name that hangs, and what comes after it"
	in_time 5000 "and the list is there soon"
	hang_end "$hang_pid"
else
	skip "a name that hangs" "no FUSE here"
fi

# A terminal's Ctrl-C goes to the program, to who watches it and to who looks names up for that.
timeout --signal=INT 1 "$B/bee" trace run -d / -o "$list" -- sleep 60 2>"$made/err"
is "$(cat "$made/err")" "bee-trace: the program was ended by signal 2 (Interrupt)" "an interrupt ends the program alone"
tap_end
