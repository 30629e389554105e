# What the root tests share: a private mount namespace, policies, audits, questions to documents.
# shellcheck shell=sh disable=SC2034
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/../cli/tap.sh"

skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip_all "audits need root"
command -v jq >/dev/null || skip_all "jq is not installed"
B=${B:-$root/build}
case $B in /*) ;; *) B=$PWD/$B ;; esac
export B
tools=$B/tests/tools
[ -x "$tools/misbehave" ] || skip_all "build/tests/tools is not built: make test-tools"

# Own mounts, an own /run/bee and own process numbers: nothing here meets an audit of the
# machine, and nothing outlives the test.
if [ -z "${BEE_TEST_PRIVATE:-}" ]; then
	BEE_TEST_PRIVATE=1
	export BEE_TEST_PRIVATE
	exec unshare -m -p -f --mount-proc --propagation private sh "$0" "$@"
fi
mkdir -p /run/bee
mount -t tmpfs -o mode=0700 tmpfs /run/bee || skip_all "cannot mount a tmpfs"
made=$(mktemp -d) || exit 1
chmod 755 "$made"
servers=

# What hangs is let go first, or nothing could be removed.
tidy() {
	for pid in $servers; do kill -9 "$pid" 2>/dev/null; done
	cd /
	awk -v top="$made" 'index($2, top) == 1 { print $2 }' /proc/mounts |
		while read -r mounted; do umount -l "$mounted" 2>/dev/null; done
	rm -rf --one-file-system "$made"
}
trap tidy EXIT
trap 'exit 1' INT TERM HUP

# policy DIR COLLECTOR EMITS [WORD...]: a policy file from a common head and steps on stdin.
# Words are more lines for the head.
policy() {
	mkdir -p "$1"
	{
		printf 'policy 1\ncollector %s\nemits %s\n' "$2" "$3"
		[ -z "${order:-}" ] || echo "order $order"
		printf 'limits %s\n' "${limits:-wall 3s  term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64}"
		printf 'syscalls %s\nopen %s\ndefault report ENOSYS\n' "${calls:-@tool}" "${open:-read-only}"
		cat
	} >"$1/$2.policy"
}

# now: milliseconds. Beside it is kept for how long until now, and until the call before, somebody on this
# machine waited for a processor (in us; nothing where the kernel does not tell).
now() {
	psi_now=''
	[ ! -r /proc/pressure/cpu ] || read -r _ _ _ _ psi_now </proc/pressure/cpu
	psi_then=''
	[ ! -e "$made/stalled" ] || read -r psi_then _ <"$made/stalled"
	echo "${psi_now#total=} $psi_then" >"$made/stalled"
	date +%s%3N
}

# audit NAME OPTION...: $made/NAME.{json,out,err}; $status and $took (ms).
audit() {
	name=$1
	shift
	began=$(now)
	"$B/bee" audit -o "$made/$name.json" "$@" >"$made/$name.out" 2>"$made/$name.err" </dev/null
	status=$?
	took=$(($(now) - began))
}

# pace: how many times the time of an idle machine a small audit takes here now, 1 to 6. Limits that a
# good job has to keep are multiplied by it.
pace() {
	policy "$made/pace" storage storage.drives <<-END
		[lsblk]
		run $tools/misbehave good
	END
	audit pace --policy-dir "$made/pace"
	[ "$took" -lt 1200 ] || took=1200
	echo $((took / 200 > 1 ? took / 200 : 1))
}

# True where more processes want to run than these tests alone are.
busy() {
	read -r load _ </proc/loadavg
	[ "${load%.*}" -ge $((2 * $(nproc))) ]
}

# doc NAME FILTER: jq over the document.
doc() { jq -r "$2" "$made/$1.json" 2>&1 | head -n 60; }

# job NAME JOB PROPERTY
job() { doc "$1" ".collectors[] | select(.job == \"$2\") | .$3"; }

# in_time LIMIT-MS WHAT: $took, between the last two calls of now, is no more. What somebody waited for a
# processor meanwhile does not count, up to what an audit may be lent for it (PATIENCE_MAX in runner/clock.h).
in_time() {
	read -r psi_now psi_then <"$made/stalled"
	psi_ms=$(((${psi_now:-0} - ${psi_then:-0}) / 1000))
	[ "$psi_ms" -lt 5000 ] || psi_ms=5000
	[ "$took" -le $(($1 + psi_ms)) ]
	ok $? "$2"
	[ "$took" -le $(($1 + psi_ms)) ] || printf '# took %d ms, limit %d ms, and %d for others\n' "$took" "$1" "$psi_ms"
}

# raw FILE...: how many lines hold bytes that a terminal may obey.
raw() { LC_ALL=C grep -c "[$(printf '\001-\010\013\014\016-\037\177-\237')]" "$@" | awk -F: '{ n += $NF } END { print n }'; }

# ours [PATTERN]: processes of this build that are there: helpers, stubs, tools.
ours() {
	# One process for all of them: on a busy machine what is looked for has gone else.
	# shellcheck disable=SC2012
	ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's,^.* /proc/\([0-9]*\)/exe -> \(.*\)$,\1 \2,p' |
		grep -F -- "$B/" | grep -v -F -- "$tools/fusehang" | grep -- "${1:-.}"
}

# gone_soon SECONDS [PATTERN]: waits until none of ours is left.
gone_soon() {
	for _ in $(seq 1 $((20 * $1))); do
		ours "${2:-}" >/dev/null || return 0
		sleep 0.05
	done
	ours "${2:-}" | sed 's/^/# left: /'
	return 1
}

# valid NAME: the document against its schema.
valid() {
	if ! [ -e "$here/../validate.py" ] || ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
		skip "the document of $1 is valid" "python3-jsonschema or the schema is not there"
		return
	fi
	/usr/bin/python3 "$here/../validate.py" "$made/$1.json" >"$made/valid" 2>&1
	ok $? "the document of $1 is valid"
	head -n 5 "$made/valid" | sed 's/^/# /'
}

# hang_start DIR [FILE]: a file system there on which everything hangs, until hang_end; with
# FILE only from when that is there, and until then DIR/log can be written.
hang_start() { fuse_start fusehang "$@"; }

# fuse_start TOOL DIR WORD...: a server of tests/tools.
fuse_start() {
	server_of=$1
	shift
	mkdir -p "$1"
	mkfifo "$made/ready.$$"
	"$tools/$server_of" "$@" >"$made/ready.$$" 2>"$made/$server_of.err" &
	hang_pid=$!
	servers="$servers $hang_pid"
	read -r answer <"$made/ready.$$"
	rm "$made/ready.$$"
	[ "$answer" = ready ]
}

hang_end() {
	kill -9 "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# timed_out NAME JOB: its status; "starved" is "timeout" where more wants the processors than there are.
timed_out() {
	said=$(job "$1" "$2" status)
	[ "$said" != starved ] || [ "$(cut -d. -f1 /proc/loadavg)" -lt "$(nproc)" ] || said=timeout
	echo "$said"
}
