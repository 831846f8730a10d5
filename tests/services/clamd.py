"""clamd with one hand-written signature: the EICAR test file, found inside archives too."""

import shutil
import time
from pathlib import Path

from tests.services.processes import start

# In two halves, so that no scanner takes this file for the test file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + rb"-ANTIVIRUS-TEST-FILE!$H+H*"


def clamd_start(folder: Path) -> str | None:
    """The socket of a running clamd, or None where it is not installed."""
    program = shutil.which("clamd") or shutil.which("/usr/sbin/clamd")
    if not program:
        return None
    folder.mkdir()
    (folder / "eicar.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
    socket, configuration = folder / "clamd.sock", folder / "clamd.conf"
    configuration.write_text(
        f"DatabaseDirectory {folder}\nLocalSocket {socket}\nForeground yes\nAlertExceedsMax yes\n"
        f"AlertEncrypted yes\nMaxScanSize 64M\nMaxFileSize 64M\nStreamMaxLength 64M\nTemporaryDirectory {folder}\n"
    )
    start([program, "--config-file", str(configuration)])
    for _ in range(200):
        if socket.exists():
            return str(socket)
        time.sleep(0.05)
    raise RuntimeError("clamd does not answer")
