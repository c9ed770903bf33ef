"""``init``: which of several classes it takes for the base, and which of several places for the choke point."""

from __future__ import annotations

from textwrap import dedent

import pytest

from phase12_lint.adopt.init.guesses import Guess
from phase12_lint.adopt.init.infer import infer


def inferred(**files: str) -> dict[str, Guess]:
    named = {f"app/{name}.py": dedent(text).encode() for name, text in files.items()}
    return {guess.key: guess for guess in infer(named).guesses}


def told(found: dict[str, Guess]) -> tuple[str, str, str]:
    """The base, the method and the choke points."""
    base, method, choke = (
        ", ".join(found[key].names) if key in found else ""
        for key in ("plugin-bases", "plugin-methods", "choke-point")
    )
    return base, method, choke


def family(base: str, *methods: str, classes: int = 3, abstract: bool = True) -> str:
    """A base called ``base`` with ``methods``, and classes below it that have each of them."""
    body = "raise NotImplementedError" if abstract else "return text"
    text = f"class {base}:\n" + "".join(f"    def {name}(self, text):\n        {body}\n" for name in methods)
    for number in range(classes):
        text += f"\n\nclass {base}{number}({base}):\n"
        text += "".join(f"    def {name}(self, text):\n        return {number}\n" for name in methods)
    return text


def caller(base: str, method: str, name: str = "go", module: str = "base") -> str:
    return f"from app.{module} import {base}\n\n\ndef {name}(given: {base}, text):\n    return given.{method}(text)\n"


def guarded(text: str, method: str) -> str:
    """The caller ``text`` of ``method``, which catches what that raises."""
    return text.replace(
        f"    return given.{method}(text)",
        f"    try:\n        return given.{method}(text)\n    except ValueError:\n        return None",
    )


ALIKE = {
    "a": family("A", "work"),
    "b": family("B", "work"),
    "use_a": caller("A", "work", module="a"),
    "use_b": caller("B", "work", module="b"),
}

WORK = "    def process(self, page):\n        return page\n"


def test_the_method_that_the_class_is_named_for_goes_before_one_around_the_work() -> None:
    found = inferred(
        base=family("Extractor", "before_page", "extract_page", "get_title"),
        use=caller("Extractor", "before_page"),
        use2=caller("Extractor", "extract_page"),
        use3=caller("Extractor", "get_title"),
    )
    assert told(found) == ("Extractor", "extract_page", "app.use2:go")


def test_a_mixin_or_a_storage_goes_behind_a_plain_class() -> None:
    bases = {
        "base": family("Shape", "draw"),
        "store": family("PageStorage", "draw"),
        "mix": family("DrawMixin", "draw"),
    }
    uses = {
        "use": caller("Shape", "draw"),
        "use_store": caller("PageStorage", "draw", module="store"),
        "use_mix": caller("DrawMixin", "draw", module="mix"),
    }
    assert told(inferred(**bases, **uses))[0] == "Shape"


@pytest.mark.parametrize(
    "kept",
    [
        "KINDS: dict[str, type[B]] = {}",
        "KINDS: list[B] = []",
        "def is_one(kind):\n    return issubclass(kind, B)",
        "def known():\n    return B.__subclasses__()",
    ],
)
def test_what_is_collected_or_discovered_goes_first(kept: str) -> None:
    assert told(inferred(**ALIKE))[0] == "A"
    assert told(inferred(**ALIKE, kept=f"from app.b import B\n\n\n{kept}\n"))[0] == "B"
    for innocent in ("B | None", "Optional[B]", "B"):
        text = f"from typing import Optional\nfrom app.b import B\n\n\none: {innocent} = None\n"
        mentioned = "from app.a import A\n\n\none: A\n"
        assert told(inferred(**ALIKE, kept=text, as_often=mentioned))[0] == "A"


