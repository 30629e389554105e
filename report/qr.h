/* The QR code: what a phone takes away from the console of an unknown machine. */
#ifndef BEE_REPORT_QR_H
#define BEE_REPORT_QR_H

#include "facts.h"

/* modules of light around; ISO 18004 wants 4, every reader takes 2 */
#define QR_QUIET 2
/* 41 modules; more is too fine for a photograph of a console */
#define QR_VERSION_MAX 6
#define QR_ROW_BYTES 512 /* of one row drawn, with its NUL */

struct qr {
	int size;               /* modules a side; 0: none */
	unsigned char *modules; /* owned: size * size bytes, 1 is dark */
};

enum qr_style { QR_HALF_BLOCKS, QR_ASCII };

/* Columns and rows a code of a version takes on the screen. */
unsigned qr_columns(unsigned version, enum qr_style style);
unsigned qr_rows(unsigned version, enum qr_style style);

/*
 * What a code says: identity, counts, health and the first digits of `digest`. 0 says most, of
 * the last number a code is smallest; NULL: there are no more. Owned by the caller.
 */
char *qr_text(const struct facts *facts, const char *digest, unsigned number);

/*
 * The first of these texts that fits into a code of at most `version`. Returns the version it
 * took, or 0.
 */
unsigned qr_make(struct qr *qr, const struct facts *facts, const char *digest,
		 unsigned version);
void qr_done(struct qr *qr);

/* One row of it as text. Light modules are drawn, dark ones left out: a console is dark.
 */
void qr_row(const struct qr *qr, unsigned row, enum qr_style style,
	    char out[QR_ROW_BYTES]);

#endif
