"""Everybody can use the page: on a telephone, by keyboard alone, with a screen reader, in light and in dark."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from playground.llm import showcase
from playground.llm.script import say

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENDLESS = [f"word{number} " for number in range(100_000)]
TELEPHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
EVERYTHING = (
    f"{showcase.STREAMING}\n{showcase.CODE}\n{showcase.PLANETS}\n"
    f"`inline` ~~gone~~ [a link](https://example.invalid) https://example.invalid/{'long' * 30} {'W' * 200}\n-# small"
)
NAMED = {"button", "textbox", "slider", "switch", "radio", "combobox", "link", "listbox", "img", "region", "log"}


async def show_everything(stage, window):
    stage.play(say(EVERYTHING))
    await window.ask("Show me all.")
    await expect(window.articles.last.get_by_role("button", name="Retry")).to_be_visible()
    await expect(window.content(window.message("Saturn"))).to_be_visible()


FITTING = """() => {
  const name = (one) => one.outerHTML.slice(0, 80);
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]");
  const isBeyond = ({ width, left, right }) => width > 0 && (left < 0 || right > innerWidth);
  const isCut = (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "hidden";
  return {
    width: document.documentElement.scrollWidth,
    beyond: [...document.querySelectorAll("button, input, textarea, h2")]
      .filter((one) => isShown(one) && isBeyond(one.getBoundingClientRect())).map(name),
    cut: [...document.querySelectorAll(".content, .content *")].filter(isCut).map(name),
  };
}"""


async def fits(window):
    """Nothing makes the page wider than the screen, and nothing lies where one cannot get."""
    found = await window.page.evaluate(FITTING)
    assert (found["beyond"], found["cut"]) == ([], [])
    assert found["width"] <= 390


async def test_on_a_telephone_all_is_within_reach(stage, play, opened):
    window = await opened(play, **TELEPHONE)
    await fits(window)
    await show_everything(stage, window)
    await fits(window)

    await window.button("Channels").tap()
    await fits(window)
    await window.become("bob")
    await window.button("Close the channels").tap()

    await window.button("What happens inside").tap()
    await expect(window.panel.get_by_role("slider")).to_be_in_viewport()
    await window.button("Drop the gateway").scroll_into_view_if_needed()
    await fits(window)
    await window.panel.get_by_role("button", name="Close").tap()

    stage.play(say(ENDLESS, pace=0.02))
    await window.type("/ask Why?")
    await fits(window)
    await window.button("Send").tap()
    await expect(window.message("word3")).to_be_visible()
    await window.button("Stop").tap()
    await expect(window.message("stopped by bob")).to_be_visible()
    await fits(window)


async def tab_to(window, target, key="Tab"):
    for _ in range(40):
        await window.page.keyboard.press(key)
        if await target.evaluate("target => target === document.activeElement"):
            return
    raise AssertionError(f"no way to {target} by {key}")


async def test_one_can_ask_and_stop_by_keyboard_alone(stage, window):
    keys = window.page.keyboard
    stage.play(say(ENDLESS, pace=0.02))
    await tab_to(window, window.page.get_by_role("link", name="Skip to the composer"))
    await keys.press("Enter")
    await expect(window.composer).to_be_focused()
    await keys.type("/ask Why?")
    await keys.press("Enter")
    await expect(window.message("word3")).to_be_visible()
    await tab_to(window, window.button("Stop"), "Shift+Tab")
    await keys.press("Enter")
    await expect(window.message("stopped by ann")).to_be_visible()
    assert await window.log.evaluate("log => log.contains(document.activeElement)"), "the focus stays where it was"

    await keys.press("End")
    await tab_to(window, window.articles.last, "Shift+Tab")
    await keys.press("r")
    await expect(window.page.get_by_text("Replying to patter")).to_be_visible()
    await keys.press("Escape")
    await expect(window.page.get_by_text("Replying to patter")).to_be_hidden()


async def test_a_suggestion_and_a_person_are_chosen_by_keyboard(stage, window):
    keys = window.page.keyboard
    stage.play(say("Because."))
    await tab_to(window, window.page.get_by_role("radio", name="ann"))
    await keys.press("ArrowDown")
    await expect(window.page.get_by_role("radio", name="bob")).to_be_checked()
    await tab_to(window, window.suggestions.first)
    await keys.press("Enter")
    await expect(window.message("Because.")).to_contain_text("bob used /ask")


async def test_a_screen_reader_finds_landmarks_and_a_name_on_everything(stage, window):
    await show_everything(stage, window)
    await window.articles.last.hover()
    for role, name in (("main", "Chat"), ("navigation", "Channels"), ("log", "Messages"), ("group", "Who am I?")):
        await expect(window.page.get_by_role(role, name=name)).to_have_count(1)
    await expect(window.composer).to_have_accessible_name("Message #general")
    await expect(window.page.get_by_role("heading", level=1)).to_have_text("Patter playground")
    await expect(window.articles.last).to_have_accessible_name("patter")
    session = await window.page.context.new_cdp_session(window.page)
    tree = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    found = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"]]
    assert {role for role, _ in found} >= {"button", "textbox", "slider", "switch", "radio", "log", "region"}
    assert [role for role, name in found if role in NAMED and not name.strip()] == []


async def test_the_end_of_an_answer_is_announced_once(stage, window):
    await window.page.evaluate(
        """() => {
          window.said = [];
          const announcer = document.querySelector("#announcer");
          new MutationObserver(() => announcer.textContent && said.push(announcer.textContent))
            .observe(announcer, { childList: true, characterData: true, subtree: true });
        }"""
    )
    stage.play(say([f"Part {number}. " for number in range(30)], pace=0.03))
    await window.ask("Why?")
    await window.page.wait_for_function("() => said.some((one) => one.startsWith('patter'))")
    said = [one for one in await window.page.evaluate("said") if one.startswith("patter")]
    assert len(said) == 1
    assert "Part 29." in said[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_can_be_read_in_light_and_in_dark(scheme, stage, play, opened):
    window = await opened(play, color_scheme=scheme)
    await show_everything(stage, window)
    await window.type("/ask Why?")
    contrast = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
    found = await window.page.evaluate(contrast)
    assert found["texts"] > 50
    assert found["faint"] == []
    assert found["isDark"] is (scheme == "dark")


async def test_the_theme_can_be_switched_and_stays(play, opened):
    window = await opened(play, color_scheme="light")
    await window.button("Switch to the dark theme").click()
    await window.page.reload()
    await expect(window.button("Switch to the light theme")).to_be_visible()
    assert await window.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 27, 33)"
