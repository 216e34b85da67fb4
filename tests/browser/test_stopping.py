"""Stopping in the browser, in every way, by those who may."""

import asyncio

import pytest
from playwright.async_api import expect

from playground.llm.script import say

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENDLESS = [f"word{number} " for number in range(100_000)]


async def by_button(window, _):
    await window.button("Stop").click()


async def by_reaction(window, article):
    await window.act_on(article, "Add a reaction")
    await window.page.get_by_role("menuitem", name="stop sign").click()


async def by_command(window, _):
    await window.use("stop")


async def asked(stage, window):
    """Ask something that is answered for ever; give the answer's article."""
    stage.play(say(ENDLESS, pace=0.02))
    await window.ask("Why?")
    article = window.message("word3")
    await expect(article).to_be_visible()
    return article


@pytest.mark.parametrize("way", [by_button, by_reaction, by_command])
async def test_an_answer_is_stopped_and_what_was_there_stays(way, stage, window):
    article = await asked(stage, window)
    await way(window, article)
    await expect(article).to_contain_text("stopped by ann")
    await expect(window.content(article)).to_contain_text("word3")
    await expect(window.button("Stop")).to_have_count(0)
    async with asyncio.timeout(5):
        await (await stage.asked()).left()


@pytest.mark.parametrize("way", [by_button, by_command])
async def test_a_plain_member_may_not_stop_anothers_and_is_told_so_alone(way, stage, window, play, opened):
    await window.become("bob")
    article = await asked(stage, window)
    await window.become("ann")
    await way(window, article)
    told = window.message("Only you can see this")
    await expect(told).to_contain_text({by_button: "Only the one who asked", by_command: "Nothing of yours"}[way])
    await expect(window.button("Stop")).to_be_visible()
    assert stage.open == 1, "the model goes on"

    await window.become("bob")
    await expect(article).to_be_visible()
    await expect(told).to_have_count(0)
    await way(window, article)
    await expect(article).to_contain_text("stopped by bob")


async def test_a_moderator_stops_what_another_person_watches_in_another_window(stage, window, play, opened):
    bobs = await opened(play)
    await bobs.become("bob")
    article = await asked(stage, window)
    await by_reaction(bobs, bobs.message("word3"))
    for one in (window, bobs):
        await expect(one.message("stopped by bob")).to_be_visible()
    await expect(article.get_by_role("button", name="🛑, 1 reaction", exact=True)).to_be_visible()


async def test_who_one_is_says_what_one_may(window):
    people = window.page.get_by_role("group", name="Who am I?")
    assert [" ".join(words.split()) for words in await people.locator("label").all_inner_texts()] == [
        "A ann member",
        "B bob moderator",
        "O owner owns the server",
    ]


async def test_deleting_the_message_stops_it_too(stage, window):
    article = await asked(stage, window)
    await window.become("bob")
    await window.act_on(article, "Delete")
    await window.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(window.articles).to_have_count(0)
    async with asyncio.timeout(5):
        await (await stage.asked()).left()
