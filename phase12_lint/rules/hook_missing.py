"""GOV701."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.enforcement.facts import LINTER, Enforcement, Place, line_of
from phase12_lint.inspect.rule import ProjectRule


class HookMissing(ProjectRule):
    """Nothing runs the linter before a commit.

    What it does:
        Reports a project in which neither the pre-commit configuration nor, on a developer's machine, git's own hook
        runs the linter in a way that can refuse a commit: it is missing, runs only by hand or before a push, runs on
        no file, or its failure is hidden.

    Why:
        A check that nobody has to run is forgotten (§7), and once a violation is committed, others build on it.

    Example:
        ```yaml
        repos:
          - repo: local
            hooks:
              - id: format
                name: format
                entry: ruff format
                language: system
        ```

    Use instead:
        ```yaml
        repos:
          - repo: local
            hooks:
              - id: phase12-lint
                name: phase12-lint
                entry: phase12-lint check
                language: system
                types: [python]
                pass_filenames: false
        ```

    How to fix:
        Add the hook `phase12-lint` to `.pre-commit-config.yaml`. The hook of flake8 with this package among its
        `additional_dependencies` counts as well, and so does a script in `.git/hooks/pre-commit`.
    """

    code = "GOV701"
    name = "hook-missing"
    section = "§7"
    default = False
    by_noqa = False

    def check(self, found: Enforcement) -> Iterator[tuple[Place, str]]:
        """The project's one defect, if no hook is in force."""
        if any(LINTER not in step.lost for step in found.hooks):
            return
        if found.hooks:
            step = found.hooks[0]
            yield (
                step.place,
                f"this hook cannot refuse a commit: {step.duties[LINTER]} ({self.section}); make it fail",
            )
            return
        for unread in found.unread:
            if unread.place.path in found.hook_files:
                yield (
                    unread.place,
                    f"cannot be read, so no hook is in force ({self.section}): {unread.why}; correct it",
                )
                return
        place = line_of(found.hook_files[0]) if found.hook_files else found.policy
        yield (
            place,
            f"no hook runs the linter before a commit ({self.section}); add `phase12-lint` to .pre-commit-config.yaml",
        )
