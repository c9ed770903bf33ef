"""GOV704."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.enforcement.facts import Enforcement, Place
from phase12_lint.inspect.rule import ProjectRule


class PhaseTestsMissing(ProjectRule):
    """The tests of a phase are absent, or their folder holds no test.

    What it does:
        Looks for a folder `phase_11` and a folder `phase_12` anywhere in the project (such as `tests/phase_11` or
        `server/tests/phase_12`), with a test in them that pytest would take.

    Why:
        The rules prove how code is executed; the tests prove that what it did before Phase 12 still holds (§7, §9).

    Example:
        ```
        tests/test_api.py
        ```

    Use instead:
        ```
        tests/phase_11/test_api.py
        tests/phase_12/test_tool_runner.py
        ```

    How to fix:
        Put the tests of what Phase 11 promised into `tests/phase_11`, those of the governed pipeline into
        `tests/phase_12`.
    """

    code = "GOV704"
    name = "phase-tests-missing"
    section = "§7"
    default = False
    by_noqa = False

    def check(self, found: Enforcement) -> Iterator[tuple[Place, str]]:
        """A defect for each phase without tests."""
        for folder in found.folders:
            if not folder.tests:
                what = "holds no test" if folder.found else "does not exist"
                yield (
                    found.section,
                    f"{folder.path} {what}, so {folder.duty} are missing ({self.section}); write them there",
                )
