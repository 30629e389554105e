#!/bin/sh
# Where a document goes: by every name of stdout, through no link that others planted.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

policy "$made/p" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
END
policy "$made/p" pcie pcie.devices <<-END
	[lspci]
	run $tools/misbehave good
END

# to NAME: an audit with -o NAME; $made/to.{out,err}, $status.
to() {
	"$B/bee" audit -q --policy-dir "$made/p" --only storage -o "$1" >"$made/to.out" 2>"$made/to.err" </dev/null
	status=$?
}
# drives: of the document on stdout.
drives() { jq -r '.storage.drives[].key' "$made/to.out" 2>&1 | head -n 1; }

ln -s /dev/stdout "$made/link"
ln -s link "$made/link-to-link"
for name in - "$made/link" "$made/link-to-link" //dev/stdout /dev/./stdout /proc/self/task/../fd/1 \
	/proc/thread-self/fd/1 //dev/fd/1 "$made/to.out"; do
	to "$name"
	is "$status $(drives)" "0 sda" "-o ${name#"$made/"}: the document is on stdout"
done
"$B/bee" audit -q --policy-dir "$made/p" --only storage -o "/proc/$$/fd/5" 5>"$made/other" >"$made/to.out" 2>/dev/null </dev/null
is $? 64 "-o by another process's descriptor: refused"
exec 5>"$made/mine"
"$B/bee" audit -q --policy-dir "$made/p" --only storage -o "/proc/$$/fd/5" >&5 2>/dev/null </dev/null
is "$? $(jq -r '.storage.drives[].key' "$made/mine")" "0 sda" \
	"-o by another process's descriptor of the same file: the document is there"
exec 5>&-
for name in /dev/stderr /dev/./stderr /proc/self/fd/2 /dev/fd/0 /dev/fd/17 "$made/to.err"; do
	to "$name"
	is "$status $(wc -c <"$made/to.out")" "64 0" "-o ${name#"$made/"}: refused"
	is "$(grep -c 'a file, or - for stdout' "$made/to.err")" 1 "-o ${name#"$made/"}: in words"
done
"$B/bee" audit -q --policy-dir "$made/p" --only storage -o /dev/null >"$made/to.out" 2>/dev/null </dev/null
is "$? $(wc -c <"$made/to.out")" "0 0" "-o /dev/null, and stderr there too: nothing is written"

# What others may put into a folder that is everybody's.
mkdir -p "$made/etc"
mkdir -m 1777 "$made/tmp"
chmod 1777 "$made/tmp"
other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
echo secret >"$made/etc/shadow"
other ln -s "$made/etc/shadow" "$made/tmp/link"
other ln -s "$made/etc" "$made/tmp/folder"
other mkfifo -m 666 "$made/tmp/fifo"
ln -s "$made/tmp/link" "$made/through"
for name in tmp/link tmp/folder/shadow tmp/folder/new through tmp/fifo; do
	to "$made/$name"
	is "$status" 73 "-o $name: exit 73"
	is "$(grep -c 'another user' "$made/to.err")" 1 "-o $name: in words"
done
is "$(cat "$made/etc/shadow" "$made/etc"/*)" "$(printf 'secret\nsecret')" "no target of theirs is touched"
ln -s "$made/etc/own" "$made/tmp/own"
echo old >"$made/etc/own"
to "$made/tmp/own"
is "$status $(jq -r '.storage.drives[].key' "$made/etc/own")" "0 sda" "-o by root's own link in that folder: followed"
[ -L "$made/tmp/own" ]
ok $? "the link stays one"
mkdir "$made/home"
chown 65534 "$made/home"
other ln -s "$made/etc/own" "$made/home/link"
to "$made/home/link"
is "$status" 0 "-o by a user's link in his own folder: followed, as the kernel does"
# shellcheck disable=SC2016
other sh -c 'echo mine >"$1"' sh "$made/tmp/.new.json.new"
to "$made/tmp/new.json"
is "$status $(stat -c %u "$made/tmp/new.json")" "0 0" "-o in that folder, its temporary file planted: a file of root's"
mkfifo "$made/fifo"
jq -r '.storage.drives[].key' <"$made/fifo" >"$made/read" &
reader=$!
to "$made/fifo"
wait $reader
is "$status $(cat "$made/read")" "0 sda" "-o a FIFO of root's: written as it is"
ln -s loop "$made/loop"
to "$made/loop"
is "$status" 73 "-o a link to itself: exit 73"
ln -s nothing "$made/dangling"
to "$made/dangling"
is "$status" 73 "-o a link to nowhere: exit 73"
for name in tmp tmp/ tmp/.. . / etc/shadow/x nowhere/x; do
	to "$made/$name"
	is "$status" 73 "-o $name: exit 73"
done
(cd "$made" && "$B/bee" audit -q --policy-dir "$made/p" -o relative.json </dev/null >/dev/null 2>&1)
is "$? $(jq -r '.storage.drives[].key' "$made/relative.json")" "0 sda" "-o a name in this folder"

# A partial document is no news of the whole machine.
mkdir "$made/log"
mount --bind "$made/log" /var/log
"$B/bee" audit --policy-dir "$made/p" >/dev/null 2>&1 </dev/null
whole=$(cksum <"$made/log/bee-audit.json")
is "$(jq -c '[.audit.only, .audit.with]' "$made/log/bee-audit.json")" "[null,null]" "the whole: only and with are null"
"$B/bee" audit --policy-dir "$made/p" --only storage >"$made/to.out" 2>"$made/to.err" </dev/null
is "$? $(drives)" "0 sda" "--only without -o: the document is on stdout"
is "$(grep -c 'only storage: the document goes to stdout' "$made/to.err")" 1 "--only without -o: it is said"
is "$(cksum <"$made/log/bee-audit.json")" "$whole" "--only without -o: the full document stays"
is "$(jq -c '.audit.only' "$made/to.out")" '["storage"]' "--only is told in the document"
umount /var/log

# A gatherer that was taken over counts less than there is.
mkdir "$made/bin"
cp "$B"/bee* "$made/bin" 2>/dev/null
cp "$tools/modest" "$made/bin/bee-gather"
policy "$made/bad" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave exit1
END
"$made/bin/bee-audit" -q -o "$made/modest.json" --policy-dir "$made/bad" >/dev/null 2>&1 </dev/null
is "$? $(cat "$made/modest.json")" '3 {"all": "fine"}' "a gatherer that knows of no failed job: exit 3 all the same"
tap_end