@pytest.mark.parametrize(
    ("lines", "is_picked"),
    [
        ("for one in things.values():\n        one.toil(text)", True),
        ("return [one.toil(text) for one in things.values()]", True),
        ("one: B = things[text]\n    one = things[text]\n    return one.toil(text)", True),
        ("return things[text].toil(text)", True),
        ("one = things[0]\n    return one.toil(text)", True),
        ("one: B = B()\n    return one.toil(text)", False),
        ("return B().toil(text)", False),
    ],
)
def test_what_is_picked_out_of_several_goes_first(lines: str, is_picked: bool) -> None:
    files = {
        "a": family("A", "work"),
        "b": family("B", "toil"),
        "use_a": caller("A", "work", module="a"),
        "use_b": f"from app.b import B\n\n\ndef go(things: 'dict[str, B]', text):\n    {lines}\n",
    }
    assert told(inferred(**files))[0] == ("B" if is_picked else "A")


def test_a_rival_that_is_as_likely_makes_it_a_guess_and_is_named() -> None:
    tools = {"base": family("Tool", "run"), "use": caller("Tool", "run", "start")}
    assert inferred(**tools)["plugin-bases"].sure == "likely"
    both = inferred(**tools, other=family("Task", "run"), use2=caller("Task", "run", "start", "other"))
    assert both["plugin-bases"].sure == "guess"
    assert "next likeliest: Task.run" in both["plugin-bases"].evidence
    other = {"other": family("Shape", "draw"), "use2": caller("Shape", "draw", "start", "other")}
    behind = inferred(**tools, **other)
    assert (told(behind)[0], behind["plugin-bases"].sure) == ("Tool", "guess")
    careful = tools | {"use": guarded(tools["use"], "run")}
    behind = inferred(**careful, **other)
    assert (told(behind)[0], behind["plugin-bases"].sure) == ("Tool", "likely")


@pytest.mark.parametrize(
    ("base", "method", "is_sure"),
    [
        ("Shape", "draw", (False, False)),
        ("Visitor", "draw", (False, False)),
        ("Painter", "draw", (False, True)),
        ("Shape", "run", (False, True)),
        ("Painter", "paint", (True, True)),
        ("Tool", "draw", (True, True)),
    ],
)
def test_one_sign_is_a_guess(base: str, method: str, is_sure: tuple[bool, bool]) -> None:
    files, use = {"base": family(base, method)}, caller(base, method, "start")
    found = [
        inferred(**files, use=text)["plugin-bases"].sure == "likely" for text in (use, guarded(use, method))
    ]
    assert tuple(found) == is_sure


def test_a_class_of_data_is_a_base_if_it_leaves_a_method_to_others() -> None:
    base = family("Tool", "run").replace("class Tool:", "class Tool(BaseModel):")
    base = f"from pydantic import BaseModel\n\n\n{base}"
    assert told(inferred(base=base, use=caller("Tool", "run")))[0] == "Tool"
    data = base.replace("raise NotImplementedError", "return text")
    assert told(inferred(base=data, use=caller("Tool", "run")))[0] == ""


TEMPLATE = """\
class Check:
    def run(self, text):
        {run}

    def scan(self, text):
        raise NotImplementedError

    {more}


class Upper(Check):
    def scan(self, text):
        return text.isupper()


class Lower(Check):
    def scan(self, text):
        return text.islower()
"""


@pytest.mark.parametrize(
    ("run", "more", "choke"),
    [
        ("return self.scan(text)", "", "Check.run"),
        ("return self._timed(text)", "def _timed(self, text):\n        return self.scan(text)", "Check.run"),
        (
            "try:\n            return self.passed(text)\n        except ValueError:\n            return None",
            "def passed(self, text):\n        return self.scan(text)",
            "Check.run",
        ),
        (
            "print(text)\n        return self.scan(text)",
            "async def arun(self, text):\n        print(text)\n        return self.scan(text)",
            "Check.run, Check.arun",
        ),
        (
            "try:\n            return self.scan(text)\n        except ValueError:\n            return None",
            "def careless(self, text):\n        print(text)\n        return self.scan(text)",
            "Check.run",
        ),
    ],
)
def test_a_template_is_entered_by_what_others_call(run: str, more: str, choke: str) -> None:
    assert told(inferred(base=TEMPLATE.format(run=run, more=more)))[2] == choke


def test_a_template_that_plugins_override_is_what_they_do_and_no_choke_point() -> None:
    text = TEMPLATE.format(run="return self.scan(text)", more="")
    for name in ("Upper", "Lower"):
        text = text.replace(
            f"class {name}(Check):\n", f"class {name}(Check):\n    def run(self, text):\n        return 1\n\n"
        )
    found = inferred(base=text, use=caller("Check", "run"))
    assert told(found) == ("Check", "run", "app.use:go")


