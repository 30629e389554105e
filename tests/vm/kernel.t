#!/bin/sh
# See kernel.py.
exec python3 "$(dirname "$0")/kernel.py" "$@"
