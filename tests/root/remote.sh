# What the tests of bee remote share: a boot server on loopback, its keys and certificates, orders.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
for tool in openssl python3 zstd; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done

server=$made/server conf=$made/conf state=$made/state
mkdir "$server" "$server/files" "$server/home" "$conf"
order=$server/files/order
: >"$server/mode"
: >"$server/log"
echo none >"$server/order"

# certificate NAME HOST [OPTION...]: $server/NAME.pem, of the test's own CA.
certificate() {
	name=$1 host=$2
	shift 2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$server/$name.key" \
		-out "$server/$name.csr" -subj "/CN=$host" 2>"$made/openssl.err"
	printf 'subjectAltName=DNS:%s\n' "$host" >"$server/$name.ext"
	openssl x509 -req -in "$server/$name.csr" -CA "$server/ca.pem" -CAkey "$server/ca.key" -CAcreateserial \
		-extfile "$server/$name.ext" -out "$server/$name.crt" "$@" 2>>"$made/openssl.err"
	cat "$server/$name.crt" "$server/$name.key" >"$server/$name.pem"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$server/ca.key" \
	-out "$server/ca.pem" -days 30 -subj "/CN=bee test CA" 2>/dev/null
certificate tls boot.test -days 10
cp "$server/tls.pem" "$server/good.pem"
for key in alice bob ticket receipt stranger; do
	"$B/bee" remote keys --new "$server/$key" >/dev/null
done

pub() { tail -n 1 "$server/$1.pub"; }

echo rack4-node7 >"$conf/ID"
echo boot.test >"$conf/BOOTSERVER"
echo 127.0.0.1 >"$conf/BOOTSERVER_IP"
cp "$server/ca.pem" "$conf/cacert.pem"
cat >"$conf/TRUST" <<END
scheme minisign
threshold 2
order-key $(pub alice)
order-key $(pub bob)
ticket-key $(pub ticket)
receipt-key $(pub receipt)
floor 5
END
printf 'allow see %s\n' "$made/seen" >"$conf/remote.policy"
mkdir "$made/seen"
echo visible >"$made/seen/file"

# machine_key: what has to do with disks, or with another kernel, is for a machine that signs what it asks.
machine_key() {
	[ -e "$server/machine.key" ] || "$B/bee" remote keys --new "$server/machine" >/dev/null
	cp "$server/machine.key" "$conf/machine.key"
}

# server_start: the port into the configuration.
server_start() {
	rm -f "$made/port"
	python3 "$here/boot_server.py" "$server" "$B/bee" "$made/port" 2>"$made/server.err" &
	server_pid=$!
	servers="$servers $server_pid"
	for _ in $(seq 200); do
		[ -e "$made/port" ] && break
		sleep 0.05
	done
	cp "$made/port" "$conf/BOOTPORT"
}

# sign FILE KEY...: anew, by these.
sign() {
	signed=$1
	shift
	# One by one, as the command itself lets nobody sign twice.
	: >"$made/signatures"
	for key; do
		rm -f "$signed.minisig"
		"$B/bee" remote sign -k "$server/$key.key" "$signed"
		cat "$signed.minisig" >>"$made/signatures"
	done
	mv "$made/signatures" "$signed.minisig"
}

# make_order SEQUENCE [HEADER-LINE...]: the script on stdin; for every machine where no line says whose.
make_order() {
	sequence=$1
	shift
	{
		printf '#!/bin/sh\n#bee-order 1\n#bee-sequence %s\n' "$sequence"
		echo "#bee-not-after ${order_until:-2099-01-01T00:00:00Z}"
		echo "#bee-time-limit ${limit:-20}"
		case "$*" in *bee-target*) ;; *) echo "#bee-target id=rack4-node7" ;; esac
		for line; do echo "$line"; done
		echo "#bee-end"
		cat
	} >"$order"
	sign "$order" alice bob
	echo "$order" >"$server/order"
}

# remote COMMAND OPTION...: $status, $err
remote() {
	command=$1
	shift
	began=$(now)
	"$B/bee" remote "$command" --config "$conf" --state "$state" --document "$made/audit.json" \
		--connect 10 --total "${total:-30}" "$@" >"$made/out" 2>"$made/err" </dev/null
	status=$?
	took=$(($(now) - began))
}

# said WORDS: whether stderr has them.
said() { grep -qF -- "$1" "$made/err"; }

# refused NAME WORDS: it does not run, and it is said why.
refused() {
	rm -rf "$state"
	remote once
	[ "$status" -eq 75 ] && ! grep -q ran "$state/order.log" 2>/dev/null && said "$2"
	ok $? "$1"
	said "$2" || sed 's/^/#   got: /' "$made/err"
}

# found COMMAND-LINE-PART: the newest process that has it, within 5 s; $pid
found() {
	for _ in $(seq 100); do
		pid=$(pgrep -n -f -- "$1") && return 0
		sleep 0.05
	done
	return 1
}

# rights PID WORD: uid, effective and permitted capabilities, no_new_privs, filter; of /proc/PID/status.
rights() { awk '/^(Uid|CapEff|CapPrm|NoNewPrivs|Seccomp):/ { printf "%s ", $2 }' "/proc/$1/status"; }
none=0000000000000000

# confined COMMAND-LINE-PART NAME: that process has a filter within 3 s, and no right but to read, compute and write; $pid
confined() {
	found "$1"
	for _ in $(seq 60); do
		pid=$(pgrep -n -f -- "$1")
		[ "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" = 2 ] && break
		sleep 0.05
	done
	is "$(rights "$pid")" "2079260665 $none $none 1 2 " "$2"
}
