#!/bin/sh
# Programs of ours that parse what others wrote, taken over: they have no terminal, whatever
# the audit was started on.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
command -v script >/dev/null || skip_all "script(1) is not installed"

mkdir -p "$made/bin" "$made/capture/sys/class/dmi/id" "$made/capture/storage/lsblk"
echo Acme >"$made/capture/sys/class/dmi/id/sys_vendor"
echo '{"blockdevices":[]}' >"$made/capture/storage/lsblk/stdout"
policy "$made/policies" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
policy "$made/policies" board system <<-END
	[sysfs]
	read /sys/class/dmi/id/sys_vendor
END

# taken PROGRAM OPTION...: the audit with it on a terminal, which is descriptor 7 too.
taken() {
	program=$1
	shift
	rm -rf "${made:?}/bin"
	mkdir "$made/bin"
	cp "$B"/bee-* "$made/bin"
	cp "$tools/grab" "$made/bin/$program"
	: >"$made/bin/log"
	chmod 666 "$made/bin/log"
	cat >"$made/start" <<-END
		exec 7<>/dev/tty
		exec $made/bin/bee-audit --policy-dir $made/policies --timeout 4 -q -o $made/out.json $*
	END
	script -qec "sh $made/start" "$made/typescript" >/dev/null 2>&1 </dev/null
	# A collector may write no file: its words are in the document.
	jq -r '.collectors[].stderr // [] | .[]' "$made/out.json" 2>/dev/null |
		grep -E ' (ran|has|types)' >>"$made/bin/log"
	[ "$(grep -c "^$program ran$" "$made/bin/log")" -gt 0 ]
	ok $? "$program $*: it was started"
	is "$(grep -v ' ran$' "$made/bin/log")" "" "$program $*: it finds no terminal"
	is "$(grep -a -c owned "$made/typescript")" 0 "$program $*: nothing it says reaches one"
}
taken bee-gather
taken bee-gather --replay "$made/capture"
taken bee-collect --replay "$made/capture"
taken bee-read --replay "$made/capture"
gone_soon 1
ok $? "no process is left"
tap_end
