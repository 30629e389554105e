#!/bin/sh
# What a dry run says of each job of the shipped policies is what its jail has: the kernel's lists of the mounts,
# capabilities and processes of a program in that jail, beside the explanation.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

optional=$(cd "$root/policy/optional" && echo *.policy | sed 's/\.policy//g; s/ /,/g')
"$B/bee" audit --dry-run --policy-dir "$root/policy" --with "$optional" >"$made/plan" 2>"$made/err"
is "$?" 0 "a dry run of all shipped policies"

# A program of the caller's runs in the place of the step's own, with the machine's libraries (bee-run(1)).
extra="/proc /proc/pid $tools/inside /usr/lib /usr/lib32 /usr/lib64 /etc/ld.so.cache"

# said JOB LABEL: the lines under that label of a job.
said() {
	awk -v job="$1" -v label="$2" '/^[^ ]/ { here = $0 == job }
		here && substr($0, 3, 1) != " " { on = substr($0, 3, length(label) + 1) == label " " }
		here && on { print substr($0, 16) }' "$made/plan"
}
wrong='' rights='' others='' compared=0
# One job of a step is as good as another.
grep '^[a-z]*/[^ ]*$' "$made/plan" | sort -t @ -u -k 1,1 >"$made/jobs"
while read -r job; do
	# shellcheck disable=SC2046
	"$B/bee" run -q --policy-dir "$root/policy" $(echo "$job" | tr @ ' ') -- "$tools/inside" >"$made/inside" 2>"$made/err" </dev/null
	# No hardware for it here, or a filter that lets it open nothing.
	grep -q '^mountinfo: [0-9]' "$made/inside" || continue
	compared=$((compared + 1))
	sed -n 's/^mountinfo: //p' "$made/inside" | awk '$5 != "/" { print $5 }' | sort -u >"$made/mounted"
	said "$job" sees | sed 's/ -- .*//' | tr ', ' '\n' | grep '^/' | sort -u >"$made/said"
	for place in $(comm -23 "$made/mounted" "$made/said"); do
		case " $extra " in *" $place "*) ;; *) wrong="$wrong $job:$place" ;; esac
	done
	# Of what is not there, and of what is a link to another, no mount is made.
	for place in $(comm -13 "$made/mounted" "$made/said"); do
		[ ! -e "$place" ] || [ -L "$place" ] || wrong="$wrong $job:no-$place"
	done
	has=$(sed -n 's/^status: CapEff:[[:space:]]*//p' "$made/inside")
	told=$(said "$job" capabilities | grep -o 'CAP_[A-Z_]*' | sort -u | xargs)
	case $has/$told in 0000000000000000/ | 0000000400000000/CAP_SYSLOG) ;; *) rights="$rights $job:$has/$told" ;; esac
	[ "$(said "$job" processes) $(grep -c '^in /proc: [0-9]' "$made/inside")" = "none but those of its jail, which /proc shows 1" ] ||
		[ "$(said "$job" processes) $(grep -c '^in /proc: pid$' "$made/inside")" = "none but those of its jail, which /proc shows 1" ] ||
		others="$others $job"
done <"$made/jobs"
[ "$compared" -gt 9 ]
ok $? "ten jobs at least have been compared: $compared"
is "$wrong" "" "what is mounted in each jail is what is said that it sees"
is "$rights" "" "its capabilities are those that are said"
is "$others" "" "and of processes it sees its own alone"
tap_end
