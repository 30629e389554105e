#!/bin/sh
# booted.sh DIR: the package in DIR (make deb) on a server that runs on: Debian with systemd, in a virtual machine
# of bee guest's. README's five commands, the timer, units that have to fail, an audit that is killed. TAP; root.
# BEE_VM: what tests/vm/disk.sh has made. BEE_DEB_ROOT: see check.sh, which makes it.
# shellcheck disable=SC2016 source=tests/root/guest-env.sh
. "$(dirname "$0")/../root/guest-env.sh"

deb=$(ls "${1:?}"/bee_*.deb 2>/dev/null)
vm=${BEE_VM:-}
[ -f "$deb" ] || skip_all "there is no package in $1: make deb"
[ -e "$vm/guest-initrd" ] || skip_all "BEE_VM names no folder of tests/vm/disk.sh"
[ -e "${BEE_DEB_ROOT:-}.tar" ] || skip_all "BEE_DEB_ROOT names no root of tests/deb/check.sh"
[ -e /dev/fuse ] || skip_all "there is no /dev/fuse"

mkdir "$trees/server"
tar -C "$trees/server" -xf "$BEE_DEB_ROOT.tar"
cp "$deb" "$trees/server/root/"
cp "$tools/fusehang" "$tools/stuck" "$trees/server/usr/local/bin/"
truncate -s 1G "$trees/server.raw"
mkfs.ext4 -q -F -d "$trees/server" "$trees/server.raw"
timeout 600 "$B/bee" guest start server --quiet --timeout 580 --image "$trees/server.raw" --kernel "$vm/vmlinuz" \
	--initrd "$vm/guest-initrd" --accel tcg --memory 1G || skip_all "the machine does not start"

# on COMMANDS: on that server, in root's folder; $status, and what they say in $made/out and $made/err.
on() {
	for _ in 1 2 3 4 5; do
		timeout 580 "$B/bee" guest exec server sh -c "cd /root; $1" >"$made/out" 2>"$made/err" </dev/null
		status=$?
		[ $status -eq 255 ] || break # ssh's own: on a busy host it has not come in
	done
}
said() { xargs <"$made/out"; }
# unit OPTION...: the daily unit with other options of bee-audit's, and all else as it is; a machine without KVM is slow.
unit='unit() {
	mkdir -p /etc/systemd/system/bee-audit.service.d
	{
		printf "[Service]\nTimeoutStartSec=600\nExecStart=\n"
		sed -n "s,--timeout 60,$*,; /^ExecStart=/p" /lib/systemd/system/bee-audit.service
	} >/etc/systemd/system/bee-audit.service.d/slow.conf
	systemctl daemon-reload
}'

# README's commands, the first word to what is told of each.
readme() { awk '/^## / { in_it = /^## As a package/ } in_it && /^    / { print; seen = 1; next } seen { exit }' "$root/README.md" | sed 's/^ *//; s/   *.*//'; }
is "$(readme)" "apt install ./bee_*.deb
systemctl enable --now bee-audit.timer
systemctl start bee-audit.service
bee show findings
bee report --qr" "README has five commands for a new administrator"
# step NUMBER: on a terminal, as he has one
step() {
	on "LC_ALL=C.UTF-8 script -qec '$(readme | sed -n "$1p")' /dev/null"
	tr -d '\r' <"$made/out" >"$made/plain" && mv "$made/plain" "$made/out"
}
step 1
is "$status" 0 "the first installs it"
on 'systemctl is-enabled bee-audit.timer; systemctl is-active bee-audit.timer; ls /var/lib/bee/audits'
is "$(said)" "disabled inactive" "nothing is enabled then, and nothing has run"
on "$unit; unit --timeout 300"
step 2
on 'systemctl is-enabled bee-audit.timer; systemctl is-active bee-audit.timer'
is "$(said)" "enabled active" "the second enables the timer"
step 3
is "$status" 0 "the third audits"
on 'ls /var/lib/bee/audits | wc -l; jq .audit.cgroup /var/log/bee-audit.json; jq "[.collectors[] | select(.enforced | index(\"cgroup.memory\"))] | length > 10" /var/log/bee-audit.json'
is "$(said)" "1 v2 true" "in control groups with limits, and the document is kept"
step 4
is "$status $(awk 'NR == 1 { print $1, $3 }' "$made/out")" "0 SEVERITY FINDING" "the fourth shows what is wrong"
step 5
if command -v zbarimg >/dev/null; then
	python3 "$root/tests/cli/report_screen.py" --pgm <"$made/out" >"$made/code.pgm"
	code=$(zbarimg -q --raw -Sdisable -Sqrcode.enable "$made/code.pgm" 2>/dev/null)
	on "bee report --check-qr '$code' /var/log/bee-audit.json"
	is "$status $(cut -c 1-4 "$made/out")" "0 yes:" "of the fifth a phone reads this document's code"
else
	skip "of the fifth a phone reads this document's code" "zbarimg is not installed"
fi

