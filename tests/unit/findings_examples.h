/* For each rule a document that makes it fire, and one that just does not. */
#ifndef BEE_TESTS_FINDINGS_EXAMPLES_H
#define BEE_TESTS_FINDINGS_EXAMPLES_H

#define DRIVE(props) "{'storage':{'drives':[{'key':'sda'," props "}]}}"
#define SILENT(props)                                                                    \
	"{'collectors':[{'collector':'storage','instance':'sda','step':'smart','job':"   \
	"'storage/smart@sda','status':'partial','records':1}],'storage':{'drives':[{"    \
	"'key':'sda','src':['storage/disks','storage/smart@sda']," props "}]}}"
#define CONTROLLER(props) "{'storage':{'controllers':[{'key':'0000:3b:00.0'," props "}]}}"
#define ARRAY(props) "{'storage':{'arrays':[{'key':'md0'," props "}]}}"
#define JOB(collector, props) "{'collectors':[{'collector':'" collector "'," props "}]}"
#define GPU(props) "{'gpus':[{'key':'0000:18:00.0'," props "}]}"
#define MODULE(props)                                                                    \
	"{'state':'Enabled','system_memory':true,'capacity_bytes':1024," props "}"
#define TWO_MODULES(a, b) "{'memory':{'modules':[" MODULE(a) "," MODULE(b) "]}}"
#define SUPERMICRO "'baseboards':[{'manufacturer':'Supermicro'}]"
#define EMPTY_SLOT "{'state':'Absent'}"
/* Channel A twice, channel B once. */
#define THREE_MODULES(slot)                                                              \
	"'memory':{'modules':[" MODULE("'locator':'P1-DIMMA1'") "," MODULE(              \
		"'locator':'P1-DIMMA2'") "," MODULE("'locator':'P1-DIMMB1'") "," slot    \
									     "]}"
#define MEMORY(list, props) "{'memory':{'" list "':[{'key':'m'," props "}]}}"
#define CPUS(a, b) "{'processors':[{'key':'a'," a "},{'key':'b'," b "}]}"
#define SUPPLIES(list) "{'power_supplies':[" list "]}"
#define NIC(props) "{'network':{'interfaces':[{'key':'eth0'," props "}]}}"
#define IB(props) "{'network':{'infiniband':[{'key':'mlx5_0'," props "}]}}"
#define SENSOR(props) "{'sensors':[{'key':'ipmi/0x30'," props "}]}"
/* What was logged stands in the record of the part; an event of no part speaks for itself. */
#define LOGGED(class, severity, more)                                                    \
	DRIVE("'health':'OK','kernel_events':[{'event':'x','class':'" class              \
	      "','count':2,'message':'m','severity':'" severity "'" more "}]")
#define CRASH(props) "{'kernel':{'crashes':[{'key':'dmesg-erst-1'," props "}]}}"
#define LOG_EXAMPLES(class)                                                              \
	{ "log-" class "-failed", LOGGED(class, "Critical", ""),                         \
	  LOGGED(class, "Warning", "") },                                                \
	{                                                                                \
		"log-" class "-errors", LOGGED(class, "Warning", ""),                    \
			LOGGED(class, "OK", ",'warns_from':10")                          \
	}
#define CHASSIS(props) "{'chassis':[{'key':'0x0003'," props "}]}"

/* A root port, a switch below it, and a device below that; the link of the device. */
#define PCIE(device, port)                                                               \
	"{'pcie':{'devices':[{'key':'0000:00:01.0'},"                                    \
	"{'key':'0000:01:00.0','upstream_port':'0000:00:01.0'},"                         \
	"{'key':'0000:02:00.0','upstream_port':'0000:01:00.0'," port "},"                \
	"{'key':'0000:03:00.0','upstream_port':'0000:02:00.0'," device "}]}}"
#define X8_OF_16 "'link_width_lanes':8,'max_link_width_lanes':16"
#define GEN3_OF_4 "'link_speed_gtps':8,'max_link_speed_gtps':16"
#define DISPLAY ",'class_code':'0x030200'"
#define NVIDIA(gpus)                                                                     \
	"{'pcie':{'devices':[{'key':'0000:18:00.0','vendor_id':'0x10de','driver':"       \
	"'nvidia'" DISPLAY "}]},'gpus':[" gpus "],'collectors':[{'collector':'nvidia',"  \
	"'job':'nvidia/smi','status':'ok'}]}"

