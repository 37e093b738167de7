# make run: the main job on a fresh machine.  make test: every test.  Needs Python 3.11 to 3.14 and make.
VENV ?= .venv
PYTHON ?= python3
CYCLE ?= 5
SEED ?= 0
BIN := $(VENV)/bin
FAST := not slow and not prefect and not browser and not s3 and not postgres
INSTALLED := $(VENV)/.installed
# from Python 3.12 on the lock file of the newest one holds
LOCK = $$($(BIN)/python -c 'import sys; print("requirements.lock" if sys.version_info < (3, 12) else "requirements-3.14.lock")')
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := uv pip install --quiet --python $(BIN)/python

# Python may keep what it compiled: half the start of each process is saved
export PYTHONDONTWRITEBYTECODE =

.PHONY: help install run serve test test-fast sweep lint bench clean

help:
	@echo "make run     write a sample inbox, refresh cycle $(CYCLE) through a Prefect server, say where the release is"
	@echo "make serve   keep a Prefect server running with the refresh registered on it"
	@echo "make test    all tests        make lint   style, types, architecture, security        make bench   time and memory"
	@echo "make test-fast   the rules and all else that needs no server, browser, refresh or many seconds, in two minutes"
	@echo "make sweep   the tests of many cases, all of them (make test runs a sample), and which of 400 changes to the code,"
	@echo "             drawn by SEED, the tests of make test-fast do not notice"

install: $(INSTALLED)

$(INSTALLED): requirements.lock requirements-3.14.lock pyproject.toml
	@echo "Installing into $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 2; }
	@if command -v uv >/dev/null && $(UV) --no-deps --require-hashes -r "$(LOCK)"; then :; \
	  else $(PIP) --no-deps --require-hashes -r "$(LOCK)"; fi
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

run: install
	@$(BIN)/a4p demo --cycle $(CYCLE)

serve: install
	@$(BIN)/a4p serve

# four for two cores: half of the longest files wait for servers most of their time
test: install
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

test-fast: install
	@$(BIN)/python -m pytest -n 2 --dist load --ignore tests/integration -m "$(FAST)"

sweep: install
	@A4P_SWEEP=1 $(BIN)/python -m pytest -n 2 --dist load -m sweep
	@$(BIN)/python -m tests.mutations --marks "$(FAST)" --of transforms=300 --of expectations=100 --seed $(SEED)

lint: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --recursive --severity-level medium --confidence-level medium \
	  a4p.py config expectations flows sample transforms

bench: install
	@$(BIN)/python -m benchmarks --write

clean:
	rm -rf $(VENV) store inbox
