/* Device commands of policies: what can be said of them, and what a step has of it. */
#include "device_policy.h"

#include <linux/capability.h>

static void test_errors(void)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ HEAD DEVICE "scsi INQUIRE\n",
		  "t:8:6: unknown command 'INQUIRE': is it 'INQUIRY'?\n" },
		{ HEAD DEVICE "scsi IDENTIFY_DEVICE\n",
		  "t:8:6: unknown command 'IDENTIFY_DEVICE'\n" },
		{ HEAD DEVICE "ata SCT:ERC_SET\n",
		  "t:8:5: unknown command 'SCT:ERC_SET': is it 'SCT:ERC_GET'?\n" },
		{ HEAD DEVICE "scsi INQUIRY\nscsi INQUIRY\n",
		  "t:9:6: INQUIRY is there twice, first on line 8\n" },
		{ HEAD DEVICE "scsi INQUIRY:01h\n",
		  "t:8:6: nothing may follow INQUIRY\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page\n",
		  "t:8:12: Get_Log_Page needs to be told which log: "
		  "Get_Log_Page:02h,03h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:\n",
		  "t:8:12: Get_Log_Page needs to be told which log: "
		  "Get_Log_Page:02h,03h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:02h,3h\n",
		  "t:8:29: '3h' is no log: two digits and h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:0xh\n",
		  "t:8:25: '0xh' is no log: two digits and h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:02h,\n",
		  "t:8:29: '' is no log: two digits and h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:02h,,03h\n",
		  "t:8:29: ',03h' is no log: two digits and h\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:02h,03h,02h\n",
		  "t:8:33: 02h is there twice\n" },
		{ HEAD DEVICE "nvme-admin Get_Log_Page:01h,02h,03h,04h,05h,06h,07h,08h,"
			      "09h,0ah,0bh,0ch,0dh,0eh,0fh,10h,11h\n",
		  "t:8:12: more than 16 of a log\n" },
		{ HEAD DEVICE "nvme-admin Get_Features:06h,0eh\n",
		  "t:8:29: Get_Features does not ask for the feature 0eh\n" },
		{ HEAD DEVICE "nvme-admin Get_Features:00h\n",
		  "t:8:25: Get_Features does not ask for the feature 00h\n" },
		{ HEAD "scsi INQUIRY\n",
		  "t:7:1: device commands need one 'device', which they go to\n" },
		{ HEAD DEVICE "device /dev/sg0 read\nscsi INQUIRY\n",
		  "t:9:1: device commands need one 'device', which they go to\n" },
		{ HEAD "device? /dev/sg0 read\nscsi INQUIRY\n",
		  "t:7:1: with device commands a step has one device\n"
		  "t:8:1: device commands need one 'device', which they go to\n" },
		{ HEAD DEVICE "mfi PD_GET_LISTS\n",
		  "t:8:5: unknown command 'PD_GET_LISTS': is it 'PD_GET_LIST'?\n" },
		{ HEAD DEVICE "mfi LD_DELETE\n", "t:8:5: unknown command 'LD_DELETE'\n" },
		{ HEAD DEVICE "mfi PD_SCSI_IO PD_GET_LIST\n",
		  "t:8:1: disks behind a controller are asked by 'mfi PD_SCSI_IO', "
		  "what is said by 'scsi' and 'ata' lines: one is there without the "
		  "other\n" },
		{ HEAD DEVICE "ata IDENTIFY_DEVICE\nmfi PD_GET_LIST\n",
		  "t:8:1: disks behind a controller are asked by 'mfi PD_SCSI_IO', "
		  "what is said by 'scsi' and 'ata' lines: one is there without the "
		  "other\n" },
		{ HEAD DEVICE "nvme-admin Identify\nmfi PD_GET_LIST\n",
		  "t:8:1: MFI commands and NVMe admin commands are not for one "
		  "device\n" },
		{ HEAD DEVICE "scsi INQUIRY\nmfi PD_SCSI_IO\n"
			      "ioctl MEGASAS_IOC_FIRMWARE=0xc1944d01\n",
		  "t:10:1: MEGASAS_IOC_FIRMWARE is decided by 'mfi' lines\n" },
		{ HEAD DEVICE "scsi INQUIRY\ncaps CAP_SYS_RAWIO\n",
		  "t:9:1: with device commands the tool needs no capability\n" },
		{ HEAD DEVICE "scsi INQUIRY\nuid 0\n",
		  "t:9:1: with device commands the tool needs no uid 0\n" },
		{ HEAD DEVICE "scsi INQUIRY\nnvme-admin Identify\n",
		  "t:9:1: SCSI commands and NVMe admin commands are not for one "
		  "device\n" },
		{ HEAD DEVICE "ata IDENTIFY_DEVICE\nioctl SG_IO=0x2285\n",
		  "t:9:1: SG_IO is decided by 'ata' lines\n" },
		{ HEAD DEVICE "scsi INQUIRY\nsyscalls setpriority\n",
		  "t:9:1: with device commands a step cannot have setpriority: who "
		  "copies them has its uid\n" },
		{ "policy 1\ncollector t\nemits system\nscsi INQUIRY\n",
		  "t:4:1: 'scsi' belongs in a step, below a [name]\n"
		  "t:4:1: no [step]\n" },
		{ HEAD "ethtool GMODULEINFO\n",
		  "t:7:1: ethtool commands go to the interface of a step with 'each "
		  "/sys/class/net/*' and 'network host', and no 'device'\n" },
		{ NET DEVICE "ethtool GMODULEINFO\n",
		  "t:9:1: ethtool commands go to the interface of a step with 'each "
		  "/sys/class/net/*' and 'network host', and no 'device'\n" },
		{ NET "ethtool GMODULEINFO\nioctl SIOCETHTOOL=0x8946\n",
		  "t:9:1: SIOCETHTOOL is decided by 'ethtool' lines\n" },
		{ NET "ethtool SFLAGS\n", "t:8:9: unknown command 'SFLAGS'\n" },
		{ HEAD DEVICE "scsi\n", "t:8:1: 'scsi' needs SCSI commands\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(!parse(cases[i].text));
		CHECK_STR(said, cases[i].said);
	}
}

