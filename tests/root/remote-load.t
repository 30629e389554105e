#!/bin/sh
# How fast bee-load is beside a plain COPY of the same documents as jsonb, with their components extracted, in one
# transaction and without an index; and how long each of the fleet's questions takes then. LOAD_DOCUMENTS says how many, 250 at least;
# `make check-ingest` has 20,000, and asks for 40 % and 0.2 s.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
[ "${LOAD_DOCUMENTS:-}" ] || skip_all "LOAD_DOCUMENTS does not say how many: a time is nothing for each check"
# shellcheck source=tests/root/postgres.sh
. "$here/postgres.sh"
documents=$LOAD_DOCUMENTS
"$B/bee" audit --replay "$root/tests/fixtures/rack-server" --quiet -o "$made/audit.json"
mkdir "$made/home"
# Each another machine, with parts of its own: the real document with another UUID and other serial numbers. One of 40
# has parts of the same numbers, one of 50 what is not well with this one; one of 100 has come 41 days ago, and in one
# of 250 are the drives that were in the one before.
jq -c . "$made/audit.json" >"$made/line"
cat >"$made/make.py" <<'END_PYTHON'
import hashlib, json, os, sys, time
made, count = sys.argv[1], int(sys.argv[2])
text = open(f"{made}/line", encoding="utf-8").read()


def changed(key, item, n):
    if key == "serial_number":
        return f"{item}-{n}"
    if key.endswith("mac_address"):
        return f"02:{n >> 16:02x}:{n >> 8 & 255:02x}:{n & 255:02x}{item[-6:]}"
    if key in ("part_number", "model"):
        return f"{item}-{n % 40}"
    return "OK" if key == "health_rollup" and n % 50 else item


def renamed(value, n):
    if isinstance(value, dict):
        return {key: changed(key, item, n) if isinstance(item, str) else renamed(item, n) for key, item in value.items()}
    return [renamed(item, n) for item in value] if isinstance(value, list) else value


with open(f"{made}/copy", "w", encoding="utf-8") as copy:
    for n in range(count):
        document = renamed(json.loads(text), n)
        document["identity"]["uuid"] = f"dddddddd-0000-4000-8000-{n:012x}"
        if n % 250 == 249:
            document["storage"] = renamed(json.loads(text)["storage"], n - 1)
        document = json.dumps(document)
        copy.write(document.replace("\\", "\\\\") + "\n")
        name = f"{made}/home/{hashlib.sha256(document.encode()).hexdigest()}"
        with open(name, "w", encoding="utf-8") as file:
            file.write(document)
        if n % 100 == 1:
            os.utime(name, (time.time() - 41 * 86400,) * 2)
END_PYTHON
python3 "$made/make.py" "$made" "$documents"
lists='memory,modules storage,drives processors gpus power_supplies pcie,devices network,interfaces'
plain() {
	sql "CREATE SCHEMA plain; CREATE TABLE plain.documents (doc jsonb NOT NULL);
		CREATE TABLE plain.components (kind text, key text, manufacturer text, model text, part_number text, serial_number text, firmware_version text, health text, props jsonb)"
	{
		echo "BEGIN;"
		echo "COPY plain.documents FROM STDIN;"
		cat "$made/copy"
		printf '%s\n' '\.'
		for list in $lists; do
			echo "INSERT INTO plain.components SELECT '$list', p ->> 'key', p ->> 'manufacturer', p ->> 'model', p ->> 'part_number', p ->> 'serial_number',
				p ->> 'firmware_version', p ->> 'health', p FROM plain.documents, jsonb_array_elements(doc #> '{$list}') p
				WHERE jsonb_typeof(doc #> '{$list}') = 'array';"
		done
		echo "COMMIT;"
	} | psql -X -q >"$made/out" 2>&1
}
began=$(now)
plain
plain_took=$(($(now) - began))
is "$(sql 'SELECT count(*) FROM plain.documents') $(cat "$made/out")" "$documents " "a plain COPY"
began=$(now)
"$root/remote/server/bee-load" -f "$made/home" >"$made/out" 2>"$made/err"
took=$(($(now) - began))
is "$(cat "$made/out" "$made/err")" "$documents files, $documents new documents" "bee-load has them, too"
[ "$(sql 'SELECT count(*) FROM components')" -ge "$(sql 'SELECT count(*) FROM plain.components')" ]
ok $? "with as many components or more"
echo "# $documents documents of $(wc -c <"$made/line") bytes: plain $plain_took ms, bee-load $took ms, $((100 * plain_took / took)) %"
[ $((100 * plain_took / took)) -ge "${LOAD_PERCENT:-10}" ]
ok $? "at ${LOAD_PERCENT:-10} % of the speed of a plain COPY"

# As long as it takes in the database, statistics gathered as its own daemon does it: the quickest of three, as others
# may want the processors.
sql "ANALYZE"
part=$(jq -r '[.memory.modules[].part_number | values][0]' "$made/audit.json")-7
model=$(jq -r '[.storage.drives[].model | values][0]' "$made/audit.json")-7
asks() {
	rows=$(sh "$root/remote/server/bee-fleet" --csv "$@" | tail -n +2 | wc -l)
	for _ in 1 2 3; do
		sh "$root/remote/server/bee-fleet" --explain "$@" >"$made/plan" 2>&1
		echo "$(awk '/Execution Time/ { print $3; exit }' "$made/plan") ms: fleet $*, $rows rows"
	done | sort -n | head -n 1 >"$made/least"
	sed 's/^/# /' "$made/plan" "$made/least"
	[ "$rows" -gt 0 ] && awk -v most="${LOAD_MS:-2000}" '{ exit !($1 > 0 && $1 < most) }' "$made/least"
	ok $? "fleet $*: in less than ${LOAD_MS:-2000} ms"
}
asks part "$part"
asks part "$model"
asks failing
asks failing drive
asks silent 40
asks moved
asks machine uuid:dddddddd-0000-4000-8000-000000000007
asks machines
tap_end
