"""What ``init`` says: what it inferred and how sure it is, what it did, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phase12_lint.adopt.init.guesses import GUESS, Guess, Inferred
from phase12_lint.adopt.init.plan import Keep, Write
from phase12_lint.adopt.init.section import is_active
from phase12_lint.adopt.init.surroundings import Surroundings
from phase12_lint.policy import Policy
from phase12_lint.reports.printable import printable


def told(
    policy: Policy | Inferred, steps: Sequence[Write | Keep], around: Surroundings, dry: bool
) -> Iterator[str]:
    """The lines of the whole report."""
    if isinstance(policy, Inferred):
        yield "What was inferred from the code:"
        for guess in policy.guesses:
            yield from _guess(guess, is_active(policy, guess))
        yield ""
    yield "What would be written (nothing is, with --dry-run):" if dry else "What was done:"
    for step in steps:
        yield from _step(step, dry)
    yield ""
    yield "What to do next:"
    for number, line in enumerate(_next(policy, steps, around), 1):
        yield f"  {number}. {line}"


def _guess(guess: Guess, active: bool) -> Iterator[str]:
    names = ", ".join(guess.names) or "not found"
    sure = guess.sure if guess.names else "-"
    yield printable(f"  {guess.key:16}  {sure:7}  {names}")
    yield printable(f"  {'':16}  {'':7}    {guess.evidence}")
    if guess.key == "layers" and not guess.names and active:
        yield f"  {'':16}  {'':7}    written as empty, so that no class has to be one"
    if guess.names and not active:
        what = "it" if guess.sure == GUESS else "what it goes with"
        yield f"  {'':16}  {'':7}    written as a comment: {what} is too uncertain to be active"


def _step(step: Write | Keep, dry: bool) -> Iterator[str]:
    if isinstance(step, Keep):
        first, *rest = step.why.rstrip("\n").split("\n")
        yield f"  kept   {step.path}: {first}"
        yield from (f"           {line}" for line in rest)
        return
    what = "a section at its end; no other line is touched" if step.appends else "new"
    what = "written again from the policy" if step.replaces else what
    yield f"  {'would write' if dry else 'wrote'}  {step.path} ({what})"
    if dry:
        yield from (f"    | {line}".rstrip() for line in step.text.splitlines())


def _next(policy: Policy | Inferred, steps: Sequence[Write | Keep], around: Surroundings) -> Iterator[str]:
    if isinstance(policy, Inferred):
        verb = "Read the policy in" if isinstance(steps[0], Write) else "Write the section shown above into"
        yield f"{verb} {steps[0].path} and correct what is wrong."
    yield "Run `phase12-lint check`, then `phase12-lint paths`."
    for folder in around.enforcement.folders:
        if not folder.tests:
            yield (
                f"Write tests into {folder.path}, which the policy names under `phase-tests`, then run"
                " `phase12-lint init --refresh`: the workflows do not run it, as it holds none."
            )
    if not around.enforcement.folders:
        yield "Name the folders of the tests that guard the pipeline under `phase-tests`, and run them in a workflow."
    written = [step.path for step in steps if isinstance(step, Write)]
    if ".pre-commit-config.yaml" in written:
        yield "Run `pre-commit install` on every developer's machine, where phase12-lint must be installed too."
    if any(path.startswith(".github/") for path in written):
        yield "Make sure that the workflows can install phase12-lint: by its name, or from where you write there."
    yield "Run `phase12-lint certify --run-tests` to see what is left."
