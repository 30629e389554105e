/* What bee-ipmi reads, step by step, and the lines it prints. */
#ifndef BEE_PROBES_IPMI_STEPS_H
#define BEE_PROBES_IPMI_STEPS_H

#include "ipmi_link.h"

/* One run: where the BMC is and where the lines go. Each line is flushed. */
struct ipmi_session {
	struct ipmi_link *link; /* borrowed */
	FILE *out;              /* borrowed */
	uint16_t reservation;   /* of the SDR repository */
	uint8_t sdr_chunk,
		fru_chunk; /* bytes per command; a BMC that takes less lowers it */
};

/* NAME<TAB>NUMBER<TAB>bytes as hexadecimal. */
void ipmi_tell(struct ipmi_session *session, const char *name, unsigned number,
	       const uint8_t *bytes, size_t len);
/* NAME<TAB>NUMBER<TAB>!CODE or !ENAME, where there is one: was it a success? */
bool ipmi_tell_failure(struct ipmi_session *session, const char *name, unsigned number,
		       int status, uint8_t code);
/* Asks with the `count` bytes that follow, and tells the answer; true when it was a
 * success. */
bool ipmi_tell_answer(struct ipmi_session *session, const char *name, unsigned number,
		      uint8_t netfn, uint8_t cmd, const uint8_t *data, size_t count,
		      struct ipmi_answer *answer);

/* Has the BMC stopped answering, or is the time up? Then nothing more is worth asking. */
bool ipmi_is_over(const struct ipmi_session *session);

/* Bytes of a FRU's information storage that its header and areas ask for, as far as the
 * first `have` bytes of `size` tell; never more than `size`. */
size_t ipmi_fru_extent(const uint8_t *bytes, size_t have, size_t size);

void ipmi_step_fru(struct ipmi_session *session);
void ipmi_step_info(struct ipmi_session *session);
void ipmi_step_sdr(struct ipmi_session *session);
void ipmi_step_sel(struct ipmi_session *session);

#endif
