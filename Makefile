# Two commands for a fresh Debian 12 or 13 with cargo: `make demo` and `make test`.
QA := target/release/qa
# What makes $(QA); nothing where it is there already.
BUILD := build
# nextest where it is installed, cargo's own runner elsewhere: the same tests either way.
RUNNER := $(shell cargo nextest --version >/dev/null 2>&1 && echo nextest run || echo test)

# Architectures that tests start machines of, besides this host's own.
ARCHS := --arch aarch64 --arch riscv64

# How many machines the tests of updates run at once; each wants two processors and up to 4 GiB.
AT_ONCE := 1

.PHONY: bench boards opencv u-boot chromium ffmpeg readers book packages rpmbuild demo test nightly updates build host archs images fast fuzz real reference lint

## Installs what is missing, builds qa and the image, logs in to GNOME, says where the report is.
demo: host
	$(QA) image build gnome
	$(QA) run gnome-login
	@echo "report: $(CURDIR)/qa-results/latest/report.html"

## Installs what is missing and runs every test. The fast tests have built a qa already: no second one is built for the rest.
test: lint fast
	$(MAKE) real QA=target/debug/qa-under-test BUILD=

build:
	cargo build --release --locked --package qa

## Makes a .deb and a .rpm in target/packages, and says where they are. Debian 12 and newer can run what is built on Debian 12.
packages: $(BUILD) rpmbuild
	runner/packaging/packages $(QA) target/packages

# What makes a .rpm.
rpmbuild:
	command -v rpmbuild >/dev/null || \
		{ $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes --no-install-recommends rpm; }

host: $(BUILD)
	$(QA) doctor --install

archs: $(BUILD)
	$(QA) doctor --install --tpm --boards $(ARCHS)

images: archs
	$(QA) image build atomic console console-aarch64 console-riscv64 debian-installer gnome

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

## The tests that need no machine: seconds, for every change.
fast:
	cargo $(RUNNER) --workspace --locked --no-fail-fast

## Builds the book and says where it is. Installs mdBook into target/tools if it is not in PATH.
MDBOOK_VERSION := 0.5.4
MDBOOK := $(or $(shell command -v mdbook),target/tools/bin/mdbook)
book: $(MDBOOK)
	$(MDBOOK) build --dest-dir $(CURDIR)/target/book docs
	@echo "book: $(CURDIR)/target/book/index.html"

target/tools/bin/mdbook:
	cargo install mdbook --version $(MDBOOK_VERSION) --locked --no-default-features --features search --root target/tools

## Writes the pages of docs/src/reference anew, from the code that reads the files and calls that they describe.
reference:
	INSTA_UPDATE=always cargo test --quiet --workspace --locked --test fast -- book::reference

## Arbitrary bytes for every reader of what others write: executions for each, and the seed that makes them again.
FUZZ_RUNS := 1000000
FUZZ_SEED := $(shell date +%s)
fuzz:
	cargo run --release --locked --package qa-tests --bin fuzz -- all $(FUZZ_RUNS) $(FUZZ_SEED)

## Real QEMU, real images: minutes, one machine at a time.
real: images u-boot chromium readers ffmpeg
	cargo test --workspace --locked --features qa-vm/real-machines,qa-tests/real-machines --test real_qemu --test real -- --test-threads=1 --nocapture

## What takes hours rather than minutes: every desktop, every installer, on every architecture.
nightly: archs
	$(QA) image build console console-aarch64 console-riscv64 gnome kde live-installer debian-installer debian-installer-aarch64 debian-installer-riscv64
	$(QA) check
	$(QA) run --matrix nightly --cold
	$(MAKE) updates
	$(MAKE) fuzz

## Systems that are updated, at length, and the same with one thing wrong, which the scenarios must find.
updates: host
	$(QA) image build atomic atomic-no-rollback atomic-writable-usr atomic-loses-data atomic-forgets-applications atomic-restarts \
		snapshots snapshots-no-rollback gnome gnome-no-notice gnome-restarts-itself console-bookworm console-bookworm-old-kernel toolbox toolbox-no-subids
	cargo test --workspace --locked --features qa-tests/nightly --test real -- --test-threads=$(AT_ONCE) --nocapture updates:: nightly:: soak::

## Boards of three architectures: each a QEMU that qa knows nothing of, switched and reached as hardware is.
boards: archs u-boot
	$(QA) image build console console-aarch64 console-riscv64
	cargo test --workspace --locked --features qa-vm/real-machines --lib -- --test-threads=1 board::labgrid::real \
		board::vnc::real
	cargo test --workspace --locked --features qa-tests/nightly --test real -- --test-threads=1 --nocapture boards::

# The firmware of the boards of tests.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
u-boot: archs
	test -e /usr/lib/u-boot/qemu-riscv64_smode/uboot.elf || \
		$(AS_ROOT) apt-get install --yes --no-install-recommends u-boot-qemu

# The browser that shows reports to tests.
chromium:
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
		{ $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes --no-install-recommends chromium; }

# The program that makes videos, and ffprobe, which tests ask about them.
ffmpeg:
	command -v ffprobe >/dev/null || \
		{ $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes --no-install-recommends ffmpeg; }

# Programs of others that read the reports in tests.
READERS := target/tools/readers
READERS_OF_PYTHON := junitparser==5.0.3
READERS_OF_NODE := allure@3.18.0 tap-parser@17.0.0 test-results-parser@0.4.6 xunit-viewer@10.6.1
readers: $(READERS)/installed

# Installs them again only if a version above has changed.
$(READERS)/installed: Makefile
	@mkdir -p $(READERS)
	test "$$(cat $@ 2>/dev/null)" = "$(READERS_OF_PYTHON) $(READERS_OF_NODE)" || { \
		python3 -c 'import ensurepip, venv' 2>/dev/null && command -v node >/dev/null && command -v npm >/dev/null || \
			{ $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes --no-install-recommends \
				$$(python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv) \
				$$(command -v node >/dev/null || echo nodejs) $$(command -v npm >/dev/null || echo npm); } && \
		python3 -m venv $(READERS)/python && \
		$(READERS)/python/bin/pip install --quiet --disable-pip-version-check $(READERS_OF_PYTHON) && \
		npm install --prefix $(READERS) --save-exact --no-audit --no-fund --ignore-scripts $(READERS_OF_NODE); }
	@echo "$(READERS_OF_PYTHON) $(READERS_OF_NODE)" > $@

# What needles are compared with in benchmarks.
opencv:
	/usr/bin/python3 -c 'import cv2' 2>/dev/null || \
		{ $(AS_ROOT) apt-get update && $(AS_ROOT) apt-get install --yes --no-install-recommends python3-opencv; }

## How fast needles are found, case by case, beside a plain search and beside OpenCV; how long a large set of needles takes to
## check; then what checkpoints are worth, with real machines.
bench: images opencv
	cargo bench --locked --package qa-needles --bench speed --bench recorded_set
	QA=$(abspath $(QA)) cargo bench --locked --package qa-tests --bench needle_check
	QA=$(abspath $(QA)) cargo bench --locked --package qa-tests --bench checkpoints
