"""The steps of this server: found by name, parsed, run."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from exchange.sandbox import Execution, Limits, SandboxError, Tick, sandbox, sandbox_missing, tool_missing
from exchange.steps import (
    archive_unzip,
    archive_zip,
    document_sanitize,
    file_checksum,
    file_scrub,
    image_convert,
    image_resize,
    invoice_render,
    invoice_validate,
    office_to_pdf,
    pdf_compress,
    pdf_merge,
    pdf_ocr,
    pdf_pdfa,
    pdf_protect,
    pdf_redact,
    pdf_rotate,
    pdf_sign,
    pdf_split,
    pdf_stamp,
    pdf_verify,
    preview_render,
    table_convert,
    table_validate,
    text_extract,
)
from exchange.steps.base import (
    Step,
    StepContext,
    StepParametersInvalid,
    StepSwitchedOff,
    StepUnavailable,
    StepUnknown,
    registered,
)
from exchange.steps.stages import FinishedExecution, SharedTick, StagedExecution
from exchange.switched import steps_off

# Each module registers its steps.
MODULES = (
    archive_unzip, archive_zip, document_sanitize, file_checksum, file_scrub, image_convert, image_resize,
    invoice_render, invoice_validate, office_to_pdf, pdf_compress, pdf_merge, pdf_ocr, pdf_pdfa, pdf_protect,
    pdf_redact, pdf_rotate, pdf_sign, pdf_split, pdf_stamp, pdf_verify, preview_render, table_convert,
    table_validate, text_extract,
)  # fmt: skip
_RELAYED_MOST = 1 << 40
SWITCHED_OFF = "switched off by the operator"


def step_parse(name: str, parameters: dict[str, Any]) -> Step:
    """The step with its parameters checked. StepUnknown, StepParametersInvalid with the field's name."""
    model = registered().get(name)
    if model is None:
        raise StepUnknown
    try:
        return model.model_validate(parameters)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "parameters"
        reason = first["msg"].removeprefix("Value error, ")
        raise StepParametersInvalid(
            f"The step {name} does not accept its {field}: it {_said(reason)}. Nothing was sent.", field=field
        ) from error


def steps_on_check(steps: Iterable[Step]) -> None:
    """StepSwitchedOff where operators have switched one of these off, StepUnavailable where its program is missing."""
    off = steps_off()
    for one in steps:
        if one.name in off:
            raise StepSwitchedOff(
                f"“{one.title}” was switched off by the operator of this server. Nothing was sent; "
                "send without it, or try again later.", step=one.name,
            )  # fmt: skip
        if reason := _tools_missing(one.needs()):
            raise StepUnavailable(
                f"“{one.title}” cannot be done on this server ({reason}). Nothing was sent; send without it.",
                step=one.name,
            )


def _tools_missing(tools: Iterable[str]) -> str | None:
    return next((reason for tool in tools if (reason := tool_missing(tool))), None)


def _said(reason: str) -> str:
    reason = reason[:1].lower() + reason[1:]
    return reason if reason.startswith(("must", "may", "can")) else f"was refused ({reason})"


def step_schemas() -> list[dict[str, Any]]:
    """What `GET /api/v1/me` says of every step: name, title, JSON schema, types, and whether it can run here."""
    missing, off = sandbox_missing(), steps_off()
    reasons = {
        name: missing or (SWITCHED_OFF if name in off else _tools_missing(model.tools) or "")
        for name, model in registered().items()
    }
    return [
        {
            "step": name,
            "title": model.title,
            "version": model.version,
            "schema": model.model_json_schema(),
            "consumes": sorted(model.consumes),
            "cardinality": model.cardinality,
            "available": not reasons[name],
            "reason": reasons[name],
        }
        for name, model in sorted(registered().items())
    ]


def _limits(chosen: Step, tools: tuple[str, ...], *, relayed: bool) -> Limits:
    """Of the first program: one process without a tool, and no bound of its own for what the relay bounds."""
    limits = chosen.limits if tools else replace(chosen.limits, processes=0)
    return replace(limits, output_bytes=_RELAYED_MOST) if relayed else limits


def step_run(
    chosen: Step, *, media_type: str, context: StepContext, untrusted_input: Iterable[Any], tick: Tick
) -> Execution:
    """Run a step's program or two in the sandbox; iterate the execution for the result. SandboxError.

    A "join" reads, and a "split" writes, documents as `exchange/steps/parts.py` frames them.
    """
    if _tools_missing(chosen.needs()):
        raise SandboxError("step_unavailable")
    execution = _programs_run(chosen, media_type, context, untrusted_input, tick)
    return FinishedExecution(execution, lambda untrusted_blocks: chosen.finish(untrusted_blocks, context))


def _programs_run(
    chosen: Step, media_type: str, context: StepContext, untrusted_input: Iterable[Any], tick: Tick
) -> Execution:
    following, ticks = chosen.then(media_type), SharedTick(tick)
    tools = () if following else chosen.needs()
    first = sandbox().run(
        program=chosen.program,
        arguments=chosen.arguments(media_type, context),
        untrusted_input=untrusted_input,
        tick=ticks.alive if following else tick,
        limits=_limits(chosen, tools, relayed=following is not None),
        tools=tools,
    )
    if following is None:
        return first
    relayed = chosen.relay(first)
    second = sandbox().run(
        program=following.program,
        arguments=following.arguments,
        untrusted_input=relayed,
        tick=ticks.progress,
        limits=following.limits,
        tools=following.tools,
    )
    return StagedExecution(first, relayed, second)
