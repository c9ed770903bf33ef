"""Chores whose `run` is nobody's plugin: nothing here is governed."""

from __future__ import annotations

import asyncio
import subprocess
from argparse import ArgumentParser
from importlib.metadata import entry_points


class Sweep:
    """Removes what old jobs left behind."""

    async def run(self) -> None:
        await asyncio.sleep(0)


async def twice(plugin: Sweep) -> None:
    """Run a chore two times; the name says plugin, the type says that it is none."""
    await plugin.run()
    await plugin.run()


def main() -> None:
    parser = ArgumentParser(description="Sweep, then say which plugins are offered.")
    parser.parse_args()
    subprocess.run(["tesseract", "--version"], check=False)
    asyncio.run(twice(Sweep()))
    for plugin in entry_points(group="documents.plugins"):
        print(plugin.name)


if __name__ == "__main__":
    main()
