"""Plays every cell with every bot and says what came out."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from bench.lag import bounds, figures, patter
from bench.lag.cells import CELLS, Cell
from bench.lag.figures import Figures, Seen
from bench.lag.libraries import DiscordPy
from bench.lag.limits_model import Discord
from bench.lag.load import Stream
from bench.lag.rivals import RIVALS, Rival
from tests import virtual_time


def measure(*, tell: Callable[[str], None]) -> dict[str, Any]:
    """
    Give Patter's figures and the least possible ones in each cell, and the rivals' where they can be compared.

    Rivals answer messages, not commands, so none has lanes by token.
    """
    tell(f"{'':34}{'':22}{'final':>8}{'freeze':>9}{'(worst)':>9}{'standstill':>12}{'token lag':>11}")
    cells = {}
    for cell in CELLS:
        measured = figures.over_runs([play_patter(cell, seed) for seed in range(cell.seeds)])
        tell(_line("Patter", cell, measured))
        cells[cell.name] = {**_rounded(measured), "bound": _bound(cell)}
    rivals: dict[str, dict[str, Any]] = {}
    for rival in RIVALS:
        rivals[rival.name] = {}
        for cell in CELLS:
            if not cell.by_token:
                measured = figures.over_runs([play_rival(rival, cell, seed) for seed in range(cell.seeds)])
                tell(_line(rival.name, cell, measured))
                rivals[rival.name][cell.name] = _rounded(measured)
    return {"cells": cells, "rivals": rivals}


def play_patter(cell: Cell, seed: int) -> Figures:
    """Raises RuntimeError if Discord refused any request: that is never worth a figure."""

    async def main() -> Sequence[Seen]:
        discord = Discord()
        seen = await patter.play(_load(cell, seed), DiscordPy(discord), cell.bucket_of)
        if discord.refused:
            raise RuntimeError(f"{cell.name}, seed {seed}: Discord refused {discord.refused} requests")
        return seen

    return figures.of_run(virtual_time.run(main()))


def play_rival(rival: Rival, cell: Cell, seed: int) -> Figures:
    async def main() -> Sequence[Seen]:
        return await rival.play(_load(cell, seed), Discord())

    return figures.of_run(virtual_time.run(main()))


def _load(cell: Cell, seed: int) -> list[Stream]:
    return cell.load(seed, asyncio.get_running_loop().time())


def _bound(cell: Cell) -> dict[str, float]:
    least = bounds.mean([cell.bound(cell.load(seed, begin=0.0)) for seed in range(cell.seeds)])
    return {name: round(value, 2) for name, value in least.items()}


def _rounded(given: Figures) -> dict[str, float]:
    return {
        "final": round(given.final, 2),
        "freeze": round(given.freeze, 2),
        "mean_token_lag": round(given.mean_token_lag, 2),
    }


def _line(name: str, cell: Cell, given: Figures) -> str:
    return (
        f"{name:34}{cell.says:22}{given.final:8.2f}{given.freeze:9.2f}{given.worst_freeze:9.2f}"
        f"{given.standstill:12.2f}{given.mean_token_lag:11.2f}"
    )
