# One command each; `make test` is what continuous integration runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PACKAGES := $(wildcard grading fhir_mappings cards service sandbox)

.PHONY: setup demo test lint hapi bench bench-memory bench-feedback docs images fuzz lock clean

setup: $(DEV_STAMP)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(STAMP)

demo: $(STAMP)
	$(BIN)/cart-cds demo

bench: $(DEV_STAMP)
	$(BIN)/python -m bench

# A worker's memory over 50,000 calls (20 minutes), and 10,000 reports with a worker killed midway.
bench-memory: $(DEV_STAMP)
	$(BIN)/python -m bench.memory

bench-feedback: $(DEV_STAMP)
	$(BIN)/python -m tests.service.load

# Screenshots of the bedside page, for the documents; needs Chromium.
images: $(DEV_STAMP)
	$(BIN)/python -m tests.sandbox.make_images docs/images

lint: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports
	$(BIN)/codespell $(PACKAGES) bench docs tests *.md *.toml

# HAPI FHIR for the integration tests, kept by Maven outside the tree (about 440 MB). Its tests are skipped until this has run,
# and where Java or Maven is missing.
HAPI := $(VENV)/hapi.classpath

hapi: $(HAPI)

$(HAPI): tests/hapi/pom.xml | $(BIN)/python
	@if command -v javac >/dev/null && command -v mvn >/dev/null; then \
	  mvn --quiet --batch-mode --file $< org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath -Dmdep.outputFile=$(abspath $@) \
	  || echo "HAPI FHIR could not be fetched: its tests are skipped"; \
	else echo "no Java and Maven: the tests with HAPI FHIR are skipped"; fi

# Tests run on two processors, but for those that measure time, or starve or stop a process: these run alone after them.
alone_service := access concurrency dialects fault_matrix fuzz ill_servers key_sets limits metrics outgoing own_reads pages \
  processes retries scale stops worker worker_metrics
alone_sandbox := bedside fhir_server page_speed
ALONE := tests/integration $(alone_service:%=tests/service/test_%.py) $(alone_sandbox:%=tests/sandbox/test_%.py)

test: lint
	$(BIN)/pytest -q -n 2 --dist worksteal --cov --cov-report= --cov-fail-under=0 $(addprefix --ignore ,$(ALONE)) tests
	$(BIN)/pytest -q --cov --cov-append --cov-report=term:skip-covered $(ALONE)

# What is generated; `make test` fails where it is not current. The rule page is that of the shipped policy.
docs: $(DEV_STAMP)
	$(BIN)/python -m tests.rule_cases
	env -u CART_CDS_POLICY $(BIN)/cart-cds rules > docs/rules.md.new && mv docs/rules.md.new docs/rules.md

fuzz: $(DEV_STAMP)
	$(BIN)/pytest -q --hypothesis-profile=fuzz tests/service/test_fuzz.py

# Exact versions with hashes and without addresses; the header names this target, not a machine. Extras stay named: else pip takes the newest
# release for what a package asks for with one, and refuses it.
lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --universal --python $(BIN)/python --generate-hashes --no-strip-extras --no-emit-index-url --custom-compile-command "make lock" --extra sandbox --group build pyproject.toml -o requirements.lock
	UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --universal --python $(BIN)/python --generate-hashes --no-strip-extras --no-emit-index-url --custom-compile-command "make lock" --extra sandbox --group build --group dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
