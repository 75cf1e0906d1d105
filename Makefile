# What people type: `make serve` and `make test`. Everything is set up by `install`, once.

PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test install check bench clean

serve: install
	$(BIN)/leadgraph serve --port $(PORT)

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 2 --cov --cov-report=term

install: .venv/installed
	@$(BIN)/leadgraph build

.venv/installed: pyproject.toml .ci/constraints.txt .ci/browser
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint .ci/constraints.txt --editable '.[dev]'
	@bash .ci/browser
	@touch $@

check: install
	$(BIN)/leadgraph check data/*.ttl

clean:
	rm -rf .venv .leadgraph
