# make serve and make test need nothing but a Swift toolchain: they install the system libraries they miss.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build serve test lint format fuzz test-asan test-tsan test-older-cpus test-crash compare compare-torchvision \
  compare-keras compare-http bench soak docs clean

PORT ?= 8080
HOST ?= 127.0.0.1

help: ## Lists these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Builds .build/release/martlet, which needs no Swift toolchain to run
	@scripts/setup build
	swift build -c release --product martlet --static-swift-stdlib

serve: build ## Builds, then serves the models of ./models (HOST=…, PORT=…)
	@exec .build/release/martlet serve --host $(HOST) --port $(PORT) --try Tests/Fixtures/images/chelsea.jpg

# ONNX's cases by themselves: beside them on two cores, tests that wait for answers would wait too long.
test: ## Builds and runs the tests
	@scripts/setup test
	@scripts/setup-conformance
	swift build --build-tests
	scripts/test-kernels
	swift test --skip-build --skip ONNXConformanceTests
	swift test --skip-build --filter ONNXConformanceTests

# Not the whole of Benchmarks: builds lie there too.
swift_sources := Package.swift Sources Tests Fuzzing Benchmarks/load/Package.swift Benchmarks/load/Sources \
  Benchmarks/http-peers/Package.swift Benchmarks/http-peers/Sources Benchmarks/fit/Fit.swift Benchmarks/novelty

lint: ## Checks the format of Swift and C sources, and the scripts' syntax
	@scripts/setup lint
	swift format lint --strict --parallel --recursive $(swift_sources)
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h')
	for script in $$(git ls-files scripts .ci Benchmarks examples | xargs grep -lE '^#!/bin/bash'); do bash -n $$script || exit; done
	python3 -c 'import sys; [compile(open(path, "rb").read(), path, "exec") for path in sys.argv[1:]]' \
	  $$(git ls-files '*.py'; git ls-files Benchmarks examples | xargs grep -lE '^#!.*python')

format: ## Formats Swift and C sources in place
	@scripts/setup lint
	swift format --in-place --parallel --recursive $(swift_sources)
	clang-format -i $$(git ls-files '*.c' '*.h')

# XCTest itself leaks 144 bytes, which would fail every run.
test-asan: ## Runs the kernel, decoder and parser tests under AddressSanitizer
	@scripts/setup test
	@scripts/setup-conformance
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build-asan \
	  --filter 'ComputeTests|ImagingTests|ModelFormatsTests|HTTPServerTests|MartletAPITests|ArchivesTests|FuzzTests|LearningTests'

# One module after another: beside the fits of others, deadlines of minutes pass.
test-tsan: ## Runs the tests of everything concurrent under ThreadSanitizer
	@scripts/setup build
	swift build --build-tests --sanitize=thread --scratch-path .build-tsan
	for module in Compute Network Inference Service HTTPServer Learning Persistence; do \
	  swift test --skip-build --sanitize=thread --scratch-path .build-tsan --filter "$${module}Tests" || exit; done

test-older-cpus: ## Runs the kernels on a Haswell, a Nehalem and arm64 (installs QEMU)
	scripts/test-older-cpus

test-crash: ## Kills a writer of a store, and a server that is taught, 50 times each, and looks what is left
	@scripts/setup build
	MARTLET_CRASH_KILLS=50 swift test --filter 'PersistenceTests.CrashTests|CommandLineTests.TeachCrashTests'

# The time is no environment variable of the script: SECONDS is bash's own.
fuzz: ## Feeds damaged files and requests to the readers of each format (SECONDS=600 each, TARGET=onnx)
	@scripts/setup build
	env -u SECONDS scripts/fuzz $(or $(SECONDS),600) $(TARGET)

compare: build ## Compares six networks and written ONNX files with ONNX Runtime (installs it and PyTorch into .cache)
	scripts/compare-with-onnxruntime

compare-torchvision: build ## Compares every architecture with torchvision's and timm's (installs PyTorch, and timm into .cache)
	scripts/compare-with-torchvision

compare-keras: build ## Compares five networks of keras.applications with Keras (installs it and TensorFlow into .cache)
	scripts/compare-with-keras

compare-http: ## Compares how 10,000 generated requests are read with nginx and h11 (installs them)
	@scripts/setup compare-http
	scripts/compare-http-parsers

bench: build ## Measures six networks beside ONNX Runtime and OpenVINO (half an hour) and writes Benchmarks/RESULTS.md
	Benchmarks/engines/compare

docs: ## Writes docs/configuration.md from the declarations of the options
	swift build --product martlet
	.build/debug/martlet configuration-document > docs/configuration.md

soak: build ## Puts 20 minutes of good and bad clients on a server, and watches its memory and descriptors
	swift build -c release --package-path Benchmarks/load
	Benchmarks/hardening --only soak

clean: ## Removes what was built
	rm -rf .build .build-*
