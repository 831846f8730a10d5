"""What is killed in the middle goes on afterwards: nothing is lost, nothing happens twice."""

import os
import signal
from contextlib import suppress
from uuid import uuid4

import pytest
import redis

from sealpost.client.errors import ServerUnreachable
from sealpost.client.records import Records
from sealpost.client.upload import FileUpload
from sealpost.protocol.content import PART
from tests.documents import noise, pdf, pdf_texts
from tests.people import member, waited
from tests.running import RunningSystem, production_environment

pytestmark = [pytest.mark.running, pytest.mark.production, pytest.mark.timeout(300)]

_SHORT = {"SEALPOST_LEASE_SECONDS": "3", "SEALPOST_SWEEP_SECONDS": "1"}
STAMP = {"step": "pdf.stamp", "parameters": {"text": "Once for {recipient}"}}


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    """A system of its own, whose leases are short and which may be killed."""
    folder = tmp_path_factory.mktemp("fragile")
    system = RunningSystem(folder / "data", production_environment() | _SHORT)
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="module")
def ana(fragile, tmp_path_factory):
    return member(fragile, fragile.people[0], tmp_path_factory.mktemp("ana"))


@pytest.fixture(scope="module")
def ben(fragile, tmp_path_factory):
    return member(fragile, fragile.people[1], tmp_path_factory.mktemp("ben"))


@pytest.fixture(scope="module")
def long_work(tmp_path_factory):
    """A PDF that takes some seconds to stamp."""
    return pdf(tmp_path_factory.mktemp("documents") / "long.pdf", pages=1500)


def begun(ana, ben, file) -> str:
    """A message whose stamping has begun; its id."""
    body = {"key": str(uuid4()), "subject": "Long", "recipients": [ben.login], "uploads": [ana.upload(file)]}
    sent = ana.session.call("POST", "/api/v1/messages", body | {"steps": [STAMP]})
    waited(
        lambda: ana.session.call("GET", f"/api/v1/outbox/{sent['id']}")["job"], lambda job: job["step"] == "pdf.stamp"
    )
    return sent["id"]


def delivered_once(ana, ben, message: str, folder) -> None:
    shown = ana.sent(message)
    assert shown["job"]["state"] == "done", shown["job"]
    assert [row["id"] for row in ben.session.call("GET", "/api/v1/inbox")["messages"]].count(message) == 1
    (document,) = ben.received(message)["documents"]
    texts = pdf_texts(ben.save(document, folder).read_bytes())
    assert len(texts) == 1500
    assert texts[-1].count(f"Once for {ben.login}") == 1


def kill_all(fragile, pattern: str) -> None:
    for pid in fragile.children(pattern):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_worker_process_killed_in_a_step_is_replaced_and_the_job_finishes_once(
    fragile, ana, ben, long_work, tmp_path
):
    message, killed = begun(ana, ben, long_work), fragile.job_processes()
    inside = waited(fragile.sandboxes, bool)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    waited(fragile.sandboxes, lambda left: not left & inside, seconds=5)
    delivered_once(ana, ben, message, tmp_path)
    assert not set(fragile.job_processes()) & set(killed)
    waited(fragile.sandboxes, lambda left: not left, seconds=5)


def test_everything_killed_in_a_step_finishes_the_job_once_after_the_restart(fragile, ana, ben, long_work, tmp_path):
    message = begun(ana, ben, long_work)
    fragile.process.send_signal(signal.SIGKILL)
    fragile.process.wait(30)
    waited(lambda: fragile.children(""), lambda left: not left)
    fragile.start()
    delivered_once(ana, ben, message, tmp_path)


def test_the_server_killed_in_an_upload_takes_the_rest_up_where_it_was(fragile, ana, ben, tmp_path):
    file = noise(tmp_path / "resumed.bin", 6 * PART)
    heard, running = [], fragile.process

    def kill_when_some_are_stored(done: int) -> None:
        heard.append(done)
        if sum(heard) > 2 * PART and running.poll() is None:
            running.send_signal(signal.SIGKILL)
            kill_all(fragile, "gunicorn")  # or it would finish what it has
            running.wait(30)

    records = Records(ana.folder / "records", ana.session.shared_key)
    options = {"media_type": "application/octet-stream", "records": records}
    first = FileUpload(ana.session, file, progress=kill_when_some_are_stored, **options)
    with pytest.raises(ServerUnreachable):
        first.run()
    waited(lambda: fragile.children(""), lambda left: not left)
    fragile.start()
    resumed: list[int] = []
    upload = FileUpload(ana.session, file, progress=resumed.append, **options).run()
    assert resumed[0] > PART  # what was stored is not sent again
    body = {"key": str(uuid4()), "subject": "Resumed", "recipients": [ben.login], "uploads": [upload]}
    shown = ana.sent(ana.session.call("POST", "/api/v1/messages", body)["id"])
    assert shown["job"]["state"] == "done", shown["job"]
    saved = ben.save(ben.received(shown["id"])["documents"][0], tmp_path / "got")
    assert saved.read_bytes() == file.read_bytes()


def test_a_queue_that_lost_everything_is_filled_again(fragile, ana, ben, tmp_path):
    workers = fragile.children("celery --quiet -A portal.celery worker")
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    queue = broker(fragile)
    queue.client_kill_filter(_type="normal")  # or the stopped worker's waiting connection would be handed the job
    try:
        body = {"key": str(uuid4()), "subject": "Lost", "recipients": [ben.login]}
        upload = ana.upload(noise(tmp_path / "lost.bin", 1000))
        sent = ana.session.call("POST", "/api/v1/messages", body | {"uploads": [upload]})
        assert any(b"job_run" in entry for entry in queue.lrange("fast", 0, -1))
        queue.flushdb()
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert ana.sent(sent["id"])["job"]["state"] == "done"


def broker(fragile) -> redis.Redis:
    """The queue's own database."""
    address = fragile.environment["CELERY_BROKER_URL"]
    if not address:
        return redis.Redis(unix_socket_path=str(fragile.data / "run" / "valkey.sock"), db=0)
    path, _, number = address.removeprefix("redis+socket://").partition("?virtual_host=")
    return redis.Redis(unix_socket_path=path, db=int(number))
