/* What a tool prints and nobody understands is told. */
#include "kept_reading.h"

/* What each tool prints that nobody knows: the property is null, kept, and told. */
static void unread(void)
{
	static const struct {
		collect_fn *run;
		const char *text, *type, *unparsed, *error;
	} rows[] = {
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\nGPU 00000000:18:00.0\n    Fan Speed  : 30 furlongs\n",
		  "gpus", "{\"fan_speed_percent\":\"30 furlongs\"}",
		  "fan_speed_percent is not understood: \"30 furlongs\"" },
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\nGPU 00000000:18:00.0\n    GPU Reset Status\n"
		  "        Reset Required  : Perhaps\n",
		  "gpus", "{\"recovery_action\":\"Perhaps\"}",
		  "recovery_action is not understood: \"Perhaps\"" },
		{ collect_kernel_pstore, "v\t/sys/fs/pstore/dmesg-efi-1.enc.z\txKTk\n",
		  "kernel.crashes", "{\"reason\":\"xKTk\"}",
		  "reason is not understood: \"xKTk\"" },
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\nGPU 00000000:18:00.0\n    Persistence Mode  : "
		  "Perhaps\n",
		  "gpus", "{\"persistence_mode_enabled\":\"Perhaps\"}",
		  "persistence_mode_enabled is not understood: \"Perhaps\"" },
		{ collect_nvidia_smi,
		  "==NVSMI LOG==\nGPU 00000000:18:00.0\n    Clocks Event Reasons\n"
		  "        SW Power Cap  : Active\n        HW Slowdown  : Half\n",
		  "gpus", "{\"clock_limit_reasons\":\"Half\"}",
		  "clock_limit_reasons is not understood: \"Half\"" },
		{ collect_sensors_hwmon,
		  "v\t/sys/class/hwmon//temp1_input\t30000\n"
		  "v\t/sys/class/hwmon//temp1_crit\tboiling\n",
		  "sensors", "{\"upper_critical_celsius\":\"boiling\"}",
		  "upper_critical_celsius is not understood: \"boiling\"" },
		{ collect_sensors_hwmon,
		  "v\t/sys/class/hwmon//temp1_input\t30000\n"
		  "v\t/sys/class/hwmon//temp1_max_alarm\t1\n"
		  "v\t/sys/class/hwmon//temp1_crit_alarm\tperhaps\n",
		  "sensors", "{\"alarms\":\"perhaps\"}",
		  "alarms is not understood: \"perhaps\"" },
		{ collect_sensors_hwmon,
		  "v\t/sys/class/hwmon//temp1_input\t30000\n"
		  "v\t/sys/class/hwmon//temp1_fault\tperhaps\n",
		  "sensors", "{\"state\":\"perhaps\"}",
		  "state is not understood: \"perhaps\"" },
		{ collect_storage_disks,
		  "v\t/sys/block/sda/ro\tperhaps\nv\t/sys/block/sda/size\t8\n",
		  "storage.drives", "{\"read_only\":\"perhaps\"}",
		  "read_only is not understood: \"perhaps\"" },
		{ collect_storage_disks,
		  "v\t/sys/block/sda/hidden\t0\nv\t/sys/block/sda/removable\t?\n",
		  "storage.drives", "{\"removable\":\"?\"}",
		  "removable is not understood: \"?\"" },
		{ collect_storage_disks,
		  "v\t/sys/block/sda/hidden\t?\n"
		  "v\t/sys/block/sda/queue/rotational\tslowly\n",
		  "storage.drives", "{\"rotational\":\"slowly\"}",
		  "rotational is not understood: \"slowly\"" },
		{ collect_pcie_sysfs,
		  "v\t/sys/bus/pci/devices/0000:01:00.0/vendor\t0x8086\n"
		  "v\t/sys/bus/pci/devices/0000:01:00.0/enable\tyes\n",
		  "pcie.devices", "{\"enabled\":\"yes\"}",
		  "enabled is not understood: \"yes\"" },
		{ collect_storage_nvme_smart,
		  "{\"power_cycles\":\"many\",\"media_errors\":0}", "storage.drives",
		  "{\"power_cycles\":\"many\"}",
		  "power_cycles is not understood: \"many\"" },
		{ collect_storage_nvme_smart,
		  "{\"power_cycles\":{\"value\":3},\"media_errors\":0}", "storage.drives",
		  "{\"power_cycles\":\"{...}\"}",
		  "power_cycles is not understood: \"{...}\"" },
		{ collect_storage_nvme_smart,
		  "{\"temperature\":\"310 K\",\"media_errors\":0}", "storage.drives",
		  "{\"temperature_celsius\":\"310 K\"}",
		  "temperature_celsius is not understood: \"310 K\"" },
		{ collect_storage_nvme_smart,
		  "{\"critical_warning\":\"some\",\"media_errors\":0}", "storage.drives",
		  "{\"critical_warnings\":\"some\"}",
		  "critical_warnings is not understood: \"some\"" },
		{ collect_storage_smart,
		  "{\"device\":{\"name\":\"/dev/sda\"},\"trim\":{\"supported\":\"yes\"}}",
		  "storage.drives", "{\"trim_supported\":\"yes\"}",
		  "trim_supported is not understood: \"yes\"" },
		{ collect_storage_smart, "{\"smart_status\":{\"passed\":\"yes\"}}",
		  "storage.drives", "{\"health\":\"yes\"}",
		  "health is not understood: \"yes\"" },
		{ collect_storage_smart, "{\"rotation_rate\":\"fast\"}", "storage.drives",
		  "{\"rotation_speed_rpm\":\"fast\"}",
		  "rotation_speed_rpm is not understood: \"fast\"" },
		{ collect_storage_smart,
		  "{\"smartctl\":{\"exit_status\":\"none at all\"}}", "storage.drives",
		  "{\"smart_exit_status\":\"none at all\"}",
		  "smart_exit_status is not understood: \"none at all\"" },
		{ collect_storage_smart,
		  "{\"interface_speed\":{\"current\":{\"units_per_second\":\"60?\","
		  "\"bits_per_unit\":100000000}}}",
		  "storage.drives", "{\"negotiated_speed_gbps\":\"{...}\"}",
		  "negotiated_speed_gbps is not understood: \"{...}\"" },
		{ collect_storage_smart, "{\"wwn\":{\"naa\":16,\"oui\":3152,\"id\":1}}",
		  "storage.drives", "{\"wwn\":\"{...}\"}",
		  "wwn is not understood: \"{...}\"" },
		{ collect_storage_smart,
		  "{\"ata_smart_error_log\":{\"summary\":{\"count\":\"few\"}}}",
		  "storage.drives", "{\"error_log_count\":\"few\"}",
		  "error_log_count is not understood: \"few\"" },
		{ collect_storage_nvme_smart,
		  "{\"temperature_sensor_1\":310,\"temperature_sensor_2\":\"warm\"}",
		  "storage.drives", "{\"sensors_celsius\":\"warm\"}",
		  "sensors_celsius is not understood: \"warm\"" },
		{ collect_storage_nvme_smart,
		  "{\"critical_warning\":{\"spare\":1},\"media_errors\":0}",
		  "storage.drives", "{\"critical_warnings\":\"{...}\"}",
		  "critical_warnings is not understood: \"{...}\"" },
		{ collect_storage_nvme_sanitize,
		  "{\"nvme0\":{\"sstat\":{\"status\":\"(0) "
		  "never\",\"global_erased\":\"?!\"}}}",
		  "storage.drives", "{\"globally_erased\":\"?!\"}",
		  "globally_erased is not understood: \"?!\"" },
		{ collect_storage_lsblk,
		  "{\"blockdevices\":[{\"kname\":\"sda\",\"rota\":\"2\"}]}",
		  "storage.drives", "{\"rotational\":\"2\"}",
		  "rotational is not understood: \"2\"" },
		{ collect_raid_drives,
		  "{\"Controllers\":[{\"Command Status\":{\"Controller\":0},"
		  "\"Response Data\":{\"Drive /c0/e8/s1\":[{\"EID:Slt\":\"8:1\"}],"
		  "\"Drive /c0/e8/s1 - Detailed Information\":{\"Drive /c0/e8/s1 "
		  "State\":{\"Drive Temperature\":\"warm\"}}}}]}",
		  "storage.drives", "{\"temperature_celsius\":\"warm\"}",
		  "temperature_celsius is not understood: \"warm\"" },
		{ collect_network_sysfs,
		  "l\t/sys/class/net/eth0/device\t../../../0000:01:00.0\n"
		  "v\t/sys/class/net/eth0/mtu\tfifteen hundred\n",
		  "network.interfaces", "{\"mtu_bytes\":\"fifteen hundred\"}",
		  "mtu_bytes is not understood: \"fifteen hundred\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/core_cpus_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/core_cpus_list\t0-x\n",
		  "cpu", "{\"core_count\":\"0-x\"}",
		  "core_count is not understood: \"0-x\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/core_cpus_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/core_cpus_list\t2,1\n",
		  "cpu", "{\"core_count\":\"2,1\"}",
		  "core_count is not understood: \"2,1\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/core_cpus_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/core_cpus_list\t0-1,2\n",
		  "cpu", "{\"core_count\":\"0-1,2\"}",
		  "core_count is not understood: \"0-1,2\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/thread_siblings_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/thread_siblings_list\t0-3,\n",
		  "cpu", "{\"core_count\":\"0-3,\"}",
		  "core_count is not understood: \"0-3,\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/package_cpus_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/package_cpus_list\t0-3,\n",
		  "cpu", "{\"socket_count\":\"0-3,\"}",
		  "socket_count is not understood: \"0-3,\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/core_siblings_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/core_siblings_list\t0-3,\n",
		  "cpu", "{\"socket_count\":\"0-3,\"}",
		  "socket_count is not understood: \"0-3,\"" },
		{ collect_cpu_sysfs,
		  "v\t/sys/devices/system/cpu/cpu0/topology/die_cpus_list\t0\n"
		  "v\t/sys/devices/system/cpu/cpu1/topology/die_cpus_list\t0-3,\n",
		  "cpu", "{\"die_count\":\"0-3,\"}",
		  "die_count is not understood: \"0-3,\"" },
		{ collect_cpu_sysfs, "v\t/sys/devices/system/cpu/online\t0-\n", "cpu",
		  "{\"online_cpu_count\":\"0-\"}",
		  "online_cpu_count is not understood: \"0-\"" },
		{ collect_network_sysfs,
		  "l\t/sys/class/net/eth0/device\t../../../0000:01:00.0\n"
		  "v\t/sys/class/net/eth0/type\tether\n",
		  "network.interfaces", "{\"link_technology\":\"ether\"}",
		  "link_technology is not understood: \"ether\"" },
		{ collect_network_sysfs,
		  "l\t/sys/class/net/eth0/device\t../../../0000:01:00.0\n"
		  "v\t/sys/class/net/eth0/addr_assign_type\t4\n",
		  "network.interfaces", "{\"mac_address_source\":\"4\"}",
		  "mac_address_source is not understood: \"4\"" },
		{ collect_storage_disks,
		  "v\t/sys/block/sda/size\t8\n"
		  "v\t/sys/block/sda/queue/zoned\thost-managed\n"
		  "v\t/sys/block/sda/queue/chunk_sectors\tmany\n",
		  "storage.drives", "{\"zone_bytes\":\"many\"}",
		  "zone_bytes is not understood: \"many\"" },
		{ collect_pcie_sysfs,
		  "v\t/sys/bus/pci/devices/0000:01:00.0/vendor\t0x8086\n"
		  "v\t/sys/bus/pci/devices/0000:01:00.0/aer_dev_fatal\tUndefined ?\n"
		  "v\t/sys/bus/pci/devices/0000:01:00.0/aer_dev_fatal\tTOTAL_ERR_FATAL "
		  "0\n",
		  "pcie.devices", "{\"aer_fatal_count\":\"Undefined ?\"}",
		  "aer_fatal_count is not understood: \"Undefined ?\"" },
		{ collect_pcie_sysfs,
		  "v\t/sys/bus/pci/devices/0000:01:00.0/vendor\t0x8086\n"
		  "v\t/sys/bus/pci/devices/0000:01:00.0/aer_dev_fatal\t"
		  "An_error_of_more_than_31_characters 1\n"
		  "v\t/sys/bus/pci/devices/0000:01:00.0/aer_dev_fatal\tTOTAL_ERR_FATAL "
		  "1\n",
		  "pcie.devices",
		  "{\"aer_fatal_count\":\"An_error_of_more_than_31_characters 1\"}",
		  "aer_fatal_count is not understood: "
		  "\"An_error_of_more_than_31_characters 1\"" },
		{ collect_pcie_sysfs,
		  "v\t/sys/bus/pci/devices/0000:01:00.0/vendor\t0x8086\n"
		  "v\t/sys/bus/pci/devices/0000:01:00.0/aer_dev_correctable\tBad\tTLP "
		  "3\n",
		  "pcie.devices", "{\"aer_correctable_count\":\"Bad\\\\x09TLP 3\"}",
		  "aer_correctable_count is not understood: \"Bad\\x09TLP 3\"" },
		{ collect_storage_smart,
		  "{\"scsi_sas_port_0\":{\"phy_0\":{\"negotiated_logical_link_rate\":"
		  "\"phy enabled; 12 Gbps\"},\"phy_1\":{\"negotiated_logical_link_rate\""
		  ":\"reserved [12]\"}}}",
		  "storage.drives", "{\"negotiated_speed_gbps\":\"reserved [12]\"}",
		  "negotiated_speed_gbps is not understood: \"reserved [12]\"" },
		{ collect_network_ethtool, "speed\tfast\n", "network.interfaces",
		  "{\"speed_gbps\":\"fast\"}", "speed_gbps is not understood: \"fast\"" },
		{ collect_network_ethtool, "duplex\t2\n", "network.interfaces",
		  "{\"full_duplex\":\"2\"}", "full_duplex is not understood: \"2\"" },
		{ collect_network_ethtool, "port\t6\n", "network.interfaces",
		  "{\"port_type\":\"6\"}", "port_type is not understood: \"6\"" },
		{ collect_network_ethtool, "autoneg\t2\n", "network.interfaces",
		  "{\"auto_negotiation\":\"2\"}",
		  "auto_negotiation is not understood: \"2\"" },
		{ collect_network_ethtool, "supported\t00000020 0 0 02000000\n",
		  "network.interfaces", "{\"max_speed_gbps\":\"00000020 0 0 02000000\"}",
		  "max_speed_gbps is not understood: \"00000020 0 0 02000000\"" },
		{ collect_network_ethtool, "advertised\t00000020 fast\n",
		  "network.interfaces",
		  "{\"max_advertised_speed_gbps\":\"00000020 fast\"}",
		  "max_advertised_speed_gbps is not understood: \"00000020 fast\"" },
		{ collect_cpu_sysfs, "v\t/sys/devices/system/cpu/smt/active\tyes\n",
		  "cpu", "{\"smt_active\":\"yes\"}",
		  "smt_active is not understood: \"yes\"" },
		{ collect_storage_nvme_id, "{\"mn\":\"X\",\"vid\":\"a maker\"}",
		  "storage.drives", "{\"vendor_id\":\"a maker\"}",
		  "vendor_id is not understood: \"a maker\"" },
		{ collect_storage_nvme_id, "{\"mn\":\"X\",\"ver\":\"2.1\"}",
		  "storage.drives", "{\"nvme_version\":\"2.1\"}",
		  "nvme_version is not understood: \"2.1\"" },
		{ collect_storage_lsblk,
		  "{\"blockdevices\":[{\"kname\":\"sda\",\"size\":\"1.8T\"}]}",
		  "storage.drives", "{\"capacity_bytes\":\"1.8T\"}",
		  "capacity_bytes is not understood: \"1.8T\"" },
		{ collect_sensors_hwmon, "v\t/sys/class/hwmon//temp1_input\thot\n",
		  "sensors", "{\"reading_celsius\":\"hot\"}",
		  "reading_celsius is not understood: \"hot\"" },
		{ collect_cpu_sysfs, "v\t/sys/devices/system/cpu/present\t0 to 3\n",
		  "cpu", "{\"logical_cpu_count\":\"0 to 3\"}",
		  "logical_cpu_count is not understood: \"0 to 3\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept = run(rows[i].run, rows[i].text);

		CHECK_STR(kept_value(kept_props(&kept, rows[i].type, NULL), "unparsed"),
			  rows[i].unparsed);
		CHECK_STR(error_of(&kept), rows[i].error);
		CHECK(kept.out.unreadable);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what is there and not understood is told, whatever the tool", unread,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
