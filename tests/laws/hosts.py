"""Code that stands beside a program and has nothing to do with it, though it may look as if it had.

A host never imports the program, and is never imported by it. Most are made from the program itself: its
names, given to something else; the libraries that it imports, used for something else.
"""

from __future__ import annotations

import ast
import shutil
import sysconfig
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from tests.laws.programs import EVASIONS, GOVERNED, RUNTIME

Host = Callable[[Path, Path], None]  # given the program, and the folder where the host goes

_INSTALLED = ("pluggy", "flake8", "xdist")
_OF_PYTHON = ("asyncio", "concurrent", "unittest")


def libraries(program: Path, folder: Path) -> None:
    """Packages that everybody has, of which some run things and some have plugins."""
    for name in _INSTALLED:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        _copy(Path(spec.origin).parent, folder / name)
    of_python(program, folder)


def of_python(program: Path, folder: Path) -> None:
    """Packages of the standard library, which run things and have no plugins."""
    for name in _OF_PYTHON:  # called otherwise, as the program may import what is called so
        _copy(Path(sysconfig.get_path("stdlib"), name), folder / f"old_{name}")


def busy(program: Path, folder: Path) -> None:
    """Many small functions that run what they are given and hand it on, in every direction."""
    _write(folder / "mill" / "__init__.py", "")
    for number in range(_BUSY):
        before, far = (number - 1) % _BUSY, (number * 7 + 3) % _BUSY
        text = _MILL.format(number=number, before=before, far=far)
        _write(folder / "mill" / f"wheel_{number}.py", text)


def _copy(package: Path, to: Path) -> None:
    shutil.copytree(package, to, ignore=shutil.ignore_patterns("__pycache__", "test", "tests"))


def namesakes(program: Path, folder: Path) -> None:
    """A package whose classes, methods, functions and attributes are called as the program's."""
    for path in _modules(program):
        _write(folder / "acme" / path.relative_to(program), _renamed(path))


def namesakes_in_a_folder(program: Path, folder: Path) -> None:
    """The same in folders that are no packages."""
    namesakes(program, folder)
    for path in folder.rglob("__init__.py"):
        path.rename(path.with_name("initial.py"))


def namesakes_in_src(program: Path, folder: Path) -> None:
    """The same as a project of its own, with its package in ``src``."""
    namesakes(program, folder / "src")
    _write(folder / "setup.py", "from setuptools import setup\n\nsetup()\n")


def namesakes_in_loose_modules(program: Path, folder: Path) -> None:
    """The same in modules that stand alone."""
    for number, path in enumerate(_modules(program)):
        _write(folder / f"{path.stem.strip('_')}_{number}.py", _renamed(path))


def same_package(program: Path, folder: Path) -> None:
    """Another project whose package and modules are called as the program's: folders of one repository often are."""
    for path in _modules(program):
        _write(folder / "service" / path.relative_to(_root(program)), _renamed(path))


def copy_of_it(program: Path, folder: Path) -> None:
    """The program once more."""
    to = folder / "again" / (program.name if program == RUNTIME else "")
    shutil.copytree(program, to, ignore=shutil.ignore_patterns("__pycache__", ".*"))


def another_program(program: Path, folder: Path) -> None:
    """A governed program that is another one."""
    other = EVASIONS if program in (GOVERNED, RUNTIME) else GOVERNED
    shutil.copytree(other, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"), dirs_exist_ok=True)


def users_of_its_libraries(program: Path, folder: Path) -> None:
    """Code that imports what the program imports, and hands its own functions and objects to it."""
    own = {path.name for path in _root(program).iterdir()}
    for number, path in enumerate(_modules(program)):
        tree = ast.parse(path.read_text())
        for each, (imported, uses) in enumerate(_foreign_imports(tree, own)):
            text = f"{imported}\n\n{_OWN}\n\n" + "".join(f"\n{use}\n" for use in uses)
            _write(folder / "office" / f"part_{number}_{each}.py", text)


_BUSY = 40
_MILL = """
from mill.wheel_{before} import Wheel as Before
from mill.wheel_{before} import grind as grind_before
from mill.wheel_{far} import grind as grind_far


class Wheel:
    def __init__(self, grain, inner=None):
        self.grain = grain
        self.inner = inner or Before(grain)
        self.parts = [grain, self.inner]

    def run(self, grain):
        for part in self.parts:
            part.run(grain)
        return self.inner.run(self.grain)

    def turn(self, name):
        return getattr(self.inner, name)(self.grain)


def pick(things, key):
    for thing in things:
        if thing == key:
            return thing
    return grind_before(things, key)


def grind(things, key):
    thing = pick(things, key)
    held = {{key: thing, "far": grind_far}}
    thing.run(held)
    held[key].run(key)
    return Wheel(thing, held.get(key))


def mill(name):
    wheel = grind([Wheel(1), Before(2)], 1)
    wheel.turn(name)
    method = wheel.run
    return method(name), grind_far([wheel], wheel).run(name)
"""

HOSTS: tuple[Host, ...] = (
    libraries,
    busy,
    namesakes,
    namesakes_in_a_folder,
    namesakes_in_src,
    namesakes_in_loose_modules,
    same_package,
    another_program,
    users_of_its_libraries,
)

_OWN = """
class Letter:
    def run(self, payload=None, *rest):
        return payload

    def __call__(self, *args):
        return self.run(*args)


def post(letter=None, *args, **kwargs):
    return letter


letter = Letter()
"""


def _foreign_imports(tree: ast.Module, own: set[str]) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] not in own:
                    name = alias.asname or alias.name
                    yield ast.unparse(ast.Import([alias])), [*_uses(tree, name)]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            first = node.module.partition(".")[0]
            if first not in own and first != "__future__":
                names = [alias.asname or alias.name for alias in node.names]
                yield ast.unparse(node), [use for name in names for use in _use(name, name)]


