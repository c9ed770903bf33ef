"""What the files themselves are held to (GOV0)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from phase12_lint.adopt.mutate.ground import Ground
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.policy import last_part, spelled
from phase12_lint.rules.policy_target_missing import PolicyTargetMissing

_RENAMED = ("choke-point", "layers", "plugin-bases")
_NAME = re.compile(r"[\w.:]+")


def unparsable(ground: Ground) -> Iterator[Mutant]:
    """A bracket that nothing opens."""
    yield ground.added("GOV001", "a file cannot be parsed", ")")


def unused(ground: Ground) -> Iterator[Mutant]:
    """A suppression with nothing to suppress."""
    line = "_MUTANT = 0  # noqa: GOV101 nothing is wrong here"
    yield ground.added("GOV002", "a suppression hides nothing", line)


def without_reason(ground: Ground) -> Iterator[Mutant]:
    """A suppression that does not say why."""
    if not ground.policy.require_suppression_reason:
        raise NotApplicable("`require-suppression-reason` is off")
    yield ground.added("GOV003", "a suppression gives no reason", "_MUTANT = 0  # noqa: GOV101")


def missing_target(ground: Ground) -> Iterator[Mutant]:
    """A class that the policy names gets another name in the whole program, but not in the policy."""
    for renamed in _RENAMED:
        for key, value, origin in ground.policy.origins:
            if key == renamed and _NAME.fullmatch(value) and not _is_module(ground, value):
                yield _renamed(ground, last_part(value), origin.path)
                return
    raise NotApplicable("the policy that is written names no class or function")


def _is_module(ground: Ground, name: str) -> bool:
    """Whether ``name`` is that of a file, which no other text of it changes."""
    return bool(ground.program.project.names.named(name.replace(":", ".")))


def _renamed(ground: Ground, name: str, policy_file: str) -> Mutant:
    word = re.compile(rf"\b{re.escape(name)}\b")
    texts: dict[str, str | None] = {
        module.path: word.sub(f"{name}Mutant", module.text)
        for module in ground.program.project.modules_with(name)
    }
    if not texts:
        raise NotApplicable(f"`{name}` is not there, and was reported already")
    return Mutant("GOV004", f"`{name}` is renamed, and the policy is not", texts, policy_file)


def nothing_governed(ground: Ground) -> Iterator[Mutant]:
    """All that the policy knows by its defaults gets another name."""
    policy = ground.policy
    if PolicyTargetMissing.targets(policy):
        raise NotApplicable("the policy that is written names classes or functions, which GOV004 looks after")
    known = (*policy.plugin_bases, *policy.plugin_sources, *policy.choke_point)
    names = {part for name in known for part in re.split(r"[.:]", name)[-2:] if part[:1].isupper()}
    names |= {last_part(name) for name in known}.difference(
        *(_methods(name) for name in policy.plugin_sources)
    )
    names |= {name.removesuffix("[]") for name in policy.plugin_names}
    word = rf"\b{spelled(names)}\b"
    project, texts = ground.program.project, dict[str, str | None]()
    for module in project.modules_matching(re.compile(word.encode())):
        texts[module.path] = re.sub(word, r"\g<0>Mutant", module.text)
    if not texts:
        raise NotApplicable("nothing is governed, as was reported already")
    yield Mutant("GOV005", "all that the policy knows is renamed", texts, "")


def _methods(source: str) -> set[str]:
    """The method in ``Class.method``: a word that other classes have, too."""
    owner, _, method = source.rpartition(".")
    return {method} if owner else set()
