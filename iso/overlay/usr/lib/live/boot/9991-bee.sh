# shellcheck shell=sh
# Sourced in the initramfs after live-boot's own functions, two of which it replaces.

# live-boot reads every disk until it finds the medium, in alphabetical order: a disk that does not
# answer would hold the boot for ever. The medium's own label needs no other disk to be read. After
# 20 s without it (a copy inside another file system, say) all are tried, as live-boot would, but for
# file systems with a journal: it is played back also when they are mounted read-only, which would be
# a write to the machine's disks. Who names an ISO in one of them has asked for it.
find_livefs ()
{
	if [ -b "${LIVE_MEDIA}" ] && check_dev null "${LIVE_MEDIA}" skip_uuid_check; then
		return 0
	fi
	case "${LIVE_MEDIA}" in
	/dev/disk/by-label/*) [ "${1}" -ge 20 ] || return 1 ;;
	esac
	for sysblock in $(removable_dev sys) $(non_removable_dev sys); do
		for device in $(subdevices "${sysblock}"); do
			case "${FROMISO}${FINDISO}$(get_fstype "$(sys2dev "${device}")")" in
			ext3 | ext4 | xfs | btrfs) continue ;;
			esac
			if check_dev "${device}"; then
				return 0
			fi
		done
	done
	return 1
}

# It has udev look at all devices once more and waits until that is done, to write files for
# ifupdown, which is not on the image: bee-network asks for addresses.
Netbase ()
{
	return 0
}