HOOKS = """\
class Middleware:
    def before_message(self, message): ...
    def after_message(self, message): ...


class Timing(Middleware):
    def before_message(self, message):
        return 1


class Logging(Middleware):
    def before_message(self, message):
        return 2
"""


def test_hooks_that_are_reached_by_a_name_that_is_put_together_are_seen() -> None:
    broker = """\
    from app.base import Middleware


    class Broker:
        def __init__(self, middleware: list[Middleware]):
            self.middleware = middleware

        def emit_before(self, signal, message):
            for one in self.middleware:
                getattr(one, f"before_{signal}")(message)
    """
    found = inferred(base=HOOKS, broker=broker)
    assert told(found) == ("Middleware", "before_message", "Broker")
    assert found["plugin-bases"].sure == "guess"
    other = inferred(base=HOOKS, broker=broker.replace('f"before_{signal}"', 'f"size_{signal}"'))
    assert not other["plugin-bases"].names


def test_a_test_beside_the_code_is_no_place_that_runs_plugins() -> None:
    files = {"base": family("Tool", "run"), "use": caller("Tool", "run", "start")}
    beside = "\n\ndef test_it(tool: Tool):\n    assert tool.run('')\n\n\nclass ToolTestCase:\n"
    beside += "    def check(self, tool: Tool):\n        assert tool.run('')\n"
    found = inferred(**{**files, "use": files["use"] + beside})
    assert told(found)[2] == "app.use:start"
    assert "the only place" in found["choke-point"].evidence
    tested = "\n\ndef tested(tool: Tool):\n    return tool.run('')\n"
    assert "choose one" in inferred(**{**files, "use": files["use"] + tested})["choke-point"].evidence


def test_of_places_that_do_as_much_the_one_that_the_program_names_more_goes_first() -> None:
    files = {
        "base": family("Tool", "run"),
        "a": caller("Tool", "run", "audit"),
        "b": caller("Tool", "run", "scan"),
    }
    assert told(inferred(**files))[2] == "app.a:audit"
    found = inferred(
        **files,
        top="from app.b import scan\n\n\ndef all_of(tools):\n    return [scan(x, '') for x in tools]\n",
    )
    assert (told(found)[2], found["choke-point"].sure) == ("app.b:scan", "guess")


def test_a_method_that_a_base_calls_and_does_not_have_is_demanded() -> None:
    text = TEMPLATE.format(run="return self.scan(text)", more="").replace(
        "    def scan(self, text):\n        raise NotImplementedError\n", "", 1
    )
    found = inferred(base=text)
    assert (told(found), found["plugin-bases"].sure) == (("Check", "scan", "Check.run"), "likely")
    assert not inferred(base=text.replace("self.scan(text)", "scan(text)"))["plugin-bases"].names
    above = "class Root:\n    def scan(self, text):\n        return text\n\n\n"
    had = inferred(base=above + text.replace("class Check:", "class Check(Root):"))
    assert (told(had)[0], had["plugin-bases"].sure) != ("Check", "likely")


def test_a_function_in_a_field_is_what_is_run() -> None:
    tool = "from collections.abc import Callable\n\n\nclass Tool:\n    name: str\n    on_invoke: Callable[[str], str]\n"
    use = "from app.tool import Tool\n\n\ndef go(tools: 'dict[str, Tool]', text):\n    return tools[text].{}(text)\n"
    found = inferred(tool=tool, use=use.format("on_invoke"))
    assert (told(found), found["plugin-bases"].sure) == (("Tool", "on_invoke", "app.use:go"), "guess")
    assert told(inferred(tool=tool, use=use.format("name")))[0] == ""
    assert (
        told(inferred(tool=tool.replace("Callable[[str], str]", "str"), use=use.format("on_invoke")))[0] == ""
    )


def test_a_base_whose_plugins_are_elsewhere_is_found() -> None:
    base = family("Tool", "work", classes=0)
    assert told(inferred(base=base, use=caller("Tool", "work"))) == ("Tool", "work", "app.use:go")
    assert told(inferred(base=family("Tool", "work", classes=0, abstract=False)))[0] == ""


