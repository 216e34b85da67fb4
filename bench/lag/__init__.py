"""How long text waits to be seen: the real scheduler and writers in virtual time, beside other bots' loops."""

from bench.lag.report import measure

__all__ = ["measure"]
