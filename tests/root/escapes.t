#!/bin/sh
# Each layer of a jail, switched off in a build for this alone, and each attempt in each shipped jail:
# tests/escape/matrix.py. make check-escape does more of it.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"

[ -x "$B/escape/bee-run" ] || skip_all "build/escape is not built: make test-tools"
MADE=$made /usr/bin/python3 "$here/../escape/matrix.py" "${BEE_ESCAPE:-quick}"
