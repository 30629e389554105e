#!/bin/sh
# See broker.py.
exec python3 "$(dirname "$0")/broker.py" "$@"
