/* Messages about GPUs and NVSwitches. */
#include "kernel.h"

#define OK KERNEL_OK
#define WARNING KERNEL_WARNING
#define CRITICAL KERNEL_CRITICAL
#define DETAIL NULL, NULL, NULL, KERNEL_OK, 0 /* of another message: known, not counted */

/* event, class, part, severity, a warning from so many on, format, who prints it */
const struct kernel_pattern kernel_gpu[] = {
	{ "gpu-xid", "gpu", "gpus", CRITICAL, 0,
	  "NVRM: Xid ({?PCI:}{pci}): {code}, {w} Fatal ",
	  "NVIDIA, Xid catalog, 144 to 150", BY_PATTERN },
	{ "gpu-xid", "gpu", "gpus", WARNING, 0,
	  "NVRM: Xid ({?PCI:}{pci}): {code}, {w} Nonfatal ",
	  "NVIDIA, Xid catalog, 144 to 150", BY_PATTERN },
	{ "gpu-xid", "gpu", "gpus", OK, 0, "NVRM: Xid ({?PCI:}{pci}): {code}",
	  "NVIDIA, Xid Errors (docs.nvidia.com/deploy/xid-errors)", BY_XID },
	{ "gpu-lost", "gpu", "gpus", CRITICAL, 0,
	  "NVRM: GPU {pci}: GPU has fallen off the bus",
	  "NVIDIA, open-gpu-kernel-modules, src/nvidia/arch/nvalloc/unix/src/osapi.c",
	  BY_PATTERN },
	{ "gpu-lost", "gpu", "gpus", CRITICAL, 0,
	  "NVRM: The NVIDIA GPU {pci}{*}fallen off the bus",
	  "NVIDIA, open-gpu-kernel-modules, kernel-open/nvidia", BY_PATTERN },
	{ "gpu-lost", "gpu", "gpus", CRITICAL, 0,
	  "NVRM: GPU at {?PCI:}{pci} has fallen off the bus", "NVIDIA, Xid Errors, 79",
	  BY_PATTERN },
	{ "gpu-not-started", "gpu", "gpus", CRITICAL, 0,
	  "NVRM: GPU {pci}: {RmInitAdapter failed|rm_init_adapter failed|Failed to "
	  "|RmInit}",
	  "NVIDIA, open-gpu-kernel-modules, src/nvidia/arch/nvalloc/unix/src/osinit.c",
	  BY_PATTERN },
	{ "gpu-not-started", "gpu", NULL, CRITICAL, 0,
	  "NVRM: {RmInitAdapter failed|rm_init_adapter|The NVIDIA probe routine "
	  "failed|None of the NVIDIA devices were initialized|No NVIDIA GPU found}",
	  "NVIDIA, open-gpu-kernel-modules, kernel-open/nvidia/nv.c", BY_PATTERN },
	{ "gpu-versions-differ", "gpu", NULL, WARNING, 0, "NVRM: API mismatch:",
	  "NVIDIA, open-gpu-kernel-modules, kernel-open/nvidia/nv.c", BY_PATTERN },
	{ "gpu-crash-dump", "gpu", NULL, WARNING, 0,
	  "NVRM: A GPU crash dump has been created",
	  "NVIDIA, open-gpu-kernel-modules, src/nvidia/src/kernel/diagnostics",
	  BY_PATTERN },
	{ DETAIL, "NVRM: GPU at {?PCI:}{pci}: ", "NVIDIA, Xid Errors", BY_PATTERN },
	{ DETAIL,
	  "NVRM: {GPU Board Serial Number|nvidia-bug-report|loading NVIDIA "
	  "UNIX|objClInitPcieChipset}",
	  "NVIDIA, open-gpu-kernel-modules", BY_PATTERN },
	{ "nvswitch-sxid", "gpu", "pcie.devices", WARNING, 0,
	  "nvidia-nvswitch{n}: SXid (PCI:{pci}): {n}, Non-fatal",
	  "NVIDIA, Fabric Manager User Guide, NVSwitch SXid Errors", BY_PATTERN },
	{ "nvswitch-sxid-fatal", "gpu", "pcie.devices", CRITICAL, 0,
	  "nvidia-nvswitch{n}: SXid (PCI:{pci}): {n}, Fatal",
	  "NVIDIA, Fabric Manager User Guide, NVSwitch SXid Errors", BY_PATTERN },
	{ DETAIL,
	  "nvidia-nvswitch{n}: SXid (PCI:{pci}): {n}, {Severity|Data|Error Data|Engine "
	  "instance}",
	  "NVIDIA, Fabric Manager User Guide, NVSwitch SXid Errors", BY_PATTERN },
	{ "nvswitch-sxid", "gpu", "pcie.devices", WARNING, 0,
	  "nvidia-nvswitch{n}: SXid (PCI:{pci}): {n}",
	  "NVIDIA, Fabric Manager User Guide, NVSwitch SXid Errors", BY_PATTERN },
	/* AMD and Intel. */
	{ "gpu-uncorrected", "gpu", "gpus", CRITICAL, 0,
	  "amdgpu {pci}: {?amdgpu: }{*}{count} uncorrectable hardware errors detected "
	  "in ",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_ras.c", BY_PATTERN },
	{ "gpu-corrected", "gpu", "gpus", OK, 10,
	  "amdgpu {pci}: {?amdgpu: }{*}{count} correctable hardware errors detected in ",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_ras.c", BY_PATTERN },
	{ "gpu-hang", "gpu", "gpus", WARNING, 0,
	  "amdgpu {pci}: {?amdgpu: }{?[drm] }{ring|*ERROR* ring} {w} timeout",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_job.c, amdgpu_job_timedout", BY_PATTERN },
	{ "gpu-hang", "gpu", NULL, WARNING, 0,
	  "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring {w} timeout",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_job.c, amdgpu_job_timedout", BY_PATTERN },
	{ "gpu-reset", "gpu", "gpus", WARNING, 0,
	  "amdgpu {pci}: {?amdgpu: }Ring {w} reset failed",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_ring.c", BY_PATTERN },
	{ DETAIL, "amdgpu {pci}: {?amdgpu: }GPU reset succeeded",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_device.c", BY_PATTERN },
	{ "gpu-reset-failed", "gpu", "gpus", CRITICAL, 0,
	  "amdgpu {pci}: {?amdgpu: }{GPU Recovery Failed|GPU reset end with ret = "
	  "-|Fatal error during GPU init|GPU mode1 reset failed|asic reset on resume "
	  "failed}",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_device.c", BY_PATTERN },
	{ "gpu-reset-failed", "gpu", "gpus", CRITICAL, 0,
	  "amdgpu {pci}: {?amdgpu: }GPU reset({n}) failed",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_device.c", BY_PATTERN },
	{ "gpu-reset", "gpu", "gpus", WARNING, 0,
	  "amdgpu {pci}: {?amdgpu: }{GPU reset begin|GPU reset(}",
	  "drivers/gpu/drm/amd/amdgpu/amdgpu_device.c", BY_PATTERN },
	{ "gpu-page-fault", "gpu", "gpus", OK, 10,
	  "amdgpu {pci}: {?amdgpu: }{?[gfxhub0] |[gfxhub] |[mmhub0] |[mmhub] }{?no-retry "
	  "|retry }page fault (",
	  "drivers/gpu/drm/amd/amdgpu/gmc_v9_0.c", BY_PATTERN },
	{ "gpu-hang", "gpu", "gpus", WARNING, 0,
	  "i915 {pci}: {?[drm] }{GPU HANG|Resetting chip for|*ERROR* GT}",
	  "drivers/gpu/drm/i915/i915_gpu_error.c", BY_PATTERN },
	{ "gpu-hang", "gpu", "gpus", WARNING, 0,
	  "xe {pci}: {?[drm] }{*}{Engine reset|Timedout job}",
	  "drivers/gpu/drm/xe/xe_guc_submit.c", BY_PATTERN },
	{ DETAIL, NULL, NULL, BY_PATTERN },
};
