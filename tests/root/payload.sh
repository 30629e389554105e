# Programs traced in $tree, their images built, tried alone, and what they print there compared. In a folder of its own.
# shellcheck shell=sh disable=SC2154

# Servers of these runs are alone on a network of their own.
lonely() { unshare -n sh -c 'ip link set lo up; exec "$@"' sh "$@"; }
image() { lonely timeout 100 "$B/bee" image "$@" 2>err; }
holds() { "$B/bee" image list "$1" | grep -cx "$2"; }

# payload NAME WORD...: traced and built with its words; then it runs in the image alone, and prints the same.
payload() {
	payload_name=$1
	shift
	image build -d "$tree" -o payload.cpio -- "$@" >reference
	is "$? $(grep -c . reference)" "0 $(grep -c . reference)" "$payload_name: traced and built"
	image test payload.cpio -- "$@" >out
	is "$? $(cat out)" "0 " "$payload_name: the image lacks nothing"
	mkdir -p alone
	"$B/bee" image extract payload.cpio -C alone 2>/dev/null
	lonely timeout 60 "$B/bee" enter alone "$@" >again 2>err
	is "$(cat again)" "$(cat reference)" "$payload_name: prints the same there"
	rm -rf alone
}
