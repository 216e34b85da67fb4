"""The repository as somebody has it who has just installed it, so that commands can be run there word by word."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED = (
    "bot", "cogs", "playground", "tests", "pyproject.toml", "requirements.lock", "requirements-dev.lock",
    ".env.example", "compose.yaml", "Dockerfile", "README.md",
)  # fmt: skip

PYTHON = """\
#!/bin/sh
case " $* " in *" pip "*) echo "a test does not install anything" >&2; exit 9 ;; esac
exec "{python}" "$@"
"""


class Clone:
    """Installed is what the tests run with: `.venv` there says that both locks are in place, and they are."""

    def __init__(self, folder):
        self.folder = folder
        for name in SHARED:
            (folder / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "docs", folder / "docs")
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        python = programs / "python"
        python.write_text(PYTHON.format(python=sys.executable))
        python.chmod(0o755)
        for lock in ("requirements.lock", "requirements-dev.lock"):
            digest = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            (programs.parent / f"{lock}.sha256").write_text(f"{digest} {version}")

    @asynccontextmanager
    async def started(self, command, **environment):
        """Run a command in a shell there, with nothing to read; end all that is left of it at the end."""
        process = await asyncio.create_subprocess_shell(
            command,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHON": sys.executable, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()

    async def run(self, command, **environment):
        """Give the exit status and all that was said."""
        async with self.started(command, **environment) as process, asyncio.timeout(50):
            said, _ = await process.communicate()
            return process.returncode, said.decode()


async def line_with(process, words):
    """Read on until a line holds these words; give that line."""
    said = []
    async with asyncio.timeout(30):
        async for raw in process.stdout:
            said.append(raw.decode())
            if words in said[-1]:
                return said[-1]
    raise AssertionError(f"it never said {words!r}:\n{''.join(said)}")
