#!/bin/sh
# bee remote: a boot server on loopback is asked, its order verified and run, the audit sent home.
# shellcheck source=tests/root/env.sh
. "$(dirname "$0")/env.sh"
# shellcheck source=tests/root/remote.sh
. "$here/remote.sh"

server_start
"$B/bee" remote status --state "$state" >"$made/out" 2>"$made/err"
is "$?" 75 "before anybody has asked there is no status"
remote once
is "$status" 0 "a server that has nothing to do: 0"
ok "$(said 'no order'; echo $?)" "in words"
printf '{"some":"audit"}\n' >"$made/audit.json"

make_order 7 <<'END'
echo ran as $(id -u) in $(pwd)
cat /etc/shadow
END
remote once
is "$status" 3 "an order runs, and its failure is ours: 3"
is "$(sed -n 1p "$state/order.log")" "ran as 2079260669 in /" "as a uid of its own"
ok "$(grep -q 'No such file' "$state/order.log"; echo $?)" "in a jail, where the machine's files are not"
is "$(cat "$server/home/$(sha256sum <"$made/audit.json" | cut -d' ' -f1)")" '{"some":"audit"}' \
	"the audit comes home"
ok "$(grep -l 'ran as' "$server"/home/* | xargs grep -q '^status 1$'; echo $?)" \
	"so does what the order said, and how it ended"
before=$(grep -c PUT "$server/log")
remote once
is "$status" 0 "the same order is not run again"
is "$(grep -c PUT "$server/log")" "$before" "what is there is not sent again"

make_order 8 <<'END'
sleep 1 & wait
echo "$(cat </dev/null)second line" | sed s/second/third/
exit 0
END
remote once
is "$status" 0 "a later one is run"
is "$(cat "$state/order.log")" "third line" "with children and pipes"
is "$(sed -n 's/^sequence //p' "$state/status")" 8 "and the state says which"
"$B/bee" remote status --state "$state" >"$made/out"
is "$? $(sed -n '/^sequence\|^exit\|^doing/p' "$made/out")" "0 doing sent, with a receipt
sequence 8
exit 0" "status tells it"
# What it is called, as SMBIOS has it; and where its maker left it, it is called nothing.
mkdir -p "$made/class/dmi/id"
if mount --bind "$made/class" /sys/class; then
	for names in "4C4C4544-0042-1010-8046-B4C04F334632 JX1K2T3" "03000200-0400-0500-0006-000700080009 0123456789"; do
		echo "${names% *}" >"$made/class/dmi/id/product_uuid"
		printf '%s  \n' "${names#* }" >"$made/class/dmi/id/product_serial"
		remote once
	done
	umount /sys/class
	is "$(sed -n 's/.*&\(uuid=[^&]*&serial=[^&]*\)&.*/\1/p' "$server/log" | tail -n 2)" \
		"uuid=4C4C4544-0042-1010-8046-B4C04F334632&serial=JX1K2T3
uuid=&serial=" "it says what it is called, where that is a name"
else
	skip "it says what it is called, where that is a name" "no mount on /sys/class"
fi
make_order 6 <<'END'
echo ran
END
remote once
is "$status" 75 "an earlier one is not"
ok "$(said 'has been run since the boot'; echo $?)" "in words"
rm "$made/audit.json"
make_order 9 <<'END'
echo ran
END
remote once
is "$status $(tail -n 1 "$made/err")" "0 bee-remote: sent, with a receipt" "how it ended goes home without an audit, too, and no answer on the way is taken for the last"
before=$(wc -l <"$server/log")
echo "allow disks" >>"$conf/remote.policy"
remote once
is "$status $(($(wc -l <"$server/log") - before))" "65 0" "with a configuration that lint would not take nobody is asked"
tap_end
