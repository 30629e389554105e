# bee: `make help` lists the targets.
VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= cc
CLANG ?= clang
B ?= build

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
	-Wwrite-strings -Wformat=2 -Wvla -Wconversion -Wimplicit-fallthrough -Wnull-dereference
HARDEN := -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero \
	-D_FORTIFY_SOURCE=3
CFLAGS ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -DBEE_VERSION='"$(VERSION)"' -DBEE_PREFIX='"$(PREFIX)"' -Ilib
ALL_CFLAGS = -std=gnu17 $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) -fPIE
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
PROGRAMS := bee bee-audit bee-gather bee-collect bee-read bee-report bee-policy

LIB := lib/util.c
JSON := lib/json.c lib/json_load.c
POLICY := $(filter-out runner/policy_main.c,$(wildcard runner/policy*.c)) \
	runner/sets.c runner/filter.c runner/paths.c lib/record.c
COLLECTORS := $(filter-out collectors/main.c,$(wildcard collectors/*.c))

bee_SRC := bee.c $(LIB)
bee-audit_SRC := $(addprefix runner/,audit.c plan.c monitor.c settle.c spawn.c job.c stub.c flow.c \
	refused.c capture.c jail.c confine.c lister.c replay.c look.c ledger.c writer.c \
	tell.c cgroup.c gatherer.c document.c) \
	$(POLICY) $(LIB)
bee-audit_LIBS := -lseccomp -lsodium
bee-gather_SRC := $(wildcard runner/gather_*.c) $(JSON) lib/record.c lib/stdio_filter.c $(LIB)
bee-gather_LIBS := -ljansson
bee-gather_PIE := $(STATIC)
bee-collect_SRC := collectors/main.c $(COLLECTORS) $(JSON) lib/stdio_filter.c $(LIB)
bee-collect_LIBS := -ljansson
bee-collect_PIE := $(STATIC)
bee-read_SRC := runner/read.c $(LIB)
bee-read_PIE := $(STATIC)
bee-report_SRC := $(wildcard report/*.c) $(JSON) lib/stdio_filter.c $(LIB)
bee-report_LIBS := -ljansson -lqrencode -lsodium
bee-policy_SRC := runner/policy_main.c $(POLICY) $(LIB)
bee-policy_LIBS := -lseccomp -lsodium

.PHONY: all
all: $(PROGRAMS:%=$(B)/%) ## build everything into build/

# Each folder sees its own headers and lib/'s, nothing else.
$(B)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(firstword $(subst /, ,$<)) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bee.o: bee.c Makefile VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define program
$(B)/$(1): $(patsubst %.c,$(B)/%.o,$($(1)_SRC))
	$$(CC) $(or $($(1)_PIE),$(PIE)) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $($(1)_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: help
help: ## this text
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: clean
clean: ## remove build/
	rm -rf build
