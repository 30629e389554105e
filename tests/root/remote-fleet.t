#!/bin/sh
# What came home in PostgreSQL: each document once, one that it does not take in quarantine, and the fleet's questions.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/postgres.sh
. "$here/postgres.sh"
load=$root/remote/server/bee-load home=$made/home
mkdir "$home"
# put: a document on stdin, under its sum, which is in $made/sum then
put() {
	cat >"$home/new"
	sha256sum <"$home/new" | cut -d' ' -f1 >"$made/sum"
	mv "$home/new" "$home/$(cat "$made/sum")"
}
loads() { "$load" -f "$home" "$@" >"$made/out" 2>"$made/err"; }
fleet() { sh "$root/remote/server/bee-fleet" --csv "$@" 2>"$made/err"; }

# A real document, and the same machine later with one drive less.
"$B/bee" audit --replay "$root/tests/fixtures/rack-server" --quiet -o "$made/audit.json"
put <"$made/audit.json"
first=$(cat "$made/sum")
touch -d "40 days ago" "$home/$first"
loads
is "$? $(cat "$made/out" "$made/err")" "0 1 files, 1 new documents" "a document is loaded"
is "$(sql "SELECT encode(sha256(raw), 'hex') = sha256 AND doc = convert_from(raw, 'UTF8')::jsonb FROM documents")" t "as its very bytes"
is "$(sql "SELECT count(*) FROM components WHERE kind = 'drive'")" "$(jq '.storage.drives | length' "$made/audit.json")" "with each of its drives"
is "$(sql "SELECT kind, count(*) FROM components WHERE kind IN ('dimm', 'gpu', 'nic', 'cpu', 'psu', 'pci') GROUP BY 1 ORDER BY 1" | tr '\n' ' ')" \
	"$(jq -r '"cpu|\(.processors | length) dimm|\(.memory.modules | length) gpu|\(.gpus | length) nic|\(.network.interfaces | length) pci|\(.pcie.devices | length) psu|\(.power_supplies | length) "' "$made/audit.json")" \
	"and what else it has"
loads
is "$? $(cat "$made/out") $(sql 'SELECT count(*) FROM documents')" "0  1" "a second time it is not"
uuid=$(jq -r .identity.uuid "$made/audit.json")
is "$(fleet silent 30 | tail -n +2 | cut -d, -f1)" "uuid:$uuid" "fleet silent: who has not reported since"
jq '.storage.drives |= .[1:] | .audit.started = "2026-11-28T00:00:00Z"' "$made/audit.json" | put
loads
is "$(sql 'SELECT count(*) FROM documents') $(sql 'SELECT count(*) FROM machines') $(sql 'SELECT sha256 FROM machines')" "2 1 $(cat "$made/sum")" \
	"the newest document of a machine is the one that counts"
is "$(fleet silent 30 | tail -n +2)" "" "it has reported now"
is "$(fleet machine "uuid:$uuid" | grep -c '^drive,')" "$(jq '.storage.drives | length - 1' "$made/audit.json")" "fleet machine: as it is now"
touch -d "60 days ago" "$home/$first"

# A drive goes to another machine.
serial=$(jq -r '[.storage.drives[1:][] | select(.serial_number)][0].serial_number' "$made/audit.json")
jq --arg s "$serial" '{identity: {uuid: "11111111-2222-4333-8444-555555555555"},
	storage: {drives: [{key: "sda", serial_number: $s, model: "X", part_number: "P-1", health_rollup: "Critical", capacity_bytes: 12}]},
	memory: {modules: [{key: "0x1", part_number: "M321R8GA0BB0-CQKZJ", serial_number: 7, capacity_bytes: "big"}]}}' -n | put
loads
is "$(fleet moved | tail -n +2 | cut -d, -f2 | sort -u)" "$serial" "fleet moved: a serial number in two machines"
is "$(fleet moved | tail -n +2 | wc -l)" 2 "and in which"
is "$(fleet part M321R8GA0BB0-CQKZJ | tail -n +2 | cut -d, -f1 | sort -u | wc -l)" 2 "fleet part: in which machines"
is "$(fleet failing drive | grep -c '11111111-2222.*Critical$')" 1 "fleet failing: of one kind"
is "$(fleet machines | tail -n +2 | wc -l)" 2 "fleet machines: all"
fleet part "x' OR true; DROP TABLE bee.documents; --" >"$made/out"
is "$? $(tail -n +2 "$made/out") $(sql 'SELECT count(*) FROM documents')" "0  3" "a word is a word"
PGOPTIONS="-c default_transaction_read_only=off" fleet machines >/dev/null
for wrong in "" "format" "silent" "silent x" "part" "machine" "orders 1 2"; do
	# shellcheck disable=SC2086 # words
	fleet $wrong >/dev/null
	is "$?" 64 "fleet $wrong: usage"
done

