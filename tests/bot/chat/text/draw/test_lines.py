"""What a model writes line by line, and what Discord is to draw."""

import pytest

from tests.bot.chat.text.reader import drawn

RULE = "⎯" * 8


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# One\n### Three\n", "# One\n### Three\n"),
        ("#### Four\n", "**Four**\n"),
        ("###### Six ##\n", "**Six**\n"),
        ("#### The **bold** and `__init__`", "**The bold and `__init__`**"),
        ("> #### Quoted", "> **Quoted**"),
        ("#### See [a](https://x.yz)", "**See a (<https://x.yz>)**"),
        ("####no", "####no"),
        ("####", "####"),
    ],
)
def test_headings_that_discord_does_not_know_are_bold(written, shown):
    assert drawn(written) == shown


@pytest.mark.parametrize("written", ["---", "***", "___", "- - -", "* * *  ", "-----------"])
def test_a_rule_is_a_line_of_text(written):
    assert drawn(f"a\n\n{written}\nb") == f"a\n\n{RULE}\nb"


@pytest.mark.parametrize("written", ["--", "- a", "-- a", "***bold***", "**", "- - a"])
def test_what_only_begins_like_a_rule_is_none(written):
    assert drawn(f"{written}\n") == f"{written}\n"


def test_tasks_have_boxes():
    assert drawn("- [ ] one\n- [x] two\n  1. [X] three\n- [a] four") == "- ☐ one\n- ☑ two\n  1. ☑ three\n- [a] four"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("$$\n\\frac{a_1}{b}\n$$\nend", "```tex\n\\frac{a_1}{b}\n```\nend"),
        ("\\[ a = b \\]\nend", "```tex\na = b\n```\nend"),
        ("  $$a$$\n", "```tex\na\n```\n"),
        ("$$a$$ is a formula", "`a` is a formula"),
        ("$$\na = 1", "```tex\na = 1\n```"),
        ("$$ is money\n\nand so is $$\n", "$$ is money\n\nand so is $$\n"),
    ],
)
def test_a_formula_on_lines_of_its_own_is_a_block(written, shown):
    assert drawn(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("```python\nx\n```\n", "```python\nx\n```\n"),
        ("``` python title=x\nx\n```\n", "```python\nx\n```\n"),
        ("~~~js\nx\n~~~\n", "```js\nx\n```\n"),
        ("`````\nx\n``````\nend", "```\nx\n```\nend"),
        ("- ```py\n  x\n  ```\n", "- ```py\n  x\n  ```\n"),
        ("> ```py\n> x\n> ```\nend", "> ```py\n> x\n> ```\nend"),
        ("> ```py\n> x\nend", "> ```py\n> x\n> ```\nend"),
        ("so: ```py\nx``` end", "so: ```py\nx``` end"),
        ("```x = 1``` end", "```x = 1``` end"),
    ],
)
def test_all_fences_become_those_that_discord_knows(written, shown):
    assert drawn(written) == shown


def test_a_fence_within_a_fence_is_code():
    shown = drawn("````md\n```py\nx\n```\n````\nend")
    assert shown == "```md\n``\u200b`\u200bpy\nx\n``\u200b`\u200b\n```\nend"


def test_only_a_line_of_its_own_ends_a_block():
    shown = drawn('```py\ns = "```"\nt = 1\n```\nend')
    assert shown == '```py\ns = "``\u200b`\u200b"\nt = 1\n```\nend'


def test_code_is_left_alone():
    code = "#### a\n---\n[a](https://x.yz) $x$ `\n| a | b |\n|---|---|\n- [ ] c\n"
    assert drawn(f"```\n{code}```\n") == f"```\n{code}```\n"
