"""Make tests/files/archives: as Info-ZIP's `zip` writes them, `python -m tests.files.make_archives`.

Needs `zip`; the old encryption has a random salt, so these differ each time.
"""

import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent / "archives"
PASSWORD = "open sesame"


def source(folder: Path) -> None:
    """Two files, a folder within a folder, an empty one, and a name in German."""
    (folder / "Verträge" / "2026").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "letter.txt").write_text("Dear Ben,\n" * 50)
    (folder / "Verträge" / "2026" / "Entwurf für Ben.txt").write_text("Entwurf\n")


def pack(name: str, folder: Path, *flags: str) -> None:
    """`zip` with the paths in order."""
    target = FOLDER / name
    target.unlink(missing_ok=True)
    subprocess.run(["zip", "-q", "-r", *flags, str(target), "."], cwd=folder, check=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        source(Path(made))
        pack("plain.zip", Path(made))
        pack("zipcrypto.zip", Path(made), "-P", PASSWORD)
        (Path(made) / "link").symlink_to("letter.txt")
        pack("link.zip", Path(made), "-y")