/* Single quotes stand for double ones. */
static const struct example {
	const char *id, *fires, *stays_silent;
} examples[] = {
	{ "drive-failing", DRIVE("'health':'Critical'"),
	  DRIVE("'health':'Critical','critical_warnings':['x']") },
	{ "drive-critical-warning", DRIVE("'critical_warnings':['media read only']"),
	  DRIVE("'critical_warnings':[]") },
	{ "drive-offline", DRIVE("'device_state':'offline'"),
	  DRIVE("'device_state':'running'") },
	{ "drive-not-answering",
	  JOB("storage", "'step':'smart','instance':'sda','status':'stuck','stuck':"
			 "[{'wchan':'x'}]"),
	  JOB("storage", "'step':'hba','instance':'host0','status':'stuck','stuck':[{'"
			 "wchan':'x'}]") },
	{ "drive-silent", SILENT("'transport':'ata','smart_exit_status':2"),
	  SILENT("'transport':'usb','smart_exit_status':2") },
	{ "drive-slow-to-answer",
	  JOB("storage", "'step':'nvme-id','instance':'nvme0','status':'timeout',"
			 "'duration_ms':5000"),
	  JOB("storage", "'step':'nvme-id','instance':'nvme0','status':'timeout',"
			 "'duration_ms':4999") },
	{ "controller-not-answering",
	  JOB("storage", "'step':'hba','instance':'host0','status':'stuck'"),
	  JOB("storage", "'step':'enclosure','instance':'host0','status':'stuck'") },
	{ "controller-slow-to-answer",
	  JOB("storage", "'step':'hba','instance':'host0','status':'timeout',"
			 "'duration_ms':5000"),
	  JOB("storage", "'step':'hba','instance':'host0','status':'timeout',"
			 "'duration_ms':4999") },
	{ "enclosure-not-answering",
	  JOB("storage", "'step':'enclosure','instance':'1:0:0:0','status':'stuck'"),
	  JOB("storage", "'step':'hba','instance':'1:0:0:0','status':'stuck'") },
	{ "enclosure-slow-to-answer",
	  JOB("storage", "'step':'enclosure','instance':'1:0:0:0','status':'timeout',"
			 "'duration_ms':5000"),
	  JOB("storage", "'step':'enclosure','instance':'1:0:0:0','status':'timeout',"
			 "'duration_ms':4999") },
	{ "drive-path-lost",
	  DRIVE("'device_state':'running','paths':[{'key':'sda','device_state':"
		"'running'},{'key':'sdm','device_state':'offline'}]"),
	  DRIVE("'device_state':'offline','paths':[{'key':'sda','device_state':"
		"'offline'},{'key':'sdm','device_state':'offline'}]") },
	{ "drive-endurance-group-warning",
	  DRIVE("'endurance_group_warnings':['read only']"),
	  DRIVE("'endurance_group_warnings':[]") },
	{ "drive-sanitize-failed", DRIVE("'sanitize_state':'Failed'"),
	  DRIVE("'sanitize_state':'InProgress'") },
	{ "drive-sanitize-running", DRIVE("'sanitize_state':'InProgress'"),
	  DRIVE("'sanitize_state':'Completed'") },
	{ "drive-locked", DRIVE("'ata_security':{'enabled':true,'locked':true}"),
	  DRIVE("'ata_security':{'enabled':true,'locked':false}") },
	{ "drive-cycles-over-rating",
	  DRIVE("'load_unload_cycles':600001,'load_unload_cycles_rated':600000"),
	  DRIVE("'load_unload_cycles':600000,'load_unload_cycles_rated':600000,"
		"'start_stop_cycles':1,'start_stop_cycles_rated':0") },
	{ "drive-was-throttled", DRIVE("'thermal_throttle_2_count':1"),
	  DRIVE("'thermal_throttle_2_count':0,'thermal_throttle_1_count':9") },
	{ "drive-attribute-failed", DRIVE("'health':'Warning'"), DRIVE("'health':'OK'") },
	{ "drive-pending-sectors", DRIVE("'pending_sector_count':1"),
	  DRIVE("'pending_sector_count':0") },
	{ "drive-pending-defects", DRIVE("'pending_defect_count':1"),
	  DRIVE("'pending_defect_count':null") },
	{ "drive-uncorrectable-sectors", DRIVE("'uncorrectable_sector_count':1"),
	  DRIVE("'uncorrectable_sector_count':0") },
	{ "drive-uncorrected-reads", DRIVE("'uncorrected_read_errors':1"),
	  DRIVE("'uncorrected_read_errors':0") },
	{ "drive-uncorrected-writes", DRIVE("'uncorrected_write_errors':1"),
	  DRIVE("'uncorrected_write_errors':0") },
	{ "drive-media-errors", DRIVE("'media_errors':'340282366920938463463374607431'"),
	  DRIVE("'media_errors':'none'") },
	{ "drive-media-error-entries",
	  DRIVE("'media_error_entry_count':1,'media_errors':0"),
	  DRIVE("'media_error_entry_count':1,'media_errors':1") },
	{ "drive-many-reallocated-sectors", DRIVE("'reallocated_sector_count':100"),
	  DRIVE("'reallocated_sector_count':99") },
	{ "drive-many-grown-defects", DRIVE("'grown_defect_count':100"),
	  DRIVE("'grown_defect_count':100,'media_type':'SSD'") },
	{ "drive-spare-low",
	  DRIVE("'available_spare_percent':9,'available_spare_threshold_percent':10"),
	  DRIVE("'available_spare_percent':10,'available_spare_threshold_percent':10") },
	{ "drive-worn-out", DRIVE("'predicted_media_life_left_percent':0"),
	  DRIVE("'predicted_media_life_left_percent':1") },
	{ "drive-wearing-out", DRIVE("'predicted_media_life_left_percent':10"),
	  DRIVE("'predicted_media_life_left_percent':11") },
	{ "drive-too-hot",
	  DRIVE("'temperature_celsius':80,'critical_temperature_celsius':80"),
	  DRIVE("'temperature_celsius':79,'critical_temperature_celsius':80") },
	{ "drive-hot", DRIVE("'temperature_celsius':70,'warning_temperature_celsius':70"),
	  DRIVE("'temperature_celsius':70,'temperature_limit_celsius':0") },
	{ "drive-self-test-failed", DRIVE("'self_test_failed':{'result':'x'}"),
	  DRIVE("'self_test':{'passed':true},'self_test_failed_count':3") },
	{ "drive-without-capacity", DRIVE("'capacity_bytes':null,'protocol':'SATA'"),
	  DRIVE("'capacity_bytes':null,'protocol':'NVMe'") },
	{ "drive-many-crc-errors", DRIVE("'interface_crc_errors':1000"),
	  DRIVE("'interface_crc_errors':999") },
	{ "drive-crc-errors", DRIVE("'interface_crc_errors':1"),
	  DRIVE("'interface_crc_errors':1000") },
	{ "drive-reallocated-sectors", DRIVE("'reallocated_sector_count':99"),
	  DRIVE("'reallocated_sector_count':100") },
	{ "drive-reported-uncorrectable", DRIVE("'reported_uncorrectable_errors':1"),
	  DRIVE("'reported_uncorrectable_errors':0") },
	{ "drive-grown-defects", DRIVE("'grown_defect_count':100,'media_type':'SSD'"),
	  DRIVE("'grown_defect_count':100") },
	{ "drive-attribute-failed-once",
	  DRIVE("'smart_exit_reasons':['attribute was below threshold in the past']"),
	  DRIVE("'smart_exit_reasons':['errors in the error log']") },
	{ "drive-logged-errors", DRIVE("'error_log_count':1,'protocol':'SATA'"),
	  DRIVE("'error_log_count':1,'protocol':'NVMe'") },
	{ "drive-counters-contradict", DRIVE("'health_doubted':'OK'"),
	  DRIVE("'health':'OK'") },
	{ "drive-was-hot", DRIVE("'critical_temperature_minutes':1"),
	  DRIVE("'critical_temperature_minutes':0,'warning_temperature_minutes':0") },
	{ "drive-link-slow", DRIVE("'negotiated_speed_gbps':3,'capable_speed_gbps':6"),
	  DRIVE("'negotiated_speed_gbps':6,'capable_speed_gbps':6") },
	{ "drive-smart-disabled", DRIVE("'smart_available':true,'smart_enabled':false"),
	  DRIVE("'smart_available':false,'smart_enabled':false") },

	{ "raid-not-running", ARRAY("'health':'Critical','array_state':'inactive'"),
	  ARRAY("'health':'Critical','degraded_count':1") },
	{ "raid-degraded", ARRAY("'degraded_count':1"), ARRAY("'degraded_count':0") },
	{ "raid-member-faulty", ARRAY("'members':[{'state':'faulty,write_error'}]"),
	  ARRAY("'members':[{'state':'in_sync'},{}]") },
	{ "multipath-single-path", ARRAY("'level':'multipath','members':[{}]"),
	  ARRAY("'level':'multipath','members':[{},{}]") },
	{ "enclosure-slot-fault",
	  "{'storage':{'enclosures':[{'key':'0:0:8:0','slots':[{'fault':true}]}]}}",
	  "{'storage':{'enclosures':[{'key':'0:0:8:0','slots':[{'fault':false,'status':"
	  "'not installed'}]}]}}" },
	{ "raid-syncing", ARRAY("'sync_action':'recover'"),
	  ARRAY("'sync_action':'idle'") },
	{ "raid-volume-degraded", ARRAY("'array_state':'Dgrd','health':'Critical'"),
	  ARRAY("'array_state':'Optl','health':'OK'") },
	{ "raid-volume-at-work", ARRAY("'active_operations':'Rebuild (12%)'"),
	  ARRAY("'active_operations':'None'") },
	{ "raid-drive-thrown-out", DRIVE("'raid_state':'UBad'"),
	  DRIVE("'raid_state':'UGood'") },
	{ "raid-drive-unsupported", DRIVE("'raid_state':'UGUnsp'"),
	  DRIVE("'raid_state':'UGood'") },
	{ "raid-drive-predicts-failure", DRIVE("'predictive_failure_count':1"),
	  DRIVE("'predictive_failure_count':0") },
	{ "raid-drive-foreign", DRIVE("'foreign':true"), DRIVE("'foreign':false") },
	{ "raid-battery", CONTROLLER("'battery_status':'Failed'"),
	  CONTROLLER("'battery_status':'Learning'") },
	{ "raid-controller-status", CONTROLLER("'controller_status':'Needs Attention'"),
	  CONTROLLER("'controller_status':'OK'") },
	{ "raid-controller-not-asked",
	  CONTROLLER("'driver':'megaraid_sas','src':['storage/hba@host0']"),
	  CONTROLLER(
		  "'driver':'megaraid_sas','src':['storage/hba@host0','raid/storcli']") },
	{ "raid-memory-uncorrectable", CONTROLLER("'memory_uncorrectable_errors':1"),
	  CONTROLLER("'memory_uncorrectable_errors':0") },
	{ "raid-drive-rebuilding", DRIVE("'raid_state':'Rbld'"),
	  DRIVE("'raid_state':'Onln'") },
	{ "raid-mismatches", ARRAY("'mismatch_count':128"), ARRAY("'mismatch_count':0") },

	{ "pcie-off-the-bus", PCIE("'health':'Critical'", "'x':1"),
	  PCIE("'health':'OK'", "'x':1") },
	{ "gpu-not-listed", NVIDIA(""),
	  NVIDIA("{'key':'0000:18:00.0','src':['nvidia/smi']}") },
	{ "pcie-fatal-errors", PCIE("'aer_fatal_count':1", "'x':1"),
	  PCIE("'aer_fatal_count':0", "'x':1") },
	{ "pcie-nonfatal-errors", PCIE("'aer_nonfatal_count':1", "'x':1"),
	  PCIE("'aer_nonfatal_count':1,'aer_errors':{'UnsupReq':1}", "'x':1") },
	{ "pcie-many-corrected-errors", PCIE("'aer_correctable_count':1000", "'x':1"),
	  PCIE("'aer_correctable_count':999", "'x':1") },
	{ "pcie-corrected-errors", PCIE("'aer_correctable_count':1", "'x':1"),
	  PCIE("'aer_correctable_count':1000", "'x':1") },
	{ "pcie-link-narrow", PCIE(X8_OF_16, "'max_link_width_lanes':16"),
	  PCIE(X8_OF_16, "'max_link_width_lanes':8") },
	{ "pcie-link-slow", PCIE(GEN3_OF_4, "'max_link_speed_gtps':16"),
	  PCIE(GEN3_OF_4 DISPLAY, "'max_link_speed_gtps':16") },
	{ "pcie-link-resting", PCIE(GEN3_OF_4 DISPLAY, "'max_link_speed_gtps':16"),
	  PCIE(GEN3_OF_4 DISPLAY, "'max_link_speed_gtps':8") },

	{ "gpu-lost", GPU("'health':'Critical'"),
	  GPU("'health':'Critical','remapped_rows_failed':true") },
	{ "gpu-remapping-failed", GPU("'remapped_rows_failed':true"),
	  GPU("'remapped_rows_failed':null") },
	{ "gpu-uncorrected-errors",
	  GPU("'ecc_errors':{'volatile':{'dram_uncorrectable':1}}"),
	  GPU("'ecc_errors':{'volatile':{'dram_uncorrectable':0,'dram_correctable':9},"
	      "'aggregate':{'dram_uncorrectable':1}}") },
	{ "gpu-not-answering", JOB("nvidia", "'status':'stuck'"),
	  JOB("nvidia", "'status':'timeout'") },
	{ "gpu-row-remapping-pending", GPU("'remapped_rows_pending':true"),
	  GPU("'remapped_rows_pending':false") },
	{ "gpu-page-retirement-pending", GPU("'retired_pages_pending':true"),
	  GPU("'retired_pages_pending':false") },
	{ "gpu-many-retired-pages",
	  GPU("'retired_pages_single_bit':59,'retired_pages_double_bit':1"),
	  GPU("'retired_pages_single_bit':59,'retired_pages_double_bit':0") },
	{ "gpu-sram-threshold",
	  GPU("'ecc_errors':{'aggregate':{'sram_threshold_exceeded':true}}"),
	  GPU("'ecc_errors':{'aggregate':{'sram_threshold_exceeded':false}}") },
	{ "gpu-recovery-needed", GPU("'recovery_action':'Reset'"),
	  GPU("'recovery_action':'None'") },
	{ "gpu-not-readable", GPU("'health':'Warning','health_reason':'Fan Speed'"),
	  GPU("'health':'Warning','recovery_action':'Reset'") },
	{ "gpu-links-missing",
	  "{'gpu_links':[{'key':'a','model':'M','active_link_count':3},{'key':'b','model'"
	  ":'M',"
	  "'active_link_count':4}]}",
	  "{'gpu_links':[{'key':'a','model':'M','active_link_count':3},{'key':'b','model'"
	  ":'N',"
	  "'active_link_count':4}]}" },
	{ "gpu-fabric-not-joined",
	  GPU("'fabric_state':'Completed','fabric_status':'Insufficient Resources'"),
	  GPU("'fabric_state':'Completed','fabric_status':'Success'") },
	{ "gpu-fabric-unwell",
	  GPU("'fabric_health':'Unhealthy','fabric_bandwidth':'Full'"),
	  GPU("'fabric_health':'Healthy','fabric_bandwidth':'Full',"
	      "'fabric_route_unhealthy':'False'") },
	{ "gpu-throttled", GPU("'clock_limit_reasons':['hw_slowdown']"),
	  GPU("'clock_limit_reasons':['idle','sw_power_cap']") },
	{ "gpu-too-hot",
	  GPU("'temperature_margin_celsius':-2,'slowdown_margin_celsius':-2"),
	  GPU("'temperature_margin_celsius':-1,'slowdown_margin_celsius':-2") },
	{ "gpu-hot",
	  GPU("'temperature_celsius':87,'max_operating_temperature_celsius':87"),
	  GPU("'temperature_celsius':86,'max_operating_temperature_celsius':87") },
	{ "gpu-link-narrow", GPU(X8_OF_16), GPU("'manufacturer':'AMD'," X8_OF_16) },
	{ "gpu-link-resting", GPU("'link_generation':1,'max_link_generation':4"),
	  GPU("'link_generation':4,'max_link_generation':4") },
	{ "gpu-uncorrected-errors-before",
	  GPU("'ecc_errors':{'aggregate':{'double_bit_total':1}}"),
	  GPU("'ecc_errors':{'aggregate':{'single_bit_total':1}}") },
	{ "gpu-remapped-rows", GPU("'remapped_rows_uncorrectable':1"),
	  GPU("'remapped_rows_uncorrectable':0,'remapped_rows_correctable':1") },
	{ "gpu-pcie-replays", GPU("'pcie_replays':100"), GPU("'pcie_replays':99") },
	{ "gpu-unknown", GPU("'src':['pcie/lspci','pcie/sysfs']"),
	  GPU("'src':['gpu/sysfs@renderD128','pcie/sysfs']") },
	{ "gpu-ecc-off", GPU("'ecc_mode_enabled':false"),
	  GPU("'ecc_mode_enabled':null") },
	{ "gpu-mode-pending",
	  GPU("'ecc_mode_enabled':true,'ecc_mode_pending_enabled':false"),
	  GPU("'ecc_mode_enabled':true,'ecc_mode_pending_enabled':null") },

	{ "memory-uncorrected-errors", MEMORY("edac", "'uncorrected_error_count':1"),
	  MEMORY("edac", "'uncorrected_error_count':1,'module':'0x0011'") },
	{ "memory-many-corrected-errors",
	  MEMORY("modules", "'corrected_error_count':100"),
	  MEMORY("modules", "'corrected_error_count':99") },
	{ "memory-corrected-errors",
	  MEMORY("controllers", "'unplaced_corrected_error_count':1"),
	  MEMORY("controllers",
		 "'unplaced_corrected_error_count':0,'corrected_error_count':1") },
	{ "memory-not-visible",
	  "{'memory':{'summary':{'installed_bytes':8192,'visible_bytes':7168},"
	  "'modules':[" MODULE("'x':1") "]}}",
	  "{'memory':{'summary':{'installed_bytes':8192,'visible_bytes':7169},"
	  "'modules':[" MODULE("'x':1") "]}}" },
	{ "memory-unbalanced", "{" SUPERMICRO "," THREE_MODULES(EMPTY_SLOT) "}",
	  "{" SUPERMICRO "," THREE_MODULES("{'state':'Enabled'}") "}" },
	{ "memory-modules-mixed",
	  TWO_MODULES("'key':'a','manufacturer':'Samsung'",
		      "'key':'b','manufacturer':'Micron'"),
	  TWO_MODULES("'key':'a','manufacturer':'Hyundai'",
		      "'key':'b','manufacturer':'SK Hynix'") },
	{ "memory-below-rated-speed",
	  TWO_MODULES("'x':1", "'rated_speed_mts':2933,'configured_speed_mts':2666"),
	  TWO_MODULES("'x':1", "'rated_speed_mts':2667,'configured_speed_mts':2666") },

	{ "processor-disabled-by-firmware",
	  CPUS("'status':'Populated, Disabled By BIOS','state':'Disabled'",
	       "'state':'Enabled'"),
	  CPUS("'status':'Populated, Disabled By BIOS','state':'Disabled'",
	       "'status':'Populated, Disabled By BIOS','state':'Disabled'") },
	{ "processor-disabled", CPUS("'status':'Populated, Disabled By User'", "'x':1"),
	  CPUS("'status':'Unpopulated'", "'x':1") },
	{ "processors-mixed",
	  CPUS("'state':'Enabled','model':'A'", "'state':'Enabled','model':'B'"),
	  CPUS("'state':'Enabled','model':'A'", "'state':'Absent','model':'B'") },
	{ "processor-cores-off",
	  CPUS("'state':'Enabled','core_count':8,'core_enabled':7", "'x':1"),
	  CPUS("'state':'Enabled','core_count':8,'core_enabled':8", "'x':1") },
	{ "cpu-microcode-mixed", "{'cpu':{'microcode_versions':['0x1','0x2']}}",
	  "{'cpu':{'microcode_versions':['0x1']}}" },
	{ "cpu-vulnerable", "{'cpu':{'vulnerable_to':['mds']}}",
	  "{'cpu':{'vulnerable_to':[]}}" },
	{ "cpu-offline", "{'cpu':{'offline_cpus':'4-7'}}", "{'cpu':{}}" },

	{ "network-link-slow",
	  NIC("'link_status':'LinkUp','speed_gbps':1,'max_speed_gbps':10,"
	      "'max_partner_speed_gbps':10"),
	  NIC("'link_status':'LinkUp','speed_gbps':1,'max_speed_gbps':10,"
	      "'max_partner_speed_gbps':1") },
	{ "network-half-duplex", NIC("'link_detected':true,'full_duplex':false"),
	  NIC("'link_detected':false,'full_duplex':false") },
	{ "infiniband-no-subnet-manager",
	  IB("'ports':[{'number':1,'link_layer':'InfiniBand','physical_state':'LinkUp',"
	     "'state':'INIT'}]"),
	  IB("'ports':[{'number':1,'link_layer':'Ethernet','physical_state':'LinkUp',"
	     "'state':'INIT'},{'number':2,'link_layer':'InfiniBand','physical_state':"
	     "'Polling','state':'DOWN'},{'number':3,'link_layer':'InfiniBand',"
	     "'physical_state':'LinkUp','state':'ACTIVE'}]") },
	{ "infiniband-link-errors",
	  IB("'port_errors':[{'number':2,'link_recoveries':10}]"),
	  IB("'port_errors':[{'number':2,'link_recoveries':9,'symbol_errors':99}]") },
	{ "infiniband-link-restarts", IB("'port_errors':[{'number':2,'link_losses':10}]"),
	  IB("'port_errors':[{'number':2,'link_losses':9,'receive_errors':99}]") },
	{ "network-crc-errors",
	  NIC("'receive_crc_errors':100,'received_packets':99999999"),
	  NIC("'receive_crc_errors':100,'received_packets':100000000") },
	{ "sas-link-errors",
	  "{'storage':{'phys':[{'key':'phy-0:0','loss_of_sync_count':1000}]}}",
	  "{'storage':{'phys':[{'key':'phy-0:0','loss_of_sync_count':999,"
	  "'invalid_dword_count':null}]}}" },
	{ "network-module-fault", NIC("'module':{'state':'Fault'}"),
	  NIC("'module':{'state':'LowPower'}") },
	{ "network-module-transmit-fault",
	  NIC("'module':{'lanes':[{'transmit_fault':false},{'transmit_fault':true}]}"),
	  NIC("'module':{'lanes':[{'transmit_fault':false}]}") },
	{ "network-module-alarm", NIC("'module':{'lanes':[{'alarms':['BiasHigh']}]}"),
	  NIC("'link_status':'NoLink','module':{'warnings':['TemperatureHigh'],"
	      "'lanes':[{'alarms':['BiasLow','SentPowerLow','ReceivedPowerLow']}]}") },
	{ "network-light-low",
	  NIC("'link_status':'LinkUp','module':{'lanes':[{'number':1},{'warnings':"
	      "['ReceivedPowerLow']}]}"),
	  NIC("'link_status':'NoLink','module':{'lanes':[{'alarms':['ReceivedPowerLow']}]"
	      "}") },
	{ "network-module-checksum", NIC("'module':{'checksum_valid':false}"),
	  NIC("'module':{'checksum_valid':true}") },

	{ "sensor-critical", SENSOR("'health':'Critical','health_reason':'x'"),
	  SENSOR("'health':'Warning'") },
	{ "sensor-warning", SENSOR("'health':'Warning','health_reason':'x'"),
	  SENSOR("'health':'OK'") },
	{ "chassis-fault", "{'bmc':{'chassis_faults':['cooling fault']}}",
	  "{'bmc':{'chassis_faults':['chassis intrusion']}}" },
	{ "bmc-sees-more",
	  "{'bmc':{'present_module_count':8,'conflicts':{'present_module_count':"
	  "{'memory/dmi':7}}}}",
	  "{'bmc':{'present_module_count':8,'conflicts':{'guid':{'psu/dmi':'a'}}}}" },
	{ "chassis-open", "{'bmc':{'chassis_faults':['chassis intrusion']}}",
	  "{'bmc':{'chassis_faults':[]}}" },
	{ "bmc-unavailable", "{'bmc':{'available':false}}",
	  "{'bmc':{'available':true}}" },
	{ "bmc-unreachable",
	  "{'bmc':{'key':'bmc','interface_type':'KCS'},'collectors':[{'collector':'psu',"
	  "'step':'info','status':'unavailable'}]}",
	  "{'bmc':{'key':'bmc','interface_type':'KCS'},'collectors':[{'collector':'psu',"
	  "'step':'info','status':'absent'}]}" },
	{ "event-log-full", "{'event_log':{'free_bytes':0}}",
	  "{'event_log':{'free_bytes':16,'overflow':false}}" },
	{ "event-log-events", "{'event_log':{'count_by_severity':{'Critical':1}}}",
	  "{'event_log':{'count_by_severity':{'OK':9}}}" },

	{ "power-supply-failed", SUPPLIES("{'key':'a','health':'Critical'}"),
	  SUPPLIES("{'key':'a','health':'Critical','state':'Absent'}") },
	{ "power-supply-warning", SUPPLIES("{'key':'a','health':'Warning'}"),
	  SUPPLIES("{'key':'a','health':'OK'}") },
	{ "power-supplies-doubtful",
	  SUPPLIES("{'key':'a','health_doubted':'Critical','src':['psu/fru','psu/sdr']}"),
	  SUPPLIES("{'key':'a','health_doubted':'Critical','src':['psu/dmi']}") },
	{ "power-not-redundant",
	  SUPPLIES("{'key':'a','state':'Enabled'},{'key':'b','state':'Absent'}"),
	  SUPPLIES("{'key':'a','state':'Enabled'},{'key':'b','state':'Enabled'},"
		   "{'key':'c','state':'Absent'}") },
	{ "power-supplies-mixed", SUPPLIES("{'model':'A'},{'model':'B'}"),
	  SUPPLIES("{'model':'A'},{'model':'B','state':'Absent'}") },
	{ "power-supply-absent", SUPPLIES("{'key':'a','state':'Absent'}"),
	  SUPPLIES("{'key':'a','state':'Enabled'}") },
	{ "power-supply-single", SUPPLIES("{'key':'a','state':'Enabled'}"),
	  SUPPLIES("{'key':'a','state':'Enabled'},{'key':'b','state':'Enabled'}") },
	{ "bmc-not-answering", JOB("psu", "'status':'stuck'"),
	  JOB("psu", "'status':'failed'") },
	{ "chassis-critical", CHASSIS("'thermal_state':'Non-recoverable'"),
	  CHASSIS("'thermal_state':'Warning'") },
	{ "chassis-warning", CHASSIS("'thermal_state':'Warning'"),
	  CHASSIS("'thermal_state':'Warning','boot_up_state':'Critical'") },
	{ "serial-numbers-conflict",
	  DRIVE("'serial_number':'A','conflicts':{'serial_number':{'storage/"
		"lsblk':'B'}}"),
	  DRIVE("'serial_number':'A','conflicts':{'model':{'storage/lsblk':'B'}}") },
	{ "value-not-believed",
	  NIC("'speed_gbps':null,'raw':{'speed_gbps':65.535},'notes':['speed_gbps: "
	      "65.535']"),
	  NIC("'speed_gbps':null,'raw':{'speed_gbps':0},'notes':['speed_gbps: 0']") },
	{ "processes-blocked",
	  "{'audit':{'blocked_processes':[{'comm':'dd','wchan':'io_schedule'}]},'system':"
	  "{}}",
	  "{'audit':{'blocked_processes':[]},'system':{}}" },
	{ "boot-next-set", "{'firmware':{'boot_next':'Boot0003'}}",
	  "{'firmware':{'boot_next':null,'boot_current':'Boot0003'}}" },
	{ "clock-not-believed",
	  "{'audit':{'clock':{'rtc':'2001-01-01T00:00:00.000Z','believed':'system',"
	  "'reason':'r'}},'system':{'key':'system'}}",
	  "{'audit':{'clock':{'rtc':'2001-01-01T00:00:00.000Z','believed':'rtc',"
	  "'reason':'r'}},'system':{'key':'system'}}" },
	{ "system-serial-placeholder",
	  "{'system':{'placeholders':{'serial_number':'0123456789'}}}",
	  "{'system':{'placeholders':{'version':'0123456789'}}}" },
	{ "board-serial-placeholder",
	  "{'baseboards':[{'key':'a','placeholders':{'serial_number':'0'}}]}",
	  "{'baseboards':[{'key':'a','placeholders':{'asset_tag':'0'}}]}" },
	{ "chassis-serial-placeholder", CHASSIS("'placeholders':{'serial_number':'0'}"),
	  CHASSIS("'serial_number':'0'") },
	LOG_EXAMPLES("drive"),
	LOG_EXAMPLES("controller"),
	LOG_EXAMPLES("array"),
	LOG_EXAMPLES("filesystem"),
	LOG_EXAMPLES("pcie"),
	LOG_EXAMPLES("usb"),
	LOG_EXAMPLES("gpu"),
	LOG_EXAMPLES("network"),
	LOG_EXAMPLES("memory"),
	LOG_EXAMPLES("processor"),
	LOG_EXAMPLES("thermal"),
	LOG_EXAMPLES("firmware"),
	LOG_EXAMPLES("kernel"),
	LOG_EXAMPLES("machine"),
	{ "log-corrected-errors", LOGGED("pcie", "OK", ",'warns_from':10"),
	  LOGGED("network", "OK", ",'warns_from':10") },
	{ "kernel-crashed", CRASH("'reason':'Panic','part':1"),
	  CRASH("'reason':'Panic','part':2") },
	{ "log-not-read-whole", "{'kernel':{'log':{'ended':'count','lost_count':0}}}",
	  "{'kernel':{'log':{'ended':'empty','lost_count':0}}}" },
	{ "component-critical", NIC("'health':'Critical'"),
	  DRIVE("'health':'Critical'") },
	{ "component-warning", NIC("'health':'Warning'"),
	  GPU("'health':'Warning','remapped_rows_pending':true") },
};

#endif
