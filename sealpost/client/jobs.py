"""Commands for the work that the server does: its steps, saved instructions, runs on stored documents, jobs."""

import sys
import uuid
from pathlib import Path
from typing import Any

import click

from sealpost.client.boxes import id_whole, jobs_listed, message_find
from sealpost.client.errors import DocumentUnknown, PipelineUnknown, StepNotListed
from sealpost.client.fetch import documents_fetch
from sealpost.client.options import as_json as as_json_option
from sealpost.client.options import print_json, with_session
from sealpost.client.send import job_wait, step_parse
from sealpost.client.session import Session
from sealpost.client.show import table_print, time_text
from sealpost.client.show_jobs import job_print, jobs_print, step_print

step_option = click.option(
    "--step", "steps", multiple=True, metavar="NAME:KEY=VALUE,…",
    help='for example pdf.stamp:text="Draft"; parameters may be JSON: NAME:{…}',
)  # fmt: skip
pipeline_option = click.option("--pipeline", metavar="NAME", help="an instruction that your organisation has saved")
failure_option = click.option(
    "--on-failure", type=click.Choice(["hold", "skip", "stop"]), default="hold",
    help="where a step refuses a document: hold everything, leave the document as it is, or give up",
)  # fmt: skip


def steps_given(steps: tuple[str, ...], on_failure: str) -> list[dict[str, Any]]:
    """Steps as the API takes them; click.BadParameter."""
    return [step_parse(step) | {"on_failure": on_failure} for step in steps]


def pipeline_id(session: Session, name: str | None) -> str | None:
    """The id of a saved instruction; PipelineUnknown."""
    if name is None:
        return None
    for pipeline in session.call("GET", "/api/v1/pipelines")["pipelines"]:
        if pipeline["name"].casefold() == name.casefold():
            return str(pipeline["id"])
    raise PipelineUnknown


@click.command()
@click.argument("name", required=False)
@as_json_option
@with_session
def steps(session: Session, name: str | None, as_json: bool) -> None:
    """What the server can do to documents; with NAME, that step and its parameters."""
    found = session.call("GET", "/api/v1/steps")["steps"]
    if name:
        found = [step for step in found if step["step"] == name]
        if not found:
            raise StepNotListed
    if as_json:
        print_json(found[0] if name else found)
    elif name:
        step_print(found[0])
    else:
        rows = [[step["step"], step["title"], "yes" if step["available"] else step["reason"]] for step in found]
        table_print(["Step", "What it does", "Available"], rows, empty="This server knows no steps.")


@click.command()
@as_json_option
@with_session
def pipelines(session: Session, as_json: bool) -> None:
    """The instructions that your organisation has saved."""
    found = session.call("GET", "/api/v1/pipelines")["pipelines"]
    if as_json:
        print_json(found)
        return
    rows = [
        [
            one["name"],
            str(one["version"]),
            " → ".join(step["title"] for step in one["steps"]),
            time_text(one["made_at"]),
        ]
        for one in found
    ]
    table_print(["Name", "Version", "Steps", "Made"], rows, empty="Your organisation has saved no instructions.")


def _documents(session: Session, given: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    """Ids of the documents of these messages, or of those among them with these names. DocumentUnknown."""
    found = [document for one in given for document in message_find(session, one)["documents"]]
    if names:
        if missing := [name for name in names if name not in {document["name"] for document in found}]:
            raise DocumentUnknown(f"No document there is called {missing[0]}. Nothing was begun.")
        found = [document for document in found if document["name"] in names]
    return [document["id"] for document in found]


@click.command()
@click.argument("messages", metavar="ID…", nargs=-1, required=True)
@click.option(
    "--document", "names", multiple=True, metavar="NAME", help="this document alone; may be given several times"
)
@step_option
@pipeline_option
@failure_option
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="save the result there")
@click.option("--no-wait", is_flag=True, help="do not wait for the result")
@as_json_option
@with_session
def run(  # noqa: PLR0917 (click passes by name)
    session: Session,
    messages: tuple[str, ...],
    names: tuple[str, ...],
    steps: tuple[str, ...],
    pipeline: str | None,
    on_failure: str,
    out: Path | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Have documents of messages processed, received or sent ones; the result comes back to you."""
    if not steps and not pipeline:
        raise click.UsageError("Say what to do by --step or --pipeline.")
    if out and no_wait:
        raise click.UsageError("--out needs the result, so it does not go with --no-wait.")
    members = {
        "key": str(uuid.uuid4()),
        "documents": _documents(session, messages, names),
        "steps": steps_given(steps, on_failure),
        "pipeline": pipeline_id(session, pipeline),
    }
    job = session.call("POST", "/api/v1/runs", members)
    visible = sys.stderr.isatty() and not as_json
    if not no_wait:
        job = job_wait(session, f"/api/v1/jobs/{job['id']}", visible=visible)
    saved = [str(path) for path in documents_fetch(session, job["id"], out, visible=visible)] if out else []
    if as_json:
        print_json(job | ({"saved": saved} if out else {}))
    elif no_wait:
        click.echo(f"Job {job['id']} is begun. See it by: sealpost job {job['id'][:8]} --wait")
    elif out:
        for path in saved:
            click.echo(path)
    else:
        job_print(job)
        click.echo(f"Save the result by: sealpost get {job['id'][:8]}")


@click.command()
@click.argument("job_id", metavar="ID")
@click.option("--wait", is_flag=True, help="wait until it has ended")
@click.option("--retry", "action", flag_value="retry", help="try it again where it is held")
@click.option("--cancel", "action", flag_value="cancel", help="end it before it delivers")
@as_json_option
@with_session
def job(session: Session, job_id: str, wait: bool, action: str | None, as_json: bool) -> None:
    """The work on a message or a run: what each step did, when, and what it found."""
    whole = id_whole(session, job_id, boxes=("jobs",))
    if action:
        session.call("POST", f"/api/v1/jobs/{whole}/{action}", {})
    address = f"/api/v1/jobs/{whole}"
    visible = sys.stderr.isatty() and not as_json
    shown = job_wait(session, address, visible=visible) if wait else session.call("GET", address)
    print_json(shown) if as_json else job_print(shown)


@click.command()
@click.option("--runs", is_flag=True, help="only runs on stored documents")
@as_json_option
@with_session
def jobs(session: Session, runs: bool, as_json: bool) -> None:
    """The work that you have asked for, the latest first."""
    found = jobs_listed(session, kind="run" if runs else "")
    print_json(found) if as_json else jobs_print(found)


COMMANDS = (steps, pipelines, run, job, jobs)
