# make help lists the targets.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export CGO_ENABLED ?= 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
PACKAGE_VERSION := $(shell git describe --tags --abbrev=0 2>/dev/null || echo 0.1.0)
COMMIT  := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
GO      := go
FUZZTIME ?= 10s
ARGS    ?=

.DEFAULT_GOAL := help
.PHONY: help run build test check smoke torture interop fuzz bench corpus package clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## run the demo: follow real log files, ship them, find them again (ARGS='--once FILE…')
	bin/weir demo $(ARGS)

build: ## build bin/weir and bin/weir-agent
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/weir ./cmd/weir-agent

test: ## run all tests: unit, script, crash and end-to-end; no network
	$(GO) test ./...

check: tools ## format, vet, staticcheck, race detector, a system without birth times, known vulnerabilities
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) mod verify
	bin/tools/staticcheck ./...
	CGO_ENABLED=1 $(GO) test -race -short ./...
	$(GO) test -tags nobirth -short ./tailer
	@.ci/vulnerabilities

smoke: build ## a few minutes: rename, copytruncate, one kill, boto3
	$(GO) test -count=1 -run 'TestSmoke|TestScript' ./cmd/weir
	interop/run smoke

torture: build ## about 12 minutes: every rotation, kill, refusal and full disk, one row each (ARGS='--only REGEXP --seed N')
	$(GO) run ./cmd/internal/torture $(ARGS)

interop: build ## real clients against weir: AWS CLI, boto3, aws_kinesis_agg, botocore's shapes
	interop/run all

fuzz: ## fuzz every decoder, FUZZTIME each (default 10s)
	@.ci/fuzz $(FUZZTIME)

bench: build ## first figures for the budgets: docs/benchmarks.md says how to read them
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) run ./cmd/internal/bench

corpus: build ## parsers and demo over a folder of logs: make corpus DATA=DIR
	@[ -n "$(DATA)" ] && [ -n "$$(ls -A $(DATA) 2>/dev/null)" ] || { echo "corpus: DATA=DIR must name a folder with log files"; exit 2; }
	$(GO) run ./cmd/internal/corpus $(DATA)
	bin/weir demo --once $(DATA)/*.log

package: build tools ## deb and rpm of weir and weir-agent, in dist/
	mkdir -p dist
	for format in deb rpm; do \
	    NAME=weir OTHER=weir-agent BINARY=bin/weir VERSION=$(PACKAGE_VERSION) bin/tools/nfpm package -f packaging/nfpm/weir.yaml -p $$format -t dist/; \
	    NAME=weir-agent OTHER=weir BINARY=bin/weir-agent VERSION=$(PACKAGE_VERSION) bin/tools/nfpm package -f packaging/nfpm/weir.yaml -p $$format -t dist/; \
	done

.PHONY: tools
tools: # staticcheck, govulncheck and nfpm, in the versions of .ci/tools/go.mod
	@GOFLAGS=-mod=readonly $(GO) build -C .ci/tools -o $(CURDIR)/bin/tools/ tool

clean: ## remove what the build and the demo made
	rm -rf bin dist weir-demo interop/.venv
