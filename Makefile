# The menu. `make demo` and `make test` are all a newcomer needs: Python 3.11, make and git.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   ?= pilot-nantes

# imports cost a third when bytecode is kept
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test setup lint types figures conformance bench page page-check lock clean

help:  ## show this menu
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

setup: $(READY)  ## make the virtual environment from the lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/python -m cellwright.project.kernels
	touch $(READY)

demo: $(READY)  ## plan 5G for central Nantes and write the report
	@test -e $(DEMO)/project.toml || $(BIN)/cellwright new $(DEMO) --district nantes
	@$(BIN)/cellwright run $(DEMO)

test: $(READY)  ## run every test this machine can run
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(READY)  ## style, layout and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(READY)  ## measure against peers and plain forms (slow)
	$(BIN)/python -m pytest benchmarks -o addopts="--import-mode=importlib -q -s" --benchmark-only

figures: $(READY)  ## redraw every model and standard, and docs/validation.md
	$(BIN)/python -m scripts.figures

conformance: $(READY)  ## measure the network simulation against 3GPP's numbers (slow)
	$(BIN)/python -m scripts.conformance

page:  ## build the report page (needs Node 20)
	cd ui && npm ci --silent && npm run --silent build

lock:  ## write requirements.lock anew
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock

clean:  ## remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache $(DEMO)
