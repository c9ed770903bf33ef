"""Fingerprints: what a finding is known by when lines move.

A fingerprint is made from the code, the names of the classes and functions around it and the meaning of what is
found with the call or statement it stands in: neither from line numbers nor from the path, and not from how the
text is written. So it holds where lines are inserted above, where a function or a file is moved, where a
formatter goes over it, and under each version of Python. Of equal ones in a file the second ends in ``-2``, and so
on; where several files have equal ones, a digest of the path stands in front of the number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from phase12_lint.faults import told
from phase12_lint.model import Finding, hashed, numbered
from phase12_lint.sources import SourceError, decode


def with_fingerprints(
    findings: Iterable[Finding], files: Mapping[str, bytes], errors: list[str] | None = None
) -> list[Finding]:
    """``findings``, each with its fingerprint; ``files`` hold the text that they are about.

    Where the text cannot be described, a finding is known by its message, and why is told in ``errors``.
    """
    from phase12_lint.fingerprints.context import Context  # parses; most runs only compare

    contexts: dict[str, Context] = {}
    digests = []
    findings = list(findings)
    for finding in findings:
        path = finding.path
        try:
            if path not in contexts:
                contexts[path] = Context(_text(files.get(path, b"")), path.endswith(".py"))
            around = contexts[path].describe(finding.span)
        except Exception as error:
            around = None
            if errors is None:
                raise
            errors.append(told("the fingerprint", error, path))
        digests.append(hashed("\0".join((finding.code, *(around or ("", finding.message))))))
    holding: defaultdict[str, set[str]] = defaultdict(set)
    for finding, digest in zip(findings, digests):
        holding[digest].add(finding.path)
    seen: Counter[tuple[str, str]] = Counter()
    done = []
    for finding, digest in zip(findings, digests):
        seen[finding.path, digest] += 1
        path = finding.path if len(holding[digest]) > 1 else ""
        done.append(finding._replace(fingerprint=numbered(digest, path, seen[finding.path, digest])))
    return done


def _text(data: bytes) -> str:
    try:
        return decode(data)
    except SourceError:
        return ""