/* Beside who copies its commands a tool is of the same uid: signals, priorities, processors, memory. */
static void test_reaching(void)
{
	static const char *const calls[] = {
		"kill",
		"tkill",
		"rt_sigqueueinfo",
		"rt_tgsigqueueinfo",
		"pidfd_open",
		"pidfd_send_signal",
		"pidfd_getfd",
		"setpriority",
		"ioprio_set",
		"sched_setaffinity",
		"sched_setattr",
		"sched_setparam",
		"sched_setscheduler",
		"process_madvise",
		"process_mrelease",
		"migrate_pages",
		"move_pages",
		"kcmp",
		"setpgid",
		"ptrace",
		"process_vm_readv",
		"process_vm_writev",
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		AUTO_FREE char *text =
			xasprintf(HEAD DEVICE "scsi INQUIRY\nsyscalls %s\n", calls[i]);

		if (parse(text))
			tap_fail(__FILE__, __LINE__, "%s is granted", calls[i]);
		if (!strstr(said, calls[i]))
			tap_fail(__FILE__, __LINE__, "of %s is said: %s", calls[i], said);
	}
}

static void test_step(void)
{
	struct policy *policy =
		parse(HEAD DEVICE "scsi INQUIRY LOG_SENSE # why\nata CHECK_POWER_MODE\n");
	const struct step *step;
	unsigned count;

	CHECK(policy);
	step = &policy->steps[0];
	CHECK_INT(step->command_count, 3);
	CHECK_STR(step->commands[1].reason, "why");
	CHECK(!step->commands[2].reason);
	CHECK_INT(step->limits.helpers, 2);
	CHECK_INT(policy_performer_caps(step), INT64_C(1) << CAP_SYS_RAWIO);
	CHECK_INT(policy_requests(step, &count)[0], 0x2285);
	CHECK_INT(count, 1);
	CHECK_INT(step->rules->count, 5); /* ATA's by 12, 16 and 32 bytes */
	policy_free(policy);
	policy = parse(HEAD DEVICE "scsi INQUIRY\n");
	CHECK(policy);
	CHECK_INT(policy_performer_caps(&policy->steps[0]), 0);
	policy_free(policy);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what cannot be said of device commands is told", test_errors, 0 },
		{ "no call that reaches others of its uid goes with device commands",
		  test_reaching, 0 },
		{ "what can be becomes rules, ioctls and a capability", test_step, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
