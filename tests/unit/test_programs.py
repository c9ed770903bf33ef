"""Which files are one program: whatever refers to what is governed, from wherever it can be imported."""

from __future__ import annotations

import pytest

from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import programs_of
from phase12_lint.index.seeds import Seeds

SEEDS = Seeds(("Plugin",), (), (), ())
PLUGIN = b"class Plugin:\n    def run(self): ...\n"


@pytest.mark.parametrize(
    ("files", "imported"),
    [
        (["core/__init__.py", "core/base.py"], "from core.base import Plugin"),
        (["core/__init__.py", "core/base.py"], "import importlib\nimportlib.import_module('core.base')"),
        (["base.py"], "from base import Plugin"),
        (["src/core/__init__.py", "src/core/base.py"], "from core.base import Plugin"),
        (["src/base.py"], "from base import Plugin"),
        (["lib/base.py"], "from lib.base import Plugin"),
        (["acme/core/__init__.py", "acme/core/base.py"], "from acme.core.base import Plugin"),
        (["acme/core/__init__.py", "acme/core/base.py"], "from acme import core"),
        (["other/__init__.py", "other/data/core/__init__.py", "other/data/core/base.py"], "import core.base"),
        (["tools/base.py", "tools/user/__init__.py"], "from base import Plugin"),
        (["äpfel/__init__.py", "äpfel/base.py"], "from äpfel.base import Plugin"),
    ],
)
def test_what_imports_it_is_of_its_program(files: list[str], imported: str) -> None:
    user = "tools/user/main.py" if "tools/user/__init__.py" in files else "user/main.py"
    texts = dict.fromkeys((*files, user.replace("main", "__init__")), b"")
    texts[user] = imported.encode()
    texts |= {path: PLUGIN for path in files if path.endswith("base.py")}
    texts["stranger/__init__.py"] = b"import os\n"
    (program,) = programs_of(texts, ModuleNames(texts), SEEDS)
    assert user in program.members
    assert "stranger/__init__.py" not in program.members


def test_a_name_that_is_no_text_ends_nothing() -> None:
    texts = {"core/__init__.py": PLUGIN, "other/\udcff.py": b"import core\n", "other/__init__.py": b""}
    (program,) = programs_of(texts, ModuleNames(texts), SEEDS)
    assert "other/\udcff.py" in program.members
