"""
The steps of the Dockerfile, taken in a folder instead of a container.

A path such as /opt/patter becomes one below that folder. What only root may do on a machine of its own, to add a user,
is left out; and the packages come from pip's cache, which an image has no use for.
"""

import asyncio
import os
import re
import shutil
import sys

from tests.deploy.dockerfile import ROOT, environment, of_repository

PLACES = ("opt", "app", "data", "tmp")


class Image:
    def __init__(self, root):
        self.root, self.workdir, self.skipped = root / "image", root / "image", []
        self.programs = root / "programs"
        for place in PLACES:
            (self.root / place).mkdir(parents=True)

    def inside(self, text):
        """Give a text with all its paths below the root."""
        return re.sub(rf"(?<![\w.])/({'|'.join(PLACES)})\b", lambda found: f"{self.root}/{found[1]}", text)

    async def build(self, python):
        self.programs.mkdir()
        program = self.programs / "python"
        program.write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        program.chmod(0o755)
        for step in of_repository():
            if step.name == "WORKDIR":
                self.workdir = self._path(step.text)
            elif step.name == "COPY":
                self._copy(*step.text.split())
            elif step.name == "RUN" and step.text.startswith("useradd"):
                self.skipped.append(step.text)
            elif step.name == "RUN":
                await self._run(step.text)

    async def _run(self, command):
        path = f"{self.programs}:{os.environ['PATH']}"
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", self.inside(command.replace(" --no-cache-dir", "")),
            cwd=self.workdir,
            env={"PATH": path, "HOME": os.environ.get("HOME", "/")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            said, _ = await shell.communicate()
        finally:
            if shell.returncode is None:
                shell.kill()
        assert shell.returncode == 0, said.decode()

    def _copy(self, *words):
        *sources, target = words
        if sources[0].startswith("--from"):
            assert sources[1:] == [target], "both stages lie in the same folder here"
            return
        for source in sources:
            place = self._path(target) / (
                "" if len(sources) == 1 and (ROOT / source).is_dir() else source.split("/")[-1]
            )
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)

    def _path(self, text):
        return self.root / text.lstrip("/") if text.startswith("/") else self.workdir / text

    def environment(self):
        base = {"PATH": f"{self.programs}:/usr/bin:/bin"}
        return base | {name: self.inside(value).replace("$PATH", base["PATH"]) for name, value in environment().items()}

    def files(self):
        """Everything outside of /data, with what changes when it is written."""
        found = (path for path in self.root.rglob("*") if not path.is_relative_to(self.root / "data"))
        return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in found}


def interpreter(version):
    """Give a Python of this version if there is one here, else the one that runs this."""
    pyenv = os.path.expanduser("~/.pyenv/versions")  # noqa: PTH111 - as the shell does
    names = [
        f"python{version}",
        *(f"{pyenv}/{name}/bin/python" for name in _versions(pyenv) if name.startswith(version)),
    ]
    for name in names:
        found = shutil.which(name)
        if found and "shims" not in found:
            return found
    return sys.executable


def _versions(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []  # noqa: PTH112, PTH208 - as above
