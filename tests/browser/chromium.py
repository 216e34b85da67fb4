"""The Chromium that is installed here, and how to start it so that it keeps to itself."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def installed():
    """Give where it is; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)
