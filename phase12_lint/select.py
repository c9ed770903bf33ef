"""Which codes are reported, selected as flake8 does."""

from __future__ import annotations

from phase12_lint.rulebook import rulebook

_REASONS = "GOV003"  # on by default exactly where the configuration requires reasons (RULES, GOV003)
ENFORCEMENT = "GOV7"  # about the project's own files, which are read for these codes alone


def asks_for_enforcement(select: tuple[str, ...], extend_select: tuple[str, ...]) -> bool:
    """Whether a rule on the project's own files may be selected."""
    return any(prefix.startswith(ENFORCEMENT) for prefix in (*select, *extend_select))


def selected(
    select: tuple[str, ...] = (),
    extend_select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    reasons_required: bool = False,
) -> frozenset[str]:
    """The codes to report, by how they begin.

    Of a selecting and an ignoring beginning the longer wins; the ignoring one where they are equal. A rule
    that is off by default is on only by a beginning that names none but such rules: ``GOV`` is the same as no
    selection.
    """
    default = {
        code for code, entry in rulebook().items() if entry.default or (reasons_required and code == _REASONS)
    }

    def wanted(code: str) -> bool:
        chosen = [prefix for prefix in (*select, *extend_select) if code.startswith(prefix)]
        if code not in default:
            chosen = [prefix for prefix in chosen if not any(other.startswith(prefix) for other in default)]
        ignored = [prefix for prefix in ignore if code.startswith(prefix)]
        if code in default and not (select or ignored):
            return True
        return max(map(len, chosen), default=0) > max(map(len, ignored), default=0)

    return frozenset(filter(wanted, rulebook()))
