# make demo    the whole job on the sample corpus, with a real Label Studio (KEEP=1 leaves it running)
# make test    every test        make lint     ruff, mypy, import-linter
# make docs    the documentation as a site in site/        make audit    known vulnerabilities of the pinned dependencies
# make studio  start Label Studio with the demo's project      make bench    the benchmarks        make clean
# PYTHON=python3.12 make ...  chooses the interpreter.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INPUTS := pyproject.toml constraints.txt

# Keep compiled modules: without them each start of Python compiles its libraries again, which takes some seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs studio bench clean system audit

help:
	@sed -n 's/^# //p' Makefile

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "pageblocks needs Python 3.11 or newer; PYTHON=/path/to/python3.11 make ... chooses one" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "cannot make .venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; rm -rf .venv; exit 1; }

# Older versions of pip fail on an extra that is requested twice.
newer_pip = $(PIP) install --quiet --upgrade 'pip>=25'

.venv/.studio: $(INPUTS) | .venv/bin/python
	@echo "Installing pageblocks and Label Studio into .venv (some minutes the first time)" >&2
	@$(newer_pip)
	$(PIP) install --quiet --no-compile --editable '.[studio]' --constraint constraints.txt
	@touch $@

.venv/.dev: $(INPUTS) | .venv/bin/python
	@echo "Installing pageblocks, Label Studio and the test tools into .venv (some minutes the first time)" >&2
	@$(newer_pip)
	$(PIP) install --quiet --no-compile --editable '.[studio,dev]' --constraint constraints.txt
	@touch $@ .venv/.studio

demo: .venv/.studio
	$(BIN)/pageblocks demo $(if $(KEEP),--keep)

studio: .venv/.studio
	$(BIN)/pageblocks studio start

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

docs: .venv/.dev
	$(BIN)/python docs/builder

# Two processes at a time, each with a Label Studio of its own; ARGS="-n 0 --pdb tests/test_page.py" runs some in one.
test: .venv/.dev system
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# System packages for the tests; tests without their package are skipped with a message.
system: | .venv/bin/python
	@.ci/system

# Known vulnerabilities of the versions in constraints.txt; without the data it says so and passes.
audit: .venv/.dev
	@$(BIN)/python .ci/audit.py

# Other extractors in an environment of their own; rs-trafilatura only where it installs. PEERS=python3.12 chooses the interpreter.
PEERS ?= $(PYTHON)
.venv/peers/.made: experiments/bench/peers.txt | .venv/bin/python
	@$(PEERS) -m venv --clear .venv/peers
	@.venv/peers/bin/python -m pip --disable-pip-version-check install --quiet --upgrade 'pip>=25'
	.venv/peers/bin/python -m pip install --quiet --requirement experiments/bench/peers.txt
	-@.venv/peers/bin/python -m pip install --quiet --only-binary :all: trafipy==0.1.0 2>/dev/null \
	  || echo "without rs-trafilatura, which needs Python 3.12" >&2
	@touch $@

# PAGES=FOLDER: HTML pages or a mirror of corpora (default: the pages beside the project). LONG=1: half an hour. What needs a browser
# or Label Studio is measured by experiments/bench/budgets.py. python experiments/figures.py writes docs/cost.md from the figures.
bench: .venv/.dev .venv/peers/.made
	$(BIN)/python experiments/bench/cost.py $(PAGES) $(if $(LONG),--long) --peers .venv/peers/bin/python \
	  --json experiments/bench/cost.json $(ARGS)

clean:
	rm -rf .venv dist build site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
