# The shop's commands; `make help` lists them.
#
# BUILD selects the compiler's flags: release (for the shop), asan (for most tests, and fuzzing), debug (for gdb).

BUILD ?= release
OUT   := build/$(BUILD)

# Debian's python, not the first one in PATH: pytest and all that the tests import are Debian packages for it.
PYTHON := /usr/bin/python3

# The caller may set CXX, CPPFLAGS, CXXFLAGS and LDFLAGS, as dpkg-buildpackage does; they come last. Without the
# caller's CXXFLAGS, warnings are errors; with them they are not, because another compiler may have more warnings.
CXX      ?= g++
CXXFLAGS ?= -Werror

ifeq ($(BUILD),asan)
override CXX := clang++  # It has libFuzzer, and with sanitizers it compiles the tests in half of g++'s time.
endif

INCLUDES := -I. -Ibuild/generated -isystem /usr/include/postgresql
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
FORTIFY  := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CXXFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
# Debian's hardening=+all, and newer options. tests/lint checks that the programs have it.
HARDENING := -fstack-protector-strong -fstack-clash-protection $(if $(findstring x86_64,$(MAKE_HOST)),-fcf-protection) \
             $(FORTIFY)
FLAGS_release := -O2 -g $(HARDENING)
FLAGS_asan    := -O1 -g1 -fsanitize=address,undefined,fuzzer-no-link -fsanitize-ignorelist=tests/fuzz/ignored.txt \
                 -fno-sanitize-recover=all -fno-omit-frame-pointer -DSHOP_FAULT_POINTS
FLAGS_debug   := -O0 -g
COMPILE   = $(CXX) -std=c++20 -fPIE -D_GLIBCXX_ASSERTIONS $(INCLUDES) $(WARNINGS) $(FLAGS_$(BUILD)) $(CPPFLAGS) $(CXXFLAGS)
LINK      = $(CXX) -pie -Wl,-z,relro,-z,now,--as-needed $(FLAGS_$(BUILD)) $(CXXFLAGS) $(LDFLAGS)
LDLIBS   := -lfcgi -lpq -lhiredis