@pytest.mark.parametrize(("name", "method"), [("Job", "perform"), ("Shape", "perform"), ("Job", "title")])
def test_a_class_that_is_run_as_it_is_is_found_by_its_names(name: str, method: str) -> None:
    base = family(name, method, classes=0, abstract=False)
    found = told(inferred(base=base, use=caller(name, method)))
    is_named = (name, method) == ("Job", "perform")
    assert found == ((name, method, "app.use:go") if is_named else ("", "", ""))


def test_what_the_program_names_most_goes_first() -> None:
    assert told(inferred(**ALIKE))[0] == "A"
    often = {f"often{number}": "from app.b import B\n\n\none: B\n" for number in range(3)}
    assert told(inferred(**ALIKE, **often))[0] == "B"


def test_of_classes_one_below_another_the_highest_that_has_the_method_is_the_base() -> None:
    base = family("Rule", "match", classes=1)
    below = "from app.base import Rule\n\n\n" + family("TextRule", "match").replace(
        "class TextRule:", "class TextRule(Rule):"
    )
    found = inferred(base=base, below=below, use=caller("TextRule", "match", module="below"))
    assert told(found)[0] == "Rule"
    without = below.replace("from app.base import Rule", "class Rule:\n    pass")
    assert told(inferred(below=without, use=caller("TextRule", "match", module="below")))[0] == "TextRule"


def test_a_method_that_most_classes_have_and_others_call_needs_no_declaration() -> None:
    base = family("Action", "execute").replace("raise NotImplementedError", "return text")
    base = base.replace("    def execute(self, text):\n        return text\n", "    pass\n", 1)
    use = "def go(actions, text):\n    for action in actions:\n        action.execute(text)\n"
    assert told(inferred(base=base, use=use))[:2] == ("Action", "execute")
    assert told(inferred(base=base.replace("execute", "title"), use=use.replace("execute", "title")))[0] == ""


def test_the_first_three_are_suggested_with_their_places() -> None:
    kinds = {"tool": "Tool", "painter": "Painter", "shape": "Shape", "disc": "Disc"}
    files = {module: family(name, "paint") for module, name in kinds.items()}
    files |= {f"use_{module}": caller(name, "paint", module=module) for module, name in kinds.items()}
    named = {f"app/{name}.py": text.encode() for name, text in files.items()}
    suggestions = infer(named).suggestions
    assert [(each.base, each.chokes) for each in suggestions[:2]] == [
        ("Painter", ("app.use_painter:go",)),
        ("Tool", ("app.use_tool:go",)),
    ]
    assert len(suggestions) == 3


def test_a_method_of_the_class_alone_counts_if_it_is_demanded() -> None:
    def of_class(text: str) -> str:
        return text.replace("    def ", "    @classmethod\n    def ").replace("(self,", "(cls,")

    use = caller("Engine", "work")
    assert told(inferred(base=of_class(family("Engine", "work")), use=use))[0] == "Engine"
    assert told(inferred(base=of_class(family("Engine", "work", abstract=False)), use=use))[0] == ""


def test_of_classes_with_one_name_the_one_below_another_is_no_base() -> None:
    base = family("Module", "work", classes=0)
    files = {
        f"kind{number}": "from app import base\n\n\nclass Module(base.Module):\n"
        f"    def work(self, text):\n        return {number}\n"
        for number in range(3)
    }
    use = "from app import base\n\n\ndef go(given: base.Module, text):\n    return given.work(text)\n"
    assert told(inferred(base=base, use=use, **files)) == ("app.base.Module", "work", "app.use:go")


def test_a_class_below_that_declares_the_method_is_not_the_base_of_those_beside_it() -> None:
    below = "from app.bot import Bot\n\n\n"
    stub = "class ExpertTool(Bot):\n    def process(self, page):\n        raise NotImplementedError\n"
    found = inferred(
        bot="class Bot:\n    def start(self, page):\n        try:\n            return self.process(page)\n"
        "        except ValueError:\n            return None\n",
        expert=below + stub + "".join(f"\n\nclass E{n}(ExpertTool):\n{WORK}" for n in range(3)),
        parsers=below + "\n\n".join(f"class P{n}(Bot):\n{WORK}" for n in range(3)),
    )
    assert told(found) == ("Bot", "process", "Bot.start")
