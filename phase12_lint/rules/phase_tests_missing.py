"""GOV704."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.enforcement.facts import Enforcement, Place
from phase12_lint.inspect.rule import ProjectRule


class PhaseTestsMissing(ProjectRule):
    """A folder of tests that the policy names is absent, or holds no test.

    What it does:
        Looks for each folder that the policy names under `phase-tests`, and in it for a test that pytest would collect.
        The folder may also lie deeper: `tests/phase_12` is `server/tests/phase_12` where the root has none.

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
        Put the tests of the governed pipeline there (by default into `tests/phase_12`, and those of what worked before
        into `tests/phase_11`), or name the folders that hold them under `phase-tests`. Written empty, it asks for none.
    """

    code = "GOV704"
    name = "phase-tests-missing"
    section = "§7"
    default = False
    by_noqa = False

    def check(self, found: Enforcement) -> Iterator[tuple[Place, str]]:
        """A defect for each folder without tests."""
        for folder in found.folders:
            if not folder.tests:
                what = "holds no test" if folder.exists else "does not exist"
                yield (
                    folder.place,
                    f"the policy names the tests in {folder.path}, which {what} ({self.section});"
                    " write them, or name the folder of the tests under `phase-tests`",
                )
