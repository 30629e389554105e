#!/bin/sh
# bee accept where it makes the audit itself.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
command -v minisign >/dev/null || skip_all "minisign is not installed"

minisign -G -W -f -p "$made/key.pub" -s "$made/key" >/dev/null
echo 'no finding above Critical' >"$made/spec"
cd "$made" || exit 1
"$B/bee" accept -e spec -k key -o certificate --timeout 20 -q >out 2>err </dev/null
is "$? $(cat out) $(cat err)" "0 $("$B/bee-verify" -e spec -f nagios certificate/audit.json | sed 's/ | .*//') " "this machine is audited, and accepted"
is "$(jq -r .audit.replay certificate/audit.json) $(grep -c '^# document of an audit made for this$' certificate/certificate.txt)" "false 1" \
	"and the certificate says that the audit was made for it"
(cd certificate && minisign -Vm certificate.txt -p ../key.pub && sha256sum -c --strict certificate.txt) >checked 2>&1
ok $? "which a stranger can check"
"$B/bee" accept -e spec -k key -o refused --timeout nonsense >out 2>err </dev/null
is "$? $(tail -n 1 err) $(find . -name 'refused*')" "2 bee-accept: the audit failed; there is no certificate " "an audit that fails makes none"
# Whatever of it does not fit, the words name it, and the reason.
mkdir full
cat >full.sh <<-'END'
	mount -t tmpfs -o size=$1k tmpfs full && "$2" accept -e spec -k key -o full/m given.json
	status=$?
	ls full
	exit $status
END
jq '.collectors = [] | .audit.complete = true' certificate/audit.json >given.json
for size in $(seq 4 4 128); do
	unshare --mount --propagation private sh full.sh "$size" "$B/bee" >>told 2>&1 </dev/null || echo "exit $?" >>told
done
is "$(grep -ac '^exit 2$' told) $(LC_ALL=C tr -d '\n -~' <told | wc -c)" "$(grep -ac 'No space left on device' told) 0" "a full disk is the reason each time"
ok "$(grep -q 'm.part/audit.json: No space' told && grep -q 'm.part/audit.json.minisig: No space' told && ! grep -q 'm.part$' told; echo $?)" \
	"from the first that is written to the last, and nothing stays"
# A signal ends the audit, and leaves nothing.
"$B/bee" accept -e spec -k key -o ended --timeout 30 >out 2>err </dev/null &
accept=$!
until [ -d ended.part ]; do sleep 0.05; done
kill -TERM $accept
wait $accept
status=$?
[ $status -eq 0 ] || is "$status $(tail -n 1 err) $(find . -name 'ended*')" "2 bee-accept: ended by a signal; there is no certificate " "one that is ended leaves nothing behind"
[ $status -ne 0 ] || skip "one that is ended leaves nothing behind" "it was done before the signal came"
tap_end
