"""What braces stand for: ``phase_{11,12}`` is ``phase_11`` and ``phase_12``, in bash as in tox."""

from __future__ import annotations

import re
from itertools import islice, product
from math import prod

from phase12_lint.enforcement.cuts import cut, shortened

_BRACES = re.compile(r"(?<!\$)\{([^{}]*,[^{}]*)\}")
_MOST = 200


def spread(text: str) -> list[str]:
    """``text`` with each choice of what stands in its braces, a bounded number of them."""
    parts = _BRACES.split(text)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    if prod(map(len, choices)) > _MOST:
        cut(
            f"more than {_MOST} choices are in the braces of `{shortened(text)}`; the others were not looked at"
        )
    return ["".join(map(str.strip, chosen)) for chosen in islice(product(*choices), _MOST)]
