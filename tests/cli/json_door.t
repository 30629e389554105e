#!/bin/sh
# JSON of others has one door, lib/json_load.c: jansson's own parser, which recurses 2,048 deep, lets
# keys come twice and refuses a document for one byte, is called by no program.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
cd "$here/../.." || exit 1

calls() {
	grep -rnE "\\b($1) *\\(" --include='*.[ch]' --exclude-dir=build --exclude-dir=dist --exclude-dir=tests . | sed 's/:.*//' | sort -u
}
is "$(calls 'json_load(s|b|f|fd|_file|_callback)')" "" "no program calls jansson's parser"
is "$(calls json_load_hostile | tr '\n' ' ')" \
	"./collectors/tool_json.c ./gather/intake.c ./guest/state.c ./image/wants.c ./lib/document.c ./lib/json.h ./lib/json_load.c " \
	"and these are all that take JSON from others"
tap_end
