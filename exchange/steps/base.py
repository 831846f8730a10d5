"""What a step is: one frozen model of its parameters, and what it consumes, produces and may use."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from exchange.sandbox import Limits
from sealpost.errors import SealpostError

ANY = "*/*"
PDF = "application/pdf"
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/tiff", "image/gif", "image/bmp"})
Cardinality = Literal["each", "split", "join"]
# A parameter that is shown to nobody again, as a password.
_SECRET = {"format": "password", "writeOnly": True}
Secret = Annotated[str, Field(min_length=1, max_length=128, json_schema_extra=_SECRET)]


class StepUnknown(SealpostError):
    code = "step_unknown"
    status = 422
    sentence = "This server has no such step. Nothing was sent; choose one of those it offers."


class StepParametersInvalid(SealpostError):
    code = "step_parameters_invalid"
    status = 422
    sentence = "A step's parameters are not what it expects. Nothing was sent."


class StepChainInvalid(SealpostError):
    """`step` names it, `number` is its place from 1 among the steps as they were given."""

    code = "step_chain_invalid"
    status = 422
    sentence = "These steps cannot follow each other. Nothing was saved or sent; remove one or change their order."


class SandboxMissing(SealpostError):
    code = "sandbox_missing"
    status = 503
    sentence = (
        "This server cannot process documents yet: its sandbox is missing. Nothing was sent; send without the step."
    )


class StepUnavailable(SealpostError):
    """`step` names it."""

    code = "step_unavailable"
    status = 503
    sentence = "A step's program is not on this server. Nothing was sent; send without the step or ask the operator."


class StepSwitchedOff(SealpostError):
    """`step` names it."""

    code = "step_switched_off"
    status = 503
    sentence = "A step was switched off by the operator of this server. Nothing was sent; send without it."


class Signer(Protocol):
    """Signs documents for the organisation whose job it is. Its key is never where a document is parsed."""

    @property
    def name(self) -> str:
        """The organisation's name."""
        ...

    def sign(self, sha256: bytes) -> bytes:
        """A detached CMS signature over a 32-byte digest, of at most `CMS_MOST` bytes."""
        ...

    def certificates(self) -> list[bytes]:
        """DER of every certificate that ever signed for it."""
        ...


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step may know: what placeholders stand for, the document's name, who signs. Dates are ISO 8601."""

    recipient: str
    date: str
    sender: str = ""
    message: str = ""
    name: str = ""
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What comes out: its media type and the ending of its name; an empty ending keeps the name."""

    media_type: str
    ending: str = ""

    def name(self, source: str) -> str:
        """The name of what was made of a document of this name."""
        if not self.ending or source.lower().endswith(self.ending):
            return source
        stem, dot, _ = source.rpartition(".")
        return (stem if dot and stem else source)[: 255 - len(self.ending)] + self.ending


@dataclass(frozen=True, slots=True)
class Stage:
    """A second program, in a sandbox of its own: its arguments, what it may use, and the tools that it may start."""

    program: str
    arguments: dict[str, Any]
    limits: Limits
    tools: tuple[str, ...] = ()


class Step(BaseModel):
    """Base of every step's parameters.

    `cardinality`: "each" makes one document of one, "split" any number of one, "join" one of all that it takes.
    `report_only` steps leave the document as it is. `before` names steps that must not come earlier in a chain.
    `tools` are programs of the machine (exchange/sandbox/tools.py). `heavy` steps run in a queue of their own.
    `sample` is a file in exchange/steps/samples on which, with `sample_parameters`, the step shows that it works here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int]
    consumes: ClassVar[frozenset[str]]
    cardinality: ClassVar[Cardinality]
    report_only: ClassVar[bool]
    before: ClassVar[tuple[str, ...]]
    limits: ClassVar[Limits]
    program: ClassVar[str]
    unit: ClassVar[str]
    tools: ClassVar[tuple[str, ...]]
    heavy: ClassVar[bool]
    sample: ClassVar[str]
    sample_parameters: ClassVar[dict[str, Any]]

    def per_recipient(self) -> bool:
        """Whether each recipient gets a result of their own."""
        return False

    @classmethod
    def takes(cls, media_type: str) -> bool:
        """Whether documents of this type are changed by the step; others pass it by."""
        family = f"{media_type.partition('/')[0]}/*"
        return bool(cls.consumes & {media_type, family, ANY})

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """Names of the parameters that are shown to nobody again."""
        fields = cls.model_json_schema().get("properties", {})
        return frozenset(
            name for name, said in fields.items() if any(one.get("writeOnly") for one in (said, *said.get("anyOf", ())))
        )

    def product(self, media_type: str) -> Product:
        """What is made of a document of this type ("" for many); of a "split", "" where each part says its own."""
        return Product(media_type)

    def needs(self) -> tuple[str, ...]:
        """The tools that these parameters need."""
        return self.tools

    def arguments(self, media_type: str, context: StepContext) -> dict[str, Any]:
        """What the sandboxed program is told."""
        return {}

    def then(self, media_type: str) -> Stage | None:
        """What reads that which `relay` lets through; then the first program, which reads the document, has no tool."""
        return None

    def relay(self, untrusted_blocks: Iterable[bytes]) -> Generator[bytes]:
        """What crosses from the first program to the second, checked. SandboxError."""
        yield from untrusted_blocks

    def finish(self, untrusted_blocks: Iterable[bytes], context: StepContext) -> Iterator[bytes]:
        """What becomes of the program's output outside the sandbox, where nothing is parsed. SandboxError."""
        yield from untrusted_blocks


_steps: dict[str, type[Step]] = {}
StepType = TypeVar("StepType", bound=type[Step])


def step(
    name: str,
    *,
    title: str,
    version: int,
    consumes: set[str],
    program: str,
    unit: str,
    sample: str,
    sample_parameters: dict[str, Any] | None = None,
    cardinality: Cardinality = "each",
    report_only: bool = False,
    before: tuple[str, ...] = (),
    tools: tuple[str, ...] = (),
    heavy: bool = False,
    limits: Limits | None = None,
) -> Callable[[StepType], StepType]:
    """Register a model of parameters as the step `name`; the one definition that form, API and worker read."""

    def register(model: StepType) -> StepType:
        model.name, model.title, model.version, model.before = name, title, version, before
        model.consumes, model.program, model.unit = frozenset(consumes), program, unit
        model.cardinality, model.report_only, model.heavy, model.tools = cardinality, report_only, heavy, tools
        model.sample, model.sample_parameters = sample, sample_parameters or {}
        model.limits = limits or Limits()
        _steps[name] = model
        return model

    return register


def registered() -> dict[str, type[Step]]:
    """Every registered step by name."""
    return _steps
