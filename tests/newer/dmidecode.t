#!/bin/sh
# Newer dmidecodes tell of a dump what Debian 12's tells: BEE_CORPORA/smbios/*.bin, by the dmidecode of
# each of BEE_SUITES, whose packages tests/vm/image.sh has left in BEE_VMS-SUITE.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
ls "${BEE_CORPORA:-/none}"/smbios/*.bin >/dev/null 2>&1 || {
	echo "1..0 # SKIP there are no dumps in BEE_CORPORA/smbios"
	exit 0
}

# told FOLDER PROGRAM...: the records that each step makes of each dump, and its exit status.
told() {
	out=$made/$1
	shift
	mkdir "$out"
	for dump in "$BEE_CORPORA"/smbios/*.bin; do
		for collector in board cpu memory psu; do
			types=$(sed -n 's/^run *dmidecode -t //p' "$root/policy/$collector.policy")
			file=$out/$collector.$(basename "$dump")
			"$@" --from-dump "$dump" -t "$types" >"$made/text" 2>"$made/err"
			"$B/bee-collect" "$collector" dmi <"$made/text" 2>&1 >"$file.all" | cat >&2
			grep -v '"type":"tool"' "$file.all" >"$file"
			rm "$file.all"
		done
	done
}

# A newer one may tell more: 3.7 has an id for every kind of slot.
# shellcheck disable=SC2016
less='[$was, $is | length] as [$a, $b] | (select($a != $b) | "\($a) and \($b) records"),
	(range($a) | $was[.] as $w | $is[.] as $i | $w.props | keys[] |
	select($w.props[.] != $i.props[.]) | "\($w.key) \(.): \($w.props[.]) and \($i.props[.])")'

told here dmidecode
records=$(cat "$made"/here/* | wc -l)
[ "$records" -gt 20 ]
ok $? "Debian 12's dmidecode tells $records records"
for suite in $BEE_SUITES; do
	for package in dmidecode libc6 libgcc-s1; do
		for deb in "$BEE_VMS-$suite/apt/cache/archives/$package"_*.deb; do
			dpkg-deb -x "$deb" "$made/$suite"
		done
	done
	libraries=$(dirname "$(find "$made/$suite/" -name libc.so.6 | head -n 1)")
	set -- "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$made/$suite/usr/sbin/dmidecode"
	version=$("$@" --version)
	ok $? "dmidecode $version of $suite runs"
	told "told-$suite" "$@"
	for file in "$made"/here/*; do
		is "$(jq -nr --slurpfile was "$file" --slurpfile is "$made/told-$suite/${file##*/}" "$less")" "" \
			"$version: ${file##*/}"
	done
done
tap_end
