"""``init`` where plugins are called themselves: ``step(page)``."""

from __future__ import annotations

from tests.functional.test_init_ranks import inferred, told

STEPS = """
class Step:
    def __call__(self, page):
        raise NotImplementedError
"""
BELOW = "".join(
    f"\n\nclass S{n}(Step):\n    def __call__(self, page):\n        return {n}\n" for n in range(3)
)
RUNNER = """
from app.steps import Step


class Worker:
    def work(self, step: Step, page):
        try:
            return step(page)
        except ValueError:
            return None
"""


def test_objects_that_are_called_themselves_are_plugins() -> None:
    assert told(inferred(steps=STEPS + BELOW, worker=RUNNER)) == ("Step", "__call__", "Worker")


def test_a_call_that_leads_on_to_what_the_classes_override_is_where_they_are_run() -> None:
    base = "class Step:\n    def __call__(self, page):\n        return self.forward(page)\n\n"
    base += "    def forward(self, page):\n        raise NotImplementedError\n"
    below = BELOW.replace("__call__", "forward")
    assert told(inferred(steps=base + below, worker=RUNNER)) == ("Step", "forward", "Step.__call__")


def test_a_class_that_nobody_extends_is_no_plugin_because_it_is_called() -> None:
    cached = "class Cached:\n    def __init__(self, f):\n        self.f = f\n\n"
    cached += "    def __call__(self, page):\n        return self.f(page)\n\n\n"
    cached += "@Cached\ndef work(page):\n    return page\n"
    assert told(inferred(cached=cached, use="from app.cached import work\n\nprint(work(1))\n")) == (
        "",
        "",
        "",
    )
