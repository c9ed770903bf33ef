"""Fingerprints: what a finding is known by when lines move.

A fingerprint is made from the code, the names of the classes and functions around it and the text of what is
found with the call or statement it stands in: neither from line numbers nor from the path, and not from how the
text is laid out. So it holds where lines are inserted above, where a function or a file is moved, where a
formatter goes over it, and under each version of Python. Of equal ones the second ends in ``-2``, and so on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from phase12_lint.model import Finding
from phase12_lint.sources import SourceError, decode

_SEPARATOR = "-"


def with_fingerprints(findings: Iterable[Finding], files: Mapping[str, bytes]) -> list[Finding]:
    """``findings``, each with its fingerprint; ``files`` hold the text that they are about."""
    from phase12_lint.fingerprints.context import Context  # parses; most runs only compare

    contexts: dict[str, Context] = {}
    seen: Counter[str] = Counter()
    done = []
    for finding in findings:
        if finding.path not in contexts:
            contexts[finding.path] = Context(
                _text(files.get(finding.path, b"")), finding.path.endswith(".py")
            )
        what = (finding.code, *(contexts[finding.path].describe(finding.span) or ("", finding.message)))
        text = "\0".join(what)
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        seen[digest] += 1
        number = f"{_SEPARATOR}{seen[digest]}" if seen[digest] > 1 else ""
        done.append(finding._replace(fingerprint=digest + number))
    return done


def without_number(fingerprint: str) -> str:
    """What equal findings have in common."""
    return fingerprint.partition(_SEPARATOR)[0]


def _text(data: bytes) -> str:
    try:
        return decode(data)
    except SourceError:
        return ""
