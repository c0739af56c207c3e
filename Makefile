# The two commands of the README are `make demo` and `make test`; each makes .venv itself.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock

.PHONY: demo studio test check bench docs lock clean help

demo: .venv/runtime  ## Turn examples/photos into demo/film.mp4 with music of its own
	@mkdir -p demo
	$(BIN)/moodscore film examples/photos -o demo/film.mp4 --order arc --parts
	@echo "The film is demo/film.mp4. To share photos with music of their own in a browser: make studio"

studio: .venv/studio  ## Start the studio on this machine and open it in a browser
	$(BIN)/moodscore studio --open

test: .venv/dev  ## Run all tests
	$(BIN)/python -m pytest -n auto -q

check: .venv/dev  ## Lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev  ## Measure speed and memory on this machine into docs/benchmarks.md
	$(BIN)/python benchmarks/run.py --write docs/benchmarks.md

docs: .venv/docs  ## Build the documentation into site/
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict

lock:  ## Write requirements.lock from a fresh environment with every extra
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet '.[captions,learn,docs,dev,riffusion,studio,postgres]'
	.venv-lock/bin/python -m pip freeze --exclude moodscore | sed 's/+cpu$$//' > requirements.lock
	rm -rf .venv-lock

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "moodscore needs Python 3.11: set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python pyproject.toml requirements.lock
	@echo "Installing moodscore into .venv (about a minute)"
	$(PIP) --editable .
	@touch $@

.venv/studio: .venv/runtime
	@echo "Installing the studio into .venv (half a minute)"
	$(PIP) --editable '.[studio]'
	@touch $@

.venv/dev: .venv/runtime
	@echo "Installing the test and training extras into .venv (a few minutes the first time)"
	$(PIP) --editable '.[captions,dev,learn,riffusion,studio,postgres]'
	@touch $@

.venv/docs: .venv/dev
	$(PIP) --editable '.[docs]'
	@touch $@

clean:  ## Remove what make made
	rm -rf .venv .venv-lock demo site build dist

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'
