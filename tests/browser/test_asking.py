"""Asking in the browser, and watching the answer grow."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from playground.llm.script import hold, say
from tests.browser.prompts import prompt_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_click_on_a_suggestion_asks_it(stage, window):
    stage.play(say("Because of the air."))
    text = await window.suggestions.first.locator("span").inner_text()
    began = time.monotonic()
    await window.suggestions.first.click()
    await expect(window.content(window.articles.last)).to_contain_text("Because")
    assert time.monotonic() - began < 2.0, "the first words within two seconds of the click"
    assert prompt_of(stage) == [("user", text)]
    await expect(window.articles).to_have_count(1)
    await expect(window.articles.last).to_contain_text("ann used /ask")


async def test_ask_is_completed_and_filled_in_while_typing(stage, window):
    stage.play(say("Forty-two."))
    await window.type("/as")
    await expect(window.completion.get_by_role("option")).to_contain_text("/ask prompt")
    await window.page.keyboard.press("Tab")
    await expect(window.prompt).to_be_focused()
    await window.page.keyboard.type("What is the answer?")
    await window.page.keyboard.press("Enter")
    await expect(window.message("Forty-two.")).to_contain_text("ann used /ask")
    assert prompt_of(stage) == [("user", "What is the answer?")]
    await expect(window.composer).to_be_focused()


async def test_the_choices_of_an_option_come_from_the_bot(stage, window):
    stage.play(say("Hm."))
    await window.type("/ask Why?")
    await window.page.get_by_role("button", name="Add the option model").click()
    await window.page.keyboard.type("think")
    await window.completion.get_by_role("option", name="smol-think").click()
    await window.page.keyboard.press("Enter")
    await expect(window.message("Hm.")).to_be_visible()
    assert stage.asks[0].body["model"] == "smol-think:latest"


async def test_one_message_grows_in_place_and_says_so(stage, window):
    gates = [asyncio.Event() for _ in range(3)]
    stage.play(say("One."), hold(gates[0]), say(" Two."), hold(gates[1]), say(" Three."), hold(gates[2]), say(" Four."))
    await window.ask("Count.")
    article = window.articles.last
    await expect(window.content(article)).to_contain_text("One.")
    identity = await article.get_attribute("data-message-id")
    await article.evaluate("article => (article.isTheSame = true)")
    seen = []
    for gate, words in zip(gates, ("One.", "One. Two.", "One. Two. Three."), strict=True):
        await expect(window.content(article)).to_contain_text(words)
        seen.append(await window.content(article).inner_text())
        await expect(window.button("Stop")).to_be_visible()
        gate.set()
        await expect(article).to_have_attribute("aria-busy", "true")
        await expect(article).to_contain_class("growing")
    await expect(window.content(article)).to_contain_text("One. Two. Three. Four.")
    assert len(set(seen)) == 3
    assert [state.count(".") for state in seen] == sorted(state.count(".") for state in seen)
    await expect(window.articles).to_have_count(1)
    assert await article.get_attribute("data-message-id") == identity
    assert await article.evaluate("article => article.isTheSame")
    await expect(window.button("Stop")).to_have_count(0)
    await expect(article).not_to_have_attribute("aria-busy", "true")
