# Everything lives in .venv; each target says what it does while it does it.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/installed: requirements.lock pyproject.toml
	@echo "Setting up .venv from requirements.lock …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/installed ## Install everything into .venv

demo: setup ## Publish the example, create a moderator, serve, and say what to open
	@UNDERSIGNED_ENV=development $(BIN)/undersigned demo

serve: setup ## Serve the site of the environment's settings
	@$(BIN)/undersigned serve

test: setup ## Run every test, on SQLite and PostgreSQL, with a real browser
	@sh tests/prepare.sh
	@$(BIN)/python -m pytest

lint: setup ## Check types, style and the import contract
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

messages: setup ## Bring the catalogs up to date with the sentences in code and templates
	@$(BIN)/pybabel --quiet extract --ignore-dirs=.git -F babel.cfg -k N_ -k ngettext:1,2 --no-location --sort-output --omit-header -o app/locale/messages.pot app templates
	@for code in be ru; do $(BIN)/pybabel --quiet update -i app/locale/messages.pot -d app/locale -l $$code --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=100; done

widget: setup ## Keep the present version of the widget under its own address for ever
	@$(BIN)/python -c 'from app.widget.script import VERSIONS, script, version; (VERSIONS / f"{version()}.js").write_text(script(), encoding="utf-8")'

bench: setup ## Measure against a ceiling and write docs/benchmarks.md
	@$(BIN)/python -m tests.bench

proof: setup ## Run the long proofs of what must never happen and write docs/reliability.md
	@$(BIN)/python -m tests.proof

lock: ## Renew requirements.lock (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-header pyproject.toml -o requirements.lock

.PHONY: help setup demo serve test lint messages widget bench proof lock
