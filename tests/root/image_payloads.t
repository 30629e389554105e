#!/bin/sh
# Images of programs that find their parts in ways of their own: traced, built, tried alone until nothing is
# missing, and then they print what they print in the reference.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
tree=$made/tree
for tool in bash curl python3 nginx ip; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done

mkdir -p "$tree/usr/bin" "$tree/etc" "$tree/tmp" "$tree/run" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/var/lib" "$tree/root"
# shellcheck source=tests/root/tree.sh
. "$here/tree.sh"
for name in bash cat ls rm sh sleep mkdir curl grep ip head env; do take "$(command -v $name)"; done
printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/sh\n' >"$tree/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$tree/etc/group"
echo 'passwd: files
group: files' >"$tree/etc/nsswitch.conf"
cd "$made" || exit 1
# shellcheck source=tests/root/payload.sh
. "$here/payload.sh"

# nginx, with a worker and a request.
take "$(command -v nginx)"
mkdir -p "$tree/etc/nginx" "$tree/var/lib/nginx" "$tree/var/log/nginx" "$tree/srv"
echo 'from a file' >"$tree/srv/index.html"
echo 'not asked for' >"$tree/srv/other.html"
cat >"$tree/etc/nginx/n.conf" <<'END'
user root root;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/null;
events { }
http { access_log off; server { listen 127.0.0.1:8089; root /srv; } }
END
payload nginx bash -c 'nginx -c /etc/nginx/n.conf; curl -s http://127.0.0.1:8089/; nginx -c /etc/nginx/n.conf -s quit; sleep 0.3'
is "$(cat reference) $(holds payload.cpio srv/index.html) $(holds payload.cpio srv/other.html)" "from a file 1 0" \
	"the file that was served, and not its neighbour"

# A static program.
if command -v busybox >/dev/null && ! ldd "$(command -v busybox)" >/dev/null 2>&1; then
	take "$(command -v busybox)"
	payload "a static program" busybox sed -n 's/:.*//p' /etc/passwd
	image build -d tree -o bare.cpio --bare -- busybox true
	is "$(tr '\n' ' ' <reference) $("$B/bee" image list bare.cpio | grep -c '\.so')" "root nobody  0" "and it needs no library"
else
	skip "a static program" "no static busybox is installed"
fi

# Perl: modules by "use", with shared objects of their own.
perl=$(readlink -f "$(command -v perl)")
# shellcheck disable=SC2016 # the variables are Perl's
parts=$("$perl" -e 'use strict; use warnings; use List::Util; use POSIX; print "$_\n" for values %INC, @DynaLoader::dl_shared_objects' | grep '^/')
object=$(echo "$parts" | grep 'List/Util/Util\.so$')
if [ -n "$object" ]; then
	take "$perl"
	for file in $parts; do
		mkdir -p "$tree$(dirname "$file")"
		cp "$file" "$tree$file"
	done
	neighbour=$(dirname "$object")/neighbour.so
	cp "$object" "$tree$neighbour"
	payload "perl with modules" "$perl" -e 'use strict; use warnings; use List::Util "sum"; use POSIX "floor"; print sum(1, 2, floor(3.9)), "\n"'
	is "$(cat reference) $(holds payload.cpio "${object#/}") $(holds payload.cpio "${neighbour#/}")" "6 1 0" \
		"a module's shared object, and not its neighbour"
else
	skip "perl with modules" "perl is elsewhere"
fi

# python3 that loads a library by its name (ctypes, dlopen(3)).
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
if [ "$(dirname "$python")" = /usr/bin ] || python=$(readlink -f /usr/bin/python3); then
	version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
	take "$python"
	mkdir -p "$tree/usr/lib/$version"
	for part in encodings ctypes collections re importlib lib-dynload; do
		cp -R "/usr/lib/$version/$part" "$tree/usr/lib/$version/" 2>/dev/null
	done
	cp "/usr/lib/$version"/*.py "$tree/usr/lib/$version/"
	take "$(ldconfig -p | awk '/libz\.so\.1 / { print $NF; exit }')" 
	for object in "/usr/lib/$version"/lib-dynload/_ctypes.*.so; do take "$object"; done
	payload "python3 with dlopen" "$python" -c 'import ctypes; print(ctypes.CDLL("libz.so.1").zlibVersion is not None)'
	is "$(cat reference) $("$B/bee" image list payload.cpio | grep -c 'libz\.so')" "True 1" \
		"the library that it named is there"
else
	skip "python3 with dlopen" "python3 is elsewhere"
fi

# bee audit itself, over captured outputs: monitor, collectors, gatherer, report.
mkdir -p "$tree/usr/local/bin" "$tree/usr/local/libexec/bee" "$tree/usr/local/share/bee" "$tree/fixtures"
cp "$B/bee" "$tree/usr/local/bin/"
for program in audit copier performer gather collect report read ipmi ethtool kmsg lldp megaraid cciss; do cp "$B/bee-$program" "$tree/usr/local/libexec/bee/"; done
for library in $(ldd "$B/bee-report" | grep -oE '/[^ ]+'); do take "$library"; done
cp -R "$root/policy" "$tree/usr/local/share/bee/"
rm -rf "$tree/usr/local/share/bee/policy/optional"
cp -R "$root/tests/fixtures/rack-server" "$tree/fixtures/"
cp "$(command -v jq)" "$tree/usr/bin/jq"
for library in $(ldd "$(command -v jq)" | grep -oE '/[^ ]+'); do take "$library"; done
# What a second run says of itself is another one's: its times, its processes, its order of jobs.
audit='bee audit -q --timeout 20 --replay /fixtures/rack-server -o /tmp/d.json; echo "exit $?"
jq -c "[.identity, (.storage.drives | length), (.memory.modules | length), ([.collectors[] | [.job, .status]] | sort)]" /tmp/d.json'
payload "bee audit" env PATH=/usr/local/bin:/usr/bin:/bin bash -c "$audit"
is "$(head -n 1 reference) $(grep -c ok reference)" "exit 0 1" "and it was an audit"
is "$(holds payload.cpio usr/local/libexec/bee/bee-collect) $(holds payload.cpio usr/local/share/bee/policy/storage.policy)" \
	"1 1" "the program that is started by a descriptor is there"
tap_end
