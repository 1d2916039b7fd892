# keyrite: what people run. `make demo` and `make test` are the two commands of
# the README; scripts/setup.sh gives them what they need.

FORMAT ?= tuf
export FORMAT

.PHONY: build demo test test-pages test-hsm lint house interop bench bench-whole fuzz fresh clean

build:
	scripts/setup.sh go build -o bin/keyrite ./cmd/keyrite

# The main job on throwaway tokens under demo/, without questions.
demo:
	scripts/setup.sh --softhsm $(MAKE) build
	scripts/setup.sh --softhsm scripts/demo.sh

test:
	scripts/setup.sh --softhsm --pty go vet ./...
	scripts/setup.sh --softhsm --pty --judges go test ./...
	scripts/setup.sh scripts/house.sh --check

# Runbooks and records of the demo, as a browser prints them.
test-pages: demo
	scripts/test-pages.sh

# Three PKCS#11 modules and every fault that a ceremony can meet. Needs root.
test-hsm:
	scripts/hsm-test.sh

lint:
	test -z "$$(gofmt -l cmd ceremony hsm policies roles interop | tee /dev/stderr)"
	go vet ./...
	go vet -tags modules ./hsm
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

# The packages below ceremony/ and what they import, drawn from the code.
house:
	scripts/house.sh

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

# The two commands on a bare Debian, in a chroot of its own. Needs root.
fresh:
	scripts/fresh.sh

clean:
	rm -rf bin demo .tools interop/work
