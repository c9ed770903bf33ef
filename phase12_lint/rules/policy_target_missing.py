"""GOV004."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.policy import Policy

_KEYS = frozenset(
    {
        *("plugin-bases", "plugin-sources", "choke-point", "layers", "input-validator", "output-validator"),
        *("error-envelope", "metrics-update"),
    }
)

_LACKING = {
    "choke-point": "but no class, function or module here is called so",
    "layers": "but no class here is called so",
    "plugin-bases": "but no class here is called so",
}


class PolicyTargetMissing(Rule):
    """The written policy names something that the program does not have.

    What it does:
        Reports each name written under `plugin-bases`, `plugin-sources`, `choke-point`, `layers`, the validators,
        `error-envelope` or `metrics-update` that no governed file defines or uses. Patterns and defaults are not
        checked.

    Why:
        A rule that guards nothing must not pass (§7): after a rename or a typing mistake every check would be green.

    Example:
        ```ini
        [phase12-lint]
        plugin-bases = Plugn
        ```

    Use instead:
        ```ini
        [phase12-lint]
        plugin-bases = Plugin
        ```

    How to fix:
        Write the name as it is in the program, or delete it from the policy.
    """

    code = "GOV004"
    name = "policy-target-missing"
    section = "§7"
    by_noqa = False

    def check(
        self,
        policy: Policy,
        exists: Callable[[str, str], bool],
        nearest: Callable[[str], str] = lambda name: "",
    ) -> Iterator[Finding]:
        """A finding for each name that the user wrote and for which ``exists(key, name)`` is false.

        ``nearest`` gives what the program has that is called almost so, if there is such a thing.
        """
        for key, name, origin in policy.origins:
            if (key, name) in self.targets(policy) and not exists(key, name):
                near = nearest(name)
                lacking = _LACKING.get(key, "which the program does not have")
                message = f"{key} names `{name}`, {lacking} ({self.section}); correct the name"
                message += f"; the nearest is `{near}`" if near else ""
                span = Span(origin.line, 1, origin.line, 1)
                yield Finding(
                    origin.path, span, self.code, self.name, message, self.section, Confidence.CERTAIN
                )

    @staticmethod
    def targets(policy: Policy) -> list[tuple[str, str]]:
        """The key and name of each name that the user wrote and that the program must have."""
        return [
            (key, name)
            for key, name, _ in policy.origins
            if key in _KEYS and not any(sign in name for sign in "*?[")
        ]
