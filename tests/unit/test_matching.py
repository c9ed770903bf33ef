"""What is known, what is new and what is gone always add up, and a move is never growth."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.adopt.baseline import compare, freeze, write
from phase12_lint.adopt.matching import count, match
from phase12_lint.adopt.reading import parse
from phase12_lint.model import Confidence, Finding, Span


def finding(path: str, fingerprint: str, line: int) -> Finding:
    place = Span(line, 1, line, 2)
    return Finding(path, place, "GOV101", "", "a message", "§1", Confidence.NAMED, (), None, fingerprint)


FINDINGS = st.lists(
    st.builds(
        finding, st.sampled_from(["a.py", "b/a.py", "c.py"]), st.sampled_from("xyz"), st.integers(1, 9)
    ),
    max_size=12,
)


@given(FINDINGS, FINDINGS)
def test_it_adds_up(before: list[Finding], after: list[Finding]) -> None:
    matched = match(after, count(before))
    assert Counter([*matched.known, *matched.new]) == Counter(after)
    for mark in "xyz":
        old, new = (sum(each.fingerprint == mark for each in side) for side in (before, after))
        assert sum(each.fingerprint == mark for each in matched.known) == min(old, new)
        assert sum(number for (_, gone), number in matched.gone.items() if gone == mark) == max(old - new, 0)


@given(FINDINGS, FINDINGS)
def test_what_is_kept_is_known_and_never_more(before: list[Finding], after: list[Finding]) -> None:
    entries = freeze(before)
    standing = compare(entries, after)
    assert sum(entry.number for entry in standing.kept) == len(standing.frozen)
    again = compare(standing.kept, after)
    assert (again.frozen, again.new, again.gone) == (standing.frozen, standing.new, ())


@given(FINDINGS)
def test_a_file_is_read_as_it_was_written(findings: list[Finding]) -> None:
    entries = freeze(findings)
    assert tuple(parse(write(entries), "x")) == entries
    assert freeze(reversed(findings)) == entries


def test_the_file_that_most_has_moved_to_is_the_renamed_one() -> None:
    before = [finding("old.py", mark, 1) for mark in "xyz"]
    renamed = [finding("renamed.py", mark, 1) for mark in "xyz"]
    copied = finding("a_copy.py", "x", 1)
    assert match([copied, *renamed], count(before)).new == (copied,)


def test_a_merge_may_leave_an_entry_twice_and_a_comma_too_many_or_few() -> None:
    entries = freeze([finding("a.py", "x", 1), finding("a.py", "x", 2), finding("b.py", "y", 1)])
    first, second = (f"    {line.strip().rstrip(',')}" for line in write(entries).splitlines()[3:5])
    once = first.replace('"count": 2', '"count": 1')
    head, tail = '{\n  "version": 1,\n  "entries": [\n', "\n  ]\n}\n"
    assert tuple(parse(f"{head}{first}\n{once}\n{second},{tail}", "x")) == entries
