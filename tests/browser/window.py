"""The page as a person uses it: found by roles and names, as a screen reader would."""

import re

from playwright.async_api import Page, expect


class Window:
    """One tab. `complaints` are what its console says of errors, scripts that threw, and dialogs."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints, self.requests = [], []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"threw {error}"))
        page.on("dialog", self._refuse)
        page.context.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))

        self.log = page.get_by_role("log", name="Messages")
        self.panel = page.get_by_role("region", name="What happens inside")
        self.composer = page.get_by_role("textbox", name=re.compile("^Message "))
        self.prompt = page.get_by_role("textbox", name="prompt")
        self.suggestions = page.get_by_role("group", name="Suggestions").get_by_role("button")
        self.completion = page.get_by_role("listbox", name="Suggestions")
        self.articles = self.log.get_by_role("article")

    def _hear(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    async def _refuse(self, dialog) -> None:
        self.complaints.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    def requests_elsewhere(self):
        host = self.url.removeprefix("http://")
        own = (f"http://{host}", f"ws://{host}", "data:")
        return [url for url in self.requests if not url.startswith(own)]

    async def open(self) -> None:
        await self.page.goto(self.url)
        await expect(self.suggestions).to_have_count(3)
        await expect(self.composer).to_be_visible()

    # What is said

    def message(self, part):
        """The message that holds a text."""
        return self.articles.filter(has_text=part)

    def content(self, article):
        return article.get_by_test_id("content")

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    async def type(self, text) -> None:
        """Type as on a keyboard, wherever the focus goes meanwhile."""
        await self.composer.focus()
        await self.page.keyboard.type(text)

    async def say(self, text) -> None:
        await self.type(text)
        await self.page.keyboard.press("Enter")

    async def ask(self, prompt) -> None:
        """Use /ask as one types it."""
        await self.type("/ask ")
        await expect(self.prompt).to_be_focused()
        await self.page.keyboard.type(prompt)
        await self.page.keyboard.press("Enter")

    async def use(self, command) -> None:
        """Use a command that needs nothing more."""
        await self.type(f"/{command}")
        await self.completion.get_by_role("option").first.click()
        await self.button("Send").click()

    async def act_on(self, article, action) -> None:
        """Use the toolbar that is over the message under the pointer."""
        await article.hover()
        await article.get_by_role("toolbar").get_by_role("button", name=action).click()

    async def become(self, name) -> None:
        await self.page.get_by_role("radio", name=name).check(force=True)  # its label is what one sees
