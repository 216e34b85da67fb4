"""Who may call the playground from a browser, and what its answers may do there."""

import aiohttp
import pytest

EVERYWHERE = ["/", "/web/config", "/web/panel", "/web/pygments.css", "/api/v10/users/@me", "/gw", "/nothing"]


def port_of(origin):
    return origin.rpartition(":")[2]


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_a_foreign_host_is_refused_everywhere(web, origin, path):
    for host in (f"evil.example:{port_of(origin)}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil:{port_of(origin)}"):
        answer, text = await web.get(path, Host=host)
        assert (answer.status, origin in text) == (403, True), host


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_a_foreign_origin_is_refused_everywhere(web, origin, path):
    for foreign in ("http://evil.example", "null", "https" + origin[4:], origin + ".evil", "http://127.0.0.1:1"):
        answer, text = await web.get(path, Origin=foreign)
        assert (answer.status, text) == (403, "Only the playground's own page may call it."), foreign


@pytest.mark.parametrize(
    "path", ["/web/speed", "/web/faults", "/web/bot/restart", "/web/render", "/api/v10/interactions"]
)
async def test_a_foreign_page_can_post_nothing(web, play, path):
    status, _ = await web.post(path, {}, Origin="http://evil.example")
    assert status == 403
    assert len(play.chat.record) == 0


async def test_both_names_of_loopback_are_ours(web, origin):
    for host in (f"localhost:{port_of(origin)}", f"127.0.0.1:{port_of(origin)}"):
        answer, _ = await web.get("/web/config", Host=host, Origin=f"http://{host}")
        assert answer.status == 200
        assert f"ws://{host};" in answer.headers["Content-Security-Policy"]


async def test_a_foreign_page_reaches_no_gateway(web, play):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await web.http.ws_connect("/gw", origin="http://evil.example")
    assert refused.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await web.http.ws_connect("/gw", headers={"Host": f"evil.example:{port_of(play.chat.api_url)}"})


async def test_the_page_reaches_the_gateway(web, origin):
    async with web.http.ws_connect("/gw", origin=origin) as ws:
        assert (await ws.receive_json())["op"] == 10


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_a_foreign_page_embeds_is_refused(web, site):
    """An <img> or <script> names no origin, but browsers say where it stands."""
    answer, _ = await web.get("/web/config", **{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})
    assert answer.status == 403
    answer, _ = await web.get("/", **{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"})
    assert answer.status == 200


async def test_a_client_that_is_no_browser_passes(ann):
    assert ann.channel("general")


@pytest.mark.parametrize("path", ["/", "/static/index.html", "/web/config", "/web/pygments.css", "/static/missing.js"])
async def test_the_page_may_run_its_own_files_and_nothing_else(web, origin, path):
    answer, _ = await web.get(path)
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' ws{origin[4:]}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_refusals_and_streams_are_hardened_too(web):
    refused, _ = await web.get("/", Origin="null")
    async with web.http.get("/web/panel") as panel:
        for answer in (refused, panel):
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")


async def test_a_file_that_was_sent_to_the_chat_can_run_nothing(web, play, ann):
    """It has the page's origin, and who wrote it may have been a model."""
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "look"}', content_type="application/json")
    form.add_field("files[0]", b"<script>alert(1)</script>", filename="x.html", content_type="text/html")
    headers = {"Authorization": play.chat.world.ann.token}
    async with web.http.post(f"/api/v10/channels/{play.channel_id}/messages", data=form, headers=headers) as sent:
        url = (await sent.json())["attachments"][0]["url"]
    answer, text = await web.get(url)
    assert "<script>" in text
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox"} <= set(policy)
    assert not any(part.startswith("script-src") for part in policy)
