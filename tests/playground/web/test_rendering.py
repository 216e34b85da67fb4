"""The endpoint that draws messages."""

from io import BytesIO

from playground.web.rendering import ALL_CHARS, TEXT_CHARS, TEXTS


def huge():
    return BytesIO(b'{"texts": ["' + b"a" * 1_500_000 + b'"]}')


async def chunks(data):
    while part := data.read(50_000):
        yield part


async def test_texts_come_back_drawn_in_their_order(web):
    assert await web.post("/web/render", {"texts": ["**a**", "", "<b>"]}) == (
        200,
        {"html": ["<p><strong>a</strong></p>", "", "<p>&lt;b&gt;</p>"]},
    )


async def test_the_playground_names_whom_it_knows(web, play):
    world = play.chat.world
    text = f"<@{world.ann.id}> <#{world.general.id}> <@&{world.moderators.id}> <@&{world.playground.id}>"
    _, drawn = await web.post("/web/render", {"texts": [text]})
    for name in (">@ann<", ">#general<", ">@moderators<", ">@everyone<"):
        assert name in drawn["html"][0]


async def test_the_page_may_name_others_and_has_the_last_word(web, play):
    ann = str(play.chat.world.ann.id)
    names = {"users": {"5": "eve", ann: "Annie"}, "channels": {"6": "lair"}, "roles": {"7": "<spies>"}}
    _, drawn = await web.post("/web/render", {"texts": [f"<@5> <#6> <@&7> <@{ann}>"], "names": names})
    for name in (">@eve<", ">#lair<", ">@&lt;spies&gt;<", ">@Annie<"):
        assert name in drawn["html"][0]


async def test_too_much_is_refused(web):
    for texts in (["a"] * (TEXTS + 1), ["a" * (TEXT_CHARS + 1)], ["a" * TEXT_CHARS] * (ALL_CHARS // TEXT_CHARS + 1)):
        status, sentence = await web.post("/web/render", {"texts": texts})
        assert (status, sentence[:7]) == (413, "At most")
    for body in (huge(), chunks(huge())):  # with its length, and without
        async with web.http.post("/web/render", data=body, headers={"Content-Type": "application/json"}) as answer:
            assert answer.status == 413


async def test_as_much_as_is_allowed_is_drawn(web):
    status, drawn = await web.post("/web/render", {"texts": ["a" * (ALL_CHARS // TEXTS)] * TEXTS})
    assert (status, len(drawn["html"])) == (200, TEXTS)


async def test_code_has_colours_for_light_and_dark(web):
    answer, css = await web.get("/web/pygments.css")
    assert answer.content_type == "text/css"
    for scope in (
        "@media (prefers-color-scheme: light) {\n:root:not([data-theme]) .highlight .c ",
        "@media (prefers-color-scheme: dark) {\n:root:not([data-theme]) .highlight .c ",
        ":root[data-theme=light] .highlight .k ",
        ":root[data-theme=dark] .highlight .k ",
    ):
        assert scope in css
    assert css.count("{") == css.count("}")
