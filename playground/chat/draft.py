"""What a request wants a message to be, checked as Discord checks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.chat import errors
from playground.chat.model import Attachment, Json, Message, MessageFlag

CONTENT_CHARS = 2000
V2_CHARS = 4000
EMBEDS = 10
EMBED_DESCRIPTION_CHARS = 4096
EMBEDS_CHARS = 6000
ROWS = 5
BUTTONS_A_ROW = 5
CUSTOM_ID_CHARS = 100
LABEL_CHARS = 80
NONCE_CHARS = 25

ACTION_ROW, BUTTON, TEXT_DISPLAY = 1, 2, 10
LINK, PREMIUM = 5, 6


@dataclass(slots=True)
class Draft:
    """The parts that a request names; None stands for one that it leaves out."""

    content: str | None
    embeds: list[Json] | None
    components: list[Json] | None
    flags: int | None
    kept_attachments: set[int] | None
    """Ids of the attachments that an edit keeps."""
    uploads: list[Attachment]
    allowed_mentions: Json | None
    nonce: str | int | None
    unique: bool
    """True if a repeated nonce is to give the first message."""
    reference: Json | None

    def apply(self, message: Message, *, settable: int) -> None:
        """Write the draft into `message`; of its flags, `settable` may change. Raises ApiError if nothing is left."""
        if self.flags is not None:
            kept = message.flags & (~settable | MessageFlag.COMPONENTS_V2)
            message.flags = kept | self.flags & settable
        message.content = message.content if self.content is None else self.content
        message.embeds = message.embeds if self.embeds is None else self.embeds
        message.components = message.components if self.components is None else self.components
        message.attachments = self._attachments(message)

    def _attachments(self, message: Message) -> list[Attachment]:
        kept = self.kept_attachments
        return [one for one in message.attachments if kept is None or one.id in kept] + self.uploads

    def check(self, message: Message) -> None:
        """Refuse what would leave `message` without anything to show, or mix both kinds of components."""
        flags = message.flags if self.flags is None else message.flags | self.flags
        components = message.components if self.components is None else self.components
        content = message.content if self.content is None else self.content
        if flags & MessageFlag.COMPONENTS_V2:
            _check_v2(content, components)
            return
        _check_rows(components)
        embeds = message.embeds if self.embeds is None else self.embeds
        if not (content or embeds or self._attachments(message)):
            raise errors.empty_message()


def read_draft(body: Json, uploads: list[Attachment]) -> Draft:
    return Draft(
        content=_content(body) if "content" in body else None,
        embeds=_embeds(body) if "embeds" in body else None,
        components=_components(body) if "components" in body else None,
        flags=body.get("flags"),
        kept_attachments=_kept(body.get("attachments") or []) if "attachments" in body else None,
        uploads=uploads,
        allowed_mentions=body.get("allowed_mentions"),
        nonce=_nonce(body),
        unique=bool(body.get("enforce_nonce")),
        reference=body.get("message_reference"),
    )


def _content(body: Json) -> str:
    content = body["content"]
    if content is None:
        return ""
    if not isinstance(content, str):
        raise errors.invalid_form("content", "BASE_TYPE_STRING", "Not a well formed string.")
    # Discord counts before it trims.
    if len(content) > CONTENT_CHARS:
        raise errors.too_long("content", CONTENT_CHARS)
    return content.strip()


def _nonce(body: Json) -> str | int | None:
    nonce: str | int | None = body.get("nonce")
    if nonce is not None and len(str(nonce)) > NONCE_CHARS:
        raise errors.too_long("nonce", NONCE_CHARS)
    return nonce


def _kept(attachments: list[Json]) -> set[int]:
    """Read the ids that are kept; those of uploads are indices, which match no snowflake."""
    return {int(one["id"]) for one in attachments if "id" in one}


def _embeds(body: Json) -> list[Json]:
    embeds: list[Json] = body["embeds"] or []
    if len(embeds) > EMBEDS:
        raise errors.bad_length("embeds", 0, EMBEDS)
    for index, embed in enumerate(embeds):
        if len(embed.get("description") or "") > EMBED_DESCRIPTION_CHARS:
            raise errors.too_long(f"embeds.{index}.description", EMBED_DESCRIPTION_CHARS)
    if sum(map(_embed_chars, embeds)) > EMBEDS_CHARS:
        message = f"Embed size exceeds maximum size of {EMBEDS_CHARS}"
        raise errors.invalid_form("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)
    return [{"type": "rich"} | embed for embed in embeds]


def _embed_chars(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    texts += [text for field in embed.get("fields") or [] for text in (field.get("name"), field.get("value"))]
    return sum(len(text) for text in texts if text)


def _components(body: Json) -> list[Json]:
    components: list[Json] = body["components"] or []
    seen: set[str] = set()
    for path, component in _walk("components", components):
        _check_component(path, component, seen)
    number = iter(range(1, 1000))
    return [_numbered(_without_nulls(component), number) for component in components]


def _without_nulls(value: Any) -> Any:
    """Leave out what is null, which may be sent but is not shown, such as the id of a unicode emoji."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _walk(path: str, components: list[Any]) -> Iterator[tuple[str, Json]]:
    for index, component in enumerate(components):
        here = f"{path}.{index}"
        if not isinstance(component, dict) or "type" not in component:
            raise errors.required(f"{here}.type")
        yield here, component
        yield from _walk(f"{here}.components", component.get("components") or [])
        if component.get("accessory"):
            yield from _walk(f"{here}.accessory", [component["accessory"]])


