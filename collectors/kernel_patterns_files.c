/* Messages about arrays and file systems. */
#include "kernel.h"

#define OK KERNEL_OK
#define WARNING KERNEL_WARNING
#define CRITICAL KERNEL_CRITICAL
#define DETAIL NULL, NULL, NULL, KERNEL_OK, 0 /* of another message: known, not counted */

/* event, class, part, severity, a warning from so many on, format, who prints it */
const struct kernel_pattern kernel_files[] = {
	/* md names the array first and the drive after it: what counts is the drive. */
	{ "array-member-failed", "array", "storage.drives", CRITICAL, 0,
	  "md/raid{?10|1|5|6|0}:{w}: Disk failure on {disk}, disabling device",
	  "drivers/md/raid1.c, raid5.c, raid10.c", BY_PATTERN },
	{ "drive-medium-error", "drive", "storage.drives", WARNING, 0,
	  "md/raid{?10|1|5|6|0}:{w}: read error corrected ({n} sectors at {n} on {disk})",
	  "drivers/md/raid1.c, raid5.c, raid10.c", BY_PATTERN },
	{ "drive-medium-error", "drive", "storage.drives", WARNING, 0,
	  "md/raid{?10|1|5|6|0}:{w}: read error NOT corrected!! (sector {n} on {disk})",
	  "drivers/md/raid1.c, raid5.c, raid10.c", BY_PATTERN },
	{ "drive-medium-error", "drive", "storage.drives", CRITICAL, 0,
	  "md/raid{?10|1|5|6|0}:{w}: {unrecoverable I/O read error|read error not "
	  "correctable} {*} on {disk})",
	  "drivers/md/raid1.c, raid5.c, raid10.c", BY_PATTERN },
	/* Before 2.6.39 the array stands in one of these lines alone. */
	{ "array-member-failed", "array", "storage.drives", CRITICAL, 0,
	  "raid{10|1|5|6}: Disk failure on {disk}, disabling device",
	  "drivers/md/raid1.c, raid5.c, raid10.c (before 2.6.39)", BY_PATTERN },
	{ "drive-medium-error", "drive", "storage.drives", CRITICAL, 0,
	  "raid{10|1|5|6}:{w}: read error not correctable (sector {n} on {disk})",
	  "drivers/md/raid5.c, raid5_end_read_request (before 2.6.39)", BY_PATTERN },
	{ DETAIL, "raid{10|1|5|6}: Operation continuing on ",
	  "drivers/md/raid1.c, raid5.c, raid10.c (before 2.6.39)", BY_PATTERN },
	{ "array-failed", "array", "storage.arrays", CRITICAL, 0,
	  "md/raid{?10|1|5|6|0}:{disk}: {Cannot continue operation|not enough "
	  "operational|too many|unrecoverable I/O}",
	  "drivers/md/raid1.c, raid5.c, raid10.c", BY_PATTERN },
	{ DETAIL,
	  "md/raid{?10|1|5|6|0}:{w}: {Operation continuing on|redirecting sector|device "
	  "|raid level|active with|not clean|using }",
	  "drivers/md/raid1.c, raid5.c, raid10.c", BY_PATTERN },
	{ "array-member-dropped", "array", "storage.drives", WARNING, 0,
	  "md: kicking non-fresh {disk} from array", "drivers/md/md.c, analyze_sbs",
	  BY_PATTERN },
	{ "array-superblock-error", "array", NULL, WARNING, 0,
	  "md: super_written gets error", "drivers/md/md.c, super_written", BY_PATTERN },
	/* File systems stand on partitions, arrays and logical volumes. */
	{ "filesystem-read-only", "filesystem", "storage.drives", CRITICAL, 0,
	  "EXT{2|3|4}-fs ({disk}): Remounting filesystem read-only",
	  "fs/ext4/super.c, ext4_handle_error", BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "EXT{2|3|4}-fs error (device {disk}): ", "fs/ext4/super.c, __ext4_error",
	  BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "EXT{2|3|4}-fs error (device {disk}) in ", "fs/ext4/super.c, __ext4_std_error",
	  BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "EXT{2|3|4}-fs ({disk}): {error count since last fsck|mounting fs with "
	  "errors|previous I/O error to superblock|I/O error while writing "
	  "superblock|Delayed block allocation failed|failed to convert "
	  "unwritten|warning: mounting fs with errors|initial error at time|last error "
	  "at time}",
	  "fs/ext4/super.c", BY_PATTERN },
	{ "filesystem-warning", "filesystem", "storage.drives", OK, 10,
	  "EXT{2|3|4}-fs warning (device {disk}): ", "fs/ext4/super.c, __ext4_warning",
	  BY_PATTERN },
	{ "filesystem-journal-aborted", "filesystem", "storage.drives", CRITICAL, 0,
	  "Aborting journal on device {disk}", "fs/jbd2/journal.c, jbd2_journal_abort",
	  BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "JBD{?2}: Detected IO errors while flushing file data on {disk}",
	  "fs/jbd2/commit.c, journal_finish_inode_data_buffers; fs/jbd/commit.c",
	  BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "JBD{?2}: {I/O error|Error -}{*}detected when updating journal superblock for "
	  "{disk}",
	  "fs/jbd2/journal.c", BY_PATTERN },
	{ "filesystem-shut-down", "filesystem", "storage.drives", CRITICAL, 0,
	  "XFS ({disk}): {I/O Error Detected. Shutting|Corruption of in-memory "
	  "data|Filesystem has been shut down|Log I/O Error Detected|User initiated "
	  "shutdown received|xfs_do_force_shutdown|log I/O error|Log I/O error|Metadata "
	  "I/O Error}",
	  "fs/xfs/xfs_fsops.c, xfs_do_force_shutdown", BY_PATTERN },
	{ "filesystem-corrupt", "filesystem", "storage.drives", CRITICAL, 0,
	  "XFS ({disk}): {Metadata corruption detected|Metadata CRC error "
	  "detected|Corruption detected|Internal error|corrupt }",
	  "fs/xfs/xfs_error.c", BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "XFS ({disk}): {metadata I/O error|xfs_log_force: error|Corruption "
	  "warning|writeback error|Failing async write|log mount/recovery failed}",
	  "fs/xfs/xfs_buf.c", BY_PATTERN },
	{ DETAIL,
	  "XFS ({disk}): {Unmount and run xfs_repair|Please unmount the "
	  "filesystem|Please umount the filesystem|First 64 bytes|First 128 bytes}",
	  "fs/xfs/xfs_error.c", BY_PATTERN },
	{ "filesystem-corrupt", "filesystem", "storage.drives", CRITICAL, 0,
	  "BTRFS critical (device {disk}{*}): ", "fs/btrfs/messages.c", BY_PATTERN },
	{ "filesystem-checksum", "filesystem", "storage.drives", WARNING, 0,
	  "BTRFS {warning|error|info} (device {disk}{*}): {csum failed|checksum error "
	  "at|parent transid verify failed|bad tree block|checksum verify failed|unable "
	  "to fixup|fixed up error|read error corrected|csum mismatch}",
	  "fs/btrfs/compression.c, scrub.c, disk-io.c", BY_PATTERN },
	{ "filesystem-device-errors", "filesystem", "storage.drives", WARNING, 0,
	  "BTRFS error (device {disk}{*}): bdev {w} errs: ",
	  "fs/btrfs/volumes.c, btrfs_dev_stat_inc_and_print", BY_PATTERN },
	{ "filesystem-device-errors", "filesystem", "storage.drives", OK, 0,
	  "BTRFS info (device {disk}{*}): bdev {w} errs: ",
	  "fs/btrfs/volumes.c, btrfs_dev_stat_print_on_load", BY_PATTERN },
	{ "filesystem-read-only", "filesystem", "storage.drives", CRITICAL, 0,
	  "BTRFS info (device {disk}{*}): forced readonly",
	  "fs/btrfs/messages.c, btrfs_handle_error", BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", CRITICAL, 0,
	  "BTRFS: error (device {disk}{*}) in ",
	  "fs/btrfs/messages.c, __btrfs_handle_fs_error", BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "BTRFS error (device {disk}{*}): ", "fs/btrfs/messages.c", BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "F2FS-fs ({disk}): {*}error", "fs/f2fs/super.c", BY_PATTERN },
	{ "filesystem-corrupt", "filesystem", "storage.drives", CRITICAL, 0,
	  "F2FS-fs ({disk}): {Failed to get valid F2FS checkpoint|Wrong |Invalid "
	  "|invalid |Inconsistent |inconsistent |access invalid blkaddr|Found FS "
	  "corruption|Corrupted |sanity_check_}",
	  "fs/f2fs/super.c, sanity_check_ckpt; segment.c, build_sit_entries",
	  BY_PATTERN },
	{ "filesystem-error", "filesystem", "storage.drives", WARNING, 0,
	  "FAT-fs ({disk}): error, ", "fs/fat/misc.c, __fat_fs_error", BY_PATTERN },
	{ "filesystem-not-clean", "filesystem", "storage.drives", OK, 0,
	  "FAT-fs ({disk}): Volume was not properly unmounted",
	  "fs/fat/inode.c, fat_read_static_bpb", BY_PATTERN },
	{ "filesystem-suspended", "filesystem", NULL, CRITICAL, 0,
	  "WARNING: Pool '{name}' has encountered an uncorrectable I/O failure",
	  "OpenZFS, module/zfs/zio.c, zio_suspend", BY_PATTERN },
	{ "filesystem-server-silent", "filesystem", NULL, OK, 5,
	  "nfs: server {name} not responding", "fs/nfs, net/sunrpc/clnt.c", BY_PATTERN },
	{ DETAIL, NULL, NULL, BY_PATTERN },
};
