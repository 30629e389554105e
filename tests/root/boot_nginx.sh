# The boot server that is shipped, by nginx and fcgiwrap on loopback: $top is its /srv/bee, $port its port.
# shellcheck shell=sh disable=SC2034,SC2154
for tool in nginx fcgiwrap minisign; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
top=$made/srv port=${port:-18443}
mkdir -p "$top/keys" "$top/orders/id" "$top/orders/mac" "$top/file" "$top/sig" "$top/audit" "$top/once" "$top/lists" "$top/states/id" "$made/nginx"
cp "$server/ticket.key" "$server/receipt.key" "$top/keys/"
{
	printf 'daemon off; pid %s/pid; error_log %s/error.log; events {}\nhttp {\n' "$made/nginx" "$made/nginx"
	sed -e "s|listen 443 ssl|listen ${address:-127.0.0.1}:$port ssl|; /listen \[::\]/d" \
		-e "s|/etc/nginx/boot.pem|$server/tls.crt|; s|/etc/nginx/boot.key|$server/tls.key|" \
		-e "s|/var/log/nginx/|$made/nginx/|; s|/srv/bee|$top|" \
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
nginx_start() {
	nginx -c "$made/nginx/conf" 2>"$made/nginx/err" &
	servers="$servers $!"
}
nginx_start
for _ in $(seq 100); do
	[ -s "$made/nginx/pid" ] && break
	sleep 0.05
done
