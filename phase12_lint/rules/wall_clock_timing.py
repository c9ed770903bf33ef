"""GOV405."""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.facts.clocks import SteppingClock
from phase12_lint.inspect.rule import PlaceRule


class WallClockTiming(PlaceRule[SteppingClock]):
    """Elapsed time is measured with a clock that can jump.

    What it does:
        Finds, in the choke point, each call of `time.time`, `datetime.now` or `utcnow` that is used in a difference of
        two readings, also through variables, attributes and helpers.

    Why:
        A wall clock may be set forward or back while a plugin runs (§4). The average that the metrics keep is then
        wrong from there on.

    Example:
        ```python
        started = time.time()
        result = plugin.run(payload)
        elapsed_ms = (time.time() - started) * 1000
        ```

    Use instead:
        ```python
        started = time.perf_counter()
        result = plugin.run(payload)
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
            f"`{fact.clock}` can jump while a plugin runs, and `{fact.entry}` measures time with it (§4); "
            f"use time.perf_counter or time.monotonic"
        )
