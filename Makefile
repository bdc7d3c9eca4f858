# Works on a bare machine with Python 3.11 or newer: everything is installed into .venv, nothing outside it.
#   make evolve     search spaces/hierarchical.nas with 500 evaluations
#   make test       the tests                     make lint   style and types
#   make prove      the long proofs: histories, fuzzing
#   make clean      remove what make made (never runs/)

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
SPACE  ?= spaces/hierarchical.nas
BUDGET ?= 500
ARGS   ?=

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

.PHONY: evolve test lint prove clean
.DELETE_ON_ERROR:

evolve: $(VENV)/.ready
	$(BIN)/nasdsl evolve $(SPACE) --budget $(BUDGET) $(ARGS)

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

prove: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m prove $(ARGS)

clean:
	rm -rf $(VENV) .ci/venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find nasdsl tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo 'nasdsl needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev]'
	@touch $(VENV)/.ready $@
