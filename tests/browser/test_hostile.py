"""What a model writes is text; what a foreign page tries is refused."""

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import expect

from playground.llm.script import say
from playground.web.serve import page_url

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRY = "(window.harmed = true, alert(1))"
ELSEWHERE = "http://elsewhere.invalid"
HOSTILE = [
    f"<script>{TRY}</script>",
    f'<img src=x onerror="{TRY}">',
    f"> <svg onload='{TRY}'>",
    f"# <iframe srcdoc='<script>parent{TRY}</script>'></iframe>",
    f"[press me](javascript:{TRY})",
    f"[press me](data:text/html,<script>{TRY}</script>)",
    f"![x]({ELSEWHERE}/x.png) <img src={ELSEWHERE}/y.png>",
    f'[press me](https://example.invalid "x\\" onmouseover=\\"{TRY}")',
    f"https://example.invalid/\"onmouseover='{TRY}'",
    f"```<script>{TRY}</script>\nx\n```",
    f"```\n<script>{TRY}</script><img src=x onerror='{TRY}'>\n```",
    f"```html\n</code></pre><script>{TRY}</script>\n```",
    f"<style>body {{ background: url({ELSEWHERE}/z) }}</style><link rel=stylesheet href={ELSEWHERE}/a.css>",
    f"||<b onclick='{TRY}'>x</b>||",
    f"<@1\"><script>{TRY}</script>> <:x:1'onerror='{TRY}'>",
    f"<form action={ELSEWHERE}><input autofocus onfocus='{TRY}'></form><base href={ELSEWHERE}>",
]
FORBIDDEN = (
    "script, img, svg:not(.icon), iframe, style, link, form, input, base, object, [onclick], [onerror], [onmouseover]"
)


async def test_nothing_that_a_model_writes_is_more_than_text(stage, window):
    for number, some in enumerate(batched(HOSTILE, 4)):
        stage.play(say([f"{text}\n\n" for text in some] + [f"That was part {number}."]))
        await window.ask("Why?")
        article = window.message(f"That was part {number}.")
        await expect(article.get_by_role("button", name="Retry")).to_be_visible()
        content = window.content(article)
        assert await content.locator(FORBIDDEN).count() == 0, some
        for link in await content.get_by_role("link").all():
            assert (await link.get_attribute("href")).startswith(("https://", "http://")), some
            await link.hover()
        for other in await content.locator("button, .spoiler").all():
            await other.click()
    for told in (HOSTILE[0], "<img src=x onerror="):
        await expect(window.content(window.message("That was part 0."))).to_contain_text(told)
    assert await window.page.evaluate("window.harmed") is None


def batched(values, count):
    return [values[start : start + count] for start in range(0, len(values), count)]


async def test_a_name_made_of_markup_is_text_in_every_place_that_shows_it(stage, window):
    name = f"<img src=x onerror='{TRY}'>"
    stage.play(say("Because."))
    await window.type(f"/ask {name}")
    await window.page.get_by_role("button", name="Add the option thread").click()
    await window.completion.get_by_role("option", name="True").click()
    await window.page.keyboard.press("Enter")
    threads = window.page.get_by_role("list", name="Threads of general")
    await threads.get_by_role("button", name=name).click()
    await expect(window.composer).to_have_accessible_name(f"Message {name}")
    await expect(window.message("Because.")).to_be_visible()
    assert await window.page.evaluate("window.harmed") is None


FOREIGN = """async ([own, gateway]) => {
  const tried = (start) => new Promise((resolve) => start(() => resolve("served"), () => resolve("refused")));
  const loaded = (tag, attribute, url) => tried((served, refused) => {
    const element = Object.assign(document.createElement(tag), { onload: served, onerror: refused });
    element[attribute] = url;
    document.body.append(element);
  });
  const form = { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" } };
  await fetch(own + "web/faults", { ...form, body: '{"ollama_down": true}' }).catch(() => {});
  return {
    socket: await tried((served, refused) => {
      const socket = new WebSocket(gateway);
      Object.assign(socket, { onopen: served, onerror: refused });
    }),
    events: await tried((served, refused) => {
      Object.assign(new EventSource(own + "web/panel"), { onopen: served, onerror: refused });
    }),
    asked: await fetch(own + "web/config").then(() => "served", () => "refused"),
    script: await loaded("script", "src", own + "static/js/theme_first.js"),
    image: await loaded("img", "src", own + "static/favicon.svg"),
  };
}"""

FRAMED = """(own) => new Promise((resolve) => {
  document.body.append(Object.assign(document.createElement("iframe"), { src: own, onload: resolve }));
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def foreign():
    """The address of a page that is not the playground's."""

    async def index(_):
        return web.Response(text="<!doctype html><body>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", index)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_a_page_of_another_origin_gets_nothing_and_changes_nothing(browser, play, foreign):
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(foreign)
    found = await page.evaluate(FOREIGN, [page_url(play), f"{play.chat.gateway_url}?v=10&encoding=json"])
    await page.evaluate(FRAMED, page_url(play))
    framed = [frame.url for frame in page.frames[1:]]
    await context.close()
    assert framed == ["chrome-error://chromewebdata/"]
    assert set(found.values()) == {"refused"}, found
    assert not play.model.front.is_down
