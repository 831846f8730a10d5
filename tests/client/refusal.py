"""Expect a refusal of the command."""

from tests.people import Member


def refused(member: Member, *arguments, code: int = 1) -> str:
    """The one sentence of a refusal."""
    done = member.run(*arguments, code=code)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()
