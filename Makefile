# What people run here. CONTRIBUTING.md explains each.
export CGO_ENABLED = 0
SOURCES := $(shell git ls-files '*.go' '*.html' '*.css' '*.js' '*.json' '*.sql' go.mod go.sum 2>/dev/null)

.PHONY: run test unit walk race bench soak check tools clean

bin/tocsin: $(SOURCES)
	go build -trimpath -o $@ ./cmd/tocsin

# Build, start the server on embedded defaults with the worked example.
run: bin/tocsin
	scripts/run

# Install what the tests use and run them all.
test: tools
	scripts/with-postgres scripts/test

tools:
	scripts/tools test

# Formatting, static analysis, the architecture.
check:
	scripts/check

race:
	scripts/with-postgres scripts/race

# Measure every promised number beside its peer; results go to docs/bench.
bench:
	scripts/tools bench
	scripts/with-postgres scripts/bench

# Long runs: kill rounds, random operations, fuzzing.
soak:
	scripts/with-postgres scripts/soak

clean:
	rm -rf bin
