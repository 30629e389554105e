#!/bin/sh
# What every command says of --help and --version that cannot be written, and of a mistake on its command line:
# each line names the program, its command if it has several, and the word.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
root=$(cd "$here/../.." && pwd)
B=${B:-$root/build}
bee=$B/bee
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
export ASAN_OPTIONS=detect_leaks=0

# Programs with exit codes of a tool or of what they compare have one of their own for trouble.
# COMMAND, the exit code of output that is lost, and of a command line that is wrong.
cat >"$made/commands" <<'END'
audit 74 64
run 125 125
policy 74 64
show 74 64
keep 74 64
diff 2 2
expect 2 2
verify 2 2
export 74 64
accept 2 2
report 74 64
console 74 64
image 74 64
trace 74 64
enter 74 64
guest 74 64
remote 74 64
fleet 74 64
schema 74 64
END
is "$(cut -d ' ' -f 1 "$made/commands"; echo save)" "$("$bee" --help | sed -n '/^Commands/,$s/^  \([a-z]*\) .*/\1/p' | grep -vx save; echo save)" \
	"these are all of the commands, and save"

# lost WHAT COMMAND CODE WORD...: a line where that is not how it ends, with stdout as `to` opens it.
lost() {
	what=$1 name=$2 code=$3
	shift 3
	"$bee" "$@" 2>"$made/err" </dev/null
	got="$? $(cat "$made/err")"
	[ "$got" = "$code $name: standard output: $what" ] || echo "$*: $got"
}
while read -r command code _; do
	for word in -h --help --version; do
		[ ! -w /dev/full ] || lost "No space left on device" "bee-$command" "$code" "$command" $word >/dev/full
		lost "Bad file descriptor" "bee-$command" "$code" "$command" $word >&-
	done
done <"$made/commands" 2>&1 | cat >"$made/silent"
is "$(cat "$made/silent")" "" "help and version that cannot be written: one line, and the program's exit code for that"
save=$root/iso/overlay/usr/local/libexec/bee/bee-save
if [ -w /dev/full ] && [ -e "$save" ]; then
	sh "$save" --help >/dev/full 2>"$made/err"
	is "$? $(cat "$made/err")" "74 bee save: standard output: No space left on device" "bee save --help does nothing else then"
else
	skip "bee save --help does nothing else then" "it is the live image's"
fi

while read -r command _ code; do
	for word in --nosuch -Z; do
		"$bee" "$command" $word >"$made/out" 2>"$made/err" </dev/null
		got="$? $(wc -c <"$made/out") $(head -n 1 "$made/err")"
		case $got in
		"$code 0 bee-$command: "*"${word#-}"*) ;;
		*) echo "$command $word: $got" ;;
		esac
	done
done <"$made/commands" >"$made/silent"
is "$(cat "$made/silent")" "" "an option that is not there: the line names program and option"

# WORDS: the first line of stderr. Exit 64, nothing on stdout.
while IFS=: read -r words line; do
	# shellcheck disable=SC2086
	"$bee" $words >"$made/out" 2>"$made/err" </dev/null
	is "$? $(wc -c <"$made/out") $(head -n 1 "$made/err")" "64 0${line}" "bee $words"
done <<'END'
nosuch: bee: no command "nosuch": bee help lists them
policy nosuch: bee-policy: nosuch: lint, explain, diff, check, learn or list? `bee policy --help` shows how
policy learn --nosuch: bee-learn: unrecognized option '--nosuch'
policy explain: bee-policy: explain needs a collector and may have a step
image nosuch: bee-image: there is no command "nosuch"
image list --nosuch: bee-image: list: unrecognized option '--nosuch'
image build -o: bee-image: build: option requires an argument -- 'o'
image cat: bee-image: cat: a FILE and a PATH in it are needed
trace nosuch: bee-trace: there is no command "nosuch"
trace run -d: bee-trace: run: option requires an argument -- 'd'
guest nosuch: bee-guest: there is no command "nosuch"
guest run --nosuch: bee-guest: run: unrecognized option '--nosuch'
guest stop: bee-guest: stop: which guest?
guest vm run --nosuch: bee-guest: vm run: unrecognized option '--nosuch'
guest vm ssh --nosuch: bee-guest: vm ssh: unrecognized option '--nosuch'
guest vm delete: bee-guest: vm delete: which guest?
guest control start --nosuch: bee-guest: control start: unrecognized option '--nosuch'
guest control stop: bee-guest: control stop: which guest?
guest rm a b: bee-guest: rm: "b" is a word too many: one guest at a time
remote nosuch: bee-remote: there is no command "nosuch"
remote lint --nosuch: bee-remote: lint: unrecognized option '--nosuch'
remote lint a b: bee-remote: lint: one folder
remote keys --nosuch: bee-remote: keys: unrecognized option '--nosuch'
remote sign --nosuch: bee-remote: sign: unrecognized option '--nosuch'
remote sign -k: bee-remote: sign: option requires an argument -- 'k'
remote verify --nosuch: bee-remote: verify: unrecognized option '--nosuch'
remote verify: bee-remote: verify: one file
remote explain: bee-remote: explain: one file
remote open --nosuch: bee-remote: open: unrecognized option '--nosuch'
remote tailor --nosuch: bee-remote: tailor: unrecognized option '--nosuch'
remote network --nosuch: bee-remote: network: unrecognized option '--nosuch'
remote filter --nosuch: bee-remote: filter: unrecognized option '--nosuch'
remote media --nosuch: bee-remote: media: unrecognized option '--nosuch'
remote chunks --nosuch: bee-remote: chunks: unrecognized option '--nosuch'
remote once --nosuch: bee-remote: once: unrecognized option '--nosuch'
remote once -c: bee-remote: once: option requires an argument -- 'c'
remote run extra: bee-remote: run: 'extra': there is nothing to be given here
remote status --nosuch: bee-remote: status: unrecognized option '--nosuch'
fleet nosuch: bee-fleet: 'nosuch': not a question; 'bee fleet --help' has the questions
fleet machine: bee-fleet: machine: which?; 'bee fleet --help' has the questions
END
for words in "lint --help" "once -h" "keys --version"; do
	# shellcheck disable=SC2086
	is "$("$bee" remote $words 2>&1 | head -n 1)" "$("$bee" remote "${words#* }" | head -n 1)" "bee remote $words"
done
is "$("$bee" fleet --version)" "bee-fleet $("$bee" --version | cut -d ' ' -f 2)" "bee fleet has a version"
tap_end
