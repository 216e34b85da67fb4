"""Deleting turns from the tree: what went on from them goes on from their nearest parent that stays."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import turns

CHUNK = 500
"""Ids in one statement; databases take some thousands at the most."""


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


async def delete_turns(connection: AsyncConnection, turn_ids: Sequence[int]) -> int:
    """Delete up to CHUNK turns, with what shows them; return how many there were."""
    doomed = await connection.execute(select(turns.c.id, turns.c.parent_id).where(turns.c.id.in_(turn_ids)))
    parents = {row.id: row.parent_id for row in doomed}
    if not parents:
        return 0
    await _give_away_children(connection, parents)
    these = turns.c.id.in_(parents)
    await connection.execute(update(turns).where(these).values(parent_id=None))  # none holds another
    await connection.execute(delete(turns).where(these))
    return len(parents)


async def _give_away_children(connection: AsyncConnection, parents: Mapping[int, int | None]) -> None:
    children = await connection.execute(select(turns.c.id, turns.c.parent_id).where(turns.c.parent_id.in_(parents)))
    moves = [
        {"child": child.id, "new_parent": _nearest_that_stays(child.parent_id, parents)}
        for child in children
        if child.id not in parents
    ]
    if moves:
        move = update(turns).where(turns.c.id == bindparam("child")).values(parent_id=bindparam("new_parent"))
        await connection.execute(move, moves)


def _nearest_that_stays(turn_id: int | None, parents: Mapping[int, int | None]) -> int | None:
    while turn_id is not None and turn_id in parents:
        turn_id = parents[turn_id]
    return turn_id
