# Everything a newcomer types. Each target does its own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CATALOGUES := $(wildcard src/huiyin/*/locale/*/LC_MESSAGES/django.po)

.PHONY: setup demo test lint bench lock clean

setup: $(READY) $(VENV)/.catalogues

$(VENV)/.catalogues: $(READY) $(CATALOGUES)
	$(BIN)/python -m huiyin.site.catalogues compile
	@touch $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Huiyin needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup
	$(BIN)/huiyin demo

test: setup lint
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	HUIYIN_DATA=$(VENV)/data $(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m huiyin.site.catalogues check
	HUIYIN_DATA=$(VENV)/data $(BIN)/python -m huiyin.site.manage makemigrations --check --dry-run

bench: setup
	$(BIN)/python -m bench

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --group dev \
	  --no-emit-index-url --no-header --generate-hashes --upgrade -o requirements.lock

clean:
	rm -rf $(VENV) build out dist .pytest_cache .mypy_cache .ruff_cache
