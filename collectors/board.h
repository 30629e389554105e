/* What the files of the board collector share. */
#ifndef BEE_COLLECTORS_BOARD_H
#define BEE_COLLECTORS_BOARD_H

#include "dmi.h"

/*
 * Puts release_date from "mm/dd/yyyy", or "mm/dd/yy" for 19yy (SMBIOS 3.6, 7.1, offset
 * 08h), as "yyyy-mm-dd"; anything else stays the text it is.
 */
void board_date(json_t *props, struct span value);

/* One TPM (SMBIOS type 43), one component's firmware (45). */
void board_put_tpm(const struct dmi_structure *s, const struct input *in,
		   struct output *out);
void board_put_firmware_component(const struct dmi_structure *s, const struct input *in,
				  struct output *out);

#endif
