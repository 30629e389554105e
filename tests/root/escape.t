#!/bin/sh
# What a tool must not be able to do, tried with every right that a policy can give it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

# Calls that a policy may grant, but ours do not: without the filter's help it is for the
# namespaces, the rights, Landlock and the read-only root to refuse.
wide="kill tkill socket connect chmod fchmodat utimensat mkdirat symlinkat linkat unlinkat
	renameat2 setuid setresuid setgid setgroups capset setsid pidfd_open setpriority
	sched_setaffinity name_to_handle_at fanotify_init chdir"
wide=$(echo "$wide" | tr -s '\n\t ' ' ')

for rights in "own uid" "uid 0" "own uid, many calls" "uid 0, many calls"; do
	name=$(echo "$rights" | tr -d ' ,')
	case $rights in
	*many*) calls="@tool $wide" open=read-write ;;
	*) calls=@tool open=read-only ;;
	esac
	case $rights in *0*) uid="uid 0" ;; *) uid='' ;; esac
	policy "$made/$name" storage storage.drives <<-END
		[lsblk]
		$uid
		run $tools/escape
		see /sys/block /sys/devices/virtual
		[smart] each $made/foreign/*
		$uid
		run $tools/escape {instance}
	END
	mkdir -p "$made/foreign"
	[ "$(uname -m)" != x86_64 ] || touch "$made/foreign/x32" "$made/foreign/int80"
	calls=@tool open=read-only
	policy "$made/$name" pcie pcie.devices <<-END
		[lspci]
		run $tools/misbehave half
		limits wall 1s
	END
	audit "$name" --policy-dir "$made/$name" --timeout 6
	is "$(job "$name" storage/lsblk status)" ok "$rights: stub and collector saw the tool to its end"
	is "$(doc "$name" '.storage.drives[] | select(.key | startswith("won")) | .model')" "" \
		"$rights: nothing that was tried had success"
	tried=$(doc "$name" '.storage.drives[] | select(.key == "tried") | .model')
	[ "${tried#tried }" -gt 5000 ]
	ok $? "$rights: much was tried ($tried)"
	is "$(doc "$name" '.pcie.devices | length')" 50 "$rights: another job's whole records are all there"
	is "$(doc "$name" '[.pcie.devices[].src[]] | unique | join(" ")')" pcie/lspci \
		"$rights: and nobody else had a word in them"
	for call in mount ptrace unshare bpf io_uring_setup userfaultfd keyctl; do
		told=$(job "$name" storage/lsblk "denied | map(select(.call == \"$call\")) | length > 0")
		if [ "$told" = false ] && grep -q '^Seccomp:.*2' /proc/self/status; then
			skip "$rights: $call" "a filter around all of this refuses it before ours is asked"
			continue
		fi
		is "$told" true "$rights: the document says that $call was refused"
	done
	for call in x32 int80; do
		[ -e "$made/foreign/$call" ] || continue
		# SIGSEGV: built without them, or started with ia32_emulation=0.
		"$tools/escape" "$call" >"$made/outside" 2>&1
		if [ $? -eq 139 ]; then
			skip "$rights: $call" "this kernel has no such calls"
			continue
		fi
		is "$(job "$name" "storage/smart@$call" 'status + " " + .tools[0].signal')" "denied SIGSYS" \
			"$rights: a call of another table ($call) kills the tool"
	done
	valid "$name"
	gone_soon 1
	ok $? "$rights: no process is left"
done
tap_end
