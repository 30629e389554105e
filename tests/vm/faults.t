#!/bin/sh
# See faults.py.
exec python3 "$(dirname "$0")/faults.py" "$@"
