"""A rule as a page of Markdown, from what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.rulebook import HEADINGS, Entry
from phase12_lint.select import ENFORCEMENT

_BY_NOQA = """\
On the reported line, with the reason; if the line has a `noqa` already, add the code to it:

```python
# noqa: {code} the reason
```"""
_FROZEN = """\
`# noqa` has no effect on this rule. Freeze today's findings in a baseline:

```sh
phase12-lint baseline create{select}
```"""
_WHOLE = """\
In the whole project, in `[{section}]` of `{file}`:

```{kind}
{assignment}
```"""
_OPTIONAL = "It is off by default: `check --extend-select {code}` reports it, and `certify` always does."


def manual(entry: Entry) -> str:
    """Each heading of the rule with its text, and how a finding of it is suppressed."""
    return "\n\n".join(_paragraphs(entry))


def _paragraphs(entry: Entry) -> Iterator[str]:
    for heading in filter(entry.parts.__contains__, HEADINGS):
        yield f"## {heading}"
        yield entry.parts[heading]
    yield "## How to suppress"
    yield how_to_suppress(entry)


def how_to_suppress(entry: Entry, file: str = "setup.cfg") -> str:
    """How a finding is suppressed on its line, if it is in code, and in the policy, which is in ``file``."""
    is_toml = file.endswith(".toml")
    select = "" if entry.default else f" --extend-select {entry.code}"
    parts = [_BY_NOQA.format(code=entry.code) if entry.by_noqa else _FROZEN.format(select=select)]
    parts.append(
        _WHOLE.format(
            section="tool.phase12-lint" if is_toml else "phase12-lint",
            file=file,
            kind="toml" if is_toml else "ini",
            assignment=f'ignore = ["{entry.code}"]' if is_toml else f"ignore = {entry.code}",
        )
    )
    if entry.code.startswith(ENFORCEMENT):
        parts.append(_OPTIONAL.format(code=entry.code))
    return "\n\n".join(parts)
