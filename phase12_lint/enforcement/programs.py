"""Which program a command runs in the end: behind wrappers, runners of environments, containers and Python."""

from __future__ import annotations

import re
from collections.abc import Container
from posixpath import basename

from phase12_lint.enforcement.options import behind_options

SCRIPT = "script:"  # before the name of a script that the project gives to its runner

_WRAPPERS = {
    *("sudo", "env", "time", "nice", "exec", "command", "nohup", "xvfb-run", "uvx", "stdbuf", "caffeinate"),
    "xargs",
}
_VERBS = {
    **dict.fromkeys(("poetry", "uv", "pipenv", "hatch", "pdm", "rye", "pixi", "pipx"), ("run",)),
    **dict.fromkeys(("conda", "mamba", "micromamba"), ("run",)),
    **dict.fromkeys(("docker", "podman", "docker-compose"), ("run", "exec")),
}
_BEHIND_DASHES = {"mise": ("exec", "x"), "flox": ("activate",), "direnv": ("exec",)}
_CONTAINERS = {"docker", "podman", "docker-compose"}
_TASKS = {"poe", "poethepoet", "task"}
_VALUED = {
    *("--with", "--extra", "--group", "--python", "-p", "--from", "--spec", "-n", "--name", "--env", "-e"),
    *("--package", "--project", "--directory", "--env-file", "--only-group", "--no-group", "-C", "-f", "-v"),
    *("--file", "-w", "-u", "--workdir", "--user", "--volume", "--network", "--entrypoint", "--platform"),
    *("--profile", "--index-url", "--with-editable", "--with-requirements", "-k", "-s", "--signal"),
    *("--kill-after", "-I", "-L", "-P", "--prefix", "--index", "-i", "--environment"),
}
_PYTHON = re.compile(r"(?:py|pypy|python)[\d.]*|\$[({]?(?:\w*python\w*)[)}]?", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def unwrapped(words: list[str], scripts: Container[str] = ()) -> list[str]:
    """``words`` from the program on that is run in the end; ``python -m x`` is ``x``.

    One of ``scripts``, which a runner is told to run, stands behind ``SCRIPT``.
    """
    words = list(words)
    while words:
        name = name_of(words[0])
        if _ASSIGNMENT.match(words[0]):
            words = words[1:]
        elif name in _WRAPPERS:
            words = behind_options(words[1:], {"-u", "-C", "-S"} if name == "env" else _VALUED)
        elif name == "timeout":
            words = behind_options(words[1:], _VALUED)[1:]
        elif words[1:2] and words[1] in _BEHIND_DASHES.get(name, ()):
            at = words.index("--") if "--" in words else 2
            words = words[at + 1 :]
        elif name == "nix" and (told := {"-c", "--command"}.intersection(words)):
            words = words[min(map(words.index, told)) + 1 :]
        elif name == "nix-shell" and (told := {"--run", "--command"}.intersection(words)):
            at = min(map(words.index, told))
            words = ["bash", "-c", *words[at + 1 : at + 2]]
        elif name == "hatch" and words[1:2] == ["test"]:
            words = ["pytest", *words[2:]]
        elif name in _TASKS or (name in _VERBS and any(verb in words for verb in _VERBS[name])):
            words = _told(name, words, scripts)
        elif name == "coverage" and words[1:2] == ["run"]:
            words = words[words.index("-m") + 1 :] if "-m" in words else ["python", *words[2:]]
        elif _PYTHON.fullmatch(name) or _PYTHON.fullmatch(words[0]):
            words = _of_python(words[1:])
        else:
            return words
    return words


def _told(runner: str, words: list[str], scripts: Container[str]) -> list[str]:
    """What ``runner`` is told to run."""
    at = next((number for number, word in enumerate(words) if word in _VERBS.get(runner, ())), 0)
    words = behind_options(words[at + 1 :], _VALUED)
    if runner in _CONTAINERS:
        return words[1:]  # behind the image, or the service
    if runner == "hatch":
        words = words[next((at for at, word in enumerate(words) if word[:1] not in "+-"), 0) :]
    if words and words[0] in scripts:
        return [SCRIPT + words[0], *words[1:]]
    return [] if runner in _TASKS else words


def _of_python(words: list[str]) -> list[str]:
    """The module or script that Python is started with, and its arguments."""
    at = 0
    while at < len(words) and re.fullmatch(r"-\w*[^mc\W]", words[at]):
        at += 2 if words[at] in ("-W", "-X") else 1
    program, rest = "".join(words[at : at + 1]), words[at + 1 :]
    if program.startswith("-"):
        return rest if program.endswith("m") else []
    return [basename(program), *rest] if program else []


def name_of(word: str) -> str:
    """The name of the program that ``word`` is the path of."""
    return basename(word.replace("\\", "/")).removesuffix(".exe")
