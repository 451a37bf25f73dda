# Leadloop: everything a visitor types. Each target builds what it needs first; nothing asks.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$p"; break; }; done)
PINNING := --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras $(UPGRADE)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location
# One more than there are cores: tests also wait, for a browser, a disk or a stop.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: help run test lint form types pytest format bench faults requirements clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## the whole system on this machine, with the WeChat sandbox and a demo
	@exec $(BIN)/python manage.py run --sandbox

test: export PYTHONDONTWRITEBYTECODE = # the tests start many processes: compile once for all
test: $(VENV)/.develop ## every check and every test
	@$(MAKE) --no-print-directory form
	@$(MAKE) --no-print-directory -j 2 types pytest # types are read on one core: beside the tests

lint: form types ## form and types

form: $(VENV)/.develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.develop
	$(BIN)/mypy .

pytest: $(VENV)/.develop
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not faults" -rfEs

format: $(VENV)/.develop ## let the tools decide the form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.develop ## the benchmarks: a table, and bench.json
	$(BIN)/python -m benchmarks

faults: $(VENV)/.develop ## the long runs with kill -9 and lost servers
	$(BIN)/python -m pytest -m faults -rfEs

requirements: $(VENV)/.develop ## write the exact versions again from the .in files
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile -q $(PINNING) -o requirements.txt requirements.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile -q $(PINNING) -o requirements-dev.txt requirements-dev.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile -q $(PINNING) -o requirements-extras.txt requirements-extras.in

clean: ## forget the environment and the caches; data in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache bench.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Leadloop needs Python 3.11 or newer, and none was found."; \
		echo "Install one (apt install python3 / brew install python / python.org), or name it:"; \
		echo "  make run PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) comes without ensurepip, so it cannot make an environment."; \
		echo "On Debian and Ubuntu:  apt install python3-venv    then make again."; exit 1; }
	@echo "Building the environment in $(VENV) with $(PYTHON) (once, about a minute) …"
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.develop: requirements.txt requirements-dev.txt requirements-extras.txt | $(VENV)/bin/python
	@echo "Installing what runs and what tests …"
	@$(PIP_INSTALL) --no-compile -r requirements.txt -r requirements-dev.txt -r requirements-extras.txt
	@touch $@ $(VENV)/.runtime
