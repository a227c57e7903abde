# Start here: `make run` needs only make and Python 3.11 or later. `make help` lists all targets.

PYTHON ?= python3
PORT ?= 8000
# Workers of the tests: one more than two cores, because tests also wait for browsers, servers and locks.
WORKERS ?= 3
VENV := .venv
PY := $(VENV)/bin/python
LOCALES := academy/locale
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALES)/*/LC_MESSAGES/django.po))
FONTS := academy/static/academy/fonts/rubik.stamp
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

export PORT
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run setup dev build test thorough axe coverage check lint types baseline layers dependencies format messages bench requirements clean

help:  ## show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST)

run: build  ## run the site with demo data, on this machine only (PORT=8000)
	@DEMO=1 DEBUG= exec $(PY) manage.py serve

setup: $(VENV)/installed  ## create only the virtual environment

dev: $(VENV)/installed-dev

build: setup $(FONTS) $(CATALOGUES)

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; PYTHON=/path/to/python3.12 make … names another one."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python has no venv here. On Debian or Ubuntu: apt-get install python3-venv, then run make again."; exit 1; }
	@echo "Creating the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# uv installs in seconds; where it cannot reach its index, pip does the same more slowly. Both check every hash.
$(VENV)/uv: requirements-bootstrap.txt | $(PY)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt || echo "uv is not to be had here: pip does its work."
	@touch $@

define install
	@echo "Installing $(1)"
	@$(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r $(1) 2>$(VENV)/uv.log \
		|| { echo "uv could not: pip installs, more slowly"; $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); }
	@touch $@
endef

$(VENV)/installed: requirements.txt | $(VENV)/uv
	$(call install,requirements.txt)

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed | $(VENV)/uv
	$(call install,requirements-dev.txt)

$(FONTS): academy/fonts.py academy/tifinagh.py $(VENV)/installed
	@echo "Subsetting the font to the characters we use"
	@$(PY) -m academy.fonts >/dev/null && touch $@

%.mo: %.po | $(VENV)/installed
	@$(PY) -m academy.messages compile

test: dev build  ## run all tests on SQLite; browser tests if Chromium is installed or can be
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium for the browser tests" \
		&& { apt-get update -qq; export DEBIAN_FRONTEND=noninteractive; apt-get install -y -qq --no-install-recommends chromium-headless-shell \
		|| apt-get install -y -qq --no-install-recommends chromium; } >$(VENV)/chromium.log 2>&1; } || true
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

thorough:  ## before a release: both databases, 500 random lives, 20 rushes, full accessibility matrix (about an hour)
	@THOROUGH=1 .ci/run

axe: dev build  ## check the accessibility of every page: three languages, two themes, two widths (some minutes)
	@$(PY) -m pytest tests/journeys/test_axe.py -m matrix $(ARGS)

coverage: dev build  ## branch coverage of all tests; the pages are in .cache/coverage/html
	@$(PY) -m pytest -n 2 --dist loadgroup --cov --cov-report=term --cov-report=html $(ARGS)

check: lint types layers dependencies  ## every check that reads the code without running it

lint: dev build  ## check style, templates, migrations, catalogues
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/djlint templates --lint --quiet
	@DEMO=1 $(PY) manage.py makemigrations --check --dry-run
	@$(PY) -m academy.messages check

# The baseline fails on a new error and on one that is gone: `make baseline` takes off what is gone, and adds nothing.
types: dev build  ## types: rules and verbs strictly, everything against the baseline
	@DEMO=1 $(PY) -m mypy | $(VENV)/bin/mypy-baseline filter

baseline: dev build  ## take the type errors that are gone off the baseline
	@DEMO=1 $(PY) -m mypy | $(VENV)/bin/mypy-baseline filter --allow-unsynced --hide-stats
	@DEMO=1 $(PY) -m mypy | $(VENV)/bin/mypy-baseline sync

layers: dev  ## who may import whom
	@! grep -q '^\[tool\.importlinter\]' pyproject.toml || $(VENV)/bin/lint-imports --cache-dir .cache/import-linter

# Tests may use everything that is declared, and nothing else; what runs in production may use no package of the dev group.
dependencies: dev  ## packages that are imported and not declared, or declared and not used
	@$(VENV)/bin/deptry .
	@$(VENV)/bin/deptry . --exclude '\.venv|\.cache' --ignore DEP002,DEP004

format: dev  ## format with ruff
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

messages: dev  ## extract sentences to translate, compile translations
	@$(PY) -m academy.messages extract
	@$(PY) -m academy.messages compile
	@$(PY) -m academy.messages check

bench: dev build  ## measure speed and memory beside a bare view, and an older commit (AGAINST=<commit>)
	@$(PY) -m tests.bench $(if $(AGAINST),--against $(AGAINST)) $(ARGS)

requirements: $(VENV)/uv  ## pin and hash the dependencies of pyproject.toml
	@echo uv | $(VENV)/bin/$(COMPILE) - --output-file requirements-bootstrap.txt $(ARGS)
	@$(VENV)/bin/$(COMPILE) pyproject.toml --output-file requirements.txt $(ARGS)
	@$(VENV)/bin/$(COMPILE) pyproject.toml --extra bucket --constraint requirements.txt --output-file requirements-bucket.txt $(ARGS)
	@$(VENV)/bin/$(COMPILE) pyproject.toml --extra queue --constraint requirements.txt --output-file requirements-queue.txt $(ARGS)
	@$(VENV)/bin/$(COMPILE) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt $(ARGS)

clean:  ## delete the virtual environment and build results; keeps the data in .data
	rm -rf $(VENV) .cache academy/static/academy/fonts $(CATALOGUES)
