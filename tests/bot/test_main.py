import os
import sys

import pytest

from bot.__main__ import program


@pytest.mark.skipif(os.name == "nt", reason="there are no shell scripts")
@pytest.mark.parametrize(
    ("called", "typed"), [("/opt/patter/bin/patter", "patter"), ("/home/ann/patter/bot/__main__.py", "scripts/patter")]
)
def test_what_one_is_told_to_type_is_what_there_is(called, typed, monkeypatch):
    monkeypatch.setattr(sys, "argv", [called, "init"])
    assert program() == typed
