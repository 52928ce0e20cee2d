# `make reproduce` and `make test` are all the set-up there is: each makes the environment first if need be.
# PYTHON names another interpreter: make PYTHON=/opt/python3.11/bin/python3 reproduce
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help env reproduce test verify lab benchmark clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

env: $(READY) ## Make the environment alone: .venv with requirements.lock, hashes required

# The mark is set last, so that an interrupted installation is taken up again.
$(READY): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "make: Python 3.11 is needed, $(PYTHON) is another; name one with make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing the environment into $(VENV) (a few minutes the first time)"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

reproduce: $(READY) ## Raw text to rendered reports: reports/index.html
	@$(BIN)/engagement reproduce

test: $(READY) ## Every check: code, notebooks, determinism, pages in a browser
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/engagement reproduce
	@$(BIN)/python -m pytest

verify: $(READY) ## Rerun in a scratch copy and compare with what is published
	@$(BIN)/engagement verify

lab: $(READY) ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

benchmark: $(READY) ## Measure speed and quality beside peers (docs/benchmarks.md)
	@PYTHON="$(PYTHON)" bash benchmarks/run

clean: ## Remove results and caches; the environment stays
	rm -rf data/processed reports/failed .dvc/cache .dvc/tmp .pytest_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -exec rm -rf {} +
