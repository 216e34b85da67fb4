"""The answers under way."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.memory import JournalEntry, Place, Speaker
from bot.store.database import Database
from bot.store.group_commit import Rows
from bot.store.rows import AnyRow
from bot.store.schema import run_messages, runs

# Made once: to build a statement and to find its compiled form costs more than to carry it out.
_BEGIN = insert(runs)
_END = delete(runs).where(runs.c.run_id == bindparam("ended"))
_ADD_MESSAGE = insert(run_messages).from_select(
    ["run_id", "message_id"],
    select(runs.c.run_id, bindparam("message", type_=run_messages.c.message_id.type)).where(
        runs.c.run_id == bindparam("run"),
        ~exists().where(run_messages.c.run_id == runs.c.run_id, run_messages.c.message_id == bindparam("message")),
    ),
)
"""Nothing is added to a run that has ended, nor anything twice."""


class StoredJournal:
    """Implements `bot.core.ports.Journal`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, entry: JournalEntry) -> None:
        run, messages = Rows(_BEGIN, [_row(entry)], leads=True), _messages(entry.run_id, entry.message_ids)

        async def both(connection: AsyncConnection) -> None:
            await run(connection)
            await messages(connection)

        await self._database.write(both if messages.rows else run)

    async def add_messages(self, run_id: str, message_ids: Sequence[int]) -> None:
        await self._database.write(_messages(run_id, message_ids))

    async def end(self, run_id: str) -> None:
        await self._database.write(Rows(_END, [{"ended": run_id}]))

    async def unfinished(self) -> Sequence[JournalEntry]:
        statement = (
            select(runs, run_messages.c.message_id)
            .join_from(runs, run_messages, isouter=True)
            .order_by(runs.c.begun_at, runs.c.run_id, run_messages.c.message_id)
        )

        async def operation(connection: AsyncConnection) -> list[JournalEntry]:
            found: dict[str, list[AnyRow]] = {}
            for row in await connection.execute(statement):
                found.setdefault(row.run_id, []).append(row)
            return [_entry(rows) for rows in found.values()]

        return await self._database.read(operation)

    async def erase_tokens(self, begun_before: float) -> None:
        old = (runs.c.begun_at < begun_before, runs.c.token != "")

        async def operation(connection: AsyncConnection) -> int:
            return (await connection.execute(update(runs).where(*old).values(token=""))).rowcount

        await self._database.erase(operation)


def _messages(run_id: str, message_ids: Sequence[int]) -> Rows:
    return Rows(_ADD_MESSAGE, [{"run": run_id, "message": message_id} for message_id in message_ids])


def _row(entry: JournalEntry) -> dict[str, object]:
    return {
        "run_id": entry.run_id,
        "channel_id": entry.place.channel_id,
        "guild_id": entry.place.guild_id,
        "asker_id": entry.asker.id,
        "asker_name": entry.asker.name,
        "private": entry.private,
        "model": entry.model,
        "begun_at": entry.begun_at,
        "answer_id": entry.answer_id,
        "application_id": entry.application_id,
        "token": entry.token,
    }


def _entry(rows: Sequence[AnyRow]) -> JournalEntry:
    run = rows[0]
    return JournalEntry(
        run_id=run.run_id,
        place=Place(run.channel_id, run.guild_id),
        asker=Speaker(run.asker_id, run.asker_name),
        private=run.private,
        model=run.model,
        begun_at=run.begun_at,
        answer_id=run.answer_id,
        application_id=run.application_id,
        token=run.token,
        message_ids=tuple(row.message_id for row in rows if row.message_id is not None),
    )
