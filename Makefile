# What people type: `make serve` and `make test`. Everything is set up by `install`, once.

PORT ?= 8000
WIKIDATA_PORT ?= 7878
PYTHON ?= python3
BIN := .venv/bin
EDITOR := leadgraph/web/static/yasgui

.PHONY: serve wikidata test coverage install check bench clean

serve: install
	$(BIN)/leadgraph serve --port $(PORT)

wikidata: install
	$(BIN)/python -m tests.standin $(WIKIDATA_PORT)

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 3 --dist worksteal

coverage: install
	$(BIN)/pytest --numprocesses 3 --dist worksteal --cov --cov-report=term

install: .venv/installed $(EDITOR)/yasgui.min.js
	@$(BIN)/leadgraph build

.venv/installed: pyproject.toml .ci/constraints.txt .ci/browser
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint .ci/constraints.txt --editable '.[dev]'
	@bash .ci/browser
	@touch $@

$(EDITOR)/yasgui.min.js: package.json
	@mkdir -p $(EDITOR)
	@command -v npm >/dev/null && npm install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error && \
	cp node_modules/@zazuko/yasgui/build/yasgui.min.css node_modules/@zazuko/yasgui/package.json \
	node_modules/@zazuko/yasgui/build/yasgui.min.js $(EDITOR)/ || \
	echo "npm is not here, or cannot fetch the editor: /sparql keeps its plain form."

check: install
	$(BIN)/leadgraph check data/*.ttl

bench: install
	$(BIN)/python -m bench $(BENCH)

clean:
	rm -rf .venv .leadgraph node_modules $(EDITOR)
