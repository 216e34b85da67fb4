"""Text of users, made harmless: Discord draws it as it was typed."""

import re

from bot.chat.text.graphemes import clip

QUESTION_CHARS = 200

_ZERO_WIDTH_SPACE = "\u200b"
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_UNSEEN = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""What turns the direction of the text around it, and what has no width but joins no characters either."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_OF_DISCORD = "|".join(
    rf"(?<=discord{end})" for end in (r"\.gg", r"\.com", r"app\.com", r"\.gift", r"\.new", r"\.media")
)
"""What Discord shows as an invitation or a gift, also without a scheme, goes on with a slash."""
_ACTIVE = re.compile(rf"@|<|(?<=:)(?=//)|(?:{_OF_DISCORD})(?=/)", re.IGNORECASE)
_MARKS = re.compile(r"[\\*_~|`\[\]]")
_LINE_START = re.compile(r"^(?:(?=[>#+-])|(\d{1,9})(?=[.)]))")


def one_line(text: str, limit: int) -> str:
    r"""
    Put text on one line, at most `limit` code points of it, without what turns the direction of writing.

    Mentions, custom emoji, time stamps and links are defused by a space of no width each; markdown stays.

    >>> one_line("ask  @everyone\nabout https://example.com", limit=40)
    'ask @\u200beveryone about https:\u200b//example.com'
    """
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))
    text = clip(_BLANKS.sub(" ", text).strip(), limit)
    return _ACTIVE.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, text)


def neutralise(text: str, limit: int = QUESTION_CHARS) -> str:
    r"""
    Put text on one line that Discord draws as it was typed, at most `limit` code points of it.

    The result is up to about twice as long, for what defuses and escapes.

    >>> print(neutralise("# what does `a * b * c` do?"))
    \# what does \`a \* b \* c\` do?
    """
    escaped = _MARKS.sub(r"\\\g<0>", one_line(text, limit))
    return _LINE_START.sub(r"\1\\", escaped)


def question_line(prompt: str, limit: int = QUESTION_CHARS) -> str:
    """
    Quote a question above its answer, on one line.

    >>> question_line("Why is the sky blue?")
    '> **Why is the sky blue?**'
    """
    return f"> **{neutralise(prompt, limit) or '…'}**"
