"""A tree of turns, and which messages show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.memory import Edited, Forgotten, Place, StoredTurn, turn_id_at
from bot.store.database import Database
from bot.store.fresh_starts import fresh_since, start_afresh, tip
from bot.store.group_commit import Rows
from bot.store.marks import Marks
from bot.store.queries import may_know, path_to, shown_by
from bot.store.rows import to_row, to_turn
from bot.store.schema import fresh_starts, runs, turn_messages, turns
from bot.store.tree import CHUNK, chunks, delete_turns

# Made once: to build a statement and to find its compiled form costs more than to carry it out.
_FINISH = (
    update(turns)
    .where(turns.c.id == bindparam("turn"))
    .values({"text": bindparam("said"), "tokens": bindparam("spent")})
)
_LINK = insert(turn_messages).from_select(
    ["turn_id", "channel_id", "message_id"],
    select(turns.c.id, turns.c.channel_id, bindparam("message", type_=turn_messages.c.message_id.type)).where(
        turns.c.id == bindparam("turn"),
        ~exists().where(turn_messages.c.turn_id == turns.c.id, turn_messages.c.message_id == bindparam("message")),
    ),
)
"""Nothing is linked to a turn that is gone, nor anything twice."""


class StoredConversations:
    """Implements `bot.core.ports.Conversations`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = Marks(database)

    async def add(self, *added: StoredTurn, shown_by: Mapping[int, Sequence[int]] | None = None) -> None:
        links = [
            link for turn in added for link in _links(turn.id, turn.place.channel_id, (shown_by or {}).get(turn.id))
        ]

        async def operation(connection: AsyncConnection) -> None:
            await _insert(connection, added)
            if links:
                await connection.execute(insert(turn_messages), links)

        await self._database.write(operation)

    async def link(self, turn_id: int, message_ids: Sequence[int]) -> None:
        await self._database.write(Rows(_LINK, [{"turn": turn_id, "message": id_} for id_ in message_ids]))

    async def unlink(self, message_ids: Iterable[int]) -> None:
        statements = [delete(turn_messages).where(turn_messages.c.message_id.in_(ids)) for ids in chunks(message_ids)]

        async def operation(connection: AsyncConnection) -> None:
            for statement in statements:
                await connection.execute(statement)

        await self._database.write(operation)

    async def finish(self, turn_id: int, text: str, *, tokens: int = 0) -> None:
        await self._database.write(Rows(_FINISH, [{"turn": turn_id, "said": text, "spent": tokens}]))

    async def path(self, turn_id: int) -> Sequence[StoredTurn]:
        branch = await self._find(path_to(turn_id))
        return [turn for turn in reversed(branch) if turn.text is not None and may_know(branch[0], turn)]

    async def turn(self, turn_id: int) -> StoredTurn | None:
        return _first(await self._find(select(turns).where(turns.c.id == turn_id)))

    async def showing(self, message_id: int) -> StoredTurn | None:
        return _first(await self._find(shown_by(message_id)))

    async def messages_of(self, turn_id: int) -> Sequence[int]:
        return await self._database.read(lambda connection: _messages_of(connection, turn_id))

    async def tip(self, channel_id: int) -> StoredTurn | None:
        return await self._database.read(lambda connection: tip(connection, channel_id))

    async def start_afresh(self, channel_id: int, after: int) -> bool:
        async def operation(connection: AsyncConnection) -> bool:
            goes_on = await tip(connection, channel_id) is not None
            await start_afresh(connection, channel_id, after)
            return goes_on

        return await self._database.write(operation)

    async def fresh_since(self, channel_id: int) -> int | None:
        return await self._database.read(lambda connection: fresh_since(connection, channel_id))

    async def edit(self, message_id: int, text: str) -> Edited | None:
        question = await self.showing(message_id)
        if question is None or question.role != "user" or question.text == text:
            return None
        changed = replace(question, text=text)

        async def operation(connection: AsyncConnection) -> Edited | None:
            done = await connection.execute(update(turns).where(turns.c.id == changed.id).values(text=text))
            return await _edited(connection, changed) if done.rowcount else None

        return await self._database.erase(operation)

    async def drop_messages(self, message_ids: Iterable[int]) -> int:
        shown = [turn_messages.c.message_id.in_(chunk) for chunk in chunks(message_ids)]

        async def find(connection: AsyncConnection) -> set[int]:
            return {
                id_ for which in shown for id_ in await connection.scalars(select(turn_messages.c.turn_id).where(which))
            }

        found = await self._database.read(find)  # most messages show no turn; nothing is written for them
        return await self._delete(found) if found else 0

    async def drop(self, turn_id: int) -> None:
        await self._delete([turn_id])

    async def forgotten(self) -> Mapping[int, int]:
        return await self._marks.all()

    async def forget(self, user_id: int, up_to: int) -> Forgotten:
        await self._marks.set(user_id, up_to)  # first: what is read back meanwhile is either deleted below or not kept
        theirs = turns.c.speaker_id == user_id
        question = turns.alias()
        their_questions = select(question.c.id).where(question.c.speaker_id == user_id, question.c.role == "user")
        answers = and_(turns.c.role == "assistant", or_(theirs, turns.c.parent_id.in_(their_questions)))
        answer_count = await self._delete_all(answers)
        question_count = await self._delete_all(theirs)
        await self._forget_in_journal(user_id)
        return Forgotten(question_count, answer_count)

    async def places(self) -> Sequence[Place]:
        statement = select(turns.c.channel_id, turns.c.guild_id).where(turns.c.guild_id.is_not(None)).distinct()

        async def operation(connection: AsyncConnection) -> list[Place]:
            return [Place(row.channel_id, row.guild_id) for row in await connection.execute(statement)]

        return await self._database.read(operation)

    async def drop_channel(self, channel_id: int) -> int:
        count = await self._delete_all(turns.c.channel_id == channel_id)
        statement = delete(fresh_starts).where(fresh_starts.c.channel_id == channel_id)
        await self._database.write(lambda connection: connection.execute(statement))
        return count

    async def expire(self, said_before: float) -> int:
        return await self._delete_all(turns.c.id < turn_id_at(said_before))

    async def _find(self, statement: Select[Any]) -> list[StoredTurn]:
        async def operation(connection: AsyncConnection) -> list[StoredTurn]:
            return [to_turn(row) for row in await connection.execute(statement)]

        return await self._database.read(operation)

    async def _forget_in_journal(self, user_id: int) -> None:
        unneeded = {"asker_name": "", "answer_id": None}  # mending does without
        statement = update(runs).where(runs.c.asker_id == user_id).values(unneeded)

        async def operation(connection: AsyncConnection) -> int:
            return (await connection.execute(statement)).rowcount

        await self._database.erase(operation)

    async def _delete(self, turn_ids: Iterable[int]) -> int:
        async def operation(connection: AsyncConnection) -> int:
            return sum([await delete_turns(connection, ids) for ids in chunks(turn_ids)])

        return await self._database.erase(operation)

    async def _delete_all(self, which: ColumnElement[bool]) -> int:
        """Delete bit by bit: whoever writes meanwhile need not wait for all of it."""
        oldest = select(turns.c.id).where(which).order_by(turns.c.id).limit(CHUNK)

        async def operation(connection: AsyncConnection) -> int:
            return await delete_turns(connection, (await connection.scalars(oldest)).all())

        count, last = 0, CHUNK
        while last == CHUNK:
            last = await self._database.erase(operation)
            count += last
        return count