# What PostgreSQL does not take, among what it does.
bad=
for text in '{"a":"\u0000"}' '{"a":"\ud800"}' '{"a":1e999999}' "$(printf '[%.0s' $(seq 20000))" '{' '' 'text' "$(printf '{"a":"\377"}')"; do
	printf %s "$text" | put
	bad="$bad $(cat "$made/sum")"
done
for n in $(seq 60); do echo "{\"identity\":{\"uuid\":\"aaaaaaaa-0000-4000-8000-0000000000$(printf %02x "$n")\"},\"gpus\":[{\"key\":\"g\"}]}" | put; done
echo "{}" >"$home/$(printf 'x' | sha256sum | cut -d' ' -f1)"
echo "{}" >"$home/not-a-sum"
loads -b 50
is "$? $(cat "$made/out")" "0 69 files, 60 new documents" "eight that cannot be in a table cost no other its place"
is "$(sql 'SELECT sha256 FROM quarantine ORDER BY 1' | tr '\n' ' ')" \
	"$({ echo "$bad" | tr ' ' '\n'; printf x | sha256sum | cut -d' ' -f1; } | grep . | sort | tr '\n' ' ')" "they are in quarantine, and so is one whose sum is not its name"
is "$(sql "SELECT encode(raw, 'escape') FROM quarantine WHERE why ~ 'u0000|Unicode' ORDER BY 1" | head -n 1)" '{"a":"\\u0000"}' "as they were, with a reason"
loads
is "$(cat "$made/out")" "" "and not tried again"
# What is no document of bee-boot's holds up none, is not followed, and is told of.
n=0
odd() { n=$((n + 1)); printf '%s/%064d' "$home" $n; }
ln -s "$made/audit.json" "$(odd)"
n=1 && mkdir "$(odd)"
n=2 && mkfifo "$(odd)"
n=3 && ln -s nowhere "$(odd)"
n=4 && truncate -s 67108865 "$(odd)"
echo '{"n":"beside what is odd"}' | put
timeout 20 "$load" -f "$home" --follow 1 >"$made/out" 2>"$made/err" &
loader=$!
for _ in $(seq 100); do
	[ -s "$made/out" ] && break
	sleep 0.1
done
sleep 1.2
kill -INT "$loader"
wait "$loader"
is "$(cat "$made/out")" "1 files, 1 new documents" "a document beside a link, a folder, a FIFO and 64 MiB and a byte is loaded"
is "$(sed 's/.*: //' "$made/err" | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
	" 1 Is a directory; 2 Too many levels of symbolic links; 2 not a plain file of 64 MiB at most;" "which are told of, each once and in a line"
rm -rf "$home"/00000000000000000000*
"$load" -f "$made/nowhere" >"$made/out" 2>"$made/err"
is "$? $(cat "$made/err")" "75 bee-load: $made/nowhere: No such file or directory" "a folder that is not there is told of in a line"
PGOPTIONS="-c default_transaction_read_only=on"
export PGOPTIONS
loads
is "$? $(wc -l <"$made/err") $(grep -c 'read-only' "$made/err")" "75 1 1" "so is a database that is read-only"
unset PGOPTIONS
# What is sealed is kept as it is, and nobody here looks into it.
printf 'bee-sealed 1\nkey 00DAB0C94DA56C6E\nend\n\0\377\t\\box' | put
loads
loads
is "$(sql "SELECT key, encode(raw, 'hex') LIKE '%6e640a00ff095c626f78' FROM sealed") $(sql 'SELECT count(*) FROM quarantine')" \
	"00DAB0C94DA56C6E|t $(echo "$bad" | wc -w | awk '{ print $1 + 1 }')" "what is sealed is kept apart"
# What passes is no fault of a document: here a disk that is full, as a trigger says it.
before=$(sql 'SELECT count(*) FROM quarantine')
sql "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no room'' USING ERRCODE = ''disk_full''; END';
	CREATE TRIGGER full_disk BEFORE INSERT ON documents EXECUTE FUNCTION full_disk()"
echo '{"n":"while the disk was full"}' | put
loads
is "$? $(sql 'SELECT count(*) FROM quarantine') $(grep -c 53100 "$made/err")" "75 $before 1" "a full disk puts nothing in quarantine, and is told"
sql "DROP TRIGGER full_disk ON documents"
loads
is "$? $(cat "$made/out")" "0 1 files, 1 new documents" "when it has room again the document is loaded"
sql "CREATE FUNCTION internal() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''invalid memory alloc request size'' USING ERRCODE = ''XX000''; END';
	CREATE TRIGGER internal BEFORE INSERT ON documents FOR EACH ROW WHEN (NEW.doc ? 'poison') EXECUTE FUNCTION internal()"
