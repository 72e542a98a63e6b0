# The front door.  It holds no logic: CMake builds, the scripts in .make/ do the rest.
.DEFAULT_GOAL := all
.PHONY: all demo test charts matrix check asan tsan chaos e2e bench interop fuzz image install clean help

all: ## install what the build needs (once) and build build/headway
	@.make/dependencies build
	@.make/build build --target headway

demo: ## see three racing processes bring a throw-away database to head, exactly once
	@.make/demo

test: ## build everything and run every test against throw-away servers
	@.make/dependencies build test
	@.make/charts-tools
	@.make/build build -DHEADWAY_TESTS=ON
	@.make/test build

charts: ## run the tests of charts/ and deploy/ with Helm 3 and Helm 4
	@.make/dependencies build test
	@.make/charts-tools helm4
	@.make/build build -DHEADWAY_TESTS=ON
	@HEADWAY_HELM=3 .make/test build -L charts
	@HEADWAY_HELM=4 .make/test build -L charts

matrix: ## run the tests that need a server against PostgreSQL 14, 16, 17 and 18, fetched into .deps/
	@.make/dependencies build test
	@.make/build build -DHEADWAY_TESTS=ON
	@.make/matrix build

check: ## gcc and clang warnings as errors, clang-tidy, clang-format, layering
	@.make/dependencies build test check
	@.make/build build -DHEADWAY_TESTS=ON
	@.make/check build

asan: ## the tests under the address and undefined-behaviour sanitizers, in build/asan
	@.make/dependencies build test
	@.make/build build/asan -DHEADWAY_TESTS=ON -DHEADWAY_SANITIZE=address,undefined
	@.make/test build/asan

tsan: ## the tests under the thread sanitizer, in build/tsan
	@.make/dependencies build test
	@.make/build build/tsan -DHEADWAY_TESTS=ON -DHEADWAY_SANITIZE=thread
	@.make/test build/tsan

chaos: ## kill upgrades at random moments on ROUNDS databases (default 200) [SEED=...]
	@.make/dependencies build test
	@.make/build build -DHEADWAY_TESTS=ON
	@HEADWAY_CHAOS_ROUNDS=$(or $(ROUNDS),200) HEADWAY_CHAOS_SEED=$(SEED) .make/test build -R cli_chaos

bench: ## measure beside the rivals, fetched into .deps/ [ROUNDS=5] [QUICK=1] [ONLY=SECTION]
	@.make/dependencies build bench
	@.make/build build --target headway
	@ROUNDS=$(ROUNDS) QUICK=$(QUICK) ONLY=$(ONLY) .make/bench

interop: ## let other tools migrate half a set and take over from them, fetched into .deps/ [ONLY=TOOL]
	@.make/dependencies build bench
	@.make/build build --target headway
	@ONLY=$(ONLY) .make/interop

e2e: ## deploy to a real Kubernetes that it starts, as root [ONLY=SCENARIO]
	@.make/e2e $(ONLY)

fuzz: ## fuzz each parser for SECONDS (default 60) with libFuzzer, in build/fuzz
	@.make/dependencies build test check
	@.make/build build/fuzz -DHEADWAY_TESTS=ON -DHEADWAY_FUZZ=ON -DCMAKE_C_COMPILER=clang-14 \
	  -DCMAKE_CXX_COMPILER=clang++-14 --target fuzz_all
	@.make/fuzz build/fuzz $(or $(SECONDS),60)

image: ## build the container image with podman, buildah or docker [PLATFORM=linux/arm64] [TARGET=demo]
	@.make/image

install: all ## install below PREFIX (default /usr/local), with DESTDIR in front if it is set
	@.make/install

clean: ## remove build/; the libraries in .deps/ stay
	@rm -rf build

help: ## show this list
	@.make/help Makefile

export PREFIX DESTDIR PLATFORM TARGET TAG
