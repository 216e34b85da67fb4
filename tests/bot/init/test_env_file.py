import stat

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.init.env_file import with_values, write
from bot.settings import example

LINES = st.sampled_from(
    ["", "# a comment", "A=1", "export A=1", "A='two\nlines'", "B=x # why", "#C=", "# C=d", "not a line", 'D="A=1"']
)
VALUES = st.dictionaries(st.sampled_from("ABCDE"), st.text("ab='\"\\# %é", min_size=1).filter(lambda v: v == v.strip()))


@given(st.lists(LINES), VALUES)
def test_what_was_written_is_read_and_all_else_is_as_before(tmp_path_factory, lines, values):
    path = tmp_path_factory.mktemp("env") / ".env"
    before = "\n".join(lines)
    path.write_text(before)
    old = dict(dotenv_values(path))
    path.write_text(with_values(before, values))
    assert dict(dotenv_values(path)) == old | values
    assert all(comment in path.read_text() for comment in lines if comment == "# a comment")


@given(st.lists(LINES), VALUES)
def test_to_write_the_same_again_changes_nothing(lines, values):
    once = with_values("\n".join(lines), values)
    assert with_values(once, values) == once


def test_a_value_takes_the_place_of_the_one_that_was_commented_out():
    text = with_values(example(), {"OLLAMA_MODEL": "smol"})
    assert text.replace("\nOLLAMA_MODEL=smol\n", "\n#OLLAMA_MODEL=llama3.2\n") == example()


def test_empty_lines_stay_where_they_are():
    assert with_values("A=1\n\n\nB=2\n\n#C=3\n", {"B": "x", "C": "y"}) == "A=1\n\n\nB=x\n\nC=y\n"


def test_the_file_is_for_its_owner_alone_even_if_it_was_not_before(tmp_path):
    path = tmp_path / ".env"
    path.write_text("old")
    path.chmod(0o644)
    write(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / ".env").symlink_to("real")
    write(tmp_path / ".env", "new")
    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_file_that_cannot_be_replaced_is_left_with_nothing_beside_it(tmp_path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(OSError):
        write(tmp_path / ".env", "new")
    assert [one.name for one in tmp_path.iterdir()] == [".env"]
