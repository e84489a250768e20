# A thin door to Meson and the tools: make help

BUILD = build
PUPILS = 80000
REPLICATIONS = 4000
THREADS = 1
SCHOOLS =
PORT = 8080
PREFIX = /usr/local
DESTDIR =
FUZZ_SECONDS = 60
FORMS = 0
CONNECTIONS = 64
DATABASE =
QUIET = $$([ -t 1 ] || echo --quiet)
FILES = $(shell find src sql po instruments tests fuzz bench load -type f 2>/dev/null | grep -v node_modules | LC_ALL=C sort)
C_FILES = $(filter %.c %.h,$(filter src/% tests/% fuzz/% bench/%,$(FILES)))

.PHONY: laerke deps demo check lint format asan bench studies load fuzz install clean help
.DEFAULT_GOAL = laerke

laerke: ## build build/laerke
	@tools/configure.sh $(BUILD)
	@ninja -C $(BUILD) $(QUIET) laerke

deps: ## install the Debian packages that the build lacks (asks for root only for that)
	@tools/deps.sh build

demo: deps laerke ## make a simulated programme and serve it: [PUPILS=2000] [SCHOOLS=20] [PORT=8080]
	@tools/demo.sh $(BUILD)/laerke "$(PUPILS)" "$(SCHOOLS)" "$(PORT)"

check: ## install what the tests lack, build, run every test
	@tools/deps.sh build test
	@tools/browser.sh
	@tools/configure.sh $(BUILD) -Dtests=true
	@ninja -C $(BUILD) $(QUIET)
	@python3 tools/check.py $(BUILD)

asan: ## the same under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/deps.sh build test
	@tools/browser.sh
	@tools/configure.sh build-asan -Dtests=true -Db_sanitize=address,undefined -Doptimization=1
	@ninja -C build-asan $(QUIET)
	@python3 tools/check.py build-asan

lint: ## the house's own checks, cppcheck, clang-tidy and gcc -fanalyzer
	@tools/deps.sh build lint
	@tools/configure.sh $(BUILD)
	@ninja -C $(BUILD) $(QUIET) laerke
	@tools/lint.sh $(BUILD)

format: ## lay the C out as .clang-format says
	@tools/deps.sh lint
	clang-format -i $(C_FILES)

bench: ## print the figures of docs/performance.md: [PUPILS=80000]
	@tools/deps.sh build bench
	@tools/configure.sh build-bench -Dbench=true
	@ninja -C build-bench $(QUIET)
	@python3 tools/bench.py build-bench $(PUPILS)

studies: ## simulate what the intervals cover (docs/methods/simulation.md): [REPLICATIONS=4000] [THREADS=1]
	@tools/deps.sh build bench
	@tools/configure.sh build-bench -Dbench=true
	@ninja -C build-bench $(QUIET)
	@for study in build-bench/bench/study_*; do [ -d $$study ] || { echo; echo $$study; echo; $$study $(REPLICATIONS) $(THREADS) || exit 1; }; done

load: ## answer a whole wave through HTTP: [PUPILS=8000] [FORMS=0] [CONNECTIONS=64] [DATABASE=postgres]
	@tools/deps.sh build bench
	@tools/configure.sh build-bench -Dbench=true
	@ninja -C build-bench $(QUIET)
	@python3 tools/load.py build-bench $(PUPILS) $(FORMS) $(CONNECTIONS) $(DATABASE)

fuzz: ## run every fuzz target for FUZZ_SECONDS=60
	@tools/deps.sh build fuzz
	@CC=clang tools/configure.sh build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
	@ninja -C build-fuzz $(QUIET)
	@tools/fuzz.sh build-fuzz $(FUZZ_SECONDS)

install: laerke ## install the program and its man pages: [PREFIX=/usr/local] [DESTDIR=]
	install -D -m 755 $(BUILD)/laerke $(DESTDIR)$(PREFIX)/bin/laerke
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/da/man1
	$(BUILD)/laerke --lang en help --man >$(DESTDIR)$(PREFIX)/share/man/man1/laerke.1
	$(BUILD)/laerke --lang da help --man >$(DESTDIR)$(PREFIX)/share/man/da/man1/laerke.1

clean: ## remove what was built (the demo stays)
	rm -rf build build-asan build-fuzz build-bench tests/browser/node_modules .npm-cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
