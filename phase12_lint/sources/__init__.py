"""Find the files of a project, read them as Python does, and read what they suppress."""

from __future__ import annotations

from phase12_lint.sources.decode import SourceError, decode, encode, split_lines
from phase12_lint.sources.exempt import exempt_among, is_exempt
from phase12_lint.sources.files import Stat, list_files, read_bytes, scan, stats, without_excluded
from phase12_lint.sources.screen import Screen
from phase12_lint.sources.suppressions import Suppression, may_name_governance, read_suppressions

__all__ = [
    "Screen",
    "SourceError",
    "Stat",
    "Suppression",
    "decode",
    "encode",
    "exempt_among",
    "is_exempt",
    "list_files",
    "may_name_governance",
    "read_bytes",
    "read_suppressions",
    "scan",
    "split_lines",
    "stats",
    "without_excluded",
]