async def _insert(connection: AsyncConnection, added: Sequence[StoredTurn]) -> None:
    known = {turn.id for turn in added}
    for ids in chunks({turn.parent_id for turn in added if turn.parent_id is not None} - known):
        known.update(await connection.scalars(select(turns.c.id).where(turns.c.id.in_(ids))))
    # A parent that has been deleted meanwhile leaves a root.
    rows = [turn if turn.parent_id in known else replace(turn, parent_id=None) for turn in added]
    if rows:
        await connection.execute(insert(turns), [to_row(turn) for turn in rows])


def _links(turn_id: int, channel_id: int, message_ids: Iterable[int] | None) -> list[dict[str, int]]:
    once_each = dict.fromkeys(message_ids or ())
    return [{"turn_id": turn_id, "channel_id": channel_id, "message_id": message_id} for message_id in once_each]


async def _messages_of(connection: AsyncConnection, turn_id: int) -> Sequence[int]:
    of_turn = select(turn_messages.c.message_id).where(turn_messages.c.turn_id == turn_id)
    return (await connection.scalars(of_turn.order_by(turn_messages.c.message_id))).all()


async def _edited(connection: AsyncConnection, question: StoredTurn) -> Edited:
    next_turns = select(turns).where(turns.c.parent_id == question.id).order_by(turns.c.id.desc())
    children = (await connection.execute(next_turns)).all()
    answers = [to_turn(row) for row in children if row.role == "assistant"]
    if not answers:
        return Edited(question, None, is_last=not children)
    gone_on = select(turns.c.id).where(turns.c.parent_id.in_([answer.id for answer in answers])).limit(1)
    return Edited(
        question,
        answers[0],
        tuple(await _messages_of(connection, answers[0].id)),
        is_last=len(answers) == len(children) and await connection.scalar(gone_on) is None,
    )


def _first(found: Sequence[StoredTurn]) -> StoredTurn | None:
    return found[0] if found else None
