#!/bin/sh
# Documents made from captured folders are what doc/schema says, and the same each time.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
fixtures=${FIXTURES:-$here/../fixtures}
bee=${BEE:-${B:-$here/../../build}/bee}
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT

if [ ! -x "$bee" ]; then
	skip "documents are what the schema says" "$bee is not there: make"
	tap_end
fi

# What differs from run to run: the audit's own times.
timeless() {
	sed -E -e 's/"(duration_ms|started_ms|jobs)": [0-9]+/"\1": 0/' -e 's/"started": "[^"]*"/"started": ""/' "$1"
}

for folder in "$fixtures"/*/; do
	name=$(basename "$folder")
	case $name in report | show) continue ;; esac # what they hold are documents
	"$bee" audit --replay "$folder" -o "$made/one.json" >/dev/null 2>"$made/err"
	status=$?
	case $status in 0 | 3) ;; *) sed 's/^/# /' "$made/err" ;; esac
	ok "$((status != 0 && status != 3))" "$name is replayed"
	if python3 -c 'import jsonschema' 2>/dev/null; then
		is "$(python3 "$here/../validate.py" "$made/one.json" 2>&1)" "" "$name: the document validates"
	else
		skip "$name: the document validates" "python3-jsonschema is not there"
	fi
	"$bee" audit --jobs 1 --replay "$folder" -o "$made/two.json" >/dev/null 2>&1
	timeless "$made/one.json" >"$made/one"
	timeless "$made/two.json" >"$made/two"
	diff "$made/one" "$made/two" >"$made/diff" 2>&1
	status=$?
	head -n 20 "$made/diff" | sed 's/^/# /'
	ok "$status" "$name: the same document with one job at a time"
done
if python3 -c 'import jsonschema' 2>/dev/null; then
	for document in server sick stuck; do
		is "$(python3 "$here/../validate.py" "$fixtures/report/$document.json" 2>&1)" "" \
			"the fixture $document.json is such a document"
	done
	sed 's/"replay": false/"replay": false, "surprise": 1/' "$fixtures/report/server.json" >"$made/bad.json"
	python3 "$here/../validate.py" "$made/bad.json" >/dev/null 2>&1
	is "$?" 1 "an undescribed property is found"
	python3 "$here/../validate.py" --open "$made/bad.json" >"$made/out" 2>&1
	is "$(grep -c surprise "$made/out")" 1 "for readers the schema is open, only the order is not"
fi
tap_end
