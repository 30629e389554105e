#!/bin/sh
# The boot server that is shipped: nginx, fcgiwrap, bee-boot; asked by bee remote, and by curl and minisign alone.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"
for tool in nginx fcgiwrap minisign curl; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done

top=$made/srv port=18443
mkdir -p "$top/keys" "$top/orders/id" "$top/orders/mac" "$top/file" "$top/sig" "$top/audit" "$made/nginx"
cp "$server/ticket.key" "$server/receipt.key" "$top/keys/"
{
	printf 'daemon off; pid %s/pid; error_log %s/error.log; events {}\nhttp {\n' "$made/nginx" "$made/nginx"
	sed -e "s|listen 443 ssl|listen 127.0.0.1:$port ssl|; /listen \[::\]/d" \
		-e "s|/etc/nginx/boot.pem|$server/tls.crt|; s|/etc/nginx/boot.key|$server/tls.key|" \
		-e "s|/var/log/nginx/bee.log|$made/nginx/bee.log|; s|/srv/bee|$top|" \
		-e "s|/usr/local/lib/bee/bee-boot|$root/remote/server/bee-boot|" \
		-e "s|unix:/run/fcgiwrap.socket|unix:$made/nginx/cgi; fastcgi_param BEE_BOOT $top|" \
		-e 's|include fastcgi_params|include /etc/nginx/fastcgi_params|' "$root/remote/server/nginx.conf"
	echo '}'
} >"$made/nginx/conf"
chmod -R go+rX "$made"
fcgiwrap -c 4 -s "unix:$made/nginx/cgi" 2>"$made/nginx/cgi.err" &
servers="$servers $!"
for _ in $(seq 100); do
	[ -S "$made/nginx/cgi" ] && break
	sleep 0.05
done
chmod 777 "$made/nginx/cgi"
nginx -c "$made/nginx/conf" 2>"$made/nginx/err" &
servers="$servers $!"
for _ in $(seq 100); do
	[ -s "$made/nginx/pid" ] && break
	sleep 0.05
done
echo "$port" >"$conf/BOOTPORT"

# serve ORDER: it and its signatures as static files; its sum in $sum.
serve() {
	sum=$(sha256sum <"$1" | cut -d' ' -f1)
	install -m 644 "$1" "$top/file/$sum"
	install -m 644 "$1.minisig" "$top/sig/$sum"
}

echo '{"an":"audit"}' >"$made/audit.json"
remote once
is "$status" 0 "a machine that the server does not know has nothing to do"
ok "$(said 'with a receipt'; echo $?)" "and its audit comes home"
audit=$(sha256sum <"$made/audit.json" | cut -d' ' -f1)
is "$(cat "$top/audit/$audit")" '{"an":"audit"}' "as it was"
make_order 7 <<'END'
echo ran
END
serve "$order"
echo "$sum" >"$top/orders/any"
echo none >"$top/orders/id/rack4-node7"
remote once
is "$status$(cat "$state/order.log" 2>/dev/null)" 0 "what is said of a machine counts before what is said of all"
echo "$sum" >"$top/orders/id/rack4-node7"
remote once
is "$status $(cat "$state/order.log" 2>&1)" "0 ran" "an order by static files"
is "$(grep -l bee-result "$top"/audit/* | wc -l)" 1 "its log comes home"

# curl and minisign alone.
nonce=$(openssl rand -hex 32)
target="/cgi-bin/bootme?id=rack4-node7&nonce=$nonce&attempt=1"
ask() {
	curl -s --cacert "$server/ca.pem" --resolve "boot.test:$port:127.0.0.1" -o "$made/answer" -w '%{http_code}' \
		"$@"
}
is "$(ask "https://boot.test:$port$target")" 200 "curl asks"
sed '/^end$/q' "$made/answer" >"$made/ticket"
sed '1,/^end$/d' "$made/answer" >"$made/ticket.minisig"
minisign -V -q -p "$server/ticket.pub" -m "$made/ticket"
ok $? "minisign verifies the ticket"
is "$(sed -n 2,3p "$made/ticket")" "request $(printf %s "$target" | sha256sum | cut -d' ' -f1)
order $sum" "which is of this request and this order"
is "$(ask "https://boot.test:$port/v1/receipts/$audit")" 200 "a receipt"

is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=x&attempt=1")" 400 "without a nonce: 400"
is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=x&nonce=$nonce&attempt=1%0Aorder")" 400 "an attempt with a line in it: 400"
is "$(ask "https://boot.test:$port/cgi-bin/bootme?id=../../keys/ticket.key&nonce=$nonce&attempt=1")" 200 "an id that leads elsewhere"
is "$(sed -n 3p "$made/answer")" "order $sum" "is nobody's"
for path in /v1/audit/ "/v1/audit/$audit" /keys/ticket.key /v1/file/ /v1/file/../keys/ticket.key "/v1/file/..%2fkeys%2fticket.key" \
	/orders/any "/v1/receipts/$(printf %064d 0)"; do
	is "$(ask --path-as-is "https://boot.test:$port$path")" 404 "GET $path: 404"
done
is "$(ask -X DELETE "https://boot.test:$port/v1/file/$sum")" 403 "DELETE: 403"
echo other | zstd -q >"$made/packed"
is "$(ask -T "$made/packed" "https://boot.test:$port/v1/audit/$audit")" 400 "another document by that sum: 400"
is "$(ask -T "$made/audit.json" "https://boot.test:$port/v1/audit/$audit")" 400 "one that is not packed: 400"
head -c 200000000 /dev/zero | zstd -q >"$made/bomb"
is "$(ask -T "$made/bomb" "https://boot.test:$port/v1/audit/$audit")" 400 "a small one of 200 MB: 400"
zstd -q <"$made/audit.json" >"$made/packed"
is "$(ask -T "$made/packed" "https://boot.test:$port/v1/audit/$audit")" 201 "the same document again: 201"
is "$(find "$top/audit" -type f | wc -l)" 2 "and nothing is left of the others"
ok "$(grep -c "nonce\|rack4" "$made/nginx/bee.log")" "no argument is in the log"
tap_end
