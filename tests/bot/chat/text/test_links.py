import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.text.links import Links, restored
from bot.chat.text.pages import AnswerPages
from bot.core.model import Ending, Outcome, Phase
from tests.bot.chat.text import clickable, reader

GOOD, EVIL = "good.example", "evil.test"
ONLY_GOOD = Links.to([GOOD])

HOSTS = [
    *(GOOD, f"www.{GOOD}", f"{GOOD}.", f"{GOOD}:80", EVIL, f"{GOOD}.{EVIL}", f"evil-{GOOD}", f"/{EVIL}", "[::1]", ""),
    *(f"{GOOD}@{EVIL}", f"{GOOD}\\@{EVIL}", f"{GOOD}:80@{EVIL}", f"{GOOD}%2e{EVIL}", f"{GOOD}*.{EVIL}"),
    *(f"{GOOD}{char}.{EVIL}" for char in "\u200b_\x1f\ufeff\n>"),
    *(f"{GOOD}\t.{EVIL}>", f"{GOOD}\u3000", f"{GOOD}。{EVIL}", f"{GOOD}。рф", "xn--80ak6aa92e.test", "gооd.example"),
]
SCHEMES = [
    *("https://", "HTTP://", "xhttps://", "hTTps://", "\\https://", "https\\://", "https:\\//", "http:\\/\\/"),
    *("https:/", "steam://", "mailto:x@", "ftp://", "ht\u200btps://"),
]
ADDRESSES = st.builds(str.__add__, st.sampled_from(SCHEMES), st.sampled_from(HOSTS))
INVITES = ["discord.gg/abc", "Discord.GG/abc", "discord.com/invite/a", "discordapp.com/invite/a", "discord.gg\\/a"]
MARKS = [
    *("*", "**", "_", "__", "~~", "||", "`", "``", "```", "```py\n", "\n```\n", "\n", "\n\n", "\n> ", "> ", " ", " "),
    *("\\", "<", ">", "[", "](", ")", "(", "a", "word", ".", "/path", "?u=", "* ", "# ", "@", ":"),
    *("<@1>", "<+1", "<a@b.c>"),
]
HOSTILE = st.lists(ADDRESSES | st.sampled_from([*INVITES, *MARKS]), max_size=25).map("".join)
TEXTS = HOSTILE | st.lists(HOSTILE | reader.MODELS, max_size=4).map("".join)
few = settings(max_examples=150, deadline=None)


def strangers(message):
    """Give what can be clicked in a message and leads elsewhere than to the allowed host."""
    found = [*clickable.as_discord(message), *clickable.as_playground(message)]
    hosts = {address: clickable.host(address) for address in found}
    return [address for address, host in hosts.items() if not (host and (host == GOOD or host.endswith(f".{GOOD}")))]


@few
@given(page=TEXTS)
def test_no_page_holds_a_link_to_another_host(page):
    drawn = ONLY_GOOD.drawn(page)
    assert strangers(drawn) == []
    assert len(drawn) <= len(page)
    assert ONLY_GOOD.drawn(drawn) == drawn


@few
@given(text=TEXTS, question=HOSTILE, sizes=reader.SIZES, limit=st.sampled_from([700, 2000]))
def test_no_message_of_an_answer_holds_one_at_any_moment(text, question, sizes, limit):
    pages = AnswerPages(question, "smol", limit, max_pages=99, links=ONLY_GOOD)
    finished = []
    for piece in reader.chunked(text, sizes):
        finished += pages.feed(piece)
        assert strangers(pages.open_page(Phase.WRITING)) == []
    shown = [*finished, pages.open_page(Outcome(Ending.DONE))]
    assert [strangers(page) for page in shown if strangers(page)] == []
    whole = AnswerPages(question, "smol", limit, max_pages=99, links=ONLY_GOOD)
    assert [*whole.feed(text), whole.open_page(Outcome(Ending.DONE))] == shown


