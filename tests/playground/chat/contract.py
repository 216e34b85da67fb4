"""Discord's own OpenAPI description, to hold requests and answers against."""

import json
import re
from functools import cache
from pathlib import Path

import msgspec
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
DESCRIPTION = ROOT.parent / "shared" / "facts" / "discord-openapi.json"
_PARAMETER = re.compile(r"\{[^}]*\}")


class Contract:
    def __init__(self, description):
        self._components = {"components": description["components"]}
        self._paths = {}
        for path, methods in description["paths"].items():
            # `@original` and `@me` stand where our templates have a parameter: the literal path goes first.
            self._paths.setdefault(_PARAMETER.sub("{}", path), methods)
        self._validators = {}

    def problems(self, entry):
        """Tell what Discord's description says against a recorded request and its answer."""
        operation = self._operation(entry)
        if operation is None:
            return [f"{entry.method} {entry.route}: not described"]
        problems = []
        if entry.body:
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            problems += [f"body {text}" for text in self._violations(schema, entry.body)]
        answer = operation["responses"].get(str(entry.status)) or operation["responses"].get("4XX")
        if answer is None:
            problems.append(f"status {entry.status} is not described")
        elif entry.answer:
            schema = self._resolved(answer).get("content", {}).get("application/json", {}).get("schema")
            problems += [f"answer {text}" for text in self._violations(schema, msgspec.json.decode(entry.answer))]
        return [f"{entry.method} {entry.route} -> {entry.status}: {text}" for text in problems]

    def _resolved(self, answer):
        """Follow a reference to an answer that many operations share."""
        name = answer.get("$ref", "").rpartition("/")[2]
        return self._components["components"]["responses"][name] if name else answer

    def _operation(self, entry):
        literal = entry.path.partition("/api/v10")[2]
        for path in (self._with_literals(entry.route, literal), _PARAMETER.sub("{}", entry.route)):
            if path in self._paths:
                return self._paths[path].get(entry.method.lower())
        return None

    @staticmethod
    def _with_literals(route, path):
        pairs = zip(_PARAMETER.sub("{}", route).split("/"), path.split("/"), strict=True)
        return "/".join(real if real.startswith("@") else template for template, real in pairs)

    def _violations(self, schema, value):
        if schema is None:
            return ["has no schema"]
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(schema | self._components)
        return [f"{error.json_path}: {error.message[:300]}" for error in self._validators[key].iter_errors(value)]


@cache
def contract():
    """Give the description where it is at hand, else None."""
    return Contract(json.loads(DESCRIPTION.read_text())) if DESCRIPTION.exists() else None