def _check_component(path: str, component: Json, seen: set[str]) -> None:
    custom_id = component.get("custom_id")
    if custom_id is not None:
        if not 1 <= len(custom_id) <= CUSTOM_ID_CHARS:
            raise errors.bad_length(f"{path}.custom_id", 1, CUSTOM_ID_CHARS)
        if custom_id in seen:
            message = "Component custom id cannot be duplicated"
            raise errors.invalid_form(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)
    if component["type"] == ACTION_ROW and not 1 <= len(component.get("components") or []) <= BUTTONS_A_ROW:
        raise errors.bad_length(f"{path}.components", 1, BUTTONS_A_ROW)
    if component["type"] == BUTTON:
        _check_button(path, component)


def _check_button(path: str, button: Json) -> None:
    if len(button.get("label") or "") > LABEL_CHARS:
        raise errors.too_long(f"{path}.label", LABEL_CHARS)
    if button.get("style") not in {LINK, PREMIUM} and "custom_id" not in button:
        raise errors.required(f"{path}.custom_id")


def _numbered(component: Json, number: Iterator[int]) -> Json:
    """Give each component the id that Discord gives it where it has none."""
    numbered: Json = {"id": next(number)} | component
    if component.get("components"):
        numbered["components"] = [_numbered(one, number) for one in component["components"]]
    if component.get("accessory"):
        numbered["accessory"] = _numbered(component["accessory"], number)
    return numbered


def _check_rows(components: list[Json]) -> None:
    if len(components) > ROWS:
        raise errors.bad_length("components", 0, ROWS)
    for index, component in enumerate(components):
        if component["type"] != ACTION_ROW:
            message = f"Value of field must be one of ({ACTION_ROW},)."
            raise errors.invalid_form(f"components.{index}.type", "BASE_TYPE_CHOICES", message)


def _check_v2(content: str, components: list[Json]) -> None:
    if content:
        message = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise errors.invalid_form("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    if not components:
        raise errors.empty_message()
    texts = (c.get("content") or "" for _, c in _walk("components", components) if c["type"] == TEXT_DISPLAY)
    if sum(map(len, texts)) > V2_CHARS:
        message = f"Total text in components exceeds {V2_CHARS}"
        raise errors.invalid_form("components", "COMPONENT_MAX_TOTAL_TEXT_SIZE_EXCEEDED", message)
