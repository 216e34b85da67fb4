"""The page's own files."""

import asyncio
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from playground.web import files

ROOT = Path(__file__).parents[3]


async def test_the_page_is_at_the_root(web):
    answer, text = await web.get("/")
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert text == (files.STATIC / "index.html").read_text()


async def test_each_file_comes_whole_and_with_its_type(web):
    served = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    found = [path for path in files.STATIC.rglob("*") if path.is_file()]
    assert {path.suffix for path in found} <= set(files.TYPES)
    for path in found:
        async with web.http.get(f"/static/{path.relative_to(files.STATIC).as_posix()}") as answer:
            assert await answer.read() == path.read_bytes()
            assert answer.content_type == served.get(path.suffix, answer.content_type)


@pytest.mark.parametrize(
    "path",
    [
        "../files.py",
        "%2e%2e/files.py",
        "..%2ffiles.py",
        "js/../../files.py",
        "..%5cfiles.py",
        "%2fetc/passwd",
        "//etc/hostname",
        "index.html%00.js",
        "js",
        ".",
        "a" * 5000,
    ],
)
async def test_nothing_else_can_be_had(origin, path):
    """Asked by hand, for clients tidy an address up before they send it."""
    host = origin.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(f"GET /static/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(("HTTP/1.1 404", "HTTP/1.1 401"))  # some of these are addresses of REST
    assert "STATIC" not in answer
    assert "root:" not in answer


async def test_a_link_out_of_the_folder_leads_nowhere(web, monkeypatch, tmp_path):
    inside = tmp_path / "static"
    inside.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (inside / "open.txt").write_text("open")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(files, "STATIC", inside)
    assert [(await web.get(f"/static/{name}.txt"))[0].status for name in ("open", "link")] == [200, 404]


def test_the_files_are_in_the_wheel():
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    for path in files.STATIC.rglob("*"):
        if path.is_file():
            assert path.relative_to(ROOT).as_posix() in packed
