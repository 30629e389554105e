#!/bin/sh
# See inventory.py.
exec python3 "$(dirname "$0")/inventory.py" "$@"
