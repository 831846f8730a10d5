"""What the command prints of steps and jobs."""

from typing import Any

from sealpost.client.show import SHORT_ID, console, plain, table_print, time_text

_RESULTS = {"applied": "done", "not_applicable": "not for this kind", "skipped": "left as it is"}


def jobs_print(jobs: list[dict[str, Any]]) -> None:
    """A list of jobs."""
    rows = [
        [job["id"][:SHORT_ID], job["job"]["state"], f"{job['subject']}\n{_kind(job)}", time_text(job["sent_at"])]
        for job in jobs
    ]
    table_print(["ID", "State", "Job", "Begun"], rows, empty="You have asked for no work yet.")


def _kind(job: dict[str, Any]) -> str:
    return "a run on stored documents" if job["kind"] == "run" else "a message"


def job_print(job: dict[str, Any]) -> None:
    """One job: what each step did, how long it took, and what it found."""
    console.print(plain(job["subject"]), style="bold")
    console.print(f"ID {job['id']}", markup=False)
    console.print(f"Begun {time_text(job['sent_at'])}, ended {time_text(job['ended_at'])}", markup=False)
    console.print(f"State: {job['job']['state']}", markup=False)
    if pipeline := job["pipeline"]:
        console.print(plain(f"Instruction: {pipeline['name']}, version {pipeline['version']}"))
    if job["job"]["detail"]:
        console.print(plain(job["job"]["detail"]))
    console.print()
    rows = [
        [
            one["title"],
            _whose(one),
            f"{_RESULTS[one['result']]}\n{one['seconds']:.1f} s",
            _report(one),
        ]
        for one in job["timeline"]
    ]
    table_print(["Step", "Document", "Result", "Report"], rows, empty="No step has ended yet.")


def _whose(entry: dict[str, Any]) -> str:
    return "\n".join(filter(None, [entry["document"] or "all documents", entry["recipient"]]))


def _report(entry: dict[str, Any]) -> str:
    report = dict(entry["report"])
    findings = report.pop("findings", [])
    lines = [f"{name.replace('_', ' ')}: {count}" for name, count in report.items()]
    lines += [": ".join(filter(None, [one["where"], one["text"] or one["code"]])) for one in findings]
    return "\n".join(lines) or "–"


def step_print(step: dict[str, Any]) -> None:
    """One step with its parameters."""
    schema = step["schema"]
    console.print(f"{step['step']} version {step['version']}", style="bold", markup=False)
    console.print(plain(step["title"]))
    console.print(plain(schema.get("description", "")))
    if not step["available"]:
        console.print(plain(f"Not available here: {step['reason']}"))
    console.print()
    needed = schema.get("required", [])
    rows = [
        [name, _type(one), "needed" if name in needed else _default(one), one.get("description", "")]
        for name, one in schema.get("properties", {}).items()
    ]
    table_print(["Parameter", "Values", "Default", "Meaning"], rows, empty="It takes no parameters.")


def _type(schema: dict[str, Any]) -> str:
    if choices := schema.get("enum"):
        return " | ".join(map(str, choices))
    if several := schema.get("anyOf"):
        return " or ".join(_type(one) for one in several)
    low, high = (schema.get(name) for name in ("minimum", "maximum"))
    words = str(schema.get("type", "JSON"))
    return f"{words} {low} to {high}" if low is not None and high is not None else words


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return "–" if default in (None, "") else str(default)
