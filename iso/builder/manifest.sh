#!/bin/sh
# What is on the image, a line each: name, version, licences. manifest.sh PACKAGES OVERLAY
set -eu
cat "$1"
