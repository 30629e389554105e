#!/bin/sh
# The image's audit where /var/log takes nothing: the document is in /run, and that is told.
# shellcheck disable=SC2016 # a program's text
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
scripts=$root/iso/overlay/usr/local/lib/bee
mkdir "$made/bin"
mount -t tmpfs bee /run
mount -t tmpfs -o size=1m bee /var/log
document=/var/log/bee-audit.json

# What is audited is not the question here: a document of 300 kB, and the exit that a stuck job makes.
cat >"$made/bin/bee" <<'END'
#!/bin/sh
while [ "$1" != -o ]; do shift; done
[ -z "${NOTHING:-}" ] || exit 70
umask 027
{ echo '{"schema_version": 1, "pad": "'; head -c 300000 /dev/zero | tr '\0' "${FILL:-a}"; echo '"}'; } >"$2"
exit 3
END
chmod 755 "$made/bin/bee"
export PATH="$made/bin:$PATH"
in_run() { find /run -maxdepth 1 -name 'bee*' -printf '%f '; }
audit_at_boot() {
	sh "$scripts/audit" >"$made/said" 2>"$made/err"
	status=$?
}

audit_at_boot
is "$status $(stat -c %a $document) $(cat "$made/said" "$made/err")" "3 640 " "the document is in /var/log, the exit is the audit's"
cmp -s $document /run/bee-audit.json
ok $? "and in /run, where it was made"

head -c 600000 /dev/zero >/var/log/full
export FILL=b
audit_at_boot
is "$status $(cat "$made/said")" "3 <3>/var/log takes no document, is it full? It is /run/bee-audit.json." \
	"where it does not fit, the journal is told"
is "$(wc -c </run/bee-audit.json) $(stat -c %a /run/bee-audit.json) $(in_run)" "300034 640 bee-audit.json " "/run has it whole"
is "$(tr -dc ab <$document | tr -s a)" a "the document of the audit before stays as it was"
is "$(find /var/log -name '*.new')" "" "and no part of the new one"

rm $document
mkdir "$made/shown"
printf '#!/bin/sh\n[ "$1" != report ] || wc -c\n' >"$made/shown/bee"
printf '#!/bin/sh\necho active\n' >"$made/shown/systemctl"
chmod 755 "$made/shown"/*
is "$(PATH="$made/shown:$PATH" unshare -n sh "$scripts/console" 2>/dev/null)" 300034 "the console shows that one"

rm /var/log/full
audit_at_boot
is "$status $(grep -c bbbb $document)" "3 1" "when there is room again the document is in /var/log"

mount -o remount,ro /var/log
audit_at_boot
is "$status $(in_run)" "3 bee-audit.json " "a /var/log that cannot be written is as a full one"
export NOTHING=1
rm /run/bee-audit.json
audit_at_boot
is "$status $(in_run)" "70 " "an audit that made none is told by its exit alone"
tap_end
