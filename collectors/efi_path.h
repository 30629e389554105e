/* EFI device paths, as text (UEFI 2.10, chapter 10). */
#ifndef BEE_COLLECTORS_EFI_PATH_H
#define BEE_COLLECTORS_EFI_PATH_H

#include "text.h"

/* What of a path somebody looks for, beside its text. */
struct efi_path {
	char *file; /* owned: a file's name as efi_ucs2 gives it; NULL: none */
	size_t file_len;
	char partition[37]; /* GPT's, in lower case; "": none */
	char mac[18];       /* of Ethernet; "": none */
};

/*
 * The text of all nodes (10.6), those that are not known as "Path(type,subtype,bytes)": owned,
 * its length in *size, and any bytes in it. NULL where a node's length is none or the end is
 * missing. `found` is all zero before; what it owns is the caller's after, in any case.
 */
char *efi_path_text(const uint8_t *bytes, size_t len, struct efi_path *found,
		    size_t *size);

/* UCS-2 in `count` units up to its NUL, as bytes for collect_text(): half a surrogate pair is
 * no UTF-8, and told so. Owned; *len is its length. */
char *efi_ucs2(const uint8_t *units, size_t count, size_t *len);

#endif
