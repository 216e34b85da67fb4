"""Turns and entries to store."""

import itertools

from bot.core.memory import JournalEntry, Place, Speaker, StoredTurn

ANNA, BERT = Speaker(10, "Anna"), Speaker(20, "Bert")
HERE = Place(channel_id=1, guild_id=2)
NOW = 10**18
"""The id of a message after all others."""


class Turns:
    """Makes turns with rising ids."""

    def __init__(self):
        self._ids = itertools.count(1000)

    def ask(self, text="a question", after=None, **fields):
        return self._make("user", text, after, fields)

    def answer(self, text, to, **fields):
        return self._make("assistant", text, to, {"model": "m", **fields})

    def _make(self, role, text, parent, fields):
        fields = {"place": HERE, "speaker": ANNA, **fields}
        return StoredTurn(next(self._ids), parent and parent.id, role, text, **fields)


def entry(run_id="run", **fields):
    fields = {"place": HERE, "asker": ANNA, "private": False, "model": "m", "begun_at": 100.5, **fields}
    return JournalEntry(run_id, **fields)


def url_of(path):
    return f"sqlite+aiosqlite:///{path}"
