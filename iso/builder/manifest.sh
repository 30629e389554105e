#!/bin/sh
# What packages are in a tree, a line each: name, version, licences. manifest.sh PACKAGES ROOT
#
# Licences are the short names of copyright files in Debian's machine-readable format; where there
# are none, the file itself is named, which is on the image too.
set -eu
while read -r name version; do
	file=/usr/share/doc/${name%:*}/copyright
	licences=''
	if [ -e "$2$file" ]; then
		licences=$(sed -n 's/^Licen[cs]e: *\([^ ].*\)$/\1/p' "$2$file" | sort -u |
			tr '\n' ',' | sed 's/,$//; s/,/, /g')
		[ -n "$licences" ] || licences="see $file"
	fi
	printf '%s\t%s\t%s\n' "$name" "$version" "${licences:-unknown}"
done <"$1"
