# A PostgreSQL of the test's own, on a socket in its folder; psql finds it. $pg has its programs.
# shellcheck shell=sh disable=SC2154,SC2317
pg=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort | tail -n 1)
[ -n "$pg" ] || skip_all "PostgreSQL is not installed: make deps-server"
command -v psql >/dev/null || skip_all "psql is not installed: make deps-server"
getent passwd postgres >/dev/null || skip_all "there is no user postgres"
postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups env -i PATH="$pg:$PATH" LC_ALL=C.UTF-8 "$@"; }
install -d -o postgres "$made/pg"
postgres initdb -D "$made/pg/data" -A trust -E UTF8 -N >"$made/initdb" 2>&1 || { cat "$made/initdb"; exit 1; }
printf "listen_addresses = ''\nunix_socket_directories = '%s'\nfsync = off\n" "$made/pg" >>"$made/pg/data/postgresql.conf"
start() { postgres pg_ctl -w -t 60 -D "$made/pg/data" -l "$made/pg/log" start >/dev/null; }
stop() {
	postgres pg_ctl -m immediate -D "$made/pg/data" stop >/dev/null 2>&1
	tidy
}
trap stop EXIT
start || { cat "$made/pg/log"; exit 1; }
export PGHOST="$made/pg" PGUSER=postgres PGDATABASE=postgres
sql() { psql -X -q -A -t -c "SET search_path = bee; $1"; }
