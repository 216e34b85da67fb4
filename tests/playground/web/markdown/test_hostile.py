"""Texts that were written to break out, or to take for ever."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from playground.web.markdown.code import COLOURED_CHARS, LANGUAGES
from playground.web.markdown.draw import draw
from playground.web.markdown.names import Names

TAGS = "p h1 h2 h3 small pre code span a strong em u s br blockquote ul ol li time"
ATTRIBUTES = "class role tabindex aria-label href target rel data-id data-language start datetime"
VOID = {"br"}


class Checker(HTMLParser):
    """Reads HTML as a browser would and stumbles over whatever must not be in it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS.split(), tag
        for name, value in attrs:
            assert name in ATTRIBUTES.split(), name
            if name == "href":
                assert value.lower().startswith(("http://", "https://")), value
        if tag == "a":
            attributes = dict(attrs)
            assert (attributes["rel"], attributes["target"]) == ("noopener noreferrer nofollow", "_blank")
            assert "a" not in self.open, "a link in a link"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def checked(text, names=None):
    """Draw a text, hold the HTML to the rules, and give the text that a reader sees."""
    checker = Checker()
    checker.feed(draw(text, names or Names()))
    checker.close()
    assert checker.open == [], "an element that is never closed"
    return "".join(checker.text)


EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "</p></div><script>alert(1)</script>",
    "<!-- --><svg/onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    '[x](https://a.b/"onmouseover="alert(1))',
    "[x](https://a.b/'onmouseover='alert(1))",
    '<https://a.b/"onclick="alert(1)>',
    'https://a.b/"onclick="alert(1)',
    "https://a.b/<script>alert(1)</script>",
    "[<script>](https://a.b)",
    "[[x](https://a.b)](https://c.d)",
    "[https://a.b <https://c.d>](https://e.f)",
    "[a <https://c.d> b](https://e.f)",
    "||<b>|| ||[x](https://a.b)||",
    '```html"><script>alert(1)</script>\nx\n```',
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "```js\n</script><script>alert(1)</script>\n```",
    '```"onload="x\ny\n```',
    "```a\n```b\n```c\n``````\n```",
    "`</code><script>`",
    "# <script>\n-# <script>\n> <script>\n- <script>\n1. <script>",
    "<t:1:R><script>",
    '<@1"onclick=x>',
    '<:x"y:1>',
    "**<b>** __<u>__ ~~<s>~~ *<i>*",
    "\x00<script\x00>",
    "\u2028<script>\u2029",
    "<<<<https://a.b>>>>",
    "\\<script>\\</script\\>",
]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_nothing_breaks_out(text):
    checked(text)
    for wrapped in (f"> {text}", f"- {text}", f"||{text}||", f"**{text}**", f"[{text}](https://a.b)", f"```\n{text}"):
        checked(wrapped)


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_names_break_out_of_nothing(evil):
    names = Names({"1": evil}, {"1": evil}, {"1": evil})
    assert checked("<@1> <#1> <@&1>", names) == f"@{evil} #{evil} @{evil}"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a < b && c > d", "&amp; &#60;", "<b>x</b>", "<div"])
def test_html_is_shown_as_it_was_typed(text):
    assert checked(text) == text


MARKS = ["**", "||", "```", "```py\n", "> ", "- ", "1. ", "https://a.b", "<@1>", "](https://x.y)", "<t:1>"]
PIECES = st.sampled_from([*"*_~|`<>[]()#-\\\n @:\"'&ab1", *MARKS])


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_mixture_of_marks_is_sound(text):
    checked(text)


@given(st.text(max_size=200))
def test_any_text_is_sound(text):
    checked(text)


def fill(unit, chars=8000):
    return (unit * (chars // len(unit) + 1))[:chars]


HUGE = [
    "*", "_", "~", "|", "`", "[", "]", "(", "<", ">", "\\", "#", "-", "&", "\n", " ", "a", ":", "@", '"',
    "**", "*_", "*a_", "**a", "_a ", "__a*", "~~a", "||", "||a", "|| ", "`a", "` ``", "``a`", "```", "```\n", "```a\n",
    "[a", "[a](", "[](", "[a](https://", "[a](https://b", "[a](https://(", "[a](https://((", "[\\", "[[a]", "![", "](",
    "<https://", "<https://a", "https://", "https://a", "https://)", "https://a)", "http", "://",
    "<@", "<@1", "<t:", "<t:1", "<:a:", "</a", "</a:1", "<a:bb:", "@everyone", "@here ",
    "> ", ">", ">>> ", "> > ", "> ```\n", "# ", "# \n", "#\n", "-# ", "- ", "- a\n", "  - a\n", "1. ", "1. a\n", "  \n",
    " - a\n  - b\n", "- ```\n", "a\n\n", "\\\n", "*a*", "**a** ", "***a** b* ", "[a](https://b.c) ", "<t:1:R>", "||a||",
    "*a **b __c ~~d ||e ", "\U0001f600", "e\u0301", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("unit", HUGE, ids=repr)
def test_a_huge_text_takes_a_bounded_time(unit):
    """Twice as much takes about twice as long: what is quadratic here would take four times, and seconds."""
    for text in (fill(unit), "x" + fill(unit, 4000) + "\n" + fill("x", 4000)):
        assert seconds(text) < 1.0


LEXERS = sorted({get_lexer_by_name(language).name: language for language in LANGUAGES.split()}.values())


@pytest.mark.parametrize("language", LEXERS)
def test_no_language_takes_for_ever(language):
    for unit in ("(", '"', "\\", "<a "):
        assert seconds(f"```{language}\n{fill(unit, COLOURED_CHARS - 2)}\n```") < 2.0, unit


def test_code_beyond_the_limit_is_not_coloured():
    assert "<span" in draw(f"```py\n{fill('if ', COLOURED_CHARS - 1)}x```", Names())
    assert "<span" not in draw(f"```py\n{fill('if ', COLOURED_CHARS)}x```", Names())


def seconds(text):
    began = time.process_time()
    draw(text, Names())
    return time.process_time() - began


def test_depth_is_bounded():
    for text in (
        "> " * 500 + "a",
        "".join(f"{'  ' * depth}- a\n" for depth in range(300)),
        "||" * 500,
        "*" * 900 + "a" + "*" * 900,
    ):
        checked(text)
