/* The words that name modules. */
#include "module_words.h"

#include <fnmatch.h>
#include <string.h>

/*
 * Where the kernel's sources keep what a server has; in a glob "*" goes through folders. "!" in
 * front: also what names no device, because something else asks for it by name.
 */
static const struct {
	const char *word;
	const char *globs[16];
} classes[] = {
	{ "storage",
	  { "kernel/drivers/ata/*", "kernel/drivers/scsi/*", "kernel/drivers/nvme/host/*",
	    "kernel/drivers/block/virtio_blk", "kernel/drivers/block/xen-blkfront",
	    "kernel/drivers/message/fusion/*", "kernel/drivers/usb/storage/*",
	    "kernel/drivers/pci/controller/vmd", "kernel/drivers/mmc/host/*",
	    "kernel/drivers/virtio/virtio_*", "!kernel/drivers/mmc/core/mmc_block",
	    "!kernel/drivers/scsi/sg", NULL } },
	{ "net",
	  { "kernel/drivers/net/ethernet/*", "kernel/drivers/net/phy/*",
	    "kernel/drivers/net/mdio/*", "kernel/drivers/virtio/virtio_*",
	    "kernel/drivers/net/virtio_net", "kernel/drivers/net/xen-netfront",
	    "kernel/drivers/net/vmxnet3/*", "kernel/drivers/net/hyperv/*", NULL } },
	{ "infiniband", { "kernel/drivers/infiniband/hw/*", NULL } },
	{ "ipmi",
	  { "kernel/drivers/char/ipmi/*", "!kernel/drivers/char/ipmi/ipmi_devintf",
	    "!kernel/drivers/char/ipmi/ipmi_si", NULL } },
	{ "tpm", { "kernel/drivers/char/tpm/*", NULL } },
	{ "usb",
	  { "kernel/drivers/usb/host/*", "kernel/drivers/usb/core/*",
	    "kernel/drivers/hid/usbhid/*", "kernel/drivers/hid/hid-generic", NULL } },
	{ "sensors", { "kernel/drivers/hwmon/*", NULL } },
	{ "edac", { "kernel/drivers/edac/*", NULL } },
};

/* How aliases of drivers begin; others are of file formats, ciphers, protocols. */
static const char *const buses[] = {
	"acpi",  "auxiliary:", "cpu:", "dmi",     "eisa:",  "hid:",      "i2c:",
	"mdio:", "of:",        "pci:", "pcmcia:", "pnp",    "platform:", "scsi:",
	"sdio:", "spi:",       "usb:", "virtio:", "vmbus:", "xen:",      "mmc:",
};

bool module_is_driver(const struct kmod *mod)
{
	const char *alias;
	size_t at = 0;

	while ((alias = modinfo_next(mod->info, mod->info_len, "alias", &at)))
		for (size_t i = 0; i < ARRAY_LEN(buses); i++)
			if (!strncmp(alias, buses[i], strlen(buses[i])))
				return true;
	return false;
}

const char *const *module_class(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (!strcmp(classes[i].word, word))
			return classes[i].globs;
	return NULL;
}

bool module_matches(const struct kmod *mod, const char *glob)
{
	size_t len;
	const char *suffix;
	char path[4096];

	if (!mod->path)
		return false;
	suffix = strstr(mod->path, ".ko");
	len = suffix ? (size_t)(suffix - mod->path) : strlen(mod->path);
	if (len >= sizeof(path))
		return false;
	memcpy(path, mod->path, len);
	path[len] = '\0';
	return !fnmatch(glob, path, 0) || !fnmatch(glob, mod->path, 0);
}
