# gameday: `make lab` to play, `make test` before a commit. Needs Python 3.11 or newer, git and make; uv is used when
# it is there. Everything is installed into .venv, from requirements.lock, every file checked by its hash.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell \
            $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(name))))
UV     := $(shell command -v uv 2>/dev/null)

# What `make lab LAB_FLAGS=--no-browser` passes on to JupyterLab.
LAB_FLAGS ?=
# On how many seeds `make proof` proves every scenario. Interrupted, it goes on where it was.
SEEDS ?= 20
# What `make test PARTS="house unit"` runs; nothing means the whole gate.
PARTS ?=

.PHONY: help lab test proof lock clean install

help: ## Show this list
	@echo "gameday: go on call in a simulated production system."
	@echo
	@sed -nE 's/^([a-z]+):.*## (.*)$$/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

lab: install ## Set up if need be, and open JupyterLab on the welcome notebook (LAB_FLAGS=--no-browser for servers)
	@$(BIN)/gameday lab $(LAB_FLAGS)

test: install ## The whole gate: style, types, house rules, tests, notebooks, browser (PARTS="house unit" for some)
	@$(BIN)/python -m tests.gate $(PARTS)

proof: install ## Prove every scenario on SEEDS seeds and write the table; six hours of load; the data plane uncompiled
	@$(BIN)/gameday check --seeds $(SEEDS) --write
	@$(BIN)/python -m tests.gate golden scenarios endurance twin

lock: ## Choose the newest versions again: requirements.lock and environment.yml (needs uv)
	@test -n "$(UV)" || { echo "make lock: expected uv on the PATH, got none. Install uv; only this target needs it."; exit 2; }
	@$(UV) pip compile pyproject.toml --upgrade --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock
	@$(PYTHON) -m tests.house.lockstep

clean: ## Remove .venv, caches and builds; your runs stay
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find simulator tests -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(VENV)/.kit

# The locked packages. The stamp is written last, so that a set-up that was cut short starts again.
$(VENV)/.locked: requirements.lock
	@test -n "$(PYTHON)" || { echo "make: expected Python 3.11 or newer on the PATH, got none. Install it, or name it: make PYTHON=/path/to/python3"; exit 2; }
	@echo "gameday: installing the locked packages into $(VENV) (once; a minute or two)"
ifneq ($(UV),)
	@test -x $(BIN)/python || $(UV) venv --quiet --no-python-downloads --python "$(PYTHON)" $(VENV)
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
else
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv $(VENV) || { \
	    echo "make: expected Python's venv module, got none. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
endif
	@touch $@

# The kit itself, editable, built with the locked setuptools; then the engine, compiled once, before any lesson.
$(VENV)/.kit: $(VENV)/.locked pyproject.toml
ifneq ($(UV),)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
else
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@$(BIN)/python -m simulator warm-up
	@touch $@