@pytest.mark.parametrize(
    ("page", "drawn"),
    [
        ("see https://evil.test/a", "see https\u2236//evil.test/a"),
        ("see https://good.example/a_b#c.", "see https://good.example/a_b#c."),
        ("**https://docs.good.example**, yes", "**https://docs.good.example**, yes"),
        ("docs (<https://evil.test>)", "docs (https\u2236//evil.test)"),
        ("docs (<https://good.example>)", "docs (<https://good.example>)"),
        ("HTTPS://GOOD.EXAMPLE:8443/", "HTTPS://GOOD.EXAMPLE:8443/"),
        ("https://good.example@evil.test", "https\u2236//good.example@evil.test"),
        ("https://good.example.evil.test", "https\u2236//good.example.evil.test"),
        ("https://good.example./ is it", "https://good.example./ is it"),
        ("join discord.gg/abc", "join discord.gg\u2215abc"),
        ("https://discord.gg/abc", "https\u2236//discord.gg\u2215abc"),
        ("steam://run/1", "steam\u2236//run/1"),
        ("write to <a@good.example>", "write to a@good.example"),
        ("call <tel:+4912> or <+4912>", "call tel:+4912 or +4912"),
        ("<@1> <:a:2> <t:3:R> </ask:4>", "<@1> <:a:2> <t:3:R> </ask:4>"),
        ("https://good.example/?to=https://evil.test", "https://good.example/?to=https://evil.test"),
        ("||https://good.example/||https://evil.test", "||https://good.example/||https\u2236//evil.test"),
        ("12:30, a: b, C++ a::b", "12:30, a: b, C++ a::b"),
    ],
)
def test_other_links_become_text_and_all_else_stays(page, drawn):
    assert ONLY_GOOD.drawn(page) == drawn


@pytest.mark.parametrize(
    "page",
    [
        "run `curl https://evil.test/a_b` now",
        "**Do this:**\n```sh\ncurl https://evil.test # **x**\n```\nthen `https://evil.test`",
        "1. first\n   ```\n   https://evil.test\n   ```\n* second `https://evil.test/*`",
        "> ```\n> https://evil.test\n> ```",
        "snake_case and `https://evil.test/snake_case`",
    ],
)
def test_addresses_in_code_stay_as_they_are(page):
    assert ONLY_GOOD.drawn(page) == page


@pytest.mark.parametrize(
    "page",
    [
        "**a `b** https://evil.test `",
        "`a\n> b` https://evil.test `c",
        "> ```\nhttps://evil.test\n```",
        "https://good.example/` https://evil.test `",
        "```\n```\nx\n```\nhttps://evil.test\n```",
        "****a `b** https://evil.test `",
        "_a_b `x_ https://evil.test `",
        "[a\n`](https://evil.test)`",
        "[a\n`](https:evil.test)`",
        "<\n```\na:/b>https://evil.test\n```",
        "abchttps://good.example?u=https://good.examplehttps://good.example",
        "https://good.example/path>https://good.examplehttps://good.example",
        "**https://good.example/**https://evil.test",
        "<https://good.example\n.evil.test>",
        "https://good.example<mailto:x@evil.test>",
        "https://good.example\u200b.evil.test",
        "https://good.example。рф",
    ],
)
def test_what_readers_differ_on_leads_nowhere_for_any_of_them(page):
    assert strangers(page), "or it would show nothing"
    assert strangers(ONLY_GOOD.drawn(page)) == []


@pytest.mark.parametrize(
    "page",
    [
        "**a** " * 150 + "`*` " * 250 + "://",
        "*_" * 200 + "a" + "_*" * 200 + "`*` " * 300 + "https://x",
        "<+1" * 660,
        "<a@b" * 500,
        "://" * 660,
        "https://good.example/*" * 90,
    ],
)
def test_a_page_that_is_made_to_take_long_takes_no_time_to_speak_of(page):
    before = time.process_time()
    ONLY_GOOD.drawn(page[:2000])
    assert time.process_time() - before < 0.2  # some 30 ms at most on a slow machine


def test_a_link_is_text_from_its_first_letters_on_until_its_host_is_known():
    pages = AnswerPages(None, "smol", links=ONLY_GOOD)
    shown = []
    for char in "https://good.example.evil.test":
        pages.feed(char)
        shown.append(pages.open_page(Phase.WRITING).split("\n")[0])
    assert shown[len("https://good.exampl")] == "https://good.example"
    assert [page for page in shown if "://" in page and not page.endswith(("good.example", "good.example."))] == []


def test_without_a_list_every_link_stays_and_with_none_not_one_does():
    page = "https://evil.test, https://none, https://good.example, discord.gg/abc"
    assert Links().drawn(page) == Links.to([]).drawn(page) == page
    assert "://" not in Links.to(["none"]).drawn(page)


@few
@given(page=st.lists(ADDRESSES | st.sampled_from([" ", "word", "\n", ": ", *INVITES]), max_size=15).map("".join))
def test_what_was_drawn_can_be_read_as_it_was(page):
    assert restored(ONLY_GOOD.drawn(page)) == page
