# bee: `make help` lists the targets.
VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CLANG ?= clang
B ?= build
# V=1 shows every command.
Q := $(if $(V),,@)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
	-Wwrite-strings -Wformat=2 -Wvla -Wconversion -Wimplicit-fallthrough -Wnull-dereference
HARDEN := -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=3 \
	$(shell echo | $(CC) -ftrivial-auto-var-init=zero -x c -fsyntax-only - 2>/dev/null && \
		echo -ftrivial-auto-var-init=zero) # clang has it from 16 on
CFLAGS ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -DBEE_VERSION='"$(VERSION)"' -DBEE_PREFIX='"$(PREFIX)"' -Ilib
# Without the folder's name in it the same source gives the same bytes wherever it is built.
ALL_CFLAGS = -std=gnu17 $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) -fPIE \
	-ffile-prefix-map=$(CURDIR)=.
LDFLAGS += -Wl,-z,relro,-z,now
PIE := -pie
STATIC := -static-pie

# SAN=1: AddressSanitizer and UBSan, in a build folder of its own. Programs stay dynamic and
# load no filters: a sanitizer's runtime needs calls that no policy grants.
ifdef SAN
B := build/san
CC := $(CLANG)
HARDEN := -DBEE_SANITIZED
CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
LDFLAGS := -fsanitize=address,undefined
STATIC := -pie
endif

# Every program and the sources it is made of: the link set is what it can do.
PROGRAMS := bee bee-audit bee-run bee-gather bee-collect bee-read bee-ipmi bee-report bee-policy \
	bee-cciss bee-ethtool bee-kmsg bee-lldp bee-megaraid bee-schema
PROGRAMS += bee-copier bee-performer bee-learn
PROGRAMS += bee-show bee-diff bee-expect bee-verify bee-export bee-accept bee-console bee-keep
PROGRAMS += bee-image bee-trace bee-enter
PROGRAMS += bee-guest bee-guest-init bee-guest-disk
PROGRAMS += bee-remote bee-order bee-fetch

