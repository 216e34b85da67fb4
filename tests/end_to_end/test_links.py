"""Where links in answers lead: none is unfurled, and with a list of hosts no other can be clicked, not for a moment."""

import pytest

from bot.composition import Timing
from playground.llm.script import hold, say
from tests.bot.chat.text import clickable
from tests.end_to_end.scene import scene, town
from tests.end_to_end.talk import to_bot

SUPPRESS_EMBEDS = 4
LINK = "https://evil.test/a"
LONG = ["Some words before it, and more of them. "] * 70 + [f"See {LINK} and https://docs.good.example/b."]
EARLY = Timing(guild_ready_timeout_s=0.05, handover_s=0.3)


def answers(play):
    everywhere = [message for channel in play.ann._inbox.channels for message in play.ann.messages(channel)]
    return [message for message in everywhere if play.is_answer(message)]


async def ended(play, sign="tokens"):
    last = await play.ann.until(lambda message: play.is_answer(message) and sign in message["content"], 8.0)
    await play.idle()
    return last


@pytest.mark.parametrize("options", [{}, {"private": True}, {"thread": True}, {"timing": EARLY}, {"by_message": True}])
async def test_no_link_is_unfurled_whatever_way_it_is_written(options):
    async with scene(timing=options.pop("timing", None)) as play:
        play.stage.play(say(LONG, pace=0.01))
        if options.pop("by_message", False):
            await play.ann.say(play.channel, to_bot(play, f"Is {LINK} good?"))
        else:
            await play.ann.command(play.channel, "ask", prompt=f"Is {LINK} good?", **options)
        await ended(play)
        texts = [message for message in answers(play) if "words" in message["content"]]
        assert len(texts) > 1
        assert [message["content"] for message in texts if not message["flags"] & SUPPRESS_EMBEDS] == []


async def test_no_link_is_unfurled_after_a_retry_or_a_restart():
    async with town() as play:
        async with play.at_work():
            play.stage.play(say(f"First {LINK}."))
            first = await play.ask()
            shown = await play.shows(first, "tokens")
            await play.idle()
            play.stage.play(say(f"Second {LINK}."), hold())
            await play.ann.click(shown, f"retry:{play.ann.id}")
            await play.shows(first, "Second")
            await play.bot.services.runs.close(0)
        async with play.at_work():
            last = await play.shows(first, "Second", "interrupted")
            assert last["flags"] & SUPPRESS_EMBEDS


async def test_with_a_list_of_hosts_no_other_link_can_be_clicked_at_any_moment():
    """Also one that comes letter by letter, so that it is split over tokens, edits and pages."""
    async with scene(link_hosts=["good.example"]) as play:
        letters = list(f"See {LINK} or <{LINK}>, discord.gg/abc and [docs](https://docs.good.example/b). ")
        play.stage.play(say([*letters, *LONG[:-1], *letters], pace=0.003))
        await play.ann.command(play.channel, "ask", prompt=f"Is {LINK} good?")
        await ended(play)
        ours = [entry.body for entry in play.requests() if entry.by in {None, play.bot.user.id}]
        messages = [body.get("data", body) for body in ours if isinstance(body, dict)]
        written = [message["content"] for message in messages if message.get("content")]
        assert len(written) > 5
        found = {
            address for text in written for address in [*clickable.as_discord(text), *clickable.as_playground(text)]
        }
        assert {clickable.host(address) for address in found} == {"docs.good.example"}
        assert "evil.test/a" in written[-1]


async def test_what_the_model_is_told_again_is_what_it_wrote():
    """Kept in the database, and read back from Discord where it is not there."""
    wrote = f"See {LINK} and discord.gg/abc."
    async with town() as play:
        async with play.at_work(link_hosts=["none"]):
            play.stage.play(say(wrote))
            await play.ann.say(play.channel, to_bot(play, "Where?"))
            answer = await ended(play)
            assert LINK not in answer["content"]
            await play.ann.say(play.channel, to_bot(play, "And?"), reply_to=int(answer["id"]))
            await play.stage.asked(1)
            assert ("assistant", wrote) in play.prompt()
            await play.idle()
        async with play.at_work(link_hosts=["none"], database_url=f"sqlite+aiosqlite:///{play.folder}/new.db"):
            await play.ann.say(play.channel, to_bot(play, "Again?"), reply_to=int(answer["id"]))
            await play.stage.asked(2)
            assert ("assistant", wrote) in play.prompt()
