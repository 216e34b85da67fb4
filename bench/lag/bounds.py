"""The least that the limits allow, whatever a scheduler does and knows beforehand; docs/performance.md derives it."""

from collections.abc import Sequence
from math import ceil
from statistics import fmean

from bench.lag.limits_model import ROUND_TRIP_S, Bucket
from bench.lag.load import Stream

Bound = dict[str, float]

WINDOWS = 20
"""No stream of the load lasts for as many windows."""


def alone(streams: Sequence[Stream], bucket: Bucket) -> Bound:
    """Bound the figures of streams that each have a bucket of their own."""
    return {
        "final": ROUND_TRIP_S,
        "freeze": max(bucket.window_s / bucket.limit + ROUND_TRIP_S - one.gap_s for one in streams),
        "mean_token_lag": fmean(_mean_token_lag(one, bucket) for one in streams),
    }


def shared(streams: Sequence[Stream], bucket: Bucket) -> Bound:
    """Bound the figures of streams that share one bucket."""
    return {
        "final": ROUND_TRIP_S,
        "freeze": _least_freeze(streams, bucket, endings_at_once=False),
        "freeze_if_endings_go_at_once": _least_freeze(streams, bucket, endings_at_once=True),
    }


def mean(bounds: Sequence[Bound]) -> Bound:
    """Give the mean of the bounds of several loads of one kind."""
    return {name: fmean(bound[name] for bound in bounds) for name in bounds[0]}


def _mean_token_lag(stream: Stream, bucket: Bucket) -> float:
    """With each full window cut into `limit` equal gaps, and the rest of the stream likewise."""
    windows, rest_s = divmod(stream.lasts_s, bucket.window_s)
    squares = (windows * bucket.window_s**2 + rest_s**2) / bucket.limit
    return ROUND_TRIP_S + squares / (2 * stream.lasts_s) - stream.gap_s / 2


def _least_freeze(streams: Sequence[Stream], bucket: Bucket, *, endings_at_once: bool) -> float:
    too_short, enough = ROUND_TRIP_S, WINDOWS * bucket.window_s
    while enough - too_short > 0.001:
        middle = (too_short + enough) / 2
        if _fits(streams, bucket, middle, endings_at_once=endings_at_once):
            enough = middle
        else:
            too_short = middle
    return enough


def _fits(streams: Sequence[Stream], bucket: Bucket, freeze_s: float, *, endings_at_once: bool) -> bool:
    """Tell whether by the end of each window no more edits are due than the windows until then hold."""
    begin = min(one.arrivals[0] for one in streams)
    for window in range(1, WINDOWS):
        end = begin + window * bucket.window_s
        if sum(_due(one, end, freeze_s, endings_at_once=endings_at_once) for one in streams) > window * bucket.limit:
            return False
    return True


def _due(stream: Stream, end: float, freeze_s: float, *, endings_at_once: bool) -> int:
    """How many edits a stream must have had before `end` if no text may stay unseen for longer than `freeze_s`."""
    longest_gap_s = freeze_s - ROUND_TRIP_S + stream.gap_s
    has_run_s = min(end, stream.arrivals[-1]) - stream.arrivals[0]
    while_running = max(0, ceil(has_run_s / longest_gap_s) - 1)
    return while_running + (endings_at_once and stream.arrivals[-1] < end)
