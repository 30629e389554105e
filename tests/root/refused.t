#!/bin/sh
# What an audit refuses to begin with, and what can be had without root.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
# refused STATUS WHAT OPTION...
refused() {
	wanted=$1 what=$2
	shift 2
	rm -f "$made/out.json"
	"$B/bee" audit -o "$made/out.json" "$@" >"$made/out" 2>"$made/err" </dev/null
	is $? "$wanted" "$what: exit $wanted"
	[ ! -e "$made/out.json" ] && [ ! -s "$made/out" ]
	ok $? "$what: there is no document and no summary"
	[ -s "$made/err" ] && [ "$(raw "$made/err")" = 0 ]
	ok $? "$what: it says why, in plain text"
}

mkdir "$made/empty"
refused 65 "a policy folder without policies" --policy-dir "$made/empty"
refused 65 "no policy folder" --policy-dir "$made/none"
for line in 'frobnicate yes' 'syscalls mount' "$(printf 'caps CAP_\033[31m')"; do
	rm -rf "$made/bad"
	cp -r "$made/good" "$made/bad"
	policy "$made/bad" pcie pcie.devices <<-END
		[lspci]
		run $tools/misbehave half
		$line
	END
	refused 65 "one bad line in one policy (${line%% *})" --policy-dir "$made/bad"
	is "$(grep -c 'pcie.policy:[0-9]*:[0-9]*: ' "$made/err")" 1 "and where it is (${line%% *})"
done
chmod 000 "$made/bad/storage.policy"
ln -sf /dev/zero "$made/bad/pcie.policy"
refused 65 "a policy that is no file" --policy-dir "$made/bad"
refused 65 "--only a collector without policy" --policy-dir "$made/good" --only storage,tape
for option in --no-such-option --timeout=0 --timeout=x --timeout=-1 --timeout=9999999999999999999 \
	--jobs=0 --jobs=x --only= extra; do
	refused 64 "$option" --policy-dir "$made/good" "$option"
done
refused 64 "--capture with --replay" --policy-dir "$made/good" --capture "$made/a" --replay "$made/b"
refused 73 "--capture into a folder that holds something" --policy-dir "$made/good" --capture "$made/good"
is "$(cat "$made/err")" "bee-audit: --capture $made/good: it is not empty" "and what is wrong with it"
refused 73 "--capture below a file" --policy-dir "$made/good" --capture "$made/good/storage.policy/x"
is "$(cat "$made/err")" "bee-audit: --capture $made/good/storage.policy/x: Not a directory" "and what is wrong with that"

# As an ordinary user.
chmod 711 "$made"
cp -r "$root/policy" "$made/policy"
command -v setpriv >/dev/null || { skip "as an ordinary user" "no setpriv"; tap_end; }
as_user() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		"$made/tree/build/bee" audit "$@" >"$made/user.out" 2>"$made/user.err" </dev/null
}
for_everybody "$made/tree"
mkdir "$made/spool"
chmod 777 "$made/spool"
as_user -o "$made/spool/x.json" --policy-dir "$made/policy"
is $? 64 "without root an audit is refused"
is "$(grep -c -e '--replay' "$made/user.err")" 1 "and it is said what can be had without"
as_user --dry-run --policy-dir "$made/policy"
is $? 0 "without root a dry run is possible"
grep -q lsblk "$made/user.out"
ok $? "and names what would run"
audit captured --policy-dir "$made/good" --capture "$made/capture"
is "$status" 0 "a capture completes"
chmod -R a+rX "$made/capture" "$made/good"
as_user --replay "$made/capture" --policy-dir "$made/good"
is $? 0 "without root a capture is replayed"
is "$(jq -c '.storage.drives' "$made/user.out")" "$(jq -c '.storage.drives' "$made/captured.json")" "and gives the same drives"
gone_soon 1
ok $? "and leaves no process"
tap_end
