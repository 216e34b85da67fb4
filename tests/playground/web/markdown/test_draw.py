"""Discord's dialect, drawn: what it knows, and what of Markdown it does not."""

import time

import pytest

from playground.web.markdown.draw import draw
from playground.web.markdown.names import Names

LINK = 'target="_blank" rel="noopener noreferrer nofollow"'
SPOILER = '<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler">'
NAMES = Names({"1": "ann"}, {"2": "general"}, {"3": "moderators"})


def drawn(text):
    return draw(text, NAMES)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b**", "<strong>b</strong>"),
        ("*i* _i_", "<em>i</em> <em>i</em>"),
        ("__u__", "<u>u</u>"),
        ("***bi***", "<em><strong>bi</strong></em>"),
        ("__*ui*__ **__bu__**", "<u><em>ui</em></u> <strong><u>bu</u></strong>"),
        ("~~s~~", "<s>s</s>"),
        ("**a\nb**", "<strong>a<br>b</strong>"),
        ("a_b_c", "a_b_c"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("||a **b**||", f"{SPOILER}a <strong>b</strong></span>"),
        ("|| a || b", f"{SPOILER} a </span> b"),
        ("**a || b** || c", f"**a {SPOILER} b** </span> c"),
        ("|| || ||a", "|| || ||a"),
        ("`**a** <b>`", "<code>**a** &lt;b&gt;</code>"),
        ("``a ` b``", "<code>a ` b</code>"),
        ("`a", "`a"),
        ("**`**`", "**<code>**</code>"),
        (r"\*a\* \_b\_ \|\|c\|\| \\ \a \<", r"*a* _b_ ||c|| \ \a &lt;"),
        (r"\`a\`", "`a`"),
        ("a\nb\n\n\nc", "a<br>b<br><br><br>c"),
        ("a  \n  b", "a  <br>  b"),
        ("a\\\nb", "a\\<br>b"),
        ("<@1> <@!1> <@9>", "@ann @ann @unknown-user"),
        ("<#2> <#9>", "#general #unknown"),
        ("<@&3> <@&9>", "@moderators @unknown-role"),
        ("@everyone @here @everyones", "@everyone @here @everyones"),
        ("</ask:5> </model set:5>", "/ask /model set"),
        ("<:wave:12> <a:wave:12> <:w:12> :wave:", ":wave: :wave: &lt;:w:12&gt; :wave:"),
    ],
)
def test_marks_within_a_line(text, html):
    found = drawn(text)
    for tag in ("user", "channel", "role", "command"):
        for number in "123459":
            found = found.replace(f'<span class="mention {tag}" data-id="{number}">', "<span>")
    found = found.replace('<span class="mention everyone">', "<span>").replace('<span class="emoji">', "<span>")
    if "spoiler" not in found:
        found = found.replace("<span>", "").replace("</span>", "")
    assert found == f"<p>{html}</p>"


def test_mentions_say_what_and_whom_they_mean():
    assert drawn("<@1>") == '<p><span class="mention user" data-id="1">@ann</span></p>'
    assert drawn("<#2>") == '<p><span class="mention channel" data-id="2">#general</span></p>'
    assert drawn("@here") == '<p><span class="mention everyone">@here</span></p>'


@pytest.mark.parametrize(
    ("text", "url", "shown", "after"),
    [
        ("https://a.b/c_d_e?f=g&h", "https://a.b/c_d_e?f=g&amp;h", None, ""),
        ("HTTP://a.b", "HTTP://a.b", None, ""),
        ("https://a.b.", "https://a.b", None, "."),
        ("https://a.b/(c))", "https://a.b/(c)", None, ")"),
        ("<https://a.b/*c*>", "https://a.b/*c*", None, ""),
        ("[x](https://a.b)", "https://a.b", "x", ""),
        ("[**x**](https://a.b)", "https://a.b", "<strong>x</strong>", ""),
        ("[x](<https://a.b>)", "https://a.b", "x", ""),
        ('[x](https://a.b "title")', "https://a.b", "x", ""),
        ("[x](https://a.b/(c))", "https://a.b/(c)", "x", ""),
        (r"[a\]b](https://a.b)", "https://a.b", "a]b", ""),
    ],
)
def test_links(text, url, shown, after):
    assert drawn(text) == f'<p><a href="{url}" {LINK}>{shown or url}</a>{after}</p>'


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](/path)",
        "[x](ftp://a.b)",
        "[x](www.a.b)",
        "[x]()",
        "[ ](https:x)",
        "xhttps://a.b",
        "https://",
        "javascript:alert(1)",
        "www.a.b",
        "a@b.c",
        "![x](y.png)",
        "[x][y]",
        "[y]: x",
    ],
)
def test_what_is_no_link_is_text(text):
    assert drawn(text) == f"<p>{text}</p>"


