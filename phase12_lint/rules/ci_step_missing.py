"""GOV702."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.enforcement.facts import LINTER, Enforcement, Place, line_of
from phase12_lint.inspect.rule import ProjectRule


class CiStepMissing(ProjectRule):
    """No workflow runs the linter, or a folder of tests that the policy names.

    What it does:
        Reports the linter, and each folder that the policy names under `phase-tests`, if no step of a workflow runs
        it: GitHub Actions and GitLab CI, also through make, just, tox, nox, pre-commit or a script of the project.
        Tests that `-k`, `-m`, `--ignore` or pytest's settings leave out are not run. The linter counts as
        `phase12-lint check`, as `scripts/scan_phase_12_violations.py`, and as flake8 with the codes `GOV` on.

    Why:
        A hook can be left out with one option; the workflow is what every change has to pass (§7).

    Example:
        ```yaml
        steps:
          - run: pytest tests/unit
        ```

    Use instead:
        ```yaml
        steps:
          - run: phase12-lint check
          - run: pytest tests/phase_11
          - run: pytest tests/phase_12
        ```

    How to fix:
        Add a step that runs it; `phase12-lint init` writes the whole workflow.
    """

    code = "GOV702"
    name = "ci-step-missing"
    section = "§7"
    default = False
    by_noqa = False

    def check(self, found: Enforcement) -> Iterator[tuple[Place, str]]:
        """A defect for each duty that no step does."""
        done = {duty for step in found.steps for duty in step.duties}
        for duty in found.duties:
            if duty not in done:
                yield (
                    self._place(found),
                    f"no workflow runs {duty} ({self.section}); {self._remedy(found, duty)}",
                )

    @staticmethod
    def _place(found: Enforcement) -> Place:
        """The file that cannot be read, the workflow that does most of the rest, the first one, or the policy."""
        unread = [each.place for each in found.unread if each.place.path in found.workflows]
        if unread:
            return unread[0]
        if not found.workflows:
            return found.policy
        paths = [step.place.path for step in found.steps for _ in step.duties]
        return line_of(max(found.workflows, key=paths.count))

    @staticmethod
    def _remedy(found: Enforcement, duty: str) -> str:
        for each in found.unread:
            if each.place.path in found.workflows:
                return f"this one cannot be read: {each.why}"
        if duty == LINTER:
            return "add a step with `phase12-lint check`"
        return next(
            f"add a step with `pytest {folder.path}`" for folder in found.folders if folder.duty == duty
        )
