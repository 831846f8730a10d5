"""Whatever terms and partners say, the strictest holds: nothing is ever loosened."""

from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import Policy, Terms, effective_policy, tighten, type_admitted

TYPES = ["application/pdf", "application/zip", "image/png", "image/jpeg", "text/plain", "text/csv", "video/mp4"]
RULES = [*TYPES, "image/*", "text/*", "application/*"]
_lists = st.lists(st.sampled_from(RULES), max_size=4, unique=True).map(tuple)
_days = st.integers(1, 100)
_policies = st.builds(
    Policy,
    types_allowed=_lists,
    types_refused=_lists,
    expires_days_most=_days,
    expires_days_default=_days,
    not_scanned=st.sampled_from(["deliver", "hold"]),
    infected=st.sampled_from(["hold", "discard"]),
)
_terms = st.builds(Terms, types_allowed=_lists, types_refused=_lists, expires_days_most=st.one_of(st.none(), _days))


def admits(rules: Policy | Terms, media_type: str) -> bool:
    return type_admitted(media_type, allowed=rules.types_allowed, refused=rules.types_refused)


@given(_policies, st.lists(_terms, max_size=4), st.sampled_from(TYPES))
def test_a_type_passes_exactly_where_everybody_lets_it(policy, terms, media_type):
    assert admits(tighten(policy, *terms), media_type) == all(admits(one, media_type) for one in (policy, *terms))


@given(_policies, st.lists(_terms, max_size=4))
def test_days_never_grow(policy, terms):
    tight = tighten(policy, *terms)
    assert tight.expires_days_most == min(
        [policy.expires_days_most, *(term.expires_days_most for term in terms if term.expires_days_most)]
    )
    assert tight.expires_days_default <= max(policy.expires_days_default, 1)
    if terms and tight.expires_days_most < policy.expires_days_most:
        assert tight.expires_days_default <= tight.expires_days_most


@given(_policies, st.lists(_terms, max_size=3))
def test_the_order_of_terms_decides_nothing_and_twice_is_once(policy, terms):
    tight, turned = tighten(policy, *terms), tighten(policy, *reversed(terms))
    assert tight.expires_days_most == turned.expires_days_most
    for media_type in TYPES:
        assert admits(tight, media_type) == admits(turned, media_type) == admits(tighten(tight, *terms), media_type)


@given(_policies)
def test_without_terms_nothing_changes(policy):
    assert tighten(policy) == effective_policy(policy) == policy
    assert tighten(policy, Terms()) == policy


@given(_policies, st.lists(_policies, max_size=3), st.lists(_terms, max_size=2), st.sampled_from(TYPES))
def test_every_recipient_has_a_say(sender, recipients, terms, media_type):
    effective = effective_policy(sender, recipients, terms)
    everybody = [sender, *recipients]
    assert admits(effective, media_type) == all(admits(one, media_type) for one in (*everybody, *terms))
    assert (effective.not_scanned == "hold") == any(one.not_scanned == "hold" for one in everybody)
    assert (effective.infected == "discard") == any(one.infected == "discard" for one in everybody)
    untouched = {
        "types_allowed",
        "types_refused",
        "not_scanned",
        "infected",
        "expires_days_most",
        "expires_days_default",
    }
    assert effective.model_dump(exclude=untouched) == sender.model_dump(exclude=untouched)


def test_one_name_for_what_several_programs_call_differently():
    assert not type_admitted("application/x-zip-compressed", allowed=(), refused=("application/zip",))
    assert not type_admitted("application/zip", allowed=(), refused=("application/x-zip-compressed",))
    assert not type_admitted("Text/Plain; charset=utf-8", allowed=(), refused=("text/*",))
    assert type_admitted("application/x-pdf", allowed=("application/pdf",), refused=())
