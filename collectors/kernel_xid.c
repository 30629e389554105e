/*
 * NVIDIA's Xid events: what they stand for and how bad that is.
 *
 * Names and what to do are those of NVIDIA's Xid catalog (docs.nvidia.com/deploy/xid-errors). An
 * event of a program (RESTART_APP) is no fault of the GPU. Critical is what takes the GPU or its
 * links out of use until somebody acts (RESET_GPU, RESTART_BM, CONTACT_SUPPORT) or lost data.
 */
#include "kernel.h"

static const struct {
	unsigned code;
	enum kernel_severity severity;
	const char *name;
} xids[] = {
	{ 8, KERNEL_OK, "GPU stopped processing" },
	{ 13, KERNEL_OK, "graphics engine exception" },
	{ 31, KERNEL_OK, "GPU memory page fault" },
	{ 32, KERNEL_WARNING, "invalid or corrupted push buffer stream" },
	{ 38, KERNEL_WARNING, "driver firmware error" },
	{ 39, KERNEL_OK, "copy engine exception" },
	{ 40, KERNEL_OK, "copy engine exception" },
	{ 41, KERNEL_OK, "copy engine exception" },
	{ 43, KERNEL_OK, "GPU stopped processing" },
	{ 44, KERNEL_WARNING, "graphics engine fault during context switch" },
	{ 45, KERNEL_OK, "preemptive cleanup, due to previous errors" },
	{ 46, KERNEL_CRITICAL, "GPU stopped processing" },
	{ 48, KERNEL_CRITICAL, "double bit ECC error" },
	{ 54, KERNEL_CRITICAL, "auxiliary power is not connected" },
	{ 56, KERNEL_WARNING, "display engine error" },
	{ 61, KERNEL_WARNING, "internal micro-controller breakpoint" },
	{ 62, KERNEL_CRITICAL, "internal micro-controller halt" },
	{ 63, KERNEL_WARNING, "page retirement or row remapping recorded" },
	{ 64, KERNEL_CRITICAL, "page retirement or row remapping failed" },
	{ 65, KERNEL_WARNING, "video processor exception" },
	{ 66, KERNEL_WARNING, "illegal access by driver" },
	{ 67, KERNEL_WARNING, "illegal access by driver" },
	{ 68, KERNEL_OK, "video processor exception" },
	{ 69, KERNEL_OK, "graphics engine class error" },
	{ 70, KERNEL_OK, "copy engine exception" },
	{ 71, KERNEL_OK, "copy engine exception" },
	{ 72, KERNEL_OK, "copy engine exception" },
	{ 73, KERNEL_WARNING, "video encoder exception" },
	{ 74, KERNEL_CRITICAL, "NVLink error" },
	{ 78, KERNEL_WARNING, "vGPU start error" },
	{ 79, KERNEL_CRITICAL, "GPU has fallen off the bus" },
	{ 80, KERNEL_WARNING, "corrupted data sent to GPU" },
	{ 81, KERNEL_WARNING, "VGA subsystem error" },
	{ 92, KERNEL_WARNING, "high rate of single bit ECC errors" },
	{ 93, KERNEL_WARNING, "non-fatal violation of provisioned infoROM wear limit" },
	{ 94, KERNEL_WARNING, "contained memory error" },
	{ 95, KERNEL_CRITICAL, "uncontained memory error" },
	{ 109, KERNEL_WARNING, "context switch timeout" },
	{ 110, KERNEL_CRITICAL, "security fault" },
	{ 119, KERNEL_CRITICAL, "GSP RPC timeout" },
	{ 120, KERNEL_CRITICAL, "GSP error" },
	{ 121, KERNEL_OK, "C2C link corrected error" },
	{ 122, KERNEL_WARNING, "SPI PMU RPC read failure" },
	{ 123, KERNEL_WARNING, "SPI PMU RPC write failure" },
	{ 124, KERNEL_WARNING, "SPI PMU RPC erase failure" },
	{ 125, KERNEL_WARNING, "infoROM file system failure" },
	{ 136, KERNEL_CRITICAL, "NVLink event" },
	{ 137, KERNEL_OK, "NVLink FLA privilege error" },
	{ 140, KERNEL_CRITICAL, "unrecovered ECC error" },
	{ 143, KERNEL_CRITICAL, "GPU initialization failure" },
	{ 144, KERNEL_WARNING, "NVLink SAW error" },
	{ 145, KERNEL_WARNING, "NVLink RLW error" },
	{ 146, KERNEL_WARNING, "NVLink TLW error" },
	{ 147, KERNEL_WARNING, "NVLink TREX error" },
	{ 148, KERNEL_WARNING, "NVLink NVLPW_CTRL error" },
	{ 149, KERNEL_CRITICAL, "NVLink NETIR error" },
	{ 150, KERNEL_WARNING, "NVLink MSE error" },
	{ 151, KERNEL_WARNING, "key rotation error" },
	{ 154, KERNEL_WARNING, "GPU recovery action changed" },
	{ 155, KERNEL_WARNING, "NVLink: software defined error" },
	{ 156, KERNEL_WARNING, "resource retirement event" },
	{ 157, KERNEL_WARNING, "resource retirement failure" },
	{ 158, KERNEL_CRITICAL, "GPU fatal timeout" },
	{ 160, KERNEL_WARNING, "channel retirement event" },
	{ 161, KERNEL_WARNING, "channel retirement failure" },
};

enum kernel_severity kernel_xid(uint64_t code, const char **name)
{
	for (size_t i = 0; i < ARRAY_LEN(xids); i++) {
		if (xids[i].code != code)
			continue;
		*name = xids[i].name;
		return xids[i].severity;
	}
	*name = NULL;
	return KERNEL_WARNING;
}
