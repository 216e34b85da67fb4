"""
Everything that Patter raises on purpose.

    PatterError
    ├─ SettingsError         all problems at once; printed without a traceback, exit 78
    ├─ Busy                  our line or a quota is full; says when to come back
    ├─ NotAllowed            not here, not for them, or not with this model
    ├─ ModelError
    │  ├─ ModelUnreachable   connect failure or timeout
    │  ├─ ModelMissing       the hint names `ollama pull`
    │  ├─ ModelBusy          503: Ollama's own queue is full
    │  ├─ ModelRefused       any other status; keeps status and detail for the log
    │  └─ StreamCut          died, malformed, or ended early; the partial text stays
    ├─ MessageTooLong        it does not fit the model's context
    ├─ StoreError            what is remembered cannot be read or written
    └─ SurfaceError          Discord did not take a write; worth another try
       ├─ SurfaceGone        message or channel deleted, thread archived
       ├─ SurfaceForbidden   a permission is missing
       ├─ SurfaceRefused     what was to be written is refused; the same again would be
       └─ SurfaceSilent      no answer came; it may still be applied, even after a later write
"""


class PatterError(Exception):
    """
    A fault that Patter knows, with `hint`: one sentence that is safe to show a user.

    `str(error)` is for the log; it may say more than the hint, never a token, a prompt or an answer.
    """

    hint = "Something went wrong. Try again; if it stays, tell whoever runs this bot."

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        if hint is not None:
            self.hint = hint
        super().__init__(message or self.hint)


class SettingsError(PatterError):
    """Some settings are missing or wrong; `problems` names each with what to write instead."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        heading = "Patter cannot start. Put this right in .env (.env.example shows all settings):"
        super().__init__("\n".join([heading, *(f"  - {problem}" for problem in problems)]))


class Busy(PatterError):  # noqa: N818 - the tree above reads as the states they are
    """Too much is asked at once, or too fast; the hint says when to come back."""

    hint = "I am busy. Ask again in a minute."


class NotAllowed(PatterError):  # noqa: N818 - as above
    hint = "You may not ask me here."


class ModelError(PatterError):
    """The model gave no answer, or only a part of one; `again` says whether the same request may fare better."""

    again = False


class ModelUnreachable(ModelError):  # noqa: N818 - as above
    hint = "The model's server cannot be reached. Whoever runs this bot can check that Ollama is running."

    def __init__(self, message: str = "", *, hint: str | None = None, again: bool = True) -> None:
        self.again = again
        super().__init__(message, hint=hint)


class ModelMissing(ModelError):  # noqa: N818 - as above
    def __init__(self, model: str) -> None:
        self.model = model
        super().__init__(
            f"model {model!r} is not installed",
            hint=f"The model `{model}` is not installed. Whoever runs this bot can fetch it: `ollama pull {model}`.",
        )


class ModelBusy(ModelError):  # noqa: N818 - as above
    hint = "The model's server is full right now. Try again in a minute."
    again = True


class ModelRefused(ModelError):  # noqa: N818 - as above
    """Ollama answered with an error; `detail` is its text, which may quote anything: for the log at DEBUG alone."""

    hint = "The model's server refused the request. Whoever runs this bot finds the reason in Ollama's log."

    def __init__(self, status: int, detail: str, *, hint: str | None = None) -> None:
        self.status, self.detail = status, detail
        super().__init__(f"status {status}", hint=hint)


class StreamCut(ModelError):  # noqa: N818 - as above
    """The stream ended before the answer did."""

    hint = "The model stopped in the middle of its answer."

    def __init__(self, message: str = "", *, again: bool = True) -> None:
        self.again = again
        super().__init__(message)


class MessageTooLong(PatterError):  # noqa: N818 - as above
    """A message does not fit the model's context; `chars` is by how many characters, None if nothing would fit."""

    def __init__(self, chars: int | None) -> None:
        self.chars = chars
        if chars is None:
            hint = (
                "The model's context has no room for a message beside the system prompt. "
                "Whoever runs this bot can set a larger OLLAMA_NUM_CTX."
            )
        else:
            grain = 10 ** max(len(str(chars)) - 2, 1)
            about = -(-chars // grain) * grain
            hint = f"Your message is about {about:,} characters too long for this model. Shorten it, or ask in parts."
        super().__init__(f"a message is too long by {chars} characters", hint=hint)


class StoreError(PatterError):
    hint = "My memory is out of order right now. Answers still come, but I cannot look anything up or keep it."


class SurfaceError(PatterError):
    hint = "Discord did not take the message. Try again in a minute."
    may_be_applied = True
    """Whether the write may have come to be all the same."""


class SurfaceGone(SurfaceError):  # noqa: N818 - as above
    hint = "The message is gone."
    may_be_applied = False


class SurfaceForbidden(SurfaceError):  # noqa: N818 - as above
    hint = "I may not write here. Whoever runs this server can grant me Send Messages and View Channel."
    may_be_applied = False


class SurfaceRefused(SurfaceError):  # noqa: N818 - as above
    hint = "Discord refused what was to be written here. Ask again, perhaps in other words."
    may_be_applied = False


class SurfaceSilent(SurfaceError):  # noqa: N818 - as above
    """The connection was closed after a long silence."""
