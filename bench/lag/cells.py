"""The loads that are measured."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.lag import bounds
from bench.lag.bounds import Bound
from bench.lag.limits_model import Bucket, channel_edits, token_writes
from bench.lag.load import Stream, alone, several


@dataclass(frozen=True, slots=True)
class Cell:
    """`streams` at once, with all their messages in one channel or each in its own."""

    name: str
    says: str
    streams: int
    one_channel: bool
    seeds: int
    by_token: bool = False
    """Whether each answer is written through the token of its own interaction."""

    def load(self, seed: int, begin: float) -> list[Stream]:
        """Give the streams, from `begin` on. One alone is always the same."""
        if self.streams == 1:
            return alone(begin)
        return several(begin, self.streams, random.Random(seed), one_channel=self.one_channel)

    def bound(self, streams: Sequence[Stream]) -> Bound:
        """Give the least that the limits allow for these streams."""
        bucket = self.bucket_of(streams[0])
        shares = self.one_channel and not self.by_token and len(streams) > 1
        return bounds.shared(streams, bucket) if shares else bounds.alone(streams, bucket)

    @property
    def bucket_of(self) -> Callable[[Stream], Bucket]:
        return _by_token if self.by_token else _by_channel


CELLS = (
    Cell("one", "1 stream", 1, one_channel=True, seeds=1),
    Cell("same10", "10, one channel", 10, one_channel=True, seeds=10),
    Cell("own10", "10, own channels", 10, one_channel=False, seeds=10),
    Cell("own50", "50, own channels", 50, one_channel=False, seeds=2),
    Cell("ask10", "10 /ask, one channel", 10, one_channel=True, seeds=10, by_token=True),
)


def _by_channel(stream: Stream) -> Bucket:
    return channel_edits(stream.channel)


def _by_token(stream: Stream) -> Bucket:
    return token_writes(stream.number)
