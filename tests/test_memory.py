"""Memory stays flat whatever the file: the bounded form of `make drill-memory`."""

import pytest

from bench.measure import measured
from bench.system import web
from bench.traffic import SealedUpload, download, message_done

pytestmark = pytest.mark.running

_SMALL, _LARGE, _MOST_MIB = 1 << 20, 320 << 20, 64


def test_a_large_document_adds_no_more_than_64_mib_to_a_web_process(running, sender, reader):
    session, processes, ids = sender.session, web(running).pids, []

    def send(size: int) -> None:
        upload = SealedUpload(session, size)
        upload.send(upload.part)
        ids.append(message_done(session, upload.id, reader.login))

    for _ in range(4):
        send(_SMALL)
        download(session, ids[-1])
    up = measured(processes, lambda: send(_LARGE))
    came = []
    down = measured(processes, lambda: came.append(download(session, ids[-1])))
    assert came[0] > _LARGE
    assert up.added_mib < _MOST_MIB
    assert down.added_mib < _MOST_MIB
