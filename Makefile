# keyrite: what people run. `make demo` and `make test` are the two commands of
# the README; each installs SoftHSM2 if it is not there.

FORMAT ?= tuf
export FORMAT

GO ?= go

.PHONY: build demo test test-hsm lint interop bench bench-whole fuzz clean

build:
	$(GO) build -o bin/keyrite ./cmd/keyrite

# The main job on throwaway tokens under demo/, without questions.
demo: build
	scripts/demo.sh

test:
	$(GO) vet ./...
	KEYRITE_SOFTHSM=$$(scripts/hsm-softhsm.sh) && export KEYRITE_SOFTHSM && $(GO) test ./...

# Three PKCS#11 modules and every fault that a ceremony can meet. Needs root.
test-hsm:
	scripts/hsm-test.sh

lint:
	test -z "$$(gofmt -l cmd ceremony hsm policies roles interop | tee /dev/stderr)"
	$(GO) vet ./...
	$(GO) vet -tags modules ./hsm
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

# Real peers judge what keyrite makes; the table is in interop/README.md.
interop:
	scripts/interop.sh

# Ratios, measured side by side in one run.
bench:
	scripts/bench.sh
	scripts/hsm-bench.sh
	$(MAKE) bench-whole

# The command as a user meets it, and the goals. BENCH_LARGE=1: a million images too.
bench-whole:
	scripts/bench-whole.sh

# Every decoder on made-up input, FUZZTIME (10m) each: hours on two cores.
fuzz:
	scripts/fuzz.sh

clean:
	rm -rf bin demo .tools interop/work
