"""The models that a playground server says it has, in the forms in which Ollama lists them."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playground.llm.wire import stamp

KEEP_ALIVE_NS = 300 * 1_000_000_000  # Ollama's default: unloaded after five idle minutes
INSTALLED_NS = time.time_ns()


@dataclass(slots=True)
class Model:
    """
    One installed model; tests and back ends may change it while the server runs.

    `capabilities` of None stands for a server too old to list them.
    """

    name: str
    size: int = 98_362_760
    parameters: str = "134.52M"
    quantization: str = "Q4_1"
    family: str = "llama"
    capabilities: tuple[str, ...] | None = ("completion",)
    trained_context: int = 8192
    loaded: bool = False
    loaded_context: int = 4096

    @property
    def full_name(self) -> str:
        return self.name if ":" in self.name.rpartition("/")[2] else f"{self.name}:latest"

    def can(self, capability: str) -> bool:
        return capability in (self.capabilities or ())

    def tag(self) -> dict[str, Any]:
        """Describe it as /api/tags does."""
        sizes = {"context_length": self.trained_context, "embedding_length": 576}
        listed = {} if self.capabilities is None else {"capabilities": list(self.capabilities)}
        return {
            "name": self.full_name,
            "model": self.full_name,
            "modified_at": stamp(INSTALLED_NS),
            "size": self.size,
            "digest": self._digest(),
            "details": {**self._details(), **sizes},
            **listed,
        }

    def running(self) -> dict[str, Any]:
        """Describe it as /api/ps does."""
        return {
            "name": self.full_name,
            "model": self.full_name,
            "size": self.size * 2,  # weights and cache; the captured server showed about that
            "digest": self._digest(),
            "details": self._details(),
            "expires_at": stamp(time.time_ns() + KEEP_ALIVE_NS),
            "size_vram": 0,
            "context_length": self.loaded_context,
        }

    def shown(self) -> dict[str, Any]:
        """Describe it as /api/show does, without licence and tensors."""
        listed = {} if self.capabilities is None else {"capabilities": list(self.capabilities)}
        return {
            "modelfile": f"FROM {self.full_name}\n",
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": self._details(),
            "model_info": {
                "general.architecture": self.family,
                f"{self.family}.context_length": self.trained_context,
            },
            **listed,
            "modified_at": stamp(INSTALLED_NS),
        }

    def _digest(self) -> str:
        return hashlib.sha256(self.full_name.encode()).hexdigest()

    def _details(self) -> dict[str, Any]:
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameters,
            "quantization_level": self.quantization,
        }


def find(models: Iterable[Model], name: str) -> Model | None:
    """Find a model by the name in a request; `:latest` may be left out."""
    wanted = Model(name).full_name
    return next((model for model in models if model.full_name == wanted), None)