LIB := lib/util.c
# What programs that read others' bytes confine themselves by.
CONFINED := lib/stdio_filter.c
JSON := lib/json.c lib/json_load.c
# What shows a document: how it is read, and how a terminal is written to.
SHOWN := lib/document.c lib/terminal.c lib/text.c lib/amount.c lib/unlearned.c $(CONFINED) $(JSON) $(LIB)
POLICY_OWN := $(addprefix language/,main.c diff.c explain_json.c check_command.c refused.c refused_line.c wider.c)
LANGUAGE := $(filter-out $(POLICY_OWN),$(wildcard language/*.c)) broker/command.c lib/record.c lib/status.c
JAIL = $(B)/libjail.a
# A whole tree entered as if booted, for who is linked with it and $(JAIL).
ROOT := $(wildcard root/*.c)
# What reads and writes lists and looks into a tree.
LISTED := lib/commands.c lib/option.c lib/exits.c lib/names.c lib/whole.c lib/elf_file.c lib/libraries.c lib/quiet.c
# The compressors of images.
IMAGE_LIBS := -lz -llzma -lzstd -llz4 -lbz2
# What firmware has where nobody filled in anything.
PLACEHOLDER := lib/placeholder.c lib/placeholder_shape.c
COLLECTORS := $(filter-out collectors/main.c,$(wildcard collectors/*.c))

bee_SRC := bee.c $(LIB)
bee_PIE := $(STATIC)
bee-audit_SRC := $(filter-out runner/run.c,$(wildcard runner/*.c)) $(LANGUAGE) lib/jail_stage.c lib/terminal.c $(LIB)
bee-audit_LIBS := $(JAIL) -lseccomp -lsodium -lcap
# Forked up to four times per job: few mappings make a fork cheap, doc/PERFORMANCE.md.
bee-audit_PIE := $(STATIC)
bee-run_SRC := runner/run.c lib/whole.c runner/helper.c runner/clock.c runner/rights.c runner/signals.c runner/job.c $(LANGUAGE) lib/jail_stage.c $(JSON) $(LIB)
bee-run_LIBS := $(JAIL) -lseccomp -lsodium -ljansson -lcap
bee-gather_SRC := $(wildcard gather/*.c) $(JSON) lib/amount.c lib/record.c lib/status.c $(CONFINED) $(LIB)
bee-gather_LIBS := -ljansson
bee-gather_PIE := $(STATIC)
bee-collect_SRC := collectors/main.c $(COLLECTORS) $(PLACEHOLDER) $(JSON) $(CONFINED) $(LIB)
bee-collect_LIBS := -ljansson -lm
bee-collect_PIE := $(STATIC)
bee-read_SRC := probes/read.c $(LIB)
bee-read_PIE := $(STATIC)
bee-ipmi_SRC := $(wildcard probes/ipmi*.c) $(LIB)
bee-ipmi_PIE := $(STATIC)
bee-ethtool_SRC := probes/ethtool.c $(LIB)
bee-ethtool_PIE := $(STATIC)
bee-kmsg_SRC := $(wildcard probes/kmsg*.c) $(LIB)
bee-kmsg_PIE := $(STATIC)
bee-lldp_SRC := probes/lldp.c $(LIB)
bee-lldp_PIE := $(STATIC)
bee-megaraid_SRC := probes/megaraid.c probes/behind.c $(LIB)
bee-megaraid_PIE := $(STATIC)
bee-cciss_SRC := probes/cciss.c probes/behind.c $(LIB)
bee-cciss_PIE := $(STATIC)
bee-report_SRC := $(wildcard report/*.c) lib/whole.c views/input.c views/kinds.c views/rows.c views/value.c $(SHOWN)
bee-report_LIBS := -ljansson -lqrencode -lsodium
VIEWS := $(filter-out %_main.c,$(wildcard views/*.c)) $(SHOWN)
VIEWS_LIBS := -ljansson -lsmartcols
bee-show_SRC := views/show_main.c $(VIEWS)
bee-show_LIBS := $(VIEWS_LIBS)
bee-diff_SRC := views/diff_main.c $(VIEWS)
bee-diff_LIBS := $(VIEWS_LIBS)
bee-expect_SRC := views/expect_main.c $(VIEWS)
bee-expect_LIBS := $(VIEWS_LIBS)
bee-verify_SRC := views/verify_main.c $(VIEWS)
bee-verify_LIBS := $(VIEWS_LIBS)
bee-export_SRC := $(wildcard export/*.c) lib/days.c $(VIEWS)
bee-export_LIBS := $(VIEWS_LIBS)
# It runs the others, and holds no parser.
bee-accept_SRC := $(wildcard accept/*.c) $(LIB)
bee-accept_LIBS := -lsodium
# What it shows is read by children of its own that have no rights, and by bee-report.
bee-console_SRC := $(wildcard console/*.c) lib/terminal.c lib/text.c $(CONFINED) $(LIB)
bee-console_LIBS := -lsodium
# It parses nothing.
bee-keep_SRC := views/keep_main.c views/kept.c lib/document.c lib/json.c lib/json_load.c $(LIB)
bee-keep_LIBS := -ljansson
bee-schema_SRC := schema.c $(LIB)
bee-image_SRC := $(wildcard image/*.c) $(JSON) $(LISTED) $(CONFINED) $(LIB)
bee-image_LIBS := $(IMAGE_LIBS) -ljansson -lsodium
bee-trace_SRC := $(filter-out trace/enter.c,$(wildcard trace/*.c)) $(ROOT) $(JSON) $(LISTED) $(LIB)
bee-enter_SRC := trace/enter.c $(addprefix trace/,space.c space_root.c calls.c user.c program.c reference.c keys.c) lib/quiet.c lib/exits.c $(LIB)
bee-enter_LIBS := -lseccomp
bee-trace_LIBS := $(JAIL) -lseccomp -ljansson -lcap
bee-guest_SRC := $(filter-out guest/init.c guest/vm_disk%.c,$(wildcard guest/*.c)) lib/commands.c lib/option.c lib/names.c $(CONFINED) $(ROOT) $(JSON) $(LIB)
bee-guest_LIBS := $(JAIL) -lseccomp -ljansson -lmnl -lblkid -lsodium -lcap
# The first process of trees that have none of their own.
bee-guest-init_SRC := guest/init.c $(LIB)
bee-guest-init_PIE := $(STATIC)
# What writes into a VM's disk: libext2fs reads what others have made, so it has no rights at all.
bee-guest-disk_SRC := $(wildcard guest/vm_disk*.c) $(CONFINED) $(LIB)
bee-guest-disk_LIBS := -lext2fs -lcom_err
# Whose signature is believed, and for what: in all of remote's programs but bee-fetch.
REMOTE := $(addprefix remote/,said.c ends.c take.c words.c memfile.c minisig.c minisig_sign.c order.c action.c grants.c netconf.c trust.c config.c identity.c request.c) $(PLACEHOLDER) lib/days.c lib/option.c
bee-remote_SRC := $(addprefix remote/,remote_main.c ask.c ask_proof.c ask_restore.c ask_one.c ask_keys.c send.c result.c state.c companion.c) $(REMOTE) $(LIB)
bee-remote_LIBS := $(JAIL) -lsodium -lcap
bee-order_SRC := $(addprefix remote/,order_main.c commands.c prove.c tpm.c tpm_wire.c tpm_floor.c steps.c step_run.c bytes.c checks.c ticket.c \
	jail_run.c gpg.c order_jail.c order_filter.c disk.c outside.c tailor.c \
	perform.c checked.c chunks.c chunks_make.c restore.c disk_file.c apart.c readonly.c \
	media.c media_find.c media_take.c kexec.c box.c unseal.c gpg_judge.c keylist.c node.c network_words.c filter_words.c) $(REMOTE) \
	lib/jail_stage.c $(CONFINED) $(LIB)
bee-order_LIBS := $(JAIL) -lseccomp -lsodium -lcap -lzstd
# The only program that opens a connection.
bee-fetch_SRC := $(addprefix remote/,fetch_main.c fetch_tls.c fetch_filter.c said.c) $(LIB)
bee-fetch_LIBS := -lcurl -lssl -lcrypto -lseccomp
# What parses a tool's memory holds no device, and what holds the device sees no memory.
bee-copier_SRC := broker/copier.c broker/copy.c broker/command.c broker/start.c $(LIB)
bee-copier_PIE := $(STATIC)
bee-performer_SRC := broker/performer.c broker/perform.c broker/command.c broker/start.c $(LIB)
bee-performer_PIE := $(STATIC)
bee-policy_SRC := $(POLICY_OWN) $(LANGUAGE) lib/document.c lib/text.c $(CONFINED) $(JSON) $(LIB)
# It lets a program do what it wants, and watches: no other program holds ptrace(2).
bee-learn_SRC := $(wildcard learn/*.c) $(LANGUAGE) broker/copy.c \
	lib/names.c lib/whole.c $(JSON) $(LIB)
bee-learn_LIBS := -ljansson -lseccomp -lsodium -lcap
bee-policy_LIBS := -ljansson -lseccomp -lsodium -lcap

# Every folder of C that programs are made of.
FOLDERS := lib jail broker language learn runner gather probes collectors report views export image root trace guest remote accept console

.PHONY: all
all: $(PROGRAMS:%=$(B)/%) $(B)/bee-fleet $(B)/bee.bash ## build everything into build/

# bash's completion, from what the manual pages say.
$(B)/bee-fleet: remote/server/bee-fleet VERSION
	@mkdir -p $(@D)
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< >$@.tmp && chmod 755 $@.tmp && mv $@.tmp $@

$(B)/bee.bash: setup/completion.sh $(wildcard doc/man/*.1)
	@mkdir -p $(@D)
	$(Q)setup/completion.sh $(filter doc/man/%,$^) >$@.tmp && mv $@.tmp $@

# Whose headers a folder may include beside its own.
SEES := lib
SEES_jail := lib
SEES_broker := jail lib
SEES_language := broker jail lib
SEES_learn := language broker jail lib
SEES_runner := language jail lib
SEES_image := lib
SEES_report := lib views
SEES_export := lib views
SEES_root := jail lib
SEES_guest := root jail lib
SEES_trace := root jail lib
SEES_remote := jail lib
sees = -I$(1) $(patsubst %,-I%,$(or $(SEES_$(1)),$(SEES)))

$(B)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(call sees,$(firstword $(subst /, ,$<))) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bee.o $(B)/schema.o: $(B)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
# When it was made: a clock before that is wrong. The commit's time, so that the same source gives the same
# bytes; 0, unknown, without a repository.
$(foreach o,gather/write_document.o remote/keylist.o,$(B)/$(o) build/fuzz/$(o)): CPPFLAGS += \
	-DBEE_BUILT=INT64_C\($(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),0)\)
# Its text is part of the program.
$(B)/schema.o: doc/schema/bee-audit-1.json

$(JAIL): $(patsubst %.c,$(B)/%.o,$(wildcard jail/*.c) lib/pass.c)
	@rm -f $@
	@ar qcs $@ $^
$(B)/bee-audit $(B)/bee-run $(B)/bee-trace $(B)/bee-guest $(B)/bee-remote $(B)/bee-order: $(JAIL)

define program
$(B)/$(1): $(patsubst %.c,$(B)/%.o,$($(1)_SRC))
	@echo "  LD $$@"
	$$(Q)$$(CC) $(or $($(1)_PIE),$(PIE)) $$(CFLAGS) $$(LDFLAGS) -o $$@ \
		$$(filter %.o,$$^) $($(1)_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

-include $(shell find $(B) \( -path $(B)/trees -o -path $(B)/vm \) -prune -o -type f -name '*.d' -print 2>/dev/null)

# Tests: everything that is not a main() in one archive, so that a test is one file.
MAINS := $(shell grep -l '^int main' bee.c schema.c $(FOLDERS:%=%/*.c))
PARTS := $(filter-out $(MAINS),$(foreach d,$(FOLDERS),$(wildcard $(d)/*.c)))
TEST_LIBS := -ljansson -lm -lqrencode -lsmartcols -lsodium -lseccomp -lcap -lmnl -lblkid -lext2fs -lcom_err $(IMAGE_LIBS) -lcurl -lssl -lcrypto
TEST_FLAGS := $(FOLDERS:%=-I%) -Itests/unit -Itests/fuzz
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%.t,\
	$(filter-out tests/unit/tap.c,$(wildcard tests/unit/*.c)))
CLI_TESTS := $(wildcard tests/cli/*.t)
ROOT_TESTS := $(wildcard tests/root/*.t)

$(B)/libparts.a: $(PARTS:%.c=$(B)/%.o)
	@rm -f $@
	@# q: two folders may have a file of one name.
	@ar qcs $@ $^
	@# But no two a function of one name: a program of both would take either.
	@nm -g --defined-only $@ | awk 'NF == 3 { print $$3 }' | sort | uniq -d | { ! grep . >&2; }

$(UNIT_TESTS): $(B)/tests/unit/tap.o
$(B)/tests/unit/%.t: tests/unit/%.c $(B)/libparts.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(TEST_FLAGS) $(ALL_CFLAGS) $(PIE) -MMD -MP $(LDFLAGS) -o $@ $< \
		$(B)/tests/unit/tap.o $(B)/libparts.a $(TEST_LIBS)

# test tools
# Tools that misbehave. Static: a jail holds nothing else that they need.
TEST_TOOLS := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(wildcard tests/tools/*.c)) \
	$(B)/tests/tools/escape

$(B)/tests/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(filter tests/tools/$*/%.c,$^)
$(B)/tests/tools/names: $(wildcard tests/tools/names/*.[ch])

$(B)/tests/tools/escape: $(wildcard tests/tools/escape/*.[ch])
	@mkdir -p $(@D)
	@echo "  CC tests/tools/escape"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $(filter %.c,$^)

# bee-performer with a recorded device in the place of the kernel's: tests/broker/player.c.
PLAYER := $(B)/tests/broker/player
TEST_TOOLS += $(PLAYER) $(B)/tests/broker/hostile $(B)/tests/broker/odd $(B)/tests/broker/preload.so
$(B)/tests/broker/preload.so: $(addprefix tests/broker/,preload.c player.c) $(LIB)
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) -Ibroker -Ijail $(ALL_CFLAGS) -fPIC -shared $(LDFLAGS) -o $@ $(filter-out %player.c,$^)
$(B)/tests/broker/hostile: $(wildcard tests/broker/hostile/*.[ch])
$(B)/tests/broker/hostile $(B)/tests/broker/odd: $(B)/tests/broker/%: tests/broker/%.c lib/mfi.h
	@mkdir -p $(@D)
	@echo "  CC tests/broker/$*.c"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $(filter %.c,$^)
$(PLAYER): tests/broker/player.c tests/broker/hang.c $(addprefix $(B)/,broker/performer.o broker/command.o broker/start.o $(LIB:.c=.o))
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) -Ibroker -Ijail $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -Wl,--wrap=start_filter -o $@ $^

# bee run with layers that can be switched off, by calls that are exchanged at the link: tests/escape. The
# switches are in build/escape alone, and what has them runs nowhere else.
ESCAPES := $(addprefix $(B)/escape/,bee bee-run bee-copier bee-performer attempts)
WRAPPED := clone_child cgroup_make cgroup_enter unshare setns sethostname umount2 mount_setattr fsconfig fsmount mknodat setresuid setresgid setgroups geteuid getegid getgroups \
	process_hide prctl setrlimit close_range execve execveat seccomp_rule_add_array seccomp_attr_set syscall open
LAYERS = $(addprefix tests/escape/layers,.c _calls.c _off.c) $(patsubst %,-Wl$(comma)--wrap=%,$(1)) -Ijail -Ibroker
comma := ,
$(B)/escape/bee: $(B)/bee
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(B)/escape/bee-run: $(patsubst %.c,$(B)/%.o,$(bee-run_SRC)) $(JAIL) $(wildcard tests/escape/*.[ch])
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(PIE) $(LDFLAGS) -o $@ $(call LAYERS,$(WRAPPED)) $(filter %.o,$^) $(bee-run_LIBS)
$(B)/escape/bee-copier: $(patsubst %.c,$(B)/%.o,$(bee-copier_SRC)) $(wildcard tests/escape/*.[ch])
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ tests/escape/layers_broker.c tests/escape/layers_off.c -Ijail -Ibroker \
		-Wl,--wrap=command_find,--wrap=process_hide $(filter %.o,$^)
$(B)/escape/bee-performer: tests/broker/player.c tests/broker/hang.c $(PLAYER) $(wildcard tests/escape/*.[ch])
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(CPPFLAGS) -DLAYERS_OF_PERFORMER -Ibroker -Ijail $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) \
		-Wl,--wrap=start_filter,--wrap=command_find,--wrap=process_hide -o $@ tests/escape/layers_broker.c tests/escape/layers_off.c \
		tests/broker/player.c tests/broker/hang.c $(addprefix $(B)/,broker/performer.o broker/command.o broker/start.o $(LIB:.c=.o))
$(B)/escape/attempts: $(addprefix tests/escape/,attempts.c around.c calls.c rights.c attempts.h)
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $(filter %.c,$^)
TEST_TOOLS += $(ESCAPES)

# What attacks whole audits: tests/faults lets calls fail, tests/hostile does all the rest.
ATTACK_TOOLS := $(addprefix $(B)/tests/,faults/watch hostile/monkey hostile/commander hostile/impostor)
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),) # it writes that machine's registers
ATTACK_TOOLS += $(B)/tests/faults/inject
endif

$(B)/tests/faults/inject: $(addprefix tests/faults/,inject.c private.c calls.c)
$(B)/tests/faults/watch: $(addprefix tests/faults/,watch.c private.c)
$(B)/tests/hostile/monkey: tests/hostile/monkey.c
$(B)/tests/hostile/commander: tests/hostile/commander.c
$(B)/tests/hostile/impostor: tests/hostile/impostor.c $(CONFINED) $(LIB)
$(ATTACK_TOOLS): $(wildcard tests/faults/*.h tests/hostile/*.h lib/*.h)
	@mkdir -p $(@D)
	@echo "  CC $(firstword $(filter %.c,$^))"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $(filter %.c,$^)

test-tools: $(TEST_TOOLS) $(ATTACK_TOOLS)

.PHONY: check
check: ## build with -Werror, run every test; what needs root or hardware says why it is skipped
	$(MAKE) WERROR=-Werror all unit-tests test-tools
	@# Six rows side by side, each of one test after the other. Root tests mostly wait, with clocks: four
	@# of them leave the processors to two of the others. (What is in no row, prove starts before all that
	@# is, so that the rows would begin when the processors have nothing else to do.) Those that leave
	@# crashes and hung processes to be counted have a row of their own, and in it is what
	@# keeps time by jobs: starved.t leaves nobody a processor.
	B=$(B) $(B)/tests/tools/realroot prove -j6 --timer \
		--rules 'seq=tests/root/{caller,cores,ends,killed,leftovers,misbehave,monitor,scheduling,starved,stuck}.t' \
		--rules 'seq={tests/root/remote-fleet,tests/cli/{accept,console,document,export,guest-disk,html}}.t' \
		--rules 'seq=tests/root/remote*' \
		--rules 'seq=tests/root/{guest*,trace*,image*,enter,escape,full,lldp,network,policies}.t' \
		--rules 'seq=tests/root/*' \
		--rules 'seq=**' \
		$(ROOT_TESTS) $(UNIT_TESTS) $(CLI_TESTS) tests/corpora/corpora.t tests/corpora/made.t

.PHONY: unit-tests test-tools
unit-tests: $(UNIT_TESTS)

# Filters are off there, and a sanitizer's memory does not fit into the limits of an audit.
NOT_SANITIZED := tests/cli/image_mutated.t tests/cli/collect_filter.t tests/cli/document.t tests/cli/image_rights.t

.PHONY: check-san
check-san: ## unit and command tests again under ASan and UBSan
	$(MAKE) SAN=1 all unit-tests
	B=build/san prove $(patsubst $(B)/%,build/san/%,$(UNIT_TESTS))
	@# A program that ends by errx(3) takes its memory with it.
	B=build/san ASAN_OPTIONS=detect_leaks=0 \
		prove $(filter-out $(NOT_SANITIZED),$(CLI_TESTS))

# attacks
# FAULTS=200 a random sample of the points, SEED=1 which one; without it all, going on where the
# last run stopped. FAULTS_TIME and HOSTILE_TIME are seconds.
FAULTS_ONLY ?=
HOSTILE_TIME ?= 90

.PHONY: check-faults check-hostile check-escape check-ingest check-mutated check-full
check-faults: all test-tools ## every system call of an audit fails once; FAULTS=200 SEED=1 for a sample (root)
	B=$(B) $(B)/tests/tools/realroot tests/faults/faults.py $(if $(FAULTS),--points $(FAULTS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(FAULTS_TIME),--time $(FAULTS_TIME)) \
		$(if $(FAULTS_ONLY),--only $(FAULTS_ONLY))

check-hostile: all test-tools ## audits attacked at random for HOSTILE_TIME seconds, 90; SEED=1 (root)
	B=$(B) $(B)/tests/tools/realroot tests/hostile/hostile.py --time $(HOSTILE_TIME) \
		$(if $(SEED),--seed $(SEED))

check-escape: all test-tools ## each layer of a jail switched off alone, each attempt in each shipped jail (root); doc/escapes.md
	BEE_ESCAPE=whole B=$(B) $(B)/tests/tools/realroot prove -v tests/root/escapes.t tests/root/broker-all.t

check-ingest: all test-tools ## 200 machines send documents while servers are killed 100 times at random; SEED=1 (root, some minutes)
	B=$(B) INGEST_CLIENTS=200 INGEST_KILLS=100 INGEST_SEED=$(or $(SEED),1) prove --timer --comments tests/root/remote-ingest.t
	B=$(B) LOAD_DOCUMENTS=20000 LOAD_PERCENT=40 LOAD_MS=200 prove --timer --comments tests/root/remote-load.t

check-mutated: all ## 10,000 broken archives to every command of bee image; SEED=1 (a quarter of an hour)
	B=$(B) MUTATIONS=10000 SEED=$(or $(SEED),1) prove --timer --comments tests/cli/image_mutated.t

check-full: ## everything there is, some hours; goes on where it stopped, doc/full-check.md (root)
	tests/full.sh

# vm
# Guests run one after another; what they boot is kept in build/vm (packages of the host's apt).
# VM_ALL=1: those too that CI has no time for.
VM_LONG := tests/vm/guest-kill.t tests/vm/guest-loader.t tests/vm/image_boots.t tests/vm/powercut.t
.PHONY: check-vm vm-images
vm-images: all test-tools
	@rm -rf $(B)/vm/bee
	@$(MAKE) -s install DESTDIR=$(abspath $(B))/vm/bee
	@install -D -m 755 $(B)/tests/broker/hostile $(B)/vm/bee/usr/bin/bee-hostile
	tests/vm/image.sh $(B)/vm $(B)/vm/bee
	tests/vm/tree.sh $(abspath $(B))/trees/vm udev,openssh-server
	tests/vm/disk.sh $(B)/vm $(B)/trees/vm

check-vm: vm-images ## audits inside a server in QEMU, guests, another kernel; VM_ALL=1 for all of it
	BEE_VM=$(abspath $(B))/vm B=$(B) $(B)/tests/tools/realroot prove --timer $(filter-out $(if $(VM_ALL),,$(VM_LONG)),$(wildcard tests/vm/*.t))
	tests/vm/tree.sh $(abspath $(B))/trees/debian
	B=$(B) BEE_GUEST_TREE=$(abspath $(B))/trees/debian BEE_VM_TREE=$(abspath $(B))/trees/vm $(B)/tests/tools/realroot \
		prove --timer tests/root/guest-systemd.t $(if $(VM_ALL),tests/root/image_debian.t)

# On emulated processors: each code once (broker-all.t), and the layers; ESCAPE=whole takes four times as long. What that
# kernel has not is skipped, and why said.
.PHONY: check-escape-vm
check-escape-vm: all test-tools ## check-escape on Debian's kernel, in QEMU (root, on demand; ESCAPE_VM="tests/root/escapes.t" for a part)
	@rm -rf $(B)/vm/bee
	@$(MAKE) -s install DESTDIR=$(abspath $(B))/vm/bee
	tests/vm/image.sh $(B)/vm $(B)/vm/bee
	B=$(B) BEE_ESCAPE=$(or $(ESCAPE),each) tests/vm/escape.sh $(B)/vm $(or $(ESCAPE_VM),tests/root/broker.t tests/root/broker-all.t tests/root/escapes.t)

.PHONY: check-payload
check-payload: all test-tools ## systemd's own tests in a guest, beside systemd-nspawn (root, on demand)
	tests/vm/tree.sh $(abspath $(B))/trees/payload systemd-tests,systemd-container,kmod,udev
	B=$(B) BEE_PAYLOAD_TREE=$(abspath $(B))/trees/payload $(B)/tests/tools/realroot prove -v --timer tests/root/guest-payload.t

# Each in a virtual machine of its own, with that suite's kernel and tools; the texts by Debian 12's.
NEWER := trixie sid
.PHONY: check-tools
check-tools: all ## the same inventory by the tools and kernels of newer Debians (root, on demand)
	@rm -rf $(B)/vm/bee
	@$(MAKE) -s install DESTDIR=$(abspath $(B))/vm/bee
	for suite in $(NEWER); do SUITE=$$suite tests/vm/image.sh $(B)/vm-$$suite $(B)/vm/bee || exit; done
	B=$(B) BEE_VMS=$(abspath $(B))/vm BEE_SUITES="$(NEWER)" prove -v tests/newer/dmidecode.t
	for suite in $(NEWER); do BEE_VM=$(abspath $(B))/vm-$$suite prove --timer tests/vm/inventory.t || exit; done

# iso
# dist/cache keeps what is fetched and the base, so that the next image is a matter of seconds.
ISO_TEST := $(abspath dist/test)

.PHONY: iso check-iso check-iso-full bench-iso mini check-mini
iso: ## dist/bee.iso, the live image (root); ISO_ARGS="--authorized-keys FILE ...", doc/iso.md
	iso/build.sh $(ISO_ARGS)

check-iso: ## builds images that let the tests in, boots them in QEMU and looks at them (root)
	install -d $(ISO_TEST)
	test -e $(ISO_TEST)/key || ssh-keygen -q -t ed25519 -N '' -C bee-test -f $(ISO_TEST)/key
	iso/build.sh --output $(ISO_TEST)/password.iso
	iso/build.sh --authorized-keys $(ISO_TEST)/key.pub --output $(ISO_TEST)/bee.iso
	BEE_ISO=$(ISO_TEST)/bee.iso prove --timer --comments tests/iso/boot-server.t $(filter-out \
		tests/iso/boot-server.t,$(wildcard tests/iso/*.t))

check-iso-full: check-iso ## and the boots that CI has no time for: sick BMCs, consoles, 512 MiB, media that go (root)
	BEE_ISO=$(ISO_TEST)/bee.iso prove --timer --comments $(wildcard tests/iso/full/*.t)

bench-iso: ## what the audit costs a boot of check-iso's image, as ratios (root)
	BEE_ISO=$(ISO_TEST)/bee.iso python3 tests/iso/bench.py

mini: all ## dist/bee-mini.img, the live image's audit in one file for PXE, HTTP and kexec (root); doc/iso.md
	test -e dist/bee.iso || iso/build.sh $(ISO_ARGS)
	iso/mini.sh

check-mini: all ## builds it of check-iso's image, boots both in QEMU and compares their documents (root)
	install -d $(ISO_TEST)
	test -e $(ISO_TEST)/key || ssh-keygen -q -t ed25519 -N '' -C bee-test -f $(ISO_TEST)/key
	test -e $(ISO_TEST)/bee.iso || iso/build.sh --authorized-keys $(ISO_TEST)/key.pub --output $(ISO_TEST)/bee.iso
	iso/mini.sh --iso $(ISO_TEST)/bee.iso --output $(ISO_TEST)/bee-mini.img
	BEE_ISO=$(ISO_TEST)/bee.iso prove --timer --comments $(wildcard tests/iso/mini/*.t)

# arm64
.PHONY: check-arm64
check-arm64: ## cross-builds for arm64, and runs the unit tests in a machine of QEMU (make deps deps-arm64)
	tests/arm64/check.sh $(filter lib%-dev zlib1g-dev,$(DEPS))

# corpora
.PHONY: check-corpora
check-corpora: all ## replay BEE_CORPORA, a folder of real machines' outputs (tests/corpora/README.md)
	B=$(B) prove -v tests/corpora/corpora.t
	B=$(B) BEE_MACHINES=$(or $(BEE_MACHINES),2000) prove -v tests/corpora/made.t

.PHONY: check-exports
check-exports: all ## each export by promtool, ansible-inventory, CycloneDX's schema; BEE_REDFISH and others name more
	B=$(B) tests/corpora/exports.sh build/exports

# Fuzzing: one libFuzzer program per tests/fuzz/fuzz_*.c, FUZZ_TIME seconds each.
FUZZ_TIME ?= 60
FUZZ_CFLAGS := -std=gnu17 -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

build/fuzz/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@$(CLANG) $(CPPFLAGS) $(call sees,$(firstword $(subst /, ,$<))) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

build/fuzz/libparts.a: $(PARTS:%.c=build/fuzz/%.o)
	@rm -f $@
	@ar qcs $@ $^

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c build/fuzz/libparts.a
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(TEST_FLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $< \
		build/fuzz/libparts.a $(TEST_LIBS)

# One target per fuzzer: make -j2 runs them in pairs.
FUZZ_RUNS := $(FUZZERS:build/fuzz/%=run-%)

.PHONY: fuzz $(FUZZ_RUNS)
fuzz: $(FUZZ_RUNS) ## fuzz every parser for FUZZ_TIME seconds each (60)

$(FUZZ_RUNS): run-%: build/fuzz/%
	@tests/fuzz/run.sh $< $(FUZZ_TIME)

# bench: ratios, in a table; it informs and never fails. BENCH="jail growth" for parts of it.
$(B)/bench: $(wildcard tests/bench/*.c) tests/bench/bench.h $(LIB:%.c=$(B)/%.o)
	@echo "  CC $@"
	$(Q)$(CC) $(CPPFLAGS) -Itests/bench $(ALL_CFLAGS) $(PIE) $(LDFLAGS) -o $@ \
		$(filter %.c %.o,$^) -ljansson

.PHONY: bench
bench: all test-tools $(B)/bench ## what bee costs beside other tools, and how it grows (root)
	$(B)/bench $(B)/bee $(BENCH)

SOURCES := $(wildcard *.c $(FOLDERS:%=%/*.[ch]) $(patsubst %,tests/%/*.[ch],unit fuzz tools tools/escape tools/names bench faults hostile broker broker/hostile escape))
SCRIPTS := .ci/run remote/server/bee-fleet debian/bee.postrm debian/tests/audit debian/tests/replay $(wildcard setup/*.sh remote/examples/*.sh \
	tests/*.sh tests/*/*.sh tests/arm64/init tests/*/*.t tests/iso/full/*.t tests/iso/mini/*.t iso/*.sh iso/builder/*.sh) iso/builder/auto/config \
	$(wildcard iso/builder/config/hooks/*/*) iso/overlay/usr/lib/systemd/system-shutdown/bee \
	iso/overlay/usr/local/lib/systemd/system-generators/bee-consoles iso/overlay/etc/dhcp/dhclient-enter-hooks.d/bee \
	iso/overlay/usr/local/libexec/bee/bee-save $(filter-out %.conf %.issue,$(wildcard iso/overlay/usr/local/lib/bee/*))
MANUALS := $(wildcard doc/man/*.[1-9])

.PHONY: sees
sees:
	@echo $(call sees,$(FOLDER))

.PHONY: fmt
fmt: ## apply .clang-format
	clang-format -i $(SOURCES)

.PHONY: lint
lint: $(B)/bee-policy ## formatting, clang-tidy, cppcheck, shellcheck, mandoc, policy lint
	clang-format --dry-run -Werror $(SOURCES)
	tests/lint/tidy.sh $(filter %.c,$(filter-out tests/%,$(SOURCES)))
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppressions-list=tests/lint/cppcheck.txt --error-exitcode=1 -D_GNU_SOURCE -D__x86_64__ \
		-Ilib -Ijail -Ibroker -Ilanguage -Ilearn $(filter %.c,$(filter-out tests/%,$(SOURCES)))
	shellcheck -x $(SCRIPTS)
	mandoc -Tlint -W warning $(MANUALS)
	$(B)/bee-policy lint

# Only what is missing is installed; setup/deps.sh has the why of it.
DEPS := dmidecode smartmontools nvme-cli pciutils \
	gcc libc6-dev make libseccomp-dev libcap-dev libjansson-dev libqrencode-dev libsodium-dev \
	libsmartcols-dev libmnl-dev libblkid-dev libext2fs-dev libcurl4-openssl-dev libssl-dev \
	zlib1g-dev liblzma-dev libzstd-dev liblz4-dev libbz2-dev
DEPS_TEST := clang clang-format clang-tidy libclang-rt-14-dev cppcheck shellcheck mandoc perl \
	ipmitool minisign swtpm openssl curl jq fdisk python3 python3-jsonschema zbar-tools python3-pil e2fsprogs iproute2 util-linux mount procps strace \
	isc-dhcp-client nftables gpg gpgv cpio libarchive-tools busybox-static squashfs-tools initramfs-tools-core zstd lz4 bzip2 xz-utils kmod
DEPS_ISO := live-build debootstrap squashfs-tools xorriso syslinux-utils isolinux mtools dosfstools \
	kmod binutils libelf1 xz-utils
DEPS_VM := qemu-system-x86 qemu-utils swtpm syslinux mtools dosfstools openssl mmdebstrap cpio zstd kmod ovmf openssh-client exfatprogs systemd-container \
	nfs-ganesha nfs-ganesha-vfs
DEPS_DEB := debhelper lintian dpkg-dev fakeroot mmdebstrap autopkgtest \
	reprotest disorderfs libfuse2 faketime sudo
DEPS_ARM64 := gcc-aarch64-linux-gnu mmdebstrap cpio qemu-system-arm qemu-user-static
DEPS_SERVER := nginx-light fcgiwrap minisign openssl zstd python3 postgresql-15 postgresql-client-15

.PHONY: deps deps-test deps-iso deps-vm deps-deb deps-arm64 deps-server
deps: ## install (apt) what is needed to build and to audit
	$(Q)setup/deps.sh $(DEPS)

deps-test: ## and what check, check-san, lint and fuzz need
	$(Q)setup/deps.sh $(DEPS) $(DEPS_TEST)

deps-iso: ## and what iso needs
	$(Q)setup/deps.sh $(DEPS) $(DEPS_ISO)

deps-vm: ## and what check-vm and check-iso need
	$(Q)setup/deps.sh $(DEPS) $(DEPS_VM)

deps-deb: ## and what deb and check-deb need
	$(Q)setup/deps.sh $(DEPS) $(DEPS_DEB)

deps-arm64: ## and what check-arm64 needs
	$(Q)setup/deps.sh $(DEPS) $(DEPS_ARM64)

deps-server: ## what a boot server is made of, and the tests of one; they start servers of their own
	$(Q)setup/deps.sh $(DEPS_SERVER)

# Packages first, also under make -j.
ifneq ($(filter deps%,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

.PHONY: audit
audit: all ## audit this machine (root); exit 3, a job that did not complete, is no failure here
	$(B)/bee audit --timeout 30 || [ $$? -eq 3 ]

# Every installed file, as setup/install.sh takes it: mode, source, place below PREFIX.
INSTALLED = 755 $(B)/bee bin/bee \
	$(foreach p,$(filter-out bee,$(PROGRAMS)),755 $(B)/$(p) libexec/bee/$(p)) \
	755 $(B)/bee-fleet libexec/bee/bee-fleet \
	$(foreach f,$(wildcard policy/*.policy policy/optional/*.policy),644 $(f) share/bee/$(f)) \
	$(foreach f,$(wildcard doc/schema/*.json),644 $(f) share/bee/$(f:doc/%=%)) \
	644 $(B)/bee.bash share/bash-completion/completions/bee \
	$(foreach f,$(MANUALS),644 $(f) share/man/man$(subst .,,$(suffix $(f)))/$(notdir $(f)))

# The programs of nbic, as links to bee: those whose program there is. bee.c has what each becomes.
LINKS := nbic cpio-list $(if $(filter bee-trace,$(PROGRAMS)),trace-files) $(if $(filter bee-enter,$(PROGRAMS)),nd)
INSTALLED += $(foreach l,$(LINKS),link bee bin/$(l))

.PHONY: install
install: all ## install under DESTDIR and PREFIX (/usr/local)
	$(Q)printf '%s %s %s\n' $(INSTALLED) | setup/install.sh install "$(DESTDIR)$(PREFIX)"

.PHONY: uninstall
uninstall: ## remove what install put there; what was changed since, it keeps and names
	$(Q)setup/install.sh uninstall "$(DESTDIR)$(PREFIX)"

# The packages bee and bee-doc of Debian, from a copy of what git has, in dist/deb.
.PHONY: deb check-deb check-reproducible
deb: ## dist/deb/*.deb: bee and bee-doc (make deps deps-deb)
	setup/deb.sh $(abspath dist/deb)

check-deb: vm-images ## lintian on them, installed, upgraded and purged in a fresh root, and on a server that runs on (root)
	@mkdir -p $(B)/deb
	BEE_DEB_ROOT=$(abspath $(B))/deb/base tests/deb/check.sh $(abspath dist/deb)
	BEE_DEB_ROOT=$(abspath $(B))/deb/base BEE_VM=$(abspath $(B))/vm B=$(B) $(B)/tests/tools/realroot tests/deb/booted.sh $(abspath dist/deb)

check-reproducible: ## the packages built twice by reprotest, all varied that it can: the same bytes (root; make deps-deb)
	tests/deb/reproducible.sh

.PHONY: help
help: ## this text
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: clean
clean: ## remove build/
	rm -rf build
