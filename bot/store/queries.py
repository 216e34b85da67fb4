"""Statements that find turns."""

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select

from bot.core.memory import StoredTurn
from bot.store.schema import fresh_starts, turn_messages, turns

LONGEST_PATH = 1000
"""Turns of a branch that are looked at, the newest; no context holds more."""


def path_to(turn_id: int) -> Select[Any]:
    """A turn and what came before it on its branch, newest first."""
    start = select(turns.c.id, turns.c.parent_id, literal(1).label("length")).where(turns.c.id == turn_id)
    branch = start.cte("branch", recursive=True)
    before = select(turns.c.id, turns.c.parent_id, branch.c.length + 1)
    before = before.join(branch, turns.c.id == branch.c.parent_id).where(branch.c.length < LONGEST_PATH)
    branch = branch.union_all(before)
    return select(turns).join(branch, turns.c.id == branch.c.id).order_by(branch.c.length)


def may_know(leaf: StoredTurn, turn: StoredTurn) -> bool:
    """Tell whether what follows `leaf` may be said in knowledge of `turn`."""
    return not turn.private or (leaf.private and leaf.speaker.id == turn.speaker.id)


def newest_in(channel_id: int) -> Select[Any]:
    """
    The newest question in a channel that is no secret, by the first message that shows it.

    Or an answer whose question is not shown there. Others stand where their question does: further pages of an old
    answer, or another answer to an old question, do not make it newer.
    """
    earlier, asked, question = turn_messages.alias(), turn_messages.alias(), turns.alias()
    is_first = ~exists().where(
        earlier.c.turn_id == turn_messages.c.turn_id, earlier.c.message_id < turn_messages.c.message_id
    )
    # If its question was deleted, an answer follows what came before that.
    follows_question = exists().where(
        question.c.id == turns.c.parent_id,
        question.c.role == "user",
        asked.c.turn_id == question.c.id,
        asked.c.channel_id == channel_id,
    )
    return (
        _shown()
        .where(turn_messages.c.channel_id == channel_id, ~turns.c.private, _is_after_fresh_start(channel_id))
        .where(is_first, or_(turns.c.role == "user", ~follows_question))
        .order_by(turn_messages.c.message_id.desc(), *_NEWEST_ANSWER_FIRST)
        .limit(1)
    )


def origin_of(thread_id: int) -> Select[Any]:
    """What the message shows from which a thread was started, and which has the thread's own id."""
    return (
        _shown()
        .where(turn_messages.c.message_id == thread_id, ~turns.c.private, _is_after_fresh_start(thread_id))
        .order_by(*_NEWEST_ANSWER_FIRST)
        .limit(1)
    )


def newest_answer_to(question_id: int) -> Select[Any]:
    return (
        select(turns)
        .where(turns.c.parent_id == question_id, turns.c.role == "assistant", ~turns.c.private)
        .order_by(turns.c.id.desc())
        .limit(1)
    )


def shown_by(message_id: int) -> Select[Any]:
    """What a message shows, its newest answer first."""
    return _shown().where(turn_messages.c.message_id == message_id).order_by(*_NEWEST_ANSWER_FIRST)


_NEWEST_ANSWER_FIRST = (turns.c.role, turns.c.id.desc())  # "assistant" comes before "user"


def _shown() -> Select[Any]:
    return select(turns).join(turn_messages, turn_messages.c.turn_id == turns.c.id)


def _is_after_fresh_start(channel_id: int) -> ColumnElement[bool]:
    start = select(fresh_starts.c.after_message_id).where(fresh_starts.c.channel_id == channel_id)
    return turn_messages.c.message_id > func.coalesce(start.scalar_subquery(), -1)
