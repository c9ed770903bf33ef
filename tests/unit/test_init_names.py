"""What ``init`` takes from the names of classes and methods."""

from __future__ import annotations

import pytest

from phase12_lint.adopt.init.names import is_plugin, said_by_class, said_by_method, speaks


@pytest.mark.parametrize(
    "name", ["Plugin", "BasePlugin", "PluginBase", "AbstractTextPlugin", "PluginProtocol"]
)
def test_a_plugin_is_one_by_its_last_word(name: str) -> None:
    assert is_plugin(name)


@pytest.mark.parametrize("name", ["PluginRepository", "PluginTestService", "PluginError", "Base", "x"])
def test_what_is_about_plugins_is_none(name: str) -> None:
    assert not is_plugin(name)


def test_a_class_is_judged_by_its_last_word() -> None:
    assert said_by_class("BaseTool") > said_by_class("ToolRunner") > said_by_class("Shape")
    assert said_by_class("Shape") > said_by_class("ToolStorage")
    assert said_by_class("Shape") > said_by_class("RunnableMixin")
    assert said_by_class("TextExtractor") > said_by_class("Shape")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("extract", "Extractor"),
        ("_real_extract", "InfoExtractor"),
        ("load_data", "BaseLoader"),
        ("validate", "Validator"),
        ("sample_relative", "BaseSampler"),
        ("handle_update", "Rule"),
        ("try_run", "Shape"),
    ],
)
def test_a_method_that_does_what_its_class_is_called_for_is_the_work(method: str, name: str) -> None:
    assert said_by_method(method, name) > 0


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("get_name", "Extractor"),
        ("set_site", "BasePlugin"),
        ("validate", "Extractor"),
        ("before_execution", "BaseRunner"),
        ("load_state", "Agent"),
    ],
)
def test_what_is_asked_or_done_around_the_work_is_not(method: str, name: str) -> None:
    assert said_by_method(method, name) < 0


@pytest.mark.parametrize(("method", "name"), [("prompts", "PromptMixin"), ("query", "Query"), ("do", "Doer")])
def test_a_noun_of_the_class_is_no_verb(method: str, name: str) -> None:
    assert said_by_method(method, name) == 0


def test_a_method_speaks_at_its_beginning_or_end() -> None:
    assert speaks("run_json") == speaks("try_run") == 3
    assert speaks("rerun") == speaks("runs_on_start") == 0
