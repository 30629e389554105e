/* Messages about PCI Express, IOMMUs and USB. */
#include "kernel.h"

#define OK KERNEL_OK
#define WARNING KERNEL_WARNING
#define CRITICAL KERNEL_CRITICAL
#define DETAIL NULL, NULL, NULL, KERNEL_OK, 0 /* of another message: known, not counted */

/* event, class, part, severity, a warning from so many on, format, who prints it */
const struct kernel_pattern kernel_pcie[] = {
	/* A port hears of an error, then the function that has it is named. */
	{ "pcie-corrected", "pcie", "pcie.devices", OK, 10,
	  "{w} {pci}: {?AER: }{PCIe|PCIE} Bus Error: severity=Correct{ed|able}",
	  "drivers/pci/pcie/aer.c, aer_print_error", BY_PATTERN },
	{ "pcie-fatal", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: {?AER: }{PCIe|PCIE} Bus Error: severity=Uncorrect{ed|able} (Fatal)",
	  "drivers/pci/pcie/aer.c, aer_print_error", BY_PATTERN },
	{ "pcie-nonfatal", "pcie", "pcie.devices", WARNING, 0,
	  "{w} {pci}: {?AER: }{PCIe|PCIE} Bus Error: severity=Uncorrect{ed|able} "
	  "(Non-Fatal)",
	  "drivers/pci/pcie/aer.c, aer_print_error", BY_PATTERN },
	{ "pcie-corrected-received", "pcie", "pcie.devices", OK, 10,
	  "{w} {pci}: AER: {?Multiple }Correct{ed|able} error {?message }received",
	  "drivers/pci/pcie/aer.c, aer_print_port_info", BY_PATTERN },
	{ "pcie-fatal-received", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: AER: {?Multiple }Uncorrect{ed|able} (Fatal) error {?message "
	  "}received",
	  "drivers/pci/pcie/aer.c, aer_print_port_info", BY_PATTERN },
	{ "pcie-nonfatal-received", "pcie", "pcie.devices", WARNING, 0,
	  "{w} {pci}: AER: {?Multiple }Uncorrect{ed|able} (Non-Fatal) error {?message "
	  "}received",
	  "drivers/pci/pcie/aer.c, aer_print_port_info", BY_PATTERN },
	/* What the firmware has reported: only of what is not corrected a mask follows. */
	{ "pcie-error", "pcie", "pcie.devices", OK, 10,
	  "{w} {pci}: {?AER: }aer_layer={*}aer_agent=",
	  "drivers/pci/pcie/aer.c, pci_print_aer", BY_PATTERN },
	{ "pcie-uncorrected", "pcie", "pcie.devices", WARNING, 0,
	  "{w} {pci}: {?AER: }aer_uncor_severity: ",
	  "drivers/pci/pcie/aer.c, pci_print_aer", BY_PATTERN },
	{ "pcie-recovery-failed", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: AER: {device recovery failed|Device recovery failed|can't "
	  "recover|subordinate device reset failed}",
	  "drivers/pci/pcie/err.c, pcie_do_recovery", BY_PATTERN },
	{ "pcie-recovered", "pcie", "pcie.devices", OK, 0,
	  "{w} {pci}: AER: {d|D}evice recovery successful",
	  "drivers/pci/pcie/err.c, pcie_do_recovery", BY_PATTERN },
	{ DETAIL, "{w} {pci}: AER: {*}link has been reset",
	  "drivers/pci/pcie/aer.c, aer_root_reset", BY_PATTERN },
	{ DETAIL, "{w} {pci}: {?AER: }{blanks}[{blanks}{n}] ",
	  "drivers/pci/pcie/aer.c, __aer_print_error", BY_PATTERN },
	{ DETAIL,
	  "{w} {pci}: {?AER: }{blanks}{device [|Error of this Agent|TLP Header|can't "
	  "find device of ID|aer_}",
	  "drivers/pci/pcie/aer.c, aer_print_error", BY_PATTERN },
	{ "pcie-containment", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: DPC: {containment event|unmasked uncorrectable|ERR_FATAL|RP PIO "
	  "error}",
	  "drivers/pci/pcie/dpc.c, dpc_process_error", BY_PATTERN },
	{ DETAIL, "{w} {pci}: DPC: ", "drivers/pci/pcie/dpc.c", BY_PATTERN },
	{ "pcie-slot-power-fault", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: pciehp: Slot({*}): Power fault",
	  "drivers/pci/hotplug/pciehp_ctrl.c", BY_PATTERN },
	{ "pcie-link-down", "pcie", "pcie.devices", WARNING, 0,
	  "{w} {pci}: pciehp: Slot({*}): {Link Down|Card not present|Cannot train "
	  "link|Failed to check link|No adapter|Link Training Error}",
	  "drivers/pci/hotplug/pciehp_ctrl.c", BY_PATTERN },
	{ "pcie-link-up", "pcie", "pcie.devices", OK, 0,
	  "{w} {pci}: pciehp: Slot({*}): {Link Up|Card present}",
	  "drivers/pci/hotplug/pciehp_ctrl.c", BY_PATTERN },
	{ "pcie-not-answering", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: {Unable to change power state from|can't change power state "
	  "from|Refused to change power state}",
	  "drivers/pci/pci.c, pci_power_up", BY_PATTERN },
	{ "pcie-not-answering", "pcie", "pcie.devices", CRITICAL, 0,
	  "{w} {pci}: not ready {n}ms after", "drivers/pci/pci.c, pci_dev_wait",
	  BY_PATTERN },
	{ "pcie-link-limited", "pcie", "pcie.devices", OK, 0,
	  "{w} {pci}: {n}.{n} Gb/s available PCIe bandwidth, limited by",
	  "drivers/pci/pci.c, __pcie_print_link_status", BY_PATTERN },
	{ "pcie-link-retrain-failed", "pcie", "pcie.devices", WARNING, 0,
	  "{w} {pci}: {broken device, retraining|retraining failed}",
	  "drivers/pci/quirks.c, pcie_failed_link_retrain", BY_PATTERN },
	{ "pcie-resource-missing", "pcie", "pcie.devices", OK, 0,
	  "{w} {pci}: {BAR |bridge window}{*}{can't assign; no space|failed to assign|no "
	  "space for}",
	  "drivers/pci/setup-bus.c", BY_PATTERN },
	{ "pcie-probe-failed", "pcie", "pcie.devices", WARNING, 0,
	  "{w}: probe of {pci} failed with error", "drivers/base/dd.c, call_driver_probe",
	  BY_PATTERN },
	{ "pcie-probe-failed", "pcie", "pcie.devices", WARNING, 0,
	  "{w} {pci}: probe with driver {w} failed with error",
	  "drivers/base/dd.c, call_driver_probe", BY_PATTERN },
	{ "iommu-fault", "pcie", "pcie.devices", OK, 3,
	  "DMAR: [{*}] Request device [{pci}] ",
	  "drivers/iommu/intel/dmar.c, dmar_fault_do_one", BY_PATTERN },
	{ DETAIL, "DMAR: DRHD: handling fault status reg",
	  "drivers/iommu/intel/dmar.c, dmar_fault", BY_PATTERN },
	{ "iommu-fault", "pcie", "pcie.devices", OK, 3,
	  "AMD-Vi: Event logged [{*} device={pci} ",
	  "drivers/iommu/amd/init.c, iommu_print_event", BY_PATTERN },
	{ "iommu-fault", "pcie", "pcie.devices", OK, 3,
	  "{w} {pci}: AMD-Vi: Event logged [",
	  "drivers/iommu/amd/iommu.c, amd_iommu_report_page_fault", BY_PATTERN },
	{ "usb-controller-dead", "pcie", "pcie.devices", CRITICAL, 0,
	  "xhci_hcd {pci}: {xHCI host controller not responding|HC died|Host System "
	  "Error|WARNING: Host System Error|Abort failed to stop command ring|Abort "
	  "command ring failed|Host halt failed|xHCI host not responding}",
	  "drivers/usb/host/xhci-ring.c, xhci_hc_died", BY_PATTERN },
	{ "usb-not-answering", "usb", "usb.devices", WARNING, 0,
	  "usb {usb}: {device descriptor read|device not accepting address|Device not "
	  "responding|can't set config|unable to get BOS|unable to read config}",
	  "drivers/usb/core/hub.c", BY_PATTERN },
	{ "usb-not-answering", "usb", NULL, WARNING, 0,
	  "usb {*}-port{n}: {unable to enumerate USB device|couldn't allocate "
	  "usb_device|config error|cannot reset|Cannot enable|connect-debounce "
	  "failed|over-current}",
	  "drivers/usb/core/hub.c", BY_PATTERN },
	{ "usb-reset", "usb", "usb.devices", OK, 5,
	  "usb {usb}: reset {w} USB device number",
	  "drivers/usb/core/hub.c, hub_port_init", BY_PATTERN },
	{ "usb-disconnect", "usb", "usb.devices", OK, 5,
	  "usb {usb}: USB disconnect, device number",
	  "drivers/usb/core/hub.c, usb_disconnect", BY_PATTERN },
	{ DETAIL, NULL, NULL, BY_PATTERN },
};
