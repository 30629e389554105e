#!/bin/sh
# Puts files below a prefix, and takes away again those that are still what was put there.
#
# install.sh install PREFIX <LIST    a line of LIST is: MODE SOURCE PLACE, the place below PREFIX;
#                                    or: link TARGET PLACE
# install.sh uninstall PREFIX
#
# share/bee/manifest has the SHA-256 of each file, as sha256sum -c reads it, the links, and the folders
# that were not there before. A link takes nobody's place: its name is a common one. Nothing outside PREFIX is touched: /etc/bee is the administrator's.
set -eu
umask 022
export LC_ALL=C
prefix=${2:?}
manifest=$prefix/share/bee/manifest
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "$*" >&2; }

# What an earlier install has noted. files: lines "HASH  PLACE"; links: lines "PLACE TARGET";
# folders: lines "# folder PLACE".
files() { [ ! -e "$manifest" ] || sed '/^#/d' "$manifest"; }
links() { [ ! -e "$manifest" ] || sed -n 's/^# link //p' "$manifest"; }
folders() { [ ! -e "$manifest" ] || sed -n '/^# folder /p' "$manifest"; }

# changed: of lines "HASH  PLACE" on stdin, those whose file somebody has changed or made a link.
changed() {
	cat >"$work/asked"
	(cd "$prefix" && sha256sum -c "$work/asked" 2>/dev/null) | sed -n 's/: FAILED$//p' >"$work/bad"
	while read -r _ place; do
		[ ! -L "$prefix/$place" ] || echo "$place"
	done <"$work/asked" >>"$work/bad"
	awk 'FILENAME == ARGV[1] { bad[$0] = 1; next } $2 in bad' "$work/bad" "$work/asked"
}

# remove_files FILE: of lines "HASH  PLACE"; those that stay go to stdout.
remove_files() {
	changed <"$1" | tee "$work/kept"
	awk 'FILENAME == ARGV[1] { kept[$2] = 1; next } !($2 in kept) { print $2 }' "$work/kept" "$1" >"$work/gone"
	while read -r place; do
		set -- "$@" "$prefix/$place"
	done <"$work/gone"
	shift
	rm -f "$@"
	while read -r _ place; do
		say "kept, as it was changed after it was installed: $prefix/$place"
	done <"$work/kept"
}

# make_folders: of lines "PLACE" on stdin, parents first; those that are new go to stdout.
make_folders() {
	while read -r place; do
		if [ ! -d "$prefix/$place" ]; then
			mkdir "$prefix/$place"
			echo "# folder $place"
		fi
	done
}

# remove_links: of lines "PLACE TARGET" on stdin, those that lead there yet.
remove_links() {
	while read -r place target; do
		[ "$(readlink "$prefix/$place")" != "$target" ] || rm "$prefix/$place"
	done
}

# make_links: of lines "link TARGET PLACE" on stdin; those that are ours go to stdout.
make_links() {
	while read -r _ target place; do
		if [ -e "$prefix/$place" ] || [ -L "$prefix/$place" ]; then
			say "left out, as there is another one: $prefix/$place"
		else
			ln -s "$target" "$prefix/$place"
			echo "# link $place $target"
		fi
	done
}

# What an earlier version put there and this one does not have is removed: a policy that stayed would
# be obeyed.
install_all() {
	cat >"$work/all"
	grep -v '^link ' "$work/all" >"$work/list"
	sed -n '/^link /p' "$work/all" >"$work/links"
	mkdir -p "$prefix"
	[ -w "$prefix" ] || {
		say "$prefix cannot be written: be root, or set PREFIX or DESTDIR"
		exit 1
	}
	# A build whose jails have layers to be switched off is for tests (tests/escape).
	if cut -d ' ' -f 2 "$work/list" | xargs grep -l BEE_LAYERS_OFF >"$work/switched"; then
		say "a test build, which is not installed: $(head -n 1 "$work/switched")"
		exit 1
	fi
	cut -d ' ' -f 2 "$work/list" | xargs sha256sum | cut -d ' ' -f 1 >"$work/sums"
	cut -d ' ' -f 3 "$work/list" | paste -d ' ' "$work/sums" - | sed 's/ /  /' >"$work/files"
	awk '{
		count = split($3, part, "/")
		path = part[1]
		for (i = 2; i <= count; i++) {
			print path
			path = path "/" part[i]
		}
	}' "$work/list" | sort -u >"$work/places"
	links | remove_links
	files | awk 'FILENAME == ARGV[1] { here[$2] = 1; next } !($2 in here)' "$work/files" - >"$work/stale"
	files | awk 'FILENAME == ARGV[1] { here[$2] = 1; next } $2 in here' "$work/files" - | changed |
		while read -r _ place; do
			say "overwritten, though it was changed: $prefix/$place"
		done
	{
		folders
		make_folders <"$work/places"
		make_links <"$work/links"
		cat "$work/files"
		remove_files "$work/stale"
	} >"$work/manifest"
	install -m 644 "$work/manifest" "$manifest"
	while read -r mode source place; do
		install -m "$mode" "$source" "$prefix/$place"
	done <"$work/list"
}

uninstall_all() {
	[ -e "$manifest" ] || {
		say "nothing is installed in $prefix, by PREFIX and DESTDIR: there is no $manifest"
		exit 1
	}
	files >"$work/files"
	remove_files "$work/files" >/dev/null
	links | remove_links
	folders | sed 's/^# folder //' | sort -r >"$work/places"
	rm -f "$manifest"
	while read -r place; do
		rmdir "$prefix/$place" 2>/dev/null || :
	done <"$work/places"
}

case $1 in
install) install_all ;;
uninstall) uninstall_all ;;
*) say "usage: install.sh install|uninstall PREFIX" && exit 64 ;;
esac
