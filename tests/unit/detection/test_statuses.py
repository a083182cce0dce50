"""The chain of statuses: first rule that holds, unknown never a no, grey zone never a claim."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allervers.detection.statuses import (
    CONTACTABLE,
    FLAGS,
    LABELS,
    NOT_TAKEN_UP,
    Status,
    status_expression,
)


def status_of(**given_values) -> str:
    row = dict.fromkeys(FLAGS) | {"amount": 0.0, "under_threshold": False} | given_values
    schema = dict.fromkeys((*FLAGS, "under_threshold"), pl.Boolean) | {"amount": pl.Float64}
    return pl.DataFrame([row], schema=schema).select(status_expression()).item()


@pytest.mark.parametrize(
    ("given_values", "expected"),
    [
        ({"amount": 120.0}, Status.NOT_CLAIMED),
        ({"amount": 0.0}, Status.NOT_ENTITLED),
        ({"amount": None}, Status.UNKNOWN),
        ({"amount": 120.0, "is_unknown": True}, Status.UNKNOWN),
        ({"amount": 120.0, "is_received": True}, Status.RECEIVED),
        ({"amount": 0.0, "is_received": True}, Status.RECEIVED),
        ({"amount": None, "is_received": True}, Status.RECEIVED),
        ({"amount": 120.0, "not_computable": True}, Status.NOT_COMPUTABLE),
        ({"amount": 120.0, "contact_allowed": False}, Status.NOT_LINKED),
        ({"amount": 120.0, "automatic_missing": True}, Status.AUTOMATIC_NOT_EXECUTED),
        ({"amount": 120.0, "has_missing_documents": True}, Status.DOCUMENTS_MISSING),
        ({"amount": 120.0, "has_pending_claim": True}, Status.CLAIM_PENDING),
        ({"amount": 0.0, "under_threshold": True}, Status.UNDER_PAYMENT_THRESHOLD),
        ({"amount": 0.0, "has_missing_documents": True}, Status.NOT_ENTITLED),
    ],
)
def test_each_rule_gives_its_status(given_values, expected):
    assert status_of(**given_values) == expected


@given(st.dictionaries(st.sampled_from(FLAGS), st.sampled_from([True, False, None])))
def test_unknown_amount_never_becomes_a_no(flags):
    assert status_of(amount=None, **flags) not in {Status.NOT_ENTITLED, Status.NOT_CLAIMED}


@given(st.floats(0.01, 5000), st.booleans())
def test_nobody_in_the_grey_zone_is_said_not_to_claim(amount, automatic):
    assert status_of(amount=amount, contact_allowed=False, automatic_missing=automatic) == Status.NOT_LINKED


def test_every_status_has_a_label_and_the_grey_zone_is_not_contactable():
    assert set(LABELS) == set(Status)
    assert Status.NOT_LINKED not in CONTACTABLE
    assert Status.NOT_LINKED in NOT_TAKEN_UP
