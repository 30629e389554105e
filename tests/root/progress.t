#!/bin/sh
# What an audit notes of its jobs while it runs, and what bee console makes of it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
export TERM=linux PYTHONCOERCECLOCALE=0 PYTHONUTF8=1

# notes: what is noted, job by job, without times.
notes() { tr -d '\0' </run/bee/progress | sed 1d | cut -d ' ' -f 1-2 | sort; }

policy "$made/good" storage storage.drives <<-END
	[lsblk]
	run $tools/misbehave good
	[smart]
	run $tools/misbehave crash
	[nvme-id]
	run $made/nothing
END
audit good --policy-dir "$made/good" --timeout 8
is "$(notes)" "$(jq -r '.collectors[] | "\(.job) \(.status)"' "$made/good.json" | sort)" "each job's end is noted as the document has it"
is "$(stat -c %a /run/bee/progress) $(head -c 14 /run/bee/progress)" "600 bee-progress 1" "for root alone"
rm /run/bee/progress
audit replayed --replay "$root/tests/fixtures/rack-server"
[ ! -e /run/bee/progress ]
ok $? "a replay notes nothing"
mkdir /run/bee/progress
audit kept --policy-dir "$made/good" --timeout 8
is "$status $(jq '.collectors | length' "$made/kept.json")" "3 3" "where nothing can be noted the audit is the same"
rmdir /run/bee/progress

policy "$made/slow" storage storage.drives <<-END
	[lsblk]
	run $tools/turn $made 3000
	[smart]
	after lsblk
	run $tools/misbehave good
END
"$B/bee-audit" --policy-dir "$made/slow" --timeout 12 -q -o "$made/slow.json" </dev/null &
audit=$!
is "$(python3 "$here/../cli/console_pty.py" 80x25 wait:'jobs: 1 run, 1 wait' wait:'runs      storage/lsblk' gone:'jobs:' wait:'file' -- \
	"$B/bee-console" "$made/slow.json")" "fits 0 " "a console shows the jobs that run, then the document, without a key"
wait $audit
tap_end
