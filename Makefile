# The commands of this project. Each sets up what it needs by itself.
SHELL := /bin/bash
UV := .uv/bin/uv
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
RUN := $(UV) run --frozen --no-sync

.PHONY: help demo test lint types quick format docs golden bench setup clean

help:            ## list these targets
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1|/' | column -t -s '|'

demo: setup      ## build the example company, check its three plans, serve its pages
	$(RUN) infragod demo $(if $(HOME_DIR),--home $(HOME_DIR)) $(DEMO)

test: setup lint types ## everything that CI holds
	tools/needs.sh
	tools/test.sh

quick: setup     ## the tests without the slow and the browser ones
	$(RUN) pytest -q -n 2 -m "not slow and not browser"

lint: setup      ## style, layers, house numbers
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) lint-imports

types: setup     ## mypy, strict
	$(RUN) mypy

format: setup    ## put the code in its usual form
	$(RUN) ruff format
	$(RUN) ruff check --fix

docs: setup      ## write the generated pages of docs/reference
	$(RUN) python tools/docs.py

golden: setup    ## write the golden files; read what changed before you commit it
	$(RUN) pytest -q -n 2 --update-golden

bench: setup     ## measure speed and memory, and print the tables of docs/benchmarks.md
	$(RUN) python -m benchmarks

setup: .venv/.stamp ## the environment: uv in .uv, everything else in .venv

.uv/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "InfraGod needs Python 3.11 or later as python3")'
	python3 -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.stamp: .uv/bin/uv pyproject.toml uv.lock hatch_build.py package.json package-lock.json $(shell find src/infragod/web/assets -type f)
	$(UV) sync --frozen --all-extras --quiet
	@touch $@

clean:           ## forget the environment and the built assets
	rm -rf .venv .uv node_modules src/infragod/web/static .mypy_cache .ruff_cache .pytest_cache .coverage*
