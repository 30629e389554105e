/* Starting a guest, from its name and options. */
#ifndef BEE_GUEST_START_H
#define BEE_GUEST_START_H

#include "guest.h"

enum start_how {
	START_BACKGROUND, /* returns when it is ready */
	START_FOREGROUND, /* is its supervisor */
	START_ATTACHED, /* joined with its terminal, if there is one; returns its exit status */
};

struct start {
	enum start_how how;
	bool quiet;
	bool image_first; /* the first word is an image, also without a "/" */
	bool unnamed;     /* its name was made up */
	unsigned seconds; /* to be ready in; 0: as its kind needs it */
};

/* An exit status. */
int start_guest(struct guest *guest, const struct start *start);

#endif
