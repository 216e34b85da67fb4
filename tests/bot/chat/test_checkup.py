from bot.chat.checkup import END, MESSAGE_CHARS, REST, as_message
from bot.core.findings import fail, ok, warn


def test_what_is_wrong_comes_first():
    shown = as_message([ok("a", "fine"), warn("b", "so so", "mend"), fail("c", "broken", "repair")])
    assert shown == f"❌ broken\n-# → repair\n⚠️ so so\n-# → mend\n✅ fine\n{END}"


def test_what_does_not_fit_a_message_is_said_to_be_left_out():
    shown = as_message([fail("permissions", f"{number} " + "x" * 150, "y" * 50) for number in range(40)])
    assert len(shown) <= MESSAGE_CHARS
    assert shown.startswith("❌ 0 x")
    assert shown.endswith(REST)
