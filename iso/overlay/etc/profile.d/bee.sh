# shellcheck shell=sh
# On tty1 the audit is watched, on a serial console its end is shown; over ssh one asks for it.
export LANG=C.UTF-8
case $(tty) in
/dev/tty1 | /dev/tty[A-Z]*[0-9] | /dev/hvc[0-9]*)
	# A serial line does not tell its size.
	[ "$(stty size)" != "0 0" ] || stty rows 25 columns 80
	/usr/local/lib/bee/console
	;;
esac
