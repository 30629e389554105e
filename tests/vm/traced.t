#!/bin/sh
# See traced.py.
exec python3 "$(dirname "$0")/traced.py" "$@"
