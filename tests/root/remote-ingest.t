#!/bin/sh
# Documents come home while web server, loader and database are killed at random: each that has a receipt is there, once.
# INGEST_CLIENTS (6) machines, INGEST_KILLS (3); `make check-ingest` has 200 and 100.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
port=18444
# shellcheck source=tests/root/boot_nginx.sh
. "$here/boot_nginx.sh"
# shellcheck source=tests/root/postgres.sh
. "$here/postgres.sh"
clients=${INGEST_CLIENTS:-6} kills=${INGEST_KILLS:-3} seed=${INGEST_SEED:-1}
loader() {
	while :; do "$root/remote/server/bee-load" -f "$top/audit" -b 7 --follow 1 >/dev/null 2>&1; sleep 0.2; done
}
loader &
loader=$!
servers="$servers $loader"

# kill_program PROGRAM: all of its processes, which are this test's: it has process numbers of its own.
kill_program() {
	for dir in /proc/[0-9]*; do
		[ "$(readlink "$dir/exe" 2>/dev/null)" != "$1" ] || kill -9 "${dir#/proc/}" 2>/dev/null
	done
}
# kill_loader: the Python program and its psql, of which the loop makes others.
kill_loader() {
	for dir in /proc/[0-9]*; do
		case $({ tr '\0' ' ' <"$dir/cmdline"; } 2>/dev/null) in
		*python3*/bee-load* | *psql\ -X*) kill -9 "${dir#/proc/}" 2>/dev/null ;;
		esac
	done
}
web=$(command -v nginx)
"$here/ingest_clients.py" "$port" "$server/ca.pem" "$clients" "$made" >"$made/clients" 2>"$made/clients.err" &
machines=$!
at=''
# "PAUSE WHICH": the first is a draw that the seed alone decides in some awks.
awk -v seed="$seed" -v n="$kills" 'BEGIN { srand(seed); rand(); for (; n > 0; n--) printf "%.2f %d\n", rand() * 0.8, rand() * 3 }' >"$made/when"
while read -r pause which; do
	sleep "$pause"
	have=$(find "$top/audit" -type f -name '[0-9a-f]*' | wc -l)
	case $which in
	0)
		kill_program "$(readlink -f "$web")"
		sleep 0.1
		nginx_start
		;;
	1) kill_loader ;;
	*)
		kill_program "$(readlink -f "$pg/postgres")"
		sleep 0.2
		start || { sleep 1; start; }
		;;
	esac
	at="$at $which:$have"
done <"$made/when"
wait $machines
is "$? $(cut -d, -f1 "$made/clients")" "0 $clients machines" "each machine gets its receipt"
echo "# $(cat "$made/clients"); killed (0 nginx, 1 loader, 2 PostgreSQL; with so many documents there):$at"
kill -9 "$loader"
kill_loader
"$root/remote/server/bee-load" -f "$top/audit" >"$made/out" 2>"$made/err"
is "$?" 0 "what the loader had not done it does now"
sort "$made/sums" >"$made/wanted"
is "$(find "$top/audit" -type f ! -name '.*' -printf '%f\n' | sort | cmp - "$made/wanted" && echo same)" same "the server has each document, and nothing else"
is "$(sql 'SELECT sha256 FROM documents' | sort | cmp - "$made/wanted" && echo same)" same "each is in the database, once"
is "$(sql 'SELECT count(*) FROM machines')/$(sql 'SELECT count(*) FROM components')/$(sql 'SELECT count(*) FROM quarantine')" \
	"$clients/$((16 * clients))/0" "with each machine and each of its parts, once, and none is in quarantine"
tap_end
