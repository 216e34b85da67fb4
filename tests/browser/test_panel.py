"""The panel: what it shows moves with what happens, and what it switches happens."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from playground.chat import Limits
from playground.llm.script import hold, say

pytestmark = pytest.mark.asyncio(loop_scope="session")

THREE_STATES = """
() => new Promise((seen) => {
  const panel = new EventSource("/web/panel");
  let left = 3;
  panel.onmessage = () => --left || seen(panel.close());
})
"""

ENDLESS = [f"word{number} " for number in range(100_000)]
ABOVE_NONE = re.compile(r"^(?!0$)[\d.,]+$")
USED = re.compile(r"[0-4] of 5 left")


@pytest.fixture
def limits():
    """Discord's own, so that a bucket stays used for long enough to be seen."""
    return Limits()


def stat(window, unit):
    return window.panel.locator(".stat").filter(has_text=unit).get_by_role("definition")


def bot_state(window):
    return window.panel.get_by_role("status").filter(has_text="patter is")


async def test_the_numbers_follow_an_answer_and_come_to_rest(stage, window):
    stage.play(say(ENDLESS, pace=0.01))
    bucket = window.panel.get_by_role("listitem").filter(has_text="token of /ask")
    unseen = window.panel.locator(".unseen-now strong")
    await expect(stat(window, "answers")).to_have_text("0")
    await window.ask("Why?")
    await expect(stat(window, "answers")).to_have_text("1")
    await expect(stat(window, "tokens/s")).to_have_text(ABOVE_NONE)
    await expect(stat(window, "edits/s")).to_have_text(ABOVE_NONE)
    await expect(unseen).to_have_text(ABOVE_NONE)
    await expect(bucket).to_contain_text(USED)
    await expect(bucket).to_contain_text("full again in")
    await window.button("Stop").click()
    await expect(stat(window, "answers")).to_have_text("0")
    await expect(bucket).to_contain_text("5 of 5 left")
    await expect(unseen).to_have_text("0")
    await expect(stat(window, "tokens/s")).to_have_text("0")
    await expect(stat(window, "429s")).to_have_text("0")


async def test_the_slider_slows_the_model_down(stage, window, play):
    slider = window.panel.get_by_role("slider", name="Speed of the model")
    await expect(slider).to_have_attribute("aria-valuetext", "as fast as it can")
    async with window.page.expect_response("**/web/speed"):
        await slider.fill("40")
    await expect(slider).to_have_attribute("aria-valuetext", "12 tokens/s")
    assert play.model.front.tap.speed == 12
    stage.play(say(ENDLESS, pace=0.01))
    await window.ask("Why?")
    await expect(stat(window, "tokens/s")).to_have_text(re.compile("^1[0-4]$"))
    async with window.page.expect_response("**/web/speed"):
        await slider.press("End")
    assert play.model.front.tap.speed is None
    await window.button("Stop").click()


async def test_a_model_that_is_down_is_told_in_words(stage, window):
    down = window.panel.get_by_role("switch", name="Ollama is down")
    await down.check()
    await window.ask("Why?")
    await expect(window.message("cannot be reached")).to_be_visible()
    await expect(window.button("Stop")).to_have_count(0)
    await down.uncheck()
    stage.play(say("I am back."))
    await window.ask("And now?")
    await expect(window.message("I am back.")).to_be_visible()


async def test_a_stream_that_is_cut_is_taken_up_again(stage, window):
    stage.play(say("Half of"), hold())
    await window.ask("Why?")
    await expect(window.message("Half of")).to_be_visible()
    stage.play(say("All of it."))
    await window.button("Cut the stream").click()
    await expect(window.page.get_by_role("alert").filter(has_text="cut off")).to_be_visible()
    await expect(window.message("All of it.")).to_be_visible()
    assert len(stage.asks) == 2
    await expect(window.articles).to_have_count(1)


async def test_while_discord_fails_the_page_does_not_and_the_end_arrives_later(stage, window, play):
    gate = asyncio.Event()
    fails = window.panel.get_by_role("switch", name="Discord answers 500")
    stage.play(say("Half of"), hold(gate), say(" it, and the rest."))
    await window.ask("Why?")
    await expect(window.message("Half of")).to_be_visible()
    await fails.check()
    gate.set()
    await play.chat.record.until(lambda entry: entry.method == "PATCH" and entry.status == 500)
    await window.say("I can still write.")
    await expect(window.message("I can still write.")).to_be_visible()
    await expect(window.message("Half of")).not_to_contain_text("the rest")
    await fails.uncheck()
    await expect(window.message("Half of it, and the rest.")).to_be_visible()


async def test_a_state_from_before_a_click_does_not_turn_the_switch_back(window):
    gate = asyncio.Event()

    async def late(route):
        await gate.wait()
        await route.continue_()

    await window.page.route("**/web/faults", late)
    fails = window.panel.get_by_role("switch", name="Discord answers 500")
    await fails.check()
    await window.page.evaluate(THREE_STATES)
    await expect(fails).to_be_checked(timeout=1)
    gate.set()
    await fails.uncheck()


async def test_after_a_dropped_gateway_the_bot_is_back_for_the_next_question(stage, window, play):
    identified = len(play.chat.record.identifies)
    await window.button("Drop the gateway").click()
    await play.chat.record.until_identified(identified + 1, 20)
    stage.play(say("Still here."))
    await window.ask("Are you there?")
    await expect(window.message("Still here.")).to_be_visible()
    await expect(bot_state(window)).to_have_text("patter is running")


async def test_a_restart_of_the_bot_ends_its_answer_in_words_and_keeps_everything(stage, whole_play, opened):
    window = await opened(whole_play)
    stage.play(say(ENDLESS, pace=0.02))
    await window.ask("Why?")
    await expect(window.message("word3")).to_be_visible()
    await window.button("Restart the bot").click()
    await expect(bot_state(window)).to_have_text("patter is starting…")
    await expect(bot_state(window)).to_have_text("patter is running")
    await expect(window.message("word3")).to_contain_text("interrupted by a restart")
    stage.play(say("A new life."))
    await window.ask("Are you there?")
    await expect(window.message("A new life.")).to_be_visible()
    await expect(window.articles).to_have_count(2)
