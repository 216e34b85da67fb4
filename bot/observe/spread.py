"""How times are spread, in little memory however many there are."""

import math
from collections import Counter
from collections.abc import Iterable

STEP = 1.05
"""A time is known to within half of a step: 2.5 %."""

SHORTEST_S = 0.001

_LOG_STEP = math.log(STEP)


class Spread:
    """
    Counts times by their size on a logarithmic scale, so that spreads can be added up and asked for quantiles.

    >>> spread = Spread()
    >>> for time_s in (0.1, 0.2, 0.2, 0.4, 9.0):
    ...     spread.add(time_s)
    >>> f"{spread.quantile(0.5):.1f}"
    '0.2'
    """

    def __init__(self, parts: Iterable["Spread"] = ()) -> None:
        self._counts: Counter[int] = Counter()
        for part in parts:
            self._counts.update(part._counts)  # noqa: SLF001 - another of the same class

    def __len__(self) -> int:
        """How many times were added."""
        return self._counts.total()

    def add(self, time_s: float) -> None:
        self._counts[round(math.log(max(time_s, SHORTEST_S)) / _LOG_STEP)] += 1

    def quantile(self, part: float) -> float | None:
        """Give the least time that at least `part` of all do not exceed; None if there are none."""
        wanted = max(1, math.ceil(part * len(self)))
        for size in sorted(self._counts):
            wanted -= self._counts[size]
            if wanted <= 0:
                return STEP**size
        return None
