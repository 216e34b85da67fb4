"""Write the files that are made from the code, and say which of them have changed."""

from collections.abc import Callable
from pathlib import Path

from bot.settings import example
from scripts.commands_page import commands_page
from scripts.settings_page import settings_page

ROOT = Path(__file__).resolve().parent.parent
MADE: dict[str, Callable[[], str]] = {
    ".env.example": example,
    "docs/settings.md": settings_page,
    "docs/commands.md": commands_page,
}


def main() -> None:
    for name, made in MADE.items():
        file, text = ROOT / name, made()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"{name} has changed")


if __name__ == "__main__":
    main()
