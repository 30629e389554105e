#!/bin/sh
# The completion of bash: made from the manual pages, it offers what bee and its commands say of themselves.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
command -v bash >/dev/null || { echo "1..0 # SKIP bash is not installed"; exit 0; }
"$root/setup/completion.sh" "$root"/doc/man/bee.1 "$root"/doc/man/bee-*.1 >"$made/bee.bash"

# offered WORD...: what is offered for the last of them, behind "bee".
offered() {
	# shellcheck disable=SC2016
	bash -c '. "$1"; shift; COMP_WORDS=(bee "$@"); COMP_CWORD=$#; _bee; printf "%s\n" "${COMPREPLY[@]}"' bash "$made/bee.bash" "$@"
}

commands=$("$B/bee" --help | sed -n '/^Commands/,$s/^  \([a-z]*\) .*/\1/p')
is "$(offered '' | grep -v '^-' | sort | xargs)" "$(echo "$commands" help version | tr ' ' '\n' | sort | xargs)" \
	"behind bee stand its commands, all that --help names"
is "$(offered aud)" audit "begun ones are ended"
for command in $commands; do
	case $command in save | schema) continue ;; esac
	# Usage lines and lists name options; examples may have those of others behind a --.
	"$B/bee" help "$command" | sed 's/ -- .*//' | grep -oE -- '(^|[^a-z-])--[a-z][a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | sort -u >"$made/told"
	offered "$command" -- | grep -- '^--' | sort -u >"$made/offered"
	is "$(comm -23 "$made/told" "$made/offered" | xargs)" "" "bee $command: all that its --help names is offered"
done
is "$(offered image li)" list "commands of commands, too"
is "$(offered guest st | sort | xargs)" "$("$B/bee" guest --help | grep -oE '^  st[a-z]+ ' | sort | xargs)" "as --help has them"
is "$(offered report --html '')" "" "elsewhere bash offers files"
tap_end
