import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests" / "end_to_end"


def named():
    return re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"))


def test_every_test_that_the_table_names_is_there():
    missing = [
        f"{file}::{test}"
        for file, test in named()
        if not (TESTS / file).exists() or f"def {test}(" not in (TESTS / file).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_the_table_has_all_lines():
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [str(number) for number in range(1, 18)]
    assert len(named()) > 14
