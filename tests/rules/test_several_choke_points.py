"""What a message says where a policy has several choke points: those that run the method, or none by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_advice import found_in

TWO_CHOKE_POINTS = {
    "setup.cfg": """\
[phase12-lint]
plugin-bases = Reader, Writer
plugin-methods = read, write, close
plugin-sources =
choke-point = ReadRunner, app.writing:write_all, Cleaner
layers =
""",
    "app/base.py": """\
class Reader:
    def read(self):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError


class Writer:
    def write(self):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError
""",
    "app/reading.py": """\
from app.base import Reader


class ReadRunner:
    def fetch(self, reader: Reader):
        try:
            return reader.read()
        finally:
            reader.close()
""",
    "app/writing.py": """\
from app.base import Writer


def write_all(writer: Writer):
    return writer.write()
""",
    "app/cleaning.py": """\
from app.base import Writer


class Cleaner:
    def tidy(self, writer: Writer):
        return writer.close()
""",
}


@pytest.mark.parametrize(
    ("given", "run", "outside", "due"),
    [
        ("Reader", "read", "`ReadRunner`", "`ReadRunner.fetch`"),
        ("Writer", "write", "`write_all`", "`write_all`"),
        ("Writer", "close", "`ReadRunner` and `Cleaner`", "`ReadRunner.fetch` or `Cleaner.tidy`"),
    ],
)
def test_of_several_choke_points_those_are_named_that_run_the_method(
    given: str, run: str, outside: str, due: str, tmp_path: Path
) -> None:
    script = f"from app.base import {given}\n\n\ndef nightly(given: {given}):\n    return given.{run}()\n"
    found = found_in(TWO_CHOKE_POINTS | {"app/nightly.py": script}, tmp_path)
    assert [each.message for each in found if each.code == "GOV101"] == [
        f"`given.{run}` runs a plugin outside {outside} (§1); call {due} with the plugin's name instead"
    ]


def test_choke_points_of_one_name_are_named_once(tmp_path: Path) -> None:
    runner = "class Suite:\n    def run(self, check: Check):\n        return check.run()\n"
    files = {
        "setup.cfg": (
            "[phase12-lint]\nplugin-bases = Check\nlayers =\n"
            "choke-point = app.tables.Suite, app.texts.Suite\n"
        ),
        "app/base.py": "class Check:\n    def run(self): ...\n",
        "app/tables.py": f"from app.base import Check\n\n\n{runner}",
        "app/texts.py": f"from app.base import Check\n\n\n{runner}",
        "app/nightly.py": "from app.base import Check\n\n\ndef nightly(check: Check):\n    check.run()\n",
    }
    found = found_in(files, tmp_path)
    assert [each.message for each in found if each.code == "GOV101"] == [
        "`check.run` runs a plugin outside `Suite` (§1); call `Suite.run` with the plugin's name instead"
    ]


def test_where_several_choke_points_may_be_meant_none_of_them_is_named(tmp_path: Path) -> None:
    script = (
        "from app.reading import ReadRunner\n\n\n"
        "def nightly(runner: ReadRunner, given):\n"
        "    try:\n        return runner.fetch(given)\n    except ValueError:\n        return None\n"
    )
    found = found_in(TWO_CHOKE_POINTS | {"app/nightly.py": script}, tmp_path)
    caught = [each.message for each in found if each.code == "GOV301"]
    assert len(caught) == 1
    assert "catches what the choke point has already wrapped" in caught[0]
