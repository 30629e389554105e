/* What no record says by itself: parts of the document that are drawn from its records. */
#ifndef BEE_GATHER_DERIVE_H
#define BEE_GATHER_DERIVE_H

#include "json.h"

#include <stdint.h>

/* Puts pcie.devices[].slot, and leaves out boards and chassis that are there twice. */
void derive_board(json_t *document);
/* Puts memory.summary.installed_bytes, and the kernel's error counts to their modules. */
void derive_memory(json_t *document);
/* Puts module, or probable_module, of the places that the kernel counts memory errors for. */
void derive_places(const json_t *modules, json_t *places);
/* {locator, or bank locator and locator: the module, null where several have it}; a new reference. */
json_t *derive_modules_by_label(const json_t *modules);
/* Moves supplies that the firmware lists without knowing of them to smbios.power_supplies; says
 * in health_doubted where all are said to have failed. */
void derive_power(json_t *document);
/* Moves drives that are not the machine's own to storage.others, virtual functions to
 * network.virtual_functions, and makes of a drive's paths one record. */
void derive_owner(json_t *document);
/* Puts what the BMC's sensors see of parts into bmc, and in its conflicts where the system has
 * fewer. After derive_owner. */
void derive_ghosts(json_t *document);
/* Puts maker, model and slot of the card into records of its ports: network.interfaces,
 * network.virtual_functions, network.infiniband. */
void derive_network(json_t *document);
/* Puts wear_percent of drives. */
void derive_wear(json_t *document);
/* Puts not_learned into records of devices that jobs of their own could not tell all of. After
 * derive_owner. */
struct gather;
struct verdict;
void derive_unlearned(json_t *document, const struct gather *gather,
		      const struct verdict *verdicts);
/* Takes the OK from drives whose counters contradict each other: health_doubted has it. */
void derive_doubt(json_t *document);
/* Puts audit.clock: whether the time it started at can be believed; `built` is when the program
 * was made, in seconds, 0 where nobody knows. */
void derive_clock(json_t *document, int64_t started_ms, int64_t built);
/* Puts component of kernel.events, and kernel_events of the records they are about. */
void derive_kernel(json_t *document);
/* Every firmware version of the document's records, sorted by key; a new reference. */
json_t *derive_firmware(const json_t *document);
/* Maker, model, serial number and uuid of the machine; a new reference. */
json_t *derive_identity(const json_t *document);

#endif
