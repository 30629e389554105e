#!/bin/sh
# Each call that confines a job fails once: then its program does not run, or runs as confined as ever.
# So does each that the first process starts with: then it ends with a word.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -x "$B/tests/faults/inject" ] || skip_all "calls can be made to fail on x86-64 only"
/usr/bin/python3 "$here/../faults/faults.py" --confining >"$made/faults" 2>&1
ok $? "no call that confines or starts can fail in silence"
grep -A 1 BROKEN "$made/faults" | head -n 40 | sed 's/^/# /'
held=$(awk '$1 == "all" { print $2 }' "$made/faults")
[ "${held:-0}" -gt 50 ]
ok $? "many were tried (${held:-none})"
[ "${held:-0}" -gt 50 ] || sed 's/^/# /' "$made/faults"
tap_end
