"""The seed's two workflows and its pre-commit configuration, up to date.

Source: seed, "PHASE 12 CI PIPELINE CONFIG" and "GITHUB ACTIONS WORKFLOW". Beside what it has: the least permissions,
no credentials left on disk, one run a branch, and no step whose failure is hidden.
"""

from __future__ import annotations

from itertools import chain, repeat

from phase12_lint.adopt.init.surroundings import Surroundings

_HEAD = """\
name: @NAME@

on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true

jobs:
"""

_CI = """\
  phase12-ci:
    name: Phase 12
    runs-on: ubuntu-latest
    timeout-minutes: 30

    steps:
      - name: Checkout
        uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false

      - name: Set up Python
        uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with:
          python-version: "3.12"

      - name: Install dependencies
        run: @INSTALL@

      - name: Run Phase 12 Mechanical Scanner
        run: python scripts/scan_phase_12_violations.py
@TESTS@"""

_FULL = """\
  test:
    name: Python ${{ matrix.python-version }}
    runs-on: ubuntu-latest
    timeout-minutes: 60
    strategy:
      fail-fast: false
      matrix:
        python-version: ["3.10", "3.11", "3.12", "3.13"]

    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false

      - uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0
        with:
          python-version: ${{ matrix.python-version }}@CACHE@

      - name: Install dependencies
        run: @INSTALL@

      - name: Run Phase 12 Mechanical Scanner
        run: python scripts/scan_phase_12_violations.py
@TESTS@"""

_COVERAGE = """\

      - name: Report Coverage
        run: |
          coverage report
          coverage xml

      - name: Upload Coverage
        uses: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2
        with:
          name: coverage-${{ matrix.python-version }}
          path: coverage.xml
"""

_TESTS = """\

      - name: Run Tests in @FOLDER@
        run: @RUN@ @FOLDER@ @OPTIONS@
"""

PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - id: phase12-lint
        name: Phase 12 mechanical scanner
        entry: phase12-lint check
        language: system
        types: [python]
        pass_filenames: false
        always_run: true
        require_serial: true
"""


def ci(around: Surroundings) -> str:
    """The workflow that each change has to pass."""
    tests = _tests(around, "pytest", "pytest", "--maxfail=1 --disable-warnings")
    return _filled(_HEAD.replace("@NAME@", "Phase 12 CI") + _CI, around, tests, "pytest")


def full(around: Surroundings) -> str:
    """The same on every Python, with a cache and coverage."""
    tests = _tests(around, "coverage run -m pytest", "coverage run --append -m pytest", "--disable-warnings")
    covered = tests and tests + _COVERAGE
    return _filled(
        _HEAD.replace("@NAME@", "Phase 12 Full Pipeline") + _FULL, around, covered, "pytest coverage"
    )


def _tests(around: Surroundings, first: str, others: str, options: str) -> str:
    """A step for each folder of tests."""
    return "".join(
        _TESTS.replace("@FOLDER@", folder.path).replace("@OPTIONS@", options).replace("@RUN@", run)
        for folder, run in zip(around.tests, chain([first], repeat(others)))
    )


def _filled(text: str, around: Surroundings, tests: str, needed: str) -> str:
    """``text`` with the steps ``tests`` and the packages ``needed`` for them."""
    cache = "\n          cache: pip\n          cache-dependency-path: |"
    cache += "".join(f"\n            {name}" for name in around.locks or (around.enforcement.policy.path,))
    install = " ".join(filter(None, ["pip install", around.install, "phase12-lint", tests and needed]))
    return text.replace("@CACHE@", cache).replace("@INSTALL@", install).replace("@TESTS@", tests)
