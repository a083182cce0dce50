"""What every test may ask for: the law, loaded once for the whole run."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec

import pytest

from allervers.engine.law import Changes, Law
from allervers.engine.laws import law_of
from allervers.foundation.periods import Month
from allervers.rights.corrections import corrected_law
from allervers.rights.interview.live_law import LiveLaw, law_of_month
from allervers.territory.communes import communes

if find_spec("django") is not None:
    # The web application of the tests: a folder of its own, no HTTPS (the test client has none), Django made ready.
    os.environ.setdefault("ALLERVERS_DATA", tempfile.mkdtemp(prefix="allervers-tests-"))
    os.environ.setdefault("ALLERVERS_HTTPS", "0")
    os.environ["DJANGO_SETTINGS_MODULE"] = "allervers.web.settings"
    import django

    django.setup()


@pytest.fixture(scope="session")
def openfisca() -> Law:
    """The law as OpenFisca-France codes it (seconds to load: mark the test `law`)."""
    return law_of(Changes(), "openfisca")


@pytest.fixture(scope="session")
def corrected() -> Law:
    """The law with the register of corrections (seconds to load: mark the test `law`)."""
    return law_of(corrected_law(), "openfisca")


@pytest.fixture(scope="session")
def live_law() -> LiveLaw:
    """The law ready for interviews, in a month that does not move (seconds to load: mark the test `law`)."""
    return law_of_month(Month(2026, 11), tuple(c.code for c in communes("93", 2026)))
