"""Going on with an answer in the browser: replies, threads, a reload in between, messages to oneself."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from playground.llm.script import hold, say
from tests.browser.prompts import prompt_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

GONE_ON = [("user", "Why?"), ("assistant", "Because."), ("user", "And then?")]
ENDED = re.compile(r"\d tokens?")


async def answered(stage, window):
    """Ask; give the article of the answer, which has ended."""
    stage.play(say("Because."))
    await window.ask("Why?")
    article = window.message("Because.")
    await expect(article).to_contain_text(ENDED)
    return article


async def test_a_reply_to_an_answer_goes_on_from_it(stage, window):
    article = await answered(stage, window)
    await window.act_on(article, "Reply")
    await expect(window.page.get_by_text("Replying to patter")).to_be_visible()
    stage.play(say("Then it ends."))
    await window.say("And then?")
    await expect(window.message("Then it ends.")).to_contain_text(ENDED)
    assert prompt_of(stage) == GONE_ON
    await expect(window.message("And then?").get_by_role("button", name="Because.")).to_be_visible()


async def test_the_thread_button_takes_an_answer_into_a_thread(stage, window):
    await answered(stage, window)
    await window.button("Continue in thread").click()
    card = window.page.get_by_role("button", name="Open the thread")
    await card.click()
    await expect(window.composer).to_have_accessible_name("Message Why?")
    stage.play(say("Then it ends."))
    await window.say("@patter And then?")
    await expect(window.message("Then it ends.")).to_contain_text(ENDED)
    assert prompt_of(stage) == GONE_ON
    channels = window.page.get_by_role("navigation", name="Channels")
    await channels.get_by_role("button", name="general", exact=True).click()
    await expect(window.message("Then it ends.")).to_have_count(0)
    await expect(card).to_be_visible()


async def test_ask_can_answer_in_a_thread_of_its_own(stage, window):
    stage.play(say("Because."))
    await window.type("/ask Why?")
    await window.page.get_by_role("button", name="Add the option thread").click()
    await window.completion.get_by_role("option", name="True").click()
    await window.page.keyboard.press("Enter")
    threads = window.page.get_by_role("list", name="Threads of general")
    await threads.get_by_role("button", name="Why?").click()
    await expect(window.message("Because.")).to_contain_text(ENDED)
    assert prompt_of(stage) == [("user", "Why?")]


async def test_a_thread_can_be_started_from_any_message(window):
    await window.say("Let us talk.")
    await window.act_on(window.message("Let us talk."), "Start a thread")
    dialog = window.page.get_by_role("dialog", name="Start a thread")
    await dialog.get_by_role("textbox", name="Name of the thread").fill("Our thread")
    await dialog.get_by_role("button", name="Create").click()
    await expect(window.composer).to_have_accessible_name("Message Our thread")


async def test_a_private_question_is_for_the_asker_alone(stage, window, play, opened):
    bobs = await opened(play)
    await bobs.become("bob")
    stage.play(say("A secret."))
    await window.type("/ask Why?")
    await window.page.get_by_role("button", name="Add the option private").click()
    await window.completion.get_by_role("option", name="True").click()
    await window.page.keyboard.press("Enter")
    await expect(window.message("A secret.")).to_contain_text("Only you can see this")
    stage.play(say("For all."))
    await window.ask("And now?")
    await expect(bobs.message("For all.")).to_be_visible()
    await expect(bobs.articles).to_have_count(1)


async def test_after_a_reload_in_mid_stream_the_message_goes_on_growing(stage, window):
    gate = asyncio.Event()
    stage.play(say("Half of it,"), hold(gate), say(" and the rest."))
    await window.ask("Why?")
    await expect(window.message("Half of it,")).to_be_visible()
    await window.page.reload()
    article = window.message("Half of it,")
    await expect(article).to_be_visible()
    await expect(window.button("Stop")).to_be_visible()
    gate.set()
    await expect(window.content(article)).to_contain_text("Half of it, and the rest.")
    await expect(window.articles).to_have_count(1)


async def test_what_was_typed_waits_in_its_channel(window):
    channels = window.page.get_by_role("navigation", name="Channels")
    await window.type("A draft")
    await channels.get_by_role("button", name="side").click()
    await expect(window.composer).to_have_value("")
    await channels.get_by_role("button", name="general").click()
    await expect(window.composer).to_have_value("A draft")
