# Every habit of the project. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
REQUIREMENTS ?= requirements.txt
UV_VERSION := 0.13.9
NODE_OK := $(shell command -v node >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' && command -v npm >/dev/null && echo yes)
NODE_PATH_PREFIX := $(if $(NODE_OK),,$(CURDIR)/$(VENV)/bin:)
export PATH := $(NODE_PATH_PREFIX)$(PATH)
# Tests without a running system share nothing, so every core takes its part of the files.
PYTEST_CORES := $(BIN)/python -m pytest -q -n $(shell nproc) --dist loadfile
# What knows the database; the portal's pages and addresses do not.
ON_POSTGRES := tests/accounts tests/exchange tests/isolation tests/vault tests/portal/test_matrix.py tests/portal/test_rules_change.py
JS_SOURCES := $(shell find static/src static/build.mjs -type f 2>/dev/null)

.PHONY: help setup setup-dev run test test-fast lint typecheck bench test-thorough drill-memory drill-mutations screenshots requirements clean sandbox

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@echo
	@echo "Environment (all optional; defaults in portal/environment.py):"
	@sed -n '/<!-- environment -->/,/<!-- end -->/p' README.md | grep '^| `' | sed -E 's/^\| `([^`]*)` \| (.*) \| (.*) \|$$/  \1\t\2 [\3]/' | expand -t 30

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Sealpost needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

$(STAMPS)/python-%: %.txt pyproject.toml $(BIN)/uv
	@mkdir -p $(STAMPS)
	@rm -f $(STAMPS)/python-*
	@$(BIN)/uv pip sync -q --require-hashes --compile-bytecode --python $(BIN)/python $<
	@$(BIN)/uv pip install -q --python $(BIN)/python "setuptools>=77"
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation --python $(BIN)/python -e .
	@$(if $(NODE_OK),true,$(BIN)/uv pip install -q --require-hashes --python $(BIN)/python -r requirements-node.txt)
	@touch $@

$(STAMPS)/node: package-lock.json
	@mkdir -p $(STAMPS)
	@npm ci --ignore-scripts --silent
	@touch $@

$(STAMPS)/static: $(STAMPS)/node $(JS_SOURCES)
	@node static/build.mjs
	@touch $@

sandbox:
	@command -v bwrap >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get install -y -qq bubblewrap >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq bubblewrap; } >/dev/null 2>&1 || true; fi; }
	@command -v bwrap >/dev/null || echo "Documents will not be processed here until the sandbox is installed: sudo apt-get install bubblewrap"

setup: ## prepare .venv, node_modules and the static build, without starting anything
	@if [ -e $(STAMPS)/python-requirements-dev ] && [ $(STAMPS)/python-requirements-dev -nt requirements-dev.txt ]; then true; else $(MAKE) --no-print-directory -s $(STAMPS)/python-requirements; fi
	@$(MAKE) --no-print-directory -s $(STAMPS)/static sandbox
	@$(BIN)/python -m compileall -q accounts exchange portal sealpost vault  # what runs writes nothing here

setup-dev: $(STAMPS)/python-requirements-dev $(STAMPS)/static sandbox ## the same with everything that tests need

run: setup ## start the whole of Sealpost in this terminal; Ctrl-C ends it
	@exec $(BIN)/python manage.py run

lint: setup-dev ## ruff, import layers, migrations
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	SEALPOST_DATA=$$(mktemp -d) $(BIN)/python manage.py makemigrations --check --dry-run

typecheck: setup-dev ## mypy, strict, on the engine, the vault and every service
	SEALPOST_DATA=$$(mktemp -d) $(BIN)/mypy

test: lint typecheck ## everything this machine can run, and what it left out and why
	node --test tests/js/
	$(PYTEST_CORES) -m "not running and not thorough"
	$(BIN)/python -m pytest -q -m "running"
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then \
	  SEALPOST_TEST_DATABASE=postgres $(PYTEST_CORES) -m "not engine and not running" $(ON_POSTGRES) && \
	  SEALPOST_TEST_DATABASE=postgres $(BIN)/python -m pytest -q -m "running and production"; \
	else \
	  echo "left out: the suite on PostgreSQL, which is not installed (apt-get install postgresql)"; [ "$$CI" != true ]; fi

test-thorough: setup-dev ## every test of the steps that take seconds each
	$(PYTEST_CORES) -m thorough

test-fast: setup-dev ## the suite on SQLite without the running system
	$(PYTEST_CORES) -m "not running and not thorough"

bench: setup-dev ## speed beside a named limit in the same run
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench.portal
	$(BIN)/python -m bench.sign_in

drill-memory: setup-dev ## a 4 GiB document up and down; fails when it adds 64 MiB to a web process
	$(BIN)/python -m bench.memory

drill-mutations: setup-dev ## 1,000 damaged documents for every parser of a step: a result or a code, never a crash or a hang
	SEALPOST_MUTATIONS=1000 $(BIN)/python -m pytest -q --timeout=0 --durations=0 -k mutations $(or $(TESTS),tests/exchange/steps)

screenshots: setup-dev ## docs/images, made anew
	$(BIN)/python -m docs.screenshots

requirements: $(BIN)/uv ## compile requirements*.txt with hashes
	@for name in requirements requirements-dev requirements-node; do \
	  $(BIN)/uv pip compile -q --generate-hashes --no-header --python-version 3.11 $$name.in -o $$name.txt; done

clean: ## remove what setup made; data stays
	rm -rf $(VENV) $(STAMPS) node_modules static/dist
