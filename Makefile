# Postulo: every command a newcomer needs. `make` lists them.
PYTHON ?= python3
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/var
VENV := .venv/bin
export PORT DATA_DIR

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## install what the application needs (done by run)
	@PYTHON=$(PYTHON) sh scripts/setup.sh run

run: setup ## serve the demonstration at http://127.0.0.1:8000 (PORT=…, DATA_DIR=…)
	@$(VENV)/python scripts/serve.py

test: ## install what the tests need (PostgreSQL, Redis, Chromium) and run them all
	@PYTHON=$(PYTHON) sh scripts/setup.sh test
	@env -u DATA_DIR -u PORT $(VENV)/python -m pytest $(ARGS)

lint: ## check style and layers
	@PYTHON=$(PYTHON) sh scripts/setup.sh test
	@$(VENV)/ruff check . && $(VENV)/lint-imports --no-cache

bench: ## measure (never part of the tests)
	@PYTHON=$(PYTHON) sh scripts/setup.sh test
	@for file in bench/*.py; do echo "== $$file"; $(VENV)/python $$file || exit 1; done

docs: ## write docs/workflow.md and docs/data-dictionary.md again
	@$(VENV)/python scripts/docs.py

translations: ## gather the sentences and update the English catalogue
	@sh scripts/translations.sh

lock: ## pin requirements.in and requirements-dev.in with hashes
	@for name in requirements requirements-dev; do $(VENV)/uv pip compile -q -p $(VENV)/python --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate $$name.in -o $$name.txt; done

clean: ## remove what was installed and computed; the data of var/ stays
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results
	@find app tests scripts migrations -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup run test lint bench docs translations lock clean
.DEFAULT_GOAL := help
