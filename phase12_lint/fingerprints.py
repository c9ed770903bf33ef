"""Fingerprints: what a finding is known by when lines move."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from phase12_lint.model import Finding
from phase12_lint.sources import SourceError, decode, split_lines


def with_fingerprints(findings: Iterable[Finding], files: Mapping[str, bytes]) -> list[Finding]:
    """``findings``, each with a digest of its code, file and source line, and its number among equal ones."""
    texts: dict[str, list[str]] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    done = []
    for finding in findings:
        if finding.path not in texts:
            texts[finding.path] = _lines(files.get(finding.path, b""))
        lines = texts[finding.path]
        line = lines[finding.span.line - 1] if finding.span.line <= len(lines) else finding.message
        what = (finding.code, finding.path, " ".join(line.split()))
        seen[what] += 1
        text = "\0".join((*what, str(seen[what])))
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        done.append(finding._replace(fingerprint=digest))
    return done


def _lines(data: bytes) -> list[str]:
    try:
        return split_lines(decode(data))
    except SourceError:
        return []
