"""The seed's two workflows and its pre-commit configuration, up to date.

Source: seed, "PHASE 12 CI PIPELINE CONFIG" and "GITHUB ACTIONS WORKFLOW". Beside what it has: the least permissions,
no credentials left on disk, one run a branch, and no step whose failure is hidden.
"""

from __future__ import annotations

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

      - name: Run Phase 11 Tests
        run: pytest @ELEVEN@ --maxfail=1 --disable-warnings

      - name: Run Phase 12 Tests
        run: pytest @TWELVE@ --maxfail=1 --disable-warnings
"""

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
        run: @INSTALL@ coverage

      - name: Run Phase 12 Mechanical Scanner
        run: python scripts/scan_phase_12_violations.py

      - name: Run Phase 11 Tests
        run: coverage run -m pytest @ELEVEN@ --disable-warnings

      - name: Run Phase 12 Tests
        run: coverage run --append -m pytest @TWELVE@ --disable-warnings

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
    return _filled(_HEAD.replace("@NAME@", "Phase 12 CI") + _CI, around)


def full(around: Surroundings) -> str:
    """The same on every Python, with a cache and coverage."""
    return _filled(_HEAD.replace("@NAME@", "Phase 12 Full Pipeline") + _FULL, around)


def _filled(text: str, around: Surroundings) -> str:
    eleven, twelve = around.phases
    cache = "\n          cache: pip\n          cache-dependency-path: |"
    cache += "".join(f"\n            {name}" for name in around.locks or (around.enforcement.policy.path,))
    install = " ".join(filter(None, ["pip install", around.install, "phase12-lint pytest"]))
    text = text.replace("@CACHE@", cache).replace("@INSTALL@", install)
    return text.replace("@ELEVEN@", eleven).replace("@TWELVE@", twelve)