PROGRAMS := $(addprefix $(OUT)/,products-worker orders-worker orders-reconciler index-products)
TESTS    := $(addprefix $(OUT)/tests/,unit-tests integration-tests)
LIBRARY  := $(OUT)/libshop.a
NULL_WORKER := $(OUT)/tests/null-worker
FUZZERS  := $(patsubst %.cpp,$(OUT)/%,$(wildcard tests/fuzz/*_fuzz.cpp))

# The sources of a folder are compiled together, as one: nearly all of the compiler's time goes to the headers. So a name
# in an anonymous namespace is the only one in its folder. Compiled alone are the mains, which are thin, and what needs a
# library that not each program needs. Everything but the mains is in the library, which the tests link, too.
FOLDERS  := workers/common workers/products workers/orders tests/support tests/contract \
            $(wildcard tests/unit/* tests/integration/*)
ALONE    := $(wildcard workers/*/*main.cpp) $(addprefix workers/common/,fastcgi_server.cpp postgres.cpp redis.cpp)
together  = $(filter-out $(ALONE),$(wildcard $(1)/*.cpp))
objects   = $(patsubst %,$(OUT)/%.o,$(filter $(1),$(FOLDERS)) $(filter-out %main,$(filter $(1),$(ALONE:.cpp=))))
LUA      := $(filter-out %/prelude.lua,$(wildcard workers/*/lua/*.lua))
SQL      := $(wildcard workers/*/sql/*.sql)

.DEFAULT_GOAL := help
.PHONY: build test-programs fuzzers
build: $(PROGRAMS) build/npm/built
test-programs: $(TESTS) $(NULL_WORKER)
fuzzers: $(FUZZERS)

$(OUT)/products-worker: $(OUT)/workers/products/main.o
$(OUT)/index-products:  $(OUT)/workers/products/index_main.o
$(OUT)/orders-worker:   $(OUT)/workers/orders/main.o
$(OUT)/orders-reconciler: $(OUT)/workers/orders/reconciler_main.o
$(TESTS): $(call objects,tests/support tests/contract)
$(OUT)/tests/unit-tests:        $(call objects,tests/unit/%)
$(OUT)/tests/integration-tests: $(call objects,tests/integration/%)
$(NULL_WORKER):                 $(OUT)/tests/perf/null_worker.o
$(FUZZERS): %: %.o $(addprefix $(OUT)/tests/support/,fake_order_store.o fastcgi_client.o store_calls.o temp_folder.o)
$(TESTS): LDLIBS := -lCppUTest $(LDLIBS)
$(FUZZERS): LDLIBS := -fsanitize=fuzzer -lluajit-5.1 $(LDLIBS)

$(PROGRAMS) $(TESTS) $(NULL_WORKER) $(FUZZERS): $(LIBRARY)
	@echo '  link    $@'
	@$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS)

$(LIBRARY): $(call objects,workers/%)
	@rm -f $@
	@ar rcs $@ $^

# The tests' own code runs once, and compiles twice as fast without -O1.
$(OUT)/tests/%.o: FLAGS_asan += -O0

GENERATED := $(patsubst %,build/generated/%.inc,$(LUA) $(SQL)) \
             $(addprefix build/generated/workers/common/,settings.inc errors.inc version.inc)
$(OUT)/%.o: %.cpp Makefile | $(GENERATED)
	@mkdir -p $(@D)
	@echo '  compile $<'
	@$(COMPILE) -MMD -MP -c -o $@ $<

.SECONDEXPANSION:
$(FOLDERS:%=$(OUT)/%.o): $(OUT)/%.o: $$(call together,$$*) Makefile | $(GENERATED)
	@mkdir -p $(@D)
	@echo '  compile $*/'
	@printf '#include "%s"\n' $(call together,$*) | $(COMPILE) -MMD -MP -MF $(@:.o=.d) -c -o $@ -x c++ -

# Lua scripts and SQL statements become string literals. Lua has no #include, so shared code is in a prelude.lua: the
# products' prelude is put before every script, the orders' prelude also before theirs. A script's first line may be for
# Redis: "#!lua".
PRELUDES = workers/products/lua/prelude.lua $(filter-out workers/products/%,$(wildcard $(<D)/prelude.lua))
.PRECIOUS: build/generated/%.lua.inc build/generated/%.sql.inc
build/generated/%.lua.inc: %.lua $(wildcard workers/*/lua/prelude.lua)
	@mkdir -p $(@D)
	@(printf 'R"lua('; sed -n '1{/^#!/p}' $<; cat $(PRELUDES); sed '1{/^#!/d}' $<; echo ')lua"') > $@
build/generated/%.sql.inc: %.sql
	@mkdir -p $(@D)
	@(printf 'R"sql('; cat $<; echo ')sql"') > $@

build/generated/workers/common/settings.inc: ops/settings.md ops/settings.awk workers/common/settings.awk
	@mkdir -p $(@D)
	@awk -f ops/settings.awk $< | awk -f workers/common/settings.awk > $@

# Makes {"400", "BAD_REQUEST", "The request is malformed."}, from each line of the table.
build/generated/workers/common/errors.inc: nginx/errors.map
	@mkdir -p $(@D)
	@sed -nE "s/^([^ ]+) +'\\{\"error\":(\"[A-Z_]+\"),\"message\":(\".*\")\\}';$$/{\"\1\", \2, \3},/p" $< > $@

build/generated/workers/common/version.inc: VERSION
	@mkdir -p $(@D)
	@printf '"%s"\n' "$$(cat $<)" > $@

-include $(wildcard $(addprefix $(OUT)/,*/*.d */*/*.d))

# openapi.json and the pages that show it. If the pages cannot be built, the next build tries again.
build/npm/built: ops/dev/build-pages.sh docs/openapi.yaml VERSION $(wildcard docs/pages/* docs/pages/.npmrc)
	@ops/dev/build-pages.sh

# What the Debian packages hold. They can be built without the API's pages, if npm's registry cannot be reached.
PREFIX ?= /usr/local
LIBDIR = $(DESTDIR)$(PREFIX)/lib/airship-shop
DATADIR = $(DESTDIR)$(PREFIX)/share
COMMANDS := migrate backup restore audit-stock index-products

.PHONY: install install-app install-edge
install: install-app install-edge ## installs the shop below DESTDIR/PREFIX

install-app: $(PROGRAMS)
	install -D -t $(LIBDIR) $(PROGRAMS)
	install -D -t $(DATADIR)/airship-shop/ops ops/*.sh ops/audit-stock
	install -D -m 0644 -t $(DATADIR)/airship-shop/ops/lib $(addprefix ops/lib/,collect.sh metrics.sh stores.sh workers.sh)
	install -D -m 0644 -t $(DATADIR)/airship-shop/ops/lua ops/lua/*
	install -D -m 0644 -t $(DATADIR)/airship-shop/ops/prometheus ops/prometheus/counters.awk ops/prometheus/events.awk
	install -D -t $(DATADIR)/airship-shop/sql sql/migrate.sh
	install -D -m 0644 -t $(DATADIR)/airship-shop/sql sql/conninfo.sh sql/roles.sql
	install -D -m 0644 -t $(DATADIR)/airship-shop/sql/migrations sql/migrations/*
	for part in products orders; do \
	  install -D -m 0644 -t $(DATADIR)/airship-shop/workers/$$part/lua workers/$$part/lua/prelude.lua || exit; done
	install -d $(DESTDIR)$(PREFIX)/sbin
	for command in $(COMMANDS); do \
	  ln -sf ../share/airship-shop/ops/command.sh $(DESTDIR)$(PREFIX)/sbin/airship-shop-$$command || exit; done
	ln -sf ../share/airship-shop/ops/roll.sh $(DESTDIR)$(PREFIX)/sbin/airship-shop-roll

install-edge: build/npm/built
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/nginx $(wildcard nginx/*.*)
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/nginx/lua nginx/lua/*
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/ops ops/settings.*
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/ops/lib \
	  $(addprefix ops/lib/,api_keys.sh collect.sh metrics.sh nginx.sh origins.sh settings.sh)
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/ops/edge ops/edge/settings.sh
	install -D -t $(DATADIR)/airship-shop-edge/ops/edge ops/edge/render.sh ops/edge/metrics.sh
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/ops/prometheus \
	  $(addprefix ops/prometheus/,counters.awk requests.awk full_pools.awk)
	install -D -t $(DATADIR)/airship-shop-edge/ops ops/api-keys
	install -d $(DESTDIR)$(PREFIX)/sbin
	ln -sf ../share/airship-shop-edge/ops/edge/render.sh $(DESTDIR)$(PREFIX)/sbin/airship-shop-edge-render
	ln -sf ../share/airship-shop-edge/ops/api-keys $(DESTDIR)$(PREFIX)/sbin/airship-shop-api-keys
	install -D -m 0644 -t $(DATADIR)/airship-shop-edge/pages build/pages/*.*
	[ ! -d build/pages/pages ] || install -D -m 0644 -t $(DATADIR)/airship-shop-edge/pages/pages build/pages/pages/*

.PHONY: deb clean
deb: ## builds the Debian packages in build/deb/out (VERSION)
	@ops/dev/install-packages.sh stack deploy
	@ops/dev/build-deb.sh $(VERSION)

clean: ## removes what was built
	rm -rf build

.PHONY: help help-settings up down restart status dashboard reset test test-silence chaos fuzz bench memory perf growth why lint format \
        screenshots compile_commands.json
help: ## lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: ## installs, builds and starts the shop, or reloads what changed
	@ops/dev/check-settings.sh
	@ops/dev/install-packages.sh stack
	@$(MAKE) --no-print-directory -j "$$(nproc)" build
	@BUILD_DIR=$(OUT) ops/dev/up.sh

down: ## stops it; the data stay
	@ops/dev/down.sh

restart: ## restarts the workers from the newest build; no request fails
	@$(MAKE) --no-print-directory -j "$$(nproc)" build
	@BUILD_DIR=$(OUT) ops/dev/restart.sh

status: ## shows what runs, its pid and address
	@ops/dev/status.sh

DASHBOARD_PORT ?= 9190
dashboard: ## shows the last minutes as pictures in a browser, until ^C (DASHBOARD_PORT)
	@ops/dev/install-packages.sh dashboard
	@DASHBOARD_PORT=$(DASHBOARD_PORT) ops/dev/dashboard.sh

help-settings: ## lists the settings, with their defaults and limits
	@awk -f ops/settings.awk ops/settings.md | \
	  awk -F '|' '{ printf "%s=%s%s\n    %s: %s\n", $$1, $$2, $$3 == "" ? "" : "    [" $$3 "]", $$4, $$5 }'

reset: ## stops it, and wipes its data
	@ops/dev/reset.sh

test: ## everything that a change must pass, on stacks of its own
	@ops/dev/install-packages.sh stack dashboard test perf lint deploy
	@$(MAKE) --no-print-directory -j "$$(nproc)" BUILD=asan build test-programs
	@$(MAKE) --no-print-directory -j "$$(nproc)" BUILD=release build
	@PYTHON=$(PYTHON) tests/run

.PHONY: test-deploy
HOSTS ?= one
DEPLOY_TESTS_one := tests/deploy --ignore=tests/deploy/test_several_hosts.py
DEPLOY_TESTS_several := tests/deploy/test_several_hosts.py
test-deploy: ## deploys the shop on Debian hosts that it boots, and takes them through its life (HOSTS: one, several)
	@ops/dev/install-packages.sh stack test perf deploy
	@tests/deploy/lab check
	@$(PYTHON) -m pytest -q -o faulthandler_timeout=900 $(DEPLOY_TESTS_$(HOSTS))

CHAOS_SECONDS ?= 60
chaos: ## kills workers and stores under load; nothing is lost (CHAOS_SECONDS)
	@ops/dev/install-packages.sh stack test
	@$(MAKE) --no-print-directory -j "$$(nproc)" BUILD=asan build
	@CHAOS_SECONDS=$(CHAOS_SECONDS) $(PYTHON) -m pytest -q -s tests/chaos/test_chaos.py

SILENT_SECONDS ?= 600
test-silence: ## no alert fires under load (SILENT_SECONDS)
	@ops/dev/install-packages.sh stack dashboard test
	@$(MAKE) --no-print-directory -j "$$(nproc)" BUILD=release build
	@BUILD=release SILENT_SECONDS=$(SILENT_SECONDS) $(PYTHON) -m pytest -q -s -o faulthandler_timeout=0 \
	  tests/prometheus/silence_under_load.py

FUZZ_SECONDS ?= 12
fuzz: ## random input for all that reads bytes (FUZZ_SECONDS for each target)
	@ops/dev/install-packages.sh stack test
	@$(MAKE) --no-print-directory -j "$$(nproc)" BUILD=asan fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run

# Each of these starts a shop of its own, measures it, and writes report/. The head of each program describes its
# settings.
define MEASURABLE
@ops/dev/install-packages.sh stack perf
@$(MAKE) --no-print-directory -j "$$(nproc)" build $(NULL_WORKER)
endef
MEASURE = BUILD=$(BUILD) PYTHONPATH=tests $(PYTHON) tests/perf/$(1).py
bench: ## the shop beside the limits of its parts: ROUNDS, SECONDS
	$(MEASURABLE)
	@$(call MEASURE,bench)

memory: ## what a worker holds after a million REQUESTS
	$(MEASURABLE)
	@$(call MEASURE,memory)

perf: ## the load test, over time: USERS, HOLD, RAMP_UP
	$(MEASURABLE)
	@$(call MEASURE,load_test)

growth: ## response times over what is stored: SIZES, ROUNDS, SECONDS
	$(MEASURABLE)
	@$(call MEASURE,growth)

why: ## what made the Python shop slower as it ran, in its own commands
	$(MEASURABLE)
	@$(call MEASURE,python_shop)

screenshots: ## takes new ones of /docs and /redoc, for docs/images
	@ops/dev/install-packages.sh stack test
	@$(MAKE) --no-print-directory -j "$$(nproc)" build
	@BUILD=$(BUILD) PYTHONPATH=tests $(PYTHON) tests/browser/screenshots.py

lint: ## checks the sources, and the release build's programs, without running them
	@ops/dev/install-packages.sh stack dashboard test lint
	@$(MAKE) --no-print-directory -j "$$(nproc)" BUILD=release build
	@INCLUDES='$(INCLUDES)' tests/lint

# How each source is compiled, for editors and clang-tidy. jq reads COMMAND from the environment and quotes it.
compile_commands.json: export COMMAND = $(COMPILE)
compile_commands.json: $(GENERATED)
	@find workers tests -name '*.cpp' | sort | jq --null-input --raw-input --arg directory '$(CURDIR)' \
	  '[inputs | {directory: $$directory, file: ., command: "\(env.COMMAND) -c \(.)"}]' >$@

format: ## formats the sources in C++ and Python
	@ops/dev/install-packages.sh lint
	@find workers tests -name '*.cpp' -o -name '*.h' | xargs clang-format -i
	@black --quiet tests tests/deploy/lab ops/audit-stock ops/dev/check-ansible ops/dev/check-alerts