for text in '{"n":"beside one"}' '{"poison":1}' '{"n":"behind one"}'; do echo "$text" | put; done
loads
is "$? $(cat "$made/out") $(sql 'SELECT count(*) FROM quarantine')" "0 3 files, 2 new documents $((before + 1))" "a document at which the server fails each time stops no other"
sql "DROP TRIGGER internal ON documents; DELETE FROM quarantine WHERE why ~ 'alloc'"
rm "$home/$(echo '{"poison":1}' | sha256sum | cut -d' ' -f1)"
# Two at once, which happens when a unit is started beside a hand.
jq -c --arg s now '.audit.started = $s' "$made/audit.json" | put
twice=$(cat "$made/sum")
sql "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
	CREATE TRIGGER slow BEFORE INSERT ON documents EXECUTE FUNCTION slow()"
printf 'bee-result 1\nid node-6\nrequest %064d\norder %064d\nsequence 7\nstatus 0\nwhy -\nend\n' 1 1 | put
loads &
loads
first_end=$?
wait $!
is "$first_end $? $(sql 'SELECT count(*) FROM quarantine')" "0 0 $before" "two loaders at once"
is "$(sql "SELECT count(*) FROM components WHERE sha256 = '$twice' AND kind = 'drive'")" "$(jq '.storage.drives | length' "$made/audit.json")" "take each part once"
sql "DROP TRIGGER slow ON documents; DELETE FROM results"
rm "$home/$(cat "$made/sum")"
# More than is good for anybody's memory, in one batch.
for n in 1 2 3 4 5 6; do { printf '{"n":%d,"s":"' "$n"; head -c 15000000 /dev/zero | tr '\0' x; echo '"}'; } | put; done
prlimit --as=400000000 "$load" -f "$home" -b 100 >"$made/out" 2>"$made/err"
is "$? $(cat "$made/out")" "0 6 files, 6 new documents" "90 MB of documents are loaded in 400 MB of memory"
# In the place of lists and texts something else.
for text in '{"storage":{"drives":{"a":1}},"gpus":"x","memory":{"modules":[1,null,"x",[]]},"identity":[]}' '[]' '"x"' '7' 'null' \
	'{"identity":{"uuid":{"a":1}},"processors":[{"key":7,"model":["a"],"health_rollup":true}]}'; do
	printf %s "$text" | put
done
loads
is "$(cat "$made/out")" "6 files, 6 new documents" "documents of another shape are kept"

# The end of an order.
sums=$(printf '%064d' 1)
printf 'bee-result 1\nid node-7\nrequest %s\norder %s\nsequence 7\nstatus 9\nwhy -\nend\nbefore \\ it\tfailed\n\377\000\033[2J\n' "$sums" "$sums" | put
printf 'bee-result 1\nid node-8\nrequest %s\norder %s\nsequence 7\nstatus 0\nwhy -\nend\n' "$sums" "$sums" | put
loads
is "$(fleet orders | tail -n +2 | cut -d, -f1-4)" "node-7,7,9,-
node-8,7,0,-" "fleet orders: how they ended, failures first"
is "$(sql "SELECT replace(replace(log, chr(9), '<T>'), chr(27), '<E>') FROM results WHERE id = 'node-7'" | head -n 1)" 'before \ it<T>failed' "with what they said"

# The database is killed in the middle; the loader is. What is there in the end is each document, once.
for n in $(seq 400); do echo "{\"identity\":{\"uuid\":\"bbbbbbbb-0000-4000-8000-000000000$(printf %03x "$n")\"},\"n\":\"$(printf '%02000d' "$n")\"}" | put; done
all=$(find "$home" -type f -name '[0-9a-f]*' | wc -l)
reached=0
for round in 1 2 3; do
	loads -b 7 &
	loader=$!
	# In the middle: some are there, and some are not.
	for _ in $(seq 100); do
		[ "$(sql "SELECT count(*) FROM machines WHERE machine ~ 'bbbbbbbb'" 2>/dev/null)" -gt "$reached" ] && break
		sleep 0.1
	done
	reached=$(sql "SELECT count(*) FROM machines WHERE machine ~ 'bbbbbbbb'")
	if [ $round = 2 ]; then
		postgres pg_ctl -m immediate -D "$made/pg/data" stop >/dev/null 2>&1
		wait $loader
		is "$?" 75 "a database that goes away is told"
		start
	else
		pkill -KILL -P $loader 2>/dev/null
		kill -KILL $loader 2>/dev/null
		wait $loader 2>/dev/null
	fi
done
[ "$reached" -gt 0 ] && [ "$reached" -lt 400 ]
ok $? "three were ended in the middle, the last at $reached of 400"
loads
is "$(sql 'SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM quarantine) + (SELECT count(*) FROM results) + (SELECT count(*) FROM sealed)')" "$all" \
	"killed in the middle, and the database too: in the end each document is there, once"
is "$(sql "SELECT count(*) FROM machines WHERE machine ~ 'bbbbbbbb'")" 400 "and each machine"
tap_end
