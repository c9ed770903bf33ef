"""GOV405."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.clocks import SteppingClock
from phase12_lint.inspect.rule import PlaceRule


class WallClockTiming(PlaceRule[SteppingClock]):
    """Elapsed time is taken from a clock that can step.

    What it does:
        Finds, in the choke point, each call of `time.time`, `datetime.now` or `utcnow` that feeds a
        difference of two readings, through variables, attributes and helpers.

    Why:
        A wall clock is set back and forth while a plugin runs. The average of §4 is then wrong for good.

    Example:
        ```python
        started = time.time()
        ...
        elapsed_ms = (time.time() - started) * 1000
        ```

    Use instead:
        ```python
        started = time.perf_counter()
        ...
        elapsed_ms = (time.perf_counter() - started) * 1000
        ```

    How to fix:
        Use `time.perf_counter()` or `time.monotonic()` for both readings.
    """

    code = "GOV405"
    name = "wall-clock-timing"
    section = "§4"
    needs = "metrics-update"
    asks = SteppingClock

    def check(self, fact: SteppingClock) -> Iterator[str]:
        yield (
            f"`{fact.clock}` can step while a plugin runs, and `{fact.entry}` measures with it (§4); "
            f"use time.perf_counter or time.monotonic"
        )