# The timer: every 15 seconds, over a history that is full.
on 'for year in $(seq 1990 2019); do cp /var/log/bee-audit.json "/var/lib/bee/audits/$year-01-01T00:00:00Z.json"; done
	mkdir /etc/systemd/system/bee-audit.timer.d
	printf "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/15\nRandomizedDelaySec=0\nAccuracySec=1s\n" >/etc/systemd/system/bee-audit.timer.d/often.conf
	systemctl daemon-reload && systemctl restart bee-audit.timer
	date +%s >/tmp/from'
new='find /var/lib/bee/audits -newermt "@$(cat /tmp/from)" -name "20[2-9][0-9]-*" | wc -l'
for _ in $(seq 60); do
	on "sleep 10; $new"
	[ "$(said)" -lt 3 ] || break
done
on "systemctl stop bee-audit.timer; while [ \"\$(systemctl show -P ActiveState bee-audit.service)\" = activating ]; do sleep 1; done
	[ \"\$($new)\" -ge 3 ]; echo \$?; ls /var/lib/bee/audits | wc -l; systemctl show -P Result bee-audit.service"
is "$(said)" "0 30 success" "the timer audits at least three times in one boot, and thirty documents stay"
on 'a=$(ls /var/lib/bee/audits/*.json | tail -n 2 | head -n 1); b=$(ls /var/lib/bee/audits/*.json | tail -n 1)
	bee diff "$a" "$b" >/tmp/both; two=$?; bee diff >/tmp/one; echo "$two $?"; cmp /tmp/both /tmp/one && echo same'
is "$(said | sed 's/^\(.\) \1 /all /')" "all same" "bee diff alone compares the last two"
on 'n=$(ls /var/lib/bee/audits/*.json | tail -n 1); jq -c ".firmware.version = \"X1\"" "$n" >/tmp/d && cat /tmp/d >"$n"; bee diff | grep -c X1'
is "$(said)" 1 "and says what differs"

# starts BEFORE [AFTER]: how the unit's next start ends, and how many documents there are then
starts() {
	on "$1; systemctl start bee-audit.service; systemctl show -P Result bee-audit.service; systemctl show -P ExecMainStatus bee-audit.service; ls /var/lib/bee/audits | wc -l; ${2:-true}"
}
on "$unit; unit --timeout 300 --policy-dir /srv/quick; mkdir /srv/quick; cp /usr/share/bee/policy/pcie.policy /srv/quick/"
starts 'echo "policy 1
nonsense" >/srv/quick/storage.policy' 'rm /srv/quick/storage.policy'
is "$(said)" "exit-code 65 30" "a wrong policy makes the unit fail"
starts 'mv /var/log/bee-audit.json /var/log/kept; mkdir -p /var/log/bee-audit.json/x' 'rm -r /var/log/bee-audit.json; mv /var/log/kept /var/log/bee-audit.json'
is "$(said)" "exit-code 73 30" "so does a document that cannot be created"
starts 'mkdir -p /srv/log; mount -t tmpfs -o size=4k,mode=755 tmpfs /var/log' 'umount /var/log'
is "$(said)" "exit-code 74 30" "and one that is lost as the disk is full"

# A job that hangs in the kernel, in the daily unit.
on 'mkdir -p /srv/hung /srv/hangs; cat >/srv/hangs/storage.policy <<-END
	policy 1
	collector storage
	emits storage.drives
	limits wall 20s  term 200ms  kill 200ms  stdout 4M  stderr 64K  memory 256M  tasks 1  files 64
	syscalls @tool
	open read-only
	default report ENOSYS
	[nvme-id]
	run /usr/local/bin/stuck /srv/hung/x sda
	see /srv/hung
	END
	true'
# Nothing answers on /srv/hung from now on, for two minutes, and the unit's audit asks there.
hang="$unit; unit --timeout 25 --policy-dir /srv/hangs; systemctl stop 'hang-*'; umount -l /srv/hung 2>/dev/null
	systemd-run -q --unit hang-\$\$ /usr/local/bin/fusehang /srv/hung; until grep -q hung /proc/mounts; do sleep 0.2; done; rm -f /run/bee/stuck"
group=/sys/fs/cgroup/system.slice/bee-audit.service
starts "$hang" "jq -r '.collectors[].status' /var/log/bee-audit.json; cat $group/bee-job-*/cgroup.procs | wc -l"
is "$(said)" "success 0 30 stuck 1" "a job that is stuck is a line in the document, and no failure of the unit"
on "$hang; systemctl start --no-block bee-audit.service
	for try in \$(seq 200); do grep -qsx stuck /proc/[0-9]*/comm && break; sleep 0.2; done; sleep 1
	systemctl kill --kill-whom=all -s KILL bee-audit.service
	while [ \"\$(systemctl show -P ActiveState bee-audit.service)\" != failed ]; do sleep 0.5; done
	cat $group/bee-job-*/cgroup.procs | wc -l; cat $group/cgroup.subtree_control
	unit --timeout 300 --policy-dir /srv/quick
	systemctl start bee-audit.service; echo \$?; systemctl show -P Result bee-audit.service"
is "$(said)" "1 0 success" "an audit that is killed beside a stuck job leaves a unit that starts again"

guest stop server
guest rm server
tap_end
