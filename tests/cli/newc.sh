# Archives that no program writes, by hand. newc(5) of FreeBSD, cpio(5), has the fields.
# shellcheck shell=sh

# entry MODE NAME [DATA [INO NLINK [MAJOR MINOR]]]: to stdout; MODE is octal with its type; its owner is
# $entry_uid or 0.
entry() {
	entry_size=${#2}
	printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' "${4:-0}" \
		"0$1" "${entry_uid:-0}" 0 "${5:-1}" 1000000000 "${#3}" 0 0 "${6:-0}" "${7:-0}" \
		$((entry_size + 1)) 0 "$2"
	zeros $((110 + entry_size + 1))
	printf %s "$3"
	zeros "${#3}"
}

# zeros SIZE: so many that SIZE becomes a multiple of 4.
zeros() { head -c $(((4 - $1 % 4) % 4)) /dev/zero; }

trailer() { entry 0 'TRAILER!!!'; }
