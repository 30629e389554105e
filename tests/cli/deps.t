#!/bin/sh
# setup/deps.sh: which packages it asks apt for, and that none of their services is started.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/tap.sh
. "$here/tap.sh"
deps=$here/../../setup/deps.sh
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
units=$made/root/etc/systemd/system
mkdir -p "$made/bin" "$made/root/etc/init.d"

# Stand-ins for what would change the machine. apt-get notes the masks it finds: a postinst starts
# what is not masked before.
cat >"$made/bin/apt-get" <<END
#!/bin/sh
echo "apt-get \$*" >>$made/log
[ "\$1" = update ] || ls $units >$made/masked 2>/dev/null
[ ! -e $made/broken ]
END
cat >"$made/bin/dpkg-query" <<END
#!/bin/sh
for last; do :; done
case " \$(cat $made/installed) " in
*" \$last "*) printf installed ;;
*" \$last:config "*) printf config-files ;;
*) exit 1 ;;
esac
END
printf '#!/bin/sh\necho "update-rc.d $*" >>%s/log\n' "$made" >"$made/bin/update-rc.d"
printf '#!/bin/sh\ncat %s/uid\n' "$made" >"$made/bin/id"
chmod +x "$made"/bin/*

# deps UID INSTALLED PACKAGE...: $status, what ran in $made/log, what was said in $made/err.
deps() {
	echo "$1" >"$made/uid"
	echo "$2" >"$made/installed"
	shift 2
	rm -rf "$units" "$made/masked"
	: >"$made/log"
	again "$@"
}
again() {
	DEPS_ROOT=$made/root PATH=$made/bin:$PATH sh "$deps" "$@" >"$made/out" 2>"$made/err"
	status=$?
}
ran() { tr '\n' ';' <"$made/log" | sed 's/ -o [^ ]*//;s/ -y --no-install-recommends//'; }
masked() { tr '\n' ' ' <"$made/masked"; }

deps 0 "gcc" gcc smartmontools nvme-cli jq
is "$status $(ran)" "0 apt-get update;apt-get install smartmontools nvme-cli jq;" \
	"what is missing is installed, and no more"
is "$(masked)" \
	"nvmefc-boot-connections.service nvmf-autoconnect.service smartd.service smartmontools.service " \
	"services of what we install are masked before it is there"
is "$(readlink "$units"/* | sort -u)" "/dev/null" "as systemd has it"
is "$(cat "$made/err")" "deps: masked; 'systemctl unmask smartmontools.service smartd.service' undoes it
deps: masked; 'systemctl unmask nvmf-autoconnect.service nvmefc-boot-connections.service' undoes it" \
	"and how to undo it is said"

deps 0 "gcc" gcc ipmitool
is "$status $(masked)" "0 ipmievd.service " "who would listen to a BMC's events, too"

deps 0 "gcc smartmontools" gcc smartmontools nvme-cli
is "$(masked)" "nvmefc-boot-connections.service nvmf-autoconnect.service " \
	"smartd of somebody who had it is left alone"
deps 0 "gcc smartmontools:config" gcc smartmontools
is "$(masked)" "smartd.service smartmontools.service " "a package that was removed is not there"

deps 0 "" smartmontools
rm "$units"/*
echo '[Service]' >"$units/smartmontools.service"
again smartmontools
is "$status $(cat "$units/smartmontools.service")" "0 [Service]" \
	"a unit that the administrator has written stays"

: >"$made/root/etc/init.d/smartmontools"
chmod +x "$made/root/etc/init.d/smartmontools"
: >"$made/root/etc/init.d/jq"
chmod +x "$made/root/etc/init.d/jq"
deps 0 "" smartmontools jq
is "$(ran)" "apt-get update;apt-get install smartmontools jq;update-rc.d smartmontools disable;" \
	"sysvinit does not start them either"

deps 1000 "gcc jq" gcc jq
is "$status $(ran)$(cat "$made/err")" "0 deps: nothing is missing" \
	"where nothing is missing nobody needs root or a network"
deps 1000 "gcc" gcc jq strace
is "$status $(ran)$(cat "$made/err")" "1 deps: packages are installed by root; missing: jq strace" \
	"else who is not root is told what is missing"
: >"$made/broken"
deps 0 "" jq
is "$status $(ran)" "1 apt-get update;" "a failure of apt is one of ours"
rm "$made/broken"

# Nothing of the lists is one that a user did not ask for.
cd "$here/../.." || exit 1
unset MAKEFLAGS MAKELEVEL
lists() { make -n "$1" | sed -n 's,^setup/deps.sh ,,p' | tr ' ' '\n' | sort; }
lists deps >"$made/deps"
for goal in test iso vm arm64; do
	lists deps-$goal >"$made/$goal"
	is "$(comm -23 "$made/deps" "$made/$goal")" "" "deps-$goal installs what deps does, too"
done
is "$(grep -cE 'clang|qemu|live-build|python|strace' "$made/deps")" 0 "deps alone brings no test and no image"
tap_end
