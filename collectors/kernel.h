/* The kernel's log: what each line says of which part, and how bad that is. */
#ifndef BEE_COLLECTORS_KERNEL_H
#define BEE_COLLECTORS_KERNEL_H

#include "text.h"

#define KERNEL_MESSAGE_MAX 2048u /* bytes of a message that are looked at */

enum kernel_severity { KERNEL_OK, KERNEL_WARNING, KERNEL_CRITICAL };
extern const char *const kernel_severity_names[];

/* What decides the severity of a line where its pattern alone does not. */
enum kernel_by { BY_PATTERN, BY_XID, BY_MACHINE_CHECK };

/*
 * One kind of message. In `format`, which is the beginning of a message, all stands for itself
 * but:
 *
 *   {n} {x}         digits; hexadecimal digits, perhaps after 0x
 *   {w}             a word without blanks and colons, such as a driver's name
 *   {*} {blanks}    anything, as little as does it; blanks or none
 *   {a|b} {?a|b}    one of these; one of these or nothing
 *   {pci} {disk} {net} {hctl} {ata} {usb} {cpu} {name}
 *                   the device: by its PCI address, block device, interface, SCSI address, ATA
 *                   port, USB path, number; {name} is anything, as little as does it
 *   {count}         how many the line speaks of
 *   {code} {status} Xid; the status of a machine check bank
 *   {mc}            number of a memory controller
 *   {ghes}          a number in braces; a brace before a blank is itself
 *   $               at the end: nothing follows
 */
struct kernel_pattern {
	const char
		*event; /* stable: programs filter by it. NULL: only details of another */
	const char *class; /* which rule judges it, gather/rules_log.c */
	const char *part;  /* type of the device's record; NULL: the machine's */
	enum kernel_severity severity;
	unsigned many; /* from so many on it is a warning at least; 0: never by number */
	const char *format;
	const char *source; /* who prints it, of Linux unless it says so */
	enum kernel_by by;
};
/* Tables, each ended by a NULL format; the first pattern that matches counts. NULL ends. */
extern const struct kernel_pattern *const kernel_tables[];
extern const struct kernel_pattern kernel_storage[], kernel_files[], kernel_pcie[];
extern const struct kernel_pattern kernel_machine[], kernel_gpu[], kernel_network[];

enum kernel_device { KERNEL_NAME, KERNEL_ADDRESS, KERNEL_DISK, KERNEL_CPU };

struct kernel_match {
	const struct kernel_pattern *pattern;
	struct span device; /* len 0: none */
	enum kernel_device kind;
	uint64_t count, code, status, controller;
	bool has_code, has_status, has_controller;
	enum kernel_severity severity; /* of this line alone */
};

/* False when no pattern knows the message. */
bool kernel_match(struct span message, struct kernel_match *match);
/* Whether `message` begins as `format` says. */
bool kernel_format_match(const char *format, struct span message,
			 struct kernel_match *match);
/* What NVIDIA says of an Xid; *name is NULL for one that it does not list. */
enum kernel_severity kernel_xid(uint64_t code, const char **name);

struct kernel_line {
	struct span
		message; /* without dictionary; points into the input or into `joined` */
	bool has_sequence, has_time, has_level;
	uint64_t sequence, us; /* since the start */
	unsigned level;        /* 0 emergency to 7 debug */
	char joined[KERNEL_MESSAGE_MAX];
};

enum kernel_text {
	KERNEL_END,
	KERNEL_LINE,  /* of the kernel's */
	KERNEL_OTHER, /* of a program's, or nothing that is a line of a log */
	KERNEL_ABOUT, /* of bee-kmsg's own, in `message`: a name, a tab, a value */
};

/* Takes the next record off `rest`: of /dev/kmsg, of dmesg, or of a journal's text. */
enum kernel_text kernel_line_next(struct span *rest, struct kernel_line *line);

/* Events of one log or crash by their key. */
struct kernel_events {
	json_t *records; /* owned: {key: props} */
	json_t *strange; /* owned: the first lines at level error or worse that no pattern knows */
	uint64_t known, unknown_errors, left_out;
	int64_t epoch_ms; /* of the moment 0 of the log's clock; 0: not known */
};
void kernel_events_init(struct kernel_events *events);
void kernel_events_add(struct kernel_events *events, const struct kernel_line *line);
/* Emits them; `crash` (NULL: of this start) is the crash they stand in. */
void kernel_events_emit(struct kernel_events *events, const char *crash,
			struct output *out);

#endif
