#!/bin/sh
exec python3 "$(dirname "$0")/../boot.py" order-mini
