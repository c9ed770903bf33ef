"""Commands of the system."""

from __future__ import annotations

import subprocess as shell_plugin
from subprocess import run


def commands(names):
    """Run programs."""
    for name in names:
        shell_plugin.run([name], check=True)  # ok: a module under the name of a plugin
        run([name], check=True)  # ok: a function of the standard library


def nightly(tool_plugin, page):
    """Nothing is known of the plugin but its name."""
    return tool_plugin.run(page)  # error: GOV101
