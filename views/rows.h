/* Rows of sections that are no plain list of the document's records. */
#ifndef BEE_VIEWS_ROWS_H
#define BEE_VIEWS_ROWS_H

#include "util.h"

#include <jansson.h>

/*
 * What a finding is about: "sdc", "eth0" and an address speak for themselves, a handle of SMBIOS
 * does not ("memory CPU1 DIMM 3"). `found` is an object that keeps what was looked up once. Owned by
 * the caller.
 */
char *rows_part(json_t *found, const json_t *document, const json_t *component);

/* Each: a new array of new objects, or of references to records. */
json_t *rows_findings(const json_t *document);
json_t *rows_jobs(const json_t *document);
/* Whatever has a serial number. */
json_t *rows_serials(const json_t *document);
json_t *rows_firmware(const json_t *document);
/* By name, as people count. */
json_t *rows_drives(const json_t *document);
json_t *rows_others(const json_t *document);
json_t *rows_network(const json_t *document);
json_t *rows_sensors(const json_t *document);
/* Where the firmware lists none, what the kernel counts. */
json_t *rows_processors(const json_t *document);

/* Each GPU's NVLinks: down, those that are not active; speed_gbps, of all that are. */
json_t *rows_gpu_links(const json_t *document);
/* What the firmware starts, in boot_order; `is`: what it started now, and what it will next. */
json_t *rows_boot(const json_t *document);
/* The ports of RDMA adapters, by "mlx5_0:1". */
json_t *rows_infiniband(const json_t *document);
/* What the kernel counts, as one row: sockets, cores, threads, memory. */
json_t *rows_kernel(const json_t *document);

#endif
