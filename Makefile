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
HARDEN := -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero \
	-D_FORTIFY_SOURCE=3
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
PROGRAMS := bee bee-audit bee-gather bee-collect bee-read bee-ipmi bee-report bee-policy \
	bee-ethtool bee-lldp bee-megaraid bee-schema

LIB := lib/util.c
JSON := lib/json.c lib/json_load.c
POLICY := $(filter-out runner/policy_main.c,$(wildcard runner/policy*.c)) \
	runner/sets.c runner/filter.c runner/paths.c lib/record.c lib/status.c
COLLECTORS := $(filter-out collectors/main.c,$(wildcard collectors/*.c))

bee_SRC := bee.c $(LIB)
bee_PIE := $(STATIC)
bee-audit_SRC := $(addprefix runner/,audit.c options.c plan.c monitor.c settle.c spawn.c job.c stub.c \
	flow.c refused.c capture.c jail.c jail_sources.c confine.c lister.c replay.c look.c \
	ledger.c writer.c tell.c cgroup.c gatherer.c document.c) \
	$(POLICY) $(LIB)
bee-audit_LIBS := -lseccomp -lsodium
# Forked up to four times per job: few mappings make a fork cheap, doc/PERFORMANCE.md.
bee-audit_PIE := $(STATIC)
bee-gather_SRC := $(wildcard gather/*.c) $(JSON) lib/record.c lib/status.c lib/stdio_filter.c $(LIB)
bee-gather_LIBS := -ljansson
bee-gather_PIE := $(STATIC)
bee-collect_SRC := collectors/main.c $(COLLECTORS) $(JSON) lib/stdio_filter.c $(LIB)
bee-collect_LIBS := -ljansson
bee-collect_PIE := $(STATIC)
bee-read_SRC := probes/read.c $(LIB)
bee-read_PIE := $(STATIC)
bee-ipmi_SRC := $(wildcard probes/ipmi*.c) $(LIB)
bee-ipmi_PIE := $(STATIC)
bee-ethtool_SRC := probes/ethtool.c $(LIB)
bee-ethtool_PIE := $(STATIC)
bee-lldp_SRC := probes/lldp.c $(LIB)
bee-lldp_PIE := $(STATIC)
bee-megaraid_SRC := probes/megaraid.c $(LIB)
bee-megaraid_PIE := $(STATIC)
bee-report_SRC := $(wildcard report/*.c) $(JSON) lib/stdio_filter.c $(LIB)
bee-report_LIBS := -ljansson -lqrencode -lsodium
bee-schema_SRC := schema.c $(LIB)
bee-policy_SRC := runner/policy_main.c $(POLICY) $(LIB)
bee-policy_LIBS := -lseccomp -lsodium

.PHONY: all
all: $(PROGRAMS:%=$(B)/%) ## build everything into build/

# Each folder sees its own headers and lib/'s, nothing else.
$(B)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) -I$(firstword $(subst /, ,$<)) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bee.o $(B)/schema.o: $(B)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
# Its text is part of the program.
$(B)/schema.o: doc/schema/bee-audit-1.json

define program
$(B)/$(1): $(patsubst %.c,$(B)/%.o,$($(1)_SRC))
	@echo "  LD $$@"
	$$(Q)$$(CC) $(or $($(1)_PIE),$(PIE)) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $($(1)_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# Tests: everything that is not a main() in one archive, so that a test is one file.
MAINS := bee.c runner/audit.c gather/main.c runner/policy_main.c probes/read.c probes/ethtool.c \
	probes/lldp.c probes/ipmi.c probes/megaraid.c collectors/main.c report/report_main.c
PARTS := $(filter-out $(MAINS),$(foreach d,lib runner gather probes collectors report,\
	$(wildcard $(d)/*.c)))
TEST_LIBS := -ljansson -lqrencode -lsodium -lseccomp
TEST_FLAGS := -Irunner -Igather -Iprobes -Icollectors -Ireport -Itests/unit -Itests/fuzz
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%.t,\
	$(filter-out tests/unit/tap.c,$(wildcard tests/unit/*.c)))
CLI_TESTS := $(wildcard tests/cli/*.t)
ROOT_TESTS := $(wildcard tests/root/*.t)

$(B)/libparts.a: $(PARTS:%.c=$(B)/%.o)
	@rm -f $@
	@# q: two folders may have a file of one name.
	@ar qcs $@ $^

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
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $<

$(B)/tests/tools/escape: $(wildcard tests/tools/escape/*.[ch])
	@mkdir -p $(@D)
	@echo "  CC tests/tools/escape"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(STATIC) $(LDFLAGS) -o $@ $(filter %.c,$^)

test-tools: $(TEST_TOOLS)

.PHONY: check
check: ## build with -Werror, run every test; what needs root or hardware says why it is skipped
	$(MAKE) WERROR=-Werror all unit-tests test-tools
	B=$(B) $(B)/tests/tools/realroot prove $(UNIT_TESTS) $(CLI_TESTS) $(ROOT_TESTS) \
		tests/corpora/corpora.t tests/corpora/made.t

.PHONY: unit-tests test-tools
unit-tests: $(UNIT_TESTS)

# Filters are off there, and a sanitizer's memory does not fit into the limits of an audit.
NOT_SANITIZED := tests/cli/collect_filter.t tests/cli/document.t

.PHONY: check-san
check-san: ## unit and command tests again under ASan and UBSan
	$(MAKE) SAN=1 all unit-tests
	B=build/san prove $(patsubst $(B)/%,build/san/%,$(UNIT_TESTS))
	@# A program that ends by errx(3) takes its memory with it.
	B=build/san ASAN_OPTIONS=detect_leaks=0 \
		prove $(filter-out $(NOT_SANITIZED),$(CLI_TESTS))

# vm
# Guests run one after another; what they boot is kept in build/vm (packages of the host's apt).
DEPS_VM := qemu-system-x86 cpio zstd kmod ovmf openssh-client

.PHONY: deps-vm check-vm
deps-vm: ## install (apt) what check-vm and check-iso need
	apt-get update
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(DEPS_VM)

check-vm: all ## audits inside a server in QEMU: its inventory, and faults of its hardware
	@rm -rf $(B)/vm/bee
	@$(MAKE) -s install DESTDIR=$(abspath $(B))/vm/bee
	tests/vm/image.sh $(B)/vm $(B)/vm/bee
	BEE_VM=$(abspath $(B))/vm prove --timer $(wildcard tests/vm/*.t)

# iso
# dist/cache keeps what is fetched and the base, so that the next image is a matter of seconds.
ISO_TEST := $(abspath dist/test)

.PHONY: iso check-iso bench-iso
iso: ## dist/bee.iso, the live image (root); ISO_ARGS="--authorized-keys FILE ...", doc/iso.md
	iso/build.sh $(ISO_ARGS)

check-iso: ## builds images that let the tests in, boots them in QEMU and looks at them (root)
	install -d $(ISO_TEST)
	test -e $(ISO_TEST)/key || ssh-keygen -q -t ed25519 -N '' -C bee-test -f $(ISO_TEST)/key
	iso/build.sh --output $(ISO_TEST)/password.iso
	iso/build.sh --authorized-keys $(ISO_TEST)/key.pub --output $(ISO_TEST)/bee.iso
	BEE_ISO=$(ISO_TEST)/bee.iso prove --timer --comments tests/iso/boot-server.t $(filter-out \
		tests/iso/boot-server.t,$(wildcard tests/iso/*.t))

bench-iso: ## what the audit costs a boot of check-iso's image, as ratios (root)
	BEE_ISO=$(ISO_TEST)/bee.iso python3 tests/iso/bench.py

# corpora
.PHONY: check-corpora
check-corpora: all ## replay BEE_CORPORA, a folder of real machines' outputs (tests/corpora/README.md)
	B=$(B) prove -v tests/corpora/corpora.t
	B=$(B) BEE_MACHINES=$(or $(BEE_MACHINES),2000) prove -v tests/corpora/made.t

# Fuzzing: one libFuzzer program per tests/fuzz/fuzz_*.c, FUZZ_TIME seconds each.
FUZZ_TIME ?= 60
FUZZ_CFLAGS := -std=gnu17 -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

build/fuzz/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	@$(CLANG) $(CPPFLAGS) -I$(firstword $(subst /, ,$<)) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

build/fuzz/libparts.a: $(PARTS:%.c=build/fuzz/%.o)
	@rm -f $@
	@ar qcs $@ $^

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c build/fuzz/libparts.a
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(TEST_FLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $< \
		build/fuzz/libparts.a $(TEST_LIBS)

.PHONY: fuzz
fuzz: $(FUZZERS) ## fuzz every parser for FUZZ_TIME seconds each (60)
	@for f in $(FUZZERS); do tests/fuzz/run.sh $$f $(FUZZ_TIME) || exit 1; done

# bench: ratios, in a table; it informs and never fails. BENCH="jail growth" for parts of it.
$(B)/bench: $(wildcard tests/bench/*.c) tests/bench/bench.h $(LIB:%.c=$(B)/%.o)
	@echo "  CC $@"
	$(Q)$(CC) $(CPPFLAGS) -Itests/bench $(ALL_CFLAGS) $(PIE) $(LDFLAGS) -o $@ \
		$(filter %.c %.o,$^) -ljansson

.PHONY: bench
bench: all test-tools $(B)/bench ## what bee costs beside other tools, and how it grows (root)
	$(B)/bench $(B)/bee $(BENCH)

SOURCES := $(wildcard *.c lib/*.[ch] runner/*.[ch] gather/*.[ch] probes/*.[ch] collectors/*.[ch] \
	report/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/tools/*.[ch] tests/bench/*.[ch])
SCRIPTS := .ci/run $(wildcard tests/*/*.sh tests/*/*.t iso/*.sh iso/builder/*.sh) iso/builder/auto/config \
	$(wildcard iso/builder/config/hooks/*/*) iso/overlay/usr/lib/systemd/system-shutdown/bee \
	$(filter-out %.conf,$(wildcard iso/overlay/usr/local/lib/bee/*))
MANUALS := $(wildcard doc/man/*.[1-9])

.PHONY: fmt
fmt: ## apply .clang-format
	clang-format -i $(SOURCES)

.PHONY: lint
lint: $(B)/bee-policy ## formatting, clang-tidy, cppcheck, shellcheck, mandoc, policy lint
	clang-format --dry-run -Werror $(SOURCES)
	tests/lint/tidy.sh $(filter %.c,$(filter-out tests/%,$(SOURCES)))
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppressions-list=tests/lint/cppcheck.txt --error-exitcode=1 -D_GNU_SOURCE -D__x86_64__ \
		-Ilib $(filter %.c,$(filter-out tests/%,$(SOURCES)))
	shellcheck -x $(SCRIPTS)
	mandoc -Tlint -W warning $(MANUALS)
	$(B)/bee-policy lint

# What `make deps` installs: to run the audit, to build it, to test it, to make the image.
DEPS_RUN := dmidecode smartmontools nvme-cli pciutils
DEPS_BUILD := gcc libc6-dev make libseccomp-dev libcap-dev libjansson-dev libqrencode-dev \
	libsodium-dev
DEPS_TEST := clang clang-format clang-tidy libclang-rt-14-dev cppcheck shellcheck mandoc perl \
	jq python3 python3-jsonschema zbar-tools python3-pil e2fsprogs iproute2 util-linux mount procps strace
DEPS_ISO := live-build debootstrap squashfs-tools xorriso syslinux-utils isolinux mtools dosfstools \
	kmod binutils libelf1 xz-utils

.PHONY: deps
deps: ## install (apt) what is needed to run, build and test, and to make the image
	apt-get update
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		$(DEPS_RUN) $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_ISO)

.PHONY: audit
audit: all ## audit this machine (root); exit 3, a job that did not complete, is no failure here
	$(B)/bee audit --timeout 30 || [ $$? -eq 3 ]

LIBEXEC := $(DESTDIR)$(PREFIX)/libexec/bee
SHARE := $(DESTDIR)$(PREFIX)/share
OPTIONAL := $(wildcard policy/optional/*.policy)

.PHONY: install
install: all ## install under DESTDIR and PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(LIBEXEC) $(SHARE)/bee/policy/optional $(SHARE)/bee/schema
	install -m 755 $(B)/bee $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(patsubst %,$(B)/%,$(filter-out bee,$(PROGRAMS))) $(LIBEXEC)/
	install -m 644 $(wildcard policy/*.policy) $(SHARE)/bee/policy/
	$(if $(OPTIONAL),install -m 644 $(OPTIONAL) $(SHARE)/bee/policy/optional/)
	install -m 644 $(wildcard doc/schema/*.json) $(SHARE)/bee/schema/
	for m in $(MANUALS); do install -D -m 644 $$m \
		$(SHARE)/man/man$${m##*.}/$${m##*/}; done

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -rf $(LIBEXEC) $(SHARE)/bee
	rm -f $(DESTDIR)$(PREFIX)/bin/bee
	for m in $(MANUALS); do rm -f $(SHARE)/man/man$${m##*.}/$${m##*/}; done

.PHONY: help
help: ## this text
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: clean
clean: ## remove build/
	rm -rf build