def test_a_link_whose_words_are_an_address_is_not_masked():
    assert 'href="https://good.com](https://evil.com)"' in drawn("[https://good.com](https://evil.com)")
    assert ">https://good.com](https://evil.com)<" in drawn("[https://good.com](https://evil.com)")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# a *b*\nc", "<h1>a <em>b</em></h1><p>c</p>"),
        ("## a\n### b", "<h2>a</h2><h3>b</h3>"),
        ("a\n# b", "<p>a</p><h1>b</h1>"),
        ("-# a **b**", '<small class="subtext">a <strong>b</strong></small>'),
        ("> a\n> b\nc", "<blockquote><p>a<br>b</p></blockquote><p>c</p>"),
        ("> a\n>\n> b", "<blockquote><p>a<br><br>b</p></blockquote>"),
        ("> # a\n> - b", "<blockquote><h1>a</h1><ul><li>b</li></ul></blockquote>"),
        ("> > a", "<blockquote><p>&gt; a</p></blockquote>"),
        ("a\n>>> b\nc\n> d", "<p>a</p><blockquote><p>b<br>c<br>&gt; d</p></blockquote>"),
        ("- a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("- a\n  - b\n    - c\n- d", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"),
        ("1. a\n   - b\n2. c", '<ol start="1"><li>a<ul><li>b</li></ul></li><li>c</li></ol>'),
        ("- a\n  more\n\nb", "<ul><li>a<br>more</li></ul><p>b</p>"),
        ("    - a\n- b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("\n\na\n\n", "<p>a</p>"),
        ("", ""),
        ("  \n ", ""),
    ],
)
def test_blocks(text, html):
    found = drawn(text)
    assert found == html or found == html.replace("</ul><ul>", "")


@pytest.mark.parametrize(
    "text",
    [
        "#### a",
        "#a",
        "# ",
        "-#a",
        ">a",
        "---",
        "***",
        "a\n===",
        "    a",
        "-a",
        "1.a",
        "|a|b|\n|-|-|\n|1|2|",
        "+ a",
        "1) a",
    ],
)
def test_what_other_markdown_has_is_text(text):
    assert drawn(text) == "<p>" + text.replace("\n", "<br>").replace(">", "&gt;").replace("<br&gt;", "<br>") + "</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("```\na < b\n\n  c\n```", '<pre><code class="highlight">a &lt; b\n\n  c</code></pre>'),
        ("a ```b``` c", '<p>a </p><pre><code class="highlight">b</code></pre><p> c</p>'),
        ("```py```", '<pre><code class="highlight">py</code></pre>'),
        ("```nonsense\nx\n```", '<pre data-language="nonsense"><code class="highlight">x</code></pre>'),
        ("```\n# a\n> b\n- c\n```", '<pre><code class="highlight"># a\n&gt; b\n- c</code></pre>'),
        ("> ```\n> a\n> ```", '<blockquote><pre><code class="highlight">a</code></pre></blockquote>'),
        ("- a\n```\nb\n```\n- c", '<ul><li>a</li></ul><pre><code class="highlight">b</code></pre><ul><li>c</li></ul>'),
        ("```\n```", "<p><code> </code></p>"),
        ("```a", "<p>```a</p>"),
    ],
)  # fmt: skip
def test_code(text, html):
    assert drawn(text) == html


def test_code_has_the_classes_of_pygments():
    found = drawn('```python\nif x: "s"\n```')
    assert found.startswith('<pre data-language="python"><code class="highlight"><span class="k">if</span>')
    assert '<span class="s2">"s"</span>' in found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<t:86400>", "January 2, 1970 12:00 AM"),
        ("<t:86400:t>", "12:00 AM"),
        ("<t:129661:T>", "12:01:01 PM"),
        ("<t:86400:d>", "01/02/1970"),
        ("<t:86400:D>", "January 2, 1970"),
        ("<t:86400:F>", "Friday, January 2, 1970 12:00 AM"),
    ],
)
def test_times(text, shown, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert f">{shown}</time>" in drawn(text)


def test_a_time_that_cannot_be_is_text():
    for bad in ("<t:9999999999999>", "<t:-9999999999999:R>", "<t:1:x>", "<t:>"):
        assert "<time" not in drawn(bad)
