#!/bin/sh
# What could not be listed or opened has an entry that says why: nothing is missing in silence.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

traced=true
command -v strace >/dev/null && strace -f -qq -e trace=none true 2>/dev/null || traced=false

# inject NAME WHAT OPTION...: an audit in which calls fail as strace is told.
inject() {
	name=$1
	expression=$2
	shift 2
	strace -f -qq -o /dev/null -e trace="${expression%%:*}" -e inject="$expression" \
		${only:+-P "$only"} "$B/bee-audit" -q -o "$made/$name.json" "$@" \
		>"$made/$name.out" 2>&1 </dev/null
	status=$?
}

mkdir "$made/devices"
: >"$made/devices/v1"
: >"$made/devices/v2"
order=1
policy "$made/late" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave wait
END
order=
limits="wall 3s  term 1s  kill 1s  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64"
policy "$made/late" pcie pcie.devices <<-END
	[lspci] each $made/devices/*
	run $tools/misbehave half
END
limits=

# The lister's turn comes when the first job is over, and that is too late for its step's grace.
audit late --policy-dir "$made/late" --jobs 1 --timeout 3
is "$(job late pcie/lspci status)" skipped "a lister that comes too late: its step is skipped"
is "$(job late pcie/lspci reason)" "the deadline came before its turn" "a lister that comes too late: it says why"
is "$status $(doc late .audit.complete)" "3 false" "a lister that comes too late: the audit is not complete"
valid late

# Several before the lister: strace counts each process's calls apart, and the first process of
# an audit makes some before there is a monitor.
order=1
for collector in storage board cpu memory; do
	policy "$made/good" $collector storage.drives <<-END
		[lsblk]
		run $tools/misbehave good
	END
done
order=
policy "$made/good" pcie pcie.devices <<-END
	[lspci] each $made/devices/*
	run $tools/misbehave half
	limits wall 200ms
END
if $traced; then
	# Wherever a process cannot be made, both steps have an entry, or there is no document.
	lost='' refused=''
	for n in $(seq 1 16); do
		rm -f "$made/clone.json"
		inject clone "clone3:error=EAGAIN:when=$n" --policy-dir "$made/good" --timeout 4
		[ -e "$made/clone.json" ] || continue
		is "$(doc clone '[.collectors[].step] | unique | join(" ")')" "lsblk lspci" \
			"clone3 number $n fails: both steps have an entry"
		[ "$status" = 3 ] || lost="$lost $n"
		refused="$refused $(doc clone '.collectors[] | select(.status == "setup") | .job + ": " + .reason')"
	done
	is "$lost" "" "where clone3 fails the audit is not complete"
	case $refused in
	*"pcie/lspci: clone3: Resource temporarily unavailable"*) ok 0 "a lister without a process: stage and errno" ;;
	*) is "$refused" "pcie/lspci: clone3: ..." "a lister without a process: stage and errno" ;;
	esac

	only=$made/devices
	inject died getdents64:signal=KILL --policy-dir "$made/good" --timeout 4
	is "$(job died pcie/lspci status) $status" "crashed 3" "a lister that dies: its step crashed"
	is "$(job died pcie/lspci reason)" "listing $made/devices/* ended unexpectedly" "a lister that dies: it says so"
	inject unlisted openat:error=EIO --policy-dir "$made/good" --timeout 4
	is "$(job unlisted pcie/lspci '| .status + " " + .reason')" \
		"setup listing the instances: Input/output error" "a folder that cannot be listed: stage and errno"
	inject half getdents64:error=EIO:when=2 --policy-dir "$made/good" --timeout 4
	is "$(doc half '[.collectors[] | select(.step == "lspci") | .job] | sort | join(" ")')" \
		"pcie/lspci pcie/lspci@v1 pcie/lspci@v2" "half a list: its instances, and an entry for the rest"
	only=
else
	skip "a lister without a process, or that dies" "no strace here"
fi

# Programs that are there and cannot be opened. Root reads what has no mode, but does not run it.
ln -s loop "$made/loop"
ln -s nowhere "$made/dangling"
cp "$tools/misbehave" "$made/refused"
chmod 644 "$made/refused"
policy "$made/programs" pcie pcie.devices <<-END
	[lspci]
	run $made/refused good
END
policy "$made/programs" storage storage.drives <<-END
	[lsblk]
	run $made/loop good
	[nvme-list]
	run $made/dangling good
	[nvme-id]
	run $made/refused/below good
END
audit programs --policy-dir "$made/programs"
is "$(job programs pcie/lspci '| .status + ": " + .reason')" "setup: opening the program: Permission denied" \
	"a program that may not be run is not missing"
is "$(job programs storage/lsblk '| .status + ": " + .reason')" \
	"setup: opening the program: Too many levels of symbolic links" "a program behind a loop is not missing"
is "$(job programs storage/nvme-list status)" unavailable "a program behind a dangling link is not installed"
is "$(job programs storage/nvme-id status)" unavailable "a program below a file is not installed"
is "$status" 3 "programs that cannot be opened: the audit is not complete"
valid programs
if $traced; then
	for error in EIO ESTALE ENOMEM EMFILE; do
		strace -f -qq -o /dev/null -P /usr/bin/lspci -P /usr/sbin/lspci -e trace=access,openat \
			-e inject=access,openat:error=$error \
			"$B/bee-audit" --only pcie -q -o "$made/lspci.json" </dev/null
		is "$? $(job lspci pcie/lspci status)" "3 setup" "$error of a program: not \"not installed\""
	done
else
	skip "programs that answer with errors" "no strace here"
fi

# A name that is refused in one folder may be good in the next.
mount -t tmpfs tmpfs /usr/local/sbin
mount -t tmpfs tmpfs /usr/local/bin
cp "$tools/misbehave" /usr/local/bin/bee-test-tool
cp "$made/refused" /usr/local/sbin/bee-test-tool
policy "$made/path" storage storage.drives <<-END
	[lsblk]
	run bee-test-tool good
END
audit path --policy-dir "$made/path"
is "$(job path storage/lsblk '| .status + " " + .tools[0].path')" "ok /usr/local/bin/bee-test-tool" \
	"the first program that can be run is taken"
chmod 644 /usr/local/bin/bee-test-tool
audit path --policy-dir "$made/path"
is "$(job path storage/lsblk status)" setup "where none can be run, it is not \"not installed\""
tap_end
