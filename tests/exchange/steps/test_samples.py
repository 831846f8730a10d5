"""The samples of the steps are what their maker makes."""

import pytest

from tests.files import make_samples

pytestmark = pytest.mark.engine


def test_samples_are_made_alike(tmp_path):
    make_samples.document(tmp_path / "document.pdf")
    make_samples.document(tmp_path / "protected.pdf", password="only a sample")
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (make_samples.FOLDER / made.name).read_bytes()
