/* /run/bee/progress: how far the audit is that runs, for who wants to see it. A file, so that nobody
 * who looks can hold it up: it is written in the monitor's tmpfs, whoever reads. */
#ifndef BEE_LIB_PROGRESS_FILE_H
#define BEE_LIB_PROGRESS_FILE_H

/*
 * Records of one line each, filled up with NULs. The first is of the audit:
 *
 *	bee-progress 1 PID START-MS TIMEOUT-MS
 *
 * then one per job, by its number in the document:
 *
 *	NAME STATE START-MS END-MS
 *
 * STATE is "waits", "runs" or a status; times are of CLOCK_BOOTTIME, 0 where there is none. The
 * file is of the last audit: one runs while /run/bee/lock is held.
 */
#define PROGRESS_FILE "/run/bee/progress"
#define PROGRESS_LOCK "/run/bee/lock"
#define PROGRESS_RECORD 256
#define PROGRESS_MAGIC "bee-progress 1"
#define PROGRESS_WAITS "waits"
#define PROGRESS_RUNS "runs"

#endif
