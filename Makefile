# What an author, a self-hoster and an engineer need, in the order in which they need it.
#
#   make run     installs what is missing, builds, opens the window (without a display: the demo)
#   make test    installs what is missing, runs every test and check
#   make demo    two laptops and a server, in this terminal
#   make bench   prints the figures of docs/measurements.md, each beside its baseline
#   make fuzz    every fuzz target for 20 seconds (FUZZ_SECONDS), on the plain toolchain
#   make screens pictures of every screen in three themes, two sizes and two more languages, in target/screens
#   make bundle  the Debian package and a tar.gz of all programs, in target/bundle
#
# The narrowest check first: cargo test -p seshat-vault    (seconds)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:

TARGET := $(or $(CARGO_TARGET_DIR),target)
UI_SOURCES := $(shell find ui/src ui/index.html ui/package.json ui/vite.config.ts -type f 2>/dev/null)

.PHONY: run test demo bench fuzz screens bundle setup setup-test programs page lint test-ui test-rust test-window clean

run: setup
	@if [ -z "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ] && [ "$$(uname)" = Linux ]; then
	  echo 'There is no display here, so the window cannot open; this is the demo instead.'
	  $(MAKE) demo
	else
	  $(MAKE) page
	  cargo build --locked -p seshat-desktop -p seshat-press
	  exec $(TARGET)/debug/seshat-desktop
	fi

# The journeys in the window mostly wait for it, so they and the tests in Rust go side by side; each says its part whole.
test: setup-test page lint test-ui programs
	@$(MAKE) --jobs=2 --output-sync=target test-rust test-window
	echo 'Every check and test has passed.'

demo: setup
	cargo build --locked -p seshat-cli -p seshat-server
	SESHAT_BIN=$(abspath $(TARGET))/debug scripts/demo

setup:
	@scripts/setup build

setup-test:
	@scripts/setup test
	@scripts/setup-python moto scripts/s3-server.txt
	@scripts/setup-python schemathesis tests/schemathesis/requirements.txt
	@scripts/setup-python readers crates/seshat-interchange/tests/readers.txt

page: ui/dist/index.html

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	touch node_modules/.package-lock.json

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run build

lint: page
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	scripts/check-notices

test-ui: ui/node_modules/.package-lock.json
	cd ui && npm run check && npm test

# The programs that the journeys start.
programs: page
	cargo build --locked --workspace --bins --examples

test-rust: programs
	cargo test --locked --workspace --exclude seshat-tests
	cargo test --locked -p seshat-tests -- --test-threads 2
	git diff --exit-code -- ui/src/host/bindings

test-window: programs
	scripts/test-window

bench: page
	cargo build --locked --release -p seshat-server
	cargo run --locked --release -p seshat-app --example figures
	cargo run --locked --release -p seshat-vault --example primitives
	cargo run --locked --release -p seshat-server --example load
	cargo build --locked --release -p seshat-desktop -p seshat-cli
	scripts/window-figures || echo 'The window misses an aim: see the table.'

fuzz:
	scripts/fuzz $(or $(FUZZ_SECONDS),20)

screens: setup-test ui/node_modules/.package-lock.json
	scripts/screens

bundle: setup page
	scripts/bundle

clean:
	cargo clean
	rm -rf ui/dist ui/node_modules
