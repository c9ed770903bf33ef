"""GOV703."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.enforcement.facts import Enforcement, Place
from phase12_lint.inspect.rule import ProjectRule


class CiNotBlocking(ProjectRule):
    """A step of a workflow runs the linter or tests that the policy names, but cannot fail the build.

    What it does:
        Reports such a step unless another step that can fail runs the same thing. Its failure is lost through
        `continue-on-error`, `allow_failure`, `|| true`, `exit 0`, `--exit-zero`, `set +e` or a pipe without
        `pipefail`; or it never runs before a merge: `if: false`, `if: failure()`, a workflow that is started only by
        hand, on a schedule or by tags, or that no other workflow calls. Where a script looks at the failure in a way
        that cannot be decided, there is no finding: the step is named as `incomplete`.

    Why:
        A check that cannot fail checks nothing (§7).

    Example:
        ```yaml
        steps:
          - run: phase12-lint check
            continue-on-error: true
        ```

    Use instead:
        ```yaml
        steps:
          - run: phase12-lint check
        ```

    How to fix:
        Remove what hides the failure. To adopt the rules on old code, freeze today's findings in a baseline instead:
        the step then fails on new findings only.
    """

    code = "GOV703"
    name = "ci-not-blocking"
    section = "§7"
    default = False
    by_noqa = False

    def check(self, found: Enforcement) -> Iterator[tuple[Place, str]]:
        """A defect for each step that alone does a duty and cannot fail."""
        held = {duty for step in found.steps for duty in step.duties.keys() - step.lost.keys()}
        for step in found.steps:
            open_duties = [duty for duty in step.lost if duty not in held]
            if open_duties:
                what, why = " and ".join(open_duties), step.lost[open_duties[0]]
                yield (
                    step.place,
                    f"this runs {what} but cannot fail the build: {why} ({self.section}); let it fail",
                )
