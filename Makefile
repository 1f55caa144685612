# mail_desk: every command a developer needs. `make` alone lists them.
#
# The first command installs what is needed into .venv: pinned versions (constraints.txt), inside this
# directory, nothing else on the machine is written to. Later ones reuse it until the pins change.

# The first Python that is new enough, or the one named: make PYTHON=/path/to/python3.12 demo
ifndef PYTHON
PYTHON := $(shell for it in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$it -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$it && exit; done; echo python3)
endif
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip

.DEFAULT_GOAL := help
.PHONY: help install demo test test-fast check format bench reports year moments crash faults hostile wounds corpus screenshots preview pins audit clean

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

install: $(INSTALLED)  ## install into .venv (every other command does so by itself)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "mail_desk needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	    echo "Name another one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "$(PYTHON) cannot make a virtual environment (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@echo "Installing into $(VENV), once: about a minute."
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt hatchling editables setuptools
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)  ## play several weeks of the desk's work in under a minute: no account, no server
	@$(BIN)/mail-desk demo $(ARGS)

test: $(INSTALLED)  ## all tests; says at the end what it left out because a server is missing
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

test-fast: $(INSTALLED)  ## the tests without real servers
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal -m 'not servers and not slow' $(ARGS)

check: $(INSTALLED)  ## style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(INSTALLED)  ## bring the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(INSTALLED)  ## messages per second end to end, and what a quarter of 100,000 tickets costs to report, as ratios to bare loops
	@$(BIN)/python benchmarks/end_to_end.py $(ARGS)
	@$(BIN)/python benchmarks/reports.py

year: $(INSTALLED)  ## a simulated year of 2,000 complaints, checked day by day; letters a day by class
	@$(BIN)/python benchmarks/year.py $(ARGS)

reports: $(INSTALLED)  ## what a quarter of 100,000 tickets costs to summarise and write, in seconds and MB
	@$(BIN)/python benchmarks/reports.py $(ARGS)

moments: $(INSTALLED)  ## what an idle look at 100,000 open moments costs, and claiming 10,000
	@$(BIN)/python benchmarks/moments.py $(ARGS)

crash: $(INSTALLED)  ## the desk killed at every named point and at 500 random moments, counted
	@$(BIN)/python benchmarks/crash.py $(ARGS)

faults: $(INSTALLED)  ## everything around the desk fails, one after the other (docs/faults.md)
	@$(BIN)/python benchmarks/proof.py docs/faults.md $(ARGS)

hostile: $(INSTALLED)  ## mail that is meant to do harm (docs/hostile.md)
	@$(BIN)/python benchmarks/proof.py docs/hostile.md $(ARGS)

wounds: $(INSTALLED)  ## what users of other systems have suffered (docs/wounds.md)
	@$(BIN)/python benchmarks/proof.py docs/wounds.md $(ARGS)

corpus: $(INSTALLED)  ## read every mail below CORPUS=directory and say what became of it
	@test -n "$(CORPUS)" || { echo "Say where the mails are: make corpus CORPUS=/path/to/mails" >&2; exit 1; }
	@$(BIN)/python scripts/corpus "$(CORPUS)" $(ARGS)

screenshots: $(INSTALLED)  ## pictures of every letter as a reader sees it, into screenshots/
	@$(BIN)/python scripts/screenshots $(ARGS)

preview: $(INSTALLED)  ## every letter in every language as one HTML page
	@$(BIN)/mail-desk preview $(ARGS)

audit: $(INSTALLED)  ## ask the public advisories about every pinned dependency; needs the network
	@$(BIN)/python scripts/audit $(ARGS)

pins: $(INSTALLED)  ## write constraints.txt anew from what is installed in .venv
	@scripts/pins $(BIN)/python >constraints.new
	@mv constraints.new constraints.txt

clean:  ## remove everything these commands made
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf build dist demo-out screenshots
