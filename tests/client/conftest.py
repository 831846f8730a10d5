"""Ana and Ben at the command."""

import pytest

from tests.people import Member


@pytest.fixture(scope="module")
def ana(sender, tmp_path_factory) -> Member:
    """Ana at the command, signed in."""
    return Member(sender.system, sender.login, sender.password, tmp_path_factory.mktemp("ana")).signin()


@pytest.fixture(scope="module")
def ben(reader, tmp_path_factory) -> Member:
    """Ben at the command, signed in."""
    return Member(reader.system, reader.login, reader.password, tmp_path_factory.mktemp("ben")).signin()
