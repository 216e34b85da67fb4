"""A message's text as HTML."""

from collections.abc import Callable, Iterator, Sequence

from markdown_it.common.utils import escapeHtml

from playground.web.markdown.blocks import Block, Code, Heading, Item, Items, Quote, Subtext, Text, split
from playground.web.markdown.code import coloured
from playground.web.markdown.inline import engine
from playground.web.markdown.names import Names

Inline = Callable[[str], str]


def draw(text: str, names: Names) -> str:
    """
    Draw Discord's Markdown. What is not Discord's is shown as it was typed, and nothing in it is HTML.

    >>> draw("**<b>**", Names())
    '<p><strong>&lt;b&gt;</strong></p>'
    """
    env = {"names": names}
    return "".join(_block(block, lambda line: engine().renderInline(line, env)) for block in split(text))


def _block(block: Block, inline: Inline) -> str:
    match block:
        case Text(text):
            return f"<p>{inline(text)}</p>"
        case Heading(level, text):
            return f"<h{level}>{inline(text)}</h{level}>"
        case Subtext(text):
            return f'<small class="subtext">{inline(text)}</small>'
        case Code(language, code):
            known = f' data-language="{escapeHtml(language)}"' if language else ""
            return f'<pre{known}><code class="highlight">{coloured(code, language)}</code></pre>'
        case Quote(blocks):
            return f"<blockquote>{''.join(_block(one, inline) for one in blocks)}</blockquote>"
        case Items(items):
            return "".join(_lists(items, inline))


def _lists(items: Sequence[Item], inline: Inline) -> Iterator[str]:
    """Nest the items by their depth; where numbers begin or end, so does a list."""
    open_lists: list[str] = []
    for item in items:
        tag = "ul" if item.number is None else "ol"
        while len(open_lists) > item.depth + 1 or (len(open_lists) == item.depth + 1 and open_lists[-1] != tag):
            yield f"</li></{open_lists.pop()}>"
        if len(open_lists) == item.depth + 1:
            yield "</li>"
        else:
            yield f"<{tag}>" if item.number is None else f'<ol start="{item.number}">'
            open_lists.append(tag)
        yield f"<li>{inline(item.text)}"
    while open_lists:
        yield f"</li></{open_lists.pop()}>"