def _uses(tree: ast.Module, module: str) -> Iterator[str]:
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == module
    }
    for name in sorted(read):
        yield from _use(name, f"{module}.{name}")


def _use(name: str, whole: str) -> Iterator[str]:
    if name[:1].isupper():
        yield f"class My{name}({whole}):\n    def run(self, *args):\n        return self.post(*args)"
        yield f"my_{name.lower()} = {whole}(letter)\nmy_{name.lower()}.run(letter.run)"
    else:
        yield f"sent_{name} = {whole}(post, letter)\nheld_{name} = {whole}(letter.run, 1)\nheld_{name}()"


def _renamed(path: Path) -> str:
    """A module whose definitions are called as those of the module at ``path``, and are something else."""
    tree = ast.parse(path.read_text())
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    methods = {each for node in classes for each in node.body}
    functions = {
        node.name: None
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node not in methods
    }
    parts = ['"""Names that stand for something else elsewhere."""', "import math"]
    parts += [f"def {name}(first=None, *rest, **more):\n    return first or more" for name in functions]
    for node in {node.name: node for node in classes}.values():
        parts += [_class(node), _use_of_class(node, list(functions))]
    stored = [
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and type(node.ctx) is ast.Store
    ]
    taken = {*functions, *(node.name for node in classes)}
    parts += [f"{name} = math.floor(1.5)" for name in dict.fromkeys(stored) if name not in taken]
    return "\n\n\n".join(parts) + "\n"


def _class(node: ast.ClassDef) -> str:
    attributes = {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute)
        and ast.unparse(each.value) == "self"
        and type(each.ctx) is ast.Store
    }
    methods = {
        each.name: each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    lines = [f"class {node.name}:", "    def __init__(self, *parts):", "        self.parts = parts"]
    lines += [f"        self.{name} = parts" for name in sorted(attributes)]
    for name, method in methods.items():
        if name != "__init__":
            starred = "async " if isinstance(method, ast.AsyncFunctionDef) else ""
            lines += ["", f"    {starred}def {name}(self, *args):", "        return args or self.parts"]
    return "\n".join(lines)


def _use_of_class(node: ast.ClassDef, functions: list[str]) -> str:
    """What somebody does with an object of the class, which no policy minds that is about another one."""
    methods = [each.name for each in node.body if isinstance(each, ast.FunctionDef) and each.name[:1] != "_"]
    lines = [
        f"def use_of_{node.name.lower()}(items):",
        f"    thing = {node.name}(1, 2)",
        "    items.append(thing)",
    ]
    for name in methods:
        lines += [
            f"    thing.{name}(items)",
            f"    items.append(thing.{name})",
            f"    getattr(thing, {name!r})()",
        ]
    lines += [f"    items.extend({name}(thing, items))" for name in functions[:4]]
    lines += ["    for item in items:", *(f"        item.{name}(1)" for name in methods or ["close"])]
    return "\n".join([*lines, "    return items"])


def _root(program: Path) -> Path:
    return program.parent if program == RUNTIME else program


def _modules(program: Path) -> list[Path]:
    return sorted(path for path in program.rglob("*.py") if not {"__pycache__"} & set(path.parts))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
