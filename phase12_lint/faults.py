"""What a rule or a maker of facts raised: told with its name and its file, while the rest of the run goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import TracebackType

_PLACE = re.compile(r"internal error: [\w -]+? at (.+?\.py): ")


def told(who: str, error: BaseException, path: str = "") -> str:
    """One line about ``error``, which ``who`` raised at the file ``path``; below it the traceback."""
    import traceback

    first = error.__traceback__  # who tells it, not who raised it
    where = path or _path_in(first and first.tb_next)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    line = f"internal error: {who}{f' at {where}' if where else ''}: {what}"
    return "\n".join([line, *traceback.format_exception(type(error), error, error.__traceback__)]).rstrip()


def raised_by(error: str) -> str:
    """The code of the rule that raised ``error``, as ``told`` says it; of what is no rule, how its name begins."""
    return error.split()[2].rstrip(":")


def raised_at(error: str) -> str:
    """The file at which ``error`` was raised, as ``told`` says it; empty if it says none."""
    place = _PLACE.match(error)
    return place[1] if place else ""


def lines_of(errors: Iterable[str], debug: bool) -> Iterator[str]:
    """A line for each error that ``told`` made, or with ``debug`` all of it."""
    for error in errors:
        line, _, _ = error.partition("\n")
        yield error if debug else f"{line}; --debug shows where"


def _path_in(trace: TracebackType | None) -> str:
    """The file that the innermost function was busy with that had a module, or a scope of one, in its hands."""
    found = ""
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            for each in (value, getattr(value, "module", None), getattr(value, "scope", None)):
                path = getattr(getattr(each, "module", each), "path", None)
                if isinstance(path, str) and path.endswith(".py"):
                    found = path
        trace = trace.tb_next
    return found
