/* A medium with the label BEE-CONF, which somebody has plugged in: it has a part of the configuration. */
#ifndef BEE_REMOTE_MEDIA_H
#define BEE_REMOTE_MEDIA_H

#include "config.h"
#include "disk.h"
#include "said.h"

#define MEDIA_LABEL "BEE-CONF"
#define MEDIA_DIR "/run/bee/media"
#define MEDIA_SAID MEDIA_DIR "/said"

struct medium {
	char node[DISK_NODE_MAX];
	const char *type; /* of its file system, a static word */
};

/* Of what can be taken out. 1: that is the one; 0: there is none; -1 with words: more than one, or of another type. */
MUST_CHECK int media_find(struct medium *out, struct said *said);

/* What was on it: memfds, sealed, of which nobody has looked at a byte; -1: it has no such file. */
struct media_files {
	int fds[CONFIG_FILES];
};

/*
 * By a child, which mounts it for itself alone, at `place`, and reads it without rights. 0, or -1 with words.
 * media_files_done() in both cases.
 */
MUST_CHECK int media_take(const struct medium *medium, const char *place,
			  struct media_files *out, struct said *said);
void media_files_done(struct media_files *files);

#endif
