"""What becomes of a model's tables."""

import pytest

from bot.chat.text.draw.drawing import Drawing
from bot.chat.text.graphemes import columns
from tests.bot.chat.text.reader import drawn

TABLE = """\
| Name | Age | City |
|:-----|----:|:----:|
| Ann  | 7   | Rome |
| Bob  | 12  | Oslo |
"""


def test_a_table_is_an_aligned_block_of_code():
    assert drawn(f"So:\n\n{TABLE}\nend") == (
        "So:\n\n```\nName | Age | City\n-----+-----+-----\nAnn  |   7 | Rome\nBob  |  12 | Oslo\n```\n\nend"
    )


@pytest.mark.parametrize(
    "text", ["Name | Age\n--- | ---\nAnn | 7\n", "|Name|Age|\n|-|-|\n|Ann|7|", "  |Name|Age|  \n|-|-|\n|Ann|7|\n"]
)
def test_pipes_at_the_ends_are_a_matter_of_taste(text):
    assert drawn(text).strip() == "```\nName | Age\n-----+----\nAnn  | 7\n```"


def test_wide_characters_take_two_columns():
    lines = drawn("| 名 | x |\n|---|---|\n| 漢字 | 1 |\n| e\u0301a | 2 |\n| 👩\u200d🚒 | 3 |\n").splitlines()[1:-1]
    assert len({columns(line.partition("|")[0].partition("+")[0]) for line in lines}) == 1


def test_markup_that_code_does_not_draw_is_taken_out():
    table = "| a |\n|---|\n| **b** `c|` [d](https://x.yz) \\* _e_ ~~f~~ snake_case |\n"
    assert "b" in drawn(table)
    assert (
        drawn("| a |\n|---|\n| **b** `c*` [d](x.yz) \\* _e_ ~~f~~ x_y_z |\n").splitlines()[3]
        == "b c* d (x.yz) * e f x_y_z"
    )


def test_a_break_makes_a_cell_of_several_lines():
    assert drawn("| a | b |\n|---|---|\n| one<br>two | 3 |\n").splitlines()[3:5] == ["one | 3", "two |"]


def test_a_pipe_may_be_escaped_and_no_cell_is_lost():
    rows = drawn("| a | b |\n|---|---|\n| x \\| y |\n| 1 | 2 | 3 |\n").splitlines()[3:5]
    assert rows == ["x | y |", "1     | 2 | 3"]


def test_a_wide_table_is_a_list_of_its_rows():
    long = "a rather long description " * 3
    assert drawn(
        f"| Name | Of `what` | **Why** |\n|---|---|---|\n| Ann | {long}| |\n| [Bob](https://x.yz) | b<br>c | d |\n"
    ) == (
        "**Name:** Ann\n"
        f"- **Of `what`:** {long.strip()}\n"
        "**Name:** Bob (<https://x.yz>)\n"
        "- **Of `what`:** b\n  c\n"
        "- **Why:** d\n"
    )


def test_a_table_that_turns_out_to_be_wide_is_a_list_from_its_first_row_on():
    shown = drawn(f"{TABLE}| {'very ' * 20} | 1 | 2 |\nend")
    assert "```" not in shown
    assert shown.startswith("**Name:** Ann\n- **Age:** 7\n")


def test_a_long_table_is_several_blocks_each_with_its_head():
    shown = drawn(TABLE + "| Carl | 1 | Lima |\n" * 60)
    blocks = shown.split("```\n```\n")
    assert len(blocks) > 2
    assert all(block.removeprefix("```\n").startswith("Name ") for block in blocks)
    assert shown.count("Carl") == 60


def test_a_table_may_be_quoted():
    assert drawn("> |a|b|\n> |-|-|\n> |1|2|\nend") == "> ```\n> a | b\n> --+--\n> 1 | 2\n> ```\nend"


@pytest.mark.parametrize(
    "text",
    [
        "a | b\nno table\n",
        "| a | b |\n|---|\n| c |\n",
        "| a | b |\n\n|---|---|\n",
        "| a | b |\n| c | d |\n",
        "a || b\n--\n",
        "- a | b\n--- | ---\n",
        "| a | b |\n> |---|---|\n",
        "| a | b |\n|---|---|",
    ],
)
def test_what_is_no_table_is_text(text):
    assert "```" not in drawn(text)
    assert drawn(text).startswith(text[:7])


@pytest.mark.parametrize(
    "after", ["\nText.", "Text | with a pipe.", "# Heading", "> quote", "- item", "```\ncode\n```"]
)
def test_a_table_ends_where_its_rows_do(after):
    assert drawn(TABLE + after).endswith(f"Bob  |  12 | Oslo\n```\n{after}")


def test_a_growing_table_is_drawn_with_what_there_is_of_it():
    drawing = Drawing()
    assert drawing.feed(TABLE[:80]) == []
    assert drawing.rest.splitlines()[3:] == ["Ann  |   7 | Ro", "```"] or "Ann" in drawing.rest
    assert drawing.rest.endswith("```\n")


def test_a_row_that_does_not_fit_yet_leaves_the_others_as_they_are():
    shown = drawn(TABLE + "| " + "very " * 20)
    assert shown.startswith("```\nName ")
    assert shown.splitlines()[-1].startswith("**Name:** very very")
