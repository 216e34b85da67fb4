"""Where a channel goes on, and after which message it began anew."""

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.memory import StoredTurn
from bot.store.queries import newest_answer_to, newest_in, origin_of
from bot.store.rows import to_turn
from bot.store.schema import fresh_starts


async def tip(connection: AsyncConnection, channel_id: int) -> StoredTurn | None:
    for statement in (newest_in(channel_id), origin_of(channel_id)):
        row = (await connection.execute(statement)).first()
        if row is not None and row.role == "user":
            row = (await connection.execute(newest_answer_to(row.id))).first() or row
        if row is not None:
            return to_turn(row)
    return None


async def fresh_since(connection: AsyncConnection, channel_id: int) -> int | None:
    statement = select(fresh_starts.c.after_message_id).where(fresh_starts.c.channel_id == channel_id)
    return await connection.scalar(statement)


async def start_afresh(connection: AsyncConnection, channel_id: int, after: int) -> None:
    latest = max(after, await fresh_since(connection, channel_id) or 0)
    await connection.execute(delete(fresh_starts).where(fresh_starts.c.channel_id == channel_id))
    await connection.execute(insert(fresh_starts), {"channel_id": channel_id, "after_message_id": latest})
