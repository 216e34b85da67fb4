"""Discord's own OpenAPI description of its REST API, to hold requests and answers against."""

import json
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[1]
WHERE = "../shared/facts/discord-openapi.json"
BASE = "/api/v10"
DOCUMENT = "urn:discord"
BODY = ("content", "application/json", "schema")

OF_PEOPLE = {
    ("POST", "/interactions"): "how Discord's own app uses a command or presses a button",
    ("GET", "/channels/{channel}/application-command-index"): "where Discord's own app finds the commands",
}
"""Routes that are not for bots, so Discord does not describe them: none of their answers can be checked."""


def at_hand():
    return (ROOT / WHERE).exists()


needs_description = pytest.mark.skipif(not at_hand(), reason=f"Discord's description of its API is not at {WHERE}")


class Description:
    """
    Says what is wrong with a recorded request, and with the answer that it got.

    A multipart request is held against the schema of the JSON that its `payload_json` stands for.
    """

    def __init__(self, document):
        schemas = document["components"]["schemas"]
        _close(schemas)
        _widen(schemas)
        self._document = document
        self._registry = Registry().with_resource(DOCUMENT, Resource.from_contents(document, DRAFT202012))
        self._formats = _formats()
        # Literal segments go before parameters: `/users/@me` is not the user "@me".
        self._paths = sorted(document["paths"], key=lambda path: path.count("{"))
        self._validators = {}

    def describes(self, method, path):
        """Tell whether there is such an operation; of a template, only the places of its parameters matter."""
        return self._find(method, path)[1] is not None

    def request_problems(self, entry):
        return [f"{entry.method} {entry.route}: {problem}" for problem in self._wrong_with_request(entry)]

    def answer_problems(self, entry):
        return [
            f"{entry.method} {entry.route} -> {entry.status}: {problem}" for problem in self._wrong_with_answer(entry)
        ]

    def _wrong_with_request(self, entry):
        place, operation = self._find(entry.method, entry.path)
        if operation is None:
            return ["no such request is described"]
        problems = self._wrong_with_path(entry.path, place)
        if "requestBody" in operation:
            return problems + self._violations(entry.body, (*place, "requestBody", *BODY))
        return problems + ([f"a body where none is taken: {entry.body}"] if entry.body else [])

    def _wrong_with_answer(self, entry):
        place, operation = self._find(entry.method, entry.path)
        if operation is None:
            return ["no such request is described"]
        keys = str(entry.status), f"{str(entry.status)[0]}XX"
        key = next((key for key in keys if key in operation["responses"]), None)
        if key is None:
            return ["no such status is described"]
        place, answer = self._followed((*place, "responses", key))
        if "content" not in answer:
            return [f"a body where none is given: {entry.answer[:200]}"] if entry.answer else []
        try:
            return self._violations(json.loads(entry.answer), (*place, *BODY))
        except ValueError:
            return [f"not JSON: {entry.answer[:200]}"]

    def _find(self, method, path):
        """Give where an operation stands in the document and itself, which is None if there is none."""
        segments = _segments(path)
        for template in self._paths:
            if _fits(template, segments):
                place = ("paths", template, method.lower())
                return place, self._document["paths"][template].get(method.lower())
        return (), None

    def _wrong_with_path(self, path, place):
        _, template, _ = place
        given = dict(zip(template.split("/"), _segments(path), strict=True))
        return [
            f"{parameter['name']}: {problem}"
            for index, parameter in enumerate(self._document["paths"][template].get("parameters", ()))
            if parameter["in"] == "path"
            for problem in self._violations(
                given[f"{{{parameter['name']}}}"], ("paths", template, "parameters", str(index), "schema")
            )
        ]

    def _followed(self, place):
        """Follow the reference to an answer that many operations share."""
        value = self._at(place)
        if "$ref" in value:
            place = tuple(value["$ref"].removeprefix("#/").split("/"))
        return place, self._at(place)

    def _at(self, place):
        value = self._document
        for key in place:
            value = value[key]
        return value

    def _violations(self, value, place):
        if place not in self._validators:
            pointer = "/".join(key.replace("~", "~0").replace("/", "~1") for key in place)
            schema = {"$ref": f"{DOCUMENT}#/{pointer}"}
            self._validators[place] = Draft202012Validator(
                schema, registry=self._registry, format_checker=self._formats
            )
        return [_told(error) for error in self._validators[place].iter_errors(value)]


