/*
 * What a jail's pid 1 and the copier say to each other about one device command. Integers alone:
 * pid 1 never sees what the tool asked for in memory, and the copier never sees the listener.
 */
#ifndef BEE_JAIL_BROKER_H
#define BEE_JAIL_BROKER_H

#include <stdint.h>

/* Descriptors that copier and performer start with. */
enum {
	BROKER_FD_ASKER =
		3, /* socket: pid 1 for the copier, the copier for the performer */
	BROKER_FD_RULES =
		4, /* pipe: which commands the policy names (broker/command.h) */
	BROKER_FD_OTHER =
		5, /* the copier's socket to the performer; the performer's device */
};

enum broker_step {
	BROKER_READY, /* copier: confined, and there is a performer */
	BROKER_COPY,  /* pid 1: copy this call's memory; copier: done */
	BROKER_SEND,  /* pid 1: the call still waits, have it performed; copier: done */
	BROKER_WRITE, /* pid 1: it still waits, write the answer back; copier: done */
	BROKER_DROP,  /* pid 1: the caller has gone, forget it; no reply */
};

struct broker_order {
	uint32_t step; /* enum broker_step */
	uint32_t pid;  /* of BROKER_COPY, as are the next two: who calls */
	uint32_t request;
	uint32_t pad;
	uint64_t address; /* ioctl(2)'s third argument */
};

struct broker_report {
	uint32_t step;
	uint32_t
		answered; /* the call has its answer: `value` or `error`, nothing is to follow */
	uint32_t refused; /* no word of the policy lets it through */
	int32_t error;    /* positive errno, or 0 */
	int32_t value;    /* what ioctl(2) returns */
	uint32_t transport;
	uint32_t key; /* which command of the transport, for people: command_key() */
};

#endif
