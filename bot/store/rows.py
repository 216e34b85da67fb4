"""Turns as rows."""

from sqlalchemy import Row

from bot.core.memory import Place, Speaker, StoredTurn

AnyRow = Row[tuple[object, ...]]


def to_row(turn: StoredTurn) -> dict[str, object]:
    return {
        "id": turn.id,
        "parent_id": turn.parent_id,
        "role": turn.role,
        "text": turn.text,
        "channel_id": turn.place.channel_id,
        "guild_id": turn.place.guild_id,
        "speaker_id": turn.speaker.id,
        "speaker_name": turn.speaker.name,
        "private": turn.private,
        "model": turn.model,
        "tokens": turn.tokens,
    }


def to_turn(row: AnyRow) -> StoredTurn:
    return StoredTurn(
        id=row.id,
        parent_id=row.parent_id,
        role=row.role,
        text=row.text,
        place=Place(row.channel_id, row.guild_id),
        speaker=Speaker(row.speaker_id, row.speaker_name),
        private=row.private,
        model=row.model,
        tokens=row.tokens,
    )
