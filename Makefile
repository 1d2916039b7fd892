# keyrite: what people run. `make demo` and `make test` are the two commands of
# the README; scripts/setup.sh gives them what they need.

FORMAT ?= tuf
export FORMAT

.PHONY: build demo test test-pages test-hsm test-crash test-life lint house interop bench bench-whole bench-releases fuzz fresh release release-twice test-publish test-carriers demo-ci clean

build:
	scripts/setup.sh go build -o bin/keyrite ./cmd/keyrite

# The main job on throwaway tokens under demo/, without questions.
demo:
	scripts/setup.sh --softhsm $(MAKE) build
	scripts/setup.sh --softhsm scripts/demo.sh

test:
	scripts/setup.sh --softhsm --pty --judges go vet ./...
	scripts/setup.sh --softhsm --pty --judges go test -timeout 20m ./...
	scripts/setup.sh scripts/house.sh --check

# Runbooks and records of the demo, as a browser prints them.
test-pages: demo
	scripts/setup.sh --browser scripts/test-pages.sh

# Six PKCS#11 modules, their habits, every fault that a ceremony can meet, and every
# way out of a helper. Needs root.
test-hsm:
	scripts/setup.sh --softhsm --modules scripts/hsm-test.sh

# Every situation killed at each change of a file and each call of PKCS#11: some twenty
# minutes on two cores. make test does a few of them.
test-crash:
	scripts/setup.sh --softhsm scripts/crash-test.sh

# Ten thousand random lives of repositories: some twenty minutes on two cores. make test
# lives a few.
test-life:
	scripts/setup.sh --softhsm scripts/life-test.sh

lint:
	scripts/setup.sh scripts/lint.sh

# The packages below ceremony/ and what they import, drawn from the code.
house:
	scripts/setup.sh scripts/house.sh

# Real peers judge what keyrite makes; the table is in interop/README.md.
interop:
	scripts/setup.sh --softhsm --venv scripts/interop.sh

# Ratios, measured side by side in one run.
bench:
	scripts/setup.sh --venv scripts/bench.sh
	scripts/setup.sh --softhsm scripts/hsm-bench.sh
	$(MAKE) bench-whole

# The command as a user meets it, and the goals. BENCH_LARGE=1: a million images too.
bench-whole:
	scripts/setup.sh --softhsm --venv scripts/bench-whole.sh

# A thousand unattended releases, and whether the last takes more than the first.
bench-releases:
	scripts/setup.sh --softhsm scripts/bench-releases.sh $(COUNT)

# Every decoder on made-up input, FUZZTIME (10m) each: hours on two cores.
fuzz:
	scripts/setup.sh --softhsm scripts/fuzz.sh

# The two commands on a bare Debian, in a chroot of its own. Needs root.
fresh:
	scripts/fresh.sh

# Archives and packages of keyrite itself, under dist/.
release:
	scripts/setup.sh --cross scripts/release.sh

# The same in two folders: every byte must be the same; one is signed by a token.
release-twice:
	scripts/setup.sh --softhsm --cross scripts/release-twice.sh

# The scripts that publish, against a real S3 server too.
test-publish:
	scripts/setup.sh --softhsm --judges --venv scripts/test-publish.sh

# Two sites over sticks with FAT, exFAT and NTFS, also read-only. Needs root and Debian.
test-carriers:
	scripts/setup.sh --softhsm --carriers scripts/carriers-test.sh

# Two CI jobs at once release for two suppliers; real clients download both.
demo-ci:
	scripts/setup.sh --softhsm --judges $(MAKE) build
	scripts/setup.sh --softhsm --judges scripts/demo-ci.sh

clean:
	rm -rf bin demo demo-ci dist .tools interop/work
