"""The command, flake8 and pytest, each in a process of its own that is forked from one which has imported all of them.

To start them takes several times as long as what most tests have them do. ``command``, ``flake8`` and ``pytest`` ask
the one process that ``python -m tests.forked`` is: a line of JSON each way. What a start of Python itself decides,
such as ``-X importtime`` or a closed stream, is tried on a process that was started (``test_cli_streams``).
"""

from __future__ import annotations

import atexit
import functools
import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from typing import IO

from phase12_lint import cache, registered, rulebook

ROOT = Path(__file__).parents[1]
OF_OWN_RULES = (registered._points, registered.registered, registered.loaded, rulebook._own)
Done = subprocess.CompletedProcess[str]


def command(
    folder: Path, arguments: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Done:
    """What ``phase12-lint`` says in ``folder``; ``environment`` is all of it, of the test's own if it is not given."""
    return _asked("phase12-lint", folder, arguments, environment)


def flake8(folder: Path, arguments: Sequence[str]) -> Done:
    """What ``flake8`` says in ``folder``."""
    return _asked("flake8", folder, arguments, None)


def pytest(folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Done:
    """What ``python -m pytest`` says in ``folder``, FastAPI being imported already."""
    return _asked("pytest", folder, arguments, environment)


def _asked(
    name: str, folder: Path, arguments: Sequence[str | Path], environment: Mapping[str, str] | None
) -> Done:
    asked, answers = _server()
    words = [str(word) for word in arguments]
    variables = dict(os.environ if environment is None else environment)
    asked.write(json.dumps([name, str(folder), words, variables]) + "\n")
    asked.flush()
    status, output, errors = json.loads(answers.readline())
    return subprocess.CompletedProcess([name, *words], status, output, errors)


@functools.cache
def _server() -> tuple[IO[str], IO[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forked"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    atexit.register(process.communicate)
    return process.stdin, process.stdout


def _serve() -> None:
    """Answer each line of standard input."""
    programs = _prepared()
    with TemporaryDirectory() as streams:
        for line in sys.stdin:
            name, folder, words, variables = json.loads(line)
            status = _run(programs[name], [name, *words], folder, variables, streams)
            said = [
                Path(streams, each).read_text("utf-8", "surrogateescape") for each in ("output", "errors")
            ]
            sys.stdout.write(json.dumps([status, *said]) + "\n")
            sys.stdout.flush()


def _prepared() -> dict[str, Callable[[list[str]], int]]:
    """Import all there is, have flake8 look for its plugins once, and let each run once where it finds something."""
    import fastapi  # noqa: F401
    import flake8.plugins.finder as finder
    import pytest
    from flake8.main.cli import main as lint

    import phase12_lint
    from phase12_lint.cli import main

    for module in walk_packages(phase12_lint.__path__, "phase12_lint."):
        if not module.name.endswith(("__main__", "integrations.pytest")):  # which pytest rewrites
            import_module(module.name)
    plugins = list(finder._find_importlib_plugins())
    finder._find_importlib_plugins = lambda: (plugin for plugin in plugins)
    with TemporaryDirectory() as folder:
        Path(folder, "a.py").write_text("def a(plugin):\n    return plugin.run()\n")
        lint(["--select=GOV", "--jobs=1", f"--output-file={folder}/found", f"{folder}/a.py"])
        main(["check", "--no-cache", "--root", folder, "--format", f"json={folder}/found"])
    gc.collect()
    gc.freeze()
    return {"phase12-lint": main, "flake8": lint, "pytest": pytest.main}


def _run(
    program: Callable[[list[str]], int],
    words: list[str],
    folder: str,
    variables: dict[str, str],
    streams: str,
) -> int:
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = _within(program, words, folder, variables, streams)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _within(
    program: Callable[[list[str]], int],
    words: list[str],
    folder: str,
    variables: dict[str, str],
    streams: str,
) -> int:
    """Run ``program`` as if its process had just been started so."""
    opened = [
        os.open(f"{streams}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for name in ("output", "errors")
    ]
    start_as(folder, variables, [os.open(os.devnull, os.O_RDONLY), *opened])
    encoding, _, errors = variables.get("PYTHONIOENCODING", "utf-8").partition(":")
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding, errors or "strict")
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding, "backslashreplace")
    sys.argv = words
    sys.path[:0] = ["", *filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))]
    for known in (*OF_OWN_RULES, cache._identity):
        known.cache_clear()  # there are other rules of a team's own on that path
    status = status_of(program, words[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def start_as(folder: str, variables: Mapping[str, str], streams: Sequence[int]) -> None:
    """Make this process one that was just started in ``folder``, with these ``variables`` and standard ``streams``."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)


def status_of(program: Callable[[list[str]], int], words: list[str]) -> int:
    """The exit status of a process that runs ``program`` with ``words``."""
    try:
        return program(words)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)


if __name__ == "__main__":
    _serve()
