#!/bin/sh
# bee guest: the tests of systemd's own units (Debian's systemd-tests) as payload of the default guest, beside systemd-nspawn with a
# user namespace: what passes there passes here. Some minutes, so it is asked for: make check-payload.
# BEE_PAYLOAD_TREE: a Debian with systemd-tests; BEE_PAYLOAD_OUT: a folder that keeps both lists.
# shellcheck disable=SC2016 source=tests/root/guest-env.sh
. "$(dirname "$0")/guest-env.sh"

tree=${BEE_PAYLOAD_TREE:-}
{ [ -n "$tree" ] && [ -x "$tree/usr/lib/systemd/tests/test-path-util" ]; } ||
	skip_all "BEE_PAYLOAD_TREE names no tree with systemd-tests: make check-payload does"
command -v systemd-nspawn >/dev/null || skip_all "systemd-nspawn is not installed"
guest rm probe
# 77 is a test that says itself that it cannot be run (automake's word for skipped).
all='[ -s /etc/machine-id ] || systemd-machine-id-setup >/dev/null 2>&1
cd /tmp
for test in /usr/lib/systemd/tests/test-*; do
	timeout -k 5 60 "$test" </dev/null >/dev/null 2>&1
	case $? in 0) word=pass ;; 77) word=skip ;; *) word=fail ;; esac
	echo "${test##*/} $word"
done'
cp -a "$tree" "$trees/there"

printf '%s\n' "$all" >"$trees/there/root/all"
timeout 1800 systemd-nspawn -q -D "$trees/there" --register=no --keep-unit -U --private-users-ownership=map --private-network \
	--pipe sh /root/all </dev/null | grep '^test-' >"$made/nspawn"
# At a terminal: without one /dev/console is /dev/null by another name, which test-sd-device does not believe.
timeout 1800 script -qec "$B/bee guest run payload --root $trees/there --volatile --quiet -- sh /root/all" /dev/null </dev/null |
	tr -d '\r' | grep '^test-' >"$made/bee"
guest rm payload
[ -z "${BEE_PAYLOAD_OUT:-}" ] || cp "$made/nspawn" "$made/bee" "$BEE_PAYLOAD_OUT"
count() { awk -v word="$2" '$2 == word { n++ } END { print n + 0 }' "$made/$1"; }
for where in nspawn bee; do
	echo "# $where: $(count $where pass) pass, $(count $where skip) skip, $(count $where fail) fail of $(wc -l <"$made/$where")"
done
ok $(($(count nspawn pass) < 200)) "under systemd-nspawn most pass"
awk 'NR == FNR { there[$1] = $2; next } $2 == "fail" && there[$1] == "pass" { print $1 }' "$made/nspawn" "$made/bee" >"$made/worse"
is "$(tr '\n' ' ' <"$made/worse")" "" "none fails here that passes there"
ok $(($(count bee pass) < 237)) "and at least 237 pass"
tap_end
