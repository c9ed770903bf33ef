"""The commands and their options."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NoReturn

from phase12_lint import __version__
from phase12_lint.adopt.baseline import CONVENTIONAL
from phase12_lint.adopt.suppressions import FORMATS as suppressions_formats
from phase12_lint.cli.completion import SHELLS, PrintCompletion
from phase12_lint.cli.errors import UsageError
from phase12_lint.reports import format_names

_LIKE = 0.6  # the least likeness, of 1, of what a mistyped word may stand for


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as ``UsageError``."""

    def __init__(self, **said: Any) -> None:
        # Each option that is added is formatted once, to no end; only help need know how wide the terminal is.
        super().__init__(
            **said, formatter_class=partial(argparse.HelpFormatter, width=80), allow_abbrev=False
        )

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError``."""
        message = re.sub(r"(?<!\S)-\w/(?=--)", "", message)  # the long name says it
        raise UsageError(f"{message} (see '{self.prog} --help')")

    def refuse_before_command(self, word: str) -> None:
        """Raise ``UsageError`` if the first ``word`` is an option that only commands have, or nobody has."""
        name = word.partition("=")[0]
        if not name.startswith("-") or name in self._option_string_actions:
            return
        if name in self.every_option:
            self.error(f"{name} belongs behind the command: {self.prog} COMMAND {name}")
        if name.startswith("--"):
            self.error(_unknown(word, self.every_option))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise what argparse raises for a word that ``action`` does not have, with the nearest one."""
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, _no_choice(str(value), [*map(str, action.choices)]))

    @property
    def every_option(self) -> tuple[str, ...]:
        """Every option of the command and of its actions."""
        own = [option for action in self._actions for option in action.option_strings]
        for action in self._actions:
            for below in (action.choices or {}).values() if isinstance(action.choices, dict) else ():
                own += below.every_option
        return tuple(dict.fromkeys(own))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, the name of the command as ``command``.

    Raises ``UsageError``; ``SystemExit`` once help is shown, which is done without arguments as well.
    """
    parser = Parser(
        prog="phase12-lint",
        description="Proves that every plugin execution in a program goes through its choke point.",
        epilog="Exit status: 0 nothing found, 1 findings, 2 wrong usage, configuration or an internal error.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"phase12-lint {__version__}")
    does = f"print what this shell reads to complete the command ({', '.join(SHELLS)}), and end"
    parser.add_argument(
        "--print-completion", action=PrintCompletion, choices=SHELLS, metavar="SHELL", help=does
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, title="commands", prog=parser.prog
    )
    for name, does, add_options in _asked_for(arguments):
        command = commands.add_parser(name, help=does, description=f"{does}.")
        add_options(command)
        _add_debug(command)
    if not arguments:
        parser.print_help(sys.stderr)
        raise SystemExit(2)
    parser.refuse_before_command(arguments[0])
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        command = commands.choices[options.command]
        command.error(_unknown(unknown[0], command.every_option))
    return options


def _asked_for(arguments: Sequence[str]) -> list[tuple[str, str, Callable[[Parser], None]]]:
    """The command that ``arguments`` begin with, what it does and what adds its options; all if there is none."""
    every = (
        ("check", "Report every plugin execution that does not go through the choke point", _check),
        ("paths", "Show every path to a plugin run, hop by hop, and whether it is proved", _paths),
        ("baseline", "Freeze today's findings, so that only new ones fail", _baseline),
        ("certify", "Show the completion criteria as a checklist, each with its evidence", _certify),
        (
            "init",
            "Write a policy for the existing code, and the files that enforce it; overwrites nothing",
            _init,
        ),
        ("mutate", "Put each forbidden pattern into a copy of the code, and check that it is found", _mutate),
        (
            "suppressions",
            "List each noqa with a GOV code and each baseline entry: reason, age and owner; with a limit, fail",
            _suppressions,
        ),
        (
            "lsp",
            "Serve an editor: findings, fixes and proofs while you type (standard input and output)",
            _lsp,
        ),
        ("clean", "Remove the cache of the project", _clean),
        (
            "explain",
            "Explain a rule (why, examples, how to fix, how to suppress) or a term of the reports",
            _explain,
        ),
        ("rules", "List the rules", _rules),
    )
    first = arguments[0] if arguments else ""
    return [each for each in every if each[0] == first] or list(every)


def _no_choice(word: str, choices: list[str]) -> str:
    near = _nearest(word, choices, _LIKE)
    which = f"the nearest is {near}" if near else f"it must be one of {', '.join(choices)}"
    return f"invalid choice: {word!r}; {which}"


def _nearest(word: str, known: Iterable[str], least: float = 0.0) -> str:
    from phase12_lint.config.keys import nearest  # only for what is wrong

    return nearest(word.lower(), list(known), least)


def _unknown(word: str, options: Iterable[str]) -> str:
    told = f"unrecognized arguments: {word}"
    near = _nearest(word.partition("=")[0], options, _LIKE) if word.startswith("-") else ""
    return f"{told}; the nearest is {near}" if near else told


def _check(parser: Parser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="report only what is in these files or folders (default: all)",
    )
    program = _program(parser)
    _add_effort(program)
    shown = program.add_mutually_exclusive_group()
    shown.add_argument("--show-files", action="store_true", help="list the files that are read, and end")
    shown.add_argument(
        "--show-settings", action="store_true", help="show the policy that is in force, and end"
    )
    selection = _selection(parser)
    _known(selection, "report what is not frozen in it", "report what is frozen as well")
    selection.add_argument(
        "--diff-base", metavar="REV", help="report only what the change since the merge base with REV adds"
    )
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply the safe fixes, and report what is left")
    fixes.add_argument("--diff", action="store_true", help="show what --fix would change, and write nothing")
    does = "with --fix or --diff: also those that change the behaviour of the code, as the rules require"
    fixes.add_argument("--unsafe-fixes", action="store_true", help=does)
    report = parser.add_argument_group("the report")
    _add_format(report, format_names())
    report.add_argument(
        "--show-suppressed", action="store_true", help="also show what a noqa suppresses, with its reason"
    )
    _add_colour(report)
    report.add_argument("--statistics", action="store_true", help="count the findings of each code")
    report.add_argument("--exit-zero", action="store_true", help="exit with 0 even if there are findings")
    loudness = report.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="print nothing but the findings")
    loudness.add_argument(
        "-v", "--verbose", action="store_true", help="say what was read and how long each stage took"
    )


def _paths(parser: Parser) -> None:
    from phase12_lint.reports.ways import formats

    _program(parser)
    report = parser.add_argument_group("the report")
    _add_format(report, formats())
    report.add_argument(
        "-v", "--verbose", action="store_true", help="say what was read and which limits were reached"
    )
    _add_colour(report)


def _baseline(parser: Parser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    for name, does in (
        ("create", "Freeze all findings of today"),
        ("update", "List new and fixed findings, and freeze the findings of today"),
        ("prune", "Remove what is no longer found; add nothing"),
    ):
        action = actions.add_parser(name, help=does, description=f"{does}.")
        action.add_argument("--baseline", metavar="FILE", help=f"the file (default: {CONVENTIONAL})")
        if name == "update":
            does = "also freeze new findings; without it, they are listed and nothing is written"
            action.add_argument("--accept-growth", action="store_true", help=does)
        if name != "prune":
            does = "why these findings may stay; written into each new entry"
            action.add_argument("--reason", default="", metavar="TEXT", help=does)
        _add_effort(_program(action))
        _selection(action)
        _add_debug(action)


def _add_debug(parser: Parser) -> None:
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def _add_effort(program: argparse._ArgumentGroup) -> None:
    does = "threads or processes to use (default: one for each core)"
    program.add_argument("-j", "--jobs", type=_number, default=_cores(), metavar="N", help=does)
    program.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")


def _selection(parser: Parser) -> argparse._ArgumentGroup:
    selection = parser.add_argument_group("what is reported")
    for option, does in (
        ("--select", "report these codes (prefixes, separated by commas)"),
        ("--extend-select", "report these as well"),
        ("--ignore", "do not report these; the longer prefix wins"),
    ):
        selection.add_argument(option, action="append", metavar="CODES", help=does)
    selection.add_argument(
        "--min-confidence",
        metavar="WORD",
        help="report only what is at least this sure: certain, inferred or named (default)",
    )
    return selection


def _certify(parser: Parser) -> None:
    from phase12_lint.adopt.certify.render import FORMATS

    _program(parser)
    tests = parser.add_argument_group("the tests of the phases").add_mutually_exclusive_group()
    tests.add_argument("--run-tests", action="store_true", help="run them with pytest")
    tests.add_argument(
        "--junit",
        action="append",
        metavar="FILE",
        help="their results, as written by pytest's --junitxml; may be repeated",
    )
    _add_format(parser.add_argument_group("the report"), FORMATS)


def _clean(parser: Parser) -> None:
    parser.add_argument(
        "--root", metavar="FOLDER", help="the project (default: the one that contains the working directory)"
    )


def _init(parser: Parser) -> None:
    parser.add_argument(
        "--root", metavar="FOLDER", help="the project (default: the one that contains the working directory)"
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing, show what would be written")
    does = "write the governance page and the workflows again from the current policy"
    parser.add_argument("--refresh", action="store_true", help=does)


def _mutate(parser: Parser) -> None:
    from phase12_lint.adopt.mutate.render import FORMATS

    _add_effort(_program(parser))
    tried = parser.add_argument_group("the rules to try")
    does = "these rules (prefixes of codes, separated by commas; default: all)"
    tried.add_argument("--select", action="append", metavar="CODES", help=does)
    report = parser.add_argument_group("the report")
    _add_format(report, FORMATS)
    report.add_argument(
        "--diff",
        action="store_true",
        help="show the difference of every copy, not only of those that are missed",
    )


def _suppressions(parser: Parser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="list only what is suppressed here (default: all)"
    )
    program = _program(parser)
    _add_effort(program)
    _known(program, "also list what is frozen in it", "list no baseline")
    gate = parser.add_argument_group("when to fail")
    gate.add_argument(
        "--max-age",
        type=_days,
        metavar="DAYS",
        help="exit with 1 if one is older, or if git cannot tell its age; one that is not committed yet is new",
    )
    gate.add_argument("--require-reason", action="store_true", help="exit with 1 if one gives no reason")
    _add_format(parser.add_argument_group("the report"), suppressions_formats)


def _known(group: argparse._ArgumentGroup, does: str, without: str) -> None:
    known = group.add_mutually_exclusive_group()
    known.add_argument("--baseline", metavar="FILE", help=f"{does} (default: {CONVENTIONAL})")
    known.add_argument("--no-baseline", action="store_true", help=without)


def _program(parser: Parser) -> argparse._ArgumentGroup:
    program = parser.add_argument_group("the program")
    program.add_argument(
        "--root", metavar="FOLDER", help="the project (default: the one that contains the working directory)"
    )
    source = program.add_mutually_exclusive_group()
    source.add_argument("--config", metavar="FILE", help="read this instead of the project's configuration")
    source.add_argument("--isolated", action="store_true", help="read no configuration, use the defaults")
    return program


def _add_colour(report: argparse._ArgumentGroup) -> None:
    does = "auto (the default: on a terminal; NO_COLOR and FORCE_COLOR are kept), always or never"
    report.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", metavar="WHEN", help=does
    )


def _add_format(report: argparse._ArgumentGroup, names: Sequence[str]) -> None:
    does = f"{', '.join(names)} (default: text); may be repeated, one of them without FILE"
    kind = partial(_format, names)
    report.add_argument("--format", action="append", type=kind, metavar="FORMAT[=FILE]", help=does)


def _lsp(parser: Parser) -> None:
    parser.add_argument(
        "--stdio", action="store_true", help="accepted because some editors pass it; it is the default"
    )


def _explain(parser: Parser) -> None:
    does = "a rule by its code or name (GOV101, direct-plugin-run), or a term such as choke-point"
    parser.add_argument("code", metavar="RULE", help=does)


def _rules(parser: Parser) -> None:
    does = "the presets instead, which a policy takes with `extends`: what each governs, and its keys"
    parser.add_argument("--presets", action="store_true", help=does)
    does = "text (the default), json, markdown"
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help=does)


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; it must be 1 or more")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days; it must be 0 or more")
    return int(text)


def _format(names: Sequence[str], text: str) -> tuple[str, str]:
    """The name of the format and its file, empty for standard output."""
    name, equals, file = text.partition("=")
    if name not in names:
        told = f"unknown format {name!r}; it must be one of {', '.join(names)}; the nearest is {_nearest(name, names)}"
        raise argparse.ArgumentTypeError(told)
    if equals and not file:
        raise argparse.ArgumentTypeError(f"{text!r} names no file")
    return name, file
