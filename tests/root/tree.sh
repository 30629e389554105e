# Of tests that trace: programs of this machine in $tree, with their loaders and libraries, in the places
# that it has for them; /lib and the like are links where they are here.
# shellcheck shell=sh disable=SC2154
for name in bin sbin lib lib64; do
	if [ -L /$name ]; then
		mkdir -p "$tree/$(readlink /$name)"
		ln -s "$(readlink /$name)" "$tree/$name"
	else
		mkdir -p "$tree/$name"
	fi
done
take() {
	for file in "$@"; do
		mkdir -p "$tree$(dirname "$file")"
		cp -L "$file" "$tree$file"
		ldd "$file" 2>/dev/null | grep -oE '/[^ ]+' | while read -r library; do
			mkdir -p "$tree$(dirname "$library")"
			[ -e "$tree$library" ] || cp -L "$library" "$tree$library"
		done
	done
}
