#!/bin/sh
# make install and make uninstall: what they put there, what they leave, and nothing else.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
top=$made/top # what would be /
share=$top/usr/local/share/bee
unset MAKEFLAGS MAKELEVEL DESTDIR PREFIX

# run GOAL [WORD...]: nothing is built here. $made/err has what was said; $status.
run() {
	make -C "$root" -s -o all B="$B" DESTDIR="$top" "$@" >"$made/out" 2>"$made/err"
	status=$?
}

# tree: every folder and every file with its mode and bytes, below the top.
tree() {
	(cd "$top" && find . -printf '%p %M %l\n' && find . -type f -exec sha256sum {} +) | sort
}
said() { sed "s,$made,,g" "$made/err" | head -n 20; }

# What was there before: other people's files, and what an administrator has written.
mkdir -p "$top/usr/local/bin" "$top/usr/local/share/man/man1" "$top/etc/bee/policy"
echo other >"$top/usr/local/bin/other"
echo other >"$top/usr/local/share/man/man1/other.1"
echo 'policy 1' >"$top/etc/bee/policy/storage.policy"
chmod 600 "$top/etc/bee/policy/storage.policy"
tree >"$made/before"

(umask 077 && run install)
run install
ok "$status" "install works, twice"
is "$(said)" "" "and says nothing"
(cd "$top/usr/local" && sha256sum --quiet --strict -c share/bee/manifest) >"$made/out" 2>&1
ok $? "its manifest is what sha256sum can check"
is "$("$top/usr/local/bin/bee" --version)" "$("$B/bee" --version)" "the installed bee runs"
is "$("$top/usr/local/bin/bee" policy list 2>&1 | sed "s,$share/,,")" \
	"$("$B/bee" policy list | sed "s,$root/,,")" "and finds its programs and policies"
is "$(cd "$top/usr/local" && find . ! -perm -o+r)" "" "everybody may read it, whatever the umask"
(cd "$top/usr/local" && find . -type f ! -name 'other*' | sed 's,^\./,,' | sort) >"$made/there"
{ sed -n 's/^[0-9a-f]\{64\}  //p' "$share/manifest" && echo share/bee/manifest; } | sort >"$made/noted"
is "$(diff "$made/there" "$made/noted")" "" "the manifest names all of it"

is "$(readlink "$top/usr/local/bin/nbic") $(readlink "$top/usr/local/bin/cpio-list")" "bee bee" \
	"nbic's programs are links"
is "$("$top/usr/local/bin/cpio-list" /dev/null; "$top/usr/local/bin/nbic" -d "$made/none" --list - -o - </dev/null 2>&1)" \
	"bee-image: $made/none: No such file or directory" "which are bee's commands"
is "$(cd "$top/usr/local/bin" && PATH=. nbic --version)" "bee-image $(cat "$root/VERSION")" "also by PATH"

run uninstall
ok "$status" "uninstall works"
tree >"$made/after"
is "$(diff "$made/before" "$made/after")" "" "and everything is as it was before, /etc/bee too"

run uninstall
is "$status $(said | grep -c 'nothing is installed in /top/usr/local')" "2 1" \
	"where nothing is installed it says so"

# Another program of a link's name.
echo other >"$top/usr/local/bin/nbic"
run install
is "$(said) $(cat "$top/usr/local/bin/nbic")" "left out, as there is another one: /top/usr/local/bin/nbic other" \
	"another program of that name stays"
ln -sf /dev/null "$top/usr/local/bin/cpio-list"
run uninstall
is "$(cat "$top/usr/local/bin/nbic") $(readlink "$top/usr/local/bin/cpio-list")" "other /dev/null" \
	"also when what is installed goes, and a link that was changed"
rm "$top/usr/local/bin/nbic" "$top/usr/local/bin/cpio-list"

# An edited file.
run install
echo '# mine' >>"$share/policy/storage.policy"
ln -sf /dev/null "$share/policy/optional/raid.policy"
rm "$share/policy/board.policy"
touch "$share/policy/new.policy"
run uninstall
ok "$status" "uninstall works where files were changed and removed"
is "$(cd "$top/usr/local" && find . ! -type d | sort | tr '\n' ' ')" \
	"./bin/other ./share/bee/policy/new.policy ./share/bee/policy/optional/raid.policy ./share/bee/policy/storage.policy ./share/man/man1/other.1 " \
	"what somebody has edited, made or linked stays, and all else goes"
is "$(said | sort | tr '\n' ' ')" \
	"kept, as it was changed after it was installed: /top/usr/local/share/bee/policy/optional/raid.policy kept, as it was changed after it was installed: /top/usr/local/share/bee/policy/storage.policy " \
	"and is named"

run install
is "$(cmp "$share/policy/storage.policy" "$root/policy/storage.policy" && said)" "" \
	"install overwrites what is left in share"
echo '# mine' >>"$share/policy/cpu.policy"
run install
is "$(cmp "$share/policy/cpu.policy" "$root/policy/cpu.policy" && said)" \
	"overwritten, though it was changed: /top/usr/local/share/bee/policy/cpu.policy" \
	"and says so where that loses somebody's work"

# Another version: it had a policy and a program that this one has not.
for file in policy/gone.policy policy/edited.policy; do
	echo old >"$share/$file"
	(cd "$top/usr/local" && sha256sum "share/bee/$file" >>share/bee/manifest)
done
echo mine >"$share/policy/edited.policy"
run install
is "$status $(cd "$share/policy" && find . -name gone.policy -o -name edited.policy)" \
	"0 ./edited.policy" \
	"what only an earlier version had is removed by an install, unless it was edited"
run uninstall
is "$(cat "$share/policy/edited.policy" && said)" \
	"mine
kept, as it was changed after it was installed: /top/usr/local/share/bee/policy/edited.policy" \
	"and is remembered"

if [ "$(id -u)" -eq 0 ]; then
	skip "who may not write is told what to do" "root may"
else
	chmod 555 "$top/usr/local"
	run install
	chmod 755 "$top/usr/local"
	is "$(said | grep -c 'be root, or set PREFIX or DESTDIR')" 1 "who may not write is told what to do"
fi
tap_end
