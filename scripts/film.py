"""
A short film of the playground's page: somebody asks, answers grow, one is stopped, and the panel shows why it works.

The bot, the limits and the page are the real ones; the model is the scripted one, which says the same each time.
"""

import argparse
import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

from playground.llm.choice import scripted_model
from playground.play import open_play
from playground.web.serve import page_url
from playground.web.site import page as web_page
from tests.browser import chromium

OUT = Path(__file__).resolve().parent.parent / "docs" / "playground.webp"
SIZE = {"width": 1120, "height": 700}  # as narrow as has room for the panel beside the chat
SCALE = 1.25
FRAMES_PER_S = 5
MOST_BYTES = 1_000_000
TOKENS_PER_S = 24
LAST_S = 3.0

CURSOR = """() => {
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  cursor.setAttribute("viewBox", "0 0 24 24");
  cursor.innerHTML = '<path d="M5 2l14 11h-8l-4.500 7z" fill="#111" stroke="#fff" stroke-width="1.500"/>';
  Object.assign(cursor.style, {
    position: "fixed", zIndex: 99, width: "26px", left: "-60px", top: 0, pointerEvents: "none", transition: "all 0.3s",
  });
  document.body.append(cursor);
  addEventListener("mousemove", ({ clientX, clientY }) => {
    Object.assign(cursor.style, { left: `${clientX - 4}px`, top: `${clientY - 1}px` });
  });
}"""

TO_NUMBERS = "panel => panel.scrollBy(0, panel.querySelector('section').offsetHeight)"


async def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/screenshot", description="Film the playground's page.")
    parser.add_argument("--theme", choices=("light", "dark"), default="dark")
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    if chromium.installed() is None:
        print("There is no Chromium here: apt-get install chromium", file=sys.stderr)
        return 1
    async with opened(chosen.theme) as page:
        frames = await filmed(page)
    size = save(frames, chosen.out)
    print(f"{chosen.out}: {len(frames)} frames, {size:,} bytes")
    return 0 if size < MOST_BYTES else 1


@asynccontextmanager
async def opened(theme: str) -> AsyncIterator[Page]:
    """Give the page of a playground whose bot is up."""
    async with open_play(scripted_model(), print, page=web_page()) as play, async_playwright() as driver:
        await play.bot_up()
        play.model.front.tap.speed = TOKENS_PER_S
        browser = await driver.chromium.launch(executable_path=chromium.installed(), args=chromium.FLAGS)
        context = await browser.new_context(viewport=SIZE, device_scale_factor=SCALE, color_scheme=theme)
        page = await context.new_page()
        await page.goto(page_url(play))
        await page.get_by_text("patter is running").wait_for()
        await page.evaluate(CURSOR)
        await page.locator("#panel").evaluate(TO_NUMBERS)
        yield page
        await browser.close()


async def story(page: Page) -> None:
    suggestions = page.get_by_role("group", name="Suggestions").get_by_role("button")
    stop = page.get_by_role("button", name="Stop", exact=True)
    await asyncio.sleep(1.0)
    await click(page, suggestions.nth(1))
    await expect(page.get_by_text("a tenth of a second")).to_be_visible(timeout=20_000)
    await expect(stop).to_have_count(0, timeout=20_000)
    await asyncio.sleep(0.5)
    await page.get_by_role("textbox", name="Message #general").focus()
    await page.keyboard.type("/as", delay=90)
    await asyncio.sleep(0.6)
    await page.keyboard.press("Tab")
    await page.keyboard.type("Make a table of three planets", delay=35)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The largest is")).to_be_visible(timeout=20_000)
    await expect(stop).to_have_count(0, timeout=20_000)
    await page.keyboard.type("/ask How does that work?", delay=35)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("the newest text is shown")).to_be_visible(timeout=20_000)
    await click(page, stop)
    await expect(page.get_by_text("stopped by ann")).to_be_visible()
    await asyncio.sleep(0.5)


async def click(page: Page, target: Locator) -> None:
    """Go there as a hand does, and press."""
    box = await target.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await asyncio.sleep(0.6)
    await target.click()


async def filmed(page: Page) -> list[tuple[float, bytes]]:
    """Give what is seen while the story is played, as (moment, PNG)."""
    frames: list[tuple[float, bytes]] = []
    telling = asyncio.create_task(story(page))
    while not telling.done():
        due = time.monotonic() + 1 / FRAMES_PER_S
        frames.append((time.monotonic(), await page.screenshot(caret="initial")))
        await asyncio.sleep(due - time.monotonic())
    await telling
    frames.append((time.monotonic(), await page.screenshot(caret="initial")))
    return frames


def save(frames: list[tuple[float, bytes]], out: Path) -> int:
    """Write the film, which goes round and round; give its size in bytes."""
    before = [b"", *(png for _, png in frames)]
    changes = [(at, png) for (at, png), last in zip(frames, before, strict=False) if png != last]
    ends = [*(at for at, _ in changes[1:]), changes[-1][0] + LAST_S]
    durations = [round((end - at) * 1000) for (at, _), end in zip(changes, ends, strict=True)]
    first, *rest = in_few_colours([Image.open(io.BytesIO(png)).convert("RGB") for _, png in changes])
    # Lossless: a lossy film leaves shadows where text was, and few colours make it as small.
    first.save(out, save_all=True, append_images=rest, duration=durations, loop=0, lossless=True, quality=80, method=4)
    return out.stat().st_size


def in_few_colours(images: list[Image.Image]) -> list[Image.Image]:
    """Bring all images down to the colours that matter most in some of them."""
    some = images[:: max(1, len(images) // 6)]
    sheet = Image.new("RGB", (some[0].width, some[0].height * len(some)))
    for place, image in enumerate(some):
        sheet.paste(image, (0, place * image.height))
    palette = sheet.quantize(256)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for image in images]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
