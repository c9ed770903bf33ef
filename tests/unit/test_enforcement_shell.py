"""Shell scripts: whether the failure of one command is the failure of the script, as bash itself has it."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.enforcement.shell.outcome import Modes, Undecided, is_excused, is_fatal
from phase12_lint.enforcement.shell.parse import commands_of, parse

FATAL = [
    "lint",
    "lint; echo done",
    "set -o pipefail; lint | tee log",
    "lint || exit 1",
    "lint || { echo refused; exit 1; }",
    "lint || exit $?",
    "if ! lint; then echo refused; exit 1; fi",
    "if lint; then echo fine; else exit 3; fi",
    "lint && echo fine",
    "cd app && lint",
    "true && lint; echo done",
    "echo a; (cd app; lint); echo b",
    "{ lint; }; echo b",
    "found=$(lint); echo $found",
    "for each in a b; do lint; done; echo done",
    "run_all() { lint; echo done; }; run_all; echo after",
    "function all { lint; }\nall",
    "cat <<END\nlint || true\nEND\nlint",
    "lint  # || true",
    "echo 'lint || true' && lint",
    "lint \\\n  --strict\necho done",
    "failed=0; lint || failed=1; exit $failed",
    "failed=0\nlint || failed=$?\nif [ $failed -ne 0 ]; then\n  exit 1\nfi",
    "set +e; lint; status=$?; set -e; exit $status",
    "set +e; lint; status=$?; if (( status != 0 )); then exit 1; fi",
    "set +e; lint; [ $? -eq 0 ] || exit 1; echo fine",
    "exec lint",
    "if false; then echo no; elif true; then lint; fi; echo done",
    "while true; do lint; break; done; echo done",
    "lint & job=$!; wait $job",
    "trap 'echo bye' EXIT; lint; echo done",
    "set +e; lint | tee log; test ${PIPESTATUS[0]} -eq 0",
]
LOST = [
    "lint || true",
    "lint || :",
    "set +e; lint; exit 0",
    "set +e; lint; echo done",
    "set +e\nlint\ntrue",
    "lint | tee log",
    "lint && echo fine; echo done",
    "! lint; echo done",
    "exit 0; lint",
    "lint || echo refused",
    "if lint; then echo fine; fi",
    "if ! lint; then echo refused; fi",
    "lint & wait",
    "echo $(lint)",
    "echo lint",
    "(lint || true); echo b",
    "status=0; lint || status=1; exit 0",
    "all() { lint || true; }; all",
    "set +e; lint; status=$?; echo $status",
    "case a in a) lint || true;; esac",
    "trap 'exit 0' EXIT; lint",
    "set +e; lint | tee log; test ${PIPESTATUS[1]} -eq 0",
    'lint || failed=1; if [ -n "$CI_JOB" ]; then echo $failed; fi; echo done',
    "lint || failed=1; case $1 in ci) exit 3;; esac; echo $failed",
    "set +e; errors=0; lint || ((errors++)); echo $errors",
]
UNDECIDED = [
    "set +e; errors=0; lint || ((errors++)); exit $errors",
    "set +e; errors=0; lint || let errors+=1; echo; exit $errors",
    "errors=0; lint || errors=$((errors + 1)); exit $errors",
    "set +e; lint; case $? in 0) ;; *) exit 1;; esac",
    "set +e; lint; status=$?; [[ $status -ne 0 && -n $STRICT ]] && exit 1; echo done",
    "lint || failed=yes; [[ $failed =~ y ]] && exit 1; echo done",
    "lint || first=1; test -n $LATE || second=1; [ $first -eq 1 -a $second -eq 1 ] && exit 1; exit 0",
    "lint || failed=1; case $1 in ci) exit $failed;; esac; echo done",
    'lint || failed=1; if [ -n "$CI_JOB" ]; then exit $failed; fi; echo done',
    'lint || failed=1; [ -n "$CI_JOB" ] && exit $failed; echo done',
    "lint || failed=1; if [ -n $CI_JOB ]; then [ $failed = 0 ] || exit 1; fi; echo done",
    "lint || code=3; exit $((code > 2 ? 1 : 0))",
]


def fatal(text: str) -> bool:
    script = parse(text)
    targets = [command for command in commands_of(script) if command.words[:1] in (["lint"], ["exec"])]
    return any(is_fatal(script, target, Modes(errexit=True)) for target in targets)


@pytest.mark.parametrize("text", FATAL)
def test_a_failure_that_counts(text: str) -> None:
    assert fatal(text)


@pytest.mark.parametrize("text", LOST)
def test_a_failure_that_is_lost(text: str) -> None:
    assert not fatal(text)


@pytest.mark.parametrize("text", UNDECIDED)
def test_a_failure_that_is_looked_at_in_a_way_that_is_not_known(text: str) -> None:
    with pytest.raises(Undecided):
        fatal(text)


@pytest.mark.parametrize("text", [*FATAL, *LOST])
def test_bash_says_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    bash = shutil.which("bash")
    assert bash is not None
    script = f"shopt -u expand_aliases\nlint() {{ /bin/false; }}\n{text}\n".replace(
        "exec lint", "exec /bin/false"
    )
    done = subprocess.run([bash, "-e", "-c", script], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode != 0) is (text in FATAL), done.stderr


def test_without_errexit_the_last_command_decides() -> None:
    script = parse("lint\necho done")
    target = next(commands_of(script))
    assert not is_fatal(script, target, Modes())
    script = parse("echo a\nlint")
    assert is_fatal(script, list(commands_of(script))[1], Modes())


def test_what_ends_the_shell_itself_is_not_undecided_for_what_follows() -> None:
    script = parse("lint\ncase $? in 0) ;; *) exit 1;; esac\nexit 0")
    target = next(commands_of(script))
    assert is_fatal(script, target, Modes(errexit=True))
    assert not is_excused(script, target, Modes(errexit=True))


@given(st.text(alphabet="lint {}()[];&|<>!$\"'`\\\n#=-x", max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    script = parse(text)
    for command in commands_of(script):
        with suppress(Undecided):
            is_fatal(script, command, Modes(errexit=True))
        is_excused(script, command, Modes(errexit=True))


def test_nesting_is_bounded() -> None:
    for text in ("(" * 5_000, "$(" * 2_000, "if " * 2_000, "a() " * 3_000, "${" * 3_000):
        assert isinstance(list(commands_of(parse(text))), list)