def answer_problems(record):
    """Say what is wrong with the answers in a record, those to requests that are for bots."""
    return [
        problem
        for entry in record
        if entry.status is not None and (entry.method, entry.route) not in OF_PEOPLE
        for problem in description().answer_problems(entry)
    ]


def problems(record, bot):
    """Say what is wrong with a bot's requests and their answers, where the description is at hand."""
    if not at_hand():
        return []
    return request_problems(record, bot) + answer_problems(record)


def request_problems(record, bot):
    """Say what is wrong with a bot's requests; those that a token in the path allows are taken for its own."""
    return [
        problem for entry in record if entry.by in (bot.id, None) for problem in description().request_problems(entry)
    ]


@cache
def description():
    return Description(json.loads((ROOT / WHERE).read_text()))


def _close(schemas):
    """
    Forbid fields that are not described, which JSON Schema would let pass.

    A misspelt field, or one that only this playground knows, would be no mistake otherwise.
    """
    for schema in schemas.values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    # The answers to a refusal are put together from this one by allOf, so it cannot be closed by itself.
    del schemas["Error"]["additionalProperties"]


def _widen(schemas):
    """Allow what Discord's own documentation, its server or discord.py does and the description leaves out."""
    # The documentation's examples of an invalid form have names there, as in BASE_TYPE_REQUIRED.
    schemas["InnerErrors"]["properties"]["_errors"]["items"] = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        "required": ["code", "message"],
        "additionalProperties": False,
    }
    # The documentation of rate limits calls the code optional; its example has none.
    schemas["RatelimitedResponse"]["allOf"][0] = {
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
    }
    # Discord's app shows from these which command a message answers; they are sent, but documented nowhere.
    command = schemas["ApplicationCommandInteractionMetadataResponse"]["properties"]
    command |= {"name": {"type": "string"}, "command_type": {"$ref": "#/components/schemas/ApplicationCommandType"}}
    # The documentation has `nsfw` among the fields of a command.
    schemas["ApplicationCommandUpdateRequest"]["properties"]["nsfw"] = {"type": "boolean"}
    # discord.py sends the ids of what a message replies to as numbers, which Discord takes for snowflakes as well.
    reference = schemas["MessageReferenceRequest"]["properties"]
    for name in ("message_id", "channel_id", "guild_id"):
        reference[name] = {"type": ["string", "integer", "null"], "format": "snowflake"}
    # The documentation of uploads numbers the files in a request from 0 on, not in quotes, as discord.py does.
    schemas["MessageAttachmentRequest"]["properties"]["id"] = {"type": ["string", "integer"], "format": "snowflake"}
    # discord.py sends this with every edit as with every new message; Discord passes over it.
    in_place = "IncomingWebhookUpdateForInteractionCallbackRequestPartial"
    for name in ("MessageEditRequestPartial", "IncomingWebhookUpdateRequestPartial", in_place):
        schemas[name]["properties"]["tts"] = {"const": False}


def _segments(path):
    return path.removeprefix(BASE).split("/")


def _fits(template, segments):
    parts = template.split("/")
    return len(parts) == len(segments) and all(
        part == segment or part.startswith("{") for part, segment in zip(parts, segments, strict=True)
    )


def _told(error):
    """Tell a violation by its cause: of a union, what is wrong with the member that was meant."""
    while error.context:
        members = groupby(error.context, lambda one: one.schema_path[0])
        error = min((list(errors) for _, errors in members), key=_distance)[0]
    value = error.message  # it begins with what is wrong and ends with why
    return f"{error.json_path} {value if len(value) < 300 else f'{value[:120]} … {value[-120:]}'}"


def _distance(errors):
    """Members of a union differ by their `type`: one whose own is another was not meant."""
    return any(one.validator in {"enum", "const", "type"} for one in errors), len(errors)


def _formats():
    """Check the formats that the description uses; jsonschema's own do not know them or need more packages."""
    formats = FormatChecker(formats=())
    formats.checks("snowflake")(lambda value: not _is_decimal(value) or int(value) < 1 << 64)
    formats.checks("int32")(lambda value: not isinstance(value, int) or -(1 << 31) <= value < 1 << 31)
    formats.checks("int64")(lambda value: not isinstance(value, int) or -(1 << 63) <= value < 1 << 63)
    formats.checks("uri")(lambda value: not isinstance(value, str) or bool(urlsplit(value).scheme))
    formats.checks("date-time", raises=ValueError)(_is_time)
    return formats


def _is_decimal(value):
    return isinstance(value, str) and value.isdecimal()


def _is_time(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
