"""What a server makes ready beside the requests, so that nobody waits for it."""

import pytest

from allervers.rights.interview import explaining

pytestmark = pytest.mark.law


def test_whoever_asks_why_first_does_not_load_the_law(live_law, monkeypatch):
    made = []
    monkeypatch.setattr(explaining, "_named", lambda live, variable: made.append(variable))
    explaining.warm(live_law)
    assert made == [asked.variable for asked in live_law.rights]
    assert "stock" in live_law.law.__dict__
