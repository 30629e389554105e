/* Options that what runs a guest has no use for: none is left aside in silence. */
#include "unused.h"

#include <err.h>
#include <string.h>

struct given {
	const char *option;
	bool is;
};

static void refuse(const struct guest *g, const char *why, const struct given *list,
		   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].is)
			errx(BEE_USAGE, "%s: %s %s", g->name, list[i].option, why);
}

void unused_ns(const struct guest *g)
{
	const struct given vms[] = {
		{ "--image", g->image },
		{ "--kernel", g->kernel },
		{ "--initrd", g->initrd },
		{ "--append", g->append },
		{ "--firmware", g->firmware },
		{ "--accel", g->accel },
		{ "--authorized-keys", g->keys },
		{ "--work-seed", g->work_seed },
		{ "--work-size", g->work_size > 0 },
		{ "--cpus", g->cpus > 0 },
	};

	refuse(g, "is of a VM (--backend vm)", vms, ARRAY_LEN(vms));
}

void unused_vm(const struct guest *g)
{
	const struct given trees[] = {
		{ "--root", g->root },
		{ "--lower", g->lower },
		{ "--upper", g->upper },
		{ "--work", g->work },
		{ "--tun", g->tun },
		/* QEMU would be root. */
		{ "--host-users", g->host_users },
		{ "--raise-limits", g->raise_limits },
		{ "--init", g->init.count > 0 },
		{ "START", g->start.count > 0 },
		{ "control", g->shell || g->keep },
	};
	const struct given disks[] = {
		{ "--work-seed", g->work_seed },
		{ "--work-size", g->work_size > 0 },
		{ "--authorized-keys", g->keys },
	};
	const struct given kernels[] = {
		{ "--initrd", g->initrd },
		{ "--append", g->append },
	};

	refuse(g, "is of a guest in namespaces, and not of a VM", trees,
	       ARRAY_LEN(trees));
	if (!g->kernel)
		refuse(g, "goes with --kernel", kernels, ARRAY_LEN(kernels));
	if (g->image || g->disk_count > 0)
		return;
	if (!g->kernel)
		errx(BEE_USAGE, "%s: nothing to boot: say --image, --disk or --kernel",
		     g->name);
	refuse(g, "goes with an image, as it is written there", disks, ARRAY_LEN(disks));
}
