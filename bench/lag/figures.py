"""What a reader of the messages sees, as figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from bench.lag.load import Stream


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one or more runs, all in seconds."""

    final: float
    """From a stream's last token to the acknowledgement of its last edit: the mean over the streams."""
    freeze: float
    """The longest time that any text stayed unseen, in a run; over runs the mean of these."""
    mean_token_lag: float
    standstill: float
    """As `freeze`, the longest time for which a message stood still although there was text that it did not show."""
    worst_freeze: float
    """The longest freeze in any run."""


@dataclass(slots=True)
class Seen:
    """What has been seen of one stream: after each acknowledged edit, how many tokens are on screen."""

    stream: Stream
    acknowledged_at: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    """Of each token so far seen: from its arrival to the acknowledgement of the edit that shows it."""

    standstill: float = 0.0
    """The longest time for which the screen stood still although text had arrived."""

    def see(self, tokens: int, at: float) -> None:
        if self.lags and len(self.lags) < len(self.stream.arrivals):
            unseen_since = self.stream.arrivals[len(self.lags)]
            self.standstill = max(self.standstill, at - max(self.acknowledged_at[-1], unseen_since))
        self.acknowledged_at.append(at)
        self.lags.extend(at - arrival for arrival in self.stream.arrivals[len(self.lags) : tokens])

    @property
    def final(self) -> float:
        """From the last token's arrival to the acknowledgement of the last edit."""
        self._check()
        return self.acknowledged_at[-1] - self.stream.arrivals[-1]

    @property
    def freeze(self) -> float:
        """The longest time that any text stayed unseen."""
        self._check()
        return max(self.lags)

    def _check(self) -> None:
        if len(self.lags) != len(self.stream.arrivals):
            raise RuntimeError(f"stream {self.stream.number}: {len(self.lags)} tokens were shown")


def of_run(seen: Sequence[Seen]) -> Figures:
    freeze = max(one.freeze for one in seen)
    return Figures(
        final=fmean(one.final for one in seen),
        freeze=freeze,
        mean_token_lag=fmean(lag for one in seen for lag in one.lags),
        standstill=max(one.standstill for one in seen),
        worst_freeze=freeze,
    )


def over_runs(runs: Sequence[Figures]) -> Figures:
    return Figures(
        final=fmean(run.final for run in runs),
        freeze=fmean(run.freeze for run in runs),
        mean_token_lag=fmean(run.mean_token_lag for run in runs),
        standstill=fmean(run.standstill for run in runs),
        worst_freeze=max(run.worst_freeze for run in runs),
    )
