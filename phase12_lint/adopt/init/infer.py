"""Infer a policy: the plugins' base, the choke point, the layers above it, and the helpers that it calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2
from typing import NamedTuple

from phase12_lint.adopt.init.bases import Candidate, candidates, names_below
from phase12_lint.adopt.init.guesses import CERTAIN, GUESS, LIKELY, Guess, Inferred, Suggestion
from phase12_lint.adopt.init.helpers import helpers
from phase12_lint.adopt.init.homes import Home, Homes, care, class_name
from phase12_lint.adopt.init.names import CLEARLY, is_plugin, said_by_class, said_by_method
from phase12_lint.adopt.init.of_presets import Fitting, fitting
from phase12_lint.adopt.init.runs import Runs, runs_of, ways_under
from phase12_lint.analysis import quietly
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.engine import Progress
from phase12_lint.policy import Policy, last_part
from phase12_lint.reports.summary import counted
from phase12_lint.sources import exempt_among
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.project import Project

_MOST_CANDIDATES = 6
_DOMINATES = 0.6
_MOST_LAYERS = 6
_MOST_ADDED = 3.5
_MARGIN = 1.0
_NEARLY_ALL = 0.9
_SIGNS = 2
_MOST_SUGGESTED = 3


class Ranked(NamedTuple):
    """Where a candidate is run, the care that the first place takes, and how likely it is then."""

    runs: Runs
    care: int
    rank: float


def infer(files: dict[str, bytes], progress: Progress | None = None) -> Inferred:
    """What a policy for the program that ``files`` are should say."""
    exempt = exempt_among(files, Policy().exempt)
    with quietly():
        project = Project(files, exempt)
        found, uncalled = _ranked(project, progress)
        suggestions = tuple(_suggestions(project, found))
        others = ", ".join(map(_shown, suggestions[1:] if _proposed(found, uncalled) else suggestions))
        guesses = _infer(project, found, uncalled, f"; next likeliest: {others}" if others else "")
        return Inferred(tuple(guesses), suggestions)


def _suggestions(project: Project, found: Sequence[Ranked]) -> Iterator[Suggestion]:
    """The likeliest, of different classes."""
    first: dict[Scope, Runs] = {}
    for each in found:
        first.setdefault(each.runs.candidate.scope, each.runs)
    for scope, runs in [*first.items()][:_MOST_SUGGESTED]:
        choke = _choke_point(runs, GUESS, "", Policy().choke_point)
        yield Suggestion(class_name(project, scope), runs.candidate.method, choke.names)


def _shown(one: Suggestion) -> str:
    where = f" in {', '.join(map(last_part, one.chokes))}" if one.chokes else ""
    return f"{last_part(one.base)}.{one.method}{where}"


def _proposed(found: Sequence[Ranked], uncalled: Sequence[Candidate]) -> bool:
    """Whether the first of ``found`` is proposed: where plugins are run nowhere, what does not speak of being run is
    no plugin."""
    return bool(found) and (not uncalled or found[0].runs.candidate.speaks)


def _infer(
    project: Project, found: Sequence[Ranked], uncalled: Sequence[Candidate], others: str
) -> Iterator[Guess]:
    is_proposed = _proposed(found, uncalled)
    sure = _sureness(found) if is_proposed else GUESS
    fits = fitting(project) if sure == GUESS else None
    if fits is not None:
        yield from _preset(fits)
        return
    if not is_proposed:
        yield Guess("plugin-bases", (), GUESS, _why_none(uncalled) + others)
        yield Guess("choke-point", (), GUESS, "no plugins were found")
        return
    runs = found[0].runs
    base = class_name(project, runs.candidate.scope)
    yield from _plugins(runs, base, sure, others)
    outside = f" outside `{runs.candidate.name}`" if runs.inside else ""
    happens = f"`{runs.candidate.method}` is called{outside}"
    choke = _choke_point(runs, sure, happens, Policy().choke_point)
    yield choke
    if not choke.names or sure == GUESS:
        return
    policy = Policy(
        plugin_bases=(base,),
        plugin_methods=(runs.candidate.method,),
        plugin_names=runs.candidate.receivers if runs.by_name else (),
        choke_point=choke.names,
        layers=(),
    )
    yield _layers(project, policy)
    yield from helpers(project, _home(runs.homes, Policy().choke_point).scope, runs.candidate.method)


def _ranked(project: Project, progress: Progress | None) -> tuple[list[Ranked], list[Candidate]]:
    """The candidates that are run somewhere, the likeliest first now that it is known where, and plugins that are run
    nowhere: where there are such, what speaks of being run goes first.

    Where there are enough, one that cannot become the likeliest any more is not looked for.
    """
    found: list[Ranked] = []
    uncalled = []
    likeliest = candidates(project, _MOST_CANDIDATES)
    for number, candidate in enumerate(likeliest):
        ranks = sorted((each.rank for each in found), reverse=True)
        if len(ranks) >= _MOST_SUGGESTED and candidate.score + _MOST_ADDED < ranks[0]:
            break
        if progress is not None:
            progress("candidates", number, len(likeliest))
        runs = runs_of(project, candidate, class_name(project, candidate.scope))
        if runs.homes:
            taken = care(project, runs.homes[0], candidate.method)
            found.append(Ranked(runs, taken, _rank(runs, taken)))
        elif is_plugin(candidate.name):
            uncalled.append(candidate)
    found.sort(key=lambda each: (bool(uncalled) > each.runs.candidate.speaks, -each.rank))
    return found, uncalled


def _rank(runs: Runs, taken: int) -> float:
    """How likely it is, by its own names, by how much of it one place holds, and by the care ``taken`` around it."""
    return runs.candidate.score + 1.5 * runs.share - log2(runs.total) / 4 + min(taken, 2)


def _why_none(uncalled: Sequence[Candidate]) -> str:
    if not uncalled:
        return "no class here has a method that several classes below it override and that is called from elsewhere"
    base = uncalled[0]
    return (
        f"{base.name} ({base.scope.module.path}) looks like one, but no call of a method that its subclasses "
        "override was found; name the base, the method and what runs it yourself"
    )


def _sureness(found: Sequence[Ranked]) -> str:
    """How sure it is that the first are the plugins: by nothing but one sign, or before an equal, it is not."""
    (runs, taken, rank), candidate = found[0], found[0].runs.candidate
    if candidate.name in Policy().plugin_bases and candidate.method == "run" and not runs.by_name:
        return CERTAIN
    if candidate.prepares or runs.by_name or candidate.name.startswith("_") or candidate.aids:
        return GUESS
    rivals = [each for each in found if each.runs.candidate.scope != candidate.scope]
    if any(rank - each.rank < _MARGIN and not each.runs.candidate.aids for each in rivals):
        return GUESS
    by_class, by_method = said_by_class(candidate.name), said_by_method(candidate.method, candidate.name)
    by_names = 2 if by_class >= CLEARLY else (by_class > 0) + (by_method > 0)
    if by_names + bool(taken) + bool(runs.template) < _SIGNS or (rivals and not taken):
        return GUESS
    in_one_place = runs.total == 1 or bool(runs.template)
    demanded = candidate.abstract and candidate.overriding >= _NEARLY_ALL * candidate.below > 1
    return (
        LIKELY if (demanded and in_one_place) or (candidate.speaks and candidate.overriding >= 3) else GUESS
    )


def _plugins(runs: Runs, base: str, sure: str, others: str) -> Iterator[Guess]:
    candidate = runs.candidate
    if candidate.below > 1:
        which = "that implement it" if candidate.implemented else "below it"
        whose = f"{candidate.overriding} of the {candidate.below} classes {which} have their own"
    elif candidate.below:
        whose = f"the one class {'that implements' if candidate.implemented else 'below'} it has its own"
    else:
        whose = "it has"
    own = f"{whose} `{candidate.method}`"
    seen = f"{own}, first called at {runs.first}"
    yield Guess("plugin-bases", (base,), sure, seen + others, default=base in Policy().plugin_bases)
    yield Guess("plugin-methods", (candidate.method,), sure, seen, default=candidate.method == "run")
    if runs.by_name:
        why = f"calls of `{candidate.method}` show by the name of the receiver only what it is, as at {runs.first}"
        yield Guess("plugin-names", candidate.receivers, GUESS, why)


def _preset(found: Fitting) -> Iterator[Guess]:
    """The preset, and the choke point under it."""
    name, homes = found.preset.name, found.homes
    if not homes.total:
        classes = ", ".join(f"`{scope.name}`" for scope in found.classes[:3])
        more = f" and {len(found.classes) - 3} more" if len(found.classes) > 3 else ""
        first = found.classes[0].module.path
        evidence = f"{found.imported}, and what it governs is defined by {classes}{more}, first in {first}"
        yield Guess("extends", (name,), LIKELY, evidence)
        yield Guess(
            "choke-point", (), GUESS, f"what `{name}` governs is run nowhere here, but by its own classes"
        )
        return
    places = "one place" if homes.total == 1 else f"{homes.total} places"
    evidence = f"{found.imported}, and what it governs is run in {places}, first at {homes.first}"
    yield Guess("extends", (name,), LIKELY, evidence)
    usual = found.preset.keys["choke-point"]
    yield _choke_point(homes, LIKELY, f"what `{name}` governs is run", usual)


def _home(homes: Sequence[Home], usual: tuple[str, ...]) -> Home:
    """The one that has a usual name, or else the one that holds most."""
    return next((home for home in homes if home.name in usual), homes[0])


def _choke_point(runs: Runs | Homes, sure: str, happens: str, usual: tuple[str, ...]) -> Guess:
    """The place from which what ``happens`` happens; ``usual`` are the names that it has by default."""
    home = _home(runs.homes, usual)
    default = home.name in usual
    if home.scope.kind == "module":
        return Guess("choke-point", (), GUESS, f"{happens} at module level, at {runs.first}")
    if isinstance(runs, Runs) and len(runs.template) > 1:
        evidence = (
            f"template methods: they contain the places from which {happens} ({home.scope.module.path})"
        )
        return Guess("choke-point", runs.template, sure, evidence)
    if home.runs == runs.total:
        only = "the only place" if runs.total == 1 else f"all {runs.total} places"
        evidence = f"it contains {only} from which {happens} ({home.scope.module.path})"
        return Guess("choke-point", (home.name,), CERTAIN if default else sure, evidence, default)
    left = "the others will be findings" if runs.total - home.runs > 1 else "the other will be a finding"
    others = f"{home.runs} of the {runs.total} places from which {happens}; {left}"
    if default:
        return Guess(
            "choke-point", (home.name,), LIKELY, f"it has the default name and contains {others}", default
        )
    if isinstance(runs, Runs) and runs.template:
        return Guess("choke-point", (home.name,), sure, f"a template method: it contains {others}")
    if home.runs >= _DOMINATES * runs.total:
        return Guess("choke-point", (home.name,), GUESS, f"it contains {others}")
    evidence = f"{happens} from several places: {_list(runs.homes)}; choose one"
    return Guess("choke-point", (home.name,), GUESS, evidence)


def _list(homes: tuple[Home, ...]) -> str:
    shown = ", ".join(f"{home.name} ({home.runs})" for home in homes[:4])
    return shown + (f" and {len(homes) - 4} more" if len(homes) > 4 else "")


def _layers(project: Project, policy: Policy) -> Guess:
    found = ways_under(project, policy)
    ends = {last_part(name) for name in (*policy.choke_point, policy.plugin_bases[0])}
    ends |= {below for name in ends for below in names_below(project, name)}
    chains = Counter(chain for way in found if (chain := _chain(way, ends)))
    if not chains:
        return Guess("layers", (), GUESS, "no class is between an entry point and the choke point")
    routed = {_chain(way, ends) for way in found if way.hops[0].layer == "API"}
    chain = max(chains, key=lambda each: (each in routed, chains[each], -len(each), each))
    default = chain == Policy().layers
    sure = CERTAIN if default else LIKELY if chain in routed and len(routed) == 1 else GUESS
    start = "a route" if chain in routed else "an entry point"
    go = "goes" if chains[chain] == 1 else "go"
    evidence = (
        f"{chains[chain]} of {counted(len(found), 'path')} {go} from {start} through these to the choke point"
    )
    return Guess("layers", chain, sure, evidence, default)


def _chain(way: Way, ends: set[str]) -> tuple[str, ...]:
    """The classes that a way goes through, before one of ``ends``; none if one of them comes back."""
    names: list[str] = []
    for hop in way.hops[:-1]:
        owner = hop.name.rpartition(".")[0].rpartition(".")[2]
        if owner in ends:
            break
        if owner and owner[:1].isupper() and (not names or names[-1] != owner):
            names.append(owner)
    return tuple(names) if len(set(names)) == len(names) <= _MOST_LAYERS else ()
