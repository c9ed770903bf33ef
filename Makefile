# Everything runs in .venv, which is made once: from the second run on no target needs a network.
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11 python3.10,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $(p))))
VENV := .venv
BIN := $(VENV)/bin
LINT := $(BIN)/phase12-lint
READY := $(VENV)/.ready
RESULTS := .pytest_cache/junit.xml

.PHONY: demo demo-runtime test thorough check certify format lint types contracts self bench bench-runtime bench-rules bench-init faults fuzz soak docs site package golden clean

demo: $(READY)
	@sh examples/demo.sh $(LINT)
	@$(BIN)/python -m examples.runtime_demo

demo-runtime: $(READY)
	@$(BIN)/python -m examples.runtime_demo

test: $(READY)
	@sh tests/system-packages.sh
	$(BIN)/pytest -n auto -m "not thorough" --junitxml=$(RESULTS)

thorough: $(READY)
	$(BIN)/pytest -n auto -m thorough

check: lint types contracts self test certify

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

self: $(READY)
	$(LINT) check
	$(BIN)/flake8

certify: test
	$(LINT) certify --junit $(RESULTS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY)
	$(BIN)/python -m docs.generate

site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

package: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[package]'
	rm -rf dist
	$(BIN)/python -m build
	rm -rf build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(BIN)/pyroma --min 10 --skip-tests AuthorEmail,Url dist/*.tar.gz

golden: $(READY)
	$(BIN)/python -m tests.golden.golden

bench: $(READY)
	$(BIN)/python -m benchmarks

bench-rules: $(READY)
	$(BIN)/python -m benchmarks.rules

bench-init: $(READY)
	$(BIN)/python -m benchmarks.inference

bench-runtime: $(READY)
	$(BIN)/python -m benchmarks.runtime

fuzz: $(READY)
	FUZZ=$${FUZZ:-100} $(BIN)/pytest -n auto tests/fuzz tests/mutations

soak: $(READY)
	$(BIN)/python -m tests.soak

faults: $(READY)
	$(BIN)/python -m tests.faults

clean:
	rm -rf .screenshots .site .venv .venv-* .bench build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf .import_linter_cache .phase12_lint_cache examples/*/.phase12_lint_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): setup.cfg pyproject.toml
	@$(or $(strip $(PYTHON)),false) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
		echo "This needs Python 3.10 or newer. Say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) lacks the venv module (on Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Installing into $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	@touch $@
